package fault

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Crash is how jobs fail by themselves, in their running time: a hazard for each GPU, so that a job of twice the GPUs fails twice
// as often, and for each job.
type Crash struct {
	PerGPU, PerJob float64 // failures a second of running time; 0: none
	Hang           float64 // share that shows as a hang
	Cause          uint8   // index in Model.Names
}

func (c *Crash) validate(names int) error {
	if !(c.PerGPU >= 0 && c.PerGPU < 1e12) || !(c.PerJob >= 0 && c.PerJob < 1e12) || !(c.Hang >= 0 && c.Hang <= 1) || c.Any() && int(c.Cause) >= names {
		return fmt.Errorf("failures of jobs: got %+v, want rates of at least 0, shares from 0 to 1, and one of %d causes", *c, names)
	}
	return nil
}

// Any reports whether jobs fail by themselves at all.
func (c *Crash) Any() bool { return c.PerGPU > 0 || c.PerJob > 0 }

// CrashKey opens the streams of jobs' own failures.
func (m *Model) CrashKey() rng.Key { return rng.NewKey(m.Seed, "failure/job") }

// After is the running time after which an attempt fails by itself, and how long until that is found; Never for one that
// does not. It follows from the job and the attempt alone.
func (m *Model) After(key rng.Key, job uint64, attempt uint16, gpus int32) (life, found state.Time) {
	rate := m.Jobs.PerJob + float64(m.Jobs.PerGPU*float64(gpus))
	if rate <= 0 {
		return state.Never, 0
	}
	s := key.Stream(job, uint64(attempt))
	life = max(state.Time(rng.Nanoseconds(rng.Exponential{Mean: 1 / rate}.Quantile(s.Float64()))), 1)
	if life >= state.End {
		return state.Never, 0
	}
	if s.Float64() < m.Jobs.Hang {
		return life, m.Hang
	}
	return life, m.Crash
}
