package figure

import (
	"fmt"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/table"
)

// width is that of every figure, in pixels: a column of text.
const width = 760

// SVG draws a chart. The same chart gives the same bytes.
func SVG(c *reports.Chart) ([]byte, error) {
	s := &sheet{width: width}
	s.text(0, 16, "start", ink, 15, true, 110, c.Title)
	s.text(0, 34, "start", muted, 12, false, 130, c.Subtitle)
	top := 50.0
	switch p := c.Plot.(type) {
	case *reports.Area:
		s.area(p, top)
	case *reports.Band:
		s.band(p, top)
	case *reports.CDF:
		s.distribution(p, top)
	case *reports.Stack:
		s.stack(p, top)
	case *reports.Heat:
		s.heat(p, top)
	case *reports.Gantt:
		s.gantt(p, top)
	case *reports.Intervals:
		s.intervals(p, top)
	case *reports.Forest:
		s.forest(p, top)
	default:
		return nil, fmt.Errorf("figure %s: no drawing for a plot of type %T", c.ID, p)
	}
	return s.finish(c), nil
}

// CSV returns the data behind a chart, exact and in base units.
func CSV(c *reports.Chart) []byte {
	t := c.Data()
	return table.CSVBytes(&t)
}

// frame is the room of a picture and its two axes.
type frame struct {
	left, top, right, bottom float64
}

func (f frame) width() float64  { return f.right - f.left }
func (f frame) height() float64 { return f.bottom - f.top }

// yAxis draws a value axis at the left with its grid, from 0 to a round value at or above top.
func (s *sheet) yAxis(f frame, a reports.Axis, top float64) scale {
	top = roundTop(top)
	y := scale{from: 0, to: top, low: f.bottom, len: -f.height()}
	for _, v := range roundTicks(0, top, 5) {
		s.line(f.left, y.at(v), f.right, y.at(v), faint, 1)
		s.text(f.left-6, y.at(v)+4, "end", muted, 11, false, 0, bare(v, a.Unit))
	}
	s.text(0, f.top-8, "start", muted, 11, false, 60, a.Name)
	return y
}

// timeAxis draws the seconds from to to at the bottom, in hours or days.
func (s *sheet) timeAxis(f frame, from, to float64) scale {
	unit, name := reports.DurationUnit(to - from)
	if to-from < 4*86400 && unit == 86400 {
		unit, name = 3600, "h"
	}
	x := scale{from: from, to: to, low: f.left, len: f.width()}
	s.line(f.left, f.bottom, f.right, f.bottom, ruled, 1)
	for _, v := range roundTicks(from/unit, to/unit, 8) {
		s.line(x.at(v*unit), f.bottom, x.at(v*unit), f.bottom+4, ruled, 1)
		s.text(x.at(v*unit), f.bottom+16, "middle", muted, 11, false, 0, plain(v))
	}
	s.text((f.left+f.right)/2, f.bottom+32, "middle", muted, 11, false, 0, "time since the start ("+name+")")
	return x
}

// xAxis draws a value axis at the bottom with its grid.
func (s *sheet) xAxis(f frame, a reports.Axis, from, to float64, sign bool) scale {
	unit, name := 1.0, a.Name
	if a.Unit == reports.Seconds {
		var of string
		unit, of = reports.DurationUnit(max(-from, to))
		name += " (" + of + ")"
	}
	x := scale{from: from, to: to, low: f.left, len: f.width()}
	for _, v := range roundTicks(from/unit, to/unit, 6) {
		label := bare(v, a.Unit)
		if sign && v > 0 {
			label = "+" + label
		}
		s.line(x.at(v*unit), f.top, x.at(v*unit), f.bottom, faint, 1)
		s.text(x.at(v*unit), f.bottom+16, "middle", muted, 11, false, 0, label)
	}
	s.text((f.left+f.right)/2, f.bottom+32, "middle", muted, 11, false, 80, name)
	return x
}
