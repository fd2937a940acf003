package units

import (
	"math"
	"strconv"
	"strings"
)

const slurmWant = "minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS or UNLIMITED"

// ParseSlurmDuration reads the time forms of Slurm's commands as nanoseconds: `MM`, `MM:SS`, `HH:MM:SS`, `D-HH`,
// `D-HH:MM`, `D-HH:MM:SS`, the last field with an optional fraction where it is seconds (sacct prints `00:01.234`).
// Minutes and seconds after a colon must be below 60; the first field, and hours after days, may be any size. UNLIMITED
// and sinfo's `infinite` come back as unlimited = true. Words of sacct such as Partition_Limit are errors.
func ParseSlurmDuration(b []byte) (ns int64, unlimited bool, err error) {
	s := string(b)
	if strings.EqualFold(s, "unlimited") || strings.EqualFold(s, "infinite") {
		return 0, true, nil
	}
	units := [...]int64{hour, minute, Second}
	days, clock, hasDays := strings.Cut(s, "-")
	first := 0
	if !hasDays {
		days, clock = "", s
		if strings.Count(s, ":") < 2 {
			first = 1 // without days, one or two fields begin with minutes
		}
	}
	ns, ok := clockFields(days, hasDays, clock, units[first:])
	if !ok {
		hint := ""
		if v, err := ParseDuration(s); err == nil && v >= 0 {
			hint = didYouMean(SlurmDurationText(v))
		}
		return 0, false, newError("Slurm time", s, slurmWant, hint)
	}
	return ns, false, nil
}

// SlurmDurationText prints ns >= 0 as Slurm does: HH:MM:SS below a day, else D-HH:MM:SS, with a fraction of seconds
// only where there is one. ParseSlurmDuration reads it back.
func SlurmDurationText(ns int64) string {
	var b []byte
	if d := ns / day; d > 0 {
		b = append(strconv.AppendInt(b, d, 10), '-')
	}
	two := func(v int64) { b = append(b, byte('0'+v/10), byte('0'+v%10)) }
	two(ns % day / hour)
	b = append(b, ':')
	two(ns % hour / minute)
	b = append(b, ':')
	if ns%minute < 10*Second {
		b = append(b, '0')
	}
	return string(AppendSeconds(b, ns%minute))
}

// parseClock reads the clock forms that are plain enough for a scenario file: with hours, minutes and seconds.
func parseClock(whole, body string) (int64, error) {
	days, clock, hasDays := strings.Cut(body, "-")
	if !hasDays {
		days, clock = "", body
	}
	if strings.Count(clock, ":") != 2 {
		return 0, newError("duration", whole, durationWant, "write hours, minutes and seconds, or units as in 5m30s: "+
			"two fields could be either")
	}
	v, ok := clockFields(days, hasDays, clock, []int64{hour, minute, Second})
	if !ok {
		return 0, newError("duration", whole, durationWant, "minutes and seconds must be below 60, and the whole below 292 years")
	}
	return v, nil
}

// clockFields adds days and the fields of clock, which count units from the first one on. Every field but the first of
// a text without days is bounded by the unit before it, hours after days excepted: people write 0-48:00:00.
func clockFields(days string, hasDays bool, clock string, units []int64) (sum int64, ok bool) {
	if hasDays {
		if sum, ok = clockField(days, day); !ok {
			return 0, false
		}
	}
	fields := strings.Split(clock, ":")
	if len(fields) > len(units) {
		return 0, false
	}
	for i, f := range fields {
		v, ok := clockField(f, units[i])
		if !ok || i > 0 && v >= 60*units[i] || sum > math.MaxInt64-v {
			return 0, false
		}
		sum += v
	}
	return sum, true
}

// clockField is digits x unit; seconds may have a fraction.
func clockField(text string, unit int64) (int64, bool) {
	d, rest, ok := cutDecimal(text)
	if !ok || rest != "" || text[0] == '.' || d.frac > 0 && unit != Second {
		return 0, false
	}
	return d.times(uint64(unit), 1)
}
