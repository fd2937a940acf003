package play

import (
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Put is what somebody made of a job at an instant: what it has gone through by then, and what its present attempt does from
// then on. Attempts behind it do what the job's script says.
type Put struct {
	At      state.Time
	Steps   []Step // the last one is the present phase; its To is not used
	Tries   []Try
	Attempt int       // the one that it is put into; -1: the job holds no resources
	Next    int       // the first attempt behind it
	Rest    []Stretch // of the attempt; the first one is the present phase
	Until   state.Time
	Code    int // exit code, when it fails
}

// Ends is when the attempt ends by itself and how, or Never.
func (p *Put) Ends() (at state.Time, how state.Outcome) {
	if p.Attempt < 0 {
		return state.Never, state.Cancelled
	}
	at = p.At
	for i := range p.Rest {
		at = at.Add(p.Rest[i].Span)
	}
	switch {
	case at > p.Until:
		return p.Until, state.Cancelled
	case p.Rest[len(p.Rest)-1].Why == WhyExit:
		return at, state.Failed
	}
	return at, state.Finished
}

// Target is a phase that a job is to be put into.
type Target struct {
	Phase   Phase
	Failed  bool       // of Reserving: after a failure
	Code    int        // exit code of what fails on the way; 0: 1
	Hung    bool       // what fails on the way fails because it hangs
	Span    state.Time // how long it stays there from now on; Unset: as its script says
	History []Past     // what it went through, the target at the end; nil: what it did, and what lies between
}

// Past is a stretch of a history that somebody wishes a job to have.
type Past struct {
	Phase  Phase
	Failed bool
	Code   int  // of Restarting, FailedReserving and Failed
	Hung   bool // the same, when it is because the job hung
	Span   state.Time
}

// A PutError is a phase that a job cannot be put into.
type PutError struct {
	From, To Phase
	Text     string // what else is wrong; "": there is no way from one to the other
}

func (e *PutError) Error() string { return e.Text }

// What a phase lasts that a job is put into and its script has none of.
const (
	putCheck   = 70 * state.Second
	putRestart = 30 * state.Second
	putReserve = 30 * 60 * state.Second
)

// Holds reports whether a job in the phase holds resources.
func (p Phase) Holds() bool {
	switch p {
	case Preparing, Checking, Running, Reserving:
		return true
	}
	return false
}

// NeedsResources reports whether a job must hold resources to be put there.
func (g *Target) NeedsResources() bool {
	switch g.Phase {
	case Waiting, Bidding:
		return false
	case Failed, Stopped:
		return g.Phase == Failed && g.Code != 0 || slices.ContainsFunc(g.History, func(p Past) bool { return p.Phase.Holds() || p.Phase == Restarting })
	}
	return true
}

// Lead is how a job that has not ended gets where it is to be put. The error is a *PutError.
func (l *Life) Lead(now state.Time, to Target) (*Put, error) {
	t := teller{now: now}
	t.tell(l)
	here := t.h.Last()
	p := &Put{At: now, Attempt: -1, Next: len(l.Attempts), Until: state.Never, Steps: t.h.Steps, Tries: t.h.Tries}
	holds := here.Phase.Holds() || here.Phase == Restarting && t.h.Tries[len(t.h.Tries)-1].Ended == state.Unset
	if err := l.possible(here, holds, &to); err != nil {
		return nil, err
	}
	if to.Code == 0 {
		to.Code = max(int(l.Script.Code), 1)
	}
	if holds && !to.Phase.Ends() && to.Phase != Stopping {
		p.Attempt = len(l.Attempts) - 1
		p.Until = l.until(p.Attempt)
		p.Rest = l.rest(&t, here, &to)
		p.Code = p.Rest[len(p.Rest)-1].Code
	}
	if to.History == nil {
		p.walk(here, &to)
	} else if err := p.remember(&to); err != nil {
		return nil, err
	}
	if len(p.Rest) > 0 {
		last, first := &p.Steps[len(p.Steps)-1], &p.Rest[0]
		if first.Why = last.Why; first.Phase != Running { // whose code is the one that it ends with
			first.Code = last.Code
		}
	}
	return p, nil
}

// possible refuses what no job can do.
func (l *Life) possible(here *Step, holds bool, to *Target) error {
	refuse := func(text string) error { return &PutError{From: here.Phase, To: to.Phase, Text: text} }
	switch {
	case here.Phase == Stopping:
		return refuse("the job is being stopped")
	case to.Phase == Stopped && to.History == nil:
		return nil
	case l.Script.Recorded:
		return refuse("a job of the scenario's workload does what that says; it can be stopped, preempted, made to hang or to exit")
	case here.Phase == to.Phase && !to.differs(here):
		return nil
	case !holds && to.NeedsResources():
		return refuse("the job holds no resources")
	case (to.Phase == Waiting || to.Phase == Bidding) && to.Phase != l.Script.waits():
		return refuse(map[bool]string{true: "a job that asks for spot resources bids", false: "only a job that asks for spot resources bids"}[l.Script.Spot])
	case holds && (to.Phase == Waiting || to.Phase == Bidding) || to.Phase == Creating:
		return refuse("a job never goes back there")
	case to.Phase == Preparing:
		return refuse("a job gets there by getting resources: preempt it, and it prepares anew")
	case to.Phase == Stopping && !holds:
		return refuse("a job that holds no resources stops at once")
	case here.Phase == Reserving && !to.Phase.Ends() && to.Phase != Stopping,
		here.Phase == Reserving && to.Phase == Succeeded && here.Why == WhyExit,
		here.Phase == Reserving && to.Phase == Failed && here.Why != WhyExit:
		return refuse("the job's command has ended")
	}
	return nil
}

// differs reports whether a reservation is of the other kind.
func (g *Target) differs(here *Step) bool {
	return g.Phase == Reserving && g.Failed != (here.Why == WhyExit)
}

// until is when the limit of the running time ends an attempt.
func (l *Life) until(attempt int) state.Time {
	if l.Script.Limit == 0 {
		return state.Never
	}
	if p := l.Put; p != nil && p.Attempt == attempt {
		return p.Until
	}
	return l.Script.Deadline(l.Attempts[attempt].Start)
}

// rest is what the present attempt does in its new phase and behind it: what it would have done from there, or where it has no
// such phase, that phase and then its present run once more.
func (l *Life) rest(t *teller, here *Step, to *Target) []Stretch {
	all := slices.Clone(t.all[t.at:])
	if here.Phase == to.Phase {
		end := here.From.Add(all[0].Span)
		if p := l.Put; p != nil && p.Attempt == len(l.Attempts)-1 && t.at == 0 {
			end = p.At.Add(all[0].Span)
		}
		all[0].Span = max(end-t.now, 0)
		if end == state.Never {
			all[0].Span = state.Never
		}
		return lasting(all, to)
	}
	for i := range all {
		if i > 0 && all[i].Phase == to.Phase && all[i].Span > 0 && (to.Phase != Reserving || to.Failed == (all[i].Why == WhyExit)) {
			return lasting(all[i:], to)
		}
	}
	again := slices.IndexFunc(all, func(s Stretch) bool { return s.Phase == Running })
	var run []Stretch
	if again >= 0 {
		run = all[again:]
	}
	switch to.Phase {
	case Checking:
		return lasting(append([]Stretch{{Phase: Checking, Span: putCheck}}, run...), to)
	case Restarting:
		return lasting(append([]Stretch{{Phase: Restarting, Span: max(l.Script.Restart, putRestart)}}, run...), to)
	}
	why, code := WhyDone, 0
	if to.Failed {
		why, code = WhyExit, to.Code
	}
	return lasting([]Stretch{{Phase: Reserving, Span: putReserve, Why: why, Code: code}}, to)
}

// lasting makes the first stretch as long as was asked.
func lasting(all []Stretch, to *Target) []Stretch {
	if to.Span != state.Unset {
		all[0].Span = to.Span
	}
	return all
}

// walk goes from the present phase to the new one, in no time, through those that must lie between.
func (p *Put) walk(here *Step, to *Target) {
	p.Steps, p.Tries = slices.Clone(p.Steps), slices.Clone(p.Tries)
	if here.Phase == to.Phase && !to.differs(here) {
		return
	}
	switch to.Phase {
	case Restarting, Reserving, Succeeded:
		if here.Phase != Running && here.Phase != Reserving {
			p.enter(Past{Phase: Running})
		}
	case Checking:
		if here.Phase == Running {
			p.enter(Past{Phase: Restarting, Code: to.Code, Hung: to.Hung})
		}
	case Stopped:
		p.enter(Past{Phase: Stopping})
	}
	p.enter(Past{Phase: to.Phase, Failed: to.Failed, Code: to.Code, Hung: to.Hung})
}

// enter closes the present step at p.At and opens another one.
func (p *Put) enter(next Past) {
	var from Step
	if n := len(p.Steps); n > 0 {
		p.Steps[n-1].To = p.At
		from = p.Steps[n-1]
	}
	s := Step{Phase: next.Phase, From: p.At, To: state.Unset}
	switch {
	case next.Phase == Failed && (from.Phase == Waiting || from.Phase == Bidding || from.Phase == Creating):
		s.Why = WhyNoFit
	case next.Hung && (next.Phase == Restarting || next.Phase == Failed):
		s.Why = WhyHung
	case next.Phase == Restarting, next.Phase == Failed, next.Phase == Reserving && next.Failed:
		s.Why, s.Code = WhyExit, max(next.Code, 1)
	case next.Phase == Reserving, next.Phase == Succeeded:
		s.Why = WhyDone
	case next.Phase == Stopping, next.Phase == Stopped:
		s.Why = WhyUser
	}
	p.Steps = append(p.Steps, s)
	p.try(&s)
}

// try follows a step with the run of the pods that it belongs to.
func (p *Put) try(s *Step) {
	var open *Try
	if n := len(p.Tries); n > 0 && p.Tries[n-1].Ended == state.Unset {
		open = &p.Tries[n-1]
	}
	switch {
	case s.Phase == Running && open != nil:
		open.Running = s.From
	case s.Phase == Restarting || s.Phase == Reserving || s.Phase.Ends():
		if open != nil {
			open.Ended, open.Why, open.Code = s.From, s.Why, s.Code
		}
		if s.Phase == Restarting && p.Next > 0 {
			p.Tries = append(p.Tries, Try{Attempt: p.Next - 1, Created: s.From, Running: state.Unset, Ended: state.Unset})
		}
	case s.Phase == Preparing:
		p.Tries = append(p.Tries, Try{Attempt: max(p.Next-1, 0), Created: s.From, Running: state.Unset, Ended: state.Unset})
	}
}

// follows says which phases may follow one (docs/apis.md).
var follows = map[Phase][]Phase{
	Creating:   {Waiting, Bidding, Preparing, Failed, Stopping, Stopped},
	Waiting:    {Preparing, Failed, Stopping, Stopped},
	Bidding:    {Preparing, Failed, Stopping, Stopped},
	Preparing:  {Checking, Running, Restarting, Failed, Stopping, Stopped},
	Checking:   {Running, Restarting, Failed, Stopping, Stopped},
	Running:    {Restarting, Reserving, Succeeded, Failed, Stopping, Stopped},
	Restarting: {Preparing, Checking, Running, Failed, Stopping, Stopped},
	Reserving:  {Succeeded, Failed, Stopping, Stopped},
	Stopping:   {Stopped},
}

// mayFollow reports whether a job may go from one phase to another.
func mayFollow(a, b Past) bool {
	if a.Phase == Reserving && (b.Phase == Succeeded && a.Failed || b.Phase == Failed && !a.Failed) {
		return false
	}
	return slices.Contains(follows[a.Phase], b.Phase)
}

// remember puts a wished history in place of what the job went through.
func (p *Put) remember(to *Target) error {
	list := to.History
	switch last := list[len(list)-1]; {
	case last.Phase != to.Phase || last.Failed != to.Failed:
		return &PutError{To: to.Phase, Text: "the history's last status is another one than the job is to be put into"}
	case list[0].Phase != Creating && list[0].Phase != Waiting && list[0].Phase != Bidding:
		return &PutError{To: to.Phase, Text: "a history begins when the job is created, or queues"}
	}
	var total state.Time
	for i := range list {
		if i > 0 && !mayFollow(list[i-1], list[i]) {
			return &PutError{From: list[i-1].Phase, To: list[i].Phase, Text: fmt.Sprintf("status %d of the history cannot follow the one before it", i+1)}
		}
		if total = total.Add(list[i].Span); total > state.End {
			return &PutError{To: to.Phase, Text: "the history is longer than simulated time"}
		}
	}
	now := p.At
	p.Steps, p.Tries, p.At = nil, nil, now-total
	for _, s := range list {
		p.enter(s)
		p.At = p.At.Add(s.Span)
	}
	p.At = now
	return nil
}

// goesOn adds what a put says, and what the attempt did that it put the job into.
func (t *teller) goesOn(l *Life, over state.Time) wait {
	p := l.Put
	t.h.Tries = append(t.h.Tries, p.Tries...)
	last := p.Steps[len(p.Steps)-1]
	for i, s := range p.Steps {
		if s.From > t.now || i == len(p.Steps)-1 {
			break
		}
		if s.To > t.now {
			s.To = state.Unset
		}
		t.h.Steps = append(t.h.Steps, s)
	}
	switch {
	case last.Phase.Ends():
		if last.From <= t.now {
			last.To = state.Unset
			t.h.Steps = append(t.h.Steps, last)
		}
		return wait{phase: last.Phase}
	case last.Phase == Stopping:
		t.stop(l, last.From)
		return wait{phase: Stopping}
	case p.Attempt < 0:
		return wait{phase: last.Phase, from: last.From, why: last.Why, next: p.Next}
	}
	a := &l.Attempts[p.Attempt]
	t.attempt(p.Rest, min(over, a.until(), p.Until), l.hung(a, p.At, t.now), last.From, p.At, true)
	w := t.after(a)
	w.next = p.Next
	return w
}
