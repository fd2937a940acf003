// Package paidlc speaks PAI-DLC 2020-12-03 over a live world: its wire types, the checks of its requests, and how a job of
// the world reads in its words (docs/apis.md).
//
// It must never schedule, keep state of its own beside the requests that jobs carry, or import another cloud.
package paidlc
