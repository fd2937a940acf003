package ydec

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encode writes a struct as canonical YAML: keys in the order of the fields, one form for each value. Keys that are absent (nil) or
// hold a zero are left out, unless they are required or have a default, which is always written out: a struct that was
// decoded is written with its defaults filled in, and reading the text back gives the same struct.
func Encode(v any) ([]byte, error) {
	n, err := Tree(v)
	if err != nil {
		return nil, err
	}
	return n.YAML()
}

// Tree is what Encode writes, as a tree; its MarshalJSON gives the same as JSON.
func Tree(v any) (*Node, error) {
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer && rv.Type() != nodeType && !rv.IsNil() {
		rv = rv.Elem()
	}
	if !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
		return nil, fmt.Errorf("ydec: there is no value to write")
	}
	// custom types may have their methods on the pointer, which needs a place to point to
	at := reflect.New(rv.Type()).Elem()
	at.Set(rv)
	n, err := tree(at, mustShape(v))
	if err != nil {
		return nil, fmt.Errorf("ydec: %w", err)
	}
	return n, nil
}

func tree(v reflect.Value, s *Shape) (*Node, error) {
	if s.Kind == Free {
		if v.IsNil() {
			return &Node{}, nil
		}
		return v.Interface().(*Node).Clone(), nil
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, fmt.Errorf("an item of a list is missing")
		}
		v = v.Elem()
	}
	switch s.Kind {
	case Struct:
		return structTree(v, s)
	case Union:
		return unionTree(v, s)
	case ListOf, MapOf:
		return itemsTree(v, s)
	}
	return scalarTree(v, s)
}

func structTree(v reflect.Value, s *Shape) (*Node, error) {
	n := &Node{Kind: Mapping}
	for _, f := range s.Fields {
		fv := v.FieldByIndex(f.index)
		if !f.Required && !f.HasDefault && absentValue(fv, f.Shape) || f.nilWithoutText(fv) {
			continue
		}
		child, err := tree(fv, f.Shape)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if !f.pointer && !f.Required && f.Shape.Kind == Struct && child.Kind == Mapping && len(child.Keys) == 0 {
			continue
		}
		n.put(f.Name, Pos{}, child)
	}
	if s.Short != "" && len(n.Keys) == 1 && n.Keys[0].Name == s.Short && n.Items[0].Kind == Scalar {
		return n.Items[0], nil
	}
	return n, nil
}

// nilWithoutText holds for a nil that has no form to be written in.
func (f *Field) nilWithoutText(v reflect.Value) bool { return v.Kind() == reflect.Pointer && v.IsNil() }

// absentValue reports whether a value is what an absent key leaves.
func absentValue(v reflect.Value, s *Shape) bool {
	switch s.Kind {
	case Struct:
		return v.Kind() == reflect.Pointer && v.IsNil() // the keys inside decide for themselves
	case ListOf, MapOf:
		return v.IsNil()
	case Float:
		return v.Kind() != reflect.Pointer && v.Float() == 0 && !math.Signbit(v.Float()) || v.IsZero()
	}
	return v.IsZero()
}

func unionTree(v reflect.Value, s *Shape) (*Node, error) {
	var set *Field
	for _, f := range s.Fields {
		if v.FieldByIndex(f.index).IsZero() {
			continue
		}
		if set != nil {
			return nil, fmt.Errorf("two forms of one value are set")
		}
		set = f
	}
	if set == nil {
		if set = s.alternative(Scalar); set == nil || set.pointer {
			return nil, fmt.Errorf("no form of the value is set")
		}
	}
	return tree(v.FieldByIndex(set.index), set.Shape)
}

func itemsTree(v reflect.Value, s *Shape) (*Node, error) {
	n := &Node{Kind: List}
	if s.Kind == MapOf {
		n.Kind = Mapping
	}
	for i := range v.Len() {
		item := v.Index(i)
		label := strconv.Itoa(i)
		if s.Kind == MapOf {
			label, item = item.Field(0).String(), item.Field(1)
			if label == "" || n.find(label) >= 0 || !utf8.ValidString(label) {
				return nil, fmt.Errorf("the name %q is empty, taken or not UTF-8", label)
			}
			n.Keys = append(n.Keys, Key{Name: label})
		}
		child, err := tree(item, s.Elem)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", label, err)
		}
		n.Items = append(n.Items, child)
	}
	return n, nil
}

func scalarTree(v reflect.Value, s *Shape) (*Node, error) {
	n := &Node{Kind: Scalar}
	switch s.Kind {
	case Text:
		n.Text, n.Quoted = v.String(), true
	case Bool:
		n.Text = strconv.FormatBool(v.Bool())
	case Integer:
		if n.Text = strconv.FormatInt(v.Convert(int64Type).Int(), 10); !s.isSigned {
			n.Text = strconv.FormatUint(v.Uint(), 10)
		}
	case Float:
		text, err := floatText(v.Float(), s.bits)
		if err != nil {
			return nil, err
		}
		n.Text = text
	case Custom:
		text, err := customText(v)
		if err != nil {
			return nil, err
		}
		n.Text, n.Quoted = text, isNull(text)
	}
	if !utf8.ValidString(n.Text) {
		return nil, fmt.Errorf("the text %q is not UTF-8", n.Text)
	}
	return n, nil
}

func customText(v reflect.Value) (string, error) {
	switch value := v.Addr().Interface().(type) {
	case Formatter:
		return value.FormatYAML(), nil
	case encoding.TextMarshaler:
		text, err := value.MarshalText()
		return string(text), err
	}
	return "", fmt.Errorf("type %s has neither FormatYAML nor MarshalText", v.Type())
}

// floatText is the shortest decimal that reads back the same.
func floatText(x float64, bits int) (string, error) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "", fmt.Errorf("%v is no number that can be written", x)
	}
	if a := math.Abs(x); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strings.Replace(strconv.FormatFloat(x, 'e', -1, bits), "e+", "e", 1), nil
	}
	return strconv.FormatFloat(x, 'f', -1, bits), nil
}

var int64Type = reflect.TypeFor[int64]()
