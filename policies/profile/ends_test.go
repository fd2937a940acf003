package profile

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// naive is the profile as one sorted slice; equal ends keep the order of insertion.
type naive []end

func (n *naive) insert(e end) {
	i := len(*n)
	for i > 0 && (*n)[i-1].at > e.at {
		i--
	}
	*n = slices.Insert(*n, i, e)
}

func (n naive) shadow(free, need int32) (state.Time, int32) {
	for i := range n {
		free += n[i].gpus
		if free >= need {
			for i++; i < len(n) && n[i].at == n[i-1].at; i++ {
				free += n[i].gpus
			}
			return n[i-1].at, free
		}
	}
	return state.Never, free
}

func TestEndsAgainstSortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Ends
		var want naive
		job := int32(0)
		spread := rapid.SampledFrom([]int64{1, 5, 1000}).Draw(t, "spread") // few or many equal ends
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 4).Draw(t, "op"); {
			case op <= 1: // in bursts, so that chunks fill and split
				for range rapid.IntRange(1, 40).Draw(t, "burst") {
					e := end{state.Time(rapid.Int64Range(0, spread).Draw(t, "at")), rapid.Int32Range(0, 9).Draw(t, "gpus"), job}
					job++
					p.Insert(e.at, e.gpus, e.job)
					want.insert(e)
				}
			case op == 2:
				for range rapid.IntRange(1, 40).Draw(t, "burst") {
					if len(want) == 0 {
						break
					}
					i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
					if !p.Remove(want[i].at, want[i].job) {
						t.Fatalf("job %d ending at %d is not there", want[i].job, want[i].at)
					}
					want = slices.Delete(want, i, i+1)
				}
			case op == 3:
				at := state.Time(rapid.Int64Range(-1, spread+1).Draw(t, "at"))
				if p.Remove(at, job+7) {
					t.Fatal("removed a job that is not there")
				}
			case op == 4:
				free, need := rapid.Int32Range(0, 20).Draw(t, "free"), rapid.Int32Range(0, 500).Draw(t, "need")
				at, then := p.Shadow(free, need)
				if wantAt, wantThen := want.shadow(free, need); at != wantAt || then != wantThen {
					t.Fatalf("shadow(%d, %d) = %d, %d, want %d, %d", free, need, at, then, wantAt, wantThen)
				}
			}
			compare(t, &p, want)
		}
		c := p.Clone()
		for i := range want {
			p.Remove(want[i].at, want[i].job)
		}
		compare(t, &p, nil)
		compare(t, &c, want)
	})
}

func compare(t *rapid.T, p *Ends, want naive) {
	t.Helper()
	var got naive
	p.Each(func(at state.Time, gpus, job int32) bool {
		got = append(got, end{at, gpus, job})
		return true
	})
	if p.Len() != len(want) || !slices.Equal(got, want) {
		t.Fatalf("%d ends %v, want %v", p.Len(), got, want)
	}
	if len(want) > 0 {
		if at, job := p.First(); at != want[0].at || job != want[0].job {
			t.Fatalf("first is job %d at %d, want %+v", job, at, want[0])
		}
	}
	for _, id := range p.order {
		if p.chunks[id].n == 0 {
			t.Fatal("an empty chunk")
		}
	}
}

func TestOverdue(t *testing.T) {
	for _, tc := range []struct{ start, estimate, now, want state.Time }{
		{0, 10, 5, 10}, {0, 10, 10, 20}, {0, 10, 19, 20}, {0, 10, 20, 40}, {100, 10, 139, 140}, {100, 10, 140, 180},
		{0, 1, 1<<40 - 1, 1 << 40}, {0, 1, 1 << 40, 1 << 41}, {-50, 10, 0, 30}, {0, state.Never, 5, state.Never},
		{0, state.Never / 2, state.Never / 2, state.Never - 1}, {5, state.Never/2 + 1, state.Never - 1, state.Never},
	} {
		if got := Overdue(tc.start, tc.estimate, tc.now); got != tc.want {
			t.Errorf("start %d, estimate %d, now %d: %d, want %d", tc.start, tc.estimate, tc.now, got, tc.want)
		}
	}
}

func BenchmarkInsertShadowRemove(b *testing.B) {
	var p Ends
	x := uint64(1)
	at := make([]state.Time, 2048)
	for i := range at {
		x = x*6364136223846793005 + 1442695040888963407
		at[i] = state.Time(x >> 40)
		p.Insert(at[i], 1, int32(i))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		k := i & 2047
		p.Remove(at[k], int32(k))
		x = x*6364136223846793005 + 1442695040888963407
		at[k] = state.Time(x >> 40)
		p.Insert(at[k], 1, int32(k))
		p.Shadow(0, 1024)
	}
}
