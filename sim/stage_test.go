package sim

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// BenchmarkDigest hashes the events of jobs that wait and run on four parts.
func BenchmarkDigest(b *testing.B) {
	var batch state.Batch
	for i := range uint64(64) {
		first := int32(len(batch.Parts))
		for p := range int32(4) {
			batch.Parts = append(batch.Parts, state.Part{Node: 4*int32(i) + p, Mask: 255, Milli: cluster.Whole})
		}
		for _, k := range []state.EventKind{state.EvArrive, state.EvQueue, state.EvWaited, state.EvStart, state.EvEnd} {
			batch.Events = append(batch.Events, state.Event{Kind: k, Time: state.Time(i), Number: i, Z: i * i, Node: first, B: 4})
		}
	}
	d := newDigest()
	for b.Loop() {
		d.observe(batch.Events, batch.Parts, &state.Nodes{})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(64*b.N), "ns/job")
}

// BenchmarkCauses charges a job for its wait: the clocks are read when it joins and when it leaves, and the level of free
// GPUs changes in between and when it ends.
func BenchmarkCauses(b *testing.B) {
	l := level{podGPUs: 1, spent: make([][numFits]int64, 2050)}
	c := causes{levels: []level{l}, parts: []partCauses{{fit: fitChoice}}}
	now, sum := state.Time(0), int64(0)
	for b.Loop() {
		for range 2 {
			l := &c.levels[0]
			c.settle(l, now)
			l.value = int32(now*7919) & 2047
			x, y, z := l.below(int32(now)&31, now, fitChoice)
			sum += x + y + z
			now++
		}
	}
	if sum < 0 {
		b.Fatal("time ran back")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/job")
}
