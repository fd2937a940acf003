package policytest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/internal/snapshot"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Subject is a policy under test.
type Subject struct {
	// New makes a fresh policy.
	New func() (state.Policy, error)
	// Promises are what its rule says of free GPUs. Busy is asked in worlds of one-role jobs, Greedy where every job takes
	// any GPUs, both only where nodes stay.
	Promises Promise
	// Leaves: it may drop a job, or let it wait for ever, that the engine could place.
	Leaves bool
	// Free: it reproduces a program in which evictions cost nothing. With a cost its rule may have two jobs take each other's
	// GPUs for ever.
	Free bool
	// Alone: it cannot be forked.
	Alone bool
	// Blind: it does not know the domains that a job requires.
	Blind bool
}

// Suite holds a policy to everything that is asked of every policy.
func Suite(t *testing.T, s Subject) {
	for _, w := range Worlds() {
		t.Run(w.Name, func(t *testing.T) {
			if err := s.Holds(&w, 5*state.Second); err != nil {
				t.Error(err)
			}
		})
	}
	draw := func(rt *rapid.T) World {
		w := DrawWorld(rt, rapid.SampledFrom([]Form{FormAnyGPUs, FormPods, FormGangs}).Draw(rt, "form"))
		if s.Free {
			w.FreeEvictions()
		}
		return w
	}
	t.Run("any world", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			w := draw(rt)
			if err := s.Holds(&w, state.Time(rapid.IntRange(0, 30).Draw(rt, "fork_s"))*state.Second); err != nil {
				rt.Fatalf("%v\n%s", err, w.String())
			}
		})
	})
	if s.Blind {
		return
	}
	t.Run("any world with domains", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			w := draw(rt)
			drawDomains(rt, &w)
			if err := s.Holds(&w, state.Time(rapid.IntRange(0, 30).Draw(rt, "fork_s"))*state.Second); err != nil {
				rt.Fatalf("%v\n%s", err, w.String())
			}
		})
	})
}

// Holds runs a world twice, the second time forked at an instant, and says what is wrong.
func (s *Subject) Holds(w *World, forkAt state.Time) error {
	promises := s.promised(w)
	p, err := s.New()
	if err != nil {
		return err
	}
	first, err := Run(w, p, promises)
	if err != nil {
		return err
	}
	if err := s.fates(w, first); err != nil {
		return err
	}
	if p, err = s.New(); err != nil {
		return err
	}
	e, ws, err := begin(w, p, promises)
	if err != nil {
		return err
	}
	if _, err := e.Run(forkAt); err != nil {
		return err
	}
	if !s.Alone {
		f, err := e.Fork()
		if err != nil {
			return err
		}
		if _, err := f.Run(state.Never); err != nil {
			return fmt.Errorf("fork at %d ns: %w", forkAt, err)
		}
		f.Finish(w.Horizon)
		if f.Digest() != first.Digest {
			return fmt.Errorf("a fork at %d ns goes on otherwise than the run", forkAt)
		}
		if err := s.saved(w, e, first); err != nil {
			return fmt.Errorf("saved at %d ns: %w", forkAt, err)
		}
	}
	second, err := ws.end(e)
	if err != nil {
		return fmt.Errorf("second run: %w", err)
	}
	if second.Digest != first.Digest {
		return fmt.Errorf("two runs of the same differ (the second was forked at %d ns)", forkAt)
	}
	return nil
}

// saved writes a simulation as bytes, reads them into another one that is at its beginning, and runs that out.
func (s *Subject) saved(w *World, e *sim.Engine, want *Record) error {
	f, err := e.Fork()
	if err != nil {
		return err
	}
	if err := snapshot.Check(f); err != nil {
		return err
	}
	data, err := snapshot.Encode(f)
	if err != nil {
		return err
	}
	p, err := s.New()
	if err != nil {
		return err
	}
	g, ws, err := begin(w, p, s.promised(w))
	if err != nil {
		return err
	}
	if err := snapshot.Decode(data, g); err != nil {
		return err
	}
	got, err := ws.end(g)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("it goes on otherwise than the run: got %+v, want %+v", got, want)
	}
	return nil
}

// promised are the promises that can be asked in a world.
func (s *Subject) promised(w *World) Promise {
	p := s.Promises
	for i := range w.Jobs {
		r := w.Jobs[i].Roles
		if len(r) != 1 {
			return 0
		}
		if r[0].Within != 0 {
			return 0
		}
		if r[0].Flags&state.RoleSplit == 0 || r[0].TypeMask != 0 || r[0].CPUMilli != 0 || r[0].MemMiB != 0 {
			p &^= Greedy
		}
	}
	for i := range w.Recoveries {
		if r := &w.Recoveries[i]; r.Grace > 0 || r.Protect > 0 { // others wait for GPUs that are not free yet
			p &^= Greedy
		}
	}
	if len(w.Changes) > 0 {
		return 0
	}
	return p
}

// fates says which job met with something that should not be.
func (s *Subject) fates(w *World, r *Record) error {
	if w.Horizon == 0 && len(r.Jobs) != len(w.Jobs) {
		return fmt.Errorf("%d of %d jobs arrived", len(r.Jobs), len(w.Jobs))
	}
	for i := range r.Jobs {
		f, j := &r.Jobs[i], &w.Jobs[i]
		switch {
		case f.Start != state.Unset && f.Never:
			return fmt.Errorf("job %d started and can never be placed", i)
		case f.Outcome == state.Dropped && !w.Drop && !s.Leaves:
			return fmt.Errorf("job %d was dropped", i)
		case f.End == state.Unset && !f.Never && !s.Leaves && w.Horizon == 0 && !held(w, r, j):
			return fmt.Errorf("job %d never ends although it could be placed", i)
		}
	}
	return nil
}

// held reports whether a job waits for one that never ends.
func held(w *World, r *Record, j *state.JobSpec) bool {
	return slices.ContainsFunc(j.After, func(d state.Dep) bool { return r.Jobs[d.Row].End == state.Unset || held(w, r, &w.Jobs[d.Row]) })
}
