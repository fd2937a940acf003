package run

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/conveyor"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/metric/energy"
	"github.com/orrery-sim/orrery/sim/metric/reliability"
	"github.com/orrery-sim/orrery/sim/state"
)

// Simulation says what goes along with one simulation.
type Simulation struct {
	Listeners []state.Listener // beside the collector of figures
	Ledger    *cost.Ledger     // of a plan with prices; nil: one is made
	Check     bool             // the invariant checker runs along
	Progress  func(Progress)   // called now and then, from the simulating goroutine

	SaveAt state.Time // with SaveTo: the state is saved at the first instant that is not before it
	SaveTo io.Writer
}

// Progress is how far a simulation is.
type Progress struct {
	Now, Horizon state.Time // Horizon 0: to the end of the work
	Submitted    uint64
	Events       uint64
	Wall         time.Duration
}

// Simulated is what came out, before it is written anywhere.
type Simulated struct {
	Engine      *sim.Engine // nil once Execute has returned: with it goes what the simulation held
	Counts      sim.Counts
	Policy      string // what it calls itself
	Result      *metric.Result
	Cost        *cost.Result        // nil: costs are not modelled
	Energy      *energy.Result      // nil: energy is not modelled
	Failures    *reliability.Result // nil: nothing fails by itself
	Digest      string
	Wall        time.Duration
	Interrupted bool     // the context ended first: the figures cover what was simulated
	Saved       bool     // the state that was asked for was saved
	Notes       []string // what the workload left out or assumed
}

// steps is how many instants pass between two looks at the clock and the context.
const steps = 64

// Simulate runs a plan to its horizon or the end of its work. A cancelled context ends it cleanly. Violations of invariants
// and bad input are errors.
func Simulate(ctx context.Context, p *scenarios.Plan, s Simulation) (*Simulated, error) {
	figures := metric.New(metric.Config{Warmup: p.Scenario.Warmup.Time()})
	cfg := p.Config
	cfg.Listeners = []state.Listener{figures}
	if p.Prices != nil {
		if s.Ledger == nil {
			s.Ledger = cost.New(p.Prices.Ledger)
		}
		cfg.Listeners = append(cfg.Listeners, s.Ledger) // before whoever writes what a job paid
	}
	var meter *energy.Meter
	if p.Energy != nil {
		meter = energy.New(*p.Energy)
		cfg.Listeners = append(cfg.Listeners, meter)
	}
	var failures *reliability.Ledger
	if cfg.Failures != nil {
		failures = reliability.New()
		cfg.Listeners = append(cfg.Listeners, failures)
	}
	cfg.Listeners = append(cfg.Listeners, s.Listeners...)
	var checker *check.Checker
	if s.Check {
		checker = check.New()
		cfg.Listeners = append(cfg.Listeners, checker)
	}
	if p.Scenario.Journal != "" && p.Commands == nil {
		return nil, &InputError{fmt.Errorf("journal: %s was not opened for this plan", p.Scenario.Journal)}
	}
	read := func() []string { return trace.NotesOf(p.Config.Source) }
	if p.Commands == nil { // commands bring names of their own, in the order of the run: nobody may read ahead of it
		jobs, names := conveyor.NewAhead(cfg.Source, cfg.Names)
		defer jobs.Close()
		cfg.Source, cfg.Names, read = jobs, names, jobs.Notes
	}
	if runtime.GOMAXPROCS(0) > 1 && !s.Check && p.Commands == nil {
		belt := conveyor.NewBelt()
		defer belt.Close()
		cfg.Conveyor = belt
	}
	e, err := sim.New(cfg)
	if err != nil {
		return nil, &InputError{err}
	}
	out := &Simulated{Engine: e}
	began := time.Now()
	var steps stepper = e
	if p.Commands != nil {
		r, err := newReplay(e, p.Commands)
		if err != nil {
			return nil, &InputError{err}
		}
		whole := read
		steps, read = r, func() []string { return append(whole(), r.notes()...) }
		cfg.Horizon = p.Commands.End()
	}
	if err := drive(ctx, e, steps, &s, out, began, cfg.Horizon); err != nil {
		return nil, err
	}
	stop := end(e, out.Interrupted, cfg.Horizon)
	if p.Commands != nil && !out.Interrupted {
		stop = cfg.Horizon // where the world's clock stood, though its work was done
	}
	e.Finish(stop)
	out.Wall = time.Since(began)
	out.Counts, out.Policy = e.Counts(), e.PolicyName()
	out.Result, out.Digest, out.Notes = figures.Result(), e.Digest(), read()
	if meter != nil {
		out.Energy = meter.Result()
	}
	if failures != nil {
		out.Failures = failures.Result()
	}
	if s.Ledger != nil {
		out.Cost = s.Ledger.Result()
	}
	if checker != nil {
		if err := checker.Done(); err != nil {
			return nil, &ViolationError{err}
		}
	}
	return out, nil
}

// stepper is an engine, or one with commands from outside.
type stepper interface {
	Peek() (state.Time, bool)
	Steps(n int) (bool, error)
}

func drive(ctx context.Context, e *sim.Engine, by stepper, s *Simulation, out *Simulated, began time.Time, horizon state.Time) error {
	saved := s.SaveTo == nil
	told := began
	for more := true; more; {
		if ctx.Err() != nil {
			out.Interrupted = true
			break
		}
		n := steps
		if !saved {
			n = 1
			if at, ok := by.Peek(); !ok || at >= s.SaveAt {
				if err := scenarios.SaveState(s.SaveTo, e, max(s.SaveAt, e.Now())); err != nil {
					return fmt.Errorf("save the state: %w", err)
				}
				saved, out.Saved = true, true
			}
		}
		var err error
		if more, err = by.Steps(n); err != nil {
			return &InputError{err}
		}
		if s.Progress != nil && time.Since(told) > 50*time.Millisecond {
			told = time.Now()
			c := e.Counts()
			s.Progress(Progress{Now: e.Now(), Horizon: horizon, Submitted: c.Submitted, Events: c.Events, Wall: time.Since(began)})
		}
	}
	return nil
}

// end is the instant at which a simulation stops: where it stands when the work is done, else at the horizon.
func end(e *sim.Engine, interrupted bool, horizon state.Time) state.Time {
	if horizon > 0 && !interrupted && !e.Done() {
		return horizon
	}
	return e.Now()
}

// InputError is a fault of the workload that showed while it was simulated.
type InputError struct{ error }

func (e *InputError) Unwrap() error { return e.error }

// ViolationError is a broken invariant: the simulator is wrong.
type ViolationError struct{ error }

func (e *ViolationError) Unwrap() error { return e.error }
