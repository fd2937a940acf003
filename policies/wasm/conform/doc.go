// Package conform is the conformance kit for guests: it holds a module to the rules of the ABI, from its bytes to what it does when it
// is starved of fuel, and says of each rule whether it is kept, why not, and what to do.
//
// A module's author runs it before anybody else runs the module, and a stranger's module goes through it in a child process with a
// deadline (Run, Serve). It must never judge how good a policy's decisions are: only whether they are decisions.
package conform
