package metric

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// However short the limit, a series keeps the integral, the lowest and the highest value of every stretch.
func TestSeriesKeepsAreasAndPeaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSeries(rapid.IntRange(2, 20).Draw(t, "limit"))
		type step struct{ at, v int64 }
		steps := []step{{0, 0}}
		var now int64
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			now += rapid.SampledFrom([]int64{1, firstWidth - 1, firstWidth, 3 * firstWidth, 1000 * firstWidth}).Draw(t, "gap")
			v := rapid.Int64Range(0, 100).Draw(t, "v")
			s.set(v, now)
			steps = append(steps, step{now, v})
		}
		end := now + rapid.Int64Range(0, 10*firstWidth).Draw(t, "tail")
		steps = append(steps, step{end, 0})
		r := s.result("x", "", 1, state.Time(end))
		if len(r.At) > s.limit {
			t.Fatalf("%d points of at most %d", len(r.At), s.limit)
		}
		for i, from := range r.At {
			to := int64(end)
			if i+1 < len(r.At) {
				to = int64(r.At[i+1])
			}
			area, low, high := 0.0, math.Inf(1), math.Inf(-1)
			for k := range len(steps) - 1 {
				a, b := max(steps[k].at, int64(from)), min(steps[k+1].at, to)
				if b > a {
					area += float64(steps[k].v) * float64(b-a)
					low, high = math.Min(low, float64(steps[k].v)), math.Max(high, float64(steps[k].v))
				}
			}
			if to == int64(from) {
				continue
			}
			if got := r.Value[i] * float64(to-int64(from)); math.Abs(got-area) > 1e-6*math.Max(area, 1) {
				t.Fatalf("stretch %d [%d, %d): area %v (want %v)", i, from, to, got, area)
			}
			if r.Low == nil {
				if low != high || r.Value[i] != low {
					t.Fatalf("stretch %d of an exact series holds %v to %v, said %v", i, low, high, r.Value[i])
				}
			} else if r.Low[i] != low || r.High[i] != high {
				t.Fatalf("stretch %d: [%v, %v] (want [%v, %v])", i, r.Low[i], r.High[i], low, high)
			}
		}
	})
}

func TestOccupancyKeepsAllTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := int32(rapid.IntRange(1, 12).Draw(t, "nodes"))
		m := newMatrix(rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 6).Draw(t, "cols"))
		level := make([]int64, nodes)
		var want, now int64
		for n := range nodes {
			m.healthy(n, whole, 0)
		}
		advance := func(d int64) {
			for _, l := range level {
				want += l * (d / 1e6)
			}
			now += d
		}
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			advance(rapid.Int64Range(0, 5000).Draw(t, "ms") * 1e6)
			n := rapid.Int32Range(0, nodes-1).Draw(t, "node")
			d := rapid.Int64Range(-level[n], whole-level[n]).Draw(t, "d")
			m.held(n, d, now)
			level[n] += d
		}
		advance(1e9)
		r := m.result(nodes, state.Time(now))
		var held, healthy float64
		for i := range r.Held {
			for c := range r.Held[i] {
				if r.Held[i][c] > r.Healthy[i][c]+1e-9 {
					t.Fatalf("row %d column %d: %v held of %v", i, c, r.Held[i][c], r.Healthy[i][c])
				}
				held += r.Held[i][c]
				healthy += r.Healthy[i][c]
			}
		}
		if w := float64(want) / 1e6; math.Abs(held-w) > 1e-6*math.Max(1, w) {
			t.Fatalf("held %v GPU s in all (want %v)", held, w)
		}
		if w := float64(nodes) * float64(now) / 1e9; math.Abs(healthy-w) > 1e-6*w {
			t.Fatalf("healthy %v GPU s in all (want %v)", healthy, w)
		}
		if len(r.Held) > m.rows || len(r.Held) > 0 && len(r.Held[0]) > m.cols {
			t.Fatalf("%d x %d cells, at most %d x %d", len(r.Held), len(r.Held[0]), m.rows, m.cols)
		}
	})
}
