package sim_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/conveyor"
	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

const (
	loadNodes = 256 // of 8 GPUs
	loadGPUs  = 2048
)

// load is jobs of a preset of scenarios/gen, as they are and as a file in the Standard Workload Format.
type load struct {
	name  string
	file  string
	specs []state.JobSpec
}

// benchLoads are what the speed is promised for: 1 to 32 GPUs a job, and 2,048 different sizes. ORRERY_LOAD names an SWF file
// to take their place.
func benchLoads(t testing.TB, jobs int64) []load {
	t.Helper()
	if file := os.Getenv("ORRERY_LOAD"); file != "" {
		src, _, err := trace.Open("swf", file, trace.Options{}, &state.Names{})
		if err != nil {
			t.Fatal(err)
		}
		return []load{{name: "file", file: file, specs: drain(t, src)}}
	}
	var out []load
	for _, l := range []load{{name: "sizes=6"}, {name: "sizes=2048"}} {
		preset := map[string]string{"sizes=6": "swf-load", "sizes=2048": "swf-load-sizes"}[l.name]
		spec, _ := gen.Preset(preset)
		spec.Jobs = jobs
		src, err := gen.New(spec, 1, &state.Names{})
		if err != nil {
			t.Fatal(err)
		}
		l.specs = drain(t, src)
		l.file = writeSWF(t, l.specs)
		out = append(out, l)
	}
	return out
}

func drain(t testing.TB, src state.Source) (specs []state.JobSpec) {
	t.Helper()
	for {
		var s state.JobSpec
		ok, err := src.Next(&s)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return specs
		}
		specs = append(specs, s)
	}
}

func writeSWF(t testing.TB, specs []state.JobSpec) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "load.swf")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "; Version: 2.2\n; MaxProcs: %d\n", loadGPUs)
	for i := range specs {
		s := &specs[i]
		fmt.Fprintf(w, "%d %d -1 %d %d -1 -1 %d %d -1 1 %d 1 1 1 1 -1 -1\n", i+1, s.Submit/state.Second, s.Duration/state.Second, s.GPUs(), s.GPUs(),
			s.Estimate/state.Second, s.User+1)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// memory is a Source over jobs that are there already: the engine without parsing.
type memory struct {
	specs []state.JobSpec
	at    int
}

func (m *memory) Next(s *state.JobSpec) (bool, error) {
	if m.at == len(m.specs) {
		return false, nil
	}
	roles, name := s.Roles, s.Name
	*s = m.specs[m.at]
	s.Roles, s.Name = append(roles[:0], s.Roles...), append(name[:0], s.Name...)
	m.at++
	return true, nil
}

func (m *memory) Clone(*state.Names) (state.Source, error) {
	c := *m
	return &c, nil
}

// source reads a load's file.
func (l *load) source(t testing.TB, names *state.Names) state.Source {
	t.Helper()
	src, _, err := trace.Open("swf", l.file, trace.Options{}, names)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// simulate runs jobs first come, first served on 2,048 GPUs to the end.
func simulate(t testing.TB, names *state.Names, src state.Source, kind backfill.Kind, listeners ...state.Listener) *sim.Engine {
	t.Helper()
	return start(t, sim.Config{Names: names, Source: src, Listeners: listeners}, kind)
}

// convey does the same the way orrery run does it: reading ahead, and delivering beside the engine.
func convey(t testing.TB, names *state.Names, src state.Source, kind backfill.Kind, listeners ...state.Listener) *sim.Engine {
	t.Helper()
	jobs, names := conveyor.NewAhead(src, names)
	defer jobs.Close()
	belt := conveyor.NewBelt()
	defer belt.Close()
	return start(t, sim.Config{Names: names, Source: jobs, Listeners: listeners, Conveyor: belt}, kind)
}

func start(t testing.TB, cfg sim.Config, kind backfill.Kind) *sim.Engine {
	t.Helper()
	cfg.Nodes = make([]cluster.NodeSpec, loadNodes)
	for i := range cfg.Nodes {
		cfg.Nodes[i] = cluster.NodeSpec{Name: "n", GPUs: loadGPUs / loadNodes}
	}
	cfg.Policy = policies.NewPipeline(order.FIFO, backfill.Rule{Kind: kind}, place.FirstFit)
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	return e
}
