// Package columns reads and writes typed tables: Parquet (it is the only importer of a Parquet library) and CSV, and
// replaces files atomically. The same rows give the same bytes on any machine.
//
// It must never know what a column means, and a file that it has not finished must never stand under its name.
package columns
