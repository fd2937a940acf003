// Package preempt holds the slot that says who must yield when the next job does not fit: the native parts, and the plan that takes
// no more than is needed.
//
// A part only filters and orders candidates. The plan tries them on the cluster's own index, one after the other, until the job fits,
// then walks back and keeps whoever turns out not to be needed; at the end the index is as it was. Whole jobs yield: a gang is never
// taken apart.
//
// It must never decide that a job starts: it evicts, and the pass after places.
package preempt
