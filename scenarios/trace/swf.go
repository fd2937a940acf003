package trace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
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
	from, to                  [swfFields]int32 // where each field of text begins and ends
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

// scan cuts the present line at blanks and returns how many fields there are; a comment has none.
func (s *swf) scan() int {
	text := s.text
	var n, ended int
	var inside uint64 // 1 when the byte before the block belongs to a field
	for base := 0; base < len(text); base += 64 {
		blank := blanks(text, base)
		behind := ^blank<<1 | inside // bytes behind one of a field
		for m := ^blank &^ behind; m != 0; m &= m - 1 {
			if n < swfFields {
				s.from[n] = int32(base + bits.TrailingZeros64(m))
			}
			n++
		}
		for m := blank & behind; m != 0; m &= m - 1 {
			if ended < swfFields {
				s.to[ended] = int32(base + bits.TrailingZeros64(m))
			}
			ended++
		}
		inside = ^blank >> 63
	}
	if inside != 0 && ended < swfFields {
		s.to[ended] = int32(len(text))
	}
	if n > 0 && text[s.from[0]] == ';' {
		return 0
	}
	return n
}

// unknown is what -1 reads as.
const unknown = -1

func (s *swf) field(i int) []byte { return s.text[s.from[i]:s.to[i]] }

// short reads a field of a few digits, or -1.
func (s *swf) short(field int) (int64, bool) {
	from := s.from[field]
	n := s.to[field] - from
	x := binary.LittleEndian.Uint64(s.text[from : from+8 : len(s.text)+spare])
	switch {
	case n == 1 && x&0xff-'0' <= 9: // most fields of most files
		return int64(x&0xff - '0'), true
	case n == 2 && uint16(x) == '-'|'1'<<8:
		return unknown, true
	}
	return shortNumber(x, n)
}

// number reads a whole number of at least 0, or -1.
func (s *swf) number(field int, name string) (int64, error) {
	if v, ok := s.short(field); ok {
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
	if v, ok := s.short(field); ok {
		if v == unknown {
			return state.Unset, nil
		}
		return state.Time(v) * state.Second, nil
	}
	b := s.field(field)
	v, f := seconds(b)
	if f != fine {
		return 0, s.fail(field, say(name, b, f), wantSeconds+", or -1 for unknown")
	}
	return state.Time(v), nil
}
