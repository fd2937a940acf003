package simtest

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

func TestCausesWithDomainsAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pick(t)
		w := Random(p, policyFor(p))
		w.Domains(p)
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Oracle.Drive(e, w.Record, state.Time(p(1000)), func() bool { return p(2) == 1 }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWaitingForADomainIsMet(t *testing.T) {
	var topology int64
	for seed := range uint64(100) {
		s := rng.NewKey(seed, "domains").Stream(0, 0)
		p := Pick(func(n int) int { return s.IntN(n) })
		w := Random(p, policyFor(p))
		w.Domains(p)
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Oracle.Drive(e, w.Record, 400, func() bool { return false }); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i := range w.Record.Events {
			if ev := &w.Record.Events[i]; ev.Kind == state.EvWaited && state.Cause(ev.Cause) == state.CauseTopology {
				topology += ev.X
			}
		}
	}
	if topology == 0 {
		t.Error("no job of a hundred worlds waits for a domain")
	}
}

func TestAGangWaitsForItsLeaf(t *testing.T) {
	names := &state.Names{}
	leaf, _ := names.Level([]byte("leaf"))
	job := func(submit, length state.Time, gpus int32, within uint8) state.JobSpec {
		var j state.JobSpec
		j.Reset()
		j.Submit, j.Duration = submit, length
		j.Roles = []state.RoleSpec{Split(gpus)}
		j.Roles[0].Within = within
		return j
	}
	cfg := sim.Config{Names: names, Policy: FIFO{}, Topology: Tree(2, 1), Leaf: []int32{0, 1, 0, 1}}
	for range 4 {
		cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{GPUs: 4})
	}
	record := &Recorder{}
	cfg.Listeners = []state.Listener{record}
	// Two jobs hold a node of each leaf: eight GPUs are free, four in each leaf, until the second job ends.
	cfg.Source = NewSource(job(0, 100, 4, 1), job(0, 30, 4, 0), job(1, 50, 8, leaf))
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	waited := Waited(record.Events)[2]
	if want := "topology:29ns"; causesText(waited) != want {
		t.Errorf("waited %s, want %s", causesText(waited), want)
	}

	names.Level([]byte("row"))
	j := job(0, 1, 1, 3)
	cfg.Source, cfg.Listeners, cfg.Topology = NewSource(j), nil, nil
	if e, err = sim.New(cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err == nil || !strings.Contains(err.Error(), `within one "row"`) {
		t.Errorf("error %v, want one that names the level", err)
	}
}
