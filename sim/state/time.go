package state

import "math"

// Time is an instant in nanoseconds since the scenario's start, or a span of nanoseconds. It is never a float:
// equal inputs give equal instants on every machine.
type Time int64

// Never is an instant that does not come: the end of a job whose running time is unbounded.
const Never Time = math.MaxInt64

// End is the last instant that a simulation reaches, 146 years in: what lies beyond does not happen. It leaves room for sums
// of two instants.
const End Time = 1 << 62

// Unset marks a time that an input did not give (recorded starts, estimates).
const Unset Time = math.MinInt64

// Second is one second of simulated time.
const Second Time = 1_000_000_000

// Add is t + d, saturating at Never.
func (t Time) Add(d Time) Time {
	if d == Never || t >= 0 && d >= Never-t {
		return Never
	}
	return t + d
}
