package world

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// shown is what readers see; World.mu guards it. The jobs themselves never change.
type shown struct {
	live    map[uint64]*Job // nil: to be shown anew
	past    archive.View
	jobOf   []uint32
	count   uint64
	users   []string // by id
	nodes   []Node
	tree    *quota.Spec // nil: none
	notes   map[string][]byte
	changes []Change
	now     state.Time // simulated time that was told of
	next    state.Time // the engine's next instant: until then nothing happens by itself
	clock   clock
	active  int
	behind  state.Time // by how much the clock fell behind in all
	err     error
	frozen  error // the journal cannot be written
	damaged error // a job that ended cannot be read
	saved   int64 // see Status
	saveErr error
}

// View is a world at one instant of simulated time. What it tells never changes, whatever happens meanwhile.
type View struct {
	w   *World
	Now state.Time
}

// Time is the calendar time of a simulated instant.
func (v View) Time(t state.Time) time.Time { return v.w.Time(t) }

// Instant is the simulated instant of a calendar time.
func (v View) Instant(t time.Time) state.Time { return state.Time(t.Sub(v.w.epoch)) }

// Job finds a job by the text that its ids are made of (see Token). Deleted jobs are not found.
func (v View) Job(token string) (*Job, bool) {
	x, ok := parse36(token)
	if !ok {
		return nil, false
	}
	j, ok := v.w.find(v.w.ids.unscramble(x))
	return j, ok && !j.Deleted && j.Life.Created <= v.Now
}

// Glance is the world as it was last shown: it neither moves the clock nor waits for anything.
func (w *World) Glance() View {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return View{w, w.shown.now}
}

// byCommand finds the job that a command made.
func (v View) byCommand(number uint64) (*Job, bool) { return v.w.find(number << 1) }

// find looks a job up by what its token hides.
func (w *World) find(x uint64) (*Job, bool) {
	w.mu.RLock()
	s := &w.shown
	number, ok := numberOf(x, s.jobOf)
	if !ok || number >= s.count {
		w.mu.RUnlock()
		return nil, false
	}
	j, past, row := s.live[number], s.past, -1
	if j == nil {
		row = w.archive.Find(number)
	}
	w.mu.RUnlock()
	if j == nil {
		if j = w.read(past, row); j == nil {
			return nil, false
		}
	}
	return j, x&1 == 0 || j.Command == 0
}

// numberOf is the number of a job by what its token hides.
func numberOf(x uint64, jobOf []uint32) (uint64, bool) {
	n := x >> 1
	if x&1 == 1 {
		return n, true
	}
	if n >= uint64(len(jobOf)) || jobOf[n] == 0 {
		return 0, false
	}
	return uint64(jobOf[n]) - 1, true
}

// read reads a job that has ended; nil: it is damaged, which the world's status says from then on.
func (w *World) read(past archive.View, row int) *Job {
	j, err := read(past, row)
	if err == nil {
		return j
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !past.Of(w.archive) {
		return nil // it was reset away meanwhile
	}
	w.shown.damaged = fmt.Errorf("%w\n  end the server and remove the files ended-* of its folder: they are made again from the journal", err)
	return nil
}

// Jobs are all jobs that were not deleted, in order of arrival. It reads every one of them: see Page.
func (v View) Jobs() []*Job {
	var all []*Job
	for b := range v.Each(All) {
		if j := b.Job(); j != nil {
			all = append(all, j)
		}
	}
	slices.SortFunc(all, func(x, y *Job) int { return cmp.Compare(x.Number, y.Number) })
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
