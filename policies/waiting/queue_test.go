package waiting

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// job is an entry with the shape it was inserted under.
type job struct {
	Entry
	shape, need int32
}

func order(a, b job) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Number, b.Number)) }

// naive is the queue as one sorted slice.
type naive []job

func (n naive) ofShape(shape int32) naive {
	var out naive
	for _, j := range n {
		if j.shape == shape {
			out = append(out, j)
		}
	}
	return out
}

func TestQueueAgainstSortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		single := rapid.IntRange(0, 4).Draw(t, "single") == 4
		q := NewQueue(single)
		var want naive
		need := map[int32]int32{}
		number := uint64(0)
		keys := rapid.SampledFrom([]int64{0, 2, 1000}).Draw(t, "keys") // FIFO, ties, mostly distinct
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "op") {
			case 0, 1:
				for range rapid.IntRange(1, 60).Draw(t, "burst") {
					j := job{shape: rapid.Int32Range(0, 9).Draw(t, "shape")}
					if len(want.ofShape(j.shape)) == 0 { // the slot may hold another shape now
						need[j.shape] = rapid.Int32Range(0, 12).Draw(t, "need")
					}
					j.need = need[j.shape]
					j.Entry = Entry{Key: rapid.Int64Range(-keys, keys).Draw(t, "key"), Number: number, Job: int32(number),
						Est: state.Time(rapid.Int64Range(1, 40).Draw(t, "est"))}
					number++
					q.Insert(j.Entry, j.shape, j.need)
					at, _ := slices.BinarySearchFunc(want, j, order)
					want = slices.Insert(want, at, j)
				}
			case 2:
				for range rapid.IntRange(1, 60).Draw(t, "burst") {
					if len(want) == 0 {
						break
					}
					i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
					if !q.Remove(want[i].Key, want[i].Number, want[i].shape) {
						t.Fatalf("%+v is not there", want[i])
					}
					want = slices.Delete(want, i, i+1)
				}
			case 3:
				if q.Remove(rapid.Int64Range(-keys-1, keys+1).Draw(t, "key"), number+1, rapid.Int32Range(0, 12).Draw(t, "shape")) {
					t.Fatal("removed a job that is not there")
				}
			case 4:
				k := rapid.IntRange(0, len(want)+2).Draw(t, "first")
				got := q.Ordered(nil, k)
				if len(got) != min(k, len(want)) {
					t.Fatalf("the first %d of %d are %d", k, len(want), len(got))
				}
				for i := range got {
					if got[i] != want[i].Entry {
						t.Fatalf("ordered %d: %+v, want %+v", i, got[i], want[i])
					}
				}
			}
			compare(t, q, want, single)
		}
		c := q.Clone()
		for _, j := range want {
			q.Remove(j.Key, j.Number, j.shape)
		}
		compare(t, q, nil, single)
		compare(t, c, want, single)
	})
}

func compare(t *rapid.T, q *Queue, want naive, single bool) {
	t.Helper()
	if q.Len() != len(want) {
		t.Fatalf("length %d, want %d", q.Len(), len(want))
	}
	if head := q.Head(); (head == nil) != (len(want) == 0) || head != nil && *head != want[0].Entry {
		t.Fatalf("head %+v of %v", head, want)
	}
	if single {
		return
	}
	last := int32(-1)
	total := 0
	for _, lane := range q.Lanes() {
		if q.LaneNeed(lane) < last {
			t.Fatal("lanes are not in order of GPUs asked")
		}
		last = q.LaneNeed(lane)
		of := want.ofShape(q.LaneShape(lane))
		total += len(of)
		if int(q.LaneLen(lane)) != len(of) {
			t.Fatalf("lane of shape %d has %d, want %d", q.LaneShape(lane), q.LaneLen(lane), len(of))
		}
		if len(of) == 0 {
			continue
		}
		if q.LaneNeed(lane) != of[0].need || *q.First(lane) != of[0].Entry {
			t.Fatalf("lane of shape %d: need %d, first %+v, want %+v", q.LaneShape(lane), q.LaneNeed(lane), q.First(lane), of[0])
		}
		lowest := of[0].Est
		for _, j := range of {
			lowest = min(lowest, j.Est)
		}
		if q.LaneMin(lane) > lowest {
			t.Fatalf("lane minimum %d is over %d", q.LaneMin(lane), lowest)
		}
		limit := state.Time(rapid.Int64Range(0, 41).Draw(t, "limit"))
		var first *Entry
		for i := range of {
			if of[i].Est <= limit {
				first = &of[i].Entry
				break
			}
		}
		if got := q.FirstWithin(lane, limit); (got == nil) != (first == nil) || got != nil && *got != *first {
			t.Fatalf("first within %d: %+v, want %+v", limit, got, first)
		}
	}
	if total != len(want) {
		t.Fatalf("lanes hold %d of %d jobs", total, len(want))
	}
}

func BenchmarkInsertRemove(b *testing.B) {
	for _, lanes := range []int32{1, 32, 2048} {
		b.Run(map[int32]string{1: "1-lane", 32: "32-lanes", 2048: "2048-lanes"}[lanes], func(b *testing.B) {
			q := NewQueue(false)
			n := uint64(0)
			for ; n < 8192; n++ {
				q.Insert(Entry{Number: n, Est: state.Time(n%97 + 1)}, int32(n)%lanes, int32(n)%lanes)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				h := q.Head()
				q.Remove(h.Key, h.Number, int32(h.Number)%lanes)
				q.Insert(Entry{Number: n, Est: state.Time(n%97 + 1)}, int32(n)%lanes, int32(n)%lanes)
				n++
			}
		})
	}
}
