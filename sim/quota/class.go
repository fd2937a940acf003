package quota

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Level says whose limit a class that does not fit has reached.
type Level uint8

// The levels, in the order of the tests.
const (
	Own       Level = iota // of its queue
	Ancestor               // of a queue above
	User                   // of its user
	Strategy_              // the queue starts nothing, or a cap on its range of priorities
	NumLevels = iota
)

var levelNames = [NumLevels]string{"own", "ancestor", "user", "strategy"}

func (l Level) String() string { return levelNames[l] }

type classKey struct{ queue, need, user, caps int32 }

// class is who asks for how much. alts are the ways in which it may be charged: one for each GPU type that it accepts.
type class struct {
	queue          int32
	need           int32
	user, priority int32   // of its first job; they count only where the path has accounts of a user or a cap
	path           []int32 // accounts: its queue, those above, then its user's and its caps'
	alts           [][]Amount
	lines          []int32
	n              int32 // jobs that wait
	fits           bool
	level          Level // when it does not fit: whose limit it has reached
	at             int32 // and at which queue
	stale          bool  // nobody waits: its test may be out of date
}

// rungs are the classes that an account decides for, by what they need of one resource of it.
type rungs struct {
	needs []int64 // ascending
	of    [][]int32
}

// line is the waiting jobs of one class that ask for the same shape.
type line struct {
	class, shape int32
	live         bool
}

// class finds or makes a class.
func (t *Tree) class(queue, need, user, priority int32) int32 {
	key := classKey{queue: queue, need: need, user: -1, caps: -1}
	for at := queue; at >= 0; at = t.spec.Queues[at].Parent {
		q := &t.spec.Queues[at]
		if q.UserLimit != nil {
			key.user = user
		}
		for k := range q.Caps {
			if q.Caps[k].matches(user, priority) {
				key.user, key.caps = user, priority
			}
		}
	}
	if id, ok := t.classOf[key]; ok {
		return id
	}
	c := class{queue: queue, need: need, user: user, priority: priority, alts: t.needs.alts[need], stale: true, fits: true}
	t.findPath(&c)
	id := int32(len(t.classes))
	t.classes = append(t.classes, c)
	for range t.spec.Resources {
		t.held = append(t.held, 0)
	}
	t.classOf[key] = id
	t.enlist(id)
	return id
}

// findPath is the accounts of a class: its queue, those above, and those of its user and of caps.
func (t *Tree) findPath(c *class) {
	user, priority := c.user, c.priority
	c.path = c.path[:0:0]
	for at := c.queue; at >= 0; at = t.spec.Queues[at].Parent {
		c.path = append(c.path, at)
	}
	open := func(a account, id int32, ok bool) (int32, bool) {
		if !ok {
			id = t.addAccount(a)
			t.deriveExtra(id)
		}
		c.path = append(c.path, id)
		return id, !ok
	}
	for at := c.queue; at >= 0; at = t.spec.Queues[at].Parent {
		if t.spec.Queues[at].UserLimit != nil {
			id, ok := t.users[[2]int32{at, user}]
			if id, isNew := open(account{kind: userAccount, queue: at, parent: -1}, id, ok); isNew {
				t.users[[2]int32{at, user}] = id
			}
		}
	}
	for at := c.queue; at >= 0; at = t.spec.Queues[at].Parent {
		for k := range t.spec.Queues[at].Caps {
			if t.spec.Queues[at].Caps[k].matches(user, priority) {
				key := [3]int32{at, int32(k), user}
				id, ok := t.caps[key]
				if id, isNew := open(account{kind: capAccount, queue: at, parent: -1, cap: int32(k)}, id, ok); isNew {
					t.caps[key] = id
				}
			}
		}
	}
}

// enlist puts a class's tests onto the rungs, so that it is tested again when an account crosses its need.
func (t *Tree) enlist(id int32) {
	if t.coupled {
		return
	}
	c := &t.classes[id]
	for _, acct := range c.path {
		for _, alt := range c.alts {
			for _, a := range alt {
				r := &t.steps[t.at(acct, a.Resource)]
				at, found := slices.BinarySearch(r.needs, a.N)
				if !found {
					r.needs = slices.Insert(r.needs, at, a.N)
					r.of = slices.Insert(r.of, at, nil)
				}
				r.of[at] = append(r.of[at], id)
			}
		}
	}
}

// cross tests the classes whose need lies between what an account had left and what it has now.
func (t *Tree) cross(acct, resource int32, was, is int64) {
	r := &t.steps[t.at(acct, resource)]
	if len(r.needs) == 0 || was == is {
		return
	}
	lo, hi := min(was, is), max(was, is)
	i, _ := slices.BinarySearch(r.needs, lo+1)
	for ; i < len(r.needs) && r.needs[i] <= hi; i++ {
		for _, id := range r.of[i] {
			t.retest(id)
		}
	}
}

// retest brings a class's test up to date.
func (t *Tree) retest(id int32) {
	c := &t.classes[id]
	if c.n == 0 {
		c.stale = true
		return
	}
	fits, level, at := t.test(id)
	if fits == c.fits && level == c.level {
		c.at = at
		return
	}
	c.fits, c.level, c.at = fits, level, at
	t.changed.Add(id)
}

// test is whether a class fits in any of its ways, else where the first of them fails.
func (t *Tree) test(id int32) (fits bool, level Level, queue int32) {
	c := &t.classes[id]
	acct := int32(-1)
	for i, alt := range c.alts {
		ok, at := t.Fits(id, alt)
		if ok {
			return true, 0, c.queue
		}
		if i == 0 {
			acct = at
		}
	}
	if acct < 0 {
		return false, Strategy_, c.queue
	}
	queue = t.accounts[acct].queue
	switch {
	case t.accounts[acct].kind == userAccount:
		return false, User, queue
	case t.accounts[acct].kind == capAccount:
		return false, Strategy_, queue
	case acct == c.queue:
		return false, Own, queue
	}
	return false, Ancestor, queue
}

func (t *Tree) retestAll() {
	for id := range t.classes {
		t.retest(int32(id))
	}
}

// retestBelow tests every class of a tree whose limits hang together.
func (t *Tree) retestBelow(root int32) {
	for id := range t.classes {
		if p := t.classes[id].path; p[len(p)-1] == root {
			t.retest(int32(id))
		}
	}
}

// Open reports whether a class fits.
func (t *Tree) Open(class int32) bool { return t.classes[class].fits }

// Why is whose limit a class that does not fit has reached, and at which queue.
func (t *Tree) Why(class int32) (Level, int32) { return t.classes[class].level, t.classes[class].at }

// QueueOf is a class's queue.
func (t *Tree) QueueOf(class int32) int32 { return t.classes[class].queue }

// Reader registers a reader of the classes whose test came out otherwise; Changed are those since its last call, some twice
// and some back to what they were.
func (t *Tree) Reader() int                { return t.changed.Reader() }
func (t *Tree) Changed(reader int) []int32 { return t.changed.Take(reader) }

// Trim forgets changes that every reader has seen.
func (t *Tree) Trim() { t.changed.Trim() }

// Line finds or makes the line of a job: what it asks for, of whom. roles are the shape's.
func (t *Tree) Line(queue, user, priority, shape int32, roles []state.RoleSpec) int32 {
	id := t.class(queue, t.need(shape, roles), user, priority)
	c := &t.classes[id]
	for _, l := range c.lines {
		if t.lines[l].shape == shape {
			return l
		}
	}
	l := int32(len(t.lines))
	if n := len(t.freeLines); n > 0 {
		l = t.freeLines[n-1]
		t.freeLines = t.freeLines[:n-1]
		t.lines[l] = line{id, shape, true}
	} else {
		t.lines = append(t.lines, line{id, shape, true})
	}
	c.lines = append(c.lines, l)
	t.needs.linesOf(shape, l)
	return l
}

// ClassOf and ShapeOf are a line's, Lines a class's lines, Size the number of line slots.
func (t *Tree) ClassOf(line int32) int32  { return t.lines[line].class }
func (t *Tree) ShapeOf(line int32) int32  { return t.lines[line].shape }
func (t *Tree) Lines(class int32) []int32 { return t.classes[class].lines }
func (t *Tree) Size() int                 { return len(t.lines) }

// Forget drops every line of a shape that no job has any more.
func (t *Tree) Forget(shape int32) {
	for _, l := range t.needs.forget(shape) {
		c := &t.classes[t.lines[l].class]
		if i := slices.Index(c.lines, l); i >= 0 {
			c.lines = slices.Delete(c.lines, i, i+1)
		}
		t.lines[l].live = false
		t.freeLines = append(t.freeLines, l)
	}
}

// Join and Leave count the jobs of a class that wait: only for those its test is kept up to date.
func (t *Tree) Join(class int32) {
	c := &t.classes[class]
	if c.n++; c.n == 1 && c.stale {
		c.stale = false
		t.retest(class)
	}
}

// Leave is a job of a class that waits no more.
func (t *Tree) Leave(class int32) {
	c := &t.classes[class]
	if c.n--; c.n == 0 {
		c.stale = true
	}
}

// Ways is the number of ways in which a class may be charged; Way the GPU types of one, 0 where they make no difference, and
// whether it fits now.
func (t *Tree) Ways(class int32) int { return len(t.classes[class].alts) }

// Way is one of a class's ways.
func (t *Tree) Way(class int32, i int) (types uint64, fits bool) {
	c := &t.classes[class]
	fits, _ = t.Fits(class, c.alts[i])
	return t.needs.masks[c.need][i], fits
}
