package policytest

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// World is a cluster and a workload: all that a run starts from beside the policy.
type World struct {
	Name    string
	Nodes   []cluster.NodeSpec
	Jobs    []state.JobSpec // in order of submission
	Types   []string        // names of the GPU types 0, 1, ...
	Changes []sim.Change
	Drop    bool       // onNoFit: drop
	Horizon state.Time // 0: to the end of the work
	Seed    uint64
}

// columns are the x_* columns that every world's jobs have: what presets ask for.
var columns = [...]string{"x_qssf_pred_s"}

func (w *World) names() *state.Names {
	n := &state.Names{}
	for _, t := range w.Types {
		n.Types.Intern([]byte(t))
	}
	for _, x := range columns {
		n.X.Intern([]byte(x))
	}
	return n
}

// jobSource is a Source over a world's jobs.
type jobSource struct {
	jobs []state.JobSpec
	next int
}

func (s *jobSource) Next(spec *state.JobSpec) (bool, error) {
	if s.next == len(s.jobs) {
		return false, nil
	}
	j := &s.jobs[s.next]
	s.next++
	name, roles, after := spec.Name[:0], spec.Roles[:0], spec.After[:0]
	*spec = *j
	spec.Name, spec.Roles, spec.After = append(name, j.Name...), append(roles, j.Roles...), append(after, j.After...)
	return true, nil
}

func (s *jobSource) Clone(*state.Names) (state.Source, error) {
	c := *s
	return &c, nil
}

// Record is what a run came to.
type Record struct {
	Digest  string
	Refused uint64
	Jobs    []Fate // by job number
}

// Fate is what became of one job.
type Fate struct {
	Start   state.Time // its first; Unset = it never started
	End     state.Time // Unset = it was alive when the run stopped
	Outcome state.Outcome
	Never   bool // the engine said that no state of the cluster can hold it
	Parts   []Place
}

// Place is a part of a job's first allocation.
type Place struct {
	Node int32
	Mask uint64
}

// recorder fills a Record.
type recorder struct{ rec *Record }

func (r recorder) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvEnd, state.EvNeverFits)
}

func (r recorder) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvArrive:
			r.rec.Jobs = append(r.rec.Jobs, Fate{Start: state.Unset, End: state.Unset})
		case state.EvStart:
			if f := &r.rec.Jobs[ev.Number]; f.Start == state.Unset {
				f.Start = ev.Time
				for p := range b.EachPartOf(ev) {
					f.Parts = append(f.Parts, Place{p.Node, p.Mask})
				}
			}
		case state.EvEnd:
			f := &r.rec.Jobs[ev.Number]
			if f.Outcome = ev.Outcome; ev.Outcome != state.Unfinished {
				f.End = ev.Time
			}
		case state.EvNeverFits:
			r.rec.Jobs[ev.Number].Never = true
		}
	}
}

func (r recorder) CloneListener() state.Listener {
	c := *r.rec
	c.Jobs = append([]Fate(nil), c.Jobs...)
	for i := range c.Jobs {
		c.Jobs[i].Parts = append([]Place(nil), c.Jobs[i].Parts...)
	}
	return recorder{&c}
}

// Run simulates a world under a policy, with every invariant of package check held and every promise listened to.
func Run(w *World, p state.Policy, promises Promise) (*Record, error) {
	e, watch, err := begin(w, p, promises)
	if err != nil {
		return nil, err
	}
	return watch.end(e)
}

// watchers are the listeners of one run.
type watchers struct {
	rec     *Record
	check   *check.Checker
	promise *keeper
	horizon state.Time
}

func begin(w *World, p state.Policy, promises Promise) (*sim.Engine, *watchers, error) {
	ws := &watchers{rec: &Record{}, check: check.New(), promise: newKeeper(promises, w.Nodes), horizon: w.Horizon}
	e, err := sim.New(sim.Config{Seed: w.Seed, Names: w.names(), Nodes: w.Nodes, Source: &jobSource{jobs: w.Jobs}, Policy: p,
		Horizon: w.Horizon, DropUnfit: w.Drop, GrantTruth: true, Changes: w.Changes,
		Listeners: []state.Listener{recorder{ws.rec}, ws.check, ws.promise}})
	return e, ws, err
}

// end runs an engine out and gathers what its listeners say.
func (ws *watchers) end(e *sim.Engine) (*Record, error) {
	if _, err := e.Run(state.Never); err != nil {
		return nil, err
	}
	e.Finish(ws.horizon)
	ws.rec.Digest, ws.rec.Refused = e.Digest(), e.Counts().Refused
	err := errors.Join(ws.check.Err(), ws.check.Done(), ws.promise.err)
	if ws.rec.Refused > 0 {
		err = errors.Join(err, fmt.Errorf("%d decisions were refused", ws.rec.Refused))
	}
	return ws.rec, err
}
