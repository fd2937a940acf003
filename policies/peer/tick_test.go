package peer_test

import (
	"fmt"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// tickJob is a job of the literal tick-by-tick program below.
type tickJob struct {
	job
	index, start int64
	priority     int64
	assigned     bool
	held         map[int]int32 // GPUs by node
}

// ticks is the Helios simulator second by second, as the published program goes about it: sort the whole queue with
// stable sorts in every tick, then place from its head. It returns each job's start.
func ticks(order peer.HeliosOrder, nodes []uint32, list []job) []int64 {
	free := make([]int32, len(nodes))
	size := int32(0)
	for i, g := range nodes {
		free[i] = int32(g)
		size = max(size, int32(g))
	}
	starts := make([]int64, len(list))
	var queue, running []*tickJob
	next, ended := 0, 0
	for now := int64(0); ended < len(list); now++ {
		running = slices.DeleteFunc(running, func(j *tickJob) bool {
			if j.start+j.length > now {
				return false
			}
			for n, g := range j.held {
				free[n] += g
			}
			ended++
			return true
		})
		arrivals := 0
		for ; next < len(list) && list[next].submit == now; next++ {
			queue = append(queue, &tickJob{job: list[next], index: int64(next)})
			arrivals++
		}
		switch order {
		case peer.HeliosSJF:
			sort.SliceStable(queue, func(a, b int) bool { return queue[a].length < queue[b].length })
		case peer.HeliosQSSF:
			sort.SliceStable(queue, func(a, b int) bool { return queue[a].gpus < queue[b].gpus })
			if len(queue) > arrivals {
				for _, j := range queue {
					j.priority = j.pred * int64(j.gpus)
				}
				sort.SliceStable(queue, func(a, b int) bool { return queue[a].priority < queue[b].priority })
			}
		}
		for len(queue) > 0 {
			j := queue[0]
			if j.held = literalConsolidate(free, size, j.gpus); j.held == nil {
				break
			}
			for n, g := range j.held {
				free[n] -= g
			}
			j.start, starts[j.index] = now, now
			running = append(running, j)
			queue = queue[1:]
		}
	}
	return starts
}

func literalConsolidate(free []int32, size, g int32) map[int]int32 {
	order := make([]int, len(free))
	for i := range order {
		order[i] = i
	}
	held := map[int]int32{}
	switch {
	case g <= size:
		sort.SliceStable(order, func(a, b int) bool { return free[order[a]] < free[order[b]] })
		for _, n := range order {
			if free[n] >= g {
				held[n] = g
				return held
			}
		}
		return nil
	case g%size == 0:
		for n := range free {
			if free[n] == size && int32(len(held)) < g/size {
				held[n] = size
			}
		}
		if int32(len(held)) < g/size {
			return nil
		}
		return held
	}
	sort.SliceStable(order, func(a, b int) bool { return free[order[a]] > free[order[b]] })
	for k, n := range order {
		want := size
		if int32(k) == g/size {
			want = g % size
		}
		if free[n] < want {
			return nil
		}
		if held[n] = want; int32(k) == g/size {
			return held
		}
	}
	return nil
}

// Lengths of zero are among the draws: such a job gives its GPUs back for the next tick.
func TestHeliosGoesLikeTheTicks(t *testing.T) {
	for _, order := range []peer.HeliosOrder{peer.HeliosFIFO, peer.HeliosSJF, peer.HeliosQSSF} {
		t.Run(peer.NewHelios(order).Info().Name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				size := rapid.SampledFrom([]uint32{4, 8}).Draw(rt, "size")
				nodes := make([]uint32, rapid.IntRange(1, 4).Draw(rt, "nodes"))
				for i := range nodes {
					nodes[i] = size
				}
				var list []job
				now := int64(0)
				for i := range rapid.IntRange(1, 25).Draw(rt, "jobs") {
					now += int64(rapid.SampledFrom([]int{0, 0, 1, 2, 7}).Draw(rt, fmt.Sprint("gap", i)))
					list = append(list, job{submit: now, length: int64(rapid.IntRange(0, 12).Draw(rt, "length")),
						pred: int64(rapid.IntRange(-3, 12).Draw(rt, "pred")), gpus: int32(rapid.IntRange(1, int(size)*len(nodes)).Draw(rt, "gpus"))})
				}
				want := ticks(order, nodes, list)
				got := small(t, peer.NewHelios(order), plain(nodes...), list...)
				if !slices.Equal(got, want) {
					rt.Fatalf("nodes %v, jobs %+v\n got %v\nwant %v", nodes, list, got, want)
				}
			})
		})
	}
}

func TestHeliosFork(t *testing.T) {
	for _, order := range []peer.HeliosOrder{peer.HeliosFIFO, peer.HeliosSJF, peer.HeliosQSSF} {
		var list []job
		for i := range int64(40) {
			list = append(list, job{submit: i / 3, length: i * 7 % 11, pred: i * 5 % 13, gpus: int32(1 + i*3%9)})
		}
		names := &state.Names{}
		names.X.Intern([]byte(peer.Prediction))
		e, err := sim.New(sim.Config{Names: names, Nodes: plain(8, 8), Source: &jobs{list: list}, Policy: peer.NewHelios(order), GrantTruth: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(9 * state.Second); err != nil {
			t.Fatal(err)
		}
		f, err := e.Fork()
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*sim.Engine{f, e} {
			if _, err := x.Run(state.Never); err != nil {
				t.Fatal(err)
			}
			x.Finish(0)
		}
		if e.Digest() != f.Digest() {
			t.Errorf("order %d: the fork's digest differs", order)
		}
	}
}
