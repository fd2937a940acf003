package policytest

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Worlds and what becomes of them are package trial's.
type (
	World  = trial.World
	Record = trial.Record
	Fate   = trial.Fate
	Place  = trial.Place
)

// JobOf, AnyGPUs, Pods, Shares and NodesOf make the parts of a world; Worlds are the hard little ones that every policy lives through.
var (
	JobOf   = trial.JobOf
	AnyGPUs = trial.AnyGPUs
	Pods    = trial.Pods
	Shares  = trial.Shares
	NodesOf = trial.NodesOf
	Worlds  = trial.Worlds
)

// Run simulates a world under a policy, with every invariant of package check held and every promise listened to. A refused
// decision is an error.
func Run(w *World, p state.Policy, promises Promise) (*Record, error) {
	e, watch, err := begin(w, p, promises)
	if err != nil {
		return nil, err
	}
	return watch.end(e)
}

// watchers are the listeners of one run.
type watchers struct {
	*trial.Watch
	promise *keeper
}

func begin(w *World, p state.Policy, promises Promise) (*sim.Engine, *watchers, error) {
	k := newKeeper(promises, w.Nodes)
	e, ws, err := w.Engine(p, k)
	return e, &watchers{ws, k}, err
}

// end runs an engine out and gathers what its listeners say.
func (ws *watchers) end(e *sim.Engine) (*Record, error) {
	rec, err := ws.End(e)
	if rec == nil {
		return nil, err
	}
	err = errors.Join(err, ws.promise.err)
	if n := rec.Counts.Refused; n > 0 {
		err = errors.Join(err, fmt.Errorf("%d decisions were refused", n))
	}
	return rec, err
}
