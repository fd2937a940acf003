// Package scenarios reads scenario files: what cluster, what workload, which policy. It decodes strictly, checks what the
// parts mean together, fills in defaults and compiles a configuration that the engine can run.
//
// It must never simulate, guess a value that the user did not give, or let a wrong input pass with a warning.
package scenarios
