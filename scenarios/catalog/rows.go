package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// claims keeps names and aliases unique while the rows of one sheet are added to a table.
type claims struct {
	index map[string]int // of the whole table
	taken map[string]int // lower-case -> line of this sheet
}

func newClaims(index map[string]int) *claims {
	index = maps.Clone(index)
	if index == nil {
		index = map[string]int{}
	}
	return &claims{index, map[string]int{}}
}

// slot is where the row belongs: that of the row it replaces, whose aliases it frees, or n.
func (c *claims) slot(r row, name string, n int, aliasesAt func(int) []string, nameAt func(int) string) int {
	i, ok := c.index[strings.ToLower(name)]
	if !ok {
		return n
	}
	if _, twice := c.taken[strings.ToLower(name)]; twice {
		return n // claim tells
	}
	if !strings.EqualFold(nameAt(i), name) {
		_, p := r.cell("name")
		r.s.fail(p, "name", name, "a name that is not an alias", "it is an alias of "+nameAt(i)+": use that name to replace the row")
		return n
	}
	delete(c.index, strings.ToLower(nameAt(i)))
	for _, a := range aliasesAt(i) {
		delete(c.index, strings.ToLower(a))
	}
	return i
}

// claim enters a name for slot i.
func (c *claims) claim(r row, column, name string, i int) {
	low := strings.ToLower(name)
	line, here := c.taken[low]
	if _, old := c.index[low]; here || old {
		hint := "another row of the catalogue has it"
		if here {
			hint = fmt.Sprintf("line %d has it already", line)
		}
		_, p := r.cell(column)
		r.s.fail(p, column, name, "a name that no other row has, in any case", hint)
		return
	}
	c.taken[low], c.index[low] = r.at[0].line, i
}

// put is slices.Insert or replace.
func put[T any](list []T, i int, v T) []T {
	if i == len(list) {
		return append(list, v)
	}
	list[i] = v
	return list
}

func (c *Catalog) addAccelerators(s *sheet) {
	names := newClaims(c.byGPU)
	for _, r := range s.rows {
		const giga = 1e9 // of the three decimals that scaled keeps, so that TFLOPS become FLOPS
		a := Accelerator{
			Name: r.key("name"), Aliases: r.words("aliases"), Memory: r.bytes("memory"),
			PeakFLOPS: r.scaled("peak_tflops", giga), MatmulFLOPS: r.scaled("matmul_tflops", giga),
			MemoryRate: r.rate("memory_rate"), NVLink: r.rate("nvlink"), PCIeGen: r.whole("pcie_gen"),
			TDP: r.whole("tdp_w"), Idle: r.whole("idle_w"), Origin: r.origin(),
		}
		if a.TDP > 0 && a.Idle > a.TDP {
			_, p := r.cell("idle_w")
			s.fail(p, "idle_w", fmt.Sprint(a.Idle), fmt.Sprintf("at most tdp_w, %d", a.TDP), "")
		}
		i := names.slot(r, a.Name, len(c.accelerators),
			func(i int) []string { return c.accelerators[i].Aliases }, func(i int) string { return c.accelerators[i].Name })
		if i < len(c.accelerators) {
			a.SpeedMilli, a.SpeedOrigin = c.accelerators[i].SpeedMilli, c.accelerators[i].SpeedOrigin
		}
		names.claim(r, "name", a.Name, i)
		for _, alias := range a.Aliases {
			names.claim(r, "aliases", alias, i)
		}
		c.accelerators = put(c.accelerators, i, a)
	}
	c.byGPU = names.index
}

// gpu reads the name of an accelerator that must be known and makes it canonical; empty stays empty.
func (c *Catalog) gpu(r row) string {
	t, p := r.cell("gpu")
	if t == "" {
		return ""
	}
	a, err := c.Accelerator(t)
	if err != nil {
		hint := "add it with a sheet of accelerators first"
		if n := c.unknownGPU(t).Near; len(n) > 0 {
			hint = "did you mean " + strings.Join(n, " or ") + "?"
		}
		r.s.fail(p, "gpu", t, "an accelerator of the catalogue", hint)
		return t
	}
	return a.Name
}

func (c *Catalog) addSpeeds(s *sheet) {
	seen := map[string]int{}
	for _, r := range s.rows {
		name, speed, origin := c.gpu(r), r.scaled("speed", 1), r.origin()
		t, p := r.cell("speed")
		if speed == 0 {
			s.fail(p, "speed", t, "a factor of at least 0.001, V100-32 being 1", "")
		}
		if line, twice := seen[name]; twice || name == "" {
			_, p := r.cell("gpu")
			s.fail(p, "gpu", name, "each accelerator once", fmt.Sprintf("line %d has it already", line))
		}
		seen[name] = r.at[0].line
		if i, ok := c.byGPU[strings.ToLower(name)]; ok {
			c.accelerators[i].SpeedMilli, c.accelerators[i].SpeedOrigin = speed, origin
		}
	}
}

func (c *Catalog) addNodes(s *sheet) {
	names := newClaims(c.byNode)
	for _, r := range s.rows {
		n := Node{Name: r.key("name"), Aliases: r.words("aliases"), GPU: c.gpu(r), GPUs: r.whole("gpus"), CPUs: r.whole("cpus"),
			Memory: r.bytes("memory"), Eth: r.rate("eth"), Origin: r.origin()}
		n.RDMANICs, n.RDMA = r.links("rdma")
		if t, p := r.cell("gpus"); n.GPU != "" && n.GPUs == 0 {
			s.fail(p, "gpus", t, "how many "+n.GPU, "a node without GPUs has 0 here and nothing under gpu")
		}
		i := names.slot(r, n.Name, len(c.nodes), func(i int) []string { return c.nodes[i].Aliases }, func(i int) string { return c.nodes[i].Name })
		names.claim(r, "name", n.Name, i)
		for _, alias := range n.Aliases {
			names.claim(r, "aliases", alias, i)
		}
		c.nodes = put(c.nodes, i, n)
	}
	c.byNode = names.index
}

func (c *Catalog) addPrices(s *sheet, currency string) {
	type key struct{ node, list, from string }
	seen := map[key]int{}
	var fresh []Price
	for _, r := range s.rows {
		p := Price{NodeType: r.key("node_type"), List: r.text("list"), Currency: r.text("currency"),
			OnDemandHour: r.money("on_demand_h"), ReservedMonth: r.money("reserved_month"), SpotHour: r.money("spot_h"),
			Purchase: r.money("purchase"), LifeMonths: r.whole("life_months"), PowerW: r.scaled("power_kw", 1),
			ValidFrom: r.date("valid_from"), Origin: r.origin()}
		if n, err := c.Node(p.NodeType); err == nil {
			p.NodeType = n.Name
		}
		if p.Currency == "" {
			p.Currency = currency
		}
		if _, at := r.cell("currency"); len(p.Currency) != 3 || strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			s.fail(at, "currency", p.Currency, "a code of three capitals such as USD or CNY", "a sheet without this column takes the scenario's")
		}
		_, at := r.cell("node_type")
		if p.Purchase > 0 && p.LifeMonths == 0 {
			s.fail(at, "life_months", "", "how many months the purchase lasts", "")
		}
		if !slices.ContainsFunc([]string{"on_demand_h", "reserved_month", "spot_h", "purchase"}, p.Origin.Known) {
			s.fail(at, "row", p.NodeType, "at least one price", "")
		}
		k := key{p.NodeType, p.List, p.ValidFrom}
		if line, twice := seen[k]; twice {
			s.fail(at, "node_type", p.NodeType, "one row for each node type, list and day", fmt.Sprintf("line %d has it already", line))
		}
		seen[k] = r.at[0].line
		fresh = append(fresh, p)
	}
	c.prices = slices.DeleteFunc(c.prices, func(old Price) bool {
		return slices.ContainsFunc(fresh, func(p Price) bool { return p.NodeType == old.NodeType })
	})
	c.prices = append(c.prices, fresh...)
}

func (c *Catalog) addResources(s *sheet) {
	names := newClaims(c.byResource)
	for _, r := range s.rows {
		x := Resource{Name: r.key("name"), Kind: r.text("kind"), GPU: c.gpu(r), Origin: r.origin()}
		if t, p := r.cell("kind"); !slices.Contains([]string{"gpu", "rdma", "cpu", "memory"}, t) {
			s.fail(p, "kind", t, "gpu, rdma, cpu or memory", "")
		} else if (t == "gpu") != (x.GPU != "") {
			s.fail(p, "gpu", x.GPU, "the accelerator of kind gpu, and nothing for other kinds", "")
		}
		i := names.slot(r, x.Name, len(c.resources), func(int) []string { return nil }, func(i int) string { return c.resources[i].Name })
		names.claim(r, "name", x.Name, i)
		c.resources = put(c.resources, i, x)
	}
	c.byResource = names.index
}
