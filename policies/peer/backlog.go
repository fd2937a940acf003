package peer

import (
	"slices"

	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/state"
)

// standing says where a job is in a backlog.
type standing uint8

const (
	absent standing = iota
	arrived
	queued
	aside
)

// backlog is who waits in one partition: arrivals that no pass has seen, the queue in the peer's order, and jobs that the
// peer's placement could not even put on empty nodes. Those block nobody until nodes are added.
type backlog struct {
	fresh []waiting.Entry
	queue *waiting.Queue
	apart []waiting.Entry
	nodes int // nodes of the cluster when apart was last looked at

	at    []standing // by job slot
	entry []waiting.Entry
}

func newBacklog(single bool) *backlog { return &backlog{queue: waiting.NewQueue(single)} }

// arrive notes a job that may be started from now on.
func (b *backlog) arrive(e waiting.Entry) {
	for int(e.Job) >= len(b.at) {
		b.at = append(b.at, absent)
		b.entry = append(b.entry, waiting.Entry{})
	}
	b.fresh = append(b.fresh, e)
	b.put(e, arrived)
}

func (b *backlog) put(e waiting.Entry, s standing) {
	b.at[e.Job], b.entry[e.Job] = s, e
}

// admit moves every arrival into the queue.
func (b *backlog) admit(j *state.Jobs) {
	for i := range b.fresh {
		b.enqueue(j, b.fresh[i])
	}
	b.fresh = b.fresh[:0]
}

func (b *backlog) enqueue(j *state.Jobs, e waiting.Entry) {
	b.queue.Insert(e, j.Row[e.Job].Shape, j.Row[e.Job].GPUs)
	b.put(e, queued)
}

// leave takes a job out, wherever it stands: it was cancelled.
func (b *backlog) leave(j *state.Jobs, job int32) {
	if int(job) >= len(b.at) || b.at[job] == absent {
		return
	}
	same := func(e waiting.Entry) bool { return e.Job == job }
	switch b.at[job] {
	case arrived:
		b.fresh = slices.DeleteFunc(b.fresh, same)
	case aside:
		b.apart = slices.DeleteFunc(b.apart, same)
	}
	b.take(j, job)
}

// take takes a job out of the queue. Whoever takes an arrival shortens fresh himself.
func (b *backlog) take(j *state.Jobs, job int32) {
	if b.at[job] == queued {
		b.queue.Remove(b.entry[job].Key, b.entry[job].Number, j.Row[job].Shape)
	}
	b.at[job] = absent
}

// setAside takes a job out of the queue until nodes are added.
func (b *backlog) setAside(j *state.Jobs, e waiting.Entry) {
	b.take(j, e.Job)
	b.apart = append(b.apart, e)
	b.put(e, aside)
}

// recall lets jobs that were set aside queue again once the cluster has more nodes.
func (b *backlog) recall(j *state.Jobs, nodes int) {
	if nodes == b.nodes {
		return
	}
	b.nodes = nodes
	for _, e := range b.apart {
		b.enqueue(j, e)
	}
	b.apart = b.apart[:0]
}

// start asks for the start of a waiting job whose parts stand in d.Parts from mark on, and takes it out.
func (b *backlog) start(j *state.Jobs, job int32, mark int, d *state.Decisions) {
	d.Start(job, j.Row[job].Gen, mark)
	b.take(j, job)
}

// reject drops a waiting job.
func (b *backlog) reject(j *state.Jobs, job int32, d *state.Decisions) {
	d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: job, Gen: j.Row[job].Gen})
	b.take(j, job)
}

func (b *backlog) clone() *backlog {
	return &backlog{fresh: slices.Clone(b.fresh), queue: b.queue.Clone(), apart: slices.Clone(b.apart), nodes: b.nodes,
		at: slices.Clone(b.at), entry: slices.Clone(b.entry)}
}

// follow applies an event about a job of this partition; key is the job's key in the queue and number its place among
// equals. A job that was evicted arrives again.
func (b *backlog) follow(j *state.Jobs, ev *state.Event, key int64, number uint64) {
	switch ev.Kind {
	case state.EvQueue:
		b.arrive(waiting.Entry{Key: key, Number: number, Est: j.Row[ev.Job].Estimate, Job: ev.Job})
	case state.EvEnd, state.EvStart: // a start of its own has taken the job out already; a job may run since before instant 0
		b.leave(j, ev.Job)
	}
}

// turn is the place of a job that queues among equals.
func turn(j *state.Jobs, ev *state.Event) uint64 {
	if ev.Kind == state.EvQueue && ev.Z != 0 {
		return ev.Z
	}
	return state.Turn(j.Row[ev.Job].Number)
}

// drops reports whether a job that does not fit is to be dropped: one that was evicted has fitted before and waits.
func drops(v *state.View, job int32) bool {
	return v.DropUnfit && v.Jobs.Row[job].FirstStart == state.Unset
}
