package pass

import (
	"slices"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/profile"
	"github.com/orrery-sim/orrery/sim/state"
)

// keys is what a partition keeps for an order behind a hook: who is to be asked about at the next pass.
type keys struct {
	joined  []int32      // jobs that joined the queue since the last pass; some may have left it again
	changed []int32      // waiting jobs whose key may be another now
	expire  profile.Ends // whose key expires when
	until   []state.Time // by job slot: where it stands in expire
	alarm   state.Time   // the pass that was asked for last, for an expiry

	jobs   []int32
	answer []int64
	expiry []state.Time
}

// join notes a job that has no key yet.
func (p *Partition) join(job int32) {
	p.jobs[job].where = unkeyed
	p.keys.joined = append(p.keys.joined, job)
}

// Rekey asks the hook for the keys that are missing or have expired and sorts those jobs in anew. Where keys expire it asks for
// a pass at the next expiry.
func (p *Partition) Rekey(v *state.View, d *state.Decisions) error {
	k := &p.keys
	k.jobs = k.jobs[:0]
	for _, job := range k.joined {
		if p.jobs[job].where == unkeyed {
			p.jobs[job].where = keyed
			k.jobs = append(k.jobs, job)
		}
	}
	k.joined = k.joined[:0]
	when := p.rules.Orderer.When()
	for _, job := range k.changed {
		if when != hook.AskAll && p.jobs[job].where == inQueue && !slices.Contains(k.jobs, job) {
			p.unexpire(job)
			k.jobs = append(k.jobs, job)
		}
	}
	k.changed = k.changed[:0]
	switch when {
	case hook.AskAll:
		for job := range p.jobs {
			if p.jobs[job].where == inQueue {
				k.jobs = append(k.jobs, int32(job))
			}
		}
	case hook.AskExpired:
		for k.expire.Len() > 0 {
			at, job := k.expire.First()
			if at > v.Now {
				break
			}
			p.unexpire(job)
			k.jobs = append(k.jobs, job)
		}
	}
	if len(k.jobs) == 0 {
		return nil
	}
	for len(k.answer) < len(k.jobs) {
		k.answer = append(k.answer, 0)
		k.expiry = append(k.expiry, 0)
	}
	answer, expiry := k.answer[:len(k.jobs)], k.expiry[:len(k.jobs)]
	if err := p.rules.Orderer.Keys(v, k.jobs, answer, expiry); err != nil {
		return err
	}
	for i, job := range k.jobs {
		p.rekey(v, job, answer[i])
		if when == hook.AskExpired && expiry[i] != state.Never {
			p.expires(v, job, max(expiry[i], v.Now+1))
		}
	}
	p.setAlarm(v, d)
	return nil
}

// rekey puts a job where its key belongs.
func (p *Partition) rekey(v *state.View, job int32, key int64) {
	if p.jobs[job].where == inQueue {
		if p.jobs[job].key == key {
			return
		}
		p.remove(v, job)
	}
	p.insert(v, job, key)
	p.Changed = true // another job may be the head
}

func (p *Partition) expires(v *state.View, job int32, at state.Time) {
	k := &p.keys
	for int32(len(k.until)) <= job {
		k.until = append(k.until, state.Never)
	}
	k.until[job] = at
	k.expire.Insert(at, 0, job)
}

// unexpire forgets when a job's key expires.
func (p *Partition) unexpire(job int32) {
	k := &p.keys
	if int(job) < len(k.until) && k.until[job] != state.Never {
		k.expire.Remove(k.until[job], job)
		k.until[job] = state.Never
	}
}

// setAlarm asks for a pass when the next key expires.
func (p *Partition) setAlarm(v *state.View, d *state.Decisions) {
	k := &p.keys
	if k.expire.Len() == 0 {
		return
	}
	if at, _ := k.expire.First(); k.alarm <= v.Now || at < k.alarm {
		k.alarm = at
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(at)})
	}
}

func (k *keys) clone() keys {
	return keys{joined: append([]int32(nil), k.joined...), changed: append([]int32(nil), k.changed...), expire: k.expire.Clone(), until: append([]state.Time(nil), k.until...), alarm: k.alarm}
}
