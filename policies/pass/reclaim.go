package pass

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/policies/preempt"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// maxSearches bounds for how many jobs of one pass victims are looked for: the others' turn comes when something changes.
const maxSearches = 16

// sought is when victims were looked for in vain: for whom, after how many starts, ends and changes, among how many.
type sought struct {
	turn, moves uint64
	candidates  int
}

// Nominee is the job to which others have yielded, as long as it waits, or nil.
func (p *Partition) Nominee(v *state.View) *waiting.Entry {
	y := &p.yields
	if !y.set {
		return nil
	}
	j := &v.Jobs.Row[y.nominee]
	if m := &p.jobs[y.nominee]; j.Gen == y.gen && m.where == inQueue {
		return &waiting.Entry{Key: m.key, Number: m.turn, Est: m.est, Job: y.nominee}
	}
	y.set = false
	return nil
}

// Yielding reports whether a grace is not over yet.
func (p *Partition) Yielding() bool { return p.yields.leaving > 0 }

// Forgo gives the nominee's turn up: it does not fit although others yielded. Nobody yields to it again.
func (p *Partition) Forgo() {
	y, q := &p.yields, p.queues
	y.set = false
	for int32(len(q.vain)) <= y.nominee {
		q.vain = append(q.vain, 0)
	}
	q.vain[y.nominee] = p.jobs[y.nominee].turn + 1
}

// Reclaim looks, queue by queue in their order, for a first job that cannot start and to whom others must yield, and has them
// evicted. It reports whether there is one; the job is started by the next pass, or when the graces are over.
func (p *Partition) Reclaim(v *state.View, c *cluster.Cluster, d *state.Decisions) bool {
	t, y := tree(v), &p.yields
	if !t.Spec().Preempt.Any() || y.leaving > 0 || len(d.Parts) > 0 {
		d.Again = d.Again || t.Spec().Preempt.Any() && y.leaving == 0 && len(d.Parts) > 0 // who starts with this pass can yield in the next
		return false
	}
	heads := p.heads(v, t)
	if len(heads) == 0 {
		return false
	}
	y.candidates = y.candidates[:0]
	for _, job := range y.running {
		switch j := &v.Jobs.Row[job]; {
		case j.State != state.JobRunning || v.Protected(j):
		case j.Start == v.Now: // nobody loses at the instant at which it started: two jobs could evict each other for ever
			p.askAgain(v, v.Now+1, d)
		default:
			y.candidates = append(y.candidates, job)
		}
	}
	slices.SortFunc(y.candidates, func(a, b int32) int { return cmp.Compare(v.Jobs.Row[a].Number, v.Jobs.Row[b].Number) })
	p.askAgain(v, p.unprotected(v), d)
	searches := 0
	for _, line := range heads {
		if searches == maxSearches {
			return false
		}
		e := *p.Queue.First(p.Queue.Lane(line))
		if int(e.Job) < len(p.queues.vain) && p.queues.vain[e.Job] == e.Number+1 {
			continue
		}
		for int32(len(p.queues.sought)) <= e.Job {
			p.queues.sought = append(p.queues.sought, sought{})
		}
		now := sought{e.Number + 1, p.queues.moves, len(y.candidates)}
		if p.queues.sought[e.Job] == now {
			continue // nobody has started or gone since it was looked for in vain
		}
		p.queues.sought[e.Job] = now
		searches++
		victims := preempt.NewReclaim(v, c, e.Job, func(types uint64) bool {
			p.queues.only = types
			ok := p.fits(v, c, &e)
			p.queues.only = 0
			return ok
		}).Find(y.candidates)
		if len(victims) == 0 {
			continue
		}
		queue := p.queues.lines[line].queue
		for _, job := range victims {
			d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: job, Gen: v.Jobs.Row[job].Gen, Why: why(t, t.QueueOf(t.ClassOf(v.Line[job])), queue),
				For: v.Jobs.Row[e.Job].Number + 1})
		}
		y.nominee, y.gen, y.set = e.Job, v.Jobs.Row[e.Job].Gen, true
		d.Blocker, d.FitCause = e.Job, state.CauseReservation
		return true
	}
	return false
}

// why is what a victim's queue makes of a preemption.
func why(t *quota.Tree, of, by int32) state.PreemptKind {
	switch {
	case of == by:
		return state.PreemptPriority
	case t.Spec().Rules == quota.Kueue && t.Spec().Between == quota.Fair:
		return state.PreemptFair
	}
	return state.PreemptReclaim
}

// heads are the lines of the queues' first jobs, in order of their turn. A queue that is stopped has none.
func (p *Partition) heads(v *state.View, t *quota.Tree) []int32 {
	var out []int32
	for i := range p.queues.sides {
		if s := &p.queues.sides[i]; len(s.lines) > 0 && !t.Stopped(int32(i)) {
			out = append(out, p.firstLine(s))
		}
	}
	slices.SortFunc(out, func(a, b int32) int {
		if p.before(v, t, a, b) {
			return -1
		}
		return 1
	})
	return out
}
