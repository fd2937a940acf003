package units

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseBytes(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "0"}, {in: "512B", want: 512}, {in: "1KiB", want: 1024}, {in: "1.5 GiB", want: 3 << 29}, {in: "1TiB", want: 1 << 40},
		{in: "64Gi", want: 64 << 30}, {in: "1Ki", want: 1024}, {in: "80GB", want: 80e9}, {in: "2kB", want: 2000}, {in: "2KB", want: 2000},
		{in: "1.1KiB", want: 1126}, {in: "0.5B", want: 1}, {in: "7EiB", want: 7 << 60}, {in: "8EiB", err: "at most"},
		{in: "9223372036854775807B", want: math.MaxInt64}, {in: "9223372036854775808B", err: "at most"},
		{in: "64", err: `did you mean "64GiB"`}, {in: "64G", err: "write 64GiB for powers of 1024 or 64GB"},
		{in: "4k", err: "write 4KiB for powers of 1024 or 4kB"}, {in: "64gib", err: `did you mean "64GiB"`},
		{in: "64Gb", err: `did you mean "64GB"`}, {in: "64 gigabytes", err: "want"}, {in: "-1GiB", err: "negative"},
		{in: "GiB", err: "want"}, {in: "1GiB ", err: "want"}, {in: "", err: "want"}, {in: "1GiB2MiB", err: "want"},
	} {
		got, err := ParseBytes(c.in)
		checkParse(t, "ParseBytes", c.in, got, c.want, err, c.err)
	}
}

func TestParseSlurmMemory(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		per  Per
		err  string
	}{
		{in: "4000M", want: 4000 << 20}, {in: "4Gn", want: 4 << 30, per: PerNode}, {in: "4Gc", want: 4 << 30, per: PerCPU},
		{in: "1.50T", want: 3 << 39}, {in: "515000", want: 515000 << 20}, {in: "0n", per: PerNode}, {in: "16K", want: 16384},
		{in: "4GB", err: "want"}, {in: "", err: "want"}, {in: "n", err: "want"}, {in: "9000P", err: "at most"}, {in: "4KM", err: "want"},
	} {
		got, per, err := ParseSlurmMemory([]byte(c.in))
		checkParse(t, "ParseSlurmMemory", c.in, got, c.want, err, c.err)
		if err == nil && per != c.per {
			t.Errorf("%s: per %c, want %c", c.in, per, c.per)
		}
	}
}

func TestParseRate(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "400Gb/s", want: 50e9}, {in: "400Gbps", want: 50e9}, {in: "400 Gbit/s", want: 50e9}, {in: "50GB/s", want: 50e9},
		{in: "1GiB/s", want: 1 << 30}, {in: "3.2Tb/s", want: 400e9}, {in: "9b/s", want: 1}, {in: "4b/s", want: 1}, {in: "3b/s"},
		{in: "8000TB/s", want: 8e15}, {in: "0Gb/s"},
		{in: "400G", err: "write 400Gb/s for bits or 400GB/s for bytes"}, {in: "400GBps", err: "differ by eight"},
		{in: "400", err: "400Gb/s"}, {in: "100mb/s", err: "100Mb/s"}, {in: "1Gib/s", err: "want bits"}, {in: "", err: "want bits"},
		{in: "1Gi/s", err: "want bits"}, {in: "10EB/s", err: "at most"}, {in: "-1GB/s", err: "want bits"}, {in: "5KB/s", want: 5000},
	} {
		got, err := ParseRate(c.in)
		checkParse(t, "ParseRate", c.in, got, c.want, err, c.err)
	}
}

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
		err  string
	}{
		{in: "34.74", want: 34_740_000}, {in: "-1", want: -1_000_000}, {in: "0"}, {in: "0.000001", want: 1}, {in: "0.00000000"},
		{in: "0.39999999999999997", want: 400_000}, {in: "0.0000001", err: "less than a millionth"},
		{in: "$34.74", err: "currency"}, {in: "34.74 CNY", err: "currency"}, {in: "¥5", err: "currency"}, {in: "1,234.5", err: "separators"},
		{in: "NaN", err: "missing"}, {in: "9223372036854.775808", err: "at most"}, {in: "", err: "empty"},
	} {
		got, err := ParseMoney(c.in)
		checkParse(t, "ParseMoney", c.in, got, c.want, err, c.err)
	}
}

func TestExactTextsAreReadBack(t *testing.T) {
	for v, want := range map[int64]string{0: "0B", 1 << 40: "1TiB", 3 << 29: "1536MiB", 80e9: "80GB", 1000: "1000B", 1025: "1025B"} {
		if got := BytesText(v); got != want {
			t.Errorf("BytesText(%d) = %s, want %s", v, got, want)
		}
	}
	for v, want := range map[int64]string{0: "0B/s", 50e9: "50GB/s", 125e6: "125MB/s", 1: "1B/s"} {
		if got := RateText(v); got != want {
			t.Errorf("RateText(%d) = %s, want %s", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Min(0).Draw(t, "v") >> rapid.IntRange(0, 62).Draw(t, "shift")
		v *= rapid.SampledFrom([]int64{1, 1 << 10, 1 << 30, 1000, 1e9}).Draw(t, "unit")
		v &= math.MaxInt64
		if got, err := ParseBytes(BytesText(v)); err != nil || got != v {
			t.Fatalf("%d printed as %s is read as %d, %v", v, BytesText(v), got, err)
		}
		if got, err := ParseRate(RateText(v)); err != nil || got != v {
			t.Fatalf("%d printed as %s is read as %d, %v", v, RateText(v), got, err)
		}
		if got, err := ParseMoney(MoneyText(-v)); err != nil || got != -v {
			t.Fatalf("%d printed as %s is read as %d, %v", -v, MoneyText(-v), got, err)
		}
	})
}

func FuzzAmounts(f *testing.F) {
	for _, s := range []string{"64GiB", "80GB", "400Gb/s", "34.74", "4Gn", "0", "1.5Ki", "-3", "9e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := ParseBytes(s); err == nil {
			if w, err := ParseBytes(BytesText(v)); err != nil || v != w || v < 0 {
				t.Fatalf("%q is %d, then %d, %v", s, v, w, err)
			}
		}
		if v, err := ParseRate(s); err == nil {
			if w, err := ParseRate(RateText(v)); err != nil || v != w || v < 0 {
				t.Fatalf("%q is %d, then %d, %v", s, v, w, err)
			}
		}
		if v, err := ParseMoney(s); err == nil {
			if w, err := ParseMoney(MoneyText(v)); err != nil || v != w {
				t.Fatalf("%q is %d, then %d, %v", s, v, w, err)
			}
		}
		if v, _, err := ParseSlurmMemory([]byte(s)); err == nil && v < 0 {
			t.Fatalf("%q is %d bytes", s, v)
		}
	})
}
