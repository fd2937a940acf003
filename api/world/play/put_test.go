package play_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// running is a job that began to run at 3 s and would run through.
func running(l *play.Life) { l.Attempts = []play.Attempt{runs(s)} }

func TestLead(t *testing.T) {
	to := func(p play.Phase) play.Target { return play.Target{Phase: p, Span: state.Unset} }
	lasting := func(p play.Phase, span state.Time) play.Target { return play.Target{Phase: p, Span: span} }
	for _, tc := range []struct {
		name   string
		life   *play.Life
		at     state.Time
		target play.Target
		later  state.Time
		want   string // history at later, or a refusal
		ends   state.Time
		how    state.Outcome
	}{
		{"from its preparation to running", life(running), 2 * s, to(play.Running), 4 * s, "creating 0-1\nwaiting 1-1\npreparing 1-2\nrunning 2--\ntry 0: 1 2 - code 0", 12 * s, state.Finished},
		{"it runs for longer", life(running), 5 * s, lasting(play.Running, 60*s), 30 * s, "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3--\ntry 0: 1 3 - code 0", 65 * s, state.Finished},
		{"it runs and nobody says how long", life(running), 5 * s, to(play.Running), 6 * s, "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3--\ntry 0: 1 3 - code 0", 13 * s, state.Finished},
		{"it restarts and runs once more", life(running), 5 * s, to(play.Restarting), 40 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nrestarting 5-35 (2 code 1)\nrunning 35--\ntry 0: 1 3 5 code 1\ntry 0: 5 35 - code 0", 45 * s, state.Finished},
		{"it restarts before it has run", life(running), 2 * s, lasting(play.Restarting, 5*s), 8 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-2\nrunning 2-2\nrestarting 2-7 (2 code 1)\nrunning 7--\ntry 0: 1 2 2 code 1\ntry 0: 2 7 - code 0", 17 * s, state.Finished},
		{"it is checked while it runs", life(running), 5 * s, lasting(play.Checking, 9*s), 20 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nrestarting 5-5 (2 code 1)\nchecking 5-14\nrunning 14--\ntry 0: 1 3 5 code 1\ntry 0: 5 14 - code 0", 24 * s, state.Finished},
		{"it keeps its resources after a success", life(running), 2 * s, to(play.Reserving), 9 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-2\nrunning 2-2\nreserving 2-- (1)\ntry 0: 1 2 2 code 0", 1802 * s, state.Finished},
		{"and after a failure", life(running), 5 * s, play.Target{Phase: play.Reserving, Failed: true, Code: 137, Span: 4 * s}, 7 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nreserving 5-- (2 code 137)\ntry 0: 1 3 5 code 137", 9 * s, state.Failed},
		{"it succeeds before it has run", life(running), 2 * s, to(play.Succeeded), 9 * s, "creating 0-1\nwaiting 1-1\npreparing 1-2\nrunning 2-2\nsucceeded 2-- (1)\ntry 0: 1 2 2 code 0", state.Never, state.Cancelled},
		{"it fails", life(running), 5 * s, play.Target{Phase: play.Failed, Code: 139, Span: state.Unset}, 9 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nfailed 5-- (2 code 139)\ntry 0: 1 3 5 code 139", state.Never, state.Cancelled},
		{"it fails while it waits", life(func(*play.Life) {}), 5 * s, to(play.Failed), 9 * s, "creating 0-1\nwaiting 1-5\nfailed 5-- (7)", state.Never, state.Cancelled},
		{"it restarts as its script says", life(func(l *play.Life) {
			running(l)
			l.Script.Fail, l.Script.Fails, l.Script.Code = 6*s, 1, 9
		}), 5 * s, to(play.Restarting), 9 * s,
			"creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nrestarting 5-8 (2 code 9)\nrunning 8--\ntry 0: 1 3 5 code 9\ntry 0: 5 8 - code 0", 18 * s, state.Finished},
		{"its limit ends it", life(func(l *play.Life) {
			running(l)
			l.Script.Limit = 20 * s
		}), 5 * s, lasting(play.Running, 60*s), 30 * s, "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-23\ntry 0: 1 3 - code 0", 23 * s, state.Cancelled},
		{"a wished history", life(running), 5 * s, play.Target{Phase: play.Running, Span: 7 * s, History: []play.Past{{Phase: play.Creating, Span: s}, {Phase: play.Waiting, Span: 100 * s},
			{Phase: play.Preparing, Span: 10 * s}, {Phase: play.Running, Span: 50 * s}, {Phase: play.Restarting, Code: 137, Span: 20 * s}, {Phase: play.Running, Span: 30 * s}}}, 6 * s,
			"creating -206--205\nwaiting -205--105\npreparing -105--95\nrunning -95--45\nrestarting -45--25 (2 code 137)\nrunning -25--\ntry 0: -105 -95 -45 code 137\ntry 0: -45 -25 - code 0", 12 * s, state.Finished},
		{"a history that has ended", life(running), 5 * s, play.Target{Phase: play.Failed, Span: state.Unset, History: []play.Past{{Phase: play.Waiting, Span: 2 * s}, {Phase: play.Preparing, Span: s},
			{Phase: play.Failed, Code: 4, Span: 1000 * s}}}, 6 * s, "waiting -998--996\npreparing -996--995\nfailed -995-- (2 code 4)\ntry 0: -996 - -995 code 4", state.Never, state.Cancelled},
		{"back to the queue", life(running), 5 * s, to(play.Waiting), 0, "a job never goes back there", 0, 0},
		{"back to its preparation", life(running), 5 * s, to(play.Preparing), 0, "preempt it", 0, 0},
		{"resources that it does not have", life(func(*play.Life) {}), 5 * s, to(play.Running), 0, "holds no resources", 0, 0},
		{"a reservation of the other kind", life(func(l *play.Life) {
			running(l)
			l.Script.Reserve = 100 * s
		}), 20 * s, play.Target{Phase: play.Failed, Code: 2, Span: state.Unset}, 0, "has ended", 0, 0},
		{"a history that cannot be", life(running), 5 * s, play.Target{Phase: play.Running, Span: s, History: []play.Past{{Phase: play.Waiting}, {Phase: play.Running}}}, 0, "status 2 of the history", 0, 0},
		{"a history that ends elsewhere", life(running), 5 * s, play.Target{Phase: play.Running, Span: s, History: []play.Past{{Phase: play.Waiting}}}, 0, "another one", 0, 0},
		{"a history that begins too late", life(running), 5 * s, play.Target{Phase: play.Running, Span: s, History: []play.Past{{Phase: play.Running}}}, 0, "begins when", 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := tc.life.Lead(tc.at, tc.target)
			if err != nil {
				if !strings.Contains(err.Error(), tc.want) {
					t.Errorf("%v, want %s", err, tc.want)
				}
				return
			}
			at, how := p.Ends()
			if at != tc.ends || how != tc.how {
				t.Errorf("it ends at %s as %s, want %s as %s", when(at), how, when(tc.ends), tc.how)
			}
			l := *tc.life
			l.Put, l.Created = p, p.Steps[0].From
			if diff := cmp.Diff(tc.want, tell(&l, tc.later)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func when(t state.Time) string {
	if t == state.Never {
		return "never"
	}
	return at(t)
}
