package metric_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

// twoNodes is worked out by hand: two nodes of 4 GPUs.
//
//	a  4 GPUs  submit 0  start 0   end 100  finished
//	b  8 GPUs  submit 10 start 100 end 150  failed; waits 90 for capacity
//	c  2 GPUs  submit 20 start 150, preempted at 160 (10 s lost), starts again at 170, ends 200
//	d  1/2 GPU submit 30 never starts, cancelled at 40 after 10 s
//	e  3 GPUs  submit 190, start 195, still running at 210
func twoNodes() *script.Stream {
	t := script.New()
	t.Node("n0", "A", 4)
	t.Node("n1", "B", 4)
	a := t.Arrive(script.Job{Name: "a", Queue: "q1", User: "u", Replicas: 1, PodGPUs: 4})
	t.Start(a, 0, script.Part(0, 15, 1000))
	t.At(10 * s)
	b := t.Arrive(script.Job{Name: "b", Queue: "q2", User: "u", Replicas: 2, PodGPUs: 4})
	t.At(20 * s)
	c := t.Arrive(script.Job{Name: "c", Queue: "q1", Replicas: 1, PodGPUs: 2})
	t.At(30 * s)
	d := t.Arrive(script.Job{Name: "d", Replicas: 1, PodGPUs: 1, Milli: 500})
	t.At(40 * s)
	t.End(d, state.Cancelled, state.ReasonGaveUp)
	t.At(100 * s)
	t.End(a, state.Finished, state.ReasonRecorded)
	t.Start(b, state.CauseCapacity, script.Part(0, 15, 1000), script.Part(1, 15, 1000))
	t.At(150 * s)
	t.End(b, state.Failed, state.ReasonRecorded)
	t.Start(c, state.CauseOrder, script.Part(1, 3, 1000))
	t.At(160 * s)
	t.Evict(c, state.ReasonPreempted, 10*s)
	t.At(170 * s)
	t.Start(c, state.CauseChoice, script.Part(1, 3, 1000))
	t.At(190 * s)
	e := t.Arrive(script.Job{Name: "e", Queue: "q2", Replicas: 3, PodGPUs: 1})
	t.At(195 * s)
	t.Start(e, state.CauseChoice, script.Part(0, 7, 1000))
	t.At(200 * s)
	t.End(c, state.Finished, state.ReasonRecorded)
	t.At(210 * s)
	t.Stop()
	return t
}

func collect(t *script.Stream, batch int, cfg metric.Config) *metric.Result {
	c := metric.New(cfg)
	t.Deliver(batch, c)
	return c.Result()
}

func TestFiguresByHand(t *testing.T) {
	for _, batch := range []int{1, 7, 1 << 20} {
		r := collect(twoNodes(), batch, metric.Config{})
		want := metric.Counts{Submitted: 5, Finished: 2, Failed: 1, Cancelled: 1, Unfinished: 1, Started: 4, Ended: 3}
		if d := cmp.Diff(want, r.Jobs); d != "" {
			t.Errorf("counts (-want +got):\n%s", d)
		}
		num := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > 1e-12*math.Abs(want) {
				t.Errorf("batches of %d: %s is %v (want %v)", batch, what, got, want)
			}
		}
		// waits: a 0, b 90, c 130, e 5
		num("mean wait", r.Wait.Mean, 225.0/4)
		num("median wait", r.Wait.P50, (5.0+90)/2)
		num("p99 wait", r.Wait.P99, 90+0.97*40)
		num("max wait", r.Wait.Max, 130)
		// JCT: a 100, b 140, c 180; run of c without the lost work: 10 + 30 - 10
		num("mean JCT", r.JCT.Mean, 140)
		num("JCT of failed jobs", r.JCTBy[state.Failed].P50, 140)
		num("mean slowdown", r.Slowdown.Mean, (1+140.0/50+180.0/30)/3)
		num("makespan", float64(r.Makespan), float64(200*s))
		num("queued", r.Queued.Float(int64(s)), 90+130+10+10+5)
		num("GPU time", r.GPU.Allocated.Float(1000*int64(s)), 4*100+8*50+2*10+2*30+3*15)
		num("allocation", r.GPU.Allocation(), 925.0/(8*210))
		num("type B", r.Types[1].Allocated.Float(1000*int64(s)), 4*50+2*10+2*30)
		num("lost work", r.LostWork.Float(int64(s)), 20)
		if r.Preemptions != 1 {
			t.Errorf("%d preemptions (want 1)", r.Preemptions)
		}
		var sum state.Wide
		for _, c := range r.Causes {
			sum.AddWide(c)
		}
		if sum != r.Queued {
			t.Errorf("causes sum to %v ns, queued time is %v ns", sum, r.Queued)
		}
		byQueue := map[string]float64{}
		for _, q := range r.Queues {
			byQueue[q.Name] = q.Allocated.Float(1000 * int64(s))
		}
		if d := cmp.Diff(map[string]float64{"": 0, "q1": 480, "q2": 445}, byQueue); d != "" {
			t.Errorf("GPU time by queue (-want +got):\n%s", d)
		}
	}
}

func TestWarmupLeavesJobsAndTimeOut(t *testing.T) {
	r := collect(twoNodes(), 5, metric.Config{Warmup: 15 * s})
	want := metric.Counts{Submitted: 3, Finished: 1, Cancelled: 1, Unfinished: 1, Started: 2, Ended: 1, Excluded: 2}
	if d := cmp.Diff(want, r.Jobs); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if got := r.Makespan; got != 180*s {
		t.Errorf("makespan %d (want 180 s, from c's submission to its end)", got)
	}
	if got := r.GPU.Allocated.Float(1000 * int64(s)); got != 925-4*15 {
		t.Errorf("allocated GPU time is %v (want %v)", got, 925-4*15)
	}
	if got := r.GPU.Healthy.Float(1000 * int64(s)); got != 8*195 {
		t.Errorf("healthy GPU time is %v (want %v)", got, 8*195)
	}
	if got := r.Queued.Float(int64(s)); got != 130+10+10+5 {
		t.Errorf("queued time is %v (want 155)", got)
	}
}

func TestNoJobs(t *testing.T) {
	st := script.New()
	st.Node("n", "A", 8)
	st.At(s)
	st.Stop()
	r := collect(st, 1, metric.Config{})
	if !math.IsNaN(r.Wait.Mean) || !math.IsNaN(r.JCT.P99) || r.Makespan != -1 || r.GPU.Allocation() != 0 {
		t.Errorf("figures of an empty run: wait %v, jct %v, makespan %d, allocation %v (want NaN, NaN, -1, 0)",
			r.Wait.Mean, r.JCT.P99, r.Makespan, r.GPU.Allocation())
	}
}

func TestDownNodesAreNotHealthy(t *testing.T) {
	st := script.New()
	n := st.Node("n", "A", 4)
	st.At(10 * s)
	st.Flags(state.EvNodeFlags, n, state.NodeUp|state.NodeCordoned)
	st.At(20 * s)
	st.Flags(state.EvNodeDown, n, 0)
	st.At(50 * s)
	st.Flags(state.EvNodeUp, n, state.NodeUp)
	st.At(60 * s)
	st.Stop()
	r := collect(st, 1, metric.Config{})
	if h, all := r.GPU.Healthy.Float(1000*int64(s)), r.GPU.Total.Float(1000*int64(s)); h != 4*30 || all != 4*60 {
		t.Errorf("healthy %v and total %v GPU s (want 120 and 240)", h, all)
	}
}

// Two nodes with 2 of 4 GPUs free each: a pod of 4 would fit by number, but not as a pod.
func TestFragmentation(t *testing.T) {
	st := script.New()
	st.Node("n0", "A", 4)
	st.Node("n1", "A", 4)
	a := st.Arrive(script.Job{Name: "a", Replicas: 2, PodGPUs: 2})
	st.Start(a, 0, script.Part(0, 3, 1000), script.Part(1, 3, 1000))
	st.At(10 * s)
	big := st.Arrive(script.Job{Name: "big", Replicas: 1, PodGPUs: 4}) // fragmented from 10 on: 4 free, no pod
	st.At(20 * s)
	small := st.Arrive(script.Job{Name: "small", Replicas: 1, PodGPUs: 1})
	st.Start(small, 0, script.Part(0, 4, 1000)) // 3 free: too few from now on
	st.At(50 * s)
	st.End(small, state.Finished, 0) // 4 free again
	st.At(60 * s)
	st.Flags(state.EvNodeFlags, 1, state.NodeUp|state.NodeDraining) // 2 free on open nodes
	st.At(65 * s)
	st.Flags(state.EvNodeFlags, 1, state.NodeUp)
	st.At(70 * s)
	st.End(a, state.Finished, 0)
	st.Start(big, state.CauseFragmented, script.Part(0, 15, 1000))
	half := st.Arrive(script.Job{Name: "half", Replicas: 9, PodGPUs: 1, Milli: 500})
	tell := func(c state.Cause) {
		st.Emit(state.Event{Kind: state.EvShapeTest, Job: -1, B: st.Batch.Jobs.Row[half].Shape, Cause: uint8(c)})
	}
	tell(state.CauseFragmented) // 4 free from 70 on
	st.At(75 * s)
	tell(state.CauseCapacity)
	st.At(78 * s)
	tell(state.CauseFragmented)
	st.At(80 * s)
	st.End(half, state.Cancelled, state.ReasonGaveUp) // nobody waits, whatever the test says
	st.At(90 * s)
	st.Stop()
	r := collect(st, 3, metric.Config{})
	if got := r.Fragmented.Float(1000 * int64(s)); got != 4*10+4*10+4*5+4*7 {
		t.Errorf("fragmented GPU time is %v s (want 128)", got)
	}
}

func TestForkContinues(t *testing.T) {
	st := twoNodes()
	whole, parent := metric.New(metric.Config{}), metric.New(metric.Config{})
	st.Deliver(1<<20, whole)
	all := st.Batch.Events
	for cut := 0; cut < len(all); cut++ {
		if cut > 0 && all[cut].Time == all[cut-1].Time {
			continue
		}
		parent = metric.New(metric.Config{})
		st.Batch.Events = all[:cut]
		st.Deliver(1<<20, parent)
		fork := parent.CloneListener().(*metric.Collector)
		st.Batch.Events = all[cut:]
		st.Deliver(2, fork)
		if d := cmp.Diff(whole.Result(), fork.Result(), cmp.AllowUnexported(state.Wide{}), cmpopts.EquateNaNs()); d != "" {
			t.Fatalf("a fork at event %d differs (-whole +fork):\n%s", cut, d)
		}
		st.Deliver(3, parent) // the fork must not have disturbed it
		if d := cmp.Diff(whole.Result(), parent.Result(), cmp.AllowUnexported(state.Wide{}), cmpopts.EquateNaNs()); d != "" {
			t.Fatalf("the parent of a fork at event %d differs (-whole +parent):\n%s", cut, d)
		}
	}
}
