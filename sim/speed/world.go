package speed

import (
	"math"
	"slices"

	"github.com/orrery-sim/orrery/sim/net"
)

// One is reference speed as 32.32 fixed point.
const One = uint64(1) << 32

// World is the jobs that run and what they send. It is not safe for concurrent use.
type World struct {
	book  *Book `snapshot:"keep"`
	net   *net.Network
	jobs  []job   // by job slot
	owner []int32 // by flow
	moved []int32 // job slots whose rate may be another, sorted by Changed
	over  []int32 // scratch
}

type job struct {
	model int32
	flow  int32 // -1 = it sends nothing that others could meet
	limit int64 // bytes a second that its nodes' cards do
	ref   float64
	busy  float64
	place Placement
	rate  uint64
	runs  bool
}

// NewWorld returns a world without jobs over links with these capacities in bytes a second (0 = never the bottleneck).
func NewWorld(book *Book, capacity []int64) *World { return &World{book: book, net: net.New(capacity)} }

// Start begins a job of a model (-1 = unknown) on a placement; its work is measured at the speed that it has, alone, on ref. limit is what
// each of its nodes sends at most, in bytes a second, over uses. The answer is its rate when alone; Changed tells more.
func (w *World) Start(slot, model int32, ref, place Placement, limit int64, uses []net.Use) uint64 {
	for int(slot) >= len(w.jobs) {
		w.jobs = append(w.jobs, job{flow: -1})
	}
	j := &w.jobs[slot]
	*j = job{model: model, flow: -1, limit: limit, place: place, ref: w.book.Step(model, &ref, 1), runs: true}
	j.rate = fixed(j.ref / w.book.Step(model, &place, 1))
	if place.Nodes > 1 && limit > 0 && len(uses) > 0 {
		j.busy = w.book.Busy(model, &place)
		j.flow = w.net.Add(limit, uses)
		for int(j.flow) >= len(w.owner) {
			w.owner = append(w.owner, -1)
		}
		w.owner[j.flow] = slot
	}
	return j.rate
}

// fixed is a quotient of speeds as a rate; a job always moves.
func fixed(x float64) uint64 {
	switch v := x * float64(One); {
	case !(v >= 1):
		return 1
	case v > math.MaxInt64:
		return math.MaxInt64
	default:
		return uint64(v + .5)
	}
}

// Stop ends a job's attempt.
func (w *World) Stop(slot int32) {
	if int(slot) >= len(w.jobs) || !w.jobs[slot].runs {
		return
	}
	if j := &w.jobs[slot]; j.flow >= 0 {
		w.net.Remove(j.flow)
	}
	w.jobs[slot].runs, w.jobs[slot].flow = false, -1
}

// Changed shares the links among the jobs that run now and calls set for each whose rate is another than it was, in the order of slots.
func (w *World) Changed(set func(slot int32, rate uint64)) {
	w.moved = w.moved[:0]
	for _, flow := range w.net.Resolve() {
		w.moved = append(w.moved, w.owner[flow])
	}
	slices.Sort(w.moved)
	for _, slot := range w.moved {
		j := &w.jobs[slot]
		rate := fixed(j.ref / w.book.Step(j.model, &j.place, w.slower(j)))
		if rate != j.rate {
			j.rate = rate
			set(slot, rate)
		}
	}
}

// slower is how much longer a job's sending takes for the others on its links: while they send too it has its max-min fair part of the
// bottleneck, else all; that they do is as likely as that one of those on its links is busy at a random instant.
func (w *World) slower(j *job) float64 {
	rate := w.net.Rate(j.flow)
	if rate >= j.limit {
		return 1
	}
	w.over = w.net.Neighbours(j.flow, w.over[:0])
	alone := 1.0
	for _, other := range w.over {
		alone = float64(alone * (1 - w.jobs[w.owner[other]].busy))
	}
	full := w.net.Alone(j.flow) // it may have less than its limit without anybody else
	contended := float64(full) / float64(rate)
	return float64(float64(j.limit)/float64(full)) * (1 + float64((1-alone)*(contended-1)))
}

// Rate is a running job's present rate as 32.32 fixed point; One for a job that was not started here.
func (w *World) Rate(slot int32) uint64 {
	if int(slot) >= len(w.jobs) || !w.jobs[slot].runs {
		return One
	}
	return w.jobs[slot].rate
}

// Network is the links; for reports.
func (w *World) Network() *net.Network { return w.net }

// Clone returns an independent copy.
func (w *World) Clone() *World {
	return &World{book: w.book, net: w.net.Clone(), jobs: slices.Clone(w.jobs), owner: slices.Clone(w.owner)}
}
