package simtest

import "github.com/orrery-sim/orrery/sim/state"

// Recorder keeps every event. A clone goes on from a copy of what it has.
type Recorder struct {
	Events []state.Event
}

// Kinds is every kind.
func (r *Recorder) Kinds() state.KindSet { return state.AllKinds }

// Observe copies the batch.
func (r *Recorder) Observe(b *state.Batch) { r.Events = append(r.Events, b.Events...) }

// CloneListener returns an independent copy.
func (r *Recorder) CloneListener() state.Listener {
	return &Recorder{Events: append([]state.Event(nil), r.Events...)}
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
// buffers were flushed at different instants agree on nothing else less.
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
