package trace

import (
	"fmt"
	"math"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// sheet is the reader of a format with one job a row: read fills the spec from the fields and says why a row is left out.
type sheet struct {
	t     *table
	cols  []Column
	at    []int
	opt   *Options
	names *state.Names
	types typeCache
	loc   *time.Location
	n     int64 // rows read
	count tally
	read  func(s *sheet, spec *state.JobSpec) (skip string, err error)
}

// openSheet binds the columns of a file with a header.
func openSheet(path string, sep byte, cols []Column, opt *Options, names *state.Names) (*sheet, error) {
	t, err := openTable(path, opt.MaxBytes, sep, sep == ',')
	if err != nil {
		return nil, err
	}
	s, err := newSheet(t, cols, opt, names)
	if err != nil {
		t.lines.in.Close()
	}
	return s, err
}

func newSheet(t *table, cols []Column, opt *Options, names *state.Names) (*sheet, error) {
	s := &sheet{t: t, cols: cols, opt: opt, names: names}
	var err error
	if s.loc, err = opt.location(); err != nil {
		return nil, err
	}
	s.at, err = t.bind(cols)
	return s, err
}

func (s *sheet) next(spec *state.JobSpec) (verdict, error) {
	ok, err := s.t.row()
	if !ok || err != nil {
		return rowEnd, err
	}
	spec.Reset()
	s.n++
	skip, err := s.read(s, spec)
	if err != nil {
		return 0, err
	}
	if skip == "" && !s.opt.settle(spec) {
		skip = "cancelled before it started, left out (neverStarted: skip)"
	}
	if skip != "" {
		s.count.add(skip)
		return rowSkip, nil
	}
	return rowJob, nil
}

func (s *sheet) where() (string, int) { return s.t.path(), s.t.lines.line }
func (s *sheet) notes() *tally        { return &s.count }
func (s *sheet) close()               { s.t.lines.in.Close() }

// has reports whether a column is there and not blank in this row.
func (s *sheet) has(col int) bool { return s.at[col] >= 0 && !blank(s.t.fields[s.at[col]]) }

func (s *sheet) text(col int) []byte { return s.t.get(s.at[col]) }

// blank is a field that says nothing: the words that public tables use for it.
func blank(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if len(b) > 7 {
		return false
	}
	switch lower(b) {
	case "nan", "none", "null", "nat", "na", "n/a", "unknown", "<na>", "-", "(null)":
		return true
	}
	return false
}

// missing is the error about a required field that says nothing.
func (s *sheet) missing(col int) *Error {
	if s.at[col] < 0 {
		return s.t.fail(-1, fmt.Sprintf("no column %q", s.cols[col].Name), "expected "+s.cols[col].Doc, "")
	}
	return s.t.fail(s.at[col], s.t.header[s.at[col]]+" is empty", "expected "+s.cols[col].Doc, "")
}

// whole reads a whole number of at least 0 that fits 32 bits.
func (s *sheet) whole(col int) (int64, error) {
	if !s.has(col) {
		return 0, s.missing(col)
	}
	v, f := whole(s.text(col))
	if f == fine && v > math.MaxInt32 {
		f = faultLarge
	}
	if f != fine {
		return 0, s.t.bad(s.at[col], f, wantWhole)
	}
	return v, nil
}

// wholeOr is whole with a value for a field that says nothing.
func (s *sheet) wholeOr(col int, absent int64) (int64, error) {
	if !s.has(col) {
		return absent, nil
	}
	return s.whole(col)
}

// scaled reads a decimal number of at least 0, times 10^digits; 0 when the field says nothing.
func (s *sheet) scaled(col, digits int) (int64, error) {
	if !s.has(col) {
		return 0, nil
	}
	v, f := fixed(s.text(col), digits)
	if f == fine && v < 0 {
		f = faultNegative
	}
	if f == fine && v > maxInstant/1024 {
		f = faultLarge
	}
	if f != fine {
		return 0, s.t.bad(s.at[col], f, "expected a decimal number, 0 or more")
	}
	return v, nil
}

// gib reads GiB (also written GB) as MiB.
func (s *sheet) gib(col int) (int64, error) {
	v, err := s.scaled(col, 6)
	return (v*1024 + 500_000) / 1_000_000, err
}

// span reads seconds; Unset when the field says nothing.
func (s *sheet) span(col int) (state.Time, error) {
	if !s.has(col) {
		return state.Unset, nil
	}
	v, f := seconds(s.text(col))
	if f != fine {
		return 0, s.t.bad(s.at[col], f, wantSeconds)
	}
	return state.Time(v), nil
}

// mustSpan is span of a field that may not be empty.
func (s *sheet) mustSpan(col int) (state.Time, error) {
	if !s.has(col) {
		return 0, s.missing(col)
	}
	return s.span(col)
}

// stamp reads a date as nanoseconds since 1970; Unset when the field says nothing.
func (s *sheet) stamp(col int) (state.Time, error) {
	if !s.has(col) {
		return state.Unset, nil
	}
	v, ok := parseStamp(s.text(col), s.loc)
	if !ok {
		return 0, s.t.fail(s.at[col], s.t.header[s.at[col]]+": "+shown(s.text(col))+" is not a date",
			"expected a date and a time such as 2023-03-01 00:18:22, with or without an offset", "")
	}
	return v, nil
}

// mustStamp is stamp of a field that may not be empty.
func (s *sheet) mustStamp(col int) (state.Time, error) {
	if !s.has(col) {
		return 0, s.missing(col)
	}
	return s.stamp(col)
}

// outcome reads the job's status.
func (s *sheet) outcome(col int) (state.Outcome, error) {
	if !s.has(col) {
		return state.Finished, nil
	}
	o, ok := outcomeOf(s.text(col))
	if !ok {
		return 0, s.t.fail(s.at[col], s.t.header[s.at[col]]+": unknown word "+shown(s.text(col)),
			"expected a job's end such as COMPLETED, FAILED or CANCELLED", "")
	}
	return o, nil
}

// name copies a field as the job's name.
func (s *sheet) name(col int, spec *state.JobSpec) { spec.Name = append(spec.Name, s.text(col)...) }

// splitRole is a total of GPUs that placement may split; 0 is a job of one CPU-only pod.
func splitRole(gpus int64) state.RoleSpec {
	if gpus == 0 {
		return state.RoleSpec{Replicas: 1, GPUMilli: 1000}
	}
	return state.RoleSpec{Replicas: int32(gpus), PodGPUs: 1, GPUMilli: 1000, Flags: state.RoleSplit}
}

// nodeRole is one pod a node where the total divides, else a total that placement may split. CPU and memory are totals
// of the job in the unit of the role.
func nodeRole(gpus, nodes, cpu, mem int64) state.RoleSpec {
	r := splitRole(gpus)
	if nodes > 0 && gpus%nodes == 0 && nodes <= math.MaxInt32 {
		r = state.RoleSpec{Replicas: int32(nodes), PodGPUs: int32(gpus / nodes), GPUMilli: 1000}
		cpu, mem = cpu/nodes, mem/nodes
	}
	r.CPUMilli, r.MemMiB = cpu, mem
	return r
}
