package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// recorded compares simulated with recorded waits, where the trace has recorded starts: how far the model is from what
// happened. Jobs without a record, or that did not start here, are left out and counted.
func (v *runView) recorded() Section {
	s := Section{ID: "recorded", Title: "Against the record"}
	var simulated, record, off []float64
	var sum, absolute float64
	for i := range v.Jobs {
		j := &v.Jobs[i]
		if !j.Recorded || j.Started < 0 {
			continue
		}
		a, b := float64(j.Started-j.Submit)/1e9, float64(j.RecordedStart-j.Submit)/1e9
		simulated, record, off = append(simulated, a), append(record, b), append(off, math.Abs(a-b))
		sum += a - b
		absolute += math.Abs(a - b)
	}
	n := len(simulated)
	if n == 0 {
		return s
	}
	for _, list := range [][]float64{simulated, record, off} {
		slices.Sort(list)
	}
	title := fmt.Sprintf("Simulated waits are %s longer than recorded ones on average", amount(sum/float64(n), Seconds))
	switch {
	case sum == 0 && absolute == 0:
		title = "Simulated waits are exactly the recorded ones"
	case sum < 0:
		title = fmt.Sprintf("Simulated waits are %s shorter than recorded ones on average", amount(-sum/float64(n), Seconds))
	}
	const floor = 1.0
	plot := &CDF{X: Axis{Name: "wait", Unit: Seconds}, Floor: floor}
	for _, l := range []struct {
		name  string
		color Color
		of    []float64
	}{{"simulated", Blue, simulated}, {"recorded", Orange, record}} {
		x, p := curve(l.of, floor, curvePoints)
		plot.Lines = append(plot.Lines, CDFLine{l.name, l.color, n, x, p})
	}
	table := Table{ID: "recorded-waits", Caption: "Simulated and recorded wait", Columns: []Column{{Name: "wait", Key: "wait", Unit: Text},
		{Name: "mean", Key: "mean_s", Unit: Seconds}, {Name: "p50", Key: "p50_s", Unit: Seconds}, {Name: "p90", Key: "p90_s", Unit: Seconds},
		{Name: "p99", Key: "p99_s", Unit: Seconds}}}
	for _, row := range []struct {
		name string
		of   []float64
	}{{"simulated", simulated}, {"recorded", record}, {"difference of a job, either way", off}} {
		table.Rows = append(table.Rows, []Cell{Word(row.name), Number(total(row.of)/float64(n), Seconds), Number(stats.Quantile(row.of, .5), Seconds),
			Number(stats.Quantile(row.of, .9), Seconds), Number(stats.Quantile(row.of, .99), Seconds)})
	}
	s.Blocks = []Block{{Chart: &Chart{ID: "recorded-wait", Title: title, Subtitle: "Share of jobs that waited at most so long, here and in the record",
		Behind: fmt.Sprintf("%s of %s have a recorded start and started here", amount(float64(n), Count), plural(len(v.Jobs), "job")), Plot: plot}},
		{Table: &table}}
	return s
}
