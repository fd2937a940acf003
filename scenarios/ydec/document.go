package ydec

import (
	"fmt"
	"reflect"
)

// Doc is one document: its tree, which Set changes and Decode reads, and what was found to be wrong with it.
type Doc struct {
	File   string
	root   *Node
	shape  *Shape      // of the last target, to address items of lists by name
	parsed Diagnostics // faults of the tree
	diags  Diagnostics // faults found since
}

// Assignment sets one path of a document before it is decoded.
type Assignment struct {
	Path   string
	Value  string // a YAML scalar as it would stand behind its key, or a flow value ([...], {...}) or a text in quotes
	Origin string // who says so, for messages, such as "--set"
}

// Options of Decode. The zero value is fine.
type Options struct {
	Limits Limits
	Set    []Assignment // applied in order
}

// Decode reads the text of one document into the struct that into points to, after applying the assignments. All that is wrong
// is returned at once, in the order of the file; then into is filled only as far as it could be read. The Doc is never nil.
func Decode(file string, data []byte, into any, opts Options) (*Doc, Diagnostics) {
	d, diags := Parse(file, data, opts.Limits)
	if d.root == nil {
		return d, diags
	}
	diags = nil
	for _, a := range opts.Set {
		diags = append(diags, d.Set(into, a)...)
	}
	if len(diags) > 0 {
		d.diags = diags
		return d, d.Diagnostics()
	}
	return d, d.Decode(into)
}

// Decode reads the tree into the struct that into points to. It may be called again, after Set or for another target; each call
// begins a new list of diagnostics, with those of Parse.
func (d *Doc) Decode(into any) Diagnostics {
	d.shape = mustShape(into)
	d.diags = nil
	if d.root == nil {
		return d.Diagnostics()
	}
	d.diags = decodeTree(d.root, d.shape, into, nil)
	return d.Diagnostics()
}

// DecodeAt reads the value at a path strictly into a target of its own, such as the params of a part into that part's struct.
// Where nothing stands at the path, the target gets its defaults. Paths in the diagnostics are those of the whole document.
// They are returned and not recorded; Report records them.
func (d *Doc) DecodeAt(path string, into any) Diagnostics {
	steps, err := splitPath(path)
	if err != nil {
		return Diagnostics{{Pos: d.At(""), Path: path, Problem: err.Error()}}
	}
	var at *trail
	for _, s := range steps {
		at = &trail{at, s}
	}
	n, ok := d.Find(path)
	if !ok {
		n = &Node{Kind: Mapping, Pos: d.At(path)}
	}
	diags := decodeTree(n, mustShape(into), into, at)
	diags.Sort()
	return diags
}

func decodeTree(n *Node, s *Shape, into any, at *trail) Diagnostics {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic("ydec: the target must be a pointer to a struct")
	}
	v.Elem().SetZero()
	w := walker{}
	w.value(n, s, v.Elem(), at)
	return w.diags
}

// Clone is a copy of the tree that can be changed and decoded by itself; what Decode and Errorf found stays behind.
func (d *Doc) Clone() *Doc {
	return &Doc{File: d.File, root: d.root.Clone(), shape: d.shape, parsed: d.parsed}
}

// Root is the tree, nil where the text could not be read. It belongs to the Doc.
func (d *Doc) Root() *Node { return d.root }

// Errorf records a finding at a path and returns it, so that Want, Known and Do can complete it. A path that is not in the
// file (an absent key) is placed at what of it is there.
func (d *Doc) Errorf(path, format string, args ...any) *Diagnostic {
	diag := &Diagnostic{Pos: d.At(path), Path: path, Problem: fmt.Sprintf(format, args...)}
	d.Report(Diagnostics{diag})
	return diag
}

// Report records findings made elsewhere.
func (d *Doc) Report(ds Diagnostics) {
	d.diags = append(d.diags, ds[:min(len(ds), max(0, maxRecorded-len(d.diags)))]...)
}

// Diagnostics is all that was recorded so far, sorted. The list is a copy; the entries are shared.
func (d *Doc) Diagnostics() Diagnostics {
	ds := append(append(Diagnostics(nil), d.parsed...), d.diags...)
	ds.Sort()
	return ds
}

// Err is Diagnostics as an error, nil where nothing is wrong.
func (d *Doc) Err() error { return d.Diagnostics().Err() }

// Find is the node at a path; items of lists may be given by name or index.
func (d *Doc) Find(path string) (*Node, bool) {
	n, _, whole := d.resolve(path)
	return n, whole
}

// At is where the value at a path begins, or the nearest value around it that is there. The empty path is the whole document.
func (d *Doc) At(path string) Pos {
	n, _, _ := d.resolve(path)
	if n == nil {
		return Pos{d.File, 1, 1}
	}
	return n.Pos
}

// KeyAt is where the key of a path stands; of an item of a list, the item. Where it is absent, it is At.
func (d *Doc) KeyAt(path string) Pos {
	n, key, whole := d.resolve(path)
	if whole && key.Line > 0 {
		return key
	}
	if n == nil {
		return Pos{d.File, 1, 1}
	}
	return n.Pos
}

// resolve follows a path as far as it goes. key is the place of the last step's key, if it was one; whole tells that the path was
// followed to its end.
func (d *Doc) resolve(path string) (n *Node, key Pos, whole bool) {
	n = d.root
	if path == "" {
		return n, Pos{}, n != nil
	}
	steps, err := splitPath(path)
	if err != nil || n == nil {
		return n, Pos{}, false
	}
	s := d.shape
	for _, step := range steps {
		next, inner, at := descend(n, s, step)
		if next == nil {
			return n, Pos{}, false
		}
		n, s, key = next, inner, at
	}
	return n, key, true
}

// descend is one step down the tree and, as far as it is known, the shape. A nil node: not there.
func descend(n *Node, s *Shape, st step) (*Node, *Shape, Pos) {
	if s != nil && s.Kind == Union {
		if f := s.alternative(n.Kind); f != nil {
			s = f.Shape
		}
	}
	var elem *Shape
	if s != nil {
		elem = s.Elem
	}
	if n.Kind == List {
		i := findItem(n, elem, st)
		if i < 0 {
			return nil, nil, Pos{}
		}
		return n.Items[i], elem, Pos{}
	}
	if s != nil && s.Kind == ListOf && (st.index == 0 || st.index < 0 && itemNamed(n, elem, st.name)) {
		return n, elem, Pos{} // one item that stands for a list
	}
	if st.index >= 0 {
		return nil, nil, Pos{}
	}
	var inner *Shape
	if s != nil {
		if f := s.field(st.name); f != nil {
			inner = f.Shape
		} else if s.Kind == MapOf {
			inner = elem
		}
		if n.Kind == Scalar && s.Kind == Struct && s.Short == st.name {
			return n, inner, Pos{}
		}
	}
	if i := n.find(st.name); i >= 0 {
		return n.Items[i], inner, n.Keys[i].Pos
	}
	return nil, nil, Pos{}
}

// findItem is the index of the item of a list that a step addresses, or -1.
func findItem(n *Node, elem *Shape, st step) int {
	if st.index >= 0 {
		if st.index < len(n.Items) {
			return st.index
		}
		return -1
	}
	for i, item := range n.Items {
		if itemNamed(item, elem, st.name) {
			return i
		}
	}
	return -1
}

// itemNamed compares the name of a list's item; where no shape says which key names it, the key is "name".
func itemNamed(item *Node, elem *Shape, name string) bool {
	named := item.Get("name")
	if elem != nil {
		named = itemName(item, elem)
	}
	return named != nil && named.Kind == Scalar && named.Text == name
}
