package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

// good is a stream in which everything that has an invariant happens: a wait, fractions, a dependency, an eviction by a
// failing node, a job that is dropped, one that never fits, one that ends with the run.
func good() *script.Stream {
	t := script.New()
	t.Node("n0", "A", 4)
	t.Node("n1", "A", 4)
	a := t.Arrive(script.Job{Name: "a", Replicas: 2, PodGPUs: 4}) // job 0
	t.Start(a, 0, script.Part(0, 15, 1000), script.Part(1, 15, 1000))
	t.At(10 * s)
	b := t.Arrive(script.Job{Name: "b", Replicas: 1, PodGPUs: 1, Milli: 400}) // job 1
	c := t.Arrive(script.Job{Name: "c", Replicas: 1, PodGPUs: 1, Milli: 600}) // job 2
	h := t.Arrive(script.Job{Name: "h", Replicas: 1, PodGPUs: 2, Held: true}) // job 3
	t.At(20 * s)
	t.End(a, state.Finished, state.ReasonRecorded)
	t.Start(b, state.CauseCapacity, script.Part(0, 1, 400))
	t.Start(c, state.CauseCapacity, script.Part(0, 1, 600))
	t.Queue(h)
	t.Start(h, state.CauseHeld, script.Part(1, 6, 1000))
	t.At(25 * s)
	t.Flags(state.EvNodeDown, 1, 0)
	t.Evict(h, state.ReasonNodeLost, 5*s)
	t.At(30 * s)
	t.Start(h, state.CauseFragmented, script.Part(0, 6, 1000))
	d := t.Arrive(script.Job{Name: "d", Replicas: 1, PodGPUs: 4}) // job 4
	t.At(32 * s)
	t.End(d, state.Dropped, state.ReasonNoFit)
	t.End(b, state.Failed, state.ReasonRecorded)
	t.At(33 * s)
	t.Flags(state.EvNodeUp, 1, state.NodeUp)
	t.Arrive(script.Job{Name: "e", Replicas: 3, PodGPUs: 4}) // job 5
	t.At(40 * s)
	t.Stop()
	return t
}

func run(st *script.Stream, batch int) *check.Checker {
	c := check.New()
	st.Deliver(batch, c)
	return c
}

func TestAGoodStreamHasNoViolation(t *testing.T) {
	for _, batch := range []int{1, 3, 1 << 20} {
		if err := run(good(), batch).Done(); err != nil {
			t.Errorf("batches of %d:\n%v", batch, err)
		}
	}
}

func TestARunningInitialJobIsNoViolation(t *testing.T) {
	st := script.New()
	st.Node("n", "A", 4)
	j := st.Arrive(script.Job{Name: "old", Replicas: 1, PodGPUs: 4, Early: true, Submit: -30 * s})
	st.Start(j, state.CauseHeld, script.Part(0, 15, 1000))
	st.At(5 * s)
	st.End(j, state.Finished, 0)
	st.Stop()
	for i := range st.Batch.Events { // it has run since -20: waited 10, ran 25
		switch ev := &st.Batch.Events[i]; ev.Kind {
		case state.EvWaited:
			ev.X = int64(10 * s)
		case state.EvStart:
			ev.X, ev.Y = int64(10*s), int64(-20*s)
		case state.EvEnd:
			ev.X, ev.Y, ev.Z = int64(-20*s), int64(10*s), uint64(25*s)
		}
	}
	if err := run(st, 1).Done(); err != nil {
		t.Error(err)
	}
}

// index of the n-th event (from 0) of a kind for a job.
func find(st *script.Stream, kind state.EventKind, job int32, n int) int {
	for i := range st.Batch.Events {
		if ev := &st.Batch.Events[i]; ev.Kind == kind && ev.Job == job {
			if n--; n < 0 {
				return i
			}
		}
	}
	panic("no such event")
}

func drop(st *script.Stream, i int) { st.Batch.Events = slices.Delete(st.Batch.Events, i, i+1) }

func TestEveryBrokenStreamIsFound(t *testing.T) {
	at := func(st *script.Stream, kind state.EventKind, job int32, n int) *state.Event {
		return &st.Batch.Events[find(st, kind, job, n)]
	}
	both := func(st *script.Stream, job int32, n int, f func(p *state.Part)) { // in the n-th start and where it is given back
		back := state.EvEnd
		if job == 3 && n == 0 {
			back = state.EvEvict
		}
		f(&st.Batch.PartsOf(at(st, state.EvStart, job, n))[0])
		f(&st.Batch.PartsOf(at(st, back, job, 0))[0])
	}
	tests := []struct {
		name, invariant, says string
		job                   int64 // that the violation names; -2: any
		mend                  func(st *script.Stream)
	}{
		{"time runs back", "time", "after one at 20 s", -2, func(st *script.Stream) { at(st, state.EvStart, 2, 0).Time = 19 * s }},
		{"event after the stop", "time", "after the stop", -2, func(st *script.Stream) { st.Emit(state.Event{Kind: state.EvTimer, Job: -1}) }},
		{"no stop", "life", "without a stop", -2, func(st *script.Stream) { drop(st, len(st.Batch.Events)-1) }},
		{"number skipped", "number", "the next is 4", -2, func(st *script.Stream) {
			for i := range st.Batch.Events {
				if ev := &st.Batch.Events[i]; ev.Number == 4 {
					ev.Number = 9
				}
			}
		}},
		{"job arrives twice", "number", "the next is 1", -2, func(st *script.Stream) {
			i := find(st, state.EvArrive, 0, 0)
			st.Batch.Events = slices.Insert(st.Batch.Events, i+1, st.Batch.Events[i])
		}},
		{"slot taken", "life", "while it is running", 0, func(st *script.Stream) { at(st, state.EvArrive, 1, 0).Job = 0 }},
		{"stale generation", "number", "generation 7", 2, func(st *script.Stream) { at(st, state.EvStart, 2, 0).Gen = 7 }},
		{"never arrived", "number", "no job has arrived", -2, func(st *script.Stream) { drop(st, find(st, state.EvArrive, 5, 0)) }},
		{"start of a held job", "life", "starts while it is held", 3, func(st *script.Stream) { drop(st, find(st, state.EvQueue, 3, 0)) }},
		{"lost job", "life", "still running when the run stopped", 2, func(st *script.Stream) { drop(st, find(st, state.EvEnd, 2, 0)) }},
		{"ends twice", "life", "ends while it is ended", 1, func(st *script.Stream) {
			i := find(st, state.EvEnd, 1, 0)
			st.Batch.Events = slices.Insert(st.Batch.Events, i+1, st.Batch.Events[i])
		}},
		{"finished without a start", "life", "it ends as 0", 4, func(st *script.Stream) { at(st, state.EvEnd, 4, 0).Outcome = state.Finished }},
		{"evicted while it waits", "life", "evicted while it is queued", 5, func(st *script.Stream) {
			ev := *at(st, state.EvQueue, 5, 0)
			ev.Kind, ev.X = state.EvEvict, 0
			st.Batch.Events = slices.Insert(st.Batch.Events, find(st, state.EvQueue, 5, 0)+1, ev)
		}},
		{"device given twice", "device", "device 0 of node 0 is given twice: 1100 thousandths", 2, func(st *script.Stream) {
			both(st, 2, 0, func(p *state.Part) { p.Milli = 700 })
		}},
		{"device that is not there", "device", "device 6 of node 1, which has 4", 3, func(st *script.Stream) {
			both(st, 3, 0, func(p *state.Part) { p.Mask = 1<<6 | 2 })
		}},
		{"closed node", "device", "not open", 3, func(st *script.Stream) {
			both(st, 3, 1, func(p *state.Part) { p.Node = 1 })
		}},
		{"too many CPUs", "device", "gives 70000 thousandths of a CPU", 1, func(st *script.Stream) {
			both(st, 1, 0, func(p *state.Part) { p.CPU = 70_000 })
		}},
		{"gives back what it does not hold", "device", "which it does not hold", 2, func(st *script.Stream) {
			st.Batch.PartsOf(at(st, state.EvEnd, 2, 0))[0].Mask = 2
		}},
		{"gang too small", "gang", "its parts have 1 GPUs (it asked for 2)", 3, func(st *script.Stream) {
			both(st, 3, 0, func(p *state.Part) { p.Mask = 2 })
		}},
		{"part missing", "gang", "its parts have 4 GPUs (it asked for 8)", 0, func(st *script.Stream) { at(st, state.EvStart, 0, 0).B-- }},
		{"part too many", "gang", "its parts have 2 GPUs (it asked for 1)", 2, func(st *script.Stream) {
			parts := append([]state.Part(nil), st.Batch.PartsOf(at(st, state.EvStart, 2, 0))[0], script.Part(1, 1, 1000))
			at(st, state.EvStart, 2, 0).Node, at(st, state.EvStart, 2, 0).B = int32(len(st.Batch.Parts)), 2
			st.Batch.Parts = append(st.Batch.Parts, parts...)
		}},
		{"parts that are not there", "gang", "tells of parts", 2, func(st *script.Stream) { at(st, state.EvStart, 2, 0).Node = 1 << 20 }},
		{"not given back", "gang", "1 parts are still held", 0, func(st *script.Stream) { at(st, state.EvEnd, 0, 0).B-- }},
		{"down node holds on", "node", "node 1 is down and still holds", -2, func(st *script.Stream) {
			i, j := find(st, state.EvEvict, 3, 0), find(st, state.EvQueue, 3, 1)
			evs := slices.Clone(st.Batch.Events[i : j+1])
			st.Batch.Events = slices.Delete(st.Batch.Events, i, j+1)
			for k := range evs {
				evs[k].Time = 26 * s
			}
			st.Batch.Events = slices.Insert(st.Batch.Events, i+1, evs...)
		}},
		{"wait without a cause", "wait", "its causes sum to 0 ns of a wait of 10000000000 ns", 1, func(st *script.Stream) {
			drop(st, find(st, state.EvWaited, 1, 0))
		}},
		{"charged twice", "wait", "sum to 20000000000 ns", 2, func(st *script.Stream) {
			i := find(st, state.EvWaited, 2, 0)
			st.Batch.Events = slices.Insert(st.Batch.Events, i+1, st.Batch.Events[i])
		}},
		{"no such cause", "wait", "cause 10 is charged", 2, func(st *script.Stream) { at(st, state.EvWaited, 2, 0).Cause = 10 }},
		{"held job charged to capacity", "wait", "capacity is charged while it is held", 3, func(st *script.Stream) {
			at(st, state.EvWaited, 3, 0).Cause = uint8(state.CauseCapacity)
		}},
		{"queued time told wrong at the start", "wait", "its start tells", 1, func(st *script.Stream) { at(st, state.EvStart, 1, 0).X++ }},
		{"queued time told wrong at the end", "wait", "its end tells", 5, func(st *script.Stream) { at(st, state.EvEnd, 5, 0).Y-- }},
		{"run time told wrong", "run", "told to have run", 1, func(st *script.Stream) { at(st, state.EvEnd, 1, 0).Z++ }},
		{"first start changes", "run", "its first start is told", 3, func(st *script.Stream) { at(st, state.EvStart, 3, 1).Y = int64(30 * s) }},
		{"first start twice", "run", "flag of a first start", 3, func(st *script.Stream) { at(st, state.EvStart, 3, 1).Flags = state.FlagFirst }},
		{"GPU time lost", "run", "devices were held for", -2, func(st *script.Stream) { at(st, state.EvEnd, 0, 0).B-- }},
		{"queue length told wrong", "queue", "told 3 waiting", -2, func(st *script.Stream) { at(st, state.EvQueueLen, -1, 0).A = 3 }},
		{"queue length not told", "queue", "but 0 and 0 were told", -2, func(st *script.Stream) { drop(st, find(st, state.EvQueueLen, -1, 0)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := good()
			tt.mend(st)
			c := run(st, 1<<20)
			err := c.Done()
			if err == nil {
				t.Fatal("no violation was found")
			}
			for _, v := range c.Violations() {
				if v.Invariant == tt.invariant && strings.Contains(v.What, tt.says) && (tt.job == -2 || v.Job == tt.job) {
					return
				}
			}
			t.Errorf("no violation of %q for job %d that says %q in:\n%v", tt.invariant, tt.job, tt.says, err)
		})
	}
}

func TestAViolationSaysWhereAndWho(t *testing.T) {
	st := good()
	i := find(st, state.EvEnd, 1, 0)
	st.Batch.Events[i].Z++
	v := run(st, 4).Violations()
	if len(v) != 1 {
		t.Fatalf("%d violations (want 1): %v", len(v), v)
	}
	want := check.Violation{Invariant: "run", Event: uint64(i), Time: 32 * s, Job: 1, What: v[0].What}
	if v[0] != want {
		t.Errorf("got %+v, want %+v", v[0], want)
	}
	if text := v[0].Error(); !strings.Contains(text, "time 32 s, job 1") {
		t.Errorf("the error %q does not name time and job", text)
	}
}

func TestViolationsAreBounded(t *testing.T) {
	st := good()
	for range 100 {
		st.Emit(state.Event{Kind: state.EvTimer, Job: -1})
	}
	err := run(st, 10).Err()
	if n := len(strings.Split(err.Error(), "\n")); n != 21 || !strings.Contains(err.Error(), "and 80 more") {
		t.Errorf("%d lines (want 20 and how many more):\n%v", n, err)
	}
}

func TestAForkIsCheckedOn(t *testing.T) {
	st := good()
	all := st.Batch.Events
	for cut := 1; cut < len(all); cut++ {
		if all[cut].Time == all[cut-1].Time {
			continue
		}
		st.Batch.Events = all[:cut]
		parent := run(st, 5)
		fork := parent.CloneListener().(*check.Checker)
		st.Batch.Events = all[cut:]
		st.Deliver(3, fork)
		st.Deliver(7, parent)
		for _, c := range []*check.Checker{fork, parent} {
			if err := c.Done(); err != nil {
				t.Fatalf("cut at event %d:\n%v", cut, err)
			}
		}
	}
}
