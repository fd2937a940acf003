package backfill

import (
	"github.com/orrery-sim/orrery/policies/pass"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// EASY starts jobs behind a blocked head that do not delay it (Lifka 1995, as traces/REFERENCE.md defines it). The head
// has a reservation at the shadow time: the earliest expected end at which enough GPUs are free, counting every job that
// ends at that instant. Behind it, in queue order and in one sweep, a job starts if it fits now and is expected to end by
// the shadow time, or needs at most what is left of the extra GPUs (free then, beyond the head's need), which it uses up.
//
// Where jobs ask for more than "any free GPUs", the reservation is a placement; see easyPlaced.
type EASY struct {
	head   uint64 // number of the job that the reservation is for
	valid  bool
	shadow state.Time
	extra  int32
	cands  []candidate

	placed placedReservation
}

// candidate is a lane's first job that may start.
type candidate struct {
	lane  int32
	entry *waiting.Entry
}

// Sweep starts what may pass the blocked head.
func (b *EASY) Sweep(v *state.View, c *cluster.Cluster, p *pass.Partition, head *waiting.Entry, d *state.Decisions) {
	if b.head != head.Number || p.Changed {
		b.valid = false
	}
	b.head = head.Number
	if p.Uneven {
		b.sweepPlaced(v, c, p, head, d)
		return
	}
	free := p.Free(c)
	if !b.collect(v, p, head, free) {
		return
	}
	for len(b.cands) > 0 {
		best := 0
		for i := 1; i < len(b.cands); i++ {
			if b.cands[i].entry.Before(b.cands[best].entry) {
				best = i
			}
		}
		k := &b.cands[best]
		if !p.MayStart(v, k.entry.Job) {
			b.drop(best)
			continue
		}
		need := p.Queue.LaneNeed(k.lane)
		long := v.Now.Add(k.entry.Est) > b.shadow
		if !p.TryStart(v, c, k.entry, d) {
			b.drop(best)
			continue
		}
		free -= need
		if long {
			b.extra -= need
		}
		b.refresh(v, p, free)
	}
}

// collect finds each lane's first job that may start now. The reservation is computed only when some lane fits.
func (b *EASY) collect(v *state.View, p *pass.Partition, head *waiting.Entry, free int32) bool {
	b.cands = b.cands[:0]
	lanes := p.Queue.Lanes()
	for _, lane := range lanes {
		need := p.Queue.LaneNeed(lane)
		if need > free {
			break
		}
		if !b.valid {
			b.reserve(v, p, head, free)
		}
		if need > b.extra && p.Queue.LaneMin(lane) > b.shadow-v.Now {
			continue
		}
		if e := b.first(v, p, lane, need); e != nil {
			b.cands = append(b.cands, candidate{lane: lane, entry: e})
		}
	}
	return len(b.cands) > 0
}

func (b *EASY) reserve(v *state.View, p *pass.Partition, head *waiting.Entry, free int32) {
	need := v.Jobs.Row[head.Job].GPUs
	at, then := p.Ends.Shadow(free, need)
	b.shadow, b.extra, b.valid = at, then-need, true
	p.Changed = false
}

// first is a lane's first job that may start, or nil.
func (b *EASY) first(v *state.View, p *pass.Partition, lane, need int32) *waiting.Entry {
	if need <= b.extra {
		return p.Queue.First(lane)
	}
	return p.Queue.FirstWithin(lane, b.shadow-v.Now)
}

// refresh looks at every candidate again: a start moved entries, and what is free and extra has shrunk.
func (b *EASY) refresh(v *state.View, p *pass.Partition, free int32) {
	kept := b.cands[:0]
	for i := range b.cands {
		k := b.cands[i]
		need := p.Queue.LaneNeed(k.lane)
		if need > free || p.Queue.LaneLen(k.lane) == 0 {
			continue
		}
		if k.entry = b.first(v, p, k.lane, need); k.entry != nil {
			kept = append(kept, k)
		}
	}
	b.cands = kept
}

func (b *EASY) drop(i int) {
	b.cands = append(b.cands[:i], b.cands[i+1:]...)
}

// Clone returns an independent copy.
func (b *EASY) Clone() *EASY {
	return &EASY{head: b.head, valid: b.valid, shadow: b.shadow, extra: b.extra}
}
