// Package policytest is the suite that every policy passes, whatever it is written in: it keeps to the engine's rules on
// hard little worlds, gives the same answers twice and after a fork, and keeps what its rule promises.
//
// It must never depend on how a policy works inside. That the pipeline follows its definitions job by job is held by this
// package's own tests, against a naive program that shares no code with it.
package policytest
