package run

import (
	"math"

	"github.com/orrery-sim/orrery/sim/metric/energy"
)

// EnergyFigures are what a run drew; the package documentation of sim/metric/energy defines each. jobs, free and base sum up to what the
// machines drew, which times the PUE is the total.
type EnergyFigures struct {
	Total   Number  `json:"total_kwh"`
	PUE     Number  `json:"pue"`
	Jobs    Number  `json:"jobs_kwh"`            // GPUs that jobs held
	Free    Number  `json:"free_kwh"`            // GPUs that nobody held
	Base    Number  `json:"base_kwh"`            // nodes without their GPUs
	PerWork Number  `json:"total_kwh_per_gpu_h"` // of work that lasted
	Mean    Number  `json:"mean_kw"`
	Peak    Number  `json:"peak_kw"`
	OverCap Number  `json:"over_cap_s"`
	Carbon  *Number `json:"carbon_kg,omitempty"`
	Bill    *Amount `json:"bill,omitempty"` // total x tariff
}

func energyOf(r *energy.Result, tariff int64, workHours float64) *EnergyFigures {
	pue := float64(r.PUE) / 1e6
	total := energy.KWh(r.Total()) * pue
	e := &EnergyFigures{Total: Number(total), PUE: Number(pue), Jobs: Number(energy.KWh(r.Jobs)), Free: Number(energy.KWh(r.Free)), Base: Number(energy.KWh(r.Base)),
		PerWork: Number(math.NaN()), Mean: Number(math.NaN()), Peak: Number(float64(r.Peak) / 1e6), OverCap: Number(float64(r.Over) / 1e9)}
	if workHours > 0 {
		e.PerWork = Number(total / workHours)
	}
	if span := float64(r.To-r.From) / 3600e9; span > 0 {
		e.Mean = Number(total / span)
	}
	if !r.Carbon.IsZero() {
		kg := Number(r.CarbonKg())
		e.Carbon = &kg
	}
	if tariff > 0 {
		bill := Amount(total*float64(tariff) + 0.5)
		e.Bill = &bill
	}
	return e
}
