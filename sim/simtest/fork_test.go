package simtest

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

func start(t *rapid.T, w *World) *sim.Engine {
	t.Helper()
	e, err := sim.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func finish(t *rapid.T, e *sim.Engine, end state.Time) string {
	t.Helper()
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Flush()
	ahead := e.DigestAt(end)
	e.Finish(end)
	if d := e.Digest(); d != ahead {
		t.Fatalf("the digest at the end is %s, before it %s", d, ahead)
	}
	return e.Digest()
}

// whole runs a world without interruption.
func whole(t *rapid.T, w *World, end state.Time) ([]state.Event, string) {
	e := start(t, w)
	digest := finish(t, e, end)
	return w.Record.Events, digest
}

func drawWorld(t *rapid.T) (Pick, *World, state.Time) {
	p := pick(t)
	w := Random(p, policyFor(p))
	return p, w.Fresh(false), state.Time(p(400))
}

func same(t *rapid.T, what string, got, want []state.Event) {
	t.Helper()
	if i := firstDifference(got, want); i >= 0 {
		t.Fatalf("%s: event %d of %d differs (-want +got):\n%s", what, i, len(want), cmp.Diff(at(want, i), at(got, i)))
	}
}

func at(events []state.Event, i int) *state.Event {
	if i < len(events) {
		return &events[i]
	}
	return nil
}

// fresh is the drawn world again.
func fresh(w *World) *World {
	f := &World{Config: w.Config, Specs: w.Specs, Record: &Recorder{}}
	f.Config.Names = w.Config.Names.Clone()
	f.Config.Source = NewSource(w.Specs...)
	f.Config.Listeners = []state.Listener{f.Record}
	return f
}

func TestForksGoOnLikeTheirParent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w, end := drawWorld(t)
		want, digest := whole(t, w, end)
		w = fresh(w)
		e := start(t, w)
		engines := []*sim.Engine{e}
		for range 1 + p(3) { // forks, and forks of forks
			of := engines[p(len(engines))]
			for range p(20) {
				if err := of.Step(); err != nil {
					t.Fatal(err)
				}
			}
			f, err := of.Fork()
			if err != nil {
				t.Fatal(err)
			}
			for range p(10) { // the parent goes on first, and must not disturb the fork
				if err := of.Step(); err != nil {
					t.Fatal(err)
				}
			}
			engines = append(engines, f)
		}
		for i := len(engines) - 1; i >= 0; i-- {
			got := finish(t, engines[i], end)
			r := engines[i].Listeners()[0].(*Recorder)
			same(t, "fork", WithoutSlots(r.Events), WithoutSlots(want))
			if got != digest {
				t.Fatalf("engine %d of %d has digest %s, want %s", i, len(engines), got, digest)
			}
		}
	})
}

func TestForkAndParentAreEqualByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w, end := drawWorld(t)
		e := start(t, w)
		for range p(40) {
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
		}
		f, err := e.Fork()
		if err != nil {
			t.Fatal(err)
		}
		finish(t, e, end)
		finish(t, f, end)
		same(t, "fork", f.Listeners()[0].(*Recorder).Events, w.Record.Events)
		if e.Counts() != f.Counts() {
			t.Fatalf("counts %+v, want %+v", f.Counts(), e.Counts())
		}
	})
}

func TestRunInStepsIsRunWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w, end := drawWorld(t)
		want, digest := whole(t, w, end)
		w = fresh(w)
		e := start(t, w)
		for at := state.Time(0); at < 500; at += 1 + state.Time(p(30)) {
			if over, err := e.Run(at); err != nil {
				t.Fatal(err)
			} else if over {
				break
			} else if next, ok := e.Peek(); e.Now() >= at && at > 0 || ok && next < at {
				t.Fatalf("run until %d stopped at %d, next %d", at, e.Now(), next)
			}
		}
		if got := finish(t, e, end); got != digest {
			t.Fatalf("digest %s, want %s", got, digest)
		}
		same(t, "in steps", w.Record.Events, want)
	})
}

func TestFlushesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w, end := drawWorld(t)
		want, digest := whole(t, w, end)
		w = fresh(w)
		e := start(t, w)
		for {
			if _, ok := e.Peek(); !ok {
				break
			}
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
			if p(2) == 1 {
				e.Flush() // recycles slots, so that later jobs get others
			}
		}
		if got := finish(t, e, end); got != digest {
			t.Fatalf("digest %s, want %s", got, digest)
		}
		same(t, "flushed", WithoutSlots(w.Record.Events), WithoutSlots(want))
	})
}

func TestEnginesSideBySide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, w, end := drawWorld(t)
		want, digest := whole(t, w, end)
		a, b := fresh(w), fresh(w)
		ea, eb := start(t, a), start(t, b)
		for {
			_, oka := ea.Peek()
			_, okb := eb.Peek()
			if !oka && !okb {
				break
			}
			e := ea
			if p(2) == 1 {
				e = eb
			}
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
			if err := ea.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if da, db := finish(t, ea, end), finish(t, eb, end); da != digest || db != digest {
			t.Fatalf("digests %s and %s, want %s", da, db, digest)
		}
		same(t, "first", a.Record.Events, want)
		same(t, "second", b.Record.Events, want)
	})
}

func TestSameWithOneAndTwoProcessors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, w, end := drawWorld(t)
		was := runtime.GOMAXPROCS(1)
		_, one := whole(t, w, end)
		runtime.GOMAXPROCS(2)
		_, two := whole(t, fresh(w), end)
		runtime.GOMAXPROCS(was)
		if one != two {
			t.Fatalf("digest %s with one processor, %s with two", one, two)
		}
	})
}
