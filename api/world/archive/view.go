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

// Each gives the rows that count and pass a filter, with the instant of their creation, in no order, until yield says no.
func (v View) Each(f Filter, yield func(row int, created state.Time) bool) {
	for k, c := range v.chunks {
		rows := min(chunkRows, int(v.n)-k*chunkRows)
		if rows == chunkRows && (c.latest < int64(f.From) || c.oldest > int64(f.To)) {
			continue
		}
		for i := range rows {
			at := c.created[i]
			if at < int64(f.From) || at > int64(f.To) || c.deleted[i] || f.Mine && c.user[i] != f.User && c.command[i] != 0 || !v.last(c, i) {
				continue
			}
			if !yield(k*chunkRows+i, state.Time(at)) {
				return
			}
		}
	}
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
