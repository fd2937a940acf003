package world

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/orrery-sim/orrery/api/world/play"
)

// wire writes fields into a body of the journal, or reads them from one: a list of fields serves both. Integers are varints;
// texts and lists have their length before them. A list of fields never changes without a new journal.Version.
type wire struct {
	data []byte // what was written, or is left to read
	read bool
	err  error
}

var errWire = errors.New("its bytes are no list of commands")

// encode writes the entries of a commit.
func encode(list []*entry) []byte {
	w := wire{}
	w.length(len(list))
	for _, e := range list {
		e.fields(&w)
	}
	return w.data
}

func decode(body []byte) ([]*entry, error) {
	w := wire{data: body, read: true}
	list := make([]*entry, w.length(0))
	for i := range list {
		list[i] = &entry{}
		list[i].fields(&w)
	}
	if w.err == nil && len(w.data) > 0 {
		w.err = errWire
	}
	return list, w.err
}

func (e *entry) fields(w *wire) {
	w.text(&e.Kind)
	integer(w, &e.Number)
	integer(w, &e.Job)
	integer(w, &e.Grace)
	integer(w, &e.Node)
	integer(w, &e.Change)
	integer(w, &e.At)
	integer(w, &e.Code)
	w.bytes(&e.Payload)
	if has := e.Priority != nil; w.flag(&has) {
		if w.read {
			e.Priority = new(int32)
		}
		integer(w, e.Priority)
	}
	if has := e.Submit != nil; w.flag(&has) {
		if w.read {
			e.Submit = new(submitted)
		}
		e.Submit.fields(w)
	}
}

func (s *submitted) fields(w *wire) {
	w.text(&s.API)
	w.text(&s.Name)
	w.text(&s.User)
	w.text(&s.Queue)
	integer(w, &s.Priority)
	if n := w.length(len(s.Roles)); w.read {
		s.Roles = make([]Role, n)
	}
	for i := range s.Roles {
		r := &s.Roles[i]
		w.text(&r.Name)
		integer(w, &r.Replicas)
		integer(w, &r.GPUs)
		w.text(&r.GPUType)
		integer(w, &r.CPUMilli)
		integer(w, &r.MemMiB)
		w.flag(&r.Split)
	}
	scriptFields(w, &s.Script)
	w.bytes(&s.Payload)
}

func scriptFields(w *wire, s *play.Script) {
	integer(w, &s.Create)
	integer(w, &s.Prepare)
	integer(w, &s.Check)
	integer(w, &s.Run)
	integer(w, &s.Base)
	integer(w, &s.Fail)
	integer(w, &s.Fails)
	integer(w, &s.Restart)
	w.flag(&s.GiveUp)
	integer(w, &s.Code)
	integer(w, &s.Limit)
	integer(w, &s.Reserve)
	integer(w, &s.Grace)
	w.flag(&s.Once)
	w.flag(&s.Recorded)
	w.flag(&s.Spot)
}

// integer is a field of any integer type; one that is too large for its type is an error.
func integer[T ~int | ~int32 | ~int64 | ~uint8 | ~uint64](w *wire, p *T) {
	if !w.read {
		w.data = binary.AppendVarint(w.data, int64(*p))
		return
	}
	v, n := binary.Varint(w.data)
	if w.err != nil || n <= 0 || int64(T(v)) != v {
		w.err = errWire
		return
	}
	*p, w.data = T(v), w.data[n:]
}

// flag is a field of a bool; it gives its value.
func (w *wire) flag(p *bool) bool {
	var n uint8
	if *p {
		n = 1
	}
	if integer(w, &n); n > 1 {
		w.err = errWire
	}
	*p = n == 1 && w.err == nil
	return *p
}

// length is that of a list whose elements take a byte at least.
func (w *wire) length(n int) int {
	if integer(w, &n); w.err != nil || n < 0 || n > math.MaxInt32 || w.read && n > len(w.data) {
		w.err = errWire
		return 0
	}
	return n
}

func (w *wire) text(p *string) {
	n := w.length(len(*p))
	if !w.read {
		w.data = append(w.data, *p...)
		return
	}
	*p, w.data = string(w.data[:n]), w.data[n:]
}

// bytes is nil, or any bytes: nil is apart from none.
func (w *wire) bytes(p *[]byte) {
	if has := *p != nil; !w.flag(&has) {
		return
	}
	n := w.length(len(*p))
	if !w.read {
		w.data = append(w.data, *p...)
		return
	}
	*p, w.data = append(make([]byte, 0, n), w.data[:n]...), w.data[n:]
}
