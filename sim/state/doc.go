// Package state is the vocabulary of the simulator: time, ids, the columns that hold jobs, nodes and shapes, the events
// that tell what happened, the decisions that policies answer with, and the interfaces Policy, Listener and Source.
//
// It must never contain behaviour of a cluster, a scheduler or a metric, and it must never do I/O, start a goroutine,
// read a clock or use a random source: everything else in sim and policies stands on it.
package state
