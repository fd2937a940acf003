package cluster

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

func drawRole(t *rapid.T) state.RoleSpec {
	r := state.RoleSpec{Replicas: rapid.Int32Range(1, 6).Draw(t, "replicas"), PodGPUs: 1, GPUMilli: Whole}
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		r.Flags = state.RoleSplit
	case 1, 2:
		r.PodGPUs = rapid.SampledFrom([]int32{1, 2, 4, 3, 0}).Draw(t, "pod")
	case 3:
		r.GPUMilli = rapid.SampledFrom([]int32{500, 300, 1, 999}).Draw(t, "milli")
	case 4:
		r.PodGPUs, r.GPUMilli = 2, 500
	}
	if rapid.Bool().Draw(t, "typed") {
		r.TypeMask = rapid.Uint64Range(1, 7).Draw(t, "mask")
	}
	if rapid.Bool().Draw(t, "cpu") {
		r.CPUMilli, r.MemMiB = rapid.Int64Range(0, 3).Draw(t, "cpu")*700, rapid.Int64Range(0, 3).Draw(t, "mem")*70
	}
	return r
}

func (n *node) accepts(r *state.RoleSpec) bool {
	if r.TypeMask == 0 {
		return r.PodGPUs == 0 || len(n.dev) > 0
	}
	return len(n.dev) > 0 && r.TypeMask>>n.spec.Type&1 != 0
}

// pick chooses devices as the rule is written: whole ones lowest first; for a fraction, each the fullest shared device
// that fits, lowest among equals, else the lowest free one.
func (n *node) pick(r *state.RoleSpec) (mask uint64, ok bool) {
	for k := int32(0); k < r.PodGPUs; k++ {
		best := -1
		for d := range n.dev {
			v := &n.dev[d]
			if mask>>d&1 != 0 || v.whole || v.free() < uint32(r.GPUMilli) || r.GPUMilli == Whole && !v.wholeFree() {
				continue
			}
			rank := func(d int) (bool, uint32) { return n.dev[d].wholeFree(), n.dev[d].free() }
			if best >= 0 {
				bf, bm := rank(best)
				f, m := rank(d)
				if f && !bf || f == bf && m >= bm {
					continue
				}
			}
			best = d
		}
		if best < 0 {
			return 0, false
		}
		mask |= 1 << best
	}
	return mask, true
}

func ceilShare(total int64, k, n int32) uint32 {
	return uint32((total*int64(k) + int64(n) - 1) / int64(n))
}

// place is PlaceLowest on the model.
func (m *model) place(partition uint32, roles []state.RoleSpec) ([]state.Part, bool) {
	var out []state.Part
	for ri := range roles {
		r := &roles[ri]
		left, pod := r.Replicas, int32(0)
		for i := range m.nodes {
			n := &m.nodes[i]
			if n.spec.Partition != partition || !n.accepts(r) || !state.NodeOpen(n.flags) {
				continue
			}
			if r.Flags&state.RoleSplit != 0 {
				for k := min(left, n.wholeFree()); k > 0; k-- {
					mask, _ := n.pick(&state.RoleSpec{PodGPUs: k, GPUMilli: Whole})
					p := state.Part{Node: int32(i), Role: uint16(ri), Pod: pod, Milli: Whole, Mask: mask,
						CPU: ceilShare(r.CPUMilli, k, r.Replicas), Mem: ceilShare(r.MemMiB, k, r.Replicas)}
					if m.take(p) {
						out = append(out, p)
						left -= k
						pod++
						break
					}
				}
				continue
			}
			for left > 0 {
				mask, ok := n.pick(r)
				p := state.Part{Node: int32(i), Role: uint16(ri), Pod: pod, Milli: uint16(r.GPUMilli), Mask: mask,
					CPU: uint32(r.CPUMilli), Mem: uint32(r.MemMiB)}
				if !ok || !m.take(p) {
					break
				}
				out = append(out, p)
				left--
				pod++
			}
		}
		if left > 0 {
			return nil, false
		}
	}
	return out, true
}

func TestPlaceLowestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m, _ := build(t)
		for range rapid.IntRange(1, 5).Draw(t, "gangs") {
			var roles []state.RoleSpec
			for range rapid.IntRange(1, 3).Draw(t, "roles") {
				roles = append(roles, drawRole(t))
			}
			partition := rapid.Uint32Range(0, 1).Draw(t, "partition")
			try := m.clone()
			want, ok := try.place(partition, roles)
			var log []state.Part
			if got := c.PlaceLowest(&log, partition, roles); got != ok {
				t.Fatalf("placed %+v: %t, want %t", roles, got, ok)
			}
			if ok {
				m = try
			}
			if len(log) != len(want) {
				t.Fatalf("%d parts %+v, want %+v", len(log), log, want)
			}
			for i := range log {
				if log[i] != want[i] {
					t.Fatalf("part %d: %+v, want %+v", i, log[i], want[i])
				}
			}
			compare(t, c, m)
		}
	})
}

// TestTakeLowestAgainstModel: what is taken from a group in one go, and given back in one go, is what single steps take and
// give back.
func TestTakeLowestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m, held := build(t)
		for g := range c.Groups() {
			free := c.GroupFree(g)
			if free == 0 {
				continue
			}
			k := rapid.Int32Range(1, free).Draw(t, "gpus")
			partition, typ := c.GroupOf(g)
			want, ok := m.place(partition, []state.RoleSpec{{Replicas: k, PodGPUs: 1, GPUMilli: Whole, Flags: state.RoleSplit, TypeMask: 1 << typ}})
			if !ok {
				t.Fatalf("group %d has %d free, the model cannot place %d", g, free, k)
			}
			mark, before := len(held), c.Outstanding()
			c.TakeLowest(&held, g, 0, k)
			if !slices.Equal(held[mark:], want) || c.Outstanding() != before+len(want) {
				t.Fatalf("took %+v, want %+v; %d outstanding, were %d", held[mark:], want, c.Outstanding(), before)
			}
			compare(t, c, m)
		}
		some := rapid.IntRange(0, len(held)).Draw(t, "released")
		c.ReleaseAll(state.AppendParts(nil, 0, held[:some]...))
		for _, p := range held[:some] {
			m.give(p, false)
		}
		compare(t, c, m)
	})
}

// TestRoomIsHowManyPodsFit: on one node, as many pods as Room says can be taken, and no more.
func TestRoomIsHowManyPodsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m, _ := build(t)
		r := drawRole(t)
		r.Flags = 0
		i := int32(rapid.IntRange(0, len(m.nodes)-1).Draw(t, "node"))
		limit := rapid.Int32Range(1, 40).Draw(t, "limit")
		room := c.Room(i, &r, limit)
		var log []state.Part
		fit := int32(0)
		for fit < limit && c.TakePod(&log, i, 0, fit, &r) {
			fit++
		}
		c.Undo(&log, 0)
		if r.PodGPUs > 1 && r.GPUMilli < Whole {
			fit = min(fit, 1) // all that is promised
		}
		if room != fit {
			t.Fatalf("room for %d of %+v, %d could be taken", room, r, fit)
		}
	})
}

func TestLowest(t *testing.T) {
	for _, tc := range []struct {
		mask uint64
		k    int32
		want uint64
	}{{0, 3, 0}, {0b1011, 0, 0}, {0b1011, 2, 0b11}, {0b1011, 3, 0b1011}, {0b1011, 9, 0b1011}, {^uint64(0), 64, ^uint64(0)},
		{1 << 63, 1, 1 << 63}, {^uint64(0), 63, 1<<63 - 1}} {
		if got := Lowest(tc.mask, tc.k); got != tc.want {
			t.Errorf("lowest %d of %b: %b, want %b", tc.k, tc.mask, got, tc.want)
		}
	}
}

func bench(nodes int) *Cluster {
	c := New()
	for range nodes {
		if _, err := c.Add(NodeSpec{GPUs: 8, CPUMilli: 64000, MemMiB: 512 << 10}, 0); err != nil {
			panic(err)
		}
	}
	return c
}

func BenchmarkPlaceAndUndo(b *testing.B) {
	for name, role := range map[string]state.RoleSpec{
		"split-32":  {Replicas: 32, PodGPUs: 1, GPUMilli: Whole, Flags: state.RoleSplit},
		"pods-4x8":  {Replicas: 4, PodGPUs: 8, GPUMilli: Whole},
		"fractions": {Replicas: 4, PodGPUs: 1, GPUMilli: 300},
	} {
		b.Run(name, func(b *testing.B) {
			c := bench(256)
			var log []state.Part
			roles := []state.RoleSpec{role}
			b.ReportAllocs()
			for range b.N {
				if !c.PlaceLowest(&log, 0, roles) {
					b.Fatal("does not fit")
				}
				c.Undo(&log, 0)
			}
		})
	}
}

func BenchmarkCopyFrom(b *testing.B) {
	c, d := bench(1024), New()
	d.CopyFrom(c)
	b.ReportAllocs()
	for range b.N {
		d.CopyFrom(c)
	}
}
