package play_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

var phases = [...]string{"creating", "waiting", "bidding", "preparing", "checking", "running", "restarting", "reserving", "stopping", "succeeded", "failed", "stopped"}

func at(t state.Time) string {
	if t == state.Unset {
		return "-"
	}
	return fmt.Sprintf("%g", float64(t)/1e9)
}

func tell(l *play.Life, now state.Time) string {
	h := play.Tell(l, now)
	var out []string
	for _, p := range h.Steps {
		w := fmt.Sprintf("%s %s-%s", phases[p.Phase], at(p.From), at(p.To))
		if p.Why != play.WhyNone {
			w += fmt.Sprintf(" (%d", p.Why)
			if p.Code != 0 {
				w += fmt.Sprintf(" code %d", p.Code)
			}
			w += ")"
		}
		out = append(out, w)
	}
	for _, y := range h.Tries {
		out = append(out, fmt.Sprintf("try %d: %s %s %s code %d", y.Attempt, at(y.Created), at(y.Running), at(y.Ended), y.Code))
	}
	return strings.Join(out, "\n")
}

// life is a job created at 0 whose script lasts 1 + 2 s before it runs.
func life(change func(l *play.Life)) *play.Life {
	l := &play.Life{Script: play.Script{Create: s, Prepare: 2 * s, Run: 10 * s, Restart: 3 * s}, StopAt: state.Unset, Ended: state.Unset}
	change(l)
	return l
}

func runs(from state.Time) play.Attempt { return play.Attempt{Start: from, End: state.Unset} }

func TestTell(t *testing.T) {
	for _, tc := range []struct {
		name string
		now  state.Time
		life *play.Life
		want string
	}{
		{"it is being created", s / 2, life(func(*play.Life) {}), "creating 0--"},
		{"it waits", 4 * s, life(func(*play.Life) {}), "creating 0-1\nwaiting 1--"},
		{"it starts at once", s, life(func(l *play.Life) { l.Attempts = []play.Attempt{runs(s)} }),
			"creating 0-1\nwaiting 1-1\npreparing 1--\ntry 0: 1 - - code 0"},
		{"it runs", 5 * s, life(func(l *play.Life) { l.Attempts = []play.Attempt{runs(2 * s)} }),
			"creating 0-1\nwaiting 1-2\npreparing 2-4\nrunning 4--\ntry 0: 2 4 - code 0"},
		{"it ran through", 20 * s, life(func(l *play.Life) {
			l.Attempts, l.Ended, l.Outcome = []play.Attempt{runs(2 * s)}, 14*s, state.Finished
		}), "creating 0-1\nwaiting 1-2\npreparing 2-4\nrunning 4-14\nsucceeded 14-- (1)\ntry 0: 2 4 14 code 0"},
		{"it is checked and fails", 20 * s, life(func(l *play.Life) {
			l.Script.Check, l.Script.Fail, l.Script.Fails, l.Script.GiveUp, l.Script.Code = 5*s, 4*s, 1, true, 3
			l.Attempts, l.Ended, l.Outcome = []play.Attempt{runs(s)}, 12*s, state.Failed
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nchecking 3-8\nrunning 8-12\nfailed 12-- (2 code 3)\ntry 0: 1 8 12 code 3"},
		{"it restarts in place and goes through", 40 * s, life(func(l *play.Life) {
			l.Script.Fail, l.Script.Fails, l.Script.Code = 4*s, 2, 137
			l.Attempts, l.Ended, l.Outcome = []play.Attempt{runs(s)}, 27*s, state.Finished
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-7\nrestarting 7-10 (2 code 137)\nrunning 10-14\nrestarting 14-17 (2 code 137)\nrunning 17-27\nsucceeded 27-- (1)\n" +
			"try 0: 1 3 7 code 137\ntry 0: 7 10 14 code 137\ntry 0: 14 17 27 code 0"},
		{"it is given up after its restarts and keeps its resources", 20 * s, life(func(l *play.Life) {
			l.Script.Fail, l.Script.Fails, l.Script.Code, l.Script.GiveUp, l.Script.Reserve = 4*s, 2, 1, true, 60*s
			l.Attempts = []play.Attempt{runs(s)}
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-7\nrestarting 7-10 (2 code 1)\nrunning 10-14\nreserving 14-- (2 code 1)\n" +
			"try 0: 1 3 7 code 1\ntry 0: 7 10 14 code 1"},
		{"its running time is limited, restarts among it", 40 * s, life(func(l *play.Life) {
			l.Script.Fail, l.Script.Fails, l.Script.Code, l.Script.Limit = 4*s, 1, 1, 9*s
			l.Attempts, l.Ended, l.Outcome = []play.Attempt{runs(s)}, 12*s, state.Cancelled
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-7\nrestarting 7-10 (2 code 1)\nrunning 10-12\nstopped 12-- (4)\n" +
			"try 0: 1 3 7 code 1\ntry 0: 7 10 12 code 0"},
		{"it is stopped while it runs", 9 * s, life(func(l *play.Life) { l.Attempts, l.StopAt = []play.Attempt{runs(s)}, 8*s }),
			"creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-8\nstopping 8-- (3)\ntry 0: 1 3 - code 0"},
		{"and has stopped", 20 * s, life(func(l *play.Life) {
			l.Attempts, l.StopAt, l.Ended, l.Outcome, l.Reason = []play.Attempt{runs(s)}, 8*s, 13*s, state.Cancelled, state.ReasonCommand
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-8\nstopping 8-13 (3)\nstopped 13-- (3)\ntry 0: 1 3 13 code 0"},
		{"it is stopped while it waits", 20 * s, life(func(l *play.Life) {
			l.StopAt, l.Ended, l.Outcome, l.Reason = 8*s, 8*s, state.Cancelled, state.ReasonCommand
		}), "creating 0-1\nwaiting 1-8\nstopping 8-8 (3)\nstopped 8-- (3)"},
		{"it is stopped while it is being created", 20 * s, life(func(l *play.Life) {
			l.StopAt, l.Ended, l.Outcome, l.Reason = s/2, s/2, state.Cancelled, state.ReasonCommand
		}), "creating 0-0.5\nstopping 0.5-0.5 (3)\nstopped 0.5-- (3)"},
		{"it loses its node, waits and starts over", 9 * s, life(func(l *play.Life) {
			l.Attempts = []play.Attempt{{Start: s, End: 5 * s, Evicted: true, Why: state.ReasonNodeLost}, runs(7 * s)}
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nrestarting 5-7 (6)\npreparing 7-9\nrunning 9--\ntry 0: 1 3 5 code 0\ntry 1: 7 9 - code 0"},
		{"it fails with its node", 9 * s, life(func(l *play.Life) {
			l.Attempts, l.Ended, l.Outcome, l.Reason = []play.Attempt{runs(s)}, 5*s, state.Failed, state.ReasonNodeLost
		}), "creating 0-1\nwaiting 1-1\npreparing 1-3\nrunning 3-5\nfailed 5-- (6)\ntry 0: 1 3 5 code 0"},
		{"a recorded job runs as long as it does", 30 * s, life(func(l *play.Life) {
			l.Script = play.Script{Recorded: true}
			l.Attempts, l.Ended, l.Outcome = []play.Attempt{runs(5 * s)}, 25*s, state.Failed
		}), "waiting 0-5\nrunning 5-25\nfailed 25-- (8 code 1)\ntry 0: 5 5 25 code 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tell(tc.life, tc.now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A life is one line without gaps, ends when the simulation says so, and what was once told stays true.
func TestHistoriesOnlyGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := func(name string, n int) state.Time { return state.Time(rapid.IntRange(0, n).Draw(t, name)) * s }
		l := &play.Life{StopAt: state.Unset, Ended: state.Unset, Script: play.Script{Create: span("create", 2), Prepare: span("prepare", 3),
			Check: span("check", 2), Run: span("run", 9), Fail: span("fail", 5), Fails: int(span("fails", 3) / s), Restart: span("restart", 3),
			Limit: span("limit", 12), Reserve: span("reserve", 4), Code: 1}}
		l.Script.GiveUp = l.Script.Fails > 0 && rapid.Bool().Draw(t, "give up")
		start := l.Script.Create + span("wait", 3)
		if rapid.Bool().Draw(t, "evicted") {
			end := start + min(span("first", 20), l.Script.Length())
			l.Attempts = append(l.Attempts, play.Attempt{Start: start, End: end, Evicted: true, Why: state.ReasonNodeLost})
			start = end + span("again", 3)
		}
		l.Attempts = append(l.Attempts, runs(start))
		l.Ended, l.Outcome = start+l.Script.Length(), l.Script.Outcome()
		if stop := start + span("stop", 30); rapid.Bool().Draw(t, "stopped") && stop < l.Ended {
			l.StopAt, l.Ended, l.Outcome, l.Reason = stop, stop+span("grace", 3), state.Cancelled, state.ReasonCommand
		}
		whole := play.Tell(l, state.End)
		checkLine(t, l, &whole)
		for now := state.Time(0); now <= l.Ended; now += s / 2 {
			h := play.Tell(l, now)
			last := h.Last()
			if last.To != state.Unset || last.From > now {
				t.Fatalf("at %s the last step is %v", at(now), *last)
			}
			for i := range h.Steps[:len(h.Steps)-1] {
				if h.Steps[i] != whole.Steps[i] {
					t.Fatalf("at %s step %d is %v, in the end %v", at(now), i, h.Steps[i], whole.Steps[i])
				}
			}
			for i, y := range h.Tries {
				w := whole.Tries[i]
				if y.Created != w.Created || y.Running != state.Unset && y.Running != w.Running || y.Ended != state.Unset && y != w {
					t.Fatalf("at %s try %d is %v, in the end %v", at(now), i, y, w)
				}
			}
		}
	})
}

func checkLine(t *rapid.T, l *play.Life, h *play.History) {
	from := state.Time(0)
	for _, p := range h.Steps {
		if p.From != from {
			t.Fatalf("a gap before %v in\n%s", p, tell(l, state.End))
		}
		from = p.To
	}
	if last := h.Last(); !last.Phase.Ends() || last.From != l.Ended {
		t.Fatalf("ends with %v, not at %s:\n%s", *last, at(l.Ended), tell(l, state.End))
	}
	want := map[state.Outcome]play.Phase{state.Finished: play.Succeeded, state.Failed: play.Failed, state.Cancelled: play.Stopped}[l.Outcome]
	if h.Last().Phase != want {
		t.Fatalf("ends as %s:\n%s", phases[h.Last().Phase], tell(l, state.End))
	}
	for i, y := range h.Tries {
		if y.Ended == state.Unset || y.Running != state.Unset && y.Running > y.Ended || y.Created > y.Ended || i > 0 && y.Created < h.Tries[i-1].Ended {
			t.Fatalf("try %d is %v in\n%s", i, y, tell(l, state.End))
		}
	}
}
