package catalog

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// Checked is the day on which the embedded tables were last compared with their sources.
const Checked = "2026-11-21"

//go:embed accelerators.csv speeds.csv nodes.csv instances.csv prices.csv resources.csv
var embedded embed.FS

// A Catalog is a set of tables. It never changes: With makes another.
type Catalog struct {
	accelerators []Accelerator
	nodes        []Node
	prices       []Price
	resources    []Resource
	byGPU        map[string]int // lower-case name or alias -> index
	byNode       map[string]int
	byResource   map[string]int
}

// Default is the embedded catalogue.
func Default() (*Catalog, error) {
	c := &Catalog{}
	// Later tables name rows of earlier ones.
	for _, file := range [...]string{"accelerators.csv", "speeds.csv", "nodes.csv", "instances.csv", "prices.csv", "resources.csv"} {
		data, err := embedded.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		if c, err = c.With(Sheet{File: "scenarios/catalog/" + file, Data: data}); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// A Sheet is a CSV file with the columns of one of the tables; its header decides which.
type Sheet struct {
	File     string // for messages
	Data     []byte
	Currency string // of a price sheet whose rows name none
}

// With is the catalogue with a sheet over it: rows replace those of the same name whole, or are added; prices replace
// all prices of the node types that the sheet names. The error is an Errors, unless the file is no CSV at all.
func (c *Catalog) With(in Sheet) (*Catalog, error) {
	s, err := readSheet(in.File, in.Data)
	if err != nil {
		return nil, err
	}
	out := &Catalog{slices.Clone(c.accelerators), slices.Clone(c.nodes), slices.Clone(c.prices), slices.Clone(c.resources), c.byGPU, c.byNode, c.byResource}
	switch s.kind.name {
	case "accelerators":
		out.addAccelerators(s)
	case "speeds":
		out.addSpeeds(s)
	case "nodes":
		out.addNodes(s)
	case "prices":
		out.addPrices(s, in.Currency)
	case "resources":
		out.addResources(s)
	}
	if len(s.errs) > 0 {
		return nil, s.errs
	}
	return out, nil
}

// Accelerators are all models in the order of their table. Do not change what the slices inside share.
func (c *Catalog) Accelerators() []Accelerator { return slices.Clone(c.accelerators) }

// Nodes are all shapes, typical nodes before instance types.
func (c *Catalog) Nodes() []Node { return slices.Clone(c.nodes) }

// Prices are all prices.
func (c *Catalog) Prices() []Price { return slices.Clone(c.prices) }

// Resources are all resource names.
func (c *Catalog) Resources() []Resource { return slices.Clone(c.resources) }

// Accelerator finds a model by name or alias, in any case: A100-80, NVIDIA-A100-SXM4-80GB, baidu.com/a100_80g_cgpu. The
// error is an *UnknownError.
func (c *Catalog) Accelerator(name string) (Accelerator, error) {
	i, ok := c.byGPU[strings.ToLower(name)]
	if !ok {
		return Accelerator{}, c.unknownGPU(name)
	}
	return c.accelerators[i], nil
}

// Node finds a shape by name or alias, in any case. The error is an *UnknownError. Ask Complete before using it.
func (c *Catalog) Node(name string) (Node, error) {
	i, ok := c.byNode[strings.ToLower(name)]
	if !ok {
		var names []string
		for _, n := range c.nodes {
			names = append(append(names, n.Name), n.Aliases...)
		}
		return Node{}, &UnknownError{"node type", name, near(name, names)}
	}
	return c.nodes[i], nil
}

// Resource finds a resource name, in any case. The error is an *UnknownError.
func (c *Catalog) Resource(name string) (Resource, error) {
	i, ok := c.byResource[strings.ToLower(name)]
	if !ok {
		var names []string
		for _, r := range c.resources {
			names = append(names, r.Name)
		}
		return Resource{}, &UnknownError{"resource", name, near(name, names)}
	}
	return c.resources[i], nil
}

func (c *Catalog) unknownGPU(name string) *UnknownError {
	var names []string
	for _, a := range c.accelerators {
		names = append(names, a.Name)
	}
	hits := near(name, names)
	if hits == nil { // a misspelt alias
		names = names[:0]
		for _, a := range c.accelerators {
			names = append(names, a.Aliases...)
		}
		hits = near(name, names)
	}
	return &UnknownError{"accelerator", name, hits}
}

// Price is what a node type costs by one list on one day (as 2026-11-21): of the rows valid then, the latest. An empty
// list stands for the only one there is; an empty day takes the latest row of all.
func (c *Catalog) Price(nodeType, list, day string) (Price, error) {
	name := nodeType
	if n, err := c.Node(nodeType); err == nil {
		name = n.Name
	}
	best := -1
	var lists []string
	for i, p := range c.prices {
		if p.NodeType != name {
			continue
		}
		if !slices.Contains(lists, p.List) {
			lists = append(lists, p.List)
		}
		if list != "" && p.List != list || day != "" && p.ValidFrom > day {
			continue
		}
		if best < 0 || p.ValidFrom >= c.prices[best].ValidFrom {
			best = i
		}
	}
	switch {
	case lists == nil:
		return Price{}, fmt.Errorf("price: got node type %q, want one that has a price (add it to a price sheet)", nodeType)
	case list == "" && len(lists) > 1:
		return Price{}, fmt.Errorf("price: node type %q stands in %d lists, want one of them named: %s", nodeType, len(lists), strings.Join(lists, "; "))
	case best < 0 && !slices.Contains(lists, list) && list != "":
		return Price{}, fmt.Errorf("price: got list %q for node type %q, want one of: %s", list, nodeType, strings.Join(lists, "; "))
	case best < 0:
		return Price{}, fmt.Errorf("price: node type %q has no price on %s yet, want a later day or an earlier row", nodeType, day)
	}
	return c.prices[best], nil
}
