// Package rewrite makes a stranger's WebAssembly module safe and exact to run: it checks the module against limits, and puts
// counters of fuel and of depth into it, so that every call ends after the same work on every machine. Bytes in, bytes out; it
// knows nothing of the engine that runs the result, and must never run, validate or trust a module.
//
// # What is accepted
//
// Modules of WebAssembly 2.0 with bulk memory, sign extension, saturating conversions, multi-value and SIMD, within Options. Refused
// are threads, exceptions, tail calls, relaxed SIMD, memory64, more than one memory or table, garbage collection, typed
// references and extended constants; imports other than functions; names that begin with "__orrery"; access to globals past the
// module's own, for the counters stand there; and what a fork could not copy: table.set, grow, fill, copy and init, elem.drop,
// data.drop, mutable globals of v128 or reference type. The module must be validated as well, before its rewritten form runs:
// an invalid one is rewritten into something that is just as invalid.
//
// # What is injected
//
// Types, globals and exports are appended, and locals at the end of functions, so no index moves:
//
//	__orrery_fuel    mutable i64  fuel left; the host sets it before a call
//	__orrery_depth   mutable i64  slots of the call stack in use; the host sets it to 0 before a call
//	__orrery_g<i>    mutable global i of the module, whatever its own exports
//	__orrery_start   the start function; the start section is gone
//	__orrery_call_<name>  the function export of that name, __orrery_start too, for a host that does not want to touch the counter: it
//	                 takes the fuel of the call as an i64 behind the parameters and returns what is left behind the results
//
// Memory and these globals are the whole state of an instance: one whose start function and _initialize are not run again, and that
// is given both, goes on as the other would. Memory's maximum is clamped to Options.MaxMemoryPages and the table's to
// its size. The name section stays; other custom sections are dropped, for they describe code that is no longer there.
//
// A call that runs out of fuel or depth traps as unreachable. Which it was stands in the counters: fuel below 0, or depth above
// Options.MaxDepth; neither in any other trap. The instance must not be used after that.
//
// # Fuel, version 1
//
// An instruction weighs:
//
//	  0  block, loop, else, end, nop
//	  2  load, store, table.get
//	 10  division and remainder, square root (scalar or SIMD), call_indirect
//	 20  memory.copy, memory.fill, memory.init, and half the bytes of their length
//	200  memory.grow, and 16,384 for each page if there can be so many; ref.func
//	  1  every other
//
// Fuel is taken in advance, at checkpoints: where a function is entered; at the header of a loop, in each iteration; behind a
// loop, and behind a block that a branch out of a loop ends, if more than 8 is needed there; and within straight code where more
// than 128 would have gathered behind the last checkpoint. A checkpoint takes the weight of the heaviest
// path from there to the next checkpoint, or to the end of the function; entering a function takes 1 more and 1 for each local, a
// loop's header 1 more. If less than 0 is left, the call traps there: no instruction runs that was not paid for. A path that
// is left early has paid for its heaviest continuation, so that it costs at most 128 too much, plus the last instruction's weight
// where that is larger. Lengths are charged before the instruction runs. The host charges what its imports cost.
//
// # Depth
//
// Functions that lie on a cycle of calls count their frames: parameters, locals and the largest height of the operand stack (v128
// twice, and the whole operand stack twice where a function uses v128 at all), 4 for the frame, and 1 for each 32 instructions, for the
// compiler may give a value that lives across a call a place of its own. A call through the table counts as one to every function
// of its type there. Other functions cannot be on the stack twice; if their frames together could pass Options.MaxDepth, they count
// too. The count falls when the function returns; a trap leaves it, and the host sets it back.
//
// # NaN
//
// Which NaN an operation makes is open in the specification and differs between processors. What arithmetic, rounding, square
// root, demotion and promotion make, scalar or SIMD, is turned into the positive quiet NaN without payload (7fc00000,
// 7ff8000000000000) wherever its bits could be seen: not where the next thing that takes the value is arithmetic, a comparison or a
// conversion to an integer. Values that are loaded, moved, negated or reinterpreted keep their bits.
package rewrite
