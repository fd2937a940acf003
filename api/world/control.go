package world

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Status is how a world does.
type Status struct {
	Now    state.Time
	Speed  Speed
	Active int        // jobs that have not ended
	Jobs   int        // all jobs so far
	Behind state.Time // simulated time that the clock fell behind because the engine could not keep up
	Err    error      // why the world takes no commands any more

	Saved   int64 // commits of the journal that the newest snapshot has; 0: there is none
	SaveErr error // why the last one could not be taken
}

// Status is how the world does. It never moves the clock.
func (w *World) Status() Status {
	w.mu.RLock()
	defer w.mu.RUnlock()
	s := &w.shown
	return Status{Now: s.now, Speed: s.clock.speed, Active: s.active, Jobs: int(s.count), Behind: s.behind, Err: errors.Join(s.err, s.frozen, s.damaged), Saved: s.saved, SaveErr: s.saveErr}
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
		w.clock.speed, w.clock.wall = s, w.wall()
		if s.Mode == Paused || s.Mode == PerRequest {
			w.rest() // it will not move by itself
		}
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
	return errors.Join(w.err, w.frozen)
}

// Digest is the SHA-256 over every state change so far, as a run has it that stops where the clock stands (see
// sim.Engine.DigestAt).
func (w *World) Digest(ctx context.Context) (digest string, v View, err error) {
	v, err = w.alone(ctx, func() error {
		digest = w.digest()
		return nil
	})
	return digest, v, err
}

// Reset makes the world what it was at its start: the same calls give the same answers once more. The clock goes back.
func (w *World) Reset(ctx context.Context) (View, error) {
	return w.alone(ctx, func() error {
		plan, err := w.cfg.Load()
		if err != nil {
			return fmt.Errorf("the scenario cannot be loaded again; the world is as it was: %w", err)
		}
		speed := w.clock.speed
		if w.journal != nil {
			w.forgetSaves()
			if err := w.journal.Clear(); err != nil {
				w.freeze(err)
				return w.frozen
			}
		}
		old := w.plan
		if err := w.build(plan); err != nil {
			w.err = err
			return err
		}
		_ = old.Close() // a guest's memory: nobody asks the old policy any more
		w.tidy()
		w.clock.speed = speed
		return nil
	})
}

// WaitFor moves the clock, from one instant at which something may change to the next, until done says so of the jobs, or to a
// limit. It reports whether done did. Other calls are served meanwhile.
func (w *World) WaitFor(ctx context.Context, limit state.Time, tokens []string, done func(v View, jobs []*Job) bool) (reached bool, v View, err error) {
	for over := false; !over; {
		v, err = w.alone(ctx, func() error {
			for end := time.Now().Add(slice); !over && time.Now().Before(end); {
				w.publish()
				now := View{w, w.clock.base}
				jobs, err := now.all(tokens)
				if err != nil {
					return err
				}
				if reached = done(now, jobs); reached || now.Now >= limit {
					over = true
					break
				}
				if err := w.advance(min(w.nextChange(now, jobs), limit)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return false, v, err
		}
	}
	return reached, v, nil
}

// all looks jobs up.
func (v View) all(tokens []string) ([]*Job, error) {
	jobs := make([]*Job, len(tokens))
	for i, t := range tokens {
		j, ok := v.Job(t)
		if !ok {
			return nil, ErrNotFound
		}
		jobs[i] = j
	}
	return jobs, nil
}

// nextChange is the next instant at which the engine does something or a job enters another phase.
func (w *World) nextChange(v View, jobs []*Job) state.Time {
	next := w.peek()
	for _, j := range jobs {
		h := play.Tell(&j.Life, state.End)
		for i := range h.Steps {
			if at := h.Steps[i].From; at > v.Now {
				next = min(next, at)
			}
		}
	}
	return max(min(next, lastInstant), v.Now)
}

// ChangeNode fails, mends, drains or closes a node, now.
func (w *World) ChangeNode(ctx context.Context, name string, kind sim.ChangeKind) (View, error) {
	return w.send(ctx, &call{plan: func(state.Time) (*entry, error) {
		node, err := w.node(name)
		return &entry{Kind: entryNode, Node: node, Change: kind}, err
	}})
}

// PlanChange has a node fail, mend, drain or close at an instant that lies ahead: what at makes of the present one.
func (w *World) PlanChange(ctx context.Context, name string, kind sim.ChangeKind, at func(now state.Time) state.Time) (View, error) {
	return w.send(ctx, &call{plan: func(now state.Time) (*entry, error) {
		node, err := w.node(name)
		if err != nil {
			return nil, err
		}
		then := at(now)
		if err := w.mustLieAhead(now, then); err != nil {
			return nil, err
		}
		return &entry{Kind: entryChange, Node: node, Change: kind, At: then}, nil
	}})
}

// node is the number of a node.
func (w *World) node(name string) (int32, error) {
	for i := range w.book.nodes {
		if w.book.nodes[i].Name == name {
			return int32(i), nil
		}
	}
	return 0, fmt.Errorf("%w: no node %q", ErrNotFound, name)
}

// Exit makes a job that holds resources end now with an exit code.
func (w *World) Exit(ctx context.Context, token string, code uint8) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (*entry, error) {
		if !j.Active() {
			return nil, ErrEnded
		}
		return &entry{Kind: entryExit, Code: code}, nil
	})
}

// Preempt takes a job's resources away now; it queues again and starts over.
func (w *World) Preempt(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (*entry, error) {
		if !j.Active() {
			return nil, ErrEnded
		}
		return &entry{Kind: entryPreempt}, nil
	})
}

// Hang makes a job that holds resources stand still: it goes on holding them until it is stopped, loses them, or reaches the
// limit of its running time.
func (w *World) Hang(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, v View) (*entry, error) { return w.hang(j, v.Now) })
}

func (w *World) hang(j *Job, now state.Time) (*entry, error) {
	h := play.Tell(&j.Life, now)
	switch last := h.Last(); {
	case !j.Active():
		return nil, ErrEnded
	case last.Phase == play.Reserving:
		return nil, errors.New("the job's command has ended: it only keeps its resources")
	case j.hangs():
		return nil, sim.ErrHangs
	}
	e := &entry{Kind: entryHang, Grace: state.Never}
	ends := state.Never
	if j.put() {
		ends, e.Code = j.Life.Put.Until, standsAlready
	} else if n := len(j.Life.Attempts); n > 0 {
		ends = j.Life.Script.Deadline(j.Life.Attempts[n-1].Start)
	}
	if ends < state.Never {
		e.Grace = max(ends-now, 0)
	}
	return e, nil
}
