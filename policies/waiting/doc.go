// Package waiting keeps the jobs that wait, in queue order, so that a pass costs what changed and not how many wait: one
// lane for each request shape, sorted in chunks, and the first job over all lanes.
//
// It must never decide who starts, and it knows no cluster.
package waiting
