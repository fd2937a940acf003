package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// What stands before a slice, a pointer, a map.
const (
	tagNil = iota
	tagNew // its contents follow, and it has the next number
	tagOld // the number of one that came before; for a pointer also how far into it
)

// address is where a value of a type lies.
type address struct {
	at unsafe.Pointer
	t  *shape
	n  int // length of a slice, or 0
}

// place is a value within one that has a number.
type place struct {
	number uint64
	offset uintptr
}

// encoder writes one value.
type encoder struct {
	b       []byte
	met     map[address]place
	texts   map[address]uint64
	numbers uint64
	types   map[reflect.Type]uint64
	order   []*shape
	spans   *[]span // where everything lies, for a test; or nil
}

// Encode writes what root points to. Nothing of it may change meanwhile.
func Encode(root any) ([]byte, error) { return encode(root, nil) }

func encode(root any, spans *[]span) ([]byte, error) {
	v := reflect.ValueOf(root)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fmt.Errorf("snapshot: want a pointer to what is to be written (got %T)", root)
	}
	e := &encoder{met: map[address]place{}, texts: map[address]uint64{}, types: map[reflect.Type]uint64{}, spans: spans}
	s := shapeOf(v.Type().Elem())
	e.typ(s)
	e.register(v.UnsafePointer(), s)
	if err := e.value(v.UnsafePointer(), s); err != nil {
		return nil, fmt.Errorf("snapshot: %s%w", name(s.t), err)
	}
	head := binary.AppendUvarint(nil, uint64(len(e.order)))
	for _, t := range e.order {
		head = binary.AppendUvarint(head, uint64(len(name(t.t))))
		head = append(head, name(t.t)...)
		head = binary.LittleEndian.AppendUint64(head, t.fingerprint())
	}
	return append(head, e.b...), nil
}

func (e *encoder) uint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }

// typ is the number of a type.
func (e *encoder) typ(s *shape) uint64 {
	n, ok := e.types[s.t]
	if !ok {
		n = uint64(len(e.order))
		e.types[s.t], e.order = n, append(e.order, s)
	}
	return n
}

// register gives a value a number, and notes where the structs within it lie: somebody may point to them.
func (e *encoder) register(at unsafe.Pointer, s *shape) {
	e.met[address{at, s, 0}] = place{e.numbers, 0}
	e.within(at, s, place{e.numbers, 0})
	e.numbers++
	e.span(at, s.size, s)
}

func (e *encoder) within(at unsafe.Pointer, s *shape, p place) {
	if s.kind == array {
		for i := range s.t.Len() {
			offset := uintptr(i) * s.elem.size
			e.within(unsafe.Add(at, offset), s.elem, place{p.number, p.offset + offset})
		}
		return
	}
	e.met[address{at, s, 0}] = p
	for i := range s.fields {
		if f := &s.fields[i]; f.shape != nil && f.tag == written && (f.shape.kind == record || f.shape.kind == array) {
			e.within(unsafe.Add(at, f.offset), f.shape, place{p.number, p.offset + f.offset})
		}
	}
}

func (e *encoder) bytes(at unsafe.Pointer, n uintptr) {
	if n > 0 {
		e.b = append(e.b, unsafe.Slice((*byte)(at), n)...)
	}
}

func (e *encoder) value(at unsafe.Pointer, s *shape) error {
	switch s.kind {
	case plain:
		e.bytes(at, s.size)
	case text:
		e.text(*(*string)(at))
	case list:
		return e.list(at, s)
	case array:
		return e.elements(at, s.elem, s.t.Len())
	case record:
		return e.record(at, s)
	case pointer:
		return e.pointer(*(*unsafe.Pointer)(at), s.elem)
	case table:
		return e.table(at, s)
	case face:
		return e.face(at, s)
	case function:
		e.there(*(*unsafe.Pointer)(at) != nil)
	default:
		return errors.New(": " + name(s.t) + " " + s.why + ": it cannot be written")
	}
	return nil
}

func (e *encoder) there(is bool) {
	if is {
		e.b = append(e.b, 1)
	} else {
		e.b = append(e.b, 0)
	}
}

func (e *encoder) text(s string) {
	if len(s) == 0 {
		e.uint(0)
		return
	}
	key := address{unsafe.Pointer(unsafe.StringData(s)), nil, len(s)}
	if n, ok := e.texts[key]; ok {
		e.uint(n<<1 | 1)
		return
	}
	e.texts[key] = uint64(len(e.texts))
	e.uint(uint64(len(s)) << 1)
	e.b = append(e.b, s...)
}

// header is a slice as it lies in memory.
type header struct {
	data     unsafe.Pointer
	len, cap int
}

func (e *encoder) list(at unsafe.Pointer, s *shape) error {
	h := (*header)(at)
	if h.data == nil {
		e.uint(tagNil)
		return nil
	}
	key := address{h.data, s, h.len}
	if p, ok := e.met[key]; ok && h.len > 0 {
		e.uint(tagOld)
		e.uint(p.number)
		return nil
	}
	e.uint(tagNew)
	e.uint(uint64(h.len))
	if h.len > 0 {
		e.met[key] = place{e.numbers, 0}
		e.span(h.data, uintptr(h.len)*s.elem.size, s)
	}
	e.numbers++
	return e.elements(h.data, s.elem, h.len)
}

func (e *encoder) elements(at unsafe.Pointer, elem *shape, n int) error {
	if elem.kind == plain {
		e.bytes(at, uintptr(n)*elem.size)
		return nil
	}
	for i := range n {
		if err := e.value(unsafe.Add(at, uintptr(i)*elem.size), elem); err != nil {
			return fmt.Errorf("[%d]%w", i, err)
		}
	}
	return nil
}

func (e *encoder) record(at unsafe.Pointer, s *shape) error {
	for i := range s.fields {
		f := &s.fields[i]
		p := unsafe.Add(at, f.offset)
		switch {
		case f.shape == nil:
			e.bytes(p, f.size)
		case f.tag == keep:
			e.there(isThere(p, f.shape))
		case f.tag == written:
			if err := e.value(p, f.shape); err != nil {
				return fmt.Errorf(".%s%w", f.name, err)
			}
		}
	}
	if !s.foreign {
		return nil
	}
	data, err := reflect.NewAt(s.t, at).Interface().(Foreign).SaveForeign()
	if err != nil {
		return fmt.Errorf(": %w", err)
	}
	e.uint(uint64(len(data)))
	e.b = append(e.b, data...)
	return nil
}

// isThere reports whether a kept value is one: not nil, where it could be.
func isThere(at unsafe.Pointer, s *shape) bool {
	switch s.kind {
	case pointer, table, face, function:
		return !reflect.NewAt(s.t, at).Elem().IsNil()
	}
	return true
}

func (e *encoder) pointer(p unsafe.Pointer, elem *shape) error {
	if p == nil {
		e.uint(tagNil)
		return nil
	}
	if at, ok := e.met[address{p, elem, 0}]; ok {
		e.uint(tagOld)
		e.uint(at.number)
		e.uint(uint64(at.offset))
		return nil
	}
	e.uint(tagNew)
	e.register(p, elem)
	return e.value(p, elem)
}

func (e *encoder) table(at unsafe.Pointer, s *shape) error {
	m := reflect.NewAt(s.t, at).Elem()
	if m.IsNil() {
		e.uint(tagNil)
		return nil
	}
	key := address{m.UnsafePointer(), s, 0}
	if p, ok := e.met[key]; ok {
		e.uint(tagOld)
		e.uint(p.number)
		return nil
	}
	e.uint(tagNew)
	e.uint(uint64(m.Len()))
	e.met[key] = place{e.numbers, 0}
	e.numbers++
	k, v := reflect.New(s.t.Key()), reflect.New(s.t.Elem())
	for it := m.MapRange(); it.Next(); {
		k.Elem().SetIterKey(it)
		v.Elem().SetIterValue(it)
		if err := e.value(k.UnsafePointer(), s.key); err != nil {
			return fmt.Errorf("[key]%w", err)
		}
		if err := e.value(v.UnsafePointer(), s.elem); err != nil {
			return fmt.Errorf("[%v]%w", k.Elem(), err)
		}
	}
	return nil
}

func (e *encoder) face(at unsafe.Pointer, s *shape) error {
	v := reflect.NewAt(s.t, at).Elem()
	if v.IsNil() {
		e.uint(0)
		return nil
	}
	v = v.Elem()
	dynamic := shapeOf(v.Type())
	e.uint(e.typ(dynamic) + 1)
	var err error
	if dynamic.kind == pointer {
		err = e.pointer(v.UnsafePointer(), dynamic.elem)
	} else {
		boxed := reflect.New(v.Type())
		boxed.Elem().Set(v)
		err = e.value(boxed.UnsafePointer(), dynamic)
	}
	if err != nil {
		return fmt.Errorf(".(%s)%w", v.Type(), err)
	}
	return nil
}
