package speed

import "github.com/orrery-sim/orrery/sim/rng"

// BusPoint is a measured bus bandwidth of an all-reduce.
type BusPoint struct {
	Bytes float64
	Rate  float64 // bytes a second
}

// BusTable is measured bus bandwidths of one topology, by payload from small to large.
type BusTable struct {
	Name   string
	Points []BusPoint
}

// Measured are published tables (FACTS.md 5.2). The cost model does not read them: they are what it is held against, and what
// LookUp interpolates for who wants the measurement.
func Measured() []BusTable {
	const mib, gib = 1 << 20, 1 << 30
	return []BusTable{
		{"B200 1x8", []BusPoint{{mib, 36e9}, {16 * mib, 255e9}, {64 * mib, 401e9}, {256 * mib, 646e9}, {gib, 723e9}, {16 * gib, 846e9}}},
		{"B200 4x8", []BusPoint{{mib, 5.4e9}, {16 * mib, 64e9}, {64 * mib, 157e9}, {256 * mib, 229e9}, {gib, 362e9}, {16 * gib, 382e9}}},
		{"100 GB/s a node 4x8", []BusPoint{{mib, 17e9}, {16 * mib, 94e9}, {gib, 93e9}}},
	}
}

// LookUp is the bus bandwidth at a payload: linear in the logarithm of the payload, the nearest point outside the table.
func (t *BusTable) LookUp(bytes float64) float64 {
	p := t.Points
	if bytes <= p[0].Bytes {
		return p[0].Rate
	}
	for i := 1; i < len(p); i++ {
		if bytes <= p[i].Bytes {
			at := rng.Log(bytes/p[i-1].Bytes) / rng.Log(p[i].Bytes/p[i-1].Bytes)
			return p[i-1].Rate + float64(at*(p[i].Rate-p[i-1].Rate))
		}
	}
	return p[len(p)-1].Rate
}
