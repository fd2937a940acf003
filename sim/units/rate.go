package units

import "strings"

const rateWant = "bits as 400Gb/s (or Gbit/s, Gbps) or bytes as 50GB/s"

// ParseRate reads a link's rate as bytes per second. A small b is bits and a capital B bytes, a factor of eight apart:
// `400Gb/s`, `400Gbit/s` and `400Gbps` are 50e9, `50GB/s` is 50e9, `50GiB/s` 53.7e9. Bits take the SI prefixes k M G T
// only. The result is rounded to the nearest byte per second; the range is 0 to 2^63-1. A rate without a unit, and the
// ambiguous GBps, are errors.
func ParseRate(s string) (int64, error) {
	d, rest, ok := cutDecimal(s)
	if !ok {
		return 0, newError("rate", s, rateWant, "")
	}
	name, after := cutUnit(rest)
	mult, div := rateUnit(name)
	if mult == 0 || after != "" {
		return 0, newError("rate", s, rateWant, rateHint(s[:len(s)-len(rest)], name))
	}
	v, ok := d.times(mult, div)
	if !ok {
		return 0, newError("rate", s, "at most 9223PB/s", "is the unit right?")
	}
	return v, nil
}

func rateUnit(name string) (mult, div uint64) {
	if u, ok := strings.CutSuffix(name, "/s"); ok {
		if bytes := byteUnit(u); bytes > 0 && strings.HasSuffix(u, "B") {
			return uint64(bytes), 1
		}
	}
	for _, form := range [...]string{"b/s", "bit/s", "bps"} {
		prefix, ok := strings.CutSuffix(name, form)
		if !ok {
			continue
		}
		if prefix == "" {
			return 1, 8
		}
		for i, p := range siPrefixes {
			if prefix == string(p) {
				return uint64(siScale[i]), 8
			}
		}
	}
	return 0, 0
}

func rateHint(number, name string) string {
	prefix := "G"
	if name != "" && strings.Contains("kKMGTmgt", name[:1]) {
		prefix = strings.ToUpper(name[:1])
		if prefix == "K" {
			prefix = "k"
		}
	}
	return "write " + number + prefix + "b/s for bits or " + number + prefix + "B/s for bytes: they differ by eight"
}

// RateText is the exact rate in the largest SI unit of bytes that divides it: 50GB/s, 125MB/s, 1B/s. ParseRate reads
// it back. bytesPerSecond must not be negative.
func RateText(bytesPerSecond int64) string {
	for i := len(siScale) - 1; i >= 0; i-- {
		if bytesPerSecond != 0 && bytesPerSecond%siScale[i] == 0 {
			return string(appendWhole(nil, bytesPerSecond/siScale[i])) + string(siPrefixes[i]) + "B/s"
		}
	}
	return string(appendWhole(nil, bytesPerSecond)) + "B/s"
}
