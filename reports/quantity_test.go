package reports

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestHuman(t *testing.T) {
	for _, c := range []struct {
		value float64
		unit  Unit
		human string
		exact string
	}{
		{4.583219, Seconds, "4.58 s", "4.583219 s"},
		{744.1238, Seconds, "12.4 min", "744.1238 s"},
		{3.2 * 86400, Seconds, "3.2 d", "276,480 s"},
		{41 * 60, Seconds, "41 min", "2,460 s"},
		{0, Seconds, "0 s", "0 s"},
		{0.31, Seconds, "0.31 s", "0.31 s"},
		{0.0042, Seconds, "4.2 ms", "0.0042 s"},
		{0.7128, Share, "71.3 %", "71.28 %"},
		{1_420_000, GPUHours, "1.42 M GPU-h", "1,420,000 GPU-h"},
		{99_412, Count, "99,412", "99,412"},
		{100_000, Count, "100 k", "100,000"},
		{1_312_000, Count, "1.31 M", "1,312,000"},
		{12_400, Dollars, "$12.4k", "$12,400"},
		{-320, Dollars, "-$320", "-$320"},
		{12_400, Yuan, "¥12.4k", "¥12,400"},
		{-3.5, Money, "-3.50", "-3.5"},
		{12.7, Times, "12.7", "12.7 ×"},
		{-0.18, Share, "-18 %", "-18 %"},
		{0.9996, Share, "100 %", "99.96 %"},
		{math.NaN(), Seconds, "none", "no such figure"},
		{math.Inf(1), Count, "none", "no such figure"},
	} {
		q := Quantity{c.value, c.unit}
		if got := q.Human(); got != c.human {
			t.Errorf("%v: human %q, want %q", c.value, got, c.human)
		}
		if got := q.Exact(); got != c.exact {
			t.Errorf("%v: exact %q, want %q", c.value, got, c.exact)
		}
	}
}

func TestHumanIsShortForAnyNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quantity{rapid.Float64Range(-1e12, 1e12).Draw(t, "v"), Unit(rapid.IntRange(0, int(Money)).Draw(t, "unit"))}
		text := q.Human()
		if text == "" || len(text) > 26 || strings.Contains(text, "e+") || strings.HasPrefix(text, "-0 ") {
			t.Fatalf("%v %d: %q", q.Value, q.Unit, text)
		}
	})
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"plain name-1", 0, "plain name-1"},
		{"训练 задача תור", 0, "训练 задача תור"},
		{"x\u202egpj.exe", 0, `x\u202egpj.exe`},
		{"\x1b[31mred", 0, `\x1b[31mred`},
		{"a\x00b\tc\nd", 0, `a\x00b\x09c\x0ad`},
		{"\xff\xfe", 0, `\xff\xfe`},
		{"zero\u200bwidth\ufeff", 0, `zero\u200bwidth\ufeff`},
		{"abcdef", 4, "abc…"},
		{"abcd", 4, "abcd"},
		{"", 4, ""},
		{"\U000e0041", 0, `\U000e0041`},
	} {
		if got := Clean(c.in, c.limit); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
	if got := Name(" \t"); got != "(none)" {
		t.Errorf("blank name: %q", got)
	}
	if got := CleanLines("a:\r\n\tb\x1b\n"); got != "a:\n\tb\\x1b\n" {
		t.Errorf("lines: %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a", "\x1b[0m", "\u202e", "\xf0\x28", strings.Repeat("é", 200)} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = min(max(limit, 0), 1000)
		got := Clean(text, limit)
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' {
				t.Fatalf("%q: %q is left in %q", text, r, got)
			}
		}
		if limit > 0 && len([]rune(got)) > 10*limit {
			t.Fatalf("%d runes for a limit of %d", len([]rune(got)), limit)
		}
		if Clean(got, 0) != got {
			t.Fatalf("cleaning again changes %q", got)
		}
	})
}

// contrast is the ratio of WCAG 2 between two colours written as #rrggbb.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		var v int
		for _, digit := range color[1+2*i : 3+2*i] {
			v = v*16 + strings.IndexRune("0123456789abcdef", digit)
		}
		c := float64(v) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestEveryMarkStandsOutInBothThemes(t *testing.T) {
	for _, s := range Swatches() {
		for _, c := range []struct {
			theme, paper string
			shade        Shade
		}{{"light", "#ffffff", s.Light}, {"dark", "#12161b", s.Dark}} {
			if got := contrast(t, c.shade.Edge, c.paper); got < 3 {
				t.Errorf("%s, %s: the edge has %.2f:1, want 3:1", s.Name, c.theme, got)
			}
		}
	}
}

func TestScaleIsMonotoneInLightness(t *testing.T) {
	for _, dark := range []bool{false, true} {
		stops := Scale(dark)
		for i := 1; i < len(stops); i++ {
			if up := luminance(t, stops[i]) > luminance(t, stops[i-1]); up != dark {
				t.Errorf("dark %v: stop %d goes the wrong way", dark, i)
			}
		}
	}
}

func TestCausesHaveTheirOwnColours(t *testing.T) {
	seen := map[Color]Cause{}
	for c := range Causes {
		if was, twice := seen[c.Color()]; twice {
			t.Errorf("%s and %s share %s", was.Name(), c.Name(), c.Color())
		}
		seen[c.Color()] = c
		if c.Name() == "" || c.Key() == "" || c.Meaning() == "" || c.phrase() == "" {
			t.Errorf("cause %d is not told", c)
		}
	}
	if Choice.Color() != Hatched || Fragmented.Color() != Orange || Reservation.Color() != Purple {
		t.Error("the colours that mean something elsewhere have changed")
	}
}
