package world

import (
	"errors"
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// ErrFrozen is a world whose journal cannot be written: it takes no commands and its clock stands, but it can be read.
var ErrFrozen = errors.New("the journal cannot be written; the world can only be read")

// What the journal's folder remembers beside commands.
const (
	metaIdentity = "identity"
	metaScenario = "scenario"
	metaDir      = "dir" // where the scenario's relative paths start
	metaEpoch    = "epoch"
	metaHeld     = "held" // whether instant 0 was opened with a standing clock
)

// ahead is how much simulated time the journal's bound lies ahead of the clock: what a kill may add to it.
func (c *clock) ahead() state.Time {
	switch c.speed.Mode {
	case Scaled:
		return state.Time(2 * c.speed.Factor * float64(time.Second))
	case Max:
		return 3600 * state.Second
	case PerRequest:
		return 16 * c.speed.Step
	}
	return 0
}

// openJournal opens the folder of a world that is to outlive its process.
func (w *World) openJournal() error {
	var err error
	if w.journal, err = journal.Open(w.cfg.Data); err != nil {
		return err
	}
	made, err := w.journal.Meta(metaIdentity)
	if w.fresh = made == ""; w.fresh || err != nil {
		return err
	}
	if made != w.origin.Identity {
		return fmt.Errorf("%s holds a world that was made from another scenario, seed or policy\n  serve it with those, or choose another folder", w.cfg.Data)
	}
	text, err := w.journal.Meta(metaEpoch)
	if err != nil {
		return err
	}
	epoch, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("%s: its start cannot be read: %w", w.cfg.Data, err)
	}
	if !w.cfg.Epoch.IsZero() && !w.cfg.Epoch.Equal(epoch) {
		return fmt.Errorf("%s holds a world that starts at %s (got an epoch of %s)\n  leave the epoch out, or choose another folder", w.cfg.Data, text,
			w.cfg.Epoch.UTC().Format(time.RFC3339Nano))
	}
	w.epoch = epoch
	return nil
}

// recover brings a world to where its journal says that it may have been: no answer that was given is undone.
func (w *World) recover(plan *scenarios.Plan) error {
	if w.journal == nil || w.fresh {
		if err := w.build(plan); err != nil || w.journal == nil {
			return err
		}
		w.fresh = false
		o := &w.origin
		return w.journal.SetMeta(map[string]string{metaIdentity: o.Identity, metaScenario: o.Scenario, metaDir: o.Dir, metaEpoch: w.epoch.Format(time.RFC3339Nano), metaHeld: fmt.Sprint(w.held)})
	}
	plan, behind, err := w.restore(plan)
	if err == nil && plan != nil {
		err = w.build(plan)
	}
	if err == nil {
		err = w.replayAll(behind)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", w.cfg.Data, err)
	}
	w.engine.Flush()
	w.runTo(max(w.journal.Bound(), w.engine.Now()))
	return errors.Join(w.err, w.frozen)
}

// keep writes the commands of a commit down.
func (w *World) keep(at state.Time, hold bool, list []*entry) error {
	if len(list) == 0 {
		return nil
	}
	if w.journal == nil {
		w.ledger.add(journal.Commit{At: at, Hold: hold, Body: encode(list)})
		return nil
	}
	return w.journal.Append(journal.Commit{At: at, Hold: hold, Body: encode(list)})
}

// mayReach asks whether the clock may go to an instant, moving the journal's bound before it does.
func (w *World) mayReach(t state.Time) bool {
	if w.journal == nil || t <= w.journal.Bound() {
		return true
	}
	if err := w.journal.SetBound(min(t.Add(w.clock.ahead()), lastInstant)); err != nil {
		w.freeze(err)
		return false
	}
	return true
}

// rest tells the journal that the clock stands where it is.
func (w *World) rest() {
	if w.journal == nil || w.frozen != nil || w.err != nil {
		return
	}
	if err := w.journal.SetBound(w.stands()); err != nil {
		w.freeze(err)
	}
}

// limit is the instant that readers may compute the clock up to by themselves.
func (w *World) limit() state.Time {
	if w.journal == nil {
		return state.Never
	}
	return w.journal.Bound()
}

// freeze makes the world stand as it was last shown: what it did since cannot be kept, so nobody may see it.
func (w *World) freeze(err error) {
	w.frozen = fmt.Errorf("%w: %w", ErrFrozen, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &w.shown
	s.frozen = w.frozen
	s.clock = clock{speed: Speed{Mode: Paused}, base: s.now}
	s.next = state.Never
}

// thaw tries, now and then, to go on after the journal could not be written: when there is room again the world is made anew from what
// the journal holds, which is all that anybody was told of.
func (w *World) thaw() {
	if w.frozen == nil || w.err != nil || time.Since(w.tried) < idle {
		return
	}
	w.tried = time.Now()
	if w.journal.Refresh() != nil {
		return // as it was
	}
	w.awaitSave()
	plan, err := w.cfg.Load()
	if err != nil {
		w.log().Error("the journal can be written again, but the scenario cannot be loaded; the world stands", "error", err)
		return
	}
	was, old, frozen := w.present, w.plan, w.frozen
	w.frozen, w.reused = nil, w.book.past
	w.reused.Forget()
	err = w.recover(plan)
	w.reused, w.stale = nil, nil
	if err != nil {
		_ = w.plan.Close()
		w.present, w.plan, w.frozen, w.reshow, w.err = was, old, frozen, false, nil
		w.log().Error("the journal can be written again, but the world cannot come back; it stands", "error", err)
		return
	}
	_ = old.Close()
	w.clock.speed = was.clock.speed
	w.unshow()
	w.log().Info("the journal can be written again; the world goes on", "after", frozen)
}

// serveFrozen answers a call to a world that can only be read.
func (w *World) serveFrozen(c *call) {
	w.mu.RLock()
	c.now = w.shown.now
	w.mu.RUnlock()
	if c.plan != nil || c.alone != nil {
		c.answer(w.frozen)
		return
	}
	c.answer(nil)
}

// open runs instant 0. With a standing clock nothing is decided until time moves; a world that is recovered opens as it did.
func (w *World) open() error {
	w.held = w.clock.speed.Mode == Paused || w.clock.speed.Mode == PerRequest
	if w.journal != nil && !w.fresh {
		held, err := w.journal.Meta(metaHeld)
		if err != nil {
			return err
		}
		w.held = held == "true"
	}
	return w.openAs()
}

func (w *World) openAs() error {
	if !w.held {
		return w.engine.Step()
	}
	_, err := w.engine.Apply(sim.Commands{Hold: true})
	return err
}
