package scenarios

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Topology is the tree of domains over the nodes.
type Topology struct {
	File    string         `yaml:"file,oneof=form" doc:"CSV with one row a node: its name, then its domain of each tier, the outermost first."`
	Tiers   []Tier         `yaml:"tiers,oneof=form" doc:"Tiers that nodes fill in their order, the innermost first."`
	Assign  string         `yaml:"assign" enum:"name|order" default:"name" doc:"file: a node takes the row of its name, or of its place in the cluster."`
	Uplinks ydec.Map[Rate] `yaml:"uplinks" doc:"file: rate from one domain of a tier to the next tier, by tier. Left out: never the bottleneck."`
}

// Tier is one kind of domain: a switch or a link that some nodes, or domains of the tier before, share.
type Tier struct {
	Name             string `yaml:"name,required,key" doc:"Name, such as leaf: what the column topology of a job names."`
	Nodes            *int   `yaml:"nodes" min:"1" max:"1000000" doc:"Nodes of one domain."`
	Leaves           *int   `yaml:"leaves" min:"1" max:"1000000" doc:"Domains of the tier before that are in one domain; instead of nodes."`
	Uplink           *Rate  `yaml:"uplink" doc:"Rate from one domain to the next tier, each way. Left out: never the bottleneck."`
	Oversubscription *Fixed `yaml:"oversubscription" doc:"Instead of uplink: the rate of what comes from below (NICs, or the uplinks of the tier before) over that of the uplink."`
}

// checkTopology tests what can be said before files are read.
func (l *Loaded) checkTopology() {
	t := l.Topology
	if t == nil {
		return
	}
	for i := range t.Tiers {
		path, tier := fmt.Sprintf("topology.tiers[%d]", i), &t.Tiers[i]
		if tier.Name == state.NodeLevelName {
			l.Doc.Errorf(path+".name", "the name %q is taken", tier.Name).Want("another name; %s is the level of a single node", state.NodeLevelName)
		}
		switch {
		case (tier.Nodes == nil) == (tier.Leaves == nil):
			l.Doc.Errorf(path, "tier %q says its size in nodes and in leaves, or in neither", tier.Name).Want("nodes, or leaves: domains of the tier before")
		case i == 0 && tier.Leaves != nil:
			l.Doc.Errorf(path+".leaves", "the innermost tier has no tier before it").Want("nodes")
		}
		if tier.Uplink != nil && tier.Oversubscription != nil {
			l.Doc.Errorf(path+".oversubscription", "the uplink is given already").Want("uplink or oversubscription")
		}
		if tier.Oversubscription != nil && *tier.Oversubscription <= 0 {
			l.Doc.Errorf(path+".oversubscription", "%s", tier.Oversubscription.FormatYAML()).Want("more than 0; 2 is half of what comes from below")
		}
	}
	if t.File == "" && (len(t.Uplinks) > 0 || t.Assign == "order") {
		l.Doc.Errorf("topology", "uplinks and assign are for a file").Do("give each tier its uplink")
	}
}

// openTopology gives the tiers their levels, before a workload names any, and reads the file if there is one.
func (l *Loaded) openTopology(p *Plan) (*hosts, error) {
	t := l.Topology
	switch {
	case t == nil:
		return nil, nil
	case t.File != "":
		return l.topologyFile(p)
	}
	for i := range t.Tiers {
		if _, err := p.Config.Names.Level([]byte(t.Tiers[i].Name)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// compileTopology puts the tree over the plan's nodes; h is that of a file.
func (l *Loaded) compileTopology(p *Plan, h *hosts) (err error) {
	switch {
	case l.Topology == nil:
		return nil
	case h == nil:
		return l.topologyTiers(p)
	}
	p.Config.Topology = h.topology
	p.Config.Leaf, err = l.assign(p, h)
	return err
}

// topologyTiers fills the tiers with nodes in their order.
func (l *Loaded) topologyTiers(p *Plan) error {
	nodes := len(p.Config.Nodes)
	var tiers []cluster.Tier
	var domains []cluster.Domain
	per, below := 1, l.nicRate() // nodes of a domain of the tier before, and what one sends at most
	for i := range l.Topology.Tiers {
		t := &l.Topology.Tiers[i]
		size := 0
		if t.Nodes != nil {
			size = *t.Nodes
		} else {
			size = per * *t.Leaves
		}
		if size%per != 0 || size < per {
			l.Doc.Errorf(fmt.Sprintf("topology.tiers[%d].nodes", i), "%d nodes a %s are no whole number of domains of %d nodes each", size, t.Name, per).
				Want("a multiple of %d", per)
			return l.Doc.Err()
		}
		uplink, err := l.uplink(i, below*int64(size/per))
		if err != nil {
			return err
		}
		tier := cluster.Tier{Name: t.Name, First: int32(len(domains)), Count: int32((nodes + size - 1) / size)}
		if i > 0 {
			before := &tiers[i-1]
			for d := range before.Count {
				domains[before.First+d].Parent = tier.First + d/int32(size/per)
			}
		}
		for d := range tier.Count {
			domains = append(domains, cluster.Domain{Name: fmt.Sprintf("%s-%d", t.Name, d), Parent: -1})
			domains[len(domains)-1].Uplink = uplink
		}
		below = uplink
		tiers, per = append(tiers, tier), size
	}
	p.Config.Leaf = p.Config.Leaf[:0]
	for i := range nodes {
		p.Config.Leaf = append(p.Config.Leaf, int32(i/firstSize(l.Topology.Tiers)))
	}
	p.Config.Topology = cluster.NewTopology(tiers, domains)
	return nil
}

func firstSize(t []Tier) int { return *t[0].Nodes }

// uplink is the rate from a domain of a tier to the next; below is what comes from below at most, 0 = unknown.
func (l *Loaded) uplink(tier int, below int64) (int64, error) {
	t := &l.Topology.Tiers[tier]
	switch {
	case t.Uplink != nil:
		return int64(*t.Uplink), nil
	case t.Oversubscription == nil:
		return 0, nil
	case below == 0:
		l.Doc.Errorf(fmt.Sprintf("topology.tiers[%d].oversubscription", tier), "it is not known what comes from below").
			Want("nics and nic in the node types, or the uplink of the tier before").Do("write uplink instead")
		return 0, l.Doc.Err()
	}
	return int64(state.MulDiv(state.Time(below), 1_000_000, int64(*t.Oversubscription))), nil
}

// nicRate is what the first node sends at most, in bytes a second; 0 = unknown.
func (l *Loaded) nicRate() int64 {
	if l.Cluster == nil || len(l.Cluster.Pools) == 0 {
		return 0
	}
	t := l.Cluster.NodeTypes.Get(l.Cluster.Pools[0].NodeType)
	if t == nil || t.NIC == nil {
		return 0
	}
	return int64(*t.NIC) * int64(max(t.NICs, 1))
}

// hosts is a topology file: the place of each row in the tree.
type hosts struct {
	topology *cluster.Topology
	names    []string // of the rows
	leaf     []int32
}

// topologyFile reads the tree from a CSV: a header, then a row a node.
func (l *Loaded) topologyFile(p *Plan) (*hosts, error) {
	t := l.Topology
	if l.readable(p, "topology.file", t.File); l.Doc.Err() != nil {
		return nil, l.Doc.Err()
	}
	f, err := os.Open(l.path(t.File))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h, err := readHosts(f, t.Uplinks)
	if err != nil {
		l.Doc.Errorf("topology.file", "%s: %s", t.File, err).Want("a header (the node's name, then the tiers, the outermost first) and a row a node")
		return nil, l.Doc.Err()
	}
	for i := range t.Uplinks {
		if name := t.Uplinks[i].Name; !h.has(name) {
			l.Doc.Errorf("topology.uplinks."+name, "the file has no tier %q", name).Known("tiers", name, h.tiers())
		}
	}
	for i := range h.topology.Tiers {
		if _, err := p.Config.Names.Level([]byte(h.topology.Tiers[i].Name)); err != nil {
			return nil, err
		}
	}
	return h, l.Doc.Err()
}

// assign gives each node of the plan the place of a row.
func (l *Loaded) assign(p *Plan, h *hosts) ([]int32, error) {
	nodes := p.Config.Nodes
	if l.Topology.Assign == "order" {
		if len(h.leaf) < len(nodes) {
			l.Doc.Errorf("topology.file", "%s has %d rows, the cluster %d nodes", l.Topology.File, len(h.leaf), len(nodes)).Want("a row for each node")
			return nil, l.Doc.Err()
		}
		return h.leaf[:len(nodes)], nil
	}
	rows := map[string]int32{}
	for i, name := range h.names {
		rows[name] = h.leaf[i]
	}
	leaf := make([]int32, len(nodes))
	found := 0
	for i := range nodes {
		at, ok := rows[nodes[i].Name]
		if leaf[i] = at; !ok {
			leaf[i] = -1
			continue
		}
		found++
	}
	if found == 0 {
		l.Doc.Errorf("topology.file", "%s names none of the %d nodes", l.Topology.File, len(nodes)).Want("names such as %s", nodes[0].Name).
			Do("write assign: order, so that the first node takes the first row and so on")
		return nil, l.Doc.Err()
	}
	if found < len(nodes) {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d of %d nodes are not in %s: they are in no domain", len(nodes)-found, len(nodes), l.Topology.File))
	}
	return leaf, nil
}

func (h *hosts) tiers() (names []string) {
	for _, t := range h.topology.Tiers {
		names = append(names, t.Name)
	}
	return names
}

func (h *hosts) has(tier string) bool { return contains(h.tiers(), tier) }

// readHosts reads a topology file. A domain is its whole path: S1 of P1 and S1 of P2 are two.
func readHosts(in io.Reader, uplinks ydec.Map[Rate]) (*hosts, error) {
	r := csv.NewReader(in)
	r.ReuseRecord, r.Comment = true, '#'
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("no header (%w)", err)
	}
	n := len(header) - 1
	if n < 1 {
		return nil, fmt.Errorf("the header has %d columns", len(header))
	}
	tiers := make([]cluster.Tier, n) // the innermost first: the last column
	for k := range tiers {
		tiers[k].Name = strings.TrimSpace(strings.TrimPrefix(header[n-k], "\ufeff"))
		if tiers[k].Name == "" || tiers[k].Name == state.NodeLevelName {
			return nil, fmt.Errorf("column %d is called %q, no name for a tier", n-k+1, tiers[k].Name)
		}
	}
	h := &hosts{}
	ids := make([]map[string]int32, n)
	names := make([][]string, n)  // by tier
	parents := make([][]int32, n) // within the next tier
	seen := map[string]bool{}
	for k := range ids {
		ids[k] = map[string]int32{}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if seen[row[0]] || row[0] == "" {
			return nil, fmt.Errorf("line %d: node %q is empty or stands twice", line, row[0])
		}
		seen[row[0]] = true
		path, parent := "", int32(-1)
		for k := n - 1; k >= 0; k-- {
			name := strings.TrimSpace(row[n-k])
			if name == "" {
				return nil, fmt.Errorf("line %d: node %q is in no %s", line, row[0], tiers[k].Name)
			}
			path += name
			id, ok := ids[k][path]
			if !ok {
				id = int32(len(names[k]))
				ids[k][path] = id
				names[k] = append(names[k], path)
				parents[k] = append(parents[k], parent)
			}
			parent = id
			path += "/"
		}
		h.names = append(h.names, strings.Clone(row[0]))
		h.leaf = append(h.leaf, parent)
	}
	if len(h.names) == 0 {
		return nil, errors.New("no rows")
	}
	h.topology = assemble(tiers, names, parents, uplinks)
	return h, nil
}

// assemble lays the tiers' domains end to end.
func assemble(tiers []cluster.Tier, names [][]string, parents [][]int32, uplinks ydec.Map[Rate]) *cluster.Topology {
	var domains []cluster.Domain
	for k := range tiers {
		tiers[k].First, tiers[k].Count = int32(len(domains)), int32(len(names[k]))
		next := tiers[k].First + tiers[k].Count
		var uplink Rate
		if r := uplinks.Get(tiers[k].Name); r != nil {
			uplink = *r
		}
		for d, name := range names[k] {
			dom := cluster.Domain{Name: name, Parent: -1, Uplink: int64(uplink)}
			if parents[k][d] >= 0 {
				dom.Parent = next + parents[k][d]
			}
			domains = append(domains, dom)
		}
	}
	return cluster.NewTopology(tiers, domains)
}
