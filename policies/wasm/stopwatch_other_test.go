//go:build !linux

package wasm_test

import "time"

var start = time.Now()

// busy is time by the clock, where a thread's own is not to be had.
func busy() time.Duration { return time.Since(start) }
