package units_test

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/units"
)

func Example() {
	ns, _ := units.ParseDuration("1h30m")
	fmt.Println(ns, units.DurationText(ns), units.FormatDuration(ns), units.SecondsText(ns))
	rate, _ := units.ParseRate("400Gb/s")
	fmt.Println(rate, units.RateText(rate), units.FormatBitRate(rate))
	_, err := units.ParseDuration("90")
	fmt.Println(err)
	// Output:
	// 5400000000000 1h30m 1.5 h 5400
	// 50000000000 50GB/s 400 Gb/s
	// duration: got "90", want a number with a unit (ns, us, ms, s, m or min, h, d, w), such as 90s, 1.5h, 1h30m or 14d, or D-HH:MM:SS (did you mean "90s"?)
}
