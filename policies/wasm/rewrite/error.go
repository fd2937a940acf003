package rewrite

import (
	"fmt"
	"strings"
)

// Rule names what a module broke.
type Rule string

// The rules, a closed set.
const (
	Malformed    Rule = "malformed"     // not the binary format of WebAssembly
	Limit        Rule = "limit"         // larger than Options allows
	Feature      Rule = "feature"       // a proposal that is refused
	Unforkable   Rule = "unforkable"    // state that a fork could not copy
	ReservedName Rule = "reserved-name" // a name that is ours
	ForeignState Rule = "foreign-state" // imported memory, table or global; access past the module's own globals
)

// Error says why a module is refused.
type Error struct {
	Rule   Rule
	Offset int    // byte of the module
	Func   int    // index of the function, imports counted; -1 outside of functions
	Name   string // its name, where the name section has one
	Got    string // what stands there
	Want   string // what is allowed
	Do     string // what to do about it; may be empty
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wasm module: byte 0x%x", e.Offset)
	if e.Func >= 0 {
		fmt.Fprintf(&b, ", function %d", e.Func)
		if e.Name != "" {
			fmt.Fprintf(&b, " %q", e.Name)
		}
	}
	fmt.Fprintf(&b, ": got %s, wanted %s", e.Got, e.Want)
	if e.Do != "" {
		b.WriteString("; " + e.Do)
	}
	return b.String()
}
