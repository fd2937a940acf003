package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// standsAlready is a job that the engine has stand still: its history is computed by what it was put into.
const standsAlready = 1

// What the engine does when a job is put into a phase (entry.Code).
const (
	putShow    = iota // nothing
	putStand          // the job stands still and holds what it has
	putSucceed        // it ends
	putFail
	putStop // it ends, after entry.Grace
)

// Put puts a job that has not ended into a phase, now, with a history that leads there. A job that must hold resources for that
// and holds none gets them first, in its turn: the clock is moved there, at most by wait. The error may be a *play.PutError.
func (w *World) Put(ctx context.Context, token string, to play.Target, wait state.Time) (View, error) {
	now, err := w.Peek(ctx)
	if err != nil {
		return now, err
	}
	ready, v, err := w.WaitFor(ctx, now.Now.Add(wait), []string{token}, func(v View, jobs []*Job) bool {
		return !to.NeedsResources() || jobs[0].Holds() || !jobs[0].Active()
	})
	if err != nil {
		return v, err
	}
	if !ready {
		return v, fmt.Errorf("the job got no resources until %s", w.Time(v.Now))
	}
	return w.change(ctx, token, func(j *Job, v View) (*entry, error) {
		if !j.Active() {
			return nil, ErrEnded
		}
		p, err := j.Life.Lead(v.Now, to)
		if err != nil {
			return nil, err
		}
		e := &entry{Kind: entryPut}
		e.Payload, err = json.Marshal(p)
		switch {
		case to.Phase == play.Stopped || to.Phase == play.Failed && !j.Holds():
			e.Code = putStop
		case to.Phase == play.Stopping:
			if e.Code, e.Grace = putStop, to.Span; to.Span == state.Unset {
				e.Grace = j.Life.Script.Grace
			}
		case to.Phase == play.Succeeded:
			e.Code = putSucceed
		case to.Phase == play.Failed:
			e.Code = putFail
		case p.Attempt >= 0 && !j.hangs() && !j.put():
			e.Code = putStand
		}
		return e, err
	})
}

// hangs reports whether somebody made the present attempt stand still.
func (j *Job) hangs() bool {
	n := len(j.Life.Attempts)
	return j.Holds() && j.Life.HungAt > j.Life.Attempts[n-1].Start
}

// put reports whether the present attempt was put into a phase.
func (j *Job) put() bool {
	return j.Holds() && j.Life.Put != nil && j.Life.Put.Attempt == len(j.Life.Attempts)-1
}

// put reads what a job is put into.
func (e *entry) put() (*play.Put, error) {
	var p play.Put
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return nil, fmt.Errorf("what a job is put into cannot be read: %w", err)
	}
	bad := len(p.Steps) == 0 || p.Next < 0 || p.Attempt >= 0 && len(p.Rest) == 0 || p.Attempt >= 0 && len(p.Tries) == 0 || p.Attempt >= p.Next
	for i := range p.Tries {
		bad = bad || p.Tries[i].Attempt < 0
	}
	for i := range p.Steps {
		bad = bad || p.Steps[i].Phase > play.Stopped
	}
	for i := range p.Rest {
		bad = bad || p.Rest[i].Phase > play.Stopped || p.Rest[i].Span < 0
	}
	if bad {
		return nil, errors.New("what a job is put into makes no sense")
	}
	return &p, nil
}

// putCommand is what the engine does for a put.
func (e *entry) putCommand(c *sim.Command) (*sim.Command, error) {
	switch e.Code {
	case putShow:
		return nil, nil
	case putStand:
		c.Kind, c.Grace = sim.CommandHang, state.Never
	case putSucceed:
		c.Kind, c.Outcome = sim.CommandEnd, state.Finished
	case putFail:
		c.Kind, c.Outcome = sim.CommandEnd, state.Failed
	case putStop:
		c.Kind, c.Grace = sim.CommandStop, e.Grace
	default:
		return nil, fmt.Errorf("no put %d", e.Code)
	}
	return c, nil
}

// finishCommand ends a job as it was put to.
func (e *entry) finishCommand(c *sim.Command) (*sim.Command, error) {
	switch how := state.Outcome(e.Code); how {
	case state.Finished, state.Failed:
		c.Kind, c.Outcome = sim.CommandEnd, how
	case state.Cancelled:
		c.Kind, c.Grace = sim.CommandStop, 0
	default:
		return nil, fmt.Errorf("no end %d", e.Code)
	}
	return c, nil
}

// recordPut brings a put into the record.
func (w *World) recordPut(e *entry) {
	p, _ := e.put() // it was read when it was carried out
	l := &w.book.edit(e.Job).Life
	if p.Next > len(l.Attempts) { // of a state that somebody wrote by hand
		return
	}
	l.Put, l.HungAt, l.Created = p, 0, p.Steps[0].From
	if d, planned, _ := e.later(); planned {
		w.later.expect(d)
	}
}
