package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/reports"
)

// stepPath is the outline of values that hold from edge to edge.
func stepPath(x, y scale, edges, values []float64) string {
	var b strings.Builder
	for i, v := range values {
		if i == 0 {
			b.WriteString("M" + px(x.at(edges[0])) + " " + px(y.at(v)))
		} else if v != values[i-1] {
			b.WriteString("V" + px(y.at(v)))
		}
		if i == len(values)-1 || values[i+1] != v {
			b.WriteString("H" + px(x.at(edges[i+1])))
		}
	}
	return b.String()
}

// ribbon is the closed outline between two rows of values.
func ribbon(x, y scale, edges, low, high []float64) string {
	var b strings.Builder
	b.WriteString(stepPath(x, y, edges, high))
	for i := len(low) - 1; i >= 0; i-- {
		b.WriteString("V" + px(y.at(low[i])) + "H" + px(x.at(edges[i])))
	}
	b.WriteString("Z")
	return b.String()
}

func (s *sheet) area(a *reports.Area, top float64) {
	entries := append([]reports.Layer{}, a.Layers...)
	if a.Capacity != nil {
		entries = append(entries, reports.Layer{Name: "capacity", Color: reports.Black})
	}
	top = s.legend(0, top, entries)
	f := frame{56, top + 20, width - 8, top + 240}
	s.height = f.bottom + 44
	n := len(a.Edges) - 1
	base, highest := make([]float64, max(n, 0)), 0.0
	for i := range base {
		sum := 0.0
		for _, l := range a.Layers {
			sum += l.Values[i]
		}
		highest = max(highest, sum)
	}
	for _, values := range [][]float64{a.Capacity, a.High} {
		for _, v := range values {
			highest = max(highest, v)
		}
	}
	y, x := s.yAxis(f, a.Y, highest), s.timeAxis(f, ends(a.Edges, 0), ends(a.Edges, 1))
	for _, l := range a.Layers {
		above := make([]float64, n)
		for i := range above {
			above[i] = base[i] + l.Values[i]
		}
		s.path(ribbon(x, y, a.Edges, base, above), fillOf(l.Color), "", 0, 1)
		s.path(stepPath(x, y, a.Edges, above), "none", edgeOf(l.Color), 0.75, 1)
		base = above
	}
	if a.Low != nil && a.High != nil {
		s.path(ribbon(x, y, a.Edges, a.Low, a.High), ink, "", 0, 0.25)
	}
	if a.Capacity != nil {
		s.path(stepPath(x, y, a.Edges, a.Capacity), "none", ink, 1.5, 1)
	}
}

func (s *sheet) band(b *reports.Band, top float64) {
	var entries []reports.Layer
	highest := 0.0
	for _, l := range b.Lines {
		entries = append(entries, reports.Layer{Name: l.Name, Color: l.Color})
		for _, v := range l.High {
			highest = max(highest, v)
		}
	}
	if len(entries) > 1 {
		top = s.legend(0, top, entries)
	}
	f := frame{56, top + 20, width - 8, top + 200}
	s.height = f.bottom + 44
	y, x := s.yAxis(f, b.Y, highest), s.timeAxis(f, ends(b.Edges, 0), ends(b.Edges, 1))
	for _, l := range b.Lines {
		s.path(ribbon(x, y, b.Edges, l.Low, l.High), fillOf(l.Color), "", 0, 0.3)
		s.path(stepPath(x, y, b.Edges, l.Mean), "none", edgeOf(l.Color), 1.5, 1)
	}
}

func (s *sheet) distribution(c *reports.CDF, top float64) {
	var entries []reports.Layer
	longest := c.Floor * 10
	for _, l := range c.Lines {
		entries = append(entries, reports.Layer{Name: l.Name, Color: l.Color})
		for _, v := range l.X {
			longest = max(longest, v)
		}
	}
	if len(entries) > 1 {
		top = s.legend(0, top, entries)
	}
	f := frame{56, top + 20, width - 24, top + 240}
	s.height = f.bottom + 44
	y := s.yAxis(f, reports.Axis{Name: "share of jobs", Unit: reports.Share}, 1)
	x := scale{from: c.Floor, to: longest, low: f.left, len: f.width(), log: true}
	for _, v := range decades(c.Floor, longest) {
		s.line(x.at(v), f.top, x.at(v), f.bottom, faint, 1)
		s.text(x.at(v), f.bottom+16, "middle", muted, 11, false, 0, round(v))
	}
	s.text((f.left+f.right)/2, f.bottom+32, "middle", muted, 11, false, 60, c.X.Name)
	for i := len(c.Lines) - 1; i >= 0; i-- {
		l, d := c.Lines[i], ""
		for j := range l.X {
			d += string("ML"[min(j, 1)]) + px(x.at(l.X[j])) + " " + px(y.at(l.P[j]))
		}
		thick := 1.5
		if i == 0 {
			thick = 2.5
		}
		s.path(d, "none", edgeOf(l.Color), thick, 1)
	}
}

func (s *sheet) heat(h *reports.Heat, top float64) {
	row := max(4, min(14, 360/float64(max(len(h.Rows), 1))))
	left := s.rowLabels(h.Rows)
	f := frame{left, top + 28, width - 8, top + 28 + row*float64(len(h.Rows))}
	s.height = f.bottom + 44
	x := s.timeAxis(f, ends(h.Edges, 0), ends(h.Edges, 1))
	for i := range 60 {
		s.rect(float64(48+2*i), top, 2, 11, shadeAt(float64(i)/59), "")
	}
	s.text(0, top+10, "start", muted, 11, false, 0, "none")
	s.text(176, top+10, "start", muted, 11, false, 40, reports.Quantity{Value: h.Max, Unit: h.V.Unit}.Human()+" "+h.V.Name)
	every := int(math.Ceil(12 / row))
	for i, values := range h.Values {
		at := f.top + row*float64(i)
		if i%every == 0 {
			s.text(left-6, at+row/2+4, "end", ink, 10, false, 28, h.Rows[i])
		}
		for j := 0; j < len(values); {
			k, color := j, levelOf(values[j], h.Max)
			for k < len(values) && levelOf(values[k], h.Max) == color {
				k++
			}
			if color >= 0 {
				s.rect(x.at(h.Edges[j]), at, x.at(h.Edges[k])-x.at(h.Edges[j]), row, shadeAt(float64(color)/levels), "")
			}
			j = k
		}
	}
}

// levels is how many shades a heat map has: neighbours of one shade are drawn as one.
const levels = 32

func levelOf(v, most float64) int {
	if math.IsNaN(v) {
		return -1
	}
	return int(math.Round(min(max(v/most, 0), 1) * levels))
}

// shadeAt mixes the sequential scale at share 0 to 1.
func shadeAt(share float64) string {
	stops := reports.Scale(false)
	at := share * float64(len(stops)-1)
	i := min(int(at), len(stops)-2)
	var rgb [3]int
	for c := range rgb {
		from, _ := strconv.ParseInt(stops[i][1+2*c:3+2*c], 16, 32)
		to, _ := strconv.ParseInt(stops[i+1][1+2*c:3+2*c], 16, 32)
		rgb[c] = int(math.Round(float64(from) + (at-float64(i))*float64(to-from)))
	}
	return fmt.Sprintf("#%02x%02x%02x", rgb[0], rgb[1], rgb[2])
}

// ends returns the first or the last edge.
func ends(edges []float64, which int) float64 {
	if len(edges) == 0 {
		return float64(which)
	}
	return edges[which*(len(edges)-1)]
}
