package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/sim/state"
)

// model is what an archive is to say: of each job the last row and its record.
type model map[uint64]struct {
	row    archive.Row
	record string
}

func (m model) copy() model {
	c := model{}
	for k, v := range m {
		c[k] = v
	}
	return c
}

func each(v archive.View, f archive.Filter, yield func(row int, created state.Time) bool) {
	for k := range v.Stretches() {
		v.Each(k, f, k%2 == 0, yield)
	}
}

func holds(t *rapid.T, v archive.View, m model, f archive.Filter) {
	t.Helper()
	seen, count := map[uint64]bool{}, 0
	for k := range v.Stretches() {
		count += v.Count(k, f)
	}
	each(v, f, func(row int, created state.Time) bool {
		r := v.Row(row)
		want := m[r.Number]
		if r != want.row || created != r.Created || seen[r.Number] || !v.Counts(row) {
			t.Fatalf("row %d is %+v, want %+v", row, r, want.row)
		}
		if record, err := v.Record(row); err != nil || string(record) != want.record {
			t.Fatalf("record of row %d: %q, %v, want %q", row, record, err, want.record)
		}
		seen[r.Number] = true
		return true
	})
	if count != len(seen) {
		t.Fatalf("%d rows were counted, %d given", count, len(seen))
	}
	for number, j := range m {
		if passes := !j.row.Deleted && j.row.Created >= f.From && j.row.Created <= f.To && (!f.Mine || j.row.User == f.User || j.row.Command == 0); passes != seen[number] {
			t.Fatalf("job %d is there: %v, want %v", number, seen[number], passes)
		}
	}
}

// Whatever is added, seen, forgotten and opened again: each view says what was last said of each job when it was taken.
func TestViews(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		name := fmt.Sprint(round)
		files := rapid.Bool().Draw(t, "files")
		a := archive.New()
		if files {
			var err error
			if a, err = archive.Open(dir, name, archive.Mark{}); err != nil {
				t.Fatal(err)
			}
		}
		m := model{}
		type past struct {
			v    archive.View
			m    model
			mark archive.Mark
		}
		var seen []past
		add := func(*rapid.T) {
			for range rapid.SampledFrom([]int{1, 3, 5000}).Draw(t, "n") {
				number := uint64(rapid.IntRange(0, 9000).Draw(t, "number"))
				j := m[number]
				j.row = archive.Row{Number: number, Command: number % 5, User: int32(number % 3), Name: strings.Repeat("n", int(number%7)), Created: state.Time(number * 10),
					Modified: state.Time(len(m)), Finished: 5, Tag: [4]uint8{1, uint8(number)}, Deleted: number%11 == 0}
				if j.record = fmt.Sprint("record ", number, len(m)); j.row.Deleted {
					j.record = ""
				}
				m[number] = j
				a.Add(j.row, []byte(j.record))
			}
			if err := a.Flush(); err != nil {
				t.Fatal(err)
			}
			a.Publish()
		}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				add(t)
				seen = append(seen, past{a.View(), m.copy(), a.Mark()})
			case 2:
				if len(seen) > 0 && files {
					to := rapid.IntRange(0, len(seen)-1).Draw(t, "to")
					if err := a.Close(); err != nil {
						t.Fatal(err)
					}
					var err error
					if a, err = archive.Open(dir, name, seen[to].mark); err != nil {
						t.Fatal(err)
					}
					seen, m = seen[:to], seen[to].m.copy()
					seen = append(seen, past{a.View(), m.copy(), a.Mark()})
					for i := range seen[:to] {
						seen[i].v = archive.View{}
					}
				}
			}
			f := archive.Filter{From: state.Time(rapid.IntRange(0, 90_000).Draw(t, "from")), To: state.Time(rapid.IntRange(0, 90_000).Draw(t, "to")), Mine: rapid.Bool().Draw(t, "mine"), User: 1}
			for _, p := range seen {
				if p.v.Rows() > 0 {
					holds(t, p.v, p.m, f)
				}
			}
			for number, j := range m {
				if row := a.Find(number); row < 0 || a.View().Row(row) != j.row {
					t.Fatalf("job %d was not found: %d", number, row)
				}
			}
		}
		if err := a.Remove(); err != nil {
			t.Fatal(err)
		}
	})
}

func filled(t *testing.T, dir string, jobs int) (*archive.Archive, archive.Mark) {
	t.Helper()
	a, err := archive.Open(dir, "a", archive.Mark{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range jobs {
		a.Add(archive.Row{Number: uint64(i), Command: uint64(i) + 1, Name: "job"}, fmt.Appendf(nil, "record %d", i))
	}
	if err := errors.Join(a.Flush(), a.Sync()); err != nil {
		t.Fatal(err)
	}
	a.Publish()
	return a, a.Mark()
}

func TestDamage(t *testing.T) {
	for ending, n := range map[string]int{".rows": 100, ".records": 700} {
		dir := t.TempDir()
		a, mark := filled(t, dir, 1000)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "ended-a"+ending)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good)
		bad[n] ^= 4
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		a, err = archive.Open(dir, "a", mark)
		if ending == ".rows" {
			if err == nil {
				t.Error("damaged rows were taken")
			}
		} else {
			if err != nil {
				t.Fatal(err)
			}
			failed := 0
			for i := range 1000 {
				if _, err := a.View().Record(i); errors.Is(err, archive.ErrDamaged) {
					failed++
				}
			}
			if failed != 1 {
				t.Errorf("%d records are damaged, want 1", failed)
			}
			a.Close()
		}
		if err := os.WriteFile(path, good[:len(good)-1], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Open(dir, "a", mark); err == nil {
			t.Errorf("%s: a file that is cut was taken", ending)
		}
	}
}

func TestReadersBesideAWriter(t *testing.T) {
	a := archive.New()
	var mu sync.RWMutex
	var all sync.WaitGroup
	const jobs = 20_000
	for range 3 {
		all.Go(func() {
			for n := 0; n < jobs; {
				mu.RLock()
				v := a.View()
				mu.RUnlock()
				n = 0
				each(v, archive.Filter{To: state.End}, func(row int, _ state.Time) bool {
					n++
					if r := v.Row(row); r.Name != fmt.Sprint("job ", r.Number) {
						t.Errorf("%+v", r)
					}
					return true
				})
				if n != v.Rows() && !slices.Contains([]int{0}, n) {
					t.Errorf("%d of %d rows", n, v.Rows())
				}
			}
		})
	}
	for i := range jobs {
		a.Add(archive.Row{Number: uint64(i), Name: fmt.Sprint("job ", i)}, []byte("x"))
		if i%7 == 6 || i == jobs-1 {
			if err := a.Flush(); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			a.Publish()
			mu.Unlock()
		}
	}
	all.Wait()
}

func TestOtherArchivesGo(t *testing.T) {
	dir := t.TempDir()
	a, _ := filled(t, dir, 1)
	defer a.Close()
	if err := os.WriteFile(filepath.Join(dir, "ended-old.rows"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	archive.RemoveOthers(dir, "a")
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 2 {
		t.Error(left)
	}
}

// BenchmarkEach is a look through a million ended jobs, as a page of a list takes it, a job.
func BenchmarkEach(b *testing.B) {
	a := archive.New()
	const jobs = 1_000_000
	for i := range jobs {
		a.Add(archive.Row{Number: uint64(i), Command: 1, Created: state.Time(i), Name: "a job of a usual name"}, nil)
	}
	if err := a.Flush(); err != nil {
		b.Fatal(err)
	}
	a.Publish()
	v := a.View()
	n := 0
	for b.Loop() {
		n = 0
		each(v, archive.Filter{To: state.End, Mine: true}, func(int, state.Time) bool {
			n++
			return true
		})
	}
	if n != jobs {
		b.Fatal(n)
	}
	memory, _ := a.Bytes()
	b.ReportMetric(float64(memory-4*jobs)/jobs, "B/job")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/jobs, "ns/job")
}
