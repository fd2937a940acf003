package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// Fork returns an independent simulation that continues byte for byte like this one. Listeners that can follow a fork do;
// those that write files stay with the parent. Policy and source say when they cannot be cloned.
func (e *Engine) Fork() (*Engine, error) {
	e.Flush()
	names := e.names.Clone()
	src, err := e.src.Clone(names)
	if err != nil {
		return nil, fmt.Errorf("fork: the workload cannot be cloned: %w", err)
	}
	policy, err := e.policy.Clone()
	if err != nil {
		return nil, fmt.Errorf("fork: policy %s cannot be cloned: %w", e.info.Name, err)
	}
	f := &Engine{}
	*f = *e
	f.names, f.src, f.policy = names, src, policy
	f.cfg.Names, f.cfg.Source, f.cfg.Policy = names, src, policy
	f.cfg.Listeners = nil
	for _, l := range e.cfg.Listeners {
		if c, ok := l.(state.Cloner); ok {
			f.cfg.Listeners = append(f.cfg.Listeners, c.CloneListener())
		}
	}
	f.cfg.Conveyor, f.out, f.side = nil, [2]delivery{}, 0
	f.cl, f.empty, f.emptyLog = e.cl.Clone(), nil, nil
	f.queue = e.queue.Clone()
	f.jobs = cloneJobs(&e.jobs)
	f.priv = copied(e.priv)
	f.slots = e.slots.Clone()
	f.dead, f.gone = copied(e.dead), copied(e.gone)
	f.shapes = e.shapes.clone()
	f.allocs = state.Allocs{Parts: append([]state.Part(nil), e.allocs.Parts...), Next: append([]int32(nil), e.allocs.Next...), Free: e.allocs.Free}
	f.stretches = copied(e.stretches)
	f.parts = append([]partition(nil), e.parts...)
	f.due = append([]int32(nil), e.due...)
	f.aside = append([]int32(nil), e.aside...)
	f.rows = e.rows.clone()
	f.recovery, f.outages = e.recovery.clone(), e.outages.clone()
	f.bazaar, f.off = e.bazaar.clone(), copied(e.off)
	f.deps = e.deps.clone()
	f.users = e.users.clone()
	f.causes = e.causes.clone()
	if e.books != nil {
		f.books = e.books.clone(e.books.tree.Clone())
	}
	f.causes.cl = f.cl
	f.speeds = e.speeds.clone()
	f.digest = e.digest.clone()
	f.buf, f.told, f.dec = copied(e.buf), nil, state.Decisions{} // the flush may have told something anew
	f.commands, f.answers = nil, nil
	f.arrival = cloneSpec(&e.arrival)
	f.bindView()
	f.view.Pass = e.view.Pass
	return f, nil
}

// Policy is that of this simulation: in a fork, a clone of its parent's, which whoever ends the fork closes where it can be closed.
func (e *Engine) Policy() state.Policy { return e.policy }

// Listeners are those of this simulation: in a fork, the clones of its parent's that could follow, in the same order.
func (e *Engine) Listeners() []state.Listener { return e.cfg.Listeners }

func cloneSpec(s *state.JobSpec) state.JobSpec {
	c := *s
	c.Name = append([]byte(nil), s.Name...)
	c.Roles = append([]state.RoleSpec(nil), s.Roles...)
	c.After = append([]state.Dep(nil), s.After...)
	return c
}

func copied[T any](s []T) []T {
	if s == nil {
		return nil
	}
	return append(make([]T, 0, len(s)), s...)
}

func cloneJobs(j *state.Jobs) state.Jobs {
	c := *j
	c.Row, c.Name, c.TrueDuration = copied(j.Row), copied(j.Name), copied(j.TrueDuration)
	for i := range j.X {
		c.X[i] = copied(j.X[i])
	}
	c.CloneLongNames()
	return c
}

func (c *causes) clone() causes {
	d := *c
	d.parts = copied(c.parts)
	for i := range d.parts {
		d.parts[i].shapes = copied(c.parts[i].shapes)
	}
	d.levels = copied(c.levels)
	for i := range d.levels {
		d.levels[i].spent, d.levels[i].share = copied(c.levels[i].spent), copied(c.levels[i].share)
	}
	d.byNode = make([][]int32, len(c.byNode))
	for i := range c.byNode {
		d.byNode[i] = copied(c.byNode[i])
	}
	d.joins = copied(c.joins)
	return d
}
