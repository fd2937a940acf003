// Package backfill holds what lets later jobs pass a blocked head: the expected ends of running jobs, the shadow time, and
// the sweeps of EASY and conservative backfill.
//
// It knows estimates only. It must never read a true duration or start a job behind a reservation that it would delay.
package backfill
