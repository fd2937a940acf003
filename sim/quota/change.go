package quota

import (
	"fmt"
	"maps"
	"slices"
)

// Replace puts another specification in the place of the tree's: queues keep their places, new ones stand behind them, and
// those that are gone have no name. What is in use stays in use, whatever the new limits are. The error says what is wrong;
// then nothing has changed.
func (t *Tree) Replace(spec *Spec) error {
	was := t.spec.Check(t.total) // a cluster that has lost nodes may have less than was promised already
	for _, p := range spec.Check(t.total) {
		if !slices.Contains(was, p) {
			return &p
		}
	}
	if len(t.log) > 0 {
		return fmt.Errorf("the tree cannot change while a pass tries starts on it")
	}
	for i := range t.spec.Queues {
		was, is := &t.spec.Queues[i], &spec.Queues[i]
		if (was.UserLimit == nil) != (is.UserLimit == nil) || (was.Caps == nil) != (is.Caps == nil) {
			return fmt.Errorf("queue %q: a limit for users or priorities can be changed, but not come or go while the simulation runs", was.Name)
		}
	}
	classes, held := t.classes, t.held
	t.adopt(spec)
	t.accounts, t.limit, t.used, t.flow, t.local, t.steps = nil, nil, nil, nil, nil, nil
	clear(t.users)
	clear(t.caps)
	for i := range spec.Queues {
		t.addAccount(account{kind: queueAccount, queue: int32(i), parent: spec.Queues[i].Parent})
	}
	for id := range classes {
		t.findPath(&t.classes[id])
		t.enlist(int32(id))
	}
	for id := range classes {
		for _, acct := range t.classes[id].path {
			for r := range spec.Resources {
				t.used[t.at(acct, int32(r))] += held[id*len(spec.Resources)+r]
			}
		}
	}
	t.derive()
	t.retestAll()
	return nil
}

// Holds reports what jobs of a queue and those below hold, and how many wait.
func (t *Tree) Holds(queue int32) (inUse bool, waiting int32) {
	for r := range t.spec.Resources {
		inUse = inUse || t.used[t.at(queue, int32(r))] > 0
	}
	for i := range t.classes {
		if slices.Contains(t.classes[i].path, queue) {
			waiting += t.classes[i].n
		}
	}
	return inUse, waiting
}

// Clone returns independent books that stand where these do.
func (t *Tree) Clone() *Tree {
	c := *t
	c.total, c.order, c.accounts = slices.Clone(t.total), slices.Clone(t.order), slices.Clone(t.accounts)
	c.limit, c.used, c.local = slices.Clone(t.limit), slices.Clone(t.used), slices.Clone(t.local)
	if c.flow = c.used; t.coupled {
		c.flow = slices.Clone(t.flow)
	}
	c.subtree, c.owed, c.depths, c.stopped = slices.Clone(t.subtree), slices.Clone(t.owed), slices.Clone(t.depths), slices.Clone(t.stopped)
	c.scratch, c.touched = make([]int64, len(t.scratch)), nil
	c.users, c.caps, c.classOf = maps.Clone(t.users), maps.Clone(t.caps), maps.Clone(t.classOf)
	c.classes = slices.Clone(t.classes)
	for i := range c.classes {
		c.classes[i].lines = slices.Clone(t.classes[i].lines)
	}
	c.steps = slices.Clone(t.steps)
	for i := range c.steps {
		c.steps[i].needs, c.steps[i].of = slices.Clone(t.steps[i].needs), slices.Clone(t.steps[i].of)
		for k := range c.steps[i].of {
			c.steps[i].of[k] = slices.Clone(t.steps[i].of[k])
		}
	}
	c.held, c.log, c.pool = slices.Clone(t.held), slices.Clone(t.log), slices.Clone(t.pool)
	c.changed = t.changed.Clone()
	c.lines, c.freeLines = slices.Clone(t.lines), slices.Clone(t.freeLines)
	c.shares, c.stale = slices.Clone(t.shares), slices.Clone(t.stale)
	c.needs = t.needs.clone()
	return &c
}
