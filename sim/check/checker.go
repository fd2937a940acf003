package check

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// maxViolations are kept; one broken invariant tends to break others.
const maxViolations = 20

// Violation is one contradiction in the events.
type Violation struct {
	Invariant string // see the package documentation
	Event     uint64 // ordinal in the stream of all events, from 0
	Time      state.Time
	Job       int64 // its number, or -1
	What      string
}

func (v Violation) Error() string {
	who := ""
	if v.Job >= 0 {
		who = fmt.Sprintf(", job %d", v.Job)
	}
	return fmt.Sprintf("invariant %s broken at event %d, time %s s%s: %s", v.Invariant, v.Event, units.SecondsText(int64(v.Time)), who, v.What)
}

// Checker is a listener that checks a stream from its first event on.
type Checker struct {
	events     uint64 // seen before the present one
	now        state.Time
	stopped    bool
	nextNumber uint64
	jobs       []job // by slot
	nodes      nodes
	owing      []int32 // slots whose attempt ended at this instant and that must give back everything
	down       []int32 // nodes that went down at this instant
	waiting    [2]int32
	told       [2]int32
	asked      int64
	attempts   state.Wide // thousandths of a GPU x ns that attempts account for
	violations []Violation
	more       int
	books      *books // nil: no quota tree is checked
}

// New returns a Checker for a run that has not begun.
func New() *Checker { return &Checker{} }

var (
	_ state.Listener = (*Checker)(nil)
	_ state.Cloner   = (*Checker)(nil)
)

// Kinds are all kinds: what is not sent cannot be checked.
func (c *Checker) Kinds() state.KindSet { return state.AllKinds }

// Err joins the violations found so far, or is nil.
func (c *Checker) Err() error {
	if len(c.violations) == 0 {
		return nil
	}
	var all []error
	for _, v := range c.violations {
		all = append(all, v)
	}
	if c.more > 0 {
		all = append(all, fmt.Errorf("and %d more", c.more))
	}
	return errors.Join(all...)
}

// Violations are the first ones found.
func (c *Checker) Violations() []Violation { return c.violations }

// Done says what is still missing once the run is over: the stop itself. Call it when no more events will come.
func (c *Checker) Done() error {
	if !c.stopped {
		c.violate("life", -1, "the run ended without a stop event")
		c.stopped = true
	}
	return c.Err()
}

func (c *Checker) violate(invariant string, slot int32, format string, args ...any) {
	if len(c.violations) == maxViolations {
		c.more++
		return
	}
	v := Violation{Invariant: invariant, Event: c.events, Time: c.now, Job: -1, What: fmt.Sprintf(format, args...)}
	if slot >= 0 && int(slot) < len(c.jobs) {
		v.Job = int64(c.jobs[slot].number)
	}
	c.violations = append(c.violations, v)
}

// Observe checks a batch.
func (c *Checker) Observe(b *state.Batch) {
	for i := range b.Events {
		c.event(&b.Events[i], b)
		c.events++
	}
}

func (c *Checker) event(ev *state.Event, b *state.Batch) {
	if ev.Time < c.now {
		c.violate("time", -1, "an event at %s s after one at %s s", units.SecondsText(int64(ev.Time)), units.SecondsText(int64(c.now)))
	}
	if c.stopped {
		c.violate("time", -1, "an event of kind %d after the stop", ev.Kind)
	}
	if ev.Time > c.now {
		c.closeInstant()
		c.nodes.advance(ev.Time)
		c.now = ev.Time
	}
	if c.books != nil && !c.books.off {
		c.quotaEvent(ev, b)
	}
	switch ev.Kind {
	case state.EvArrive:
		c.arrive(ev, b.Jobs)
	case state.EvHold, state.EvNeverFits, state.EvQueue, state.EvWaited, state.EvStart, state.EvEnd, state.EvEvict, state.EvRate,
		state.EvStopping, state.EvPriority, state.EvCost:
		if c.known(ev) {
			c.jobEvent(ev, b)
		}
	case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
		c.nodeEvent(ev, b.Nodes)
	case state.EvQueueLen:
		if ev.A != c.waiting[0] || ev.B != c.waiting[1] || ev.X != c.asked {
			c.violate("queue", -1, "told %d waiting, %d held, %d GPUs asked (there are %d, %d, %d)", ev.A, ev.B, ev.X,
				c.waiting[0], c.waiting[1], c.asked)
		}
		c.told = [2]int32{ev.A, ev.B}
	case state.EvStop:
		c.stop()
	}
}

// known reports whether a job's event names the job that lives in its slot.
func (c *Checker) known(ev *state.Event) bool {
	if ev.Job < 0 || int(ev.Job) >= len(c.jobs) || c.jobs[ev.Job].is == absent {
		c.violate("number", -1, "an event of kind %d for slot %d, where no job has arrived", ev.Kind, ev.Job)
		return false
	}
	if j := &c.jobs[ev.Job]; j.number != ev.Number || j.gen != ev.Gen {
		c.violate("number", ev.Job, "an event of kind %d names job %d, generation %d (in its slot is generation %d)", ev.Kind, ev.Number, ev.Gen, j.gen)
		return false
	}
	return true
}

// closeInstant checks what must hold when an instant is over.
func (c *Checker) closeInstant() {
	for _, slot := range c.owing {
		if j := &c.jobs[slot]; len(j.parts) > 0 && j.is != running && j.is != stopping {
			c.violate("gang", slot, "its attempt ended but %d parts are still held", len(j.parts))
		}
	}
	for _, n := range c.down {
		if s := &c.nodes.list[n]; s.parts > 0 && s.flags&state.NodeUp == 0 {
			c.violate("node", -1, "node %d is down and still holds %d parts", n, s.parts)
		}
	}
	c.owing, c.down = c.owing[:0], c.down[:0]
	if c.books != nil && !c.books.off {
		c.closeBooks()
	}
	if c.told != c.waiting {
		c.violate("queue", -1, "%d waiting and %d held at the end of the instant, but %d and %d were told", c.waiting[0], c.waiting[1],
			c.told[0], c.told[1])
		c.told = c.waiting
	}
}

func (c *Checker) stop() {
	c.told = c.waiting // the stop itself tells no length
	c.closeInstant()
	c.stopped = true
	for slot := range c.jobs {
		if j := &c.jobs[slot]; j.is != absent && j.is != ended {
			c.violate("life", int32(slot), "it was still %s when the run stopped", j.is)
		}
	}
	if c.nodes.used != 0 {
		c.violate("device", -1, "%d thousandths of GPUs are still held at the stop", c.nodes.used)
	}
	if c.attempts != c.nodes.time {
		c.violate("run", -1, "devices were held for %v GPU s, attempts account for %v", c.nodes.time.Float(1000*units.Second),
			c.attempts.Float(1000*units.Second))
	}
}

// CloneListener returns a Checker that goes on with a fork.
func (c *Checker) CloneListener() state.Listener {
	d := *c
	d.jobs = append([]job(nil), c.jobs...)
	for i := range d.jobs {
		d.jobs[i].parts = append([]state.Part(nil), c.jobs[i].parts...)
	}
	d.nodes = c.nodes.clone()
	d.owing = append([]int32(nil), c.owing...)
	d.down = append([]int32(nil), c.down...)
	if c.books != nil {
		d.books = c.books.clone()
	}
	d.violations = append([]Violation(nil), c.violations...)
	return &d
}
