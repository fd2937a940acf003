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

// entry is one contender while it is being put together.
type entry struct {
	reports.Contender
	records []*run.Record // by run
	dirs    []string
}

// Compare reads run folders as the input of a comparison: runs of one scenario and policy on the same inputs are one
// contender's, by seed. baseline is one of the folders or the name of a policy, "" for the first folder's.
func Compare(dirs []string, baseline string) (*reports.Comparison, error) {
	names, of := metrics()
	own, evict, err := moreMetrics(dirs)
	if err != nil {
		return nil, err
	}
	if evict {
		names = append(names, reports.Metric{Name: "Preemptions", Key: "preemptions", Unit: reports.Count},
			reports.Metric{Name: "GPU time lost", Key: "lost_share", Unit: reports.Share})
		of = append(of, func(s *run.Summary) run.Number { return run.Number(s.Preemptions) }, (*run.Summary).LostShare)
	}
	for _, name := range own {
		names = append(names, reports.Metric{Name: "Policy's " + name, Key: "policy_" + name, Unit: reports.Plain, Own: true})
		of = append(of, func(s *run.Summary) run.Number { return meanOf(s, name) })
	}
	currency, err := currencyOf(dirs)
	if err != nil {
		return nil, err
	}
	if currency != "" {
		unit := reports.Currency(currency)
		names = append(names, reports.Metric{Name: "Cost a month, " + currency, Key: "cost_a_month_" + strings.ToLower(currency), Unit: unit})
		of = append(of, costAMonth)
	}
	c := &reports.Comparison{Metrics: names}
	var all []*entry
	index := map[string]*entry{}
	for _, dir := range dirs {
		rec, err := run.ReadRecord(dir)
		if err != nil {
			return nil, err
		}
		if rec.Summary == nil {
			return nil, fmt.Errorf("%s: the run has no figures: %s", dir, rec.Partial)
		}
		key := workOf(rec).contender()
		e := index[key]
		if e == nil {
			e = &entry{Contender: reports.Contender{Name: rec.Policy}}
			all, index[key] = append(all, e), e
		}
		if slices.ContainsFunc(e.records, func(r *run.Record) bool { return r.Seed == rec.Seed }) {
			return nil, fmt.Errorf("%s: the same scenario, policy and seed %d stand in the comparison already: leave one out", dir, rec.Seed)
		}
		values := make([]float64, len(of))
		for k := range of {
			values[k] = float64(of[k](rec.Summary))
		}
		e.Runs = append(e.Runs, reports.ContenderRun{Seed: rec.Seed, Digest: rec.Digest, Values: values})
		e.records, e.dirs = append(e.records, rec), append(e.dirs, dir)
		for _, g := range rec.Guests {
			if g.Fallen {
				c.Warnings = append(c.Warnings, fmt.Sprintf("%s is not all %s: the module failed in mid-run, and a native part stood in from then on.", dir, g.Policy))
			}
		}
		if !rec.Complete {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s is partial: %s.", dir, rec.Partial))
		}
		c.Tool = rec.Tool.Name + " " + rec.Tool.Version
	}
	all, err = withBaseline(all, baseline)
	if err != nil {
		return nil, err
	}
	c.Name, c.Workload = fmt.Sprintf("%d %s compared", len(all), nameAll(all)), workload(all)
	for _, e := range all[1:] {
		e.OtherWork = otherWork(all[0], e)
		if e.OtherWork == "" {
			c.Warnings = append(c.Warnings, otherSettings(all[0], e)...)
		}
	}
	for _, e := range all {
		if text := unended(e); text != "" {
			c.Warnings = append(c.Warnings, text)
		}
	}
	if err := readWaits(all); err != nil {
		return nil, err
	}
	for _, e := range all {
		sort.Slice(e.Runs, func(a, b int) bool { return e.Runs[a].Seed < e.Runs[b].Seed })
		c.Policies = append(c.Policies, e.Contender)
	}
	return c, nil
}

// mostOwn bounds the series of the policies' own that are compared.
const mostOwn = 8

// moreMetrics are what some runs can be compared by beside: the names of series that at least two have of the policies' own,
// and whether a job was evicted in any.
func moreMetrics(dirs []string) (names []string, evictions bool, err error) {
	count := map[string]int{}
	for _, dir := range dirs {
		rec, err := run.ReadRecord(dir)
		if err != nil {
			return nil, false, err
		}
		if rec.Summary == nil {
			continue
		}
		evictions = evictions || len(rec.Summary.Evictions) > 0
		for _, o := range rec.Summary.Own {
			count[o.Name]++
		}
	}
	for name, n := range count {
		if n > 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names[:min(len(names), mostOwn)], evictions, nil
}

// meanOf is the mean of a series of the policy's own, NaN where the run has none.
func meanOf(s *run.Summary, name string) run.Number {
	for _, o := range s.Own {
		if o.Name == name {
			return o.Mean
		}
	}
	return run.Number(math.NaN())
}

// unended says how many jobs the completion times of a contender leave out, "" where they have all.
func unended(e *entry) string {
	runs, jobs, of := 0, int64(0), int64(0)
	for _, rec := range e.records {
		if n := rec.Summary.Jobs.Unfinished; n > 0 {
			runs, jobs, of = runs+1, jobs+n, of+rec.Summary.Jobs.Submitted
		}
	}
	if runs == 0 {
		return ""
	}
	where := ""
	if len(e.records) > 1 {
		where = fmt.Sprintf(" in %d of %d runs", runs, len(e.records))
	}
	return fmt.Sprintf("%s: %s of %s jobs had not ended%s; they are in no completion time.", e.Name, units.FormatCount(jobs), units.FormatCount(of), where)
}

// BaselineError is a baseline that is none of the contenders.
type BaselineError struct {
	Got  string
	Have []string
}

func (e *BaselineError) Error() string {
	return fmt.Sprintf("no run or policy %q to be the baseline\n  policies compared here: %s\n  name one of them, or one of the run folders",
		reports.Clean(e.Got, 200), strings.Join(e.Have, ", "))
}

// withBaseline puts the baseline first: the contender of a run folder or of the folder around it, else the first of a policy's
// name, which may be cut at a "+".
func withBaseline(all []*entry, baseline string) ([]*entry, error) {
	if baseline == "" {
		return all, nil
	}
	dir, at := filepath.Clean(baseline), -1
	for _, is := range []func(e *entry) bool{
		func(e *entry) bool {
			return slices.ContainsFunc(e.dirs, func(d string) bool { return filepath.Clean(d) == dir || filepath.Dir(filepath.Clean(d)) == dir })
		},
		func(e *entry) bool { return e.Name == baseline },
		func(e *entry) bool { return strings.HasPrefix(e.Name, baseline+"+") },
	} {
		if at < 0 {
			at = slices.IndexFunc(all, is)
		}
	}
	if at < 0 {
		err := &BaselineError{Got: baseline}
		for _, e := range all {
			if !slices.Contains(err.Have, e.Name) {
				err.Have = append(err.Have, reports.Name(e.Name))
			}
		}
		return nil, err
	}
	first := all[at]
	return append([]*entry{first}, slices.Delete(slices.Clone(all), at, at+1)...), nil
}

// nameAll names contenders by what differs: the policy, the cluster, else the first run's folder as well. It returns what
// they are.
func nameAll(all []*entry) (what string) {
	policies, clusters := map[string]int{}, map[string]int{}
	for _, e := range all {
		policies[e.Name]++
		clusters[e.records[0].Cluster]++
	}
	what = "policies"
	names := map[string]int{}
	for _, e := range all {
		switch cluster := e.records[0].Cluster; {
		case len(clusters) == 1:
		case len(policies) == 1:
			e.Name, what = cluster, "clusters"
		default:
			e.Name, what = e.Name+" on "+cluster, "set-ups"
		}
		names[e.Name]++
	}
	for _, e := range all {
		if names[e.Name] > 1 {
			e.Name, what = e.Name+" ("+filepath.Clean(e.dirs[0])+")", "set-ups"
		}
	}
	return what
}

// workload says what was run: "two-weeks, 3,890 to 3,935 jobs, 5 seeds, 512 GPUs (64 x 8 A100-80)".
func workload(all []*entry) string {
	type span struct {
		low, high int64
		seeds     map[uint64]bool
	}
	spans, clusters := map[string]*span{}, map[string]bool{}
	var names []string
	for _, e := range all {
		for _, rec := range e.records {
			n := rec.Summary.Jobs.Submitted
			s := spans[rec.Name]
			if s == nil {
				s = &span{low: n, high: n, seeds: map[uint64]bool{}}
				spans[rec.Name], names = s, append(names, rec.Name)
			}
			s.low, s.high, s.seeds[rec.Seed] = min(s.low, n), max(s.high, n), true
			clusters[rec.Cluster] = true
		}
	}
	for i, name := range names {
		s := spans[name]
		text := name + ", " + units.FormatCount(s.low)
		if s.high > s.low {
			text += " to " + units.FormatCount(s.high)
		}
		text += " jobs, "
		if len(s.seeds) == 1 {
			text += "1 seed"
		} else {
			text += fmt.Sprintf("%d seeds", len(s.seeds))
		}
		names[i] = text
	}
	if len(clusters) == 1 {
		names = append(names, all[0].records[0].Cluster)
		return strings.Join(names, "; ")
	}
	return strings.Join(names, "; ")
}

// readWaits reads the waits of one run of each contender: of the lowest seed that all with the baseline's work ran, else of
// the lowest that the baseline and another did, else of its own lowest.
func readWaits(all []*entry) error {
	ran := map[uint64]int{} // contenders with the baseline's work
	for _, e := range all {
		for _, rec := range e.records {
			if e.OtherWork == "" {
				ran[rec.Seed]++
			}
		}
	}
	var chosen *run.Record
	for _, rec := range all[0].records {
		if chosen == nil || ran[rec.Seed] > ran[chosen.Seed] || ran[rec.Seed] == ran[chosen.Seed] && rec.Seed < chosen.Seed {
			chosen = rec
		}
	}
	for _, e := range all {
		at := 0
		for i, rec := range e.records {
			if own := e.records[at].Seed; rec.Seed == chosen.Seed || own != chosen.Seed && rec.Seed < own {
				at = i
			}
		}
		waits, err := waitsOf(e.dirs[at])
		if err != nil {
			return err
		}
		e.Waits, e.WaitsSeed = waits, e.records[at].Seed
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
