package scenarios

import (
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// compileInitial reads what is there at instant 0.
func (l *Loaded) compileInitial(p *Plan) error {
	switch {
	case l.Initial == nil:
		return nil
	case l.Initial.State != "":
		return l.loadState(p, l.Initial.State)
	}
	file := l.Initial.Jobs
	if l.readable(p, "initial.jobs", file); l.Doc.Err() != nil {
		return l.Doc.Err()
	}
	names := p.Config.Names
	src, meta, err := trace.Open("orrery", l.path(file), trace.Options{Initial: true, Sort: true}, names)
	if err != nil {
		return err
	}
	p.Warnings = append(p.Warnings, meta.Warnings...)
	src = l.adapt(src, p)
	for {
		job := sim.InitialJob{}
		ok, err := src.Next(&job.Spec)
		if err != nil || !ok {
			return err
		}
		job.Running = job.Spec.RecStart != state.Unset
		p.Config.Initial = append(p.Config.Initial, job)
	}
}
