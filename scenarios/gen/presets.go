package gen

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// PresetInfo names a preset and says what it is.
type PresetInfo struct{ Name, About string }

// Presets are the calibrated workloads, in the order in which they are listed.
func Presets() []PresetInfo {
	return []PresetInfo{
		{"philly", "Microsoft Philly 2017: one cluster, mostly single GPUs, long multi-GPU jobs"},
		{"helios", "SenseTime Helios 2020: four clusters, GPU jobs"},
		{"pai", "Alibaba PAI 2020: mostly parts of GPUs"},
		{"acme", "Shanghai AI Lab Acme 2023, cluster Seren"},
		{"acme-kalos", "Shanghai AI Lab Acme 2023, cluster Kalos: up to 1024 GPUs"},
		{"swf-load", "Poisson arrivals, lognormal running times, 1 to 32 GPUs, load 1.05 of 2,048 GPUs"},
		{"swf-load-sizes", "swf-load with 2,048 different sizes"},
	}
}

// Preset returns a preset's Spec without a number of jobs. The caller may change it; nothing is shared.
func Preset(name string) (Spec, bool) {
	switch name {
	case "philly":
		return philly(), true
	case "helios":
		return helios(), true
	case "pai":
		return pai(), true
	case "acme":
		return seren(), true
	case "acme-kalos":
		return kalos(), true
	case "swf-load":
		return swfLoad(), true
	case "swf-load-sizes":
		s := swfLoad()
		s.Sizes = logUniform(2048)
		return s, true
	}
	return Spec{}, false
}

const (
	minute = 60 * state.Second
	hour   = 60 * minute
	day    = 24 * hour
)

// powers are sizes 1, 2, 4, ... with their weights.
func powers(weights ...uint64) []Size {
	out := make([]Size, len(weights))
	for i, w := range weights {
		out[i] = Size{From: 1 << i, Weight: w}
	}
	return out
}

// logUniform is every size from 1 to n, a power of two, with weights that halve at each doubling.
func logUniform(n int64) []Size {
	var out []Size
	for from := int64(1); from < n; from *= 2 {
		out = append(out, Size{From: from, To: 2*from - 1, Weight: 1})
	}
	out[len(out)-1].To = n
	return out
}

// ends is a band of outcomes with weights in a ten-thousandth.
func ends(upTo state.Time, finished, failed, cancelled uint64) OutcomeBand {
	return OutcomeBand{UpTo: upTo, Shares: []OutcomeShare{{Outcome: state.Finished, Weight: finished},
		{Outcome: state.Failed, Weight: failed}, {Outcome: state.Cancelled, Weight: cancelled}}}
}

// hundredths are factors given with two decimals.
func hundredths(f ...int64) []int64 {
	out := make([]int64, len(f))
	for i, v := range f {
		out[i] = v * (One / 100)
	}
	return out
}

// lognormal is running times with a median in seconds, kept from 1 s to 60 days in whole seconds.
func lognormal(upTo int64, median, sigma float64) DurationClass {
	return DurationClass{UpTo: upTo, Dist: rng.Lognormal{Mu: rng.Log(median), Sigma: sigma}, Min: state.Second, Max: 60 * day,
		Round: state.Second}
}

// workWeek is the shape of a working day and week where no figures are published: an estimate. The rate of the night is half,
// that of the afternoon one and a half times the mean; the weekend has seven tenths of a working day.
func workWeek(a *Arrivals) {
	copy(a.Hours[:], hundredths(70, 60, 55, 50, 50, 50, 55, 65, 85, 115, 130, 130, 110, 120, 145, 150, 145, 140, 125, 115, 115, 115,
		105, 100))
	copy(a.Days[:], hundredths(109, 109, 109, 109, 109, 77, 78))
}

// swfLoad is the load of the benchmarks: Poisson arrivals, run times of median 600 s and sigma 1.5 from 1 s to 7 days, requested
// time = run time x U(1, 5) rounded up to minutes, offered load 1.05 of 256 nodes x 8 GPUs, 50 users alike; whole seconds.
func swfLoad() Spec {
	return Spec{
		Arrivals:  Arrivals{Process: Poisson, Round: state.Second},
		Load:      Load{OfMicro: 1_050_000, GPUs: 2048},
		Durations: []DurationClass{{Dist: rng.Lognormal{Mu: rng.Log(600), Sigma: 1.5}, Min: state.Second, Max: 7 * day, Round: state.Second}},
		Sizes:     powers(40, 15, 15, 18, 8, 4),
		Users:     Users{Count: 50},
		Estimates: Estimates{Given: true, Low: One, High: 5 * One, Round: minute},
	}
}
