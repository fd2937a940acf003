package world

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/internal/snapshot"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/state"
)

const jobsText = `job,submit_s,duration_s,gpus,user,queue
a,0,50,1,ann,other
b,10,500,4,bob,other
c,10,20,8,ann,other
d,200,100,2,cid,other
e,4000,90,16,bob,other
`

// policiesSaved are policies whose worlds are saved and go on: native ones, guests in every slot, and a whole scheduler.
var policiesSaved = []string{
	"{order: priority, backfill: easy}",
	"{order: sjf, backfill: conservative, place: best-fit}",
	"{order: fair-by-user, backfill: none}",
	"{order: {wasm: las-c/las.wasm}, backfill: easy}",
	"{order: fifo, backfill: easy, place: {wasm: best-fit-c/best-fit.wasm}}",
	"{scheduler: {wasm: fcfs-c/fcfs.wasm}}",
	"{preset: helios-fifo}",
	"{order: fifo, backfill: easy}\nquota: {rules: volcano}\nqueues: [{name: train, capability: {A100-80: 12}}, {name: other}]",
	"{order: las, backfill: none}",
}

// savedText is a scenario with a drawn workload, a recorded one, and both merged.
func savedText(policy, workload string) string {
	return `
apiVersion: orrery/v1
kind: Scenario
name: small
cluster:
  nodeTypes: {a: {gpu: A100-80, gpus: 8, cpus: 64, memory: 512GiB}}
  pools: [{name: p, nodeType: a, nodes: 2}]
workload: ` + workload + `
policy: ` + policy + "\n"
}

// saving is the configuration of a world that takes a snapshot every few commands; its scenario lies where the guests are.
func saving(dir, text string, every uint64, checks *check.Checker, log *bytes.Buffer) Config {
	cfg := kept(dir, "paused")
	cfg.Epoch, cfg.SaveEvery = state0, every
	cfg.Origin = func(*scenarios.Plan) (Origin, error) { return Origin{Identity: text, Scenario: text, Dir: "."}, nil }
	cfg.Load = func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("small.yaml", "../../policies/sdk/examples", []byte(text))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}
	if checks != nil {
		cfg.Listeners = func() []state.Listener { *checks = *check.New(); return []state.Listener{checks} }
	}
	if log != nil {
		cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	return cfg
}

// copyOf is a world's folder as a kill would leave it at this moment.
func copyOf(t *rapid.T, w *World, to string) {
	t.Helper()
	if _, err := w.alone(t.Context(), func() error {
		w.awaitSave()
		list, err := os.ReadDir(w.cfg.Data)
		if err != nil {
			return err
		}
		for _, f := range list {
			b, err := os.ReadFile(filepath.Join(w.cfg.Data, f.Name()))
			if err == nil {
				err = os.WriteFile(filepath.Join(to, f.Name()), b, 0o644)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// told is everything that can be read of a world.
func told(t *rapid.T, w *World) string {
	t.Helper()
	if _, err := w.alone(t.Context(), func() error {
		w.publish()
		for n, j := range w.book.live {
			if !j.Active() {
				return fmt.Errorf("job %d has ended and is not in the archive", n)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	v, err := w.Peek(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	digest, _, err := w.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{fmt.Sprint(v.Now, digest, v.Nodes(), v.Changes(), v.Queues(), w.Status().Active, w.Status().Jobs)}
	for _, j := range v.Jobs() {
		one := fmt.Sprint(v.Token(j), j.Name, j.User, j.Queue, j.Priority, j.Roles, string(j.Payload), lived(j), j.Pods, j.Modified, j.NeverFit, v.History(j))
		found, ok := v.Job(v.Token(j))
		if again := fmt.Sprint(lived(found), found.Pods); !ok || again != fmt.Sprint(lived(j), j.Pods) {
			t.Fatalf("job %d is %s by its id, %s in the list", j.Number, again, one)
		}
		out = append(out, one)
	}
	pages(t, v)
	return strings.Join(out, "\n")
}

// lived is a job's life as text, without an address in it.
func lived(j *Job) string {
	l, put := j.Life, "nil"
	if l.Put != nil {
		put = fmt.Sprint(*l.Put)
	}
	l.Put = nil
	return fmt.Sprint(l, put)
}

// pages holds pages of lists against the sorted list of all jobs.
func pages(t *rapid.T, v View) {
	t.Helper()
	f := Filter{From: state.Time(rapid.IntRange(-10, 500).Draw(t, "from_s")) * state.Second, To: state.Time(rapid.IntRange(0, 9000).Draw(t, "to_s")) * state.Second,
		Mine: rapid.Bool().Draw(t, "mine"), User: rapid.SampledFrom([]string{"me", "you", "nobody", "", "user92"}).Draw(t, "user")}
	oldest, skip, take := rapid.Bool().Draw(t, "oldest"), rapid.IntRange(0, 5).Draw(t, "skip"), rapid.IntRange(0, 8).Draw(t, "take")
	var want []string
	all := slices.DeleteFunc(v.Jobs(), func(j *Job) bool {
		return j.Life.Created < f.From || j.Life.Created > f.To || f.Mine && j.Command > 0 && j.User != f.User
	})
	slices.SortStableFunc(all, func(x, y *Job) int {
		if oldest {
			x, y = y, x
		}
		return cmp.Compare(y.Life.Created, x.Life.Created)
	})
	for _, j := range all {
		want = append(want, j.Name)
	}
	for _, keep := range []func(*Brief) bool{nil, func(*Brief) bool { return true }} {
		var got []string
		page, total := v.Page(f, keep, oldest, skip, take)
		for _, j := range page {
			got = append(got, j.Name)
		}
		if want := want[min(skip, len(want)):min(skip+take, len(want))]; total != len(all) || !slices.Equal(got, want) {
			t.Fatalf("%+v, oldest first: %v, %d from %d: got %v of %d, want %v of %d", f, oldest, take, skip, got, total, want, len(all))
		}
	}
}

// act does something drawn to several worlds, which must answer alike.
func act(t *rapid.T, worlds ...*World) {
	t.Helper()
	what := rapid.IntRange(0, 19).Draw(t, "act")
	n := rapid.IntRange(0, 30).Draw(t, "which")
	span := state.Time(rapid.SampledFrom([]int64{0, 1, 30, 400, 3000}).Draw(t, "span_s")) * state.Second
	var answers []string
	for _, w := range worlds {
		ctx := t.Context()
		v, err := w.Peek(ctx)
		if err != nil {
			t.Fatal(err)
		}
		id := "none"
		jobs := v.Jobs()
		if what >= 14 && what <= 16 { // what the engine refuses leaves the clock 1 ns further on in those that heard of it, and that is all
			jobs = slices.DeleteFunc(jobs, func(j *Job) bool {
				h := v.History(j)
				return h.Last().Phase != play.Running || j.Life.HungAt > 0
			})
		}
		if len(jobs) > 0 {
			id = v.Token(jobs[n%len(jobs)])
		}
		switch what {
		case 0, 1, 2, 3:
			_, v, err = w.Submit(ctx, &Submission{API: "x", Name: fmt.Sprint("job-", n), User: []string{"me", "you"}[n%2], Queue: "train", Priority: int32(n % 9), Payload: []byte(`{"a": 1}`),
				Roles: []Role{{Name: "Worker", Replicas: 1 + n%3, GPUs: 1 + n%4, CPUMilli: 1000}}, Play: play.Request{Command: []string{"sleep 60", "python train.py", "exit 3"}[n%3], Pods: 1 + n%3, GPUs: 2}})
		case 4, 5, 6:
			v, err = w.Advance(ctx, span)
		case 7:
			v, err = w.Stop(ctx, id)
		case 8:
			v, err = w.Delete(ctx, id)
		case 9:
			v, err = w.Amend(ctx, id, func(*Job, View) (Amendment, error) { return Amendment{Payload: fmt.Appendf(nil, "new %d", n)}, nil })
		case 10:
			v, err = w.ChangeNode(ctx, fmt.Sprintf("p-000%d", n%2), []sim.ChangeKind{sim.ChangeDown, sim.ChangeUp, sim.ChangeCordon, sim.ChangeUncordon}[n%4])
		case 11:
			v, err = w.PlanChange(ctx, fmt.Sprintf("p-000%d", n%2), []sim.ChangeKind{sim.ChangeDown, sim.ChangeUp}[n/2%2], func(now state.Time) state.Time { return now + span + 1 })
		}
		after := func(now state.Time) state.Time { return now + max(span, state.Second) } // not so near that the stamps of commands pass it
		switch what {
		case 12, 13:
			v, err = w.PlanJob(ctx, id, JobChange{Do: []string{DoStop, DoExit, DoPreempt, DoHang, DoPriority}[n%5], Code: uint8(n), Priority: int32(n % 7)}, after)
		case 14:
			v, err = w.Hang(ctx, id)
		case 15:
			v, err = w.Exit(ctx, id, uint8(n))
		case 16:
			v, err = w.Preempt(ctx, id)
		case 17:
			v, err = w.Put(ctx, id, play.Target{Phase: []play.Phase{play.Running, play.Waiting, play.Restarting, play.Reserving, play.Failed}[n%5], Code: 3, Span: span}, state.Second)
		case 18:
			v, err = w.PlanSet(ctx, "queues.train.capability.A100-80", fmt.Sprint(n), after)
		case 19:
			v, err = w.ChangeQueue(ctx, "train", func(now *Queue, _ View) (*Queue, error) {
				if now == nil {
					return nil, ErrNoQueue
				}
				q := *now
				q.Note = fmt.Appendf(nil, "note %d", n)
				return &q, nil
			})
		}
		answers = append(answers, fmt.Sprint(v.Now, err))
	}
	for _, a := range answers {
		if a != answers[0] {
			t.Fatalf("act %d: worlds answer otherwise: %q", what, answers)
		}
	}
}

// A world that comes back from a snapshot, one that carries all its commands out again, and the one that went on are the same, and
// stay the same.
func TestASnapshotIsTheWorld(t *testing.T) {
	root := quick(t)
	workloads := workloadsSaved(t, root)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		policy := rapid.SampledFrom(policiesSaved).Draw(t, "policy")
		text := savedText(policy, rapid.SampledFrom(workloads).Draw(t, "workload"))
		every := uint64(rapid.IntRange(1, 5).Draw(t, "every"))
		folder := func(name string) string {
			dir := filepath.Join(root, fmt.Sprint(round), name)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}
		open := func(dir string) (*World, *check.Checker) {
			checks, log := new(check.Checker), &bytes.Buffer{}
			w, err := New(saving(dir, text, every, checks, log))
			if err != nil {
				t.Fatal(err)
			}
			if log.Len() > 0 {
				t.Fatal(log.String())
			}
			return w, checks
		}
		w, checks := open(folder("first"))
		worlds, all := []*World{w}, []*check.Checker{checks}
		defer func() {
			for i, w := range worlds {
				w.Close()
				if err := all[i].Err(); err != nil {
					t.Error(err)
				}
				_ = w.plan.Close()
			}
			os.RemoveAll(filepath.Join(root, fmt.Sprint(round)))
		}()
		for range rapid.IntRange(0, 12).Draw(t, "before") {
			act(t, worlds...)
		}
		for i, back := range []string{"back", "whole"} {
			dir := folder(back)
			copyOf(t, w, dir)
			if i == 1 {
				old, _ := filepath.Glob(filepath.Join(dir, "snapshot-*"))
				for _, f := range old {
					os.Remove(f)
				}
			}
			again, checks := open(dir)
			worlds, all = append(worlds, again), append(all, checks)
			if got, want := told(t, again), told(t, w); got != want {
				t.Fatalf("%s:\n%s\n\nwas\n%s", back, got, want)
			}
		}
		for range rapid.IntRange(0, 8).Draw(t, "after") {
			act(t, worlds...)
		}
		for _, w := range worlds[1:] {
			if got, want := told(t, w), told(t, worlds[0]); got != want {
				t.Fatalf("it goes on as\n%s\n\nnot as\n%s", got, want)
			}
		}
	})
}

// quick is a folder in memory where the machine has one: what is synchronised there costs nothing.
func quick(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "orrery")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// workloadsSaved are a drawn workload, a recorded one that is read row by row, one that is renamed, filtered and merged, and none.
func workloadsSaved(t *testing.T, root string) []string {
	t.Helper()
	file := filepath.Join(root, "jobs.csv")
	if err := os.WriteFile(file, []byte(jobsText), 0o644); err != nil {
		t.Fatal(err)
	}
	jobs := "trace: {format: orrery, file: " + file + "}"
	drawn := "generator: {preset: philly, jobs: 200}, queue: other"
	return []string{"{" + drawn + "}", "{" + jobs + "}", "[{" + drawn + ", load: 1.5}, {" + jobs + ", sample: 0.8, users: {ann: eve}}, {" + jobs + ", filter: {maxGPUs: 8}}]", "[]"}
}

// step submits a job, waits for the snapshot that this may bring, and moves the clock.
func step(t *testing.T, w *World, command string, gpus int, by state.Time) {
	t.Helper()
	submitTo(t, w, command, gpus)
	if _, err := w.alone(t.Context(), func() error { w.publish(); w.save(); w.awaitSave(); return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Advance(t.Context(), by); err != nil {
		t.Fatal(err)
	}
}

// Every policy under every workload comes back from its snapshot, not from its history.
func TestEveryWorldIsSaved(t *testing.T) {
	root := quick(t)
	for i, policy := range policiesSaved {
		for k, workload := range workloadsSaved(t, root) {
			t.Run(policy+workload[:min(len(workload), 12)], func(t *testing.T) {
				dir, text, checks, log := filepath.Join(root, fmt.Sprint(i, "-", k)), savedText(policy, workload), new(check.Checker), new(bytes.Buffer)
				w := begin(t, saving(dir, text, 2, checks, log))
				for i := range 9 {
					step(t, w, []string{"sleep 60", "python train.py", "exit 3"}[i%3], 1+i, state.Time(i*i*10)*state.Second)
				}
				if _, err := w.alone(t.Context(), func() error {
					fork, err := w.engine.Fork()
					if err == nil {
						err = snapshot.Check(fork)
						closePolicy(fork)
					}
					return err
				}); err != nil {
					t.Error(err)
				}
				before := tell(t, w)
				w.Close()
				for range 2 {
					w = begin(t, saving(dir, text, 2, checks, log))
					if after := tell(t, w); after != before {
						t.Fatalf("was\n%s\n\nis\n%s", before, after)
					}
					if s := w.Status(); s.Saved < 5 || s.SaveErr != nil || log.Len() > 0 {
						t.Errorf("its snapshot has %d commits, %v\n%s", s.Saved, s.SaveErr, log)
					}
					w.Close()
					if err := checks.Err(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// A snapshot that is torn, damaged, of another program or of another past is of no use: the one before it is, or the whole history.
func TestSnapshotsOfNoUse(t *testing.T) {
	dir := quick(t)
	text := savedText(policiesSaved[0], "[]")
	w := begin(t, saving(dir, text, 2, nil, nil))
	for i := range 9 {
		step(t, w, "sleep 60", 1+i, 100*state.Second)
	}
	before := tell(t, w)
	w.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	good := map[string][]byte{}
	for _, f := range files {
		good[f], _ = os.ReadFile(f)
	}
	newest, second := filepath.Join(dir, "snapshot-8"), filepath.Join(dir, "snapshot-6")
	rows, records := filepath.Join(dir, "ended-0.rows"), filepath.Join(dir, "ended-0.records")
	for _, f := range []string{newest, second, rows, records} {
		if len(good[f]) == 0 {
			t.Fatalf("no %s among %s", f, files)
		}
	}
	flipped := func(b []byte, at int) []byte { c := bytes.Clone(b); c[at] ^= 1; return c }
	for _, c := range []struct {
		name  string
		files map[string][]byte
		saved int64
		says  string
	}{
		{"nothing", nil, 8, ""},
		{"torn", map[string][]byte{newest: good[newest][:len(good[newest])/2]}, 6, "torn"},
		{"damaged", map[string][]byte{newest: flipped(good[newest], 500)}, 6, "damaged"},
		{"empty", map[string][]byte{newest: {}}, 6, "torn"},
		{"both", map[string][]byte{newest: {}, second: flipped(good[second], 900)}, 0, "damaged"},
		{"ahead of the journal", map[string][]byte{filepath.Join(dir, "snapshot-99"): good[newest]}, 8, "another past"},
		{"no rows", map[string][]byte{rows: {}}, 0, "ends before its end"},
		{"damaged rows", map[string][]byte{rows: flipped(good[rows], 3)}, 0, "rows are damaged"},
		{"no records", map[string][]byte{records: nil}, 0, "ends before its end"},
		{"no snapshots", map[string][]byte{newest: nil, second: nil}, 0, ""},
	} {
		for f, b := range good {
			if err := os.WriteFile(f, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for f, b := range c.files {
			if b == nil {
				os.Remove(f)
			} else if err := os.WriteFile(f, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		log := new(bytes.Buffer)
		w := begin(t, saving(dir, text, 1000, nil, log))
		if after := tell(t, w); after != before {
			t.Errorf("%s: was\n%s\n\nis\n%s", c.name, before, after)
		}
		if s := w.Status().Saved; s != c.saved || !strings.Contains(log.String(), c.says) || c.says == "" && log.Len() > 0 {
			t.Errorf("%s: came back from %d, want %d; log %q", c.name, s, c.saved, log)
		}
		w.Close()
		os.Remove(filepath.Join(dir, "snapshot-99"))
	}
	w = begin(t, saving(dir, text, 2, nil, nil))
	if _, err := w.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Close()
	left, _ := filepath.Glob(filepath.Join(dir, "snapshot-*"))
	if old, _ := filepath.Glob(filepath.Join(dir, "ended-0.*")); len(left)+len(old) > 0 {
		t.Errorf("a reset leaves %v %v", left, old)
	}
}
