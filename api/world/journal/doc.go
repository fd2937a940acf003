// Package journal keeps the commands that a live world accepted, and how far its clock may have gone, in one SQLite file: what was
// answered survives the process, whatever ends it.
//
// It must never know what a command means: bodies are bytes to it.
package journal
