package wasm

import (
	"encoding/binary"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// event is an event as a guest sees it: its record, eight bytes at a time. What is written in one piece can be read in one piece
// at once; a copy of small fields in larger pieces would wait until they are in the cache.
type event [sched1.EventBytes / 8]uint64

// bare is an event of a kind that says no more.
func bare(kind uint16, at state.Time) (e event) {
	e.set(uint64(kind), sched1.None, 0, 0, at, 0)
	return e
}

// set writes an event; kind has the flags 16 bits up. What c and x are see the kind.
func (e *event) set(kind uint64, a, b, c uint32, at state.Time, x uint64) {
	e[0], e[1], e[2], e[3] = kind|uint64(a)<<32, uint64(b)|uint64(c)<<32, uint64(at), x
}

// more appends an event, to be set.
func more(list []event) ([]event, *event) {
	if n := len(list); n < cap(list) {
		return list[:n+1], &list[:n+1][n]
	}
	list = append(list, event{})
	return list, &list[len(list)-1]
}

// The record is as set packs it.
var _ = [1]struct{}{}[sched1.EventKind|sched1.EventFlags^2|sched1.EventA^4|sched1.EventB^8|sched1.EventC^12|sched1.EventTNS^16|sched1.EventX^24]

func put32(b []byte, at, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }

func put64(b []byte, at uint32, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }

// writeEvents writes events as records, for which there must be room.
func writeEvents(to []byte, events []event) {
	for i := range events {
		ev := &events[i]
		b := to[i*sched1.EventBytes : (i+1)*sched1.EventBytes : (i+1)*sched1.EventBytes]
		binary.LittleEndian.PutUint64(b, ev[0])
		binary.LittleEndian.PutUint64(b[8:], ev[1])
		binary.LittleEndian.PutUint64(b[16:], ev[2])
		binary.LittleEndian.PutUint64(b[24:], ev[3])
	}
}

// told are the kinds of events that guests are told of.
var told = state.Kinds(state.EvQueue, state.EvStart, state.EvEnd, state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags, state.EvPriority,
	state.EvTimer, state.EvRefuse)

// partitionOf is the partition that an event in told is about.
func partitionOf(v *state.View, ev *state.Event) int32 {
	switch ev.Kind {
	case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
		return int32(v.Capacity.Nodes().Partition[ev.Node])
	case state.EvTimer:
		return ev.A
	case state.EvRefuse:
		return ev.B
	}
	return v.Jobs.Row[ev.Job].Partition
}

// translate writes an engine's event of a kind in told as a guest sees it, and returns the kind.
func translate(v *state.View, ev *state.Event, to *event) uint64 {
	var kind, flags, x uint64
	a, c := uint32(ev.Job), uint32(ev.A)
	if ev.Flags&state.FlagOwn != 0 {
		flags = sched1.EvfOwn << 16
	}
	switch ev.Kind {
	case state.EvQueue:
		kind, x = sched1.EvArrive, uint64(v.Jobs.Row[ev.Job].Estimate)
		if ev.Cause != 0 {
			kind = sched1.EvPreempted
		}
	case state.EvStart:
		kind, x = sched1.EvStarted, uint64(v.Jobs.Row[ev.Job].ExpEnd)
	case state.EvEnd:
		kind, x = sched1.EvFinish, uint64(ev.Outcome)
		if ev.B == 0 {
			kind = sched1.EvCancelled
		}
	case state.EvNodeUp:
		kind, a, c = sched1.EvNodeUp, uint32(ev.Node), v.Capacity.Nodes().GPUsTotal[ev.Node]
	case state.EvNodeDown:
		kind, a, c = sched1.EvNodeDown, uint32(ev.Node), v.Capacity.Nodes().GPUsTotal[ev.Node]
	case state.EvNodeFlags:
		kind, a, c = sched1.EvNode, uint32(ev.Node), v.Capacity.Nodes().GPUsTotal[ev.Node]
	case state.EvPriority:
		kind, c, x = sched1.EvChanged, 0, uint64(int64(ev.A))
	case state.EvTimer:
		kind, a, c = sched1.EvTimer, sched1.None, 0
	case state.EvRefuse:
		kind, c, x = sched1.EvRefused, decisionKind(state.DecisionKind(ev.A)), uint64(ev.Cause)|ev.Z<<32
	}
	to.set(kind|flags, a, ev.Gen, c, ev.Time, x)
	return kind
}

// decisionKind is the guest's name for one of the engine's decisions.
func decisionKind(k state.DecisionKind) uint32 {
	switch k {
	case state.DecideStart:
		return sched1.DoStart
	case state.DecidePreempt:
		return sched1.DoPreempt
	case state.DecideReject:
		return sched1.DoReject
	case state.DecideTimer:
		return sched1.DoTimer
	}
	return 0
}
