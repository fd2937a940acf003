// Package fault is the arithmetic of what is lost and saved when a job loses its GPUs. It keeps no state and must never read
// the engine's.
package fault
