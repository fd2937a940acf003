package trace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestShortNumbersAreWhatStrconvReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{1,8}`).Draw(t, "digits")
		junk := rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "behind")
		want, _ := strconv.ParseInt(text, 10, 64)
		got, ok := shortNumber(binary.LittleEndian.Uint64(append([]byte(text), junk...)), int32(len(text)))
		if !ok || got != want {
			t.Fatalf("%q reads as %d, %v", text, got, ok)
		}
		b := append([]byte(text), junk...)
		i := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		b[i] = rapid.Byte().Draw(t, "byte")
		if _, ok := shortNumber(binary.LittleEndian.Uint64(b), int32(len(text))); ok != (b[i] >= '0' && b[i] <= '9') {
			t.Fatalf("%q is a number: %v", b[:len(text)], ok)
		}
	})
	for n := range int32(12) {
		if _, ok := shortNumber(0x3030303030303030, n); ok != (n > 0 && n < 9) {
			t.Errorf("%d noughts are a number: %v", n, ok)
		}
	}
}

func TestBlanksAreThoseOfANaiveLoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(" \t0! ~\x80"))), spare, 200).Draw(t, "bytes")
		text := b[:len(b)-spare]
		for base := 0; base < len(text); base += 64 {
			var want string
			for i := base; i < base+64; i++ {
				c := byte(' ')
				if i < len(text) {
					c = text[i]
				}
				want = map[bool]string{true: "1", false: "0"}[c <= ' '] + want
			}
			if got := fmt.Sprintf("%064b", blanks(text, base)); got != want {
				t.Fatalf("from %d in %q: %s, want %s", base, text, got, want)
			}
		}
	})
}
