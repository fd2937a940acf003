package world

import (
	"fmt"
	"math"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// translator translates entries into the words of one plan's engine.
type translator struct {
	names    *state.Names
	queues   []string // that the scenario lists
	cpu, mem bool     // whether the cluster models them
	quota    *quota.Spec
}

func newTranslator(p *scenarios.Plan) translator {
	t := translator{names: p.Config.Names, quota: p.Config.Quota}
	if t.quota == nil { // else the tree says which there are, and queues may come
		t.queues = queueNames(p)
	}
	for i := range p.Config.Nodes {
		t.cpu = t.cpu || p.Config.Nodes[i].CPUMilli > 0
		t.mem = t.mem || p.Config.Nodes[i].MemMiB > 0
	}
	return t
}

// queueNames are the queues that a scenario names.
func queueNames(p *scenarios.Plan) (names []string) {
	for i := range p.Scenario.Queues {
		names = append(names, p.Scenario.Queues[i].Name)
	}
	return names
}

// spec translates a job for the engine.
func (t *translator) spec(s *submitted) (state.JobSpec, error) {
	var j state.JobSpec
	j.Reset()
	script := &s.Script
	names := t.names
	j.Name = []byte(s.Name)
	j.Duration, j.Outcome, j.Priority, j.Once = script.Length(), script.Outcome(), s.Priority, script.Once
	j.Recovery = state.RecoveryNone // a script starts over
	if j.Duration != state.Never {
		j.Estimate = j.Duration
	} else {
		j.Estimate = 24 * 3600 * state.Second
	}
	if s.Queue != "" && !t.hasQueue(s.Queue) {
		return j, &UnknownQueueError{s.Queue, t.queues}
	}
	for i := range s.Roles {
		r := &s.Roles[i]
		if r.Replicas > math.MaxInt32 || r.GPUs > math.MaxInt32 {
			return j, fmt.Errorf("role %q: %d pods of %d GPUs are too many", r.Name, r.Replicas, r.GPUs)
		}
		spec := state.RoleSpec{Replicas: int32(r.Replicas), PodGPUs: int32(r.GPUs), CPUMilli: r.CPUMilli, MemMiB: r.MemMiB}
		if r.GPUs > 0 {
			spec.GPUMilli = 1000
		}
		if r.GPUType != "" {
			id, ok := names.Types.Lookup(r.GPUType)
			if !ok {
				return j, fmt.Errorf("role %q: no node has GPUs of type %q (there are %q)", r.Name, r.GPUType, names.Types.All())
			}
			spec.TypeMask = 1 << uint(id)
		}
		if !t.cpu {
			spec.CPUMilli = 0
		}
		if !t.mem {
			spec.MemMiB = 0
		}
		j.Roles = append(j.Roles, spec)
	}
	if err := sim.CheckSubmit(&j, script.Create); err != nil {
		return j, err
	}
	j.User, j.Queue = names.Users.Intern([]byte(s.User)), names.Queues.Intern([]byte(s.Queue))
	return j, nil
}

func (t *translator) hasQueue(name string) bool {
	if len(t.queues) == 0 {
		return true // the scenario does not list them: any will do
	}
	for _, q := range t.queues {
		if q == name {
			return true
		}
	}
	return false
}
