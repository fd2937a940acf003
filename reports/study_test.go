package reports_test

import (
	"math"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/reports"
)

func TestAStudySaysWhatItFound(t *testing.T) {
	nan := math.NaN()
	base := func() *reports.Study {
		return &reports.Study{Name: "grid", Seeds: 8, SizeIs: "cost a month", Levels: []string{"wait.p95{queue=prod} <= 15m"}, Smallest: 0, Roomiest: 1,
			Measures: []reports.StudyMeasure{{Name: "wait p95, prod", Key: "wait.p95{queue=prod}", Unit: reports.Seconds}},
			Points: []reports.StudyPoint{{Label: "nodes=4", Runs: 8, Verdict: "meets", Values: []reports.StudyValue{{600, 500, 700}}},
				{Label: "nodes=<b>8", Runs: 8, Verdict: "meets", Values: []reports.StudyValue{{60, nan, nan}}}}}
	}
	for name, x := range map[string]struct {
		change func(*reports.Study)
		want   []string
	}{
		"nobody loses": {func(*reports.Study) {}, []string{"nodes=4 is the smallest point by cost a month that meets wait.p95{queue=prod} <= 15m with its 95 % interval over 8 seeds. " +
			"Nobody is seen to wait longer", "10 min [8.33 min, 11.7 min]", "smallest that meets"}},
		"losers": {func(s *reports.Study) {
			s.Losers = []reports.Loser{{Kind: "queue", Name: "dev", Was: 60, Is: 7200, Low: 7000, High: 7300, P: 0.01, Pairs: 8, Certain: true}, {Kind: "queue", Name: "qa", Is: 5, Pairs: 3}}
		}, []string{"queue dev waits 2 h instead of 60 s at p95, and 1 more", "beyond chance (p = .010)", "in all of 3 seeds, too few to test"}},
		"none":     {func(s *reports.Study) { s.Smallest = -1; s.Points[0].Verdict = "unsure" }, []string{"No point meets", "the mean of 1 point does, but its interval reaches over the bound"}},
		"one seed": {func(s *reports.Study) { s.Seeds, s.Smallest = 1, 1 }, []string{"(one seed: an anecdote). It is also the largest of the grid."}},
		"partial":  {func(s *reports.Study) { s.Partial = true; s.Levels = nil; s.Smallest = -1 }, []string{"no level of service was asked for", "This study is not whole"}},
	} {
		s := base()
		x.change(s)
		rep, err := s.Report()
		if err != nil {
			t.Fatal(err)
		}
		text := rep.Verdict + "\n" + strings.Join(rep.Warnings, "\n")
		for _, section := range rep.Sections {
			for _, b := range section.Blocks {
				if b.Table != nil {
					for _, row := range b.Table.Rows {
						for _, c := range row {
							text += "\n" + c.Shown()
						}
					}
				}
			}
		}
		for _, want := range x.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, text)
			}
		}
	}
	bad := base()
	bad.Points[0].Values = nil
	if _, err := bad.Report(); err == nil {
		t.Error("a point without values is no error")
	}
}
