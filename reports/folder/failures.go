package folder

import (
	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/run"
)

// failures fills in what failures and evictions took.
func failures(r *reports.Run, rec *run.Record) {
	a := &rec.Summary.Attempts
	for _, x := range []reports.Amount{{Name: "work", Color: reports.Blue, Value: float64(a.Work)}, {Name: "lost work", Color: reports.Vermillion, Value: float64(a.Lost)},
		{Name: "restoring, checkpoints", Color: reports.Yellow, Value: float64(a.Overhead)}, {Name: "standing still", Color: reports.Orange, Value: float64(a.Idle)},
		{Name: "of jobs of the warm-up", Color: reports.Sky, Value: float64(a.Left)}, {Name: "free", Color: reports.Free, Value: float64(a.Free)},
		{Name: "down", Color: reports.Black, Value: float64(a.Down)}} {
		r.GPUTime = append(r.GPUTime, x)
	}
	f := rec.Summary.Failures
	if f == nil {
		return
	}
	b := &reports.Broken{Nodes: int(f.Nodes), Interruptions: int(f.Interruptions), NodeMTBF: float64(f.NodeMTBF) * 3600, NodeMTTR: float64(f.NodeMTTR) * 3600,
		MTTR: float64(f.MTTR), ETTR: float64(f.ETTR), About: rec.Failures}
	for _, c := range f.ByCause {
		b.Causes = append(b.Causes, reports.BrokenCause{Name: c.Cause, Nodes: int(c.Nodes), Interruptions: int(c.Interruptions), MTTR: float64(c.MTTR) * 3600,
			Lost: float64(c.LostH), Standing: float64(c.IdleH)})
	}
	for _, s := range f.BySize {
		b.Sizes = append(b.Sizes, reports.BrokenSize{From: s.From, To: s.To, RunHours: float64(s.RunH), Interruptions: int(s.Interruptions), MTTF: float64(s.MTTF) * 3600,
			ETTR: float64(s.ETTR)})
	}
	r.Broken = b
}
