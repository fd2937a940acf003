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

	note     [5]int64 // cause clocks when it joined; see causes
	depsLeft int32
	endGen   uint32 // an end event in the heap is alive while it carries this
	outcome  state.Outcome
	once     bool // it fails when it loses a node
}

// rateOne is reference speed as 32.32 fixed point.
const rateOne = uint64(1) << 32

// growJobs adds a job slot.
func (e *Engine) growJobs() int32 {
	slot := int32(e.jobs.Len())
	j := &e.jobs
	j.Row = append(j.Row, state.Job{AllocHead: -1})
	j.Name = append(j.Name, [state.NameInline]byte{})
	for i := range j.X {
		if i < e.names.X.Len() {
			for len(j.X[i]) <= int(slot) {
				j.X[i] = append(j.X[i], 0)
			}
		}
	}
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

// recycle frees the slots of jobs whose end everybody has seen. Those that ended in the batch that was handed over just
// now follow next time.
func (e *Engine) recycle() {
	for _, slot := range e.gone {
		shape := e.jobs.Row[slot].Shape
		if e.shapes.Live[shape] == 1 && e.shapes.clock[shape].listed {
			e.causes.unlist(e, shape)
		}
		e.shapes.drop(shape)
		if e.books != nil && e.shapes.Live[shape] == 0 {
			e.books.tree.Forget(shape)
		}
		e.jobs.Row[slot].State = state.JobFree
		e.jobs.Row[slot].Gen++
		e.slots.Add(int(slot))
	}
	e.gone, e.dead = e.dead, e.gone[:0]
}
