package rewrite

import "fmt"

// Version is that of the fuel schedule. It changes when the same module would be given other fuel or other traps; run.json holds it.
const Version = 1

// Form is that of everything that is injected. It changes when the same module would be given other bytes; the key of a cache of
// what is compiled from them must hold it.
const Form = 2

// Options are the limits of what is accepted and what the injected counters begin with. The zero value is refused; begin with
// Default.
type Options struct {
	MaxModule     int // bytes of the module
	MaxCode       int // bytes of all function bodies
	MaxBody       int // bytes of one function body
	MaxFunctions  int // functions, imported ones included
	MaxTypes      int // function types
	MaxValues     int // parameters, and results, of one type
	MaxImports    int
	MaxExports    int
	MaxGlobals    int
	MaxSegments   int // data segments, and element segments
	MaxElements   int // entries of all element segments
	MaxTable      int // entries of the table, which cannot grow
	MaxNames      int // names of functions and locals in the name section
	MaxNesting    int // blocks, loops and ifs around an instruction
	MaxLocals     int // parameters and locals of one function
	MaxStack      int // values on the operand stack of one function
	MaxBranches   int // branches of one function; every target of a br_table counts
	MaxLoops      int // loops of one function
	MaxMerges     int // locals x blocks of one function: what the compiler may have to merge where paths meet
	TotalBranches int // branches of the module
	TotalLoops    int // loops of the module
	TotalMerges   int // merges of all functions
	TotalWork     int // sum over functions of (branches + 2 x loops + instructions / 128) squared: how the compiler's time grows

	MaxMemoryPages uint32 // pages of 64 KiB; a larger minimum is refused, the maximum is clamped to it
	InitialFuel    int64  // what the fuel counter holds at instantiation: what a call gets if nobody sets it
	MaxDepth       int64  // slots of the call stack (package documentation)

	keepNaN bool // leave the bits of a NaN as they come: tests compare with the original bit by bit
}

// Default is what a stranger's policy gets. What costs compile time is between 1.4 times (branches, code of the module) and a
// thousand times (loops of a function) what a guest of the standard Go toolchain needs that uses net/http, encoding/json,
// text/template, regexp and math/big at once (549 blocks deep, 2,289 branches and 50,636 bytes in one function, 286,960 branches
// and 5.2 MB of code in all); one function at a limit compiles in one or two seconds. Memory is 64 MiB.
func Default() Options {
	return Options{
		MaxModule: 16 << 20, MaxCode: 8 << 20, MaxBody: 256 << 10,
		MaxFunctions: 50_000, MaxTypes: 10_000, MaxValues: 1_000, MaxImports: 1_000, MaxExports: 10_000, MaxGlobals: 10_000,
		MaxSegments: 100_000, MaxElements: 1 << 18, MaxTable: 65_536, MaxNames: 200_000,
		MaxNesting: 1_024, MaxLocals: 5_000, MaxStack: 10_000, MaxBranches: 8_000, MaxLoops: 2_000, MaxMerges: 1 << 17,
		TotalBranches: 400_000, TotalLoops: 10_000, TotalMerges: 1 << 22, TotalWork: 1 << 28,
		MaxMemoryPages: 1024, InitialFuel: 100_000_000, MaxDepth: 1 << 20,
	}
}

func (o *Options) check() error {
	for _, l := range []struct {
		name string
		v    int
	}{
		{"MaxModule", o.MaxModule}, {"MaxCode", o.MaxCode}, {"MaxBody", o.MaxBody}, {"MaxFunctions", o.MaxFunctions},
		{"MaxTypes", o.MaxTypes}, {"MaxValues", o.MaxValues}, {"MaxImports", o.MaxImports}, {"MaxExports", o.MaxExports},
		{"MaxGlobals", o.MaxGlobals}, {"MaxSegments", o.MaxSegments}, {"MaxElements", o.MaxElements}, {"MaxTable", o.MaxTable},
		{"MaxNesting", o.MaxNesting}, {"MaxNames", o.MaxNames}, {"MaxStack", o.MaxStack}, {"MaxLocals", o.MaxLocals}, {"MaxBranches", o.MaxBranches}, {"MaxLoops", o.MaxLoops},
		{"MaxMerges", o.MaxMerges}, {"TotalBranches", o.TotalBranches}, {"TotalLoops", o.TotalLoops},
		{"TotalMerges", o.TotalMerges}, {"TotalWork", o.TotalWork},
	} {
		if l.v <= 0 || l.v > 1<<28 {
			return fmt.Errorf("rewrite: option %s is %d, wanted 1 to %d; begin with Default()", l.name, l.v, 1<<28)
		}
	}
	if o.MaxMemoryPages == 0 || o.MaxMemoryPages > 1<<16 {
		return fmt.Errorf("rewrite: option MaxMemoryPages is %d, wanted 1 to %d; begin with Default()", o.MaxMemoryPages, 1<<16)
	}
	if o.InitialFuel < 0 {
		return fmt.Errorf("rewrite: option InitialFuel is %d, wanted 0 or more", o.InitialFuel)
	}
	if o.MaxDepth <= 0 || o.MaxDepth > 1<<40 {
		return fmt.Errorf("rewrite: option MaxDepth is %d, wanted 1 to %d; begin with Default()", o.MaxDepth, int64(1)<<40)
	}
	return nil
}
