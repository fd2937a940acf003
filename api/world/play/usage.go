package play

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Metric is something that a pod uses.
type Metric uint8

// The metrics: usages are percentages, rates are bytes a second.
const (
	GPUCore Metric = iota
	GPUMemory
	CPUCore
	Memory
	NetworkIn
	NetworkOut
	DiskRead
	DiskWrite
)

// level is a metric's middle while a job works, and how far it strays.
type level struct{ middle, stray float64 }

var (
	working = [...]level{GPUCore: {86, 8}, GPUMemory: {71, 1}, CPUCore: {34, 9}, Memory: {42, 2}, NetworkIn: {180e6, 60e6}, NetworkOut: {170e6, 60e6},
		DiskRead: {45e6, 30e6}, DiskWrite: {6e6, 5e6}}
	idling = [...]level{GPUCore: {0, 0}, GPUMemory: {0, 0}, CPUCore: {.4, .3}, Memory: {1, .1}, NetworkIn: {900, 500}, NetworkOut: {700, 400}, DiskRead: {0, 0},
		DiskWrite: {1200, 900}}
)

// Usage is what a pod uses of something at an instant, and whether it ran then. A command that only sleeps, or hangs, uses next to
// nothing; a job of several pods talks to the others.
func (o *Output) Usage(m Metric, t *Try, at state.Time) (float64, bool) {
	if t.Running == state.Unset || at < t.Running || t.Ended != state.Unset && at >= t.Ended {
		return 0, false
	}
	l := working[m]
	if _, plain := understand(o.Request.Command); plain || t.Hung > 0 && at >= t.Hung && m != GPUMemory && m != Memory {
		l = idling[m]
	}
	switch {
	case (m == GPUCore || m == GPUMemory) && o.GPUs == 0:
		return 0, true
	case (m == NetworkIn || m == NetworkOut) && o.Request.Pods < 2:
		l = idling[m]
	}
	draw := rng.NewKey(o.Seed, "usage").Stream(uint64(m), uint64(at/state.Second))
	v := l.middle + float64(l.stray*(2*draw.Float64()-1))
	if m <= Memory {
		v = min(v, 100)
	}
	return max(v, 0), true
}

// Sample is a value of a metric at an instant.
type Sample struct {
	At    state.Time
	Value float64
}

// Samples are the values of a try from one instant to another, at whole multiples of step.
func (o *Output) Samples(m Metric, t *Try, from, to, step state.Time) []Sample {
	if t.Ended != state.Unset {
		to = min(to, t.Ended)
	}
	var out []Sample
	for at := (max(from, t.Created) + step - 1) / step * step; at <= to; at += step {
		if v, ran := o.Usage(m, t, at); ran {
			out = append(out, Sample{at, v})
		}
	}
	return out
}
