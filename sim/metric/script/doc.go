// Package script writes event streams by hand, for tests of listeners: what a person says happened becomes the events
// that the engine would send, with the sums they carry. It is no simulation: it must never decide anything, and it lets
// a test say what could not happen.
package script
