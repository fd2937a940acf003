package sim

import (
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// The tests of a shape with clocks, in their order.
const (
	testCapacity = iota
	testFragmented
	testTopology
	testNone // it would fit: the reason in force counts
)

// testCause is the cause that listeners are told for a test.
var testCause = [...]state.Cause{state.CauseCapacity, state.CauseFragmented, state.CauseTopology, state.CauseChoice}

// shapeClock says how a shape's tests are measured.
type shapeClock struct {
	clocks bool  // by the clocks below, else by levels
	cap    int32 // level of the capacity test
	frag   int32 // level of the placement test; equals cap for single-GPU pods
	gpus   int32 // thresholds
	pods   int32
	now    int // test that fails now
	since  state.Time
	spent  [testNone]int64
	fits   [numFits]int64
	listed bool
	told   int // test that listeners know of
}

func (k *shapeClock) settle(fit int, now state.Time) {
	d := int64(now - k.since)
	k.since = now
	if k.now < testNone {
		k.spent[k.now] += d
	} else {
		k.fits[fit] += d
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
	c.tell(e, shape, testNone)
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
				c.tell(e, shape, testNone)
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
	e.extra++
	e.emit(state.Event{Kind: state.EvShapeTest, Job: -1, A: e.shapes.Partition[shape], B: shape, Cause: uint8(testCause[now])})
}

// test is the first test that a shape fails now.
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
			return testCapacity
		}
	}
	for i := range n.Flags {
		if n.Partition[i] == uint32(e.shapes.Partition[shape]) && state.NodeOpen(n.Flags[i]) {
			cpuFree += int64(n.CPUFree[i])
			memFree += int64(n.MemFree[i])
		}
	}
	if cpu > cpuFree || mem > memFree {
		return testCapacity
	}
	if !c.placeable(e, shape, roles) {
		return testFragmented
	}
	if cluster.RequiredLevel(roles) > 0 && !c.placeableWithin(e, shape, roles) {
		return testTopology
	}
	return testNone
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

// placeable reports whether a shape fits now, role by role on the lowest nodes, wherever they are.
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
	ok := c.cl.PlaceLowestIn(&log, uint32(e.shapes.Partition[shape]), roles, cluster.In{})
	c.cl.Undo(&log, 0)
	c.cl.Log.Take(c.reader)
	return ok
}

// placeableWithin reports whether a shape fits now within a domain that it requires.
func (c *causes) placeableWithin(e *Engine, shape int32, roles []state.RoleSpec) bool {
	var log []state.Part
	ok := c.cl.PlaceLowest(&log, uint32(e.shapes.Partition[shape]), roles)
	c.cl.Undo(&log, 0)
	c.cl.Log.Take(c.reader)
	return ok
}
