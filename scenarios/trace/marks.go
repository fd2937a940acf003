package trace

import (
	"math/bits"
	"slices"
	"sort"
)

// marks is a growing string of bits with rank and select: a bit a row, and a count each 512 rows.
type marks struct {
	words []uint64
	ones  []uint32 // ones before each block of 8 words
	n     int64
	total int64
}

func (m *marks) add(bit bool) {
	if m.n%64 == 0 {
		m.words = append(m.words, 0)
	}
	if m.n%512 == 0 {
		m.ones = append(m.ones, uint32(m.total))
	}
	if bit {
		m.words[m.n/64] |= 1 << uint(m.n%64)
		m.total++
	}
	m.n++
}

func (m *marks) get(i int64) bool { return i < m.n && m.words[i/64]>>uint(i%64)&1 == 1 }

// rank is the number of ones before i.
func (m *marks) rank(i int64) int64 {
	r := int64(m.ones[i/512])
	for w := i / 512 * 8; w < i/64; w++ {
		r += int64(bits.OnesCount64(m.words[w]))
	}
	return r + int64(bits.OnesCount64(m.words[i/64]&(1<<uint(i%64)-1)))
}

// find is the place of the one number k, from 0; k must be below total.
func (m *marks) find(k int64) int64 {
	block := sort.Search(len(m.ones), func(b int) bool { return int64(m.ones[b]) > k }) - 1
	k -= int64(m.ones[block])
	for w := block * 8; ; w++ {
		c := int64(bits.OnesCount64(m.words[w]))
		if k < c {
			word := m.words[w]
			for ; k > 0; k-- {
				word &= word - 1
			}
			return int64(w)*64 + int64(bits.TrailingZeros64(word))
		}
		k -= c
	}
}

func (m *marks) copy() marks {
	return marks{words: slices.Clone(m.words), ones: slices.Clone(m.ones), n: m.n, total: m.total}
}
