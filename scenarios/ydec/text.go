package ydec

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quote shows a value that somebody wrote: in quotes, escaped, cut to a length that fits a line.
func quote(s string) string { return `"` + escape(cut(s), `"\`) + `"` }

// cut shortens to what a message can show.
func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown-1]) + "…"
}

// printable escapes what would move a cursor, change a colour or reverse the text.
func printable(s string) string { return escape(s, "") }

func escape(s, also string) string {
	plain := true
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError || strings.ContainsRune(also, r) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + hex(uint32(s[i]), 2))
		case strings.ContainsRune(also, r):
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r <= 0x7f: // above, \x is a byte to Go and a character to YAML
			b.WriteString(`\x` + hex(uint32(r), 2))
		case r <= 0xffff:
			b.WriteString(`\u` + hex(uint32(r), 4))
		default:
			b.WriteString(`\U` + hex(uint32(r), 8))
		}
		i += n
	}
	return b.String()
}

func hex(v uint32, digits int) string {
	s := strconv.FormatUint(uint64(v), 16)
	return strings.Repeat("0", max(0, digits-len(s))) + s
}

// Nearest is the name of the list that got was probably meant to be, or "" where none is near. Letters' case does not count;
// a letter added, left out, changed or swapped with its neighbour counts one; a third of the letters may be wrong. Of names equally near, one
// that begins alike is taken, then the first.
func Nearest(got string, names []string) string {
	want := []rune(strings.ToLower(got))
	if len(want) == 0 || len(want) > maxShown {
		return ""
	}
	best, bestDistance := "", max(1, len(want)/3)+1
	for _, name := range names {
		other := []rune(strings.ToLower(name))
		if len(other) == 0 || len(other) > 2*maxShown || name == got {
			continue
		}
		d := distance(want, other)
		if d < bestDistance || d == bestDistance && best != "" && other[0] == want[0] && !strings.EqualFold(best[:1], string(want[:1])) {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance is the number of insertions, deletions, changes and swaps of neighbours from a to b (optimal string alignment).
func distance(a, b []rune) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
