package run

import (
	"bufio"
	"io"
	"math/bits"
	"strconv"
	"unicode/utf8"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// EventLog is a listener that writes every event as one JSON object a line (docs/formats/run-folder.md). Times are exact
// decimal seconds. Call Close; a failed write shows there.
type EventLog struct {
	w    *bufio.Writer
	line []byte
	err  error
}

// NewEventLog writes to w, which it does not close.
func NewEventLog(w io.Writer) *EventLog { return &EventLog{w: bufio.NewWriterSize(w, 1<<16)} }

// Kinds are all kinds.
func (l *EventLog) Kinds() state.KindSet { return state.AllKinds }

var eventNames = [state.NumEventKinds]string{
	state.EvArrive: "arrive", state.EvHold: "hold", state.EvQueue: "queue", state.EvWaited: "waited", state.EvStart: "start",
	state.EvEnd: "end", state.EvEvict: "evict", state.EvRate: "rate",
	state.EvNeverFits: "never-placeable", state.EvNodeUp: "node-up", state.EvNodeDown: "node-down", state.EvNodeFlags: "node-flags",
	state.EvRefuse: "refuse", state.EvQueueLen: "queue-length", state.EvTimer: "timer", state.EvStop: "stop", state.EvShapeTest: "shape-test", state.EvMetric: "metric",
	state.EvStopping: "stopping", state.EvPriority: "priority", state.EvPrice: "price", state.EvCost: "cost",
	state.EvQueueUse: "queue-use", state.EvQueueLimit: "queue-limit", state.EvQueueSet: "queue-set",
}

// Observe writes a batch.
func (l *EventLog) Observe(b *state.Batch) {
	for i := range b.Events {
		if l.err != nil {
			return
		}
		ev := &b.Events[i]
		l.event(ev, b)
		switch ev.Kind {
		case state.EvStart:
			l.parts("alloc", ev, b)
		case state.EvEnd, state.EvEvict:
			l.parts("free", ev, b)
		}
		_, l.err = l.w.Write(l.line)
		l.line = l.line[:0]
	}
}

// Close writes what is left and returns the first error.
func (l *EventLog) Close() error {
	if err := l.w.Flush(); l.err == nil {
		l.err = err
	}
	return l.err
}

// begin opens a line with what all lines have.
func (l *EventLog) begin(name string, ev *state.Event, b *state.Batch) {
	l.line = append(l.line, `{"t":`...)
	l.line = units.AppendSeconds(l.line, int64(ev.Time))
	l.text("event", name)
	if (ev.Kind < state.EvNodeUp || ev.Kind == state.EvStopping || ev.Kind == state.EvPriority || ev.Kind == state.EvCost) && ev.Job >= 0 {
		l.int("number", int64(ev.Number))
		l.bytes("job", b.Jobs.NameOf(ev.Job))
	}
}

func (l *EventLog) event(ev *state.Event, b *state.Batch) {
	l.begin(eventNames[ev.Kind], ev, b)
	switch ev.Kind {
	case state.EvArrive:
		l.seconds("submit", int64(b.Jobs.Row[ev.Job].Submit))
		l.int("gpus", int64(ev.A))
		l.seconds("estimate", ev.X)
		l.text("queue", b.Names.Queues.Name(b.Jobs.Row[ev.Job].Queue))
		l.text("user", b.Names.Users.Name(b.Jobs.Row[ev.Job].User))
	case state.EvQueue, state.EvNeverFits:
		l.int("gpus", int64(ev.A))
	case state.EvWaited:
		l.text("cause", state.Cause(ev.Cause).String())
		l.seconds("waited", ev.X)
		if state.Cause(ev.Cause) == state.CauseQuota {
			l.text("level", quota.Level(ev.A).String())
		}
	case state.EvStart:
		l.int("gpus", int64(ev.A))
		n := int64(0)
		for range b.EachPartOf(ev) {
			n++
		}
		l.int("parts", n)
		l.seconds("queued", ev.X)
		l.seconds("first_start", ev.Y)
	case state.EvEnd:
		l.text("state", ev.Outcome.String())
		l.text("reason", state.EndReason(ev.Cause).String())
		l.seconds("queued", ev.Y)
		l.seconds("run", int64(ev.Z))
	case state.EvEvict:
		l.text("reason", state.EndReason(ev.Cause).String())
		l.seconds("run", ev.X)
		l.seconds("lost", ev.Y)
		if state.EndReason(ev.Cause) == state.ReasonPreempted {
			l.text("kind", state.PreemptKind(ev.Outcome).String())
			if ev.Z > 0 {
				l.int("by", int64(ev.Z)-1)
			}
		}
	case state.EvCost:
		l.seconds("overhead", ev.X)
		l.seconds("lost", ev.Y)
		l.seconds("idle", int64(ev.Z))
	case state.EvRate:
		l.key("rate")
		l.line = strconv.AppendFloat(l.line, float64(ev.Z)/(1<<32), 'g', -1, 64)
	case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
		l.text("node", b.Nodes.Name[ev.Node])
		l.int("gpus", int64(b.Nodes.GPUsTotal[ev.Node]))
		l.int("flags", int64(ev.Z))
	case state.EvRefuse:
		l.int("slot", int64(ev.Job))
		l.text("refusal", state.Refusal(ev.Cause).String())
	case state.EvQueueLen:
		l.int("waiting", int64(ev.A))
		l.int("held", int64(ev.B))
		l.int("asked_gpus", ev.X)
	case state.EvMetric:
		l.text("name", b.Names.Metrics.Name(ev.A))
		l.micro("value", ev.X)
	case state.EvStopping:
		l.seconds("until", ev.X)
		if ev.Flags&state.FlagOwn != 0 {
			l.key("preempted")
			l.line = append(l.line, "true"...)
		}
	case state.EvPriority:
		l.int("priority", int64(ev.A))
	case state.EvQueueUse:
		l.text("queue", b.Names.Queues.Name(int32(ev.Z)))
		l.int("resource", int64(ev.B))
		l.int("used", ev.X)
		l.int("borrowed", ev.Y)
	case state.EvQueueLimit:
		l.text("queue", b.Names.Queues.Name(int32(ev.Z)))
		l.int("resource", int64(ev.B))
		if ev.X < quota.Unlimited {
			l.int("limit", ev.X)
		}
		l.int("due", ev.Y)
	case state.EvQueueSet:
		l.text("queue", b.Names.Queues.Name(int32(ev.Z)))
		l.text("do", [...]string{"set", "create", "delete"}[ev.B])
	case state.EvPrice:
		l.int("pool", int64(ev.A))
		l.micro("price_h", ev.X)
	case state.EvShapeTest:
		l.int("shape", int64(ev.B))
		l.text("cause", state.Cause(ev.Cause).String())
	}
	l.line = append(l.line, '}', '\n')
}

// parts writes a line for each part that an attempt takes or gives back.
func (l *EventLog) parts(name string, ev *state.Event, b *state.Batch) {
	for p := range b.EachPartOf(ev) {
		l.begin(name, ev, b)
		l.part(&p, b.Nodes)
		l.line = append(l.line, '}', '\n')
	}
}

func (l *EventLog) part(p *state.Part, nodes *state.Nodes) {
	l.text("node", nodes.Name[p.Node])
	l.key("gpu_ids")
	l.line = append(l.line, '[')
	for m := p.Mask; m != 0; m &= m - 1 {
		if m != p.Mask {
			l.line = append(l.line, ',')
		}
		l.line = strconv.AppendInt(l.line, int64(bits.TrailingZeros64(m)), 10)
	}
	l.line = append(l.line, ']')
	l.int("milli", int64(p.Milli))
	l.int("pod", int64(p.Pod))
	if p.CPU > 0 {
		l.int("cpu_milli", int64(p.CPU))
	}
	if p.Mem > 0 {
		l.int("memory_mib", int64(p.Mem))
	}
}

func (l *EventLog) key(name string) {
	l.line = append(l.line, ',', '"')
	l.line = append(l.line, name...)
	l.line = append(l.line, '"', ':')
}

func (l *EventLog) int(name string, v int64) {
	l.key(name)
	l.line = strconv.AppendInt(l.line, v, 10)
}

func (l *EventLog) seconds(name string, ns int64) {
	l.key(name)
	l.line = units.AppendSeconds(l.line, ns)
}

func (l *EventLog) micro(name string, v int64) {
	l.key(name)
	l.line = strconv.AppendFloat(l.line, float64(v)/1e6, 'g', -1, 64)
}

func (l *EventLog) text(name, v string) {
	l.key(name)
	l.line = appendJSON(l.line, []byte(v))
}

func (l *EventLog) bytes(name string, v []byte) {
	l.key(name)
	l.line = appendJSON(l.line, v)
}

// appendJSON appends a JSON string. Bytes that are not UTF-8 become U+FFFD; control characters are escaped.
func appendJSON(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for len(s) > 0 {
		c := s[0]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRune(s)
			if r == '\u2028' || r == '\u2029' { // line ends to some readers
				dst = append(dst, '\\', 'u', '2', '0', '2', hex[r&15])
			} else {
				dst = utf8.AppendRune(dst, r)
			}
			s = s[n:]
			continue
		}
		s = s[1:]
	}
	return append(dst, '"')
}
