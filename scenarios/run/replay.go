package run

import (
	"fmt"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// replay is an engine with the commands of a journal: they come at their instants, and the journal's end is the end.
type replay struct {
	engine   *sim.Engine
	commands scenarios.Commands
	next     *sim.Commands // nil: there are no more
	carried  int
	refused  int
	first    string // refused
}

func newReplay(e *sim.Engine, c scenarios.Commands) (*replay, error) {
	r := &replay{engine: e, commands: c}
	var err error
	r.next, err = c.Next()
	return r, err
}

// Peek is the next instant at which something happens, or false at the end.
func (r *replay) Peek() (state.Time, bool) {
	t, ok := r.engine.Peek()
	if r.next != nil {
		if !ok {
			t = r.next.At
		}
		return min(t, r.next.At), true
	}
	return t, ok && t <= r.commands.End()
}

// Steps processes up to n instants and reports whether the simulation goes on.
func (r *replay) Steps(n int) (bool, error) {
	for range n {
		t, ok := r.Peek()
		if !ok {
			return false, nil
		}
		if r.next == nil || t < r.next.At {
			if err := r.engine.Step(); err != nil {
				return false, err
			}
			continue
		}
		answers, err := r.engine.Apply(*r.next)
		if err != nil {
			return false, err
		}
		r.note(answers)
		if r.next, err = r.commands.Next(); err != nil {
			return false, err
		}
	}
	return true, nil
}

// note counts what was refused: in the world everything was accepted, so something of the scenario is another.
func (r *replay) note(answers []sim.Answer) {
	r.carried += len(answers)
	for i := range answers {
		if answers[i].Err == nil {
			continue
		}
		if r.refused++; r.refused == 1 {
			r.first = fmt.Sprintf("at %d ns, job %d: %v", r.next.At, answers[i].Job, answers[i].Err)
		}
	}
}

// notes say how the replay differs from the world.
func (r *replay) notes() []string {
	if r.refused == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the journal's %d commands were refused, which the world accepted: the scenario is another (first %s)", r.refused, r.carried, r.first)}
}
