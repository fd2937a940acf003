package simtest

import "github.com/orrery-sim/orrery/sim/state"

// Recorder keeps every event and the parts that they tell of. A clone goes on from a copy of what it has.
type Recorder struct {
	Events []state.Event
	Parts  []state.Part
}

// Kinds is every kind.
func (r *Recorder) Kinds() state.KindSet { return state.AllKinds }

// Observe copies the batch; its events tell of parts of r.Parts from then on, node by node.
func (r *Recorder) Observe(b *state.Batch) {
	for _, ev := range b.Events {
		switch ev.Kind {
		case state.EvStart, state.EvEnd, state.EvEvict:
			if ev.B > 0 {
				first := len(r.Parts)
				for p := range b.EachPartOf(&ev) {
					r.Parts = append(r.Parts, p)
				}
				ev.Node, ev.B = int32(first), int32(len(r.Parts)-first)
			}
		}
		r.Events = append(r.Events, ev)
	}
}

// PartsOf are the parts that a start took, or an end or an eviction gave back.
func (r *Recorder) PartsOf(ev *state.Event) []state.Part { return r.Parts[ev.Node : ev.Node+ev.B] }

// CloneListener returns an independent copy.
func (r *Recorder) CloneListener() state.Listener {
	return &Recorder{Events: append([]state.Event(nil), r.Events...), Parts: append([]state.Part(nil), r.Parts...)}
}

// Waited sums what each cause got by job number.
func Waited(events []state.Event) map[uint64][state.NumCauses]int64 {
	w := make(map[uint64][state.NumCauses]int64)
	for i := range events {
		if ev := &events[i]; ev.Kind == state.EvWaited {
			c := w[ev.Number]
			c[ev.Cause] += ev.X
			w[ev.Number] = c
		}
	}
	return w
}

// WithoutSlots are the events with what depends on slot numbers left out: slots, generations and shapes. Two runs whose
// buffers were flushed at different instants agree in everything else.
func WithoutSlots(events []state.Event) []state.Event {
	out := make([]state.Event, 0, len(events))
	for _, ev := range events {
		if ev.Kind == state.EvShapeTest {
			continue
		}
		if ev.Kind == state.EvArrive || ev.Kind == state.EvQueue {
			ev.B = 0
		}
		ev.Job, ev.Gen = 0, 0
		out = append(out, ev)
	}
	return out
}
