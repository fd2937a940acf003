package play

import (
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Reserve says after which ends a job keeps its resources for a while.
type Reserve uint8

// The policies.
const (
	ReserveNever Reserve = iota
	ReserveAlways
	ReserveOnFailure
	ReserveOnSuccess
)

// Request is what decides a job's script.
type Request struct {
	Name, Image, Command string
	Env                  map[string]string
	Pods, GPUs           int
	Mounts               int        // data sets and code sources to mount
	Libraries            int        // packages to install first
	Check                bool       // a sanity check before the start
	Restarts             int        // restarts in place after a failure
	RestartFrom          int        // lowest exit code that is followed by a restart
	Restart              state.Time // from a failure to the next start
	Reserve              Reserve
	ReserveFor           state.Time
	Profiles             []Profile  // tried before the built-in kinds
	MaxRun               state.Time // counted from the first time it runs; 0 = no limit
	Spot                 bool       // it bids for spot resources
	Roles                []RoleAsk  // nil: all pods do the same
}

// The environment variables of a job that say what it does.
const (
	EnvDuration  = "ORRERY_DURATION"   // how long it runs: 90s, 1h30m, or a number of seconds
	EnvExitCode  = "ORRERY_EXIT_CODE"  // its exit code, 0 to 255
	EnvFailAt    = "ORRERY_FAIL_AT"    // it fails after this share of its duration, 0 to 1
	EnvFailTimes = "ORRERY_FAIL_TIMES" // only so many tries fail, the next one finishes
)

// wish is what the environment asks for.
type wish struct {
	duration  state.Time // Unset = nothing
	code      int        // -1 = nothing
	failMilli int64      // thousandths of the duration; -1 = nothing
	failTimes int        // -1 = always
}

// An EnvError is a variable of the environment that cannot be read.
type EnvError struct{ Key, Got, Want string }

func (e *EnvError) Error() string {
	return e.Key + ": got " + strconv.Quote(e.Got) + ", want " + e.Want
}

// Check refuses an environment that cannot be read. The error is an *EnvError.
func Check(env map[string]string) error {
	_, err := wishOf(env)
	return err
}

// CheckRoles refuses durations of roles that cannot be read. The error is an *EnvError.
func CheckRoles(env map[string]string, roles []RoleAsk) error {
	for _, r := range roles {
		key := EnvRoleDuration(r.Name)
		if v, ok := env[key]; ok {
			if d, err := duration(v); err != nil || d < 0 {
				return &EnvError{key, v, "a duration such as 90s, 1h30m or a number of seconds"}
			}
		}
	}
	return nil
}

func wishOf(env map[string]string) (wish, error) {
	w := wish{duration: state.Unset, code: -1, failMilli: -1, failTimes: -1}
	if v, ok := env[EnvDuration]; ok {
		d, err := duration(v)
		if err != nil || d < 0 {
			return w, &EnvError{EnvDuration, v, "a duration such as 90s, 1h30m or a number of seconds"}
		}
		w.duration = d
	}
	if v, ok := env[EnvExitCode]; ok {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < 0 || n > 255 {
			return w, &EnvError{EnvExitCode, v, "an exit code from 0 to 255"}
		}
		w.code = n
	}
	if v, ok := env[EnvFailAt]; ok {
		m, err := units.ParseFixed([]byte(strings.TrimSpace(v)), 3)
		if err != nil || m < 0 || m > 1000 {
			return w, &EnvError{EnvFailAt, v, "a share of the duration from 0 to 1, such as 0.4"}
		}
		w.failMilli = m
	}
	if v, ok := env[EnvFailTimes]; ok {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < 0 {
			return w, &EnvError{EnvFailTimes, v, "a number of tries, 0 or more"}
		}
		w.failTimes = n
	}
	return w, nil
}

// duration reads 90s, 1h30m, or seconds without a unit.
func duration(text string) (state.Time, error) {
	text = strings.TrimSpace(text)
	if ns, err := units.ParseSeconds([]byte(text)); err == nil {
		return state.Time(ns), nil
	}
	ns, err := units.ParseDuration(text)
	return state.Time(ns), err
}
