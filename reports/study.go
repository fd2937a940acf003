package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// Study is what a report of a grid of runs is made of: the planner's table.
type Study struct {
	Name     string
	Workload string // "8 points x 20 seeds"
	Measures []StudyMeasure
	Points   []StudyPoint
	Levels   []string // as they were written
	Smallest int      // point, -1 for none
	Roomiest int      // point, -1 for none
	SizeIs   string   // what "smallest" means: "cost a month", "GPUs"
	Seeds    int
	Losers   []Loser
	Partial  bool

	Command, Tool string
	Notes         []string
}

// StudyMeasure is a column of the planner's table.
type StudyMeasure struct {
	Name, Key string
	Unit      Unit
}

// StudyPoint is a row of it; Values are in the order of the measures.
type StudyPoint struct {
	Label   string
	Runs    int
	Verdict string // "meets", "unsure", "misses", "partial", ""
	Values  []StudyValue
}

// StudyValue is a mean over seeds; Low and High are NaN when no interval is known.
type StudyValue struct{ Mean, Low, High float64 }

// Loser is a queue or user that waits longer at the smallest point than at the roomiest.
type Loser struct {
	Kind, Name string
	Was, Is    float64 // s, p95 of the wait
	Low, High  float64 // of the difference
	P          float64
	Pairs      int
	Certain    bool
}

// studyView is a study being written up.
type studyView struct{ *Study }

// Report builds the report of the study. It fails only on input that contradicts itself.
func (s *Study) Report() (*Report, error) {
	for _, p := range s.Points {
		if len(p.Values) != len(s.Measures) {
			return nil, fmt.Errorf("report of a study: point %q has %d values for %d measures", p.Label, len(p.Values), len(s.Measures))
		}
	}
	if s.Smallest >= len(s.Points) || s.Roomiest >= len(s.Points) {
		return nil, fmt.Errorf("report of a study: point %d or %d of %d", s.Smallest, s.Roomiest, len(s.Points))
	}
	v := &studyView{s}
	rep := &Report{Title: Clean(s.Name, 120), Subtitle: Clean(s.Workload, 400), Verdict: v.verdict(), Foot: Clean(s.Tool, 200)}
	if s.Partial {
		rep.Warnings = append(rep.Warnings, "This study is not whole: it was interrupted. Points without all their runs are not judged.")
	}
	for _, n := range s.Notes {
		rep.Warnings = append(rep.Warnings, Clean(n, 400))
	}
	for _, build := range []func() Section{v.points, v.losers, v.pictures, v.howSure, v.reproduce} {
		if x := build(); len(x.Blocks) > 0 {
			rep.Sections = append(rep.Sections, x)
		}
	}
	return rep, nil
}

func (v *studyView) label(i int) string { return Clean(v.Points[i].Label, 120) }

func (v *studyView) levels() string { return Clean(strings.Join(v.Levels, " and "), 200) }

// verdict is the answer in a sentence or two.
func (v *studyView) verdict() string {
	if len(v.Levels) == 0 {
		return fmt.Sprintf("%s, %s each; no level of service was asked for.", plural(len(v.Points), "point"), plural(v.Seeds, "seed"))
	}
	if v.Smallest < 0 {
		text := "No point meets " + v.levels()
		unsure := 0
		for _, p := range v.Points {
			if p.Verdict == "unsure" {
				unsure++
			}
		}
		if unsure > 0 {
			text += fmt.Sprintf("; the mean of %s does, but its interval reaches over the bound: more seeds may tell", plural(unsure, "point"))
		}
		return text + "."
	}
	text := fmt.Sprintf("%s is the smallest point by %s that meets %s", v.label(v.Smallest), v.SizeIs, v.levels())
	if v.Seeds > 1 {
		text += fmt.Sprintf(" with its 95 %% interval over %d seeds", v.Seeds)
	} else {
		text += " (one seed: an anecdote)"
	}
	text += ". "
	switch {
	case v.Roomiest == v.Smallest:
		text += "It is also the largest of the grid."
	case len(v.Losers) == 0:
		text += fmt.Sprintf("Nobody is seen to wait longer than with %s.", v.label(v.Roomiest))
	default:
		l := v.Losers[0]
		text += fmt.Sprintf("Who loses against %s: %s %s waits %s instead of %s at p95", v.label(v.Roomiest), l.Kind, Name(l.Name), amount(l.Is, Seconds), amount(l.Was, Seconds))
		if more := len(v.Losers) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
		text += "."
	}
	return text
}

// points is the planner's table.
func (v *studyView) points() Section {
	s := Section{ID: "points", Title: "Every point"}
	t := &Table{ID: "points", Caption: "Means over seeds with 95 % intervals", Columns: []Column{{"point", "point", Text}}}
	for _, m := range v.Measures {
		t.Columns = append(t.Columns, Column{Clean(m.Name, 60), Clean(m.Key, 60), m.Unit})
	}
	t.Columns = append(t.Columns, Column{"runs", "runs", Count})
	if len(v.Levels) > 0 {
		t.Columns = append(t.Columns, Column{"level", "level", Text})
	}
	for i, p := range v.Points {
		name := Word(v.label(i))
		row := []Cell{name}
		for k, x := range p.Values {
			row = append(row, studyCell(x, v.Measures[k].Unit))
		}
		row = append(row, Number(float64(p.Runs), Count))
		if len(v.Levels) > 0 {
			text := p.Verdict
			if i == v.Smallest {
				text = "smallest that meets"
				row[0].Best = true
			}
			cell := Word(text)
			cell.Code, cell.Best = p.Verdict, i == v.Smallest
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	return s
}

// studyCell is a mean with its interval: "12.4 min [11.9 min, 13 min]".
func studyCell(x StudyValue, unit Unit) Cell {
	c := Number(x.Mean, unit)
	if !math.IsNaN(x.Mean) && finite(x.Low) && finite(x.High) && x.Low != x.High {
		c.Text = fmt.Sprintf("%s [%s, %s]", amount(x.Mean, unit), amount(x.Low, unit), amount(x.High, unit))
	}
	return c
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// losers names who waits longer at the smallest point than at the roomiest.
func (v *studyView) losers() Section {
	s := Section{ID: "who-loses", Title: "Who loses"}
	if len(v.Losers) == 0 {
		return s
	}
	t := &Table{ID: "losers", Caption: fmt.Sprintf("p95 of the wait: %s against %s", v.label(v.Smallest), v.label(v.Roomiest)), Columns: []Column{
		{v.Losers[0].Kind, v.Losers[0].Kind, Text}, {"with " + v.label(v.Roomiest), "was_s", Seconds}, {"with " + v.label(v.Smallest), "is_s", Seconds},
		{"longer by", "difference_s", Seconds}, {"low", "low_s", Seconds}, {"high", "high_s", Seconds}, {"certainty", "certainty", Text}}}
	rows := v.Losers
	if len(rows) > tableRows {
		t.Behind = fmt.Sprintf("%d of %s that lose most", tableRows, plural(len(rows), "loser"))
		rows = rows[:tableRows]
	}
	for _, l := range rows {
		how := fmt.Sprintf("beyond chance (%s)", pText(l.P))
		if !l.Certain {
			how = fmt.Sprintf("in all of %s, too few to test", plural(l.Pairs, "seed"))
		}
		t.Rows = append(t.Rows, []Cell{Word(Name(l.Name)), Number(l.Was, Seconds), Number(l.Is, Seconds), Number(l.Is-l.Was, Seconds), Number(l.Low, Seconds),
			Number(l.High, Seconds), Word(how)})
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	return s
}

// mostPictures bounds the measures that are drawn.
const mostPictures = 6

// pictures draws each measure over the points.
func (v *studyView) pictures() Section {
	s := Section{ID: "measures", Title: "How the measures change"}
	for k, m := range v.Measures[:min(len(v.Measures), mostPictures)] {
		bars := &Intervals{X: Axis{Clean(m.Name, 60), m.Unit}}
		runs := 0
		for i, p := range v.Points {
			x := p.Values[k]
			row := IntervalRow{v.label(i), Blue, x.Mean, x.Low, x.High}
			if i == v.Smallest {
				row.Color = Green
			}
			if !finite(x.Low) || !finite(x.High) {
				row.Low, row.High = math.NaN(), math.NaN()
			}
			if !math.IsNaN(x.Mean) {
				bars.Rows = append(bars.Rows, row)
			}
			runs += p.Runs
		}
		if len(bars.Rows) == 0 {
			continue
		}
		low, high := bars.Rows[0].Value, bars.Rows[0].Value
		for _, r := range bars.Rows {
			low, high = min(low, r.Value), max(high, r.Value)
		}
		title := fmt.Sprintf("%s: from %s to %s", Clean(m.Name, 60), amount(low, m.Unit), amount(high, m.Unit))
		if low == high {
			title = fmt.Sprintf("%s: %s everywhere", Clean(m.Name, 60), amount(low, m.Unit))
		}
		s.Blocks = append(s.Blocks, Block{Chart: &Chart{ID: fmt.Sprintf("measure-%d", k+1), Title: title,
			Subtitle: "Mean over seeds with its 95 % interval; the smallest point that meets the level is green", Behind: plural(runs, "run"), Plot: bars}})
	}
	return s
}

func (v *studyView) howSure() Section {
	s := Section{ID: "how-sure", Title: "How sure this is"}
	note := func(format string, args ...any) {
		s.Blocks = append(s.Blocks, Block{Note: fmt.Sprintf(format, args...)})
	}
	note("All points meet the same seeds: the same arrivals, failures and prices. Intervals are of the mean over seeds, by BCa bootstrap (10,000 resamples, fixed " +
		"seed) from ten seeds on and by Student's t below; they cover the luck of the draw, not that the workload or the model is another.")
	if len(v.Levels) > 0 {
		note("A point meets a level when its whole interval does; with one seed, when its value does. It is unsure when only the mean does.")
	}
	if len(v.Losers) > 0 {
		note("Losers are found seed by seed against the roomiest point, by Wilcoxon's signed rank with Holm's correction at %s.", amount(stats.Defaults().Level, Share))
	}
	return s
}

func (v *studyView) reproduce() Section {
	s := Section{ID: "reproduce", Title: "How to reproduce it"}
	if v.Command != "" {
		s.Blocks = append(s.Blocks, Block{Code: &Code{Label: "Run it again", Text: CleanLines(v.Command)}})
	}
	return s
}
