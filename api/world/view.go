package world

import (
	"cmp"
	"slices"
	"time"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// shown is what readers see; World.mu guards it. The jobs themselves never change.
type shown struct {
	jobs    []*Job
	made    []made
	nodes   []Node
	changes []Change
	now     state.Time // simulated time that was told of
	next    state.Time // the engine's next instant: until then nothing happens by itself
	clock   clock
	active  int
	behind  state.Time // by how much the clock fell behind in all
	err     error
	frozen  error // the journal cannot be written
}

// View is a world at one instant of simulated time. What it tells never changes, whatever happens meanwhile.
type View struct {
	w   *World
	Now state.Time
}

// Time is the calendar time of a simulated instant.
func (v View) Time(t state.Time) time.Time { return v.w.Time(t) }

// Job finds a job by the text that its ids are made of (see Token). Deleted jobs are not found.
func (v View) Job(token string) (*Job, bool) {
	x, ok := parse36(token)
	if !ok {
		return nil, false
	}
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	j, ok := v.w.shown.find(v.w.ids.unscramble(x))
	return j, ok && !j.Deleted && j.Life.Created <= v.Now
}

// Glance is the world as it was last shown: it neither moves the clock nor waits for anything.
func (w *World) Glance() View {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return View{w, w.shown.now}
}

// byCommand finds the job that a command made.
func (v View) byCommand(number uint64) (*Job, bool) {
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	return v.w.shown.find(number << 1)
}

// find looks a job up by what its token hides.
func (s *shown) find(x uint64) (*Job, bool) {
	if x&1 == 1 {
		if n := x >> 1; n < uint64(len(s.jobs)) && s.jobs[n].Command == 0 {
			return s.jobs[n], true
		}
		return nil, false
	}
	i, ok := slices.BinarySearchFunc(s.made, x>>1, func(m made, c uint64) int { return cmp.Compare(m.command, c) })
	if !ok {
		return nil, false
	}
	return s.jobs[s.made[i].job], true
}

// Jobs are all jobs that were not deleted, in order of arrival.
func (v View) Jobs() []*Job {
	v.w.mu.RLock()
	all := make([]*Job, 0, len(v.w.shown.jobs))
	for _, j := range v.w.shown.jobs {
		if !j.Deleted && j.Life.Created <= v.Now {
			all = append(all, j)
		}
	}
	v.w.mu.RUnlock()
	return all
}

// Holding are the jobs that hold resources now, in order of arrival, deleted ones that are still being stopped among them.
func (v View) Holding() []*Job {
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	var all []*Job
	for _, j := range v.w.shown.jobs {
		if j.Active() && j.Holds() && j.Life.Attempts[len(j.Life.Attempts)-1].Start <= v.Now {
			all = append(all, j)
		}
	}
	return all
}

// Nodes are the machines.
func (v View) Nodes() []Node {
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	return v.w.shown.nodes
}

// Changes are the changes that were planned, in order of planning; those that lie behind View.Now have happened.
func (v View) Changes() []Change {
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	return v.w.shown.changes
}

// History is a job's life as it stands now.
func (v View) History(j *Job) play.History { return play.Tell(&j.Life, v.Now) }

// Token is the text of 13 digits and lower-case letters that names a job in ids.
func (v View) Token(j *Job) string { return base36(v.w.ids.token(j)) }

// UUID is derived from the world's seed, a purpose, a job and numbers: the same in every run of the same calls.
func (v View) UUID(purpose string, j *Job, numbers ...uint64) string {
	return v.w.ids.uuid(purpose, append([]uint64{v.w.ids.token(j)}, numbers...)...)
}
