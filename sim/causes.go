package sim

import (
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// causes charges every queued instant to one cause without scanning jobs (DESIGN.md rule 10).
//
// Which test fails first for a job depends on its shape and on levels: the free GPUs of its types, and the pods of its
// size that would fit. For shapes that ask for whole GPUs only, each test is a threshold on one level, so a level keeps
// the time spent at each value in a Fenwick tree, and a job subtracts what it noted when it joined. Other shapes have a
// clock each, tested again when the cluster changed.
//
// A job that passes those tests waits for the reason its partition's last pass gave: reservation, order or choice.
type causes struct {
	cl     *cluster.Cluster
	reader int
	parts  []partCauses
	levels []level
	byNode [][]int32 // levels that count a node, by node
	joins  []int32   // jobs that joined at this instant
	clocks bool      // some shape has clocks
	pods   bool      // some level counts pods of several GPUs
}

// joining marks a job whose note is completed when the instant closes.
const joining = -1

// fits are the three reasons of a job that would fit.
const (
	fitReservation = iota
	fitOrder
	fitChoice
	numFits
)

// partCauses is one partition: the reason in force since an instant, and how long each was.
type partCauses struct {
	fit    int
	since  state.Time
	total  [numFits]int64
	shapes []int32 // waiting shapes that have clocks
}

func (c *causes) init(cl *cluster.Cluster) {
	c.cl = cl
	c.reader = cl.Log.Reader()
}

func (c *causes) part(p int32) *partCauses {
	for int32(len(c.parts)) <= p {
		c.parts = append(c.parts, partCauses{fit: fitChoice})
	}
	return &c.parts[p]
}

// classify decides how a new shape is measured.
func (c *causes) classify(e *Engine, shape int32) {
	roles := e.shapes.Of(shape)
	k := &e.shapes.clock[shape]
	*k = shapeClock{clocks: true, now: testFragmented, told: testNone}
	if len(roles) != 1 || roles[0].PodGPUs == 0 || roles[0].GPUMilli != cluster.Whole || roles[0].CPUMilli > 0 || roles[0].MemMiB > 0 || roles[0].Within != 0 {
		c.clocks = true
		return
	}
	r := &roles[0]
	p := e.shapes.Partition[shape]
	k.clocks = false
	k.gpus, k.pods = e.shapes.GPUs[shape], r.Replicas
	k.cap = c.level(e, p, r.TypeMask, 1)
	k.frag = c.level(e, p, r.TypeMask, r.PodGPUs)
	if r.PodGPUs == 1 && c.acceptsAll(e, p, r) {
		e.shapes.Flags[shape] |= state.ShapeAnyGPUs
	}
}

// acceptsAll reports whether a role accepts every node of a partition that has GPUs.
func (c *causes) acceptsAll(e *Engine, p int32, r *state.RoleSpec) bool {
	if r.TypeMask == 0 {
		return true
	}
	n := c.cl.Nodes()
	for i := range n.Flags {
		if n.Partition[i] == uint32(p) && n.GPUsTotal[i] > 0 && !c.cl.Accepts(int32(i), r) {
			return false
		}
	}
	return true
}

// setFit notes the reason that a pass gave.
func (c *causes) setFit(e *Engine, p int32, cause state.Cause) {
	fit := fitChoice
	switch cause {
	case state.CauseReservation:
		fit = fitReservation
	case state.CauseOrder:
		fit = fitOrder
	}
	s := c.part(p)
	if s.fit == fit {
		return
	}
	for i := range c.levels {
		if l := &c.levels[i]; l.partition == p {
			c.settle(l, e.now)
		}
	}
	for _, shape := range s.shapes {
		e.shapes.clock[shape].settle(s.fit, e.now)
	}
	s.total[s.fit] += int64(e.now - s.since)
	s.since, s.fit = e.now, fit
}

// join starts charging a job. What it notes is completed when the instant closes: a job that starts at once never pays.
func (c *causes) join(e *Engine, slot int32) {
	e.priv[slot].note[3] = joining
	c.joins = append(c.joins, slot)
}

// read gives the clocks of a job: time under capacity, the three reasons' times while it would fit, and the time without a
// domain that it requires.
func (c *causes) read(e *Engine, slot int32) (capacity, reservation, order, choice, topology int64) {
	if e.books != nil {
		return e.books.read(e, slot)
	}
	return c.readShape(e, e.jobs.Row[slot].Shape)
}

// readShape gives the clocks of a shape.
func (c *causes) readShape(e *Engine, shape int32) (capacity, reservation, order, choice, topology int64) {
	k := &e.shapes.clock[shape]
	p := c.part(e.shapes.Partition[shape])
	if k.clocks {
		k.settle(p.fit, e.now)
		return k.spent[testCapacity], k.fits[fitReservation], k.fits[fitOrder], k.fits[fitChoice], k.spent[testTopology]
	}
	r, o, ch := c.levels[k.frag].below(k.pods, e.now, p.fit)
	capacity = r + o + ch
	if k.cap != k.frag {
		x, y, z := c.levels[k.cap].below(k.gpus, e.now, p.fit)
		capacity = x + y + z
	}
	reservation, order, choice = p.total[fitReservation]-r, p.total[fitOrder]-o, p.total[fitChoice]-ch
	switch open := int64(e.now - p.since); p.fit {
	case fitReservation:
		reservation += open
	case fitOrder:
		order += open
	default:
		choice += open
	}
	return capacity, reservation, order, choice, 0
}

// leave stops charging a job and emits what each cause got since it joined.
func (c *causes) leave(e *Engine, slot int32) {
	waited := int64(e.now - e.jobs.Row[slot].QueuedAt)
	if waited == 0 {
		e.priv[slot].note[3] = 0
		return
	}
	was := e.priv[slot].note // read first: it is far away, and what follows does not depend on it
	capacity, reservation, order, choice, topology := c.read(e, slot)
	capacity, reservation, order, choice, topology = capacity-was[0], reservation-was[1], order-was[2], choice-was[3], topology-was[4]
	if e.books != nil {
		waited -= e.books.leave(e, slot)
	}
	c.charge(e, slot, state.CauseReservation, reservation)
	c.charge(e, slot, state.CauseOrder, order)
	c.charge(e, slot, state.CauseChoice, choice)
	c.charge(e, slot, state.CauseCapacity, capacity)
	c.charge(e, slot, state.CauseFragmented, waited-capacity-reservation-order-choice-topology)
	c.charge(e, slot, state.CauseTopology, topology)
}

func (c *causes) charge(e *Engine, slot int32, cause state.Cause, ns int64) {
	if ns != 0 {
		ev := e.tell(state.EvWaited, slot)
		ev.Cause, ev.X = uint8(cause), ns
	}
}

// close settles what changed at this instant, after its last pass, and completes the joins.
func (c *causes) close(e *Engine) {
	changed := c.cl.Log.Take(c.reader)
	if len(changed) > 0 {
		c.moveLevels(e, changed)
	}
	c.cl.Log.Trim()
	if c.clocks {
		for _, slot := range c.joins {
			if e.jobs.Row[slot].State == state.JobQueued {
				c.list(e, e.jobs.Row[slot].Shape)
			}
		}
		if len(changed) > 0 || len(c.joins) > 0 {
			c.testClocks(e)
		}
	}
	if e.books != nil {
		e.books.flip(e)
	}
	for _, slot := range c.joins {
		if e.jobs.Row[slot].State == state.JobQueued && e.priv[slot].note[3] == joining {
			n := &e.priv[slot].note
			n[0], n[1], n[2], n[3], n[4] = c.read(e, slot)
			if e.books != nil {
				e.books.notes[slot] = e.books.clock(e.books.class(slot)).spent
			}
		}
	}
	c.joins = c.joins[:0]
}

// advanceTo closes the open interval of every clock, for the end of a run.
func (c *causes) advanceTo(e *Engine, now state.Time) {
	for i := range c.levels {
		c.settle(&c.levels[i], now)
	}
	for p := range c.parts {
		for _, shape := range c.parts[p].shapes {
			e.shapes.clock[shape].settle(c.parts[p].fit, now)
		}
	}
}
