package place

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// tree makes a cluster of nodes of 8 GPUs in a tree: node i is in leaf i/perLeaf, leaf i in pod i/perPod.
func tree(t interface{ Fatal(...any) }, nodes, perLeaf, perPod int) *cluster.Cluster {
	c := cluster.New()
	leaves := (nodes + perLeaf - 1) / perLeaf
	pods := (leaves + perPod - 1) / perPod
	var domains []cluster.Domain
	for i := range leaves {
		domains = append(domains, cluster.Domain{Parent: int32(leaves + i/perPod)})
	}
	for range pods {
		domains = append(domains, cluster.Domain{Parent: -1})
	}
	var leaf []int32
	for i := range nodes {
		if _, err := c.Add(cluster.NodeSpec{GPUs: 8}, 0); err != nil {
			t.Fatal(err)
		}
		leaf = append(leaf, int32(i/perLeaf))
	}
	c.SetTopology(cluster.NewTopology([]cluster.Tier{{Name: "leaf", Count: int32(leaves)}, {Name: "pod", First: int32(leaves), Count: int32(pods)}}, domains), leaf)
	return c
}

// hold takes GPUs of a node: the lowest free ones.
func hold(t *testing.T, c *cluster.Cluster, node int32, gpus int32) {
	t.Helper()
	var log []state.Part
	if why := c.Take(&log, state.Part{Node: node, Mask: cluster.Lowest(c.Nodes().FreeMask[node], gpus), Milli: 1000}); why != 0 {
		t.Fatal(why)
	}
}

type got struct {
	node int32
	mask uint64
}

func placed(r Rule, c *cluster.Cluster, role state.RoleSpec) (out []got) {
	var log []state.Part
	if !r.Place(c, &Request{Roles: []state.RoleSpec{role}}, &log) {
		return nil
	}
	for _, p := range log {
		out = append(out, got{p.Node, p.Mask})
	}
	c.Undo(&log, 0)
	return out
}

func TestSmallestDomain(t *testing.T) {
	pods := func(n, gpus int32) state.RoleSpec { return state.RoleSpec{Replicas: n, PodGPUs: gpus, GPUMilli: 1000} }
	split := func(n int32) state.RoleSpec {
		return state.RoleSpec{Replicas: n, PodGPUs: 1, GPUMilli: 1000, Flags: state.RoleSplit}
	}
	within := func(r state.RoleSpec, level uint8) state.RoleSpec { r.Within = level; return r }
	prefer := func(r state.RoleSpec, level uint8) state.RoleSpec { r.Prefer = level; return r }
	const all = 0xff
	for name, tc := range map[string]struct {
		rule  Rule
		held  map[int32]int32
		role  state.RoleSpec
		nodes []got
	}{
		// eight nodes, two a leaf, two leaves a pod
		"a node is smaller than a leaf":           {Topology, nil, split(8), []got{{0, all}}},
		"the fullest node that holds it":          {Topology, map[int32]int32{0: 2, 3: 5}, split(3), []got{{3, 0xe0}}},
		"the fullest leaf that holds it":          {Topology, map[int32]int32{2: 4, 7: 8}, split(12), []got{{3, all}, {2, 0xf0}}},
		"a pod, as few leaves as it can":          {Topology, map[int32]int32{0: 8, 4: 1}, pods(3, 8), []got{{2, all}, {3, all}, {1, all}}},
		"over pods, when no pod can":              {Topology, map[int32]int32{0: 1, 4: 1, 6: 1}, pods(5, 8), []got{{2, all}, {3, all}, {1, all}, {5, all}, {7, all}}},
		"required level, though more is free":     {Topology, map[int32]int32{0: 1, 2: 1, 4: 1, 6: 1}, within(pods(2, 8), 2), nil},
		"required under first-fit":                {FirstFit, map[int32]int32{0: 1, 2: 1}, within(pods(2, 8), 2), []got{{4, all}, {5, all}}},
		"required under worst-fit":                {WorstFit, map[int32]int32{0: 1}, within(pods(2, 4), 2), []got{{2, 0xf}, {3, 0xf}}},
		"preferred, when it can":                  {FirstFit, map[int32]int32{0: 1}, prefer(pods(2, 8), 2), []got{{2, all}, {3, all}}},
		"preferred, when it cannot":               {FirstFit, map[int32]int32{0: 1, 2: 1, 4: 1, 6: 1}, prefer(pods(2, 8), 2), []got{{1, all}, {3, all}}},
		"the same devices on every node":          {RailAligned, map[int32]int32{0: 1, 1: 2, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8, 7: 8}, pods(2, 4), []got{{1, 0x3c}, {0, 0x3c}}},
		"a leaf each, far apart":                  {AntiAffinity, nil, pods(4, 2), []got{{0, 3}, {2, 3}, {4, 3}, {6, 3}}},
		"a buddy cell of two beside a broken one": {Buddy, map[int32]int32{3: 5}, pods(1, 2), []got{{3, 0xc0}}},
		"a buddy cell begins at its multiple":     {Buddy, map[int32]int32{0: 1, 1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8, 7: 8}, split(2), []got{{0, 0xc}}},
		"three take a cell of four":               {Buddy, map[int32]int32{0: 2}, split(3), []got{{0, 0x70}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := tree(t, 8, 2, 2)
			for node := range int32(8) {
				if n := tc.held[node]; n > 0 {
					hold(t, c, node, n)
				}
			}
			found := placed(tc.rule, c, tc.role)
			if len(found) != len(tc.nodes) {
				t.Fatalf("%x, want %x", found, tc.nodes)
			}
			for i := range found {
				if found[i] != tc.nodes[i] {
					t.Fatalf("%x, want %x (node, devices)", found, tc.nodes)
				}
			}
		})
	}
}

// TestNoSmallerDomainWouldDo: what the rules that look for a domain place, no domain of a smaller level can hold; and what any
// domain that will do can hold, they place.
func TestNoSmallerDomainWouldDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := cluster.New()
		var leaf []int32
		leaves := rapid.IntRange(1, 4).Draw(t, "leaves")
		for range rapid.IntRange(1, 9).Draw(t, "nodes") {
			if _, err := c.Add(cluster.NodeSpec{GPUs: rapid.SampledFrom([]uint32{8, 4, 2, 1}).Draw(t, "gpus"), Type: rapid.Uint32Range(0, 1).Draw(t, "type")}, 0); err != nil {
				t.Fatal(err)
			}
			leaf = append(leaf, int32(rapid.IntRange(-1, leaves-1).Draw(t, "leaf")))
		}
		c.SetTopology(simtest.Tree(leaves, 2), leaf)
		var log []state.Part
		for i := range leaf {
			m := rapid.Uint64Range(0, c.Nodes().FreeMask[i]).Draw(t, "held") & c.Nodes().FreeMask[i]
			if m != 0 {
				c.Take(&log, state.Part{Node: int32(i), Mask: m, Milli: 1000})
			}
		}
		role := state.RoleSpec{Replicas: rapid.Int32Range(1, 12).Draw(t, "replicas"), PodGPUs: 1, GPUMilli: 1000,
			TypeMask: uint64(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "types")), Within: rapid.Uint8Range(0, 3).Draw(t, "within")}
		if rapid.Bool().Draw(t, "split") {
			role.Flags = state.RoleSplit
		} else {
			role.PodGPUs = rapid.SampledFrom([]int32{1, 2, 4, 8}).Draw(t, "pod_gpus")
		}
		roles := []state.RoleSpec{role}
		smallest, mark := int32(-1), len(log)
		for level := int32(1); level <= c.Levels() && smallest < 0; level++ {
			first, count := c.DomainsOf(level)
			for d := first; d < first+count && smallest < 0; d++ {
				if level == cluster.NodeLevel && role.Within > 1 && leaf[d] < 0 {
					continue
				}
				if c.PlaceLowestIn(&log, 0, roles, cluster.In{Level: level, Domain: d}) {
					smallest = level
					c.Undo(&log, mark)
				}
			}
		}
		rule := rapid.SampledFrom([]Rule{Topology, RailAligned, Buddy}).Draw(t, "rule")
		c2 := c.Clone()
		var got, any []state.Part
		ok := rule.Place(c2, &Request{Roles: roles}, &got)
		if c3 := c.Clone(); smallest < 0 && role.Within == 0 {
			if smallest = c.Levels() + 1; !c3.PlaceLowest(&any, 0, roles) {
				smallest = -1
			}
		}
		if role.Within > 0 && smallest > int32(role.Within) {
			smallest = -1
		}
		if ok != (smallest >= 0) {
			t.Fatalf("%s placed: %t; the smallest level that can hold it is %d", rule, ok, smallest)
		}
		if ok && c2.Span(got) > smallest {
			t.Fatalf("%s placed over level %d, a domain of level %d can hold it", rule, c2.Span(got), smallest)
		}
	})
}
