package reports

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// Chart is a picture and what must be said beside it.
type Chart struct {
	ID       string // as Section.ID; names its files too
	Title    string // what is seen
	Subtitle string // what is plotted, with the base of its figures
	Behind   string // how many points stand behind what is drawn
	Plot     Plot
}

// Plot is the data of one kind of picture, already small enough to draw.
type Plot interface {
	// Table is the plot's data as a table, exact and in base units, under id and caption.
	Table(id, caption string) Table
}

// Data returns the table behind the chart.
func (c *Chart) Data() Table {
	t := c.Plot.Table(c.ID, c.Title)
	t.Behind = c.Behind
	return t
}

// Axis names what is measured along it.
type Axis struct {
	Name string
	Unit Unit
}

// Clock ties the seconds of a plot to a calendar. Start is the zero time when there is none.
type Clock struct {
	Start time.Time
}

// At says when second s of the run is: the elapsed time, and the instant where there is a calendar.
func (c Clock) At(s float64) string {
	text := Elapsed(s)
	if !c.Start.IsZero() {
		text += " (" + c.Start.Add(time.Duration(s*1e9)).Format("Mon 2006-01-02 15:04 MST") + ")"
	}
	return text
}

// Elapsed writes a time since the start as days and clock time: "3 d 04:30".
func Elapsed(s float64) string {
	minutes := int64(math.Round(s / 60))
	if s < 3600 && minutes < 60 {
		return humanDuration(s)
	}
	days, rest := minutes/1440, minutes%1440
	if days == 0 {
		return fmt.Sprintf("%02d:%02d", rest/60, rest%60)
	}
	return fmt.Sprintf("%d d %02d:%02d", days, rest/60, rest%60)
}

// Area is amounts over time by category, stacked, each constant within a step. Edges are the steps' bounds in seconds, one
// more than there are steps. Low and High, nil for none, bound the total within each step; Capacity, nil for none, is drawn
// as a line above.
type Area struct {
	Clock               Clock
	Edges               []float64
	Layers              []Layer
	Capacity, Low, High []float64
	Y                   Axis
}

// Layer is one category of an Area or part of a Stack.
type Layer struct {
	Name   string
	Color  Color
	Values []float64
}

// Table has a row a step.
func (a *Area) Table(id, caption string) Table {
	key := a.Y.Unit.Key()
	t := Table{ID: id, Caption: caption, Columns: []Column{{"from", "from_s", Seconds}}}
	columns := [][]float64{a.Edges}
	add := func(name, k string, values []float64) {
		if values != nil {
			t.Columns = append(t.Columns, Column{name, joinKey(k, key), a.Y.Unit})
			columns = append(columns, values)
		}
	}
	for _, l := range a.Layers {
		add(l.Name, l.Name, l.Values)
	}
	add("lowest total", "total_min", a.Low)
	add("highest total", "total_max", a.High)
	add("capacity", "capacity", a.Capacity)
	t.Rows = timeRows(t.Columns, columns, len(a.Edges)-1)
	return t
}

// Band is figures over time, each a line of means within steps inside an envelope of what was lowest and highest. Edges are
// as in Area.
type Band struct {
	Clock Clock
	Edges []float64
	Lines []BandLine
	Y     Axis
}

// BandLine is one figure of a Band.
type BandLine struct {
	Name            string
	Color           Color
	Mean, Low, High []float64
}

// Table has a row a step.
func (b *Band) Table(id, caption string) Table {
	key := b.Y.Unit.Key()
	t := Table{ID: id, Caption: caption, Columns: []Column{{"from", "from_s", Seconds}}}
	columns := [][]float64{b.Edges}
	for _, l := range b.Lines {
		t.Columns = append(t.Columns,
			Column{l.Name + ", mean", joinKey(l.Name+"_mean", key), b.Y.Unit},
			Column{l.Name + ", lowest", joinKey(l.Name+"_min", key), b.Y.Unit},
			Column{l.Name + ", highest", joinKey(l.Name+"_max", key), b.Y.Unit})
		columns = append(columns, l.Mean, l.Low, l.High)
	}
	t.Rows = timeRows(t.Columns, columns, len(b.Edges)-1)
	return t
}

// CDF is the share of things at or below a duration, over a logarithmic axis that starts at Floor seconds: what is shorter
// is in the height at which a curve starts.
type CDF struct {
	Lines []CDFLine
	X     Axis
	Floor float64
}

// CDFLine is one curve: P[i] of the N values are at most X[i] seconds. X rises strictly.
type CDFLine struct {
	Name  string
	Color Color
	N     int
	X, P  []float64
}

// Table has a row a point of each curve.
func (c *CDF) Table(id, caption string) Table {
	t := Table{ID: id, Caption: caption, Columns: []Column{
		{"group", "group", Text}, {"at most", "at_most_s", Seconds}, {"share", "share", Share},
	}}
	for _, l := range c.Lines {
		for i := range l.X {
			t.Rows = append(t.Rows, []Cell{Word(l.Name), Number(l.X[i], Seconds), Number(l.P[i], Share)})
		}
	}
	return t
}

// Stack is horizontal bars, a row each, cut into parts.
type Stack struct {
	Rows  []string
	Parts []Layer
	X     Axis
}

// Table has a row a bar.
func (s *Stack) Table(id, caption string) Table {
	t := Table{ID: id, Caption: caption, Columns: []Column{{"", "row", Text}}}
	for _, p := range s.Parts {
		t.Columns = append(t.Columns, Column{p.Name, joinKey(p.Name, s.X.Unit.Key()), s.X.Unit})
	}
	for i, name := range s.Rows {
		row := []Cell{Word(name)}
		for _, p := range s.Parts {
			row = append(row, Number(p.Values[i], s.X.Unit))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Heat is an amount by row and time. Values[row][step] is NaN where there was nothing to measure.
type Heat struct {
	Clock  Clock
	Edges  []float64
	Rows   []string
	Values [][]float64
	V      Axis
	Max    float64 // the scale's end; its start is 0
}

// Table has a row a step and a column a row of the picture.
func (h *Heat) Table(id, caption string) Table {
	t := Table{ID: id, Caption: caption, Columns: []Column{{"from", "from_s", Seconds}}}
	columns := [][]float64{h.Edges}
	for i, name := range h.Rows {
		t.Columns = append(t.Columns, Column{name, joinKey(name, h.V.Unit.Key()), h.V.Unit})
		columns = append(columns, h.Values[i])
	}
	t.Rows = timeRows(t.Columns, columns, len(h.Edges)-1)
	return t
}

// Gantt is spans of time in rows.
type Gantt struct {
	Clock    Clock
	From, To float64
	Rows     []GanttRow
	Kinds    []Layer // names and colours of the kinds of span
}

// GanttRow is one thing and its spans. Note is shown on hover.
type GanttRow struct {
	Name, Note string
	Spans      []Span
}

// Span is a stretch of time in seconds; Kind indexes Gantt.Kinds.
type Span struct {
	From, To float64
	Kind     int
}

// Table has a row a span.
func (g *Gantt) Table(id, caption string) Table {
	t := Table{ID: id, Caption: caption, Columns: []Column{
		{"job", "job", Text}, {"what", "what", Text}, {"from", "from_s", Seconds}, {"to", "to_s", Seconds}, {"about", "about", Text},
	}}
	for _, r := range g.Rows {
		for _, s := range r.Spans {
			t.Rows = append(t.Rows, []Cell{
				Word(r.Name), Word(g.Kinds[s.Kind].Name), Number(s.From, Seconds), Number(s.To, Seconds), Word(r.Note),
			})
		}
	}
	return t
}

// Intervals is horizontal bars from zero, each with the interval that it is known to.
type Intervals struct {
	Rows []IntervalRow
	X    Axis
}

// IntervalRow is one bar; Low and High are NaN when no interval is known.
type IntervalRow struct {
	Name             string
	Color            Color
	Value, Low, High float64
}

// Table has a row a bar.
func (p *Intervals) Table(id, caption string) Table {
	key := p.X.Unit.Key()
	t := Table{ID: id, Caption: caption, Columns: []Column{
		{"", "row", Text}, {p.X.Name, joinKey("value", key), p.X.Unit},
		{"low", joinKey("low", key), p.X.Unit}, {"high", joinKey("high", key), p.X.Unit},
	}}
	for _, r := range p.Rows {
		t.Rows = append(t.Rows, []Cell{
			Word(r.Name), Number(r.Value, p.X.Unit), Number(r.Low, p.X.Unit), Number(r.High, p.X.Unit),
		})
	}
	return t
}

// Forest is differences as dots with intervals around a line of no difference at zero. Less is true where a difference
// below zero is the better one.
type Forest struct {
	Rows []ForestRow
	X    Axis
	Less bool
}

// ForestRow is one difference; Low and High are NaN or infinite when no interval is known.
type ForestRow struct {
	Name             string
	Value, Low, High float64
	Verdict          stats.Verdict
	Says             string // "-18 % (p < .001)"
}

// Table has a row a difference.
func (f *Forest) Table(id, caption string) Table {
	key := f.X.Unit.Key()
	t := Table{ID: id, Caption: caption, Columns: []Column{
		{"", "row", Text}, {f.X.Name, joinKey("difference", key), f.X.Unit},
		{"low", joinKey("low", key), f.X.Unit}, {"high", joinKey("high", key), f.X.Unit}, {"verdict", "verdict", Text},
	}}
	for _, r := range f.Rows {
		t.Rows = append(t.Rows, []Cell{
			Word(r.Name), Number(r.Value, f.X.Unit), Number(r.Low, f.X.Unit), Number(r.High, f.X.Unit), Word(r.Says),
		})
	}
	return t
}

func timeRows(columns []Column, values [][]float64, n int) [][]Cell {
	rows := make([][]Cell, max(n, 0))
	for i := range rows {
		rows[i] = make([]Cell, len(columns))
		for j := range columns {
			rows[i][j] = Number(values[j][i], columns[j].Unit)
		}
		rows[i][0].Text = Elapsed(values[0][i])
		rows[i][0].Title = strconv.FormatFloat(values[0][i], 'f', -1, 64) + " s"
	}
	return rows
}

func joinKey(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + "_" + unit
}
