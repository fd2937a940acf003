package preempt

import (
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Find returns those of candidates, which come in the order in which they are to yield, who must yield so that fits holds on c,
// in that order, or nothing where all of them do not suffice. c is as before afterwards. fits must leave c as it finds it.
//
// First each candidate gives up what it holds until fits holds; then, from the last but one back to the first, each gets it back
// unless fits would not hold then.
func Find(v *state.View, c *cluster.Cluster, candidates []int32, fits func() bool) []int32 {
	n := 0
	for n < len(candidates) {
		release(v, c, candidates[n])
		if n++; fits() {
			return giveBack(v, c, candidates[:n], fits)
		}
	}
	for _, job := range candidates {
		retake(v, c, job)
	}
	return nil
}

// giveBack drops from taken, which have given up what they hold, those who are not needed, and gives all of it back.
func giveBack(v *state.View, c *cluster.Cluster, taken []int32, fits func() bool) []int32 {
	needed := []int32{taken[len(taken)-1]} // the last first; without it fits did not hold
	for i := len(taken) - 2; i >= 0; i-- {
		if retake(v, c, taken[i]); !fits() {
			release(v, c, taken[i])
			needed = append(needed, taken[i])
		}
	}
	for i, k := 0, len(needed)-1; i < k; i, k = i+1, k-1 {
		needed[i], needed[k] = needed[k], needed[i]
	}
	for _, job := range needed {
		retake(v, c, job)
	}
	return needed
}

func release(v *state.View, c *cluster.Cluster, job int32) {
	for k := v.Jobs.Row[job].AllocHead; k >= 0; k = v.Allocs.Next[k] {
		c.Release(&v.Allocs.Parts[k])
	}
}

func retake(v *state.View, c *cluster.Cluster, job int32) {
	for k := v.Jobs.Row[job].AllocHead; k >= 0; k = v.Allocs.Next[k] {
		c.Retake(&v.Allocs.Parts[k])
	}
}
