package wasm

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// OnError is what happens when a guest fails in a run. A guest that fails while it is loaded or initialised always ends it.
type OnError uint8

// The choices.
const (
	Fail     OnError = iota // the run ends
	Fallback                // a native part stands in from here to the end, and reports say so
	Drop                    // a new instance stands in, told to forget; after three, the run ends
)

// maxDrops is how many instances may fail under Drop.
const maxDrops = 3

// try calls the guest and does what onError says when that fails: it reports false when a native part is to stand in.
func (g *guest) try(v *state.View, call func() error) (bool, error) {
	for !g.fallen {
		if err := g.in.alive(); err != nil {
			return false, err
		}
		g.in.now = v
		err := call()
		g.in.now = nil
		if err == nil {
			return true, nil
		}
		if err := g.failed(v, err); err != nil {
			return false, err
		}
	}
	return false, nil
}

// failed does what onError says of a call that failed: it returns the error that ends the run, or nil when a native part (then the
// guest has fallen) or another instance stands in.
func (g *guest) failed(v *state.View, err error) error {
	g.in.close()
	switch g.options.OnError {
	case Fallback:
		g.fallen = true
		g.notes = append(g.notes, fmt.Sprintf("from %.9f s on a native part stands in for %s: %s", float64(v.Now)/1e9, g.module.Name, line(err)))
		return nil
	case Drop:
		if g.failures++; g.failures > maxDrops {
			return fmt.Errorf("it failed %d times, the last time so: %w", g.failures, err)
		}
		g.notes = append(g.notes, fmt.Sprintf("at %.9f s a new instance stood in for %s: %s", float64(v.Now)/1e9, g.module.Name, line(err)))
		return g.renew(v)
	}
	return err
}

// line is an error in one line.
func line(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Line()
	}
	return err.Error()
}

// renew starts again with a new instance that knows nothing.
func (g *guest) renew(v *state.View) error {
	g.before, g.spent = g.calls(), g.spent+g.in.spent
	g.options.Starve = Starve{}
	if err := g.load(); err != nil {
		return err
	}
	if err := g.open(v); err != nil {
		return err
	}
	g.pending = g.pending[:0]
	g.alone, g.lonely = 0, 0
	if g.module.Has(sched1.HookEvents) {
		g.pending = append(g.pending, bare(sched1.EvResync, v.Now))
	}
	return nil
}

// stir notes that something happened that is not the guest's own doing.
func (g *guest) stir(events []state.Event) {
	for i := range events {
		switch ev := &events[i]; {
		case ev.Kind == state.EvQueue && ev.Cause == 0, ev.Kind == state.EvEnd, ev.Kind >= state.EvNodeUp && ev.Kind <= state.EvNodeFlags:
			g.alone, g.lonely = 0, 0
			return
		}
	}
}

// went counts a call that the guest can bring about by itself, with timers, expiring keys or decisions that undo each other: a
// run would never end.
func (g *guest) went(items int) error {
	g.lonely++
	if g.alone += max(g.in.used, minAlone) + aloneItem*int64(items); g.alone > g.options.Budget.Alone {
		return g.in.abi(KindLimit, "%d calls with %d units of fuel in which nothing happened but its own timers and decisions", g.lonely, g.alone)
	}
	return nil
}
