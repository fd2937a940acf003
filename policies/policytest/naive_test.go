package policytest_test

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// naive is the engine and the pipeline once more, in the simplest code over the same definitions: it sorts, scans and
// copies whatever it needs, and shares nothing with them but the words. It knows one partition and no node changes.
type naive struct {
	world    *policytest.World
	order    order.Rule
	backfill backfill.Rule
	place    place.Rule

	now    state.Time
	free   room
	queue  []*nJob
	runs   []*nJob
	uneven bool // some job that was not "any GPUs" has queued
	starts []state.Time
	parts  [][]nPart
}

type nJob struct {
	number  int
	spec    *state.JobSpec
	est     state.Time
	end     state.Time // the true one
	expect  state.Time
	parts   []nPart
	started bool
}

func (j *nJob) gpus() int { return int(j.spec.GPUs()) }

// run returns each job's start, Unset for those that never did, and its parts.
func (n *naive) run() ([]state.Time, [][]nPart) {
	n.free = roomOf(n.world.Nodes)
	empty := n.free.clone()
	for range n.world.Jobs {
		n.starts = append(n.starts, state.Unset)
		n.parts = append(n.parts, nil)
	}
	next := 0
	for {
		n.now = state.Never
		if next < len(n.world.Jobs) {
			n.now = n.world.Jobs[next].Submit
		}
		for _, j := range n.runs {
			n.now = min(n.now, j.end)
		}
		if n.now == state.Never {
			return n.starts, n.parts
		}
		changed := true
		for round := 0; changed; round++ {
			changed = false
			for _, j := range slices.Clone(n.runs) {
				if j.end == n.now {
					n.free.give(j.parts)
					n.runs = slices.DeleteFunc(n.runs, func(o *nJob) bool { return o == j })
					changed = true
				}
			}
			for round == 0 && next < len(n.world.Jobs) && n.world.Jobs[next].Submit == n.now {
				j := n.arrive(next)
				if e := empty.clone(); e.gang(place.FirstFit, j.spec.Roles, nil) != nil {
					n.queue = append(n.queue, j)
					n.uneven = n.uneven || !n.anyGPUs(j)
					changed = true // a job that is set aside changes nothing
				}
				next++
			}
			if changed {
				n.pass()
			}
		}
	}
}

// anyGPUs reports whether a job fits exactly when enough GPUs are free.
func (n *naive) anyGPUs(j *nJob) bool {
	r := j.spec.Roles
	if len(r) != 1 || r[0].PodGPUs != 1 || r[0].GPUMilli != 1000 || r[0].CPUMilli != 0 || r[0].MemMiB != 0 {
		return false
	}
	return !slices.ContainsFunc(n.world.Nodes, func(s cluster.NodeSpec) bool {
		return r[0].TypeMask != 0 && s.GPUs > 0 && r[0].TypeMask>>s.Type&1 == 0
	})
}

func (n *naive) arrive(i int) *nJob {
	s := &n.world.Jobs[i]
	j := &nJob{number: i, spec: s, est: s.Estimate}
	if j.est == state.Unset {
		j.est = s.Duration
	}
	if j.est <= 0 {
		j.est = state.Second
	}
	return j
}

// sorted is the queue in order.
func (n *naive) sorted() []*nJob {
	held := map[int32]int64{}
	for _, j := range n.runs {
		if j.spec.User >= 0 {
			held[j.spec.User] += int64(j.gpus())
		}
	}
	key := func(j *nJob) int64 {
		return [...]int64{0, int64(j.est), -int64(j.est), -int64(j.spec.Priority), int64(j.gpus()), held[j.spec.User], 0}[n.order]
	}
	slices.SortFunc(n.queue, func(a, b *nJob) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.number, b.number)) })
	return n.queue
}

func (n *naive) pass() {
	for _, j := range n.runs {
		for span := j.est; j.expect <= n.now; {
			span *= 2
			j.expect = n.starts[j.number] + span
		}
	}
	for len(n.queue) > 0 {
		if head := n.sorted()[0]; !n.start(head) {
			break
		}
	}
	if len(n.queue) == 0 {
		return
	}
	switch {
	case n.backfill.Kind == backfill.Easy && n.uneven:
		n.easyPlaced()
	case n.backfill.Kind == backfill.Easy:
		n.easy()
	case n.backfill.Kind == backfill.Conserve:
		n.conservative()
	}
}

// on places a job on a room by the rule, or returns nil and changes nothing.
func (n *naive) on(r room, j *nJob) []nPart {
	return r.gang(n.place, j.spec.Roles, &draws{seed: n.world.Seed, job: j.number})
}

// start starts a job if it fits now.
func (n *naive) start(j *nJob) bool {
	parts := n.on(n.free, j)
	if parts == nil {
		return false
	}
	n.begin(j, parts)
	return true
}

// begin makes a job run on parts that are taken already.
func (n *naive) begin(j *nJob, parts []nPart) {
	j.parts, j.started = parts, true
	j.end, j.expect = n.now.Add(j.spec.Duration), n.now.Add(j.est)
	n.starts[j.number], n.parts[j.number] = n.now, parts
	n.runs = append(n.runs, j)
	n.queue = slices.DeleteFunc(n.queue, func(o *nJob) bool { return o == j })
}

// ends are the distinct instants at which running jobs are expected to end.
func (n *naive) ends() []state.Time {
	var at []state.Time
	for _, j := range n.runs {
		at = append(at, j.expect)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// easy is EASY where every job takes any GPUs.
func (n *naive) easy() {
	head := n.sorted()[0]
	shadow, extra := state.Never, 0
	for _, at := range n.ends() {
		free := n.free.gpus()
		for _, j := range n.runs {
			if j.expect <= at {
				free += j.gpus()
			}
		}
		if free >= head.gpus() {
			shadow, extra = at, free-head.gpus()
			break
		}
	}
	n.sweep(head, func(j *nJob) bool {
		if n.free.gpus() < j.gpus() {
			return false
		}
		if n.now.Add(j.est) > shadow {
			if j.gpus() > extra {
				return false
			}
			extra -= j.gpus()
		}
		return n.start(j)
	})
}

// sweep offers, in queue order, every job behind the head once; a start may move the jobs behind.
func (n *naive) sweep(head *nJob, start func(*nJob) bool) {
	offered := map[*nJob]bool{head: true}
	for {
		at := slices.IndexFunc(n.sorted(), func(j *nJob) bool { return !offered[j] })
		if at < 0 {
			return
		}
		offered[n.queue[at]] = true
		start(n.queue[at])
	}
}

// easyPlaced is EASY where a reservation is a placement.
func (n *naive) easyPlaced() {
	head := n.sorted()[0]
	shadow := state.Never
	var then room
	for _, at := range n.ends() {
		then = n.free.clone()
		for _, j := range n.runs {
			if j.expect <= at {
				then.give(j.parts)
			}
		}
		if n.on(then, head) != nil {
			shadow = at
			break
		}
	}
	n.sweep(head, func(j *nJob) bool {
		if shadow == state.Never || n.now.Add(j.est) <= shadow {
			return n.start(j)
		}
		parts := n.on(n.free.both(then), j)
		if parts == nil {
			return false
		}
		n.free.take(parts)
		then.take(parts)
		n.begin(j, parts)
		return true
	})
}

// reservation is a job's place in the future.
type reservation struct {
	from, to state.Time
	gpus     int
	parts    []nPart
}

// conservative gives reservations to the first jobs in the order in which they stand when the pass begins.
func (n *naive) conservative() {
	var made []reservation
	list := slices.Clone(n.sorted())
	for _, j := range list[:min(len(list), n.backfill.Depth)] {
		instants := append([]state.Time{n.now}, n.ends()...)
		for _, r := range made {
			instants = append(instants, r.from, r.to)
		}
		slices.Sort(instants)
		for _, from := range slices.Compact(instants) {
			span := reservation{from: from, to: from.Add(j.est), gpus: j.gpus()}
			if !n.fits(j, &span, made, instants) {
				continue
			}
			if from > n.now {
				made = append(made, span)
			} else if n.uneven {
				n.free.take(span.parts)
				n.begin(j, span.parts)
			} else {
				n.start(j)
			}
			break
		}
	}
}

// fits reports whether a job can have a span with what others leave at each instant of it, and where.
func (n *naive) fits(j *nJob, span *reservation, made []reservation, instants []state.Time) bool {
	all := n.at(span.from, made)
	least := all.gpus()
	for _, at := range instants {
		if at > span.from && at < span.to {
			then := n.at(at, made)
			least = min(least, then.gpus())
			all = all.both(then)
		}
	}
	if !n.uneven {
		// GPUs are counted, not named: reservations take any.
		return n.count(span, made, instants) >= j.gpus()
	}
	span.parts = n.on(all, j)
	return span.parts != nil
}

// count is how many GPUs are free throughout a span.
func (n *naive) count(span *reservation, made []reservation, instants []state.Time) int {
	least := 1 << 30
	for _, at := range instants {
		if at < span.from || at >= span.to {
			continue
		}
		free := n.free.gpus()
		for _, j := range n.runs {
			if j.expect <= at {
				free += j.gpus()
			}
		}
		for _, r := range made {
			if r.from <= at && at < r.to {
				free -= r.gpus
			}
		}
		least = min(least, free)
	}
	return least
}

// at is what is free at an instant by expected ends and reservations.
func (n *naive) at(t state.Time, made []reservation) room {
	r := n.free.clone()
	for _, j := range n.runs {
		if j.expect <= t {
			r.give(j.parts)
		}
	}
	for i := range made {
		if made[i].from <= t && t < made[i].to {
			r.take(made[i].parts)
		}
	}
	return r
}
