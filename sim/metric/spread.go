package metric

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// Spread is a heavy-tailed figure. Without samples (N = 0) every float in it is NaN.
type Spread struct {
	N                  int64
	Sum                state.Wide // in ns, or for slowdowns in 1e-9
	Mean, Min, Max     float64    // in seconds, or for slowdowns as a ratio
	P50, P90, P95, P99 float64
	Exact              bool // the quantiles come from all values, not from a histogram
}

const unit = 1_000_000_000 // of samples, to seconds or to ratios

// dist collects the samples of one figure, in sets that are also looked at apart (by outcome).
type dist struct {
	limit int // samples that are kept; beyond, all sets are histograms
	n     int
	sets  []set
}

type set struct {
	raw      samples
	hist     histogram
	sum      state.Wide
	n        int64
	min, max int64
}

func newDist(sets, limit int) dist {
	return dist{limit: limit, sets: make([]set, sets)}
}

func (d *dist) add(i int, v int64) {
	s := &d.sets[i]
	if s.n == 0 || v < s.min {
		s.min = v
	}
	if s.n == 0 || v > s.max {
		s.max = v
	}
	s.n++
	s.sum.Add(v)
	d.n++
	switch {
	case d.n <= d.limit:
		s.raw.add(v)
		return
	case d.n == d.limit+1:
		d.toHistograms()
	}
	s.hist.add(v)
}

func (d *dist) toHistograms() {
	for i := range d.sets {
		s := &d.sets[i]
		s.raw.each(new([chunkLen]int64), func(values []int64) {
			for _, v := range values {
				s.hist.add(v)
			}
		})
		s.raw = samples{}
	}
}

// spread sums up the sets from first to last.
func (d *dist) spread(first, last int, with *selection) Spread {
	r := Spread{Exact: d.n <= d.limit}
	var lowest, highest int64
	for i := first; i <= last; i++ {
		s := &d.sets[i]
		if s.n == 0 {
			continue
		}
		if r.N == 0 || s.min < lowest {
			lowest = s.min
		}
		if r.N == 0 || s.max > highest {
			highest = s.max
		}
		r.N += s.n
		r.Sum.AddWide(s.sum)
	}
	if r.N == 0 {
		nan := math.NaN()
		r.Mean, r.Min, r.Max, r.P50, r.P90, r.P95, r.P99 = nan, nan, nan, nan, nan, nan, nan
		return r
	}
	r.Mean = r.Sum.Float(r.N * unit)
	r.Min, r.Max = float64(lowest)/unit, float64(highest)/unit
	var q [4]float64
	percent := []int64{50, 90, 95, 99}
	if r.Exact {
		with.quantiles(d.sets[first:last+1], r.N, lowest, percent, unit, q[:])
	} else {
		var h histogram
		for i := first; i <= last; i++ {
			h.merge(&d.sets[i].hist)
		}
		h.quantiles(percent, unit, q[:])
	}
	r.P50, r.P90, r.P95, r.P99 = q[0], q[1], q[2], q[3]
	return r
}

func (d *dist) clone() dist {
	c := *d
	c.sets = append([]set(nil), d.sets...)
	for i := range c.sets {
		c.sets[i].raw = d.sets[i].raw.clone()
		c.sets[i].hist = d.sets[i].hist.clone()
	}
	return c
}
