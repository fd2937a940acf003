package ydec

import (
	"fmt"
	"reflect"
	"strings"
)

// ofStruct reads the tags of a struct. The shape is entered before its fields are looked at, so that a recursive type meets
// itself.
func (b *shapes) ofStruct(t reflect.Type) (*Shape, error) {
	if s := b.structs[t]; s != nil {
		return s, nil
	}
	s := &Shape{Kind: Struct, What: "a mapping", goType: t}
	b.structs[t] = s
	b.order = append(b.order, s)
	if err := b.addFields(s, t, nil); err != nil {
		return nil, err
	}
	return s, s.describeStruct()
}

func (b *shapes) addFields(s *Shape, t reflect.Type, index []int) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("yaml")
		if tag == "-" || !sf.IsExported() && !tagged {
			continue
		}
		where := fmt.Errorf("type %s: field %s", t, sf.Name)
		if !tagged || !sf.IsExported() {
			return fmt.Errorf(`%w must be exported and have a yaml tag; write yaml:"-" to leave it out`, where)
		}
		at := append(append([]int(nil), index...), i)
		name, options, _ := strings.Cut(tag, ",")
		if options == "inline" && sf.Type.Kind() == reflect.Struct {
			if err := b.addFields(s, sf.Type, at); err != nil {
				return err
			}
			continue
		}
		f := &Field{Name: name, Doc: sf.Tag.Get("doc"), index: at, pointer: sf.Type.Kind() == reflect.Pointer}
		f.Default, f.HasDefault = sf.Tag.Lookup("default")
		if err := f.options(s, options); err != nil {
			return fmt.Errorf("%w: %w", where, err)
		}
		var err error
		f.Shape, err = b.of(sf.Type, tags{sf.Tag.Get("enum"), sf.Tag.Get("min"), sf.Tag.Get("max")})
		if err != nil {
			return fmt.Errorf("%w: %w", where, err)
		}
		if s.Fields = append(s.Fields, f); f.Name != "" && s.field(f.Name) != f {
			return fmt.Errorf("%w: the key %q is taken", where, f.Name)
		}
	}
	return nil
}

func (f *Field) options(s *Shape, options string) error {
	if options == "" {
		return nil
	}
	for _, option := range strings.Split(options, ",") {
		option, group, _ := strings.Cut(option, "=")
		switch option {
		case "required":
			f.Required = true
		case "key":
			s.Key = f.Name
		case "short":
			s.Short = f.Name
		case "one":
			f.One = true
		case "oneof":
			f.ExactlyOne = group
		case "atmost":
			f.AtMostOne = group
		case "scalar":
			f.Form, s.Kind = Scalar, Union
		case "list":
			f.Form, s.Kind = List, Union
		case "map":
			f.Form, s.Kind = Mapping, Union
		default:
			return fmt.Errorf("no option %q", option)
		}
	}
	return nil
}

// describeStruct checks a struct as a whole and, for a union, says its forms in words.
func (s *Shape) describeStruct() error {
	var forms []string
	for _, f := range s.Fields {
		if (f.Form == Null) != (s.Kind == Struct) || (f.Name == "") != (s.Kind == Union) {
			return fmt.Errorf("type %s: either every field is a key or every field a form of a union", s.goType)
		}
		if s.Kind == Union {
			if got := f.Shape.form(); got != f.Form && f.Shape.Kind != Free {
				return fmt.Errorf("type %s: a field does not have the form that its tag says", s.goType)
			}
			if s.alternative(f.Form) != f {
				return fmt.Errorf("type %s: two fields have one form", s.goType)
			}
			forms = append(forms, f.Shape.What)
		}
		if f.One && f.Shape.Kind != ListOf {
			return fmt.Errorf("type %s: key %q: option one is for lists", s.goType, f.Name)
		}
		if f.HasDefault && f.Required {
			return fmt.Errorf("type %s: key %q is required and has a default", s.goType, f.Name)
		}
	}
	if s.Kind == Union {
		s.What = strings.Join(forms, ", or ")
	}
	return nil
}

// checkAll checks what needs all shapes: defaults must be readable, and what stands for an absent mapping must be complete.
func (b *shapes) checkAll() error {
	for _, s := range b.order {
		for _, f := range s.Fields {
			if !f.pointer && !f.Required && f.Shape.Kind == Struct && f.Shape.demands() {
				return fmt.Errorf("type %s: key %q may be absent but has required keys inside: use a pointer", s.goType, f.Name)
			}
			if f.Name == s.Short && s.Kind == Struct && f.Shape.form() != Scalar {
				return fmt.Errorf("type %s: the key %q that a scalar stands for is no scalar", s.goType, f.Name)
			}
			if !f.HasDefault {
				continue
			}
			w := walker{}
			w.decode(f.defaultNode(Pos{}), f, reflect.New(s.goType).Elem().FieldByIndex(f.index), nil)
			if len(w.diags) > 0 {
				return fmt.Errorf("type %s: key %q: default %q: %s", s.goType, f.Name, f.Default, w.diags[0].Problem)
			}
		}
	}
	return nil
}

// demands reports whether a struct without any key would be incomplete.
func (s *Shape) demands() bool {
	for _, f := range s.Fields {
		if f.Required || f.ExactlyOne != "" {
			return true
		}
		if !f.pointer && f.Shape.Kind == Struct && f.Shape.demands() {
			return true
		}
	}
	return false
}

func (f *Field) defaultNode(pos Pos) *Node {
	n, d := valueNode(f.Default, pos, Limits{}.orDefault())
	if d != nil {
		return &Node{Kind: Null, Pos: pos}
	}
	return n
}
