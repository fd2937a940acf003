package world

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/sim/state"
)

// past is a commit as it was read back.
type past struct {
	at   state.Time
	hold bool
	list []*entry
}

// lot is how many commits go from the reader to the world at once.
const lot = 256

// replayAll carries the commits behind the first ones out once more. Another goroutine reads and decodes them, which is half the work.
func (w *World) replayAll(behind int64) error {
	lots, failed, quit := make(chan []past, 4), make(chan error, 1), make(chan struct{})
	go func() {
		defer close(lots)
		failed <- readLots(w.journal, behind, lots, quit)
	}()
	err := w.replayLots(lots)
	close(quit)
	for range lots { // the reader has let go of the file when this is over
	}
	if read := <-failed; err == nil {
		err = read
	}
	return err
}

func readLots(j *journal.Journal, behind int64, to chan<- []past, quit <-chan struct{}) error {
	var next []past
	send := func() bool {
		select {
		case to <- next:
			next = make([]past, 0, lot)
			return true
		case <-quit:
			return false
		}
	}
	c, err := j.Commits(behind)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		var one journal.Commit
		more, err := c.Next(&one)
		if err != nil || !more {
			send()
			return err
		}
		list, err := decode(one.Body)
		if err != nil {
			return fmt.Errorf("the journal is damaged: the commit at %d ns cannot be read: %w", one.At, err)
		}
		if next = append(next, past{one.At, one.Hold, list}); len(next) == lot && !send() {
			return nil
		}
	}
}

func (w *World) replayLots(lots <-chan []past) error {
	for list := range lots {
		for i := range list {
			if err := w.replay(&list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// replay carries a commit out once more. What it did is brought into the record when that is needed next.
func (w *World) replay(c *past) error {
	w.later.forget(c.at, c.list)
	for _, e := range c.list {
		if e.Kind == entryLater && e.Code == ofNoJob {
			continue
		}
		switch e.Kind {
		case entryDelete, entryAmend, entryPut, entryHang, entryFinish, entryReclaim, entryLater: // the engine does not see to it
			if _, err := w.engine.Run(c.at); err != nil { // what they are to may not have come about yet
				return err
			}
			w.engine.Flush()
			if e.Job >= w.book.count || e.Kind == entryDelete && w.book.get(e.Job).Active() && !w.book.get(e.Job).stopping() {
				return fmt.Errorf("command %d is to %s job %d, which cannot be", e.Number, e.Kind, e.Job)
			}
			if e.Kind == entryHang && e.Code == standsAlready && w.book.get(e.Job).Life.Put == nil {
				return fmt.Errorf("command %d is to hang job %d, which cannot be", e.Number, e.Job)
			}
		}
	}
	answers, err := w.carry(c.at, c.hold, c.list)
	if err != nil {
		return err
	}
	for i, e := range c.list {
		if answers[i] != nil {
			return fmt.Errorf("command %d, which was accepted, is refused: %w", e.Number, answers[i])
		}
		if e.Kind != entrySubmit {
			w.engine.Flush()
			w.book.now = c.at
			w.record(e)
		}
		w.commands = max(w.commands, e.Number)
	}
	if len(w.book.dirty) > manyDirty {
		return errors.Join(w.book.settle(), w.book.err)
	}
	return w.book.err
}

// manyDirty is how many jobs may have changed before those that ended are archived while nobody sees them.
const manyDirty = 1024
