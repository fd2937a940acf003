package figure

import (
	"math"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/stats"
)

// rowLabels returns where a picture starts to the right of its rows' names.
func (s *sheet) rowLabels(names []string) float64 {
	longest := 0.0
	for _, n := range names {
		longest = max(longest, textWidth(reports.Clean(n, 28)))
	}
	return min(max(longest, 40), 190) + 10
}

// sayRoom is the width of what is said at the right of the rows.
func sayRoom(says []string) float64 {
	longest := 0.0
	for _, t := range says {
		longest = max(longest, textWidth(t))
	}
	return min(longest, 260) + 14
}

func (s *sheet) stack(p *reports.Stack, top float64) {
	const row = 28.0
	top = s.legend(0, top, p.Parts)
	sums, says, longest := make([]float64, len(p.Rows)), make([]string, len(p.Rows)), 0.0
	for i := range p.Rows {
		for _, part := range p.Parts {
			sums[i] += part.Values[i]
		}
		longest = max(longest, sums[i])
		says[i] = reports.Quantity{Value: sums[i], Unit: p.X.Unit}.Human()
	}
	f := frame{s.rowLabels(p.Rows), top, width - sayRoom(says), top + row*float64(len(p.Rows))}
	s.height = f.bottom + 44
	x := s.xAxis(f, p.X, 0, roundTop(longest), false)
	for i, name := range p.Rows {
		y, at := f.top+row*float64(i), 0.0
		s.text(f.left-6, y+row/2+4, "end", ink, 12, false, 28, name)
		s.text(f.right+8, y+row/2+4, "start", ink, 12, false, 40, says[i])
		for _, part := range p.Parts {
			if v := part.Values[i]; v > 0 {
				s.rect(x.at(at), y+5, x.at(at+v)-x.at(at), row-10, fillOf(part.Color), edgeOf(part.Color))
				at += v
			}
		}
	}
}

func (s *sheet) gantt(g *reports.Gantt, top float64) {
	top = s.legend(0, top, g.Kinds)
	row := max(0.8, min(14, 440/float64(max(len(g.Rows), 1))))
	names := make([]string, len(g.Rows))
	for i, r := range g.Rows {
		names[i] = r.Name
	}
	f := frame{s.rowLabels(names), top, width - 8, top + row*float64(len(g.Rows))}
	s.height = f.bottom + 44
	x := s.timeAxis(f, g.From, g.To)
	every := int(math.Ceil(12 / row))
	for i, r := range g.Rows {
		y := f.top + row*float64(i)
		if i%every == 0 {
			s.text(f.left-6, y+row/2+4, "end", ink, 10, false, 28, r.Name)
		}
		for _, span := range r.Spans {
			s.rect(x.at(span.From), y+row*0.1, max(x.at(span.To)-x.at(span.From), 0.4), row*0.8, fillOf(g.Kinds[span.Kind].Color), "")
		}
	}
}

func (s *sheet) intervals(p *reports.Intervals, top float64) {
	const row = 32.0
	names, says, longest := make([]string, len(p.Rows)), make([]string, len(p.Rows)), 0.0
	for i, r := range p.Rows {
		names[i], says[i] = r.Name, reports.Quantity{Value: r.Value, Unit: p.X.Unit}.Human()
		longest = max(longest, finite(r.Value), finite(r.High))
		if !math.IsNaN(r.Low) && !math.IsNaN(r.High) {
			says[i] += " [" + reports.Quantity{Value: r.Low, Unit: p.X.Unit}.Human() + ", " + reports.Quantity{Value: r.High, Unit: p.X.Unit}.Human() + "]"
		}
	}
	f := frame{s.rowLabels(names), top, width - sayRoom(says), top + row*float64(len(p.Rows))}
	s.height = f.bottom + 44
	if longest == 0 {
		longest = 1
	}
	x := s.xAxis(f, p.X, 0, longest*1.05, false)
	for i, r := range p.Rows {
		y := f.top + row*float64(i)
		s.text(f.left-6, y+row/2+4, "end", ink, 12, false, 28, r.Name)
		s.text(f.right+8, y+row/2+4, "start", ink, 12, false, 60, says[i])
		s.rect(x.at(0), y+7, x.at(finite(r.Value))-x.at(0), row-14, fillOf(r.Color), edgeOf(r.Color))
		s.whisker(x, y+row/2, r.Low, r.High, ink)
	}
}

func (s *sheet) whisker(x scale, y, low, high float64, color string) {
	if math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return
	}
	s.line(x.at(low), y, x.at(high), y, color, 2)
	s.line(x.at(low), y-5, x.at(low), y+5, color, 2)
	s.line(x.at(high), y-5, x.at(high), y+5, color, 2)
}

func (s *sheet) forest(p *reports.Forest, top float64) {
	const row = 36.0
	names, says, reach := make([]string, len(p.Rows)), make([]string, len(p.Rows)), 0.0
	for i, r := range p.Rows {
		names[i], says[i] = r.Name, r.Says
		reach = max(reach, finite(r.Value), finite(r.Low), finite(r.High))
	}
	if reach == 0 {
		reach = 1
	}
	f := frame{s.rowLabels(names), top, width - sayRoom(says), top + row*float64(len(p.Rows))}
	s.height = f.bottom + 44
	x := s.xAxis(f, p.X, -reach*1.08, reach*1.08, true)
	s.line(x.at(0), f.top, x.at(0), f.bottom, ink, 1)
	for i, r := range p.Rows {
		y := f.top + row*(float64(i)+0.5)
		color, fill := muted, "#ffffff"
		if r.Verdict == stats.Different {
			color = fillOf(reports.Vermillion)
			if (r.Value < 0) == p.Less {
				color = fillOf(reports.Blue)
			}
			fill = color
		}
		s.text(f.left-6, y+4, "end", ink, 12, false, 28, r.Name)
		s.text(f.right+8, y+4, "start", ink, 12, false, 60, r.Says)
		s.whisker(x, y, r.Low, r.High, color)
		if !math.IsNaN(r.Value) && !math.IsInf(r.Value, 0) {
			s.printf(`<circle cx="%s" cy="%s" r="6" fill="%s" stroke="%s" stroke-width="2"/>`+"\n", px(x.at(r.Value)), px(y), fill, color)
		}
	}
}

func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Abs(v)
}
