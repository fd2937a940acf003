package pass

import (
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// Prepare brings a pass over queues up to date: priorities that have grown, what became free.
func (p *Partition) Prepare(v *state.View, d *state.Decisions) {
	q := p.queues
	for q.grown.Len() > 0 {
		at, job := q.grown.First()
		if at > v.Now {
			break
		}
		q.grown.Remove(at, job)
		q.growAt[job] = 0
		if p.jobs[job].where == inQueue {
			p.remove(v, job)
			p.insert(v, job, p.key(v, job))
		}
	}
	if q.gained {
		for _, shape := range q.shapes {
			q.room[shape] = unknown
		}
		for _, line := range q.bench {
			q.lines[line].benched = false
			q.touch(q.lines[line].queue)
		}
		q.bench = q.bench[:0]
	}
	q.gained, q.blockedAll = false, false
	next := state.Never
	if q.grown.Len() > 0 {
		next, _ = q.grown.First()
	}
	kept := q.window[:0]
	for _, queue := range q.window {
		if s := &q.sides[queue]; s.alarm > v.Now {
			next = min(next, s.alarm)
			kept = append(kept, queue)
		} else {
			s.alarm = 0
			q.touch(queue)
		}
	}
	if q.window = kept; next != state.Never {
		q.ask(v, d, next)
	}
}

// ask asks for a pass at an instant.
func (q *queues) ask(v *state.View, d *state.Decisions, at state.Time) {
	if q.alarm > v.Now && q.alarm <= at {
		return
	}
	q.alarm = at
	d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(at)})
}

// Next is the job that is next among those that may go on and fit, or nil.
func (p *Partition) Next(v *state.View, c *cluster.Cluster, d *state.Decisions) *waiting.Entry {
	p.regroup(v, d)
	q := p.queues
	for {
		best := p.best(v)
		if best < 0 {
			return nil
		}
		e := p.Queue.First(p.Queue.Lane(best))
		if shape := q.lines[best].shape; q.room[shape] == unknown && !p.MayFit(v, c, e) {
			q.room[shape] = tooLittle
			continue
		}
		return e
	}
}

// Blocked is the first of the queues' heads that the policy's backfill may go around, or nil.
func (p *Partition) Blocked(v *state.View) *waiting.Entry {
	t, q := tree(v), p.queues
	best := int32(-1)
	look := func(lines []int32) {
		for _, line := range lines {
			if q.lines[line].mine && t.Spec().Queues[q.lines[line].queue].Strategy == quota.ByPolicy && (best < 0 || p.before(v, t, line, best)) {
				best = line
			}
		}
	}
	for _, shape := range q.shapes {
		look(q.groups[shape])
	}
	look(q.bench)
	if best < 0 {
		return nil
	}
	return p.Queue.First(p.Queue.Lane(best))
}

// best is the line whose first job is next, of the shapes that may fit, or -1.
func (p *Partition) best(v *state.View) int32 {
	t, q := tree(v), p.queues
	best := int32(-1)
	for _, shape := range q.shapes {
		if q.room[shape] == tooLittle {
			continue
		}
		for _, line := range q.groups[shape] {
			if q.blockedAll && t.Spec().Queues[q.lines[line].queue].Strategy == quota.ByPolicy {
				continue
			}
			if best < 0 || p.before(v, t, line, best) {
				best = line
			}
		}
	}
	return best
}

// before reports whether a line's first job is before another's: by its queue, where queues take turns, then by their order.
func (p *Partition) before(v *state.View, t *quota.Tree, a, b int32) bool {
	q := p.queues
	if between := t.Spec().Between; between != quota.Merged && q.lines[a].queue != q.lines[b].queue {
		var needA, needB []quota.Amount
		if t.Spec().Rules == quota.Kueue && between != quota.DRF {
			needA, needB = t.Need(t.ClassOf(a)), t.Need(t.ClassOf(b))
		}
		if o := t.Before(between, q.lines[a].queue, q.lines[b].queue, needA, needB); o != 0 {
			return o < 0
		}
	}
	return p.Queue.First(p.Queue.Lane(a)).Before(p.Queue.First(p.Queue.Lane(b)))
}

// TooLittle notes that a job could not be placed: those like it need not be tried before something becomes free.
func (p *Partition) TooLittle(v *state.View, e *waiting.Entry) {
	t, q := tree(v), p.queues
	line := q.lane[e.Job]
	if t.Ways(t.ClassOf(line)) > 1 {
		q.lines[line].benched = true
		q.bench = append(q.bench, line)
		q.touch(q.lines[line].queue)
	} else {
		q.room[q.lines[line].shape] = tooLittle
	}
	if t.Spec().Between == quota.Merged && t.Spec().Queues[q.lines[line].queue].Strategy == quota.ByPolicy {
		q.blockedAll = true
	}
}

// regroup looks again at the queues in which something changed: which of their lines may go on.
func (p *Partition) regroup(v *state.View, d *state.Decisions) {
	t, q := tree(v), p.queues
	for _, queue := range q.dirty {
		s := &q.sides[queue]
		s.dirty = false
		if len(s.lines) == 0 {
			s.head = 0
			continue
		}
		spec := &t.Spec().Queues[queue]
		q.tell(d, queue, spec.Strategy)
		window := p.window(v, queue, s, spec, d)
		head := int32(-1)
		if window == 1 {
			head = p.firstLine(s)
		}
		for _, line := range s.lines {
			if t.Open(t.ClassOf(line)) && !q.lines[line].benched && (line == head || window != 1 && p.within(s, line, window)) {
				q.group(line)
			} else {
				q.ungroup(line)
			}
		}
	}
	q.dirty = q.dirty[:0]
}

// window is how many of a queue's first jobs may go on: 1 where the first blocks, 0 where nobody does.
func (p *Partition) window(v *state.View, queue int32, s *side, spec *quota.Queue, d *state.Decisions) int {
	switch spec.Strategy {
	case quota.BestEffortFIFO:
		return 0
	case quota.Balance:
		return p.widened(v, queue, s, spec, d)
	case quota.Intelligent:
		if head := p.first(s); -head.Key < int64(spec.Threshold) {
			return 0
		}
	}
	return 1
}

// firstLine is the line of a queue's first job.
func (p *Partition) firstLine(s *side) int32 {
	best, first := int32(-1), (*waiting.Entry)(nil)
	for _, line := range s.lines {
		if e := p.Queue.First(p.Queue.Lane(line)); first == nil || e.Before(first) {
			best, first = line, e
		}
	}
	return best
}

// first is a queue's first job.
func (p *Partition) first(s *side) *waiting.Entry {
	return p.Queue.First(p.Queue.Lane(p.firstLine(s)))
}

// widened is the window of quota.Balance: one job, and one more for each timeout that the first has been the first.
func (p *Partition) widened(v *state.View, queue int32, s *side, spec *quota.Queue, d *state.Decisions) int {
	if head := p.first(s).Number + 1; s.head != head {
		s.head, s.since = head, v.Now
	}
	if spec.Timeout <= 0 {
		return 1
	}
	passed := int64(v.Now-s.since) / int64(spec.Timeout)
	jobs := int64(0)
	for _, line := range s.lines {
		jobs += int64(p.Queue.LaneLen(p.Queue.Lane(line)))
	}
	if passed+1 >= jobs {
		return int(jobs) // all of them: nothing would change with time
	}
	if s.alarm == 0 {
		p.queues.window = append(p.queues.window, queue)
	}
	s.alarm = s.since.Add(spec.Timeout * state.Time(passed+1))
	p.queues.ask(v, d, s.alarm)
	return int(passed) + 1
}

// within reports whether a line's first job is among the first n of its queue; 0: it need not be.
func (p *Partition) within(s *side, line int32, n int) bool {
	if n == 0 {
		return true
	}
	e := p.Queue.First(p.Queue.Lane(line))
	ahead := 0
	for _, other := range s.lines {
		if other != line {
			ahead += p.Queue.Ahead(p.Queue.Lane(other), e, n-ahead)
		}
		if ahead >= n {
			return false
		}
	}
	return true
}

// tell says once why jobs of a queue that would fit are not started.
func (q *queues) tell(d *state.Decisions, queue int32, strategy quota.Strategy) {
	s := &q.sides[queue]
	if s.told && s.was == strategy {
		return
	}
	s.told, s.was = true, strategy
	cause := state.CauseOrder
	switch strategy {
	case quota.ByPolicy:
		cause = state.CauseQuota
	case quota.BestEffortFIFO:
		cause = state.CauseChoice
	}
	d.Fits = append(d.Fits, state.QueueFit{Queue: queue, Cause: cause, Blocker: -1})
}
