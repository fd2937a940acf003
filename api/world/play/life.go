package play

import "github.com/orrery-sim/orrery/sim/state"

// Phase is where a job is, in words of no cloud.
type Phase uint8

// The phases. The last three are ends.
const (
	Creating Phase = iota
	Waiting
	Bidding // a spot job's wait
	Preparing
	Checking
	Running
	Restarting
	Reserving
	Stopping
	Succeeded
	Failed
	Stopped
)

// Ends reports whether nothing follows the phase.
func (p Phase) Ends() bool { return p >= Succeeded }

// Why says what led into a phase.
type Why uint8

// The causes.
const (
	WhyNone      Why = iota
	WhyDone          // it ran through
	WhyExit          // its exit code, in Step.Code
	WhyUser          // somebody asked to stop it
	WhyLimit         // it ran for as long as it may
	WhyPreempted     // its resources went to another job
	WhyNode          // a node was lost under it
	WhyNoFit         // it was dropped: the cluster cannot hold it
	WhyRecorded      // the recorded workload says so
	WhyReclaimed     // its spot resources were taken back
	WhyHung          // it hung for as long as it is watched
)

// Attempt is one stretch from getting resources to losing them; End is Unset while it lasts.
type Attempt struct {
	Start, End state.Time
	Why        state.EndReason // of an End that is an eviction
	Evicted    bool
	Reclaimed  bool // its spot resources were taken back
}

// Life is what the simulation has told of a job so far. Instants that have not come are Unset.
type Life struct {
	Script   Script
	Created  state.Time
	Attempts []Attempt
	StopAt   state.Time // somebody asked to stop it
	Ended    state.Time
	Outcome  state.Outcome
	Reason   state.EndReason
	HungAt   state.Time // somebody made it stand still; 0: nobody
	Forced   bool       // somebody made it end with an exit code
	Code     uint8
	Put      *Put // somebody put it into a phase; nil: nobody

	Reclaimed bool // it failed when its spot resources were taken back
}

// Step is a stretch of a job's life. To is Unset while it lasts.
type Step struct {
	Phase    Phase
	From, To state.Time
	Why      Why
	Code     int // exit code, for WhyExit
}

// Try is one run of a job's pods: every restart makes new ones. Instants that have not come are Unset.
type Try struct {
	Attempt int
	Created state.Time
	Running state.Time
	Hung    state.Time // from then on it stands still; 0: it does not
	Ended   state.Time
	Why     Why
	Code    int
}

// History is a job's whole life up to an instant.
type History struct {
	Steps []Step
	Tries []Try
}

// Last is the present step.
func (h *History) Last() *Step { return &h.Steps[len(h.Steps)-1] }

// Since is the start of the first step of a phase, or Unset.
func (h *History) Since(p Phase) state.Time {
	for i := range h.Steps {
		if h.Steps[i].Phase == p {
			return h.Steps[i].From
		}
	}
	return state.Unset
}

// Restarts counts how often the job was restarted.
func (h *History) Restarts() int { return max(0, len(h.Tries)-1) }

// teller writes a history up to now.
type teller struct {
	h   History
	now state.Time
	all []Stretch // of the present attempt
	at  int       // which of them is the present one
}

// Tell is a job's life as it stands at now, which is not before anything that the simulation has told.
func Tell(l *Life, now state.Time) History {
	t := teller{now: now}
	t.h.Steps = make([]Step, 0, 8)
	t.tell(l)
	return t.h
}

func (t *teller) tell(l *Life) {
	over := state.Never // by when all that was before the end or the stop is over
	if l.Ended != state.Unset {
		over = l.Ended
	}
	if l.StopAt != state.Unset {
		over = min(over, l.StopAt)
	}
	var w wait
	if l.Put == nil {
		w = t.begins(l, over)
	} else if w = t.goesOn(l, over); w.phase.Ends() || w.phase == Stopping {
		return
	}
	for i := w.next; i < len(l.Attempts); i++ {
		a := &l.Attempts[i]
		if i > 0 || !l.Script.Recorded || w.from < a.Start {
			t.step(w.phase, w.from, a.Start, w.why, 0)
		}
		if a.Start > t.now {
			return
		}
		t.h.Tries = append(t.h.Tries, Try{Attempt: i, Created: a.Start, Running: state.Unset, Ended: state.Unset})
		until, hung := min(over, a.until()), l.hung(a, a.Start, t.now)
		if _, limited := l.Script.running(); limited || hung > 0 {
			until = min(until, l.Script.Deadline(a.Start))
		}
		t.attempt(l.Script.segments(), until, hung, a.Start, a.Start, false)
		w = t.after(a)
	}
	t.step(w.phase, w.from, over, w.why, 0)
	t.end(l)
}

// wait is what a job does between attempts: in which phase, from when, why, and which attempt is the next.
type wait struct {
	phase Phase
	from  state.Time // Never: it does not wait
	why   Why
	next  int
}

// begins adds how a job is created.
func (t *teller) begins(l *Life, over state.Time) wait {
	w := wait{phase: l.Script.waits(), from: l.Created}
	if l.Script.Create > 0 {
		w.from = l.Created.Add(l.Script.Create)
		t.step(Creating, l.Created, min(w.from, over), WhyNone, 0)
	}
	return w
}

// after is the wait behind an attempt.
func (t *teller) after(a *Attempt) wait {
	if !a.Evicted {
		return wait{from: state.Never}
	}
	t.endTry(a.End, a.lost(), 0)
	return wait{phase: Restarting, from: a.End, why: a.lost()}
}

// until is when an attempt ends, as far as that is known.
func (a *Attempt) until() state.Time {
	if a.End == state.Unset {
		return state.Never
	}
	return a.End
}

// hung is when somebody made an attempt stand still, behind an instant of it; 0: nobody did so far.
func (l *Life) hung(a *Attempt, behind, now state.Time) state.Time {
	if l.HungAt > behind && l.HungAt <= a.until() && l.HungAt <= now {
		return l.HungAt
	}
	return 0
}

// lost is why an attempt lost its resources.
func (a *Attempt) lost() Why {
	switch {
	case a.Reclaimed:
		return WhyReclaimed
	case a.Why == state.ReasonNodeLost:
		return WhyNode
	}
	return WhyPreempted
}

// step adds a stretch unless it has not begun. One that is cut at the instant at which it began is there all the same: somebody may
// have seen it.
func (t *teller) step(p Phase, from, to state.Time, why Why, code int) {
	if from > t.now || from > to {
		return
	}
	if to > t.now {
		to = state.Unset
	}
	t.h.Steps = append(t.h.Steps, Step{p, from, to, why, code})
}

// endTry closes the present try.
func (t *teller) endTry(at state.Time, why Why, code int) {
	if n := len(t.h.Tries); n > 0 && at <= t.now && t.h.Tries[n-1].Ended == state.Unset {
		try := &t.h.Tries[n-1]
		try.Ended, try.Why, try.Code = at, why, code
	}
}

// Stretch is a part of what an attempt does.
type Stretch struct {
	Phase Phase
	Span  state.Time
	Why   Why
	Code  int
	Exit  Why // how a try ends with it; WhyNone: it does not
}

// segments are what an attempt goes through when nobody interferes, limits aside.
func (s *Script) segments() []Stretch {
	out := []Stretch{{Phase: Preparing, Span: s.Prepare}, {Phase: Checking, Span: s.Check}}
	if s.Recorded {
		return append(out, Stretch{Phase: Running, Span: state.Never})
	}
	code := int(s.Code)
	for i := range s.Fails {
		out = append(out, Stretch{Phase: Running, Span: s.Fail, Exit: WhyExit, Code: code})
		if i < s.Fails-1 || !s.GiveUp {
			out = append(out, Stretch{Phase: Restarting, Span: s.Restart, Why: WhyExit, Code: code})
		}
	}
	reserve := Stretch{Phase: Reserving, Span: s.Reserve, Why: WhyDone}
	if s.GiveUp {
		reserve.Why, reserve.Code = WhyExit, code
	} else {
		out = append(out, Stretch{Phase: Running, Span: s.Run, Exit: WhyDone})
	}
	return append(out, reserve)
}

// attempt adds stretches from an instant on, until they are cut; the first was entered at entered, and with resumed its try is
// there already. What it does when it hangs it does for good.
func (t *teller) attempt(all []Stretch, until, hung, entered, at state.Time, resumed bool) {
	t.all = all
	for i := range all {
		g := &all[i]
		if at > t.now || at > until {
			return
		}
		t.at = i
		shown := g.Span > 0 || g.Phase == Running || resumed
		try := &t.h.Tries[len(t.h.Tries)-1]
		switch {
		case resumed:
			resumed = false
		case g.Phase == Running:
			try.Running = at
		case g.Phase == Restarting:
			t.h.Tries = append(t.h.Tries, Try{Attempt: try.Attempt, Created: at, Running: state.Unset, Ended: state.Unset})
		}
		end := at.Add(g.Span)
		if hung > 0 && at <= hung && hung < end {
			end, t.h.Tries[len(t.h.Tries)-1].Hung = state.Never, hung
		}
		if shown {
			t.step(g.Phase, entered, min(end, until), g.Why, codeOf(g))
		}
		if end > until || at == until && g.Phase == Running {
			return // cut: by a stop, an eviction or the limit
		}
		if at, entered = end, end; g.Exit != WhyNone {
			t.endTry(at, g.Exit, g.Code)
		}
	}
}

// codeOf is the exit code that led into a segment.
func codeOf(g *Stretch) int {
	if g.Why == WhyExit {
		return g.Code
	}
	return 0
}

// end adds the stop and the end.
func (t *teller) end(l *Life) {
	if l.StopAt != state.Unset && l.StopAt <= t.now {
		t.stop(l, l.StopAt)
		return
	}
	t.over(l)
}

// stop adds a stop, and the end behind it.
func (t *teller) stop(l *Life, from state.Time) {
	to := l.Ended
	if to > t.now {
		to = state.Unset
	}
	t.h.Steps = append(t.h.Steps, Step{Stopping, from, to, WhyUser, 0})
	t.over(l)
}

// over adds the end.
func (t *teller) over(l *Life) {
	if l.Ended == state.Unset || l.Ended > t.now {
		return
	}
	phase, why, code := ending(l)
	t.endTry(l.Ended, why, code)
	t.h.Steps = append(t.h.Steps, Step{phase, l.Ended, state.Unset, why, code})
}

// ending is how a life ended.
func ending(l *Life) (p Phase, why Why, code int) {
	if l.StopAt != state.Unset {
		return Stopped, WhyUser, 0
	}
	switch l.Outcome {
	case state.Finished:
		return Succeeded, WhyDone, 0
	case state.Failed:
		if l.Reclaimed {
			return Failed, WhyReclaimed, 0
		}
		if p := l.Put; p != nil && p.Attempt == len(l.Attempts)-1 && !l.Forced && l.Reason != state.ReasonNodeLost {
			return Failed, WhyExit, p.Code
		}
		if l.Script.Recorded && !l.Forced && l.Reason != state.ReasonNodeLost {
			return Failed, WhyRecorded, 1
		}
		switch {
		case l.Forced:
			return Failed, WhyExit, int(l.Code)
		case l.Reason == state.ReasonNodeLost:
			return Failed, WhyNode, 0
		}
		return Failed, WhyExit, int(l.Script.Code)
	case state.Dropped:
		return Failed, WhyNoFit, 0
	}
	if l.Reason == state.ReasonCommand {
		return Stopped, WhyUser, 0
	}
	if l.Script.Limit > 0 && !l.Script.Recorded || l.Reason == state.ReasonTimeLimit {
		return Stopped, WhyLimit, 0
	}
	return Stopped, WhyRecorded, 0
}
