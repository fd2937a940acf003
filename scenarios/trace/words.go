package trace

import "encoding/binary"

// A record of short numbers is read eight bytes at a time: byte by byte, every field's end is a branch that the processor
// cannot foresee.

const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// spare is how many bytes behind a line may be read (and mean nothing).
const spare = 8

// blanks tells which of the 64 bytes of text from base on are blanks or controls: bit i is for byte base+i. What lies behind
// text counts as blank; its spare bytes are read.
func blanks(text []byte, base int) uint64 {
	wide := text[:len(text)+spare]
	var out uint64
	for at := 0; at < 64 && base+at < len(text); at += 8 {
		x := binary.LittleEndian.Uint64(wide[base+at:])
		low := ^((x | highBits) - 0x21*eachByte) &^ x & highBits // the high bit of each byte below 0x21
		out |= low >> 7 * 0x0102040810204080 >> 56 << (uint(at) & 63)
	}
	if rest := len(text) - base; rest < 64 {
		out |= ^uint64(0) << uint(rest)
	}
	return out
}

// shortNumber reads a whole number of one to eight digits, the first n bytes of the word x, and reports whether it is one.
func shortNumber(x uint64, n int32) (int64, bool) {
	if n < 1 || n > 8 {
		return 0, false
	}
	x = (x ^ '0'*eachByte) << (uint(64-8*n) & 63) // the digits' values, with noughts before them
	if ((x+0x76*eachByte)|x)&highBits != 0 {
		return 0, false
	}
	x = x*10 + x>>8 // pairs, in every other byte
	const pairs = 0x000000ff000000ff
	return int64((x&pairs*(100+1_000_000<<32) + x>>16&pairs*(1+10_000<<32)) >> 32), true
}
