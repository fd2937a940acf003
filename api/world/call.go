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

// call is a message to the goroutine that owns the engine.
type call struct {
	moves bool // at speed request=D it moves the clock
	alone func() error
	plan  func(now state.Time) (plan, error) // nil: a read

	plans plan
	now   state.Time
	err   error
	done  chan struct{}
}

// plan is what a call wants to do once it was found to be right.
type plan struct {
	job     uint64       // that it changes
	fresh   bool         // it makes a job instead
	command *sim.Command // for the engine; nil: only the record changes
	then    func(sim.Answer) error
}

func (c *call) answer(err error) {
	if err != nil && c.err == nil {
		c.err = err
	}
	close(c.done)
}

// serve handles a call and those that wait behind it: their commands share an instant and a pass.
func (w *World) serve(first *call) {
	if w.err != nil {
		first.answer(w.err)
		return
	}
	w.mu.Lock()
	w.shown.next = 0 // no reader computes where the clock stands until the next publication: it may not pass the stamp
	w.mu.Unlock()
	w.runToClock()
	if first.moves && w.clock.speed.Mode == PerRequest {
		w.runTo(w.clock.base.Add(w.clock.speed.Step))
	}
	if first.alone != nil {
		first.err = first.alone()
		w.publish()
		first.now = w.clock.base
		first.answer(w.err)
		return
	}
	at := max(w.clock.base, w.engine.Now()+1)
	calls, commands := w.gather(first, at)
	if w.err == nil && commands > 0 {
		w.apply(at, calls)
	}
	w.publish()
	for _, c := range calls {
		c.now = w.clock.base
		c.answer(w.err)
	}
}

// gather plans the call and what waits behind it, until two would change the same job.
func (w *World) gather(first *call, at state.Time) (calls []*call, commands int) {
	touched := map[uint64]bool{}
	for c := first; c != nil; c = w.waiting(len(calls)) {
		if c.alone != nil {
			w.next = c
			break
		}
		if c.plan != nil {
			p, err := c.plan(at)
			if err == nil && !p.fresh {
				if touched[p.job] {
					w.next = c // it is planned again when the one before it is done
					break
				}
				touched[p.job] = true
			}
			if c.plans, c.err = p, err; err == nil {
				w.commands++ // refused commands have no number
				commands++
			}
		}
		calls = append(calls, c)
	}
	return calls, commands
}

// waiting is the next call in the mailbox, if it may join a batch of n.
func (w *World) waiting(n int) *call {
	if n >= maxBatch || w.clock.speed.Mode == PerRequest {
		return nil
	}
	select {
	case c := <-w.mail:
		return c
	default:
		return nil
	}
}

// apply closes an instant with the commands of the calls and brings what they did into the record.
func (w *World) apply(at state.Time, calls []*call) {
	batch := sim.Commands{At: at, Hold: w.clock.speed.Mode == Paused}
	for _, c := range calls {
		if c.err == nil && c.plans.command != nil {
			batch.List = append(batch.List, *c.plans.command)
		}
	}
	answers, err := w.engine.Apply(batch)
	if err != nil {
		w.err = fmt.Errorf("the simulation cannot go on: %w", err)
		return
	}
	w.engine.Flush()
	w.book.now = at
	w.clock.base = max(w.clock.base, at)
	for _, c := range calls {
		if c.err != nil || c.plan == nil {
			continue
		}
		var a sim.Answer
		if c.plans.command != nil {
			a, answers = answers[0], answers[1:]
		}
		if c.plans.then != nil {
			c.err = c.plans.then(a)
		}
	}
}

// Look is a view of the world as it stands. It counts as a call: at speed request=D it moves the clock first.
func (w *World) Look(ctx context.Context) (View, error) {
	w.mu.RLock()
	s := &w.shown
	now, sure := s.clock.at(time.Now())
	fast := sure && s.err == nil && s.clock.speed.Mode != PerRequest && now < s.next
	w.mu.RUnlock()
	if fast {
		select {
		case <-w.done:
			return View{}, ErrClosed
		default:
			return View{w, now}, nil
		}
	}
	return w.send(ctx, &call{moves: true})
}

func (w *World) send(ctx context.Context, c *call) (View, error) {
	err := w.wait(ctx, c)
	return View{w, c.now}, err
}

// Submit takes a job in. The view shows it.
func (w *World) Submit(ctx context.Context, s *Submission) (*Job, View, error) {
	if err := play.Check(s.Play.Env); err != nil {
		return nil, View{}, err
	}
	var job *Job
	v, err := w.send(ctx, &call{moves: true, plan: func(state.Time) (plan, error) {
		script := play.Write(w.ids.seed, w.commands+1, &s.Play)
		spec, err := w.spec(s, &script)
		if err != nil {
			return plan{}, err
		}
		job = &Job{Command: w.commands, API: s.API, Name: s.Name, User: s.User, Queue: s.Queue, Priority: s.Priority, Roles: s.Roles,
			Payload: s.Payload, Life: play.Life{Script: script}}
		w.book.pending = append(w.book.pending, job)
		return plan{fresh: true, command: &sim.Command{Kind: sim.CommandSubmit, Spec: spec, Hold: script.Create},
			then: func(a sim.Answer) error { return a.Err }}, nil
	}})
	return job, v, err
}

// Stop asks a job to end. One that is being stopped already goes on ending; one that has ended is ErrEnded.
func (w *World) Stop(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (plan, error) {
		if !j.Active() {
			return plan{}, ErrEnded
		}
		return plan{command: &sim.Command{Kind: sim.CommandStop, Job: j.Number, Slot: j.slot, Grace: j.Life.Script.Grace},
			then: func(a sim.Answer) error {
				switch {
				case errors.Is(a.Err, sim.ErrNoJob): // it ended at this very instant
					return ErrEnded
				case errors.Is(a.Err, sim.ErrStopping):
					return nil
				}
				return a.Err
			}}, nil
	})
}

// Delete takes a job that has ended out of what views show.
func (w *World) Delete(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (plan, error) {
		if j.Active() {
			return plan{}, ErrActive
		}
		return plan{then: func(sim.Answer) error {
			w.book.edit(j.Number).Deleted = true
			return nil
		}}, nil
	})
}

// Amend changes a job by what decide makes of it as it stands. Decide runs in the world's own goroutine: it must be quick and
// call no method of World.
func (w *World) Amend(ctx context.Context, token string, decide func(j *Job, v View) (Amendment, error)) (View, error) {
	return w.change(ctx, token, func(j *Job, v View) (plan, error) {
		a, err := decide(j, v)
		if err != nil {
			return plan{}, err
		}
		p := plan{then: func(sim.Answer) error {
			if a.Payload != nil {
				w.book.edit(j.Number).Payload = a.Payload
			}
			return nil
		}}
		if a.Priority != nil && *a.Priority != j.Priority {
			if !j.Active() {
				return plan{}, ErrEnded
			}
			p.command = &sim.Command{Kind: sim.CommandPriority, Job: j.Number, Slot: j.slot, Priority: *a.Priority}
			record := p.then
			p.then = func(a sim.Answer) error {
				if a.Err != nil {
					return ErrEnded
				}
				return record(a)
			}
		}
		return p, nil
	})
}

// change sends a call that changes one job.
func (w *World) change(ctx context.Context, token string, do func(*Job, View) (plan, error)) (View, error) {
	x, ok := parse36(token)
	return w.send(ctx, &call{moves: true, plan: func(now state.Time) (plan, error) {
		v := View{w, now}
		if !ok {
			return plan{}, ErrNotFound
		}
		s := shown{jobs: w.book.jobs, made: w.book.made}
		j, found := s.find(w.ids.unscramble(x))
		if !found || j.Deleted {
			return plan{}, ErrNotFound
		}
		p, err := do(j, v)
		p.job = j.Number
		return p, err
	}})
}
