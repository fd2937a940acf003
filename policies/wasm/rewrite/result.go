package rewrite

import "fmt"

// Names of what is injected. A module that imports or exports a name with the prefix is refused.
const (
	Prefix       = "__orrery"
	FuelExport   = "__orrery_fuel"  // mutable i64: what is left; below 0 the call has trapped for want of fuel
	DepthExport  = "__orrery_depth" // mutable i64: slots in use; above MaxDepth the call has trapped for want of stack
	StartExport  = "__orrery_start" // the start function, () -> ()
	EntryExport  = "__orrery_call_" // followed by the name of a function export: takes the fuel behind the parameters, returns what is left behind the results
	GlobalExport = "__orrery_g"     // followed by the index of a mutable global of the module
)

// ValueType is the byte that the binary format gives a type.
type ValueType byte

// The value types that are allowed.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

func (t ValueType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return fmt.Sprintf("type 0x%02x", byte(t))
}

// Signature is the type of a function.
type Signature struct {
	Params, Results []ValueType
}

// key is equal for equal signatures.
func (s Signature) key() string {
	b := make([]byte, 0, len(s.Params)+len(s.Results)+1)
	for _, t := range s.Params {
		b = append(b, byte(t))
	}
	b = append(b, 0)
	for _, t := range s.Results {
		b = append(b, byte(t))
	}
	return string(b)
}

// String writes a signature as "(i32, i64) -> i32".
func (s Signature) String() string {
	list := func(ts []ValueType) string {
		text := ""
		for i, t := range ts {
			if i > 0 {
				text += ", "
			}
			text += t.String()
		}
		return text
	}
	switch len(s.Results) {
	case 0:
		return "(" + list(s.Params) + ") -> ()"
	case 1:
		return "(" + list(s.Params) + ") -> " + list(s.Results)
	}
	return "(" + list(s.Params) + ") -> (" + list(s.Results) + ")"
}

// Import is a function that the module wants from its host.
type Import struct {
	Module, Name string
	Signature
}

// Func is a function that the module exports.
type Func struct {
	Name  string
	Index int
	Signature
}

// Memory is the module's own memory.
type Memory struct {
	Exports  []string // the names it is exported under, in order
	Min, Max uint32   // pages of 64 KiB, after clamping
}

// Global is a mutable global of the module itself. The values of all of them, with the memory, are the state of an instance.
type Global struct {
	Export string // GlobalExport and the index
	Index  int
	Type   ValueType
}

// Stats are the figures that the limits of Options are set against.
type Stats struct {
	Functions, Instructions, Code, Body, Nesting, Locals, Branches, Loops, Merges int // the largest of one function, or the sum
	TotalBranches, TotalLoops, TotalMerges, TotalWork                             int
	Counted                                                                       int   // functions that count their frames
	Frame                                                                         int64 // slots of the largest frame
	Checkpoints                                                                   int   // places at which fuel is charged
}

// Result is a rewritten module and what its host needs to know of it.
type Result struct {
	Module  []byte
	Imports []Import // in order; a name may come more than once
	Exports []Func   // the module's own function exports, in order
	Memory  *Memory  // nil: the module has none
	Globals []Global // every mutable global, by index
	Start   bool     // the module had a start function: it is exported as StartExport and no longer runs by itself
	Stats   Stats
}
