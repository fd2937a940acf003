package pass

import (
	"slices"

	"github.com/orrery-sim/orrery/policies/profile"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// queues is what a partition keeps of a quota tree: the waiting jobs of each queue by line, and by shape those lines whose
// first job its queue's strategy lets go on. A line is a lane of the partition's Queue; one whose class does not fit its
// quota is shut there and stands in no group.
type queues struct {
	lane   []int32 // by job slot: the line in which it waits
	sides  []side  // by queue of the tree
	lines  []spot  // by line
	groups [][]int32
	room   []room  // by shape of a group: whether it fits
	shapes []int32 // shapes that have a group with lines
	gained bool    // something became free since room was found out
	dirty  []int32 // queues that are to be looked at again
	bench  []int32 // lines that are benched until something becomes free
	only   uint64  // GPU types to which the present request is narrowed
	roles  []state.RoleSpec
	grown  profile.Ends // jobs whose priority grows, and when
	growAt []state.Time // by job slot: where it stands in grown, or 0
	alarm  state.Time
	window []int32 // queues whose window widens at an instant
	plain  bool    // one list of all jobs, in the policy's order: neither sides nor groups are kept

	blockedAll bool // in this pass: the one list of all jobs by the policy's order has a head that cannot start
}

// side is one queue of the tree in one partition.
type side struct {
	lines []int32 // that have jobs
	dirty bool
	told  bool // what its jobs wait for is known to the engine
	was   quota.Strategy

	head  uint64     // the place of its first job, for the window of quota.Balance
	since state.Time // it is the first since then
	alarm state.Time
}

// spot is where a line stands.
type spot struct {
	queue, shape int32
	group        int32 // 1 + its place in its shape's group, or 0
	mine         bool  // it has jobs
	benched      bool  // it accepts several GPU types and could not be placed on those that its quota has left
}

// room is what is known of a shape.
type room uint8

const (
	unknown room = iota
	fitsNow
	tooLittle
)

// Gained notes that something became free: shapes that did not fit are tried again.
func (p *Partition) Gained() {
	p.Changed = true
	if p.queues != nil {
		p.queues.gained = true
	}
}

// Plain reports whether all queues of a tree make one list, in the policy's order.
func Plain(t *quota.Tree) bool {
	if t.Spec().Between != quota.Merged {
		return false
	}
	for i := range t.Spec().Queues {
		if t.Spec().Queues[i].Strategy != quota.ByPolicy {
			return false
		}
	}
	return true
}

// Plain reports whether the partition's queues make one list.
func (p *Partition) Plain() bool { return p.queues.plain }

func tree(v *state.View) *quota.Tree { return v.Quota.(*quota.Tree) }

func (q *queues) side(queue int32) *side {
	for int32(len(q.sides)) <= queue {
		q.sides = append(q.sides, side{})
	}
	return &q.sides[queue]
}

// joins notes the line of a job that is about to be put into the queue.
func (q *queues) joins(v *state.View, job int32) int32 {
	for int32(len(q.lane)) <= job {
		q.lane = append(q.lane, -1)
	}
	q.lane[job] = v.Line[job]
	return v.Line[job]
}

// byPolicy reports whether a job's queue leaves its jobs to the policy's order.
func (q *queues) byPolicy(v *state.View, job int32) bool {
	t := tree(v)
	return t.Spec().Queues[t.QueueOf(t.ClassOf(v.Line[job]))].Strategy == quota.ByPolicy
}

// key is a job's key where its queue has a strategy: the highest priority first.
func (q *queues) key(v *state.View, job int32) (int64, bool) {
	t := tree(v)
	s := &t.Spec().Queues[t.QueueOf(t.ClassOf(v.Line[job]))]
	j := &v.Jobs.Row[job]
	switch s.Strategy {
	case quota.ByPolicy:
		return 0, false
	case quota.Intelligent:
		return -int64(q.growing(v, job, s)), true
	}
	return -int64(j.Priority), true
}

// growing is the priority of a job that grows by one for each span of waiting, up to just below the strict ones.
func (q *queues) growing(v *state.View, job int32, s *quota.Queue) int32 {
	for int32(len(q.growAt)) <= job {
		q.growAt = append(q.growAt, 0)
	}
	if q.growAt[job] != 0 {
		q.grown.Remove(q.growAt[job], job)
		q.growAt[job] = 0
	}
	j := &v.Jobs.Row[job]
	if j.Priority >= s.Threshold || s.Growth <= 0 {
		return j.Priority
	}
	steps := int64(v.Now-j.QueuedAt) / int64(s.Growth)
	now := int32(min(int64(j.Priority)+steps, int64(s.Threshold-1)))
	if now < s.Threshold-1 {
		q.growAt[job] = j.QueuedAt.Add(s.Growth * state.Time(steps+1))
		q.grown.Insert(q.growAt[job], 0, job)
	}
	return now
}

// follow notes that a line has got or lost jobs.
func (q *queues) follow(v *state.View, p *Partition, line int32) {
	t := tree(v)
	for len(q.lines) <= int(line) {
		q.lines = append(q.lines, spot{})
	}
	l := &q.lines[line]
	queue := t.QueueOf(t.ClassOf(line))
	has := p.Queue.LaneLen(p.Queue.Lane(line)) > 0
	if has != l.mine {
		s := q.side(queue)
		if l.mine = has; has {
			l.queue, l.shape = queue, t.ShapeOf(line)
			p.Queue.Shut(line, q.shuts(t, line))
		}
		switch {
		case q.plain:
			return
		case has:
			s.lines = append(s.lines, line)
		default:
			q.ungroup(line)
			s.lines = slices.Delete(s.lines, slices.Index(s.lines, line), slices.Index(s.lines, line)+1)
		}
	}
	if !q.plain {
		q.touch(queue)
	}
}

// shuts reports whether backfill must not look at a line: its class does not fit, or its queue has a strategy of its own.
func (q *queues) shuts(t *quota.Tree, line int32) bool {
	class := t.ClassOf(line)
	return !t.Open(class) || t.Spec().Queues[t.QueueOf(class)].Strategy != quota.ByPolicy
}

func (q *queues) touch(queue int32) {
	if s := q.side(queue); !s.dirty {
		s.dirty = true
		q.dirty = append(q.dirty, queue)
	}
}

// Flip follows a class whose test came out otherwise.
func (p *Partition) Flip(v *state.View, class int32) {
	t, q := tree(v), p.queues
	for _, line := range t.Lines(class) {
		if int(line) < len(q.lines) && q.lines[line].mine {
			p.Queue.Shut(line, q.shuts(t, line))
			if !q.plain {
				q.touch(q.lines[line].queue)
			}
			p.Changed = true // another job may be the head
		}
	}
}

// Restrategise follows a queue that was changed; plain says whether there is one list of all jobs now.
func (p *Partition) Restrategise(v *state.View, queue int32, plain bool) {
	t, q := tree(v), p.queues
	q.setPlain(plain)
	p.Gained()
	if queue < 0 || int(queue) >= len(q.sides) {
		return
	}
	q.sides[queue].told = false
	for job := range p.jobs {
		if p.jobs[job].where == inQueue && t.QueueOf(t.ClassOf(q.lane[job])) == queue {
			p.remove(v, int32(job))
			p.insert(v, int32(job), p.key(v, int32(job)))
		}
	}
	for _, line := range q.sides[queue].lines {
		p.Queue.Shut(line, q.shuts(t, line))
	}
	if !q.plain {
		q.touch(queue)
	}
}

// setPlain makes the lists of lines where there were none, or drops them.
func (q *queues) setPlain(plain bool) {
	if q.plain == plain {
		return
	}
	q.plain = plain
	for i := range q.sides {
		q.sides[i] = side{}
	}
	q.groups, q.room, q.shapes, q.dirty, q.bench = nil, nil, nil, nil, nil
	for line := range q.lines {
		l := &q.lines[line]
		l.benched = false
		if l.group = 0; l.mine && !plain {
			s := q.side(l.queue)
			s.lines = append(s.lines, int32(line))
			q.touch(l.queue)
		}
	}
}

// group puts a line among those that may go on; ungroup takes it out.
func (q *queues) group(line int32) {
	l := &q.lines[line]
	if l.group != 0 {
		return
	}
	for int32(len(q.groups)) <= l.shape {
		q.groups = append(q.groups, nil)
		q.room = append(q.room, unknown)
	}
	if len(q.groups[l.shape]) == 0 {
		q.shapes = append(q.shapes, l.shape)
		q.room[l.shape] = unknown
	}
	q.groups[l.shape] = append(q.groups[l.shape], line)
	l.group = int32(len(q.groups[l.shape]))
}

func (q *queues) ungroup(line int32) {
	l := &q.lines[line]
	if l.group == 0 {
		return
	}
	g := q.groups[l.shape]
	last := g[len(g)-1]
	g[l.group-1] = last
	q.lines[last].group = l.group
	q.groups[l.shape] = g[:len(g)-1]
	l.group = 0
	if len(g) == 1 {
		i := slices.Index(q.shapes, l.shape)
		q.shapes[i] = q.shapes[len(q.shapes)-1]
		q.shapes = q.shapes[:len(q.shapes)-1]
	}
}

func (q *queues) clone() *queues {
	c := *q
	c.lane, c.sides, c.lines = slices.Clone(q.lane), slices.Clone(q.sides), slices.Clone(q.lines)
	for i := range c.sides {
		c.sides[i].lines = slices.Clone(q.sides[i].lines)
	}
	c.groups = slices.Clone(q.groups)
	for i := range c.groups {
		c.groups[i] = slices.Clone(q.groups[i])
	}
	c.room, c.shapes, c.dirty = slices.Clone(q.room), slices.Clone(q.shapes), slices.Clone(q.dirty)
	c.bench = slices.Clone(q.bench)
	c.grown, c.growAt, c.window, c.roles = q.grown.Clone(), slices.Clone(q.growAt), slices.Clone(q.window), nil
	return &c
}

// narrow keeps the types that the present request may go to.
func (q *queues) narrow(roles []state.RoleSpec) []state.RoleSpec {
	if q.only == 0 {
		return roles
	}
	q.roles = append(q.roles[:0], roles...)
	for i := range q.roles {
		if r := &q.roles[i]; r.PodGPUs > 0 && (r.TypeMask == 0 || r.TypeMask&q.only != 0) {
			r.TypeMask = q.only
		}
	}
	return q.roles
}

// MayStart reports whether a waiting job's quota lets it start now.
func (p *Partition) MayStart(v *state.View, job int32) bool {
	if p.queues == nil {
		return true
	}
	t := tree(v)
	return t.Open(t.ClassOf(p.queues.lane[job]))
}

// Charge books what a job is about to take, or reports that it is over its quota.
func (p *Partition) Charge(v *state.View, c *cluster.Cluster, job int32, parts []state.Part) bool {
	if p.queues == nil {
		return true
	}
	t := tree(v)
	return t.Take(job, t.ClassOf(p.queues.lane[job]), parts, c.Nodes())
}

// startWithin starts a job on the first of the types that it accepts of which its quota and the cluster have enough.
func (p *Partition) startWithin(v *state.View, c *cluster.Cluster, e *waiting.Entry, d *state.Decisions) bool {
	t, q := tree(v), p.queues
	class := t.ClassOf(q.lane[e.Job])
	mark := len(d.Parts)
	for i := range t.Ways(class) {
		types, ok := t.Way(class, i)
		if !ok {
			continue
		}
		q.only = types
		placed := p.Place(v, c, e, &d.Parts)
		q.only = 0
		if !placed {
			continue
		}
		if t.Take(e.Job, class, d.Parts[mark:], c.Nodes()) {
			p.Started(v, e, d, mark)
			return true
		}
		c.Undo(&d.Parts, mark)
	}
	if t.Ways(class) > 1 && p.Place(v, c, e, &d.Parts) { // on several types at once
		if t.Take(e.Job, class, d.Parts[mark:], c.Nodes()) {
			p.Started(v, e, d, mark)
			return true
		}
		c.Undo(&d.Parts, mark)
	}
	return false
}
