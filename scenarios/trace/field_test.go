package trace

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // a machine without time zones tests them too

	"github.com/orrery-sim/orrery/sim/state"
)

func TestSecondsAndNumbers(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7": 7e9, "0.5": 5e8, ".5": 5e8, "5.": 5e9, "1e3": 1e12, "1.5E-9": 2, "1.4e-9": 1,
		"475.00000000000006": 475e9, "2044444.9999999999": 2044445e9, "123456789012.5": faulty(faultLarge), "1e400": faulty(faultLarge), "1e-400": 0,
		"": faulty(faultEmpty), "-1": faulty(faultNegative), "-0": 0, "+3": 3e9, "abc": faulty(faultText), "1x": faulty(faultText), "1e": faulty(faultText),
		"1.2.3": faulty(faultText), ".": faulty(faultText), "-": faulty(faultText), "NaN": faulty(faultNaN), "-inf": faulty(faultNaN), "Infinity": faulty(faultNaN), "0x10": faulty(faultText), "1_000": faulty(faultText), " 1": faulty(faultText)} {
		v, f := seconds([]byte(text))
		if f != fine {
			v = faulty(f)
		}
		if v != want {
			t.Errorf("seconds(%q) = %d, want %d", text, v, want)
		}
	}
	for text, want := range map[string]int64{"8": 8, "8.0": 8, "8.5": faulty(faultFraction), "1.0000001": faulty(faultFraction), "1.5e1": 15, "8.000000000": 8, "1e2": 100, "-8": faulty(faultNegative), "9223372036854775807": math.MaxInt64, "9223372036854775808": faulty(faultLarge)} {
		v, f := whole([]byte(text))
		if f != fine {
			v = faulty(f)
		}
		if v != want {
			t.Errorf("whole(%q) = %d, want %d", text, v, want)
		}
	}
	if v, f := fixed([]byte("-9223372036854.775808"), 6); v != math.MinInt64 || f != fine {
		t.Error(v, f)
	}
}

// faulty stands for a fault among values.
func faulty(f fault) int64 { return math.MinInt64 + 100 + int64(f) }

// FuzzFixed compares with rational arithmetic.
func FuzzFixed(f *testing.F) {
	for _, s := range []string{"1.5", "-0.0000005", "99999999999999999999e-6", "1e18", "123.456789123456789", "NaN", "1.e3", "18446744073709551615"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, why := fixed([]byte(s), 6)
		if strings.ContainsAny(s, "/_xXpPoObBnNiI ") || len(s) > 25 || strings.ContainsAny(s, "eE") && len(s) > 8 {
			return
		}
		exact, ok := new(big.Rat).SetString(s)
		if ok != (why == fine || why == faultLarge) {
			t.Fatalf("%q: fault %v, a number: %v", s, why, ok)
		}
		if !ok {
			return
		}
		exact.Mul(exact, big.NewRat(1_000_000, 1))
		off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(v))
		if why == faultLarge {
			if exact.Abs(exact).Cmp(new(big.Rat).SetFloat64(9e18)) < 0 {
				t.Fatalf("%q is too large?", s)
			}
			return
		}
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 && len(s) < 20 {
			t.Fatalf("%q = %d, off by %s", s, v, off.FloatString(9))
		}
	})
}

func TestStampsAgainstTheStandardLibrary(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for day := time.Date(1970, 1, 2, 3, 4, 5, 0, time.UTC); day.Year() < 2200; day = day.AddDate(0, 0, 13).Add(61 * time.Minute) {
		for _, c := range []struct {
			layout string
			loc    *time.Location
		}{{"2006-01-02 15:04:05", time.UTC}, {"2006-01-02T15:04:05", berlin}, {"2006-01-02 15:04:05-07:00", berlin}, {"2006-01-02T15:04:05Z", time.UTC}, {"2006-01-02 15:04:05.000-0700", berlin}} {
			text := day.In(c.loc).Format(c.layout)
			want, err := time.ParseInLocation(c.layout, text, c.loc)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := parseStamp([]byte(text), c.loc); !ok || got != state.Time(want.UnixNano()) {
				t.Fatalf("%q is %d, want %d", text, got, want.UnixNano())
			}
		}
	}
	for _, bad := range []string{"", "2020-02-30 00:00:00", "2021-02-29 00:00:00", "2020-01-01 24:00:00", "2020-01-01 00:60:00", "2020-01-01 00:00:60", "2020-01-01", "2020-01-01 00:00:00+9", "2020-01-01 00:00:00 PDT", "1969-01-01 00:00:00", "2020-01-01 00:00:00."} {
		if v, ok := parseStamp([]byte(bad), time.UTC); ok {
			t.Errorf("%q was read as %d", bad, v)
		}
	}
}

func TestSlurmSpans(t *testing.T) {
	s := state.Second
	for text, want := range map[string]state.Time{"1-02:03:04": 93784 * s, "02:03:04": 7384 * s, "30:00": 1800 * s, "45": 2700 * s, "2-3": 183600 * s, "2-03:30": 185400 * s, "00:01.500": s + s/2} {
		if got, ok := slurmSpan([]byte(text)); !ok || got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
	for _, bad := range []string{"", "x", "1:2:3:4", "-1", "1-", "1.5:00", "99999999-00:00:00"} {
		if got, ok := slurmSpan([]byte(bad)); ok {
			t.Errorf("%q was read as %d", bad, got)
		}
	}
	for text, want := range map[string]int64{"64G": 65536, "1.5T": 1572864, "500M": 500, "512K": 1, "7": 7, "0": 0} {
		if got, f := slurmMemory([]byte(text)); f != fine || got != want {
			t.Errorf("memory %q is %d, want %d", text, got, want)
		}
	}
}
