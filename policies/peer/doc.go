// Package peer holds whole schedulers that reproduce a published simulator to the digit, and the replay of recorded
// starts. Each type states the rule it follows, ties included, and where it comes from.
//
// A peer decides everything in its pass. It must never need a branch in the engine, remember anything that its Clone does
// not copy, or read a true duration unless it declares itself clairvoyant.
package peer
