package trial

import (
	"errors"
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// World is a cluster and a workload: all that a run starts from beside the policy.
type World struct {
	Name  string
	Nodes []cluster.NodeSpec
	// Topology is a tree over the nodes, or nil; Leaf is each node's innermost domain, or -1.
	Topology *cluster.Topology
	Leaf     []int32
	Jobs     []state.JobSpec // in order of submission
	Types    []string        // names of the GPU types 0, 1, ...
	Changes  []sim.Change
	Drop     bool       // onNoFit: drop
	Horizon  state.Time // 0: to the end of the work
	Seed     uint64

	Recoveries []state.Recovery // what an eviction costs; JobSpec.Recovery is an index
}

// columns are the x_* columns that every world's jobs have: what presets ask for.
var columns = [...]string{"x_qssf_pred_s"}

func (w *World) names() *state.Names {
	n := &state.Names{}
	for _, t := range w.Types {
		n.Types.Intern([]byte(t))
	}
	if w.Topology != nil {
		for _, tier := range w.Topology.Tiers {
			if _, err := n.Level([]byte(tier.Name)); err != nil {
				panic(err)
			}
		}
	}
	for _, x := range columns {
		n.X.Intern([]byte(x))
	}
	return n
}

// jobSource is a Source over a world's jobs.
type jobSource struct {
	jobs []state.JobSpec
	next int
}

func (s *jobSource) Next(spec *state.JobSpec) (bool, error) {
	if s.next == len(s.jobs) {
		return false, nil
	}
	j := &s.jobs[s.next]
	s.next++
	name, roles, after := spec.Name[:0], spec.Roles[:0], spec.After[:0]
	*spec = *j
	spec.Name, spec.Roles, spec.After = append(name, j.Name...), append(roles, j.Roles...), append(after, j.After...)
	return true, nil
}

func (s *jobSource) Clone(*state.Names) (state.Source, error) {
	c := *s
	return &c, nil
}

// Record is what a run came to.
type Record struct {
	Digest string
	Counts sim.Counts
	Jobs   []Fate // by job number
}

// Fate is what became of one job.
type Fate struct {
	Start   state.Time // its first; Unset = it never started
	End     state.Time // Unset = it was alive when the run stopped
	Outcome state.Outcome
	Never   bool // the engine said that no state of the cluster can hold it
	Parts   []Place
}

// Place is a part of a job's first allocation.
type Place struct {
	Node int32
	Mask uint64
}

// recorder fills a Record.
type recorder struct{ rec *Record }

func (r recorder) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvEnd, state.EvNeverFits)
}

func (r recorder) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvArrive:
			r.rec.Jobs = append(r.rec.Jobs, Fate{Start: state.Unset, End: state.Unset})
		case state.EvStart:
			if f := &r.rec.Jobs[ev.Number]; f.Start == state.Unset {
				f.Start = ev.Time
				for p := range b.EachPartOf(ev) {
					f.Parts = append(f.Parts, Place{p.Node, p.Mask})
				}
			}
		case state.EvEnd:
			f := &r.rec.Jobs[ev.Number]
			if f.Outcome = ev.Outcome; ev.Outcome != state.Unfinished {
				f.End = ev.Time
			}
		case state.EvNeverFits:
			r.rec.Jobs[ev.Number].Never = true
		}
	}
}

func (r recorder) CloneListener() state.Listener {
	c := *r.rec
	c.Jobs = append([]Fate(nil), c.Jobs...)
	for i := range c.Jobs {
		c.Jobs[i].Parts = append([]Place(nil), c.Jobs[i].Parts...)
	}
	return recorder{&c}
}

// Watch is what listens to one run beside the caller's own listeners.
type Watch struct {
	rec     *Record
	check   *check.Checker
	horizon state.Time
}

// Run simulates a world under a policy, with every invariant of package check held. The record is there beside an error where the
// run came to an end.
func Run(w *World, p state.Policy, listeners ...state.Listener) (*Record, error) {
	e, watch, err := w.Engine(p, listeners...)
	if err != nil {
		return nil, err
	}
	return watch.End(e)
}

// Engine begins a run: a caller may step it, fork it, and has Watch end it.
func (w *World) Engine(p state.Policy, listeners ...state.Listener) (*sim.Engine, *Watch, error) {
	ws := &Watch{rec: &Record{}, check: check.New(), horizon: w.Horizon}
	e, err := sim.New(w.Config(p, append([]state.Listener{recorder{ws.rec}, ws.check}, listeners...)...))
	return e, ws, err
}

// FreeEvictions has evictions cost nothing.
func (w *World) FreeEvictions() {
	w.Recoveries = nil
	for i := range w.Jobs {
		w.Jobs[i].Recovery = 0
	}
}

// Config is the simulation of a world under a policy.
func (w *World) Config(p state.Policy, listeners ...state.Listener) sim.Config {
	return sim.Config{Seed: w.Seed, Names: w.names(), Nodes: w.Nodes, Topology: w.Topology, Leaf: w.Leaf, Source: &jobSource{jobs: w.Jobs}, Policy: p, Horizon: w.Horizon,
		DropUnfit: w.Drop, GrantTruth: true, Changes: w.Changes, Recoveries: w.Recoveries, Listeners: listeners}
}

// End runs an engine out and gathers what its listeners say.
func (ws *Watch) End(e *sim.Engine) (*Record, error) {
	if _, err := e.Run(state.Never); err != nil {
		return nil, err
	}
	e.Finish(ws.horizon)
	ws.rec.Digest, ws.rec.Counts = e.Digest(), e.Counts()
	return ws.rec, errors.Join(ws.check.Err(), ws.check.Done())
}

// String lists a world: a failing case to read.
func (w *World) String() string {
	var b strings.Builder
	for i, n := range w.Nodes {
		fmt.Fprintf(&b, "node %d: %d GPUs of type %d, CPU %d, memory %d, partition %d\n", i, n.GPUs, n.Type, n.CPUMilli, n.MemMiB, n.Partition)
	}
	if w.Topology != nil {
		fmt.Fprintf(&b, "domains %+v, nodes in %v\n", w.Topology.Domains, w.Leaf)
	}
	for i, j := range w.Jobs {
		fmt.Fprintf(&b, "job %d: at %v s for %v s (estimate %v), user %d, priority %d:", i, seconds(j.Submit), seconds(j.Duration), seconds(j.Estimate),
			j.User, j.Priority)
		for _, r := range j.Roles {
			fmt.Fprintf(&b, " [%d x %d GPUs of %d, CPU %d, memory %d, types %b, flags %d, within %d, rather %d]", r.Replicas, r.PodGPUs, r.GPUMilli, r.CPUMilli, r.MemMiB, r.TypeMask, r.Flags,
				r.Within, r.Prefer)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func seconds(t state.Time) string {
	switch t {
	case state.Unset:
		return "none"
	case state.Never:
		return "never"
	}
	return fmt.Sprint(float64(t) / 1e9)
}
