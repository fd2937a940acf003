//go:build wasip1

// First come, first served: a whole scheduler that keeps its own queue from the events that it is told. The first job of the queue
// starts as soon as enough GPUs are free, and blocks all others until then. Each partition has a queue.
//
// It decides by the number of free GPUs alone, so it is for jobs that may take any, and says so (ANY_GPUS): the host refuses other work.
// A job that the host cannot place all the same comes back as refused and is tried again. What an event costs does not grow with the
// queue.
package main

import "container/heap"

func init() { policy("fcfs", DescAnyGPUs, JobsState, JobsNumber, JobsGen, JobsPartition, JobsGPUs) }

func main() {}

// job is what is known of the job in a slot.
type job struct {
	number     uint64 // order of arrival
	refusedAt  int64
	gen, gpus  uint32
	partition  uint32
	met, waits bool
	refused    bool
}

// entry is one of a queue. It is void once its job waits no longer: nobody searches a queue for a job that left.
type entry struct {
	number    uint64
	slot, gen uint32
}

// queue is the jobs of one partition. They come in order of number; one that comes back, or that waited for another before it
// might start, has a smaller number than the last: such jobs are in late. The first of all is the first of one of the two.
type queue struct {
	list  []entry // from first on
	first int
	late  byNumber
}

type byNumber []entry

func (b byNumber) Len() int           { return len(b) }
func (b byNumber) Less(i, k int) bool { return b[i].number < b[k].number }
func (b byNumber) Swap(i, k int)      { b[i], b[k] = b[k], b[i] }
func (b *byNumber) Push(x any)        { *b = append(*b, x.(entry)) }
func (b *byNumber) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

var (
	known  []job // by slot
	queues []queue
)

func (e *entry) stands() bool {
	j := &known[e.slot]
	return j.waits && j.gen == e.gen && j.number == e.number
}

func (q *queue) put(e entry) {
	if n := len(q.list); n > q.first && q.list[n-1].number > e.number {
		heap.Push(&q.late, e)
		return
	}
	if q.first > 1024 && 2*q.first > len(q.list) {
		q.list = q.list[:copy(q.list, q.list[q.first:])]
		q.first = 0
	}
	q.list = append(q.list, e)
}

// head is the first job, or nil.
func (q *queue) head() *entry {
	for q.first < len(q.list) && !q.list[q.first].stands() {
		q.first++
	}
	for len(q.late) > 0 && !q.late[0].stands() {
		heap.Pop(&q.late)
	}
	var e *entry
	if q.first < len(q.list) {
		e = &q.list[q.first]
	}
	if len(q.late) > 0 && (e == nil || q.late[0].number < e.number) {
		e = &q.late[0]
	}
	return e
}

func enqueue(slot uint32) {
	j := &known[slot]
	if j.waits {
		return
	}
	j.waits = true
	for uint32(len(queues)) <= j.partition {
		queues = append(queues, queue{})
	}
	queues[j.partition].put(entry{j.number, slot, j.gen})
}

// meet takes up the job that a slot holds now.
func meet(slot uint32) {
	if slot >= uint32(len(known)) {
		known = append(known, make([]job, ctx.NJobs-uint32(len(known)))...)
	}
	known[slot] = job{met: true, number: jobs.Number[slot], gen: jobs.Gen[slot], gpus: jobs.GPUs[slot], partition: jobs.Partition[slot]}
}

// resync begins anew: all that was remembered is void, and the table is the truth.
func resync() {
	queues, known = nil, nil
	for slot := range ctx.NJobs {
		meet(slot)
		if jobs.State[slot] == JobQueued {
			enqueue(slot)
		}
	}
}

func observe(e *Event) {
	if e.Kind == EvResync {
		resync()
	}
	same := e.A < uint32(len(known)) && known[e.A].met && known[e.A].gen == e.B // the slot may have held another job
	switch e.Kind {
	case EvArrive:
		if !same {
			meet(e.A)
		}
		enqueue(e.A)
	case EvPreempted:
		if same {
			enqueue(e.A)
		}
	case EvRefused:
		if same && e.C == DoStart && jobs.State[e.A] == JobQueued {
			known[e.A].refused, known[e.A].refusedAt = true, e.TNS
			enqueue(e.A)
		}
	case EvStarted, EvFinish, EvCancelled: // started by somebody else: it waits no longer
		if same {
			known[e.A].waits = false
		}
	}
}

//go:wasmexport sched1_decide
func decide(n uint32) int32 {
	for i := range events[:n] {
		observe(&events[i])
	}
	if ctx.Partition >= uint32(len(queues)) {
		return 0
	}
	q, free, a := &queues[ctx.Partition], ctx.GPUsFree, answer{}
	for e := q.head(); e != nil; e = q.head() {
		j := &known[e.slot]
		if j.gpus > free || j.refused && j.refusedAt == ctx.NowNS {
			a.add(Decision{Kind: DoBlocked, Job: e.slot, Arg: CauseOrder}) // for reports
			if j.gpus > free && a.n < len(decisions) {                     // nobody starts before this job can, but one that is before it
				a.add(Decision{Kind: DoAwait, GPUs: j.gpus, Arg: int64(e.number)})
			}
			break
		}
		if !a.add(Decision{Kind: DoStart, Job: e.slot, JobGen: e.gen, Node: None}) {
			break
		}
		j.waits = false
		free -= j.gpus
		if j.refused { // it may be refused again, and then blocks: wait for the answer
			decisions[a.n-1].Flags |= DofMore
			break
		}
	}
	return int32(a.n)
}

// answer counts the decisions of a call.
type answer struct{ n int }

// add appends a decision; false = the buffer is full, and the host calls again.
func (a *answer) add(d Decision) bool {
	if a.n == len(decisions) {
		decisions[a.n-1].Flags |= DofMore
		return false
	}
	decisions[a.n] = d
	a.n++
	return true
}
