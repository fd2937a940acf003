package world

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/state"
)

// replayed runs the journal of a folder as a scenario.
func replayed(t *testing.T, dir string, sets ...scenarios.Set) (*run.Simulated, error) {
	t.Helper()
	o, err := ReadOrigin(dir)
	if err != nil {
		return nil, err
	}
	l, err := scenarios.Parse("journal", o.Dir, []byte(o.Scenario), sets...)
	if err != nil {
		t.Fatal(err)
	}
	if l.Journal, err = filepath.Abs(dir); err != nil {
		t.Fatal(err)
	}
	p, err := l.Compile()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := l.Attach(p, OpenReplay); err != nil {
		return nil, err
	}
	return run.Simulate(t.Context(), p, run.Simulation{Check: true})
}

func TestARunOfTheJournalIsTheWorld(t *testing.T) {
	for _, speed := range []string{"paused", "request=10s", "1000", "max"} {
		t.Run(speed, func(t *testing.T) {
			dir := t.TempDir()
			w := begin(t, kept(dir, "paused"))
			live(t, w)
			w.Close()
			s, err := ParseSpeed(speed)
			if err != nil {
				t.Fatal(err)
			}
			w = begin(t, kept(dir, "paused"))
			if _, err := w.SetSpeed(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				submitTo(t, w, "sleep 500", 1+i%8)
			}
			last := w.Conclude()
			for range 2 {
				done, err := replayed(t, dir)
				if err != nil {
					t.Fatal(err)
				}
				if done.Digest != last.Digest || len(done.Notes) > 0 {
					t.Errorf("the world: %s at %s\nthe run:  %s %v", last.Digest, last.Now, done.Digest, done.Notes)
				}
				if done.Counts.Submitted < 32 {
					t.Errorf("only %d jobs", done.Counts.Submitted)
				}
			}
			done, err := replayed(t, dir, scenarios.Set{Path: "policy.order", Value: "sjf"})
			if err != nil || done.Digest == last.Digest {
				t.Error("another policy is the same run:", err)
			}
		})
	}
}

// What a killed process leaves behind is run to where a server that is started on it again stands.
func TestARunOfWhatAKilledProcessLeft(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, kept(dir, "1000"))
	for i := range 50 {
		submitTo(t, w, "sleep 500", 1+i%8)
	}
	left := t.TempDir()
	if _, err := w.alone(t.Context(), func() error { return os.CopyFS(left, os.DirFS(dir)) }); err != nil { // its write-ahead log is there too
		t.Fatal(err)
	}
	done, err := replayed(t, left)
	if err != nil {
		t.Fatal(err)
	}
	again := begin(t, kept(left, "paused")).Conclude()
	if done.Digest != again.Digest || done.Counts.Submitted < 50 {
		t.Errorf("the run of %d jobs: %s, the world: %s", done.Counts.Submitted, done.Digest, again.Digest)
	}
}

func TestJournalsThatCannotBeRun(t *testing.T) {
	if _, err := replayed(t, t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no journal") {
		t.Error(err)
	}
	dir := t.TempDir()
	w := begin(t, kept(dir, "paused"))
	for range 3 {
		submitTo(t, w, "sleep 500", 1)
		if _, err := w.Advance(t.Context(), state.Second); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := replayed(t, dir); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Error(err)
	}
	w.Close()
	for _, damage := range []struct{ do, want string }{
		{fmt.Sprintf("UPDATE commits SET body = x'%x' WHERE seq = 2", encode([]*entry{{Kind: "sing"}})), `no command "sing"`},
		{"UPDATE commits SET body = x'78' WHERE seq = 2", "is damaged: the commit at"},
		{"DELETE FROM commits WHERE seq = 2", "commit 2 is missing"},
		{"UPDATE meta SET value = '99' WHERE key = 'version'", `version "99"`},
	} {
		db, err := sql.Open("sqlite", filepath.Join(dir, "world.sqlite"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(damage.do); err != nil {
			t.Fatal(err)
		}
		db.Close()
		if _, err := replayed(t, dir); err == nil || !strings.Contains(err.Error(), damage.want) {
			t.Errorf("%s: %v", damage.do, err)
		}
		if _, err := New(kept(dir, "paused")); err == nil || !strings.Contains(err.Error(), damage.want) {
			t.Errorf("served after %s: %v", damage.do, err)
		}
	}
}
