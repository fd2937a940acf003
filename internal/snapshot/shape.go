package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Foreign is a type with state that its fields do not hold: memory of a guest, a place in a file. Both are called on pointers; LoadForeign
// when everything else has been read.
type Foreign interface {
	SaveForeign() ([]byte, error)
	LoadForeign([]byte) error
}

var foreignType = reflect.TypeFor[Foreign]()

// ours is where the types come from whose fields may be walked.
const ours = "github.com/orrery-sim/orrery/"

type kind uint8

const (
	plain    kind = iota // no pointers: its bytes as they lie
	text                 // a string
	list                 // a slice
	array                //
	record               // a struct
	pointer              //
	table                // a map
	face                 // an interface
	function             //
	refused              // it cannot be written
)

// shape is how a type is written.
type shape struct {
	t       reflect.Type
	kind    kind
	size    uintptr
	elem    *shape // of list, array, pointer, table
	key     *shape // of table
	fields  []field
	foreign bool
	why     string // it is refused
	once    sync.Once
	layout  uint64
}

// field is a field of a record, or several plain ones that lie together.
type field struct {
	name   string
	offset uintptr
	size   uintptr // of plain ones
	tag    tag
	shape  *shape // nil: plain ones
}

// tag is what a field says of itself.
type tag string

const (
	written tag = ""
	keep    tag = "keep"
	drop    tag = "drop"
	foreign tag = "foreign"
)

// shapes has the shape of each type that was met: they never change.
var shapes struct {
	sync.Mutex
	of map[reflect.Type]*shape
}

func shapeOf(t reflect.Type) *shape {
	shapes.Lock()
	defer shapes.Unlock()
	if shapes.of == nil {
		shapes.of = map[reflect.Type]*shape{}
	}
	return build(t)
}

// build makes a shape with those of all types that it names.
func build(t reflect.Type) *shape {
	if s := shapes.of[t]; s != nil {
		return s
	}
	s := &shape{t: t, size: t.Size()}
	shapes.of[t] = s
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
	case reflect.String:
		s.kind = text
	case reflect.Slice:
		s.kind = list // first of all: what it is made of may name it
		s.elem = build(t.Elem())
	case reflect.Pointer:
		s.kind = pointer
		s.elem = build(t.Elem())
	case reflect.Map:
		s.kind = table
		s.key, s.elem = build(t.Key()), build(t.Elem())
	case reflect.Interface:
		s.kind = face
	case reflect.Func:
		s.kind = function
	case reflect.Array:
		s.kind = array
		if s.elem = build(t.Elem()); s.elem.kind == plain || t.Len() == 0 {
			s.kind = plain
		}
	case reflect.Struct:
		s.walk()
	default:
		s.kind, s.why = refused, "is a "+t.Kind().String()
	}
	return s
}

// walk takes the fields of a struct in.
func (s *shape) walk() {
	s.kind = record // while its fields are looked at: one of them may name it
	s.foreign = reflect.PointerTo(s.t).Implements(foreignType)
	all := true
	for i := range s.t.NumField() {
		f := s.t.Field(i)
		sub := build(f.Type)
		tag := tag(f.Tag.Get("snapshot"))
		if tag != written && tag != keep && tag != drop && !(tag == foreign && s.foreign) {
			panic(fmt.Sprintf("snapshot: field %s of %s has the tag %q (there are keep, drop, and foreign in a Foreign)", f.Name, name(s.t), tag))
		}
		if sub.kind != plain || tag != written {
			s.fields = append(s.fields, field{f.Name, f.Offset, 0, tag, sub})
			all = false
			continue
		}
		if n := len(s.fields); n > 0 && s.fields[n-1].shape == nil {
			last := &s.fields[n-1]
			last.size = f.Offset + f.Type.Size() - last.offset
			continue
		}
		s.fields = append(s.fields, field{f.Name, f.Offset, f.Type.Size(), written, nil})
	}
	if all && !s.foreign {
		s.kind = plain
	} else if pkg := s.t.PkgPath(); pkg != "" && !strings.HasPrefix(pkg+"/", ours) {
		s.kind, s.why = refused, "is a type of package "+pkg+" that holds pointers"
	}
}

// name is a type's, with its package.
func name(t reflect.Type) string {
	if t.Name() == "" || t.PkgPath() == "" {
		return t.String()
	}
	return t.PkgPath() + "." + t.Name()
}

// fingerprint stands for the layout of a type and of all that it names.
func (s *shape) fingerprint() uint64 {
	s.once.Do(func() {
		var b strings.Builder
		s.describe(&b, map[*shape]bool{})
		sum := sha256.Sum256([]byte(b.String()))
		s.layout = binary.LittleEndian.Uint64(sum[:])
	})
	return s.layout
}

func (s *shape) describe(b *strings.Builder, seen map[*shape]bool) {
	fmt.Fprintf(b, "%s %v %d", name(s.t), s.t.Kind(), s.size)
	if seen[s] {
		return
	}
	seen[s] = true
	if s.kind == plain && s.t.Kind() == reflect.Struct { // nobody but its fields says what the bytes are
		for i := range s.t.NumField() {
			f := s.t.Field(i)
			fmt.Fprintf(b, "; %s %d %s %d", f.Name, f.Offset, name(f.Type), f.Type.Size())
		}
	}
	for i := range s.fields {
		f := &s.fields[i]
		fmt.Fprintf(b, "; %s %d %d %s ", f.name, f.offset, f.size, f.tag)
		if f.shape == nil {
			for k := range s.t.NumField() {
				if g := s.t.Field(k); g.Offset >= f.offset && g.Offset < f.offset+f.size {
					fmt.Fprintf(b, ", %s %d %s", g.Name, g.Offset, name(g.Type))
				}
			}
		} else if f.tag == written {
			f.shape.describe(b, seen)
		}
	}
	for _, sub := range []*shape{s.key, s.elem} {
		if sub != nil {
			b.WriteString(" of ")
			sub.describe(b, seen)
		}
	}
}
