package world

import (
	"fmt"
	"maps"
	"slices"

	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/internal/snapshot"
	"github.com/orrery-sim/orrery/sim/state"
)

// newBook makes the record of a world that is at its beginning.
func newBook(names *state.Names, past *archive.Archive) *book {
	return &book{live: map[uint64]*Job{}, past: past, names: names}
}

// CloneListener is the record for a fork, which goes on or is written down beside this one: the jobs that live, as they were published.
// Whatever it has beside them is shared; it must not be changed in place once it has been.
func (b *book) CloneListener() state.Listener {
	b.lent = true
	c := *b
	c.live = maps.Clone(b.live)
	c.dirty, c.pending, c.apis, c.roles = nil, nil, nil, nil
	c.changes = slices.Clip(b.changes)
	return &c
}

// made notes which job a command made.
func (b *book) made(command, job uint64) {
	for uint64(len(b.jobOf)) <= command {
		b.jobOf = append(b.jobOf, 0)
	}
	b.jobOf[command] = uint32(job) + 1
}

// remake makes what a snapshot does not hold: which commands made the jobs that are there. The jobs in it had been published.
func (b *book) remake() {
	b.jobOf = nil
	for _, j := range b.live { // order does not matter
		j.published = true
	}
	v := b.past.View()
	for row := range v.Rows() {
		if command := v.Command(row); command > 0 {
			b.made(command, v.Number(row))
		}
	}
	for n, j := range b.live { // order does not matter: each has a place of its own
		if j.Command > 0 {
			b.made(j.Command, n)
		}
	}
}

// get is the record of a job, not to be changed; nil: there is none.
func (b *book) get(number uint64) *Job {
	if j := b.live[number]; j != nil || number >= b.count {
		return j
	}
	return b.recall(number)
}

// recall reads a job that has ended from the archive.
func (b *book) recall(number uint64) *Job {
	j, err := read(b.past.View(), b.past.Find(number))
	if err != nil {
		b.err = fmt.Errorf("job %d: %w", number, err)
	}
	return j
}

// read reads a job from a row of an archive. There is a job beside an error.
func read(v archive.View, row int) (*Job, error) {
	j := &Job{}
	if row < 0 {
		return j, archive.ErrDamaged
	}
	if r := v.Row(row); r.Deleted {
		j.Number, j.Command, j.Deleted = r.Number, r.Command, true
		return j, nil
	}
	b, err := v.Record(row)
	if err != nil {
		return j, err
	}
	return j, snapshot.Read(b, j)
}

// retire writes the jobs that have ended, of those that changed, to the archive.
func (b *book) retire() error {
	var record []byte
	for _, n := range b.dirty {
		j := b.live[n]
		if j.Active() {
			continue
		}
		r := archive.Row{Number: j.Number, Command: j.Command, Name: j.Name, Created: j.Life.Created, Modified: j.Modified, Deleted: j.Deleted, User: state.None}
		if !j.Deleted {
			if id, ok := b.names.Users.Lookup(j.User); ok {
				r.User = id
			}
			h := play.Tell(&j.Life, j.Life.Ended)
			last := h.Last()
			r.Finished, r.Tag = last.From, [4]uint8{uint8(last.Phase), uint8(last.Why), uint8(last.Code)}
			var err error
			if record, err = snapshot.Append(record[:0], j); err != nil {
				return err
			}
		}
		b.past.Add(r, record)
	}
	return b.past.Flush()
}

// retired forgets what retire wrote, and gives those that still live to show.
func (b *book) retired(show func(j *Job)) {
	b.past.Publish()
	for _, n := range b.dirty {
		if j := b.live[n]; !j.Active() {
			delete(b.live, n)
		} else if show != nil {
			show(j)
		}
	}
}

// settle archives what ended while nobody can see it.
func (b *book) settle() error {
	if err := b.retire(); err != nil {
		return err
	}
	b.retired(nil)
	left := b.dirty[:0]
	for _, n := range b.dirty {
		if b.live[n] != nil {
			left = append(left, n)
		}
	}
	b.dirty = left
	return nil
}
