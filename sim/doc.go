// Package sim is the engine: it takes jobs from a Source, lets a Policy decide, applies the decisions to the cluster and
// tells what happened as events. The loop is in engine.go.
//
// It must never do I/O, start a goroutine, read a clock or use a random source of its own, know a file format, a cloud
// or a metric, or branch on the name of a policy. The same configuration gives the same events and digest everywhere.
package sim
