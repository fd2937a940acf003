package ydec

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// step is one part of a path: a name (of a key or of a list's item) or, where index >= 0, an index.
type step struct {
	name  string
	index int
}

// Join writes a path from names (string) and indexes (int), quoting names that need it: Join("pools", 0, "a.b") is
// pools[0]."a.b". An argument that is itself a path goes in by Below.
func Join(parts ...any) string {
	path := ""
	for _, part := range parts {
		switch v := part.(type) {
		case string:
			path = Below(path, v)
		case int:
			path += "[" + strconv.Itoa(v) + "]"
		default:
			panic(fmt.Sprintf("ydec.Join: %T is neither a name nor an index", part))
		}
	}
	return path
}

// Below is the path of a key or a named item under path.
func Below(path, name string) string {
	if !bareName(name) {
		name = `"` + escape(name, `"\`) + `"`
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// bareName reports whether a name stands in a path without quotes.
func bareName(name string) bool {
	for _, r := range name {
		if !unicode.IsPrint(r) || strings.ContainsRune(`.[]"'= `, r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return name != ""
}

// maxSteps bounds a path as Limits.Depth bounds a document.
const maxSteps = 64

// splitPath reads the one path syntax: names with dots between them, [n] for an index, names in double or single quotes where
// they hold dots, brackets, quotes, blanks or "="; a.["b.c"] may also be written a["b.c"].
func splitPath(path string) ([]step, error) {
	var steps []step
	rest := path
	for first := true; rest != ""; first = false {
		bracket := rest[0] == '['
		if !first && !bracket {
			if rest[0] != '.' {
				return nil, fmt.Errorf("%s must be followed by . or [", quote(path[:len(path)-len(rest)]))
			}
			rest = rest[1:]
			bracket = strings.HasPrefix(rest, "[")
		}
		if bracket {
			rest = rest[1:]
		}
		s, after, err := splitName(rest, bracket)
		if err != nil {
			return nil, err
		}
		if bracket {
			if after == "" || after[0] != ']' {
				return nil, fmt.Errorf("a [ is not closed")
			}
			after = after[1:]
		}
		if !utf8.ValidString(s.name) {
			return nil, fmt.Errorf("the name %s is not UTF-8", quote(s.name))
		}
		if steps, rest = append(steps, s), after; len(steps) > maxSteps {
			return nil, fmt.Errorf("it has more than %d steps", maxSteps)
		}
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("the path is empty")
	}
	return steps, nil
}

func splitName(rest string, bracket bool) (step, string, error) {
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		name, after, ok := quotedName(rest)
		if !ok {
			return step{}, "", fmt.Errorf("a quote is not closed")
		}
		return step{name: name, index: -1}, after, nil
	}
	if bracket {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return step{}, "", fmt.Errorf("a [ is not closed")
		}
		index, err := strconv.Atoi(rest[:end])
		if err != nil || index < 0 || !isInt(rest[:end]) {
			return step{}, "", fmt.Errorf("%s is no index: write a whole number from 0, or a name in quotes", quote(rest[:end]))
		}
		return step{index: index}, rest[end:], nil
	}
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return step{}, "", fmt.Errorf("a name is missing")
	}
	return step{name: rest[:end], index: -1}, rest[end:], nil
}

// quotedName reads a name in quotes; in double quotes, the escapes that Below writes are read back.
func quotedName(s string) (name, rest string, ok bool) {
	if s[0] == '\'' {
		end := strings.IndexByte(s[1:], '\'')
		if end < 0 {
			return "", "", false
		}
		return s[1 : end+1], s[end+2:], true
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			name, err := strconv.Unquote(s[:i+1])
			return name, s[i+1:], err == nil
		}
	}
	return "", "", false
}

// trail is a path under construction: cheap to extend, written out only for a diagnostic.
type trail struct {
	parent *trail
	step   step
}

func (t *trail) plus(s step) *trail     { return &trail{t, s} }
func (t *trail) key(name string) *trail { return &trail{t, step{name: name, index: -1}} }
func (t *trail) item(i int) *trail      { return &trail{t, step{index: i}} }

func (t *trail) String() string {
	var parts []any
	for ; t != nil; t = t.parent {
		if t.step.index >= 0 {
			parts = append(parts, t.step.index)
		} else {
			parts = append(parts, t.step.name)
		}
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return Join(parts...)
}
