package play

import (
	"math/bits"
	"strings"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Script is what one attempt of a job does from the instant at which it gets its resources: it prepares, is checked, runs
// (several times, when failures are followed by restarts in place), and may keep its resources for a while.
type Script struct {
	Create   state.Time // from the request to the queue
	Prepare  state.Time // images, mounts, libraries, start of the containers
	Check    state.Time // 0: no sanity check
	Run      state.Time // of a try that goes through; Never: until it is stopped
	Base     state.Time // of a role of which nothing is said, where roles differ
	Fail     state.Time // of a try that fails
	Fails    int        // tries that fail before one goes through, or before it is given up
	Restart  state.Time // from a failure to the next start
	GiveUp   bool       // the last of the failed tries ends the job
	Code     uint8      // exit code of a failure
	Limit    state.Time // of all running together; 0 = none
	Reserve  state.Time // resources are kept so long after the end; 0 = not
	Grace    state.Time // from a request to stop to its end
	Once     bool       // it fails when it loses a node; others queue again
	Recorded bool       // a job of the scenario: it runs as long as the simulation says
	Spot     bool       // it bids for what it gets, and may lose it again
}

// waits is the phase in which the job waits for its first resources.
func (s *Script) waits() Phase {
	if s.Spot {
		return Bidding
	}
	return Waiting
}

// The bounds of what is drawn, beside those of docs/apis.md.
const (
	createMin, createMax = 500 * millisecond, 2 * state.Second
	graceMin, graceMax   = 5 * state.Second, 15 * state.Second
	millisecond          = state.Second / 1000
)

// Profile is a kind of job: how long it runs where its command does not say. Those of a scenario have patterns and say it in any
// case; the built-in ones look for words.
type Profile struct {
	Name                string
	Job, Image, Command string            // patterns in which * and ? match; "" matches all
	Env                 map[string]string // patterns by name of the variable
	Code                int               // exit code
	FailMilli           int64             // it fails after so many thousandths of its duration; -1: it does not
	own                 bool              // of a scenario

	Match  []string // it is this kind when its command or image contains one of them; none: always
	Median state.Time
	Sigma  float64 // of the logarithm
	Min    state.Time
	Max    state.Time
}

// Profiles are the kinds in the order in which they are tried.
func Profiles() []Profile {
	const minute = 60 * state.Second
	return []Profile{
		{Name: "training", Match: []string{"train", "torchrun", "deepspeed", "finetune", "fine_tune", "mpirun", "horovodrun"}, Median: 10 * minute, Sigma: .7, Min: minute,
			Max: 4 * 60 * minute},
		{Name: "evaluation", Match: []string{"eval", "infer", "predict", "benchmark"}, Median: 4 * minute, Sigma: .6, Min: 30 * state.Second, Max: 60 * minute},
		{Name: "anything", Median: 3 * minute, Sigma: .6, Min: 20 * state.Second, Max: 60 * minute},
	}
}

// ProfileOf is the kind of a request.
func ProfileOf(r *Request) Profile {
	for _, p := range r.Profiles {
		if p.matches(r) {
			p.own = true
			return p
		}
	}
	all := Profiles()
	for _, p := range all {
		for _, m := range p.Match {
			if strings.Contains(strings.ToLower(r.Command), m) || strings.Contains(strings.ToLower(r.Image), m) || strings.Contains(strings.ToLower(r.Name), m) {
				return p
			}
		}
	}
	return all[len(all)-1]
}

// matches reports whether a request matches all patterns.
func (p *Profile) matches(r *Request) bool {
	if !like(p.Job, r.Name) || !like(p.Image, r.Image) || !like(p.Command, r.Command) {
		return false
	}
	for k, pattern := range p.Env { // order does not matter: all must match
		if v, ok := r.Env[k]; !ok || !like(pattern, v) {
			return false
		}
	}
	return true
}

// like reports whether a text matches a pattern in which * stands for any text and ? for any one byte; "" matches all.
func like(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// Write is the script of a job, drawn under a seed for the command that made it. The request must have passed Check.
func Write(seed, command uint64, r *Request) Script {
	draw := rng.NewKey(seed, "play").Stream(command, 0)
	between := func(lo, hi state.Time) state.Time { // whole milliseconds, so that times read well
		return (lo + state.Time(draw.Float64()*float64(hi-lo))) / millisecond * millisecond
	}
	s := Script{Create: between(createMin, createMax), Grace: between(graceMin, graceMax), Limit: r.MaxRun, Restart: r.Restart, Once: r.Restarts == 0, Spot: r.Spot}
	s.Prepare = prepare(r, between)
	if r.Check {
		s.Check = checkTime(r.Pods)
	}
	profile := ProfileOf(r)
	drawn := profile.draw(draw.Float64())

	w, err := wishOf(r.Env)
	if err != nil {
		panic("a request that was not checked: " + err.Error())
	}
	run, code := drawn, 0
	if profile.own {
		code = profile.Code
		if w.failMilli < 0 && w.code < 0 {
			w.failMilli = profile.FailMilli
		}
	}
	if u, ok := understand(r.Command); ok && (!profile.own || profile.Median == 0) {
		run = max(u.run, state.Second) // a container that does nothing takes a second all the same
		if code == 0 {
			code = u.code
		}
	}
	if w.duration != state.Unset {
		run = w.duration
	}
	if w.code >= 0 {
		code = w.code
	}
	if s.Run = r.run(run); len(r.Roles) > 0 {
		s.Base = run
	}
	restarts := r.Restarts
	if w.failMilli >= 0 && code == 0 {
		code = 1
	}
	if code < r.RestartFrom {
		restarts = 0
	}
	s.fail(w, code, restarts)
	failed := s.GiveUp
	if r.Reserve == ReserveAlways || r.Reserve == ReserveOnFailure && failed || r.Reserve == ReserveOnSuccess && !failed {
		s.Reserve = r.ReserveFor
	}
	return s
}

// draw is a duration of the kind; u is uniform in (0, 1).
func (p *Profile) draw(u float64) state.Time {
	switch {
	case p.own && p.Median == 0: // it does not say
		all := Profiles()
		return all[len(all)-1].draw(u)
	case p.own && p.Sigma == 0:
		return p.Median
	}
	length := rng.Lognormal{Mu: rng.Log(float64(p.Median) / 1e9), Sigma: p.Sigma}.Quantile(u)
	drawn := state.Time(min(length, 1e9)*1000) * millisecond
	if p.own {
		return drawn
	}
	return min(max(drawn, p.Min), p.Max)
}

// fail plans the tries that fail.
func (s *Script) fail(w wish, code, restarts int) {
	if code == 0 || w.failTimes == 0 {
		return
	}
	s.Code, s.Fail = uint8(code), s.Run
	if w.failMilli >= 0 && s.Run != state.Never {
		s.Fail = state.MulDiv(s.Run, w.failMilli, 1000)
	}
	s.Fails, s.GiveUp = restarts+1, true
	if w.failTimes > 0 && w.failTimes <= restarts {
		s.Fails, s.GiveUp = w.failTimes, false
	}
}

// prepare is the time from getting resources to the start of the user's command: scheduling, cached images, mounts,
// libraries and start-up (FACTS 5.7), at most a minute.
func prepare(r *Request, between func(lo, hi state.Time) state.Time) state.Time {
	t := between(state.Second, 2*state.Second) + between(300*millisecond, 800*millisecond) + between(4*state.Second, 9*state.Second)
	t += state.Time(min(r.Mounts, 4)) * 3 * state.Second
	t += state.Time(min(r.Libraries, 4)) * 4 * state.Second
	t += state.Time(min(r.GPUs, 500)) * 20 * millisecond
	return min(t, 60*state.Second)
}

// checkTime is the time of the sanity check's stages: init 10 s, devices 40 s, one node 20 s; between nodes 10 s for each
// doubling and 20 s for all together (FACTS 3.4), at most two minutes.
func checkTime(nodes int) state.Time {
	t := 70 * state.Second
	if nodes > 1 {
		t += state.Time(bits.Len(uint(nodes-1)))*10*state.Second + 20*state.Second
	}
	return min(t, 120*state.Second)
}

// Outcome is how the script ends when nobody interferes.
func (s *Script) Outcome() state.Outcome {
	_, limited := s.running()
	switch {
	case limited:
		return state.Cancelled
	case s.GiveUp:
		return state.Failed
	}
	return state.Finished
}

// running is all time from the first start of the command to the end of its last try, restarts among it, and whether
// the limit cuts it.
func (s *Script) running() (total state.Time, limited bool) {
	for i := 0; i < s.Fails; i++ {
		total = total.Add(s.Fail)
		if i < s.Fails-1 || !s.GiveUp {
			total = total.Add(s.Restart)
		}
	}
	if !s.GiveUp {
		total = total.Add(s.Run)
	}
	if s.Limit > 0 && total > s.Limit {
		return s.Limit, true
	}
	return total, false
}

// Length is how long the attempt holds its resources when nobody interferes.
func (s *Script) Length() state.Time {
	total, limited := s.running()
	total = total.Add(s.Prepare).Add(s.Check)
	if limited {
		return total
	}
	return total.Add(s.Reserve)
}

// Deadline is when an attempt that began at start and does not end by itself reaches the limit of its running time, or Never.
func (s *Script) Deadline(start state.Time) state.Time {
	if s.Limit == 0 || s.Recorded {
		return state.Never
	}
	return start.Add(s.Prepare).Add(s.Check).Add(s.Limit)
}
