package catalog

import (
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/internal/spell"
)

// near lists up to three of the names that name probably means: those that it begins or ends, then those a few letters
// away. In a tie the order of names decides.
func near(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var all []candidate
	low := strings.ToLower(name)
	for _, n := range names {
		ln := strings.ToLower(n)
		d := spell.Distance(low, ln)
		if len(low) > 1 && (strings.HasPrefix(ln, low) || strings.HasSuffix(ln, low)) {
			d = 0
		}
		if d <= 1+len(low)/5 {
			all = append(all, candidate{n, d})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, c := range all[:min(3, len(all))] {
		out = append(out, c.name)
	}
	return out
}
