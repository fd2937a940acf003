package reports_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/internal/sample"
)

// two contenders with the given values of one metric by seed, from seed 1 on.
func two(unit reports.Unit, a, b []float64) *reports.Comparison {
	c := &reports.Comparison{Name: "two", Metrics: []reports.Metric{{Name: "Mean wait", Key: "wait_mean_s", Unit: unit}}}
	for i, values := range [][]float64{a, b} {
		p := reports.Contender{Name: []string{"fifo", "sjf"}[i]}
		for s, v := range values {
			p.Runs = append(p.Runs, reports.ContenderRun{Seed: uint64(s + 1), Values: []float64{v}})
		}
		c.Policies = append(c.Policies, p)
	}
	return c
}

func claims(r *reports.Report) bool {
	return strings.Contains(r.Verdict, "lowers") || strings.Contains(r.Verdict, "raises") || len(r.Charts()) > 0 && r.Charts()[0].ID != "means"
}

func TestOnlyCommonSeedsArePaired(t *testing.T) {
	waits := make([]float64, 1000)
	for i := range waits {
		waits[i] = float64(i)
	}
	for _, c := range []struct {
		name       string
		a, b       []uint64 // seeds
		wa, wb     uint64   // seeds of the waits
		otherWork  string
		verdict    string // begins
		warning    string // in the first
		claim      bool
		pairsShown string
	}{
		{name: "no common seed", a: []uint64{1}, b: []uint64{2}, wa: 1, wb: 2, verdict: "No common seed", warning: "No common seed: nothing is paired between fifo and sjf (seed 1 of fifo and seed 2 of sjf)"},
		{name: "waits of another seed", a: []uint64{1, 3}, b: []uint64{3, 4}, wa: 1, wb: 3, verdict: "Not decided: 1 pair", warning: "No partner for seed 1 of fifo and seed 4 of sjf: differences are over seed 3", claim: true, pairsShown: "1"},
		{name: "one seed", a: []uint64{5}, b: []uint64{5}, wa: 5, wb: 5, verdict: "sjf lowers the mean wait", warning: "one common seed", claim: true, pairsShown: "30"},
		{name: "other work", a: []uint64{5}, b: []uint64{5}, wa: 5, wb: 5, otherWork: "the workload section", verdict: "Nothing is compared", warning: "Not the same work: fifo and sjf differ in the workload section"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := two(reports.Seconds, nil, nil)
			for i, seeds := range [][]uint64{c.a, c.b} {
				p := &in.Policies[i]
				for _, s := range seeds {
					p.Runs = append(p.Runs, reports.ContenderRun{Seed: s, Values: []float64{float64(500 - 300*i)}})
				}
				p.Waits = slices.Clone(waits)
				for j := range p.Waits {
					p.Waits[j] /= float64(i + 1)
				}
			}
			in.Policies[0].WaitsSeed, in.Policies[1].WaitsSeed, in.Policies[1].OtherWork = c.wa, c.wb, c.otherWork
			r := report(t, in.Report)
			if !strings.HasPrefix(r.Verdict, c.verdict) || claims(r) != c.claim {
				t.Errorf("verdict %q, claims %v", r.Verdict, claims(r))
			}
			if len(r.Warnings) == 0 || !strings.Contains(r.Warnings[0], c.warning) {
				t.Errorf("warnings %q", r.Warnings)
			}
			shown := ""
			for _, b := range section(r, "differences").Blocks {
				shown = b.Table.Rows[0][2].Shown()
			}
			if shown != c.pairsShown {
				t.Errorf("pairs %q, want %q", shown, c.pairsShown)
			}
		})
	}
}

// Five pairs cannot reach p < .05 even where all fall: that is no result, neither a difference nor none.
func TestTooFewPairsAreNotDecided(t *testing.T) {
	r := report(t, two(reports.Seconds, []float64{100, 101, 102, 103, 104}, []float64{50, 52, 51, 53, 54}).Report)
	row := section(r, "differences").Blocks[0].Table.Rows[0]
	if got := row[len(row)-1].Shown(); got != "not decided: 5 pairs" {
		t.Errorf("verdict of the row %q", got)
	}
	if title := r.Charts()[0].Title; title != "Not decided: 5 pairs are too few to tell a difference in mean wait" {
		t.Errorf("title %q", title)
	}
	for _, want := range []string{"Not decided: 5 pairs.", "p < .05 from 6 pairs on", "the interval leaves out 0 only because"} {
		if !strings.Contains(r.Verdict, want) {
			t.Errorf("verdict %q lacks %q", r.Verdict, want)
		}
	}
}

// The sentence says the means that the table shows, also where some jobs started in one of the runs only.
func TestVerdictSaysTheTablesMeans(t *testing.T) {
	in := two(reports.Seconds, []float64{9000}, []float64{4000})
	for i := range in.Policies {
		p := &in.Policies[i]
		p.WaitsSeed, p.Waits = 1, make([]float64, 907)
		for j := range p.Waits {
			p.Waits[j] = float64(8000 - 5000*i + j)
		}
	}
	in.Policies[0].Waits[906] = math.NaN()
	if r := report(t, in.Report); !strings.Contains(r.Verdict, "by 55.6 % against fifo, from 2.5 h to 1.11 h") {
		t.Errorf("verdict %q", r.Verdict)
	}
}

func TestBestOfAColumn(t *testing.T) {
	for _, c := range []struct {
		values []float64
		best   []bool
		shown  []string
	}{
		{[]float64{15444, 6840, 6840.0001}, []bool{false, true, true}, []string{"4.29 h", "1.9 h", "1.9 h"}},
		{[]float64{6840, 6840, 6840}, []bool{false, false, false}, []string{"114 min", "114 min", "114 min"}},
		{[]float64{14400, 30, 0}, []bool{false, false, true}, []string{"240 min", "0.5 min", "0 min"}},
	} {
		in := two(reports.Seconds, c.values[:1], c.values[1:2])
		in.Policies = append(in.Policies, reports.Contender{Name: "las", Runs: []reports.ContenderRun{{Seed: 1, Values: c.values[2:]}}})
		for p, row := range section(report(t, in.Report), "policies").Blocks[0].Table.Rows {
			if row[2].Best != c.best[p] || row[2].Shown() != c.shown[p] || row[2].Raw() != fmt.Sprint(c.values[p]) {
				t.Errorf("%v: row %d is %q (%s), best %v", c.values, p, row[2].Shown(), row[2].Raw(), row[2].Best)
			}
		}
	}
}

func TestIntervalsAreInOneUnit(t *testing.T) {
	for _, c := range []struct {
		unit reports.Unit
		a, b []float64
		want string
	}{
		{reports.Seconds, []float64{9000, 9100, 30000}, []float64{1, 2, 3}, "-4.45 h [-12.8 h, +3.89 h]"},
		{reports.Share, []float64{0.5, 0.6, 0.7}, []float64{0.6, 0.69, 0.81}, "+10 pp [+7.52 pp, +12.5 pp]"},
		{reports.Seconds, []float64{5}, []float64{6}, "+1 s [none, none]"},
	} {
		row := section(report(t, two(c.unit, c.a, c.b).Report), "differences").Blocks[0].Table.Rows[0]
		if got := fmt.Sprintf("%s [%s, %s]", row[3].Shown(), row[4].Shown(), row[5].Shown()); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if r := report(t, two(reports.Share, []float64{0.5, 0.6}, []float64{0.4, 0.5}).Report); !strings.Contains(r.Verdict, "by 10 percentage points") {
		t.Errorf("verdict %q", r.Verdict)
	}
}

// Two policies' differences in one metric stand in one unit.
func TestDifferencesInAMetricAreInOneUnit(t *testing.T) {
	in := two(reports.Seconds, []float64{36000}, []float64{18000})
	in.Policies = append(in.Policies, reports.Contender{Name: "las", Runs: []reports.ContenderRun{{Seed: 1, Values: []float64{34200}}}})
	rows := section(report(t, in.Report), "differences").Blocks[0].Table.Rows
	if a, b := rows[0][3].Shown(), rows[1][3].Shown(); a != "-5 h" || b != "-0.5 h" {
		t.Errorf("differences %q and %q, want -5 h and -0.5 h", a, b)
	}
}

// Names that differ in the middle only are told apart where there is room for a few letters.
func TestLabelsLeaveOutWhatAllShare(t *testing.T) {
	for _, c := range []struct{ names, want string }{
		{"fifo+easy+first-fit fifo+easy+best-fit fifo+easy+spread fifo+none+spread", "easy+best-fit easy none"},
		{"fifo+none+first-fit fifo+easy+first-fit fifo+easy+best-fit sjf+none+first-fit", "fifo+easy fifo+easy+best-fit sjf+none"},
		{"a+x+z b+x+z a+x c+y+z", "b+x+z a+x c+y+z"},
		{"a b c d", "b c d"},
	} {
		in := sample.Comparison(8)
		for i, name := range strings.Fields(c.names) {
			in.Policies[i].Name = name
		}
		r := report(t, in.Report)
		var got []string
		for _, row := range r.Charts()[0].Plot.(*reports.Forest).Rows {
			got = append(got, row.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: labels %q, want %q", c.names, got, c.want)
		}
		if second := strings.Fields(c.names)[1]; !strings.HasPrefix(r.Verdict, second+" lowers") {
			t.Errorf("verdict %q", r.Verdict)
		}
	}
}
