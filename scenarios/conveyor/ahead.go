package conveyor

import (
	"errors"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	lotJobs = 256 // jobs that are handed over at once
	lots    = 3   // one with the engine, one on its way, one with the reader
)

// Ahead is a Source that reads another one on a goroutine of its own, up to two lots of jobs ahead of who asks. That one
// goes on interning into its own names; whoever asks Ahead has other ones, which follow with each lot, so that both have the
// same ids and no table is shared.
type Ahead struct {
	src   state.Source
	from  *state.Names // of src: the reader's while it runs
	to    *state.Names
	empty chan *lot
	full  chan *lot
	over  chan struct{} // closed when the reader has ended

	lot     *lot // being handed out
	at      int
	pending []*lot // were received before their turn
	notes   []string
	closed  bool
}

// lot is some jobs that were read, and what the reader knew after them.
type lot struct {
	specs [lotJobs]state.JobSpec
	n     int
	last  bool  // nothing follows
	err   error // why
	names state.Names
	notes []string
}

var _ state.Source = (*Ahead)(nil)

// NewAhead starts reading src, whose names are from. The engine that asks for its jobs is to use the names that it returns.
// Close must be called.
func NewAhead(src state.Source, from *state.Names) (*Ahead, *state.Names) {
	a := &Ahead{src: src, from: from, to: from.Clone(), empty: make(chan *lot, lots), full: make(chan *lot, lots), over: make(chan struct{}),
		notes: notesOf(src)}
	for range lots {
		a.empty <- &lot{}
	}
	go a.read()
	return a, a.to
}

func (a *Ahead) read() {
	defer close(a.over)
	for l := range a.empty {
		l.n = 0
		for !l.last && l.n < lotJobs {
			ok, err := a.src.Next(&l.specs[l.n])
			if !ok || err != nil {
				l.last, l.err = true, err
				break
			}
			l.n++
		}
		l.names, l.notes = a.from.View(), notesOf(a.src)
		a.full <- l
		if l.last {
			return
		}
	}
}

// Next hands out the next job. Errors come in their turn.
func (a *Ahead) Next(spec *state.JobSpec) (bool, error) {
	for a.lot == nil || a.at == a.lot.n {
		if a.lot != nil {
			if a.lot.last {
				return false, a.lot.err
			}
			a.empty <- a.lot
		}
		a.turn()
	}
	next := &a.lot.specs[a.at]
	*spec, *next = *next, *spec // the storage of its slices changes hands with it
	a.at++
	return true, nil
}

// turn takes the next lot.
func (a *Ahead) turn() {
	if len(a.pending) > 0 {
		a.lot, a.pending = a.pending[0], a.pending[1:]
	} else {
		a.lot = <-a.full
	}
	a.at, a.notes = 0, a.lot.notes
	a.to.Follow(&a.lot.names)
}

// Notes are what the source left out or assumed, up to the end of the lot that the last job came from.
func (a *Ahead) Notes() []string { return a.notes }

// Clone returns an independent source at the same place, which reads in line. It waits until the reader has nothing to do.
func (a *Ahead) Clone(names *state.Names) (state.Source, error) {
	if a.closed {
		return nil, errors.New("the workload is closed: its simulation is over")
	}
	held := len(a.pending)
	if a.lot != nil {
		held++
	}
	ended := a.lot != nil && a.lot.last || len(a.pending) > 0 && a.pending[len(a.pending)-1].last
	for ; held < lots && !ended; held++ {
		l := <-a.full
		a.pending, ended = append(a.pending, l), l.last
	}
	c := &resumed{}
	if a.lot != nil {
		c.add(a.lot, a.at)
	}
	for _, l := range a.pending {
		c.add(l, 0)
		names.Follow(&l.names)
	}
	if c.last {
		return c, nil
	}
	var err error
	c.src, err = a.src.Clone(names)
	return c, err
}

// Close ends the reading. It waits for a job that is being read.
func (a *Ahead) Close() {
	if a.closed {
		return
	}
	a.closed = true
	close(a.empty)
	<-a.over
}

// resumed is a clone: jobs that were read already, then the rest.
type resumed struct {
	specs []state.JobSpec
	last  bool
	err   error
	notes []string
	src   state.Source // nil after the last
}

func (c *resumed) add(l *lot, from int) {
	for i := from; i < l.n; i++ {
		c.specs = append(c.specs, copyOf(&l.specs[i]))
	}
	c.last, c.err, c.notes = l.last, l.err, l.notes
}

func (c *resumed) Next(spec *state.JobSpec) (bool, error) {
	if len(c.specs) > 0 {
		*spec = c.specs[0]
		c.specs = c.specs[1:]
		return true, nil
	}
	if c.last {
		return false, c.err
	}
	return c.src.Next(spec)
}

func (c *resumed) Notes() []string {
	if c.src == nil {
		return c.notes
	}
	return notesOf(c.src)
}

func (c *resumed) Clone(names *state.Names) (state.Source, error) {
	d := &resumed{last: c.last, err: c.err, notes: c.notes}
	for i := range c.specs {
		d.specs = append(d.specs, copyOf(&c.specs[i]))
	}
	if c.src == nil {
		return d, nil
	}
	var err error
	d.src, err = c.src.Clone(names)
	return d, err
}

func copyOf(s *state.JobSpec) state.JobSpec {
	c := *s
	c.Name = append([]byte(nil), s.Name...)
	c.Roles = append([]state.RoleSpec(nil), s.Roles...)
	c.After = append([]state.Dep(nil), s.After...)
	return c
}

// notesOf are a source's notes, if it keeps any (trace.Noter).
func notesOf(src state.Source) []string {
	if n, ok := src.(interface{ Notes() []string }); ok {
		return n.Notes()
	}
	return nil
}
