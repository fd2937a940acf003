package preempt

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// Reclaim finds who must yield across a quota tree so that a waiting job starts. Candidates, their order and what they may be
// taken for are those of the tree's rules:
//
//   - Kueue (classic): jobs of the own queue by withinQueue; jobs of queues of the same cohort that borrow, by reclaim, or where
//     borrowing while preempting is on, of lower priority up to the threshold. Other queues first, then the lowest priority, then
//     the latest start. First with borrowing when all are of the own queue, or for those whom borrowing may take; then without
//     borrowing; then the own queue's alone, with borrowing.
//   - Kueue with between: fair: from the queue with the highest share on, jobs whose going leaves the preemptor's share at most the
//     victim's (LessThanOrEqualToFinalShare), then those before which it is less (LessThanInitialShare).
//   - Volcano: the queue would be within what it deserves of some resource; jobs of reclaimable queues that use more than they
//     deserve and keep their guarantee: queues with the same parent first, then the lowest priority, then the latest start.
//   - PAI: lower priorities of queues with the same parent (siblings) or below (children); with reclaim, when the queue is within
//     its guarantee, jobs of queues that are over theirs.
//
// Victims are whole jobs. From the last but one back to the first each is put back unless the job would not fit then.
type Reclaim struct {
	v    *state.View
	c    *cluster.Cluster
	t    *quota.Tree
	job  int32
	fits func(types uint64) bool // on the cluster, on GPUs of these types where that is not 0

	class, queue int32
	need         []quota.Amount
	parts        []state.Part
	taken        []int32
	shares       []float64 // by queue: 1 + its share, or 0
}

// NewReclaim prepares the search for a waiting job's victims. fits says whether the cluster could hold it now, on GPUs of some
// types where they are not 0.
func NewReclaim(v *state.View, c *cluster.Cluster, job int32, fits func(types uint64) bool) *Reclaim {
	t := v.Quota.(*quota.Tree)
	class := t.ClassOf(v.Line[job])
	return &Reclaim{v: v, c: c, t: t, job: job, fits: fits, class: class, queue: t.QueueOf(class), need: t.Alternatives(class)[0]}
}

// Find returns who must yield, or nothing. Cluster and tree are as before afterwards.
func (r *Reclaim) Find(running []int32) []int32 {
	m := r.t.Mark()
	victims := r.find(running)
	for _, job := range r.taken {
		retake(r.v, r.c, job)
	}
	r.taken = nil
	r.t.Undo(m)
	return victims
}

func (r *Reclaim) find(running []int32) []int32 {
	p := &r.t.Spec().Preempt
	own, others := r.candidates(running)
	if len(own)+len(others) == 0 {
		return nil
	}
	all := append(slices.Clone(others), own...)
	switch r.t.Spec().Rules {
	case quota.Kueue:
		if r.t.Spec().Between == quota.Fair && len(others) > 0 {
			return r.fair(all)
		}
		if len(others) == 0 {
			return r.minimal(own, true)
		}
		alone := r.t.Alone(r.class, r.need)
		if p.Borrow && !alone {
			if v := r.minimal(append(r.upTo(others, p.Threshold), own...), true); v != nil {
				return v
			}
		}
		if alone {
			if v := r.minimal(all, false); v != nil {
				return v
			}
		}
		return r.minimal(own, true)
	case quota.Volcano:
		if v := r.minimal(others, true); v != nil {
			return v
		}
		return r.minimal(own, true)
	}
	return r.minimal(all, true)
}

// candidates are those of the own queue and of others who may yield, in the order in which they are tried.
func (r *Reclaim) candidates(running []int32) (own, others []int32) {
	p, rows := &r.t.Spec().Preempt, r.v.Jobs.Row
	mine := &rows[r.job]
	for _, job := range running {
		j := &rows[job]
		class := r.t.ClassOf(r.v.Line[job])
		if !r.t.Shares(r.class, class) {
			continue
		}
		switch q := r.t.QueueOf(class); {
		case q == r.queue:
			if p.Within != quota.WithinNever && j.Priority < mine.Priority || p.Within == quota.WithinNewer && j.Priority == mine.Priority && j.Number > mine.Number {
				own = append(own, job)
			}
		case r.mayTake(class, q, j.Priority < mine.Priority):
			others = append(others, job)
		}
	}
	slices.SortFunc(own, r.order)
	slices.SortFunc(others, r.order)
	return own, others
}

// mayTake reports whether a job of another queue may be a victim at all; what changes while others yield is tested again.
func (r *Reclaim) mayTake(class, q int32, lower bool) bool {
	p := &r.t.Spec().Preempt
	reclaim := p.Reclaim == quota.ReclaimAny || p.Reclaim == quota.ReclaimLower && lower
	switch r.t.Spec().Rules {
	case quota.Kueue:
		return r.t.SameRoot(q, r.queue) && (reclaim || p.Borrow && lower) && r.t.Over(class)
	case quota.Volcano:
		return reclaim && r.t.Deserves(r.class, r.need) && r.t.MayLose(class)
	}
	s := r.t.Spec().Queues
	if lower && (p.Siblings && s[q].Parent == s[r.queue].Parent || p.Children && r.t.Below(q, r.queue)) {
		return true
	}
	return reclaim && r.t.Alone(r.class, r.need) && r.t.Over(class)
}

// order is who yields first: queues with the same parent where that counts, then the lowest priority, the latest start and the
// latest submission.
func (r *Reclaim) order(a, b int32) int {
	x, y := &r.v.Jobs.Row[a], &r.v.Jobs.Row[b]
	near := func(job int32) int {
		s := r.t.Spec().Queues
		if r.t.Spec().Rules != quota.Volcano || s[r.t.QueueOf(r.t.ClassOf(r.v.Line[job]))].Parent == s[r.queue].Parent {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(near(a), near(b)), cmp.Compare(x.Priority, y.Priority), cmp.Compare(y.Start, x.Start), cmp.Compare(y.Number, x.Number))
}

func (r *Reclaim) upTo(jobs []int32, priority int32) []int32 {
	var out []int32
	for _, job := range jobs {
		if j := &r.v.Jobs.Row[job]; j.Priority <= priority && j.Priority < r.v.Jobs.Row[r.job].Priority {
			out = append(out, job)
		}
	}
	return out
}

// minimal takes candidates in order until the job fits, and puts back whoever is not needed.
func (r *Reclaim) minimal(candidates []int32, borrow bool) []int32 {
	if len(candidates) == 0 {
		return nil
	}
	begin := len(r.taken)
	for _, job := range candidates {
		if !r.still(job) {
			continue
		}
		r.remove(job)
		if r.fitsNow(borrow) {
			return r.giveBack(begin, borrow)
		}
	}
	for len(r.taken) > begin {
		r.restore(len(r.taken) - 1)
	}
	return nil
}

// still reports whether a candidate of another queue may yet be taken, now that others have been.
func (r *Reclaim) still(job int32) bool {
	class := r.t.ClassOf(r.v.Line[job])
	if r.t.QueueOf(class) == r.queue {
		return true
	}
	switch p := &r.t.Spec().Preempt; {
	case r.t.Spec().Rules == quota.Kueue:
		return r.t.Over(class)
	case r.t.Spec().Rules == quota.Volcano:
		return r.t.MayLose(class)
	case p.Reclaim != quota.ReclaimNever && !p.Siblings && !p.Children:
		return r.t.Over(class)
	}
	return true
}

func (r *Reclaim) remove(job int32) {
	release(r.v, r.c, job)
	r.t.Try(r.t.ClassOf(r.v.Line[job]), r.held(job), r.c.Nodes(), -1)
	r.taken = append(r.taken, job)
}

// restore puts the i-th that was taken back.
func (r *Reclaim) restore(i int) {
	job := r.taken[i]
	retake(r.v, r.c, job)
	r.t.Try(r.t.ClassOf(r.v.Line[job]), r.held(job), r.c.Nodes(), 1)
	r.taken = slices.Delete(r.taken, i, i+1)
}

func (r *Reclaim) held(job int32) []state.Part {
	r.parts = r.parts[:0]
	for k := r.v.Jobs.Row[job].AllocHead; k >= 0; k = r.v.Allocs.Next[k] {
		r.parts = append(r.parts, r.v.Allocs.Parts[k])
	}
	return r.parts
}

// fitsNow reports whether the job has quota, without borrowing if it must not, and a place.
func (r *Reclaim) fitsNow(borrow bool) bool {
	for i, need := range r.t.Alternatives(r.class) {
		if types, ok := r.t.Way(r.class, i); ok && (borrow || r.t.Alone(r.class, need)) && r.fits(types) {
			return true
		}
	}
	return false
}

// giveBack puts those of the taken from begin on back who are not needed, the last but one first, and returns the others in order.
func (r *Reclaim) giveBack(begin int, borrow bool) []int32 {
	for i := len(r.taken) - 2; i >= begin; i-- {
		job := r.taken[i]
		if r.restore(i); !r.fitsNow(borrow) {
			r.remove(job)
			r.taken = slices.Insert(r.taken[:len(r.taken)-1], i, job)
		}
	}
	return slices.Clone(r.taken[begin:])
}

// fair takes from the queue with the highest share on, by Kueue's two strategies.
func (r *Reclaim) fair(candidates []int32) []int32 {
	if !r.worth(candidates) {
		return nil
	}
	left := candidates
	for initial := range 2 {
		var skipped []int32
		for len(left) > 0 {
			i := r.highest(left)
			job := left[i]
			left = slices.Delete(slices.Clone(left), i, i+1)
			if !r.still(job) {
				continue
			}
			q := r.t.QueueOf(r.t.ClassOf(r.v.Line[job]))
			before := r.t.FairShare(q, r.queue, nil)
			mine := r.t.FairShare(r.queue, q, r.need)
			r.remove(job)
			after := r.t.FairShare(q, r.queue, nil)
			if allowed := q == r.queue || initial == 0 && mine <= after || initial == 1 && mine < before; !allowed {
				r.restore(len(r.taken) - 1)
				skipped = append(skipped, job)
				continue
			}
			if r.fitsNow(true) {
				return r.giveBack(0, true)
			}
		}
		left = skipped
	}
	return nil
}

// highest is the place of the first candidate of the queue with the highest share; its own queue's come last.
func (r *Reclaim) highest(candidates []int32) int {
	best, share := 0, -2.0
	r.shares = slices.Grow(r.shares[:0], r.t.Len())[:r.t.Len()]
	clear(r.shares)
	for i, job := range candidates {
		q, s := r.t.QueueOf(r.t.ClassOf(r.v.Line[job])), -1.0
		if q != r.queue {
			if r.shares[q] == 0 { // not known yet: a queue that borrows has a share
				r.shares[q] = 1 + r.t.FairShare(q, r.queue, nil)
			}
			s = r.shares[q]
		}
		if s > share {
			best, share = i, s
		}
	}
	return best
}

// worth reports whether the job would fit if all candidates yielded: else there is no need to look closer.
func (r *Reclaim) worth(candidates []int32) bool {
	for _, job := range candidates {
		r.remove(job)
	}
	ok := r.fitsNow(true)
	for len(r.taken) > 0 {
		r.restore(len(r.taken) - 1)
	}
	return ok
}
