package wasm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Scheduler is a guest that decides everything.
type Scheduler struct {
	*guest
	spare   state.Policy // stands in for a guest that fails under Fallback
	sides   []side       // by partition
	at      state.Time   // instant that the limits below count for
	calls   int
	told    int
	pods    [64]int32 // scratch of group
	decided marks
	answer  answer // that is looked at
	counts  bool   // it declares that it counts GPUs only
	other   string // a job that asks for more, if one has come
}

// side is a partition as the guest's host keeps it.
type side struct {
	inbox  []event // events since its last call
	more   int     // calls in a row at this instant that the guest asked for, because its answer did not fit
	open   []answer
	timers []state.Time // pending ones, in no order
	rest   rest
}

// rest is what the guest awaits before it wants to be called again (AWAIT).
type rest struct {
	on      bool // since the last call
	gpus    int32
	number  int64
	cause   state.Cause // what the last call told for reports holds as long
	blocker int32
}

// hear ends the rest where an event is one that the guest awaits.
func (r *rest) hear(kind uint64, number uint64) {
	switch kind {
	case sched1.EvArrive:
		if number <= math.MaxInt64 && int64(number) <= r.number {
			r.on = false
		}
	case sched1.EvStarted, sched1.EvFinish:
	default:
		r.on = false
	}
}

// side is a partition's.
func (s *Scheduler) side(p int32) *side {
	for int32(len(s.sides)) <= p {
		s.sides = append(s.sides, side{})
	}
	return &s.sides[p]
}

// NewScheduler makes an instance of a module that exports sched1_decide. spare stands in for it if it fails and Options say so.
func (m *Module) NewScheduler(o Options, spare state.Policy) (*Scheduler, error) {
	if !m.Has(sched1.HookDecide) {
		return nil, loadError(m.Name, "it exports no %s, so it is no whole scheduler; it has %s", sched1.HookDecide, strings.Join(m.Hooks, ", "))
	}
	if spare == nil && o.OnError == Fallback {
		return nil, loadError(m.Name, "onError is fallback, and there is no native policy to fall back to")
	}
	g, err := m.newGuest(o)
	if err != nil {
		return nil, err
	}
	return &Scheduler{guest: g, spare: spare, counts: g.in.desc.flags&sched1.DescAnyGPUs != 0}, nil
}

// Close frees the guest's memory, and the native policy's where it holds any.
func (s *Scheduler) Close() error {
	err := s.guest.Close()
	if c, ok := s.spare.(io.Closer); ok {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Info is what the guest declared.
func (s *Scheduler) Info() state.Info {
	d := &s.in.desc
	return state.Info{Name: s.Name(), Trigger: state.Trigger{Every: state.Time(d.every), Coalesce: state.Time(d.coalesce)},
		Clairvoyant: s.Clairvoyant()}
}

// Init prepares the guest.
func (s *Scheduler) Init(v *state.View) error {
	if s.options.OnError == Fallback {
		if err := s.spare.Init(v); err != nil {
			return err
		}
	}
	return s.guest.Init(v)
}

// Observe keeps events for the next pass of their partition.
func (s *Scheduler) Observe(v *state.View, events []state.Event) {
	if s.fallen {
		s.forget(v)
		s.spare.Observe(v, events)
		return
	}
	s.stir(events)
	if len(s.in.tables.entries) > 0 {
		s.in.follow(v, &s.mirror, events)
	}
	for i := range events {
		if !told.Has(events[i].Kind) {
			continue
		}
		side := s.side(partitionOf(v, &events[i]))
		var ev *event
		side.inbox, ev = more(side.inbox)
		kind := translate(v, &events[i], ev)
		if s.counts && kind == sched1.EvArrive {
			s.counted(v, events[i].Job)
		}
		side.rest.hear(kind, events[i].Number)
		if kind == sched1.EvTimer {
			if at := slices.Index(side.timers, events[i].Time); at >= 0 {
				side.timers = slices.Delete(side.timers, at, at+1)
			}
		}
	}
}

// counted notes a job that asks for more than a number of GPUs, of a guest that looks at nothing else.
func (s *Scheduler) counted(v *state.View, slot int32) {
	j := &v.Jobs.Row[slot]
	if s.other == "" && v.Shapes.Flags[j.Shape]&state.ShapeAnyGPUs == 0 {
		s.other = printable(string(v.Jobs.NameOf(slot)), 64)
		if s.other == "" {
			s.other = fmt.Sprint("number ", j.Number)
		}
	}
}

// Pass asks the guest about one partition.
func (s *Scheduler) Pass(v *state.View, d *state.Decisions) {
	if !s.fallen {
		if s.rests(v, d) {
			return
		}
		for !s.fallen {
			err := s.in.alive()
			if err == nil {
				s.in.now = v
				err = s.decide(v, d)
				s.in.now = nil
				if err == nil {
					return
				}
				err = s.undecided(v, d, err)
			}
			if err != nil {
				d.Fault = err
				return
			}
		}
		s.handOver(v)
	}
	s.spare.Pass(v, d)
}

// undecided takes back what a failed call has decided, and does what onError says.
func (s *Scheduler) undecided(v *state.View, d *state.Decisions, err error) error {
	v.Capacity.(*cluster.Cluster).Undo(&d.Parts, 0)
	d.Reset()
	if s.options.OnError == Drop {
		s.resync(v)
	}
	return s.failed(v, err)
}

// rests reports whether what the guest awaits has not come: then the pass decides nothing, and its events are told with the next call.
// They are told in any case before the guest's buffer would have to grow for them.
func (s *Scheduler) rests(v *state.View, d *state.Decisions) bool {
	side := s.side(v.Partition)
	r := &side.rest
	if !r.on || s.other != "" || len(side.inbox) >= int(s.in.desc.eventsCap) || v.Capacity.(*cluster.Cluster).Free(uint32(v.Partition), 0) >= r.gpus {
		return false
	}
	d.FitCause, d.Blocker = r.cause, r.blocker
	return true
}

// resync empties the inboxes but for the one event that tells a new instance so.
func (s *Scheduler) resync(v *state.View) {
	for p := range s.sides {
		side := &s.sides[p]
		side.inbox = append(side.inbox[:0], bare(sched1.EvResync, v.Now))
		side.timers, side.open, side.more, side.rest = side.timers[:0], nil, 0, rest{}
	}
	s.calls, s.told = 0, 0
}

// handOver tells the native policy who waits and who runs, as if it all had just happened.
func (s *Scheduler) handOver(v *state.View) {
	var live []int32
	for slot := range v.Jobs.Row {
		if st := v.Jobs.Row[slot].State; st == state.JobQueued || st == state.JobRunning {
			live = append(live, int32(slot))
		}
	}
	slices.SortFunc(live, func(a, b int32) int {
		if v.Jobs.Row[a].Number < v.Jobs.Row[b].Number {
			return -1
		}
		return 1
	})
	var events []state.Event
	for _, slot := range live {
		j := &v.Jobs.Row[slot]
		ev := state.Event{Time: v.Now, Kind: state.EvQueue, Job: slot, Gen: j.Gen, Number: j.Number, A: j.GPUs, B: j.Shape}
		events = append(events, ev)
		if j.State == state.JobRunning {
			ev.Kind, ev.A = state.EvStart, j.GPUsNow
			events = append(events, ev)
		}
	}
	s.spare.Observe(v, events)
}

// decide delivers the partition's events and takes the guest's answer over.
func (s *Scheduler) decide(v *state.View, d *state.Decisions) error {
	in, c, side := s.in, v.Capacity.(*cluster.Cluster), s.side(v.Partition)
	in.hook = sched1.HookDecide
	if s.other != "" {
		return in.abi(KindLimit, "job %s asks for CPU, memory, a GPU type, a part of a GPU or GPUs that lie together, and the policy declares that it counts GPUs only (ANY_GPUS): "+
			"such work needs another one", s.other)
	}
	if s.at != v.Now {
		s.at, s.calls, s.told = v.Now, 0, 0
	}
	if side.more > maxCalls-1 {
		return in.abi(KindLimit, "more than %d calls at one instant, for answers that do not fit its buffer", maxCalls)
	}
	if s.calls++; s.calls > maxPasses*len(s.sides) {
		return in.abi(KindLimit, "more than %d calls at one instant: its decisions bring about the next call", maxPasses)
	}
	n, err := s.deliverTo(v, side)
	if err != nil {
		return err
	}
	in.refuelEvents(n)
	more := len(side.inbox) > n
	var flags uint32
	if more {
		flags = sched1.CtxMore
	}
	s.enter(v, flags, 0)
	in.stack[0] = uint64(n)
	answers, err := in.call(in.decide)
	if err != nil {
		return err
	}
	if err := s.went(n); err != nil {
		return err
	}
	side.inbox = side.inbox[:copy(side.inbox, side.inbox[n:])]
	if answers < 0 || uint32(answers) > in.desc.decisionsCap {
		return in.abi(KindABI, "it returned %d decisions; its buffer holds %d (the flag MORE on the last one asks for another call)", answers, in.desc.decisionsCap)
	}
	if s.told += int(answers); s.told > v.Jobs.Len()+c.Nodes().Len()+spareAnswer {
		return in.abi(KindLimit, "%d decisions at one instant; at most one for each of %d jobs and %d nodes, and %d more", s.told, v.Jobs.Len(), c.Nodes().Len(), spareAnswer)
	}
	s.TakeMetrics(d)
	err = s.apply(v, c, d, int(answers))
	if d.Again = d.Again || more; d.Again {
		side.rest.on = false
	}
	return err
}

// deliverTo writes the columns and the partition's events, and returns how many those are.
func (s *Scheduler) deliverTo(v *state.View, side *side) (int, error) {
	in, c := s.in, v.Capacity.(*cluster.Cluster)
	n := min(len(side.inbox), maxEvents)
	if err := in.sync(v, &s.mirror, c); err != nil {
		return 0, err
	}
	if uint32(n) > in.desc.eventsCap {
		in.desc.eventsCap = doubled(in.desc.eventsCap, uint32(n))
		if err := in.layout(); err != nil {
			return 0, err
		}
		if err := in.sync(v, &s.mirror, c); err != nil {
			return 0, err
		}
	}
	writeEvents(in.view[in.desc.events:], side.inbox[:n])
	return n, nil
}

// apply reads the guest's decisions and takes places for its starts. A group of start_parts that the buffer was too short for
// stays open until the guest's next call.
func (s *Scheduler) apply(v *state.View, c *cluster.Cluster, d *state.Decisions, n int) error {
	in, side := s.in, s.side(v.Partition)
	side.rest.on = false
	if n == 0 && len(side.open) == 0 {
		side.more = 0
		return nil
	}
	s.decided.clear()
	group := group{pods: &s.pods, decided: &s.decided, v: v, c: c, d: d, mark: len(d.Parts)}
	for i := range side.open {
		group.part(&side.open[i])
	}
	more := false
	r := &s.answer
	for i := range n {
		in.decision(i, r)
		if r.flags&^sched1.DofMore != 0 || r.flags != 0 && i < n-1 {
			return in.abi(KindABI, "decision %d has flags %#x; only the last may have MORE (1)", i, r.flags)
		}
		more = r.flags&sched1.DofMore != 0
		switch r.kind {
		case sched1.DoStartPart:
			if group.open && group.job != r.job {
				side.open = side.open[:0] // parts that no start claims are nobody's
			}
			side.open = append(side.open, *r)
			group.part(r)
			continue
		case sched1.DoStart:
			side.open = side.open[:0]
			group.start(r)
		case sched1.DoPreempt:
			d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: int32(r.job), Gen: r.gen, Tag: r.tag})
		case sched1.DoReject:
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: int32(r.job), Gen: r.gen, Tag: r.tag})
			if _, why := group.live(r); why == 0 {
				s.decided.add(r.job)
			}
		case sched1.DoTimer:
			if err := s.timer(v, d, r); err != nil {
				return err
			}
		case sched1.DoBlocked:
			group.blocked(r)
		case sched1.DoAwait:
			side.rest = rest{on: true, gpus: int32(min(r.gpus, math.MaxInt32)), number: r.arg}
		default:
			return in.abi(KindABI, "decision %d is of kind %d, which is not there (host minor %d)", i, r.kind, sched1.Minor)
		}
	}
	group.drop() // the engine wants to see closed groups only
	side.rest.cause, side.rest.blocker = d.FitCause, d.Blocker
	if d.Again = more; more {
		side.more++
		return nil
	}
	side.more, side.open = 0, side.open[:0]
	return nil
}

// timer asks for a call at an instant, once.
func (s *Scheduler) timer(v *state.View, d *state.Decisions, r *answer) error {
	side := s.side(v.Partition)
	if r.arg > int64(v.Now) {
		if slices.Contains(side.timers, state.Time(r.arg)) {
			return nil
		}
		pending := 0
		for p := range s.sides {
			pending += len(s.sides[p].timers)
		}
		if pending == maxTimers {
			return s.in.abi(KindLimit, "more than %d timers are pending", maxTimers)
		}
		side.timers = append(side.timers, state.Time(r.arg))
	}
	d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Job: -1, Arg: r.arg, Tag: r.tag})
	return nil
}

// answer is a decision as a guest writes it.
type answer struct {
	kind, flags    uint32
	job, gen, node uint32
	role, replicas uint32
	gpus           uint32
	mask           uint64
	arg            int64
	tag            uint32
}

// decision reads an answer.
func (in *Instance) decision(i int, r *answer) {
	at := in.desc.decisions + uint32(i)*sched1.DecisionBytes
	b := in.view[at : at+sched1.DecisionBytes : at+sched1.DecisionBytes]
	u16 := func(field int) uint32 { return uint32(binary.LittleEndian.Uint16(b[field:])) }
	u32 := func(field int) uint32 { return binary.LittleEndian.Uint32(b[field:]) }
	u64 := func(field int) uint64 { return binary.LittleEndian.Uint64(b[field:]) }
	r.kind, r.flags = u16(sched1.DecisionKind), u16(sched1.DecisionFlags)
	r.job, r.gen, r.node = u32(sched1.DecisionJob), u32(sched1.DecisionJobGen), u32(sched1.DecisionNode)
	r.role, r.replicas = u16(sched1.DecisionRole), u16(sched1.DecisionReplicas)
	r.gpus, r.mask = u32(sched1.DecisionGPUs), u64(sched1.DecisionGPUMask)
	r.arg, r.tag = int64(u64(sched1.DecisionArg)), u32(sched1.DecisionTag)
}

// Clone copies the guest for a fork.
func (s *Scheduler) Clone() (state.Policy, error) {
	g, err := s.clone()
	if err != nil {
		return nil, err
	}
	c := *s
	c.guest, c.sides, c.decided = g, slices.Clone(s.sides), marks{}
	for i := range c.sides {
		side := &c.sides[i]
		side.inbox, side.timers, side.open = slices.Clone(side.inbox), slices.Clone(side.timers), slices.Clone(side.open)
	}
	if s.spare != nil {
		if c.spare, err = s.spare.Clone(); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

var _ state.Policy = (*Scheduler)(nil)
