// Package cost says what a run costs and who pays: a listener that charges every node's price to the jobs on it, by their
// share of it, and the rest to nobody (idle). Sums are integers of millionths of a currency; it must never round twice,
// convert currencies or read the engine's changing columns.
//
// # What is charged
//
//   - A rented node (on demand, spot) costs its price while it works; a held one (reserved, owned) while it exists, down or
//     not. A node that is paid by use costs what jobs hold of it, while they hold it.
//   - A job pays the share of a node that it holds: GPUs in thousandths of the node's GPUs. On nodes without GPUs it is CPUs of
//     the node's CPUs; where those are not modelled, no job pays for the node.
//   - What no job holds is idle: free (the node works) or down. Billing by whole minutes or hours rounds a rented node's stay up
//     when it goes, and a job's attempt on nodes paid by use; the former is idle too (rounding), the latter the job's. What
//     has not gone when the run stops is not rounded.
//   - With a warm-up, what is before it costs nothing.
//
// # Exactness
//
// A share of a price is no whole number of millionths. Amounts are cut off cumulatively: each kind of node carries what an
// amount left over to the next, so that every amount is within a millionth of its true value, and jobs, free, down and rounding
// sum up to the total, which is rounded down once for each kind of node.
package cost
