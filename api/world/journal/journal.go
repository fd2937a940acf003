package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/orrery-sim/orrery/sim/state"
)

// Version is that of the file's format. A file of another version is refused.
const Version = 3

// fileName is the journal's file in its folder.
const fileName = "world.sqlite"

// Commit is commands that share an instant.
type Commit struct {
	At   state.Time
	Hold bool // no pass ran at that instant
	Body []byte
}

// Journal is an open file. It is for one goroutine.
type Journal struct {
	db    *sql.DB
	conn  *sql.Conn
	path  string
	dir   string
	bound state.Time
	seq   int64 // commits
}

// BusyError is a folder that another process serves.
type BusyError struct{ Dir string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is in use by another process: two worlds cannot share a folder\n  stop the other one, or choose another folder", e.Dir)
}

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE commits (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, hold INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), bound INTEGER NOT NULL) STRICT;
INSERT INTO clock VALUES (1, 0);
`

// Holds reports whether a folder has a journal.
func Holds(dir string) bool {
	st, err := os.Stat(filepath.Join(dir, fileName))
	return err == nil && st.Mode().IsRegular()
}

// Reopen opens the journal of a folder that must have one.
func Reopen(dir string) (*Journal, error) {
	if !Holds(dir) {
		return nil, fmt.Errorf("%s holds no journal of a world (found no file %s in it; orrery serve --data makes one)", dir, fileName)
	}
	return Open(dir)
}

// Open opens the journal in a folder, which it makes if it is not there. Nobody else can open it until Close.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	j := &Journal{path: filepath.Join(dir, fileName), dir: dir}
	var err error
	// The pragmas come first: in exclusive mode the lock is taken with the first read and kept.
	if j.db, err = sql.Open("sqlite", "file:"+escape(j.path)+"?_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"); err != nil {
		return nil, err
	}
	j.db.SetMaxOpenConns(1)
	if err = j.open(); err != nil {
		j.Close()
		var s *sqlite.Error
		if errors.As(err, &s) {
			switch s.Code() & 0xff {
			case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
				return nil, &BusyError{dir}
			case sqlite3.SQLITE_ERROR: // a database, with other tables
				return nil, j.damaged(err)
			}
		}
		return nil, j.explain(err)
	}
	return j, nil
}

func (j *Journal) damaged(err error) error {
	return fmt.Errorf("%s is no journal of a world, or it is damaged: %w", j.path, err)
}

// explain says of an error in reading that the file is at fault, where it is.
func (j *Journal) explain(err error) error {
	var s *sqlite.Error
	if errors.As(err, &s) {
		switch s.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return j.damaged(err)
		}
	}
	return err
}

// escape keeps a path whole within a file: URI.
func escape(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
}

func (j *Journal) open() error {
	ctx := context.Background()
	var err error
	if j.conn, err = j.db.Conn(ctx); err != nil {
		return err
	}
	var tables int
	if err := j.conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table'").Scan(&tables); err != nil {
		return err
	}
	if tables == 0 {
		if err := j.do(func(tx *sql.Tx) error {
			if _, err := tx.Exec(schema); err != nil {
				return err
			}
			_, err := tx.Exec("INSERT INTO meta VALUES ('version', ?)", strconv.Itoa(Version))
			return err
		}); err != nil {
			return err
		}
	}
	version, err := j.Meta("version")
	if err != nil {
		return err
	}
	if version != strconv.Itoa(Version) {
		return fmt.Errorf("%s: got a journal of version %q, want version %d\n  serve it with the program that made it, or choose another folder", j.path, version, Version)
	}
	if err := j.read(); err != nil {
		return err
	}
	return j.do(func(tx *sql.Tx) error { // takes the lock for good
		_, err := tx.Exec("UPDATE clock SET bound = bound")
		return err
	})
}

// do runs a transaction. What it commits is on the disk when it returns.
func (j *Journal) do(f func(*sql.Tx) error) error {
	tx, err := j.conn.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		_, _ = j.conn.ExecContext(context.Background(), "ROLLBACK") // else the next transaction could not begin; it may have been done already
		return err
	}
	return nil
}

// Refresh looks whether the journal can be written, after an error, and reads anew what it holds: a commit of which an error was reported
// may be there all the same.
func (j *Journal) Refresh() error {
	if err := j.do(func(tx *sql.Tx) error {
		if _, err := tx.Exec("CREATE TABLE probe (filler BLOB NOT NULL) STRICT"); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO probe VALUES (zeroblob(?))", probe); err != nil {
			return err
		}
		_, err := tx.Exec("DROP TABLE probe")
		return err
	}); err != nil {
		return err
	}
	return j.read()
}

// probe is how many bytes must find room before the journal counts as one that can be written.
const probe = 1 << 18

// read reads where the journal stands.
func (j *Journal) read() error {
	ctx := context.Background()
	if err := j.conn.QueryRowContext(ctx, "SELECT bound FROM clock").Scan(&j.bound); err != nil {
		return err
	}
	return j.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM commits").Scan(&j.seq)
}

// Meta is a value that SetMeta stored, or "".
func (j *Journal) Meta(key string) (string, error) {
	var v string
	err := j.conn.QueryRowContext(context.Background(), "SELECT value FROM meta WHERE key = ?", key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

// SetMeta stores values.
func (j *Journal) SetMeta(values map[string]string) error {
	return j.do(func(tx *sql.Tx) error { return setMeta(tx, values) })
}

func setMeta(tx *sql.Tx, values map[string]string) error {
	for k, v := range values { // order does not matter: rows of their own
		if _, err := tx.Exec("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", k, v); err != nil {
			return err
		}
	}
	return nil
}

// Append adds a commit.
func (j *Journal) Append(c Commit) error {
	err := j.do(func(tx *sql.Tx) error { return insert(tx, &c) })
	if err == nil {
		j.seq++
	}
	return err
}

// Seq is the number of commits.
func (j *Journal) Seq() int64 { return j.seq }

// metaHistory counts how often the world began anew: what is beside the journal and is of another history means nothing.
const metaHistory = "history"

// History tells this past of the world from those before a Clear or a Replace.
func (j *Journal) History() (int64, error) {
	text, err := j.Meta(metaHistory)
	if text == "" || err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// another begins another history.
func another(tx *sql.Tx) error {
	_, err := tx.Exec("INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1", metaHistory)
	return err
}

func insert(tx *sql.Tx, c *Commit) error {
	_, err := tx.Exec("INSERT INTO commits (at, hold, body) VALUES (?, ?, ?)", int64(c.At), c.Hold, c.Body)
	return err
}

// Bound is the instant that the clock may have reached at most.
func (j *Journal) Bound() state.Time { return j.bound }

// SetBound moves the bound. It must be called before the clock passes the old one; a lower one says that the clock stands there.
func (j *Journal) SetBound(t state.Time) error {
	if t == j.bound {
		return nil
	}
	err := j.do(func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE clock SET bound = ?", int64(t))
		return err
	})
	if err == nil {
		j.bound = t
	}
	return err
}

// Clear forgets all commits: the world begins anew.
func (j *Journal) Clear() error {
	err := j.do(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM commits"); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE clock SET bound = 0"); err != nil {
			return err
		}
		return another(tx)
	})
	if err == nil {
		j.bound, j.seq = 0, 0
	}
	return err
}

// Replace puts other commits in the place of all, whole or not at all, with where the clock stands and values as of SetMeta.
func (j *Journal) Replace(commits []Commit, bound state.Time, meta map[string]string) error {
	err := j.do(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM commits"); err != nil {
			return err
		}
		for i := range commits {
			if err := insert(tx, &commits[i]); err != nil {
				return err
			}
		}
		if err := errors.Join(setMeta(tx, meta), another(tx)); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE clock SET bound = ?", int64(bound))
		return err
	})
	if err == nil {
		j.bound, j.seq = bound, int64(len(commits))
	}
	return err
}

// Close gives the file free.
func (j *Journal) Close() error {
	var errs []error
	if j.conn != nil {
		errs = append(errs, j.conn.Close())
	}
	return errors.Join(append(errs, j.db.Close())...)
}
