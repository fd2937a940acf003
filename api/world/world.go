package world

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Config is what a world is made from.
type Config struct {
	// Load compiles the scenario. It is called again for each reset.
	Load  func() (*scenarios.Plan, error)
	Speed Speed
	Epoch time.Time        // calendar time of instant 0; zero: the scenario's, else the wall's, rounded to a second
	Wall  func() time.Time // nil: time.Now

	// Data is the folder of the journal; "": the world ends with the process. A folder belongs to one Origin, and so does an
	// exported state.
	Data   string
	Origin func(*scenarios.Plan) (Origin, error) // nil: none

	// SaveEvery is after how many commands a snapshot is taken (or after 100 times as many events); 0: 50,000.
	SaveEvery uint64

	Log       *slog.Logger            // nil: nothing is logged
	Listeners func() []state.Listener // beside the world's own: checks, in tests; may be nil
}

// Origin is what Load makes plans from.
type Origin struct {
	Identity string // stands for all of it, inputs and all: two that differ are two worlds
	Scenario string // text of the scenario, with every default and change of the command line
	Dir      string // absolute; relative paths in the scenario start here
}

// World is a live simulation. Its methods may be called from any goroutine.
type World struct {
	plan *scenarios.Plan // that the engine was built from

	cfg      Config
	wall     func() time.Time
	origin   Origin
	ids      identity
	epoch    time.Time
	queues   []string
	profiles []play.Profile
	speakers map[string]Speaker // by API
	ahead    func(a, b *Job) int

	mail chan *call
	quit chan struct{}
	done chan struct{}
	once sync.Once

	mu      sync.RWMutex
	shown   shown
	archive *archive.Archive // that shown.past is of

	// What follows belongs to the goroutine of run.
	present
	next    *call            // left over from a batch
	journal *journal.Journal // nil: nothing is kept
	frozen  error            // the journal failed
	fresh   bool             // the journal has nothing yet
	saver   saver
	stale   []*archive.Archive // of pasts that are no more, until that was shown
	reused  *archive.Archive   // while the world thaws
	tried   time.Time          // when it last tried to
	reshow  bool               // readers are still shown another past
	last    Conclusion         // set before done is closed
}

// present is the simulation with what the world knows of it: an import puts another one in its place, or leaves it.
type present struct {
	engine     *sim.Engine `snapshot:"keep"`
	translator translator  `snapshot:"keep"`
	book       *book       `snapshot:"keep"` // a listener of the engine
	commands   uint64      // number of the last one
	clock      clock       `snapshot:"keep"`
	behind     state.Time
	err        error
	held       bool   // instant 0 was opened with a standing clock
	ledger     ledger `snapshot:"drop"` // in place of a journal
	later      agenda
}

// Conclusion is where a world stood when it was closed.
type Conclusion struct {
	Now    time.Time
	Digest string // "": the world could not go on before
}

const (
	mailDepth = 1024
	maxBatch  = 256
	slice     = 20 * time.Millisecond // of running the engine before the mailbox is looked at again
	idle      = time.Second           // at most between two looks at the clock
)

// New builds a world and starts its clock.
func New(cfg Config) (*World, error) {
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	w := &World{cfg: cfg, wall: cfg.Wall, mail: make(chan *call, mailDepth), quit: make(chan struct{}), done: make(chan struct{})}
	plan, err := cfg.Load()
	if err != nil {
		return nil, err
	}
	if cfg.Origin != nil {
		w.origin, err = cfg.Origin(plan)
	}
	if err == nil && cfg.Data != "" {
		err = w.openJournal()
	}
	if err == nil {
		w.settle(plan)
		err = w.recover(plan)
	}
	if err != nil {
		w.closeJournal()
		return nil, err
	}
	w.tidy()
	w.publish()
	go w.run()
	return w, nil
}

// settle keeps what a scenario says once and for all: a reset loads it again, but readers hold on to this.
func (w *World) settle(plan *scenarios.Plan) {
	w.ids = newIdentity(plan.Config.Seed)
	w.queues, w.ahead = queueNames(plan), aheadOf(&plan.Scenario.Policy)
	for i := range plan.Scenario.Profiles {
		w.profiles = append(w.profiles, profile(&plan.Scenario.Profiles[i]))
	}
	switch {
	case !w.epoch.IsZero(): // the journal's
	case !w.cfg.Epoch.IsZero():
		w.epoch = w.cfg.Epoch.UTC()
	case plan.Dated:
		w.epoch = plan.Start.UTC()
	default:
		w.epoch = w.wall().UTC().Truncate(time.Second)
	}
}

// profile translates a profile of the scenario.
func profile(p *scenarios.Profile) play.Profile {
	out := play.Profile{Name: p.Name, Job: p.Job, Image: p.Image, Command: p.Command, Sigma: float64(p.Sigma) / 1e6, Code: p.ExitCode, FailMilli: -1}
	if p.Duration != nil {
		out.Median = max(p.Duration.Time(), 1)
	}
	if p.FailAt != nil {
		out.FailMilli = int64(*p.FailAt) / 1000
	}
	for _, e := range p.Env {
		if out.Env == nil {
			out.Env = map[string]string{}
		}
		out.Env[e.Name] = e.Value
	}
	return out
}

// build makes the engine anew and opens instant 0.
func (w *World) build(plan *scenarios.Plan) error {
	past, err := w.emptyArchive(0)
	if err == nil {
		err = w.begin(plan, past)
	}
	if err != nil {
		return err
	}
	w.ledger, w.later = ledger{}, nil
	w.unshow()
	return w.open()
}

// unshow forgets what readers were shown, with the next publication: it was of another past.
func (w *World) unshow() { w.reshow = true }

// begin makes the engine anew, with an archive for the jobs that end.
func (w *World) begin(plan *scenarios.Plan, past *archive.Archive) (err error) {
	if w.book != nil {
		w.stale = append(w.stale, w.book.past)
	}
	w.plan = plan
	w.translator, w.commands, w.behind, w.err = newTranslator(plan), 0, 0, nil
	w.book = newBook(plan.Config.Names, past)
	w.book.pools = plan.Pools
	cfg := plan.Config
	cfg.Horizon, cfg.Strict = 0, false
	cfg.Listeners = []state.Listener{w.book}
	if w.cfg.Listeners != nil {
		cfg.Listeners = append(cfg.Listeners, w.cfg.Listeners()...)
	}
	if w.engine, err = sim.New(cfg); err != nil {
		return err
	}
	w.clock = clock{speed: w.cfg.Speed, wall: w.wall()}
	return nil
}

// Time is the calendar time of a simulated instant.
func (w *World) Time(t state.Time) time.Time { return w.epoch.Add(time.Duration(t)) }

// Queues are the names of the queues that there are; none: any name will do.
func (w *World) Queues() []string {
	var names []string
	for _, q := range w.Glance().Queues() {
		names = append(names, q.Name)
	}
	return names
}

// Seed is the scenario's.
func (w *World) Seed() uint64 { return w.ids.seed }

// Close stops the clock and answers what is still asked with ErrClosed.
func (w *World) Close() {
	w.once.Do(func() { close(w.quit) })
	<-w.done
}

// Conclude is Close, and says where the world stood.
func (w *World) Conclude() Conclusion {
	w.Close()
	return w.last
}

// conclude notes where the world stands.
func (w *World) conclude() {
	if w.err == nil && w.frozen == nil {
		w.last.Now, w.last.Digest = w.Time(w.stands()), w.digest()
	}
}

// stands is where the clock stands. Within an instant of its own commands the engine is a little ahead.
func (w *World) stands() state.Time { return max(w.clock.base, w.engine.Now()) }

func (w *World) digest() string {
	w.engine.Flush()
	return w.engine.DigestAt(w.stands())
}

// run is the goroutine that owns the engine.
func (w *World) run() {
	defer close(w.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.thaw()
		busy := w.catchUp()
		w.save()
		wait := time.Duration(0)
		if !busy {
			wait = min(w.clock.until(w.peek(), w.wall()), idle)
		}
		timer.Reset(wait)
		select {
		case <-w.quit:
			w.refuse()
			w.rest()
			w.conclude()
			w.closeJournal()
			return
		case c := <-w.mail:
			w.serve(c)
			for w.next != nil {
				c, w.next = w.next, nil
				w.serve(c)
			}
		case <-timer.C:
		}
	}
}

// closeJournal lets go of the files; everything that was promised is on the disk already.
func (w *World) closeJournal() {
	if w.journal != nil {
		w.awaitSave()
		_ = w.journal.Close()
	}
	if w.book != nil {
		_ = w.book.past.Close()
	}
}

func (w *World) log() *slog.Logger {
	if w.cfg.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.cfg.Log
}

// refuse answers what is left in the mailbox.
func (w *World) refuse() {
	for {
		select {
		case c := <-w.mail:
			c.answer(ErrClosed)
		default:
			return
		}
	}
}

// peek is the engine's next instant, or Never.
func (w *World) peek() state.Time {
	if w.err != nil {
		return state.Never
	}
	if t, ok := w.engine.Peek(); ok {
		return min(t, w.nextDue())
	}
	return w.nextDue()
}

// catchUp runs the engine to where the clock stands and shows what happened; it reports whether there is more to do at once.
func (w *World) catchUp() (busy bool) {
	busy = w.runToClock()
	w.publish()
	return busy
}

// runToClock runs the engine to where the clock stands, for a slice of wall time at most; it reports whether there is more
// to do at once.
func (w *World) runToClock() (busy bool) {
	if w.err != nil || w.frozen != nil {
		return false
	}
	wall := w.wall()
	switch w.clock.speed.Mode {
	case Max:
		busy = w.runWhile(state.Never, wall.Add(slice), func() bool { return w.book.active > 0 })
		w.clock.set(w.engine.Now(), wall)
		if !busy {
			w.rest()
		}
	case Scaled:
		target, _ := w.clock.at(wall)
		if !w.mayReach(target.Add(w.clock.ahead() / 2)) {
			return false
		}
		if busy = w.runWhile(target, wall.Add(slice), nil); busy {
			w.behind += target - w.engine.Now()
			target = w.engine.Now()
			w.clock.base = target // it falls behind
		}
		w.clock.base, w.clock.wall = target, wall
	}
	return busy
}

// runWhile processes instants up to target while goes says so; it reports whether the deadline came first.
func (w *World) runWhile(target state.Time, deadline time.Time, goes func() bool) (late bool) {
	for n := 1; ; n++ {
		if goes != nil {
			w.engine.Flush()
			if !goes() {
				return false
			}
		}
		t := w.peek()
		if t == state.Never || t > target || !w.mayReach(t) {
			return false
		}
		if t == w.nextDue() {
			w.fire(false)
		} else if err := w.engine.Step(); err != nil {
			w.err = fmt.Errorf("the simulation cannot go on: %w", err)
		}
		if w.err != nil || w.frozen != nil {
			return false
		}
		if n%16 == 0 && w.wall().After(deadline) {
			return true
		}
	}
}

// runTo runs the engine to an instant, however long it takes.
func (w *World) runTo(target state.Time) {
	if !w.mayReach(target) {
		return
	}
	for w.runWhile(target, w.wall().Add(slice), nil) {
	}
	w.clock.set(target, w.wall())
}

// publish shows readers what happened.
func (w *World) publish() {
	if w.frozen != nil {
		return
	}
	w.engine.Flush()
	if err := w.book.retire(); err != nil {
		w.freeze(err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &w.shown
	if w.reshow {
		*s, w.reshow = shown{saved: s.saved}, false
	}
	w.archive = w.book.past
	if tree := w.engine.Quota(); tree != nil {
		s.tree, s.notes = tree.Spec(), w.book.notes // neither is ever changed in place
	}
	s.clock, s.behind, s.err, s.active = w.clock, w.behind, w.err, w.book.active
	s.now, s.next = w.clock.base, min(w.peek(), w.limit())
	if s.live == nil {
		s.live = maps.Clone(w.book.live)
		for _, j := range s.live { // order does not matter
			j.published = true
		}
	}
	w.book.retired(func(j *Job) {
		j.published = true
		s.live[j.Number] = j
	})
	for _, n := range w.book.dirty {
		if w.book.live[n] == nil {
			delete(s.live, n)
		}
	}
	w.book.dirty, w.book.lent = w.book.dirty[:0], true
	s.past, s.jobOf, s.count, s.users = w.archive.View(), w.book.jobOf, w.book.count, w.translator.names.Users.All()
	s.nodes, s.changes = w.book.nodes, w.book.changes
	for _, past := range w.stale {
		_ = past.Close()
	}
	w.stale = nil
}

// wait sends a call to the mailbox and waits for its answer.
func (w *World) wait(ctx context.Context, c *call) error {
	c.done = make(chan struct{})
	select {
	case w.mail <- c:
	case <-w.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-c.done:
		return c.err
	case <-w.done:
		return ErrClosed
	}
}
