package scenarios

import (
	"fmt"
	"os"
	"strings"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/state"
)

// Market is where the nodes of a pool come from, and who takes them back.
type Market struct {
	Pool     string       `yaml:"pool,required,key" doc:"Its nodes come from this market."`
	Price    *MarketPrice `yaml:"price" doc:"What a node costs an hour. Left out: the price list's."`
	Bid      *Money       `yaml:"bid" doc:"Nodes are there while the price of one, an hour, is at most this. Default: its on-demand price, where it is known."`
	Discount *Fixed       `yaml:"discount" doc:"In place of bid: a share of the on-demand price, such as 0.6."`
	Stock    *MarketStock `yaml:"stock" doc:"How many nodes are to be had. Left out: all."`
	Cloud    string       `yaml:"cloud" enum:"aws|azure|gcp|ecs|lingjun" doc:"Notice and protection of this cloud: aws 2m, azure and gcp 30s, ecs 5m after at least 1h, lingjun none."`
	Notice   *Duration    `yaml:"notice" doc:"Between the word that a node is taken and its end. Default: 0s."`
	Protect  *Duration    `yaml:"protect" doc:"A node is not taken before it has been there so long. Default: 0s."`
}

// MarketPrice is a price over time.
type MarketPrice struct {
	File         string   `yaml:"file,oneof=price" doc:"A CSV with at_s (or time) and price_h, in order of time."`
	Process      string   `yaml:"process,oneof=price" enum:"ou-jumps" doc:"Drawn: its logarithm reverts to a mean, with jumps."`
	OnDemand     *Money   `yaml:"onDemand" doc:"ou-jumps: what it is a share of. Default: the on-demand price of the price list."`
	Mean         Fixed    `yaml:"mean" default:"0.35" doc:"ou-jumps: median share of on demand."`
	Sigma        Fixed    `yaml:"sigma" default:"0.2" doc:"ou-jumps: deviation of its logarithm."`
	HalfLife     Duration `yaml:"halfLife" default:"12h" doc:"ou-jumps: half of a distance is forgotten in this time."`
	Step         Duration `yaml:"step" default:"10m" doc:"ou-jumps: the price changes so often."`
	Jumps        Fixed    `yaml:"jumpsPerDay" default:"0.333333" doc:"ou-jumps: mean number of jumps a day."`
	Jump         Fixed    `yaml:"jump" default:"1.8" doc:"ou-jumps: median factor of a jump."`
	JumpSigma    Fixed    `yaml:"jumpSigma" default:"0.35" doc:"ou-jumps: deviation of a jump's logarithm."`
	JumpHalfLife Duration `yaml:"jumpHalfLife" default:"1h" doc:"ou-jumps: half of a jump is gone after this time."`
	Low          Fixed    `yaml:"low" default:"0.1" doc:"ou-jumps: lowest share of on demand; the highest is 1."`
}

// MarketStock is how many nodes are to be had over time.
type MarketStock struct {
	File   string     `yaml:"file,oneof=stock" doc:"A CSV with at_s (or time) and nodes, or a JSON of SkyPilot's spot traces (metadata.gap_seconds, data)."`
	Preset string     `yaml:"preset,oneof=stock" enum:"zone" doc:"zone: all or none, in runs and gaps as measured for V100 in AWS zones."`
	Run    *DrawnTime `yaml:"run,oneof=stock" doc:"How long stock is there, drawn; with gap."`
	Gap    *DrawnTime `yaml:"gap" doc:"How long it is away, drawn."`
	Each   string     `yaml:"each" enum:"zone|node" default:"zone" doc:"preset, run: all nodes come and go together, or each for itself."`
	All    bool       `yaml:"all" default:"false" doc:"file: any stock is stock for all nodes, as in traces of a single instance."`
}

// clouds are notices and protections (FACTS.md 2.6, 2.7).
var clouds = map[string]struct{ notice, protect state.Time }{
	"aws": {notice: 120 * state.Second}, "azure": {notice: 30 * state.Second}, "gcp": {notice: 30 * state.Second},
	"ecs": {notice: 300 * state.Second, protect: 3600 * state.Second}, "lingjun": {},
}

func (l *Loaded) checkMarkets() {
	for i := range l.Market {
		m, at := &l.Market[i], fmt.Sprintf("market[%d]", i)
		l.checkPools(at+".pool", []string{m.Pool})
		for k := range l.Market[:i] {
			if l.Market[k].Pool == m.Pool {
				l.Doc.Errorf(at+".pool", "pool %q has a market already", m.Pool)
			}
		}
		if m.Bid != nil && m.Discount != nil {
			l.Doc.Errorf(at+".discount", "both limits at once").Want("bid or discount").Do("leave one of them out")
		}
		if m.Bid != nil && *m.Bid == 0 {
			l.Doc.Errorf(at+".bid", "a bid of nothing gets nothing").Want("more than 0, or no bid")
		}
		if d := m.Discount; d != nil && (*d <= 0 || *d > 1_000_000) {
			l.Doc.Errorf(at+".discount", "a share of %s of the on-demand price", d.FormatYAML()).Want("more than 0, at most 1")
		}
		if (m.Bid != nil || m.Discount != nil) && m.Price == nil {
			l.Doc.Errorf(at, "a bid without a price: nothing is ever over it").Want("price: {file: ...} or {process: ou-jumps}")
		}
		if s := m.Stock; s != nil && (s.Run == nil) != (s.Gap == nil) {
			l.Doc.Errorf(at+".stock", "runs and gaps come in turn").Want("both run and gap")
		}
		if s := m.Stock; s != nil && s.All && s.File == "" {
			l.Doc.Errorf(at+".stock.all", "all is about a file").Do("leave it out")
		}
	}
}

// marketOf is the market of a pool, or nil.
func (l *Loaded) marketOf(pool string) *Market {
	for i := range l.Market {
		if l.Market[i].Pool == pool {
			return &l.Market[i]
		}
	}
	return nil
}

// compileMarkets builds the markets.
func (l *Loaded) compileMarkets(p *Plan) error {
	if len(l.Market) == 0 {
		return nil
	}
	model := &market.Model{Seed: l.Seed}
	for i := range l.Market {
		m, at := &l.Market[i], fmt.Sprintf("market[%d]", i)
		k := market.Market{Name: m.Pool}
		pool := -1
		for id, name := range p.Pools {
			if name == m.Pool {
				pool, k.Pool = id, uint32(id)
			}
		}
		if pool < 0 {
			l.Doc.Errorf(at+".pool", "no pool %q", m.Pool).Known("pools here", m.Pool, p.Pools)
			continue
		}
		for n := range p.Config.Nodes {
			if p.Config.Nodes[n].Pool == k.Pool {
				k.Nodes = append(k.Nodes, int32(n))
				markSpot(&p.Config.Nodes[n])
			}
		}
		if m.Cloud != "" {
			k.Notice, k.Protect = clouds[m.Cloud].notice, clouds[m.Cloud].protect
		}
		if m.Notice != nil {
			k.Notice = m.Notice.Time()
		}
		if m.Protect != nil {
			k.Protect = m.Protect.Time()
		}
		l.compilePrice(p, at, m, &k)
		l.compileStock(p, at, m, &k)
		model.Markets = append(model.Markets, k)
	}
	if err := l.Doc.Err(); err != nil {
		return err
	}
	if err := model.Validate(); err != nil {
		l.Doc.Errorf("market", "%s", err)
		return l.Doc.Err()
	}
	p.Config.Markets = model
	return nil
}

func markSpot(n *cluster.NodeSpec) { n.Flags |= state.NodeSpot }

// compilePrice fills in a market's price and bid.
func (l *Loaded) compilePrice(p *Plan, at string, m *Market, k *market.Market) {
	onDemand := p.onDemand[m.Pool]
	if m.Discount != nil {
		if onDemand == 0 {
			l.Doc.Errorf(at+".discount", "a share of an on-demand price that is not known").Want("prices: with a price list that has pool %s on demand, or bid:", m.Pool)
		}
		k.Bid = int64(state.MulDiv(state.Time(onDemand), int64(*m.Discount), 1_000_000))
	} else if m.Bid != nil {
		k.Bid = int64(*m.Bid)
	} else if m.Price != nil {
		k.Bid = onDemand
	}
	if m.Price == nil {
		return
	}
	if m.Price.File != "" {
		points, err := l.series(p, at+".price.file", m.Price.File, "price_h")
		if err != nil {
			l.Doc.Errorf(at+".price.file", "%s", err)
			return
		}
		k.Prices = points
		return
	}
	if m.Price.OnDemand != nil {
		onDemand = int64(*m.Price.OnDemand)
	}
	if onDemand == 0 {
		l.Doc.Errorf(at+".price", "a drawn price is a share of the on-demand price, which is not known").Want("onDemand:, or prices: with a price list that has pool %s on demand", m.Pool)
	}
	d := m.Price
	k.Drawn = &market.Process{OnDemand: onDemand, Mean: number(d.Mean), Sigma: number(d.Sigma), HalfLife: d.HalfLife.Time(), Step: d.Step.Time(), JumpsPerDay: number(d.Jumps),
		JumpMedian: number(d.Jump), JumpSigma: number(d.JumpSigma), JumpHalfLife: d.JumpHalfLife.Time(), Low: number(d.Low)}
}

// compileStock fills in how many nodes are to be had.
func (l *Loaded) compileStock(p *Plan, at string, m *Market, k *market.Market) {
	s := m.Stock
	switch {
	case s == nil:
	case s.File != "":
		points, err := l.series(p, at+".stock.file", s.File, "nodes")
		if err != nil {
			l.Doc.Errorf(at+".stock.file", "%s", err)
			return
		}
		for i := range points {
			if s.All && points[i].Value > 0 {
				points[i].Value = int64(len(k.Nodes))
			}
		}
		k.Stock = points
	case s.Preset != "":
		k.Renewal = market.Zone()
		k.Renewal.EachNode = s.Each == "node"
	default:
		c := &genCompiler{doc: l.Doc}
		run, gap := c.distribution(at+".stock.run", s.Run), c.distribution(at+".stock.gap", s.Gap)
		if run != nil && gap != nil {
			k.Renewal = &market.Renewal{Run: run, Gap: gap, EachNode: s.Each == "node"}
		}
	}
}

// series reads a file of values over time.
func (l *Loaded) series(p *Plan, path, file, column string) ([]market.Point, error) {
	l.readable(p, path, file)
	if err := l.Doc.Err(); err != nil {
		return nil, fmt.Errorf("it cannot be read")
	}
	data, err := os.ReadFile(l.path(file))
	if err != nil {
		return nil, err
	}
	start := p.Start
	if l.Start != nil {
		start = l.Start.Time
	}
	if strings.HasSuffix(file, ".json") && column == "nodes" {
		return skyPilot(file, data)
	}
	return readSeries(file, data, column, start)
}
