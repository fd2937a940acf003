// Package cluster keeps what is free: the nodes' columns, the state of every device, and indexes that answer "the first
// node with k free GPUs" without a search. It checks every take, so no device can be given twice.
//
// It must never decide where a pod goes (policies do), know about jobs, queues or time beyond a node's start, or be
// changed by anything but its own methods.
package cluster
