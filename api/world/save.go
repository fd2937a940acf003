package world

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/internal/snapshot"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
)

// Snapshots are taken by themselves, so that a start has no more than so much to carry out again.
const (
	saveCommands = 50_000
	saveEvents   = 100 // for each command of Config.SaveEvery: that many events of the engine count like one
)

// saveHead says what a snapshot is of.
type saveHead struct {
	Program string       `json:"program"` // another one may live through the same commands otherwise
	History int64        `json:"history"` // of the journal
	Archive archive.Mark `json:"archive"`
}

// saver is the taking of snapshots; it belongs to the goroutine of run.
type saver struct {
	commands, events uint64     // when the last one was taken
	under            chan error // the one that is being written; nil: none
	seq              int64      // of it
	never            bool       // the world cannot be written
}

// program tells builds apart, as far as they know of themselves.
func program() string {
	text := runtime.Version() + " " + runtime.GOARCH
	if b, ok := debug.ReadBuildInfo(); ok {
		text += " " + b.Main.Version
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" || s.Key == "vcs.modified" || s.Key == "-pgo" {
				text += " " + s.Value
			}
		}
	}
	return text
}

// save takes a snapshot when it is time. The world, which has been published, stands for as long as it takes to fork it; another
// goroutine writes.
func (w *World) save() {
	if w.journal == nil || w.saver.never || w.err != nil || w.frozen != nil {
		return
	}
	if w.saver.under != nil {
		select {
		case err := <-w.saver.under:
			w.saved(err)
		default:
			return
		}
	}
	every := w.cfg.SaveEvery
	if every == 0 {
		every = saveCommands
	}
	events := w.engine.Counts().Events
	if w.commands-w.saver.commands < every && events-w.saver.events < every*saveEvents {
		return
	}
	w.saver.commands, w.saver.events = w.commands, events
	if err := w.beginSave(); err != nil {
		w.saver.never = true
		w.noteSave(0, err)
	}
}

func (w *World) beginSave() error {
	fork, err := w.engine.Fork()
	if err != nil {
		return err
	}
	history, err := w.journal.History()
	if err == nil && len(fork.Listeners()) < len(w.engine.Listeners()) {
		err = errors.New("a listener cannot follow a fork")
	}
	var small, head []byte
	if err == nil {
		small, err = snapshot.Encode(&w.present)
	}
	if err == nil {
		head, err = json.Marshal(saveHead{program(), history, w.book.past.Mark()})
	}
	if err != nil {
		closePolicy(fork)
		return err
	}
	done, past, seq, journal := make(chan error, 1), w.book.past, w.journal.Seq(), w.journal
	w.saver.under, w.saver.seq = done, seq
	go func() {
		defer closePolicy(fork)
		large, err := snapshot.Encode(fork)
		if err == nil {
			err = past.Sync()
		}
		if err == nil {
			body := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+len(small)+len(large)), uint64(len(small)))
			err = journal.WriteSnapshot(seq, head, append(append(body, small...), large...))
		}
		done <- err
	}()
	return nil
}

// closePolicy frees what a fork's guests hold beside Go's memory.
func closePolicy(e *sim.Engine) {
	if c, ok := e.Policy().(io.Closer); ok {
		_ = c.Close() // nobody asks it any more
	}
}

// saved notes how the writing of a snapshot ended. The next one is tried when it is time.
func (w *World) saved(err error) {
	w.noteSave(w.saver.seq, err)
	w.saver.under = nil
}

func (w *World) noteSave(seq int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shown.saveErr = err; err == nil {
		w.shown.saved = seq
		return
	}
	w.log().Warn("no snapshot of the world could be taken; a start takes longer", "error", err)
}

// awaitSave returns when no snapshot is being written.
func (w *World) awaitSave() {
	if w.saver.under != nil {
		w.saved(<-w.saver.under)
	}
}

// forgetSaves removes the snapshots of a past that is no more.
func (w *World) forgetSaves() {
	w.awaitSave()
	w.saver = saver{never: w.saver.never}
	for _, seq := range w.journal.Snapshots() {
		w.journal.RemoveSnapshot(seq)
	}
}

// restore brings a world that has just been loaded to its newest snapshot that is of use, and gives what is left: the plan that the world
// is to be built from, or with nil how many commits it has lived through.
func (w *World) restore(plan *scenarios.Plan) (build *scenarios.Plan, behind int64, err error) {
	for _, seq := range w.journal.Snapshots() {
		err := w.load(seq, plan)
		if err == nil {
			w.shown.saved = seq
			return nil, seq, nil
		}
		w.log().Warn("a snapshot is of no use; the world goes back further and carries more commands out again", "snapshot", seq, "error", err)
		w.journal.RemoveSnapshot(seq)
		_ = plan.Close() // it was read over, or may have been
		if plan, err = w.cfg.Load(); err != nil {
			return nil, 0, err
		}
	}
	return plan, 0, nil
}

// load makes the world what a snapshot says.
func (w *World) load(seq int64, plan *scenarios.Plan) error {
	head, body, err := w.journal.ReadSnapshot(seq)
	if err != nil {
		return err
	}
	var h saveHead
	if err := json.Unmarshal(head, &h); err != nil {
		return err
	}
	history, err := w.journal.History()
	switch {
	case err != nil:
		return err
	case h.Program != program():
		return fmt.Errorf("it is of another program (%s; this one is %s)", h.Program, program())
	case h.History != history || seq > w.journal.Seq():
		return errors.New("it is of another past")
	case len(body) < 8 || binary.LittleEndian.Uint64(body) > uint64(len(body)-8):
		return errors.New("it is cut short")
	}
	past := w.reused
	if past == nil {
		if past, err = archive.Open(w.cfg.Data, strconv.FormatInt(history, 10), h.Archive); err != nil {
			return err
		}
	}
	small := 8 + binary.LittleEndian.Uint64(body)
	if err = w.begin(plan, past); err == nil {
		err = snapshot.Decode(body[8:small], &w.present)
	}
	if err == nil {
		err = snapshot.Decode(body[small:], w.engine)
	}
	if err != nil && w.reused == nil {
		err = errors.Join(err, past.Close())
	}
	if err != nil {
		return err
	}
	w.book.remake()
	w.saver.commands, w.saver.events = w.commands, w.engine.Counts().Events
	return nil
}

// emptyArchive is one for a world at its beginning; ahead is how many histories after the journal's it belongs to.
func (w *World) emptyArchive(ahead int64) (*archive.Archive, error) {
	if w.journal == nil {
		return archive.New(), nil
	}
	if w.reused != nil {
		return w.reused, nil
	}
	history, err := w.journal.History()
	if err != nil {
		return nil, err
	}
	return archive.Open(w.cfg.Data, strconv.FormatInt(history+ahead, 10), archive.Mark{})
}

// tidy removes archives of pasts that are no more.
func (w *World) tidy() {
	if w.journal == nil {
		return
	}
	if history, err := w.journal.History(); err == nil {
		archive.RemoveOthers(w.cfg.Data, strconv.FormatInt(history, 10))
	}
}
