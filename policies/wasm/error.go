package wasm

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Kind says what went wrong with a guest.
type Kind uint8

// The kinds.
const (
	KindLoad   Kind = iota // the module is refused
	KindFuel               // a call used up its fuel
	KindTrap               // unreachable, out of bounds, division by zero, too deep
	KindABI                // what it declared or answered breaks the ABI
	KindStatus             // it returned a status, or called fail
	KindLimit              // too many calls, decisions, timers or metrics
)

func (k Kind) String() string {
	return [...]string{"load", "out of fuel", "trap", "ABI", "status", "limit"}[k]
}

// Error is what a guest did wrong.
type Error struct {
	Module string // the file
	Hook   string // "" while loading
	Kind   Kind
	Text   string
	Call   uint64     // calls so far
	At     state.Time // simulated; -1 while loading
	Trace  []string   // the guest's stack, innermost first
	Output []string   // the last lines that it logged or printed
	Faults []Fault    // of KindLoad: what Text is made of, where it is about the module itself
}

// Fault is one thing that is wrong with a module.
type Fault struct{ Rule, Text string }

// Rules that a module can break while it is loaded, beside those of package rewrite, in the order in which they are looked at. Those of
// the ABI, from RuleExports on, are looked at together.
const (
	RuleFormat  = "format"
	RuleValid   = "valid"
	RuleCompile = "compile"
	RuleExports = "exports"
	RuleImports = "imports"
	RuleMemory  = "memory"
)

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Line())
	lines(&b, "\n    at ", e.Trace)
	lines(&b, "\n    it said: ", e.Output)
	return b.String()
}

// lines writes lines with a prefix, and those that repeat once.
func lines(b *strings.Builder, prefix string, list []string) {
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i+n] == list[i] {
			n++
		}
		if b.WriteString(prefix + list[i]); n > 1 {
			fmt.Fprintf(b, " (%d times)", n)
		}
		i += n
	}
}

// Line is the error without the guest's stack and output.
func (e *Error) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "policy %s: ", e.Module)
	if e.Hook != "" {
		fmt.Fprintf(&b, "%s (call %d", e.Hook, e.Call)
		if e.At >= 0 {
			fmt.Fprintf(&b, ", at %s s", units.SecondsText(int64(e.At)))
		}
		b.WriteString("): ")
	}
	if e.Kind != KindLoad {
		fmt.Fprintf(&b, "%s: ", e.Kind)
	}
	b.WriteString(e.Text)
	return b.String()
}

func loadError(module, format string, args ...any) *Error {
	return &Error{Module: module, Kind: KindLoad, Text: printable(fmt.Sprintf(format, args...), maxText)}
}

// loadFault is the error of a module that breaks one rule.
func loadFault(module, rule, format string, args ...any) *Error {
	e := loadError(module, format, args...)
	e.Faults = []Fault{{rule, e.Text}}
	return e
}

// printable is a stranger's text as a line that a terminal shows as it is, of at most so many bytes.
func printable(s string, most int) string {
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
