// Package lens is what the clouds' APIs share on the wire: the gate around every call, request ids, who calls, simulated
// time, and how bodies and queries are read. What is wrong with a request is a Flaw; each cloud has its own code and words
// for it.
//
// It must never know a cloud, or what an operation means.
package lens
