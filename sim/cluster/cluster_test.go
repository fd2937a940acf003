package cluster

import (
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// device is one GPU of the naive model: held whole, or shared with what is left.
type device struct {
	whole  bool
	taken  uint32 // thousandths, by parts that share it
	shares int
}

func (d *device) free() uint32 {
	if d.whole {
		return 0
	}
	return Whole - d.taken
}

// wholeFree: nobody holds any of it.
func (d *device) wholeFree() bool { return !d.whole && d.shares == 0 }

type node struct {
	spec     NodeSpec
	flags    uint32
	cpu, mem uint32
	pods     uint32
	dev      []device
	kinds    [podKinds]int32
}

type model struct{ nodes []node }

func (m *model) add(s NodeSpec) {
	flags := s.Flags
	if !s.Down {
		flags |= state.NodeUp
	}
	m.nodes = append(m.nodes, node{spec: s, flags: flags, cpu: s.CPUMilli, mem: s.MemMiB, dev: make([]device, s.GPUs)})
}

func (m *model) clone() *model {
	c := &model{nodes: append([]node(nil), m.nodes...)}
	for i := range c.nodes {
		c.nodes[i].dev = append([]device(nil), c.nodes[i].dev...)
	}
	return c
}

// take applies a part, or reports false and changes nothing.
func (m *model) take(p state.Part) bool {
	if p.Node < 0 || int(p.Node) >= len(m.nodes) {
		return false
	}
	n := &m.nodes[p.Node]
	if !state.NodeOpen(n.flags) || p.CPU > n.cpu || p.Mem > n.mem {
		return false
	}
	for d := 0; d < 64; d++ {
		if p.Mask>>d&1 == 0 {
			continue
		}
		if d >= len(n.dev) || p.Milli == 0 || p.Milli > Whole || p.Milli == Whole && !n.dev[d].wholeFree() || uint32(p.Milli) > n.dev[d].free() {
			return false
		}
	}
	m.give(p, true)
	return true
}

// give takes a part, or with take false gives it back.
func (m *model) give(p state.Part, take bool) {
	n := &m.nodes[p.Node]
	sign, one := uint32(1), 1
	if !take {
		sign, one = ^uint32(0), -1
	}
	n.cpu -= sign * p.CPU
	n.mem -= sign * p.Mem
	n.pods += sign
	if p.Mask != 0 {
		n.kinds[kindOf(p.Mask, p.Milli)] += int32(sign)
	}
	for d := range n.dev {
		if p.Mask>>d&1 == 0 {
			continue
		}
		if p.Milli == Whole {
			n.dev[d].whole = take
		} else {
			n.dev[d].taken += sign * uint32(p.Milli)
			n.dev[d].shares += one
		}
	}
}

func drawNode(t *rapid.T) NodeSpec {
	s := NodeSpec{Type: rapid.Uint32Range(0, 2).Draw(t, "type"), Partition: rapid.Uint32Range(0, 1).Draw(t, "partition"),
		GPUs:     rapid.SampledFrom([]uint32{4, 0, 1, 2, 8, 63, 64}).Draw(t, "gpus"),
		CPUMilli: rapid.Uint32Range(0, 4).Draw(t, "cpu") * 1000, MemMiB: rapid.Uint32Range(0, 3).Draw(t, "mem") * 100}
	switch rapid.IntRange(0, 5).Draw(t, "state") {
	case 4:
		s.Down = true
	case 5:
		s.Flags = state.NodeCordoned
	}
	return s
}

func drawPart(t *rapid.T, nodes int) state.Part {
	p := state.Part{Node: int32(rapid.IntRange(-1, nodes).Draw(t, "node")), Milli: Whole,
		CPU: rapid.Uint32Range(0, 3).Draw(t, "cpu") * 500, Mem: rapid.Uint32Range(0, 3).Draw(t, "mem") * 50}
	p.Mask = rapid.Uint64Range(0, 15).Draw(t, "mask") << rapid.SampledFrom([]int{0, 1, 3, 60}).Draw(t, "shift")
	if rapid.Bool().Draw(t, "shared") {
		p.Milli = rapid.SampledFrom([]uint16{500, 250, 1, 999, 0, 1001, 300}).Draw(t, "milli")
	}
	return p
}

// build makes a cluster and its model by random operations and hands out what is held.
func build(t *rapid.T) (*Cluster, *model, []state.Part) {
	c, m := New(), &model{}
	if rapid.Bool().Draw(t, "count kinds") {
		c.CountKinds()
	}
	var held []state.Part
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
		case op == 0 || len(m.nodes) == 0:
			s := drawNode(t)
			if slot, err := c.Add(s, 0); err != nil || int(slot) != len(m.nodes) {
				t.Fatal(slot, err)
			}
			m.add(s)
		case op == 1:
			i := rapid.IntRange(0, len(m.nodes)-1).Draw(t, "node")
			m.nodes[i].flags = rapid.SampledFrom([]uint32{state.NodeUp, 0, state.NodeUp | state.NodeCordoned,
				state.NodeUp | state.NodeDraining, state.NodeUp | state.NodeSpot}).Draw(t, "flags")
			c.SetFlags(int32(i), m.nodes[i].flags)
		case op <= 3 && len(held) > 0:
			i := rapid.IntRange(0, len(held)-1).Draw(t, "release")
			c.Release(&held[i])
			m.give(held[i], false)
			held = append(held[:i], held[i+1:]...)
		case op == 5 && c.Groups() > 0 && rapid.Bool().Draw(t, "count"): // from now on the counts are kept
			c.Fullest(0, 1)
		case op == 4: // take some and think better of it
			mark := len(held)
			for range rapid.IntRange(1, 4).Draw(t, "tries") {
				if c.Take(&held, drawPart(t, len(m.nodes))) == 0 && rapid.IntRange(0, 3).Draw(t, "inner") == 0 {
					c.Undo(&held, len(held)-1)
				}
			}
			c.Undo(&held, mark)
		default:
			p := drawPart(t, len(m.nodes))
			before := c.Outstanding()
			got := c.Take(&held, p)
			if want := m.take(p); want != (got == 0) {
				t.Fatalf("take %+v: %q, the model says %t", p, got, want)
			}
			if got == 0 {
				before++
			}
			if c.Outstanding() != before {
				t.Fatalf("%d outstanding, want %d", c.Outstanding(), before)
			}
			if got == 0 && held[len(held)-1] != p {
				t.Fatalf("logged %+v, took %+v", held[len(held)-1], p)
			}
		}
	}
	return c, m, held
}

// compare holds every column and every query against the model.
func compare(t *rapid.T, c *Cluster, m *model) {
	t.Helper()
	n := c.Nodes()
	if n.Len() != len(m.nodes) {
		t.Fatalf("%d nodes, want %d", n.Len(), len(m.nodes))
	}
	for i := range m.nodes {
		w := &m.nodes[i]
		var mask, shared uint64
		var milli, most uint32
		for d := range w.dev {
			if w.dev[d].wholeFree() {
				mask |= 1 << d
			} else if w.dev[d].shares > 0 {
				shared |= 1 << d
			}
			f := w.dev[d].free()
			milli += f
			most = max(most, f)
			if got := c.FreeMilli(int32(i), d); got != f {
				t.Fatalf("node %d device %d: %d free, want %d", i, d, got, f)
			}
		}
		got := [...]uint64{uint64(n.Flags[i]), n.FreeMask[i], uint64(n.GPUsFree[i]), uint64(n.MilliFree[i]), uint64(n.MilliMax[i]),
			uint64(n.CPUFree[i]), uint64(n.MemFree[i]), uint64(n.Pods[i])}
		want := [...]uint64{uint64(w.flags), mask, uint64(bits.OnesCount64(mask)), uint64(milli), uint64(most),
			uint64(w.cpu), uint64(w.mem), uint64(w.pods)}
		if got != want {
			t.Fatalf("node %d: flags, mask, free, milli, max, cpu, mem, pods %v, want %v", i, got, want)
		}
		if c.SharedMask(int32(i))&^shared != 0 || shared&^c.SharedMask(int32(i)) != 0 {
			t.Fatalf("node %d: shared %b, want %b", i, c.SharedMask(int32(i)), shared)
		}
	}
	compareKinds(t, c, m)
	compareIndex(t, c, m)
}

func compareKinds(t *rapid.T, c *Cluster, m *model) {
	t.Helper()
	for i := range m.nodes {
		var kinds int32
		for k, want := range m.nodes[i].kinds {
			if c.kinds == nil {
				want = 0
			}
			if want > 0 {
				kinds++
			}
			if got := c.PodsOfKind(int32(i), int32(k)); got != want {
				t.Fatalf("node %d: %d parts of kind %d, want %d", i, got, k, want)
			}
		}
		if got := c.Kinds(int32(i)); got != kinds {
			t.Fatalf("node %d: %d kinds, want %d", i, got, kinds)
		}
	}
}

func (n *node) wholeFree() (k int32) {
	for d := range n.dev {
		if n.dev[d].wholeFree() {
			k++
		}
	}
	return k
}

func compareIndex(t *rapid.T, c *Cluster, m *model) {
	t.Helper()
	for _, mask := range []uint64{0, 1, 2, 4, 5, 7} {
		for part := uint32(0); part < 2; part++ {
			var want int32
			for i := range m.nodes {
				if w := &m.nodes[i]; w.spec.Partition == part && state.NodeOpen(w.flags) && len(w.dev) > 0 &&
					(mask == 0 || mask>>w.spec.Type&1 != 0) {
					want += w.wholeFree()
				}
			}
			if got := c.Free(part, mask); got != want {
				t.Fatalf("partition %d types %b: %d free, want %d", part, mask, got, want)
			}
		}
	}
	from := int32(rapid.IntRange(0, len(m.nodes)).Draw(t, "from"))
	for g := 0; g < c.Groups(); g++ {
		part, typ := c.GroupOf(g)
		for k := int32(1); k <= c.MaxGPUs(g)+1; k++ { // nodes without a free device are in no count
			anyNode, exact, atLeast, fullest, emptiest := int32(-1), int32(-1), int32(-1), int32(-1), int32(-1)
			for i := int32(len(m.nodes)) - 1; i >= 0; i-- {
				w := &m.nodes[i]
				wtyp := w.spec.Type
				if len(w.dev) == 0 {
					wtyp = state.NoType
				}
				if w.spec.Partition != part || wtyp != typ || !state.NodeOpen(w.flags) {
					continue
				}
				f := w.wholeFree()
				if f >= k && (fullest < 0 || f < fullest) {
					fullest = f
				}
				if f > 0 {
					emptiest = max(emptiest, f)
				}
				if i < from {
					continue
				}
				if f > 0 {
					anyNode = i
				}
				if f == k {
					exact = i
				}
				if f >= k {
					atLeast = i
				}
			}
			got := [...]int32{c.NextAny(g, from), c.NextExact(g, k, from), c.NextAtLeast(g, k, from), c.Fullest(g, k), c.Emptiest(g)}
			if want := [...]int32{anyNode, exact, atLeast, fullest, emptiest}; got != want {
				t.Fatalf("group %d, %d GPUs from node %d: any, exact, at least, fullest, emptiest %v, want %v", g, k, from, got, want)
			}
		}
	}
}

func TestClusterAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m, held := build(t)
		compare(t, c, m)
		copied := c.Clone()
		for i := range held {
			copied.Release(&held[i])
		}
		compare(t, c, m) // the original has not moved
		empty := m.clone()
		for i := range held {
			empty.give(held[i], false)
		}
		compare(t, copied, empty)
		var other Cluster // CopyFrom over something else altogether
		o, _, _ := build(t)
		other.CopyFrom(o)
		other.CopyFrom(c)
		compare(t, &other, m)
		if other.Outstanding() != c.Outstanding() {
			t.Fatalf("%d outstanding in the copy, want %d", other.Outstanding(), c.Outstanding())
		}
		c.Undo(&held, 0)
		compare(t, c, empty)
	})
}

// TestIntersect: free in both, thousandth by thousandth, device by device.
func TestIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m, held := build(t)
		o, mo := c.Clone(), m.clone()
		for i := range held { // the other is at another time: some have ended, others began
			if rapid.Bool().Draw(t, "ended") {
				o.Release(&held[i])
				mo.give(held[i], false)
			}
		}
		for range rapid.IntRange(0, 6).Draw(t, "begun") {
			var log []state.Part
			p := drawPart(t, len(m.nodes))
			if o.Take(&log, p) == 0 {
				mo.take(p)
			}
		}
		if rapid.Bool().Draw(t, "closed") {
			i := rapid.IntRange(0, len(m.nodes)-1).Draw(t, "node")
			o.SetFlags(int32(i), 0)
			mo.nodes[i].flags = 0
		}
		c.Intersect(o)
		n := c.Nodes()
		for i := range m.nodes {
			a, b := &m.nodes[i], &mo.nodes[i]
			if got, want := state.NodeOpen(n.Flags[i]), state.NodeOpen(a.flags) && state.NodeOpen(b.flags); got != want {
				t.Fatalf("node %d open: %t, want %t", i, got, want)
			}
			var whole uint32
			for d := range a.dev {
				want := min(a.dev[d].free(), b.dev[d].free())
				if got := c.FreeMilli(int32(i), d); got != want {
					t.Fatalf("node %d device %d: %d free, want %d", i, d, got, want)
				}
				free := a.dev[d].wholeFree() && b.dev[d].wholeFree()
				if free {
					whole++
				}
				if got := n.FreeMask[i]>>d&1 != 0; got != free {
					t.Fatalf("node %d device %d wholly free: %t, want %t", i, d, got, free)
				}
			}
			if n.GPUsFree[i] != whole || n.CPUFree[i] != min(a.cpu, b.cpu) || n.MemFree[i] != min(a.mem, b.mem) {
				t.Fatalf("node %d: %d GPUs, %d CPU, %d MiB free", i, n.GPUsFree[i], n.CPUFree[i], n.MemFree[i])
			}
		}
		// what can be taken from the intersection can be taken from both
		for range 10 {
			p := drawPart(t, len(m.nodes))
			var log []state.Part
			if c.Check(&p) == 0 && (!m.clone().take(p) || o.Take(&log, p) != 0) {
				t.Fatalf("%+v fits the intersection and not both", p)
			}
			o.Undo(&log, 0)
		}
	})
}

func TestRefusesTooManyGPUs(t *testing.T) {
	c := New()
	if _, err := c.Add(NodeSpec{Name: "big", GPUs: 65}, 0); err == nil {
		t.Error("a node of 65 GPUs")
	}
	if c.Nodes().Len() != 0 {
		t.Error("a refused node is there")
	}
}
