package play_test

import (
	"errors"
	"testing"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

func write(r play.Request) play.Script {
	r.Pods, r.GPUs = 2, 16
	return play.Write(7, 3, &r)
}

func env(kv ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

func TestWhatDecidesAScript(t *testing.T) {
	const drawn = state.Unset
	for _, tc := range []struct {
		name          string
		r             play.Request
		run           state.Time // of the try that decides
		code, fails   int
		gives, always bool
	}{
		{name: "sleep", r: play.Request{Command: "sleep 30"}, run: 30 * s},
		{name: "several", r: play.Request{Command: "set -e; echo 'a; b' && sleep 1m 5s\nsleep .5"}, run: 65500 * s / 1000},
		{name: "exit", r: play.Request{Command: "sleep 5; exit 3"}, run: 5 * s, code: 3, fails: 1, gives: true},
		{name: "exit at once", r: play.Request{Command: "exit 3"}, run: s, code: 3, fails: 1, gives: true},
		{name: "within a shell", r: play.Request{Command: `bash -c "sleep 7 && exit 0"`}, run: 7 * s},
		{name: "and", r: play.Request{Command: "false && sleep 9"}, run: s, code: 1, fails: 1, gives: true},
		{name: "or", r: play.Request{Command: "false || sleep 9"}, run: 9 * s},
		{name: "after or", r: play.Request{Command: "true || sleep 9; sleep 4"}, run: 4 * s},
		{name: "for ever", r: play.Request{Command: "sleep infinity; exit 3"}, run: state.Never},
		{name: "what only a shell knows", r: play.Request{Command: "sleep $N"}, run: drawn},
		{name: "a pipe", r: play.Request{Command: "sleep 3 | tee log"}, run: drawn},
		{name: "in the background", r: play.Request{Command: "sleep 3 & sleep 4"}, run: drawn},
		{name: "no quote ends", r: play.Request{Command: "echo 'a"}, run: drawn},
		{name: "a program", r: play.Request{Command: "python train.py --epochs 3"}, run: drawn},
		{name: "a program after a sleep", r: play.Request{Command: "sleep 1 && python x.py"}, run: drawn},
		{name: "an exit code too large", r: play.Request{Command: "exit 300"}, run: drawn},
		{name: "no command", r: play.Request{}, run: drawn},
		{name: "duration", r: play.Request{Command: "python x.py", Env: env(play.EnvDuration, "90s")}, run: 90 * s},
		{name: "duration in seconds wins over sleep", r: play.Request{Command: "sleep 3", Env: env(play.EnvDuration, "1.5")}, run: 1500 * s / 1000},
		{name: "exit code", r: play.Request{Command: "sleep 3", Env: env(play.EnvExitCode, "137")}, run: 3 * s, code: 137, fails: 1, gives: true},
		{name: "an exit code of 0 wins", r: play.Request{Command: "exit 3", Env: env(play.EnvExitCode, "0")}, run: s},
		{name: "fails on the way", r: play.Request{Command: "sleep 100", Env: env(play.EnvFailAt, "0.4")}, run: 40 * s, code: 1, fails: 1, gives: true},
		{name: "restarts", r: play.Request{Command: "exit 3", Restarts: 3}, run: s, code: 3, fails: 4, gives: true},
		{name: "fails twice, then runs", r: play.Request{Command: "sleep 100", Restarts: 3, Env: env(play.EnvFailAt, ".1", play.EnvFailTimes, "2")}, run: 10 * s, code: 1, fails: 2},
		{name: "fails more often than it restarts", r: play.Request{Command: "exit 1", Restarts: 1, Env: env(play.EnvFailTimes, "2")}, run: s, code: 1, fails: 2, gives: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := write(tc.r)
			run := got.Run
			if got.Fails > 0 {
				run = got.Fail
			}
			if tc.run == drawn {
				if p := play.ProfileOf(&tc.r); run < p.Min || run > p.Max {
					t.Errorf("drawn %d, outside the profile's bounds", run)
				}
			} else if run != tc.run {
				t.Errorf("runs %d, want %d", run, tc.run)
			}
			if int(got.Code) != tc.code || got.Fails != tc.fails || got.GiveUp != tc.gives {
				t.Errorf("code %d, %d fails, gives up %t; want %d, %d, %t", got.Code, got.Fails, got.GiveUp, tc.code, tc.fails, tc.gives)
			}
		})
	}
}

func TestProfilesOfAScenario(t *testing.T) {
	profiles := []play.Profile{
		{Name: "by image", Image: "registry/*/bert:?", Median: 90 * s, FailMilli: -1},
		{Name: "by command", Command: "python *.py --bad*", Median: 100 * s, Code: 3, FailMilli: 400},
		{Name: "by environment", Env: map[string]string{"TEAM": "r*d"}, Median: 60 * s, Sigma: .5, FailMilli: -1},
		{Name: "code only", Job: "broken", Code: 137, FailMilli: -1},
	}
	for _, tc := range []struct {
		name string
		r    play.Request
		run  state.Time // 0: drawn
		code int
	}{
		{"by image", play.Request{Image: "registry/a/b/bert:2", Command: "x"}, 90 * s, 0},
		{"another image", play.Request{Image: "registry/bert:22", Command: "sleep 5"}, 5 * s, 0},
		{"by command", play.Request{Command: "python a.py --bad=1"}, 40 * s, 3},
		{"what the job says wins", play.Request{Command: "python a.py --bad=1", Env: env(play.EnvDuration, "10", play.EnvExitCode, "0")}, 10 * s, 0},
		{"a profile wins over its command", play.Request{Image: "registry/x/bert:1", Command: "sleep 5; exit 1"}, 90 * s, 0},
		{"by environment", play.Request{Command: "x", Env: env("TEAM", "red")}, 0, 0},
		{"a profile that says no duration, and a command that does", play.Request{Name: "broken", Command: "sleep 7"}, 7 * s, 137},
		{"a profile that says no duration", play.Request{Name: "broken", Command: "x"}, 0, 137},
	} {
		tc.r.Profiles = profiles
		got := write(tc.r)
		run := got.Run
		if got.Fails > 0 {
			run = got.Fail
		}
		if tc.run > 0 && run != tc.run || int(got.Code) != tc.code || run <= 0 {
			t.Errorf("%s: %d with code %d, want %d with code %d", tc.name, run, got.Code, tc.run, tc.code)
		}
	}
}

func TestStartIsQuick(t *testing.T) {
	for command := range uint64(2000) {
		r := play.Request{Command: "sleep 1", Pods: int(command), GPUs: 8 * int(command), Mounts: int(command % 7), Libraries: int(command % 9), Check: command%2 == 0}
		got := play.Write(1, command, &r)
		if got.Prepare < 5*s || got.Prepare > 60*s || got.Prepare+got.Check > 180*s || (got.Check > 0) != r.Check {
			t.Fatalf("command %d: prepare %d, check %d", command, got.Prepare, got.Check)
		}
		if got.Create < s/2 || got.Create > 2*s || got.Grace < 5*s || got.Grace > 15*s {
			t.Fatalf("command %d: %+v", command, got)
		}
	}
}

func TestTheSameRequestHasTheSameScript(t *testing.T) {
	r := play.Request{Command: "python x.py"}
	if a, b := play.Write(1, 5, &r), play.Write(1, 5, &r); a != b {
		t.Error(a, b)
	}
	if a, b := play.Write(1, 5, &r), play.Write(1, 6, &r); a.Run == b.Run {
		t.Error("two commands have one duration")
	}
	if a, b := play.Write(1, 5, &r), play.Write(2, 5, &r); a.Run == b.Run {
		t.Error("two seeds have one duration")
	}
}

func TestEnvironmentsThatCannotBeRead(t *testing.T) {
	for _, e := range []map[string]string{env(play.EnvDuration, "soon"), env(play.EnvDuration, "-3"), env(play.EnvExitCode, "256"), env(play.EnvExitCode, "-1"),
		env(play.EnvFailAt, "1.1"), env(play.EnvFailAt, "half"), env(play.EnvFailTimes, "x")} {
		var bad *play.EnvError
		if err := play.Check(e); !errors.As(err, &bad) {
			t.Errorf("%v: %v", e, err)
		}
	}
	if err := play.Check(env("PATH", "x", play.EnvDuration, "1h30m", play.EnvFailAt, "1", play.EnvExitCode, "0")); err != nil {
		t.Error(err)
	}
}

func TestLimitsAndReserves(t *testing.T) {
	r := play.Request{Command: "sleep 100", MaxRun: 60 * s, Reserve: play.ReserveAlways, ReserveFor: 300 * s}
	got := write(r)
	if got.Outcome() != state.Cancelled || got.Length() != got.Prepare+60*s {
		t.Errorf("limited: %v, %d", got.Outcome(), got.Length()-got.Prepare)
	}
	r.MaxRun = 100 * s
	if got = write(r); got.Outcome() != state.Finished || got.Length() != got.Prepare+400*s {
		t.Errorf("within its limit: %v, %d", got.Outcome(), got.Length()-got.Prepare)
	}
	r.Reserve = play.ReserveOnFailure
	if got = write(r); got.Length() != got.Prepare+100*s {
		t.Errorf("kept after success: %d", got.Length()-got.Prepare)
	}
	r.Command = "sleep 10; exit 1"
	if got = write(r); got.Outcome() != state.Failed || got.Length() != got.Prepare+310*s {
		t.Errorf("kept after failure: %v %d", got.Outcome(), got.Length()-got.Prepare)
	}
	if never := write(play.Request{Command: "sleep inf"}); never.Length() != state.Never {
		t.Error(never.Length())
	}
}
