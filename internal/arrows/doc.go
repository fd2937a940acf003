// Package arrows holds the house in order: its test reads the sources and refuses an import that ARCHITECTURE's arrows do
// not allow, a library outside the one package that may use it, and in the simulator and the native policies anything
// that would make two runs differ: clocks, files, goroutines, locks, global random numbers, math functions that depend
// on the CPU.
//
// It must never be imported.
package arrows
