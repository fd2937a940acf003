// Package gen draws jobs from a description: arrivals, running times, sizes, users, outcomes and estimates, with presets
// calibrated on published workloads (docs/formats/generators.md says which figures are facts and which are estimates).
//
// A Source streams; it never holds the workload. Every number comes from a stream keyed by (seed, purpose, session, place
// in the session) - without sessions, a job's index - so that a change of one part of a Spec leaves what the other parts
// draw as it was. Instants and spans are integers, and what is drawn goes through sim/rng, so the same Spec and seed give
// the same bytes on every machine.
//
// The package must never read a file, a clock or a calendar (the caller gives the hour of the week at instant 0), use the
// functions of package math that depend on the processor, or put a random number of one purpose to another use.
package gen
