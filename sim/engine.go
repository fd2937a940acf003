package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/internal/bitset"
	"github.com/orrery-sim/orrery/sim/internal/eventq"
	"github.com/orrery-sim/orrery/sim/state"
)

// Classes order the events of one round (DESIGN.md rule 5).
const (
	classFinish     = iota // work done
	classLimit             // running-time limit reached
	classLoss              // node, GPU or market loss
	classTransition        // grace, restart, provisioning, checkpoint done
	classGain              // capacity gained
	classCancel            // a job leaves
	classArrival           // a cursor over the source, then the heap: jobs whose hold is over
	classChange            // price, quota, configuration
	classTimer             //
	classPass              //
)

const (
	maxRounds = 10_000
	seqBits   = 46
	classBits = 4
	flushAt   = 4096    // events after which an instant's end hands the buffer on: to hand over costs as much as dozens of jobs
	fullAt    = 1 << 16 // events after which a round's end does
)

// Engine is one simulation. It is not safe for concurrent use; two engines are independent.
type Engine struct {
	cfg     Config
	names   *state.Names
	cl      *cluster.Cluster
	empty   *cluster.Cluster // all of cl's nodes, open and empty; made when first asked for
	src     state.Source
	policy  state.Policy
	info    state.Info
	view    state.View
	dec     state.Decisions
	started bool
	ended   bool

	now    state.Time
	queue  eventq.Queue
	timers int // of the policy, in queue
	round  uint64
	seq    uint64

	arrival   state.JobSpec // the arrival cursor
	hasNext   bool
	number    uint64
	rows      rows
	delivered uint64 // rows of the source that have arrived
	change    int    // next of cfg.Changes

	jobs      state.Jobs
	priv      []private  // by job slot
	slots     bitset.Set // free job slots
	dead      []int32    // slots of jobs whose end is in buf
	gone      []int32    // slots of jobs whose end is being delivered: free at the next hand-over
	shapes    shapeTable
	allocs    state.Allocs
	stretches []stretch // by entry of allocs
	parts     []partition
	due       []int32 // partitions whose pass is due in this round
	aside     []int32 // jobs that no present cluster can hold
	recovery
	outages *outages // nil: nothing is drawn
	bazaar  *bazaar  // nil: there are no markets
	off     []bool   // by node: a change or a command keeps it out; nil without outages and markets
	books   *books   // nil without a quota tree
	deps    dependencies
	users   userMeans

	waiting int32
	held    int32
	askGPUs int64
	lastLen [3]int64
	causes  causes
	speeds  *speeds // nil: jobs run as recorded
	digest  *digest // apart, so that whoever delivers shares no cache line with the engine
	buf     []state.Event
	told    []state.Part // that events of buf tell of
	seen    int          // events of buf that the policy has observed
	want    state.KindSet
	extra   uint64 // events of buf that are there because somebody listens: they are not counted
	counts  Counts
	fault   error // found where no error can be returned; ends the next pass phase

	commands *Commands // of the present instant, or nil
	answers  []Answer

	emptyLog []state.Part // undo log of empty
	out      [2]delivery  // the batch that is being delivered, and the one before, whose buffers buf and told have
	side     int          // of out: the next to be handed over
}

// partition is a pass of its own.
type partition struct {
	dirty     bool // something changed since its last pass
	due       bool // its pass is in Engine.due
	scheduled bool // a pass event is in the heap (periodic and coalesced triggers)
}

// Counts are the engine's own tallies.
type Counts struct {
	Instants, Rounds, Passes, Events, Decisions, Refused uint64
	Submitted, Starts, Evictions, NeverFits              uint64
	NoEstimate                                           uint64 // jobs that brought none: policies see their true running time
}

// New builds an engine at instant 0, before its first event.
func New(cfg Config) (*Engine, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, names: cfg.Names, src: cfg.Source, policy: cfg.Policy, info: cfg.Policy.Info(), cl: cluster.New()}
	e.allocs.Free = -1
	e.digest = newDigest()
	for i := range cfg.Nodes {
		spec := cfg.Nodes[i]
		spec.Flags, spec.Down = 0, false // until the initial jobs hold what they hold; see start
		if _, err := e.cl.Add(spec, 0); err != nil {
			return nil, err
		}
	}
	if cfg.Topology != nil {
		e.cl.SetTopology(cfg.Topology, cfg.Leaf)
	}
	if cfg.Speed != nil {
		e.speeds = newSpeeds(cfg.Speed, e.cl, e.names)
	}
	e.want = digestKinds
	for _, l := range cfg.Listeners {
		e.want |= l.Kinds()
	}
	if err := e.startOutages(); err != nil {
		return nil, err
	}
	if err := e.openMarkets(); err != nil {
		return nil, err
	}
	e.trackOff()
	e.causes.init(e.cl)
	if cfg.Quota != nil {
		var err error
		if e.books, err = newBooks(e); err != nil {
			return nil, err
		}
	}
	e.bindView()
	return e, e.policy.Init(&e.view)
}

func (e *Engine) bindView() {
	e.view = state.View{Now: e.now, Jobs: &e.jobs, Shapes: &e.shapes.Shapes, Allocs: &e.allocs, Capacity: e.cl, Names: e.names,
		Seed: e.cfg.Seed, DropUnfit: e.cfg.DropUnfit, Recoveries: e.cfg.Recoveries}
	if e.books != nil {
		e.view.Quota, e.view.Line = e.books.tree, e.books.line
	}
}

// Run simulates until the horizon, the end of the work, or the first instant that is not before until.
// It reports whether the simulation is over.
func (e *Engine) Run(until state.Time) (bool, error) {
	for {
		t, ok := e.Peek()
		if !ok {
			return true, nil
		}
		if t >= until {
			return false, nil
		}
		if err := e.step(t); err != nil {
			return true, err
		}
	}
}

// Peek is the next instant at which something happens, or false when the work is done or the horizon reached.
func (e *Engine) Peek() (state.Time, bool) {
	if !e.started {
		return 0, true
	}
	t := e.next()
	if t == state.Never || e.cfg.Horizon > 0 && t >= e.cfg.Horizon {
		return 0, false
	}
	return t, true
}

// Done reports whether the work is done: nothing lies ahead, at the horizon or behind it.
func (e *Engine) Done() bool { return e.started && e.next() == state.Never }

// next is the next instant whatever the horizon, or Never; nothing happens behind state.End.
func (e *Engine) next() state.Time {
	t := state.Never
	for e.queue.Len() > 0 && !e.idle() {
		top := e.queue.Top()
		if !e.stale(top) {
			t = state.Time(top.Time)
			break
		}
		e.queue.Pop() // else the end of the work would be the last dead event
	}
	if e.hasNext && e.arrival.Submit < t {
		t = e.arrival.Submit
	}
	if e.change < len(e.cfg.Changes) && e.cfg.Changes[e.change].At < t {
		t = e.cfg.Changes[e.change].At
	}
	if e.outages != nil || e.bazaar != nil {
		t = e.nextOutage(t)
	}
	if len(e.due) > 0 { // passes that a held instant put off
		t = min(t, e.now+1)
	}
	if t > state.End {
		return state.Never
	}
	return t
}

// idle reports whether nothing lies ahead but a policy's timers, with nobody waiting: they would change nothing.
func (e *Engine) idle() bool {
	return e.queue.Len() == e.timers && e.waiting == 0 && !e.hasNext && e.change == len(e.cfg.Changes)
}

// Steps processes up to n instants, each whole, and reports whether the simulation goes on.
func (e *Engine) Steps(n int) (bool, error) {
	for range n {
		t, ok := e.Peek()
		if !ok {
			return false, nil
		}
		if err := e.step(t); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Step processes the next instant whole: rounds of events and passes until nothing more happens at it.
func (e *Engine) Step() error {
	if t, ok := e.Peek(); ok {
		return e.step(t)
	}
	return nil
}

func (e *Engine) step(t state.Time) error {
	if !e.started {
		if err := e.start(); err != nil {
			return err
		}
	}
	e.now, e.round, e.view.Now = t, 0, t
	for {
		if err := e.applyEvents(); err != nil {
			return err
		}
		if !e.holds() {
			if err := e.passes(); err != nil {
				return err
			}
		}
		if e.speeds != nil {
			e.reshare()
		}
		e.counts.Rounds++
		if len(e.buf) >= fullAt {
			e.handOver()
		}
		if !e.more() {
			break
		}
		if e.round++; e.round > maxRounds {
			return e.roundsError()
		}
	}
	e.counts.Instants++
	e.closeInstant()
	return nil
}

// start opens instant 0: the nodes come up, the initial jobs are there, the cursor is filled.
func (e *Engine) start() error {
	e.started = true
	n := e.cl.Nodes()
	for i := range n.Flags {
		e.nodeUpEvent(int32(i))
	}
	if e.books != nil {
		e.books.tellLimits(e)
	}
	if err := e.admitInitial(); err != nil {
		return err
	}
	e.initialFlags()
	return e.advance()
}

// initialFlags closes the nodes that are cordoned, drained or down at the start, after jobs that run on them since before.
func (e *Engine) initialFlags() {
	for i := range e.cfg.Nodes {
		spec := &e.cfg.Nodes[i]
		if spec.Flags != 0 {
			e.setFlags(int32(i), state.NodeUp|spec.Flags, state.EvNodeFlags)
		}
		if spec.Down {
			e.setFlags(int32(i), spec.Flags, state.EvNodeDown)
		}
	}
}

// more reports whether there is more for this instant: what the pass or a zero-length job brought.
func (e *Engine) more() bool {
	return len(e.due) > 0 && !e.holds() || e.queue.Len() > 0 && state.Time(e.queue.Top().Time) == e.now
}

// holds reports whether this instant's commands put its passes off.
func (e *Engine) holds() bool { return e.commands != nil && e.commands.Hold }

// applyEvents applies all events of this round in the order of classes, and then the commands.
func (e *Engine) applyEvents() error {
	if e.round == 0 {
		e.drain(classLoss)
		if e.outages != nil {
			e.fail()
		}
		if e.bazaar != nil {
			e.trade()
		}
		for e.change < len(e.cfg.Changes) && e.cfg.Changes[e.change].At == e.now { // losses and gains as they are listed
			if err := e.applyChange(&e.cfg.Changes[e.change]); err != nil {
				return err
			}
			e.change++
		}
		e.drain(classArrival)
		for e.hasNext && e.arrival.Submit == e.now {
			if err := e.arrive(); err != nil {
				return err
			}
		}
	}
	e.drain(classPass + 1)
	if e.round == 0 && e.commands != nil {
		return e.applyCommands()
	}
	return nil
}

// stale reports whether an event in the heap means nothing any more.
func (e *Engine) stale(ev *eventq.Entry) bool {
	slot, gen := int32(ev.Ref>>32), uint32(ev.Ref)
	switch ev.Key >> seqBits & (1<<classBits - 1) {
	case classFinish, classLimit, classLoss, classTransition:
		return e.priv[slot].endGen != gen
	case classCancel:
		return !e.mayGiveUp(slot, gen)
	case classArrival:
		return !e.mayRelease(slot, gen)
	}
	return false
}

// mayGiveUp reports whether a job still waits for its first start; one that has run waits as long as it takes.
func (e *Engine) mayGiveUp(slot int32, gen uint32) bool {
	s := e.jobs.Row[slot].State
	return e.jobs.Row[slot].Gen == gen && (s == state.JobQueued || s == state.JobHeld) && e.jobs.Row[slot].FirstStart == state.Unset
}

// drain applies the heap's events of this round whose class is below limit.
func (e *Engine) drain(limit uint64) {
	for e.queue.Len() > 0 {
		top := e.queue.Top()
		// A timer that lies behind has slept while nothing could happen (see idle), until a command came.
		if at := state.Time(top.Time); at > e.now || at == e.now && top.Key>>seqBits >= e.round<<classBits|limit {
			return
		}
		ev := e.queue.Pop()
		e.fire(ev.Key>>seqBits&(1<<classBits-1), int32(ev.Ref>>32), uint32(ev.Ref))
	}
}

// fire applies one event from the heap; gen tells whether it still means anything.
func (e *Engine) fire(class uint64, slot int32, gen uint32) {
	switch class {
	case classFinish:
		if e.priv[slot].endGen == gen {
			e.finish(slot, e.priv[slot].outcome, state.ReasonRecorded)
		}
	case classLimit:
		if e.priv[slot].endGen == gen {
			e.finish(slot, state.Cancelled, e.limitReason(slot))
		}
	case classLoss:
		if e.priv[slot].endGen == gen {
			e.crash(slot)
		}
	case classTransition: // a grace is over
		if e.priv[slot].endGen == gen {
			e.graceOver(slot)
		}
	case classArrival:
		if e.mayRelease(slot, gen) {
			e.release(slot)
		}
	case classCancel:
		if e.mayGiveUp(slot, gen) {
			e.leave(slot, state.Cancelled, state.ReasonGaveUp)
		}
	case classTimer:
		e.timers--
		e.extra++
		e.emit(state.Event{Kind: state.EvTimer, Job: -1, A: slot})
		e.makeDue(slot)
	case classPass:
		e.parts[slot].scheduled = false
		e.makeDue(slot)
	}
}

// push schedules an event; one for the present instant falls into the next round.
func (e *Engine) push(at state.Time, class uint64, slot int32, gen uint32) {
	var round uint64
	if at == e.now {
		round = e.round + 1
	}
	if class == classTimer {
		e.timers++
	}
	e.seq++
	e.queue.Push(eventq.Entry{Time: int64(at), Key: (round<<classBits|class)<<seqBits | e.seq&(1<<seqBits-1),
		Ref: uint64(uint32(slot))<<32 | uint64(gen)})
}

func (e *Engine) roundsError() error {
	var numbers []uint64
	for slot := range e.jobs.Row {
		if s := e.jobs.Row[slot].State; (s == state.JobQueued || s == state.JobRunning) && len(numbers) < 5 &&
			(e.jobs.Row[slot].Start == e.now || e.jobs.Row[slot].QueuedAt == e.now) {
			numbers = append(numbers, e.jobs.Row[slot].Number)
		}
	}
	return fmt.Errorf("more than %d rounds at one instant (%d ns): the policy and zero-length jobs keep each other going; jobs at it: %d",
		maxRounds, e.now, numbers)
}
