package sim

import "github.com/orrery-sim/orrery/sim/state"

// dependencies remembers how jobs ended, two bits a job, and who waits for a job that has not.
type dependencies struct {
	ended, ok []uint64
	waiters   map[uint64][]waiter // by number of the job waited for; looked up, never ranged over
}

type waiter struct {
	slot int32
	gen  uint32
	when state.Condition
}

func bitAt(b []uint64, i uint64) bool { return i>>6 < uint64(len(b)) && b[i>>6]>>(i&63)&1 != 0 }

func setBit(b []uint64, i uint64) []uint64 {
	for uint64(len(b)) <= i>>6 {
		b = append(b, 0)
	}
	b[i>>6] |= 1 << (i & 63)
	return b
}

// awaitDeps registers a job's dependencies. It reports whether the job stays held; when a condition can no longer hold,
// the job is cancelled.
func (e *Engine) awaitDeps(slot int32, after []state.Dep) bool {
	left := int32(0)
	for _, d := range after {
		n := e.rows.number(d.Row)
		switch {
		case !bitAt(e.deps.ended, n):
			if e.deps.waiters == nil {
				e.deps.waiters = make(map[uint64][]waiter)
			}
			e.deps.waiters[n] = append(e.deps.waiters[n], waiter{slot, e.jobs.Row[slot].Gen, d.When})
			left++
		case d.When == state.AfterOK && !bitAt(e.deps.ok, n):
			e.leave(slot, state.Cancelled, state.ReasonDependency)
			return false
		}
	}
	e.priv[slot].depsLeft = left
	if left > 0 {
		e.held++
		e.tell(state.EvHold, slot).A = left
	}
	return left > 0
}

// resolveDeps tells those who wait for a job how it ended.
func (e *Engine) resolveDeps(number uint64, finished bool) {
	e.deps.ended = setBit(e.deps.ended, number)
	if finished {
		e.deps.ok = setBit(e.deps.ok, number)
	}
	if len(e.deps.waiters) == 0 {
		return
	}
	list, found := e.deps.waiters[number]
	if !found {
		return
	}
	delete(e.deps.waiters, number)
	for _, w := range list {
		if e.jobs.Row[w.slot].Gen != w.gen || e.jobs.Row[w.slot].State != state.JobHeld {
			continue
		}
		if w.when == state.AfterOK && !finished {
			e.leave(w.slot, state.Cancelled, state.ReasonDependency)
			continue
		}
		if e.priv[w.slot].depsLeft--; e.priv[w.slot].depsLeft == 0 {
			e.held--
			if err := e.enqueueOrSetAside(w.slot); err != nil && e.fault == nil {
				e.fault = err
			}
		}
	}
}

func (d *dependencies) clone() dependencies {
	c := dependencies{ended: append([]uint64(nil), d.ended...), ok: append([]uint64(nil), d.ok...)}
	if d.waiters != nil {
		c.waiters = make(map[uint64][]waiter, len(d.waiters))
		for n, l := range d.waiters { // order does not matter: a copy
			c.waiters[n] = append([]waiter(nil), l...)
		}
	}
	return c
}

// userMeans are running times of ended jobs by user, for estimates: {from: user-mean}.
type userMeans struct {
	sum []state.Wide
	n   []int64
}

func (u *userMeans) add(user int32, run state.Time) {
	if user < 0 {
		return
	}
	for len(u.n) <= int(user) {
		u.n = append(u.n, 0)
		u.sum = append(u.sum, state.Wide{})
	}
	u.n[user]++
	u.sum[user].Add(int64(run))
}

func (u *userMeans) mean(user int32) (state.Time, bool) {
	if user < 0 || int(user) >= len(u.n) || u.n[user] == 0 {
		return 0, false
	}
	return state.Time(u.sum[user].Div(u.n[user])), true
}

func (u *userMeans) clone() userMeans {
	return userMeans{sum: append([]state.Wide(nil), u.sum...), n: append([]int64(nil), u.n...)}
}
