package ydec

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// ShapeKind is the form that a value must have.
type ShapeKind uint8

// The forms. Custom is a scalar that its type reads; Free is any value; Union is decided by the form that is written.
const (
	Text ShapeKind = iota
	Bool
	Integer
	Float
	Custom
	Free
	Struct
	ListOf
	MapOf
	Union
)

// Shape is what a place in a document may hold, derived from a Go type and its tags. Shapes of recursive types are cyclic.
type Shape struct {
	Kind   ShapeKind
	What   string   // in words: "a whole number from 1 to 64"
	Fields []*Field // of a Struct, in order; of a Union, its alternatives
	Elem   *Shape   // of ListOf and MapOf
	Enum   []string // of Text and Custom: the only words allowed; nil where any text is
	Min    string   // of Integer and Float: the bounds of the tags, "" for none
	Max    string

	Short string // of a Struct: the key that a lone scalar stands for, or ""
	Key   string // of a Struct: the key that names it as an item of a list, or ""

	goType   reflect.Type
	bits     int
	isSigned bool
	checked  bool
}

// Field is one key of a Struct.
type Field struct {
	Name       string // "" for a Union's alternative
	Doc        string
	Default    string
	HasDefault bool
	Required   bool
	One        bool   // one item may stand for a list of it
	ExactlyOne string // the group of which exactly one key must be there
	AtMostOne  string // the group of which at most one may
	Form       Kind   // of a Union's alternative: Scalar, List or Mapping
	Shape      *Shape

	index   []int
	pointer bool
}

// ShapeOf derives the shape of the type of v, a value or a pointer to one. An error is a mistake in the type.
func ShapeOf(v any) (*Shape, error) {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer && t != nodeType {
		t = t.Elem()
	}
	if t == nil {
		return nil, fmt.Errorf("ydec: no type to derive a shape from")
	}
	b := shapes{structs: map[reflect.Type]*Shape{}}
	s, err := b.of(t, tags{})
	if err == nil {
		err = b.checkAll()
	}
	if err != nil {
		return nil, fmt.Errorf("ydec: %w", err)
	}
	return s, nil
}

// Check reports what is wrong with the type of v as a target of Decode. A test of every target type should call it.
func Check(v any) error {
	_, err := ShapeOf(v)
	return err
}

func mustShape(v any) *Shape {
	s, err := ShapeOf(v)
	if err != nil {
		panic(err.Error())
	}
	return s
}

func (s *Shape) field(name string) *Field {
	for _, f := range s.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (s *Shape) alternative(form Kind) *Field {
	for _, f := range s.Fields {
		if f.Form == form {
			return f
		}
	}
	return nil
}

func (s *Shape) fieldNames() []string {
	out := make([]string, 0, len(s.Fields))
	for _, f := range s.Fields {
		out = append(out, f.Name)
	}
	return out
}

// form is the kind of node that the shape is written as, Null where several are possible.
func (s *Shape) form() Kind {
	switch s.Kind {
	case Free, Union:
		return Null
	case Struct, MapOf:
		return Mapping
	case ListOf:
		return List
	}
	return Scalar
}

var (
	nodeType      = reflect.TypeFor[*Node]()
	scalarType    = reflect.TypeFor[Parser]()
	textType      = reflect.TypeFor[encoding.TextUnmarshaler]()
	orderedType   = reflect.TypeFor[ordered]()
	enumType      = reflect.TypeFor[Enumerated]()
	describerType = reflect.TypeFor[Describer]()
)

// tags are those of a field that bear on its scalars.
type tags struct{ enum, min, max string }

// shapes derives shapes; each struct type once, so that recursive types end.
type shapes struct {
	structs map[reflect.Type]*Shape
	order   []*Shape
}

func (b *shapes) of(t reflect.Type, tag tags) (*Shape, error) {
	if t == nodeType {
		return &Shape{Kind: Free, What: "any value", goType: t}, nil
	}
	if t.Kind() == reflect.Pointer {
		if t = t.Elem(); t.Kind() == reflect.Pointer {
			return nil, fmt.Errorf("type %s: a pointer to a pointer cannot be read", t)
		}
	}
	p := reflect.PointerTo(t)
	switch {
	case p.Implements(scalarType) || p.Implements(textType):
		return customShape(t, tag), nil
	case t.Implements(orderedType):
		entry := t.Elem()
		elem, err := b.of(entry.Field(1).Type, tag)
		return &Shape{Kind: MapOf, What: "a mapping of names to values", Elem: elem, goType: t}, err
	}
	switch t.Kind() {
	case reflect.Struct:
		return b.ofStruct(t)
	case reflect.Slice:
		elem, err := b.of(t.Elem(), tag)
		return &Shape{Kind: ListOf, What: "a list", Elem: elem, goType: t}, err
	}
	return plainShape(t, tag)
}

func customShape(t reflect.Type, tag tags) *Shape {
	s := &Shape{Kind: Custom, What: "a text of the right form", goType: t}
	zero := reflect.New(t)
	if reflect.PointerTo(t).Implements(enumType) {
		s.Enum = zero.Interface().(Enumerated).EnumYAML()
	}
	if tag.enum != "" {
		s.Enum = strings.Split(tag.enum, "|")
	}
	if len(s.Enum) > 0 {
		s.What = "one of " + strings.Join(s.Enum, ", ")
	}
	if t == reflect.TypeFor[time.Time]() {
		s.What = "an instant such as 2026-01-01T00:00:00Z"
	}
	if reflect.PointerTo(t).Implements(describerType) {
		s.What = zero.Interface().(Describer).DescribeYAML()
	}
	return s
}

func plainShape(t reflect.Type, tag tags) (*Shape, error) {
	s := &Shape{goType: t, Min: tag.min, Max: tag.max}
	switch t.Kind() {
	case reflect.Bool:
		s.Kind, s.What = Bool, "true or false"
	case reflect.String:
		s = customShape(t, tag)
		if s.Kind = Text; len(s.Enum) == 0 && !reflect.PointerTo(t).Implements(describerType) {
			s.What = "text"
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.Kind, s.bits, s.isSigned = Integer, t.Bits(), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.Kind, s.bits = Integer, t.Bits()
	case reflect.Float32, reflect.Float64:
		s.Kind, s.bits = Float, t.Bits()
	case reflect.Map:
		return nil, fmt.Errorf("type %s: a Go map loses the order of the file; use ydec.Map", t)
	default:
		return nil, fmt.Errorf("type %s cannot be read from YAML", t)
	}
	return s, s.describeNumber()
}

// describeNumber says the bounds in words and checks that the tags' bounds are numbers of the type.
func (s *Shape) describeNumber() error {
	if s.Kind != Integer && s.Kind != Float {
		if s.Min+s.Max != "" {
			return fmt.Errorf("type %s: min and max are for numbers", s.goType)
		}
		return nil
	}
	what, lo, hi := "a number", s.Min, s.Max
	if s.Kind == Integer {
		what = "a whole number"
		if lo == "" && !s.isSigned {
			lo = "0"
		}
		if s.bits < 64 {
			if lo == "" {
				lo = strconv.FormatInt(-1<<(s.bits-1), 10)
			}
			if hi == "" && s.isSigned {
				hi = strconv.FormatInt(1<<(s.bits-1)-1, 10)
			} else if hi == "" {
				hi = strconv.FormatUint(1<<s.bits-1, 10)
			}
		}
	}
	for _, bound := range []string{s.Min, s.Max} {
		if bound != "" && (!isNumber(bound) || s.Kind == Integer && !isInt(bound)) {
			return fmt.Errorf("type %s: the bound %q is not %s", s.goType, bound, what)
		}
	}
	switch {
	case lo != "" && hi != "":
		what += " from " + lo + " to " + hi
	case lo != "":
		what += " of at least " + lo
	case hi != "":
		what += " of at most " + hi
	}
	s.What = what
	return nil
}

// Signed reports whether an Integer may be negative.
func (s *Shape) Signed() bool { return s.isSigned }
