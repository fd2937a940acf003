// Package eventq is the engine's future: a 4-ary heap of packed keys. It must never hold pointers or know what an event
// does; a cancelled event is left in place and recognised by the generation in its reference.
package eventq

// Entry is one future event: Key orders events of one Time (round, class, sequence); Ref is opaque.
type Entry struct {
	Time int64
	Key  uint64
	Ref  uint64
}

func (a *Entry) before(b *Entry) bool {
	return a.Time < b.Time || a.Time == b.Time && a.Key < b.Key
}

// Queue is a min-heap by (Time, Key). The zero value is empty.
type Queue struct {
	h []Entry
}

// Len is the number of entries, dead ones included.
func (q *Queue) Len() int { return len(q.h) }

// Top is the first entry; the queue must not be empty.
func (q *Queue) Top() *Entry { return &q.h[0] }

// Push adds an entry.
func (q *Queue) Push(e Entry) {
	q.h = append(q.h, e)
	h := q.h
	i := len(h) - 1
	for i > 0 {
		p := (i - 1) >> 2
		if !e.before(&h[p]) {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = e
}

// Pop removes the first entry; the queue must not be empty.
func (q *Queue) Pop() Entry {
	h := q.h
	top := h[0]
	n := len(h) - 1
	last := h[n]
	h = h[:n]
	q.h = h
	if n == 0 {
		return top
	}
	i := 0
	for {
		c := i<<2 + 1
		if c >= n {
			break
		}
		best := c
		end := c + 4
		if end > n {
			end = n
		}
		for k := c + 1; k < end; k++ {
			if h[k].before(&h[best]) {
				best = k
			}
		}
		if !h[best].before(&last) {
			break
		}
		h[i] = h[best]
		i = best
	}
	h[i] = last
	return top
}

// Clone returns an independent copy.
func (q *Queue) Clone() Queue { return Queue{h: append([]Entry(nil), q.h...)} }
