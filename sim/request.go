package sim

import (
	"fmt"
	"math"
	"strings"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// maxShare bounds what one pod asks of a node beside GPUs, so that a split role's proportions fit an int64.
const maxShare = 1 << 40

// maxPods bounds the pods of one role: each is placed by itself.
const maxPods = 1_000_000

// checkSpec refuses what no Source may deliver: the engine's arithmetic relies on it.
func checkSpec(s *state.JobSpec, recoveries int) error {
	switch {
	case s.Duration < 0 || s.MaxRun < 0 || s.Patience < 0 && s.Patience != state.Unset:
		return fmt.Errorf("job %q has a negative duration (%d ns), maximum running time (%d ns) or patience (%d ns)",
			s.Name, s.Duration, s.MaxRun, s.Patience)
	case s.Recovery != state.RecoveryNone && int(s.Recovery) >= max(recoveries, 1):
		return fmt.Errorf("job %q recovers by rule %d (there are %d)", s.Name, s.Recovery, max(recoveries, 1))
	case len(s.Roles) > math.MaxUint16:
		return fmt.Errorf("job %q has %d roles (at most %d)", s.Name, len(s.Roles), math.MaxUint16)
	}
	var gpus int64
	for i := range s.Roles {
		r := &s.Roles[i]
		split := r.Flags&state.RoleSplit != 0
		switch {
		case r.Replicas < 0 || r.PodGPUs < 0 || r.CPUMilli < 0 || r.MemMiB < 0 || r.CPUMilli > maxShare || r.MemMiB > maxShare:
			return fmt.Errorf("job %q, role %d: %d replicas of %d GPUs, %d CPU thousandths and %d MiB each (want 0 or more, at most 2^40)",
				s.Name, i, r.Replicas, r.PodGPUs, r.CPUMilli, r.MemMiB)
		case r.PodGPUs > 0 && (r.GPUMilli < 1 || r.GPUMilli > cluster.Whole), split && r.GPUMilli != cluster.Whole:
			return fmt.Errorf("job %q, role %d: %d thousandths of a GPU (want 1 to 1000; 1000 where placement splits the GPUs)",
				s.Name, i, r.GPUMilli)
		case split && r.PodGPUs != 1:
			return fmt.Errorf("job %q, role %d: %d GPUs a pod in a role that placement splits (want 1)", s.Name, i, r.PodGPUs)
		}
		if gpus += int64(r.Replicas) * int64(r.PodGPUs); gpus > math.MaxInt32 {
			return fmt.Errorf("job %q asks for %d GPUs or more (at most %d)", s.Name, gpus, math.MaxInt32)
		}
		if !split && r.Replicas > maxPods {
			return fmt.Errorf("job %q, role %d: %d pods (at most %d in one role)", s.Name, i, r.Replicas, maxPods)
		}
	}
	return nil
}

// checkLevels refuses a job that names a level of domains that the topology does not have.
func (e *Engine) checkLevels(s *state.JobSpec) error {
	for i := range s.Roles {
		if level := max(s.Roles[i].Within, s.Roles[i].Prefer); int32(level) > e.cl.Levels() {
			there := make([]string, e.cl.Levels())
			for l := range there {
				there[l] = e.names.LevelName(uint8(l + 1))
			}
			there[0] = state.NodeLevelName
			return fmt.Errorf("job %q asks for a place within one %q, which the topology does not have (there are %s)", s.Name, e.names.LevelName(level),
				strings.Join(there, ", "))
		}
	}
	return nil
}
