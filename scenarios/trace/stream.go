package trace

import (
	"fmt"
	"sort"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// verdict is what a reader made of a row.
type verdict uint8

const (
	rowEnd  verdict = iota // no more rows
	rowJob                 // a job
	rowSkip                // the row is left out, and a note says so
)

// reader parses a file row by row. Its times are on the file's own axis and its rows in the file's own order. After an
// error about one row it may be called again and goes on with the next.
type reader interface {
	next(spec *state.JobSpec) (verdict, error)
	// where is the file and the line of the row read last.
	where() (path string, line int)
	notes() *tally
	close()
}

// streamer is a reader that can be cloned at its place.
type streamer interface {
	reader
	clone(names *state.Names) (streamer, error)
}

// tally counts what was left out or assumed.
type tally struct {
	keys   []string
	counts []int64
}

func (t *tally) add(key string) {
	for i, k := range t.keys {
		if k == key {
			t.counts[i]++
			return
		}
	}
	t.keys = append(t.keys, key)
	t.counts = append(t.counts, 1)
}

func (t *tally) copy() tally {
	return tally{keys: append([]string(nil), t.keys...), counts: append([]int64(nil), t.counts...)}
}

func (t *tally) lines() []string {
	out := make([]string, len(t.keys))
	for i, k := range t.keys {
		out[i] = fmt.Sprintf("%d x %s", t.counts[i], k)
	}
	sort.Strings(out)
	return out
}

// Noter is a Source that counts what it left out or assumed, as far as it has been read.
type Noter interface {
	Notes() []string
}

// NotesOf are the notes of a source, or nothing when it keeps none.
func NotesOf(src state.Source) []string {
	if n, ok := src.(Noter); ok {
		return n.Notes()
	}
	return nil
}

// stream is a Source over a streamer: it holds the order of submission.
type stream struct {
	rd   streamer `snapshot:"keep"`
	last state.Time
	rows uint64 // read of rd
}

// SaveForeign has nothing to add to the fields: the place in the file is a number of rows.
func (s *stream) SaveForeign() ([]byte, error) { return nil, nil }

// LoadForeign brings the reader, which is at its beginning, to where it was. Names that it meets again have the ids that they had.
func (s *stream) LoadForeign([]byte) error {
	var spec state.JobSpec
	for range s.rows {
		if _, err := s.rd.next(&spec); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) Next(spec *state.JobSpec) (bool, error) {
	for {
		v, err := s.rd.next(spec)
		if err != nil {
			s.rd.close()
			return false, err
		}
		s.rows++
		switch v {
		case rowEnd:
			return false, nil
		case rowSkip:
			continue
		}
		if spec.Submit < s.last {
			s.rd.close()
			return false, orderError(s.rd, spec.Submit, s.last)
		}
		s.last = spec.Submit
		return true, nil
	}
}

func orderError(rd reader, got, last state.Time) *Error {
	path, line := rd.where()
	return &Error{File: path, Line: line,
		What: fmt.Sprintf("was submitted at %s s, the row before it at %s s", secondsText(got), secondsText(last)),
		Want: "expected rows in order of submission", Do: "orrery trace convert --sort mends it"}
}

func (s *stream) Clone(names *state.Names) (state.Source, error) {
	rd, err := s.rd.clone(names)
	if err != nil {
		return nil, err
	}
	return &stream{rd: rd, last: s.last, rows: s.rows}, nil
}

// Notes tell what was left out so far.
func (s *stream) Notes() []string { return s.rd.notes().lines() }

// Close gives the file back before its end is reached.
func (s *stream) Close() error {
	s.rd.close()
	return nil
}

// secondsText is a time as decimal seconds, exact and without trailing zeros.
func secondsText(t state.Time) string { return string(appendSeconds(nil, t)) }

func appendSeconds(b []byte, t state.Time) []byte { return units.AppendSeconds(b, int64(t)) }

// decimalText is a fixed-point number of 10^-digits as text.
func decimalText(v int64, digits int) string { return string(units.AppendFixed(nil, v, digits)) }
