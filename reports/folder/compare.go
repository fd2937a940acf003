package folder

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// metrics are the figures that runs are compared by; the first is the one that the verdict is about.
func metrics() ([]reports.Metric, []func(*run.Summary) run.Number) {
	type m struct {
		reports.Metric
		of func(*run.Summary) run.Number
	}
	all := []m{
		{reports.Metric{Name: "Mean wait", Key: "wait_mean_s", Unit: reports.Seconds}, func(s *run.Summary) run.Number { return s.Wait.Mean }},
		{reports.Metric{Name: "Wait p50", Key: "wait_p50_s", Unit: reports.Seconds}, func(s *run.Summary) run.Number { return s.Wait.P50 }},
		{reports.Metric{Name: "Wait p99", Key: "wait_p99_s", Unit: reports.Seconds}, func(s *run.Summary) run.Number { return s.Wait.P99 }},
		{reports.Metric{Name: "Mean JCT", Key: "jct_mean_s", Unit: reports.Seconds}, func(s *run.Summary) run.Number { return s.JCT.Mean }},
		{reports.Metric{Name: "JCT p99", Key: "jct_p99_s", Unit: reports.Seconds}, func(s *run.Summary) run.Number { return s.JCT.P99 }},
		{reports.Metric{Name: "Mean slowdown", Key: "slowdown_mean", Unit: reports.Times}, func(s *run.Summary) run.Number { return s.Slowdown.Mean }},
		{reports.Metric{Name: "Makespan", Key: "makespan_s", Unit: reports.Seconds}, func(s *run.Summary) run.Number { return s.Makespan }},
		{reports.Metric{Name: "Allocation", Key: "allocation_share", Unit: reports.Share, More: true}, func(s *run.Summary) run.Number { return s.GPU.Allocation }},
	}
	var names []reports.Metric
	var of []func(*run.Summary) run.Number
	for _, x := range all {
		names, of = append(names, x.Metric), append(of, x.of)
	}
	return names, of
}

// Compare reads run folders as the input of a comparison: runs of one name and policy are one contender's, by seed. The
// first folder's contender is the baseline.
func Compare(dirs []string) (*reports.Comparison, error) {
	names, of := metrics()
	c := &reports.Comparison{Metrics: names}
	index := map[string]int{}
	var first, work []string
	for _, dir := range dirs {
		rec, err := run.ReadRecord(dir)
		if err != nil {
			return nil, err
		}
		if rec.Summary == nil {
			return nil, fmt.Errorf("%s: the run has no figures: %s", dir, rec.Partial)
		}
		if !rec.Complete {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s is partial: %s.", dir, rec.Partial))
		}
		key := withoutSeed(rec.Scenario)
		i, ok := index[key]
		if !ok {
			i = len(c.Policies)
			index[key], first = i, append(first, dir)
			c.Policies = append(c.Policies, reports.Contender{Name: rec.Policy})
		}
		for _, r := range c.Policies[i].Runs {
			if r.Seed == rec.Seed {
				return nil, fmt.Errorf("%s: the same scenario, policy and seed %d stand in the comparison already: leave one out", dir, rec.Seed)
			}
		}
		values := make([]float64, len(of))
		for k := range of {
			values[k] = float64(of[k](rec.Summary))
		}
		c.Policies[i].Runs = append(c.Policies[i].Runs, reports.ContenderRun{Seed: rec.Seed, Digest: rec.Digest, Values: values})
		if w := fmt.Sprintf("%s, %s jobs on %s", rec.Name, units.FormatCount(rec.Summary.Jobs.Submitted), rec.Cluster); !slices.Contains(work, w) {
			work = append(work, w)
		}
		if n := rec.Summary.Jobs.Unfinished; n > 0 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %s of %s jobs had not ended; they are in no completion time.", dir, units.FormatCount(n), units.FormatCount(rec.Summary.Jobs.Submitted)))
		}
		c.Tool = rec.Tool.Name + " " + rec.Tool.Version
	}
	return c, finish(c, first, work)
}

// withoutSeed is a scenario's text but for its seed: what makes two runs the same contender.
func withoutSeed(scenario string) string {
	lines := strings.Split(scenario, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "seed:") }), "\n")
}

// finish names the comparison and its contenders, and reads the waits of their first runs, so that contenders with one seed
// can still be paired, by job.
func finish(c *reports.Comparison, first []string, work []string) error {
	c.Name = fmt.Sprintf("%d policies compared", len(c.Policies))
	c.Workload = strings.Join(work, "; ")
	count := map[string]int{}
	for i := range c.Policies {
		count[c.Policies[i].Name]++
	}
	for i := range c.Policies {
		p := &c.Policies[i]
		if count[p.Name] > 1 {
			p.Name += " (" + filepath.Clean(first[i]) + ")"
		}
		sort.Slice(p.Runs, func(a, b int) bool { return p.Runs[a].Seed < p.Runs[b].Seed })
		waits, err := waitsOf(first[i])
		if err != nil {
			return err
		}
		p.Waits = waits
	}
	return nil
}

// waitsOf are the waits of a run's jobs in order of submission, in seconds; NaN for a job that never started. Runs with
// more than mostJobs jobs have none.
func waitsOf(dir string) ([]float64, error) {
	var waits []float64
	for row, err := range run.Jobs(dir) {
		if err != nil {
			return nil, err
		}
		for uint64(len(waits)) <= row.Number {
			if len(waits) >= mostJobs {
				return nil, nil
			}
			waits = append(waits, math.NaN())
		}
		if row.Wait != state.Unset {
			waits[row.Number] = float64(row.Wait) / 1e9
		}
	}
	return waits, nil
}
