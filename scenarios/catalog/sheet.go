package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A table's kind, found by the columns that only it needs.
type kind struct {
	name     string
	required []string
	optional []string
}

var origins = []string{"tag", "source", "facts", "note"}

func kinds() []kind {
	return []kind{
		{"accelerators", []string{"name", "memory", "peak_tflops"},
			[]string{"aliases", "matmul_tflops", "memory_rate", "nvlink", "pcie_gen", "tdp_w", "idle_w"}},
		{"speeds", []string{"gpu", "speed"}, nil},
		{"nodes", []string{"name", "gpu", "gpus", "cpus", "memory"}, []string{"aliases", "rdma", "eth"}},
		{"prices", []string{"node_type"}, []string{"list", "currency", "on_demand_h", "reserved_month", "spot_h", "purchase",
			"life_months", "power_kw", "valid_from"}},
		{"resources", []string{"name", "kind", "gpu"}, nil},
	}
}

// A sheet is a CSV file read into rows, with its errors so far.
type sheet struct {
	file   string
	kind   kind
	header map[string]int
	rows   []row
	errs   Errors
}

type row struct {
	s     *sheet
	cells []string
	at    []place // of each cell
}

type place struct{ line, column int }

func (s *sheet) fail(p place, what, got, want, hint string) {
	if len(s.errs) < maxErrors {
		s.errs = append(s.errs, Error{s.file, p.line, p.column, what, got, want, hint})
	}
}

// readSheet splits a file into rows and finds which table it is.
func readSheet(file string, data []byte) (*sheet, error) {
	s := &sheet{file: file, header: map[string]int{}}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF")))) // spreadsheets write a byte order mark
	r.Comment = '#'
	r.FieldsPerRecord = -1
	for first := true; ; {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			var p *csv.ParseError
			if !errors.As(err, &p) {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			s.fail(place{p.Line, p.Column}, "quotes", p.Err.Error(), "CSV as in RFC 4180", "double a quote inside quotes")
			return nil, s.errs
		}
		line := row{s: s, cells: cells, at: make([]place, len(cells))}
		for i := range cells {
			line.at[i].line, line.at[i].column = r.FieldPos(i)
		}
		if first {
			first = false
			if s.takeHeader(line); len(s.errs) > 0 {
				return nil, s.errs
			}
			continue
		}
		if len(cells) != len(s.header) {
			s.fail(line.at[0], "row", fmt.Sprintf("%d cells", len(cells)), fmt.Sprintf("%d, as in the header", len(s.header)),
				"a text with a comma must stand in quotes")
			continue
		}
		s.rows = append(s.rows, line)
	}
	if len(s.header) == 0 {
		s.fail(place{1, 1}, "header", "", "a line of column names", "")
		return nil, s.errs
	}
	return s, nil
}

// takeHeader finds the kind whose required columns are all there; more of them win (nodes have all but one of the
// columns of accelerators).
func (s *sheet) takeHeader(h row) {
	best := 0
	for _, k := range kinds() {
		missing := 0
		for _, c := range k.required {
			if !slices.Contains(h.cells, c) {
				missing++
			}
		}
		if missing == 0 && len(k.required) > best {
			s.kind, best = k, len(k.required)
		}
	}
	if best == 0 {
		var forms []string
		for _, k := range kinds() {
			forms = append(forms, k.name+" ("+strings.Join(k.required, ", ")+")")
		}
		s.fail(h.at[0], "header", strings.Join(h.cells, ","), "the columns of one table: "+strings.Join(forms, "; "), "")
		return
	}
	allowed := slices.Concat(s.kind.required, s.kind.optional, origins)
	for i, c := range h.cells {
		if !slices.Contains(allowed, c) {
			hint := ""
			if n := near(c, allowed); len(n) > 0 {
				hint = `did you mean "` + n[0] + `"?`
			}
			s.fail(h.at[i], "column", c, "one of "+strings.Join(allowed, ", "), hint)
		} else if _, twice := s.header[c]; twice {
			s.fail(h.at[i], "column", c, "each column once", "")
		}
		s.header[c] = i
	}
}
