package world

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

const text = `
apiVersion: orrery/v1
kind: Scenario
name: small
cluster:
  nodeTypes: {a: {gpu: A100-80, gpus: 8, cpus: 64, memory: 512GiB}}
  pools: [{name: p, nodeType: a, nodes: 2}]
workload: {generator: {preset: philly, jobs: 200}, queue: other}
policy: {order: priority, backfill: easy}
`

func kept(dir, speed string) Config {
	s, err := ParseSpeed(speed)
	if err != nil {
		panic(err)
	}
	return Config{Speed: s, Data: dir, Origin: originOf("small"), Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("small.yaml", ".", []byte(text))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}}
}

// state0 is a calendar time that does not depend on the wall.
var state0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func originOf(identity string) func(*scenarios.Plan) (Origin, error) {
	return func(*scenarios.Plan) (Origin, error) {
		return Origin{Identity: identity, Scenario: text, Dir: "."}, nil
	}
}

func begin(t *testing.T, cfg Config) *World {
	t.Helper()
	w, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// tell is everything that can be read of a world.
func tell(t *testing.T, w *World) string {
	t.Helper()
	v, err := w.Peek(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	digest, _, err := w.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{fmt.Sprint(v.Now, v.Time(v.Now), digest, v.Nodes(), v.Changes())}
	for _, j := range v.Jobs() {
		l := j.Life
		l.Put = nil // an address
		out = append(out, fmt.Sprint(v.Token(j), j.Name, j.User, j.Queue, j.Priority, j.Roles, string(j.Payload), l, j.Pods, j.NeverFit, v.History(j)))
		if j.Life.Put != nil {
			out = append(out, fmt.Sprint(*j.Life.Put))
		}
	}
	return strings.Join(out, "\n")
}

func submitTo(t testing.TB, w *World, command string, gpus int) string {
	t.Helper()
	j, v, err := w.Submit(t.Context(), &Submission{API: "x", Name: "j", User: "me", Queue: "train", Priority: int32(gpus), Payload: []byte("{}"),
		Roles: []Role{{Name: "Worker", Replicas: 1, GPUs: gpus, CPUMilli: 1000}}, Play: play.Request{Command: command, Pods: 1, GPUs: gpus}})
	if err != nil {
		t.Fatal(err)
	}
	return v.Token(j)
}

// live puts a world through everything that the journal keeps.
func live(t *testing.T, w *World) {
	t.Helper()
	ctx := t.Context()
	must := func(_ View, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for i := range 12 {
		ids = append(ids, submitTo(t, w, []string{"sleep 60", "python train.py", "exit 3"}[i%3], 1+i%8))
		must(w.Advance(ctx, state.Time(i)*3*state.Second))
	}
	must(w.Stop(ctx, ids[1]))
	nine := int32(9)
	must(w.Amend(ctx, ids[4], func(*Job, View) (Amendment, error) {
		return Amendment{Priority: &nine, Payload: []byte("new")}, nil
	}))
	must(w.PlanChange(ctx, "p-0001", sim.ChangeDown, func(now state.Time) state.Time { return now + 20*state.Second }))
	must(w.PlanChange(ctx, "p-0001", sim.ChangeUp, func(now state.Time) state.Time { return now + 30*state.Second }))
	must(w.ChangeNode(ctx, "p-0000", sim.ChangeDown))
	must(w.Advance(ctx, 60*state.Second))
	must(w.ChangeNode(ctx, "p-0000", sim.ChangeUp))
	must(w.Advance(ctx, 600*state.Second))
	v, err := w.Peek(ctx)
	if err != nil {
		t.Fatal(err)
	}
	forced := 0
	for _, j := range v.Jobs() {
		h := v.History(j)
		switch {
		case !j.Active() && j.Command > 0 && forced < 2:
			must(w.Delete(ctx, v.Token(j)))
			forced++
		case h.Last().Phase == play.Running && forced == 2:
			must(w.Exit(ctx, v.Token(j), 137))
			forced++
		case h.Last().Phase == play.Running && forced == 3:
			must(w.Preempt(ctx, v.Token(j)))
			forced++
		case h.Last().Phase == play.Running && forced == 4 && j.Command == 0:
			must(w.Hang(ctx, v.Token(j)))
			forced++
		case h.Last().Phase == play.Running && forced == 5:
			must(w.Discard(ctx, v.Token(j)))
			forced++
		}
	}
	if forced < 6 {
		t.Fatalf("only %d of 6 changes found a job", forced)
	}
	if _, err := w.Stop(ctx, ids[2]); !errors.Is(err, ErrEnded) && !errors.Is(err, ErrNotFound) {
		t.Error("a refused command:", err)
	}
	must(w.Advance(ctx, 5*state.Second))
}

func TestAWorldOutlivesItsProcess(t *testing.T) {
	for _, speed := range []string{"paused", "request=10s"} {
		t.Run(speed, func(t *testing.T) {
			dir := t.TempDir()
			w := begin(t, kept(dir, speed))
			live(t, w)
			before := tell(t, w)
			w.Close()
			for range 2 {
				w = begin(t, kept(dir, speed))
				if after := tell(t, w); after != before {
					t.Fatalf("was\n%s\n\nis\n%s", before, after)
				}
				w.Close()
			}
			w = begin(t, kept(dir, speed))
			if id := submitTo(t, w, "sleep 1", 1); strings.Contains(before, id) {
				t.Error("an id came twice:", id)
			}
			if _, err := w.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			live(t, w)
			if again := tell(t, w); again != before {
				t.Errorf("after a reset the same calls gave\n%s\n\nnot\n%s", again, before)
			}
			w.Close()
			w = begin(t, kept(dir, speed))
			if after := tell(t, w); after != before {
				t.Error("what came after a reset was lost")
			}
		})
	}
}

// A process that is killed leaves its lock and its bound behind: the world goes on from an instant that no answer passed.
func TestTheBoundLiesAhead(t *testing.T) {
	for _, speed := range []string{"1000", "max", "request=10s"} {
		w := begin(t, kept(t.TempDir(), speed))
		for range 50 {
			submitTo(t, w, "sleep 100", 1)
			v, err := w.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.alone(t.Context(), func() error {
				if v.Now > w.journal.Bound() && v.Now > w.engine.Now() {
					return fmt.Errorf("speed %s: told of %d, the bound is %d", speed, v.Now, w.journal.Bound())
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		w.Close()
	}
}

func TestFoldersThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, kept(dir, "paused"))
	var busy *journal.BusyError
	if _, err := New(kept(dir, "paused")); !errors.As(err, &busy) {
		t.Error("a second world:", err)
	}
	w.Close()
	other := kept(dir, "paused")
	other.Origin = originOf("large")
	if _, err := New(other); err == nil || !strings.Contains(err.Error(), "another scenario") {
		t.Error(err)
	}
	later := kept(dir, "paused")
	later.Epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := New(later); err == nil || !strings.Contains(err.Error(), "starts at") {
		t.Error(err)
	}
	begin(t, kept(dir, "60")).Close() // another speed is fine
}

// A journal that cannot be written: no commands, no time, all reads.
func TestAJournalThatFails(t *testing.T) {
	w := begin(t, kept(t.TempDir(), "paused"))
	id := submitTo(t, w, "sleep 60", 1)
	before := tell(t, w)
	if _, err := w.alone(t.Context(), w.journal.Close); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := w.Submit(t.Context(), &Submission{Name: "lost", Roles: []Role{{Replicas: 1, CPUMilli: 1000}}}); !errors.Is(err, ErrFrozen) {
			t.Error("a command:", err)
		}
	}
	if _, err := w.Advance(t.Context(), state.Second); !errors.Is(err, ErrFrozen) {
		t.Error("the clock moved:", err)
	}
	v, err := w.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if j, ok := v.Job(id); !ok || !j.Active() || len(v.Jobs()) != 2 || !strings.HasPrefix(before, fmt.Sprint(v.Now)+" ") {
		t.Errorf("what is read: %v at %d", v.Jobs(), v.Now)
	}
	if err := w.Status().Err; !errors.Is(err, ErrFrozen) {
		t.Error("readiness:", err)
	}
}
