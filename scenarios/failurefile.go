package scenarios

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// failureRow is one recorded failure.
type failureRow struct {
	at, long state.Time
	node     int32
	cause    string
	slow     float64
}

// failureColumns are the columns of a file of failures; the first three must be there.
var failureColumns = []string{"node", "at_s", "for_s", "cause", "slow"}

// readFailures reads a CSV of failures in order of time. nodes are the cluster's by name.
func readFailures(file string, data []byte, nodes map[string]int32) ([]failureRow, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	r.Comment, r.FieldsPerRecord, r.ReuseRecord = '#', -1, true
	var columns []string
	var rows []failureRow
	fail := func(column int, what, got, want string) error {
		line, at := r.FieldPos(column)
		return fmt.Errorf("%s:%d:%d  %s: found %q\n  expected %s", file, line, at, what, got, want)
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if columns == nil {
			columns = slices.Clone(cells)
			for i, c := range columns {
				if !contains(failureColumns, c) || slices.Index(columns, c) != i {
					return nil, fail(i, "column", c, "each once of "+strings.Join(failureColumns, ", "))
				}
			}
			for _, c := range failureColumns[:3] {
				if !contains(columns, c) {
					return nil, fail(0, "header", strings.Join(columns, ","), "a column "+c)
				}
			}
			continue
		}
		if len(cells) != len(columns) {
			return nil, fail(0, "row", fmt.Sprintf("%d cells", len(cells)), fmt.Sprintf("%d, as in the header", len(columns)))
		}
		row := failureRow{cause: "recorded"}
		for i, c := range columns {
			text, ok := cells[i], true
			switch c {
			case "node":
				if row.node, ok = nodes[text]; !ok {
					want := "a node of the cluster"
					if near := ydec.Nearest(text, nodeNames(nodes)); near != "" {
						want += fmt.Sprintf("   (did you mean %q?)", near)
					}
					return nil, fail(i, c, text, want)
				}
			case "at_s", "for_s":
				ns, err := units.ParseSeconds([]byte(text))
				if err != nil || ns < 0 {
					return nil, fail(i, c, text, "seconds of at least 0")
				}
				if c == "at_s" {
					row.at = state.Time(ns)
				} else {
					row.long = state.Time(ns)
				}
			case "cause":
				if text != "" {
					row.cause = text
				}
			case "slow":
				if text == "" {
					continue
				}
				v, err := strconv.ParseFloat(text, 64)
				if err != nil || !(v >= 0 && v < 1) {
					return nil, fail(i, c, text, "a share of the speed from 0 (lost) to below 1")
				}
				row.slow = v
			}
		}
		if n := len(rows); n > 0 && row.at < rows[n-1].at {
			return nil, fail(slices.Index(columns, "at_s"), "at_s", cells[slices.Index(columns, "at_s")], "rows in order of time")
		}
		rows = append(rows, row)
	}
	if columns == nil {
		return nil, fmt.Errorf("%s:1:1  header: found nothing\n  expected the columns node, at_s, for_s", file)
	}
	return rows, nil
}

func nodeNames(nodes map[string]int32) []string {
	names := make([]string, 0, len(nodes))
	for name := range nodes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
