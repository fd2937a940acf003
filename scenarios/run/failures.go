package run

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/orrery-sim/orrery/sim/metric/reliability"
	"github.com/orrery-sim/orrery/sim/state"
)

// FailureFigures are what failures did; the package documentation of sim/metric/reliability defines each.
type FailureFigures struct {
	Nodes         int64         `json:"node_failures"`
	Interruptions int64         `json:"interruptions"` // attempts that a lost node or a crash ended
	NodeMTBF      Number        `json:"node_mtbf_h"`
	NodeMTTR      Number        `json:"node_mttr_h"`
	MTTR          Number        `json:"job_mttr_s"` // from an interruption to the next start
	ETTR          Number        `json:"ettr"`       // of ended jobs, weighted by GPUs
	ByCause       []CauseFigure `json:"by_cause"`   // most interruptions first
	BySize        []SizeFigure  `json:"by_size"`
}

// CauseFigure is what one cause did.
type CauseFigure struct {
	Cause         string `json:"cause"` // "" for planned changes, commands and jobs that ran out of restarts
	Nodes         int64  `json:"node_failures"`
	Interruptions int64  `json:"interruptions"`
	MTTR          Number `json:"node_mttr_h"`
	LostH         Number `json:"lost_gpu_h"`
	IdleH         Number `json:"standing_gpu_h"`
}

// SizeFigure is the jobs of one size class.
type SizeFigure struct {
	From          int    `json:"gpus_from"`
	To            int    `json:"gpus_to"`
	RunH          Number `json:"run_h"` // of all attempts
	Interruptions int64  `json:"interruptions"`
	MTTF          Number `json:"mttf_h"`
	ETTR          Number `json:"ettr"`
}

// per is a sum divided, NaN by nothing.
func per(w state.Wide, unit time.Duration, n int64) Number {
	if n == 0 {
		return Number(math.NaN())
	}
	return Number(w.Float(int64(unit)) / float64(n))
}

func share(a, b state.Wide) Number {
	if b.IsZero() {
		return Number(math.NaN())
	}
	return Number(a.Float(1) / b.Float(1))
}

func failures(r *reliability.Result, names []string) *FailureFigures {
	f := &FailureFigures{ByCause: []CauseFigure{}, BySize: []SizeFigure{}}
	var repair, useful, span state.Wide
	for i := range r.Causes {
		c := &r.Causes[i]
		if *c == (reliability.Cause{}) {
			continue
		}
		name := ""
		if i > 0 && i <= len(names) {
			name = names[i-1]
			repair.AddWide(c.Repair)
		}
		f.Nodes, f.Interruptions = f.Nodes+c.Nodes, f.Interruptions+c.Interruptions
		f.ByCause = append(f.ByCause, CauseFigure{name, c.Nodes, c.Interruptions, per(c.Repair, time.Hour, c.Nodes), per(c.Lost, time.Hour, 1), per(c.Idle, time.Hour, 1)})
	}
	slices.SortStableFunc(f.ByCause, func(a, b CauseFigure) int {
		return cmp.Or(cmp.Compare(b.Interruptions, a.Interruptions), cmp.Compare(b.Nodes, a.Nodes))
	})
	for i := range r.Sizes {
		s := &r.Sizes[i]
		useful.AddWide(s.Useful)
		span.AddWide(s.Span)
		if !s.Run.IsZero() {
			f.BySize = append(f.BySize, SizeFigure{reliability.Least(i), reliability.Least(i+1) - 1, per(s.Run, time.Hour, 1), s.Interruptions,
				per(s.Run, time.Hour, s.Interruptions), share(s.Useful, s.Span)})
		}
	}
	f.NodeMTBF, f.NodeMTTR = per(r.NodeTime, time.Hour, f.Nodes), per(repair, time.Hour, f.Nodes)
	f.MTTR, f.ETTR = per(r.Away, time.Second, r.Restarts), share(useful, span)
	return f
}
