package snapshot

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"unsafe"
)

// decoder reads one value over another that was made the same way.
type decoder struct {
	data    []byte
	objects []object
	texts   []string
	types   []known
	claimed map[unsafe.Pointer]bool // values of the maker's that were read over
	foreign []func() error
}

// object is what has a number: a value behind a pointer, or a slice or a map.
type object struct {
	at unsafe.Pointer
	v  reflect.Value // of a slice or a map
	s  *shape
}

// known is a type that the bytes name.
type known struct {
	name   string
	layout uint64
	s      *shape // once it was met among the maker's own
}

// broken is why reading cannot go on.
type broken struct{ error }

func fail(format string, args ...any) { panic(broken{fmt.Errorf(format, args...)}) }

// Decode reads what Encode wrote into what root points to: a value that was made as the one that was written had been made. After an
// error it is of no use any more.
func Decode(data []byte, root any) (err error) {
	v := reflect.ValueOf(root)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("snapshot: want a pointer to what is to be read (got %T)", root)
	}
	d := &decoder{data: data, claimed: map[unsafe.Pointer]bool{}}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case broken:
			err = fmt.Errorf("snapshot: %w", r.error)
		default:
			panic(r)
		}
	}()
	d.header()
	s := shapeOf(v.Type().Elem())
	if d.typ(0, s); len(d.types) == 0 {
		fail("it has no types")
	}
	d.objects = append(d.objects, object{at: v.UnsafePointer(), s: s})
	d.claimed[v.UnsafePointer()] = true
	d.value(v.UnsafePointer(), s)
	if len(d.data) > 0 {
		fail("%d bytes are left", len(d.data))
	}
	for _, load := range d.foreign {
		if err := load(); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
	}
	return nil
}

func (d *decoder) header() {
	for range d.count(9) {
		n := string(d.take(d.count(1)))
		d.types = append(d.types, known{name: n, layout: binary.LittleEndian.Uint64(d.take(8))})
	}
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		fail("it is cut short")
	}
	d.data = d.data[n:]
	return v
}

// count is how many follow of what takes so many bytes each at least.
func (d *decoder) count(each uintptr) int {
	n := d.uint()
	if n > uint64(len(d.data)) || each > 0 && n > uint64(len(d.data))/uint64(each) {
		fail("it is cut short: %d of %d bytes are to follow in %d", n, each, len(d.data))
	}
	return int(n)
}

func (d *decoder) take(n int) []byte {
	if n > len(d.data) {
		fail("it is cut short")
	}
	b := d.data[:n]
	d.data = d.data[n:]
	return b
}

// typ is the type with a number; s is one that has this name, or nil.
func (d *decoder) typ(n uint64, s *shape) *shape {
	if n >= uint64(len(d.types)) {
		fail("it has no type %d", n)
	}
	k := &d.types[n]
	if k.s != nil {
		return k.s
	}
	if s == nil || name(s.t) != k.name {
		fail("nothing here is of type %s", k.name)
	}
	if s.fingerprint() != k.layout {
		fail("type %s has another layout now", k.name)
	}
	k.s = s
	return s
}

func (d *decoder) value(at unsafe.Pointer, s *shape) {
	switch s.kind {
	case plain:
		d.bytes(at, s.size)
	case text:
		*(*string)(at) = d.text()
	case list:
		d.list(at, s)
	case array:
		for i := range s.t.Len() {
			d.value(unsafe.Add(at, uintptr(i)*s.elem.size), s.elem)
		}
	case record:
		d.record(at, s)
	case pointer:
		*(*unsafe.Pointer)(at) = d.pointer(*(*unsafe.Pointer)(at), s.elem)
	case table:
		d.table(at, s)
	case face:
		d.face(at, s)
	case function:
		d.there(*(*unsafe.Pointer)(at) != nil, s)
	default:
		fail("%s %s", name(s.t), s.why)
	}
}

func (d *decoder) bytes(at unsafe.Pointer, n uintptr) {
	if n > 0 {
		copy(unsafe.Slice((*byte)(at), n), d.take(int(n)))
	}
}

// there holds what stays against what was there.
func (d *decoder) there(is bool, s *shape) {
	if was := d.take(1)[0] != 0; was != is {
		fail("a %s that stays as it is was there: %v, and is: %v", name(s.t), was, is)
	}
}

func (d *decoder) text() string {
	n := d.uint()
	if n&1 == 1 {
		if n >>= 1; n >= uint64(len(d.texts)) {
			fail("it has no text %d", n)
		}
		return d.texts[n]
	}
	if n == 0 {
		return ""
	}
	if n>>1 > uint64(len(d.data)) {
		fail("it is cut short")
	}
	s := string(d.take(int(n >> 1)))
	d.texts = append(d.texts, s)
	return s
}

// old is the value with a number, which must be of a shape.
func (d *decoder) old(s *shape) reflect.Value {
	n := d.uint()
	if n >= uint64(len(d.objects)) || d.objects[n].s != s || !d.objects[n].v.IsValid() {
		fail("it has no %s %d", name(s.t), n)
	}
	return d.objects[n].v
}

func (d *decoder) list(at unsafe.Pointer, s *shape) {
	into := reflect.NewAt(s.t, at).Elem()
	switch d.uint() {
	case tagNil:
		into.SetZero()
		return
	case tagOld:
		into.Set(d.old(s))
		return
	}
	each := s.elem.size
	if s.elem.kind != plain {
		each = 1 // at least, but for records of which nothing is written
	}
	n := d.length(each)
	v := reflect.MakeSlice(s.t, n, n)
	if s.elem.kind != plain && s.elem.kind != text {
		reflect.Copy(v, into) // what stays as it is is in there
	}
	d.objects = append(d.objects, object{v: v, s: s})
	into.Set(v)
	data := v.UnsafePointer()
	if s.elem.kind == plain {
		d.bytes(data, uintptr(n)*s.elem.size)
		return
	}
	for i := range n {
		d.value(unsafe.Add(data, uintptr(i)*s.elem.size), s.elem)
	}
}

// length is count, for elements that may have no size too.
func (d *decoder) length(each uintptr) int {
	if each > 0 {
		return d.count(each)
	}
	n := d.uint()
	if n > 1<<31 {
		fail("it has a list of %d", n)
	}
	return int(n)
}

func (d *decoder) record(at unsafe.Pointer, s *shape) {
	for i := range s.fields {
		f := &s.fields[i]
		p := unsafe.Add(at, f.offset)
		switch {
		case f.shape == nil:
			d.bytes(p, f.size)
		case f.tag == keep:
			d.there(isThere(p, f.shape), f.shape)
		case f.tag == drop:
			reflect.NewAt(f.shape.t, p).Elem().SetZero()
		case f.tag == written:
			d.value(p, f.shape)
		}
	}
	if s.foreign {
		data := d.take(d.count(1))
		it := reflect.NewAt(s.t, at).Interface().(Foreign)
		d.foreign = append(d.foreign, func() error { return it.LoadForeign(data) })
	}
}

// pointer reads what a pointer points to: into what the maker's points to, unless that was read over already.
func (d *decoder) pointer(own unsafe.Pointer, elem *shape) unsafe.Pointer {
	switch d.uint() {
	case tagNil:
		return nil
	case tagOld:
		n, offset := d.uint(), uintptr(d.uint())
		if n >= uint64(len(d.objects)) || d.objects[n].at == nil || offset+elem.size > d.objects[n].s.size {
			fail("it has no %s %d", name(elem.t), n)
		}
		return unsafe.Add(d.objects[n].at, offset)
	}
	if own == nil || d.claimed[own] {
		own = reflect.New(elem.t).UnsafePointer()
	}
	d.claimed[own] = true
	d.objects = append(d.objects, object{at: own, s: elem})
	d.value(own, elem)
	return own
}

func (d *decoder) table(at unsafe.Pointer, s *shape) {
	into := reflect.NewAt(s.t, at).Elem()
	switch d.uint() {
	case tagNil:
		into.SetZero()
		return
	case tagOld:
		into.Set(d.old(s))
		return
	}
	n := d.length(1)
	m := reflect.MakeMapWithSize(s.t, n)
	d.objects = append(d.objects, object{v: m, s: s})
	into.Set(m)
	for range n {
		k, v := reflect.New(s.t.Key()), reflect.New(s.t.Elem())
		d.value(k.UnsafePointer(), s.key)
		d.value(v.UnsafePointer(), s.elem)
		m.SetMapIndex(k.Elem(), v.Elem())
	}
}

func (d *decoder) face(at unsafe.Pointer, s *shape) {
	into := reflect.NewAt(s.t, at).Elem()
	n := d.uint()
	if n == 0 {
		into.SetZero()
		return
	}
	var own *shape
	if !into.IsNil() {
		own = shapeOf(into.Elem().Type())
	}
	dynamic := d.typ(n-1, own)
	same := own == dynamic
	if dynamic.kind == pointer {
		var p unsafe.Pointer
		if same {
			p = into.Elem().UnsafePointer()
		}
		into.Set(reflect.NewAt(dynamic.elem.t, d.pointer(p, dynamic.elem)))
		return
	}
	boxed := reflect.New(dynamic.t)
	if same {
		boxed.Elem().Set(into.Elem())
	}
	d.value(boxed.UnsafePointer(), dynamic)
	into.Set(boxed.Elem())
}
