package wasm

import (
	"encoding/binary"
	"unsafe"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// event is an event as a guest sees it, laid out as the record is.
type event struct {
	kind, flags uint16
	a, b, c     uint32
	at          state.Time
	x           uint64
}

var (
	_ [sched1.EventBytes]struct{} = [unsafe.Sizeof(event{})]struct{}{}
	_ [sched1.EventC]struct{}     = [unsafe.Offsetof(event{}.c)]struct{}{}
	_ [sched1.EventTNS]struct{}   = [unsafe.Offsetof(event{}.at)]struct{}{}
	_ [sched1.EventX]struct{}     = [unsafe.Offsetof(event{}.x)]struct{}{}
)

func put32(b []byte, at, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }

func put64(b []byte, at uint32, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }

// writeEvents writes events as records, for which there must be room.
func writeEvents(to []byte, events []event) {
	if len(events) == 0 {
		return
	}
	if littleEndian {
		copy(to, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(events))), len(events)*sched1.EventBytes))
		return
	}
	for i := range events {
		b, ev := to[i*sched1.EventBytes:], &events[i]
		binary.LittleEndian.PutUint16(b[sched1.EventKind:], ev.kind)
		binary.LittleEndian.PutUint16(b[sched1.EventFlags:], ev.flags)
		put32(b, sched1.EventA, ev.a)
		put32(b, sched1.EventB, ev.b)
		put32(b, sched1.EventC, ev.c)
		put64(b, sched1.EventTNS, uint64(ev.at))
		put64(b, sched1.EventX, ev.x)
	}
}

// told are the kinds of events that guests are told of.
var told = state.Kinds(state.EvQueue, state.EvStart, state.EvEnd, state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags, state.EvPriority,
	state.EvTimer, state.EvRefuse)

// translate is an engine's event of a kind in told as a guest sees it, and the partition that it is about.
func translate(v *state.View, ev *state.Event) (out event, partition int32) {
	out = event{a: uint32(ev.Job), b: ev.Gen, c: uint32(ev.A), at: ev.Time}
	if ev.Job >= 0 && ev.Kind != state.EvRefuse {
		partition = v.Jobs.Row[ev.Job].Partition
	}
	if ev.Flags&state.FlagOwn != 0 {
		out.flags = sched1.EvfOwn
	}
	switch ev.Kind {
	case state.EvQueue:
		out.kind, out.x = sched1.EvArrive, uint64(v.Jobs.Row[ev.Job].Estimate)
		if ev.Cause != 0 {
			out.kind = sched1.EvPreempted
		}
	case state.EvStart:
		out.kind, out.x = sched1.EvStarted, uint64(v.Jobs.Row[ev.Job].ExpEnd)
	case state.EvEnd:
		out.kind, out.x = sched1.EvFinish, uint64(ev.Outcome)
		if ev.B == 0 {
			out.kind = sched1.EvCancelled
		}
	case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
		switch ev.Kind {
		case state.EvNodeUp:
			out.kind = sched1.EvNodeUp
		case state.EvNodeDown:
			out.kind = sched1.EvNodeDown
		default:
			out.kind = sched1.EvNode
		}
		n := v.Capacity.Nodes()
		out.a, out.c, partition = uint32(ev.Node), n.GPUsTotal[ev.Node], int32(n.Partition[ev.Node])
	case state.EvPriority:
		out.kind, out.c, out.x = sched1.EvChanged, 0, uint64(int64(ev.A))
	case state.EvTimer:
		out.kind, out.a, out.c, partition = sched1.EvTimer, sched1.None, 0, ev.A
	case state.EvRefuse:
		out.kind, out.c, out.x, partition = sched1.EvRefused, decisionKind(state.DecisionKind(ev.A)), uint64(ev.Cause)|ev.Z<<32, ev.B
	}
	return out, partition
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
