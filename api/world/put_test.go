package world

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim/state"
)

// empty is a world of two nodes of 8 GPUs and no workload.
func empty(dir, speed string) Config {
	cfg := kept(dir, speed)
	bare := strings.Replace(text, "workload: {generator: {preset: philly, jobs: 200}, queue: other}\n", "", 1)
	cfg.Load = func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("empty.yaml", ".", []byte(bare))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}
	cfg.Origin = func(*scenarios.Plan) (Origin, error) { return Origin{Identity: "empty", Scenario: bare, Dir: "."}, nil }
	cfg.Epoch = state0
	return cfg
}

// phases is where a job stands, and what it went through.
func phases(t *testing.T, w *World, id string) string {
	t.Helper()
	v, err := w.Peek(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	j, ok := v.Job(id)
	if !ok {
		t.Fatalf("no job %s", id)
	}
	var out []string
	h := v.History(j)
	for i := range h.Steps {
		out = append(out, []string{"C", "W", "B", "P", "K", "R", "r", "V", "s", "Succeeded", "Failed", "Stopped"}[h.Steps[i].Phase])
	}
	return strings.Join(out, " ")
}

func target(p play.Phase) play.Target { return play.Target{Phase: p, Span: state.Unset} }

func TestPut(t *testing.T) {
	const day = 24 * 3600 * state.Second
	w := begin(t, empty("", "paused"))
	ctx := t.Context()
	advance := func(d state.Time) {
		t.Helper()
		if _, err := w.Advance(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name, command string
		to            play.Target
		then, later   string
		after         state.Time
	}{
		{"running", "sleep 50", target(play.Running), "C W P R", "C W P R Succeeded", 60 * state.Second},
		{"restarting", "sleep 50", target(play.Restarting), "C W P R r", "C W P R r R Succeeded", 90 * state.Second},
		{"checking", "sleep 50", target(play.Checking), "C W P K", "C W P K R Succeeded", 130 * state.Second},
		{"reserving", "sleep infinity", target(play.Reserving), "C W P R V", "C W P R V Succeeded", 1900 * state.Second},
		{"reserving after a failure", "sleep infinity", play.Target{Phase: play.Reserving, Failed: true, Code: 3, Span: 20 * state.Second}, "C W P R V", "C W P R V Failed", 30 * state.Second},
		{"stopping", "sleep infinity", play.Target{Phase: play.Stopping, Span: 60 * state.Second}, "C W P s", "C W P s Stopped", 70 * state.Second},
		{"stopped", "sleep infinity", target(play.Stopped), "C s Stopped", "C s Stopped", state.Second},
		{"running for a while", "sleep 60", play.Target{Phase: play.Running, Span: 5 * state.Second}, "C W P R", "C W P R Succeeded", 6 * state.Second},
		{"succeeded", "sleep infinity", target(play.Succeeded), "C W P R Succeeded", "C W P R Succeeded", state.Second},
		{"failed", "sleep 60", play.Target{Phase: play.Failed, Code: 9, Span: state.Unset}, "C W P Failed", "C W P Failed", state.Second},
		{"waiting", "sleep 60", target(play.Waiting), "C W", "C W P R Succeeded", 100 * state.Second},
		{"failed before it had resources", "sleep 60", target(play.Failed), "C Failed", "C Failed", state.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id := submitTo(t, w, tc.command, 8)
			if _, err := w.Put(ctx, id, tc.to, day); err != nil {
				t.Fatal(err)
			}
			if got := phases(t, w, id); got != tc.then {
				t.Errorf("it is %s, want %s", got, tc.then)
			}
			advance(tc.after)
			if got := phases(t, w, id); got != tc.later {
				t.Errorf("later it is %s, want %s", got, tc.later)
			}
		})
	}
	v, err := w.Peek(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range v.Jobs() {
		if j.Active() {
			t.Errorf("job %s has not ended", phases(t, w, v.Token(j)))
		}
	}
}

// What a put job does when somebody else has a say too.
func TestPutAndThen(t *testing.T) {
	w := begin(t, empty("", "paused"))
	ctx := t.Context()
	must := func(_ View, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	put := func(to play.Target) string {
		t.Helper()
		id := submitTo(t, w, "sleep 100", 2)
		must(w.Put(ctx, id, to, 1000*state.Second))
		must(w.Advance(ctx, state.Second))
		return id
	}
	evicted, hangs, stopped, again, exits := put(target(play.Running)), put(target(play.Running)), put(target(play.Restarting)), put(target(play.Restarting)), put(target(play.Running))
	_ = exits
	must(w.Preempt(ctx, evicted))
	must(w.Hang(ctx, hangs))
	if _, err := w.Hang(ctx, hangs); err == nil {
		t.Error("it hangs twice")
	}
	must(w.Stop(ctx, stopped))
	must(w.Put(ctx, again, play.Target{Phase: play.Running, Span: 5 * state.Second}, 0))
	must(w.Advance(ctx, 2000*state.Second))
	for id, want := range map[string]string{evicted: "C W P R r P R Succeeded", hangs: "C W P R", stopped: "C W P R r s Stopped", again: "C W P R r R Succeeded"} {
		if got := phases(t, w, id); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	must(w.Put(ctx, hangs, play.Target{Phase: play.Running, Span: 10 * state.Second}, 0)) // it comes to life again
	must(w.Advance(ctx, 11*state.Second))
	if got := phases(t, w, hangs); got != "C W P R Succeeded" {
		t.Error(got)
	}
	if _, err := w.Put(ctx, hangs, target(play.Running), 0); !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
	var impossible *play.PutError
	if _, err := w.Put(ctx, put(target(play.Running)), target(play.Waiting), 0); !errors.As(err, &impossible) {
		t.Error(err)
	}
	big := submitTo(t, w, "sleep 1", 16)
	if _, err := w.Put(ctx, big, target(play.Running), 100*state.Second); err == nil || !strings.Contains(err.Error(), "no resources") {
		t.Error(err)
	}
}

// planAll puts jobs into phases and plans what happens to others; some of it comes while the clock is moved, some is still ahead.
func planAll(t *testing.T, w *World) {
	t.Helper()
	ctx := t.Context()
	must := func(_ View, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	in := func(d state.Time) func(state.Time) state.Time {
		return func(now state.Time) state.Time { return now + d*state.Second }
	}
	var ids []string
	for range 14 {
		ids = append(ids, submitTo(t, w, "sleep 300", 1))
	}
	for i, c := range []JobChange{{Do: DoStop}, {Do: DoExit, Code: 7}, {Do: DoPreempt}, {Do: DoHang}, {Do: DoPriority, Priority: 8}} {
		must(w.PlanJob(ctx, ids[i], c, in(state.Time(40+i))))
		must(w.PlanJob(ctx, ids[i+5], c, in(5000)))
		must(w.PlanJob(ctx, ids[i], c, in(41)))
	}
	must(w.Put(ctx, ids[10], target(play.Restarting), 1000*state.Second))
	must(w.Put(ctx, ids[11], play.Target{Phase: play.Running, Span: 200 * state.Second, History: []play.Past{{Phase: play.Waiting, Span: 8 * 86400 * state.Second},
		{Phase: play.Preparing, Span: 9 * state.Second}, {Phase: play.Running, Span: 60 * state.Second}}}, 1000*state.Second))
	must(w.Put(ctx, ids[12], play.Target{Phase: play.Reserving, Failed: true, Code: 3, Span: 9000 * state.Second}, 1000*state.Second))
	must(w.Put(ctx, ids[13], play.Target{Phase: play.Running, Span: 9000 * state.Second}, 1000*state.Second))
	must(w.Advance(ctx, 60*state.Second))
	j, v, err := w.Submit(ctx, &Submission{API: "x", Name: "watched", User: "me", Roles: []Role{{Name: "Worker", Replicas: 1, GPUs: 1}}, Play: play.Request{Command: "sleep 900", Pods: 1, GPUs: 1,
		HangAfter: 50 * state.Second, Restarts: 1, Restart: 30 * state.Second}})
	must(v, err)
	watched := v.Token(j)
	must(w.Advance(ctx, 20*state.Second))
	must(w.Hang(ctx, watched))
	must(w.Advance(ctx, 100*state.Second))
	must(w.Hang(ctx, watched)) // found 50 s later, while what follows is exported and replayed
	must(w.Advance(ctx, 20*state.Second))
	must(w.Hang(ctx, ids[13]))
	must(w.Advance(ctx, 20*state.Second))
	if got := phases(t, w, watched); got != "C W P R r R" {
		t.Errorf("the job that hangs is %s", got)
	}
	must(w.Advance(ctx, 340*state.Second))
	if got := phases(t, w, watched); got != "C W P R r R Failed" {
		t.Errorf("the job that hung twice is %s", got)
	}
}

func TestPutsAndPlansAreKept(t *testing.T) {
	plain := begin(t, empty("", "paused"))
	planAll(t, plain)
	now := tell(t, plain)
	packed, err := plain.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	end := laterOn(t, plain)
	if n := strings.Count(fmt.Sprint(must1(plain.Peek(t.Context())).Changes()), "{"); n < 15 {
		t.Errorf("%d planned changes are told of", n)
	}

	for _, every := range []uint64{0, 1, 7} { // with snapshots, of the very last command too
		t.Run(fmt.Sprint("a snapshot every ", every), func(t *testing.T) { keptPuts(t, every, now, end) })
	}

	other := begin(t, empty("", "paused"))
	if _, err := other.Import(t.Context(), packed); err != nil {
		t.Fatal(err)
	}
	if got := tell(t, other); got != now {
		t.Fatalf("taken in it is\n%s\n\nwas\n%s", got, now)
	}
	if got := laterOn(t, other); got != end {
		t.Fatalf("taken in it becomes\n%s\n\nnot\n%s", got, end)
	}
}

// laterOn is a world when everything that was planned has come.
func laterOn(t *testing.T, w *World) string {
	t.Helper()
	if _, err := w.Advance(t.Context(), 20000*state.Second); err != nil {
		t.Fatal(err)
	}
	return tell(t, w)
}

func keptPuts(t *testing.T, every uint64, now, end string) {
	dir := t.TempDir()
	open := func() *World {
		cfg := empty(dir, "paused")
		cfg.SaveEvery = every
		return begin(t, cfg)
	}
	w := open()
	planAll(t, w)
	if got := tell(t, w); got != now {
		t.Fatalf("with a journal it is\n%s\n\nwithout\n%s", got, now)
	}
	for range 2 {
		w.Close()
		w = open()
		if got := tell(t, w); got != now {
			t.Fatalf("after a restart it is\n%s\n\nwas\n%s", got, now)
		}
		if every == 1 && w.shown.saved == 0 {
			t.Error("it did not come back from a snapshot")
		}
	}
	w.Close()
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	w = open()
	if got := laterOn(t, w); got != end {
		t.Fatalf("after a restart it becomes\n%s\n\nnot\n%s", got, end)
	}
	w.Close()
	w = open()
	if got := tell(t, w); got != end {
		t.Fatalf("what was due and came is\n%s\n\nwas\n%s", got, end)
	}
	last := w.Conclude()
	if done, err := replayed(t, dir); err != nil || done.Digest != last.Digest {
		t.Errorf("the run: %v %v, the world: %s", done, err, last.Digest)
	}

	// a process that was killed leaves a bound behind what it did last
	j, err := journal.Open(left)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.SetBound(6000*state.Second), j.Close()); err != nil {
		t.Fatal(err)
	}
	done, err := replayed(t, left)
	if again := begin(t, empty(left, "paused")).Conclude(); err != nil || done.Digest != again.Digest {
		t.Errorf("the run of what was left: %v %v, the world: %s", done, err, again.Digest)
	}
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Where the clock stands the commands' stamps go on, and what was planned for one of them comes in its turn.
func TestStampsMeetWhatIsPlanned(t *testing.T) {
	w := begin(t, empty("", "paused"))
	ctx := t.Context()
	id := submitTo(t, w, "sleep infinity", 1)
	if _, err := w.Put(ctx, id, target(play.Running), 60*state.Second); err != nil {
		t.Fatal(err)
	}
	var due state.Time
	plan := func(now state.Time) state.Time { due = now + 2; return due }
	if _, err := w.PlanJob(ctx, id, JobChange{Do: DoExit, Code: 3}, plan); err != nil {
		t.Fatal(err)
	}
	submitTo(t, w, "sleep 1", 1)
	if v, err := w.Peek(ctx); err != nil || v.Now >= due {
		t.Fatalf("the clock stands at %d, %v, before %d", v.Now, err, due)
	} else if j, _ := v.Job(id); !j.Active() {
		t.Fatal("it was carried out before its time")
	}
	for range 3 {
		submitTo(t, w, "sleep 1", 1)
	}
	v, err := w.Peek(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if j, _ := v.Job(id); j.Active() || j.Life.Ended != due {
		t.Errorf("at %d the job that was to exit at %d is %s, and ended at %d", v.Now, due, phases(t, w, id), j.Life.Ended)
	}
}
