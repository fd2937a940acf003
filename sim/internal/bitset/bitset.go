// Package bitset is a set of small integers in two levels of bits, for "the lowest member at or after i" in a few
// instructions. It must never know what its members mean.
package bitset

import "math/bits"

// Set holds integers in [0, capacity). The zero value is empty with capacity 0; Grow enlarges it.
type Set struct {
	words []uint64
	top   []uint64 // bit w: words[w] is not 0
}

// Grow makes room for members below n.
func (s *Set) Grow(n int) {
	for len(s.words)*64 < n {
		s.words = append(s.words, 0)
	}
	for len(s.top)*64 < len(s.words) {
		s.top = append(s.top, 0)
	}
}

// Add puts i in.
func (s *Set) Add(i int) {
	w := i >> 6
	s.words[w] |= 1 << uint(i&63)
	s.top[w>>6] |= 1 << uint(w&63)
}

// Remove takes i out.
func (s *Set) Remove(i int) {
	w := i >> 6
	s.words[w] &^= 1 << uint(i&63)
	if s.words[w] == 0 {
		s.top[w>>6] &^= 1 << uint(w&63)
	}
}

// Has reports whether i is in.
func (s *Set) Has(i int) bool { return i>>6 < len(s.words) && s.words[i>>6]&(1<<uint(i&63)) != 0 }

// Next is the lowest member >= i, or -1.
func (s *Set) Next(i int) int {
	w := i >> 6
	if w >= len(s.words) {
		return -1
	}
	if rest := s.words[w] >> uint(i&63); rest != 0 {
		return i + bits.TrailingZeros64(rest)
	}
	w++
	t := w >> 6
	if t >= len(s.top) {
		return -1
	}
	rest := s.top[t] &^ (1<<uint(w&63) - 1)
	for rest == 0 {
		if t++; t >= len(s.top) {
			return -1
		}
		rest = s.top[t]
	}
	w = t<<6 + bits.TrailingZeros64(rest)
	return w<<6 + bits.TrailingZeros64(s.words[w])
}

// Clone returns an independent copy.
func (s *Set) Clone() Set {
	return Set{words: append([]uint64(nil), s.words...), top: append([]uint64(nil), s.top...)}
}

// CopyFrom makes s equal to o, reusing its storage.
func (s *Set) CopyFrom(o *Set) {
	s.words = append(s.words[:0], o.words...)
	s.top = append(s.top[:0], o.top...)
}
