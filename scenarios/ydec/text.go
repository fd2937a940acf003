package ydec

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/orrery-sim/orrery/internal/spell"
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

// Nearest is the name of the list that got was probably meant to be, or "" where none is near (see package spell).
func Nearest(got string, names []string) string { return spell.Nearest(got, names) }
