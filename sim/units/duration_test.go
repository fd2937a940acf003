package units

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "90s", want: 90 * Second}, {in: "1.5h", want: 90 * minute}, {in: "14d", want: 14 * day}, {in: "2w", want: 14 * day},
		{in: "1h30m", want: 90 * minute}, {in: "30min", want: 30 * minute}, {in: "1d 2h 3.5s", want: day + 2*hour + 3_500_000_000},
		{in: "0"}, {in: "-0"}, {in: "0s"}, {in: "-5m", want: -5 * minute}, {in: "250ms", want: 250_000_000},
		{in: "3us", want: 3000}, {in: "3µs", want: 3000}, {in: "7ns", want: 7}, {in: "4.58 s", want: 4_580_000_000},
		{in: "0.1ns"}, {in: "0.5ns", want: 1}, {in: "0.000000001h", want: 3600},
		{in: "106751d", want: 106751 * day}, {in: "106752d", err: "292 years"}, {in: "106751d24h", err: "292 years"},
		{in: "01:02:03", want: hour + 2*minute + 3*Second}, {in: "2-01:02:03.5", want: 2*day + hour + 2*minute + 3_500_000_000},
		{in: "-00:00:01", want: -Second},
		{in: "90", err: `did you mean "90s"`}, {in: "1.5", err: `did you mean "1.5s"`}, {in: "5 minutes", err: `did you mean "min"`},
		{in: "5M", err: `did you mean "m"`}, {in: "3days", err: `did you mean "d"`}, {in: "3 months", err: "write days"},
		{in: "30m1h", err: "largest unit first"}, {in: "1h1h", err: "each unit once"}, {in: "1.5h30m", err: "last part"},
		{in: "10:30", err: "two fields"}, {in: "1:60:00", err: "below 60"}, {in: "1h30", err: "want"}, {in: "", err: "want"},
		{in: "h", err: "number"}, {in: "1e3s", err: "want"}, {in: "NaN", err: "number"}, {in: "5s ", err: "spaces"}, {in: " 5s", err: "number"},
		{in: "--5s", err: "number"}, {in: "1..5s", err: "want"}, {in: "1:00:00:00", err: "two fields"}, {in: "5 h", want: 5 * hour},
		{in: "1,000s", err: "want"}, {in: "0.0000000000000000001s", err: "decimals"},
	} {
		got, err := ParseDuration(c.in)
		checkParse(t, "ParseDuration", c.in, got, c.want, err, c.err)
	}
}

func TestDurationTextRoundTrip(t *testing.T) {
	for ns, want := range map[int64]string{0: "0s", 90 * Second: "1m30s", 14 * day: "14d", 1: "0.000000001s",
		-(day + 2*hour + 3*minute + 4_500_000_000): "-1d2h3m4.5s", hour: "1h"} {
		if got := DurationText(ns); got != want {
			t.Errorf("DurationText(%d) = %s, want %s", ns, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.Int64Min(-math.MaxInt64).Draw(t, "ns")
		if got, err := ParseDuration(DurationText(ns)); err != nil || got != ns {
			t.Fatalf("%d printed as %s is read as %d, %v", ns, DurationText(ns), got, err)
		}
	})
}

func TestParseSlurmDuration(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "30", want: 30 * minute}, {in: "90:15", want: 90*minute + 15*Second}, {in: "05:30", want: 5*minute + 30*Second},
		{in: "01:02:03", want: hour + 2*minute + 3*Second}, {in: "00:01.234", want: 1_234_000_000}, {in: "100:00:00", want: 100 * hour},
		{in: "1-12", want: 36 * hour}, {in: "1-12:30", want: 36*hour + 30*minute}, {in: "7-00:00:00", want: 7 * day},
		{in: "0-48:00:00", want: 2 * day}, {in: "365-23:59:59", want: 366*day - Second},
		{in: "00:60:00", err: "want minutes"}, {in: "1-00:00:60", err: "want minutes"}, {in: "", err: "want minutes"}, {in: "1-", err: "want minutes"},
		{in: "-5", err: "want minutes"}, {in: "1:2:3:4", err: "want minutes"}, {in: "1.5", err: "want minutes"}, {in: "1:.5", err: "want minutes"},
		{in: "90s", err: `did you mean "00:01:30"`}, {in: "2d", err: `did you mean "2-00:00:00"`}, {in: "Partition_Limit", err: "want minutes"},
		{in: "200000-00:00:00", err: "want minutes"}, {in: "1--1", err: "want minutes"},
	} {
		got, unlimited, err := ParseSlurmDuration([]byte(c.in))
		if unlimited {
			t.Errorf("%q is read as unlimited", c.in)
		}
		checkParse(t, "ParseSlurmDuration", c.in, got, c.want, err, c.err)
	}
	for _, s := range []string{"UNLIMITED", "infinite"} {
		if ns, unlimited, err := ParseSlurmDuration([]byte(s)); !unlimited || err != nil || ns != 0 {
			t.Errorf("%s: %d %v %v, want unlimited", s, ns, unlimited, err)
		}
	}
}

func TestSlurmDurationTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.Int64Min(0).Draw(t, "ns")
		text := SlurmDurationText(ns)
		got, _, err := ParseSlurmDuration([]byte(text))
		if err != nil || got != ns {
			t.Fatalf("%d printed as %s is read as %d, %v", ns, text, got, err)
		}
		if got, err := ParseDuration(text); err != nil || got != ns {
			t.Fatalf("ParseDuration reads %s as %d, %v", text, got, err)
		}
	})
}

// FuzzParseDuration: what is read can be printed and read again, and equals what the Slurm reader says of clock forms.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"90s", "1h30m", "1-02:03:04", "2w", "-1.5h", "0", "10:00", "1d 2h", "9e9s", "5 min"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ns, err := ParseDuration(s)
		if err != nil {
			return
		}
		again, err := ParseDuration(DurationText(ns))
		if err != nil || again != ns {
			t.Fatalf("%q is %d, printed %s, read as %d, %v", s, ns, DurationText(ns), again, err)
		}
		if slurm, _, err := ParseSlurmDuration([]byte(s)); err == nil && s != "0" && slurm != ns {
			t.Fatalf("%q is %d here and %d in Slurm's forms", s, ns, slurm)
		}
	})
}
