package gen

import "github.com/orrery-sim/orrery/sim/state"

// helios: FACTS.md 6.1 and the per-cluster summary of the public Helios trace (S-Lab-System-Group/HeliosArtifact, analysis/).
// Its GPU time a job, 49,351 GPU-s, is twice the product of mean size and mean running time, so running times grow with size.
// Only the exponent of that growth, the size mix (mean 3.72, median 1, largest 2,048) and the shape of arrivals are estimates.
func helios() Spec {
	s := Spec{
		// 1,580,464 GPU jobs in about six months (an estimate: FACTS.md gives no span).
		Arrivals: Arrivals{Process: Poisson, Interval: 10 * state.Second, Round: state.Second, SessionJobs: 4 * One, SessionGap: 20 * state.Second},
		Sizes:    powers(63710, 10500, 8200, 13400, 2400, 1050, 500, 190, 40, 6, 3, 1),
		Users:    Users{Count: 600, ExponentMicro: 1_000_000},
		// GPU jobs of each cluster.
		Queues: Queues{Shares: []NameShare{{"Venus", 125303}, {"Earth", 427148}, {"Saturn", 698896}, {"Uranus", 329117}}, ByUser: true},
		// Shares by count .624 .155 .221, by GPU time .513 .093 .394.
		Outcomes: []OutcomeBand{ends(hour, 6430, 1656, 1914), ends(0, 5084, 905, 4011)},
	}
	// Medians grow as size^0.363 about the median 206 s and the mean 6,652 s of all jobs.
	for i, median := range []float64{166, 213, 274, 353, 454, 584, 752, 967, 1244, 1600, 2058, 2648} {
		upTo := int64(1) << i
		if i == 11 {
			upTo = 0
		}
		s.Durations = append(s.Durations, lognormal(upTo, median, 2.64))
	}
	workWeek(&s.Arrivals)
	return s
}

// pai: FACTS.md 6.1 gives running time (mean 4,787 s, median 481 s) and size (mean .683, median .5 GPUs). The mix of parts of
// GPUs that has this mean and median, rates and users are estimates; outcomes are not published there, so all jobs finish.
func pai() Spec {
	s := Spec{
		// 1,037,085 jobs in about two months (an estimate).
		Arrivals:  Arrivals{Process: Poisson, Interval: 5 * state.Second, Round: state.Second, SessionJobs: 4 * One, SessionGap: 20 * state.Second},
		Durations: []DurationClass{lognormal(0, 481, 2.1468)},
		Sizes: []Size{{From: 1, Milli: 250, Weight: 407}, {From: 1, Milli: 500, Weight: 340}, {From: 1, Weight: 185}, {From: 2, Weight: 43},
			{From: 4, Weight: 15}, {From: 8, Weight: 10}},
		Users: Users{Count: 1300, ExponentMicro: 1_000_000},
	}
	workWeek(&s.Arrivals)
	return s
}

// seren: FACTS.md 6.1. Size mix (mean 5.68, median 1), rates and users are estimates.
func seren() Spec {
	s := Spec{
		// 663,813 jobs in about six months (an estimate).
		Arrivals:  Arrivals{Process: Poisson, Interval: 24 * state.Second, Round: state.Second, SessionJobs: 4 * One, SessionGap: 20 * state.Second},
		Durations: []DurationClass{lognormal(0, 122, 2.2146)},
		Sizes:     powers(5500, 800, 700, 2500, 250, 120, 75, 30, 15, 7, 3),
		Users:     Users{Count: 200, ExponentMicro: 1_000_000},
		// Shares by count .497 .429 .075, by GPU time .212 .124 .664.
		Outcomes: []OutcomeBand{ends(hour, 5225, 4565, 210), ends(0, 1102, 151, 8747)},
	}
	workWeek(&s.Arrivals)
	return s
}

// kalos: FACTS.md 6.1. Size mix (mean 26.8, median 1, largest 1,024), rates and users are estimates.
func kalos() Spec {
	s := Spec{
		// 19,907 jobs in about six months (an estimate).
		Arrivals:  Arrivals{Process: Poisson, Interval: 13 * minute, Round: state.Second, SessionJobs: 4 * One, SessionGap: 20 * state.Second},
		Durations: []DurationClass{lognormal(0, 124, 2.1539)},
		Sizes:     powers(5526, 200, 200, 2300, 400, 350, 300, 300, 280, 100, 44),
		Users:     Users{Count: 100, ExponentMicro: 1_000_000},
		// Shares by count .541 .397 .062, by GPU time .313 .080 .607: only three bands reach them.
		Outcomes: []OutcomeBand{ends(30*minute, 5413, 4445, 142), ends(hour, 1, 0, 0), ends(0, 165, 0, 835)},
	}
	workWeek(&s.Arrivals)
	return s
}
