//go:build !linux

package conform

// limitSpace does nothing: elsewhere a process's address space has no limit that a runtime can live under.
func limitSpace(uint64) {}
