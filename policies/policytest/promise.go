package policytest

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Promise is what a policy's rule says of free GPUs while jobs wait. It is asked at the end of every instant.
type Promise uint8

// The promises.
const (
	// Busy: while a job waits in a partition, some job runs there.
	Busy Promise = 1 << iota
	// Greedy: no job waits that asks for at most the free GPUs of its partition. Only for worlds in which every job takes
	// any GPUs.
	Greedy
)

// keeper listens whether promises are kept. It knows worlds whose nodes all stay up.
type keeper struct {
	promises Promise
	now      state.Time
	free     []int64          // by partition
	running  []int            // by partition
	waiting  map[uint64]int64 // GPUs by job number
	where    map[uint64]int32 // partition by job number
	runs     map[uint64]int64 // GPUs by job number
	err      error
}

func newKeeper(p Promise, nodes []cluster.NodeSpec) *keeper {
	k := &keeper{promises: p, waiting: map[uint64]int64{}, where: map[uint64]int32{}, runs: map[uint64]int64{}}
	for _, n := range nodes {
		k.grow(int32(n.Partition))
		k.free[n.Partition] += int64(n.GPUs)
	}
	return k
}

func (k *keeper) grow(partition int32) {
	for int32(len(k.free)) <= partition {
		k.free = append(k.free, 0)
		k.running = append(k.running, 0)
	}
}

func (k *keeper) Kinds() state.KindSet {
	return state.Kinds(state.EvQueue, state.EvStart, state.EvEnd, state.EvEvict, state.EvStop)
}

func (k *keeper) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		stop := ev.Kind == state.EvEnd && ev.Outcome == state.Unfinished || ev.Kind == state.EvStop
		if ev.Time > k.now || stop {
			k.ask()
			k.now = ev.Time
		}
		if stop {
			k.promises = 0 // no instant closes any more
			return
		}
		n, gpus := ev.Number, int64(ev.A)
		switch ev.Kind {
		case state.EvQueue:
			k.waiting[n], k.where[n] = gpus, b.Jobs.Row[ev.Job].Partition
			k.grow(k.where[n])
		case state.EvStart:
			delete(k.waiting, n)
			k.runs[n] = gpus
			k.free[k.where[n]] -= gpus
			k.running[k.where[n]]++
		case state.EvEnd, state.EvEvict:
			delete(k.waiting, n)
			if held, ok := k.runs[n]; ok {
				delete(k.runs, n)
				k.free[k.where[n]] += held
				k.running[k.where[n]]--
			}
		}
	}
}

// ask holds the promises to the end of an instant.
func (k *keeper) ask() {
	for n, gpus := range k.waiting {
		p := k.where[n]
		switch {
		case k.err != nil:
		case k.promises&Busy != 0 && k.running[p] == 0:
			k.err = fmt.Errorf("at %d ns job %d waits in partition %d where nothing runs", k.now, n, p)
		case k.promises&Greedy != 0 && gpus <= k.free[p]:
			k.err = fmt.Errorf("at %d ns job %d waits for %d GPUs while %d are free in partition %d", k.now, n, gpus, k.free[p], p)
		}
	}
}

var _ state.Listener = (*keeper)(nil)
