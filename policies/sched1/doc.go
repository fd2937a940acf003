// Package sched1 is the one table of the ABI "sched1" between the engine and policies in WebAssembly: records, tables with their
// columns, hooks, imports and constants. The host's offsets (layout.go), the page docs/abi.md and every SDK of policies/sdk are
// made from it, so that they cannot differ.
//
// It must never know a host: nothing here calls a guest or reads the engine's state. While the ABI is not frozen anything may
// change; afterwards tables grow by appending only, and an id is never used again.
package sched1
