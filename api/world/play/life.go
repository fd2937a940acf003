package play

import "github.com/orrery-sim/orrery/sim/state"

// Phase is where a job is, in words of no cloud.
type Phase uint8

// The phases. The last three are ends.
const (
	Creating Phase = iota
	Waiting
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
)

// Attempt is one stretch from getting resources to losing them; End is Unset while it lasts.
type Attempt struct {
	Start, End state.Time
	Why        state.EndReason // of an End that is an eviction
	Evicted    bool
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
	queued := l.Created
	if l.Script.Create > 0 {
		queued = min(queued.Add(l.Script.Create), over)
		t.step(Creating, l.Created, queued, WhyNone, 0)
	}
	phase, why, from := Waiting, WhyNone, queued
	for i := range l.Attempts {
		a := &l.Attempts[i]
		t.step(phase, from, a.Start, why, 0)
		if i == 0 && from == a.Start && from <= t.now && !l.Script.Recorded { // it was in the queue, be it for an instant
			t.h.Steps = append(t.h.Steps, Step{Phase: Waiting, From: from, To: from})
		}
		if a.Start > t.now {
			return
		}
		until := over
		if a.End != state.Unset {
			until = min(until, a.End)
		}
		var hung state.Time
		if l.HungAt > a.Start && (a.End == state.Unset || l.HungAt <= a.End) && l.HungAt <= t.now {
			hung = l.HungAt
		}
		t.attempt(&l.Script, i, a, until, hung)
		if !a.Evicted {
			from = state.Never
			break
		}
		phase, from, why = Restarting, a.End, evicted(a.Why)
		t.endTry(a.End, why, 0)
	}
	t.step(phase, from, over, why, 0)
	t.end(l)
}

func evicted(r state.EndReason) Why {
	if r == state.ReasonNodeLost {
		return WhyNode
	}
	return WhyPreempted
}

// step adds a stretch unless it has not begun or is empty.
func (t *teller) step(p Phase, from, to state.Time, why Why, code int) {
	if from > t.now || from >= to {
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

// segment is one stretch of a script.
type segment struct {
	phase Phase
	span  state.Time
	why   Why
	code  int
	exit  Why // how a try ends with it; WhyNone: it does not
}

// segments are what an attempt goes through when nobody interferes, limits aside.
func (s *Script) segments() []segment {
	out := []segment{{phase: Preparing, span: s.Prepare}, {phase: Checking, span: s.Check}}
	if s.Recorded {
		return append(out, segment{phase: Running, span: state.Never})
	}
	code := int(s.Code)
	for i := range s.Fails {
		out = append(out, segment{phase: Running, span: s.Fail, exit: WhyExit, code: code})
		if i < s.Fails-1 || !s.GiveUp {
			out = append(out, segment{phase: Restarting, span: s.Restart, why: WhyExit, code: code})
		}
	}
	reserve := segment{phase: Reserving, span: s.Reserve, why: WhyDone}
	if s.GiveUp {
		reserve.why, reserve.code = WhyExit, code
	} else {
		out = append(out, segment{phase: Running, span: s.Run, exit: WhyDone})
	}
	return append(out, reserve)
}

// attempt adds what a script does from a.Start on, until it is cut. What it does when it hangs it does for good.
func (t *teller) attempt(s *Script, n int, a *Attempt, until, hung state.Time) {
	at := a.Start
	try := func() {
		t.h.Tries = append(t.h.Tries, Try{Attempt: n, Created: at, Running: state.Unset, Ended: state.Unset})
	}
	try()
	all := s.segments()
	for i := range all {
		g := &all[i]
		if at > t.now || at >= until {
			return
		}
		switch g.phase {
		case Running:
			t.h.Tries[len(t.h.Tries)-1].Running = at
			if total, limited := s.running(); limited && t.h.Tries[len(t.h.Tries)-1].Created == a.Start {
				until = min(until, at.Add(total))
			}
		case Restarting:
			try()
		}
		end := at.Add(g.span)
		if hung > 0 && at <= hung && hung < end {
			end, t.h.Tries[len(t.h.Tries)-1].Hung = state.Never, hung
			until = min(until, s.Deadline(a.Start))
		}
		t.step(g.phase, at, min(end, until), g.why, codeOf(g))
		if end > until {
			return // cut: by a stop, an eviction or the limit
		}
		if at = end; g.exit != WhyNone {
			t.endTry(at, g.exit, g.code)
		}
	}
}

// codeOf is the exit code that led into a segment.
func codeOf(g *segment) int {
	if g.why == WhyExit {
		return g.code
	}
	return 0
}

// end adds the stop and the end.
func (t *teller) end(l *Life) {
	if l.StopAt != state.Unset && l.StopAt <= t.now {
		to := l.Ended
		if to > t.now {
			to = state.Unset
		}
		t.h.Steps = append(t.h.Steps, Step{Stopping, l.StopAt, to, WhyUser, 0})
	}
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
