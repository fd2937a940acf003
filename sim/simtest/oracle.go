package simtest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Oracle recomputes causes of waiting naively (DESIGN.md rule 10): between any two instants it applies the tests in order
// to every waiting job and charges the whole interval to the first that fails. It stands around a policy, to learn
// the reason that each pass gives, and reads the engine's columns; what it charges must equal the EvWaited events.
type Oracle struct {
	inner  state.Policy
	after  [][]state.Dep // by job number, rows being numbers
	view   *state.View
	reason map[int32]state.Cause
	queues map[int32]state.Cause // reasons of single queues
	passes []state.Time
	placed map[uint64][]state.Part // by job number: what its last attempt held when an instant closed

	Waited map[uint64][state.NumCauses]int64
}

// NewOracle stands around a policy. The initial jobs come first in the order of numbers, and dependencies of specs count
// from behind them. What an initial job waited before instant 0 has no cause that anybody saw: it counts as held.
func NewOracle(inner state.Policy, initial []sim.InitialJob, specs []state.JobSpec) *Oracle {
	o := &Oracle{inner: inner, reason: map[int32]state.Cause{}, queues: map[int32]state.Cause{}, placed: map[uint64][]state.Part{},
		Waited: map[uint64][state.NumCauses]int64{}}
	for i := range initial {
		s := &initial[i].Spec
		o.after = append(o.after, s.After)
		start := state.Time(0)
		if initial[i].Running && s.RecStart != state.Unset && s.RecStart < 0 {
			start = s.RecStart
		}
		if s.Submit < start {
			o.Waited[uint64(i)] = [state.NumCauses]int64{state.CauseHeld: int64(start - s.Submit)}
		}
	}
	for i := range specs {
		var deps []state.Dep
		for _, d := range specs[i].After {
			d.Row += uint64(len(initial))
			deps = append(deps, d)
		}
		o.after = append(o.after, deps)
	}
	return o
}

// Info is the inner policy's.
func (o *Oracle) Info() state.Info { return o.inner.Info() }

// Init keeps the view.
func (o *Oracle) Init(v *state.View) error {
	o.view = v
	return o.inner.Init(v)
}

// Observe is the inner policy's.
func (o *Oracle) Observe(v *state.View, events []state.Event) { o.inner.Observe(v, events) }

// Pass notes the reason.
func (o *Oracle) Pass(v *state.View, d *state.Decisions) {
	o.passes = append(o.passes, v.Now)
	o.inner.Pass(v, d)
	o.reason[v.Partition] = state.CauseChoice
	if d.FitCause == state.CauseReservation || d.FitCause == state.CauseOrder {
		o.reason[v.Partition] = d.FitCause
	}
	for _, f := range d.Fits {
		if delete(o.queues, f.Queue); f.Cause != state.CauseQuota {
			o.queues[f.Queue] = f.Cause
		}
	}
}

// Clone gives the inner policy's clone alone: a fork is compared with its parent, which has the oracle.
func (o *Oracle) Clone() (state.Policy, error) { return o.inner.Clone() }

// Charge charges the interval from the instant just closed to the next to each waiting job's cause.
func (o *Oracle) Charge(from, to state.Time) error {
	if to <= from {
		return nil
	}
	j := o.view.Jobs
	for slot := range j.Row {
		if s := j.Row[slot].State; s != state.JobQueued && s != state.JobHeld {
			continue
		}
		cause, err := o.cause(int32(slot))
		if err != nil {
			return fmt.Errorf("job %d from %d to %d ns: %w", j.Row[slot].Number, from, to, err)
		}
		w := o.Waited[j.Row[slot].Number]
		w[cause] += int64(to - from)
		o.Waited[j.Row[slot].Number] = w
	}
	return nil
}

// look notes what running jobs hold.
func (o *Oracle) look() {
	j, a := o.view.Jobs, o.view.Allocs
	for slot := range j.Row {
		if j.Row[slot].State != state.JobRunning {
			continue
		}
		var parts []state.Part
		for at := j.Row[slot].AllocHead; at >= 0; at = a.Next[at] {
			parts = append(parts, a.Parts[at])
		}
		slices.SortFunc(parts, func(a, b state.Part) int {
			return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Pod, b.Pod))
		})
		o.placed[j.Row[slot].Number] = parts
	}
}

// cause is the first test that fails.
func (o *Oracle) cause(slot int32) (state.Cause, error) {
	j := o.view.Jobs
	if j.Row[slot].State == state.JobHeld {
		for _, d := range o.after[j.Row[slot].Number] {
			if o.live(d.Row) {
				return state.CauseHeld, nil
			}
		}
		// how often it has failed nobody sees: the longest that it may be held
		if r := o.view.RecoveryOf(j.Row[slot].Recovery); j.Row[slot].Evictions > 0 && o.view.Now < j.Row[slot].QueuedAt.Add(max(r.Backoff, r.Retry<<6)) {
			return state.CauseHeld, nil
		}
	}
	roles := o.view.Shapes.Of(j.Row[slot].Shape)
	partition := uint32(j.Row[slot].Partition)
	if fits := o.fitsEmpty(partition, roles); fits != (j.Row[slot].State == state.JobQueued) {
		return 0, fmt.Errorf("fits the empty cluster: %t, but its state is %d", fits, j.Row[slot].State)
	} else if !fits {
		return state.CauseNever, nil
	}
	if over, err := o.overQuota(slot); err != nil || over {
		return state.CauseQuota, err
	}
	if o.short(partition, roles) {
		return state.CauseCapacity, nil
	}
	c := cluster.New()
	c.CopyFrom(o.view.Capacity.(*cluster.Cluster))
	var log []state.Part
	anywhere := append([]state.RoleSpec(nil), roles...)
	for i := range anywhere {
		anywhere[i].Within = 0
	}
	if !c.PlaceLowest(&log, partition, anywhere) {
		return state.CauseFragmented, nil
	}
	c.Undo(&log, 0)
	if !placeWithin(c, partition, roles) {
		return state.CauseTopology, nil
	}
	if r, ok := o.queues[o.queueOf(slot)]; ok {
		return r, nil
	}
	if r, ok := o.reason[int32(partition)]; ok {
		return r, nil
	}
	return state.CauseChoice, nil
}

// live reports whether a job that has arrived has not ended.
func (o *Oracle) live(number uint64) bool {
	j := o.view.Jobs
	for slot := range j.Row {
		if j.Row[slot].Number == number && j.Row[slot].State != state.JobFree && j.Row[slot].State != state.JobEnded {
			return true
		}
	}
	return false
}

// fitsEmpty places the gang on a fresh cluster whose nodes all work.
func (o *Oracle) fitsEmpty(partition uint32, roles []state.RoleSpec) bool {
	n := o.view.Capacity.Nodes()
	c := cluster.New()
	for i := range n.Flags {
		if _, err := c.Add(cluster.NodeSpec{Type: n.Type[i], Partition: n.Partition[i], GPUs: n.GPUsTotal[i],
			CPUMilli: n.CPUTotal[i], MemMiB: n.MemTotal[i]}, 0); err != nil {
			panic(err)
		}
	}
	c.FollowTopology(o.view.Capacity.(*cluster.Cluster))
	return placeWithin(c, partition, roles)
}

// short reports whether the partition's open nodes have too little in total: for some role, too few free devices (or
// thousandths) of its types for it and every role that accepts no other types, or too little CPU or memory.
func (o *Oracle) short(partition uint32, roles []state.RoleSpec) bool {
	n := o.view.Capacity.Nodes()
	c := o.view.Capacity.(*cluster.Cluster)
	var cpu, mem, cpuFree, memFree int64
	for i := range n.Flags {
		if n.Partition[i] == partition && state.NodeOpen(n.Flags[i]) {
			cpuFree += int64(n.CPUFree[i])
			memFree += int64(n.MemFree[i])
		}
	}
	for _, r := range roles {
		if r.Flags&state.RoleSplit != 0 {
			cpu, mem = cpu+r.CPUMilli, mem+r.MemMiB
		} else {
			cpu, mem = cpu+int64(r.Replicas)*r.CPUMilli, mem+int64(r.Replicas)*r.MemMiB
		}
		var whole, milli, wholeFree, milliFree int64
		for _, s := range roles {
			if s.PodGPUs == 0 || r.TypeMask != 0 && (s.TypeMask == 0 || s.TypeMask&^r.TypeMask != 0) {
				continue
			}
			k := int64(s.Replicas) * int64(s.PodGPUs)
			milli += k * int64(s.GPUMilli)
			if s.GPUMilli == cluster.Whole {
				whole += k
			}
		}
		for i := range n.Flags {
			if n.Partition[i] != partition || !state.NodeOpen(n.Flags[i]) || r.TypeMask != 0 && (n.Type[i] > 63 || r.TypeMask>>n.Type[i]&1 == 0) {
				continue
			}
			for d := 0; d < int(n.GPUsTotal[i]); d++ {
				f := c.FreeMilli(int32(i), d)
				milliFree += int64(f)
				if f == cluster.Whole {
					wholeFree++
				}
			}
		}
		if r.PodGPUs > 0 && (whole > wholeFree || milli > milliFree) {
			return true
		}
	}
	return cpu > cpuFree || mem > memFree
}

// Drive steps an engine to the end of the work or its horizon with the oracle beside it, closes it at end (or where it
// stopped, if that is later) and compares every job's causes with the events. Between steps, flush says whether the buffer is to be flushed early.
func (o *Oracle) Drive(e *sim.Engine, r *Recorder, end state.Time, flush func() bool) error {
	for {
		if flush() {
			e.Flush()
		}
		t, ok := e.Peek()
		if !ok {
			break
		}
		if err := o.Charge(e.Now(), t); err != nil {
			return err
		}
		if err := e.Step(); err != nil {
			return err
		}
		o.look()
	}
	if err := o.Charge(e.Now(), end); err != nil {
		return err
	}
	e.Flush()
	ahead := e.DigestAt(end)
	e.Finish(end)
	if d := e.Digest(); d != ahead {
		return fmt.Errorf("the digest at the end is %s, before it %s", d, ahead)
	}
	return o.Compare(r.Events)
}

// Compare says where the events' causes differ from the oracle's, or from the queued time.
func (o *Oracle) Compare(events []state.Event) error {
	got := Waited(events)
	for i := range events {
		ev := &events[i]
		if ev.Kind != state.EvEnd {
			continue
		}
		g, want := got[ev.Number], o.Waited[ev.Number]
		if g != want {
			return fmt.Errorf("job %d: engine charged %s, oracle %s", ev.Number, causesText(g), causesText(want))
		}
		var sum int64
		for _, ns := range g {
			sum += ns
		}
		if sum != ev.Y {
			return fmt.Errorf("job %d: causes sum to %d ns, it was queued %d ns", ev.Number, sum, ev.Y)
		}
	}
	return nil
}

func causesText(w [state.NumCauses]int64) string {
	var s string
	for c, ns := range w {
		if ns != 0 {
			s += fmt.Sprintf(" %s:%dns", state.Cause(c), ns)
		}
	}
	if s == "" {
		return "nothing"
	}
	return s[1:]
}
