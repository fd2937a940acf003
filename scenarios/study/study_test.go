package study

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
)

func TestSeeds(t *testing.T) {
	for text, want := range map[string][]uint64{"1..4": {1, 2, 3, 4}, "7": {7}, "1,5, 9..10": {1, 5, 9, 10}} {
		got, err := ParseSeeds(text)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", text, err, d)
		}
	}
	for text, want := range map[string]string{"": `found ""`, "4..1": `found "4..1"`, "1..x": `found "1..x"`, "-1": `found "-1"`, "1,2,1": "seed 1 twice",
		"1..20000": "more than 10000 seeds", "0..18446744073709551615": "more than 10000 seeds", "18446744073709551615": ""} {
		if _, err := ParseSeeds(text); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestVary(t *testing.T) {
	a, err := ParseVary(`policy={order: fifo, backfill: easy},{order: sjf},"a,b"`)
	if d := cmp.Diff(Axis{"policy", []string{"{order: fifo, backfill: easy}", "{order: sjf}", `"a,b"`}}, a); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	for text, want := range map[string]string{"nodes": "no PATH=", "a=": "no PATH=", "a=1,,2": "an empty value", "a=1,1": "the value 1 twice"} {
		if _, err := ParseVary(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	axes := []Axis{{"a.b.nodes", []string{"1", "2"}}, {"c", []string{"x", "y", "z"}}}
	points, err := Points(axes)
	if err != nil || len(points) != 6 || points[4].Label(axes) != "b.nodes=2 c=y" {
		t.Errorf("points %v, %v", points, err)
	}
	if _, err := Points([]Axis{axes[0], axes[0]}); err == nil {
		t.Error("a path twice is no error")
	}
}

func TestLevels(t *testing.T) {
	for text, x := range map[string]struct {
		bound      float64
		meet, miss float64
	}{
		"wait.p95{queue=prod} <= 15m":  {900, 900, 900.1},
		"wait.mean{user='ann b'} < 1h": {3600, 3599, 3600},
		"allocation >= 60 %":           {0.6, 0.6, 0.59},
		"allocation>0.6":               {0.6, 0.61, 0.6},
		"cost.month <= 120000":         {120000, 1, 120001},
		"unfinished{queue=prod} <= 0":  {0, 0, 1},
		"slowdown.p99 <= 12.5":         {12.5, 12, 13},
		"evictions < 3":                {3, 2, math.NaN()},
	} {
		l, err := ParseLevel(text)
		if err != nil || l.Bound != x.bound || !l.Met(x.meet) || l.Met(x.miss) {
			t.Errorf("%s: %+v, %v", text, l, err)
		}
	}
	for text, want := range map[string]string{
		"wait.p95": "no <= or >=", "wait.p96 <= 1m": `no measure "wait.p96"`, "weit.p95 <= 1m": `did you mean "wait.p95"?`, "wait.p95 <= 15": "expected a duration",
		"wait.p95{queue} <= 1m": "no label", "wait.p95{pool=a} <= 1m": "no label", "wait.p95{queue=a,user=b} <= 1m": "no label", "wait.p95{queue=a <= 1m": "no label",
		"allocation{queue=a} >= 1": "of the whole run", "allocation >= 61": "expected a share", "cost.month <= cheap": "expected a number", "wait.p95 <= -1m": "expected a duration",
	} {
		if _, err := ParseLevel(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	l, _ := ParseLevel("wait.p95{queue=prd} <= 15m")
	if err := l.CheckNames([]string{"prod", "dev"}, nil); err == nil || !strings.Contains(err.Error(), `there are: prod, dev   (did you mean "prod"?)`) {
		t.Errorf("%v", err)
	}
}

const scenario = `apiVersion: orrery/v1
kind: Scenario
name: grid
cluster:
  nodeTypes: {n4: {gpu: T4, gpus: 4}}
  pools: [{name: p, nodeType: n4, nodes: 8}]
workload:
  generator: {preset: swf-load, jobs: 300, load: {of: 0.9, gpus: 32}, sizes: [{gpus: 1, weight: 3}, {gpus: 4}], queues: [{name: prod, weight: 2}, {name: dev}]}
`

func small(t *testing.T, dir string) *Study {
	t.Helper()
	return &Study{Axes: []Axis{{"cluster.pools.p.nodes", []string{"6", "8", "12"}}}, Seeds: []uint64{1, 2, 3, 4, 5, 6}, Dir: dir, Tool: run.Tool{Name: "orrery", Version: "test"},
		FolderName: func(s string) string { return s },
		Load: func(sets ...scenarios.Set) (*scenarios.Loaded, error) {
			return scenarios.Parse("grid.yaml", ".", []byte(scenario), sets...)
		}}
}

func execute(t *testing.T, s *Study, workers int) (*Result, *Local) {
	t.Helper()
	points, tasks, err := s.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	l := &Local{Workers: workers, Tool: s.Tool}
	figures := make([]*Figures, len(tasks))
	index := map[string]int{}
	for i := range tasks {
		index[tasks[i].Dir] = i
	}
	if err := l.Execute(context.Background(), tasks, func(t Task) error {
		f, err := Read(t.Dir, 0)
		figures[index[t.Dir]] = f
		return err
	}); err != nil {
		t.Fatal(err)
	}
	level, err := ParseLevel("wait.p95{queue=prod} <= 20m")
	if err != nil {
		t.Fatal(err)
	}
	return Assemble(s, "grid", points, tasks, figures, []Level{level}), l
}

// The same seeds meet every point: arrivals are common, more nodes never make the p95 of all waits longer under FIFO here, and the
// result does not depend on how many runs go on at a time. A second study of the same folder runs nothing.
func TestTheGrid(t *testing.T) {
	dir := t.TempDir()
	one, l := execute(t, small(t, filepath.Join(dir, "one")), 1)
	if l.Reused != 0 || one.Partial || len(one.Points) != 3 || len(one.Points[0].Runs) != 6 || len(one.Seeds) != 6 {
		t.Fatalf("%+v", one)
	}
	for i := range one.Seeds {
		var submitted []int64
		var waits []float64
		for _, p := range one.Points {
			submitted = append(submitted, p.Runs[i].Summary.Jobs.Submitted)
			waits = append(waits, float64(p.Runs[i].Summary.Wait.P95))
		}
		if submitted[0] != submitted[1] || submitted[1] != submitted[2] || waits[0] < waits[1] || waits[1] < waits[2] {
			t.Errorf("seed %d: %v jobs waited %v", one.Seeds[i], submitted, waits)
		}
	}
	if one.Smallest < 0 || one.Roomiest != 2 || one.Points[one.Smallest].Level != Meets || one.Points[0].Level != Misses {
		t.Errorf("smallest %d, roomiest %d: %v, %v, %v", one.Smallest, one.Roomiest, one.Points[0].Level, one.Points[1].Level, one.Points[2].Level)
	}
	many, _ := execute(t, small(t, filepath.Join(dir, "many")), 4)
	for i := range one.Points {
		for k := range one.Seeds {
			if one.Points[i].Runs[k].Digest != many.Points[i].Runs[k].Digest {
				t.Errorf("point %d seed %d: digests differ with the number of workers", i, one.Seeds[k])
			}
		}
		if d := cmp.Diff(one.Points[i].Table, many.Points[i].Table); d != "" {
			t.Errorf("point %d: %s", i, d)
		}
	}
	again, l := execute(t, small(t, filepath.Join(dir, "one")), 2)
	if l.Reused != 18 || again.Smallest != one.Smallest {
		t.Errorf("%d of 18 runs stood there already", l.Reused)
	}
	other := small(t, filepath.Join(dir, "one"))
	other.Tool.Version = "newer"
	if _, l := execute(t, other, 2); l.Reused != 0 {
		t.Errorf("%d runs of another program were taken over", l.Reused)
	}
}

// An interruption leaves whole runs, and nothing of those that were going on.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	s := small(t, dir)
	points, tasks, err := s.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	figures := make([]*Figures, len(tasks))
	n := 0
	err = (&Local{Workers: 2, Tool: s.Tool}).Execute(ctx, tasks, func(t Task) error {
		for i := range tasks {
			if tasks[i].Dir == t.Dir {
				figures[i], err = Read(t.Dir, 0)
			}
		}
		if n++; n == 7 {
			cancel()
		}
		return err
	})
	if !errors.Is(err, context.Canceled) || n < 7 || n > 8 {
		t.Fatalf("%d runs, %v", n, err)
	}
	r := Assemble(s, "grid", points, tasks, figures, nil)
	if !r.Partial || len(r.Points[0].Runs) != 6 || r.Points[0].Level != NotAsked || r.Points[2].Level != NotWhole {
		t.Errorf("partial %v: %d runs, levels %q and %q", r.Partial, len(r.Points[0].Runs), r.Points[0].Level, r.Points[2].Level)
	}
	folders, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(folders) != n {
		t.Errorf("%d folders of %d runs, %v", len(folders), n, err)
	}
	for _, f := range folders {
		if rec, err := run.ReadRecord(f); err != nil || !rec.Complete {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// A run that fails ends the study with its error.
func TestFailing(t *testing.T) {
	s := small(t, t.TempDir())
	_, tasks, err := s.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(tasks[3].Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tasks[3].Dir, "thesis.tex"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	err = (&Local{Workers: 2, Tool: s.Tool}).Execute(context.Background(), tasks, func(Task) error { return nil })
	var other *run.FolderError
	if !errors.As(err, &other) {
		t.Errorf("%v", err)
	}
	if _, _, err := (&Study{Axes: []Axis{{"cluster.pools.q.nodes", []string{"1"}}}, Load: s.Load, FolderName: s.FolderName}).Tasks(); err == nil ||
		!strings.Contains(err.Error(), "--vary") {
		t.Errorf("%v", err)
	}
}

// Losers by hand: dev waits longer at the smaller point under every seed, prod does not.
func TestWhoLoses(t *testing.T) {
	s := &Study{Axes: []Axis{{"n", []string{"1", "2"}}}}
	var tasks []Task
	var figures []*Figures
	for p := range 2 {
		for seed := range 8 {
			g := func(name string, wait float64) Group {
				return Group{Name: name, Jobs: 10, Wait: spreadOf([]float64{wait}), JCT: spreadOf(nil)}
			}
			dev := 100 + float64(seed) + 50*float64(1-p)
			tasks = append(tasks, Task{Point: p, Seed: uint64(seed)})
			sum := &run.Summary{}
			figures = append(figures, &Figures{Summary: sum, GPUs: float64(8 * (p + 1)), Digest: string(rune('a' + seed)), Queues: []Group{g("dev", dev), g("prod", 10+float64(seed%3))}})
		}
	}
	level, _ := ParseLevel("wait.p95{queue=prod} <= 15s")
	r := Assemble(s, "x", []Point{{[]string{"1"}}, {[]string{"2"}}}, tasks, figures, []Level{level})
	if r.Smallest != 0 || r.Roomiest != 1 || len(r.Losers) != 1 || r.Losers[0].Name != "dev" || !r.Losers[0].Certain || r.Losers[0].By.Difference != 50 {
		t.Errorf("smallest %d, roomiest %d, losers %+v", r.Smallest, r.Roomiest, r.Losers)
	}
}
