package wasm

import (
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Scheduler is a guest that decides everything.
type Scheduler struct {
	*guest
	spare  state.Policy // stands in for a guest that fails under Fallback
	inbox  [][]byte     // events by partition, since its last call
	asked  bool         // for another call at this instant, because its answer did not fit
	at     state.Time   // instant that the limits below count for
	calls  int
	told   int
	timers []state.Time // pending ones, in no order
	parts  []state.Part // scratch
}

// NewScheduler makes an instance of a module that exports sched1_decide. spare stands in for it if it fails and Options say so.
func (m *Module) NewScheduler(o Options, spare state.Policy) (*Scheduler, error) {
	if !m.Has(sched1.HookDecide) {
		return nil, loadError(m.Name, "it exports no %s, so it is no whole scheduler; it has %s", sched1.HookDecide, strings.Join(m.Hooks, ", "))
	}
	g, err := m.newGuest(o)
	if err != nil {
		return nil, err
	}
	return &Scheduler{guest: g, spare: spare}, nil
}

// Info is what the guest declared.
func (s *Scheduler) Info() state.Info {
	d := &s.in.desc
	return state.Info{Name: s.Name(), Trigger: state.Trigger{Every: state.Time(d.every), Coalesce: state.Time(d.coalesce)},
		Clairvoyant: d.flags&sched1.DescClairvoyant != 0}
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
		s.spare.Observe(v, events)
		return
	}
	s.in.follow(v, &s.mirror, events)
	for i := range events {
		ev, p, ok := translate(v, &events[i])
		if !ok {
			continue
		}
		for int32(len(s.inbox)) <= p {
			s.inbox = append(s.inbox, nil)
		}
		s.inbox[p] = appendEvent(s.inbox[p], ev)
		if ev.kind == sched1.EvTimer {
			if at := slices.Index(s.timers, ev.at); at >= 0 {
				s.timers = slices.Delete(s.timers, at, at+1)
			}
		}
	}
}

// Pass asks the guest about one partition.
func (s *Scheduler) Pass(v *state.View, d *state.Decisions) {
	if !s.fallen {
		ok, err := s.try(v, func() error {
			err := s.decide(v, d)
			if err != nil { // a failed call decides nothing
				v.Capacity.(*cluster.Cluster).Undo(&d.Parts, 0)
				d.List = d.List[:0]
				if s.options.OnError == Drop {
					s.resync(v)
				}
			}
			return err
		})
		if d.Fault = err; ok || err != nil {
			return
		}
		s.handOver(v)
	}
	s.spare.Pass(v, d)
}

// resync empties the inboxes but for the one event that tells a new instance so.
func (s *Scheduler) resync(v *state.View) {
	for p := range s.inbox {
		s.inbox[p] = appendEvent(s.inbox[p][:0], event{kind: sched1.EvResync, a: sched1.None, at: v.Now})
	}
	s.timers = s.timers[:0]
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
	in := s.in
	c := v.Capacity.(*cluster.Cluster)
	if s.at != v.Now || s.calls == 0 {
		s.at, s.calls, s.told = v.Now, 0, 0
	}
	if s.calls++; s.calls > maxCalls && s.asked {
		return in.abi(KindLimit, "more than %d calls at one instant, for answers that do not fit its buffer", maxCalls)
	}
	var inbox []byte
	if int(v.Partition) < len(s.inbox) {
		inbox = s.inbox[v.Partition]
	}
	n := len(inbox) / sched1.EventBytes
	if err := in.sync(v, &s.mirror, c); err != nil {
		return err
	}
	if uint32(n) > in.desc.eventsCap {
		in.desc.eventsCap = doubled(in.desc.eventsCap, uint32(n))
		if err := in.layout(); err != nil {
			return err
		}
		if err := in.sync(v, &s.mirror, c); err != nil {
			return err
		}
	}
	copy(in.view[in.desc.events:], inbox)
	in.refuel(n)
	s.enter(v, 0, 0)
	in.stack[0] = uint64(n)
	answers, err := in.call(sched1.HookDecide, true)
	if err != nil {
		return err
	}
	if n > 0 {
		s.inbox[v.Partition] = inbox[:0]
	}
	if answers < 0 || uint32(answers) > in.desc.decisionsCap {
		return in.abi(KindABI, "it returned %d decisions; its buffer holds %d (the flag MORE on the last one asks for another call)", answers, in.desc.decisionsCap)
	}
	if s.told += int(answers); s.told > v.Jobs.Len()+c.Nodes().Len()+spareAnswer {
		return in.abi(KindLimit, "%d decisions at one instant; at most one for each of %d jobs and %d nodes, and %d more", s.told, v.Jobs.Len(), c.Nodes().Len(), spareAnswer)
	}
	s.takeMetrics(d)
	return s.apply(v, c, d, int(answers))
}

// apply reads the guest's decisions and takes places for its starts.
func (s *Scheduler) apply(v *state.View, c *cluster.Cluster, d *state.Decisions, n int) error {
	in := s.in
	group := group{v: v, c: c, d: d, mark: len(d.Parts)}
	s.asked = false
	for i := range n {
		r := in.decision(i)
		if r.flags&^sched1.DofMore != 0 || r.flags != 0 && i < n-1 {
			return in.abi(KindABI, "decision %d has flags %#x; only the last may have MORE (1)", i, r.flags)
		}
		switch r.kind {
		case sched1.DoStartPart:
			group.part(&r)
		case sched1.DoStart:
			group.start(&r)
		case sched1.DoPreempt:
			d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: int32(r.job), Gen: r.gen, Tag: r.tag})
		case sched1.DoReject:
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: int32(r.job), Gen: r.gen, Tag: r.tag})
		case sched1.DoTimer:
			if r.arg > int64(v.Now) && !slices.Contains(s.timers, state.Time(r.arg)) {
				if len(s.timers) == maxTimers {
					return in.abi(KindLimit, "more than %d timers are pending", maxTimers)
				}
				s.timers = append(s.timers, state.Time(r.arg))
			} else if r.arg > int64(v.Now) {
				continue // it is asked for already
			}
			d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Job: -1, Arg: r.arg, Tag: r.tag})
		case sched1.DoBlocked:
			group.blocked(&r)
		default:
			return in.abi(KindABI, "decision %d is of kind %d, which is not there (host minor %d)", i, r.kind, sched1.Minor)
		}
		s.asked = r.flags&sched1.DofMore != 0
	}
	group.drop()
	d.Again = s.asked
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

func (in *Instance) decision(i int) answer {
	at := in.desc.decisions + uint32(i)*in.desc.decSize
	return answer{kind: in.u16(at + sched1.DecisionKind), flags: in.u16(at + sched1.DecisionFlags), job: in.u32(at + sched1.DecisionJob),
		gen: in.u32(at + sched1.DecisionJobGen), node: in.u32(at + sched1.DecisionNode), role: in.u16(at + sched1.DecisionRole),
		replicas: in.u16(at + sched1.DecisionReplicas), gpus: in.u32(at + sched1.DecisionGPUs), mask: uint64(in.i64(at + sched1.DecisionGPUMask)),
		arg: in.i64(at + sched1.DecisionArg), tag: in.u32(at + sched1.DecisionTag)}
}

// Clone copies the guest for a fork.
func (s *Scheduler) Clone() (state.Policy, error) {
	g, err := s.clone()
	if err != nil {
		return nil, err
	}
	c := *s
	c.guest, c.parts, c.timers = g, nil, slices.Clone(s.timers)
	c.inbox = slices.Clone(s.inbox)
	for i := range c.inbox {
		c.inbox[i] = slices.Clone(s.inbox[i])
	}
	if s.spare != nil {
		if c.spare, err = s.spare.Clone(); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

var _ state.Policy = (*Scheduler)(nil)
