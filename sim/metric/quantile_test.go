package metric

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestQuantilesAreThoseOfASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		top := rapid.SampledFrom([]int64{1, 3, 1000, math.MaxInt64 / 200}).Draw(t, "top")
		a := rapid.SliceOfN(rapid.Int64Range(0, top), 1, 300).Draw(t, "values")
		sorted := slices.Clone(a)
		slices.Sort(sorted)
		var got [5]float64
		qs := []int64{0, 50, 90, 99, 100}
		sets := make([]set, 2)
		for i, v := range a {
			sets[i%2].raw.add(v)
		}
		var with selection
		for range 2 { // its storage is used again
			with.quantiles(sets, int64(len(a)), sorted[0], qs, 1, got[:])
		}
		for i, q := range qs {
			at := float64(len(sorted)-1) * float64(q) / 100
			k := int(at + 1e-9)
			want := float64(sorted[k])
			if k+1 < len(sorted) {
				want += (at - float64(k)) * float64(sorted[k+1]-sorted[k])
			}
			if math.Abs(got[i]-want) > 1e-6*math.Max(1, math.Abs(want)) {
				t.Fatalf("p%d of %v is %v (want %v)", q, sorted, got[i], want)
			}
		}
	})
}

// TestSamplesComeBack: whole chunks in seconds, chunks that are not, and a clone that goes on by itself.
func TestSamplesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s samples
		var want []int64
		for range rapid.IntRange(0, 4).Draw(t, "stretches") {
			scale := rapid.SampledFrom([]int64{unit, 1, math.MaxInt64 / 5000, -1}).Draw(t, "scale")
			for i := range int64(rapid.IntRange(0, 2*chunkLen).Draw(t, "n")) {
				s.add(i % 5000 * scale)
				want = append(want, i%5000*scale)
			}
		}
		c := s.clone()
		c.add(-7)
		s.add(-9)
		for _, x := range []struct {
			s    *samples
			last int64
		}{{&s, -9}, {&c, -7}} {
			var got []int64
			x.s.each(new([chunkLen]int64), func(values []int64) { got = append(got, values...) })
			if !slices.Equal(got, append(want[:len(want):len(want)], x.last)) || x.s.n != len(got) {
				t.Fatalf("%d of %d values came back, or others", len(got), len(want)+1)
			}
		}
	})
}

func TestSelectRankOnHardInputs(t *testing.T) {
	const n = 5000
	for name, f := range map[string]func(i int) int64{
		"rising": func(i int) int64 { return int64(i) }, "falling": func(i int) int64 { return int64(n - i) },
		"equal": func(int) int64 { return 7 }, "organ pipe": func(i int) int64 { return int64(min(i, n-i)) },
		"saw": func(i int) int64 { return int64(i * 7919 % 13) },
	} {
		a := make([]int64, n)
		for i := range a {
			a[i] = f(i)
		}
		sorted := slices.Clone(a)
		slices.Sort(sorted)
		for _, k := range []int{0, 1, n / 2, n - 2, n - 1} {
			b := slices.Clone(a)
			if selectRank(b, k); b[k] != sorted[k] {
				t.Errorf("%s: rank %d is %d (want %d)", name, k, b[k], sorted[k])
			}
		}
	}
}

func TestHistogramStaysWithinItsError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, math.MaxInt64).Draw(t, "v")
		m := middle(bucketOf(v))
		if math.Abs(float64(m)-float64(v)) > 0.0005*float64(v) {
			t.Fatalf("%d is kept as %d (want within 0.05 %%)", v, m)
		}
		if v > 0 && bucketOf(v-1) > bucketOf(v) {
			t.Fatalf("buckets of %d and %d are out of order", v-1, v)
		}
	})
}

// Beyond the limit the quantiles come from the histogram, sums stay exact, and the result says so.
func TestBeyondTheSamplesThatAreKept(t *testing.T) {
	exact, rough := newDist(2, 1<<20), newDist(2, 500)
	for i := range int64(20_000) {
		v := (i * 7919 % 20_011) * (i * 7919 % 20_011) * 1_000_000
		exact.add(int(i%2), v)
		rough.add(int(i%2), v)
	}
	var with selection
	for first := range 2 {
		a, b := exact.spread(first, 1, &with), rough.spread(first, 1, &with)
		if !a.Exact || b.Exact || a.Sum != b.Sum || a.N != b.N || a.Max != b.Max || a.Mean != b.Mean {
			t.Errorf("exact %+v, beyond the limit %+v", a, b)
		}
		for _, q := range [][2]float64{{a.P50, b.P50}, {a.P90, b.P90}, {a.P95, b.P95}, {a.P99, b.P99}} {
			if math.Abs(q[0]-q[1]) > 0.001*q[0] {
				t.Errorf("a quantile is %v from the histogram (want %v within 0.1 %%)", q[1], q[0])
			}
		}
	}
}

func TestSlowdownOfShortAndLongJobs(t *testing.T) {
	for _, c := range []struct{ jct, run, want int64 }{
		{0, 0, unit}, {5 * unit, 0, unit}, {20 * unit, 0, 2 * unit}, {30 * unit, 20 * unit, unit * 3 / 2},
		{math.MaxInt64, 1, math.MaxInt64 / 10},
	} {
		if got := slowdown(c.jct, c.run); got != c.want {
			t.Errorf("slowdown(%d, %d) = %d (want %d)", c.jct, c.run, got, c.want)
		}
	}
}
