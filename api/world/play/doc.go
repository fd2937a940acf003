// Package play says what a job does that nobody really runs: how long it starts, runs and fails, and with which exit code;
// from that and from what the simulation told, which phase it is in at an instant, and what its pods log, report and
// measure. Everything is a pure function of the request, the seed and the simulation's facts: it is computed when it is
// read and stored nowhere.
//
// It must never read a clock, use a random source of its own, know a cloud's words, or touch the engine.
package play
