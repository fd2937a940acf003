// Package control is /orrery/v1: what a test needs of a world that no cloud offers. It reads and moves the clock, waits for jobs,
// resets, makes jobs and nodes fail, answers calls with faults on demand, and keeps a log of calls to assert on.
//
// It must never know a cloud's words itself: a Lens lends it those.
package control
