package place

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// machine makes a node of 96 CPUs with so much left on each GPU (thousandths; 1000 = wholly free, 0 = held whole) and so many CPUs taken.
func machine(t interface{ Fatal(...any) }, cpus uint32, left ...uint16) *cluster.Cluster {
	c := cluster.New()
	c.CountKinds()
	if _, err := c.Add(cluster.NodeSpec{GPUs: uint32(len(left)), CPUMilli: 96000, MemMiB: 1 << 20}, 0); err != nil {
		t.Fatal(err)
	}
	var log []state.Part
	if cpus > 0 {
		c.Take(&log, state.Part{CPU: cpus * 1000})
	}
	for d, l := range left {
		if l < 1000 {
			if why := c.Take(&log, state.Part{Mask: 1 << d, Milli: 1000 - l}); why != 0 {
				t.Fatal(why)
			}
		}
	}
	return c
}

func TestScoresByHand(t *testing.T) {
	for name, tc := range map[string]struct {
		score func(*cluster.Cluster, int32, *pod) int32
		on    *cluster.Cluster
		pod   pod
		want  int32
	}{
		"packing: an idle node of 8":                   {gpuPacking, machine(t, 0, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000), pod{0, 2, 1000}, 33 - 8},
		"packing: an idle node of 2":                   {gpuPacking, machine(t, 0, 1000, 1000), pod{0, 2, 1000}, 33 - 2},
		"packing: 2 idle GPUs of a node in use":        {gpuPacking, machine(t, 0, 0, 1000, 1000, 1000), pod{0, 2, 1000}, 50 - 2},
		"packing: a share on the GPU with 400 left":    {gpuPacking, machine(t, 0, 400, 700, 1000), pod{0, 1, 300}, 100 - 40/10},
		"packing: a share that only 700 holds":         {gpuPacking, machine(t, 0, 400, 700, 1000), pod{0, 1, 500}, 100 - 70/10},
		"packing: a share that needs an idle GPU":      {gpuPacking, machine(t, 0, 400, 1000), pod{0, 1, 500}, 50 - 1},
		"packing: no GPUs":                             {gpuPacking, machine(t, 0, 400, 1000), pod{4000, 0, 0}, 0},
		"clustering: only shares, for a share":         {gpuClustering, machine(t, 0, 400, 1000), pod{0, 1, 500}, 25*(8000-1400)/8000 + 75},
		"clustering: only shares, for a GPU":           {gpuClustering, machine(t, 0, 400, 1000), pod{0, 1, 1000}, 25 * (8000 - 1400) / 8000},
		"clustering: shares and 1-GPU pods, for a GPU": {gpuClustering, machine(t, 0, 400, 0, 1000), pod{0, 1, 1000}, 25*(8000-1400)/8000 + 50},
		"clustering: an idle node":                     {gpuClustering, machine(t, 0, 1000, 1000), pod{0, 1, 1000}, 25*(8000-2000)/8000 + 25},
		"clustering: no GPUs":                          {gpuClustering, machine(t, 0, 1000, 1000), pod{4000, 0, 0}, 0},
		// (64/128 x 8/128 + 4/8 x 2/8)/2 = (.03125 + .125)/2 = .078125
		"dot product": {dotProduct, machine(t, 32, 1000, 1000, 1000, 1000), pod{8000, 2, 1000}, 92},
		// (96/128 x 16/128)/2 = .046875
		"dot product, no GPUs": {dotProduct, machine(t, 0, 1000, 1000), pod{16000, 0, 0}, 95},
	} {
		if got := tc.score(tc.on, 0, &tc.pod); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

func TestFragmentByHand(t *testing.T) {
	typical := []TypicalPod{{CPU: 4000, GPUs: 1, Milli: 1000, Share: .5}, {CPU: 2000, GPUs: 1, Milli: 500, Share: .25}, {CPU: 1000, Share: .125},
		{GPUs: 2, Milli: 1000, Types: 1 << 3, Share: .125}}
	left := []uint16{1000, 600, 300, 0}
	for _, tc := range []struct {
		typ  uint32
		cpu  int64
		want float64
	}{
		// whole GPU: 900 on the two shared ones; half: 300; none asked: 1900; two wholes of type 3: not there, 1900
		{3, 8000, .5*900 + .25*300 + .125*1900 + .125*1900},
		{1, 8000, .5*900 + .25*300 + .25*1900},
		{1, 3000, .5*1900 + .25*300 + .25*1900}, // too few CPUs for the first
	} {
		if got := fragment(typical, tc.typ, tc.cpu, left); got != tc.want {
			t.Errorf("type %d, %d thousandths of CPU: %v, want %v", tc.typ, tc.cpu, got, tc.want)
		}
	}
}

func TestTypicalPodsCoverNinetyFivePercent(t *testing.T) {
	var pods TypicalPods
	add := func(n, gpus, milli int32, flags uint8) {
		pods.Add([]state.RoleSpec{{Replicas: n, PodGPUs: gpus, GPUMilli: milli, Flags: flags}})
	}
	add(60, 1, 1000, 0)
	add(30, 1, 500, 0)
	add(4, 8, 1000, 0)
	add(4, 4, 1000, 0)
	add(2, 1, 1000, state.RoleSplit) // two pods of one GPU
	want := []TypicalPod{{GPUs: 1, Milli: 1000, Share: 62. / 96}, {GPUs: 1, Milli: 500, Share: 30. / 96}, {GPUs: 8, Milli: 1000, Share: 4. / 96}}
	got := pods.List()
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("form %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// naiveFGD is the rule without tables: every GPU is tried, every node looked at anew.
func naiveFGD(typical []TypicalPod, c *cluster.Cluster, node int32, p *pod) (int32, uint64) {
	n := c.Nodes()
	left := func(c *cluster.Cluster) (out []uint16) {
		for d := range n.GPUsTotal[node] {
			out = append(out, uint16(c.FreeMilli(node, int(d))))
		}
		return out
	}
	before := fragment(typical, n.Type[node], int64(n.CPUFree[node]), left(c))
	score := func(mask uint64) int32 {
		after := left(c)
		for d := range after {
			if mask>>d&1 != 0 {
				after[d] -= uint16(p.milli)
			}
		}
		x := (before - fragment(typical, n.Type[node], int64(n.CPUFree[node])-p.cpu, after)) / 1000
		return int32(1 / (1 + rng.Exp(-x)) * 100)
	}
	if !p.shares() {
		return score(cluster.Lowest(n.FreeMask[node], p.gpus)), 0
	}
	best, mask := int32(-1), uint64(0)
	for d, l := range left(c) {
		if int32(l) >= p.milli && score(1<<d) > best {
			best, mask = score(1<<d), 1<<d
		}
	}
	return best, mask
}

func TestFGDAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := cluster.New()
		for range rapid.IntRange(1, 6).Draw(t, "nodes") {
			if _, err := c.Add(cluster.NodeSpec{GPUs: rapid.Uint32Range(0, 8).Draw(t, "gpus"), Type: rapid.Uint32Range(0, 2).Draw(t, "type"),
				CPUMilli: rapid.Uint32Range(1, 16).Draw(t, "cpus") * 1000, MemMiB: 1 << 20}, 0); err != nil {
				t.Fatal(err)
			}
		}
		role := func(label string) state.RoleSpec {
			r := state.RoleSpec{Replicas: 1, PodGPUs: rapid.SampledFrom([]int32{1, 1, 0, 2, 4}).Draw(t, label), GPUMilli: 1000,
				CPUMilli: rapid.Int64Range(0, 8).Draw(t, "cpu") * 500, TypeMask: rapid.SampledFrom([]uint64{0, 0, 2, 5}).Draw(t, "types")}
			if r.PodGPUs == 1 {
				r.GPUMilli = rapid.SampledFrom([]int32{1000, 500, 300, 50}).Draw(t, "milli")
			}
			return r
		}
		var pods TypicalPods
		for range rapid.IntRange(1, 6).Draw(t, "forms") {
			r := role("typical")
			r.Replicas = rapid.Int32Range(1, 50).Draw(t, "count")
			pods.Add([]state.RoleSpec{r})
		}
		f := NewFGD(pods.List())
		var log []state.Part
		for range rapid.IntRange(1, 30).Draw(t, "pods") {
			shapes := &state.Shapes{Roles: []state.RoleSpec{role("pod")}}
			r := &shapes.Roles[0]
			q := hook.Question{View: &state.View{Shapes: shapes}, Cluster: c}
			for i := range int32(c.Nodes().Len()) {
				if c.Accepts(i, r) && c.Room(i, r, 1) == 1 {
					q.Nodes = append(q.Nodes, i)
				}
			}
			scores, masks, err := f.Score(&q)
			if err != nil {
				t.Fatal(err)
			}
			p := podOf(r)
			for k, i := range q.Nodes {
				if score, mask := naiveFGD(f.typical, c, i, &p); scores[k] != score || masks[k] != mask {
					t.Fatalf("node %d for %+v: score %d on %b, want %d on %b", i, p, scores[k], masks[k], score, mask)
				}
			}
			if len(q.Nodes) > 0 {
				at := rapid.IntRange(0, len(q.Nodes)-1).Draw(t, "at")
				if masks[at] == 0 && !c.TakePod(&log, q.Nodes[at], 0, 0, r) || masks[at] != 0 && !c.TakePodOn(&log, q.Nodes[at], 0, 0, r, masks[at]) {
					t.Fatal("a node that can hold the pod does not")
				}
			}
			if len(log) > 0 && rapid.IntRange(0, 3).Draw(t, "leave") == 0 {
				c.Undo(&log, rapid.IntRange(0, len(log)-1).Draw(t, "undo"))
			}
		}
	})
}
