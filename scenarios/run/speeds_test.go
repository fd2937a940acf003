package run

import (
	"testing"

	"github.com/orrery-sim/orrery/internal/snapshot"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// A simulation with a topology and modelled speeds that is written down and read over a new one goes on as if nothing had been.
func TestASnapshotKeepsSpeedsAndLinks(t *testing.T) {
	text, _ := library.Read("contention")
	engine := func() *sim.Engine {
		l, err := scenarios.Parse("contention.yaml", "../library", text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		e, err := sim.New(p.Config)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	until := func(e *sim.Engine, at state.Time) {
		if _, err := e.Run(at); err != nil {
			t.Fatal(err)
		}
	}
	e := engine()
	until(e, 5*24*3600*state.Second)
	e.Flush()
	data, err := snapshot.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	f := engine()
	if err := snapshot.Decode(data, f); err != nil {
		t.Fatal(err)
	}
	until(e, state.Never)
	until(f, state.Never)
	e.Finish(0)
	f.Finish(0)
	if e.Digest() != f.Digest() {
		t.Error("the one that was read goes on otherwise")
	}
}
