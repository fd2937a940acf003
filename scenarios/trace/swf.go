package trace

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// The 18 fields of a record of the Standard Workload Format, version 2.2.
const (
	swfNumber = iota
	swfSubmit
	swfWait
	swfRunTime
	swfUsed
	swfCPUTime
	swfUsedMemory
	swfAsked
	swfAskedTime
	swfAskedMemory
	swfStatus
	swfUser
	swfGroup
	swfApplication
	swfQueue
	swfPartition
	swfPreceding
	swfThink
	swfFields
)

// swf reads the Standard Workload Format. Processors are GPUs that placement may split.
type swf struct {
	lines                     *lines
	opt                       *Options
	names                     *state.Names
	count                     tally
	rows                      swfRows
	row                       int64
	text                      []byte
	from                      [swfFields]int32 // where each field of text begins
	to                        [swfFields]int32 // and ends
	value                     [swfFields]int64 // its value, or odd when it is more than a few digits
	users, queues, partitions numberNames
	late                      []lateRef
}

// openSWF reads the header comments up to the first record.
func openSWF(path string, opt *Options, names *state.Names, meta *Meta) (*swf, error) {
	in, err := openInput(path, opt.MaxBytes)
	if err != nil {
		return nil, err
	}
	s := &swf{lines: newLines(in), opt: opt, names: names}
	head := map[string]int64{}
	for {
		before := s.lines.place()
		text, err := s.lines.next()
		if err == io.EOF {
			if s.lines.line == 0 {
				in.Close()
				return nil, &Error{File: path, What: "is empty", Want: "expected the Standard Workload Format: 18 numbers a line"}
			}
			break
		}
		if err != nil {
			in.Close()
			return nil, err
		}
		text = bytes.TrimSpace(text)
		if len(text) > 0 && text[0] != ';' {
			s.lines.back(before)
			break
		}
		if key, value, ok := strings.Cut(strings.TrimLeft(string(text), "; \t"), ":"); ok {
			if v, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
				head[strings.TrimSpace(key)] = v
			}
		}
	}
	swfMeta(head, meta)
	return s, nil
}

// swfMeta takes date and cluster from the header. A start of 0 is no date: synthetic files carry it.
func swfMeta(head map[string]int64, meta *Meta) {
	if t := head["UnixStartTime"]; t > 0 && t < 1<<33 {
		meta.Start, meta.HasDate = time.Unix(t, 0).UTC(), true
	}
	nodes, procs := head["MaxNodes"], head["MaxProcs"]
	if nodes < 1 || procs < nodes || nodes > 1<<20 || procs%nodes != 0 || procs/nodes > state.MaxGPUsPerNode {
		return
	}
	c := &ClusterSpec{Nodes: make([]NodeSpec, nodes)}
	for i := range c.Nodes {
		c.Nodes[i] = NodeSpec{Name: fmt.Sprintf("n%06d", i), GPUs: int32(procs / nodes)}
	}
	meta.Cluster = c
}

func (s *swf) where() (string, int) { return s.lines.in.path, s.lines.line }
func (s *swf) notes() *tally        { return &s.count }
func (s *swf) close()               { s.lines.in.Close() }

func (s *swf) clone(names *state.Names) (streamer, error) {
	l, err := s.lines.reopen()
	if err != nil {
		return nil, err
	}
	c := *s
	c.lines, c.names, c.count, c.rows = l, names, s.count.copy(), s.rows.copy()
	c.users, c.queues, c.partitions = nil, nil, nil
	return &c, nil
}

func (s *swf) fail(field int, what, want string) *Error {
	e := &Error{File: s.lines.in.path, Line: s.lines.line, What: what, Want: want}
	if field >= 0 {
		e.Col = int(s.from[field]) + 1
	}
	return e
}

// next reads one record.
func (s *swf) next(spec *state.JobSpec) (verdict, error) {
	for {
		text, err := s.lines.next()
		if err == io.EOF {
			s.close()
			return rowEnd, nil
		}
		if err != nil {
			return 0, err
		}
		s.text = text
		n := s.scan()
		if n == 0 {
			continue
		}
		if n != swfFields {
			return 0, s.fail(-1, fmt.Sprintf("has %d fields", n), "expected the 18 numbers of the Standard Workload Format")
		}
		return s.record(spec)
	}
}

// odd marks a field that the one pass over a line does not read: signs, fractions, exponents, long numbers, text.
const odd = math.MinInt64

// scan cuts the present line at blanks and reads short whole numbers and -1 on the way. It returns how many fields there
// are; a comment counts as none.
func (s *swf) scan() int {
	text, n, i := s.text, 0, 0
	for {
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		if i == len(text) || n == 0 && text[i] == ';' {
			return n
		}
		from, v := i, int64(0)
		for i < len(text) {
			d := text[i] - '0'
			if d > 9 {
				break
			}
			v = v*10 + int64(d)
			i++
		}
		if i < len(text) && text[i] != ' ' && text[i] != '\t' || i-from > 9 {
			for i < len(text) && text[i] != ' ' && text[i] != '\t' {
				i++
			}
			v = odd
			if i-from == 2 && text[from] == '-' && text[from+1] == '1' {
				v = unknown
			}
		}
		if n < swfFields {
			s.from[n], s.to[n], s.value[n] = int32(from), int32(i), v
		}
		n++
	}
}

// unknown is what -1 reads as.
const unknown = -1

func (s *swf) field(i int) []byte { return s.text[s.from[i]:s.to[i]] }

// number reads a whole number of at least 0, or -1.
func (s *swf) number(field int, name string) (int64, error) {
	if v := s.value[field]; v != odd {
		return v, nil
	}
	b := s.field(field)
	v, f := whole(b)
	if f == fine && v > math.MaxInt32 {
		f = faultLarge
	}
	if f != fine {
		return 0, s.fail(field, say(name, b, f), wantWhole+", or -1 for unknown")
	}
	return v, nil
}

// span reads seconds, or -1 as state.Unset.
func (s *swf) span(field int, name string) (state.Time, error) {
	switch v := s.value[field]; v {
	case odd:
	case unknown:
		return state.Unset, nil
	default:
		return state.Time(v) * state.Second, nil
	}
	b := s.field(field)
	v, f := seconds(b)
	if f != fine {
		return 0, s.fail(field, say(name, b, f), wantSeconds+", or -1 for unknown")
	}
	return state.Time(v), nil
}
