package policytest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// Form is what the jobs of a drawn world ask for.
type Form uint8

// The forms.
const (
	FormAnyGPUs Form = iota // whole GPUs of any type, split as placement likes
	FormPods                // one role: any GPUs, or pods with GPUs, shares, CPU, memory, types
	FormGangs               // one to three such roles
)

// DrawWorld draws a small crowded world: ties in time, lengths of zero, wrong estimates, a few users.
func DrawWorld(t *rapid.T, form Form) World {
	w := World{Name: "drawn", Types: []string{"A", "B"}, Seed: uint64(rapid.IntRange(0, 3).Draw(t, "seed"))}
	for i := range rapid.IntRange(1, 4).Draw(t, "nodes") {
		n := cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: rapid.SampledFrom([]uint32{1, 2, 4, 8}).Draw(t, "node_gpus")}
		if form != FormAnyGPUs {
			n.Type = uint32(rapid.IntRange(0, 1).Draw(t, "type"))
			n.CPUMilli = uint32(rapid.IntRange(0, 8).Draw(t, "cpus")) * 1000
			n.MemMiB = uint32(rapid.IntRange(0, 6).Draw(t, "mem"))
		}
		w.Nodes = append(w.Nodes, n)
	}
	w.Recoveries = drawRecoveries(t)
	now := int64(0)
	for range rapid.IntRange(1, 24).Draw(t, "jobs") {
		now += rapid.SampledFrom([]int64{0, 0, 0, 1, 1, 3}).Draw(t, "gap_s")
		j := JobOf(now, rapid.Int64Range(0, 12).Draw(t, "length_s"), drawRole(t, form))
		for form == FormGangs && len(j.Roles) < 3 && rapid.Bool().Draw(t, "another_role") {
			j.Roles = append(j.Roles, drawRole(t, form))
		}
		if e := rapid.Int64Range(-1, 20).Draw(t, "estimate_s"); e >= 0 {
			j.Estimate = state.Time(e) * state.Second
		}
		j.User = int32(rapid.IntRange(-1, 2).Draw(t, "user"))
		j.Priority = int32(rapid.IntRange(0, 2).Draw(t, "priority"))
		if n := len(w.Recoveries); n > 0 {
			j.Recovery = uint8(rapid.IntRange(0, n-1).Draw(t, "recovery"))
		}
		j.X[0] = rapid.Int64Range(-2, 12).Draw(t, "prediction_s") * 1_000_000
		if rapid.IntRange(0, 3).Draw(t, "recorded") == 0 {
			j.RecStart = j.Submit + state.Time(rapid.IntRange(0, 9).Draw(t, "recorded_wait_s"))*state.Second
		}
		w.Jobs = append(w.Jobs, j)
	}
	return w
}

// drawDomains puts a tree of two tiers over a world's nodes and has jobs ask for a place within a level.
func drawDomains(t *rapid.T, w *World) {
	leaves, pods := rapid.IntRange(1, 3).Draw(t, "leaves"), rapid.IntRange(1, 2).Draw(t, "pods")
	w.Topology, w.Leaf = simtest.Tree(leaves, pods), nil
	for range w.Nodes {
		w.Leaf = append(w.Leaf, int32(rapid.IntRange(-1, leaves-1).Draw(t, "leaf")))
	}
	for i := range w.Jobs {
		for r := range w.Jobs[i].Roles {
			w.Jobs[i].Roles[r].Within = uint8(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "within"))
			w.Jobs[i].Roles[r].Prefer = uint8(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "prefer"))
		}
	}
}

// drawRecoveries draws what evictions cost.
func drawRecoveries(t *rapid.T) (out []state.Recovery) {
	some := func(name string) state.Time {
		return state.Time(rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, name)) * state.Second
	}
	for range rapid.IntRange(0, 2).Draw(t, "recoveries") {
		out = append(out, state.Recovery{Every: some("every"), Write: some("write"), Restore: some("restore"), Grace: some("grace"),
			Protect: some("protect"), Backoff: some("backoff"), Notice: rapid.Bool().Draw(t, "notice"),
			Requeue: state.Requeue(rapid.IntRange(0, 2).Draw(t, "requeue"))})
	}
	return out
}

func drawRole(t *rapid.T, form Form) state.RoleSpec {
	gpus := rapid.SampledFrom([]int32{1, 1, 2, 3, 4, 6, 8, 12}).Draw(t, "gpus")
	if form == FormAnyGPUs {
		return AnyGPUs(gpus)
	}
	var r state.RoleSpec
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		r = AnyGPUs(gpus)
	case 1:
		r = Pods(int32(rapid.IntRange(1, 3).Draw(t, "replicas")), min(gpus, 4), 0, 0)
	case 2:
		r = Shares(int32(rapid.IntRange(1, 3).Draw(t, "replicas")), rapid.SampledFrom([]int32{100, 250, 300, 500, 700, 999}).Draw(t, "milli"))
	case 3:
		r = Pods(int32(rapid.IntRange(1, 3).Draw(t, "replicas")), 0, int64(rapid.IntRange(1, 4).Draw(t, "cpu"))*500, 0)
	}
	if rapid.Bool().Draw(t, "with_cpu") {
		r.CPUMilli += rapid.SampledFrom([]int64{300, 1000, 1500}).Draw(t, "more_cpu")
		r.MemMiB = int64(rapid.IntRange(0, 2).Draw(t, "mem"))
	}
	if r.PodGPUs > 0 {
		r.TypeMask = uint64(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "type_mask"))
	}
	return r
}
