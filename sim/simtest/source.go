package simtest

import (
	"github.com/orrery-sim/orrery/sim/state"
)

// Source delivers a slice of jobs. The specs are read-only and shared by clones.
type Source struct {
	Specs []state.JobSpec
	at    int
	Err   error // returned at the end of Specs, if set
}

// NewSource returns a source over specs, which must be in order of submission.
func NewSource(specs ...state.JobSpec) *Source { return &Source{Specs: specs} }

// Next delivers the next job.
func (s *Source) Next(spec *state.JobSpec) (bool, error) {
	if s.at == len(s.Specs) {
		return false, s.Err
	}
	in := &s.Specs[s.at]
	s.at++
	name, roles, after := spec.Name[:0], spec.Roles[:0], spec.After[:0]
	*spec = *in
	spec.Name = append(name, in.Name...)
	spec.Roles = append(roles, in.Roles...)
	spec.After = append(after, in.After...)
	return true, nil
}

// Clone returns a source at the same position.
func (s *Source) Clone(*state.Names) (state.Source, error) {
	c := *s
	return &c, nil
}

// Job builds a job of gpus GPUs that placement may split; options change it.
func Job(name string, submit, run state.Time, gpus int32, options ...func(*state.JobSpec)) state.JobSpec {
	var j state.JobSpec
	j.Reset()
	j.Name = []byte(name)
	j.Submit, j.Duration = submit, run
	j.Roles = []state.RoleSpec{Split(gpus)}
	for _, o := range options {
		o(&j)
	}
	return j
}

// Split is a role whose GPUs placement may split.
func Split(gpus int32) state.RoleSpec {
	return state.RoleSpec{Replicas: gpus, PodGPUs: 1, GPUMilli: 1000, Flags: state.RoleSplit}
}

// Pods is a role of replicas pods of gpus whole GPUs.
func Pods(replicas, gpus int32) state.RoleSpec {
	return state.RoleSpec{Replicas: replicas, PodGPUs: gpus, GPUMilli: 1000}
}
