package simtest

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/state"
)

// World is a random configuration and what it was made from.
type World struct {
	Config sim.Config
	Specs  []state.JobSpec
	Record *Recorder
	Oracle *Oracle // stands around Config.Policy when that was asked for
}

// Pick draws an integer in [0, n); tests give one that shrinks towards 0.
type Pick func(n int) int

func (p Pick) one(n int) bool { return p(n) == n-1 } // seldom, and never once shrunk

// Random draws a small world with everything in it: partitions, types, CPU and memory, fractions, gangs of several roles,
// dependencies, impatient jobs, nodes that come, go and are closed.
func Random(p Pick, policy state.Policy) *World {
	w := &World{Record: &Recorder{}}
	partitions := 1 + p(3)
	cpus := p(2) == 1
	c := &w.Config
	c.Names = &state.Names{}
	for i := 0; i < 3; i++ {
		c.Names.Types.Intern([]byte{'A' + byte(i)})
	}
	c.Seed = uint64(p(1 << 16))
	for i := 1 + p(6); i > 0; i-- {
		c.Nodes = append(c.Nodes, randomNode(p, partitions, cpus, len(c.Nodes)))
	}
	w.changes(p, partitions, cpus)
	at := state.Time(0)
	for i := p(40); i > 0; i-- {
		at += state.Time(p(6)) * state.Time(p(4))
		w.Specs = append(w.Specs, w.job(p, at, partitions, cpus))
	}
	if p.one(4) {
		c.Horizon = state.Time(1 + p(100))
	}
	c.KillAtEstimate = p.one(4)
	c.DropUnfit = p.one(6)
	w.recoveries(p)
	w.quota(p)
	w.failures(p)
	w.markets(p)
	c.Estimates = sim.Estimates(p(4))
	c.EstimateFactor = int64(p(4_000_000))
	w.Oracle = NewOracle(policy, c.Initial, w.Specs)
	c.Policy = w.Oracle
	c.Source = NewSource(w.Specs...)
	c.Listeners = []state.Listener{w.Record}
	return w
}

// Fresh is the same world once more, with nothing shared that changes. Without oracle, the policy stands alone.
func (w *World) Fresh(oracle bool) *World {
	f := &World{Config: w.Config, Specs: w.Specs, Record: &Recorder{}}
	f.Config.Names = w.Config.Names.Clone()
	f.Config.Source = NewSource(w.Specs...)
	f.Config.Listeners = []state.Listener{f.Record}
	f.Config.Policy = w.Oracle.inner
	if oracle {
		f.Oracle = NewOracle(w.Oracle.inner, w.Config.Initial, w.Specs)
		f.Config.Policy = f.Oracle
	}
	return f
}

func randomNode(p Pick, partitions int, cpus bool, i int) cluster.NodeSpec {
	n := cluster.NodeSpec{Name: fmt.Sprintf("n%d", i), Type: uint32(p(3)), Partition: uint32(p(partitions)),
		GPUs: []uint32{4, 1, 2, 8, 0, 3}[p(6)]}
	if cpus {
		n.CPUMilli, n.MemMiB = uint32(4000*(1+p(4))), uint32(1000*(1+p(4)))
	}
	return n
}

func (w *World) changes(p Pick, partitions int, cpus bool) {
	nodes := len(w.Config.Nodes)
	at := state.Time(0)
	for i := p(8); i > 0; i-- {
		at += state.Time(p(20))
		ch := sim.Change{At: at, Kind: sim.ChangeAdd + sim.ChangeKind(p(6)), Node: int32(p(nodes))}
		if ch.Kind == sim.ChangeAdd {
			ch.Spec = randomNode(p, partitions, cpus, nodes)
			nodes++
		}
		w.Config.Changes = append(w.Config.Changes, ch)
	}
}

// recoveries gives the jobs ways to recover.
func (w *World) recoveries(p Pick) {
	n := p(4)
	some := func(limit int) state.Time { return state.Time(max(0, p(2*limit)-limit)) }
	for range n {
		r := state.Recovery{Every: state.Time(p(6)), Write: some(3), Restore: some(4), Grace: some(5), Protect: some(4), Backoff: some(4),
			Notice: p(2) == 1, Requeue: state.Requeue(p(3))}
		if p.one(5) {
			r.Every = state.Never
		}
		w.Config.Recoveries = append(w.Config.Recoveries, r)
	}
	for i := range w.Specs {
		if w.Specs[i].Recovery = uint8(p(n + 1)); int(w.Specs[i].Recovery) == n {
			w.Specs[i].Recovery = state.RecoveryNone
		}
	}
}

// failures lets nodes fail, stall and slow down, and jobs crash that do not come back for ever.
func (w *World) failures(p Pick) {
	if !p.one(3) {
		return
	}
	m := &fault.Model{Seed: w.Config.Seed, Names: []string{"a", "b"}, Crash: state.Time(p(3)), Hang: state.Time(p(9))}
	at := state.Time(0)
	for range p(8) {
		at += state.Time(p(20))
		m.Recorded = append(m.Recorded, fault.Recorded{At: at, For: state.Time(p(15)), Node: int32(p(len(w.Config.Nodes))), Cause: uint8(p(2)),
			Slow: []float64{0, 0, 0.5}[p(3)]})
	}
	bounded := len(w.Config.Recoveries) > 0
	for i := range w.Config.Recoveries {
		r := &w.Config.Recoveries[i]
		r.Restarts, r.Retry, r.InPlace, r.Restart = []int32{1, -1, 2}[p(3)], state.Time(p(3)), int32(p(3)), state.Time(p(3))
		r.Lag, r.WriteEach = state.Time(p(3)), state.Time(p(2))
	}
	for i := range w.Specs {
		bounded = bounded && w.Specs[i].Recovery != state.RecoveryNone
	}
	if bounded {
		m.Jobs = fault.Crash{PerGPU: float64(p(3)) * 1e7, Hang: 0.5, Cause: 1}
	}
	w.Config.Failures = m
}

// markets give and take the first nodes.
func (w *World) markets(p Pick) {
	if !p.one(4) {
		return
	}
	m := market.Market{Name: "m", Notice: state.Time(p(6)), Protect: state.Time(p(12)), Bid: 5}
	for i := range 1 + p(len(w.Config.Nodes)) {
		m.Nodes = append(m.Nodes, int32(i))
	}
	at := state.Time(0)
	for range p(8) {
		at += state.Time(1 + p(20))
		m.Stock = append(m.Stock, market.Point{At: at, Value: int64(p(4))})
		m.Prices = append(m.Prices, market.Point{At: at, Value: int64(p(8))})
	}
	if len(m.Stock) > 0 {
		m.Stock[len(m.Stock)-1].Value, m.Prices[len(m.Prices)-1].Value = 100, 1 // in the end all are there
	}
	w.Config.Markets = &market.Model{Markets: []market.Market{m}}
}

func (w *World) job(p Pick, at state.Time, partitions int, cpus bool) state.JobSpec {
	var j state.JobSpec
	j.Reset()
	j.Name = fmt.Appendf(nil, "job%d", len(w.Specs))
	j.Submit, j.Duration = at, state.Time(p(20))
	j.Partition = int32(p(partitions))
	j.User = int32(p(3))
	j.Outcome = []state.Outcome{state.Finished, state.Failed, state.Cancelled}[max(0, p(6)-3)]
	if p(2) == 1 {
		j.Estimate = state.Time(p(30))
	}
	if p.one(5) {
		j.MaxRun = state.Time(1 + p(15))
	}
	if p.one(5) {
		j.Patience = state.Time(p(30))
	}
	if p.one(12) {
		j.Duration = state.Never
		j.MaxRun = state.Time(1 + p(15))
	}
	for len(w.Specs) > 0 && len(j.After) < 2 && p.one(6) {
		j.After = append(j.After, state.Dep{Row: uint64(p(len(w.Specs))), When: state.Condition(p(2))})
	}
	for roles := 1 + max(0, p(8)-6); roles > 0; roles-- {
		j.Roles = append(j.Roles, randomRole(p, cpus))
	}
	return j
}

func randomRole(p Pick, cpus bool) state.RoleSpec {
	r := state.RoleSpec{GPUMilli: 1000, PodGPUs: 1}
	switch p(6) {
	case 0, 1:
		r = Split(int32(1 + p(8)))
	case 2, 3:
		r = Pods(int32(1+p(3)), []int32{1, 2, 4, 8, 3}[p(5)])
	case 4:
		r.Replicas, r.PodGPUs, r.GPUMilli = int32(1+p(4)), []int32{1, 1, 2}[p(3)], []int32{500, 250, 300, 700, 999, 1}[p(6)]
	case 5:
		r.Replicas, r.PodGPUs = int32(1+p(3)), 0
	}
	if p(3) == 2 {
		r.TypeMask = uint64(1 + p(7))
	}
	if cpus && p(3) == 2 || r.PodGPUs == 0 {
		r.CPUMilli, r.MemMiB = int64(500*p(10)), int64(300*p(6))
	}
	return r
}
