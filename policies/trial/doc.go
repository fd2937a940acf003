// Package trial runs a policy in small worlds: a cluster, jobs and changes made by hand, with the engine's invariants held. The suite of
// tests and the conformance kit for guests share it.
//
// It must never know a test's or a guest's means: it is the policy's engine and nothing else.
package trial
