package market

import "github.com/orrery-sim/orrery/sim/rng"

// Typical is a price process around 35 % of on demand (FACTS.md 2.8, an estimate): it forgets half of a distance in 12 h, its
// logarithm deviates by 0.2, and a jump of 1.8 times comes every three days and is half gone after an hour.
func Typical(onDemand int64) Process {
	const minute = 60_000_000_000
	return Process{OnDemand: onDemand, Mean: 0.35, Sigma: 0.2, HalfLife: 720 * minute, Step: 10 * minute, JumpsPerDay: 1.0 / 3, JumpMedian: 1.8, JumpSigma: 0.35,
		JumpHalfLife: 60 * minute, Low: 0.1}
}

// Zone is a zone that has stock or has none (FACTS.md 2.8): runs with a median of 0.7 h and a 90th percentile of 8 h, gaps of 0.5 h
// and 4 h.
func Zone() *Renewal {
	of := func(p50, p90 float64) rng.Dist {
		mu := rng.Log(p50 * 3600)
		return rng.Lognormal{Mu: mu, Sigma: (rng.Log(p90*3600) - mu) / rng.NormalQuantile(.9)}
	}
	return &Renewal{Run: of(0.7, 8), Gap: of(0.5, 4)}
}
