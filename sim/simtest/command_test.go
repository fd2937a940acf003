package simtest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

const second = state.Second

// bench is a simulation of one node with 4 GPUs, with the checker beside it.
type bench struct {
	t      *testing.T
	e      *sim.Engine
	record *simtest.Recorder
	check  *check.Checker
}

func newBench(t *testing.T, order string, specs ...state.JobSpec) *bench {
	t.Helper()
	p, err := policies.Build(policies.Spec{Order: order})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, record: &simtest.Recorder{}, check: check.New()}
	names := &state.Names{}
	names.Types.Intern([]byte("A"))
	b.e, err = sim.New(sim.Config{Names: names, Nodes: []cluster.NodeSpec{{Name: "n0", GPUs: 4}}, Source: simtest.NewSource(specs...), Policy: p,
		Listeners: []state.Listener{b.record, b.check}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) apply(at state.Time, list ...sim.Command) []sim.Answer {
	b.t.Helper()
	return b.applyAll(sim.Commands{At: at, List: list})
}

func (b *bench) applyAll(c sim.Commands) []sim.Answer {
	b.t.Helper()
	a, err := b.e.Apply(c)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// story runs to the end and tells what happened to each job, in words.
func (b *bench) story() string {
	b.t.Helper()
	if _, err := b.e.Run(state.Never); err != nil {
		b.t.Fatal(err)
	}
	b.e.Finish(b.e.Now())
	if err := b.check.Done(); err != nil {
		b.t.Fatal(err)
	}
	return tell(b.record.Events)
}

func tell(events []state.Event) string {
	var out []string
	say := func(ev *state.Event, format string, args ...any) {
		out = append(out, fmt.Sprintf("%g:%d %s", float64(ev.Time)/1e9, ev.Number, fmt.Sprintf(format, args...)))
	}
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case state.EvHold:
			say(ev, "held")
		case state.EvQueue:
			say(ev, "queued")
		case state.EvStart:
			say(ev, "starts")
		case state.EvStopping:
			say(ev, "stopping until %g", float64(ev.X)/1e9)
		case state.EvPriority:
			say(ev, "priority %d", ev.A)
		case state.EvEvict:
			say(ev, "evicted (%s)", state.EndReason(ev.Cause))
		case state.EvEnd:
			say(ev, "%s (%s)", ev.Outcome, state.EndReason(ev.Cause))
		}
	}
	return strings.Join(out, ", ")
}

func submit(run state.Time, gpus int32, options ...func(*sim.Command)) sim.Command {
	c := sim.Command{Kind: sim.CommandSubmit, Spec: simtest.Job("live", 0, run, gpus), Slot: -1}
	for _, o := range options {
		o(&c)
	}
	return c
}

func stop(job uint64, grace state.Time) sim.Command {
	return sim.Command{Kind: sim.CommandStop, Job: job, Slot: -1, Grace: grace}
}

func TestCommands(t *testing.T) {
	hold := func(d state.Time) func(*sim.Command) { return func(c *sim.Command) { c.Hold = d } }
	type commands = map[state.Time][]sim.Command
	for _, tc := range []struct {
		name, order, want string
		jobs              []state.JobSpec
		at                commands
	}{
		{"a submitted job runs", "fifo", "5:0 queued, 5:0 starts, 15:0 finished (recorded)", nil,
			commands{5: {submit(10*second, 4)}}},
		{"its hold comes first", "fifo", "5:0 held, 7:0 queued, 7:0 starts, 17:0 finished (recorded)", nil,
			commands{5: {submit(10*second, 4, hold(2*second))}}},
		{"a held job is stopped", "fifo", "5:0 held, 6:0 cancelled (command)", nil,
			commands{5: {submit(10*second, 4, hold(2*second))}, 6: {stop(0, 3*second)}}},
		{"a waiting job is stopped at once", "fifo", "0:0 queued, 0:0 starts, 1:1 queued, 2:1 cancelled (command), 20:0 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 20*second, 4), simtest.Job("b", second, 20*second, 4)},
			commands{2: {stop(1, 3*second)}}},
		{"a running job keeps its GPUs for the grace", "fifo",
			"0:0 queued, 0:0 starts, 1:1 queued, 2:0 stopping until 5, 5:0 cancelled (command), 5:1 starts, 10:1 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 4*second, 4), simtest.Job("b", second, 5*second, 4)},
			commands{2: {stop(0, 3*second)}}},
		{"without a grace it ends at once", "fifo", "0:0 queued, 0:0 starts, 2:0 cancelled (command)",
			[]state.JobSpec{simtest.Job("a", 0, 4*second, 4)},
			commands{2: {stop(0, 0)}}},
		{"a finish at the instant of the stop wins", "fifo", "0:0 queued, 0:0 starts, 2:0 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 2*second, 4)},
			commands{2: {stop(0, 3*second)}}},
		{"commands of one instant apply in order", "fifo", "5:0 queued, 5:1 queued, 5:0 cancelled (command), 5:1 starts, 6:1 finished (recorded)", nil,
			commands{5: {submit(9*second, 4), submit(second, 4), stop(0, second)}}},
		{"a new priority counts from then on", "priority",
			"0:0 queued, 0:0 starts, 1:1 queued, 1:2 queued, 2:2 priority 9, 5:0 finished (recorded), 5:2 starts, 6:2 finished (recorded), 6:1 starts, 7:1 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 5*second, 4), simtest.Job("b", second, second, 4), simtest.Job("c", second, second, 4)},
			commands{2: {{Kind: sim.CommandPriority, Job: 2, Slot: 7, Priority: 9}}}},
		{"rows keep their dependencies when commands take numbers", "fifo",
			"0:0 queued, 0:0 starts, 1:1 queued, 1:1 starts, 2:2 held, 4:0 finished (recorded), 4:2 queued, 4:2 starts, 5:2 finished (recorded), 10:1 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 4*second, 1),
				simtest.Job("b", 2*second, second, 1, func(s *state.JobSpec) { s.After = []state.Dep{{Row: 0}} })},
			commands{1: {submit(9*second, 1)}}},
		{"and wait for what comes after such a number", "fifo",
			"1:0 queued, 1:0 starts, 2:1 queued, 2:1 starts, 3:2 held, 6:1 finished (recorded), 6:2 queued, 6:2 starts, 7:2 finished (recorded), 10:0 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 2*second, 4*second, 1),
				simtest.Job("b", 3*second, second, 1, func(s *state.JobSpec) { s.After = []state.Dep{{Row: 0}} })},
			commands{1: {submit(9*second, 1)}}},
		{"a job that may not queue again fails with its node", "fifo", "1:0 queued, 1:0 starts, 2:0 failed (node-lost)", nil,
			commands{1: {submit(9*second, 1, func(c *sim.Command) { c.Spec.Once = true })}, 2: {{Kind: sim.CommandNode, Node: sim.Change{Kind: sim.ChangeDown}}}}},
		{"a running job is made to fail", "fifo", "0:0 queued, 0:0 starts, 1:1 queued, 2:0 failed (command), 2:1 starts, 7:1 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 20*second, 4), simtest.Job("b", second, 5*second, 4)},
			commands{2: {{Kind: sim.CommandEnd, Job: 0, Outcome: state.Failed}}}},
		{"a running job loses its GPUs", "priority", "0:0 queued, 0:0 starts, 1:1 queued, 2:0 evicted (preempted), 2:0 queued, 2:1 starts, 7:1 finished (recorded), 7:0 starts, 27:0 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 20*second, 4), simtest.Job("b", second, 5*second, 4, func(s *state.JobSpec) { s.Priority = 3 })},
			commands{2: {{Kind: sim.CommandPreempt, Job: 0}}}},
		{"a node goes down under a job that is being stopped", "fifo",
			"0:0 queued, 0:0 starts, 1:0 stopping until 9, 2:0 cancelled (command)",
			[]state.JobSpec{simtest.Job("a", 0, 20*second, 4)},
			commands{1: {stop(0, 8*second)}, 2: {{Kind: sim.CommandNode, Node: sim.Change{Kind: sim.ChangeDown}}}}},
		{"a job that hangs ends at its limit", "fifo", "0:0 queued, 0:0 starts, 1:1 queued, 9:0 cancelled (time-limit), 9:1 starts, 14:1 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 5*second, 4), simtest.Job("b", second, 5*second, 4)},
			commands{2: {{Kind: sim.CommandHang, Job: 0, Grace: 7 * second}}}},
		{"a job that hangs starts over when it is evicted", "fifo", "0:0 queued, 0:0 starts, 7:0 evicted (preempted), 7:0 queued, 7:0 starts, 12:0 finished (recorded)",
			[]state.JobSpec{simtest.Job("a", 0, 5*second, 4)},
			commands{2: {{Kind: sim.CommandHang, Job: 0, Grace: state.Never}}, 7: {{Kind: sim.CommandPreempt, Job: 0}}}},
		{"planned changes of one instant come in order of planning", "fifo",
			"0:0 queued, 0:0 starts, 3:0 evicted (node-lost), 3:0 queued, 3:0 starts, 13:0 finished (recorded)", []state.JobSpec{simtest.Job("a", 0, 10*second, 4)},
			commands{1: {change(5, sim.ChangeDrain), change(3, sim.ChangeDown), change(3, sim.ChangeUp)}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, tc.order, tc.jobs...)
			var times []state.Time
			for at := range tc.at {
				times = append(times, at)
			}
			slices.Sort(times)
			for _, at := range times {
				for _, a := range b.apply(at*second, tc.at[at]...) {
					if a.Err != nil && tc.name != "a finish at the instant of the stop wins" {
						t.Error(a.Err)
					}
				}
			}
			if got := b.story(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func change(at state.Time, kind sim.ChangeKind) sim.Command {
	return sim.Command{Kind: sim.CommandChange, Node: sim.Change{At: at * second, Kind: kind}}
}

func TestCommandsAreRefused(t *testing.T) {
	b := newBench(t, "fifo", simtest.Job("a", 0, 4*second, 4), simtest.Job("b", 0, 9*second, 4))
	bad := simtest.Job("bad", 0, -1, 1)
	b.apply(5*second, stop(1, 4*second))
	got := b.apply(6*second, stop(0, 1), stop(1, 1), stop(77, 0), stop(1, -1), sim.Command{Kind: sim.CommandSubmit, Spec: bad},
		submit(1, 1, func(c *sim.Command) { c.Hold = -1 }), sim.Command{Kind: 99},
		sim.Command{Kind: sim.CommandNode, Node: sim.Change{Kind: sim.ChangeDown, Node: 4}}, submit(second, 1),
		change(6, sim.ChangeUp), change(9, sim.ChangeAdd), sim.Command{Kind: sim.CommandChange, Node: sim.Change{At: 9 * second, Kind: sim.ChangeUp, Node: 4}})
	for i, want := range []string{"no such job", "stopped already", "no such job", "negative", "negative duration", "hold", "no command 99", "node number 4", "", "a change at", "kind 1", "node number 4"} {
		if err := got[i].Err; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("command %d: %v, want %q", i, err, want)
		}
	}
	if !errors.Is(got[0].Err, sim.ErrNoJob) || !errors.Is(got[1].Err, sim.ErrStopping) || got[8].Job != 2 {
		t.Error(got)
	}
	want := "0:0 queued, 0:1 queued, 0:0 starts, 4:0 finished (recorded), 4:1 starts, 5:1 stopping until 9, 6:2 queued, 9:1 cancelled (command), 9:2 starts, 10:2 finished (recorded)"
	if s := b.story(); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if _, err := b.e.Apply(sim.Commands{At: 10 * second}); err == nil {
		t.Error("commands at a closed instant were taken")
	}
}

// A world that stands takes commands and decides nothing until time moves.
func TestHeldInstants(t *testing.T) {
	b := newBench(t, "fifo")
	for i := range 3 {
		b.applyAll(sim.Commands{At: second + state.Time(i), Hold: true, List: []sim.Command{submit(second, 2)}})
	}
	b.e.Flush()
	if s := tell(b.record.Events); strings.Contains(s, "starts") {
		t.Errorf("while time stands: %s", s)
	}
	if at, ok := b.e.Peek(); !ok || at != second+3 {
		t.Errorf("the next instant is %d, %v", at, ok)
	}
	if s := b.story(); !strings.HasPrefix(s, "1:0 queued, 1.000000001:1 queued, 1.000000002:2 queued, 1.000000003:0 starts, 1.000000003:1 starts, 2.000000003") {
		t.Error(s)
	}
}

// A policy's timers that an idle simulation let pass fire when a command wakes it, not in the past.
func TestCommandsWakeTimers(t *testing.T) {
	b := newBench(t, "fifo")
	ticks := &ticking{}
	cfg := sim.Config{Names: &state.Names{}, Nodes: []cluster.NodeSpec{{Name: "n0", GPUs: 4}}, Source: simtest.NewSource(), Policy: ticks,
		Listeners: []state.Listener{b.record, b.check}}
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.e = e
	b.apply(1*second, submit(2*second, 1))
	b.apply(100*second, submit(2*second, 1))
	if s := b.story(); s != "1:0 queued, 1:0 starts, 3:0 finished (recorded), 100:1 queued, 100:1 starts, 102:1 finished (recorded)" {
		t.Error(s)
	}
	for i := 1; i < len(ticks.at); i++ {
		if ticks.at[i] < ticks.at[i-1] {
			t.Errorf("passes at %v", ticks.at)
		}
	}
}

// ticking is first come, first served with a timer every 10 s.
type ticking struct {
	simtest.FIFO
	at []state.Time
}

func (p *ticking) Pass(v *state.View, d *state.Decisions) {
	p.at = append(p.at, v.Now)
	p.FIFO.Pass(v, d)
	d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(v.Now/(10*second)+1) * int64(10*second)})
}

func (p *ticking) Clone() (state.Policy, error) { return p, nil }

// Commands in random worlds break no invariant, and what was accepted gives the same digest however the run was cut into
// pieces, flushed or forked.
func TestCommandsReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		choices := []state.Policy{simtest.FIFO{}, simtest.Greedy{}, simtest.Fickle{Preempts: true}}
		w := simtest.Random(pick, choices[pick(len(choices))])
		live := w.Fresh(false)
		live.Config.Horizon = 0
		checker := check.New()
		live.Config.Listeners = append(live.Config.Listeners, checker)
		e, err := sim.New(live.Config)
		if err != nil {
			t.Fatal(err)
		}
		var journal []sim.Commands
		at := state.Time(pick(3)) - 1
		for range pick(12) {
			at += state.Time(1 + pick(15))
			c := sim.Commands{At: at, Hold: pick(4) == 3}
			for range 1 + pick(4) {
				c.List = append(c.List, randomCommand(pick, len(w.Config.Nodes), len(w.Specs)))
			}
			accepted := sim.Commands{At: c.At, Hold: c.Hold}
			original := slices.Clone(c.List)
			answers, err := e.Apply(c)
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range answers {
				if a.Err == nil {
					accepted.List = append(accepted.List, original[i])
				}
			}
			journal = append(journal, accepted)
			switch pick(4) {
			case 1:
				e.Flush()
			case 2:
				if e, err = e.Fork(); err != nil {
					t.Fatal(err)
				}
			case 3:
				if _, err := e.Run(at + 1 + state.Time(pick(10))); err != nil {
					t.Fatal(err)
				}
				at = max(at, e.Now())
			}
		}
		finish := func(e *sim.Engine) string {
			if _, err := e.Run(state.Never); err != nil {
				t.Fatal(err)
			}
			e.Finish(e.Now())
			for _, l := range e.Listeners() {
				if c, ok := l.(*check.Checker); ok {
					if err := c.Done(); err != nil {
						t.Fatal(err)
					}
				}
			}
			return e.Digest()
		}
		replay := w.Fresh(false)
		replay.Config.Horizon = 0
		r, err := sim.New(replay.Config)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range journal {
			answers, err := r.Apply(c)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range answers {
				if a.Err != nil {
					t.Fatalf("a replay refuses what was accepted: %v", a.Err)
				}
			}
		}
		got, want := finish(r), finish(e)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("the replay has another digest: %s", diff)
		}
	})
}

func randomCommand(pick simtest.Pick, nodes, specs int) sim.Command {
	job := uint64(pick(specs + 8))
	switch pick(10) {
	case 9:
		return sim.Command{Kind: sim.CommandHang, Job: job, Grace: []state.Time{0, state.Time(pick(30)), state.Never}[pick(3)]}
	case 8:
		return sim.Command{Kind: sim.CommandChange, Node: sim.Change{At: state.Time(pick(60)), Node: int32(pick(nodes)),
			Kind: []sim.ChangeKind{sim.ChangeUp, sim.ChangeDown, sim.ChangeDrain, sim.ChangeUncordon}[pick(4)]}}
	case 3:
		return sim.Command{Kind: sim.CommandEnd, Job: job, Outcome: state.Outcome(pick(3))}
	case 4:
		return sim.Command{Kind: sim.CommandPreempt, Job: job}
	case 0:
		return sim.Command{Kind: sim.CommandStop, Job: job, Slot: int32(pick(6)) - 1, Grace: state.Time(pick(6))}
	case 1:
		return sim.Command{Kind: sim.CommandPriority, Job: job, Slot: -1, Priority: int32(pick(9))}
	case 2:
		return sim.Command{Kind: sim.CommandNode, Node: sim.Change{Kind: []sim.ChangeKind{sim.ChangeUp, sim.ChangeDown, sim.ChangeDrain, sim.ChangeUncordon}[pick(4)],
			Node: int32(pick(nodes))}}
	}
	c := submit(state.Time(pick(20)), int32(1+pick(6)))
	c.Hold = state.Time(pick(4))
	c.Spec.Once = pick(2) == 1
	if pick(4) == 3 {
		c.Spec.Patience = state.Time(pick(9))
	}
	return c
}
