// Package stopwatch measures for benchmarks on machines that others use as well: by the time that a thread has run, which what others
// take is not in, and slice by slice, of which the fastest count. It must never be part of a program that is shipped.
package stopwatch

import "runtime"

// Slices are the fastest times so far of pieces of work that is repeated, in ns.
type Slices []float64

// Run repeats a piece of work and keeps the faster times. step does the next slice and reports whether there is another; each
// repetition must have the same slices. The caller's goroutine must be locked to its thread.
func (s *Slices) Run(step func() bool) {
	runtime.GC()
	for slice, more := 0, true; more; slice++ {
		from := Busy()
		more = step()
		ns := float64((Busy() - from).Nanoseconds())
		if slice == len(*s) {
			*s = append(*s, ns)
		}
		(*s)[slice] = min((*s)[slice], ns)
	}
}

// NS is the time of all slices.
func (s Slices) NS() (sum float64) {
	for _, ns := range s {
		sum += ns
	}
	return sum
}
