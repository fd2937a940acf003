// Package spell finds the name that somebody probably meant. It must never decide for them: it only feeds "did you mean".
package spell

import "strings"

// most bounds the letters that are compared: nobody misspells a word into hundreds.
const most = 128

// Nearest is the name of the list that got was probably meant to be, or "" where none is near. Letters' case does not count;
// a letter added, left out, changed or swapped with its neighbour counts one; a third of the letters may be wrong. Of names
// equally near, one that begins alike is taken, then the first.
func Nearest(got string, names []string) string {
	want := []rune(strings.ToLower(got))
	if len(want) == 0 || len(want) > most {
		return ""
	}
	best, bestDistance := "", max(1, len(want)/3)+1
	for _, name := range names {
		other := []rune(strings.ToLower(name))
		if len(other) == 0 || len(other) > 2*most || name == got {
			continue
		}
		d := distance(want, other)
		if d < bestDistance || d == bestDistance && best != "" && other[0] == want[0] && !strings.EqualFold(best[:1], string(want[:1])) {
			best, bestDistance = name, d
		}
	}
	return best
}

// Distance is the number of insertions, deletions, changes and swaps of neighbours from a to b, case aside. Letters behind
// the first 128 are not looked at.
func Distance(a, b string) int {
	return distance(cut(a), cut(b))
}

func cut(s string) []rune {
	r := []rune(strings.ToLower(s))
	return r[:min(len(r), most)]
}

// distance is the optimal string alignment of a and b.
func distance(a, b []rune) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
