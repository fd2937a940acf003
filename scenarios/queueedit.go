package scenarios

import (
	"errors"

	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/quota"
)

// QueueEdit is what a timed change would do that sets one value of a queue, such as queues.prod.deserved.A100-80 to 96: for a world that is
// changed while it lives.
func (p *Plan) QueueEdit(set, to string) (*quota.Edit, error) {
	doc, _ := ydec.Decode("change", []byte("{}\n"), &struct{}{}, ydec.Options{})
	l := &Loaded{Scenario: *p.Scenario, Doc: doc}
	l.Changes = []Change{{Set: set, To: Quantity(to)}}
	if c, ok := l.queueChange(p, 0); ok {
		return c.Queue, nil
	}
	d := doc.Diagnostics()[0]
	text := d.Problem
	if d.Expected != "" {
		text += "; " + d.Expected
	}
	if d.Suggestion != "" {
		text += "; did you mean " + d.Suggestion + "?"
	}
	return nil, errors.New(text)
}
