package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// A Key opens the streams of one purpose under one seed. Make it once with NewKey and keep it; it is a plain value.
type Key struct{ k [4]uint64 }

// NewKey derives the key of a purpose, a fixed name such as "arrivals" or "node-failure", under the scenario's seed:
// the SHA-256 of "orrery/rng/1", a zero byte, the seed as 8 bytes little-endian, and the purpose.
func NewKey(seed uint64, purpose string) Key {
	b := append(make([]byte, 0, 64), "orrery/rng/1\x00"...)
	b = binary.LittleEndian.AppendUint64(b, seed)
	sum := sha256.Sum256(append(b, purpose...))
	var key Key
	for i := range key.k {
		key.k[i] = binary.LittleEndian.Uint64(sum[8*i:])
	}
	return key
}

// Stream is the stream of one entity (a job number, a node index) and attempt. The 128 bits that seed the generator
// are a four-round Feistel permutation of (entity, attempt) keyed by the hash, so no two streams of a key coincide.
func (key Key) Stream(entity, attempt uint64) Stream {
	x := entity + mix(attempt^key.k[0])
	y := attempt + mix(x^key.k[1])
	x += mix(y ^ key.k[2])
	y += mix(x ^ key.k[3])
	var s Stream
	s.pcg.Seed(x, y)
	return s
}

// mix is a bijection of 64 bits in which every input bit moves about half of the output bits: the finalizer of
// SplitMix64 with the constants of Stafford's variant 13.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15 // so that zero is no fixed point
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// A Stream is a sequence of random numbers. It is a plain value of 16 bytes: a copy continues from the same place, so
// forks copy it. The zero Stream works but is the same for everybody; use Key.Stream. Not safe for concurrent use.
type Stream struct{ pcg rand.PCG }

// Uint64 is the next 64 random bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Float64 is uniform in the open interval (0, 1), a multiple of 2^-53 (or 2^-54 in place of zero), from one Uint64.
// 1 - u is exact, except for u = 2^-54.
func (s *Stream) Float64() float64 { return unit(s.pcg.Uint64()) }

func unit(v uint64) float64 {
	if v >>= 11; v != 0 {
		return float64(v) * 0x1p-53
	}
	return 0x1p-54
}

// Uint64N is uniform in [0, n) without bias; n must be positive. It takes one Uint64, and another with a probability
// below n / 2^64.
func (s *Stream) Uint64N(n uint64) uint64 {
	if n == 0 {
		panic("rng: Uint64N of an empty range")
	}
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		// The products below 2^64 mod n belong to incomplete blocks (Lemire 2019, arXiv 1805.10941).
		for reject := -n % n; lo < reject; {
			hi, lo = bits.Mul64(s.Uint64(), n)
		}
	}
	return hi
}

// IntN is Uint64N for ints; n must be positive.
func (s *Stream) IntN(n int) int {
	if n <= 0 {
		panic("rng: IntN of an empty range")
	}
	return int(s.Uint64N(uint64(n)))
}

// Shuffle permutes n things uniformly by calling swap(i, j) for i from n-1 down to 1 with j <= i.
func (s *Stream) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, s.IntN(i+1))
	}
}
