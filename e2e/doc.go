// Package e2e drives the built program with the clouds' official client runtimes. It is a module of its own, so that nobody
// who uses the simulator gets them as dependencies.
package e2e
