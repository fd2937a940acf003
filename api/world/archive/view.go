package archive

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"unsafe"

	"github.com/orrery-sim/orrery/sim/state"
)

const chunkBytes = int64(unsafe.Sizeof(chunk{}))

// View is an archive as it stood once. Any goroutine may ask it, at any time.
type View struct {
	a      *Archive
	chunks []*chunk
	n      uint32
	names  []byte // of the last chunk
}

// Of reports whether it is a view of an archive.
func (v View) Of(a *Archive) bool { return v.a == a }

// Rows is how many rows there are, those that count no more included.
func (v View) Rows() int { return int(v.n) }

// Counts reports whether a row is the last one of a job that was not deleted.
func (v View) Counts(row int) bool {
	c, i := v.chunks[row/chunkRows], row%chunkRows
	return !c.deleted[i] && v.last(c, i)
}

// last reports whether no other row of this view took a row's place.
func (v View) last(c *chunk, i int) bool {
	over := c.over[i].Load()
	return over == 0 || over > v.n
}

// Row is a row.
func (v View) Row(row int) Row {
	c, i := v.chunks[row/chunkRows], row%chunkRows
	return Row{Number: uint64(c.number[i]), Command: c.command[i], User: c.user[i], Name: v.Name(row), Created: state.Time(c.created[i]),
		Modified: state.Time(c.modified[i]), Finished: state.Time(c.finished[i]), Tag: c.tag[i], Deleted: c.deleted[i]}
}

// Name is a row's.
func (v View) Name(row int) string {
	c := v.chunks[row/chunkRows]
	names := v.names
	if row/chunkRows < len(v.chunks)-1 {
		names = c.names
	}
	return c.nameOf(row%chunkRows, names)
}

// ErrDamaged is a record that is not what was written.
var ErrDamaged = errors.New("a record of an ended job is damaged")

// Record reads a row's record; it must not be changed.
func (v View) Record(row int) ([]byte, error) {
	c, i := v.chunks[row/chunkRows], row%chunkRows
	b, err := v.a.records.read(c.at[i], int(c.size[i]))
	if err != nil {
		return nil, errors.Join(ErrDamaged, err)
	}
	if len(b) < 4 || crc32.Checksum(b[:len(b)-4], castagnoli) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return nil, ErrDamaged
	}
	return b[:len(b)-4], nil
}

// Filter says which rows are wanted.
type Filter struct {
	From, To state.Time // bounds of Created, both included
	Mine     bool       // only those of User, and those that came with the scenario
	User     int32
}

// Stretches is how many stretches of rows there are; rows of one were archived together.
func (v View) Stretches() int { return len(v.chunks) }

// Bounds are the bounds of when the jobs of a stretch were created; false: they are not known yet.
func (v View) Bounds(k int) (oldest, latest state.Time, known bool) {
	if !v.full(k) {
		return 0, 0, false
	}
	c := v.chunks[k]
	return state.Time(c.oldest), state.Time(c.latest), true
}

// full reports whether nothing is added to a stretch any more.
func (v View) full(k int) bool { return int(v.n) >= (k+1)*chunkRows }

func (v View) rows(k int) int { return min(chunkRows, int(v.n)-k*chunkRows) }

// Count is how many rows of a stretch count and pass a filter.
func (v View) Count(k int, f Filter) (n int) {
	c, full := v.chunks[k], v.full(k)
	if full && (c.latest < int64(f.From) || c.oldest > int64(f.To)) {
		return 0
	}
	replaced := c.replaced.Load()
	if full && !replaced && !c.mixed && c.oldest >= int64(f.From) && c.latest <= int64(f.To) {
		if f.Mine && c.user[0] != f.User {
			return 0
		}
		return chunkRows
	}
	for i := range v.rows(k) {
		if v.passes(c, i, &f) && (!replaced || v.last(c, i)) {
			n++
		}
	}
	return n
}

func (v View) passes(c *chunk, i int, f *Filter) bool {
	return c.created[i] >= int64(f.From) && c.created[i] <= int64(f.To) && !c.deleted[i] && (!f.Mine || c.user[i] == f.User || c.command[i] == 0)
}

// Each gives the rows of a stretch that count and pass a filter, with the instant of their creation, the last row first with backwards,
// until yield says no, which it passes on.
func (v View) Each(k int, f Filter, backwards bool, yield func(row int, created state.Time) bool) bool {
	c, rows := v.chunks[k], v.rows(k)
	if v.full(k) && (c.latest < int64(f.From) || c.oldest > int64(f.To)) {
		return true
	}
	for n := range rows {
		i := n
		if backwards {
			i = rows - 1 - n
		}
		if v.passes(c, i, &f) && v.last(c, i) && !yield(k*chunkRows+i, state.Time(c.created[i])) {
			return false
		}
	}
	return true
}

// Number is the number of a row's job.
func (v View) Number(row int) uint64 { return uint64(v.chunks[row/chunkRows].number[row%chunkRows]) }

// Command is the number of the command that made a row's job.
func (v View) Command(row int) uint64 { return v.chunks[row/chunkRows].command[row%chunkRows] }

// User is the user of a row's job.
func (v View) User(row int) int32 { return v.chunks[row/chunkRows].user[row%chunkRows] }

// End is how and when a row's job ended.
func (v View) End(row int) (tag [4]uint8, at state.Time) {
	c, i := v.chunks[row/chunkRows], row%chunkRows
	return c.tag[i], state.Time(c.finished[i])
}
