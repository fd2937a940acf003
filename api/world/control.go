package world

import (
	"context"
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// Status is how a world does.
type Status struct {
	Now    state.Time
	Speed  Speed
	Active int        // jobs that have not ended
	Jobs   int        // all jobs so far
	Behind state.Time // simulated time that the clock fell behind because the engine could not keep up
	Err    error      // why the simulation stands for ever
}

// Status is how the world does. It never moves the clock.
func (w *World) Status() Status {
	w.mu.RLock()
	defer w.mu.RUnlock()
	s := &w.shown
	return Status{Now: s.now, Speed: s.clock.speed, Active: s.active, Jobs: len(s.jobs), Behind: s.behind, Err: s.err}
}

// alone runs a function in the world's goroutine with no command beside it.
func (w *World) alone(ctx context.Context, f func() error) (View, error) {
	return w.send(ctx, &call{alone: f})
}

// Peek is Look without moving the clock at speed request=D.
func (w *World) Peek(ctx context.Context) (View, error) {
	return w.alone(ctx, func() error { return nil })
}

// SetSpeed changes how simulated time moves from now on.
func (w *World) SetSpeed(ctx context.Context, s Speed) (View, error) {
	return w.alone(ctx, func() error {
		w.clock.speed, w.clock.wall = s, time.Now()
		return nil
	})
}

// AdvanceTo moves the clock to an instant, through everything that happens until then and at it, at any speed.
func (w *World) AdvanceTo(ctx context.Context, t state.Time) (View, error) {
	return w.alone(ctx, func() error { return w.advance(t) })
}

// Advance moves the clock by a span.
func (w *World) Advance(ctx context.Context, d state.Time) (View, error) {
	return w.alone(ctx, func() error { return w.advance(w.clock.base.Add(d)) })
}

func (w *World) advance(t state.Time) error {
	if t < w.clock.base || t > lastInstant {
		return fmt.Errorf("the clock stands at %s and cannot move to %s", w.Time(w.clock.base), w.Time(min(t, lastInstant)))
	}
	w.runTo(t)
	return w.err
}
