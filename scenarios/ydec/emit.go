package ydec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// YAML writes the tree as a document in one canonical form: blocks indented by two, short lists of scalars in brackets, quotes only
// where another reader of YAML could take the text for something else.
func (n *Node) YAML() ([]byte, error) {
	if n == nil {
		return nil, fmt.Errorf("ydec: there is no value to write")
	}
	e := emitter{}
	e.block(n, 0)
	if e.err != nil {
		return nil, e.err
	}
	out := bytes.TrimPrefix(e.out.Bytes(), []byte("\n"))
	return append(bytes.TrimPrefix(out, []byte(" ")), '\n'), nil
}

type emitter struct {
	out bytes.Buffer
	err error
}

// block writes a value behind a colon or dash: a scalar on the same line, else on lines of its own at this indent.
func (e *emitter) block(n *Node, indent int) {
	if text, ok := e.line(n); ok {
		e.out.WriteString(" " + text)
		return
	}
	margin := "\n" + strings.Repeat(" ", indent)
	for i, item := range n.Items {
		e.out.WriteString(margin)
		if n.Kind == List {
			e.out.WriteByte('-')
			e.afterDash(item, indent+2)
			continue
		}
		e.key(n.Keys[i].Name, margin)
		e.block(item, indent+2)
	}
}

// afterDash puts the first key of a mapping beside the dash.
func (e *emitter) afterDash(item *Node, indent int) {
	start := e.out.Len()
	e.block(item, indent)
	if lead := "\n" + strings.Repeat(" ", indent); bytes.HasPrefix(e.out.Bytes()[start:], []byte(lead)) {
		rest := append([]byte(" "), e.out.Bytes()[start+len(lead):]...)
		e.out.Truncate(start)
		e.out.Write(rest)
	}
}

// key writes a mapping's key with its colon. YAML takes a key for one only within 1,024 characters, unless a question mark says so.
func (e *emitter) key(name, margin string) {
	const maxPlainKey = 900
	text := e.text(name)
	if len(text) > maxPlainKey {
		e.out.WriteString("? " + text + margin)
		text = ""
	}
	e.out.WriteString(text + ":")
}

// line is a value that fits behind its key: scalars, what is empty, and short lists of scalars.
func (e *emitter) line(n *Node) (string, bool) {
	const maxLine = 80
	switch {
	case n.Kind == Null:
		return "null", true
	case n.Kind == Scalar:
		return e.scalar(n), true
	case len(n.Items) == 0 && n.Kind == List:
		return "[]", true
	case len(n.Items) == 0:
		return "{}", true
	case n.Kind == Mapping:
		return "", false
	}
	parts, size := []string{}, 0
	for _, item := range n.Items {
		if item.Kind != Scalar {
			return "", false
		}
		text := e.scalar(item)
		if size += len(text) + 2; size > maxLine {
			return "", false
		}
		parts = append(parts, text)
	}
	return "[" + strings.Join(parts, ", ") + "]", true
}

func (e *emitter) scalar(n *Node) string {
	if n.IsText() && n.Quoted {
		return e.text(n.Text)
	}
	if plainSafe(n.Text) && !isNull(n.Text) {
		return n.Text
	}
	return e.quoted(n.Text)
}

// text writes what is text, in quotes where some reader of YAML 1.1 or 1.2 would see a bool, number, date or nothing in it.
func (e *emitter) text(s string) string {
	if s != "" && plainSafe(s) && (isLetter(s[0]) || s[0] == '/') {
		switch strings.ToLower(s) {
		case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		default:
			return s
		}
	}
	return e.quoted(s)
}

func (e *emitter) quoted(s string) string {
	if !utf8.ValidString(s) && e.err == nil {
		e.err = fmt.Errorf("ydec: the text %q is not UTF-8", s)
	}
	return `"` + escape(s, `"\`) + `"`
}

// plainSafe holds for texts that need no quotes as far as their characters go.
func plainSafe(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case isLetter(c), c >= '0' && c <= '9', c == '_', c == '/', c == '.', c == '+':
		case c == '-':
			if i == 0 && (len(s) == 1 || s[1] == '-' || s[1] == ' ') {
				return false
			}
		case c == ' ':
			if i == 0 || i == len(s)-1 || s[i-1] == ' ' {
				return false
			}
		case c == ':', c == '%', c == '@', c == '=':
			if i == 0 || i == len(s)-1 || c == ':' && s[i+1] == ' ' {
				return false
			}
		default:
			return false
		}
	}
	return s != "" && !strings.HasPrefix(s, "...")
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
