package gen

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// philly: FACTS.md 6.1 (outcomes), 6.2 (running times), 6.3 (sizes), 6.4 (arrivals).
func philly() Spec {
	s := Spec{
		// 32.6 jobs an hour; sessions of 4 jobs are an estimate of FACTS.md 6.4, their gap is chosen so that half of all gaps
		// are below 8 s and nine tenths below 6 minutes, as in the public file.
		Arrivals: Arrivals{Process: Poisson, Interval: 3600 * state.Second * 10 / 326, Round: state.Second,
			SessionJobs: 4 * One, SessionGap: 8 * state.Second},
		Durations: phillyDurations(),
		// Shares of 1, 2, 4, 8 and 16 GPUs from FACTS.md 6.3; its 0.08 % of 32 and more are 32, 64 and 128 in the numbers of the
		// public file (67, 6, 3).
		Sizes: powers(93200, 2200, 2300, 2000, 240, 70, 7, 3),
		// 300 users and their exponent are estimates.
		Users:  Users{Count: 300, ExponentMicro: 1_000_000},
		Queues: Queues{Shares: phillyClusters(), ByUser: false},
		// Two bands that give the shares by count (.604 .305 .090) and by GPU time (.321 .386 .294) of FACTS.md 6.1.
		Outcomes: []OutcomeBand{ends(2*hour, 6583, 2901, 516), ends(0, 3101, 3886, 3013)},
	}
	// By hour of the day in UTC and day of the week from Monday: shares of submissions in the public file, of which
	// FACTS.md 6.4 gives the smallest, the largest and the days.
	copy(s.Arrivals.Hours[:], hundredths(127, 98, 112, 110, 70, 115, 167, 209, 111, 101, 102, 87, 75, 70, 64, 65, 88, 67, 80, 73, 102, 92,
		113, 101))
	copy(s.Arrivals.Days[:], hundredths(86, 107, 114, 129, 144, 61, 59))
	return s
}

// phillyClusters are the virtual clusters of the public file with their numbers of jobs; four of fewer than ten jobs are left
// out.
func phillyClusters() []NameShare {
	return []NameShare{{"6214e9", 41226}, {"11cb48", 16091}, {"6c71a0", 9953}, {"b436b2", 7423}, {"103959", 1934}, {"ee9e8c", 1511},
		{"0e4a51", 1435}, {"ed69ec", 1137}, {"7f04ca", 723}, {"2869ce", 422}, {"e13805", 374}}
}

// phillyDurations are quantiles in seconds by size class. They are those of the public file (82,247 jobs, FACTS.md 6.2 second
// row), moved by one monotone function of the running time so that the quantiles over all sizes are those of FACTS.md 6.2's
// first row (83,152 jobs); the largest value of a class makes its mean right.
func phillyDurations() []DurationClass {
	return []DurationClass{
		quantiles(1, 0, 1, .01, 30, .05, 52, .1, 62, .25, 139, .3, 239, .4, 639, .5, 1159, .6, 1867, .75, 3072,
			.85, 6093, .9, 9714, .93, 14090, .95, 21868, .97, 50617, .98, 77819, .99, 153497, .995, 300578,
			.998, 555092, .999, 941556, .9995, 1550586, 1, 2194402),
		quantiles(2, 0, 2, .01, 5, .05, 9, .1, 11, .25, 16, .5, 21, .75, 80, .9, 82893, .95, 222701, .99, 577700,
			1, 1759698),
		quantiles(4, 0, 3, .01, 36, .05, 78, .1, 156, .25, 814, .5, 19891, .75, 101695, .9, 208546, .95, 308284,
			.99, 985502, 1, 2253905),
		quantiles(8, 0, 1, .01, 33, .05, 142, .1, 240, .25, 2044, .5, 27074, .75, 196000, .9, 393145, .95, 580167,
			.99, 1146509, 1, 3234518),
		quantiles(16, 0, 2, .05, 40, .1, 62, .25, 426, .5, 42547, .75, 183396, .9, 378070, .95, 558492, 1, 1441374),
		quantiles(0, 0, 1, .05, 5, .1, 360, .25, 916, .5, 4239, .75, 58064, .9, 68027, .95, 88106, 1, 510452),
	}
}

// quantiles is running times interpolated in their logarithms between pairs of a share and a value in seconds.
func quantiles(upTo int64, pairs ...float64) DurationClass {
	knots := make([]rng.Knot, len(pairs)/2)
	for i := range knots {
		knots[i] = rng.Knot{P: pairs[2*i], Value: pairs[2*i+1]}
	}
	d, err := rng.NewEmpirical(knots, true)
	if err != nil {
		panic("gen: a preset's quantiles: " + err.Error())
	}
	return DurationClass{UpTo: upTo, Dist: d, Min: state.Second, Round: state.Second}
}
