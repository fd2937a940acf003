package metric

import "math"

const chunkLen = 4096

// samples is an append-only list of int64. Full chunks are never written again, so a clone shares them.
type samples struct {
	full []chunk
	last []int64 // of the chunk that is being filled
	n    int
}

// chunk is chunkLen values: as multiples of unit where all are, which traces in whole seconds give, else as they are.
type chunk struct {
	units  *[chunkLen]uint32
	values *[chunkLen]int64
}

func (s *samples) add(v int64) {
	if s.last == nil {
		s.last = make([]int64, 0, chunkLen)
	}
	s.last = append(s.last, v)
	s.n++
	if len(s.last) < chunkLen {
		return
	}
	if u := inUnits(s.last); u != nil {
		s.full = append(s.full, chunk{units: u})
		s.last = s.last[:0]
		return
	}
	s.full = append(s.full, chunk{values: (*[chunkLen]int64)(s.last)})
	s.last = nil
}

// inUnits are the values as multiples of unit, or nil when they are none.
func inUnits(values []int64) *[chunkLen]uint32 {
	for _, v := range values {
		if v < 0 || v > math.MaxUint32*unit || v%unit != 0 {
			return nil
		}
	}
	u := new([chunkLen]uint32)
	for i, v := range values {
		u[i] = uint32(v / unit)
	}
	return u
}

// each calls f with all values, chunk by chunk; buf is room for one.
func (s *samples) each(buf *[chunkLen]int64, f func(values []int64)) {
	for _, c := range s.full {
		if c.values != nil {
			f(c.values[:])
			continue
		}
		for i, u := range c.units {
			buf[i] = int64(u) * unit
		}
		f(buf[:])
	}
	f(s.last)
}

func (s *samples) clone() samples {
	c := samples{full: append([]chunk(nil), s.full...), n: s.n}
	if len(s.last) > 0 {
		c.last = append(make([]int64, 0, chunkLen), s.last...)
	}
	return c
}
