package folder

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/units"
)

// workKeys are the sections of a scenario that say which jobs come and which of them are measured. Runs that differ in one
// did not do the same work.
func workKeys() []string {
	return []string{"workload", "initial", "start", "timezone", "horizon", "warmup"}
}

// namedKeys are the sections whose differences the names of contenders say, or that make no difference.
func namedKeys() []string { return []string{"apiVersion", "kind", "name", "seed", "policy", "cluster"} }

// work is what a run was given, by section of its scenario.
type work struct {
	keys     []string
	sections map[string]string
	inputs   []run.Input // those that jobs come from: not the scenario, nor files that only the cluster or the policy names
}

func workOf(rec *run.Record) *work {
	w := &work{sections: map[string]string{}}
	key := ""
	for line := range strings.Lines(rec.Scenario) {
		if line[0] != ' ' && line[0] != '-' && line[0] != '\n' {
			key, _, _ = strings.Cut(line, ":")
			w.keys = append(w.keys, key)
		}
		w.sections[key] += line
	}
	elsewhere := w.sections["cluster"] + w.sections["policy"]
	jobs := w.sections["workload"] + w.sections["initial"]
	for i, in := range rec.Inputs {
		name := filepath.Base(in.Path)
		if i == 0 || strings.Contains(elsewhere, name) && !strings.Contains(jobs, name) {
			continue
		}
		w.inputs = append(w.inputs, in)
	}
	return w
}

// contender is the same for two runs that differ in nothing but the seed.
func (w *work) contender() string {
	var b strings.Builder
	for _, key := range w.keys {
		if key != "seed" {
			b.WriteString(w.sections[key])
		}
	}
	b.WriteString(w.sums())
	return b.String()
}

// sums are the checksums of the inputs, whatever the files are called.
func (w *work) sums() string {
	var all []string
	for _, in := range w.inputs {
		all = append(all, in.SHA256)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// otherWork names what of e's work is not the baseline's, "" where all is.
func otherWork(base, e *entry) string {
	a, b := workOf(base.records[0]), workOf(e.records[0])
	var differ []string
	for _, key := range workKeys() {
		if a.sections[key] != b.sections[key] {
			differ = append(differ, key)
		}
	}
	if a.sums() != b.sums() {
		names := []string{}
		for _, in := range append(slices.Clone(a.inputs), b.inputs...) {
			if name := filepath.Base(in.Path); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		differ = append(differ, "what the input files hold ("+strings.Join(names, ", ")+")")
	}
	if len(differ) == 0 {
		differ = append(differ, submitted(base, e)...)
	}
	if len(differ) == 0 {
		return ""
	}
	text := strings.Join(differ, ", ")
	if x, y := base.records[0].Name, e.records[0].Name; x != y {
		text += fmt.Sprintf(" (scenarios %s and %s)", x, y)
	}
	return text
}

// submitted says whether runs with the same seed were given different numbers of jobs: one was cut short, or the jobs depend
// on the cluster.
func submitted(base, e *entry) []string {
	for _, x := range base.records {
		for _, y := range e.records {
			if n, m := jobsOf(x), jobsOf(y); x.Seed == y.Seed && n != m {
				return []string{fmt.Sprintf("the number of submitted jobs (%s and %s with seed %d)", units.FormatCount(n), units.FormatCount(m), x.Seed)}
			}
		}
	}
	return nil
}

func jobsOf(rec *run.Record) int64 { return rec.Summary.Jobs.Submitted + rec.Summary.Jobs.InWarmup }

// otherSettings warns of what differs beside the policy, and so cannot be told from its effect.
func otherSettings(base, e *entry) []string {
	a, b := workOf(base.records[0]), workOf(e.records[0])
	var differ []string
	if a.sections["policy"] != b.sections["policy"] && base.records[0].Cluster != e.records[0].Cluster {
		differ = append(differ, "policy and cluster")
	}
	keys := slices.Clone(a.keys)
	for _, key := range b.keys {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if !slices.Contains(namedKeys(), key) && a.sections[key] != b.sections[key] {
			differ = append(differ, key)
		}
	}
	if a.sections["cluster"] != b.sections["cluster"] && base.records[0].Cluster == e.records[0].Cluster {
		differ = append(differ, "the cluster section")
	}
	if len(differ) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s and %s differ in %s: their difference is the effect of all that together.", base.Name, e.Name, strings.Join(differ, ", "))}
}
