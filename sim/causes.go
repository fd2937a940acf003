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

// level is the number of pods of podGPUs whole devices that fit on the nodes of a partition and type mask.
type level struct {
	partition, podGPUs int32
	mask               uint64
	value              int32
	since              state.Time
	spent              [][numFits]int64 // Fenwick tree over values, by reason in force
	share              []int32          // each node's part of value, by node
}

// shapeClock says how a shape's tests are measured.
type shapeClock struct {
	clocks bool  // by the clocks below, else by levels
	cap    int32 // level of the capacity test
	frag   int32 // level of the placement test; equals cap for single-GPU pods
	gpus   int32 // thresholds
	pods   int32
	now    int // test that fails now: 0 capacity, 1 fragmented, 2.. the reason in force
	since  state.Time
	spent  [2]int64
	fits   [numFits]int64
	listed bool
	told   int // test that listeners know of
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
	*k = shapeClock{clocks: true, now: 1, told: 2}
	if len(roles) != 1 || roles[0].PodGPUs == 0 || roles[0].GPUMilli != cluster.Whole || roles[0].CPUMilli > 0 || roles[0].MemMiB > 0 {
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
	n := c.cl.Nodes()
	for i := range n.Flags {
		if n.Partition[i] == uint32(p) && n.GPUsTotal[i] > 0 && !c.cl.Accepts(int32(i), r) {
			return false
		}
	}
	return true
}

// level finds or makes the level of a partition, type mask and pod size.
func (c *causes) level(e *Engine, p int32, mask uint64, podGPUs int32) int32 {
	for i := range c.levels {
		if l := &c.levels[i]; l.partition == p && l.mask == mask && l.podGPUs == podGPUs {
			return int32(i)
		}
	}
	i := int32(len(c.levels))
	c.levels = append(c.levels, level{partition: p, podGPUs: podGPUs, mask: mask, since: e.now})
	c.attach(i)
	return i
}

// attach counts the cluster's nodes into a level; levels made while jobs wait start from the present free capacity.
func (c *causes) attach(i int32) {
	l := &c.levels[i]
	n := c.cl.Nodes()
	var most int32
	l.value = 0
	l.share = l.share[:0]
	for len(c.byNode) < n.Len() {
		c.byNode = append(c.byNode, nil)
	}
	r := state.RoleSpec{PodGPUs: l.podGPUs, TypeMask: l.mask}
	for node := range n.Flags {
		l.share = append(l.share, 0)
		if n.Partition[node] != uint32(l.partition) || !c.cl.Accepts(int32(node), &r) {
			continue
		}
		most += int32(n.GPUsTotal[node]) / l.podGPUs
		l.share[node] = c.share(l, int32(node))
		l.value += l.share[node]
		if l.podGPUs > 1 {
			c.pods = true
			c.byNode[node] = append(c.byNode[node], i)
		}
	}
	for int32(len(l.spent)) < most+2 {
		l.spent = append(l.spent, [numFits]int64{})
	}
}

func (c *causes) share(l *level, node int32) int32 {
	n := c.cl.Nodes()
	if !state.NodeOpen(n.Flags[node]) {
		return 0
	}
	return int32(n.GPUsFree[node]) / l.podGPUs
}

// reclassify follows new nodes: every level is counted anew. Its tree cannot grow in place, so it is rebuilt.
func (c *causes) reclassify(e *Engine) {
	c.advanceTo(e, e.now)
	for i := range c.byNode {
		c.byNode[i] = c.byNode[i][:0]
	}
	for i := range c.levels {
		l := &c.levels[i]
		counts := l.counts()
		l.spent = nil
		c.attach(int32(i))
		for v, t := range counts {
			for f := range t {
				if t[f] != 0 {
					l.add(int32(v), f, t[f])
				}
			}
		}
	}
	for shape := range e.shapes.GPUs {
		if k := &e.shapes.clock[shape]; e.shapes.Live[shape] > 0 && !k.clocks {
			r := &e.shapes.Of(int32(shape))[0]
			e.shapes.Flags[shape] &^= state.ShapeAnyGPUs
			if r.PodGPUs == 1 && c.acceptsAll(e, e.shapes.Partition[shape], r) {
				e.shapes.Flags[shape] |= state.ShapeAnyGPUs
			}
		}
	}
}

// add notes t ns at value v.
func (l *level) add(v int32, fit int, t int64) {
	for i := int(v) + 1; i < len(l.spent); i += i & -i {
		l.spent[i][fit] += t
	}
}

// below is the time spent at values under v, by reason, including the open interval.
func (l *level) below(v int32, now state.Time, fit int) (a, b, c int64) {
	i := int(v)
	if i > len(l.spent)-1 {
		i = len(l.spent) - 1
	}
	for ; i > 0; i -= i & -i {
		s := &l.spent[i]
		a += s[fitReservation]
		b += s[fitOrder]
		c += s[fitChoice]
	}
	if l.value < v {
		switch open := int64(now - l.since); fit {
		case fitReservation:
			a += open
		case fitOrder:
			b += open
		default:
			c += open
		}
	}
	return a, b, c
}

// counts are the times at each value, read back out of the tree.
func (l *level) counts() [][numFits]int64 {
	out := make([][numFits]int64, max(len(l.spent)-1, 0))
	for v := range out {
		for f := range out[v] {
			var a, b int64
			for i := v + 1; i > 0; i -= i & -i {
				a += l.spent[i][f]
			}
			for i := v; i > 0; i -= i & -i {
				b += l.spent[i][f]
			}
			out[v][f] = a - b
		}
	}
	return out
}

// settle closes a level's open interval.
func (c *causes) settle(l *level, now state.Time) {
	if d := int64(now - l.since); d > 0 {
		l.add(l.value, c.part(l.partition).fit, d)
	}
	l.since = now
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

func (k *shapeClock) settle(fit int, now state.Time) {
	d := int64(now - k.since)
	k.since = now
	if k.now < 2 {
		k.spent[k.now] += d
	} else {
		k.fits[fit] += d
	}
}

// join starts charging a job. What it notes is completed when the instant closes: a job that starts at once never pays.
func (c *causes) join(e *Engine, slot int32) {
	e.priv[slot].note[3] = joining
	c.joins = append(c.joins, slot)
}

// read gives the clocks of a job's shape: time under capacity and the three reasons' times while it would fit.
func (c *causes) read(e *Engine, slot int32) (capacity, reservation, order, choice int64) {
	shape := e.jobs.Shape[slot]
	k := &e.shapes.clock[shape]
	p := c.part(e.shapes.Partition[shape])
	if k.clocks {
		k.settle(p.fit, e.now)
		return k.spent[0], k.fits[fitReservation], k.fits[fitOrder], k.fits[fitChoice]
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
	return capacity, reservation, order, choice
}

// leave stops charging a job and emits what each cause got since it joined.
func (c *causes) leave(e *Engine, slot int32) {
	waited := int64(e.now - e.jobs.QueuedAt[slot])
	if waited == 0 {
		e.priv[slot].note[3] = 0
		return
	}
	was := &e.priv[slot].note
	capacity, reservation, order, choice := c.read(e, slot)
	capacity, reservation, order, choice = capacity-was[0], reservation-was[1], order-was[2], choice-was[3]
	c.charge(e, slot, state.CauseReservation, reservation)
	c.charge(e, slot, state.CauseOrder, order)
	c.charge(e, slot, state.CauseChoice, choice)
	c.charge(e, slot, state.CauseCapacity, capacity)
	c.charge(e, slot, state.CauseFragmented, waited-capacity-reservation-order-choice)
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
			if e.jobs.State[slot] == state.JobQueued {
				c.list(e, e.jobs.Shape[slot])
			}
		}
		if len(changed) > 0 || len(c.joins) > 0 {
			c.testClocks(e)
		}
	}
	for _, slot := range c.joins {
		if e.jobs.State[slot] == state.JobQueued && e.priv[slot].note[3] == joining {
			n := &e.priv[slot].note
			n[0], n[1], n[2], n[3] = c.read(e, slot)
		}
	}
	c.joins = c.joins[:0]
}

// moveLevels brings every level to the present free capacity. The levels of single GPUs are the index's own counts.
func (c *causes) moveLevels(e *Engine, changed []int32) {
	for i := range c.levels {
		l := &c.levels[i]
		if l.podGPUs != 1 {
			continue
		}
		if v := c.cl.Free(uint32(l.partition), l.mask); v != l.value {
			c.settle(l, e.now)
			l.value = v
		}
	}
	if !c.pods {
		return
	}
	for _, node := range changed {
		for _, i := range c.byNode[node] {
			l := &c.levels[i]
			if s := c.share(l, node); s != l.share[node] {
				c.settle(l, e.now)
				l.value += s - l.share[node]
				l.share[node] = s
			}
		}
	}
}

// list puts a shape with clocks among those that are tested while jobs of it wait.
func (c *causes) list(e *Engine, shape int32) {
	k := &e.shapes.clock[shape]
	if !k.clocks || k.listed {
		return
	}
	k.listed, k.since = true, e.now
	s := c.part(e.shapes.Partition[shape])
	s.shapes = append(s.shapes, shape)
}

// unlist takes a shape that is about to be forgotten out of those that are tested.
func (c *causes) unlist(e *Engine, shape int32) {
	s := c.part(e.shapes.Partition[shape])
	for i := range s.shapes {
		if s.shapes[i] == shape {
			s.shapes = append(s.shapes[:i], s.shapes[i+1:]...)
			break
		}
	}
	e.shapes.clock[shape].listed = false
	c.tell(e, shape, 2)
}

// testClocks tests every waiting shape that has clocks against the present state.
func (c *causes) testClocks(e *Engine) {
	for p := range c.parts {
		s := &c.parts[p]
		kept := s.shapes[:0]
		for _, shape := range s.shapes {
			k := &e.shapes.clock[shape]
			if e.shapes.Waiting[shape] == 0 || e.shapes.Live[shape] == 0 {
				k.listed = false
				c.tell(e, shape, 2)
				continue
			}
			kept = append(kept, shape)
			now := c.test(e, shape)
			if now != k.now {
				k.settle(s.fit, e.now)
				k.now = now
			}
			c.tell(e, shape, now)
		}
		s.shapes = kept
	}
}

// tell reports which test a waiting shape fails, when that is news.
func (c *causes) tell(e *Engine, shape int32, now int) {
	k := &e.shapes.clock[shape]
	if k.told == now || !e.want.Has(state.EvShapeTest) {
		return
	}
	k.told = now
	cause := [3]state.Cause{state.CauseCapacity, state.CauseFragmented, state.CauseChoice}[now]
	e.extra++
	e.emit(state.Event{Kind: state.EvShapeTest, Job: -1, A: e.shapes.Partition[shape], B: shape, Cause: uint8(cause)})
}

// test is the first test that a shape fails now: 0 capacity, 1 fragmented, 2 none.
func (c *causes) test(e *Engine, shape int32) int {
	n := c.cl.Nodes()
	roles := e.shapes.Of(shape)
	var cpu, mem, cpuFree, memFree int64
	for ri := range roles {
		r := &roles[ri]
		pods := int64(r.Replicas)
		if r.Flags&state.RoleSplit != 0 {
			pods = 1
		}
		cpu += r.CPUMilli * pods
		mem += r.MemMiB * pods
		if r.PodGPUs == 0 {
			continue
		}
		whole, milli := needWithin(roles, r.TypeMask)
		var wholeFree, milliFree int64
		for i := range n.Flags {
			if n.Partition[i] == uint32(e.shapes.Partition[shape]) && state.NodeOpen(n.Flags[i]) && c.cl.Accepts(int32(i), r) {
				wholeFree += int64(n.GPUsFree[i])
				milliFree += int64(n.MilliFree[i])
			}
		}
		if wholeFree < whole || milliFree < milli {
			return 0
		}
	}
	for i := range n.Flags {
		if n.Partition[i] == uint32(e.shapes.Partition[shape]) && state.NodeOpen(n.Flags[i]) {
			cpuFree += int64(n.CPUFree[i])
			memFree += int64(n.MemFree[i])
		}
	}
	if cpu > cpuFree || mem > memFree {
		return 0
	}
	if c.placeable(e, shape, roles) {
		return 2
	}
	return 1
}

// needWithin is what the roles that accept no type outside mask (0 = any) need together: whole devices, and thousandths
// of all devices.
func needWithin(roles []state.RoleSpec, mask uint64) (whole, milli int64) {
	for i := range roles {
		r := &roles[i]
		if mask != 0 && (r.TypeMask == 0 || r.TypeMask&^mask != 0) {
			continue
		}
		k := int64(r.Replicas) * int64(r.PodGPUs)
		milli += k * int64(r.GPUMilli)
		if r.GPUMilli == cluster.Whole {
			whole += k
		}
	}
	return whole, milli
}

// placeable reports whether a shape fits now, role by role on the lowest nodes.
func (c *causes) placeable(e *Engine, shape int32, roles []state.RoleSpec) bool {
	if len(roles) == 1 && roles[0].Flags&state.RoleSplit == 0 && (roles[0].PodGPUs <= 1 || roles[0].GPUMilli == cluster.Whole) {
		r := &roles[0]
		need := r.Replicas
		n := c.cl.Nodes()
		for i := range n.Flags {
			if need > 0 && n.Partition[i] == uint32(e.shapes.Partition[shape]) && c.cl.Accepts(int32(i), r) {
				need -= c.cl.Room(int32(i), r, need)
			}
		}
		return need <= 0
	}
	var log []state.Part
	ok := c.cl.PlaceLowest(&log, uint32(e.shapes.Partition[shape]), roles)
	c.cl.Undo(&log, 0)
	c.cl.Log.Take(c.reader)
	return ok
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
