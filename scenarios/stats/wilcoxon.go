package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// exactUpTo is the largest number of non-zero differences whose signed-rank distribution is counted, not approximated.
const exactUpTo = 50

// SignedRank is the outcome of Wilcoxon's signed-rank test of paired differences.
type SignedRank struct {
	N           int     // differences that are not zero
	Zeros       int     // differences left out because they are zero (Wilcoxon's own treatment)
	Plus, Minus float64 // sums of the ranks of positive and of negative differences; ties share their mean rank
	P           float64 // two-sided; 1 when N is 0
	Exact       bool    // P was counted over all 2^N signs, ties included; else normal with tie and continuity correction
}

// Wilcoxon tests whether the differences are symmetric about zero. A difference that is not a number gives P = NaN.
func Wilcoxon(differences []float64) SignedRank {
	if hasNaN(differences) {
		return SignedRank{P: math.NaN()}
	}
	kept := make([]float64, 0, len(differences))
	for _, d := range differences {
		if d != 0 {
			kept = append(kept, d)
		}
	}
	s := SignedRank{N: len(kept), Zeros: len(differences) - len(kept), P: 1}
	if s.N == 0 {
		return s
	}
	slices.SortFunc(kept, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	doubled, ties := midranks(kept)
	for i, d := range kept {
		if d > 0 {
			s.Plus += float64(doubled[i]) / 2
		} else {
			s.Minus += float64(doubled[i]) / 2
		}
	}
	if s.Exact = s.N <= exactUpTo; s.Exact {
		s.P = exactP(doubled, int(2*min(s.Plus, s.Minus)))
	} else {
		s.P = normalP(s, ties)
	}
	return s
}

// RankBiserial is the matched-pairs rank-biserial correlation: the share of rank weight in favour minus the share against,
// from -1 (every pair negative) to 1. It is 0 when no pair differs.
func (s SignedRank) RankBiserial() float64 {
	if s.Plus+s.Minus == 0 {
		return 0
	}
	return (s.Plus - s.Minus) / (s.Plus + s.Minus)
}

// midranks returns twice the rank of each value of sorted (by size), so that shared ranks stay whole, and the sum over
// groups of ties of t^3 - t.
func midranks(sorted []float64) (doubled []int, ties float64) {
	doubled = make([]int, len(sorted))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && math.Abs(sorted[j]) == math.Abs(sorted[i]) {
			j++
		}
		for k := i; k < j; k++ {
			doubled[k] = i + 1 + j
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	return doubled, ties
}

// exactP counts, over all signs, how often the sum of the doubled ranks is at most least, and doubles that share.
func exactP(doubled []int, least int) float64 {
	total := 0
	for _, r := range doubled {
		total += r
	}
	share := make([]float64, total+1)
	share[0] = 1
	reach := 0
	for _, r := range doubled {
		reach += r
		for s := reach; s >= 0; s-- {
			with := 0.0
			if s >= r {
				with = share[s-r]
			}
			share[s] = (share[s] + with) / 2
		}
	}
	return min(1, 2*sum(share[:least+1]))
}

func normalP(s SignedRank, ties float64) float64 {
	n := float64(s.N)
	mean := n * (n + 1) / 4
	variance := n*(n+1)*(2*n+1)/24 - ties/48
	if variance <= 0 {
		return 1
	}
	z := (math.Abs(s.Plus-mean) - 0.5) / math.Sqrt(variance)
	return min(1, 2*distuv.UnitNormal.Survival(max(z, 0)))
}
