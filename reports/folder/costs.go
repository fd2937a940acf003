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
