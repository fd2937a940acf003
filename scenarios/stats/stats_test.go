package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance || math.IsNaN(got) != math.IsNaN(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		p    float64
		want float64
	}{
		{[]float64{1, 2, 3, 4}, 0.5, 2.5},
		{[]float64{1, 2, 3, 4}, 0.25, 1.75},
		{[]float64{1, 2, 3, 4}, 1, 4},
		{[]float64{10, 20}, 0.99, 19.9},
		{[]float64{7}, 0.3, 7},
		{[]float64{1, 2}, -3, 1},
		{nil, 0.5, math.NaN()},
	} {
		near(t, "quantile", Quantile(c.x, c.p), c.want, 1e-12)
	}
}

func TestSummarize(t *testing.T) {
	s := Summarize([]float64{9, 2, 5, 4, 12, 7, 8, 11, 9, 3, 7, 4, 12, 5, 4, 10, 9, 6, 9, 4})
	near(t, "mean", s.Mean, 7, 0)
	near(t, "sd", s.SD, math.Sqrt(178.0/19), 1e-12)
	near(t, "p50", s.P50, 7, 0)
	if one := Summarize([]float64{3}); one.Mean != 3 || one.P99 != 3 || !math.IsNaN(one.SD) {
		t.Errorf("one value: %+v", one)
	}
	if none := Summarize(nil); none.N != 0 || !math.IsNaN(none.Mean) {
		t.Errorf("no value: %+v", none)
	}
}

func TestMeanKeepsSmallValuesBesideLargeOnes(t *testing.T) {
	near(t, "mean", Mean([]float64{1e16, 1, -1e16, 1}), 0.5, 0)
}

// Student's sleep data (Cushny and Peebles 1905), extra hours of sleep under two drugs: the paired t interval that R's
// documentation prints is -2.4598858 to -0.7001142.
func TestTIntervalOfStudentsSleepData(t *testing.T) {
	a := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	b := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	got, ok := TInterval(d, 0.95)
	if !ok {
		t.Fatal("ten pairs gave no interval")
	}
	near(t, "low", got.Low, -2.4598858, 1e-6)
	near(t, "high", got.High, -0.7001142, 1e-6)
}

func TestWilcoxon(t *testing.T) {
	// Darwin's Zea mays differences in eighths of an inch: W = 24, exact two-sided p = 0.041259765625.
	maize := []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
	for _, c := range []struct {
		name        string
		d           []float64
		plus, minus float64
		p           float64
		zeros       int
	}{
		{"maize", maize, 96, 24, 0.041259765625, 0},
		{"three positive with a tie: 2 of 8 signs are as extreme", []float64{1, 1, 2}, 6, 0, 0.25, 0},
		{"one", []float64{4}, 1, 0, 1, 0},
		{"zeros are left out", []float64{0, 0, 1, -2}, 1, 2, 1, 2},
		{"all zero", []float64{0, 0, 0}, 0, 0, 1, 3},
		{"none", nil, 0, 0, 1, 0},
		{"six positive: 2 of 64", []float64{1, 2, 3, 4, 5, 6}, 21, 0, 2.0 / 64, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Wilcoxon(c.d)
			if s.Plus != c.plus || s.Minus != c.minus || s.Zeros != c.zeros {
				t.Errorf("got %+v", s)
			}
			near(t, "p", s.P, c.p, 1e-12)
		})
	}
}

func TestWilcoxonNormalMeetsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		d := make([]float64, exactUpTo)
		for i := range d {
			d[i] = math.Round(r.NormFloat64()*10) + 1 // with ties and zeros
		}
		exact := Wilcoxon(d)
		slices.SortFunc(d, func(a, b float64) int { return int(math.Abs(a) - math.Abs(b)) })
		kept := slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
		_, ties := midranks(kept)
		near(t, "normal against exact", normalP(exact, ties), exact.P, 0.01)
	}
}

func TestWilcoxonLargeWithTies(t *testing.T) {
	d := make([]float64, 200) // 120 of +1 and 80 of -1: Plus - mean = 2010, variance = 200*201*401/24 - (200^3-200)/48
	for i := range d {
		d[i] = 1
		if i%5 < 2 {
			d[i] = -1
		}
	}
	s := Wilcoxon(d)
	z := (12060 - 10050 - 0.5) / math.Sqrt(200*201*401/24.0-(8e6-200)/48)
	near(t, "p", s.P, math.Erfc(z/math.Sqrt2), 1e-12)
	near(t, "effect", s.RankBiserial(), 0.2, 1e-12)
}

func TestHolm(t *testing.T) {
	got := Holm([]float64{0.01, 0.04, math.NaN(), 0.03, 0.005})
	want := []float64{0.03, 0.06, math.NaN(), 0.06, 0.02}
	for i := range want {
		near(t, "adjusted", got[i], want[i], 1e-12)
	}
	if len(Holm(nil)) != 0 {
		t.Error("no tests gave values")
	}
}

func TestCliffsDelta(t *testing.T) {
	near(t, "all above", CliffsDelta([]float64{1, 2}, []float64{3, 4}), 1, 0)
	near(t, "equal", CliffsDelta([]float64{1, 1}, []float64{1, 1}), 0, 0)
	near(t, "4 pairs above, 3 below, 2 tied of 9", CliffsDelta([]float64{1, 2, 3}, []float64{1, 4, 2}), 1.0/9, 1e-12)
	near(t, "empty", CliffsDelta(nil, []float64{1}), 0, 0)
}

func TestBatchMeans(t *testing.T) {
	for _, c := range []struct {
		name    string
		x       []float64
		batches int
		want    []float64
	}{
		{"even", []float64{1, 3, 5, 7}, 2, []float64{2, 6}},
		{"the last values count", []float64{1, 3, 5, 7, 9, 11, 1000}, 3, []float64{2, 6, 340}},
		{"fewer values than batches", []float64{4, 2}, 3, []float64{4, 2}},
		{"none", nil, 3, nil},
	} {
		if got := BatchMeans(c.x, c.batches); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestCompareNeedsNoLuck(t *testing.T) {
	o := Defaults()
	for _, c := range []struct {
		name    string
		a, b    []float64
		verdict Verdict
	}{
		{"none", nil, nil, TooFew},
		{"one", []float64{1}, []float64{2}, TooFew},
		{"five cannot reach p < .05", []float64{1, 2, 3, 4, 5}, []float64{9, 9, 9, 9, 9}, TooFew},
		{"six can", []float64{1, 2, 3, 4, 5, 6}, []float64{9, 9, 9, 9, 9, 9}, Different},
		{"equal", []float64{1, 2, 3}, []float64{1, 2, 3}, NoDifference},
		{"noise", []float64{1, 2, 3, 4, 5, 6}, []float64{2, 1, 4, 3, 6, 5}, NoDifference},
		{"lengths", []float64{1}, nil, Unusable},
		{"not a number", []float64{1, math.NaN()}, []float64{1, 2}, Unusable},
		{"infinite", []float64{1, math.Inf(1)}, []float64{1, 2}, Unusable},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Compare(c.a, c.b, o)
			if got.Verdict != c.verdict {
				t.Errorf("got %v (p %v), want %v", got.Verdict, got.P, c.verdict)
			}
			if c.verdict == TooFew && got.PairsNeeded != 6 {
				t.Errorf("pairs needed: got %d, want 6", got.PairsNeeded)
			}
		})
	}
}

func TestCompareSaysHowMuch(t *testing.T) {
	a := []float64{100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200}
	b := make([]float64, len(a))
	for i := range a {
		b[i] = a[i] * 0.8
	}
	c := Compare(a, b, Defaults())
	near(t, "difference", c.Difference, -130, 1e-9)
	if share, ok := c.Relative(); !ok || math.Abs(share+0.2) > 1e-12 {
		t.Errorf("relative: got %v %v, want -0.2", share, ok)
	}
	if !c.Bootstrap || !c.Interval.Excludes(0) || c.Interval.Excludes(-130) || c.Effect != -1 {
		t.Errorf("got %+v", c)
	}
	if again := Compare(a, b, Defaults()); again != c {
		t.Error("the same seed gave another interval")
	}
}

func TestFamily(t *testing.T) {
	a := []float64{1, 2, 3, 4, 5, 6}
	b := []float64{2, 3, 4, 5, 6, 7}
	one := Compare(a, b, Defaults())
	cs := []Comparison{one, one, Compare(a[:1], b[:1], Defaults())}
	Family(cs, 0.95)
	near(t, "2/64 twice", cs[0].P, 4.0/64, 1e-12)
	if one.Verdict != Different || cs[0].Verdict != TooFew || cs[0].PairsNeeded != 7 || cs[0].Adjusted() != 2 || cs[2].Verdict != TooFew {
		t.Errorf("alone %v, in a family %v (%d needed) of %d, one pair %v", one.Verdict, cs[0].Verdict, cs[0].PairsNeeded, cs[0].Adjusted(), cs[2].Verdict)
	}
}

// A 95 % interval that holds the truth in far fewer or far more than 95 % of repetitions is broken: 1,000 repetitions of a
// fair one lie within 95 +- 2.1 % (three standard errors).
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		name     string
		n        int
		draw     func() float64
		truth    float64
		interval func(x []float64, rep uint64) Interval
		low      float64
	}{
		{"t, normal, 6", 6, r.NormFloat64, 0, func(x []float64, _ uint64) Interval { i, _ := TInterval(x, 0.95); return i }, 0.929},
		{"BCa, normal, 30", 30, r.NormFloat64, 0, bootstrapMean, 0.915},
		{"BCa, exponential, 40", 40, r.ExpFloat64, 1, bootstrapMean, 0.90},
	} {
		t.Run(c.name, func(t *testing.T) {
			const reps = 1000
			held := 0
			x := make([]float64, c.n)
			for rep := range uint64(reps) {
				for i := range x {
					x[i] = c.draw()
				}
				if !c.interval(x, rep).Excludes(c.truth) {
					held++
				}
			}
			if share := float64(held) / reps; share < c.low || share > 0.971 {
				t.Errorf("covered %.3f, want %.3f to 0.971", share, c.low)
			}
		})
	}
}

func bootstrapMean(x []float64, rep uint64) Interval {
	i, _ := BootstrapMean(x, 0.95, 1000, Seed{9, rep})
	return i
}

// Pairs with a common luck and a true ratio of 0.8.
func TestRatioCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		n   int
		low float64
	}{{6, 0.90}, {30, 0.90}} {
		const reps = 600
		held := 0
		a, b := make([]float64, c.n), make([]float64, c.n)
		for rep := range uint64(reps) {
			for i := range a {
				luck := math.Exp(0.5 * r.NormFloat64())
				a[i], b[i] = luck*(1+0.1*r.NormFloat64()), 0.8*luck*(1+0.1*r.NormFloat64())
			}
			if i, ok := RatioInterval(a, b, 0.95, 1000, Seed{8, rep}); ok && !i.Excludes(-0.2) {
				held++
			}
		}
		if share := float64(held) / reps; share < c.low || share > 0.985 {
			t.Errorf("%d pairs: covered %.3f, want %.2f to 0.985", c.n, share, c.low)
		}
	}
}

// Heavy-tailed pairs: the interval of the difference over the mean reaches below -100 %, that of the ratio cannot.
func TestRatioIntervalStaysAboveMinusOne(t *testing.T) {
	a := []float64{1, 2, 1, 3, 2, 1, 90, 2, 1, 60, 1, 2}
	b := make([]float64, len(a))
	for i := range a {
		b[i] = 0.05 * math.Sqrt(a[i])
	}
	c := Compare(a, b, Defaults())
	if low := c.Interval.Low / c.MeanA; low > -1 {
		t.Errorf("the example shows nothing: %v", low)
	}
	if c.Share.Low <= -1 || c.Share.High >= -0.5 || c.Share.Low > c.Share.High {
		t.Errorf("got %+v", c.Share)
	}
	for _, bad := range [][2][]float64{{{1}, {1}}, {{0, 0}, {1, 1}}, {{1, 2}, {0, 0}}, {{-1, 2}, {1, 1}}, {{1, 2}, {1}}, {{1, math.NaN()}, {1, 1}}, {{0, 5}, {1, 1}}} {
		if i, ok := RatioInterval(bad[0], bad[1], 0.95, 1000, Seed{}); ok {
			t.Errorf("%v gave %v", bad, i)
		}
	}
}

func TestCompareNeverPanicsAndIsAntisymmetric(t *testing.T) {
	o := Defaults()
	o.Reps = 100
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Float64(), 0, 40).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Float64(), len(a), len(a)).Draw(t, "b")
		x, y := Compare(a, b, o), Compare(b, a, o)
		if x.Verdict != y.Verdict || x.Effect != -y.Effect || math.Abs(x.P-y.P) > 1e-12 {
			t.Fatalf("%+v\n%+v", x, y)
		}
		Family([]Comparison{x, y}, 0.95)
	})
}
