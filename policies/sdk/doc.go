// Package sdk holds what people write policies with: one SDK file a language (c, rust, go, assemblyscript, zig, wat; made by
// package generate from the tables of sched1), examples, and the folder that a new policy begins as.
//
// It must never load a guest: package wasm does.
package sdk
