package policies

import (
	"fmt"

	"github.com/orrery-sim/orrery/internal/spell"
)

// meant is a hint at the nearest name, if one is near.
func meant(name string, names []string) string {
	if near, d := nearest(name, names); near != "" && d <= max(1, len(name)/3) {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// nearest is the first of the names with the fewest edits to name.
func nearest(name string, names []string) (near string, edits int) {
	edits = len(name) + 1
	for _, n := range names {
		if d := spell.Distance(name, n); d < edits {
			near, edits = n, d
		}
	}
	return near, edits
}
