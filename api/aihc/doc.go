// Package aihc speaks Baidu AIHC over a live world, v1 and v2: its wire types, the checks of its requests, and how pools,
// queues and jobs of the world read in its words (docs/apis.md).
//
// It must never schedule, keep state of its own beside the requests that jobs carry, or import another cloud.
package aihc
