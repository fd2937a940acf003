package scenarios

import (
	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim/state"
)

// typicalJobs is how many jobs are read at most to tell which pods are typical.
const typicalJobs = 1_000_000

// typicalKey is where the scenario names the file with typical pods.
func (l *Loaded) typicalKey() string {
	if l.Policy.Preset != "" {
		return "policy.params.typical"
	}
	return "policy.place.params.typical"
}

// typical counts the pods that a policy like FGD goes by: those of the file that the scenario names, or of its own workload.
func (l *Loaded) typical(p *Plan, spec *policies.Spec) error {
	file, ok := spec.UsesTypical()
	if !ok || file == "" && len(l.Workload) == 0 {
		return nil
	}
	src, err := l.typicalSource(p, file)
	if err != nil {
		return err
	}
	var pods place.TypicalPods
	var job state.JobSpec
	for range typicalJobs {
		more, err := src.Next(&job)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		pods.Add(job.Roles)
	}
	if spec.Typical = pods.List(); file != "" && len(spec.Typical) == 0 {
		l.Doc.Errorf(l.typicalKey(), "%s holds no pods", file).Want("a trace whose pods are typical")
	}
	return l.Doc.Err()
}

func (l *Loaded) typicalSource(p *Plan, file string) (state.Source, error) {
	if file == "" {
		p.Warnings = append(p.Warnings, "which pods are typical is counted from the workload itself, before it runs: no scheduler knows that; params: {typical: FILE} names a trace of the past")
		return p.Config.Source.Clone(p.Config.Names)
	}
	key := l.typicalKey()
	if l.readable(p, key, file); l.Doc.Err() != nil {
		return nil, l.Doc.Err()
	}
	format, _, err := trace.Guess(l.path(file))
	if err != nil {
		l.Doc.Errorf(key, "%s", err).Want("a trace in a format of orrery trace list")
		return nil, l.Doc.Err()
	}
	src, _, err := trace.Open(format, l.path(file), trace.Options{Sort: true}, p.Config.Names)
	if err != nil {
		l.Doc.Errorf(key, "%s", err).Want("a trace in a format of orrery trace list")
		return nil, l.Doc.Err()
	}
	return src, nil
}
