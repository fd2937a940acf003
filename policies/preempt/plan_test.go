package preempt

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// running is a cluster on which jobs run, and the view that tells of it.
func running(t *rapid.T) (*state.View, *cluster.Cluster) {
	c := cluster.New()
	for i := range rapid.IntRange(1, 4).Draw(t, "nodes") {
		if _, err := c.Add(cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: rapid.SampledFrom([]uint32{1, 2, 4, 8}).Draw(t, "gpus")}, 0); err != nil {
			t.Fatal(err)
		}
	}
	v := &state.View{Jobs: &state.Jobs{}, Allocs: &state.Allocs{Free: -1}, Capacity: c}
	for n := range rapid.IntRange(1, 8).Draw(t, "jobs") {
		var log []state.Part
		if !c.PlaceLowest(&log, 0, []state.RoleSpec{role(t)}) {
			continue
		}
		c.Adopt(len(log))
		head := int32(-1)
		for _, p := range log {
			v.Allocs.Parts, v.Allocs.Next = append(v.Allocs.Parts, p), append(v.Allocs.Next, head)
			head = int32(len(v.Allocs.Parts) - 1)
		}
		v.Jobs.Row = append(v.Jobs.Row, state.Job{Number: uint64(n), State: state.JobRunning, AllocHead: head})
	}
	if rapid.Bool().Draw(t, "closed") { // a node that takes nothing new: what runs there is no help
		c.SetFlags(0, state.NodeUp|state.NodeCordoned)
	}
	return v, c
}

func role(t *rapid.T) state.RoleSpec {
	r := state.RoleSpec{Replicas: int32(rapid.IntRange(1, 3).Draw(t, "replicas")), PodGPUs: int32(rapid.IntRange(1, 4).Draw(t, "pod_gpus")), GPUMilli: 1000}
	if rapid.IntRange(0, 3).Draw(t, "share") == 0 {
		r.PodGPUs, r.GPUMilli = 1, int32(rapid.IntRange(1, 9).Draw(t, "milli"))*100
	}
	return r
}

// picture is everything of a cluster that placements look at.
func picture(c *cluster.Cluster) string {
	n := c.Nodes()
	return fmt.Sprint(n.FreeMask, n.GPUsFree, n.MilliFree, n.MilliMax, n.Pods, c.Free(0, 0), c.Outstanding())
}

// Those who are found suffice, none of them can be spared, nobody who comes later in the order is taken where those before suffice
// without, and the cluster is as it was.
func TestFindTakesNoMoreThanNeeded(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		v, c := running(t)
		candidates := rapid.Permutation(slots(v)).Draw(t, "candidates")
		roles := []state.RoleSpec{role(t)}
		fits := func() bool {
			var log []state.Part
			ok := c.PlaceLowest(&log, 0, roles)
			c.Undo(&log, 0)
			return ok
		}
		without := func(jobs []int32) bool {
			for _, j := range jobs {
				release(v, c, j)
			}
			ok := fits()
			for _, j := range jobs {
				retake(v, c, j)
			}
			return ok
		}
		if fits() {
			return
		}
		before := picture(c)
		victims := Find(v, c, slices.Clone(candidates), fits)
		if after := picture(c); after != before {
			t.Fatalf("the cluster is %s, was %s", after, before)
		}
		if victims == nil {
			if without(candidates) {
				t.Fatal("nobody is found, though all together suffice")
			}
			return
		}
		found++
		if !without(victims) {
			t.Fatalf("%v do not suffice", victims)
		}
		at := -1
		for i, job := range victims {
			k := slices.Index(candidates, job)
			if k <= at {
				t.Fatalf("victims %v are not in the order of %v", victims, candidates)
			}
			at = k
			if without(slices.Delete(slices.Clone(victims), i, i+1)) {
				t.Fatalf("job %d of %v is not needed", job, victims)
			}
		}
		if without(candidates[:at]) {
			t.Fatalf("the candidates before %d suffice", candidates[at])
		}
	})
	if found == 0 {
		t.Error("no plan was ever found")
	}
}

func slots(v *state.View) []int32 {
	var out []int32
	for i := range v.Jobs.Row {
		out = append(out, int32(i))
	}
	return out
}
