package state

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func (w Wide) big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(w.hi), 64)
	return b.Add(b, new(big.Int).SetUint64(w.lo))
}

var edge = rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1}))

func TestWideAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w, other Wide
		want := new(big.Int)
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			a := edge.Draw(t, "a")
			switch rapid.IntRange(0, 3).Draw(t, "op") {
			case 0:
				w.Add(a)
				want.Add(want, big.NewInt(a))
			case 1:
				x, y := a&math.MaxInt64>>1, edge.Draw(t, "b")&math.MaxInt64>>1
				w.AddMul(x, y)
				want.Add(want, new(big.Int).Mul(big.NewInt(x), big.NewInt(y)))
			case 2:
				other.Add(a)
				w.AddWide(other)
				want.Add(want, other.big())
			case 3:
				other.Add(a)
				w.Sub(other)
				want.Sub(want, other.big())
			}
		}
		if want.BitLen() > 126 {
			return // out of its range
		}
		if w.big().Cmp(want) != 0 {
			t.Fatalf("sum %s, want %s", w.big(), want)
		}
		if v, ok := w.Int64(); ok != want.IsInt64() || ok && v != want.Int64() {
			t.Fatalf("as int64: %d %t, want %s", v, ok, want)
		}
		if w.IsZero() != (want.Sign() == 0) {
			t.Fatalf("is zero: %t, sum %s", w.IsZero(), want)
		}
		unit := 1 + edge.Draw(t, "unit")&math.MaxInt64>>1
		exact, _ := new(big.Rat).SetFrac(want, big.NewInt(unit)).Float64()
		if got := w.Float(unit); math.Abs(got-exact) > 2*ulp(exact) {
			t.Fatalf("%s / %d = %v, want %v", want, unit, got, exact)
		}
		if q := new(big.Int).Quo(want, big.NewInt(unit)); want.Sign() >= 0 && q.IsInt64() {
			if got := w.Div(unit); got != q.Int64() {
				t.Fatalf("%s / %d = %d, want %s", want, unit, got, q)
			}
		}
	})
}

func ulp(x float64) float64 { return math.Nextafter(math.Abs(x), math.Inf(1)) - math.Abs(x) }

func TestMulDivAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := edge.Draw(t, "a")&math.MaxInt64, edge.Draw(t, "b")&math.MaxInt64, 1+edge.Draw(t, "c")&math.MaxInt64>>1
		want := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		want.Quo(want, big.NewInt(c))
		if !want.IsInt64() {
			want.SetInt64(math.MaxInt64)
		}
		if got := MulDiv(Time(a), b, c); int64(got) != want.Int64() {
			t.Fatalf("%d * %d / %d = %d, want %s", a, b, c, got, want)
		}
	})
}

// TestGPUTimeOfALargeClusterFits: 2,048 GPUs for 53 days do not fit int64 ns.
func TestGPUTimeOfALargeClusterFits(t *testing.T) {
	var w Wide
	for range 2048 {
		w.AddMul(53*86400*int64(Second), 1)
	}
	if _, ok := w.Int64(); ok {
		t.Error("53 days of 2,048 GPUs fit an int64")
	}
	if got := w.Float(3600 * int64(Second)); got != 2048*53*24 {
		t.Errorf("%v GPU hours, want %d", got, 2048*53*24)
	}
}

func TestTimeAddSaturates(t *testing.T) {
	for _, tc := range []struct{ t, d, want Time }{
		{1, 2, 3}, {0, Never, Never}, {5, Never, Never}, {Never, 0, Never}, {Never, 1, Never}, {Never - 1, 1, Never},
		{Never - 2, 1, Never - 1}, {-5, Never, Never}, {-5, 3, -2}, {5, -7, -2}, {Never, -1, Never - 1},
	} {
		if got := tc.t.Add(tc.d); got != tc.want {
			t.Errorf("%d + %d = %d, want %d", tc.t, tc.d, got, tc.want)
		}
	}
}
