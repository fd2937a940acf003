package sim

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/net"
	"github.com/orrery-sim/orrery/sim/speed"
	"github.com/orrery-sim/orrery/sim/state"
)

// batchColumn is the trace's column with the samples of a step over all GPUs.
const batchColumn = "x_batch_size"

// speeds is what the engine keeps where a job's speed follows from its placement; nil where it is that of the record.
// The links of the world are the domains' uplinks, then each node's cards.
type speeds struct {
	book  *speed.Book `snapshot:"keep"`
	world *speed.World
	model []int32  // by job slot: 1 + model, 0 = unknown
	seen  []uint32 // by node: stamp of the last placement that was looked at
	stamp uint32
	uses  []net.Use
	batch int // column of Jobs.X, or -1
}

func newSpeeds(book *speed.Book, c *cluster.Cluster, names *state.Names) *speeds {
	s := &speeds{book: book, batch: -1}
	if id, ok := names.X.Lookup(batchColumn); ok && id < state.MaxX {
		s.batch = int(id)
	}
	var capacity []int64
	if t := c.Topology(); t != nil {
		for _, d := range t.Domains {
			capacity = append(capacity, d.Uplink)
		}
	}
	s.world = speed.NewWorld(book, capacity)
	s.grow(c)
	return s
}

// grow gives new nodes their links.
func (s *speeds) grow(c *cluster.Cluster) {
	n := c.Nodes()
	for i := len(s.seen); i < n.Len(); i++ {
		s.seen = append(s.seen, 0)
		s.world.Network().AddLink(s.nic(n.Type[i]))
	}
}

// nic is what a node of a GPU type sends at most, in bytes a second.
func (s *speeds) nic(typ uint32) int64 {
	if int64(typ) >= int64(len(s.book.Links)) {
		return 0
	}
	return int64(s.book.Links[typ].NIC)
}

// admit notes what a new job trains.
func (s *speeds) admit(slot, model int32) {
	for int(slot) >= len(s.model) {
		s.model = append(s.model, 0)
	}
	s.model[slot] = model
}

// start is a job's rate, alone, on the parts that it has taken.
func (s *speeds) start(e *Engine, slot int32, parts []state.Part) uint64 {
	j := &e.jobs.Row[slot]
	if j.GPUs == 0 {
		return rateOne
	}
	s.grow(e.cl)
	place := s.placement(e.cl, parts)
	ref := s.reference(e, j, place.Type)
	if s.batch >= 0 {
		place.Batch = float64(e.jobs.X[s.batch][slot]) / 1e6
		ref.Batch = place.Batch
	}
	return s.world.Start(slot, s.model[slot]-1, ref, place, s.limit(e.cl, parts), s.uses)
}

// placement looks at parts, and notes the links that a ring over their nodes uses.
func (s *speeds) placement(c *cluster.Cluster, parts []state.Part) speed.Placement {
	n, p := c.Nodes(), speed.Placement{Type: -1, Level: cluster.NodeLevel}
	s.stamp++
	s.uses = s.uses[:0]
	domains := 0
	if t := c.Topology(); t != nil {
		domains = len(t.Domains)
	}
	for i := range parts {
		node := parts[i].Node
		if parts[i].Mask == 0 {
			continue
		}
		p.GPUs += int32(bits.OnesCount64(parts[i].Mask))
		if typ := int32(n.Type[node]); p.Type < 0 || s.scalar(typ) < s.scalar(p.Type) {
			p.Type = typ
		}
		if s.seen[node] == s.stamp {
			continue
		}
		s.seen[node] = s.stamp
		p.Nodes++
		s.uses = append(s.uses, net.Use{Link: int32(domains) + node, Weight: net.Unit})
	}
	if p.Nodes > 1 {
		p.Level = c.Span(parts)
		s.uplinks(c, domains, p.Level)
	}
	return p
}

// uplinks adds the uplinks of the domains below a level that hold some of the nodes in s.uses.
func (s *speeds) uplinks(c *cluster.Cluster, domains int, level int32) {
	nodes := len(s.uses)
	for l := int32(cluster.NodeLevel + 1); l < level && l <= c.Levels(); l++ {
		first := len(s.uses)
		for i := range nodes {
			d := c.Domain(s.uses[i].Link-int32(domains), l)
			if d >= 0 && !has(s.uses[first:], d) {
				s.uses = append(s.uses, net.Use{Link: d, Weight: net.Unit})
			}
		}
	}
}

func has(uses []net.Use, link int32) bool {
	for i := range uses {
		if uses[i].Link == link {
			return true
		}
	}
	return false
}

// scalar ranks GPU types by speed: a job on several goes at the slowest's.
func (s *speeds) scalar(typ int32) float64 {
	if typ < 0 || int(typ) >= len(s.book.GPUs) {
		return 0
	}
	return s.book.GPUs[typ].Scalar
}

// limit is what the slowest of the parts' nodes sends at most.
func (s *speeds) limit(c *cluster.Cluster, parts []state.Part) (limit int64) {
	n := c.Nodes()
	for i := range parts {
		if r := s.nic(n.Type[parts[i].Node]); parts[i].Mask != 0 && (limit == 0 || r < limit) {
			limit = r
		}
	}
	return limit
}

// reference is the placement at whose speed a job's work is measured: its GPUs on as few nodes of the reference's kind as hold its pods, in
// one innermost domain; without a reference on nodes like those that it got.
func (s *speeds) reference(e *Engine, j *state.Job, got int32) speed.Placement {
	p := speed.Placement{Type: got, Level: cluster.NodeLevel}
	roles := e.shapes.Of(j.Shape)
	for i := range roles {
		if r := &roles[i]; r.PodGPUs > 0 && r.TypeMask != 0 && r.TypeMask>>uint(got)&1 == 0 {
			p.Type = int32(bits.TrailingZeros64(r.TypeMask))
		}
	}
	per := int32(1)
	if ref := s.book.Reference; ref != nil {
		p.Type, p.Links, per = ref.Type, &ref.Links, max(ref.PerNode, 1)
	} else if p.Type >= 0 && int(p.Type) < len(s.book.PerNode) {
		per = max(s.book.PerNode[p.Type], 1)
	}
	for i := range roles {
		r := &roles[i]
		if r.PodGPUs == 0 {
			continue
		}
		p.GPUs += r.Replicas * r.PodGPUs
		pods := max(per/r.PodGPUs, 1)
		p.Nodes += (r.Replicas + pods - 1) / pods
	}
	if len(roles) > 1 { // roles share nodes
		p.Nodes = (p.GPUs + per - 1) / per
	}
	if p.Nodes > 1 {
		p.Level = min(cluster.NodeLevel+1, e.cl.Levels()+1)
	}
	return p
}

// reshare gives the jobs that run the rates that the links leave them.
func (e *Engine) reshare() {
	e.speeds.world.Changed(func(slot int32, rate uint64) {
		if e.jobs.Row[slot].State != state.JobRunning || e.priv[slot].rate == 0 {
			return
		}
		if e.outages != nil {
			rate = e.outages.rate(e, slot)
		}
		if rate != e.priv[slot].rate {
			e.setRate(slot, rate)
		}
	})
}

// placed is the rate that a running job's placement and the links give it.
func (e *Engine) placed(slot int32) uint64 {
	if e.speeds == nil {
		return rateOne
	}
	return e.speeds.world.Rate(slot)
}

func (s *speeds) clone() *speeds {
	if s == nil {
		return nil
	}
	c := *s
	c.world, c.model, c.seen, c.uses = s.world.Clone(), copied(s.model), copied(s.seen), nil
	return &c
}
