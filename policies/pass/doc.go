// Package pass is what the steps of a pass share for one partition: the waiting queue, the running jobs' expected ends,
// and the one way to start a job.
//
// It must never decide whom to start.
package pass
