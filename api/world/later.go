package world

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// due is a command that is carried out by itself when its instant comes. Until then nothing but this list knows of it; when it
// is carried out it is kept like any other command, so that a replay finds it where it happened.
type due struct {
	At     state.Time
	Number uint64 // of the command that brought it
	Entry  *entry
}

// later is what an entry plans, if it does.
func (e *entry) later() (d due, planned bool, err error) {
	switch e.Kind {
	case entryLater:
		list, err := decode(e.Payload)
		if err == nil && (len(list) != 1 || !list[0].mayBePlanned() || (list[0].Kind == entrySet) != (e.Code == ofNoJob)) {
			err = errors.New("it plans no command that can be planned")
		}
		if err != nil {
			return d, false, err
		}
		d = due{e.At, e.Number, list[0]}
	case entryPut:
		p, err := e.put()
		if err != nil {
			return d, false, err
		}
		at, how := p.Ends()
		if at == state.Never {
			return d, false, nil
		}
		d = due{at, e.Number, &entry{Kind: entryFinish, Job: e.Job, Code: uint8(how), Grace: p.At}}
	default:
		return d, false, nil
	}
	d.Entry.Number, d.Entry.At = d.Number, d.At
	return d, true, nil
}

// mayBePlanned reports whether a command that names a job may be carried out later on.
func (e *entry) mayBePlanned() bool {
	switch e.Kind {
	case entryStop, entryExit, entryPreempt, entryHang, entryReclaim, entryAmend, entrySet:
		return true
	}
	return false
}

// agenda are the commands that are due, in order of their instants.
type agenda []due

// expect takes a command into the list, behind those of its instant.
func (a *agenda) expect(d due) {
	i, _ := slices.BinarySearchFunc(*a, d, func(x, y due) int { return cmp.Or(cmp.Compare(x.At, y.At), -1) })
	*a = slices.Insert(slices.Clip(*a), i, d)
}

// forget drops what was due before an instant, or was carried out there: a replay meets what was carried out as a commit.
func (a *agenda) forget(before state.Time, done []*entry) {
	*a = slices.DeleteFunc(*a, func(d due) bool {
		return d.At < before || slices.ContainsFunc(done, func(e *entry) bool { return e.fired() && e.Number == d.Number && e.At == d.At })
	})
}

// nextDue is the instant of the first command that is due, or Never.
func (w *World) nextDue() state.Time {
	if len(w.later) == 0 {
		return state.Never
	}
	return w.later[0].At
}

// fire carries out the first command that is due; hold puts its pass off. One that makes no sense any more is kept as dropped: a replay would not know.
func (w *World) fire(hold bool) {
	d := w.later[0]
	w.later = w.later[1:]
	e, dropped := *d.Entry, entry{Kind: entryDrop, Number: d.Number, At: d.At}
	if e.Kind == entryRevive {
		e = w.revive(&e, max(d.At, w.engine.Now()+1), dropped)
	} else if e.Kind == entrySet {
		// the queue is looked at when it is changed
	} else if e.Job < w.book.count && w.makesSense(&e) {
		e.slot = w.book.get(e.Job).slot
	} else {
		e = dropped
	}
	at := max(d.At, w.engine.Now()+1)
	answers, err := w.commit(at, hold, []*entry{&e})
	if err != nil {
		w.err = err
		return
	}
	if kept, _ := e.verdict(answers[0]); !kept {
		e = dropped
	}
	if err := w.keep(at, hold, []*entry{&e}); err != nil {
		w.freeze(err)
		return
	}
	w.record(&e)
}

// makesSense looks at a command that is due as its job stands now.
func (w *World) makesSense(e *entry) bool {
	j := w.book.get(e.Job)
	if !j.Active() {
		return false
	}
	if e.Kind == entryHang {
		h, err := w.hang(j, e.At)
		if err != nil {
			return false
		}
		e.Grace, e.Code = h.Grace, h.Code
	}
	if e.Kind != entryFinish {
		return true
	}
	p := j.Life.Put
	return p != nil && p.At == e.Grace && p.Attempt == len(j.Life.Attempts)-1 && j.Life.StopAt == state.Unset && (j.Life.HungAt <= p.At || e.Code == uint8(state.Cancelled))
}

// fired reports whether a command came from the list.
func (e *entry) fired() bool {
	return e.At > 0 && (e.Kind == entryFinish || e.Kind == entryPut || e.Kind == entryDrop || e.mayBePlanned())
}

// The doings that PlanJob knows.
const (
	DoStop     = "stop"
	DoExit     = "exit"
	DoPreempt  = "preempt"
	DoHang     = "hang"
	DoReclaim  = "reclaim"
	DoPriority = "priority"
)

// JobChange is what is to happen to a job at an instant that lies ahead.
type JobChange struct {
	Do       string
	Code     uint8 // of DoExit
	Priority int32 // of DoPriority
}

// PlanJob plans what Stop, Exit, Preempt, Hang, Reclaim or Amend would do to a job now, at what at makes of the present instant. What makes
// no sense when its instant comes does not happen.
func (w *World) PlanJob(ctx context.Context, token string, c JobChange, at func(now state.Time) state.Time) (View, error) {
	return w.change(ctx, token, func(j *Job, v View) (*entry, error) {
		if !j.Active() {
			return nil, ErrEnded
		}
		then := at(v.Now)
		if err := w.mustLieAhead(v.Now, then); err != nil {
			return nil, err
		}
		e := &entry{Job: j.Number}
		switch c.Do {
		case DoStop:
			e.Kind, e.Grace = entryStop, j.Life.Script.Grace
		case DoExit:
			e.Kind, e.Code = entryExit, c.Code
		case DoPreempt:
			e.Kind = entryPreempt
		case DoHang:
			e.Kind = entryHang
		case DoReclaim:
			r, err := reclaim(j)
			if err != nil {
				return nil, err
			}
			e.Kind, e.Code = r.Kind, r.Code
		case DoPriority:
			e.Kind, e.Priority = entryAmend, &c.Priority
		default:
			return nil, fmt.Errorf("got %q, want %s, %s, %s, %s, %s or %s", c.Do, DoStop, DoExit, DoPreempt, DoHang, DoReclaim, DoPriority)
		}
		return &entry{Kind: entryLater, At: then, Payload: encode([]*entry{e})}, nil
	})
}

// mustLieAhead refuses an instant that does not lie ahead.
func (w *World) mustLieAhead(now, then state.Time) error {
	if then <= now || then > lastInstant {
		return fmt.Errorf("a change at %s: want an instant behind %s", w.Time(min(then, lastInstant)), w.Time(now))
	}
	return nil
}

// recordLater takes a planned command into the list and among the planned changes.
func (w *World) recordLater(e *entry) {
	d, _, _ := e.later() // it was read when it was carried out
	w.later.expect(d)
	if e.Code == ofNoJob {
		q, _ := d.Entry.queueSet()
		w.book.changes = append(w.book.changes, Change{At: d.At, Set: q.Set, To: q.To})
		return
	}
	c := Change{At: d.At, Job: base36(w.ids.token(w.book.get(d.Entry.Job))), What: JobChange{Do: d.Entry.Kind, Code: d.Entry.Code}}
	if d.Entry.Priority != nil {
		c.What.Do, c.What.Priority = DoPriority, *d.Entry.Priority
	}
	w.book.changes = append(w.book.changes, c)
}
