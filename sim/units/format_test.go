package units

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormats(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"seconds", FormatDuration(4_580_000_000), "4.58 s"},
		{"round seconds", FormatDuration(12 * Second), "12 s"},
		{"minutes", FormatDuration(744 * Second), "12.4 min"},
		{"days", FormatDuration(276_480 * Second), "3.2 d"},
		{"hours", FormatDuration(4860 * Second), "1.35 h"},
		{"carry to minutes", FormatDuration(59_960_000_000), "1 min"},
		{"carry to hours", FormatDuration(3598 * Second), "1 h"},
		{"below the carry", FormatDuration(59_940_000_000), "59.9 s"},
		{"many days", FormatDuration(12345 * day), "12,345 d"},
		{"negative", FormatDuration(-90 * Second), "-1.5 min"},
		{"zero", FormatDuration(0), "0 s"},
		{"microseconds", FormatDuration(1500), "1.5 us"},
		{"interval", FormatDurationInterval(744*Second, 714*Second, 780*Second), "12.4 min [11.9, 13.0]"},
		{"interval about zero", FormatDurationInterval(0, -2*Second, 3*Second), "0 s [-2, 3]"},
		{"percent", FormatPercent(.7126), "71.3 %"},
		{"small percent", FormatPercent(.00004), "0.004 %"},
		{"full", FormatPercent(1), "100 %"},
		{"not a number", FormatPercent(math.NaN()), "n/a"},
		{"change down", FormatChange(-.18), "-18 %"},
		{"change up", FormatChange(.004), "+0.4 %"},
		{"no change", FormatChange(0), "0 %"},
		{"quantity", FormatQuantity(1_420_000, "GPU-h"), "1.42 M GPU-h"},
		{"small quantity", FormatQuantity(311, "GPU-h"), "311 GPU-h"},
		{"carry to thousands", FormatQuantity(999.6, "jobs/s"), "1 k jobs/s"},
		{"negative quantity", FormatQuantity(-1300, ""), "-1.3 k"},
		{"huge", FormatQuantity(1e21, "B"), "1,000 E B"},
		{"number", FormatNumber(12.71), "12.7"},
		{"large number", FormatNumber(1234.5), "1,234"},
		{"count", FormatCount(2048), "2,048"},
		{"big count", FormatCount(-1234567), "-1,234,567"},
		{"small count", FormatCount(999), "999"},
		{"money", FormatMoney(12_400_000_000, "USD"), "$12.4k"},
		{"yuan", FormatMoney(34_740_000, "CNY"), "¥34.7"},
		{"code", FormatMoney(-1_250_000_000_000, "CHF"), "-CHF 1.25M"},
		{"bytes", FormatBytes(3 << 29), "1.5 GiB"},
		{"few bytes", FormatBytes(512), "512 B"},
		{"byte carry", FormatBytes(1<<20 - 1), "1 MiB"},
		{"bit rate", FormatBitRate(50e9), "400 Gb/s"},
		{"byte rate", FormatByteRate(600e9), "600 GB/s"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

// What is shown is within half a unit of the third digit of what is meant, and can be pasted into a scenario.
func TestFormatDurationIsNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.Int64Range(1, 999*day).Draw(t, "ns")
		text := FormatDuration(ns)
		got, err := ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := math.Abs(float64(got - ns)); diff > .00501*float64(ns)+.5 {
			t.Fatalf("%d ns is shown as %s, %v off", ns, text, diff)
		}
		number, _, _ := strings.Cut(text, " ")
		if digits := strings.TrimLeft(strings.ReplaceAll(number, ".", ""), "0"); len(digits) > 3 {
			t.Fatalf("%s has more than three digits", text)
		}
	})
}

func TestErrorsAreShortAndWhole(t *testing.T) {
	_, err := ParseDuration("1" + strings.Repeat("é", 100))
	if got := err.Error(); len(got) > 400 || !strings.Contains(got, "...") || strings.Contains(got, `\x`) {
		t.Errorf("error is %d bytes long or cuts a letter: %s", len(got), got)
	}
}
