// Package wasm runs policies that are WebAssembly modules: it loads a module, keeps a copy of the columns that the guest wants
// in the guest's memory, calls its hooks, and hands its answers on as those of a native part. It is the only importer of wazero.
//
// A guest is a stranger: it gets fuel, not time; it reaches nothing but its own memory and the functions of docs/abi.md; whatever it
// does ends in an answer or in an Error that names module, hook and reason, never in a panic, a hang or a changed simulation. One
// instance belongs to one simulation and is not safe for concurrent use; a Module may be shared.
package wasm
