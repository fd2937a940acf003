package study

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
)

// Local carries tasks out on this machine.
type Local struct {
	Workers int // runs at a time; 0: as many as there are cores
	Tool    run.Tool
	Check   bool // the invariant checker runs along
	CSV     bool
	Strict  bool
	Again   bool // runs that are there already are run anew
	Reused  int  // how many of the last Execute's runs were there already
}

var _ Executor = (*Local)(nil)

// Execute runs tasks. A run that fails or an interruption ends all; what was whole stays.
func (l *Local) Execute(ctx context.Context, tasks []Task, done func(Task) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan Task)
	var wait sync.WaitGroup
	var mu sync.Mutex // of done, first and Reused
	var first error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = err
		}
		stop(err)
	}
	l.Reused = 0
	workers := l.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for range min(workers, len(tasks)) {
		wait.Go(func() {
			for t := range next {
				reused, err := l.one(ctx, t)
				if err == nil {
					mu.Lock()
					if reused {
						l.Reused++
					}
					err = done(t)
					mu.Unlock()
				}
				if err != nil {
					fail(err)
				}
			}
		})
	}
feed:
	for _, t := range tasks {
		select {
		case next <- t:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wait.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}

// one runs a task, unless the same run stands in its folder.
func (l *Local) one(ctx context.Context, t Task) (reused bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	loaded, err := scenarios.Parse(t.Name, t.Base, t.Scenario)
	if err != nil {
		return false, err
	}
	if !l.Again && l.stands(t, loaded) {
		return true, nil
	}
	p, err := loaded.Compile()
	if err != nil {
		return false, err
	}
	p.Config.Strict = l.Strict
	if err := os.MkdirAll(filepath.Dir(t.Dir), 0o755); err != nil {
		return false, err
	}
	tool := l.Tool
	tool.Base = t.Base
	sim, _, err := run.Execute(ctx, p, run.Options{Dir: t.Dir, Folder: run.FolderOptions{CSV: l.CSV}, Check: l.Check, Tool: tool})
	if err != nil {
		return false, err
	}
	if sim.Interrupted {
		return false, errors.Join(ctx.Err(), removeRun(t.Dir))
	}
	return false, nil
}

// stands reports whether a folder holds this very run: of the same scenario, inputs and program.
func (l *Local) stands(t Task, loaded *scenarios.Loaded) bool {
	r, err := run.ReadRecord(t.Dir)
	if err != nil || !r.Complete || r.Scenario != string(t.Scenario) || r.Tool.Version != l.Tool.Version || len(r.Inputs) == 0 {
		return false
	}
	var in []scenarios.Input
	for _, x := range r.Inputs[1:] {
		in = append(in, scenarios.Input(x))
	}
	changed, missing := loaded.Changed(in)
	return len(changed)+len(missing) == 0
}

// removeRun takes away a run that was cut short: what is left of a study are whole runs.
func removeRun(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	if err := os.Remove(dir); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(dir)) // the point's, if nothing else is in it
	return nil
}
