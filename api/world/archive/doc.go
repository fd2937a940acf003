// Package archive keeps what a world remembers of jobs that have ended, so that its memory and its snapshots grow with the jobs that live.
//
// A job that ends becomes a row: a few columns in memory that say how to find it, to filter and to sort it, and a record that only a
// question about this very job reads. Both are appended to, never changed: with a folder to two files, without one to memory. A
// change of a job that ended is another row of it, and the one before counts no more. So whoever has seen so many rows sees the same jobs
// for ever, and a place in the files (Mark) is all that a snapshot has to hold.
//
// The files are a cache: they can be made again from the commands of the world's journal. The package knows nothing of what a record
// says, and must never answer with one that is not the one that was written: records and rows have checksums.
package archive
