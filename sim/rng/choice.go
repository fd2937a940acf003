package rng

import (
	"fmt"
	"math"
	"math/bits"
)

// Choice picks one of n alternatives with exact integer weights. Make it with NewChoice; copies share the table, which
// never changes.
type Choice struct{ ends []uint64 } // cumulative weights

// NewChoice takes the weights in the order of the alternatives. Zero is allowed, but not for all; the sum must fit in
// 64 bits.
func NewChoice(weights []uint64) (Choice, error) {
	c := Choice{ends: make([]uint64, len(weights))}
	var total, carry uint64
	for i, w := range weights {
		if total, carry = bits.Add64(total, w, 0); carry != 0 {
			return Choice{}, fmt.Errorf("choice: the weights up to number %d sum to more than 64 bits, want smaller ones", i+1)
		}
		c.ends[i] = total
	}
	if total == 0 {
		return Choice{}, fmt.Errorf("choice: got %d weights that sum to 0, want at least one above 0", len(weights))
	}
	return c, nil
}

// Len is the number of alternatives.
func (c Choice) Len() int { return len(c.ends) }

// Draw is the index of an alternative, with probability exactly weight / total.
func (c Choice) Draw(s *Stream) int { return c.at(s.Uint64N(c.ends[len(c.ends)-1])) }

// at is the first alternative whose end lies above x.
func (c Choice) at(x uint64) int {
	lo, hi := 0, len(c.ends)-1
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if c.ends[mid] > x {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// A Part is a component of a mixture with its weight.
type Part struct {
	Weight uint64
	Dist   Dist
}

// Mixture draws from one of its parts, chosen by weight. Make it with NewMixture; copies share the parts.
type Mixture struct {
	choice Choice
	dists  []Dist
}

// NewMixture checks every part. The sum of the weights must be below 2^32: one uniform number of 53 bits both picks the
// part and is rescaled within it, and what the choice takes is missing from the variate (a part of weight w out of W
// sees multiples of W / (w 2^53)).
func NewMixture(parts ...Part) (Mixture, error) {
	weights := make([]uint64, len(parts))
	m := Mixture{dists: make([]Dist, len(parts))}
	for i, p := range parts {
		if p.Dist == nil {
			return Mixture{}, fmt.Errorf("mixture: part %d has no distribution", i+1)
		}
		if err := p.Dist.Validate(); err != nil {
			return Mixture{}, fmt.Errorf("mixture: part %d: %w", i+1, err)
		}
		weights[i], m.dists[i] = p.Weight, p.Dist
	}
	var err error
	if m.choice, err = NewChoice(weights); err != nil {
		return Mixture{}, fmt.Errorf("mixture: %w", err)
	}
	if total := m.choice.ends[len(parts)-1]; total >= 1<<32 {
		return Mixture{}, fmt.Errorf("mixture: got weights that sum to %d, want less than %d", total, uint64(1)<<32)
	}
	return m, nil
}

// Validate fails for a value that NewMixture did not make.
func (m Mixture) Validate() error {
	if len(m.dists) == 0 {
		return fmt.Errorf("mixture: got no parts, want it made by NewMixture")
	}
	return nil
}

// Quantile is no true quantile: u x total falls into the span of one part, and the place within that span, kept inside
// (0, 1), is the part's own u. A given u always means the same part and the same value.
func (m Mixture) Quantile(u float64) float64 {
	ends := m.choice.ends
	x := mul(u, float64(ends[len(ends)-1]))
	i := m.choice.at(min(uint64(x), ends[len(ends)-1]-1))
	start := 0.0
	if i > 0 {
		start = float64(ends[i-1])
	}
	v := (x - start) / (float64(ends[i]) - start)
	return m.dists[i].Quantile(math.Min(math.Max(v, 0x1p-54), 1-0x1p-53))
}
