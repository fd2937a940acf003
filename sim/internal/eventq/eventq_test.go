package eventq

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Key, b.Key))
}

// TestAgainstSortedSlice pushes and pops at random. Keys are distinct, as the engine's sequence makes them.
func TestAgainstSortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Queue
		var want []Entry
		for i := range rapid.IntRange(1, 300).Draw(t, "steps") {
			if len(want) > 0 && rapid.IntRange(0, 2).Draw(t, "pop") == 0 {
				if got := *q.Top(); got != want[0] {
					t.Fatalf("top %+v, want %+v", got, want[0])
				}
				if got := q.Pop(); got != want[0] {
					t.Fatalf("popped %+v, want %+v", got, want[0])
				}
				want = want[1:]
			} else {
				e := Entry{Time: rapid.Int64Range(-3, 9).Draw(t, "time"),
					Key: rapid.Uint64Range(0, 3).Draw(t, "class")<<62 | uint64(i), Ref: uint64(i) * 7}
				q.Push(e)
				at, _ := slices.BinarySearchFunc(want, e, compare)
				want = slices.Insert(want, at, e)
			}
			if q.Len() != len(want) {
				t.Fatalf("length %d, want %d", q.Len(), len(want))
			}
		}
		c := q.Clone()
		for _, w := range want {
			if got := q.Pop(); got != w {
				t.Fatalf("popped %+v, want %+v", got, w)
			}
		}
		q.Push(Entry{Time: -9})
		for _, w := range want {
			if got := c.Pop(); got != w {
				t.Fatalf("clone popped %+v, want %+v", got, w)
			}
		}
	})
}

func TestExtremes(t *testing.T) {
	var q Queue
	in := []Entry{{1<<63 - 1, 0, 1}, {-1 << 63, 1<<64 - 1, 2}, {0, 1<<64 - 1, 3}, {0, 0, 4}, {-1 << 63, 0, 5}}
	for _, e := range in {
		q.Push(e)
	}
	for _, want := range []uint64{5, 2, 4, 3, 1} {
		if got := q.Pop().Ref; got != want {
			t.Fatalf("got %d, want %d", got, want)
		}
	}
}

// BenchmarkHold pops the first entry and pushes one later, at a constant size: an engine in steady state.
func BenchmarkHold(b *testing.B) {
	for _, n := range []int{64, 4096, 1 << 18} {
		b.Run(sizeName(n), func(b *testing.B) {
			var q Queue
			x := uint64(1)
			for i := range n {
				x = x*6364136223846793005 + 1442695040888963407
				q.Push(Entry{Time: int64(x >> 40), Key: uint64(i)})
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				e := q.Pop()
				x = x*6364136223846793005 + 1442695040888963407
				e.Time += int64(x >> 40)
				e.Key = uint64(n + i)
				q.Push(e)
			}
		})
	}
}

func sizeName(n int) string {
	if n >= 1<<18 {
		return "256k"
	}
	if n >= 4096 {
		return "4k"
	}
	return "64"
}
