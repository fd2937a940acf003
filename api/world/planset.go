package world

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// ofNoJob is a planned command that names no job (entry.Code).
const ofNoJob = 1

// queueSet is a value of a queue that is set, as it was asked for and as the engine takes it.
type queueSet struct {
	Set, To string
	Edit    quota.Edit
}

func (e *entry) queueSet() (*queueSet, error) {
	var q queueSet
	if err := json.Unmarshal(e.Payload, &q); err != nil {
		return nil, fmt.Errorf("what is set of a queue cannot be read: %w", err)
	}
	for _, v := range q.Edit.Set {
		if v.Field >= quota.NumFields || v.Field.IsAmount() && v.Resource < 0 {
			return nil, fmt.Errorf("queue %q has no field %d to be set", q.Edit.Name, v.Field)
		}
	}
	return &q, nil
}

// PlanSet plans that a value of the scenario that may change in mid-run changes, such as queues.prod.deserved.A100-80, at what at makes of the
// present instant. What the queues refuse when the instant comes does not happen.
func (w *World) PlanSet(ctx context.Context, set, to string, at func(now state.Time) state.Time) (View, error) {
	return w.send(ctx, &call{plan: func(now state.Time) (*entry, error) {
		then := at(now)
		if err := w.mustLieAhead(now, then); err != nil {
			return nil, err
		}
		edit, err := w.plan.QueueEdit(set, to)
		if err != nil {
			return nil, err
		}
		payload, err := json.Marshal(queueSet{set, to, *edit})
		if err != nil {
			return nil, err
		}
		return &entry{Kind: entryLater, Code: ofNoJob, At: then, Payload: encode([]*entry{{Kind: entrySet, Payload: payload}})}, nil
	}})
}
