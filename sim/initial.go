package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// admitInitial admits the jobs that are there at instant 0: queued ones, and running ones on the devices they hold.
func (e *Engine) admitInitial() error {
	for i := range e.cfg.Initial {
		in := &e.cfg.Initial[i]
		queuedAt := in.Spec.Submit
		if in.Running {
			queuedAt -= startOf(in) // it waited from its submission to its start
		}
		slot, err := e.admit(&in.Spec, queuedAt)
		if err != nil {
			return err
		}
		if in.Evicted > 0 {
			e.jobs.Row[slot].Evictions = in.Evicted
		}
		if e.priv[slot].done, e.priv[slot].saved = in.Done, in.Done; in.Done < 0 || in.Done > in.Spec.Duration {
			return fmt.Errorf("initial job %q (number %d) has done %d ns of %d", in.Spec.Name, i+1, in.Done, in.Spec.Duration)
		}
		if !in.Running {
			continue
		}
		if e.jobs.Row[slot].State != state.JobQueued {
			return fmt.Errorf("initial job %q (number %d) is running but could not be started here: %d GPUs do not fit this cluster, or it "+
				"waits for another job", in.Spec.Name, i+1, e.jobs.Row[slot].GPUs)
		}
		var log []state.Part
		if in.Parts == nil && !e.cl.PlaceLowest(&log, uint32(e.jobs.Row[slot].Partition), in.Spec.Roles) {
			return fmt.Errorf("initial job %q (number %d) is running, but no %d GPUs are left for it", in.Spec.Name, i+1, e.jobs.Row[slot].GPUs)
		}
		for _, p := range in.Parts {
			if r := e.cl.Take(&log, p); r != 0 {
				return fmt.Errorf("initial job %q (number %d): node %d: %s", in.Spec.Name, i+1, p.Node, r)
			}
		}
		e.cl.Adopt(len(log))
		if r := e.checkGang(slot, log); r != 0 {
			return fmt.Errorf("initial job %q (number %d): %s", in.Spec.Name, i+1, r)
		}
		if e.books != nil {
			e.books.tree.Charge(e.books.class(slot), log, e.cl.Nodes())
			e.books.move(slot)
		}
		e.begin(slot, log, startOf(in), 0) // the work of the time since then is done
	}
	e.rows.base = e.number
	return nil
}

// startOf is when a running initial job started: its recorded start, at the latest instant 0.
func startOf(in *InitialJob) state.Time {
	if s := in.Spec.RecStart; s != state.Unset && s < 0 {
		return max(s, in.Spec.Submit)
	}
	return 0
}
