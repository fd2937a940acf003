package world

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/scenarios"
)

// Waiting are the jobs that wait for resources now, those first that the policy looks at first: by priority, by size or by arrival as
// the scenario's order says. For orders that look at more than a job's request (shortest first, fair shares, a module) it is the order of
// arrival.
func (v View) Waiting() []*Job {
	all := v.living(func(j *Job) bool {
		return !j.Deleted && j.Active() && !j.Holds() && !j.stopping() && j.Life.Created.Add(j.Life.Script.Create) <= v.Now
	})
	if v.w.ahead != nil {
		slices.SortStableFunc(all, v.w.ahead)
	}
	return all
}

// Holding are the jobs that hold resources now, in order of arrival, deleted ones that are still being stopped among them.
func (v View) Holding() []*Job {
	return v.living(func(j *Job) bool {
		return j.Active() && j.Holds() && j.Life.Attempts[len(j.Life.Attempts)-1].Start <= v.Now
	})
}

// living are those of the jobs that have not ended that keep takes, in order of arrival.
func (v View) living(keep func(*Job) bool) []*Job {
	v.w.mu.RLock()
	var all []*Job
	for _, j := range v.w.shown.live { // sorted below
		if keep(j) {
			all = append(all, j)
		}
	}
	v.w.mu.RUnlock()
	slices.SortFunc(all, func(a, b *Job) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// aheadOf is how the policy's order compares two jobs, or nil for the order of arrival.
func aheadOf(p *scenarios.Policy) func(a, b *Job) int {
	name := ""
	if p.Order != nil && p.Scheduler == nil && p.Preset == "" {
		name = p.Order.Name
	}
	switch name {
	case "priority":
		return func(a, b *Job) int { return cmp.Compare(b.Priority, a.Priority) }
	case "smallest-first":
		return func(a, b *Job) int { return cmp.Compare(a.Need().GPUs, b.Need().GPUs) }
	}
	return nil
}
