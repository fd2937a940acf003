package sim_test

import (
	"testing"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/profile"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/internal/eventq"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// bareJob is all that the bare loops know of a job.
type bareJob struct {
	submit, run, estimate state.Time
	gpus                  int32
}

func (l *load) bare() []bareJob {
	jobs := make([]bareJob, len(l.specs))
	for i := range l.specs {
		s := &l.specs[i]
		jobs[i] = bareJob{submit: s.Submit, run: s.Duration, estimate: s.Estimate, gpus: int32(s.GPUs())}
	}
	return jobs
}

// bareFCFS is the least work that FCFS can be: a heap of ends, a ring of waiting jobs, a count of free GPUs. No placement,
// events, metrics, causes, digest or parsing.
func bareFCFS(jobs []bareJob, free int32) (wait state.Wide) {
	var ends eventq.Queue
	for next, head := 0, 0; head < len(jobs); {
		now := state.Never
		if next < len(jobs) {
			now = jobs[next].submit
		}
		if ends.Len() > 0 {
			now = min(now, state.Time(ends.Top().Time))
		}
		for ends.Len() > 0 && state.Time(ends.Top().Time) == now {
			free += jobs[ends.Pop().Ref].gpus
		}
		for next < len(jobs) && jobs[next].submit == now {
			next++
		}
		for head < next && jobs[head].gpus <= free {
			j := &jobs[head]
			free -= j.gpus
			wait.Add(int64(now - j.submit))
			ends.Push(eventq.Entry{Time: int64(now + j.run), Key: uint64(head), Ref: uint64(head)})
			head++
		}
	}
	return wait
}

// bareEASY is EASY by counts alone, on the queue and the profile that the policy has: jobs end by their estimates.
type bareEASY struct {
	jobs    []bareJob
	queue   *waiting.Queue
	running profile.Ends
	ends    eventq.Queue
	free    int32
	now     state.Time
	wait    state.Wide
}

func (b *bareEASY) run() state.Wide {
	b.queue = waiting.NewQueue(false)
	for next := 0; next < len(b.jobs) || b.ends.Len() > 0; {
		b.now = state.Never
		if next < len(b.jobs) {
			b.now = b.jobs[next].submit
		}
		if b.ends.Len() > 0 {
			b.now = min(b.now, state.Time(b.ends.Top().Time))
		}
		for b.ends.Len() > 0 && state.Time(b.ends.Top().Time) == b.now {
			e := b.ends.Pop()
			b.running.Remove(state.Time(e.Key), int32(e.Ref))
			b.free += b.jobs[e.Ref].gpus
		}
		for ; next < len(b.jobs) && b.jobs[next].submit == b.now; next++ {
			j := &b.jobs[next]
			b.queue.Insert(waiting.Entry{Number: uint64(next), Est: j.estimate, Job: int32(next)}, j.gpus, j.gpus)
		}
		b.pass()
	}
	return b.wait
}

func (b *bareEASY) start(job int32) {
	j := &b.jobs[job]
	expected := b.now + j.estimate
	b.queue.Remove(0, uint64(job), j.gpus)
	b.running.Insert(expected, j.gpus, job)
	b.free -= j.gpus
	b.wait.Add(int64(b.now - j.submit))
	b.ends.Push(eventq.Entry{Time: int64(b.now + j.run), Key: uint64(expected), Ref: uint64(job)})
}

func (b *bareEASY) pass() {
	head := b.queue.Head()
	for ; head != nil && b.jobs[head.Job].gpus <= b.free; head = b.queue.Head() {
		b.start(head.Job)
	}
	if head == nil || b.free == 0 {
		return
	}
	need := b.jobs[head.Job].gpus
	shadow, then := b.running.Shadow(b.free, need)
	extra := then - need
	for {
		var best *waiting.Entry
		for _, lane := range b.queue.Lanes() {
			need := b.queue.LaneNeed(lane)
			if need > b.free {
				break
			}
			if b.queue.LaneLen(lane) == 0 || need > extra && b.queue.LaneMin(lane) > shadow-b.now {
				continue
			}
			var first *waiting.Entry
			if need <= extra {
				first = b.queue.First(lane)
			} else {
				first = b.queue.FirstWithin(lane, shadow-b.now)
			}
			if first != nil && (best == nil || first.Before(best)) {
				best = first
			}
		}
		if best == nil {
			return
		}
		if j := &b.jobs[best.Job]; b.now+j.estimate > shadow {
			extra -= j.gpus
		}
		b.start(best.Job)
	}
}

func bareWait(jobs []bareJob, kind backfill.Kind) state.Wide {
	if kind == backfill.None {
		return bareFCFS(jobs, loadGPUs)
	}
	b := bareEASY{jobs: jobs, free: loadGPUs}
	return b.run()
}

// The engine and the bare loops do the same work: their waits are equal to the nanosecond.
func TestBareLoopsWaitAsTheEngineDoes(t *testing.T) {
	for _, l := range benchLoads(t, 5000) {
		for _, kind := range []backfill.Kind{backfill.None, backfill.Easy} {
			figures := metric.New(metric.Config{})
			names := &state.Names{}
			simulate(t, names, l.source(t, names), kind, figures)
			got, want := figures.Result().Wait.Sum, bareWait(l.bare(), kind)
			if got != want {
				t.Errorf("%s, %v: the engine's jobs wait %v s, the bare loop's %v", l.name, kind, got.Float(1e9), want.Float(1e9))
			}
		}
	}
}
