package cluster

import "github.com/orrery-sim/orrery/sim/state"

// NodeLevel is the level of a single node. The tiers of a topology are the levels from there on, the innermost first;
// 0 is no level: the whole cluster.
const NodeLevel = 1

// Domain is nodes under one switch or link.
type Domain struct {
	Name   string
	Parent int32 // the domain of the next tier that it is in, or -1 in the outermost
	Uplink int64 // bytes a second from it to its parent, each way; 0 = never the bottleneck
}

// Tier is one kind of domain: NVLink, leaf, pod, core.
type Tier struct {
	Name    string
	First   int32 // its domains are Domains[First:First+Count]
	Count   int32
	Latency int64 // ns that a message takes more if it crosses domains of this tier
}

// Topology is the tree of domains. It does not change while a simulation runs, so forks share it. Domains stand tier by tier,
// the innermost tier first.
type Topology struct {
	Tiers   []Tier
	Domains []Domain
	up      []int32 // by tier and innermost domain: the domain of that tier it is in
}

// NewTopology completes a topology from its tiers and domains.
func NewTopology(tiers []Tier, domains []Domain) *Topology {
	t := &Topology{Tiers: tiers, Domains: domains}
	if len(tiers) == 0 {
		return t
	}
	for l := range tiers {
		for d := range tiers[0].Count {
			at := d
			for range l {
				at = domains[at].Parent
			}
			t.up = append(t.up, at)
		}
	}
	return t
}

// Levels is the number of levels: the node and the tiers.
func (t *Topology) Levels() int32 {
	if t == nil {
		return NodeLevel
	}
	return NodeLevel + int32(len(t.Tiers))
}

// SetTopology puts a tree over the nodes; leaf is each node's domain of the innermost tier, or -1. Nodes that are added later are
// in no domain. It is to be called once, before anything is placed.
func (c *Cluster) SetTopology(t *Topology, leaf []int32) {
	c.topo = t
	c.leaf = append(c.leaf[:0], leaf...)
	for len(c.leaf) < c.nodes.Len() {
		c.leaf = append(c.leaf, -1)
	}
}

// FollowTopology gives the nodes the places that they have in another cluster of the same nodes.
func (c *Cluster) FollowTopology(o *Cluster) {
	if o.topo != nil && (c.topo == nil || len(c.leaf) < len(o.leaf)) {
		c.SetTopology(o.topo, o.leaf)
	}
}

// Topology is the tree over the nodes, or nil.
func (c *Cluster) Topology() *Topology { return c.topo }

// Levels is the number of levels of domains: 1 (the node) without a topology.
func (c *Cluster) Levels() int32 { return c.topo.Levels() }

// Domain is the domain of a level that a node is in, or -1. On NodeLevel it is the node itself.
func (c *Cluster) Domain(node, level int32) int32 {
	switch {
	case level == NodeLevel:
		return node
	case c.topo == nil || level > c.topo.Levels() || c.leaf[node] < 0:
		return -1
	}
	t := c.topo
	return t.up[(level-NodeLevel-1)*t.Tiers[0].Count+c.leaf[node]]
}

// DomainsOf are the domains of a level: from first, so many.
func (c *Cluster) DomainsOf(level int32) (first, count int32) {
	switch {
	case level == NodeLevel:
		return 0, int32(c.nodes.Len())
	case c.topo == nil || level > c.topo.Levels():
		return 0, 0
	}
	tier := &c.topo.Tiers[level-NodeLevel-1]
	return tier.First, tier.Count
}

// Apart is the level of the smallest domain that holds both nodes, or Levels()+1 when only the whole cluster does.
func (c *Cluster) Apart(a, b int32) int32 {
	levels := c.Levels()
	for level := int32(NodeLevel); level <= levels; level++ {
		if d := c.Domain(a, level); d >= 0 && d == c.Domain(b, level) {
			return level
		}
	}
	return levels + 1
}

// Span is the level of the smallest domain that holds all parts, or Levels()+1 when only the whole cluster does.
func (c *Cluster) Span(parts []state.Part) int32 {
	level := int32(NodeLevel)
	for i := range parts {
		if parts[i].Node != parts[0].Node {
			level = max(level, c.Apart(parts[0].Node, parts[i].Node))
		}
	}
	return level
}

// RequiredLevel is the smallest level within which a gang must be: the smallest that any of its roles names; 0 = none.
func RequiredLevel(roles []state.RoleSpec) (level int32) {
	for i := range roles {
		if l := int32(roles[i].Within); l > 0 && (level == 0 || l < level) {
			level = l
		}
	}
	return level
}

// PreferredLevel is the smallest level within which a gang should be if it can; 0 = none.
func PreferredLevel(roles []state.RoleSpec) (level int32) {
	for i := range roles {
		if l := int32(roles[i].Prefer); l > 0 && (level == 0 || l < level) {
			level = l
		}
	}
	return level
}

// In restricts questions to a domain of a level. The zero value is the whole cluster.
type In struct {
	Level  int32
	Domain int32
}

// Inside reports whether a node is in a domain.
func (c *Cluster) Inside(node int32, in In) bool {
	return in.Level == 0 || c.Domain(node, in.Level) == in.Domain
}

// EachNode calls f for the nodes of a domain, lowest first; of a level beyond the outermost and the zero In, for all.
func (c *Cluster) EachNode(in In, f func(node int32)) {
	switch {
	case in.Level == NodeLevel:
		f(in.Domain)
		return
	case in.Level == 0 || in.Level > c.Levels():
		for i := range int32(c.nodes.Len()) {
			f(i)
		}
		return
	}
	t, above := c.topo, (in.Level-NodeLevel-1)*c.topo.Tiers[0].Count
	for i, leaf := range c.leaf {
		if leaf >= 0 && t.up[above+leaf] == in.Domain {
			f(int32(i))
		}
	}
}

// FreeByDomain is, for each domain of a level, the number of wholly free devices on its open nodes of a partition. The slice is the
// caller's to reuse.
func (c *Cluster) FreeByDomain(free []int32, partition uint32, level int32) []int32 {
	first, count := c.DomainsOf(level)
	free = free[:0]
	for range count {
		free = append(free, 0)
	}
	n := &c.nodes
	for i := range n.Flags {
		if n.Partition[i] != partition || !state.NodeOpen(n.Flags[i]) {
			continue
		}
		if d := c.Domain(int32(i), level); d >= 0 {
			free[d-first] += int32(n.GPUsFree[i])
		}
	}
	return free
}
