package conform

import "runtime/debug"

// What a child may have. The heap is collected harder as it comes near soft; past hard the system gives it no more address space, and it
// dies. That is far above what a check needs: a dozen instances at once of 64 MiB each, reserved whole, and the compiler's own.
const (
	softMemory = 1 << 30
	hardMemory = 8 << 30
)

// limitMemory keeps a module that makes the compiler or the kit allocate without end from taking the machine's memory.
func limitMemory() {
	debug.SetMemoryLimit(softMemory)
	limitSpace(hardMemory)
}
