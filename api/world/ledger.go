package world

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/sim/state"
)

// ledger keeps the commits of a world that has no journal, packed: requests are much alike.
type ledger struct {
	packed [][]byte
	open   []byte // written, not packed yet
}

const ledgerBlock = 1 << 18

func (l *ledger) add(c journal.Commit) {
	l.open = appendCommit(l.open, &c)
	if len(l.open) >= ledgerBlock {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(l.open) // a buffer takes everything
		_ = z.Close()
		l.packed, l.open = append(l.packed, bytes.Clone(b.Bytes())), nil
	}
}

// writeTo writes all commits.
func (l *ledger) writeTo(w io.Writer) error {
	for _, p := range l.packed {
		z, err := gzip.NewReader(bytes.NewReader(p))
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, z); err != nil {
			return err
		}
	}
	_, err := w.Write(l.open)
	return err
}

func appendCommit(to []byte, c *journal.Commit) []byte {
	to = binary.AppendUvarint(to, uint64(c.At)<<1|map[bool]uint64{true: 1}[c.Hold])
	to = binary.AppendUvarint(to, uint64(len(c.Body)))
	return append(to, c.Body...)
}

// takeCommit reads what appendCommit wrote and gives what is left.
func takeCommit(from []byte) (c journal.Commit, rest []byte, err error) {
	at, n := binary.Uvarint(from)
	if n > 0 {
		size, m := binary.Uvarint(from[n:])
		if from = from[n+max(m, 0):]; m > 0 && size <= uint64(len(from)) {
			return journal.Commit{At: state.Time(at >> 1), Hold: at&1 == 1, Body: from[:size]}, from[size:], nil
		}
	}
	return c, nil, errors.New("a commit is cut short")
}
