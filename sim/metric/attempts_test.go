package metric_test

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/state"
)

// preempting is two jobs on a node of 4 GPUs that take it from each other, by hand:
//
//	a  4 GPUs  0-100 (10 s of writing checkpoints, 20 s lost) preempted for b
//	b  4 GPUs  100-130 preempted for a (10 s of grace)
//	a  4 GPUs  130-200 (5 s of restoring) ends
//	b  2 GPUs of 1/2 each never again
func preempting() *script.Stream {
	t := script.New()
	t.Node("n", "A", 4)
	a := t.Arrive(script.Job{Name: "a", Replicas: 1, PodGPUs: 4})
	t.Start(a, 0, script.Part(0, 15, 1000))
	t.At(50 * s)
	b := t.Arrive(script.Job{Name: "b", Replicas: 1, PodGPUs: 4, Milli: 500})
	evict := func(job, by int32, kind state.PreemptKind, overhead, lost, idle state.Time) {
		t.Emit(state.Event{Kind: state.EvCost, Job: job, Number: uint64(job), X: int64(overhead), Y: int64(lost), Z: uint64(idle)})
		t.Evict(job, state.ReasonPreempted, lost)
		for i := range t.Batch.Events {
			if ev := &t.Batch.Events[i]; ev.Kind == state.EvEvict && ev.Job == job {
				ev.Outcome, ev.Z = state.Outcome(kind), uint64(by)+1
			}
		}
	}
	t.At(100 * s)
	evict(a, b, state.PreemptPriority, 10*s, 20*s, 0)
	t.Start(b, state.CauseCapacity, script.Part(0, 15, 500))
	t.At(130 * s)
	evict(b, a, state.PreemptReclaim, 0, 0, 10*s)
	t.Start(a, state.CauseCapacity, script.Part(0, 15, 1000))
	t.At(200 * s)
	t.Emit(state.Event{Kind: state.EvCost, Job: a, Number: uint64(a), X: int64(5 * s)})
	t.End(a, state.Finished, state.ReasonRecorded)
	t.Stop()
	return t
}

func TestAttemptTimeByHand(t *testing.T) {
	for _, batch := range []int{1, 1 << 20} {
		r := collect(preempting(), batch, metric.Config{})
		for _, c := range []struct {
			what string
			got  state.Wide
			want float64 // GPU s
		}{{"work", r.Attempts.Work, 4*70 + 2*20 + 4*65}, {"lost", r.Attempts.Lost, 4 * 20}, {"overhead", r.Attempts.Overhead, 4*10 + 4*5},
			{"idle", r.Attempts.Idle, 2 * 10}} {
			if got := c.got.Float(1000 * int64(s)); got != c.want {
				t.Errorf("%s is %v GPU s (want %v)", c.what, got, c.want)
			}
		}
		if r.Preempted[state.PreemptPriority] != 1 || r.Preempted[state.PreemptReclaim] != 1 || r.PingPong != 1 || r.Preemptions != 2 {
			t.Errorf("preempted %v, ping-pong %d, in all %d", r.Preempted, r.PingPong, r.Preemptions)
		}
	}
}

// Two GPUs for 100 s: at half speed by their placement, from 40 s on at a quarter beside others, standing still from 60 to 70 s, and
// at half again; another job meets others only, for 10 of its 30 s; a third is faster than recorded.
func TestPaceByHand(t *testing.T) {
	const one = uint64(1) << 32
	w := script.New()
	w.Node("n", "A", 8)
	rate := func(job int32, z uint64, flags uint8) {
		w.Emit(state.Event{Kind: state.EvRate, Job: job, Number: uint64(job), Z: z, Flags: flags})
	}
	var jobs [3]int32
	for i := range jobs {
		jobs[i] = w.Arrive(script.Job{Name: "j", Replicas: 1, PodGPUs: 2})
		w.Start(jobs[i], 0, script.Part(0, 3<<(2*i), 1000))
		if i == 0 {
			rate(jobs[0], one/2, state.FlagFirst)
		}
		if i == 2 {
			rate(jobs[2], 2*one, state.FlagFirst)
		}
	}
	w.At(10 * s)
	rate(jobs[1], one/2, 0)
	w.At(20 * s)
	rate(jobs[1], one, 0)
	w.End(jobs[2], state.Finished, state.ReasonRecorded)
	w.At(30 * s)
	w.End(jobs[1], state.Finished, state.ReasonRecorded)
	w.At(40 * s)
	rate(jobs[0], one/4, 0)
	w.At(60 * s)
	rate(jobs[0], 0, 0)
	w.At(70 * s)
	rate(jobs[0], one/2, 0)
	w.At(100 * s)
	w.End(jobs[0], state.Finished, state.ReasonRecorded)
	w.Stop()
	for _, batch := range []int{1, 1 << 20} {
		r := collect(w, batch, metric.Config{})
		placement, contention := r.Attempts.Placement.Float(1000*int64(s)), r.Attempts.Contention.Float(1000*int64(s))
		if want := 2*(90*.5) - 2*20.; placement != want {
			t.Errorf("placement took %v GPU s, want %v", placement, want)
		}
		if want := 2*(20*.25) + 2*(10*.5); contention != want {
			t.Errorf("contention took %v GPU s, want %v", contention, want)
		}
	}
}
