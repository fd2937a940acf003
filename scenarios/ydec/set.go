package ydec

import (
	"fmt"
	"strings"
)

// Set changes the tree at a path, before it is decoded into target, which says what paths are legal. Items of lists are given by
// name or index. Keys of structs that are absent are made on the way; names that the user chooses (keys of a Map, items of
// a list) must be there, except that the last step may add a key to a Map. A key of a group of which only one may be there
// replaces the others. The diagnostics say what names there are.
func (d *Doc) Set(target any, a Assignment) Diagnostics {
	shape := mustShape(target)
	origin := strings.TrimSpace(a.Origin + " " + a.Path + "=" + a.Value)
	set := setter{pos: Pos{File: cut(origin)}, path: a.Path}
	if d.root == nil {
		return Diagnostics{set.fail("there is no document to change")}
	}
	steps, err := splitPath(a.Path)
	if err != nil {
		return Diagnostics{set.fail("the path cannot be read: %s", err).
			Want(`expected a path such as cluster.pools.train.nodes or cluster.pools[0].nodes; quote names that hold dots`)}
	}
	value, diag := valueNode(a.Value, set.pos, Limits{}.orDefault())
	if diag != nil {
		diag.Path = a.Path
		return Diagnostics{diag}
	}
	set.value = value
	root := d.root.Clone() // a path that fails half-way changes nothing
	if diag := set.at(&root, shape, steps, nil); diag != nil {
		return Diagnostics{diag}
	}
	d.root, d.shape = root, shape
	return nil
}

// valueNode reads a value given on a command line. Only what begins with a bracket or a quote is YAML: in all else a # or a colon
// is part of the text.
func valueNode(text string, pos Pos, limits Limits) (*Node, *Diagnostic) {
	text = strings.TrimSpace(text)
	if text == "" {
		return &Node{Kind: Scalar, Quoted: true, Pos: pos}, nil
	}
	if strings.ContainsRune("[{\"'", rune(text[0])) {
		n, diags := parse(pos.File, []byte(text), limits)
		if len(diags) > 0 {
			d := diags[0]
			d.Pos = pos
			return nil, d
		}
		n.move(pos)
		return n, nil
	}
	if len(text) > limits.Bytes {
		return nil, &Diagnostic{Pos: pos, Problem: "the value is too large"}
	}
	if bad := badCharacter(pos.File, []byte(text)); bad != nil {
		bad.Pos = pos
		return nil, bad
	}
	if isNull(text) {
		return &Node{Kind: Null, Pos: pos}, nil
	}
	return &Node{Kind: Scalar, Text: text, Pos: pos}, nil
}

func (n *Node) move(pos Pos) {
	n.Pos = pos
	for i := range n.Keys {
		n.Keys[i].Pos = pos
	}
	for _, item := range n.Items {
		item.move(pos)
	}
}

// setter walks tree and shape together along a path.
type setter struct {
	pos   Pos
	path  string
	value *Node
}

func (t *setter) fail(format string, args ...any) *Diagnostic {
	return &Diagnostic{Pos: t.pos, Path: t.path, Problem: fmt.Sprintf(format, args...)}
}

// at sets the value below *n, which may be replaced; here is the path so far.
func (t *setter) at(n **Node, s *Shape, steps []step, here *trail) *Diagnostic {
	if len(steps) == 0 {
		*n = t.value
		return nil
	}
	st := steps[0]
	if s.Kind == Union {
		s = t.alternative(*n, s, st)
	}
	switch s.Kind {
	case Struct:
		return t.structure(n, s, steps, here)
	case ListOf:
		return t.list(n, s, steps, here)
	case MapOf:
		return t.mapping(n, s, steps, here)
	case Free:
		return t.free(n, s, steps, here)
	}
	return t.fail("%s holds a single value: nothing stands below it", nameOf(here)).
		Want("expected %s", s.What).Do("end the path at %s", nameOf(here))
}

func nameOf(here *trail) string {
	if here == nil {
		return "the document"
	}
	return here.String()
}

// alternative is the form of a union that a step goes into: the one that is written, if it has anything below, else the one that
// the step looks like.
func (t *setter) alternative(n *Node, s *Shape, st step) *Shape {
	if n.Kind == List || n.Kind == Mapping {
		if f := s.alternative(n.Kind); f != nil {
			return f.Shape
		}
	}
	form := Mapping
	if st.index >= 0 {
		form = List
	}
	if f := s.alternative(form); f != nil {
		return f.Shape
	}
	return s
}

func (t *setter) structure(n **Node, s *Shape, steps []step, here *trail) *Diagnostic {
	st := steps[0]
	f := s.field(st.name)
	if st.index >= 0 || f == nil {
		return t.unknown("key", "keys", st, s.fieldNames(), here)
	}
	switch {
	case (*n).Kind == Scalar && s.Short != "":
		*n = &Node{Kind: Mapping, Pos: (*n).Pos, Keys: []Key{{s.Short, (*n).Pos}}, Items: []*Node{*n}}
	case (*n).Kind != Mapping:
		*n = &Node{Kind: Mapping, Pos: t.pos}
	}
	child := (*n).Get(st.name)
	if child == nil {
		child = &Node{Kind: Null, Pos: t.pos}
		if f.Shape.Kind == ListOf && len(steps) > 1 {
			child = &Node{Kind: List, Pos: t.pos}
		}
	}
	inner := f.Shape
	if f.One && child.Kind != List && len(steps) > 1 {
		child = &Node{Kind: List, Pos: child.Pos, Items: []*Node{child}}
	}
	if diag := t.at(&child, inner, steps[1:], here.key(st.name)); diag != nil {
		return diag
	}
	for _, g := range s.Fields {
		if g != f && (f.ExactlyOne != "" && g.ExactlyOne == f.ExactlyOne || f.AtMostOne != "" && g.AtMostOne == f.AtMostOne) {
			(*n).remove(g.Name)
		}
	}
	(*n).put(st.name, t.pos, child)
	return nil
}

func (t *setter) list(n **Node, s *Shape, steps []step, here *trail) *Diagnostic {
	st := steps[0]
	if (*n).Kind != List {
		*n = &Node{Kind: List, Pos: t.pos}
	}
	i := findItem(*n, s.Elem, st)
	if i >= 0 {
		return t.at(&(*n).Items[i], s.Elem, steps[1:], here.plus(st))
	}
	if st.index >= 0 {
		return t.fail("%s has no item [%d]", nameOf(here), st.index).Want("found a list of %d; indexes begin at 0", len((*n).Items))
	}
	var names []string
	for _, item := range (*n).Items {
		if name := itemName(item, s.Elem); name != nil && name.Kind == Scalar {
			names = append(names, name.Text)
		}
	}
	d := t.unknown("item", "items", st, names, here)
	if len(names) == 0 && len((*n).Items) > 0 {
		d.Want("found a list of %d without names", len((*n).Items)).Do("write an index: %s", here.item(0))
	}
	return d
}

func (t *setter) mapping(n **Node, s *Shape, steps []step, here *trail) *Diagnostic {
	st := steps[0]
	if (*n).Kind != Mapping {
		*n = &Node{Kind: Mapping, Pos: t.pos}
	}
	i := (*n).find(st.name)
	if st.index >= 0 || i < 0 && len(steps) > 1 {
		d := t.unknown("name", "names", st, (*n).names(), here)
		if st.index < 0 {
			d.Do("to add it, set it as a whole: %s={...}", here.key(st.name))
		}
		return d
	}
	if i < 0 {
		(*n).put(st.name, t.pos, t.value)
		return nil
	}
	return t.at(&(*n).Items[i], s.Elem, steps[1:], here.plus(st))
}

// free goes into a value without a shape: keys are made as needed, items of lists must be there.
func (t *setter) free(n **Node, s *Shape, steps []step, here *trail) *Diagnostic {
	st := steps[0]
	if (*n).Kind == List {
		if i := findItem(*n, nil, st); i >= 0 {
			return t.at(&(*n).Items[i], s, steps[1:], here.plus(st))
		}
	}
	if st.index >= 0 || (*n).Kind == List {
		return t.fail("%s has no item %s", nameOf(here), (*trail)(nil).plus(st)).Want("found %s", glance(*n))
	}
	if (*n).Kind != Mapping {
		*n = &Node{Kind: Mapping, Pos: t.pos}
	}
	child := (*n).Get(st.name)
	if child == nil {
		child = &Node{Kind: Null, Pos: t.pos}
	}
	if diag := t.at(&child, s, steps[1:], here.key(st.name)); diag != nil {
		return diag
	}
	(*n).put(st.name, t.pos, child)
	return nil
}

func (t *setter) unknown(one, many string, st step, names []string, here *trail) *Diagnostic {
	if st.index >= 0 {
		return t.fail("%s is no list: [%d] does not belong behind it", nameOf(here), st.index).
			Known(many+" here", "", names)
	}
	return t.fail("%s has no %s %s", nameOf(here), one, quote(st.name)).Known(many+" here", st.name, names)
}
