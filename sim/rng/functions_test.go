package rng

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write testdata/golden.txt anew: read the diff, a change alters every run")

func call(name string, x, y float64) float64 {
	switch name {
	case "exp":
		return Exp(x)
	case "log":
		return Log(x)
	case "log1p":
		return Log1p(x)
	case "pow":
		return Pow(x, y)
	case "erf":
		return Erf(x)
	case "erfc":
		return Erfc(x)
	case "normal":
		return NormalQuantile(x)
	}
	panic("no function " + name)
}

// maxUlp is what the doc comments promise.
var maxUlp = map[string]float64{"exp": 1, "log": 1, "log1p": 1, "pow": 1, "erf": 2, "erfc": 4, "normal": 6}

type sample struct {
	name    string
	x, y, v float64
}

func readSamples(t *testing.T, file string) []sample {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for sc := bufio.NewScanner(bytes.NewReader(text)); sc.Scan(); {
		f := strings.Fields(sc.Text())
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		s := sample{name: f[0]}
		for i, p := range []*float64{&s.x, &s.y, &s.v} {
			if *p, err = strconv.ParseFloat(f[i+1], 64); err != nil {
				t.Fatalf("%s: %q: %v", file, sc.Text(), err)
			}
		}
		all = append(all, s)
	}
	return all
}

// ulps is the distance in units of the last place of want; 0.5 is what rounding want itself may have cost.
func ulps(got, want float64) float64 {
	if got == want || got != got && want != want {
		return 0
	}
	if math.IsInf(want, 0) || got != got {
		return math.Inf(1)
	}
	return math.Abs(got-want) / (math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want))
}

func TestAccuracyAgainstExactValues(t *testing.T) {
	samples := readSamples(t, "testdata/exact.txt")
	if len(samples) < 400 {
		t.Fatalf("only %d samples", len(samples))
	}
	for _, s := range samples {
		if got := call(s.name, s.x, s.y); ulps(got, s.v) > maxUlp[s.name]+.5 {
			t.Errorf("%s(%v, %v) = %v, want %v: %.1f ulp", s.name, s.x, s.y, got, s.v, ulps(got, s.v))
		}
	}
}

// TestGolden pins every bit on every machine that runs it: these functions are part of a run's result.
func TestGolden(t *testing.T) {
	const file = "testdata/golden.txt"
	if *update {
		var b strings.Builder
		b.WriteString("# What this package returns: function, x, y, value, as hexadecimal floats. Written by go test -update.\n")
		for _, s := range readSamples(t, "testdata/exact.txt") {
			fmt.Fprintf(&b, "%s %x %x %x\n", s.name, s.x, s.y, call(s.name, s.x, s.y))
		}
		key := NewKey(42, "golden")
		for i := range uint64(40) {
			s := key.Stream(i, i*i)
			fmt.Fprintf(&b, "# stream %d %d: %016x %016x\n", i, i*i, s.Uint64(), s.Uint64())
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range readSamples(t, file) {
		if got := call(s.name, s.x, s.y); math.Float64bits(got) != math.Float64bits(s.v) {
			t.Errorf("%s(%x, %x) = %x, want %x", s.name, s.x, s.y, got, s.v)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	streams := 0
	for line := range strings.Lines(string(text)) {
		var i, j, a, b uint64
		if n, _ := fmt.Sscanf(line, "# stream %d %d: %x %x", &i, &j, &a, &b); n != 4 {
			continue
		}
		streams++
		s := NewKey(42, "golden").Stream(i, j)
		if x, y := s.Uint64(), s.Uint64(); x != a || y != b {
			t.Errorf("stream %d %d: got %016x %016x, want %016x %016x", i, j, x, y, a, b)
		}
	}
	if streams == 0 {
		t.Error("no stream in the golden file")
	}
}

// TestAgainstMath leaves out the ends of the range: on amd64 the assembly of math.Exp overflows at 709.7 already, and
// that of math.Log is wrong for subnormal numbers.
func TestAgainstMath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-708, 709).Draw(t, "exponent")
		near(t, "exp", x, Exp(x), math.Exp(x), 2)
		p := math.Float64frombits(rapid.Uint64Range(1<<52, 0x7fefffffffffffff).Draw(t, "positive"))
		near(t, "log", p, Log(p), math.Log(p), 2)
		s := rapid.Float64Range(-0.999, 10).Draw(t, "small")
		near(t, "log1p", s, Log1p(s), math.Log1p(s), 2)
		near(t, "erf", s, Erf(s), math.Erf(s), 3)
		near(t, "erfc", s, Erfc(s), math.Erfc(s), 6)
	})
}

// TestPowAgainstExactPowers uses big floats: math.Pow itself errs by several ulp.
func TestPowAgainstExactPowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(0.1, 10).Draw(t, "base")
		n := rapid.IntRange(1, 300).Draw(t, "power")
		exact := new(big.Float).SetPrec(400).SetInt64(1)
		for range n {
			exact.Mul(exact, new(big.Float).SetFloat64(x))
		}
		want, _ := exact.Float64()
		near(t, "pow", x, Pow(x, float64(n)), want, 1.5)
		want, _ = exact.Quo(new(big.Float).SetPrec(400).SetInt64(1), exact).Float64()
		near(t, "pow", x, Pow(x, -float64(n)), want, 1.5)
	})
}

func near(t *rapid.T, name string, x, got, want, tolerance float64) {
	t.Helper()
	if ulps(got, want) > tolerance {
		t.Fatalf("%s(%v) = %v, math says %v: %.1f ulp", name, x, got, want, ulps(got, want))
	}
}

func TestSpecialValues(t *testing.T) {
	inf, nan, low := math.Inf(1), math.NaN(), math.SmallestNonzeroFloat64
	for _, s := range []sample{
		{"exp", 0, 0, 1}, {"exp", inf, 0, inf}, {"exp", -inf, 0, 0}, {"exp", nan, 0, nan}, {"exp", 710, 0, inf}, {"exp", -746, 0, 0},
		{"exp", 709.782712893384, 0, 1.7976931348622732e+308}, {"exp", -745.13321910194110, 0, low}, {"exp", 1e-300, 0, 1},
		{"log", 1, 0, 0}, {"log", 0, 0, -inf}, {"log", -1, 0, nan}, {"log", inf, 0, inf}, {"log", nan, 0, nan}, {"log", low, 0, -744.4400719213812},
		{"log1p", 0, 0, 0}, {"log1p", -1, 0, -inf}, {"log1p", -2, 0, nan}, {"log1p", 1e-300, 0, 1e-300}, {"log1p", inf, 0, inf}, {"log1p", nan, 0, nan},
		{"pow", 2, 10, 1024}, {"pow", 0, 2, 0}, {"pow", 0, -1, inf}, {"pow", inf, -1, 0}, {"pow", inf, 1, inf}, {"pow", nan, 0, 1},
		{"pow", 1, nan, 1}, {"pow", -2, 2, nan}, {"pow", 2, nan, nan}, {"pow", .5, inf, 0}, {"pow", .5, -inf, inf}, {"pow", 2, 1e300, inf}, {"pow", .5, 1e300, 0},
		{"pow", 10, -320, 1e-320}, {"pow", 2, -1074, low}, {"pow", 9, .5, 3},
		{"erf", 0, 0, 0}, {"erf", inf, 0, 1}, {"erf", -inf, 0, -1}, {"erf", nan, 0, nan}, {"erfc", inf, 0, 0}, {"erfc", -inf, 0, 2}, {"erfc", nan, 0, nan},
		{"normal", .5, 0, 0}, {"normal", 0, 0, -inf}, {"normal", 1, 0, inf}, {"normal", 2, 0, nan}, {"normal", nan, 0, nan},
	} {
		if got := call(s.name, s.x, s.y); got != s.v && !(got != got && s.v != s.v) {
			t.Errorf("%s(%v, %v) = %v, want %v", s.name, s.x, s.y, got, s.v)
		}
	}
}

func TestRelations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := unit(rapid.Uint64().Draw(t, "u"))
		z := NormalQuantile(u)
		if u > 1e-16 && NormalQuantile(1-u) != -z {
			t.Fatalf("the quantiles of %v and %v do not mirror each other", u, 1-u)
		}
		// A relative error of e in z moves the probability by about z^2 e in the tail.
		if p := NormalCDF(z); math.Abs(p-u) > (1e-15+1e-15*z*z)*u {
			t.Fatalf("NormalCDF(NormalQuantile(%v)) = %v", u, p)
		}
		if v := Pow(Exp(-z), 2); math.Abs(v/Exp(-2*z)-1) > 1e-15 {
			t.Fatalf("exp(%v)^2 = %v", -z, v)
		}
	})
}

func BenchmarkFunctions(b *testing.B) {
	for _, name := range []string{"exp", "log", "log1p", "pow", "erfc", "normal"} {
		b.Run(name, func(b *testing.B) {
			x, total := 0.1, 0.0
			for b.Loop() {
				total += call(name, x, 3.7)
				if x += 0.001; x > 0.9 {
					x = 0.1
				}
			}
			if total != total {
				b.Fatal("NaN")
			}
		})
	}
}
