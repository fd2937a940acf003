package reports

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestStepByHand(t *testing.T) {
	s := Series{At: []int64{0, 2e9, 2e9, 7e9, 10e9}, Value: []float64{4, 100, 8, 0, 6}}
	got := s.step([]int64{0, 5e9, 10e9, 12e9})
	want := steps{
		edges: []float64{0, 5, 10, 12},
		mean:  []float64{(4*2 + 8*3) / 5.0, (8 * 2) / 5.0, 6}, // the 100 held for no time
		low:   []float64{4, 0, 6},
		high:  []float64{8, 8, 6},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(steps{})); diff != "" {
		t.Error(diff)
	}
}

func TestStepBeforeTheFirstChangeIsZero(t *testing.T) {
	got := Series{At: []int64{6e9}, Value: []float64{2}}.step([]int64{4e9, 8e9})
	if got.mean[0] != 1 || got.low[0] != 0 || got.high[0] != 2 {
		t.Errorf("got %+v", got)
	}
	if empty := (Series{}).step([]int64{0, 1}); empty.mean[0] != 0 || empty.high[0] != 0 {
		t.Errorf("an empty series: %+v", empty)
	}
}

func drawSeries(t *rapid.T, name string) Series {
	at := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 60).Draw(t, name)
	slices.Sort(at)
	s := Series{}
	for i, ms := range at {
		if i > 0 && ms == at[i-1] {
			continue
		}
		s.At, s.Value = append(s.At, ms*1e6), append(s.Value, float64(rapid.IntRange(0, 50).Draw(t, "value")))
	}
	return s
}

// No peak is lost and no area changes, however coarse the steps.
func TestStepKeepsAreaAndPeaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSeries(t, "at")
		most := rapid.IntRange(1, 300).Draw(t, "steps")
		edges := stepEdges(0, 1_001_000_000, most)
		if len(edges)-1 > most {
			t.Fatalf("%d steps, want at most %d", len(edges)-1, most)
		}
		got := s.step(edges)
		area, want := 0.0, 0.0
		for i, m := range got.mean {
			area += m * (got.edges[i+1] - got.edges[i])
			if got.low[i] > m+1e-9 || got.high[i] < m-1e-9 {
				t.Fatalf("step %d: %v is not between %v and %v", i, m, got.low[i], got.high[i])
			}
		}
		for i, v := range s.Value {
			end := int64(1_001_000_000)
			if i+1 < len(s.At) {
				end = s.At[i+1]
			}
			want += v * float64(end-s.At[i]) / 1e9
		}
		if math.Abs(area-want) > 1e-6 {
			t.Fatalf("area %v, want %v", area, want)
		}
		if slices.Max(got.high) != slices.Max(s.Value) {
			t.Fatalf("peak %v, want %v", slices.Max(got.high), slices.Max(s.Value))
		}
	})
}

func TestAddIsTheSumAtEveryInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSeries(t, "a"), drawSeries(t, "b")
		edges := stepEdges(0, 1_001_000_000, 50)
		x, y, sum := a.step(edges), b.step(edges), add([]Series{a, b}).step(edges)
		for i := range sum.mean {
			if math.Abs(sum.mean[i]-x.mean[i]-y.mean[i]) > 1e-6 {
				t.Fatalf("step %d: %v + %v gives %v", i, x.mean[i], y.mean[i], sum.mean[i])
			}
		}
	})
}

func TestSeriesOfMeansKeepsTheirExtremes(t *testing.T) {
	s := Series{At: []int64{0, 1e9}, Value: []float64{5, 6}, Low: []float64{1, 2}, High: []float64{90, 7}, Points: 1000}
	got := s.step([]int64{0, 2e9})
	if got.mean[0] != 5.5 || got.low[0] != 1 || got.high[0] != 90 || s.Behind() != 1000 {
		t.Errorf("got %+v behind %d", got, s.Behind())
	}
}

func TestCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e7), 1, 200).Draw(t, "values")
		slices.Sort(values)
		x, p := curve(values, 1, 50)
		if len(x) > 50 || p[len(p)-1] != 1 || x[len(x)-1] < values[len(values)-1] || !slices.IsSorted(x) || !slices.IsSorted(p) {
			t.Fatalf("%v\n%v\n%v", values, x, p)
		}
		for i := range x {
			n := 0
			for _, v := range values {
				if v <= x[i] {
					n++
				}
			}
			if p[i] != float64(n)/float64(len(values)) {
				t.Fatalf("at %v: share %v, want %d of %d", x[i], p[i], n, len(values))
			}
		}
	})
}

func TestNiceWidth(t *testing.T) {
	for _, c := range []struct{ in, want int64 }{{1, 1}, {3e9, 5e9}, {31e9, 60e9}, {7 * 60e9, 10 * 60e9}, {5 * 3600e9, 6 * 3600e9}, {30 * 3600e9, 2 * 86400e9}} {
		if got := niceWidth(c.in); got != c.want {
			t.Errorf("%d: got %d, want %d", c.in, got, c.want)
		}
	}
}
