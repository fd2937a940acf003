// Package sample makes up a plausible cluster and its jobs, for tests of reports: a small scheduler of its own over drawn
// jobs, so that the figures of a sample fit each other. It must never be imported but by tests.
package sample
