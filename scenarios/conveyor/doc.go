// Package conveyor runs what surrounds an engine on goroutines of its own: Ahead reads jobs before the engine asks for
// them, Belt delivers events while the engine goes on. Both hand over in batches whose limits depend on the work alone, so
// that a run gives the same result with and without them, and with any number of cores. It must never look at what it
// carries.
package conveyor
