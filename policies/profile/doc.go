// Package profile is the availability profile that all backfill reads: when running jobs are expected to end and how many
// GPUs are free then.
//
// It knows estimates only; it must never see a true duration.
package profile
