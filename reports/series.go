package reports

import (
	"math"
	"slices"
	"sort"
)

// Series is a figure over time that holds from one change to the next: At[i] is when, in ns since the start and never
// falling, Value[i] what it became. Before the first change it is 0. When the values are themselves means over stretches,
// Low and High bound what happened in each and Points is the number of changes behind them; else those are nil and 0.
type Series struct {
	At        []int64
	Value     []float64
	Low, High []float64
	Points    int
}

// Behind is the number of changes that stand behind the series.
func (s Series) Behind() int { return max(s.Points, len(s.At)) }

// whole reports whether the series' columns fit each other.
func (s Series) whole() bool {
	n := len(s.At)
	return len(s.Value) == n && (s.Low == nil || len(s.Low) == n) && (s.High == nil || len(s.High) == n) && slices.IsSorted(s.At)
}

// steps is a series summed up within equal steps of time: nothing that the series reached is lost, whatever the number of
// steps.
type steps struct {
	edges           []float64 // s
	mean, low, high []float64
}

// stepEdges divides [from, to) ns into at most most steps of a width that reads well, the last one cut short.
func stepEdges(from, to int64, most int) []int64 {
	if to <= from {
		to = from + 1_000_000_000
	}
	width := niceWidth((to - from + int64(most) - 1) / int64(most))
	edges := make([]int64, 0, most+1)
	for t := from; t < to; t += width {
		edges = append(edges, t)
	}
	return append(edges, to)
}

// niceWidth returns the smallest width of at least ns that a person can name: 1, 2, 5, 10, 15, 30 of s and min, then 1, 2,
// 3, 6, 12 h, then days and multiples of them.
func niceWidth(ns int64) int64 {
	const second, minute, hour, day = int64(1e9), int64(60e9), int64(3600e9), int64(86400e9)
	for _, unit := range []struct {
		size  int64
		times []int64
	}{
		{1, []int64{1, 2, 5}},
		{second / 1000, []int64{1, 2, 5, 10, 20, 50, 100, 200, 500}},
		{second, []int64{1, 2, 5, 10, 15, 20, 30}},
		{minute, []int64{1, 2, 3, 5, 10, 15, 20, 30}},
		{hour, []int64{1, 2, 3, 6, 12}},
	} {
		for _, times := range unit.times {
			if unit.size*times >= ns {
				return unit.size * times
			}
		}
	}
	return (ns + day - 1) / day * day
}

// step sums s up within edges (ns): the mean by time, and the lowest and highest value that held for any time within.
func (s Series) step(edges []int64) steps {
	n := len(edges) - 1
	out := steps{edges: seconds(edges), mean: make([]float64, n), low: make([]float64, n), high: make([]float64, n)}
	low, high := s.Low, s.High
	if low == nil {
		low = s.Value
	}
	if high == nil {
		high = s.Value
	}
	i := sort.Search(len(s.At), func(i int) bool { return s.At[i] > edges[0] }) // changes before i are in force
	for b := range n {
		end := edges[b+1]
		area, lowest, highest := 0.0, math.Inf(1), math.Inf(-1)
		hold := func(at, until int64) {
			v, l, h := 0.0, 0.0, 0.0
			if i > 0 {
				v, l, h = s.Value[i-1], low[i-1], high[i-1]
			}
			area += v * float64(until-at)
			lowest, highest = min(lowest, l), max(highest, h)
		}
		at := edges[b]
		for i < len(s.At) && s.At[i] < end {
			if s.At[i] > at {
				hold(at, s.At[i])
				at = s.At[i]
			}
			i++
		}
		hold(at, end)
		for i < len(s.At) && s.At[i] == end {
			i++
		}
		out.mean[b], out.low[b], out.high[b] = area/float64(end-edges[b]), lowest, highest
	}
	return out
}

// add returns the sum of series that each hold between changes.
func add(all []Series) Series {
	if len(all) == 1 {
		return all[0]
	}
	type change struct {
		at            int64
		by, low, high float64
	}
	var changes []change
	points := 0
	for _, s := range all {
		v, l, h := 0.0, 0.0, 0.0
		points += s.Behind()
		for i, at := range s.At {
			nv, nl, nh := s.Value[i], s.Value[i], s.Value[i]
			if s.Low != nil {
				nl = s.Low[i]
			}
			if s.High != nil {
				nh = s.High[i]
			}
			changes = append(changes, change{at, nv - v, nl - l, nh - h})
			v, l, h = nv, nl, nh
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return int(min(max(a.at-b.at, -1), 1)) })
	sum := Series{Points: points}
	var v, l, h float64
	for i, c := range changes {
		v, l, h = v+c.by, l+c.low, h+c.high
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		sum.At = append(sum.At, c.at)
		sum.Value, sum.Low, sum.High = append(sum.Value, v), append(sum.Low, l), append(sum.High, h)
	}
	return sum
}

func seconds(ns []int64) []float64 {
	s := make([]float64, len(ns))
	for i, v := range ns {
		s[i] = float64(v) / 1e9
	}
	return s
}

// curve returns the empirical distribution of sorted (seconds) as at most most points, spaced by their logarithm from floor
// on; the last point is the largest value, so that no tail is cut.
func curve(sorted []float64, floor float64, most int) (x, p []float64) {
	n := len(sorted)
	if n == 0 {
		return nil, nil
	}
	top := max(sorted[n-1], floor*1.01)
	ratio := math.Log(top / floor)
	for i := range most {
		at := floor * math.Exp(ratio*float64(i)/float64(most-1))
		if i == most-1 {
			at = top
		}
		below := sort.Search(n, func(j int) bool { return sorted[j] > at })
		share := float64(below) / float64(n)
		if k := len(p); k > 1 && p[k-1] == share && p[k-2] == share {
			x[k-1] = at // a flat stretch needs its two ends only
			continue
		}
		x, p = append(x, at), append(p, share)
	}
	return x, p
}
