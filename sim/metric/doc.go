// Package metric turns the event stream of a simulation into figures: Collector fills a Result, OverTime keeps step
// functions of time. It must never read the engine's changing columns, do I/O, or round before the end: sums are
// integers (state.Wide), divided once.
//
// # What is counted
//
// With a warm-up, jobs submitted before it are left out of every figure about jobs, and GPU time before it is left out of
// every figure about GPU time. Without one nothing is left out, also not jobs that were there before instant 0.
//
//   - submitted: jobs that arrived. finished, failed, cancelled, dropped, unfinished: by the outcome of EvEnd; together
//     they are the submitted ones once the run has stopped. never placeable: those among them that no cluster state could
//     hold, as far as the cluster was known when they last waited.
//   - wait: first start - submit, over jobs that started, whatever became of them.
//   - queued: all time that a job spent waiting, requeues included, over all jobs. It equals the sum over causes exactly.
//   - JCT: end - submit, over ended jobs: finished, failed, and cancelled after they had started.
//   - bounded slowdown: max(1, JCT / max(run, 10 s)) over ended jobs. run is the running time of all attempts less the work
//     that evictions lost, so lost work counts as delay. Kept in 1e-9, rounded down (FACTS.md 7).
//   - makespan: the last end of an ended job - the first submission.
//   - quantiles: linear interpolation at position q x (n-1) between order statistics, exact up to Config.ExactSamples
//     values, then from a histogram whose values are within 0.05 % (Spread.Exact says which).
//   - preemptions: attempts ended by ReasonPreempted; evictions: attempts ended in any way that did not end the job.
//   - preemptions by kind: what the policy says that each is for (state.PreemptKind).
//   - ping-pong: preemptions for a job whose own last preemption was for the job that it takes from.
//   - lost GPU time: the work lost at evictions x the job's GPUs.
//   - GPU time of attempts: all that counted jobs held, a fraction of a GPU in thousandths, in four classes: lost (running since
//     the last checkpoint before an eviction), overhead (restoring, writing checkpoints), idle (grace periods, jobs that hang),
//     work (the rest, also of jobs that failed or still run). Where speeds are modelled, the integrals of 1 - a and a - r: placement
//     and contention, a being the rate of the placement alone and r the rate; not while the job stands still.
//
// # GPU time
//
// Integrals over [max(warm-up, 0), last event]. A fraction of a GPU counts in thousandths.
//
//   - allocated: what jobs held. healthy: GPUs of nodes that are up, cordoned and draining ones included. total: GPUs of
//     all nodes that exist, down ones included. The allocation ratio is allocated / healthy unless it says "of total".
//   - fragmented: free GPU time that could not be used because of fragmentation: at every instant, the free thousandths on
//     open nodes of the partitions and GPU types in which at least one waiting job would fit by its number of GPUs but has
//     no placement (it passes the capacity test of DESIGN.md rule 10 and fails the fragmentation test).
package metric
