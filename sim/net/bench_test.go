package net

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// tree is 10,000 nodes in three tiers: leaves of 16 nodes, pods of 32 leaves, a core; nodes send 200 GB/s, half of what a leaf's
// nodes send fits its uplink, a quarter of that a pod's.
type tree struct {
	*Network
	leaf, pod int32 // first links of their tiers
}

const (
	treeNodes = 10_000
	perLeaf   = 16
	perPod    = 32
	nicRate   = 200_000_000_000
)

func newTree() tree {
	var links []int64
	for range treeNodes {
		links = append(links, nicRate)
	}
	leaf := int32(len(links))
	for range (treeNodes + perLeaf - 1) / perLeaf {
		links = append(links, nicRate*perLeaf/2)
	}
	pod := int32(len(links))
	for range (treeNodes + perLeaf*perPod - 1) / (perLeaf * perPod) {
		links = append(links, nicRate*perLeaf*perPod/8)
	}
	return tree{New(links), leaf, pod}
}

// jobs are the nodes of 3,000 jobs that fill the cluster: 2 to 6 whole nodes each, four fifths of them side by side, as a
// topology-aware placement has it, a fifth wherever something was free.
func jobs(r *rand.Rand) (of [3_000][]int32) {
	nodes := make([]int32, treeNodes)
	for i := range nodes {
		nodes[i] = int32(i)
	}
	for range treeNodes / 10 {
		i, k := r.IntN(treeNodes), r.IntN(treeNodes)
		nodes[i], nodes[k] = nodes[k], nodes[i]
	}
	for i := range of {
		k := []int{2, 2, 2, 4, 4, 6}[i%6]
		of[i], nodes = nodes[:k], nodes[k:]
	}
	return of
}

// ring is what a job sends over: the links of its nodes, and the uplinks of leaves and pods if it has nodes in several.
func (n tree) ring(nodes []int32, uses []Use) []Use {
	uses = uses[:0]
	for _, i := range nodes {
		uses = append(uses, Use{i, Unit})
	}
	for _, tier := range [...]struct{ first, size int32 }{{n.leaf, perLeaf}, {n.pod, perLeaf * perPod}} {
		begin := len(uses)
		for _, i := range nodes {
			u := Use{tier.first + i/tier.size, Unit}
			if !slices.Contains(uses[begin:], u) {
				uses = append(uses, u)
			}
		}
		if len(uses) == begin+1 {
			uses = uses[:begin]
		}
	}
	return uses
}

// BenchmarkStartOrEnd is one job's end and another's start in its place among 3,000 jobs on several nodes each, as its median and 99th percentile.
func BenchmarkStartOrEnd(b *testing.B) {
	n := newTree()
	r := rand.New(rand.NewPCG(1, 2))
	var live []int32
	var uses []Use
	nodes := jobs(r)
	for i := range nodes {
		uses = n.ring(nodes[i], uses)
		live = append(live, n.Add(nicRate, uses))
	}
	n.Resolve()
	took := make([]time.Duration, 0, 1<<20)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		i := r.IntN(len(live))
		uses = n.ring(nodes[i], uses)
		begin := time.Now()
		n.Remove(live[i])
		live[i] = n.Add(nicRate, uses)
		n.Resolve()
		if len(took) < cap(took) {
			took = append(took, time.Since(begin))
		}
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2])/1e3, "µs-p50")
	b.ReportMetric(float64(took[len(took)*99/100])/1e3, "µs-p99")
}
