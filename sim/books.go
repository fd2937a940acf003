package sim

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// books is what the engine keeps of a run with a quota tree: the tree, whose line each job is of, and the clocks of quota as
// a cause of waiting. A run without a tree has none.
type books struct {
	tree   *quota.Tree
	byName []int32 // queue of the tree by id of a name; -1 = none, -2 = not looked up
	name   []int32 // id of the name of a queue of the tree
	line   []int32 // by job slot
	reader int

	classes []classClock // by class
	lines   []lineClock  // by line
	notes   [][quota.NumLevels]int64
	fit     []int8  // by queue: the reason of its jobs that would fit, or -1: the partition's
	moved   []int32 // queues whose use changed since it was told
	marked  []bool  // by queue: it is in moved
	told    []int64 // by queue and resource
}

// ErrClosed refuses a job whose queue is closed.
var ErrClosed = errors.New("the queue takes no jobs")

func newBooks(e *Engine) (*books, error) {
	spec := e.cfg.Quota
	total := quotaTotal(e, spec)
	if p := spec.Check(nil); len(p) > 0 {
		return nil, fmt.Errorf("quota: queue %q: %w", spec.Queues[p[0].Queue].Name, &p[0])
	}
	if err := countsTypes(e, spec); err != nil {
		return nil, err
	}
	b := &books{tree: quota.New(spec, total)}
	b.reader = b.tree.Reader()
	return b, b.grow(e)
}

// countsTypes refuses a tree that counts some of the cluster's GPU types and not others.
func countsTypes(e *Engine, spec *quota.Spec) error {
	var counted uint64
	for _, r := range spec.Resources {
		if r.Kind == quota.GPU {
			counted |= 1 << r.Type
		}
	}
	for _, t := range e.cl.Nodes().Type {
		if counted != 0 && t < state.MaxGPUTypes && counted>>t&1 == 0 {
			return fmt.Errorf("quota: the tree counts GPUs by type, but not those of type %q, which the cluster has", e.names.Types.Name(int32(t)))
		}
	}
	return nil
}

// grow follows the tree: queues may have come.
func (b *books) grow(e *Engine) error {
	queues := b.tree.Spec().Queues
	for i := range b.byName {
		b.byName[i] = -2
	}
	for i := len(b.name); i < len(queues); i++ {
		id := e.names.Queues.Intern([]byte(queues[i].Name))
		b.name = append(b.name, id)
		b.fit = append(b.fit, -1)
		b.marked = append(b.marked, false)
		for range b.tree.Resources() {
			b.told = append(b.told, 0)
		}
	}
	return nil
}

// quotaTotal is what the nodes that work have of each resource.
func quotaTotal(e *Engine, spec *quota.Spec) []int64 {
	total := make([]int64, len(spec.Resources))
	n := e.cl.Nodes()
	for node := range n.Flags {
		if n.Flags[node]&state.NodeUp == 0 {
			continue
		}
		for r := range spec.Resources {
			switch res := &spec.Resources[r]; {
			case res.Kind == quota.GPU && n.Type[node] == uint32(res.Type), res.Kind == quota.AnyGPU:
				total[r] += int64(n.GPUsTotal[node]) * 1000
			case res.Kind == quota.CPU:
				total[r] += int64(n.CPUTotal[node])
			case res.Kind == quota.Memory:
				total[r] += int64(n.MemTotal[node])
			}
		}
	}
	return total
}

// recount follows a change of nodes.
func (b *books) recount(e *Engine) {
	b.tree.SetTotal(quotaTotal(e, b.tree.Spec()))
}

// queueOf is the queue of the tree of a job that names one, or none.
func (b *books) queueOf(e *Engine, name int32) int32 {
	if name < 0 {
		return b.tree.Spec().Default
	}
	for int32(len(b.byName)) <= name {
		b.byName = append(b.byName, -2)
	}
	if b.byName[name] == -2 {
		if b.byName[name] = b.tree.Spec().Find(e.names.Queues.Name(name)); b.byName[name] < 0 {
			b.byName[name] = b.tree.Spec().Default
		}
	}
	return b.byName[name]
}

// accepts says why the tree has no place for a job.
func (b *books) accepts(e *Engine, s *state.JobSpec) error {
	q := b.queueOf(e, s.Queue)
	if q < 0 && s.Queue < 0 {
		return fmt.Errorf("job %q names no queue, and the quota tree has no default", s.Name)
	}
	if q < 0 {
		return fmt.Errorf("job %q names queue %q, which is not in the quota tree, and the tree has no default", s.Name, e.names.Queues.Name(s.Queue))
	}
	if why := b.tree.TakesJobs(q); why != "" {
		return fmt.Errorf("job %q: queue %q: %s", s.Name, b.tree.Spec().Queues[q].Name, why)
	}
	return nil
}

// enter gives a job its line.
func (b *books) enter(e *Engine, slot int32, s *state.JobSpec) {
	j := &e.jobs.Row[slot]
	q := b.queueOf(e, s.Queue)
	j.Queue = b.name[q]
	b.setLine(slot, b.tree.Line(q, j.User, j.Priority, j.Shape, e.shapes.Of(j.Shape)))
	if limit := b.tree.MaxRun(q, j.User, j.Priority); limit > 0 && (e.priv[slot].maxRun == 0 || limit < e.priv[slot].maxRun) {
		e.priv[slot].maxRun = limit
	}
}

func (b *books) setLine(slot, line int32) {
	for int32(len(b.line)) <= slot {
		b.line = append(b.line, -1)
		b.notes = append(b.notes, [quota.NumLevels]int64{})
	}
	b.line[slot] = line
	for len(b.lines) < b.tree.Size() {
		b.lines = append(b.lines, lineClock{})
	}
}

func (b *books) class(slot int32) int32 { return b.tree.ClassOf(b.line[slot]) }

// join counts a job that waits; one whose priority changed while it ran may be of another class now.
func (b *books) join(e *Engine, slot int32) {
	j := &e.jobs.Row[slot]
	b.setLine(slot, b.tree.Line(b.tree.QueueOf(b.class(slot)), j.User, j.Priority, j.Shape, e.shapes.Of(j.Shape)))
	b.tree.Join(b.class(slot))
}

// reprioritise gives a waiting job the class of its new priority.
func (b *books) reprioritise(e *Engine, slot int32) {
	j := &e.jobs.Row[slot]
	line := b.tree.Line(b.tree.QueueOf(b.class(slot)), j.User, j.Priority, j.Shape, e.shapes.Of(j.Shape))
	if line == b.line[slot] {
		return
	}
	e.causes.leave(e, slot)
	j.QueuedNS += e.now - j.QueuedAt
	j.QueuedAt = e.now
	b.tree.Leave(b.class(slot))
	b.setLine(slot, line)
	b.tree.Join(b.class(slot))
	e.causes.join(e, slot)
}

// charge books what a start takes; a policy's pass has, mostly, taken it already.
func (b *books) charge(e *Engine, slot int32, parts []state.Part) bool {
	if !b.tree.Settle(slot, b.class(slot), parts, e.cl.Nodes()) {
		return false
	}
	b.move(slot)
	return true
}

// release books what an attempt gives back.
func (b *books) release(e *Engine, slot int32, parts []state.Part) {
	b.tree.Release(b.class(slot), parts, e.cl.Nodes())
	b.move(slot)
	for p := range e.parts { // a queue may have jobs in several
		e.touch(int32(p))
	}
}

// move notes that the use of a job's queue and of those above changed.
func (b *books) move(slot int32) {
	for q := b.tree.QueueOf(b.class(slot)); q >= 0; q = b.tree.Spec().Queues[q].Parent {
		if !b.marked[q] {
			b.marked[q] = true
			b.moved = append(b.moved, q)
		}
	}
}

func (b *books) clone(tree *quota.Tree) *books {
	c := *b
	c.tree = tree
	c.byName, c.name, c.line, c.classes, c.lines = copied(b.byName), copied(b.name), copied(b.line), copied(b.classes), copied(b.lines)
	c.notes, c.fit, c.moved, c.marked, c.told = copied(b.notes), copied(b.fit), copied(b.moved), copied(b.marked), copied(b.told)
	return &c
}

// Quota is the tree as it stands, or nil: for whoever shows it. It must not be changed.
func (e *Engine) Quota() *quota.Tree {
	if e.books == nil {
		return nil
	}
	return e.books.tree
}

// recount follows a change of nodes: what the cluster has is what some queues may have.
func (e *Engine) recount() {
	if e.books == nil {
		return
	}
	e.books.recount(e)
	e.books.tellLimits(e)
	for p := range e.parts {
		e.touch(int32(p))
	}
}
