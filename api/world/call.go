package world

import (
	"context"
	"fmt"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// call is a message to the goroutine that owns the engine.
type call struct {
	moves bool // at speed request=D it moves the clock
	alone func() error
	plan  func(now state.Time) (*entry, error) // nil: a read

	entry *entry // what it wants to do, once that was found to be right; nil: nothing, or refused
	now   state.Time
	err   error
	done  chan struct{}
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
	if w.frozen != nil {
		w.serveFrozen(first)
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
	at := w.stamp(first.plan != nil)
	calls, commands := w.gather(first, at)
	if w.err == nil && commands > 0 {
		w.apply(at, calls)
	}
	w.publish()
	for _, c := range calls {
		if c.now = w.clock.base; w.frozen != nil {
			w.serveFrozen(c) // what was carried out and could not be kept nobody will see
			continue
		}
		c.answer(w.err)
	}
}

// stamp is the instant of the next commands. What was planned up to it comes first, also where the clock stands and only the stamps go on:
// else a restart, to which it is due, would carry out what this world has not.
func (w *World) stamp(commands bool) state.Time {
	for {
		at := max(w.clock.base, w.engine.Now()+1)
		if !commands || w.err != nil || w.frozen != nil || w.nextDue() > at {
			return at
		}
		w.fire(w.clock.speed.Mode == Paused)
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
			if w.nextDue() <= at {
				w.next = c // behind a call that is no command; see stamp
				break
			}
			e, err := c.plan(at)
			if err == nil && e.Kind == entryQueue && commands > 0 {
				w.next = c // what was planned before it must find the queues as they were
				break
			}
			if err == nil && e.Kind != entrySubmit && e.Kind != entryNode && e.Kind != entryChange && e.Kind != entryQueue {
				if touched[e.Job] {
					w.next = c // it is planned again when the one before it is done
					break
				}
				touched[e.Job] = true
			}
			if c.entry, c.err = e, err; err == nil {
				w.commands++ // refused commands have no number
				e.Number = w.commands
				commands++
			}
		}
		if calls = append(calls, c); c.entry != nil && c.entry.Kind == entryQueue {
			break // what comes behind it is planned for the queues as they will be
		}
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

// apply closes an instant with the commands of the calls, keeps what was accepted, and brings it into the record.
func (w *World) apply(at state.Time, calls []*call) {
	var list []*entry
	var of []*call
	for _, c := range calls {
		if c.entry != nil {
			list, of = append(list, c.entry), append(of, c)
		}
	}
	hold := w.clock.speed.Mode == Paused
	answers, err := w.commit(at, hold, list)
	if err != nil {
		w.err = err
		return
	}
	var kept []*entry
	for i, e := range list {
		ok, told := e.verdict(answers[i])
		if of[i].err = told; ok {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 && !w.mayReach(at) { // else the commit says how far the clock went
		return
	}
	if err := w.keep(at, hold, kept); err != nil {
		w.freeze(err)
		return
	}
	for _, e := range kept {
		w.record(e)
	}
	w.err = w.book.err
	w.clock.base = max(w.clock.base, at)
}

// commit closes an instant with commands, brings it into the record, and gives what the engine says to each.
func (w *World) commit(at state.Time, hold bool, list []*entry) ([]error, error) {
	answers, err := w.carry(at, hold, list)
	w.engine.Flush()
	w.book.now = at
	return answers, err
}

// carry closes an instant with commands.
func (w *World) carry(at state.Time, hold bool, list []*entry) ([]error, error) {
	batch := sim.Commands{At: at, Hold: hold}
	var of []int
	for i, e := range list {
		c, err := w.translator.command(e)
		if err != nil {
			return nil, fmt.Errorf("command %d cannot be carried out: %w", e.Number, err)
		}
		w.announce(e)
		if c != nil {
			batch.List, of = append(batch.List, *c), append(of, i)
		}
	}
	said, err := w.engine.Apply(batch)
	if err != nil {
		return nil, fmt.Errorf("the simulation cannot go on: %w", err)
	}
	answers := make([]error, len(list))
	for i, a := range said {
		e := list[of[i]]
		if answers[of[i]] = a.Err; a.Err != nil && e.Kind == entrySubmit {
			return nil, fmt.Errorf("the engine refuses job %q, which passed every check: %w", e.Submit.Name, a.Err)
		}
	}
	return answers, nil
}

// Look is a view of the world as it stands. It counts as a call: at speed request=D it moves the clock first.
func (w *World) Look(ctx context.Context) (View, error) {
	w.mu.RLock()
	s := &w.shown
	now, sure := s.clock.at(w.wall())
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
	var number uint64
	request := s.Play
	request.Profiles = w.profiles
	c := &call{moves: true, plan: func(state.Time) (*entry, error) {
		e := &entry{Kind: entrySubmit, Submit: &submitted{API: s.API, Name: s.Name, User: s.User, Queue: s.Queue, Priority: s.Priority, Roles: s.Roles,
			Script: play.Write(w.ids.seed, w.commands+1, &request), Payload: s.Payload}}
		number = w.commands + 1
		if err := w.takesJobs(s.Queue); err != nil {
			return nil, err
		}
		_, err := w.translator.command(e)
		return e, err
	}}
	v, err := w.send(ctx, c)
	if err != nil {
		return nil, v, err
	}
	j, ok := v.byCommand(number)
	if !ok {
		return nil, v, ErrNotFound // it was reset away meanwhile
	}
	return j, v, nil
}

// Stop asks a job to end. One that is being stopped already goes on ending; one that has ended is ErrEnded.
func (w *World) Stop(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (*entry, error) {
		if !j.Active() {
			return nil, ErrEnded
		}
		return &entry{Kind: entryStop, Grace: j.Life.Script.Grace}, nil
	})
}

// Delete takes a job that has ended out of what views show.
func (w *World) Delete(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (*entry, error) {
		if j.Active() {
			return nil, ErrActive
		}
		return &entry{Kind: entryDelete}, nil
	})
}

// Discard takes a job out of what views show at once, and asks it to end if it has not: its resources are free when it has.
func (w *World) Discard(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (*entry, error) {
		if j.Active() && !j.stopping() {
			return &entry{Kind: entryDiscard, Grace: j.Life.Script.Grace}, nil
		}
		return &entry{Kind: entryDelete}, nil
	})
}

// Amend changes a job by what decide makes of it as it stands. Decide runs in the world's own goroutine: it must be quick and
// call no method of World.
func (w *World) Amend(ctx context.Context, token string, decide func(j *Job, v View) (Amendment, error)) (View, error) {
	return w.change(ctx, token, func(j *Job, v View) (*entry, error) {
		a, err := decide(j, v)
		if err != nil {
			return nil, err
		}
		e := &entry{Kind: entryAmend, Payload: a.Payload}
		if a.Priority != nil && *a.Priority != j.Priority {
			if !j.Active() {
				return nil, ErrEnded
			}
			e.Priority = a.Priority
		}
		return e, nil
	})
}

// change sends a call that changes one job.
func (w *World) change(ctx context.Context, token string, do func(*Job, View) (*entry, error)) (View, error) {
	x, ok := parse36(token)
	return w.send(ctx, &call{moves: true, plan: func(now state.Time) (*entry, error) {
		if !ok {
			return nil, ErrNotFound
		}
		x := w.ids.unscramble(x)
		n, found := numberOf(x, w.book.jobOf)
		if !found || n >= w.book.count {
			return nil, ErrNotFound
		}
		j := w.book.get(n)
		if w.book.err != nil {
			return nil, w.book.err
		}
		if j.Deleted || x&1 == 1 && j.Command != 0 {
			return nil, ErrNotFound
		}
		e, err := do(j, View{w, now})
		if err == nil {
			e.Job, e.slot = j.Number, j.slot
		}
		return e, err
	}})
}
