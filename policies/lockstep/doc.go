// Package lockstep runs two policies on the same simulation side by side and finds the first decision on which they differ, with the
// state that both saw: until then every decision was the same, so the state is.
//
// It must never judge which of the two is right.
package lockstep
