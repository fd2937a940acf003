package rng

import (
	"math"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

func TestStreamsAreKeyed(t *testing.T) {
	base := func() Stream { return NewKey(1, "arrivals").Stream(7, 0) }
	seen := map[uint64]string{}
	for name, s := range map[string]Stream{
		"base": base(), "seed": NewKey(2, "arrivals").Stream(7, 0), "purpose": NewKey(1, "arrival").Stream(7, 0),
		"entity": NewKey(1, "arrivals").Stream(8, 0), "attempt": NewKey(1, "arrivals").Stream(7, 1), "swapped": NewKey(1, "arrivals").Stream(0, 7),
	} {
		v := s.Uint64()
		if other, dup := seen[v]; dup {
			t.Errorf("%s and %s start alike", name, other)
		}
		seen[v] = name
	}
	a, b := base(), base()
	a.Uint64()
	c := a // a copy is a clone
	b.Uint64()
	for range 10 {
		if x, y, z := a.Uint64(), b.Uint64(), c.Uint64(); x != y || x != z {
			t.Fatal("equal streams differ")
		}
	}
}

// Neighbouring entities and attempts must look independent: each flipped input bit flips about half of the first
// output's bits, and the first outputs of neighbours are not correlated.
func TestNeighbouringStreamsAreUnrelated(t *testing.T) {
	key := NewKey(42, "test")
	first := func(entity, attempt uint64) uint64 { s := key.Stream(entity, attempt); return s.Uint64() }
	for bit := range 64 {
		flips := 0
		const n = 500
		for i := range uint64(n) {
			flips += bits.OnesCount64(first(i, 0) ^ first(i^1<<bit, 0))
			flips += bits.OnesCount64(first(0, i) ^ first(0, i^1<<bit))
		}
		// 64,000 fair coins: five standard deviations are 632.
		if d := math.Abs(float64(flips - n*64)); d > 650 {
			t.Errorf("input bit %d flips %d of %d output bits", bit, flips, 2*n*64)
		}
	}
	const n = 100_000
	var sum, products float64
	last := 0.5
	for i := range uint64(n) {
		s := key.Stream(i, 0)
		u := s.Float64() - .5
		sum += u
		products += u * last
		last = u
	}
	if math.Abs(sum/n) > 5*math.Sqrt(1./12/n) || math.Abs(products/n*12) > 5/math.Sqrt(n) {
		t.Errorf("first numbers of %d entities: mean off by %v, lag-1 correlation %v", n, sum/n, products/n*12)
	}
}

func TestUnitIsOpenAndExact(t *testing.T) {
	for v, want := range map[uint64]float64{0: 0x1p-54, 1<<11 - 1: 0x1p-54, 1 << 11: 0x1p-53, math.MaxUint64: 1 - 0x1p-53, 1 << 63: 0.5} {
		if got := unit(v); got != want {
			t.Errorf("unit(%#x) = %v, want %v", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		u := unit(rapid.Uint64Min(1<<11).Draw(t, "v"))
		if !(u > 0 && u < 1) || 1-(1-u) != u {
			t.Fatalf("%v is outside (0,1) or its complement is rounded", u)
		}
	})
}

func TestUint64NIsUnbiased(t *testing.T) {
	s := NewKey(1, "uniform").Stream(0, 0)
	// Two thirds of 2^64: a reduction modulo n, or an unrejected product, hits the lower half twice as often.
	const n = 3 << 62
	low := 0
	for range 30_000 {
		if v := s.Uint64N(n); v >= n {
			t.Fatalf("%d is outside the range", v)
		} else if v < n/2 {
			low++
		}
	}
	if low < 14_500 || low > 15_500 {
		t.Errorf("%d of 30000 in the lower half", low)
	}
	var counts [7]int
	for range 70_000 {
		counts[s.IntN(7)]++
	}
	chi := 0.0
	for _, c := range counts {
		chi += float64(c-10_000) * float64(c-10_000) / 10_000
	}
	if chi > 22.5 { // 6 degrees of freedom, p = 0.001
		t.Errorf("chi-square %v for counts %v", chi, counts)
	}
	if got := s.Uint64N(1); got != 0 {
		t.Errorf("Uint64N(1) = %d", got)
	}
}

func TestShuffleIsUniform(t *testing.T) {
	s := NewKey(1, "shuffle").Stream(0, 0)
	counts := map[[3]int]int{}
	for range 6000 {
		p := [3]int{0, 1, 2}
		s.Shuffle(3, func(i, j int) { p[i], p[j] = p[j], p[i] })
		counts[p]++
	}
	for p, c := range counts {
		if len(counts) != 6 || c < 850 || c > 1150 {
			t.Errorf("order %v came %d times of 6000", p, c)
		}
	}
}

func TestOpeningAStreamAllocatesNothing(t *testing.T) {
	key := NewKey(1, "x")
	d := Lognormal{Mu: 6.85, Sigma: 2.18}
	total := 0.0
	if n := testing.AllocsPerRun(100, func() {
		s := key.Stream(3, 1)
		total += d.Quantile(s.Float64())
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkStream(b *testing.B) {
	key := NewKey(1, "x")
	var total, i uint64
	for b.Loop() {
		s := key.Stream(i, 0)
		total += s.Uint64()
		i++
	}
	if total == 0 {
		b.Fatal("zero")
	}
}

func BenchmarkFloat64(b *testing.B) {
	s := NewKey(1, "x").Stream(0, 0)
	total := 0.0
	for b.Loop() {
		total += s.Float64()
	}
	if total == 0 {
		b.Fatal("zero")
	}
}
