package world

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim/state"
)

// histories is how long a past BenchmarkRestart gives its world: ORRERY_HISTORY=1000000 jobs, and a fifth as many commands behind the
// snapshot.
func histories(b *testing.B) int {
	if text := os.Getenv("ORRERY_HISTORY"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 50_000
}

// commitsOf are commits that submit jobs, 50 a simulated second, as a busy server keeps them.
func commitsOf(first, jobs int) (list []journal.Commit) {
	const together = 10
	for n := first; n < first+jobs; n += together {
		var entries []*entry
		for i := n; i < n+together; i++ {
			payload := fmt.Sprintf(`{"DisplayName":"job-%d","JobType":"PyTorchJob","JobSpecs":[{"Type":"Worker","PodCount":1,"EcsSpec":"ecs.gn6i-c4g1.xlarge","Image":"registry/image:1"}],"UserCommand":"sleep 10","WorkspaceId":"1"}`, i)
			entries = append(entries, &entry{Kind: entrySubmit, Number: uint64(i + 1), Submit: &submitted{API: "pai-dlc", Name: fmt.Sprint("job-", i), User: "me", Priority: 1,
				Roles: []Role{{Name: "Worker", Replicas: 1, GPUs: 1, CPUMilli: 4000, MemMiB: 15360}}, Script: play.Script{Create: state.Second, Prepare: 8 * state.Second, Run: 10 * state.Second},
				Payload: []byte(payload)}})
		}
		list = append(list, journal.Commit{At: state.Time(n+1) * tick, Body: encode(entries)})
	}
	return list
}

// tick is the time from one job to the next.
const tick = state.Second / 50

const wide = `
apiVersion: orrery/v1
kind: Scenario
name: wide
cluster:
  nodeTypes: {a: {gpu: T4, gpus: 8, cpus: 64, memory: 512GiB}}
  pools: [{name: p, nodeType: a, nodes: 250}]
workload: []
policy: {order: priority, backfill: easy}
`

func keptWide(dir string, change ...string) Config {
	cfg := kept(dir, "paused")
	cfg.Load = func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("wide.yaml", ".", []byte(strings.NewReplacer(change...).Replace(wide)))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}
	return cfg
}

// BenchmarkRestart is how long a world takes to come back: with a snapshot and some commands behind it, with a snapshot alone, and
// through its whole history.
func BenchmarkRestart(b *testing.B) {
	dir, jobs := b.TempDir(), histories(b)
	start := func() *World {
		b.Helper()
		w, err := New(keptWide(dir))
		if err != nil {
			b.Fatal(err)
		}
		return w
	}
	start().Close()
	put := func(f func(j *journal.Journal) error) {
		b.Helper()
		j, err := journal.Reopen(dir)
		if err == nil {
			err = f(j)
		}
		if err != nil {
			b.Fatal(err)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
	end := state.Time(jobs)*tick + 60*state.Second
	put(func(j *journal.Journal) error {
		return j.Replace(commitsOf(0, jobs), end, map[string]string{metaHeld: "true"})
	})
	began := time.Now()
	w := start()
	whole := time.Since(began)
	for w.Status().Saved == 0 {
		if err := w.Status().SaveErr; err != nil {
			b.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if s := w.Status(); s.Active > 0 || s.Jobs != jobs {
		b.Fatalf("%+v", s)
	}
	ended(b, w, jobs)
	w.Close()
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			start().Close()
		}
	})
	put(func(j *journal.Journal) error {
		for _, c := range commitsOf(jobs+3000, jobs/5) { // its clock stood at end
			if err := j.Append(c); err != nil {
				return err
			}
		}
		return j.SetBound(end + state.Time(jobs/5)*tick)
	})
	b.Run("behind", func(b *testing.B) {
		before := snapshotsOf(b, dir)
		for b.Loop() {
			w := start()
			b.StopTimer()
			w.Close()
			for _, f := range snapshotsOf(b, dir)[len(before):] { // of what was carried out again: the next start has to do it once more
				os.Remove(f)
			}
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(jobs/5), "ns/command")
	})
	b.Logf("%d jobs, whole history: %s", jobs, whole)
}

// BenchmarkSave is how long a world with 20,000 jobs that wait stands for a snapshot, and how long it takes until the file is there.
func BenchmarkSave(b *testing.B) {
	dir := b.TempDir()
	narrow := func() *World {
		w, err := New(keptWide(dir, "nodes: 250", "nodes: 2"))
		if err != nil {
			b.Fatal(err)
		}
		return w
	}
	narrow().Close()
	j, err := journal.Reopen(dir)
	if err != nil {
		b.Fatal(err)
	}
	if err := j.Replace(commitsOf(0, 20_000), 400*state.Second, map[string]string{metaHeld: "true"}); err != nil {
		b.Fatal(err)
	}
	j.Close()
	w := narrow()
	defer w.Close()
	var stood time.Duration
	for b.Loop() {
		if _, err := w.alone(b.Context(), func() error {
			w.publish()
			began := time.Now()
			err := w.beginSave()
			stood += time.Since(began)
			w.awaitSave()
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	if s := w.Status(); s.Active < 19_000 || s.SaveErr != nil {
		b.Fatalf("%+v", s)
	}
	b.ReportMetric(float64(stood.Microseconds())/1000/float64(b.N), "ms-stood/op")
}

// snapshotsOf are the snapshots of a folder, those of fewer commits first.
func snapshotsOf(b *testing.B, dir string) []string {
	b.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "snapshot-*"))
	if err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(list, func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) })
	return list
}

// ended says what the ended jobs of a world take, and how fast they are found.
func ended(b *testing.B, w *World, jobs int) {
	b.Helper()
	v := w.Glance()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	memory, files := w.book.past.Bytes()
	var all strings.Builder
	fmt.Fprintf(&all, "heap %d B a job, of it archive %d; files %d", m.HeapAlloc/uint64(jobs), memory/int64(jobs), files/int64(jobs))
	began := time.Now()
	const reads = 10_000
	for i := range reads {
		if _, ok := v.byCommand(uint64(i*7919%jobs) + 1); !ok {
			b.Fatal(i)
		}
	}
	fmt.Fprintf(&all, "; found one in %s", time.Since(began)/reads)
	began = time.Now()
	const pages = 100
	for range pages {
		page, total := v.Page(Filter{From: 0, To: v.Now, Mine: true, User: "me"}, nil, false, 0, 10)
		if len(page) != 10 || total != jobs {
			b.Fatal(len(page), total)
		}
	}
	fmt.Fprintf(&all, ", the newest page in %s", time.Since(began)/pages)
	b.Log(all.String())
}
