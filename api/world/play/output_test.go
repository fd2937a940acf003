package play_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

func output(command string) *play.Output {
	r := &play.Request{Command: command, Image: "img", Pods: 2}
	script := play.Write(1, 1, r)
	return &play.Output{Seed: 9, Request: r, Script: &script, Pod: "p-0", Node: "n-0", GPUs: 1, Stopped: state.Unset}
}

func try(running, ended state.Time, why play.Why, code int) *play.Try {
	return &play.Try{Created: running - 10*s, Running: running, Ended: ended, Why: why, Code: code}
}

func TestLogs(t *testing.T) {
	o := output("python train.py")
	o.Script.Run = 100 * s
	all := o.Logs(try(20*s, 120*s, play.WhyExit, 137), 0, state.End, 100)
	if len(all) != 2+9+3 {
		t.Fatalf("%d lines: %v", len(all), all)
	}
	if !strings.Contains(all[2].Text, "step 100/1000 loss") || all[2].At != 30*s || !strings.Contains(all[11].Text, "out of memory") || all[13].Text != "[ERROR] exit code 137" {
		t.Error(all)
	}
	if tail := o.Logs(try(20*s, 120*s, play.WhyExit, 137), 0, state.End, 3); !slices.Equal(tail, all[11:]) {
		t.Error(tail)
	}
	if part := o.Logs(try(20*s, 120*s, play.WhyExit, 137), 35*s, 60*s, 100); !slices.Equal(part, all[3:6]) {
		t.Error(part)
	}
	if none := o.Logs(&play.Try{Running: state.Unset, Ended: state.Unset}, 0, state.End, 9); none != nil {
		t.Error(none)
	}
	if sleeps := output("sleep 60").Logs(try(0, 60*s, play.WhyDone, 0), 0, state.End, 99); len(sleeps) != 3 {
		t.Error(sleeps)
	}
	endless := output("sleep inf; python x.py")
	if len(endless.Logs(try(0, state.Unset, 0, 0), 0, state.End, 5)) != 2 {
		t.Error("a command that sleeps for ever prints")
	}
}

// Whatever is asked for is a part of the whole, in order, and later looks at a try only add to it.
func TestLogsArePartsOfOneText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		instant := func(name string) state.Time { return state.Time(rapid.IntRange(0, 700).Draw(t, name)) * s }
		o := output([]string{"python train.py", "make"}[rapid.IntRange(0, 1).Draw(t, "command")])
		o.Script.Run = 500 * s
		ended := try(20*s, 520*s, play.WhyDone, 0)
		whole := o.Logs(ended, 0, state.End, 1000)
		from, to, most := instant("from"), instant("to"), rapid.IntRange(0, 60).Draw(t, "most")
		var want []play.Line
		for _, l := range whole {
			if l.At >= from && l.At <= to {
				want = append(want, l)
			}
		}
		want = want[max(0, len(want)-most):]
		if got := o.Logs(ended, from, to, most); !slices.Equal(got, want) {
			t.Fatalf("from %d to %d: %v, want %v", from, to, got, want)
		}
		now := min(to, 519*s)
		if got := o.Logs(try(20*s, state.Unset, 0, 0), 0, now, 1000); !slices.Equal(got, whole[:len(got)]) {
			t.Fatalf("while it runs: %v", got)
		}
	})
}

func TestPodEvents(t *testing.T) {
	o := output("sleep 60")
	kinds := func(t *play.Try, now state.Time) string {
		var out []string
		last := state.Time(0)
		for _, l := range o.Events(t, now) {
			if l.At < last {
				out = append(out, "BACKWARDS")
			}
			last = l.At
			out = append(out, l.Text[1:strings.IndexByte(l.Text, ']')])
		}
		return strings.Join(out, " ")
	}
	for _, tc := range []struct {
		try  *play.Try
		now  state.Time
		stop state.Time
		want string
	}{
		{try(20*s, state.Unset, 0, 0), 12 * s, state.Unset, "Scheduled Pulling Pulled Created"},
		{try(20*s, 80*s, play.WhyDone, 0), 90 * s, state.Unset, "Scheduled Pulling Pulled Created Started Running Completed"},
		{try(20*s, 80*s, play.WhyExit, 1), 90 * s, state.Unset, "Scheduled Pulling Pulled Created Started Running Failed"},
		{try(20*s, 80*s, play.WhyNode, 0), 90 * s, state.Unset, "Scheduled Pulling Pulled Created Started Running NodeLost"},
		{try(20*s, 80*s, play.WhyUser, 0), 90 * s, 70 * s, "Scheduled Pulling Pulled Created Started Running Killing Stopped"},
		{&play.Try{Created: 10 * s, Running: state.Unset, Ended: 11 * s, Why: play.WhyUser}, 90 * s, 10 * s, "Scheduled Killing Pulling Stopped"},
	} {
		o.Stopped = tc.stop
		if got := kinds(tc.try, tc.now); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}

func TestUsage(t *testing.T) {
	busy, quiet := output("python train.py"), output("sleep 60")
	run := try(20*s, 80*s, play.WhyDone, 0)
	for m := play.GPUCore; m <= play.DiskWrite; m++ {
		a, ok := busy.Usage(m, run, 30*s)
		b, _ := quiet.Usage(m, run, 30*s)
		again, _ := busy.Usage(m, run, 30*s)
		if !ok || a <= b || a != again || m <= play.Memory && a > 100 {
			t.Errorf("metric %d: busy %g, again %g, quiet %g", m, a, again, b)
		}
		if _, ok := busy.Usage(m, run, 10*s); ok {
			t.Error("it used something before it ran")
		}
		if _, ok := busy.Usage(m, run, 80*s); ok {
			t.Error("it used something after its end")
		}
	}
	busy.GPUs = 0
	if v, _ := busy.Usage(play.GPUCore, run, 30*s); v != 0 {
		t.Errorf("a pod without GPUs uses %g %% of them", v)
	}
}
