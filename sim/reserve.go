package sim

import (
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// reserved is what the engine keeps of reservations that are in force.
type reserved struct {
	active []int32 // of Config.Reservations
	closed []int32 // nodes that maintenance has closed
}

func (r *reserved) clone() reserved {
	return reserved{slices.Clone(r.active), slices.Clone(r.closed)}
}

// Reserve adds reservations and the changes that begin and end them. Each must have nodes and a stretch that is not empty.
func (c *Config) Reserve(all []state.Reservation) error {
	for i := range all {
		if r := &all[i]; r.Start < 0 || r.End <= r.Start || r.End > state.End || len(r.Nodes) == 0 {
			return fmt.Errorf("reservation %d: from %d to %d ns on %d nodes (want nodes, and a start before the end)", i, r.Start, r.End, len(r.Nodes))
		}
	}
	c.Reservations = slices.Clone(all)
	slices.SortStableFunc(c.Reservations, func(a, b state.Reservation) int { return int(min(max(a.Start-b.Start, -1), 1)) })
	for i := range c.Reservations {
		r := &c.Reservations[i]
		c.Changes = append(c.Changes, Change{At: r.Start, Kind: ChangeReserve, Node: int32(i)}, Change{At: r.End, Kind: ChangeRelease, Node: int32(i)})
	}
	slices.SortStableFunc(c.Changes, func(a, b Change) int { return int(min(max(a.At-b.At, -1), 1)) })
	return nil
}

// reserve begins or ends a reservation.
func (e *Engine) reserve(c *Change) error {
	if c.Node < 0 || int(c.Node) >= len(e.cfg.Reservations) {
		return fmt.Errorf("change at %d ns: there is no reservation %d", e.now, c.Node)
	}
	r, k := &e.cfg.Reservations[c.Node], &e.reserved
	n := e.cl.Nodes()
	if c.Kind == ChangeRelease {
		k.active = slices.DeleteFunc(k.active, func(i int32) bool { return i == c.Node })
		for _, node := range r.Nodes {
			if r.Nobody() && slices.Contains(k.closed, node) && !e.maintained(node) {
				k.closed = slices.DeleteFunc(k.closed, func(x int32) bool { return x == node })
				e.setFlags(node, n.Flags[node]&^state.NodeDraining, state.EvNodeFlags)
			}
		}
	} else {
		k.active = append(k.active, c.Node)
		for _, node := range r.Nodes {
			if r.Nobody() && n.Flags[node]&state.NodeDraining == 0 {
				k.closed = append(k.closed, node)
				e.setFlags(node, n.Flags[node]|state.NodeDraining, state.EvNodeFlags)
			}
		}
		if r.Evict {
			e.clear(r)
		}
	}
	e.recount()
	for _, node := range r.Nodes {
		e.capacityGained(int32(n.Partition[node]))
	}
	return nil
}

// maintained reports whether another reservation in force keeps a node for nobody.
func (e *Engine) maintained(node int32) bool {
	return slices.ContainsFunc(e.reserved.active, func(i int32) bool {
		r := &e.cfg.Reservations[i]
		return r.Nobody() && slices.Contains(r.Nodes, node)
	})
}

// clear preempts the jobs that run on a reservation's nodes and may not.
func (e *Engine) clear(r *state.Reservation) {
	for _, slot := range e.liveByNumber() {
		j := &e.jobs.Row[slot]
		if j.State != state.JobRunning || r.Admits(j) {
			continue
		}
		for at := j.AllocHead; at >= 0; at = e.allocs.Next[at] {
			if slices.Contains(r.Nodes, e.allocs.Parts[at].Node) {
				e.yield(slot, purpose{kind: state.PreemptReserved})
				break
			}
		}
	}
}

// allows reports whether a job may take parts while reservations are in force.
func (r *reserved) allows(e *Engine, slot int32, parts []state.Part) bool {
	for _, i := range r.active {
		v := &e.cfg.Reservations[i]
		if v.Admits(&e.jobs.Row[slot]) {
			continue
		}
		for k := range parts {
			if slices.Contains(v.Nodes, parts[k].Node) {
				return false
			}
		}
	}
	return true
}
