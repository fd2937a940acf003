// Package check holds a run to what must be true of every run: a listener that rebuilds occupancy, queue and waiting times
// from the events alone and says where they contradict each other. It must never read the engine's changing columns, ask
// the engine anything, or change a run.
//
// The invariants, each named in its violations:
//
//   - time: instants do not fall; nothing follows the stop.
//   - number: jobs arrive in order of their numbers, each once, in a free slot; every event names the job that lives in
//     its slot.
//   - life: a job is held, queued, running or ended; it starts only from the queue, is evicted only while it runs, ends
//     once, and nobody is left when the run stops.
//   - device: no device, CPU or memory is given twice; parts lie on nodes that are open; what is given back was held.
//   - gang: an attempt gets the parts that its start announces and as many GPUs as the job asks for, and gives all of them
//     back at the instant at which it ends.
//   - node: a node that goes down holds nothing at the end of that instant.
//   - wait: every waiting ns has one cause, and the causes sum to the queued time.
//   - run: attempts run from start to end, first starts and evictions are told as they were, the GPU time of the occupancy is
//     that of the attempts, and overhead, lost work and standing still are no more than an attempt's whole time.
//   - quota: what a queue of a quota tree is told to use is what its attempts hold, and no start takes it over its limit (where Quota was
//     called, up to the first change of the tree; limits that move with the cluster's nodes are not held against it).
//   - queue: the told length of the queue is the true one, and told whenever it changed.
package check
