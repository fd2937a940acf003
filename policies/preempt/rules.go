package preempt

import (
	"cmp"
	"math"
	"slices"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/state"
)

// native is what the parts that keep no state have in common.
type native struct{}

func (native) Init(*state.View) error                   { return nil }
func (native) Observe(*state.View, []state.Event) error { return nil }

// Priority lets jobs of lower priority yield: the lowest priority first, then the latest start, then the latest submission
// (FACTS.md 8).
type Priority struct{ native }

// Name is the part's name.
func (Priority) Name() string { return "priority" }

// Why is the kind of its preemptions.
func (Priority) Why() state.PreemptKind { return state.PreemptPriority }

// Victims keeps candidates of lower priority.
func (Priority) Victims(v *state.View, job int32, candidates []int32) (int, state.Time, error) {
	rows := v.Jobs.Row
	n := keep(candidates, func(c int32) bool { return rows[c].Priority < rows[job].Priority })
	slices.SortFunc(candidates[:n], func(a, b int32) int {
		x, y := &rows[a], &rows[b]
		return cmp.Or(cmp.Compare(x.Priority, y.Priority), cmp.Compare(y.Start, x.Start), cmp.Compare(y.Number, x.Number))
	})
	return n, state.Never, nil
}

// ClonePreempter returns itself: it keeps nothing.
func (p Priority) ClonePreempter() (hook.Preempter, error) { return p, nil }

// LAS lets jobs yield that have attained more service (GPU time, of all attempts) than the waiting job by more than Margin: most
// service first, then the latest submission (Tiresias, Gu et al., NSDI'19, without its levels).
type LAS struct {
	native
	Margin state.Time // GPU-ns
}

// Name is the part's name.
func (LAS) Name() string { return "las" }

// Why is the kind of its preemptions.
func (LAS) Why() state.PreemptKind { return state.PreemptSchedule }

// Victims keeps candidates with more service, and asks to be asked again when the next one has it.
func (l LAS) Victims(v *state.View, job int32, candidates []int32) (int, state.Time, error) {
	rows := v.Jobs.Row
	mine := l.service(v, job)
	again := state.Never
	n := keep(candidates, func(c int32) bool {
		more := l.service(v, c) - mine - int64(l.Margin)
		if more > 0 {
			return true
		}
		if g := int64(rows[c].GPUsNow); g > 0 {
			again = min(again, v.Now.Add(state.Time(-more/g+1)))
		}
		return false
	})
	slices.SortFunc(candidates[:n], func(a, b int32) int {
		return cmp.Or(cmp.Compare(l.service(v, b), l.service(v, a)), cmp.Compare(rows[b].Number, rows[a].Number))
	})
	return n, again, nil
}

// service is a job's GPU time so far in GPU-ns, saturating.
func (LAS) service(v *state.View, job int32) int64 {
	j := &v.Jobs.Row[job]
	if j.State != state.JobRunning || j.GPUsNow == 0 {
		return j.Attained
	}
	span := int64(v.Now - j.AttainedAt)
	if span > (math.MaxInt64-j.Attained)/int64(j.GPUsNow) {
		return math.MaxInt64
	}
	return j.Attained + span*int64(j.GPUsNow)
}

// ClonePreempter returns itself: it keeps nothing.
func (l LAS) ClonePreempter() (hook.Preempter, error) { return l, nil }

// SRTF lets jobs yield that are expected to run longer than the waiting job's estimate by more than Margin: the latest expected end
// first, then the latest submission (shortest remaining time first, by estimates).
type SRTF struct {
	native
	Margin state.Time
}

// Name is the part's name.
func (SRTF) Name() string { return "srtf" }

// Why is the kind of its preemptions.
func (SRTF) Why() state.PreemptKind { return state.PreemptSchedule }

// Victims keeps candidates that are expected to run longer.
func (s SRTF) Victims(v *state.View, job int32, candidates []int32) (int, state.Time, error) {
	rows := v.Jobs.Row
	until := v.Now.Add(rows[job].Estimate).Add(s.Margin)
	n := keep(candidates, func(c int32) bool { return rows[c].ExpEnd > until })
	slices.SortFunc(candidates[:n], func(a, b int32) int {
		return cmp.Or(cmp.Compare(rows[b].ExpEnd, rows[a].ExpEnd), cmp.Compare(rows[b].Number, rows[a].Number))
	})
	return n, state.Never, nil
}

// ClonePreempter returns itself: it keeps nothing.
func (s SRTF) ClonePreempter() (hook.Preempter, error) { return s, nil }

// keep moves those that hold to the front, in their order, and returns how many there are. What lies behind is not preserved.
func keep(list []int32, holds func(int32) bool) int {
	n := 0
	for _, x := range list {
		if holds(x) {
			list[n] = x
			n++
		}
	}
	return n
}

var (
	_ hook.Preempter = Priority{}
	_ hook.Preempter = LAS{}
	_ hook.Preempter = SRTF{}
)
