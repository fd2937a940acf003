// Package trace reads recorded workloads: one file a format, each yielding a state.Source of jobs in order of submission
// and, where the format has one, a cluster. It also says what a careful person checks before trusting a trace (Stats) and
// writes any of them as our own CSV (Convert).
//
// It must never guess: a row that cannot be read is an error with its place, a row that is left out is counted in a note,
// and nothing about the policy or the simulated cluster changes what is read. It draws nothing at random.
//
// Two kinds of reader stand behind Open. The native CSV and SWF stream: a row is parsed from a block of the file without
// allocating, and a clone reopens the file. Every other format is read whole into a packed table, because the public
// files are not in order of submission or spread a job over several rows; the table is sorted by submission (stable, so
// ties keep the order of the file) and shared by clones.
package trace
