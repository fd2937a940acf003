package reports

import (
	"strings"
)

func amount(v float64, unit Unit) string { return Quantity{v, unit}.Human() }

func spreadText(s Spread, unit Unit) string {
	return "mean " + amount(s.Mean, unit) + ", p90 " + amount(s.P90, unit) + ", p99 " + amount(s.P99, unit)
}

func joinNonEmpty(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

// short is the first digits of a digest, enough to tell two runs apart by eye.
func short(digest string) string {
	if digest == "" {
		return ""
	}
	return "digest " + digest[:min(8, len(digest))]
}

func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// plural returns "1 job", "2 jobs", "100 k jobs".
func plural(n int, thing string) string {
	text := amount(float64(n), Count) + " " + thing
	if n != 1 {
		text += "s"
	}
	return text
}

// phrase is the cause as the end of "62 % of all waiting was ...".
func (c Cause) phrase() string {
	return [...]string{
		"for a dependency or a hold", "of jobs that can never be placed", "for quota", "for a price or stock",
		"for lack of free GPUs", "for GPUs that were free but scattered (fragmented)", "for GPUs within one domain",
		"behind a reservation", "behind another job", "the policy's choice", "",
	}[min(c, Causes)]
}
