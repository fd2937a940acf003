package main

import (
	"fmt"
	"io"
	"math"
	"sort"
	"strings"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/metric/energy"
	"github.com/orrery-sim/orrery/sim/metric/reliability"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// printSummary writes what a person wants to know first, as docs/cli.md shows it.
func printSummary(w io.Writer, p *scenarios.Plan, s *run.Simulated, style style) {
	r := s.Result
	fmt.Fprintf(w, "%s  %s   %s   %s jobs over %s   seed %d\n", style.bold(plain(p.Scenario.Name)), s.Policy, plain(p.ClusterText()),
		units.FormatCount(r.Jobs.Submitted), units.FormatDuration(int64(r.To)), p.Scenario.Seed)
	state := "done"
	if s.Interrupted {
		state = "interrupted: the figures cover what was simulated,"
	}
	fmt.Fprintf(w, "%s in %s (%s events/s)\n\n", state, units.FormatDuration(int64(s.Wall)),
		units.FormatNumber(float64(s.Counts.Events)/math.Max(s.Wall.Seconds(), 1e-9)))
	line := func(name, text string) { fmt.Fprintf(w, "%-10s%s\n", name, text) }
	line("jobs", jobsText(&r.Jobs))
	if r.Wait.N > 0 {
		line("wait", spreadText(r.Wait))
	}
	if r.JCT.N > 0 {
		line("JCT", spreadText(r.JCT))
		line("slowdown", fmt.Sprintf("mean %s   p50 %s   p99 %s", units.FormatNumber(r.Slowdown.Mean), units.FormatNumber(r.Slowdown.P50),
			units.FormatNumber(r.Slowdown.P99)))
	}
	if a := r.GPU.Allocation(); !math.IsNaN(a) {
		line("GPUs", fmt.Sprintf("%s allocated   %s free but unusable (fragmented)   of the GPU time of healthy nodes", units.FormatPercent(a),
			units.FormatPercent(metric.Ratio(r.Fragmented, r.GPU.Healthy))))
	}
	if p.Config.Speed != nil {
		line("speed", speedText(r))
	}
	if n := evicted(r); n > 0 {
		line("evicted", evictedText(r, n))
	}
	if s.Failures != nil {
		line("failures", failuresText(s.Failures))
	}
	if s.Cost != nil {
		line("cost", costText(s.Cost, r, p.Prices.Currency))
	}
	if s.Energy != nil {
		line("energy", energyText(s.Energy))
	}
	line("waiting", causesText(r))
}

// failuresText says how often nodes and jobs failed, and how much of their time ended jobs made progress in.
func failuresText(r *reliability.Result) string {
	var nodes, jobs int64
	var useful, span state.Wide
	for i := range r.Causes {
		nodes, jobs = nodes+r.Causes[i].Nodes, jobs+r.Causes[i].Interruptions
	}
	for i := range r.Sizes {
		useful.AddWide(r.Sizes[i].Useful)
		span.AddWide(r.Sizes[i].Span)
	}
	text := fmt.Sprintf("%s of nodes   %s attempts interrupted", units.FormatCount(nodes), units.FormatCount(jobs))
	if nodes > 0 {
		text += fmt.Sprintf("   one in %s a node", units.FormatDuration(r.NodeTime.Div(nodes)))
	}
	if !span.IsZero() {
		text += fmt.Sprintf("   ETTR %s", units.FormatPercent(metric.Ratio(useful, span)))
	}
	return text
}

// inThousands is a quantity in the larger unit where it is large.
func inThousands(v float64, unit, larger string) string {
	if v >= 10_000 {
		return units.FormatQuantity(v/1000, larger)
	}
	return units.FormatQuantity(v, unit)
}

// energyText says what the building drew.
func energyText(r *energy.Result) string {
	pue := float64(r.PUE) / 1e6
	total := energy.KWh(r.Total()) * pue
	text := fmt.Sprintf("%s with a PUE of %s   peak %s", inThousands(total, "kWh", "MWh"), units.FormatNumber(pue), units.FormatQuantity(float64(r.Peak)/1e6, "kW"))
	if total > 0 {
		text += fmt.Sprintf("   %s by GPUs that nobody held", units.FormatPercent(energy.KWh(r.Free)*pue/total))
	}
	if kg := r.CarbonKg(); kg > 0 {
		text += "   " + inThousands(kg, "kg CO2", "t CO2")
	}
	if r.Over > 0 {
		text += fmt.Sprintf("   over the cap for %s", units.FormatDuration(int64(r.Over)))
	}
	return text
}

// speedText says how fast jobs ran beside what was recorded, and what slowed them down.
func speedText(r *metric.Result) string {
	a := &r.Attempts
	if a.Work.IsZero() {
		return "nothing ran"
	}
	placed, shared := metric.Ratio(a.Placement, a.Work), metric.Ratio(a.Contention, a.Work)
	return fmt.Sprintf("%s of recorded   %s of the time lost to GPU type and distance   %s to others on the same links", units.FormatPercent(1-placed-shared),
		units.FormatPercent(placed), units.FormatPercent(shared))
}

// evictedText says what for jobs lost their GPUs, and what it cost.
func evictedText(r *metric.Result, n int64) string {
	text := units.FormatCount(n) + " attempts"
	if n == 1 {
		text = "1 attempt"
	}
	var words []string
	for kind, k := range r.Preempted {
		if k > 0 {
			words = append(words, units.FormatCount(k)+" "+state.PreemptKind(kind).String())
		}
	}
	for reason, k := range r.Evictions {
		if k > 0 && state.EndReason(reason) != state.ReasonPreempted {
			words = append(words, units.FormatCount(k)+" "+state.EndReason(reason).String())
		}
	}
	text += " (" + strings.Join(words, ", ") + ")"
	a := &r.Attempts
	for _, c := range []struct {
		hours float64
		word  string
	}{{metric.Hours(a.Lost), "lost"}, {metric.Hours(a.Overhead), "restoring and checkpointing"}, {metric.Hours(a.Idle), "standing still"}} {
		if c.hours > 0 {
			text += "   " + units.FormatQuantity(c.hours, "GPU-h") + " " + c.word
		}
	}
	return text
}

// costText says what a run cost, who paid, and what a month of it would.
func costText(c *cost.Result, r *metric.Result, currency string) string {
	all := c.All.Total()
	text := units.FormatMoney(all, currency)
	if month := c.Monthly(all); month > 0 {
		text += fmt.Sprintf("   %s a month", units.FormatMoney(month, currency))
	}
	if hours := metric.Hours(r.GPU.Allocated); hours > 0 {
		text += fmt.Sprintf("   %s a GPU-h held", units.FormatMoney(int64(float64(all)/hours), currency))
	}
	if all > 0 {
		text += fmt.Sprintf("   %s of it idle", units.FormatPercent(float64(c.All.Idle())/float64(all)))
	}
	if c.OnDemand > 0 {
		text += fmt.Sprintf("   spot saved %s (%s of on demand)", units.FormatMoney(c.OnDemand-c.Spot, currency), units.FormatPercent(float64(c.OnDemand-c.Spot)/float64(c.OnDemand)))
	}
	return text
}

// evicted is how often a job lost its GPUs without ending.
func evicted(r *metric.Result) int64 {
	var n int64
	for _, k := range r.Evictions {
		n += k
	}
	return n
}

func jobsText(c *metric.Counts) string {
	text := fmt.Sprintf("%s finished   %s failed   %s cancelled   %s unfinished", units.FormatCount(c.Finished), units.FormatCount(c.Failed),
		units.FormatCount(c.Cancelled), units.FormatCount(c.Unfinished))
	if c.Dropped > 0 {
		text += fmt.Sprintf("   %s dropped", units.FormatCount(c.Dropped))
	}
	if c.NeverPlaceable > 0 {
		text += fmt.Sprintf("   %s never placeable", units.FormatCount(c.NeverPlaceable))
	}
	if c.Excluded > 0 {
		text += fmt.Sprintf("   (%s of the warm-up left out)", units.FormatCount(c.Excluded))
	}
	return text
}

func spreadText(s metric.Spread) string {
	d := func(sec float64) string { return units.FormatDuration(int64(sec * 1e9)) }
	return fmt.Sprintf("mean %s   p50 %s   p90 %s   p99 %s", d(s.Mean), d(s.P50), d(s.P90), d(s.P99))
}

// causeWords are the causes as people read them.
var causeWords = [state.NumCauses]string{"held", "never placeable", "quota", "price", "no capacity", "fragmented", "topology", "reserved for another job",
	"behind another job", "policy's choice"}

func causesText(r *metric.Result) string {
	type share struct {
		cause int
		part  float64
	}
	var shares []share
	for c := range r.Causes {
		if p := metric.Ratio(r.Causes[c], r.Queued); p > 0 {
			shares = append(shares, share{c, p})
		}
	}
	if len(shares) == 0 {
		return "nobody waited"
	}
	sort.SliceStable(shares, func(i, j int) bool { return shares[i].part > shares[j].part })
	var words []string
	for _, s := range shares {
		words = append(words, units.FormatPercent(s.part)+" "+causeWords[s.cause])
	}
	return strings.Join(words, "   ") + "   of " + units.FormatQuantity(r.Queued.Float(3_600_000_000_000), "job-h")
}
