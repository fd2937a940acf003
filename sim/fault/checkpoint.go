package fault

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// Checkpoints are those of one attempt: from Begin on the job works for Every, stands still for Write, and so on. A
// checkpoint counts from the end of its write, and Lag later where it has to be copied away first. Every 0 saves at any time, Never not at all; Write counts in neither.
type Checkpoints struct {
	Begin, Every, Write, Lag state.Time
}

// cycles reports whether the attempt works and writes in turn.
func (c *Checkpoints) cycles() bool { return c.Every > 0 && c.Every < state.Never }

// Worked is the time that the job has worked by t, which is not before Begin.
func (c *Checkpoints) Worked(t state.Time) state.Time {
	span := t - c.Begin
	if !c.cycles() || c.Write == 0 {
		return span
	}
	n := span / (c.Every + c.Write)
	return n*c.Every + min(span-n*(c.Every+c.Write), c.Every)
}

// Last is the instant at which the last checkpoint was written that counts at t, or false when there is none. t is not before Begin.
func (c *Checkpoints) Last(t state.Time) (state.Time, bool) {
	switch {
	case c.Every == 0:
		return t, true
	case !c.cycles():
		return 0, false
	}
	if t-c.Begin < c.Lag {
		return 0, false
	}
	n := (t - c.Begin - c.Lag) / (c.Every + c.Write)
	return c.Begin + n*(c.Every+c.Write), n > 0
}

// After is the instant at which the job has worked for n longer than by t, which is not before Begin. A checkpoint that is due
// when the work is done is not written.
func (c *Checkpoints) After(t, n state.Time) state.Time {
	if !c.cycles() || c.Write == 0 || n == 0 || n == state.Never {
		return t.Add(n)
	}
	cycle := c.Every + c.Write
	at := (t - c.Begin) % cycle
	if at > c.Every { // it is writing
		t, at = t+cycle-at, 0
	}
	hi, lo := bits.Mul64(uint64((at+n-1)/c.Every), uint64(c.Write))
	if hi != 0 || lo > uint64(state.Never) {
		return state.Never
	}
	return t.Add(n).Add(state.Time(lo))
}
