package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/orrery-sim/orrery/api/world/journal"
)

func TestSnapshots(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	for _, seq := range []int64{5, 70, 9} {
		if err := j.WriteSnapshot(seq, fmt.Appendf(nil, "head %d", seq), bytes.Repeat([]byte{byte(seq)}, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if got := j.Snapshots(); !slices.Equal(got, []int64{70, 9}) {
		t.Fatal(got)
	}
	head, body, err := j.ReadSnapshot(70)
	if err != nil || string(head) != "head 70" || !bytes.Equal(body, bytes.Repeat([]byte{70}, 100)) {
		t.Errorf("%q %q %v", head, body, err)
	}
	path := filepath.Join(dir, "snapshot-70")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		for _, content := range [][]byte{bad, good[:i]} {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, _, err := j.ReadSnapshot(70); !errors.Is(err, journal.ErrSnapshot) {
				t.Fatalf("damaged at %d: %v", i, err)
			}
		}
	}
	j.RemoveSnapshot(70)
	if got := j.Snapshots(); !slices.Equal(got, []int64{9}) {
		t.Error(got)
	}
}

// What stands beside the journal is of one history.
func TestHistories(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	history := func() int64 {
		h, err := j.History()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first := history()
	for range 3 {
		if err := j.Append(journal.Commit{At: 1, Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if j.Seq() != 3 || history() != first {
		t.Error(j.Seq(), history())
	}
	if err := j.Clear(); err != nil || j.Seq() != 0 || history() != first+1 {
		t.Error(err, j.Seq(), history())
	}
	if err := j.Replace([]journal.Commit{{At: 4, Body: []byte("y")}, {At: 5, Body: []byte("z")}}, 7, nil); err != nil || j.Seq() != 2 || history() != first+2 {
		t.Error(err, j.Seq(), history())
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j = open(t, dir); j.Seq() != 2 || history() != first+2 {
		t.Error(j.Seq(), history())
	}
	c, err := j.Commits(1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var one journal.Commit
	if ok, err := c.Next(&one); !ok || err != nil || string(one.Body) != "z" {
		t.Error(ok, err, one)
	}
}
