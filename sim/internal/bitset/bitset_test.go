package bitset

import (
	"testing"

	"pgregory.net/rapid"
)

func TestAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Set
		want := map[int]bool{}
		size := 0
		check := func(s *Set) {
			t.Helper()
			next := -1
			for i := size - 1; i >= 0; i-- {
				if want[i] {
					next = i
				}
				if s.Has(i) != want[i] {
					t.Fatalf("has %d: %t, want %t", i, s.Has(i), want[i])
				}
				if i%61 == 0 || want[i] || want[i+1] {
					if got := s.Next(i); got != next {
						t.Fatalf("next of %d: %d, want %d", i, got, next)
					}
				}
			}
			if got := s.Next(size); got != -1 {
				t.Fatalf("next of the size %d: %d", size, got)
			}
			if s.Has(size + 10_000) {
				t.Fatal("has what lies beyond")
			}
		}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 3).Draw(t, "op"); {
			case op == 0 || size == 0:
				size += rapid.SampledFrom([]int{1, 63, 64, 65, 4095, 4096, 5000}).Draw(t, "by")
				s.Grow(size)
			case op == 1:
				for i := rapid.IntRange(0, size-1).Draw(t, "from"); i < size; i += 97 { // a run thins out
					s.Remove(i)
					delete(want, i)
				}
			default:
				i := rapid.IntRange(0, size-1).Draw(t, "i")
				s.Add(i)
				want[i] = true
			}
		}
		check(&s)
		c := s.Clone()
		var d Set
		d.Grow(10)
		d.Add(3)
		d.CopyFrom(&s)
		for i := range want {
			s.Remove(i)
		}
		if got := s.Next(0); got != -1 {
			t.Fatalf("empty set has %d", got)
		}
		check(&c)
		check(&d)
	})
}

func BenchmarkNextSparse(b *testing.B) {
	var s Set
	s.Grow(1 << 20)
	s.Add(1<<20 - 1)
	for range b.N {
		if s.Next(5) < 0 {
			b.Fatal("lost")
		}
	}
}

func BenchmarkAddNextRemove(b *testing.B) {
	var s Set
	s.Grow(1 << 16)
	for i := range b.N {
		k := i * 40503 & (1<<16 - 1)
		s.Add(k)
		s.Remove(s.Next(0))
	}
}
