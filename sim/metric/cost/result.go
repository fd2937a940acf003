package cost

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Sum is money by what stands behind it, in millionths.
type Sum struct {
	Jobs     int64 // what jobs held
	Free     int64 // nodes that worked and that nobody held
	Down     int64 // held nodes that did not work
	Rounding int64 // rented nodes that went before a billing unit was over
}

// Total is all of it.
func (s Sum) Total() int64 { return s.Jobs + s.Free + s.Down + s.Rounding }

// Idle is what no job paid for.
func (s Sum) Idle() int64 { return s.Free + s.Down + s.Rounding }

func (s *Sum) add(o Sum) {
	s.Jobs, s.Free, s.Down, s.Rounding = s.Jobs+o.Jobs, s.Free+o.Free, s.Down+o.Down, s.Rounding+o.Rounding
}

// Result is what was spent in [From, To].
type Result struct {
	From, To state.Time
	All      Sum
	Pools    []Sum   // by pool id
	Spot     int64   // of it, for spot nodes
	OnDemand int64   // what the same time of spot nodes would have cost on demand, where that is known
	Queues   []Payer // who paid anything, by name
	Users    []Payer
}

// Payer is a queue or user and what its jobs paid.
type Payer struct {
	ID    int32 // in state.Names, or state.None
	Name  string
	Micro int64
}

// Monthly is a sum of the run as a sum a month, or 0 for a run of no length.
func (r *Result) Monthly(micro int64) int64 {
	if r.To <= r.From || micro < 0 {
		return 0
	}
	return int64(state.MulDiv(state.Time(micro), int64(Month), int64(r.To-r.From)))
}

// Result sums up what was spent so far by jobs that have ended or lost their nodes, and by nobody. At the end of a run it is all.
func (l *Ledger) Result() *Result {
	r := &Result{From: l.clip(0), To: max(l.now, l.clip(0))}
	for i := range l.classes {
		c := l.classes[i]
		c.advance(r.To)
		c.idle()
		for int(c.pool) >= len(r.Pools) {
			r.Pools = append(r.Pools, Sum{})
		}
		r.Pools[c.pool].add(c.sum)
		r.All.add(c.sum)
		if l.cfg.Tariffs[c.tariff].Spot {
			r.Spot += c.sum.Total()
			r.OnDemand += c.onDemand()
		}
	}
	r.Queues, r.Users = payers(l.queues, &l.names.Queues), payers(l.users, &l.names.Users)
	return r
}

// payers are those who paid anything, by amount and then by name.
func payers(micro []int64, names *state.Symbols) (out []Payer) {
	for i, m := range micro {
		if m != 0 {
			out = append(out, Payer{ID: int32(i) - 1, Name: names.Name(int32(i) - 1), Micro: m})
		}
	}
	slices.SortFunc(out, func(a, b Payer) int {
		switch {
		case a.Micro > b.Micro || a.Micro == b.Micro && a.Name < b.Name:
			return -1
		}
		return 1
	})
	return out
}
