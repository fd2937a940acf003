package world

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// The kinds of entries.
const (
	entrySubmit  = "submit"
	entryStop    = "stop"
	entryDelete  = "delete"
	entryAmend   = "amend"
	entryNode    = "node"
	entryChange  = "change"
	entryExit    = "exit"
	entryPreempt = "preempt"
	entryHang    = "hang"
	entryPut     = "put"     // a job is put into a phase
	entryFinish  = "finish"  // a job that was put into a phase comes to its end
	entryLater   = "later"   // another command is to be carried out later on
	entryReclaim = "reclaim" // a spot job's resources are taken back
	entryQueue   = "queue"   // a queue is made, changed or removed
	entrySet     = "set"     // a value of a queue is set
	entryDrop    = "drop"    // one that was due made no sense any more
	entryDiscard = "discard"
)

// entry is a command as it is carried out and as the journal keeps it: with everything that was decided when it was accepted,
// so that a replay decides nothing anew.
type entry struct {
	Kind     string
	Number   uint64 // of the command, from 1
	Job      uint64 // number of the job that it changes
	Submit   *submitted
	Grace    state.Time
	Priority *int32
	Payload  []byte
	Node     int32
	Change   sim.ChangeKind
	At       state.Time // of a change; of a command that was due: when
	Code     uint8      // exit code; of a put, what the engine does; of a hang, whether the engine does anything; of a finish, the outcome

	slot int32 // a hint
}

// submitted is a job as its submission fixed it.
type submitted struct {
	API      string
	Name     string
	User     string
	Queue    string
	Priority int32
	Roles    []Role
	Script   play.Script
	Payload  []byte
}

// command is what the engine has to do for an entry, or nil when only the record changes.
func (t *translator) command(e *entry) (*sim.Command, error) {
	c := &sim.Command{Job: e.Job, Slot: e.slot}
	switch e.Kind {
	case entrySubmit:
		if e.Submit == nil {
			return nil, errors.New("it submits nothing")
		}
		spec, err := t.spec(e.Submit)
		c.Kind, c.Spec, c.Hold = sim.CommandSubmit, spec, e.Submit.Script.Create
		return c, err
	case entryStop, entryDiscard:
		c.Kind, c.Grace = sim.CommandStop, e.Grace
	case entryAmend:
		if e.Priority == nil {
			return nil, nil
		}
		c.Kind, c.Priority = sim.CommandPriority, *e.Priority
	case entryNode:
		c.Kind, c.Node = sim.CommandNode, sim.Change{Kind: e.Change, Node: e.Node}
	case entryChange:
		c.Kind, c.Node = sim.CommandChange, sim.Change{At: e.At, Kind: e.Change, Node: e.Node}
	case entryExit:
		c.Kind, c.Outcome = sim.CommandEnd, state.Failed
		if e.Code == 0 {
			c.Outcome = state.Finished
		}
	case entryPreempt:
		c.Kind = sim.CommandPreempt
	case entryHang:
		if e.Code == standsAlready {
			return nil, nil
		}
		c.Kind, c.Grace = sim.CommandHang, e.Grace
	case entrySet:
		q, err := e.queueSet()
		if err != nil {
			return nil, err
		}
		c.Kind, c.Queue = sim.CommandQueue, &q.Edit
	case entryReclaim:
		if c.Kind = sim.CommandPreempt; e.Code == reclaimFails {
			c.Kind, c.Outcome = sim.CommandEnd, state.Failed
		}
	case entryPut:
		if _, err := e.put(); err != nil {
			return nil, err
		}
		return e.putCommand(c)
	case entryFinish:
		return e.finishCommand(c)
	case entryLater:
		_, _, err := e.later()
		return nil, err
	case entryQueue:
		return t.queueCommand(e.Payload)
	case entryDelete, entryDrop:
		return nil, nil
	default:
		return nil, fmt.Errorf("no command %q", e.Kind)
	}
	return c, nil
}

// announce tells the record what the engine is about to tell of.
func (w *World) announce(e *entry) {
	if s := e.Submit; e.Kind == entrySubmit {
		names := w.translator.names // one copy of each name, of its API and of its roles serves all jobs
		user, queue := names.Users.Intern([]byte(s.User)), names.Queues.Intern([]byte(s.Queue))
		w.book.pending = append(w.book.pending, &Job{Command: e.Number, API: w.book.shared(s.API), Name: s.Name, User: names.Users.Name(user),
			Queue: names.Queues.Name(queue), Priority: s.Priority, Roles: w.book.sharedRoles(s.Roles), Payload: s.Payload, Life: play.Life{Script: s.Script}})
	}
}

// record brings into the record what the engine did not tell of.
func (w *World) record(e *entry) {
	switch e.Kind {
	case entryChange:
		w.book.changes = append(w.book.changes, Change{At: e.At, Node: w.book.nodes[e.Node].Name, Kind: e.Change})
	case entryQueue:
		w.book.noteQueue(e.Payload)
	case entryDelete, entryDiscard:
		j := w.book.edit(e.Job)
		if j.Deleted, j.Payload = true, nil; !j.Active() {
			j.Pods = nil // nobody asks for them any more; of a job that has not ended the nodes' books do
		}
	case entryAmend:
		if e.Payload != nil {
			w.book.edit(e.Job).Payload = e.Payload
		}
	case entryLater:
		w.recordLater(e)
	case entryPut:
		w.recordPut(e)
	case entryReclaim:
		l := &w.book.edit(e.Job).Life
		if l.Reclaimed = e.Code == reclaimFails; !l.Reclaimed {
			n := len(l.Attempts)
			for n > 0 && !l.Attempts[n-1].Evicted { // the job may have got other ones at once
				n--
			}
			if n > 0 {
				l.Attempts = append([]play.Attempt(nil), l.Attempts...)
				l.Attempts[n-1].Reclaimed = true
			}
		}
	case entryFinish:
		if state.Outcome(e.Code) == state.Cancelled { // nobody stopped it: it ran for as long as it may
			l := &w.book.edit(e.Job).Life
			l.StopAt, l.Reason = state.Unset, state.ReasonTimeLimit
		}
	case entryHang:
		l := &w.book.edit(e.Job).Life
		if l.HungAt = w.book.now; e.Code == standsAlready && e.Grace < state.Never {
			w.later.expect(due{w.book.now.Add(e.Grace), e.Number, &entry{Kind: entryFinish, Number: e.Number, Job: e.Job, Code: uint8(state.Cancelled), Grace: l.Put.At,
				At: w.book.now.Add(e.Grace)}})
		}
	case entryExit:
		j := w.book.edit(e.Job)
		j.Life.Forced, j.Life.Code = true, e.Code
	}
}

// verdict is what an answer of the engine means to the caller; nothing is kept of a command that it refuses.
func (e *entry) verdict(err error) (kept bool, told error) {
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, sim.ErrNoJob): // it ended at this very instant
		return false, ErrEnded
	case errors.Is(err, sim.ErrStopping) && e.Kind == entryStop:
		return false, nil
	case e.Kind == entryQueue:
		return false, &QueueError{Err: err}
	}
	return false, err
}
