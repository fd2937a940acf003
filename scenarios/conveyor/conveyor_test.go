package conveyor

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// drawn is a Source that meets new names all the time, as a trace does, and notes something now and then.
type drawn struct {
	names *state.Names
	draw  rng.Stream
	jobs  int
	n     int
	at    state.Time
	err   error
}

func newDrawn(names *state.Names, jobs int) *drawn {
	return &drawn{names: names, jobs: jobs, draw: rng.NewKey(7, "conveyor").Stream(0, 0)}
}

func (d *drawn) Next(j *state.JobSpec) (bool, error) {
	if d.n == d.jobs {
		return false, d.err
	}
	j.Reset()
	d.at += state.Time(d.draw.IntN(140))
	j.Name = fmt.Appendf(j.Name, "job-%d", d.n)
	if d.n%9 == 0 {
		j.Name = fmt.Appendf(j.Name, "-with-a-name-that-is-longer-than-its-column-has-room-for")
	}
	j.Submit, j.Duration = d.at, state.Time(1+d.draw.IntN(2000))
	j.Estimate = j.Duration + state.Time(d.draw.IntN(1000))
	j.User = d.names.Users.Intern(fmt.Appendf(nil, "user-%d", d.draw.IntN(1+d.n/10)))
	j.Queue = d.names.Queues.Intern(fmt.Appendf(nil, "queue-%d", d.n/500))
	switch d.draw.IntN(4) {
	case 0:
		j.Roles = append(j.Roles, simtest.Pods(int32(1+d.draw.IntN(3)), 1<<d.draw.IntN(4)))
	case 1:
		r := simtest.Pods(1, 1)
		r.GPUMilli = int32(100 + 100*d.draw.IntN(8))
		j.Roles = append(j.Roles, r)
	default:
		j.Roles = append(j.Roles, simtest.Split(int32(1+d.draw.IntN(40))))
	}
	if d.n > 100 && d.draw.IntN(50) == 0 {
		j.After = append(j.After, state.Dep{Row: uint64(d.n - 1), When: state.AfterAny})
	}
	d.n++
	return true, nil
}

func (d *drawn) Notes() []string { return []string{fmt.Sprintf("%d rows read", d.n)} }

func (d *drawn) Clone(names *state.Names) (state.Source, error) {
	c := *d
	c.names = names
	return &c, nil
}

// witness is a listener that reads what listeners may read.
type witness struct {
	simtest.Recorder
	seen []string
}

func (w *witness) Observe(b *state.Batch) {
	w.Recorder.Observe(b)
	for i := range b.Events {
		ev := &b.Events[i]
		if ev.Kind == state.EvEnd {
			j := &b.Jobs.Row[ev.Job]
			w.seen = append(w.seen, fmt.Sprint(string(b.Jobs.NameOf(ev.Job)), j.Submit, j.Estimate, j.GPUs, b.Names.Users.Name(j.User),
				b.Names.Queues.Name(j.Queue), b.Shapes.Of(j.Shape)))
		}
	}
}

func config(names *state.Names, src state.Source, kind backfill.Kind, listeners ...state.Listener) sim.Config {
	cfg := sim.Config{Names: names, Source: src, Listeners: listeners,
		Policy: policies.NewPipeline(order.FIFO, backfill.Rule{Kind: kind}, place.FirstFit)}
	for i := range 32 {
		cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{Name: fmt.Sprintf("n%d", i), GPUs: 8})
	}
	for i := range int32(40) {
		at := state.Time(5000 * (i/2 + 1))
		cfg.Changes = append(cfg.Changes, sim.Change{At: at, Kind: sim.ChangeDown + sim.ChangeKind(-(i % 2)), Node: i / 2})
	}
	cfg.Changes = append(cfg.Changes, sim.Change{At: 200_000, Kind: sim.ChangeAdd, Spec: cluster.NodeSpec{Name: "late", GPUs: 8}})
	return cfg
}

func run(t *testing.T, cfg sim.Config) string {
	t.Helper()
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	return e.Digest()
}

// TestSame: with reading ahead and delivering beside, events, slots, names, figures and digest are what they are in line.
func TestSame(t *testing.T) {
	const jobs = 12_000
	for _, kind := range []backfill.Kind{backfill.None, backfill.Easy} {
		for _, cores := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s/cores=%d", backfill.Rule{Kind: kind}, cores), func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
				var want, got witness
				figures, figuresWant := metric.New(metric.Config{}), metric.New(metric.Config{})
				names := &state.Names{}
				digest := run(t, config(names, newDrawn(names, jobs), kind, &want, figuresWant))

				names = &state.Names{}
				src, names := NewAhead(newDrawn(names, jobs), names)
				defer src.Close()
				belt := NewBelt()
				defer belt.Close()
				cfg := config(names, src, kind, &got, figures)
				cfg.Conveyor = belt
				if d := run(t, cfg); d != digest {
					t.Errorf("digest %s, in line %s", d, digest)
				}
				if !slices.Equal(got.Events, want.Events) || !slices.Equal(got.Parts, want.Parts) {
					t.Errorf("%d events and %d parts, in line %d and %d, and they differ", len(got.Events), len(got.Parts), len(want.Events), len(want.Parts))
				}
				if diff := cmp.Diff(want.seen, got.seen); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(figuresWant.Result(), figures.Result(), cmp.AllowUnexported(state.Wide{}), cmpopts.EquateNaNs()); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// TestFork: a fork of a conveyed simulation goes on like it, in line.
func TestFork(t *testing.T) {
	names := &state.Names{}
	src, names := NewAhead(newDrawn(names, 6000), names)
	defer src.Close()
	belt := NewBelt()
	defer belt.Close()
	var rec simtest.Recorder
	cfg := config(names, src, backfill.Easy, &rec)
	cfg.Conveyor = belt
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var forks []*sim.Engine
	for at := state.Time(0); ; at += 97_001 {
		over, err := e.Run(at)
		if err != nil {
			t.Fatal(err)
		}
		f, err := e.Fork()
		if err != nil {
			t.Fatal(err)
		}
		forks = append(forks, f)
		if over {
			break
		}
	}
	e.Finish(0)
	for i, f := range forks {
		if _, err := f.Run(state.Never); err != nil {
			t.Fatal(err)
		}
		f.Finish(0)
		if f.Digest() != e.Digest() {
			t.Errorf("fork %d of %d has digest %s, its parent %s", i, len(forks), f.Digest(), e.Digest())
		}
		got := simtest.WithoutSlots(f.Listeners()[0].(*simtest.Recorder).Events)
		for k, want := range simtest.WithoutSlots(rec.Events) {
			got[k].Node, want.Node = 0, 0 // where parts stand, and a fork flushed in between
			if got[k] != want {
				t.Fatalf("fork %d: event %d is %+v, want %+v", i, k, got[k], want)
			}
		}
	}
}

// TestAheadOrder: jobs, names, notes and errors come in their turn, for every length around a lot, and for clones at every
// place.
func TestAheadOrder(t *testing.T) {
	broken := errors.New("row is broken")
	for _, jobs := range []int{0, 1, lotJobs - 1, lotJobs, lotJobs + 1, 5*lotJobs + 7} {
		for _, end := range []error{nil, broken} {
			in := &state.Names{}
			d := newDrawn(in, jobs)
			d.err = end
			src, names := NewAhead(d, in)
			want := newDrawn(&state.Names{}, jobs)
			want.err = end
			for n := 0; ; n++ {
				var got, exp state.JobSpec
				if n%(lotJobs/2) == 3 || n == jobs {
					other := names.Clone()
					c, err := src.Clone(other)
					if err != nil {
						t.Fatal(err)
					}
					if c, err = c.Clone(other); err != nil { // a clone can be cloned
						t.Fatal(err)
					}
					w := *want
					w.names = &state.Names{}
					w.names.Follow(want.names)
					sameRest(t, c, other, &w)
				}
				ok, err := src.Next(&got)
				wantOK, wantErr := want.Next(&exp)
				if ok != wantOK || err != wantErr {
					t.Fatalf("%d jobs: job %d: %t, %v; want %t, %v", jobs, n, ok, err, wantOK, wantErr)
				}
				if !ok {
					break
				}
				if diff := cmp.Diff(exp, got); diff != "" {
					t.Fatal(diff)
				}
				if got, want := names.Users.Name(got.User), want.names.Users.Name(exp.User); got != want {
					t.Fatalf("user %q, want %q", got, want)
				}
			}
			if got, want := src.Notes(), d.Notes(); !slices.Equal(got, want) {
				t.Errorf("notes %q, want %q", got, want)
			}
			src.Close()
			src.Close()
			if _, err := src.Clone(names); err == nil {
				t.Error("a closed source can be cloned")
			}
		}
	}
}

func sameRest(t *testing.T, src state.Source, names *state.Names, want *drawn) {
	t.Helper()
	for {
		var got, exp state.JobSpec
		ok, err := src.Next(&got)
		wantOK, wantErr := want.Next(&exp)
		if ok != wantOK || err != wantErr {
			t.Fatalf("clone: %t, %v; want %t, %v", ok, err, wantOK, wantErr)
		}
		if !ok {
			return
		}
		if diff := cmp.Diff(exp, got); diff != "" {
			t.Fatal(diff)
		}
		if got, want := names.Users.Name(got.User), want.names.Users.Name(exp.User); got != want {
			t.Fatalf("user %q, want %q", got, want)
		}
	}
}

// TestCloseEarly: a reader that is ahead ends when nobody wants more.
func TestCloseEarly(t *testing.T) {
	for _, asked := range []int{0, 1, lotJobs + 1} {
		in := &state.Names{}
		src, _ := NewAhead(newDrawn(in, 1<<30), in)
		var s state.JobSpec
		for range asked {
			if ok, err := src.Next(&s); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		src.Close()
	}
}
