package world

import (
	"encoding/json"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// revival is what is due when a job that hangs from now on has been watched for so long.
func (w *World) revival(e *entry, watch state.Time) due {
	at := w.book.now.Add(watch)
	return due{at, e.Number, &entry{Kind: entryRevive, Number: e.Number, Job: e.Job, Grace: w.book.now, At: at}}
}

// revive restarts a job that hangs still, or lets it fail when it was restarted often enough; otherwise it drops the command.
func (w *World) revive(e *entry, now state.Time, dropped entry) entry {
	if e.Job >= w.book.count {
		return dropped
	}
	j := w.book.get(e.Job)
	if !j.Active() || !j.hangs() || j.Life.HungAt != e.Grace {
		return dropped
	}
	to := play.Target{Phase: play.Restarting, Hung: true, Span: state.Unset}
	h := play.Tell(&j.Life, now)
	code := uint8(putShow) // it stands still already
	if h.Restarts() >= j.Life.Script.Restarts {
		to.Phase, code = play.Failed, putFail
	}
	p, err := j.Life.Lead(now, to)
	if err != nil {
		return dropped
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return dropped
	}
	return entry{Kind: entryPut, Number: e.Number, Job: e.Job, At: e.At, Code: code, Payload: payload, slot: j.slot}
}
