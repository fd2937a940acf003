package sim

import "github.com/orrery-sim/orrery/sim/state"

// private is what policies never see of a job. Unlike the columns that the ABI hands out it is one row a job: an event
// touches several of its fields.
type private struct {
	duration state.Time // true running time at reference speed
	maxRun   state.Time
	patience state.Time

	// The attempt: work in ns at reference speed, done until since, saved at the last checkpoint; rate as 32.32 fixed
	// point from since on.
	done, saved state.Time
	since       state.Time
	rate        uint64

	note     [4]int64 // cause clocks when it joined; see causes
	depsLeft int32
	endGen   uint32 // an end event in the heap is alive while it carries this
	outcome  state.Outcome
}

// rateOne is reference speed as 32.32 fixed point.
const rateOne = uint64(1) << 32

// growJobs adds a job slot.
func (e *Engine) growJobs() int32 {
	slot := int32(len(e.jobs.State))
	j := &e.jobs
	j.Number = append(j.Number, 0)
	j.Name = append(j.Name, [state.NameInline]byte{})
	j.Submit = append(j.Submit, 0)
	j.Estimate = append(j.Estimate, 0)
	j.RecStart = append(j.RecStart, 0)
	j.Shape = append(j.Shape, 0)
	j.User = append(j.User, 0)
	j.Queue = append(j.Queue, 0)
	j.Partition = append(j.Partition, 0)
	j.Priority = append(j.Priority, 0)
	j.GPUs = append(j.GPUs, 0)
	for i := range j.X {
		if i < e.names.X.Len() {
			for len(j.X[i]) <= int(slot) {
				j.X[i] = append(j.X[i], 0)
			}
		}
	}
	j.Gen = append(j.Gen, 0)
	j.State = append(j.State, state.JobFree)
	j.FirstStart = append(j.FirstStart, 0)
	j.Start = append(j.Start, 0)
	j.ExpEnd = append(j.ExpEnd, 0)
	j.QueuedAt = append(j.QueuedAt, 0)
	j.QueuedNS = append(j.QueuedNS, 0)
	j.Attained = append(j.Attained, 0)
	j.AttainedAt = append(j.AttainedAt, 0)
	j.GPUsNow = append(j.GPUsNow, 0)
	j.AllocHead = append(j.AllocHead, -1)
	j.Attempts = append(j.Attempts, 0)
	j.Evictions = append(j.Evictions, 0)
	if e.info.Clairvoyant {
		j.TrueDuration = append(j.TrueDuration, 0)
	}
	e.priv = append(e.priv, private{})
	e.slots.Grow(int(slot) + 1)
	return slot
}

// newSlot takes the lowest free job slot.
func (e *Engine) newSlot() int32 {
	if s := e.slots.Next(0); s >= 0 {
		e.slots.Remove(s)
		return int32(s)
	}
	return e.growJobs()
}

// recycle frees the slots of jobs whose end everybody has seen.
func (e *Engine) recycle() {
	for _, slot := range e.dead {
		shape := e.jobs.Shape[slot]
		if e.shapes.Live[shape] == 1 && e.shapes.clock[shape].listed {
			e.causes.unlist(e, shape)
		}
		e.shapes.drop(shape)
		e.jobs.State[slot] = state.JobFree
		e.jobs.Gen[slot]++
		e.slots.Add(int(slot))
	}
	e.dead = e.dead[:0]
}
