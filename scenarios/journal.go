package scenarios

import (
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Commands are what was asked of a live world, to be carried out once more.
type Commands interface {
	// Next gives the commands of the next instant that has any, or nil when there are no more. They belong to the caller until
	// the next call.
	Next() (*sim.Commands, error)
	// End is where the world's clock stood.
	End() state.Time
	// Epoch is the calendar time of instant 0.
	Epoch() time.Time
	// Sum is the checksum of all that the journal says.
	Sum() string
	Close() error
}

// Journals opens the journal of a live world for a plan: its commands take the plan's names.
type Journals func(dir string, p *Plan) (Commands, error)

// Attach opens the journal that the scenario names, if it names one. A plan of such a scenario cannot run without.
func (l *Loaded) Attach(p *Plan, open Journals) error {
	if l.Journal == "" {
		return nil
	}
	c, err := open(l.path(l.Journal), p)
	if err != nil {
		l.Doc.Errorf("journal", "%s", err)
		return l.Doc.Err()
	}
	p.Commands = c
	p.Inputs = append(p.Inputs, Input{Path: l.Journal, SHA256: c.Sum()})
	p.Start, p.Dated = c.Epoch(), true
	p.Config.Horizon = 0
	if l.Horizon > 0 {
		p.Warnings = append(p.Warnings, fmt.Sprintf("horizon %s has no effect: the run ends where the journal does", l.Horizon.FormatYAML()))
	}
	return nil
}
