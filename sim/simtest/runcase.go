package simtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Policies makes a policy by its name in a script, or nil if it knows none.
type Policies func(name string, trigger state.Trigger) state.Policy

func (c *Case) policy(make_ Policies) (state.Policy, error) {
	switch c.Policy {
	case "fifo":
		return FIFO{Trigger: c.Trigger}, nil
	case "greedy":
		return Greedy{FIFO{Trigger: c.Trigger}}, nil
	case "script":
		return &scripted{c: c, done: make([]uint64, len(c.acts)), trigger: c.Trigger}, nil
	}
	if make_ != nil {
		if p := make_(c.Policy, c.Trigger); p != nil {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no policy %q", c.Policy)
}

// Run runs a case: once with the oracle beside it, and once more forked halfway. It returns every expectation that was
// not met.
func (c *Case) Run(policies Policies) []error {
	whole, digest, oracle, err := c.run(policies)
	errs := c.check(whole, oracle, err)
	if err == nil {
		if err := c.forked(policies, whole, digest); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (c *Case) engine(policies Policies, oracle bool) (*sim.Engine, *Recorder, *Oracle, error) {
	p, err := c.policy(policies)
	if err != nil {
		return nil, nil, nil, err
	}
	r := &Recorder{}
	o := NewOracle(p, c.Config.Initial, c.Specs)
	cfg := c.Config
	cfg.Policy = p
	if oracle {
		cfg.Policy = o
	}
	cfg.Names = c.Config.Names.Clone()
	cfg.Changes = append([]sim.Change(nil), cfg.Changes...)
	if err := cfg.Reserve(c.reserved); err != nil {
		return nil, nil, nil, err
	}
	cfg.Source = NewSource(c.Specs...)
	cfg.Listeners = []state.Listener{r}
	e, err := sim.New(cfg)
	return e, r, o, err
}

func (c *Case) run(policies Policies) ([]state.Event, string, *Oracle, error) {
	e, r, o, err := c.engine(policies, true)
	if err != nil {
		return nil, "", o, err
	}
	if err := o.Drive(e, r, c.End, func() bool { return false }); err != nil {
		return r.Events, "", o, err
	}
	return r.Events, e.Digest(), o, nil
}

// forked runs the case in steps, forks it in the middle, and runs fork and parent to the end.
func (c *Case) forked(policies Policies, want []state.Event, digest string) error {
	e, r, _, err := c.engine(policies, false)
	if err != nil {
		return err
	}
	middle := want[len(want)/2].Time
	if _, err := e.Run(middle); err != nil {
		return err
	}
	f, err := e.Fork()
	if err != nil {
		return err
	}
	var fr *Recorder
	if fr, err = recorderOf(f); err != nil {
		return err
	}
	for _, run := range []struct {
		name string
		e    *sim.Engine
		r    *Recorder
	}{{"fork", f, fr}, {"parent of a fork", e, r}} {
		if _, err := run.e.Run(state.Never); err != nil {
			return fmt.Errorf("%s: %w", run.name, err)
		}
		run.e.Finish(c.End)
		if i := firstDifference(WithoutSlots(run.r.Events), WithoutSlots(want)); i >= 0 {
			return fmt.Errorf("%s at %d ns differs from the whole run at event %d of %d", run.name, middle, i, len(want))
		}
		if d := run.e.Digest(); d != digest {
			return fmt.Errorf("%s: digest %s, want %s", run.name, d, digest)
		}
	}
	if i := firstDifference(fr.Events, r.Events); i >= 0 {
		return fmt.Errorf("fork and parent differ at event %d", i)
	}
	return nil
}

func recorderOf(e *sim.Engine) (*Recorder, error) {
	for _, l := range e.Listeners() {
		if r, ok := l.(*Recorder); ok {
			return r, nil
		}
	}
	return nil, fmt.Errorf("the fork has no recorder")
}

// firstDifference is the index of the first event that differs, or -1.
func firstDifference(a, b []state.Event) int {
	for i := 0; i < min(len(a), len(b)); i++ {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}

// check compares what happened with each expectation.
func (c *Case) check(events []state.Event, o *Oracle, runErr error) []error {
	var errs []error
	fail := func(line int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...)))
	}
	wantErr, refused := false, false
	for _, x := range c.expect {
		var got, want string
		switch want = strings.Join(x.word[1:], " "); x.word[0] {
		case "error":
			wantErr = true
			if runErr == nil || !strings.Contains(runErr.Error(), want) {
				fail(x.line, "error %v, want %q", runErr, want)
			}
			continue
		case "refused":
			refused = true
			got = refusals(events)
			slices.Sort(x.word[1:])
			want = strings.Join(x.word[1:], " ")
		case "events":
			at, err := span(x.word[1])
			if err != nil {
				fail(x.line, "%v", err)
			}
			got, want = c.eventsAt(events, at), strings.Join(x.word[2:], " ")
		case "passes":
			for _, t := range o.passes {
				got += " " + text(t)
			}
			got = strings.TrimSpace(got)
		case "stop":
			got = text(events[len(events)-1].Time)
		default:
			number, ok := c.numbers[x.word[0]]
			if !ok {
				fail(x.line, "no job %q", x.word[0])
				continue
			}
			got, want = c.jobFacts(events, o.placed[number], number, x.word[1:]), strings.Join(x.word[1:], " ")
		}
		if got != want {
			fail(x.line, "%s: got  %s\n%swant %s", x.word[0], got, strings.Repeat(" ", 10+len(x.word[0])), want)
		}
	}
	if runErr != nil && !wantErr {
		fail(c.Line, "%v", runErr)
	}
	if r := refusals(events); r != "" && !refused {
		fail(c.Line, "decisions were refused: %s", r)
	}
	return errs
}

// text is a time as scripts write it.
func text(t state.Time) string {
	if t < 0 {
		return "-" + text(-t)
	}
	s := strconv.FormatFloat(float64(t)/1e9, 'f', -1, 64)
	if t == 0 {
		return "0"
	}
	return s + "s"
}

func refusals(events []state.Event) string {
	var n [state.NumRefusals]int
	for i := range events {
		if events[i].Kind == state.EvRefuse {
			n[events[i].Cause]++
		}
	}
	var words []string
	for r, k := range n {
		if k > 0 {
			words = append(words, fmt.Sprintf("%s=%d", strings.ReplaceAll(state.Refusal(r).String(), " ", "-"), k))
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

var eventWords = map[state.EventKind]string{state.EvArrive: "arrive", state.EvHold: "hold", state.EvQueue: "queue",
	state.EvStart: "start", state.EvEnd: "end", state.EvEvict: "evict", state.EvNeverFits: "never", state.EvNodeUp: "up",
	state.EvNodeDown: "down", state.EvNodeFlags: "flags", state.EvRefuse: "refuse", state.EvStop: "stop"}

func (c *Case) eventsAt(events []state.Event, at state.Time) string {
	var words []string
	for i := range events {
		ev := &events[i]
		word := eventWords[ev.Kind]
		if ev.Time != at || word == "" {
			continue
		}
		switch {
		case ev.Kind == state.EvStop || ev.Kind == state.EvRefuse:
		case ev.Kind >= state.EvNodeUp:
			word += ":" + c.nodeName(ev.Node)
		default:
			word += ":" + c.jobName(ev.Number)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func (c *Case) nodeName(node int32) string {
	for name, n := range c.nodes {
		if n == node {
			return name
		}
	}
	return "?"
}

func (c *Case) jobName(number uint64) string {
	for name, n := range c.numbers {
		if n == number {
			return name
		}
	}
	return "?"
}

// jobFacts says what became of a job, in the words of an expectation and in the order of its keys.
func (c *Case) jobFacts(events []state.Event, placed []state.Part, number uint64, keys []string) string {
	var starts, on []string
	var end *state.Event
	evictions := 0
	var by []string
	var overhead, lost, idle int64
	for _, p := range placed {
		on = append(on, c.nodeName(p.Node)+":"+devices(p.Mask))
	}
	for i := range events {
		ev := &events[i]
		if ev.Number != number || ev.Job < 0 || ev.Kind >= state.EvNodeUp && ev.Kind != state.EvCost {
			continue
		}
		switch ev.Kind {
		case state.EvStart:
			starts = append(starts, text(ev.Time))
		case state.EvEvict:
			evictions++
			lost += ev.Y
			if ev.Z > 0 {
				by = append(by, c.jobName(ev.Z-1))
			}
		case state.EvCost:
			overhead, idle = overhead+ev.X, idle+int64(ev.Z)
		case state.EvEnd:
			end = ev
		}
	}
	facts := map[string]string{"starts": strings.Join(starts, ","), "start": strings.Join(starts, ","), "on": strings.Join(on, ","),
		"by": strings.Join(by, ","), "lost": text(state.Time(lost)), "overhead": text(state.Time(overhead)), "idle": text(state.Time(idle))}
	if end != nil {
		facts["end"], facts["outcome"] = text(end.Time), end.Outcome.String()
		facts["reason"], facts["evictions"] = state.EndReason(end.Cause).String(), strconv.Itoa(evictions)
	}
	var causes []string
	for cause, ns := range Waited(events)[number] {
		if ns != 0 {
			causes = append(causes, fmt.Sprintf("%s:%s", state.Cause(cause), text(state.Time(ns))))
		}
	}
	if facts["waited"] = strings.Join(causes, ","); causes == nil {
		facts["waited"] = "none"
	}
	var out []string
	for _, kv := range keys {
		k, _, hasValue := strings.Cut(kv, "=")
		if !hasValue && k == "never" && starts == nil {
			out = append(out, k)
			continue
		}
		out = append(out, k+"="+facts[k])
	}
	return strings.Join(out, " ")
}

func devices(mask uint64) string {
	var runs []string
	for d := 0; d < 64; d++ {
		if mask>>d&1 == 0 {
			continue
		}
		first := d
		for d+1 < 64 && mask>>(d+1)&1 != 0 {
			d++
		}
		if first == d {
			runs = append(runs, strconv.Itoa(d))
		} else {
			runs = append(runs, fmt.Sprintf("%d-%d", first, d))
		}
	}
	return strings.Join(runs, "+")
}
