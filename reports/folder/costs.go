package folder

import (
	"fmt"
	"math"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/run"
)

// units of a currency are a million of what run.json counts in.
func whole(a run.Amount) float64 { return float64(a) / 1e6 }

// costs fills in what a run cost.
func costs(r *reports.Run, c *run.CostFigures) {
	b := &reports.Books{Currency: c.Currency, Total: whole(c.Total)}
	for _, p := range c.ByPool {
		b.Pools = append(b.Pools, reports.PoolBooks{Name: p.Name, Jobs: whole(p.Jobs), Free: whole(p.Free), Down: whole(p.Down), Rounding: whole(p.Rounding)})
	}
	for _, q := range c.ByQueue {
		b.Queues = append(b.Queues, reports.Payer{Name: q.Name, Amount: whole(q.Jobs)})
	}
	for _, u := range c.ByUser {
		b.Users = append(b.Users, reports.Payer{Name: u.Name, Amount: whole(u.Jobs)})
	}
	for _, p := range c.Prices {
		b.Prices = append(b.Prices, reports.ListPrice{NodeType: p.NodeType, Pay: p.Pay, List: p.List, ValidFrom: p.ValidFrom, Source: p.Source, AnHour: float64(p.AnHour)})
	}
	r.Books = b
	unit := reports.Currency(c.Currency)
	add := func(name string, v float64, note string) {
		r.Costs = append(r.Costs, reports.Cost{Name: name, Quantity: reports.Quantity{Value: v, Unit: unit}, Note: note})
	}
	share := func(a run.Amount) string {
		if c.Total == 0 {
			return ""
		}
		return fmt.Sprintf("%.3g %% of the total", 100*float64(a)/float64(c.Total))
	}
	add("Total, "+c.Currency, whole(c.Total), "all nodes, over the stretch that the figures cover")
	add("A month", whole(c.AMonth), "the same for 730 hours")
	add("Paid by jobs", whole(c.Jobs), share(c.Jobs))
	add("Idle", whole(c.Idle), share(c.Idle))
	if s := c.Spot; s != nil {
		add("Saved by spot nodes", whole(s.Saved), fmt.Sprintf("%.3g %% of what their time would have cost on demand", 100*float64(s.Saved)/float64(s.OnDemand)))
		add("Saved, net of lost work", whole(s.Net), "less the GPU time that evictions lost or took, at what a GPU-hour cost jobs")
	}
	if !math.IsNaN(float64(c.PerGPUH)) {
		add("A GPU-hour that jobs held", float64(c.PerGPUH), "total / allocated GPU-hours: idle time included")
	}
}

// currencyOf is the currency in which runs are compared, "" where none has costs.
func currencyOf(dirs []string) (string, error) {
	first, where := "", ""
	for _, dir := range dirs {
		rec, err := run.ReadRecord(dir)
		if err != nil {
			return "", err
		}
		if rec.Summary == nil || rec.Summary.Cost == nil {
			continue
		}
		switch c := rec.Summary.Cost.Currency; {
		case first == "":
			first, where = c, dir
		case first != c:
			return "", fmt.Errorf("%s: its costs are in %s, those of %s in %s: nothing converts them; run one again with --set prices.currency", dir, c, where, first)
		}
	}
	return first, nil
}

// costAMonth is NaN where the run has no costs.
func costAMonth(s *run.Summary) run.Number {
	if s.Cost == nil {
		return run.Number(math.NaN())
	}
	return run.Number(whole(s.Cost.AMonth))
}

// energy fills in what the run drew.
func energy(r *reports.Run, s *run.Summary) {
	e := s.Energy
	add := func(name string, v float64, unit reports.Unit, note string) {
		r.Costs = append(r.Costs, reports.Cost{Name: name, Quantity: reports.Quantity{Value: v, Unit: unit}, Note: note})
	}
	add("Energy, kWh", float64(e.Total), reports.Plain, fmt.Sprintf("with a PUE of %.3g: jobs' GPUs %.3g, free GPUs %.3g, nodes without GPUs %.3g kWh before it", float64(e.PUE), float64(e.Jobs),
		float64(e.Free), float64(e.Base)))
	if !math.IsNaN(float64(e.PerWork)) {
		add("Energy of a GPU-hour of work that lasted, kWh", float64(e.PerWork), reports.Plain, "all energy / that work")
	}
	add("Peak power, kW", float64(e.Peak), reports.Plain, fmt.Sprintf("mean %.3g kW", float64(e.Mean)))
	if e.OverCap > 0 {
		add("Time over the cap", float64(e.OverCap), reports.Seconds, "the cap is not enforced")
	}
	if e.Carbon != nil {
		add("Carbon, kg CO2", float64(*e.Carbon), reports.Plain, "by the hour of the day at which power was drawn")
	}
	if e.Bill != nil && s.Cost != nil {
		add("Energy bill, "+s.Cost.Currency, whole(*e.Bill), reports.Currency(s.Cost.Currency), "energy x tariff; owned nodes have paid for their nameplate power in the costs above")
	}
}
