package peer_test

import (
	"math/bits"
	"os"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// ledger keeps what the published results are compared with: each job's times and places.
type ledger struct {
	jobs     []row
	rejected int
	refused  int
}

type row struct {
	name                       string
	partition                  int32
	submit, start, end, queued state.Time
	node                       int32
	mask                       uint64
	milli, asked               int64
	outcome                    state.Outcome
}

func (l *ledger) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvEnd, state.EvRefuse)
}

func (l *ledger) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvArrive:
			l.jobs = append(l.jobs, row{name: string(b.Jobs.NameOf(ev.Job)), partition: b.Jobs.Row[ev.Job].Partition, submit: ev.Time,
				start: state.Unset, node: -1})
		case state.EvStart:
			l.jobs[ev.Number].start, l.jobs[ev.Number].queued = ev.Time, state.Time(ev.X)
			for p := range b.EachPartOf(ev) {
				l.jobs[ev.Number].node, l.jobs[ev.Number].mask, l.jobs[ev.Number].milli = p.Node, p.Mask, int64(p.Milli)
				l.jobs[ev.Number].asked += int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
			}
		case state.EvEnd:
			l.jobs[ev.Number].end, l.jobs[ev.Number].outcome = ev.Time, ev.Outcome
			if ev.Outcome == state.Dropped {
				l.rejected++
			}
		case state.EvRefuse:
			l.refused++
		}
	}
}

// sums are the total JCT and queued time of a partition's jobs (-1: of all), in whole seconds, and their number.
func (l *ledger) sums(partition int32) (jct, queued, n int64) {
	for i := range l.jobs {
		if r := &l.jobs[i]; partition < 0 || r.partition == partition {
			jct += int64(r.end - r.submit)
			queued += int64(r.queued)
			n++
		}
	}
	return jct / 1e9, queued / 1e9, n
}

func traceFile(t testing.TB, name string) string {
	dir := os.Getenv("ORRERY_TRACES")
	if dir == "" {
		t.Skip("ORRERY_TRACES is not set: the public traces are not here")
	}
	return filepath.Join(dir, name)
}

// nodesOf turns a trace's cluster into the engine's nodes.
func nodesOf(t testing.TB, c *trace.ClusterSpec, names *state.Names) []cluster.NodeSpec {
	t.Helper()
	var pools state.Symbols
	out := make([]cluster.NodeSpec, len(c.Nodes))
	for i, n := range c.Nodes {
		if _, err := names.TypeBit([]byte(n.Type)); err != nil {
			t.Fatal(err)
		}
		typ := names.Types.Intern([]byte(n.Type))
		out[i] = cluster.NodeSpec{Name: n.Name, Type: uint32(typ), GPUs: uint32(n.GPUs), CPUMilli: uint32(n.CPUMilli), MemMiB: uint32(n.MemMiB),
			Pool: uint32(max(pools.Intern([]byte(n.Pool)), 0)), Partition: uint32(max(names.Partitions.Intern([]byte(n.Partition)), 0))}
	}
	return out
}

// run simulates to the end of the work.
func run(t testing.TB, cfg sim.Config) *ledger {
	t.Helper()
	l := &ledger{}
	cfg.Listeners = append(cfg.Listeners, l)
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	if l.refused > 0 {
		t.Errorf("%d decisions were refused", l.refused)
	}
	return l
}

// job is a job of a test's own workload; times in seconds.
type job struct {
	submit, length, pred int64
	gpus                 int32
	rec                  int64 // recorded start + 1, 0 = none
	patience             int64 // 0 = none
}

// jobs is a Source over a slice.
type jobs struct {
	list []job
	next int
}

func (s *jobs) Next(spec *state.JobSpec) (bool, error) {
	spec.Reset()
	if s.next == len(s.list) {
		return false, nil
	}
	j := s.list[s.next]
	s.next++
	spec.Name = append(spec.Name, byte('a'+s.next-1))
	spec.Submit, spec.Duration = state.Time(j.submit)*state.Second, state.Time(j.length)*state.Second
	spec.X[0] = j.pred * 1e6
	spec.Roles = append(spec.Roles, state.RoleSpec{Replicas: j.gpus, PodGPUs: 1, GPUMilli: 1000, Flags: state.RoleSplit})
	if j.rec > 0 {
		spec.RecStart = state.Time(j.rec-1) * state.Second
	}
	if j.patience > 0 {
		spec.Patience = state.Time(j.patience) * state.Second
	}
	return true, nil
}

func (s *jobs) Clone(*state.Names) (state.Source, error) {
	c := *s
	return &c, nil
}

// plain are nodes with so many GPUs each, in one pool and partition.
func plain(gpus ...uint32) []cluster.NodeSpec {
	var out []cluster.NodeSpec
	for i, g := range gpus {
		out = append(out, cluster.NodeSpec{Name: string(rune('a' + i)), GPUs: g})
	}
	return out
}

// small simulates a test's own workload and returns each job's start in seconds, -1 for never.
func small(t testing.TB, p state.Policy, nodes []cluster.NodeSpec, list ...job) []int64 {
	t.Helper()
	names := &state.Names{}
	names.X.Intern([]byte("x_qssf_pred_s"))
	l := run(t, sim.Config{Names: names, Nodes: nodes, Source: &jobs{list: list}, Policy: p, GrantTruth: true})
	var starts []int64
	for i := range l.jobs {
		if l.jobs[i].start == state.Unset {
			starts = append(starts, -1)
		} else {
			starts = append(starts, int64(l.jobs[i].start/state.Second))
		}
	}
	return starts
}
