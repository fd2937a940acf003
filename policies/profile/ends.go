package profile

import (
	"github.com/orrery-sim/orrery/sim/state"
)

const chunkSize = 64

// end is one running job in the availability profile.
type end struct {
	at   state.Time
	gpus int32
	job  int32
}

type chunk struct {
	n   int32
	sum int32 // GPUs of the whole chunk
	e   [chunkSize]end
}

// Ends is the availability profile of one partition: running jobs by expected end, in sorted chunks with GPU sums. A job
// that outlives its expectation is moved by Overrun.
type Ends struct {
	chunks []chunk
	order  []int32
	free   []int32
	n      int
}

// Len is the number of running jobs.
func (p *Ends) Len() int { return p.n }

func (p *Ends) get() int32 {
	if k := len(p.free); k > 0 {
		id := p.free[k-1]
		p.free = p.free[:k-1]
		p.chunks[id].n, p.chunks[id].sum = 0, 0
		return id
	}
	p.chunks = append(p.chunks, chunk{})
	return int32(len(p.chunks) - 1)
}

// find is the last chunk whose first end is not after at (0 if there is none).
func (p *Ends) find(at state.Time) int {
	lo, hi := 0, len(p.order)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if p.chunks[p.order[mid]].e[0].at > at {
			hi = mid - 1
		} else {
			lo = mid
		}
	}
	return lo
}

// Insert adds a running job.
func (p *Ends) Insert(at state.Time, gpus, job int32) {
	p.n++
	if len(p.order) == 0 {
		p.order = append(p.order, p.get())
	}
	i := p.find(at)
	c := &p.chunks[p.order[i]]
	if c.n == chunkSize {
		p.split(i)
		if p.chunks[p.order[i+1]].e[0].at <= at {
			i++
		}
		c = &p.chunks[p.order[i]]
	}
	k := c.n
	for k > 0 && c.e[k-1].at > at {
		c.e[k] = c.e[k-1]
		k--
	}
	c.e[k] = end{at, gpus, job}
	c.n++
	c.sum += gpus
}

func (p *Ends) split(i int) {
	id := p.get()
	p.order = append(p.order, 0)
	copy(p.order[i+2:], p.order[i+1:])
	p.order[i+1] = id
	c, d := &p.chunks[p.order[i]], &p.chunks[id]
	half := c.n / 2
	d.n = int32(copy(d.e[:], c.e[half:c.n]))
	c.n = half
	for k := int32(0); k < d.n; k++ {
		d.sum += d.e[k].gpus
	}
	c.sum -= d.sum
}

// Remove takes out a job that was inserted with at; it reports whether it was there.
func (p *Ends) Remove(at state.Time, job int32) bool {
	if p.n == 0 {
		return false
	}
	for i := p.find(at); i >= 0; i-- { // equal ends may lie in several chunks, the last of them first
		c := &p.chunks[p.order[i]]
		if c.e[c.n-1].at < at {
			return false
		}
		for k := int32(0); k < c.n; k++ {
			if c.e[k].job != job || c.e[k].at != at {
				continue
			}
			c.sum -= c.e[k].gpus
			copy(c.e[k:c.n-1], c.e[k+1:c.n])
			if c.n--; c.n == 0 {
				p.free = append(p.free, p.order[i])
				p.order = append(p.order[:i], p.order[i+1:]...)
			}
			p.n--
			return true
		}
	}
	return false
}

// First is the earliest expected end and its job; there must be one.
func (p *Ends) First() (state.Time, int32) {
	e := &p.chunks[p.order[0]].e[0]
	return e.at, e.job
}

// Shadow is the earliest expected end after which need GPUs are free, and how many are free then, counting every job that
// ends at that instant; state.Never when the running jobs do not hold enough.
func (p *Ends) Shadow(free, need int32) (state.Time, int32) {
	for i, id := range p.order {
		c := &p.chunks[id]
		if free+c.sum < need {
			free += c.sum
			continue
		}
		for k := int32(0); k < c.n; k++ {
			if free += c.e[k].gpus; free >= need {
				at := c.e[k].at
				return at, free + p.sameInstant(i, k+1, at)
			}
		}
	}
	return state.Never, free
}

// sameInstant sums the GPUs of further jobs that end at the same instant, from entry k of chunk i on.
func (p *Ends) sameInstant(i int, k int32, at state.Time) int32 {
	var more int32
	for ; i < len(p.order); i++ {
		c := &p.chunks[p.order[i]]
		for ; k < c.n; k++ {
			if c.e[k].at != at {
				return more
			}
			more += c.e[k].gpus
		}
		k = 0
	}
	return more
}

// Each calls f for each running job in order of expected end until it says stop.
func (p *Ends) Each(f func(at state.Time, gpus, job int32) bool) {
	for _, id := range p.order {
		c := &p.chunks[id]
		for k := int32(0); k < c.n; k++ {
			if !f(c.e[k].at, c.e[k].gpus, c.e[k].job) {
				return
			}
		}
	}
}

// Clone returns an independent copy.
func (p *Ends) Clone() Ends {
	return Ends{chunks: append([]chunk(nil), p.chunks...), order: append([]int32(nil), p.order...),
		free: append([]int32(nil), p.free...), n: p.n}
}

// Overdue is when a job that started at start is expected to end once now has reached its expected end: start plus the
// smallest power of two times its estimate that lies strictly ahead.
func Overdue(start, estimate, now state.Time) state.Time {
	at := start.Add(estimate)
	for span := estimate; at <= now; {
		if span > state.Never/2 {
			return state.Never
		}
		span *= 2
		at = start.Add(span)
	}
	return at
}
