// Package net is for sharing links fairly: flows that use links at once get max-min fair rates (Bertsekas and Gallager, Data Networks,
// 6.5.2), and what a flow's start or end does not reach is not solved again. It knows no nodes, jobs or time, and does no I/O.
package net
