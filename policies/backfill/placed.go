package backfill

import (
	"github.com/orrery-sim/orrery/policies/pass"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// placedReservation is a reservation that is a placement: then is the cluster as it is expected at the shadow time with
// the head placed on it, and both is what is free now and also then. A job that is expected to run past the shadow time
// may only use both.
type placedReservation struct {
	then, both *cluster.Cluster
	head       []state.Part

	lanes  []int32      // of this sweep: those that may still hold a job that fits
	chosen []state.Part // of this start
}

// sweepPlaced is EASY's sweep where jobs ask for pods, fractions, types, CPU or memory. It starts, in queue order, each
// job that fits now and is expected to end by the shadow time, or that fits on what the reservation leaves.
func (b *EASY) sweepPlaced(v *state.View, c *cluster.Cluster, p *pass.Partition, head *waiting.Entry, d *state.Decisions) {
	b.reservePlaced(v, c, p, head, d)
	lanes := append(b.placed.lanes[:0], p.Queue.Lanes()...)
	b.placed.lanes = lanes
	for {
		var best *waiting.Entry
		open := lanes[:0]
		for _, lane := range lanes {
			e := b.firstPlaced(v, c, p, lane, d)
			if e == nil {
				continue
			}
			open = append(open, lane)
			if best == nil || e.Before(best) {
				best = e
			}
		}
		if lanes = open; best == nil {
			return
		}
		if !b.startPlaced(v, c, p, best, d) {
			return
		}
	}
}

// reservePlaced finds the shadow time and the head's placement then.
func (b *EASY) reservePlaced(v *state.View, c *cluster.Cluster, p *pass.Partition, head *waiting.Entry, d *state.Decisions) {
	r := &b.placed
	if r.then == nil {
		r.then, r.both = cluster.New(), cluster.New()
	}
	r.then.CopyFrom(c)
	b.shadow = state.Never
	last := state.Time(-1)
	try := func() bool {
		r.head = r.head[:0]
		return p.Place(v, r.then, head, &r.head)
	}
	p.Ends.Each(func(at state.Time, _, job int32) bool {
		if at != last && last >= 0 && try() {
			b.shadow = last
			return false
		}
		last = at
		p.Release(v, r.then, job, d)
		return true
	})
	if b.shadow == state.Never && last >= 0 && try() {
		b.shadow = last
	}
	r.both.CopyFrom(c)
	r.both.Intersect(r.then)
}

// firstPlaced is a lane's first job that may start: any job if the shape fits on what the reservation leaves, else one
// that ends by the shadow time if the shape fits now.
func (b *EASY) firstPlaced(v *state.View, c *cluster.Cluster, p *pass.Partition, lane int32, d *state.Decisions) *waiting.Entry {
	if p.Queue.LaneLen(lane) == 0 {
		return nil
	}
	e := p.Queue.First(lane)
	if b.shadow == state.Never {
		if fits(v, c, p, e, d) {
			return e
		}
		return nil
	}
	if !fits(v, c, p, e, d) {
		return nil
	}
	if fits(v, b.placed.both, p, e, d) {
		return e
	}
	return p.Queue.FirstWithin(lane, b.shadow-v.Now)
}

// fits tries a placement and takes it back.
func fits(v *state.View, c *cluster.Cluster, p *pass.Partition, e *waiting.Entry, d *state.Decisions) bool {
	if !p.MayStart(v, e.Job) {
		return false
	}
	mark := len(d.Parts)
	ok := p.Place(v, c, e, &d.Parts)
	c.Undo(&d.Parts, mark)
	return ok
}

// startPlaced starts a job, on the whole of what is free if it ends by the shadow time, else on what the reservation
// leaves, and keeps the three clusters in step.
func (b *EASY) startPlaced(v *state.View, c *cluster.Cluster, p *pass.Partition, e *waiting.Entry, d *state.Decisions) bool {
	r := &b.placed
	mark := len(d.Parts)
	if b.shadow == state.Never || v.Now.Add(e.Est) <= b.shadow {
		if !p.TryStart(v, c, e, d) {
			return false
		}
	} else {
		r.chosen = r.chosen[:0]
		if !p.Place(v, r.both, e, &r.chosen) {
			return false
		}
		if !p.Charge(v, c, e.Job, r.chosen) {
			return false
		}
		for i := range r.chosen {
			if c.Take(&d.Parts, r.chosen[i]) != 0 || r.then.Take(&r.head, r.chosen[i]) != 0 {
				panic("backfill: a part that is free now and at the shadow time could not be taken")
			}
		}
		p.Started(v, e, d, mark)
	}
	if b.shadow != state.Never {
		for _, part := range d.Parts[mark:] {
			r.both.IntersectNode(part.Node, c, r.then)
		}
	}
	return true
}
