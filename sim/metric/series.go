package metric

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// firstWidth is the smallest width of a bucket in ns; widths are this times a power of two.
const firstWidth = 1_000_000

// series is a step function of time. While it is short it keeps every change; then it keeps, for equal buckets of time,
// the integral, the lowest and the highest value that held for any time in it, so no peak is lost. When time outgrows
// the buckets their width doubles: the same run gives the same buckets, whatever its batches were.
type series struct {
	limit   int // changes, and buckets
	at, val []int64
	width   int64 // 0: still exact
	buckets []bucket
	now     int64 // the value in force
	since   int64 // and since when
	changes int64
}

type bucket struct {
	sum      state.Wide // value x ns
	min, max int64
}

var noBucket = bucket{min: math.MaxInt64, max: math.MinInt64}

// newSeries is a series that is 0 from instant 0 on.
func newSeries(limit int) series {
	return series{limit: limit, at: []int64{0}, val: []int64{0}, changes: 1}
}

// set says that the value is v from t on; t does not fall.
func (s *series) set(v, t int64) {
	if v == s.now {
		return
	}
	s.changes++
	if s.width == 0 {
		if t == s.since {
			s.val[len(s.val)-1] = v
		} else if len(s.at) < s.limit {
			s.at, s.val = append(s.at, t), append(s.val, v)
		} else {
			s.toBuckets()
		}
	}
	if s.width > 0 {
		s.cover(t)
	}
	s.now, s.since = v, t
}

// toBuckets reduces the changes so far, up to the instant of the last.
func (s *series) toBuckets() {
	s.width = firstWidth
	at, val := s.at, s.val
	s.at, s.val = nil, nil
	for i := 1; i < len(at); i++ {
		s.now, s.since = val[i-1], at[i-1]
		s.cover(at[i])
	}
	s.now, s.since = val[len(val)-1], at[len(at)-1]
}

// cover books the value in force into the buckets of [since, t).
func (s *series) cover(t int64) {
	if t <= s.since {
		return
	}
	for (t-1)/s.width >= int64(s.limit) {
		s.double()
	}
	last := (t - 1) / s.width
	for int64(len(s.buckets)) <= last {
		s.buckets = append(s.buckets, noBucket)
	}
	for i := s.since / s.width; i <= last; i++ {
		b := &s.buckets[i]
		from, to := max(s.since, i*s.width), min(t, (i+1)*s.width)
		b.add(s.now, to-from)
	}
}

func (b *bucket) add(v, ns int64) {
	b.min, b.max = min(b.min, v), max(b.max, v)
	addSigned(&b.sum, v, ns)
}

func (s *series) double() {
	s.width *= 2
	n := (len(s.buckets) + 1) / 2
	for i := range n {
		b := s.buckets[2*i]
		if 2*i+1 < len(s.buckets) {
			o := &s.buckets[2*i+1]
			b.min, b.max = min(b.min, o.min), max(b.max, o.max)
			b.sum.AddWide(o.sum)
		}
		s.buckets[i] = b
	}
	s.buckets = s.buckets[:n]
}

func (s *series) clone() series {
	c := *s
	c.at, c.val = append([]int64(nil), s.at...), append([]int64(nil), s.val...)
	c.buckets = append([]bucket(nil), s.buckets...)
	return c
}

// Series is a figure over time. Value holds from At to the next At, and the last one until End. When Points > len(At)
// the values are means over stretches of time (buckets) and Low and High bound what held in each; else every change is
// there and Low and High are nil.
type Series struct {
	Name      string // what is measured, such as "allocated_gpus"
	Key       string // of which type, queue; "" for all
	At        []state.Time
	End       state.Time
	Value     []float64
	Low, High []float64
	Points    int64 // changes that stand behind it
}

// result is the series up to end, its values divided by unit.
func (s *series) result(name, key string, unit int64, end state.Time) Series {
	r := Series{Name: name, Key: key, End: end, Points: s.changes}
	if s.width == 0 {
		for i, t := range s.at {
			r.At, r.Value = append(r.At, state.Time(t)), append(r.Value, float64(s.val[i])/float64(unit))
		}
		r.Points = int64(len(s.at))
		return r
	}
	c := s.clone()
	c.cover(int64(end))
	for i := range c.buckets {
		b := &c.buckets[i]
		from, to := int64(i)*c.width, min(int64(i+1)*c.width, max(int64(end), c.since))
		if to <= from {
			break
		}
		r.At = append(r.At, state.Time(from))
		r.Value = append(r.Value, b.sum.Float(to-from)/float64(unit))
		r.Low, r.High = append(r.Low, float64(b.min)/float64(unit)), append(r.High, float64(b.max)/float64(unit))
	}
	return r
}
