package wasm

import (
	"encoding/binary"
	"slices"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// event is an event as a guest sees it.
type event struct {
	kind, flags uint16
	a, b, c     uint32
	at          state.Time
	x           uint64
}

func put32(b []byte, at, v uint32) { binary.LittleEndian.PutUint32(b[at:], v) }

func put64(b []byte, at uint32, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }

func appendEvent(to []byte, ev event) []byte {
	at := len(to)
	to = slices.Grow(to, sched1.EventBytes)[:at+sched1.EventBytes]
	b := to[at:]
	binary.LittleEndian.PutUint16(b[sched1.EventKind:], ev.kind)
	binary.LittleEndian.PutUint16(b[sched1.EventFlags:], ev.flags)
	put32(b, sched1.EventA, ev.a)
	put32(b, sched1.EventB, ev.b)
	put32(b, sched1.EventC, ev.c)
	put64(b, sched1.EventTNS, uint64(ev.at))
	put64(b, sched1.EventX, ev.x)
	return to
}

// translate is an engine's event as a guest sees it, and the partition that it is about; most are not for guests.
func translate(v *state.View, ev *state.Event) (out event, partition int32, ok bool) {
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
	default:
		return out, 0, false
	}
	return out, partition, true
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
