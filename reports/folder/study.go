package folder

import (
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/study"
)

// Study turns what a study found into the input of its report.
func Study(r *study.Result) *reports.Study {
	s := &reports.Study{Name: r.Name, Smallest: r.Smallest, Roomiest: r.Roomiest, Seeds: len(r.Seeds), Partial: r.Partial, Notes: r.Notes, SizeIs: "GPUs"}
	if r.Currency != "" {
		s.SizeIs = "cost a month"
	}
	s.Workload = fmt.Sprintf("%d points, %d seeds each", len(r.Points), len(r.Seeds))
	for i := range r.Measures {
		m := &r.Measures[i]
		name, unit := measureName(m), reports.Plain
		switch m.Unit {
		case study.Seconds:
			unit = reports.Seconds
		case study.Share:
			unit = reports.Share
		case study.GPUHours:
			unit = reports.GPUHours
		case study.Money:
			unit = reports.Currency(r.Currency)
			name += ", " + r.Currency
		}
		s.Measures = append(s.Measures, reports.StudyMeasure{Name: name, Key: m.String(), Unit: unit})
	}
	for i := range r.Levels {
		s.Levels = append(s.Levels, r.Levels[i].Text)
	}
	for _, p := range r.Points {
		out := reports.StudyPoint{Label: p.Label, Runs: len(p.Runs), Verdict: string(p.Level)}
		for _, e := range p.Table {
			out.Values = append(out.Values, reports.StudyValue{Mean: float64(e.Mean), Low: float64(e.Low), High: float64(e.High)})
		}
		s.Points = append(s.Points, out)
	}
	for _, l := range r.Losers {
		s.Losers = append(s.Losers, reports.Loser{Kind: l.Kind, Name: l.Name, Was: float64(l.Was), Is: float64(l.Is), Low: float64(l.Low), High: float64(l.High),
			P: float64(l.P), Pairs: l.By.N, Certain: l.Certain})
	}
	return s
}

// measureName is a measure as people read it: "wait p95, prod".
func measureName(m *study.Measure) string {
	name := m.Name
	switch name {
	case "cost.month":
		name = "cost a month"
	case "cost.total":
		name = "cost"
	case "cost.idle":
		name = "cost of idle"
	case "lost":
		name = "work lost"
	}
	name = strings.ReplaceAll(name, ".", " ")
	if m.Queue != "" {
		name += ", " + reports.Name(m.Queue)
	}
	if m.User != "" {
		name += ", " + reports.Name(m.User)
	}
	return name
}
