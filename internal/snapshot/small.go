package snapshot

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"sync"
	"unsafe"
)

// item is how a type is written small: integers as varints, every field after the other.
type item struct {
	t     reflect.Type
	kind  reflect.Kind
	elem  *item
	parts []part
}

// part is a field of a struct.
type part struct {
	offset uintptr
	drop   bool
	item   *item
}

var items struct {
	sync.Mutex
	of map[reflect.Type]*item
}

func itemOf(t reflect.Type) *item {
	items.Lock()
	defer items.Unlock()
	if items.of == nil {
		items.of = map[reflect.Type]*item{}
	}
	return makeItem(t)
}

func makeItem(t reflect.Type) *item {
	if it := items.of[t]; it != nil {
		return it
	}
	it := &item{t: t, kind: t.Kind()}
	items.of[t] = it
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Array:
		it.elem = makeItem(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			it.parts = append(it.parts, part{f.Offset, tag(f.Tag.Get("snapshot")) == drop, makeItem(f.Type)})
		}
	}
	return it
}

// Append writes what v points to behind b: a tree of structs, lists, texts and numbers, in few bytes. What two fields share is written
// twice. A type that is none of these is an error.
func Append[T any](b []byte, v *T) ([]byte, error) {
	w := small{b: b}
	w.write(unsafe.Pointer(v), itemOf(reflect.TypeFor[T]()))
	return w.b, w.err
}

type small struct {
	b   []byte
	err error
}

func (w *small) write(at unsafe.Pointer, it *item) {
	switch it.kind {
	case reflect.Bool, reflect.Uint8, reflect.Int8:
		w.b = append(w.b, *(*byte)(at))
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		w.b = binary.AppendVarint(w.b, signed(at, it))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.b = binary.AppendUvarint(w.b, unsigned(at, it))
	case reflect.Float64:
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(*(*float64)(at)))
	case reflect.String:
		s := *(*string)(at)
		w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
	case reflect.Slice:
		h := (*header)(at)
		if h.data == nil {
			w.b = append(w.b, 0)
			return
		}
		w.b = binary.AppendUvarint(w.b, uint64(h.len)+1)
		if it.elem.kind == reflect.Uint8 {
			w.b = append(w.b, unsafe.Slice((*byte)(h.data), h.len)...)
			return
		}
		for i := range h.len {
			w.write(unsafe.Add(h.data, uintptr(i)*it.elem.t.Size()), it.elem)
		}
	case reflect.Array:
		for i := range it.t.Len() {
			w.write(unsafe.Add(at, uintptr(i)*it.elem.t.Size()), it.elem)
		}
	case reflect.Pointer:
		p := *(*unsafe.Pointer)(at)
		if p == nil {
			w.b = append(w.b, 0)
			return
		}
		w.b = append(w.b, 1)
		w.write(p, it.elem)
	case reflect.Struct:
		for i := range it.parts {
			if p := &it.parts[i]; !p.drop {
				w.write(unsafe.Add(at, p.offset), p.item)
			}
		}
	default:
		w.err = fmt.Errorf("snapshot: %s cannot be written small", name(it.t))
	}
}

func signed(at unsafe.Pointer, it *item) int64 {
	switch it.t.Size() {
	case 2:
		return int64(*(*int16)(at))
	case 4:
		return int64(*(*int32)(at))
	}
	return *(*int64)(at)
}

func unsigned(at unsafe.Pointer, it *item) uint64 {
	switch it.t.Size() {
	case 2:
		return uint64(*(*uint16)(at))
	case 4:
		return uint64(*(*uint32)(at))
	}
	return *(*uint64)(at)
}

// Read reads what Append wrote, all of it, into what v points to, which must be zero. Texts and lists are copies.
func Read[T any](b []byte, v *T) (err error) {
	d := &decoder{data: b}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case broken:
			err = fmt.Errorf("snapshot: %w", r.error)
		default:
			panic(r)
		}
	}()
	d.small(unsafe.Pointer(v), itemOf(reflect.TypeFor[T]()))
	if len(d.data) > 0 {
		fail("%d bytes are left", len(d.data))
	}
	return nil
}

func (d *decoder) small(at unsafe.Pointer, it *item) {
	switch it.kind {
	case reflect.Bool:
		*(*bool)(at) = d.take(1)[0] != 0
	case reflect.Uint8, reflect.Int8:
		*(*byte)(at) = d.take(1)[0]
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		v, n := binary.Varint(d.data)
		if n <= 0 {
			fail("it is cut short")
		}
		d.data = d.data[n:]
		d.number(at, it, uint64(v))
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.number(at, it, d.uint())
	case reflect.Float64:
		*(*float64)(at) = math.Float64frombits(binary.LittleEndian.Uint64(d.take(8)))
	case reflect.String:
		*(*string)(at) = string(d.take(d.count(1)))
	case reflect.Slice:
		if n := d.uint(); n > 0 {
			d.smallList(at, it, n-1)
		}
	case reflect.Array:
		for i := range it.t.Len() {
			d.small(unsafe.Add(at, uintptr(i)*it.elem.t.Size()), it.elem)
		}
	case reflect.Pointer:
		if d.take(1)[0] != 0 {
			p := reflect.New(it.elem.t).UnsafePointer()
			*(*unsafe.Pointer)(at) = p
			d.small(p, it.elem)
		}
	case reflect.Struct:
		for i := range it.parts {
			if p := &it.parts[i]; !p.drop {
				d.small(unsafe.Add(at, p.offset), p.item)
			}
		}
	default:
		fail("%s cannot be read", name(it.t))
	}
}

func (d *decoder) number(at unsafe.Pointer, it *item, v uint64) {
	switch it.t.Size() {
	case 2:
		*(*uint16)(at) = uint16(v)
	case 4:
		*(*uint32)(at) = uint32(v)
	default:
		*(*uint64)(at) = v
	}
}

func (d *decoder) smallList(at unsafe.Pointer, it *item, n uint64) {
	if n > uint64(len(d.data)) {
		fail("it is cut short: %d are to follow in %d bytes", n, len(d.data))
	}
	v := reflect.MakeSlice(it.t, int(n), int(n))
	reflect.NewAt(it.t, at).Elem().Set(v)
	data := v.UnsafePointer()
	if it.elem.kind == reflect.Uint8 {
		copy(unsafe.Slice((*byte)(data), n), d.take(int(n)))
		return
	}
	for i := range int(n) {
		d.small(unsafe.Add(data, uintptr(i)*it.elem.t.Size()), it.elem)
	}
}
