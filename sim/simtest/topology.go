package simtest

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Domains puts a tree of two tiers over a world's nodes and has some of its jobs ask for a place within a level.
func (w *World) Domains(p Pick) {
	c := &w.Config
	leaves, pods := 1+p(4), 1+p(2)
	c.Topology, c.Leaf = Tree(leaves, pods), nil
	for range c.Nodes {
		c.Leaf = append(c.Leaf, int32(p(leaves+1)-1))
	}
	for _, name := range []string{"leaf", "pod"} {
		if _, err := c.Names.Level([]byte(name)); err != nil {
			panic(err)
		}
	}
	for i := range w.Specs {
		for r := range w.Specs[i].Roles {
			if p(2) == 1 {
				w.Specs[i].Roles[r].Within = uint8(1 + p(3))
			}
			w.Specs[i].Roles[r].Prefer = uint8(p(4))
		}
	}
	c.Source = NewSource(w.Specs...)
}

// Tree is a topology of so many leaves and pods; leaf i is in pod i modulo pods.
func Tree(leaves, pods int) *cluster.Topology {
	var domains []cluster.Domain
	for i := range leaves {
		domains = append(domains, cluster.Domain{Name: fmt.Sprint("leaf-", i), Parent: int32(leaves + i%pods)})
	}
	for i := range pods {
		domains = append(domains, cluster.Domain{Name: fmt.Sprint("pod-", i), Parent: -1})
	}
	return cluster.NewTopology([]cluster.Tier{{Name: "leaf", Count: int32(leaves)},
		{Name: "pod", First: int32(leaves), Count: int32(pods)}}, domains)
}

// domainsOf is what the oracle knows of domains: the names of those that a node is in, the node itself first.
func domainsOf(c *cluster.Cluster, node int32) []string {
	names := []string{fmt.Sprint("node ", node)}
	for level := int32(cluster.NodeLevel + 1); level <= c.Levels(); level++ {
		if d := c.Domain(node, level); d >= 0 {
			names = append(names, c.Topology().Domains[d].Name)
		} else {
			names = append(names, "")
		}
	}
	return names
}

// placeWithin places a gang within one domain of each level that a role requires, by closing the nodes outside each in turn.
func placeWithin(c *cluster.Cluster, partition uint32, roles []state.RoleSpec) bool {
	level := 0
	free := append([]state.RoleSpec(nil), roles...)
	for i := range free {
		if l := int(free[i].Within); l > 0 && (level == 0 || l < level) {
			level = l
		}
		free[i].Within = 0
	}
	var log []state.Part
	if level == 0 {
		return c.PlaceLowest(&log, partition, free)
	}
	tried := map[string]bool{"": true}
	for node := range int32(c.Nodes().Len()) {
		domain := domainsOf(c, node)[level-1]
		if tried[domain] {
			continue
		}
		tried[domain] = true
		alone := cluster.New()
		alone.CopyFrom(c)
		for other := range int32(c.Nodes().Len()) {
			if domainsOf(c, other)[level-1] != domain {
				alone.SetFlags(other, 0)
			}
		}
		log = log[:0]
		if alone.PlaceLowest(&log, partition, free) {
			return true
		}
	}
	return false
}
