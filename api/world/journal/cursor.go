package journal

import (
	"context"
	"database/sql"
	"fmt"
)

// Cursor goes through the commits in order.
type Cursor struct {
	j    *Journal
	rows *sql.Rows
	seq  int64
}

// Commits begins behind as many commits as are given. Nothing may be written before the cursor is closed.
func (j *Journal) Commits(behind int64) (*Cursor, error) {
	rows, err := j.conn.QueryContext(context.Background(), "SELECT seq, at, hold, body FROM commits WHERE seq > ? ORDER BY seq", behind)
	if err != nil {
		return nil, j.explain(err)
	}
	return &Cursor{j: j, rows: rows, seq: behind}, nil
}

// Next reads the next commit; false: there are no more. A commit that is missing is an error.
func (c *Cursor) Next(into *Commit) (bool, error) {
	if !c.rows.Next() {
		return false, c.j.explain(c.rows.Err())
	}
	var seq int64
	if err := c.rows.Scan(&seq, &into.At, &into.Hold, &into.Body); err != nil {
		return false, c.j.explain(err)
	}
	if c.seq++; seq != c.seq {
		return false, fmt.Errorf("%s is damaged: commit %d is missing, the next is %d", c.j.path, c.seq, seq)
	}
	return true, nil
}

// Close ends the reading.
func (c *Cursor) Close() error { return c.rows.Close() }

// Replay gives every commit in order.
func (j *Journal) Replay(each func(Commit) error) error {
	rows, err := j.Commits(0)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		var c Commit
		if ok, err := rows.Next(&c); !ok || err != nil {
			return err
		}
		if err := each(c); err != nil {
			return err
		}
	}
}
