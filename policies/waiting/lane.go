package waiting

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// Entry is one waiting job. Jobs are ordered by Key, then Number: what tells equals apart, mostly state.Turn. Four fields: the
// compiler keeps no larger struct in registers.
type Entry struct {
	Key    int64
	Number uint64
	Est    state.Time // its estimated running time
	Job    int32
}

// Before is the queue order.
func (a *Entry) Before(b *Entry) bool {
	return a.Key < b.Key || a.Key == b.Key && a.Number < b.Number
}

const chunkSize = 64

// chunk is a sorted run of entries in e[lo:hi]. minEst is a lower bound of their estimates.
type chunk struct {
	lo, hi int32
	minEst state.Time
	e      [chunkSize]Entry
}

// lane is a sorted list of entries: chunks in order, none empty.
type lane struct {
	order  []int32 // chunk ids
	minEst state.Time
	n      int32
}

const noEst = state.Time(math.MaxInt64)

// pool holds the chunks of all lanes of a queue.
type pool struct {
	chunks []chunk
	free   []int32
}

func (p *pool) get() int32 {
	if n := len(p.free); n > 0 {
		id := p.free[n-1]
		p.free = p.free[:n-1]
		c := &p.chunks[id]
		c.lo, c.hi, c.minEst = 0, 0, noEst
		return id
	}
	p.chunks = append(p.chunks, chunk{minEst: noEst})
	return int32(len(p.chunks) - 1)
}

// find is the index in l.order of the chunk that holds e or should hold it.
func (p *pool) find(l *lane, e *Entry) int {
	lo, hi := 0, len(l.order)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		c := &p.chunks[l.order[mid]]
		if e.Before(&c.e[c.lo]) {
			hi = mid - 1
		} else {
			lo = mid
		}
	}
	return lo
}

func (p *pool) insert(l *lane, e Entry) {
	l.n++
	l.minEst = min(l.minEst, e.Est)
	if len(l.order) == 0 {
		id := p.get()
		l.order = append(l.order, id)
		c := &p.chunks[id]
		c.e[0], c.hi, c.minEst = e, 1, e.Est
		return
	}
	last := &p.chunks[l.order[len(l.order)-1]]
	if !e.Before(&last.e[last.hi-1]) { // the common case: behind everybody
		if last.hi == chunkSize {
			id := p.get()
			l.order = append(l.order, id)
			last = &p.chunks[id]
		}
		last.e[last.hi] = e
		last.hi++
		last.minEst = min(last.minEst, e.Est)
		return
	}
	at := p.find(l, &e)
	c := &p.chunks[l.order[at]]
	if c.hi-c.lo == chunkSize {
		p.split(l, at)
		if right := &p.chunks[l.order[at+1]]; !e.Before(&right.e[right.lo]) {
			at++
		}
		c = &p.chunks[l.order[at]]
	}
	c.put(e)
}

// put inserts into a chunk that is not full.
func (c *chunk) put(e Entry) {
	i := c.lo
	for i < c.hi && !e.Before(&c.e[i]) {
		i++
	}
	if c.hi < chunkSize {
		copy(c.e[i+1:c.hi+1], c.e[i:c.hi])
		c.hi++
	} else {
		copy(c.e[c.lo-1:i-1], c.e[c.lo:i])
		c.lo--
		i--
	}
	c.e[i] = e
	c.minEst = min(c.minEst, e.Est)
}

// split moves the upper half of a full chunk into a new one behind it.
func (p *pool) split(l *lane, at int) {
	id := p.get()
	l.order = append(l.order, 0)
	copy(l.order[at+2:], l.order[at+1:])
	l.order[at+1] = id
	c, d := &p.chunks[l.order[at]], &p.chunks[id]
	mid := (c.lo + c.hi) / 2
	d.hi = int32(copy(d.e[:], c.e[mid:c.hi]))
	c.hi = mid
	d.minEst = c.minEst
}

// remove takes out the entry equal to e in key and number; it reports whether it was there.
func (p *pool) remove(l *lane, e *Entry) bool {
	if len(l.order) == 0 {
		return false
	}
	at := p.find(l, e)
	c := &p.chunks[l.order[at]]
	for i := c.lo; i < c.hi; i++ {
		if c.e[i].Number != e.Number || c.e[i].Key != e.Key {
			continue
		}
		p.cut(l, at, i)
		return true
	}
	return false
}

// cut takes out entry i of the at-th chunk.
func (p *pool) cut(l *lane, at int, i int32) {
	c := &p.chunks[l.order[at]]
	if i == c.lo {
		c.lo++
	} else {
		copy(c.e[i:c.hi-1], c.e[i+1:c.hi])
		c.hi--
	}
	if c.lo == c.hi {
		p.free = append(p.free, l.order[at])
		l.order = append(l.order[:at], l.order[at+1:]...)
	}
	if l.n--; l.n == 0 {
		l.minEst = noEst
	}
}

// first is the first entry; the lane must not be empty.
func (p *pool) first(l *lane) *Entry {
	c := &p.chunks[l.order[0]]
	return &c.e[c.lo]
}

// firstWithin is the first entry whose estimate is at most limit, or nil. Bounds that prove wrong are tightened.
func (p *pool) firstWithin(l *lane, limit state.Time) *Entry {
	lowest := noEst
	for _, id := range l.order {
		c := &p.chunks[id]
		if c.minEst <= limit {
			exact := noEst
			for i := c.lo; i < c.hi; i++ {
				if c.e[i].Est <= limit {
					return &c.e[i]
				}
				exact = min(exact, c.e[i].Est)
			}
			c.minEst = exact
		}
		lowest = min(lowest, c.minEst)
	}
	l.minEst = lowest
	return nil
}
