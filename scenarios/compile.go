package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric/energy"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// DefaultStart is the calendar time of instant 0 when neither the scenario nor its trace gives one.
var defaultStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Plan is a scenario ready to run once.
type Plan struct {
	Scenario *Scenario
	Config   sim.Config
	Start    time.Time
	Dated    bool     // the scenario or its trace says when it starts
	Pools    []string // pool names by pool id
	Inputs   []Input
	Warnings []string
	Dir      string         // relative paths in the scenario start here
	Energy   *energy.Config // nil: energy is not modelled
	Prices   *Pricing       // nil: costs are not modelled
	Commands Commands       // of the journal that the scenario names; nil: none (see Attach)
	nodes    map[string]int32
	onDemand map[string]int64 // price of a node an hour by pool, where it is known
	has      modelled
}

// modelled says which resources the cluster models; what it does not model, jobs do not ask for.
type modelled struct{ cpu, mem bool }

// Compile reads the scenario's inputs and builds the configuration of one run.
func (l *Loaded) Compile() (*Plan, error) {
	names := &state.Names{}
	p := &Plan{Scenario: &l.Scenario, Inputs: append([]Input(nil), l.Inputs...), Start: defaultStart, Dir: l.Dir, nodes: map[string]int32{}}
	p.Config = sim.Config{Seed: l.Seed, Names: names, Horizon: l.Horizon.Time(), DropUnfit: l.OnNoFit == "drop",
		KillAtEstimate: l.Estimates.KillAtEstimate}
	granted, note := l.grants()
	if p.Config.GrantTruth = granted; note != "" {
		p.Warnings = append(p.Warnings, note)
	}
	l.noteRecovery(p)
	switch l.Estimates.From {
	case "exact":
		p.Config.Estimates = sim.EstimateExact
	case "user-mean":
		p.Config.Estimates = sim.EstimateUserMean
	case "factor":
		p.Config.Estimates, p.Config.EstimateFactor = sim.EstimateFactor, int64(l.Estimates.Factor)
	}
	parts := l.parts()
	for i := range parts {
		names.Partitions.Intern([]byte(parts[i].Name))
	}
	own, err := l.ownCluster()
	if err != nil {
		return nil, err
	}
	h, err := l.openTopology(p)
	if err != nil {
		return nil, err
	}
	book, err := l.openSpeeds(p)
	if err != nil {
		return nil, err
	}
	src, brought, err := l.sources(p, names)
	if err != nil {
		return nil, err
	}
	if own == nil {
		own = brought
	}
	if own == nil || len(own.Nodes) == 0 {
		l.Doc.Errorf("", "the scenario has no cluster").Want("cluster: with pools or nodes, or a trace that brings its cluster")
		return nil, l.Doc.Err()
	}
	if err := l.addNodes(p, own); err != nil {
		return nil, err
	}
	for _, compile := range []func() error{func() error { return l.compilePrices(p, own) }, func() error { return l.compileEnergy(p) }, func() error { return l.compileMarkets(p) }, func() error { return l.compileFailures(p) }, func() error { return l.chooseIntervals(p) }} {
		if err := compile(); err != nil {
			return nil, err
		}
	}
	if err := l.compileTopology(p, h); err != nil {
		return nil, err
	}
	p.Config.Source = l.adapt(src, p)
	if err := l.compileQuota(p); err != nil {
		return nil, err
	}
	if book != nil {
		if err := l.compileSpeeds(p, book); err != nil {
			return nil, err
		}
	}
	l.routeQueues(p)
	if err := l.compileChanges(p); err != nil {
		return nil, err
	}
	if err := l.compileReservations(p); err != nil {
		return nil, err
	}
	if err := l.compileInitial(p); err != nil {
		return nil, err
	}
	spec := l.policySpec()
	if spec.Guests, err = l.guests(p); err != nil {
		return nil, err
	}
	if err := l.typical(p, &spec); err != nil {
		return nil, err
	}
	if err := l.history(p, &spec); err != nil {
		return nil, err
	}
	if p.Config.Policy, err = policies.Build(spec); err != nil {
		if len(spec.Guests) > 0 {
			l.Doc.Errorf("policy", "%s", err)
			return nil, l.Doc.Err()
		}
		return nil, err
	}
	if l.Start != nil {
		p.Start, p.Dated = l.Start.Time, true
	}
	return p, nil
}

// Close frees what the plan's policy and journal hold beside Go's memory. The plan must not be run afterwards.
func (p *Plan) Close() error {
	err := policies.Close(p.Config.Policy)
	if p.Commands != nil {
		err = errors.Join(err, p.Commands.Close())
	}
	return err
}

// Changed names those inputs whose file has another checksum now or cannot be read, and those whose file is not there.
func (l *Loaded) Changed(inputs []Input) (changed, missing []string) {
	for _, in := range inputs {
		if in.Path == l.Journal {
			continue // its checksum is of what it says, not of a file
		}
		p := Plan{Inputs: []Input{{}}}
		switch err := l.input(&p, in.Path); {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, in.Path)
		case err != nil || p.Inputs[1].SHA256 != in.SHA256:
			changed = append(changed, in.Path)
		}
	}
	return changed, missing
}

// input notes a file's checksum; it is read whole, once, in a stream.
func (l *Loaded) input(p *Plan, file string) error {
	for _, in := range p.Inputs[1:] {
		if in.Path == file {
			return nil
		}
	}
	if st, err := os.Stat(l.path(file)); err == nil && !st.IsDir() {
		if err := regular(l.path(file)); err != nil {
			return err
		}
	}
	f, err := os.Open(l.path(file))
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		p.Inputs = append(p.Inputs, Input{Path: file})
		return nil
	}
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	p.Inputs = append(p.Inputs, Input{Path: file, SHA256: hex.EncodeToString(h.Sum(nil))})
	return nil
}

// ownCluster is the cluster that the scenario itself describes, or nil.
func (l *Loaded) ownCluster() (*trace.ClusterSpec, error) {
	if l.Cluster == nil {
		return nil, nil
	}
	if l.Cluster.Nodes != nil {
		return nil, nil // read with the inputs
	}
	partition := map[string]string{}
	for _, part := range l.parts() {
		for _, pool := range part.Pools {
			partition[pool] = part.Name
		}
	}
	spec := &trace.ClusterSpec{}
	for i := range l.Cluster.Pools {
		pool := &l.Cluster.Pools[i]
		t := l.Cluster.NodeTypes.Get(pool.NodeType)
		n := trace.NodeSpec{Type: t.GPU, GPUs: int32(t.GPUs), Pool: pool.Name, Partition: partition[pool.Name]}
		if t.CPUs != nil {
			n.CPUMilli = int64(*t.CPUs) / 1000
		}
		if t.Memory != nil {
			n.MemMiB = int64(*t.Memory) >> 20
		}
		for k := 0; k < pool.Nodes; k++ {
			n.Name = fmt.Sprintf("%s-%04d", pool.Name, k)
			spec.Nodes = append(spec.Nodes, n)
		}
	}
	return spec, nil
}

// addNodes gives every node its ids.
func (l *Loaded) addNodes(p *Plan, spec *trace.ClusterSpec) error {
	names := p.Config.Names
	pools := map[string]uint32{}
	for i := range spec.Nodes {
		p.has.cpu = p.has.cpu || spec.Nodes[i].CPUMilli > 0
		p.has.mem = p.has.mem || spec.Nodes[i].MemMiB > 0
	}
	for i := range spec.Nodes {
		s := &spec.Nodes[i]
		n := cluster.NodeSpec{Name: s.Name, GPUs: uint32(s.GPUs), CPUMilli: amount(s.CPUMilli, p.has.cpu), MemMiB: amount(s.MemMiB, p.has.mem)}
		if s.GPUs > 0 {
			if _, err := names.TypeBit([]byte(s.Type)); err != nil {
				return fmt.Errorf("node %q: %w", s.Name, err)
			}
			n.Type = state.NoType
			if id, ok := names.Types.Lookup(s.Type); ok {
				n.Type = uint32(id)
			}
		}
		if s.Partition != "" {
			n.Partition = uint32(names.Partitions.Intern([]byte(s.Partition)))
		}
		pool, ok := pools[s.Pool]
		if !ok {
			pool = uint32(len(p.Pools))
			pools[s.Pool] = pool
			p.Pools = append(p.Pools, s.Pool)
		}
		n.Pool = pool
		if other, taken := p.nodes[s.Name]; taken {
			return fmt.Errorf("node %q stands twice in the cluster (as node %d and %d): names must be unique", s.Name, other+1, i+1)
		}
		p.nodes[s.Name] = int32(i)
		p.Config.Nodes = append(p.Config.Nodes, n)
	}
	return nil
}

// amount is a node's CPU or memory; a node that does not say in a cluster that models it has no limit.
func amount(v int64, modelled bool) uint32 {
	if modelled && v == 0 || v > math.MaxUint32 {
		return math.MaxUint32
	}
	return uint32(v)
}

// routeQueues sends queues to the partitions that name them.
func (l *Loaded) routeQueues(p *Plan) {
	names := p.Config.Names
	for i, part := range l.parts() {
		for _, q := range part.Queues {
			id := names.Queues.Intern([]byte(q))
			for int32(len(p.Config.QueuePartition)) <= id {
				p.Config.QueuePartition = append(p.Config.QueuePartition, state.None)
			}
			p.Config.QueuePartition[id] = int32(i)
		}
	}
}

func (l *Loaded) compileChanges(p *Plan) error {
	kinds := map[string]sim.ChangeKind{"up": sim.ChangeUp, "down": sim.ChangeDown, "cordon": sim.ChangeCordon,
		"uncordon": sim.ChangeUncordon, "drain": sim.ChangeDrain}
	for i := range l.Changes {
		c := &l.Changes[i]
		if c.Set != "" {
			if change, ok := l.queueChange(p, i); ok {
				p.Config.Changes = append(p.Config.Changes, change)
			}
			continue
		}
		node, ok := p.nodes[c.Node]
		if !ok {
			var known []string
			for k := range p.Config.Nodes {
				known = append(known, p.Config.Nodes[k].Name)
			}
			l.Doc.Errorf(fmt.Sprintf("changes[%d].node", i), "no node %q", c.Node).Known("nodes here", c.Node, known)
			continue
		}
		p.Config.Changes = append(p.Config.Changes, sim.Change{At: c.At.Time(), Kind: kinds[c.Do], Node: node})
	}
	return l.Doc.Err()
}

// ClusterText says what the cluster is in a few words: "2,048 GPUs (256 x 8 A100-80)".
func (p *Plan) ClusterText() string {
	type kind struct {
		gpus uint32
		typ  uint32
	}
	var order []kind
	count := map[kind]int{}
	var total int64
	for i := range p.Config.Nodes {
		n := &p.Config.Nodes[i]
		k := kind{n.GPUs, n.Type}
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
		total += int64(n.GPUs)
	}
	var words []string
	for _, k := range order {
		if k.gpus == 0 {
			words = append(words, fmt.Sprintf("%s without GPUs", units.FormatCount(int64(count[k]))))
			continue
		}
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s x %d %s", units.FormatCount(int64(count[k])), k.gpus, p.Config.Names.Types.Name(int32(k.typ)))))
	}
	if len(words) > 4 {
		words = append(words[:3], fmt.Sprintf("%d more kinds", len(order)-3))
	}
	return fmt.Sprintf("%s GPUs (%s)", units.FormatCount(total), strings.Join(words, ", "))
}
