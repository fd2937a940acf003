package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// editQueue changes the quota tree and does what follows from it: limits are told, jobs of a queue that drains queue again,
// and every partition looks anew. A refused edit changes nothing.
func (e *Engine) editQueue(edit *quota.Edit) error {
	if e.books == nil {
		return fmt.Errorf("queue %q cannot change: the simulation has no quota tree", edit.Name)
	}
	b := e.books
	if err := b.tree.Edit(edit); err != nil {
		return err
	}
	if err := b.grow(e); err != nil {
		return err
	}
	e.tellEdit(edit)
	b.tellLimits(e)
	for _, v := range edit.Set {
		if v.Field == quota.FieldState && quota.State(v.To) == quota.Drain {
			e.drainQueue(b.tree.Spec().Find(edit.Name))
		}
	}
	for p := range e.parts {
		e.touch(int32(p))
	}
	return nil
}

// tellEdit tells that a queue changed.
func (e *Engine) tellEdit(edit *quota.Edit) {
	name, _ := e.names.Queues.Lookup(edit.Name)
	e.emit(state.Event{Kind: state.EvQueueSet, Job: -1, A: e.books.tree.Spec().Find(edit.Name), B: int32(edit.Kind), Z: uint64(uint32(name))})
}

// drainQueue evicts what runs in a queue and those below, in order of arrival.
func (e *Engine) drainQueue(queue int32) {
	for _, slot := range e.liveByNumber() {
		if e.jobs.Row[slot].State != state.JobRunning {
			continue
		}
		for at := e.books.tree.QueueOf(e.books.class(slot)); at >= 0; at = e.books.tree.Spec().Queues[at].Parent {
			if at == queue {
				e.evict(slot, state.ReasonPreempted, purpose{kind: state.PreemptCommand})
				break
			}
		}
	}
}
