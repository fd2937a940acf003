package scenarios

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/scenarios/catalog"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/state"
)

// Prices says what nodes cost.
type Prices struct {
	File     string          `yaml:"file" doc:"A price sheet (columns of orrery catalog prices), over the shipped catalogue. Relative to the scenario file."`
	Currency string          `yaml:"currency" default:"USD" doc:"Currency of all sums: a code of three capitals."`
	List     string          `yaml:"list" doc:"Which list of the catalogue counts for a node type that stands in several."`
	Pay      string          `yaml:"pay" enum:"on-demand|reserved|spot|owned|by-use" default:"on-demand" doc:"How nodes are paid for: on-demand and spot while they work, reserved and owned while they exist, by-use the on-demand price of what jobs hold, while they hold it."`
	Bill     string          `yaml:"bill" enum:"second|minute|hour" default:"minute" doc:"What is begun is paid whole: the stay of an on-demand or spot node, and by-use an attempt of a job."`
	Rates    ydec.Map[Fixed] `yaml:"rates" doc:"What one unit of other currencies is worth in this one, such as {CNY: 0.14}. Nothing is converted without."`
}

// Pricing is what a plan's nodes cost.
type Pricing struct {
	Currency string
	Ledger   cost.Config
	Rows     []PricedRow // what counted, in order of first use
}

// PricedRow is a row of a price list that counted.
type PricedRow struct {
	NodeType, Pay string
	Price         cost.Price // in the scenario's currency, as it is charged
	List          string
	ValidFrom     string // a day, or empty
	Source        string // the row's own words, and its place
}

// payWords are the ways to pay as the scenario names them, with the column of the sheet that they need.
var payWords = map[string]struct {
	pay    cost.Pay
	column string
}{
	"on-demand": {cost.Rented, "on_demand_h"}, "by-use": {cost.ByUse, "on_demand_h"}, "spot": {cost.Rented, "spot_h"},
	"reserved": {cost.Held, "reserved_month"}, "owned": {cost.Held, "purchase"},
}

var billWords = map[string]state.Time{"second": state.Second, "minute": 60 * state.Second, "hour": 3600 * state.Second}

func (l *Loaded) checkPrices() {
	if l.Prices == nil {
		if l.Cluster != nil {
			for i := range l.Cluster.Pools {
				if l.Cluster.Pools[i].Pay != "" {
					l.Doc.Errorf(fmt.Sprintf("cluster.pools[%d].pay", i), "a way to pay without prices").Do("add prices: {currency: USD}, or leave it out")
				}
			}
		}
	} else {
		if !isCurrency(l.Prices.Currency) {
			l.Doc.Errorf("prices.currency", "no currency %q", l.Prices.Currency).Want("a code of three capitals such as USD or CNY")
		}
		for _, r := range l.Prices.Rates {
			if !isCurrency(r.Name) || r.Value <= 0 {
				l.Doc.Errorf("prices.rates."+r.Name, "no rate of a currency").Want("a code of three capitals and a number above 0, such as CNY: 0.14")
			}
		}
	}
}

func isCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// compilePrices finds what every node costs.
func (l *Loaded) compilePrices(p *Plan, own *trace.ClusterSpec) error {
	if l.Prices == nil {
		return nil
	}
	c, err := catalog.Default()
	if err != nil {
		return err
	}
	if l.Prices.File != "" {
		if err := l.input(p, l.Prices.File); err != nil {
			return err
		}
		data, err := os.ReadFile(l.path(l.Prices.File))
		if err != nil {
			return err
		}
		if c, err = c.With(catalog.Sheet{File: l.Prices.File, Data: data, Currency: l.Prices.Currency}); err != nil {
			return &SheetError{err}
		}
	}
	t := &tariffs{l: l, p: p, catalog: c, index: map[tariffKey]int32{}, noted: map[string]bool{}}
	pools := map[string]int{}
	if l.Cluster != nil {
		for i := range l.Cluster.Pools {
			pools[l.Cluster.Pools[i].Name] = i
		}
	}
	ofNode, ofPool := make([]int32, len(own.Nodes)), map[uint32]int32{}
	for i := range own.Nodes {
		n := &own.Nodes[i]
		k, at := tariffKey{name: fmt.Sprintf("%sx%d", n.Type, n.GPUs), pay: l.Prices.Pay}, "prices"
		if i, ok := pools[n.Pool]; ok {
			at = fmt.Sprintf("cluster.pools[%d]", i)
			pool := &l.Cluster.Pools[i]
			if k.name = l.Cluster.NodeTypes.Get(pool.NodeType).Price; k.name == "" {
				k.name = pool.NodeType
			}
			if pool.Pay != "" {
				k.pay = pool.Pay
			}
		} else if n.GPUs == 0 {
			k.name = "cpu"
		}
		if m := l.marketOf(n.Pool); m != nil && m.Price != nil {
			k.pay, k.market = "spot", n.Pool
		}
		if ofNode[i], err = t.of(k); err != nil {
			l.Doc.Errorf(at, "%s", err).Do("orrery catalog prices lists what there is; a price sheet (prices.file) adds rows, and price: on a node type names the row that counts for it")
			return l.Doc.Err()
		}
		ofPool[p.Config.Nodes[i].Pool] = ofNode[i]
	}
	p.Prices = &Pricing{Currency: l.Prices.Currency, Rows: t.rows, Ledger: cost.Config{Tariffs: t.list, Warmup: l.Warmup.Time(),
		Of: func(nodes *state.Nodes, node int32) int32 {
			if int(node) < len(ofNode) {
				return ofNode[node]
			}
			if at, ok := ofPool[nodes.Pool[node]]; ok {
				return at
			}
			return -1
		}}}
	return nil
}

// SheetError is a price sheet that cannot be used.
type SheetError struct{ error }

func (e *SheetError) Unwrap() error { return e.error }

// tariffs are the distinct ways in which nodes of a plan are paid for.
type tariffs struct {
	l       *Loaded
	p       *Plan
	catalog *catalog.Catalog
	list    []cost.Tariff
	rows    []PricedRow
	index   map[tariffKey]int32
	noted   map[string]bool
}

type tariffKey struct{ name, pay, market string }

func (t *tariffs) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !t.noted[text] {
		t.noted[text] = true
		t.p.Warnings = append(t.p.Warnings, text)
	}
}

func (t *tariffs) of(k tariffKey) (int32, error) {
	if i, ok := t.index[k]; ok {
		return i, nil
	}
	row, err := t.row(k.name)
	if err != nil {
		return 0, err
	}
	var list cost.Price
	if row.Origin.Known("on_demand_h") {
		if list, err = t.price(row, "on-demand"); err != nil {
			return 0, err
		}
	}
	price := list // until the market says what it is
	if k.market == "" {
		if price, err = t.price(row, k.pay); err != nil {
			return 0, err
		}
	} else {
		if t.p.onDemand == nil {
			t.p.onDemand = map[string]int64{}
		}
		t.p.onDemand[k.market] = list.Micro
		if price.Per == 0 {
			price = cost.PerHour(0)
		}
	}
	i := int32(len(t.list))
	t.list = append(t.list, cost.Tariff{Price: price, Pay: payWords[k.pay].pay, Bill: billWords[t.l.Prices.Bill], Spot: k.pay == "spot", List: list})
	pay := k.pay
	if k.market != "" {
		pay = "spot of pool " + k.market + " (here: on demand)"
	}
	t.rows = append(t.rows, PricedRow{NodeType: row.NodeType, Pay: pay, Price: price, List: row.List, ValidFrom: row.ValidFrom,
		Source: strings.TrimSpace(fmt.Sprintf("%s %s:%d", row.Origin.Source, row.Origin.File, row.Origin.Line))})
	t.index[k] = i
	return i, nil
}

// row is the row of the price list that is valid at the start of the run, or the nearest to it.
func (t *tariffs) row(name string) (catalog.Price, error) {
	list := ""
	if own := t.l.Prices.List; own != "" && slices.ContainsFunc(t.catalog.Prices(), func(p catalog.Price) bool {
		return p.List == own && (p.NodeType == name || t.isAlias(name, p.NodeType))
	}) {
		list = own
	}
	if t.p.Dated || t.l.Start != nil {
		day := t.p.Start
		if t.l.Start != nil {
			day = t.l.Start.Time
		}
		if row, err := t.catalog.Price(name, list, day.Format(time.DateOnly)); err == nil {
			return row, nil
		}
	}
	row, err := t.catalog.Price(name, list, "")
	if err == nil && t.p.Dated && row.ValidFrom != "" {
		t.note("the price of %s is valid from %s, after the start of the run", name, row.ValidFrom)
	}
	return row, err
}

func (t *tariffs) isAlias(name, nodeType string) bool {
	n, err := t.catalog.Node(name)
	return err == nil && n.Name == nodeType
}

// price is what a node of a row costs, in the scenario's currency.
func (t *tariffs) price(row catalog.Price, pay string) (cost.Price, error) {
	if column := payWords[pay].column; !row.Origin.Known(column) {
		var have []string
		for _, w := range []string{"on-demand", "reserved", "spot", "owned", "by-use"} {
			if row.Origin.Known(payWords[w].column) {
				have = append(have, w)
			}
		}
		return cost.Price{}, fmt.Errorf("no price of %s that is paid %s: %s:%d has no %s (it has prices for %s)", row.NodeType, pay, row.Origin.File, row.Origin.Line,
			column, strings.Join(have, ", "))
	}
	rate := int64(1_000_000)
	if row.Currency != t.l.Prices.Currency {
		given := t.l.Prices.Rates.Get(row.Currency)
		if given == nil {
			return cost.Price{}, fmt.Errorf("the price of %s is in %s (%s:%d), and sums are in %s: write prices.currency: %s, or prices.rates: {%s: what one is worth in %s}",
				row.NodeType, row.Currency, row.Origin.File, row.Origin.Line, t.l.Prices.Currency, row.Currency, row.Currency, t.l.Prices.Currency)
		}
		rate = int64(*given)
	}
	in := func(micro int64) int64 { return int64(state.MulDiv(state.Time(micro), rate, 1_000_000)) }
	var out cost.Price
	switch pay {
	case "on-demand", "by-use":
		out = cost.PerHour(in(row.OnDemandHour))
	case "spot":
		out = cost.PerHour(in(row.SpotHour))
	case "reserved":
		out = cost.PerMonth(in(row.ReservedMonth))
	case "owned":
		out = cost.PerMonth(in(row.Purchase)/int64(row.LifeMonths) + t.power(row))
	}
	if out.Micro > math.MaxInt64>>20 { // 8 million units an hour: a sum over all nodes and years must fit
		return cost.Price{}, fmt.Errorf("%s costs more than 8,000,000 %s an hour: such prices cannot be added up", row.NodeType, t.l.Prices.Currency)
	}
	return out, nil
}

// power is what the power of an owned node costs a month.
func (t *tariffs) power(row catalog.Price) int64 {
	e := t.l.Energy
	if e == nil || e.Tariff == nil {
		if row.PowerW > 0 {
			t.note("the power of %s costs nothing: energy.tariff gives the price of a kWh", row.NodeType)
		}
		return 0
	}
	wh := int64(state.MulDiv(state.Time(row.PowerW*730), int64(e.PUE), 1_000_000))
	return int64(state.MulDiv(state.Time(*e.Tariff), wh, 1000))
}
