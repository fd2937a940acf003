package ydec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Limits bounds what a document may cost to read. A zero field means its default.
type Limits struct {
	Bytes  int // size of the text; 1 MiB
	Depth  int // mappings and lists inside one another; 64
	Values int // values, those that aliases repeat included; 200,000
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 1 << 20
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	if l.Values <= 0 {
		l.Values = 200_000
	}
	return l
}

// Parse reads the text of one YAML document into a Doc that can be changed by Set and then decoded. The name of the file is
// only for messages; nothing is opened. Faults of the tree (such as a key that is written twice) leave a Doc that can be decoded
// to find the others; their diagnostics stay with it. Where the text could not be read at all, its Root is nil.
func Parse(file string, data []byte, limits Limits) (*Doc, Diagnostics) {
	d := &Doc{File: file}
	d.root, d.parsed = parse(file, data, limits.orDefault())
	return d, d.Diagnostics()
}

func parse(file string, data []byte, limits Limits) (*Node, Diagnostics) {
	fail := func(line, column int, format string, args ...any) *Diagnostic {
		return &Diagnostic{Pos: Pos{file, line, column}, Problem: fmt.Sprintf(format, args...)}
	}
	if len(data) > limits.Bytes {
		return nil, Diagnostics{fail(1, 1, "the file is too large").
			Want("found %d bytes; expected at most %d", len(data), limits.Bytes)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if d := badCharacter(file, data); d != nil {
		return nil, Diagnostics{d}
	}
	root, second, err := readDocuments(data)
	if err != nil {
		return nil, Diagnostics{syntaxDiagnostic(file, data, err)}
	}
	if second != nil {
		return nil, Diagnostics{fail(max(second.Line, 1), max(second.Column, 1), "a second document begins here").
			Want("expected one document in a file").Do("remove the line --- and what follows, or make it a file of its own")}
	}
	if root == nil {
		return nil, Diagnostics{fail(1, 1, "the file is empty").Want("expected a mapping of keys to values")}
	}
	c := converter{file: file, limits: limits, open: map[*yaml.Node]bool{}}
	n := c.node(root, 1)
	if c.stopped {
		n = nil
	}
	c.diags.Sort()
	return n, c.diags
}

// badCharacter finds the first byte that is no UTF-8 and the first character that no YAML file may hold.
func badCharacter(file string, data []byte) *Diagnostic {
	line, column := 1, 1
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		at := Pos{file, line, column}
		switch {
		case r == utf8.RuneError && n == 1:
			return (&Diagnostic{Pos: at, Problem: "the text is not UTF-8"}).
				Want("found the byte 0x%02x", data[i]).Do("save the file as UTF-8")
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0x7f, r >= 0x80 && r < 0xa0 && r != 0x85, r == 0xfffe, r == 0xffff:
			return (&Diagnostic{Pos: at, Problem: "a control character does not belong here"}).
				Want("found U+%04X", r).Do(`remove it, or write it as an escape in double quotes`)
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		i += n
	}
	return nil
}

// readDocuments reads the first document and looks whether there is a second. A nil root is an empty text. A fault of the
// library is turned into an error: what a file holds may not stop the program.
func readDocuments(data []byte) (root, second *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, second, err = nil, nil, fmt.Errorf("yaml: unknown problem")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var first, next yaml.Node
	if err := dec.Decode(&first); errors.Is(err, io.EOF) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	if first.Kind == yaml.DocumentNode && len(first.Content) == 1 {
		root = first.Content[0]
	}
	if err := dec.Decode(&next); err == nil {
		return root, &next, nil
	} else if !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if root != nil && root.Kind == yaml.ScalarNode && root.Value == "" && root.Style == 0 {
		return nil, nil, nil
	}
	return root, nil, nil
}

// converter copies the library's tree into Nodes. Aliases are copied out, within the limits; what the package refuses of YAML
// is refused here.
type converter struct {
	file    string
	limits  Limits
	values  int
	open    map[*yaml.Node]bool // anchors that are being copied
	stopped bool
	diags   Diagnostics
}

func (c *converter) fail(y *yaml.Node, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Pos: c.pos(y), Problem: fmt.Sprintf(format, args...)}
	if len(c.diags) < maxRecorded {
		c.diags = append(c.diags, d)
	}
	return d
}

func (c *converter) pos(y *yaml.Node) Pos { return Pos{c.file, max(y.Line, 1), max(y.Column, 1)} }

func (c *converter) node(y *yaml.Node, depth int) *Node {
	n := &Node{Pos: c.pos(y)}
	if c.stopped {
		return n
	}
	if c.values++; c.values > c.limits.Values {
		c.stopped = true
		c.fail(y, "the file holds too many values").Want("expected at most %d, those that aliases repeat included", c.limits.Values)
		return n
	}
	if depth > c.limits.Depth {
		c.stopped = true
		c.fail(y, "mappings and lists are too deep inside one another").Want("expected at most %d levels", c.limits.Depth)
		return n
	}
	if y.Kind != yaml.AliasNode && y.Style&yaml.TaggedStyle != 0 {
		c.fail(y, "tags are not read here").Want("found the tag %s", quote(y.Tag)).Do("remove the tag; put text in quotes")
		n.refused = true
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return c.alias(y, depth)
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			n.Items = append(n.Items, c.node(item, depth+1))
		}
	case yaml.MappingNode:
		n.Kind = Mapping
		c.mapping(n, y, depth)
	default:
		n.Text = y.Value
		n.Quoted = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
		n.Kind = Scalar
		if !n.Quoted && isNull(n.Text) {
			n.Kind, n.Text = Null, ""
		}
	}
	return n
}

func (c *converter) alias(y *yaml.Node, depth int) *Node {
	if y.Alias == nil || c.open[y.Alias] {
		c.fail(y, "the alias %s stands inside the value that it repeats", quote("*"+y.Value)).Do("write the value out")
		return &Node{Pos: c.pos(y), refused: true}
	}
	c.open[y.Alias] = true
	n := c.node(y.Alias, depth)
	delete(c.open, y.Alias)
	n.Pos = c.pos(y)
	return n
}

func (c *converter) mapping(n *Node, y *yaml.Node, depth int) {
	seen := make(map[string]Pos, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content) && !c.stopped; i += 2 {
		key, value := y.Content[i], c.node(y.Content[i+1], depth+1)
		name, ok := c.keyName(key)
		if !ok {
			continue
		}
		pos := c.pos(key)
		if first, twice := seen[name]; twice {
			c.fail(key, "the key %s is written twice", quote(name)).
				Want("first at line %d", first.Line).Do("keep one of the two")
			continue
		}
		seen[name] = pos
		n.Keys, n.Items = append(n.Keys, Key{name, pos}), append(n.Items, value)
	}
}

func (c *converter) keyName(key *yaml.Node) (string, bool) {
	k := key
	if k.Kind == yaml.AliasNode && k.Alias != nil {
		k = k.Alias
	}
	quoted := k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	switch {
	case k.Kind != yaml.ScalarNode:
		c.fail(key, "a key must be a name, not a list or a mapping")
	case k.Style&yaml.TaggedStyle != 0:
		c.fail(key, "tags are not read here").Want("found the tag %s", quote(k.Tag)).Do("remove the tag; put text in quotes")
	case k.Value == "<<" && !quoted:
		c.fail(key, "merge keys (<<) are not read here").Do("repeat the keys; an alias (*name) may repeat a whole value")
	case k.Value == "":
		c.fail(key, "a key has no name").Want(`expected "key: value"`)
	default:
		return k.Value, true
	}
	return "", false
}
