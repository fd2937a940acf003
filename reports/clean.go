package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameRunes is how many runes of a name a report shows; the rest is cut and marked with an ellipsis.
const NameRunes = 64

// Clean makes text from outside safe to look at: characters that command a terminal or reorder or hide text (controls,
// bidirectional overrides, zero-width and other formats), private ones and broken UTF-8 become visible escapes such as \x1b
// and \u202e. Text of more than limit runes is cut to limit with an ellipsis; a limit of 0 cuts nothing.
func Clean(text string, limit int) string {
	var b strings.Builder
	runes := 0
	for i, r := range text {
		if limit > 0 && runes == limit-1 && utf8.RuneCountInString(text[i:]) > 1 {
			b.WriteRune('…')
			break
		}
		runes++
		switch {
		case r == utf8.RuneError && isBroken(text[i:]):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case shown(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// Name is Clean with the limit of names. An empty name becomes "(none)", so that a row of a table is never blank.
func Name(text string) string {
	if strings.TrimSpace(text) == "" {
		return "(none)"
	}
	return Clean(text, NameRunes)
}

// CleanLines is Clean for text of many lines, such as a scenario: line ends and tabs stay.
func CleanLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for j, cell := range cells {
			cells[j] = Clean(cell, 0)
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}

func isBroken(text string) bool {
	_, size := utf8.DecodeRuneInString(text)
	return size == 1
}

// shown reports whether r draws itself where it stands. Combining marks do; their number is bounded by the cut.
func shown(r rune) bool {
	if r == ' ' {
		return true
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r) && !unicode.Is(unicode.Cf, r) ||
		r == '\u00a0' || r == '\u3000'
}
