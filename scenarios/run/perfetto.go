package run

import (
	"bufio"
	"io"
	"math/bits"
	"strconv"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Timeline is a listener that writes the run in the trace event format that Perfetto and Chrome open
// (docs/formats/run-folder.md): a process a node, a thread a GPU, a slice a job that holds it; jobs that share a GPU are
// asynchronous slices; counters for the queue. Simulated time is the trace's time. Call Close.
type Timeline struct {
	w     *bufio.Writer
	line  []byte
	err   error
	first bool
	start []state.Time // of the attempt, by job slot
}

// queueProcess is the process of the counters; node i is process i + nodeProcess.
const (
	queueProcess = 1
	nodeProcess  = 2
)

// NewTimeline writes to w, which it does not close.
func NewTimeline(w io.Writer) *Timeline {
	t := &Timeline{w: bufio.NewWriterSize(w, 1<<16), first: true}
	t.put(`{"displayTimeUnit":"ms","traceEvents":[`)
	t.begin("M", queueProcess, 0)
	t.put(`,"name":"process_name","args":{"name":"queue"}}`)
	return t
}

// Kinds are the events that it draws.
func (t *Timeline) Kinds() state.KindSet {
	return state.Kinds(state.EvStart, state.EvEnd, state.EvEvict, state.EvNodeUp, state.EvQueueLen)
}

// Observe writes a batch.
func (t *Timeline) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvStart:
			for int(ev.Job) >= len(t.start) {
				t.start = append(t.start, 0)
			}
			t.start[ev.Job] = ev.Time
			t.parts("b", ev, b)
		case state.EvEnd, state.EvEvict:
			t.parts("e", ev, b)
		case state.EvNodeUp:
			t.begin("M", int(ev.Node)+nodeProcess, 0)
			t.put(`,"name":"process_name","args":{"name":`)
			t.line = appendJSON(t.line, []byte(b.Nodes.Name[ev.Node]))
			t.put(`}}`)
		case state.EvQueueLen:
			t.begin("C", queueProcess, ev.Time)
			t.put(`,"name":"jobs","args":{"waiting":`)
			t.line = strconv.AppendInt(t.line, int64(ev.A), 10)
			t.put(`,"held":`)
			t.line = strconv.AppendInt(t.line, int64(ev.B), 10)
			t.put(`}}`)
		}
		t.flush()
	}
}

func (t *Timeline) put(s string) { t.line = append(t.line, s...) }

func (t *Timeline) flush() {
	if t.err == nil && len(t.line) > 0 {
		_, t.err = t.w.Write(t.line)
	}
	t.line = t.line[:0]
}

// begin opens an event: its phase, process and instant, in microseconds as the format wants them.
func (t *Timeline) begin(phase string, pid int, at state.Time) {
	if !t.first {
		t.put(",")
	}
	t.first = false
	t.put("\n{\"ph\":\"")
	t.put(phase)
	t.put(`","pid":`)
	t.line = strconv.AppendInt(t.line, int64(pid), 10)
	t.put(`,"ts":`)
	t.line = units.AppendFixed(t.line, int64(at), 3)
}

// parts opens the slices of the shares that a job takes, or closes them and draws those of the whole devices that it gives
// back.
func (t *Timeline) parts(phase string, ev *state.Event, b *state.Batch) {
	for p := range b.EachPartOf(ev) {
		switch {
		case p.Milli < 1000:
			t.shared(phase, ev, &p, b)
		case phase == "e":
			t.whole(ev, &p, b)
		}
	}
}

// whole draws a slice on every device of a part that is given back.
func (t *Timeline) whole(ev *state.Event, p *state.Part, b *state.Batch) {
	start := t.start[ev.Job]
	for m := p.Mask; m != 0; m &= m - 1 {
		t.begin("X", int(p.Node)+nodeProcess, start)
		t.put(`,"dur":`)
		t.line = units.AppendFixed(t.line, int64(ev.Time-start), 3)
		t.put(`,"tid":`)
		t.line = strconv.AppendInt(t.line, int64(bits.TrailingZeros64(m)), 10)
		t.name(ev, p, b)
		t.put(`}`)
	}
}

// shared opens or closes the slices of a job that has a fraction of devices.
func (t *Timeline) shared(phase string, ev *state.Event, p *state.Part, b *state.Batch) {
	for m := p.Mask; m != 0; m &= m - 1 {
		d := bits.TrailingZeros64(m)
		t.begin(phase, int(p.Node)+nodeProcess, ev.Time)
		t.put(`,"cat":"gpu `)
		t.line = strconv.AppendInt(t.line, int64(d), 10)
		t.put(`","id":"`)
		t.line = strconv.AppendUint(t.line, ev.Number, 10)
		t.put(`.`)
		t.line = strconv.AppendInt(t.line, int64(d), 10)
		t.put(`"`)
		t.name(ev, p, b)
		t.put(`}`)
	}
}

func (t *Timeline) name(ev *state.Event, p *state.Part, b *state.Batch) {
	t.put(`,"name":`)
	t.line = appendJSON(t.line, b.Jobs.NameOf(ev.Job))
	t.put(`,"args":{"number":`)
	t.line = strconv.AppendUint(t.line, ev.Number, 10)
	t.put(`,"milli":`)
	t.line = strconv.AppendInt(t.line, int64(p.Milli), 10)
	t.put(`}`)
}

// Close ends the file's object and returns the first error.
func (t *Timeline) Close() error {
	t.put("\n]}\n")
	t.flush()
	if err := t.w.Flush(); t.err == nil {
		t.err = err
	}
	return t.err
}
