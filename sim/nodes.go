package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/state"
)

func (e *Engine) nodeUpEvent(node int32) {
	n := e.cl.Nodes()
	e.emit(state.Event{Kind: state.EvNodeUp, Job: -1, Node: node, A: int32(n.GPUsTotal[node]), B: int32(n.Pool[node]), Z: uint64(n.Flags[node])})
}

// setFlags changes a node's flags and says so.
func (e *Engine) setFlags(node int32, flags uint32, kind state.EventKind) {
	n := e.cl.Nodes()
	e.cl.SetFlags(node, flags)
	e.emit(state.Event{Kind: kind, Job: -1, Node: node, A: int32(n.GPUsTotal[node]), B: int32(n.Pool[node]), Z: uint64(flags)})
}

// applyChange applies one timed change of the cluster or its queues.
func (e *Engine) applyChange(c *Change) error {
	if c.Kind == ChangeQueue {
		return e.editQueue(c.Queue)
	}
	n := e.cl.Nodes()
	if c.Kind == ChangeAdd {
		node, err := e.cl.Add(c.Spec, e.now)
		if err != nil {
			return err
		}
		e.shapes.forgetFits()
		e.causes.reclassify(e)
		e.recount()
		e.nodeUpEvent(node)
		if e.off != nil {
			e.off = append(e.off, false)
		}
		if e.outages != nil {
			e.outages.line.AddNode(fault.Node{GPUs: int32(n.GPUsTotal[node]), Pool: n.Pool[node]}, e.now)
			e.outages.grow(n.Len())
		}
		e.capacityGained(int32(n.Partition[node]))
		return nil
	}
	if err := e.checkChange(c); err != nil {
		return err
	}
	if e.blocked(c) {
		return nil
	}
	flags := n.Flags[c.Node]
	kind := state.EvNodeFlags
	switch c.Kind {
	case ChangeUp:
		flags |= state.NodeUp
		kind = state.EvNodeUp
	case ChangeDown:
		flags &^= state.NodeUp
		kind = state.EvNodeDown
	case ChangeCordon:
		flags |= state.NodeCordoned
	case ChangeUncordon:
		flags &^= state.NodeCordoned | state.NodeDraining
	case ChangeDrain:
		flags |= state.NodeDraining
	}
	if flags == n.Flags[c.Node] {
		return nil
	}
	e.setFlags(c.Node, flags, kind)
	e.recount()
	if c.Kind == ChangeDown {
		e.evictAll(c.Node, 0)
	}
	e.capacityGained(int32(n.Partition[c.Node]))
	return nil
}

// checkChange refuses a change of a node that is not there.
func (e *Engine) checkChange(c *Change) error {
	if n := e.cl.Nodes().Len(); c.Kind != ChangeAdd && c.Kind != ChangeQueue && (c.Node < 0 || int(c.Node) >= n) {
		return fmt.Errorf("change at %d ns: node number %d does not exist (there are %d)", e.now, c.Node, n)
	}
	return nil
}

// evictAll evicts every job with a pod on a node, in order of arrival. cause is 1 + that of the failure, 0 where none is known.
func (e *Engine) evictAll(node int32, cause uint8) {
	for _, slot := range e.liveByNumber() {
		for at := e.jobs.Row[slot].AllocHead; at >= 0; at = e.allocs.Next[at] {
			if e.allocs.Parts[at].Node == node {
				e.lost(slot, state.ReasonNodeLost, cause)
				break
			}
		}
	}
}

// capacityGained wakes a partition's policy and looks again at jobs that were set aside.
func (e *Engine) capacityGained(p int32) {
	e.touch(p)
	kept := e.aside[:0]
	for _, slot := range e.aside {
		if e.jobs.Row[slot].Partition == p && e.fitsEmpty(e.jobs.Row[slot].Shape) {
			e.held--
			e.enqueue(slot, state.CauseNever, 0)
			continue
		}
		kept = append(kept, slot)
	}
	e.aside = kept
}

func (t *shapeTable) forgetFits() {
	for i := range t.fits {
		t.fits[i] = fitUnknown
	}
}

// fitsEmpty reports whether the cluster could hold a shape if nothing ran and every node worked.
func (e *Engine) fitsEmpty(shape int32) bool {
	if f := &e.shapes.fits[shape]; *f == fitUnknown {
		*f = fitNever
		if e.placeableEmpty(shape) {
			*f = fitYes
		}
	}
	return e.shapes.fits[shape] == fitYes
}

// placeableEmpty places a shape's roles, in order, on the lowest nodes of a cluster where nothing runs and all nodes work.
func (e *Engine) placeableEmpty(shape int32) bool {
	if e.empty == nil {
		e.empty = cluster.New()
	}
	n := e.cl.Nodes()
	for i := e.empty.Nodes().Len(); i < n.Len(); i++ {
		if _, err := e.empty.Add(cluster.NodeSpec{Type: n.Type[i], Partition: n.Partition[i], GPUs: n.GPUsTotal[i],
			CPUMilli: n.CPUTotal[i], MemMiB: n.MemTotal[i]}, 0); err != nil {
			panic("a node that the cluster holds cannot be added to an empty one: " + err.Error())
		}
	}
	e.empty.FollowTopology(e.cl)
	roles := e.shapes.Of(shape)
	if len(roles) == 1 && roles[0].Within == 0 && roles[0].PodGPUs == 1 && roles[0].GPUMilli == cluster.Whole && roles[0].CPUMilli == 0 && roles[0].MemMiB == 0 {
		// single devices fit where their number does
		return e.empty.Free(uint32(e.shapes.Partition[shape]), roles[0].TypeMask) >= roles[0].Replicas
	}
	ok := e.empty.PlaceLowest(&e.emptyLog, uint32(e.shapes.Partition[shape]), roles)
	e.empty.Undo(&e.emptyLog, 0)
	return ok
}
