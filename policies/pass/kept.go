package pass

import (
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// kept is what reservations keep from a job while it is placed.
type kept struct {
	first int // reservations before it are over
	nodes []int32
	flags []uint32
	// Held: the last placement was looked for with nodes kept from the job.
	held bool
}

// shut closes the nodes that reservations keep from a job which is to run from an instant for as long as it is expected to.
func (p *Partition) shut(v *state.View, c *cluster.Cluster, e *waiting.Entry, at state.Time) {
	k := &p.kept
	k.nodes, k.flags = k.nodes[:0], k.flags[:0]
	for k.first < len(v.Reservations) && v.Reservations[k.first].End <= v.Now {
		k.first++
	}
	j, to := &v.Jobs.Row[e.Job], at.Add(e.Est)
	n := c.Nodes()
	for i := k.first; i < len(v.Reservations) && v.Reservations[i].Start < to; i++ {
		r := &v.Reservations[i]
		if !r.Meets(j, at, to) {
			continue
		}
		for _, node := range r.Nodes {
			if int(node) < n.Len() && state.NodeOpen(n.Flags[node]) {
				k.nodes, k.flags = append(k.nodes, node), append(k.flags, n.Flags[node])
				c.SetFlags(node, n.Flags[node]|state.NodeCordoned)
			}
		}
	}
	k.held = len(k.nodes) > 0
}

// reopen undoes shut.
func (p *Partition) reopen(c *cluster.Cluster) {
	for i, node := range p.kept.nodes {
		c.SetFlags(node, p.kept.flags[i])
	}
}

// Held reports whether a job that does not fit now would do so, or might, if no nodes were kept from it, and until when they are: the
// next end of a reservation.
func (p *Partition) Held(v *state.View) (bool, state.Time) {
	if len(v.Reservations) == 0 || !p.kept.held {
		return false, state.Never
	}
	return true, p.NextRelease(v, v.Now)
}

// NextRelease is the first end of a reservation behind an instant, or Never.
func (p *Partition) NextRelease(v *state.View, after state.Time) state.Time {
	at := state.Never
	for i := p.kept.first; i < len(v.Reservations); i++ {
		if end := v.Reservations[i].End; end > after {
			at = min(at, end)
		}
	}
	return at
}

// Open opens, on a plan, the nodes of maintenance that is over at an instant.
func (p *Partition) Open(v *state.View, plan *cluster.Cluster, at state.Time) {
	n := plan.Nodes()
	for i := p.kept.first; i < len(v.Reservations) && v.Reservations[i].Start <= v.Now; i++ {
		r := &v.Reservations[i]
		if r.End > at || !r.Nobody() {
			continue
		}
		for _, node := range r.Nodes {
			if f := n.Flags[node]; f&state.NodeDraining != 0 {
				plan.SetFlags(node, f&^state.NodeDraining)
			}
		}
	}
}
