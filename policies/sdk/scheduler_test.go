package sdk

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// bench is a whole scheduler on a bench: a test writes its table of jobs, hands it events and reads its decisions.
type bench struct {
	*guest
	now, free int64
	jobs      []benchJob
}

type benchJob struct {
	number, gen, gpus, partition uint32
	state                        state.JobState
	est, start, end              int64
}

func newBench(t *testing.T, wasm []byte, rows uint32) *bench {
	b := &bench{guest: load(t, wasm)}
	b.layout(rows)
	return b
}

type benchEvent struct {
	kind, slot, c uint32
	x             uint64
}

// decide tells events and returns what the guest answers, one word a decision: "+slot" a start, "!slot" who blocks, "..." more.
func (b *bench) decide(events ...benchEvent) string {
	b.t.Helper()
	col := func(id int, of func(j *benchJob) int64) {
		if b.wanted(sched1.TableJobs)>>id&1 == 0 {
			return
		}
		at, wide := b.column(sched1.TableJobs, id), sched1.Tables()[1].Columns[id].Type.Size() == 8
		for slot := range b.jobs {
			if v := uint64(of(&b.jobs[slot])); wide {
				binary.LittleEndian.PutUint64(b.bytes(at+uint32(8*slot), 8), v)
			} else {
				b.setU32(at+uint32(4*slot), uint32(v))
			}
		}
	}
	col(sched1.JobsState, func(j *benchJob) int64 { return int64(j.state) })
	col(sched1.JobsNumber, func(j *benchJob) int64 { return int64(j.number) })
	col(sched1.JobsGen, func(j *benchJob) int64 { return int64(j.gen) })
	col(sched1.JobsGPUs, func(j *benchJob) int64 { return int64(j.gpus) })
	col(sched1.JobsPartition, func(j *benchJob) int64 { return int64(j.partition) })
	col(sched1.JobsEstNS, func(j *benchJob) int64 { return j.est })
	col(sched1.JobsStartNS, func(j *benchJob) int64 { return j.start })
	col(sched1.JobsExpEndNS, func(j *benchJob) int64 { return j.end })
	ctx := b.bytes(b.u32(b.desc+sched1.DescCtxPtr), sched1.CtxBytes)
	clear(ctx)
	binary.LittleEndian.PutUint64(ctx[sched1.CtxNowNS:], uint64(b.now))
	binary.LittleEndian.PutUint32(ctx[sched1.CtxNJobs:], uint32(len(b.jobs)))
	binary.LittleEndian.PutUint32(ctx[sched1.CtxGPUsFree:], uint32(b.free))
	for i, ev := range events {
		to := b.bytes(b.u32(b.desc+sched1.DescEventsPtr)+uint32(i*sched1.EventBytes), sched1.EventBytes)
		binary.LittleEndian.PutUint32(to[sched1.EventKind:], ev.kind)
		binary.LittleEndian.PutUint32(to[sched1.EventA:], ev.slot)
		if int(ev.slot) < len(b.jobs) {
			binary.LittleEndian.PutUint32(to[sched1.EventB:], b.jobs[ev.slot].gen)
		}
		binary.LittleEndian.PutUint32(to[sched1.EventC:], ev.c)
		binary.LittleEndian.PutUint64(to[sched1.EventTNS:], uint64(b.now))
		binary.LittleEndian.PutUint64(to[sched1.EventX:], ev.x)
	}
	n := b.call(sched1.HookDecide, uint64(len(events)))
	var words []string
	for i := range n {
		d := b.bytes(b.u32(b.desc+sched1.DescDecisionsPtr)+uint32(i*sched1.DecisionBytes), sched1.DecisionBytes)
		slot, kind := binary.LittleEndian.Uint32(d[sched1.DecisionJob:]), binary.LittleEndian.Uint16(d[sched1.DecisionKind:])
		switch kind {
		case sched1.DoStart:
			if gen := binary.LittleEndian.Uint32(d[sched1.DecisionJobGen:]); gen != b.jobs[slot].gen {
				b.t.Errorf("job slot %d is started as generation %d, want %d", slot, gen, b.jobs[slot].gen)
			}
			words = append(words, fmt.Sprint("+", slot))
		case sched1.DoBlocked:
			words = append(words, fmt.Sprint("!", slot))
		case sched1.DoAwait: // when it is called again is the host's to know
		default:
			words = append(words, fmt.Sprint("kind ", kind))
		}
		if binary.LittleEndian.Uint16(d[sched1.DecisionFlags:])&sched1.DofMore != 0 {
			words = append(words, "...")
		}
	}
	return strings.Join(words, " ")
}

func (b *bench) want(got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("decisions %q, want %q", got, want)
	}
}

func arrive(slot uint32) benchEvent { return benchEvent{kind: sched1.EvArrive, slot: slot} }

func refuse(slot uint32) benchEvent {
	return benchEvent{kind: sched1.EvRefused, slot: slot, c: sched1.DoStart, x: uint64(state.RefusedDevices)}
}

// TestSchedulersOnABench holds what a run with the native twin beside it cannot show.
func TestSchedulersOnABench(t *testing.T) {
	for _, e := range examples {
		if !slices.Contains([]string{"fcfs", "easy"}, e.policy) {
			continue
		}
		queued := func(n int, gpus uint32) []benchJob {
			var out []benchJob
			for i := range n {
				out = append(out, benchJob{number: uint32(i), gpus: gpus, state: state.JobQueued, est: 10})
			}
			return out
		}
		t.Run(e.name()+"/tables grow", func(t *testing.T) {
			b := newBench(t, code(t, e), 16)
			b.free, b.jobs = 18, queued(16, 1)
			var all []benchEvent
			for i := range b.jobs {
				all = append(all, arrive(uint32(i)))
			}
			b.want(b.decide(all...), "+0 +1 +2 +3 +4 +5 +6 +7 +8 +9 +10 +11 +12 +13 +14 +15")
			b.layout(64)
			b.free, b.jobs = 0, append(b.jobs, queued(3, 2)...)
			for i := range b.jobs[16:] {
				b.jobs[16+i].number = uint32(16 + i)
			}
			b.want(b.decide(arrive(16), arrive(17), arrive(18)), "!16")
			b.free = 4
			b.want(b.decide(), "+16 +17 !18")
		})
		t.Run(e.name()+"/a full buffer", func(t *testing.T) {
			b := newBench(t, code(t, e), 4)
			b.jobs = queued(4, 1)
			b.want(b.decide(arrive(0), arrive(1), arrive(2), arrive(3)), "!0")
			b.layout(64)
			b.setU32(b.desc+sched1.DescDecisionsCap, 3)
			if status := b.call(sched1.HookLayout); status != 0 {
				t.Fatalf("sched1_layout returns %d", status)
			}
			b.free = 3
			b.want(b.decide(), "+0 +1 +2 ...")
			b.free = 0
			b.want(b.decide(), "!3")
		})
		t.Run(e.name()+"/refused", func(t *testing.T) {
			b := newBench(t, code(t, e), 64)
			b.free, b.jobs = 8, queued(3, 2)
			b.want(b.decide(arrive(0), arrive(1)), "+0 +1")
			b.jobs[1].state = state.JobRunning
			b.want(b.decide(refuse(0), arrive(2)), "!0")
			b.now += 5
			if got := b.decide(); got != "+0 ..." && got != "+0 +2" {
				t.Errorf("decisions %q: a refused job is tried again at a later instant", got)
			}
		})
		t.Run(e.name()+"/resync", func(t *testing.T) {
			b := newBench(t, code(t, e), 64)
			b.jobs = []benchJob{
				{number: 7, gpus: 4, state: state.JobQueued, est: 10}, {number: 3, gpus: 2, state: state.JobQueued, est: 10},
				{number: 1, gpus: 4, state: state.JobRunning, est: 90, start: 0, end: 90}, {}, {number: 5, gpus: 3, gen: 4, state: state.JobQueued, est: 10},
				{number: 2, gpus: 1, state: state.JobEnded},
			}
			b.now, b.free = 50, 4
			resync := benchEvent{kind: sched1.EvResync, slot: sched1.None}
			b.want(b.decide(resync), "+1 !4")
			b.free = 9
			b.want(b.decide(resync), "+1 +4 +0") // once more: nothing that it knew counts
		})
		t.Run(e.name()+"/slots are used again", func(t *testing.T) {
			b := newBench(t, code(t, e), 64)
			b.jobs = queued(1, 2)
			b.want(b.decide(arrive(0)), "!0")
			gone := benchEvent{kind: sched1.EvCancelled, slot: 0}
			b.jobs[0].state = state.JobEnded
			b.want(b.decide(gone), "")
			b.jobs[0] = benchJob{number: 1, gen: 1, gpus: 1, state: state.JobQueued, est: 10}
			b.free = 1
			b.want(b.decide(arrive(0)), "+0")
			b.jobs[0].gen = 0
			b.want(b.decide(benchEvent{kind: sched1.EvPreempted, slot: 0}), "") // an old generation's news
		})
	}
}
