package ydec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// walker decodes a tree into Go values along a shape and notes everything that does not fit.
type walker struct {
	diags Diagnostics
}

func (w *walker) fail(pos Pos, at *trail, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Pos: pos, Path: at.String(), Problem: fmt.Sprintf(format, args...)}
	if len(w.diags) < maxRecorded {
		w.diags = append(w.diags, d)
	}
	return d
}

// decode reads the value of a field, where one item may stand for a list.
func (w *walker) decode(n *Node, f *Field, v reflect.Value, at *trail) {
	if f.One && n.Kind != List && n.Kind != Null {
		n = &Node{Kind: List, Pos: n.Pos, Items: []*Node{n}}
	}
	w.value(n, f.Shape, v, at)
}

// value reads one value into v, which keeps its zero where the value does not fit.
func (w *walker) value(n *Node, s *Shape, v reflect.Value, at *trail) {
	if len(w.diags) >= maxRecorded || n.refused {
		return
	}
	if n.Kind == Null {
		w.fail(n.Pos, at, "no value is given").Want("expected %s", s.What).Do("give it a value or remove the key")
		return
	}
	if s.Kind == Free {
		v.Set(reflect.ValueOf(n.Clone()))
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if n.Kind == Scalar && s.Kind == Struct && s.Short != "" {
		n = &Node{Kind: Mapping, Pos: n.Pos, Keys: []Key{{s.Short, n.Pos}}, Items: []*Node{n}}
	}
	if s.Kind == Union {
		w.union(n, s, v, at)
		return
	}
	if n.Kind != s.form() {
		w.wrongForm(n, s, at)
		return
	}
	switch s.Kind {
	case Struct:
		w.structure(n, s, v, at)
	case ListOf:
		w.list(n, s, v, at)
	case MapOf:
		w.mapping(n, s, v, at)
	default:
		w.scalar(n, s, v, at)
	}
}

// wrongForm reports a list where a mapping should be, and the like.
func (w *walker) wrongForm(n *Node, s *Shape, at *trail) {
	is := map[Kind]string{Scalar: "a single value", List: "a list", Mapping: "a mapping"}
	what := s.What
	hint := ""
	switch form := s.form(); {
	case s.Kind == Struct && s.Short != "":
		what = s.field(s.Short).Shape.What + ", or a mapping with the keys " + strings.Join(s.fieldNames(), ", ")
	case s.Kind == Struct:
		what += " with the keys " + cut(strings.Join(s.fieldNames(), ", "))
	case form == List && n.Kind != List:
		hint = "begin each item with a dash, or put the items in [ ]"
	case form == Scalar && n.Kind == List && len(n.Items) == 1:
		hint = "remove the dash or the brackets"
	}
	w.fail(n.Pos, at, "%s does not belong here", is[n.Kind]).Want("found %s; expected %s", glance(n), what).Do("%s", hint)
}

// glance shows a node in a few words.
func glance(n *Node) string {
	switch n.Kind {
	case Scalar:
		return quote(n.Text)
	case List:
		return fmt.Sprintf("a list of %d", len(n.Items))
	case Mapping:
		if len(n.Keys) == 0 {
			return "{}"
		}
		return "the keys " + cut(strings.Join(n.names(), ", "))
	}
	return "nothing"
}

func (w *walker) union(n *Node, s *Shape, v reflect.Value, at *trail) {
	f := s.alternative(n.Kind)
	if f == nil {
		w.wrongForm(n, s, at)
		return
	}
	w.value(n, f.Shape, v.FieldByIndex(f.index), at)
}

func (w *walker) structure(n *Node, s *Shape, v reflect.Value, at *trail) {
	for i, key := range n.Keys {
		f := s.field(key.Name)
		if f == nil {
			w.fail(key.Pos, at, "unknown key %s", quote(key.Name)).Known("keys here", key.Name, s.fieldNames())
			continue
		}
		w.decode(n.Items[i], f, v.FieldByIndex(f.index), at.key(key.Name))
	}
	for _, f := range s.Fields {
		if n.Get(f.Name) != nil {
			continue
		}
		if f.Required {
			d := w.fail(n.Pos, at, "the key %s is missing", quote(f.Name)).Want("expected %s: %s", f.Name, f.Shape.What)
			if f.Doc != "" {
				d.Do("%s: %s", f.Name, f.Doc)
			}
			continue
		}
		w.absent(f, v, n.Pos, at.key(f.Name))
	}
	w.groups(n, s, at)
}

// absent puts the default in the place of an absent key, also inside mappings that are absent as a whole.
func (w *walker) absent(f *Field, v reflect.Value, pos Pos, at *trail) {
	switch {
	case f.HasDefault:
		w.decode(f.defaultNode(pos), f, v.FieldByIndex(f.index), at)
	case f.Shape.Kind == Struct && !f.pointer:
		inner := v.FieldByIndex(f.index)
		for _, g := range f.Shape.Fields {
			w.absent(g, inner, pos, at.key(g.Name))
		}
	}
}

// groups checks the keys of which one, or at most one, may be there.
func (w *walker) groups(n *Node, s *Shape, at *trail) {
	done := map[string]bool{}
	for _, f := range s.Fields {
		for _, exactly := range []bool{true, false} {
			group := f.group(exactly)
			if id := fmt.Sprint(exactly, group); group == "" || done[id] {
				continue
			} else {
				done[id] = true
			}
			var members, present []string
			for _, g := range s.Fields {
				if g.group(exactly) == group {
					members = append(members, g.Name)
				}
			}
			var last Pos
			for _, key := range n.Keys {
				if slices.Contains(members, key.Name) {
					present, last = append(present, key.Name), key.Pos
				}
			}
			switch {
			case len(present) > 1:
				w.fail(last, at, "%s exclude each other", strings.Join(present, " and ")).
					Want("expected one of the keys %s", strings.Join(members, ", ")).Do("keep one of them")
			case len(present) == 0 && exactly:
				w.fail(n.Pos, at, "none of the keys %s is there", strings.Join(members, ", ")).
					Want("found %s; expected one of them", glance(n))
			}
		}
	}
}

func (f *Field) group(exactly bool) string {
	if exactly {
		return f.ExactlyOne
	}
	return f.AtMostOne
}

func (w *walker) list(n *Node, s *Shape, v reflect.Value, at *trail) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items)))
	named := map[string]Pos{}
	for i, item := range n.Items {
		w.value(item, s.Elem, v.Index(i), at.item(i))
		name := itemName(item, s.Elem)
		if name == nil || name.Kind != Scalar {
			continue
		}
		if first, twice := named[name.Text]; twice {
			w.fail(name.Pos, at.item(i), "the %s %s is taken", s.Elem.Key, quote(name.Text)).
				Want("first at line %d; expected a name that no other item of the list has", first.Line)
			continue
		}
		named[name.Text] = name.Pos
	}
}

// itemName is the node that names an item of a list, or nil.
func itemName(item *Node, elem *Shape) *Node {
	if elem == nil || elem.Key == "" {
		return nil
	}
	if item.Kind == Scalar && elem.Short == elem.Key {
		return item
	}
	return item.Get(elem.Key)
}

func (w *walker) mapping(n *Node, s *Shape, v reflect.Value, at *trail) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.Keys), len(n.Keys)))
	for i, key := range n.Keys {
		entry := v.Index(i)
		entry.Field(0).SetString(key.Name)
		w.value(n.Items[i], s.Elem, entry.Field(1), at.key(key.Name))
	}
}
