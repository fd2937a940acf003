package units

import "strings"

const bytesWant = "a number with a unit (B, kB MB GB TB PB = powers of 1000, KiB MiB GiB TiB PiB or Ki Mi Gi Ti Pi = powers of 1024), such as 64GiB"

// ParseBytes reads a size: IEC (`64GiB`), SI (`80GB`), or the binary suffixes of Kubernetes (`64Gi`), with one optional
// space before the unit. A fraction is allowed and rounded to the nearest byte. A bare number (other than 0) and a bare
// G, whose meaning differs between Slurm and Kubernetes, are errors. The range is 0 to 2^63-1.
func ParseBytes(s string) (int64, error) {
	if s == "0" {
		return 0, nil
	}
	d, rest, ok := cutDecimal(s)
	if !ok {
		hint := ""
		if strings.HasPrefix(s, "-") {
			hint = "a size cannot be negative"
		}
		return 0, newError("bytes", s, bytesWant, hint)
	}
	name, after := cutUnit(rest)
	mult := byteUnit(name)
	if mult == 0 || after != "" {
		return 0, newError("bytes", s, bytesWant, bytesHint(s[:len(s)-len(rest)], name))
	}
	v, ok := d.times(uint64(mult), 1)
	if !ok {
		return 0, newError("bytes", s, "at most 8191PiB", "is the unit right?")
	}
	return v, nil
}

// byteUnit is the bytes of a unit's name, 0 for none. KB is read as kB: nobody means kelvin.
func byteUnit(name string) int64 {
	switch name {
	case "B":
		return 1
	case "KB":
		return 1000
	}
	for i, u := range iecUnits {
		if name == u || name == u[:2] {
			return 1 << (10 * (i + 1))
		}
	}
	for i, u := range siPrefixes {
		if len(name) == 2 && name[0] == u && name[1] == 'B' {
			return siScale[i]
		}
	}
	return 0
}

var (
	iecUnits   = [...]string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	siPrefixes = [...]byte{'k', 'M', 'G', 'T', 'P', 'E'}
	siScale    = [...]int64{1e3, 1e6, 1e9, 1e12, 1e15, 1e18}
)

func bytesHint(number, name string) string {
	switch low := strings.ToLower(name); {
	case name == "":
		return didYouMean(number+"GiB") + " A size needs its unit"
	case len(low) == 1 && strings.Contains("kmgtpe", low):
		up := strings.ToUpper(low)
		return "write " + number + up + "iB for powers of 1024 or " + number + strings.Replace(up, "K", "k", 1) + "B for powers of 1000"
	default:
		for _, u := range append([]string{"B", "kB", "MB", "GB", "TB", "PB"}, iecUnits[:]...) {
			if strings.EqualFold(u, name) || strings.EqualFold(u[:len(u)-1]+"ytes", name) || len(u) == 3 && strings.EqualFold(u[:2], name) {
				return didYouMean(number + u)
			}
		}
	}
	return ""
}

// BytesText is the exact size in the largest IEC unit that divides it: 1TiB, 1536MiB, 80000000000B (an SI size that no
// IEC unit divides is printed in the largest SI unit that does: 80GB). ParseBytes reads it back. v must not be negative.
func BytesText(v int64) string {
	if v == 0 {
		return "0B"
	}
	for i := len(siScale) - 1; i >= 2; i-- {
		if v%siScale[i] == 0 && v%(1<<30) != 0 {
			return string(appendWhole(nil, v/siScale[i])) + string(siPrefixes[i]) + "B"
		}
	}
	for i := len(iecUnits) - 1; i >= 0; i-- {
		if size := int64(1) << (10 * (i + 1)); v%size == 0 {
			return string(appendWhole(nil, v/size)) + iecUnits[i]
		}
	}
	return string(appendWhole(nil, v)) + "B"
}

// Per says to what a Slurm memory figure applies.
type Per byte

// The owners of a Slurm memory figure.
const (
	PerJob  Per = 0   // no suffix: as the column says
	PerNode Per = 'n' // ReqMem of older sacct: 4Gn
	PerCPU  Per = 'c' // ReqMem of older sacct: 4Gc
)

// ParseSlurmMemory reads Slurm's memory figures, whose suffixes are powers of 1024: `4000M`, `1.50T`, `16G`, `4Gn`,
// `4Gc`; a bare number is MiB, as in --mem and RealMemory. A fraction is rounded to the nearest byte.
func ParseSlurmMemory(b []byte) (bytes int64, per Per, err error) {
	const want = "a number with K, M, G, T or P (powers of 1024; none means M) and optionally n or c, such as 4000M or 4Gn"
	s := string(b)
	d, rest, ok := cutDecimal(s)
	if !ok {
		return 0, 0, newError("Slurm memory", s, want, "")
	}
	if n := len(rest); n > 0 && (rest[n-1] == 'n' || rest[n-1] == 'c') {
		per, rest = Per(rest[n-1]), rest[:n-1]
	}
	shift := 20
	if rest != "" {
		i := strings.Index("KMGTPE", strings.ToUpper(rest))
		if i < 0 || len(rest) != 1 {
			return 0, 0, newError("Slurm memory", s, want, "")
		}
		shift = 10 * (i + 1)
	}
	if bytes, ok = d.times(1<<shift, 1); !ok {
		return 0, 0, newError("Slurm memory", s, "at most 8191P", "is the suffix right?")
	}
	return bytes, per, nil
}
