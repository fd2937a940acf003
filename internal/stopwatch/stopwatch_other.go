//go:build !linux

package stopwatch

import "time"

var began = time.Now()

// Busy is time by the clock, where a thread's own is not to be had.
func Busy() time.Duration { return time.Since(began) }
