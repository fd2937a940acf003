// Package world is a simulation that somebody can talk to: an engine, a clock that ties simulated time to wall time, a
// mailbox through which commands come in, and read views of what happened.
//
// One goroutine owns the engine. Commands are stamped with simulated time, never with the wall's, and those that arrive
// together share an instant and a pass; what a command did is published before it is answered, so whoever got an answer
// sees it in every later read. The same commands at the same simulated instants give the same world.
//
// It must never know a cloud's words or a web framework.
package world
