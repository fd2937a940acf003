// Package speed tells how fast a job runs from what it trains, on which GPUs, how many, how far apart, and what others send over the same
// links: from measured tables, from fitted parameters, or from FLOPs, bytes and links (docs/model.md). It must never know clusters or
// policies, and nothing in it does I/O.
package speed
