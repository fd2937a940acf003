package backfill

import (
	"github.com/orrery-sim/orrery/policies/pass"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Conservative gives each of the first depth waiting jobs a reservation, in queue order, at the earliest instant at which
// it delays no reservation before it (Feitelson and Weil 1998); a job whose reservation is now starts. Reservations are
// made anew in each pass, in the same order, so an early end moves them forward and never back. Jobs behind depth wait.
//
// A pass stops as soon as no waiting shape fits on what is free now: later reservations could not change who starts.
type Conservative struct {
	depth int
	queue []waiting.Entry
	steps []step
	spare []*cluster.Cluster
	parts []state.Part
}

// step is what is free from at until the next step: a count, or a cluster where jobs ask for more than any free GPUs.
type step struct {
	at   state.Time
	free int32
	c    *cluster.Cluster
}

// NewConservative returns the rule with a depth of at least 1.
func NewConservative(depth int) *Conservative { return &Conservative{depth: max(depth, 1)} }

// Clone returns an independent copy; nothing outlives a pass.
func (b *Conservative) Clone() *Conservative { return NewConservative(b.depth) }

// Sweep makes the reservations and starts the jobs whose turn is now.
func (b *Conservative) Sweep(v *state.View, c *cluster.Cluster, p *pass.Partition, d *state.Decisions) {
	if !b.anyFits(v, c, p, d) {
		return
	}
	b.queue = p.Queue.Ordered(b.queue[:0], b.depth)
	b.build(v, c, p, d)
	for i := range b.queue {
		e := &b.queue[i]
		if !p.MayStart(v, e.Job) {
			continue // its quota was used up in this pass
		}
		started := false
		if p.Uneven {
			started = b.reservePlaced(v, c, p, e, d)
		} else {
			started = b.reserve(v, c, p, e, d)
		}
		if started && !b.anyFits(v, c, p, d) {
			return
		}
	}
}

// anyFits reports whether some waiting shape fits on what is free now.
func (b *Conservative) anyFits(v *state.View, c *cluster.Cluster, p *pass.Partition, d *state.Decisions) bool {
	free := p.Free(c)
	for _, lane := range p.Queue.Lanes() {
		if !p.Uneven {
			return p.Queue.LaneNeed(lane) <= free
		}
		if fits(v, c, p, p.Queue.First(lane), d) {
			return true
		}
	}
	return false
}

// build makes the steps of the profile from the running jobs' expected ends.
func (b *Conservative) build(v *state.View, c *cluster.Cluster, p *pass.Partition, d *state.Decisions) {
	for i := range b.steps {
		if b.steps[i].c != nil {
			b.spare = append(b.spare, b.steps[i].c)
		}
	}
	b.steps = append(b.steps[:0], step{at: v.Now, free: p.Free(c)})
	if p.Uneven {
		b.steps[0].c = b.copyOf(c)
	}
	p.Ends.Each(func(at state.Time, gpus, job int32) bool {
		last := &b.steps[len(b.steps)-1]
		if at != last.at {
			n := step{at: at, free: last.free}
			if p.Uneven {
				n.c = b.copyOf(last.c)
			}
			b.steps = append(b.steps, n)
			last = &b.steps[len(b.steps)-1]
		}
		last.free += gpus
		if p.Uneven {
			p.Release(v, last.c, job, d)
		}
		return true
	})
}

func (b *Conservative) copyOf(c *cluster.Cluster) *cluster.Cluster {
	n := len(b.spare)
	if n == 0 {
		d := cluster.New()
		d.CopyFrom(c)
		return d
	}
	d := b.spare[n-1]
	b.spare = b.spare[:n-1]
	d.CopyFrom(c)
	return d
}

// reserve finds the earliest span with enough free GPUs.
func (b *Conservative) reserve(v *state.View, c *cluster.Cluster, p *pass.Partition, e *waiting.Entry, d *state.Decisions) bool {
	need := v.Jobs.Row[e.Job].GPUs
	for i := 0; i < len(b.steps); i++ {
		end := b.steps[i].at.Add(e.Est)
		j := i
		for j < len(b.steps) && b.steps[j].at < end && b.steps[j].free >= need {
			j++
		}
		if j < len(b.steps) && b.steps[j].at < end {
			i = j // no span can begin at or before the step that is too full
			continue
		}
		if i == 0 && !p.TryStart(v, c, e, d) {
			return false
		}
		b.cut(end)
		for k := i; k < len(b.steps) && b.steps[k].at < end; k++ {
			b.steps[k].free -= need
		}
		return i == 0
	}
	return false
}

// reservePlaced finds the earliest span with a placement that is free throughout.
func (b *Conservative) reservePlaced(v *state.View, c *cluster.Cluster, p *pass.Partition, e *waiting.Entry, d *state.Decisions) bool {
	partition, roles := uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[e.Job].Shape)
	for i := 0; i < len(b.steps); i++ {
		end := b.steps[i].at.Add(e.Est)
		if full := b.full(i, end, partition, roles); full >= 0 {
			i = full // no span can begin at or before a step that is too full
			continue
		}
		all := b.copyOf(b.steps[i].c)
		for k := i + 1; k < len(b.steps) && b.steps[k].at < end && enough(all, partition, roles); k++ {
			all.Intersect(b.steps[k].c)
		}
		b.parts = b.parts[:0]
		ok := p.Place(v, all, e, &b.parts)
		b.spare = append(b.spare, all)
		if !ok {
			continue
		}
		mark := len(d.Parts)
		if i == 0 && !p.Charge(v, c, e.Job, b.parts) {
			return false
		}
		if i == 0 {
			for k := range b.parts {
				if c.Take(&d.Parts, b.parts[k]) != 0 {
					panic("backfill: a part that is free throughout a reservation could not be taken")
				}
			}
			p.Started(v, e, d, mark)
		}
		b.cut(end)
		var log []state.Part
		for k := i; k < len(b.steps) && b.steps[k].at < end; k++ {
			for _, part := range b.parts {
				b.steps[k].c.Take(&log, part)
			}
		}
		return i == 0
	}
	return false
}

// full is the first step of a span that lacks the GPUs of a gang by number alone, or -1: it spares the search for a placement.
func (b *Conservative) full(i int, end state.Time, partition uint32, roles []state.RoleSpec) int {
	for k := i; k < len(b.steps) && b.steps[k].at < end; k++ {
		if !enough(b.steps[k].c, partition, roles) {
			return k
		}
	}
	return -1
}

// enough reports whether as many whole GPUs are free as each role alone asks for.
func enough(c *cluster.Cluster, partition uint32, roles []state.RoleSpec) bool {
	for i := range roles {
		r := &roles[i]
		if r.GPUMilli == cluster.Whole && int64(c.Free(partition, r.TypeMask)) < int64(r.Replicas)*int64(r.PodGPUs) {
			return false
		}
	}
	return true
}

// cut makes a step begin at an instant.
func (b *Conservative) cut(at state.Time) {
	if at == state.Never {
		return
	}
	i := len(b.steps)
	for i > 0 && b.steps[i-1].at > at {
		i--
	}
	if i > 0 && b.steps[i-1].at == at || i == 0 {
		return
	}
	n := step{at: at, free: b.steps[i-1].free}
	if b.steps[i-1].c != nil {
		n.c = b.copyOf(b.steps[i-1].c)
	}
	b.steps = append(b.steps, step{})
	copy(b.steps[i+1:], b.steps[i:])
	b.steps[i] = n
}
