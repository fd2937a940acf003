package metric_test

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/state"
)

// busy is a stream in steady state: a job arrives, waits and starts on one of 256 nodes, and the job before it ends.
func busy(jobs int, pods int32) *script.Stream {
	st := script.New()
	for range 256 {
		st.Node("n", "A", 8)
	}
	queues := []string{"a", "b", "c", "d"}
	users := []string{"u", "v", "w", "x", "y"}
	var running []int32
	for i := range jobs {
		st.At(state.Time(i) * 3 * s)
		j := st.Arrive(script.Job{Name: "j", Queue: queues[i%4], User: users[i%5], Replicas: 4 / pods, PodGPUs: pods})
		st.At(state.Time(i)*3*s + s)
		if len(running) == 200 {
			st.End(running[0], state.Finished, state.ReasonRecorded)
			running = running[1:]
		}
		st.Start(j, state.CauseCapacity, script.Part(int32(i%256), 15, 1000))
		running = append(running, j)
	}
	st.Stop()
	return st
}

func benchmark(b *testing.B, st *script.Stream, fresh func() state.Listener) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		st.Deliver(512, fresh())
		n += len(st.Batch.Events)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
}

func BenchmarkCollector(b *testing.B) {
	for name, pods := range map[string]int32{"split": 1, "pods": 4} {
		st := busy(50_000, pods)
		b.Run(name, func(b *testing.B) {
			benchmark(b, st, func() state.Listener { return metric.New(metric.Config{}) })
		})
	}
}

func BenchmarkOverTime(b *testing.B) {
	st := busy(50_000, 1)
	benchmark(b, st, func() state.Listener { return metric.NewOverTime(metric.OverTimeConfig{}) })
}

func BenchmarkResult(b *testing.B) {
	st := busy(100_000, 1)
	c := metric.New(metric.Config{})
	st.Deliver(512, c)
	for b.Loop() {
		c.Result()
	}
}

// In steady state nothing is allocated an event: what grows with jobs are the samples, three chunks in 4,096 jobs.
func TestNoAllocationPerEvent(t *testing.T) {
	st := busy(30_000, 4)
	c, o := metric.New(metric.Config{}), metric.NewOverTime(metric.OverTimeConfig{Points: 64})
	all := st.Batch.Events
	next := func() { // the next third of the stream
		to := min(len(all), 20_000)
		for to < len(all) && all[to].Time == all[to-1].Time {
			to++
		}
		st.Batch.Events = all[:to]
		all = all[to:]
		st.Deliver(512, c, o)
	}
	if got := testing.AllocsPerRun(1, next); got > 100 {
		t.Errorf("%v allocations for 20,000 events", got)
	}
}
