package sim

import (
	"errors"
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// CommandKind is what somebody outside may ask of a running simulation.
type CommandKind uint8

// The commands.
const (
	CommandSubmit   CommandKind = iota + 1 // a new job: Spec, Hold
	CommandStop                            // a job is to end: Job, Grace
	CommandPriority                        // a job's priority: Job, Priority
	CommandNode                            // a change of a node: Node; its At is ignored
	CommandEnd                             // a running job ends now: Job, Outcome
	CommandPreempt                         // a running job loses its GPUs and queues again: Job
	CommandChange                          // a change of a node later on: Node, whose At lies behind this instant
	CommandHang                            // a running job does no more work; it is cancelled after Grace (Never: not): Job
	CommandQueue                           // a queue of the quota tree is made, changed or removed: Queue
)

// Command is one request. Jobs are named by number, as in logs and digests, so that a list of commands means the same in
// every replay; Slot is a hint that spares a search, and may be anything.
type Command struct {
	Kind     CommandKind
	Spec     state.JobSpec // its Submit becomes the instant of the command; After must be empty
	Hold     state.Time    // the job may be started so long after the command at the earliest
	Job      uint64
	Slot     int32
	Grace    state.Time // a running job keeps its GPUs so long, without working; one that waits leaves at once
	Priority int32
	Outcome  state.Outcome // of CommandEnd: Finished or Failed
	Node     Change
	Queue    *quota.Edit // of CommandQueue; never changed in place
}

// Commands are requests that share one instant and one pass.
type Commands struct {
	At   state.Time
	List []Command

	// Hold: no pass runs at this instant; what it would have decided is decided at the first instant that is not held. A
	// world whose clock stands takes commands this way.
	Hold bool
}

// Answer says what became of a command.
type Answer struct {
	Job uint64 // number of the job
	Err error  // refused: nothing changed
}

// Why a command is refused, beside a request that checkSpec refuses.
var (
	ErrNoJob    = errors.New("no such job, or it has ended")
	ErrStopping = errors.New("the job is being stopped already")
	ErrHangs    = errors.New("the job hangs already")
	ErrWaiting  = errors.New("the job does not run")
)

// Apply runs the simulation up to c.At and closes that instant with the commands, in the order of the list, after
// everything else that happens at it and before its pass. c.At must lie behind the last instant. The answers stand beside
// the commands; an error is one of the simulation, after which it cannot go on.
func (e *Engine) Apply(c Commands) ([]Answer, error) {
	if e.started && c.At <= e.now || c.At < 0 || c.At > state.End {
		return nil, fmt.Errorf("commands at %d ns: the last instant was %d ns, and simulated time ends at %d", c.At, e.now, state.End)
	}
	if _, err := e.Run(c.At); err != nil {
		return nil, err
	}
	e.commands, e.answers = &c, make([]Answer, len(c.List))
	err := e.step(c.At)
	e.commands = nil
	return e.answers, err
}

// applyCommands applies the commands of this instant.
func (e *Engine) applyCommands() error {
	for i := range e.commands.List {
		c := &e.commands.List[i]
		a := &e.answers[i]
		a.Job = c.Job
		switch c.Kind {
		case CommandSubmit:
			a.Job, a.Err = e.submit(&c.Spec, c.Hold)
		case CommandNode:
			if a.Err = e.checkChange(&c.Node); a.Err == nil {
				if err := e.applyChange(&c.Node); err != nil {
					return err
				}
			}
		case CommandQueue:
			a.Err = e.editQueue(c.Queue)
		case CommandChange:
			a.Err = e.plan(&c.Node)
		case CommandStop, CommandPriority, CommandEnd, CommandPreempt, CommandHang:
			a.Err = e.applyToJob(c)
		default:
			a.Err = fmt.Errorf("no command %d", c.Kind)
		}
	}
	return nil
}

// plan takes a change in among those that lie ahead, behind those of its instant.
func (e *Engine) plan(c *Change) error {
	if c.At <= e.now || c.At > state.End {
		return fmt.Errorf("a change at %d ns: it is %d ns now, and simulated time ends at %d", c.At, e.now, state.End)
	}
	if c.Kind == ChangeQueue && e.books == nil {
		return fmt.Errorf("a change of queue %q: the simulation has no quota tree", c.Queue.Name)
	}
	if c.Kind < ChangeUp || c.Kind > ChangeQueue {
		return fmt.Errorf("a change of kind %d cannot be planned", c.Kind)
	}
	if err := e.checkChange(c); err != nil {
		return err
	}
	i := e.change
	for i < len(e.cfg.Changes) && e.cfg.Changes[i].At <= c.At {
		i++
	}
	e.cfg.Changes = slices.Insert(slices.Clip(append([]Change(nil), e.cfg.Changes...)), i, *c) // forks and the scenario keep theirs
	return nil
}

// applyToJob applies a command that names a job.
func (e *Engine) applyToJob(c *Command) error {
	slot := e.find(c.Job, c.Slot)
	if slot < 0 {
		return ErrNoJob
	}
	switch c.Kind {
	case CommandPriority:
		e.setPriority(slot, c.Priority)
		return nil
	case CommandStop:
		return e.stop(slot, c.Grace)
	}
	switch {
	case e.jobs.Row[slot].State == state.JobStopping:
		return ErrStopping
	case e.jobs.Row[slot].State != state.JobRunning:
		return ErrWaiting
	case c.Kind == CommandPreempt:
		e.evict(slot, state.ReasonPreempted, purpose{kind: state.PreemptCommand})
	case c.Kind == CommandHang:
		return e.hang(slot, c.Grace)
	case c.Outcome > state.Failed:
		return fmt.Errorf("a running job cannot be made to end as %s", c.Outcome)
	default:
		e.finish(slot, c.Outcome, state.ReasonCommand)
	}
	return nil
}

// hang makes a running job stand still until it loses its resources.
func (e *Engine) hang(slot int32, limit state.Time) error {
	if e.priv[slot].rate == 0 {
		return ErrHangs
	}
	if limit < 0 {
		return fmt.Errorf("a limit of %d ns (must not be negative)", limit)
	}
	e.setRate(slot, 0)
	if limit < state.Never {
		e.push(e.now.Add(limit), classLimit, slot, e.priv[slot].endGen)
	}
	return nil
}

// find is the slot of a job that has not ended, or -1.
func (e *Engine) find(number uint64, hint int32) int32 {
	lives := func(slot int) bool {
		j := &e.jobs.Row[slot]
		return j.Number == number && j.State != state.JobFree && j.State != state.JobEnded
	}
	if hint >= 0 && int(hint) < e.jobs.Len() && lives(int(hint)) {
		return hint
	}
	for slot := range e.jobs.Row {
		if lives(slot) {
			return int32(slot)
		}
	}
	return -1
}

// CheckSubmit says why a submission would be refused. One that passes is accepted at any instant.
func CheckSubmit(s *state.JobSpec, hold state.Time) error {
	if len(s.After) > 0 || hold < 0 {
		return fmt.Errorf("job %q: a command can neither name dependencies (%d) nor hold a job for %d ns", s.Name, len(s.After), hold)
	}
	return checkSpec(s, int(state.RecoveryNone))
}

// submit admits a job that comes from outside the source.
func (e *Engine) submit(s *state.JobSpec, hold state.Time) (uint64, error) {
	if err := CheckSubmit(s, hold); err != nil {
		return 0, err
	}
	if err := checkSpec(s, len(e.cfg.Recoveries)); err != nil {
		return 0, err
	}
	if e.books != nil {
		if err := e.books.accepts(e, s); err != nil {
			return 0, err
		}
		if q := e.books.queueOf(e, s.Queue); e.books.tree.Closed(q) {
			return 0, fmt.Errorf("queue %q: %w", e.books.tree.Spec().Queues[q].Name, ErrClosed)
		}
	}
	if err := e.checkLevels(s); err != nil {
		return 0, err
	}
	s.Submit = e.now
	number := e.number
	if err := e.admitHeld(s, hold); err != nil {
		return 0, err
	}
	e.rows.skip(e.delivered)
	return number, nil
}

// release lets a job into the queue whose hold is over.
func (e *Engine) release(slot int32) {
	e.priv[slot].depsLeft--
	e.held--
	if err := e.enqueueOrSetAside(slot); err != nil && e.fault == nil {
		e.fault = err
	}
}

// mayRelease reports whether a job is still held for the time that a release in the heap ends.
func (e *Engine) mayRelease(slot int32, gen uint32) bool {
	return e.jobs.Row[slot].Gen == gen && e.jobs.Row[slot].State == state.JobHeld
}

// stop ends a job: at once when it waits, after a grace when it runs.
func (e *Engine) stop(slot int32, grace state.Time) error {
	j := &e.jobs.Row[slot]
	switch {
	case grace < 0:
		return fmt.Errorf("a grace of %d ns (must not be negative)", grace)
	case j.State == state.JobStopping:
		if e.takePending(slot).job < 0 { // what is being preempted does not come back
			return ErrStopping
		}
		return nil
	case j.State != state.JobRunning:
		e.leave(slot, state.Cancelled, state.ReasonCommand)
		return nil
	case grace == 0:
		e.finish(slot, state.Cancelled, state.ReasonCommand)
		return nil
	}
	e.stand(slot, grace, 0)
	return nil
}

// setPriority changes what orders by priority read.
func (e *Engine) setPriority(slot, priority int32) {
	j := &e.jobs.Row[slot]
	if j.Priority == priority {
		return
	}
	j.Priority = priority
	if e.books != nil && j.State == state.JobQueued {
		e.books.reprioritise(e, slot)
	}
	e.tell(state.EvPriority, slot).A = priority
	e.touch(j.Partition)
}

// rows translates the ordinals of a source's rows to job numbers: jobs that commands submit take numbers in between.
type rows struct {
	base  uint64
	skips []skip
}

// skip says that rows from Row on are by numbers further than their ordinal.
type skip struct{ row, by uint64 }

// skip notes that a job from elsewhere took the number that the source's row would have had.
func (r *rows) skip(row uint64) {
	n := len(r.skips)
	by := uint64(1)
	if n > 0 {
		by += r.skips[n-1].by
	}
	if n > 0 && r.skips[n-1].row == row {
		r.skips[n-1].by = by
		return
	}
	r.skips = append(r.skips, skip{row, by})
}

// number is the job number of a row.
func (r *rows) number(row uint64) uint64 {
	lo, hi := 0, len(r.skips) // the last skip that is not behind row
	for lo < hi {
		if mid := (lo + hi) / 2; r.skips[mid].row <= row {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo > 0 {
		row += r.skips[lo-1].by
	}
	return r.base + row
}

func (r *rows) clone() rows { return rows{r.base, append([]skip(nil), r.skips...)} }
