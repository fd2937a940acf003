package fault

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// fire carries out what the queue says for an instant.
func (t *Timeline) fire(now state.Time, what uint64, i int32) {
	switch what {
	case fails:
		t.fail(now, i)
	case found:
		e := &t.entities[i]
		c := t.cause(e)
		t.lose(now, e.first, e.n, c.ID)
		t.push(now.Add(t.repair(now, i)), repaired, i)
	case repaired:
		e := &t.entities[i]
		if c := t.cause(e); c.Slow > 0 {
			t.fast(now, e.first, e.n, c.ID)
		} else {
			t.mend(now, e.first, e.n, c.ID)
		}
		e.times++
		t.next(i, now)
	case recovered:
		r := &t.model.Recorded[i]
		if r.Slow > 0 {
			t.fast(now, r.Node, 1, r.Cause)
		} else {
			t.mend(now, r.Node, 1, r.Cause)
		}
	case struck:
		r := &t.model.Recorded[i]
		t.lose(now, r.Node, 1, r.Cause)
		t.push(now.Add(r.For), recovered, i)
	case returned:
		t.spares[i]++
	}
}

// draws are the numbers of an entity's present failure behind the one that drew its life: cause, hang, repair.
func (t *Timeline) draws(e *entity) rng.Stream {
	s := t.keys[e.process].Stream(e.index, e.times)
	s.Float64()
	return s
}

func (t *Timeline) cause(e *entity) *Cause { return &t.model.Processes[e.process].Causes[e.cause] }

// fail lets an entity fail of one of its causes.
func (t *Timeline) fail(now state.Time, i int32) {
	e := &t.entities[i]
	s := t.draws(e)
	e.cause = pick(t.model.Processes[e.process].Causes, s.Float64())
	c := t.cause(e)
	if c.Slow > 0 {
		s.Float64()
		for n := e.first; n < e.first+e.n; n++ {
			t.slower(now, n, c.Slow, c.ID)
		}
		t.push(now.Add(drawn(c.Repair, &s)), repaired, i)
		return
	}
	detect := t.model.Crash
	if s.Float64() < c.Hang {
		detect = t.model.Hang
	}
	if detect > 0 {
		for n := e.first; n < e.first+e.n; n++ {
			if t.out[n] == 0 {
				t.tell(Event{At: now, Node: n, Kind: Stall, Cause: c.ID})
			}
		}
	}
	t.push(now.Add(detect), found, i)
}

// pick is the cause at a uniform number.
func pick(causes []Cause, u float64) int32 {
	var sum int64
	for i := range causes {
		sum += causes[i].Weight
	}
	at := int64(float64(u * float64(sum)))
	for i := range causes {
		if at -= causes[i].Weight; at < 0 {
			return int32(i)
		}
	}
	return int32(len(causes) - 1)
}

func drawn(d rng.Dist, s *rng.Stream) state.Time {
	return state.Time(rng.Nanoseconds(d.Quantile(s.Float64())))
}

// repair is how long an entity's nodes stay out: for its own repair, or until a spare has taken over, or for as long as a node
// is isolated that failed too often.
func (t *Timeline) repair(now state.Time, i int32) state.Time {
	e := &t.entities[i]
	s := t.draws(e)
	s.Float64()
	s.Float64()
	long := drawn(t.cause(e).Repair, &s)
	if e.n > 1 || long == 0 {
		return long
	}
	if iso := t.model.Isolation; iso.After > 0 && t.often(now, e.first) {
		long = max(long, iso.For)
	}
	for k := range t.model.Spares {
		sp := &t.model.Spares[k]
		if sp.Pool == t.nodes[e.first].Pool && t.spares[k] > 0 && long > sp.Swap {
			t.spares[k]--
			t.push(now.Add(long), returned, int32(k))
			return sp.Swap
		}
	}
	return long
}

// often notes a failure of a node and reports whether it is one too many.
func (t *Timeline) often(now state.Time, node int32) bool {
	iso := &t.model.Isolation
	kept := t.past[node][:0]
	for _, at := range t.past[node] {
		if now-at < iso.Within {
			kept = append(kept, at)
		}
	}
	t.past[node] = append(kept, now)
	if len(t.past[node]) < int(iso.After) {
		return false
	}
	t.past[node] = t.past[node][:0] // what comes back is clean
	return true
}

// lose takes nodes out; who is out already is so for one reason more.
func (t *Timeline) lose(now state.Time, first, n int32, cause uint8) {
	for i := first; i < first+n; i++ {
		if t.out[i]++; t.out[i] == 1 {
			t.tell(Event{At: now, Node: i, Kind: Down, Cause: cause})
		}
	}
}

// mend gives nodes back that nothing else keeps out.
func (t *Timeline) mend(now state.Time, first, n int32, cause uint8) {
	for i := first; i < first+n; i++ {
		if t.out[i]--; t.out[i] == 0 {
			t.tell(Event{At: now, Node: i, Kind: Up, Cause: cause})
		}
	}
}

// slower makes a node slow for one reason more; the slowest counts.
func (t *Timeline) slower(now state.Time, node int32, speed float64, cause uint8) {
	s := &t.slow[node]
	if s.n++; s.n == 1 || speed < s.speed {
		s.speed = speed
		t.tell(Event{At: now, Node: node, Kind: Slow, Cause: cause, Speed: speed})
	}
}

// fast takes a reason to be slow away; with the last one nodes have their own speed again.
func (t *Timeline) fast(now state.Time, first, n int32, cause uint8) {
	for i := first; i < first+n; i++ {
		if s := &t.slow[i]; s.n > 0 {
			if s.n--; s.n == 0 {
				t.tell(Event{At: now, Node: i, Kind: Fast, Cause: cause})
			}
		}
	}
}

// record carries out a failure that is known from a record; it shows as a crash.
func (t *Timeline) record(i int32) {
	r := &t.model.Recorded[i]
	if r.Slow > 0 {
		t.slower(r.At, r.Node, r.Slow, r.Cause)
		t.push(r.At.Add(r.For), recovered, i)
		return
	}
	if t.model.Crash > 0 && t.out[r.Node] == 0 {
		t.tell(Event{At: r.At, Node: r.Node, Kind: Stall, Cause: r.Cause})
	}
	t.push(r.At.Add(t.model.Crash), struck, i)
}
