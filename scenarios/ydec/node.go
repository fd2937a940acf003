package ydec

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Kind is the form of a node.
type Kind uint8

// The forms. Null is a key or dash with nothing behind it, or the word null or ~.
const (
	Null Kind = iota
	Scalar
	List
	Mapping
)

// Node is a value as it was written: what the values of a free-form key (params) are kept in. The order of keys is the
// order of the file. A *Node field takes any value.
type Node struct {
	Kind   Kind
	Text   string  // a scalar's text, quotes and folding removed
	Quoted bool    // the scalar was in quotes or a block, so it is text whatever it looks like
	Pos    Pos     // where the value begins
	Keys   []Key   // a mapping's keys
	Items  []*Node // a list's items, or a mapping's values beside Keys

	refused bool // it was reported when it was parsed; nothing more is to be said about it
}

// Key is a mapping's key and where it stands.
type Key struct {
	Name string
	Pos  Pos
}

// Get is the value of a mapping's key, or nil.
func (n *Node) Get(name string) *Node {
	if i := n.find(name); i >= 0 {
		return n.Items[i]
	}
	return nil
}

func (n *Node) find(name string) int {
	if n == nil || n.Kind != Mapping {
		return -1
	}
	for i := range n.Keys {
		if n.Keys[i].Name == name {
			return i
		}
	}
	return -1
}

// names are a mapping's keys, without places.
func (n *Node) names() []string {
	out := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		out[i] = k.Name
	}
	return out
}

// put sets a mapping's key, at the end where it is new.
func (n *Node) put(name string, pos Pos, value *Node) {
	if i := n.find(name); i >= 0 {
		n.Items[i] = value
		return
	}
	n.Keys = append(n.Keys, Key{name, pos})
	n.Items = append(n.Items, value)
}

func (n *Node) remove(name string) {
	if i := n.find(name); i >= 0 {
		n.Keys = append(n.Keys[:i:i], n.Keys[i+1:]...)
		n.Items = append(n.Items[:i:i], n.Items[i+1:]...)
	}
}

// Clone is a copy that shares nothing with n.
func (n *Node) Clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Keys = append([]Key(nil), n.Keys...)
	c.Items = nil
	for _, item := range n.Items {
		c.Items = append(c.Items, item.Clone())
	}
	return &c
}

// IsText reports whether a scalar is text, rather than a bool or a number.
func (n *Node) IsText() bool {
	return n.Kind == Scalar && (n.Quoted || !isBool(n.Text) && !isNumber(n.Text))
}

// Equal reports whether two trees mean the same: places and the kind of quotes do not count, the order of keys does.
func (n *Node) Equal(m *Node) bool {
	if n == nil || m == nil {
		return n == m
	}
	if n.Kind != m.Kind || n.Text != m.Text || n.IsText() != m.IsText() ||
		len(n.Keys) != len(m.Keys) || len(n.Items) != len(m.Items) {
		return false
	}
	for i := range n.Keys {
		if n.Keys[i].Name != m.Keys[i].Name {
			return false
		}
	}
	for i := range n.Items {
		if !n.Items[i].Equal(m.Items[i]) {
			return false
		}
	}
	return true
}

// MarshalJSON writes the tree as JSON with its keys in order: true, false and decimal numbers as such, all else as strings.
func (n *Node) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := n.writeJSON(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (n *Node) writeJSON(b *bytes.Buffer) error {
	if n == nil || n.Kind == Null {
		b.WriteString("null")
		return nil
	}
	if n.Kind == Scalar {
		if n.IsText() {
			return jsonText(b, n.Text)
		}
		b.WriteString(jsonLiteral(n.Text))
		return nil
	}
	brackets := "[]"
	if n.Kind == Mapping {
		brackets = "{}"
	}
	b.WriteByte(brackets[0])
	for i, item := range n.Items {
		if i > 0 {
			b.WriteByte(',')
		}
		if n.Kind == Mapping {
			if err := jsonText(b, n.Keys[i].Name); err != nil {
				return err
			}
			b.WriteByte(':')
		}
		if err := item.writeJSON(b); err != nil {
			return err
		}
	}
	b.WriteByte(brackets[1])
	return nil
}

func jsonText(b *bytes.Buffer, s string) error {
	text, err := json.Marshal(s)
	b.Write(text)
	return err
}

// jsonLiteral turns +1 and .5, which YAML allows and JSON does not, into 1 and 0.5.
func jsonLiteral(s string) string {
	s = strings.TrimPrefix(s, "+")
	minus := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	if minus {
		s = "-" + s
	}
	return s
}
