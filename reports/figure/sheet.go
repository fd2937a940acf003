package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orrery-sim/orrery/reports"
)

// The colours of ink, in the light theme of the page.
const (
	ink   = "#1b1f24"
	muted = "#58626d"
	faint = "#e6eaed"
	ruled = "#c9d0d6"
)

// sheet is an SVG being drawn; lengths are in pixels of 1/96 inch.
type sheet struct {
	b             strings.Builder
	width, height float64
}

func (s *sheet) printf(format string, arguments ...any) { fmt.Fprintf(&s.b, format, arguments...) }

// px writes a length with at most two decimals.
func px(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	text := strconv.FormatFloat(v, 'f', 2, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" || text == "" {
		return "0"
	}
	return text
}

func (s *sheet) rect(x, y, w, h float64, fill, edge string) {
	s.printf(`<rect x="%s" y="%s" width="%s" height="%s" fill="%s"`, px(x), px(y), px(max(w, 0)), px(max(h, 0)), fill)
	if edge != "" {
		s.printf(` stroke="%s"`, edge)
	}
	s.b.WriteString("/>\n")
}

func (s *sheet) line(x1, y1, x2, y2 float64, color string, width float64) {
	s.printf(`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" stroke-width="%s"/>`+"\n", px(x1), px(y1), px(x2), px(y2), color, px(width))
}

func (s *sheet) path(d, fill, stroke string, width, opacity float64) {
	s.printf(`<path d="%s" fill="%s"`, d, fill)
	if stroke != "" {
		s.printf(` stroke="%s" stroke-width="%s"`, stroke, px(width))
	}
	if opacity < 1 {
		s.printf(` fill-opacity="%s"`, px(opacity))
	}
	s.b.WriteString("/>\n")
}

// text writes one line, anchored at its start, middle or end. It is cut to most runes when most is not 0.
func (s *sheet) text(x, y float64, anchor, color string, size float64, bold bool, most int, text string) {
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	s.printf(`<text x="%s" y="%s" text-anchor="%s" fill="%s" font-size="%s"%s>%s</text>`+"\n",
		px(x), px(y), anchor, color, px(size), weight, escape(reports.Clean(text, most)))
}

// escape makes text safe between tags and in attributes. Clean has removed what XML cannot hold at all.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(text)
}

func textWidth(text string) float64 { return 6.4 * float64(utf8.RuneCountInString(text)) }

// legend draws swatches with names from x, y on, wrapped at the sheet's width, and returns where the next thing may start.
func (s *sheet) legend(x, y float64, entries []reports.Layer) float64 {
	if len(entries) == 0 {
		return y
	}
	at := x
	for _, e := range entries {
		name := reports.Clean(e.Name, 40)
		need := 16 + textWidth(name) + 16
		if at > x && at+need > s.width {
			at, y = x, y+18
		}
		shade := e.Color.Of().Light
		s.rect(at, y, 11, 11, fillOf(e.Color), shade.Edge)
		s.text(at+16, y+10, "start", ink, 12, false, 0, name)
		at += need
	}
	return y + 24
}

// fillOf is the paint of a colour: its fill, or the hatch that the head of the SVG defines.
func fillOf(c reports.Color) string {
	if c == reports.Hatched {
		return "url(#hatch)"
	}
	return c.Of().Light.Fill
}

func edgeOf(c reports.Color) string { return c.Of().Light.Edge }

// finish wraps what was drawn.
func (s *sheet) finish(c *reports.Chart) []byte {
	hatch := reports.Hatched.Of().Light
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img" font-family="Helvetica, Arial, 'Liberation Sans', sans-serif">
<title>%[3]s</title>
<desc>%[4]s</desc>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="%[5]s"/><rect width="2" height="6" fill="%[6]s"/></pattern></defs>
<rect width="%[1]s" height="%[2]s" fill="#ffffff"/>
`, px(s.width), px(s.height), escape(reports.Clean(c.Title, 0)), escape(reports.Clean(c.Subtitle+". "+c.Behind, 0)), hatch.Fill, hatch.Edge)
	return []byte(head + s.b.String() + "</svg>\n")
}
