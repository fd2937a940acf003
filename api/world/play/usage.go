package play

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Metric is something that a pod uses.
type Metric uint8

// The metrics: usages are percentages, rates are bytes a second unless said otherwise.
const (
	GPUCore Metric = iota
	GPUMemory
	CPUCore
	Memory
	NetworkIn
	NetworkOut
	DiskRead
	DiskWrite
	RDMASend
	RDMAReceive
	PCIESend
	PCIEReceive
	NVLinkSend
	NVLinkReceive
	TensorPipe         // how busy the GPUs' matrix units are: a usage
	GPUTemperature     // degrees Celsius
	GPUPower           // W, all GPUs of the pod
	RDMAHealth         // 1: the pod's adapters are well
	RDMASendErrors     // a second
	RDMAReceiveErrors  // a second
	RDMASendPackets    // a second
	RDMAReceivePackets // a second
	CPUTime            // CPU seconds so far
	MemoryAllocation   // bytes that the pod has been given
)

// level is a metric's middle while a job works, and how far it strays.
type level struct{ middle, stray float64 }

var (
	working = [...]level{GPUCore: {86, 8}, GPUMemory: {71, 1}, CPUCore: {34, 9}, Memory: {42, 2}, NetworkIn: {180e6, 60e6}, NetworkOut: {170e6, 60e6},
		DiskRead: {45e6, 30e6}, DiskWrite: {6e6, 5e6}, RDMASend: {11e9, 4e9}, RDMAReceive: {11e9, 4e9}, PCIESend: {2.1e9, .8e9}, PCIEReceive: {3.4e9, 1e9},
		NVLinkSend: {62e9, 20e9}, NVLinkReceive: {62e9, 20e9}, TensorPipe: {38, 7}}
	idling = [...]level{GPUCore: {0, 0}, GPUMemory: {0, 0}, CPUCore: {.4, .3}, Memory: {1, .1}, NetworkIn: {900, 500}, NetworkOut: {700, 400}, DiskRead: {0, 0},
		DiskWrite: {1200, 900}, TensorPipe: {0, 0}}
)

// packet is how many bytes an RDMA packet carries: the largest payload that the adapters are usually set to.
const packet = 4096

// Usage is what a pod uses of something at an instant, and whether it ran then. A command that only sleeps, or hangs, uses next to
// nothing; a job of several pods talks to the others.
func (o *Output) Usage(m Metric, t *Try, at state.Time) (float64, bool) {
	if t.Running == state.Unset || at < t.Running || t.Ended != state.Unset && at >= t.Ended {
		return 0, false
	}
	if m >= GPUTemperature {
		return o.derived(m, t, at), true
	}
	l := working[m]
	_, plain := understand(o.Request.Command)
	idle := plain || t.Hung > 0 && at >= t.Hung && m != GPUMemory && m != Memory
	switch {
	case (m == GPUCore || m == GPUMemory || m >= PCIESend && m <= TensorPipe) && o.GPUs == 0, (m == NVLinkSend || m == NVLinkReceive) && o.GPUs < 2,
		(m == RDMASend || m == RDMAReceive) && (!o.RDMA || o.Request.Pods < 2):
		return 0, true
	case m >= RDMASend && idle:
		return 0, true
	case idle, (m == NetworkIn || m == NetworkOut) && o.Request.Pods < 2:
		l = idling[m]
	}
	draw := rng.NewKey(o.Seed, "usage").Stream(uint64(m), uint64(at/state.Second))
	v := l.middle + float64(l.stray*(2*draw.Float64()-1))
	if m <= Memory || m == TensorPipe {
		v = min(v, 100)
	}
	return max(v, 0), true
}

// derived are metrics that follow from others. Power grows from idle to its bound with the GPUs' usage (FACTS 1.1).
func (o *Output) derived(m Metric, t *Try, at state.Time) float64 {
	of := func(m Metric) float64 {
		v, _ := o.Usage(m, t, at)
		return v
	}
	switch m {
	case GPUTemperature:
		if o.GPUs == 0 {
			return 0
		}
		return 34 + float64(.42*of(GPUCore))
	case GPUPower:
		share := rng.Pow(of(GPUCore)/100, .9)
		return float64(o.GPUs) * (float64(o.IdleW) + float64(float64(o.PeakW-o.IdleW)*share))
	case RDMAHealth:
		if o.RDMA {
			return 1
		}
	case RDMASendPackets:
		return of(RDMASend) / packet
	case RDMAReceivePackets:
		return of(RDMAReceive) / packet
	case CPUTime:
		l := working[CPUCore]
		if _, plain := understand(o.Request.Command); plain {
			l = idling[CPUCore]
		}
		until := at
		if t.Hung > 0 {
			until = min(until, t.Hung)
		}
		return float64(o.CPUMilli) / 1000 * float64(l.middle/100) * (float64(until-t.Running) / 1e9)
	case MemoryAllocation:
		return float64(o.MemMiB) * (1 << 20)
	}
	return 0 // errors: nothing here loses packets
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
