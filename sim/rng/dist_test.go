package rng

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func mustMixture(t testing.TB, parts ...Part) Mixture {
	t.Helper()
	m, err := NewMixture(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustEmpirical(t testing.TB, inLog bool, knots ...Knot) Empirical {
	t.Helper()
	d, err := NewEmpirical(knots, inLog)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type distCase struct {
	name     string
	dist     Dist
	cdf      func(float64) float64
	mean, sd float64 // sd 0: the moments are not checked (they do not exist or converge too slowly)
}

func distCases(t testing.TB) []distCase {
	expo, normal := distuv.Exponential{Rate: 1. / 300}, distuv.Normal{Mu: -3, Sigma: 2}
	logn, wide := distuv.LogNormal{Mu: 1, Sigma: .5}, distuv.LogNormal{Mu: 6.85, Sigma: 2.18}
	weib, pareto := distuv.Weibull{K: .7, Lambda: 50}, distuv.Pareto{Xm: 2, Alpha: 3}
	return []distCase{
		{"uniform", Uniform{2, 5}, distuv.Uniform{Min: 2, Max: 5}.CDF, 3.5, math.Sqrt(.75)},
		{"exponential", Exponential{300}, expo.CDF, 300, 300},
		{"normal", Normal{-3, 2}, normal.CDF, -3, 2},
		{"lognormal", Lognormal{1, .5}, logn.CDF, logn.Mean(), logn.StdDev()},
		{"wide lognormal", Lognormal{6.85, 2.18}, wide.CDF, 0, 0},
		{"weibull", Weibull{50, .7}, weib.CDF, weib.Mean(), weib.StdDev()},
		{"pareto", Pareto{2, 3}, pareto.CDF, pareto.Mean(), 0},
		{"empirical", mustEmpirical(t, false, Knot{0, 1}, Knot{.5, 2}, Knot{1, 10}), func(x float64) float64 {
			if x < 2 {
				return (x - 1) / 2
			}
			return .5 + (x-2)/16
		}, .75 + 3, 0},
		{"empirical in log", mustEmpirical(t, true, Knot{0, 1}, Knot{.5, 10}, Knot{1, 1e5}), func(x float64) float64 {
			if x < 10 {
				return math.Log10(x) / 2
			}
			return .5 + (math.Log10(x)-1)/8
		}, 0, 0},
		{"mixture", mustMixture(t, Part{8, Exponential{300}}, Part{0, Constant{1e9}}, Part{2, Normal{-3, 2}}), func(x float64) float64 {
			return .8*expo.CDF(x) + .2*normal.CDF(x)
		}, .8*300 - .6, 0},
	}
}

// Kolmogorov-Smirnov against the distribution functions of gonum (or by hand), and the first two moments.
func TestDrawsFollowTheirDistribution(t *testing.T) {
	const n = 20_000
	for _, c := range distCases(t) {
		if err := c.dist.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		key := NewKey(11, c.name)
		x := make([]float64, n)
		for i := range x {
			s := key.Stream(uint64(i), 0)
			x[i] = c.dist.Quantile(s.Float64())
		}
		mean, sd := stat.MeanStdDev(x, nil)
		slices.Sort(x)
		worst := 0.0
		for i, v := range x {
			p := c.cdf(v)
			worst = max(worst, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
		}
		if worst*math.Sqrt(n) > 1.95 { // p = 0.001
			t.Errorf("%s: the sample is %v away from its distribution, want below %v", c.name, worst, 1.95/math.Sqrt(n))
		}
		if c.mean != 0 && math.Abs(mean-c.mean) > 4*sd/math.Sqrt(n) {
			t.Errorf("%s: mean %v, want %v", c.name, mean, c.mean)
		}
		if c.sd != 0 && math.Abs(sd/c.sd-1) > .06 {
			t.Errorf("%s: deviation %v, want %v", c.name, sd, c.sd)
		}
	}
}

func TestQuantilesInvertTheirDistribution(t *testing.T) {
	cases := distCases(t)
	rapid.Check(t, func(t *rapid.T) {
		c := cases[rapid.IntRange(0, len(cases)-2).Draw(t, "dist")] // all but the mixture, which is last
		u := rapid.Float64Range(1e-9, 1-1e-9).Draw(t, "u")
		v := rapid.Float64Range(u, 1-1e-9).Draw(t, "v")
		if p := c.cdf(c.dist.Quantile(u)); math.Abs(p-u) > 1e-9 {
			t.Fatalf("%s: CDF(Quantile(%v)) = %v", c.name, u, p)
		}
		if a, b := c.dist.Quantile(u), c.dist.Quantile(v); a > b*(1+1e-15)+1e-300 && a > b+1e-14 {
			t.Fatalf("%s: Quantile(%v) = %v > Quantile(%v) = %v", c.name, u, a, v, b)
		}
	})
}

func TestGeometric(t *testing.T) {
	d := Geometric{P: .25}
	key := NewKey(3, "geometric")
	const n = 40_000
	counts := map[float64]int{}
	for i := range uint64(n) {
		s := key.Stream(i, 0)
		counts[d.Quantile(s.Float64())]++
	}
	chi, p := 0.0, .25
	for k := 1.0; k <= 12; k++ {
		e := n * p
		chi += (float64(counts[k]) - e) * (float64(counts[k]) - e) / e
		p *= .75
	}
	if chi > 32.9 { // 12 degrees of freedom, p = 0.001
		t.Errorf("chi-square %v for %v", chi, counts)
	}
	for u, want := range map[float64]float64{.2: 1, .26: 2, 0x1p-54: 1, .9999: 33} {
		if got := d.Quantile(u); got != want {
			t.Errorf("Quantile(%v) = %v, want %v", u, got, want)
		}
	}
	if got := (Geometric{P: 1}).Quantile(.999); got != 1 {
		t.Errorf("a sure success takes %v trials", got)
	}
}

func TestEmpiricalIsExactAtKnots(t *testing.T) {
	knots := []Knot{{0, 1}, {.1, 61}, {.5, 1186}, {.9, 12860}, {.95, 12860}, {1, 287285}}
	for _, inLog := range []bool{false, true} {
		d := mustEmpirical(t, inLog, knots...)
		for _, k := range knots {
			if got := d.Quantile(k.P); got != k.Value && k.P != .95 {
				t.Errorf("log %v: Quantile(%v) = %v, want %v", inLog, k.P, got, k.Value)
			}
		}
		if got := d.Quantile(.92); got != 12860 {
			t.Errorf("flat stretch: %v", got)
		}
	}
	knots[1].Value = 5 // the table was copied
	if got := mustEmpirical(t, false, Knot{0, 1}, Knot{1, 3}).Quantile(.25); got != 1.5 {
		t.Errorf("linear: %v, want 1.5", got)
	}
}

func TestChoice(t *testing.T) {
	c, err := NewChoice([]uint64{5, 0, 3, 2})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for x := range uint64(10) {
		got = append(got, c.at(x))
	}
	if want := []int{0, 0, 0, 0, 0, 2, 2, 2, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s := NewKey(1, "choice").Stream(0, 0)
	var counts [4]int
	for range 10_000 {
		counts[c.Draw(&s)]++
	}
	if counts[1] != 0 || counts[0] < 4750 || counts[0] > 5250 || counts[3] < 1800 || counts[3] > 2200 {
		t.Errorf("counts %v for weights 5 0 3 2", counts)
	}
}

func TestMixtureUsesOneNumber(t *testing.T) {
	m := mustMixture(t, Part{1, Uniform{0, 1}}, Part{3, Uniform{10, 11}})
	for u, want := range map[float64]float64{.125: .5, .25: 10, .625: 10.5} {
		if got := m.Quantile(u); math.Abs(got-want) > 1e-12 {
			t.Errorf("Quantile(%v) = %v, want %v", u, got, want)
		}
	}
	edge := mustMixture(t, Part{1, Normal{0, 1}}, Part{1, Normal{0, 1}})
	for _, u := range []float64{0x1p-54, .5, 1 - 0x1p-53} {
		if v := edge.Quantile(u); math.IsInf(v, 0) || v != v {
			t.Errorf("Quantile(%v) = %v, want a finite value", u, v)
		}
	}
}

func TestValidation(t *testing.T) {
	_, empty := NewChoice(nil)
	_, huge := NewChoice([]uint64{math.MaxUint64, 1})
	_, short := NewEmpirical([]Knot{{0, 1}}, false)
	_, falling := NewEmpirical([]Knot{{0, 2}, {1, 1}}, false)
	_, zero := NewEmpirical([]Knot{{0, 0}, {1, 1}}, true)
	_, part := NewMixture(Part{1, Exponential{-1}})
	_, missing := NewMixture(Part{Weight: 1})
	_, heavy := NewMixture(Part{1 << 32, Exponential{1}})
	for _, c := range []struct {
		err  error
		want string
	}{
		{Exponential{0}.Validate(), "mean 0"}, {Exponential{math.NaN()}.Validate(), "NaN"}, {Normal{math.Inf(1), 1}.Validate(), "mean"},
		{Normal{0, 0}.Validate(), "sd"}, {Lognormal{0, -1}.Validate(), "sigma"}, {Weibull{1, 0}.Validate(), "shape"},
		{Pareto{-1, 2}.Validate(), "min"}, {Geometric{1.5}.Validate(), "1.5"}, {Uniform{2, 1}.Validate(), "low"},
		{Constant{math.NaN()}.Validate(), "value"}, {Empirical{}.Validate(), "NewEmpirical"}, {Mixture{}.Validate(), "NewMixture"},
		{empty, "sum to 0"}, {huge, "64 bits"}, {short, "at least two"}, {falling, "do not fall"}, {zero, "above 0"},
		{part, "part 1: exponential"}, {missing, "no distribution"}, {heavy, "less than"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got error %v, want one with %q", c.err, c.want)
		}
	}
}

func TestNanoseconds(t *testing.T) {
	for s, want := range map[float64]int64{0: 0, -5: 0, 1.5: 15e8, 1e-9: 1, .4e-9: 0, .6e-9: 1, 1e12: math.MaxInt64, math.Inf(1): math.MaxInt64, 66.38: 66380000000} {
		if got := Nanoseconds(s); got != want {
			t.Errorf("Nanoseconds(%v) = %d, want %d", s, got, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("NaN did not panic")
		}
	}()
	Nanoseconds(math.NaN())
}

func BenchmarkDraw(b *testing.B) {
	cases := append(distCases(b), distCase{name: "geometric", dist: Geometric{P: .25}})
	for _, c := range cases {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			s := NewKey(1, "bench").Stream(0, 0)
			b.ReportAllocs()
			total := 0.0
			for b.Loop() {
				total += c.dist.Quantile(s.Float64())
			}
			if total == 0 {
				b.Fatal("zero")
			}
		})
	}
}
