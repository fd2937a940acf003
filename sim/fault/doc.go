// Package fault says when nodes fail and come back, and what is lost and saved when a job loses its GPUs: checkpoints are the
// arithmetic of one attempt, a Timeline the failures of a cluster in calendar time, a Crash those of a job in its own running
// time. It knows no engine, no job and no policy, and must never be asked in an order that a policy could change: what fails when
// follows from the seed and the entity alone, so that two policies meet the same failures.
package fault
