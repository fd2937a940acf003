package world

import (
	"context"
	"errors"
)

// reclaimFails is a reclaim that ends its job.
const reclaimFails = 1

// ErrNotSpot is a job whose resources nobody takes back.
var ErrNotSpot = errors.New("the job asks for no spot resources")

// Reclaim takes a spot job's resources back, now and without notice: it starts over elsewhere if it may be restarted, else it fails.
func (w *World) Reclaim(ctx context.Context, token string) (View, error) {
	return w.change(ctx, token, func(j *Job, _ View) (*entry, error) { return reclaim(j) })
}

func reclaim(j *Job) (*entry, error) {
	switch {
	case !j.Active():
		return nil, ErrEnded
	case !j.Life.Script.Spot:
		return nil, ErrNotSpot
	}
	e := &entry{Kind: entryReclaim}
	if j.Life.Script.Once {
		e.Code = reclaimFails
	}
	return e, nil
}
