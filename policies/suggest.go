package policies

import (
	"fmt"
	"strings"
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
		if d := distance(strings.ToLower(name), n); d < edits {
			near, edits = n, d
		}
	}
	return near, edits
}

// distance is the number of single-byte edits from a to b, a swap of neighbours counting as one (optimal string
// alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
