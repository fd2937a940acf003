package world

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Mode is how simulated time moves.
type Mode uint8

// The modes.
const (
	Scaled     Mode = iota // a multiple of wall time
	Max                    // as fast as it can while a job is active
	Paused                 // it stands
	PerRequest             // by a fixed span at each call
)

// Speed is how simulated time moves.
type Speed struct {
	Mode   Mode
	Factor float64    // Scaled: simulated seconds a wall second
	Step   state.Time // PerRequest
}

// maxFactor bounds a multiple of wall time: at it, simulated time would end within an hour.
const maxFactor = 1e6

// ParseSpeed reads a number, max, paused, or request=10s.
func ParseSpeed(text string) (Speed, error) {
	switch {
	case text == "max":
		return Speed{Mode: Max}, nil
	case text == "paused":
		return Speed{Mode: Paused}, nil
	case strings.HasPrefix(text, "request="):
		ns, err := units.ParseDuration(text[len("request="):])
		if err != nil {
			return Speed{}, fmt.Errorf("speed %q: %w", text, err)
		}
		if ns <= 0 {
			return Speed{}, fmt.Errorf("speed %q: got a step of %s, want more than 0, such as request=10s", text, units.DurationText(ns))
		}
		return Speed{Mode: PerRequest, Step: state.Time(ns)}, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || f <= 0 || f > maxFactor {
		return Speed{}, fmt.Errorf("speed: got %q, want a number of simulated seconds a second (above 0, at most %g), max, paused, or request=10s",
			text, maxFactor)
	}
	return Speed{Mode: Scaled, Factor: f}, nil
}

func (s Speed) String() string {
	switch s.Mode {
	case Max:
		return "max"
	case Paused:
		return "paused"
	case PerRequest:
		return "request=" + units.DurationText(int64(s.Step))
	}
	return strconv.FormatFloat(s.Factor, 'g', -1, 64)
}

// maxGap is the wall time without a tick after which the clock does not catch up: the machine slept, or somebody looked
// at the process with a debugger.
const maxGap = 5 * time.Second

// lastInstant leaves room before the end of simulated time for commands at a clock that stands there.
const lastInstant = state.End - 1<<40

// clock ties simulated time to wall time: at wall it stood at base.
type clock struct {
	speed Speed
	base  state.Time
	wall  time.Time
}

// at is where simulated time stands at a wall instant, and whether that can be trusted: after a gap it cannot.
func (c *clock) at(wall time.Time) (state.Time, bool) {
	if c.speed.Mode != Scaled {
		return c.base, true
	}
	passed := wall.Sub(c.wall)
	if passed > maxGap {
		return c.base, false
	}
	return min(c.base.Add(state.Time(float64(passed)*c.speed.Factor)), lastInstant), true
}

// set says that simulated time stands at t now.
func (c *clock) set(t state.Time, wall time.Time) {
	c.base, c.wall = max(c.base, t), wall
}

// until is the wall time from now to a simulated instant.
func (c *clock) until(t state.Time, wall time.Time) time.Duration {
	if c.speed.Mode != Scaled || t == state.Never {
		return maxGap
	}
	d := float64(t-c.base)/c.speed.Factor - float64(wall.Sub(c.wall))
	return time.Duration(min(max(math.Ceil(d), float64(time.Microsecond)), float64(maxGap))) // never 0: that would be a busy loop
}
