package run

import (
	"math"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/units"
)

// Amount is money in millionths; JSON has it as an exact decimal number.
type Amount int64

// MarshalJSON writes all decimals there are.
func (a Amount) MarshalJSON() ([]byte, error) { return units.AppendFixed(nil, int64(a), 6), nil }

// UnmarshalJSON reads them back.
func (a *Amount) UnmarshalJSON(b []byte) error {
	v, err := units.ParseMoney(string(b))
	*a = Amount(v)
	return err
}

// CostFigures are what a run cost; the package documentation of sim/metric/cost defines each. jobs and idle sum up to the
// total, and free, down and rounding to idle, in the run and in each pool.
type CostFigures struct {
	Currency string     `json:"currency"`
	Total    Amount     `json:"total"`
	AMonth   Amount     `json:"total_a_month"` // total / the time it covers x 730 h
	PerGPUH  Number     `json:"total_per_gpu_h"`
	Jobs     Amount     `json:"jobs"`
	Idle     Amount     `json:"idle"`
	Free     Amount     `json:"free"`
	Down     Amount     `json:"down"`
	Rounding Amount     `json:"rounding"`
	ByPool   []PoolCost `json:"by_pool"`
	ByQueue  []CostOf   `json:"by_queue"` // who paid anything, most first
	ByUser   []CostOf   `json:"by_user,omitempty"`
	Spot     *SpotCost  `json:"spot,omitempty"`
	Prices   []PriceRow `json:"prices"` // the rows of price lists that counted
}

// SpotCost is what spot nodes cost and saved.
type SpotCost struct {
	Paid     Amount `json:"paid"`
	OnDemand Amount `json:"on_demand"` // the same time at the on-demand price
	Saved    Amount `json:"saved"`
	LostWork Amount `json:"lost_work"` // GPU time that evictions lost or took, at what a GPU-hour that jobs held cost them
	Net      Amount `json:"saved_net"` // saved - lost work
}

// PriceRow is a row of a price list that counted.
type PriceRow struct {
	NodeType  string `json:"node_type"`
	Pay       string `json:"pay"`
	AnHour    Number `json:"an_hour"` // of a node
	List      string `json:"list,omitempty"`
	ValidFrom string `json:"valid_from,omitempty"`
	Source    string `json:"source"`
}

// PoolCost is what one pool cost.
type PoolCost struct {
	Name     string `json:"name"`
	Total    Amount `json:"total"`
	Jobs     Amount `json:"jobs"`
	Idle     Amount `json:"idle"`
	Free     Amount `json:"free"`
	Down     Amount `json:"down"`
	Rounding Amount `json:"rounding"`
}

// CostOf is what the jobs of one queue or user paid.
type CostOf struct {
	Name string `json:"name"`
	Jobs Amount `json:"jobs"`
}

func costs(r *cost.Result, prices *scenarios.Pricing, pools []string, gpuHours, lostHours float64) *CostFigures {
	c := &CostFigures{Currency: prices.Currency, Total: Amount(r.All.Total()), AMonth: Amount(r.Monthly(r.All.Total())), Jobs: Amount(r.All.Jobs),
		Idle: Amount(r.All.Idle()), Free: Amount(r.All.Free), Down: Amount(r.All.Down), Rounding: Amount(r.All.Rounding), PerGPUH: Number(math.NaN())}
	if gpuHours > 0 {
		c.PerGPUH = Number(float64(r.All.Total()) / 1e6 / gpuHours)
	}
	for i, p := range r.Pools {
		if i < len(pools) && p != (cost.Sum{}) {
			c.ByPool = append(c.ByPool, PoolCost{pools[i], Amount(p.Total()), Amount(p.Jobs), Amount(p.Idle()), Amount(p.Free), Amount(p.Down),
				Amount(p.Rounding)})
		}
	}
	c.ByQueue = payers(r.Queues)
	if len(r.Users) <= maxUsers {
		c.ByUser = payers(r.Users)
	}
	if r.Spot > 0 && r.OnDemand > 0 {
		c.Spot = &SpotCost{Paid: Amount(r.Spot), OnDemand: Amount(r.OnDemand), Saved: Amount(r.OnDemand - r.Spot)}
		if gpuHours > 0 {
			c.Spot.LostWork = Amount(float64(r.All.Jobs) / gpuHours * lostHours)
		}
		c.Spot.Net = c.Spot.Saved - c.Spot.LostWork
	}
	for _, row := range prices.Rows {
		c.Prices = append(c.Prices, PriceRow{row.NodeType, row.Pay, Number(float64(row.Price.Micro) / 1e6 * float64(cost.Hour) / float64(row.Price.Per)), row.List,
			row.ValidFrom, row.Source})
	}
	return c
}

func payers(list []cost.Payer) (out []CostOf) {
	for _, p := range list {
		out = append(out, CostOf{p.Name, Amount(p.Micro)})
	}
	return out
}
