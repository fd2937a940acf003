package units

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseInt(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "0"}, {in: "-0"}, {in: "+7", want: 7}, {in: "007", want: 7},
		{in: "9223372036854775807", want: math.MaxInt64},
		{in: "-9223372036854775808", want: math.MinInt64},
		{in: "9223372036854775808", err: "64 bits"},
		{in: "-9223372036854775809", err: "64 bits"},
		{in: "99999999999999999999999", err: "64 bits"},
		{in: "", err: "empty"}, {in: "-", err: "digits"}, {in: "1.0", err: "whole number"},
		{in: "1,000", err: "separators"}, {in: " 1", err: "spaces"}, {in: "0x10", err: "digits"}, {in: "1_000", err: "digits"},
	} {
		got, err := ParseInt([]byte(c.in))
		checkParse(t, "ParseInt", c.in, got, c.want, err, c.err)
	}
}

func TestParseSeconds(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "123", want: 123e9}, {in: "123.456789", want: 123456789000}, {in: "-0.5", want: -5e8}, {in: "+2", want: 2e9},
		{in: ".5", want: 5e8}, {in: "5.", want: 5e9}, {in: "0000000000000000000000001.5", want: 15e8}, {in: "-0", want: 0},
		{in: "0.000000001", want: 1}, {in: "0.0000000005", want: 1}, {in: "0.00000000049999", want: 0},
		{in: "-0.0000000005", want: -1}, {in: "66.38000000000001", want: 66380000000}, {in: "0.9999999999", want: 1e9},
		{in: "9223372036.854775807", want: math.MaxInt64}, {in: "-9223372036.854775807", want: -math.MaxInt64},
		{in: "9223372036.854775808", err: "292 years"}, {in: "9223372036.8547758075", err: "292 years"},
		{in: "9223372037", err: "292 years"}, {in: "99999999999999999999999.5", err: "292 years"},
		{in: "1e9", err: "exponent"}, {in: "1.5E-3", err: "exponent"}, {in: "99999999999e5", err: "exponent"},
		{in: "NaN", err: "missing value"}, {in: "-inf", err: "missing value"}, {in: "", err: "empty"},
		{in: ".", err: "decimal seconds"}, {in: "-", err: "decimal seconds"}, {in: "1.2.3", err: "decimal seconds"},
		{in: "99999999999.2.3", err: "decimal seconds"}, {in: "--1", err: "decimal seconds"}, {in: "1 ", err: "spaces"},
		{in: "1,5", err: "dot"}, {in: "00:10", err: "clock"}, {in: "5s", err: "decimal seconds"}, {in: "0x1p3", err: "decimal seconds"},
		{in: "1.0000000000000x", err: "decimal seconds"}, {in: "1.5x", err: "decimal seconds"},
	} {
		got, err := ParseSeconds([]byte(c.in))
		checkParse(t, "ParseSeconds", c.in, got, c.want, err, c.err)
	}
}

func checkParse(t *testing.T, name, in string, got, want int64, err error, wantErr string) {
	t.Helper()
	if wantErr == "" {
		if err != nil || got != want {
			t.Errorf("%s(%q) = %d, %v; want %d", name, in, got, err, want)
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) || got != 0 {
		t.Errorf("%s(%q) = %d, %v; want an *Error with %q", name, in, got, err, wantErr)
		return
	}
	if !strings.Contains(err.Error(), wantErr) {
		t.Errorf("%s(%q): error %q lacks %q", name, in, err, wantErr)
	}
	if e.Want == "" || e.What == "" {
		t.Errorf("%s(%q): error %q does not say what was wanted", name, in, err)
	}
}

func TestSecondsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.Int64Min(-math.MaxInt64).Draw(t, "ns")
		text := AppendSeconds([]byte("x"), ns)[1:]
		if got, err := ParseSeconds(text); err != nil || got != ns {
			t.Fatalf("%d printed as %s is read as %d, %v", ns, text, got, err)
		}
		decimals := rapid.IntRange(1, 9).Draw(t, "decimals")
		text = AppendFixed(nil, ns, decimals)
		if got, err := ParseFixed(text, decimals); err != nil || got != ns {
			t.Fatalf("%d printed as %s is read as %d, %v", ns, text, got, err)
		}
	})
	if got := SecondsText(66_380_000_000); got != "66.38" {
		t.Errorf("SecondsText = %s, want 66.38", got)
	}
	if got := SecondsText(math.MinInt64); got != "-9223372036.854775808" {
		t.Errorf("SecondsText = %s", got)
	}
}

// FuzzParseSeconds holds ParseSeconds against exact rational arithmetic.
func FuzzParseSeconds(f *testing.F) {
	for _, s := range []string{"1", "-1.5", "1e3", "9223372036.8547758075", "0.0000000005", ".", "1.", "+.5", "NaN", "1/3", "0x1"} {
		f.Add(s)
	}
	plain := func(s string) bool {
		s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
		return strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") <= 1 && strings.Trim(s, ".") != ""
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseSeconds([]byte(s))
		if strings.HasPrefix(s, "-+") || !plain(s) || len(s) > 1000 {
			if err == nil && !plain(s) {
				t.Fatalf("ParseSeconds(%q) = %d, want an error", s, got)
			}
			return
		}
		r, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("big.Rat cannot read %q", s)
		}
		r.Mul(r, big.NewRat(Second, 1))
		want := nearest(r)
		if !want.IsInt64() || want.Int64() == math.MinInt64 {
			if err == nil {
				t.Fatalf("ParseSeconds(%q) = %d, want overflow", s, got)
			}
			return
		}
		if err != nil || got != want.Int64() {
			t.Fatalf("ParseSeconds(%q) = %d, %v; want %v", s, got, err, want)
		}
	})
}

// nearest rounds ties away from zero.
func nearest(r *big.Rat) *big.Int {
	num := new(big.Int).Abs(r.Num())
	num.Lsh(num, 1).Add(num, r.Denom())
	num.Quo(num, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		num.Neg(num)
	}
	return num
}

func TestHotParsersAllocateNothing(t *testing.T) {
	a, b := []byte("1718.123456789"), []byte("-42")
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		v, err := ParseSeconds(a)
		w, err2 := ParseInt(b)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		dst = AppendSeconds(dst[:0], v+w)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkParseSeconds(b *testing.B) {
	for _, s := range []string{"1718", "1718.123456789"} {
		text := []byte(s)
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseSeconds(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseInt(b *testing.B) {
	text := []byte("1718123")
	for b.Loop() {
		if _, err := ParseInt(text); err != nil {
			b.Fatal(err)
		}
	}
}
