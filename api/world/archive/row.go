package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync/atomic"

	"github.com/orrery-sim/orrery/sim/state"
)

// Row is what is known of a job without its record.
type Row struct {
	Number   uint64 // of the job
	Command  uint64 // that made it; 0: it came with the scenario
	User     int32  // an id of the world's names
	Name     string // a copy of its own
	Created  state.Time
	Modified state.Time
	Finished state.Time
	Tag      [4]uint8 // the caller's: how the job ended
	Deleted  bool     // it is to be found no more; there is no record
}

// chunkRows is how many rows lie together.
const chunkRows = 4096

// chunk is the columns of rows in a row. Beyond the rows that somebody has seen it is filled in; of those, only over changes.
type chunk struct {
	names                           []byte // appended to; readers have the header of their own. First, so that a collection looks no further
	created, modified, finished, at [chunkRows]int64
	command                         [chunkRows]uint64
	number, size, name              [chunkRows]uint32 // name: where it ends in names
	user                            [chunkRows]int32
	over                            [chunkRows]atomic.Uint32 // the row that took its place, and one; 0: none did
	tag                             [chunkRows][4]uint8
	deleted                         [chunkRows]bool
	oldest, latest                  int64       // bounds of created
	mixed                           bool        // rows are of several users, or some came with the scenario, or are deleted
	replaced                        atomic.Bool // some row is over
}

// nameOf is the name of a row, as far as names goes.
func (c *chunk) nameOf(i int, names []byte) string {
	from := uint32(0)
	if i > 0 {
		from = c.name[i-1]
	}
	return string(names[from:c.name[i]])
}

// put fills a row in.
func (c *chunk) put(i int, r *Row, name []byte, at int64, size uint32) {
	c.created[i], c.modified[i], c.finished[i], c.at[i] = int64(r.Created), int64(r.Modified), int64(r.Finished), at
	c.command[i], c.number[i], c.size[i], c.user[i], c.tag[i], c.deleted[i] = r.Command, uint32(r.Number), size, r.User, r.Tag, r.Deleted
	c.names = append(c.names, name...)
	c.name[i] = uint32(len(c.names))
	if i == 0 {
		c.oldest, c.latest = int64(r.Created), int64(r.Created)
	}
	c.mixed = c.mixed || r.Deleted || r.Command == 0 || r.User != c.user[0]
	c.oldest, c.latest = min(c.oldest, int64(r.Created)), max(c.latest, int64(r.Created))
	if i == chunkRows-1 {
		c.names = bytes.Clone(c.names) // without room for more
	}
}

// appendRow writes a row for the file.
func appendRow(b []byte, r *Row, at int64, size uint32) []byte {
	b = binary.AppendUvarint(b, r.Number)
	b = binary.AppendUvarint(b, r.Command)
	b = binary.AppendVarint(b, int64(r.User))
	for _, t := range []state.Time{r.Created, r.Modified, r.Finished} {
		b = binary.AppendVarint(b, int64(t))
	}
	b = append(b, r.Tag[:]...)
	deleted := byte(0)
	if r.Deleted {
		deleted = 1
	}
	b = append(b, deleted)
	b = binary.AppendUvarint(b, uint64(at))
	b = binary.AppendUvarint(b, uint64(size))
	b = binary.AppendUvarint(b, uint64(len(r.Name)))
	return append(b, r.Name...)
}

var errRow = errors.New("its rows are damaged")

// takeRow reads what appendRow wrote and gives what is left.
func takeRow(b []byte, r *Row) (at int64, size uint32, name, rest []byte, err error) {
	ok := true
	unsigned := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			ok = false
			return 0
		}
		b = b[n:]
		return v
	}
	signed := func() int64 {
		v, n := binary.Varint(b)
		if n <= 0 {
			ok = false
			return 0
		}
		b = b[n:]
		return v
	}
	r.Number, r.Command, r.User = unsigned(), unsigned(), int32(signed())
	r.Created, r.Modified, r.Finished = state.Time(signed()), state.Time(signed()), state.Time(signed())
	if len(b) < 5 {
		return 0, 0, nil, nil, errRow
	}
	copy(r.Tag[:], b)
	r.Deleted, b = b[4] == 1, b[5:]
	at, size = int64(unsigned()), uint32(unsigned())
	n := unsigned()
	if !ok || n > uint64(len(b)) {
		return 0, 0, nil, nil, errRow
	}
	return at, size, b[:n], b[n:], nil
}
