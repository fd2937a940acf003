package peer

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// remaining is how long a job still has to run, true durations known and what preemptions added included.
func remaining(g *greedy, v *state.View, job int32) int64 {
	w := &g.workers[job]
	all := v.Jobs.TrueDuration[job].Add(w.extra)
	if all == state.Never {
		return math.MaxInt64
	}
	return int64(all - w.ran(v.Now))
}

// timeless is what rules have in common whose order changes only by what happens.
type timeless struct{}

func (timeless) first() state.Time                          { return 0 }
func (timeless) due(*greedy, state.Time) (bool, state.Time) { return false, state.Never }

// srtf is the preemptive order of the Helios simulator: the job with the shortest remaining time first; ties: those that wait, in the
// order in which they came or were preempted, then those that run, by their starts. A preemption adds to the victim's remaining time.
// A job ends in the tick after the one in which nothing remains of it.
type srtf struct{ timeless }

func (srtf) rank(g *greedy, v *state.View, job int32, pos int) rank {
	if pos == newcomer {
		return rank{key: remaining(g, v, job), seq: g.behind()}
	}
	return rank{key: remaining(g, v, job), class: 1, seq: g.workers[job].begun}
}

func (srtf) preempted(g *greedy, v *state.View, job int32) state.Time {
	w := &g.workers[job]
	cost := 60 * state.Second
	switch {
	case w.gpus <= 1:
		cost = 7 * state.Second
	case w.gpus <= 8:
		cost = 30 * state.Second
	}
	w.rank = rank{key: remaining(g, v, job) + int64(cost), seq: g.behind()}
	return cost
}

func (srtf) first() state.Time { return state.Second }

// bySize is Tiresias's sjf: the fewest GPUs first; ties: earlier arrival.
type bySize struct{ timeless }

func (bySize) rank(g *greedy, _ *state.View, job int32, _ int) rank {
	w := &g.workers[job]
	return rank{key: int64(w.gpus), seq: int64(w.number)}
}

func (b bySize) preempted(g *greedy, v *state.View, job int32) state.Time {
	g.workers[job].rank = b.rank(g, v, job, newcomer)
	return 0
}

// byRemaining is Tiresias's shortest and, where area is set, shortest-gpu: the shortest remaining time first, or remaining time x
// GPUs. Its list is sorted stably at each event and new jobs come to its end, so ties keep the order of the event before: those that
// waited then, those that ran, the new ones.
type byRemaining struct {
	timeless
	area bool
}

func (b byRemaining) key(g *greedy, v *state.View, job int32) int64 {
	if left := remaining(g, v, job); b.area {
		return service(left, int64(g.workers[job].gpus))
	} else {
		return left
	}
}

func (b byRemaining) rank(g *greedy, v *state.View, job int32, pos int) rank {
	if pos == newcomer {
		return rank{b.key(g, v, job), late, int64(g.workers[job].number)}
	}
	return rank{b.key(g, v, job), 1, int64(pos)}
}

func (b byRemaining) preempted(g *greedy, v *state.View, job int32) state.Time {
	g.workers[job].rank = rank{key: b.key(g, v, job), seq: g.behind()}
	return 0
}

// levels are the limits of attained service between the queues of Tiresias, in seconds or GPU-seconds.
var levels = [...]int64{3250, 7200}

// leveled is Tiresias's discretised least attained service: a job begins in the first queue and goes to the next one's end when it has
// attained the queue's limit, in time or, where area is set, in time x GPUs. Queues are walked in turn, in each those that ran, in their
// order, then those that waited, then those that came.
type leveled struct{ area bool }

func (l leveled) attained(w *worker, now state.Time) int64 {
	if l.area {
		return service(int64(w.ran(now)), int64(w.gpus))
	}
	return int64(w.ran(now))
}

// level moves a job that runs to the queue that it belongs to.
func (l leveled) level(w *worker, now state.Time) {
	for int(w.level) < len(levels) && l.attained(w, now) >= levels[w.level]*int64(state.Second) {
		w.level++
		w.moved = now
	}
}

func (l leveled) rank(g *greedy, v *state.View, job int32, pos int) rank {
	w := &g.workers[job]
	if pos == newcomer {
		return rank{int64(w.level), 1, g.behind()}
	}
	l.level(w, v.Now)
	if w.moved == v.Now && w.level > 0 {
		return rank{int64(w.level), 2, int64(pos)}
	}
	return rank{int64(w.level), 0, int64(pos)}
}

// preempted puts a job in front of those that wait in its queue, as it stood before them; one that has just come there goes behind
// them.
func (l leveled) preempted(g *greedy, v *state.View, job int32) state.Time {
	w := &g.workers[job]
	seq := g.behind
	if w.class == 0 {
		seq = g.before
	}
	w.rank = rank{int64(w.level), 1, seq()}
	return 0
}

func (leveled) first() state.Time { return 0 }

// due is when a job that runs attains the limit of its queue, at whole seconds.
func (l leveled) due(g *greedy, now state.Time) (bool, state.Time) {
	due, next := false, state.Never
	for _, job := range g.running {
		w := &g.workers[job]
		if int(w.level) == len(levels) {
			continue
		}
		left := levels[w.level]*int64(state.Second) - l.attained(w, now)
		if left <= 0 {
			due = true
			continue
		}
		rate := int64(1)
		if l.area {
			rate = max(1, int64(w.gpus))
		}
		seconds := (left + rate*int64(state.Second) - 1) / (rate * int64(state.Second))
		next = min(next, now.Add(state.Time(seconds)*state.Second))
	}
	return due, next
}

// byIndex is Tiresias's gittins: the highest Gittins index first; ties: earlier arrival. It looks again when something happens and when a
// job attains a limit of dlas-gpu.
type byIndex struct {
	leveled
	history *History
}

func (b byIndex) rank(g *greedy, v *state.View, job int32, pos int) rank {
	w := &g.workers[job]
	if pos != newcomer {
		b.level(w, v.Now)
	}
	return rank{key: -b.history.index(b.attained(w, v.Now) / int64(state.Second)), seq: int64(w.number)}
}

func (b byIndex) preempted(g *greedy, v *state.View, job int32) state.Time {
	g.workers[job].rank = b.rank(g, v, job, newcomer)
	return 0
}
