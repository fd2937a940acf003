package journal_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/sim/state"
)

func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func commits(t *testing.T, j *journal.Journal) string {
	t.Helper()
	var out []string
	if err := j.Replay(func(c journal.Commit) error {
		out = append(out, fmt.Sprintf("%d %v %s", c.At, c.Hold, c.Body))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, ", ")
}

func TestWhatIsWrittenIsThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a world? 100%#1")
	j := open(t, dir)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if j.Bound() != 0 || commits(t, j) != "" {
		t.Error("a new journal is not new")
	}
	must(j.SetMeta(map[string]string{"epoch": "then", "identity": "me"}))
	must(j.Append(journal.Commit{At: 5, Hold: true, Body: []byte("one")}))
	must(j.SetBound(state.End))
	must(j.Append(journal.Commit{At: 7, Body: []byte("two")}))
	must(j.Close())
	j = open(t, dir)
	if epoch, err := j.Meta("epoch"); epoch != "then" || err != nil || j.Bound() != state.End || commits(t, j) != "5 true one, 7 false two" {
		t.Error(epoch, err, j.Bound(), commits(t, j))
	}
	stop := errors.New("stop")
	if err := j.Replay(func(journal.Commit) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	must(j.Clear())
	if commits(t, j) != "" || j.Bound() != 0 {
		t.Error("it was not cleared")
	}
}

func TestTwoCannotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	var busy *journal.BusyError
	if _, err := journal.Open(dir); !errors.As(err, &busy) {
		t.Fatalf("a second open: %v", err)
	}
	if err := j.Append(journal.Commit{At: 1, Body: []byte("x")}); err != nil {
		t.Error("the first one suffers:", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestWhatIsNoJournal(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "world.sqlite"), []byte(strings.Repeat("this is no database ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(dir); err == nil || !strings.Contains(err.Error(), "no journal") {
		t.Error(err)
	}
	dir = t.TempDir()
	open(t, dir).Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "world.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE meta SET value = '99' WHERE key = 'version'"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := journal.Open(dir); err == nil || !strings.Contains(err.Error(), `version "99"`) {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(file); err == nil {
		t.Error("a file was taken for a folder")
	}
}
