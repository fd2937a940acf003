package simtest

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// queued are the queued jobs of a view's partition in order of arrival, found by looking at every slot.
func queued(v *state.View, st state.JobState) []int32 {
	var out []int32
	for slot := range v.Jobs.Row {
		if v.Jobs.Row[slot].State == st && v.Jobs.Row[slot].Partition == v.Partition {
			out = append(out, int32(slot))
		}
	}
	slices.SortFunc(out, func(a, b int32) int {
		if v.Jobs.Row[a].Number < v.Jobs.Row[b].Number {
			return -1
		}
		return 1
	})
	return out
}

func tryStart(v *state.View, d *state.Decisions, slot int32) bool {
	mark := len(d.Parts)
	c := v.Capacity.(*cluster.Cluster)
	if !c.PlaceLowest(&d.Parts, uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[slot].Shape)) {
		return false
	}
	d.Start(slot, v.Jobs.Row[slot].Gen, mark)
	return true
}

// FIFO starts jobs in order of arrival on the lowest nodes; the first that does not fit blocks (or, under DropUnfit, is
// rejected). It remembers nothing.
type FIFO struct {
	Trigger state.Trigger
}

// Info names it.
func (p FIFO) Info() state.Info { return state.Info{Name: "test-fifo", Trigger: p.Trigger} }

// Init does nothing.
func (p FIFO) Init(*state.View) error { return nil }

// Observe does nothing.
func (p FIFO) Observe(*state.View, []state.Event) {}

// Pass starts what it can.
func (p FIFO) Pass(v *state.View, d *state.Decisions) {
	for _, slot := range queued(v, state.JobQueued) {
		switch {
		case tryStart(v, d, slot):
		case v.DropUnfit:
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: slot, Gen: v.Jobs.Row[slot].Gen})
		default:
			d.FitCause, d.Blocker = state.CauseOrder, slot
			return
		}
	}
}

// Clone returns itself.
func (p FIFO) Clone() (state.Policy, error) { return p, nil }

// Greedy starts whatever fits, in order of arrival, on the lowest nodes. It remembers nothing.
type Greedy struct{ FIFO }

// Info names it.
func (p Greedy) Info() state.Info { return state.Info{Name: "test-greedy", Trigger: p.Trigger} }

// Pass starts what it can.
func (p Greedy) Pass(v *state.View, d *state.Decisions) {
	for _, slot := range queued(v, state.JobQueued) {
		tryStart(v, d, slot)
	}
}

// Clone returns itself.
func (p Greedy) Clone() (state.Policy, error) { return p, nil }

// Fickle decides by dice: it starts some of what fits, preempts and rejects a little, gives any reason, and asks for
// timers. What it does depends on the seed and the number of the pass alone, so its clone does the same.
type Fickle struct {
	Trigger  state.Trigger
	Preempts bool
}

// Info names it.
func (p Fickle) Info() state.Info { return state.Info{Name: "test-fickle", Trigger: p.Trigger} }

// Init does nothing.
func (p Fickle) Init(*state.View) error { return nil }

// Observe does nothing.
func (p Fickle) Observe(*state.View, []state.Event) {}

// Pass throws the dice for each job.
func (p Fickle) Pass(v *state.View, d *state.Decisions) {
	s := rng.NewKey(v.Seed, "fickle").Stream(v.Pass, 0)
	d.FitCause = []state.Cause{state.CauseReservation, state.CauseOrder, state.CauseChoice}[s.IntN(3)]
	for _, slot := range queued(v, state.JobQueued) {
		switch s.IntN(16) {
		case 0, 1, 2:
		case 3:
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: slot, Gen: v.Jobs.Row[slot].Gen})
		case 4: // take and let go
			mark := len(d.Parts)
			c := v.Capacity.(*cluster.Cluster)
			c.PlaceLowest(&d.Parts, uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[slot].Shape))
			c.Undo(&d.Parts, mark)
		case 5: // taken for nobody: given back by the engine
			c := v.Capacity.(*cluster.Cluster)
			c.PlaceLowest(&d.Parts, uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[slot].Shape))
		case 6: // a stale start
			mark := len(d.Parts)
			c := v.Capacity.(*cluster.Cluster)
			c.PlaceLowest(&d.Parts, uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[slot].Shape))
			d.Start(slot, v.Jobs.Row[slot].Gen+1, mark)
		default:
			tryStart(v, d, slot)
		}
	}
	if p.Preempts {
		for _, slot := range queued(v, state.JobRunning) {
			if s.IntN(32) == 0 {
				d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: slot, Gen: v.Jobs.Row[slot].Gen})
			}
		}
	}
	if s.IntN(8) == 0 && len(queued(v, state.JobQueued)) > 0 {
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(v.Now) + 1 + int64(s.IntN(20))})
	}
}

// Clone returns itself.
func (p Fickle) Clone() (state.Policy, error) { return p, nil }
