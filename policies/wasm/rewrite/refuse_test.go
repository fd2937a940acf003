package rewrite

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// raw puts sections behind the header.
func raw(sections ...[]byte) []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range sections {
		out = append(append(out, s[0], byte(len(s)-1)), s[1:]...)
	}
	return out
}

// code is a module of one function () -> () with this body after its locals.
func code(body ...byte) []byte {
	return raw([]byte{secType, 1, 0x60, 0, 0}, []byte{secFunction, 1, 0}, append([]byte{secCode, 1, byte(len(body) + 1), 0}, body...))
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		text  string   // built with wat2wasm ...
		flags []string // ... and these
		bytes []byte   // or as it is
		rule  Rule
		want  string
	}{
		"empty": {bytes: []byte{}, rule: Malformed,
			want: `wasm module: byte 0x0: got 0 bytes, wanted 8; build it again: the file is damaged or no WebAssembly`},
		"component": {bytes: []byte("\x00asm\x0d\x00\x01\x00"), rule: Malformed,
			want: `wasm module: byte 0x0: got the bytes 00 61 73 6d 0d 00 01 00, wanted 00 61 73 6d 01 00 00 00 (a core module, version 1); pass a .wasm file; text is built with wat2wasm, a component holds core modules`},
		"text": {bytes: []byte("(module (memory 1))"), rule: Malformed,
			want: `wasm module: byte 0x0: got the bytes 28 6d 6f 64 75 6c 65 20, wanted 00 61 73 6d 01 00 00 00 (a core module, version 1); pass a .wasm file; text is built with wat2wasm, a component holds core modules`},
		"threads": {text: `(module (memory 1) (func $spin (drop (i32.atomic.load (i32.const 0)))))`, flags: []string{"--enable-threads"},
			rule: Feature,
			want: `wasm module: byte 0x1e, function 0 "spin": got a threads instruction (opcode 0xfe 0x10), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; build without -pthread and without atomics`},
		"shared memory": {text: `(module (memory 1 2 shared))`, flags: []string{"--enable-threads"}, rule: Feature,
			want: `wasm module: byte 0xb: got a shared memory (threads), wanted one that is not shared; build without -pthread and --shared-memory`},
		"exceptions": {text: `(module (tag $e) (func $f (throw $e)))`, flags: []string{"--enable-exceptions"}, rule: Feature,
			want: `wasm module: byte 0x12: got a tag section (exception handling), wanted no exceptions; build without -fwasm-exceptions`},
		"try": {text: `(module (func $f (try (do) (catch_all))))`, flags: []string{"--enable-exceptions"}, rule: Feature,
			want: `wasm module: byte 0x17, function 0 "f": got an exception handling instruction (opcode 0x06), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; build without -fwasm-exceptions`},
		"tail call": {text: `(module (func $f (return_call $f)))`, flags: []string{"--enable-tail-call"}, rule: Feature,
			want: `wasm module: byte 0x17, function 0 "f": got a tail call (opcode 0x12), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; build without -mtail-call`},
		"tail call through the table": {text: `(module (table 1 funcref) (func $f (return_call_indirect (i32.const 0))))`,
			flags: []string{"--enable-tail-call"}, rule: Feature,
			want: `wasm module: byte 0x1f, function 0 "f": got a tail call (opcode 0x13), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; build without -mtail-call`},
		"memory64": {text: `(module (memory i64 1))`, flags: []string{"--enable-memory64"}, rule: Feature,
			want: `wasm module: byte 0xb: got a 64-bit memory (memory64), wanted a 32-bit one; compile for wasm32`},
		"multi-memory": {bytes: raw([]byte{secMemory, 2, 0, 1, 0, 1}), rule: Feature,
			want: `wasm module: byte 0xa: got 2 memories (multi-memory), wanted one; link into one memory`},
		"memory index": {bytes: append(raw([]byte{secType, 1, 0x60, 0, 0}, []byte{secFunction, 1, 0}, []byte{secMemory, 1, 0, 1}), secCode, 10, 1, 8, 0, 0x41, 0, 0x28, 0x42, 1, 0, 0x0b), rule: Feature,
			want: `wasm module: byte 0x1f, function 0: got an access with a memory index (multi-memory), wanted memory 0; link into one memory`},
		"memory.size of 1": {bytes: raw([]byte{secType, 1, 0x60, 0, 0}, []byte{secFunction, 1, 0}, []byte{secMemory, 1, 0, 1}, []byte{secCode, 1, 5, 0, 0x3f, 1, 0x1a, 0x0b}), rule: Feature,
			want: `wasm module: byte 0x1d, function 0: got a memory index that is not 0 (multi-memory), wanted memory 0, as one byte; link into one memory`},
		"relaxed SIMD": {bytes: code(0xfd, 0x80, 0x02, 0x0b), rule: Feature,
			want: `wasm module: byte 0x17, function 0: got a relaxed SIMD instruction (opcode 0xfd 0x100), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; build without -mrelaxed-simd: its results depend on the CPU`},
		"GC instruction": {bytes: code(0xfb, 0x00, 0x00, 0x0b), rule: Feature,
			want: `wasm module: byte 0x17, function 0: got a garbage collection instruction (opcode 0xfb 0x00), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; compile for linear memory, without WasmGC`},
		"GC type": {bytes: raw([]byte{secType, 1, 0x5f, 0}), rule: Feature,
			want: `wasm module: byte 0xb: got a type of form 0x5f (garbage collection), wanted function types (0x60); compile for linear memory, without WasmGC`},
		"GC recursive types": {bytes: raw([]byte{secType, 1, 0x4e, 0}), rule: Feature,
			want: `wasm module: byte 0xb: got a type of form 0x4e (garbage collection), wanted function types (0x60); compile for linear memory, without WasmGC`},
		"typed reference": {bytes: raw([]byte{secType, 1, 0x60, 1, 0x64, 0x70, 0}), rule: Feature,
			want: `wasm module: byte 0xd: got the type 0x64 (typed references, garbage collection), wanted i32, i64, f32, f64, v128, funcref or externref; compile for linear memory, without WasmGC`},
		"call_ref": {bytes: code(0x14, 0x00, 0x0b), rule: Feature,
			want: `wasm module: byte 0x17, function 0: got a typed function reference instruction (opcode 0x14), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; call through the table with call_indirect`},
		"extended constant": {bytes: raw([]byte{secGlobal, 1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b}), rule: Feature,
			want: `wasm module: byte 0xd: got a constant of more than one instruction (extended constants), wanted one constant; build without -mextended-const`},
		"table with value": {bytes: raw([]byte{secTable, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b}), rule: Feature,
			want: `wasm module: byte 0xb: got a table with an initial value (typed references), wanted a table of null entries; fill it with element segments`},
		"table.set": {text: `(module (table 1 funcref) (func $f (table.set 0 (i32.const 0) (ref.null func))))`, rule: Unforkable,
			want: `wasm module: byte 0x21, function 0 "f": got an instruction that changes the table (opcode 0x26), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; fill the table with element segments: a fork could not copy it`},
		"table.grow": {text: `(module (table 1 funcref) (func $f (drop (table.grow 0 (ref.null func) (i32.const 1)))))`, rule: Unforkable,
			want: `wasm module: byte 0x21, function 0 "f": got an instruction that changes the table (opcode 0xfc 0x0f), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; fill the table with element segments: a fork could not copy it`},
		"table.fill": {text: `(module (table 1 funcref) (func $f (table.fill 0 (i32.const 0) (ref.null func) (i32.const 1))))`, rule: Unforkable,
			want: `wasm module: byte 0x23, function 0 "f": got an instruction that changes the table (opcode 0xfc 0x11), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; fill the table with element segments: a fork could not copy it`},
		"table.copy": {text: `(module (table 1 funcref) (func $f (table.copy (i32.const 0) (i32.const 0) (i32.const 1))))`, rule: Unforkable,
			want: `wasm module: byte 0x23, function 0 "f": got an instruction that changes the table (opcode 0xfc 0x0e), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; fill the table with element segments: a fork could not copy it`},
		"table.init": {text: `(module (table 1 funcref) (elem $e func $f) (func $f (table.init $e (i32.const 0) (i32.const 0) (i32.const 1))))`,
			rule: Unforkable,
			want: `wasm module: byte 0x2a, function 0 "f": got an instruction that changes the table (opcode 0xfc 0x0c), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; fill the table with element segments: a fork could not copy it`},
		"elem.drop": {text: `(module (table 1 funcref) (elem $e func $f) (func $f (elem.drop $e)))`, rule: Unforkable,
			want: `wasm module: byte 0x24, function 0 "f": got an instruction that drops a segment (opcode 0xfc 0x0d), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; leave the segment where it is: a fork could not tell that it is gone`},
		"data.drop": {text: `(module (memory 1) (data $d "x") (func $f (data.drop $d)))`, rule: Unforkable,
			want: `wasm module: byte 0x1f, function 0 "f": got an instruction that drops a segment (opcode 0xfc 0x09), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; leave the segment where it is: a fork could not tell that it is gone`},
		"mutable v128 global": {text: `(module (global (mut v128) (v128.const i32x4 0 0 0 0)))`, rule: Unforkable,
			want: `wasm module: byte 0xb: got mutable global 0 of type v128, wanted mutable globals of i32, i64, f32 or f64; keep it in memory: a fork could not copy it`},
		"mutable reference global": {text: `(module (global i32 (i32.const 1)) (global (mut funcref) (ref.null func)))`, rule: Unforkable,
			want: `wasm module: byte 0x10: got mutable global 1 of type funcref, wanted mutable globals of i32, i64, f32 or f64; keep it in memory: a fork could not copy it`},
		"imported memory": {text: `(module (import "env" "memory" (memory 1)))`, rule: ForeignState,
			want: `wasm module: byte 0xb: got a memory imported as "env" "memory", wanted imports of functions only; define and export it in the module (wasm-ld: no --import-memory, no --import-table)`},
		"imported table": {text: `(module (import "env" "table" (table 1 funcref)))`, rule: ForeignState,
			want: `wasm module: byte 0xb: got a table imported as "env" "table", wanted imports of functions only; define and export it in the module (wasm-ld: no --import-memory, no --import-table)`},
		"imported global": {text: `(module (import "env" "g" (global i32)))`, rule: ForeignState,
			want: `wasm module: byte 0xb: got a global imported as "env" "g", wanted imports of functions only; define and export it in the module (wasm-ld: no --import-memory, no --import-table)`},
		"forged fuel": {text: `(module (global $mine (mut i32) (i32.const 0)) (func $cheat (global.set 1 (i64.const 1000000000))))`,
			flags: []string{"--no-check"}, rule: ForeignState,
			want: `wasm module: byte 0x25, function 0 "cheat": got global 1, wanted an index below 1 (the module's own globals); the host's counters are no part of the module`},
		"forged depth": {text: `(module (func $cheat (global.set 1 (i64.const 0))))`, flags: []string{"--no-check"}, rule: ForeignState,
			want: `wasm module: byte 0x19, function 0 "cheat": got global 1, wanted an index below 0 (the module's own globals); the host's counters are no part of the module`},
		"read of the fuel": {text: `(module (func $peek (drop (global.get 0))))`, flags: []string{"--no-check"}, rule: ForeignState,
			want: `wasm module: byte 0x17, function 0 "peek": got global 0, wanted an index below 0 (the module's own globals); the host's counters are no part of the module`},
		"export of the fuel": {text: `(module (export "mine" (global 0)))`, flags: []string{"--no-check"}, rule: ForeignState,
			want: `wasm module: byte 0xa: got global 0, wanted an index below 0 (the module's own globals); the host's counters are no part of the module`},
		"constant of the fuel": {text: `(module (global i64 (global.get 1)))`, flags: []string{"--no-check"}, rule: ForeignState,
			want: `wasm module: byte 0xd: got global 1 in a constant, wanted an index below 1 (the module's own globals); the host's counters are no part of the module`},
		"data at the fuel": {text: `(module (memory 1) (data (offset global.get 0) "x"))`, flags: []string{"--no-check"}, rule: ForeignState,
			want: `wasm module: byte 0x11: got global 0 in a constant, wanted an index below 0 (the module's own globals); the host's counters are no part of the module`},
		"reserved export": {text: `(module (func (export "__orrery_start")))`, rule: ReservedName,
			want: `wasm module: byte 0x15: got the export "__orrery_start", wanted no name that begins with "__orrery"; rename it: those names are the host's`},
		"reserved global": {text: `(module (global (export "__orrery_g0") i32 (i32.const 0)))`, rule: ReservedName,
			want: `wasm module: byte 0x13: got the export "__orrery_g0", wanted no name that begins with "__orrery"; rename it: those names are the host's`},
		"reserved import": {text: `(module (import "sched1" "__orrery_fuel" (func)))`, rule: ReservedName,
			want: `wasm module: byte 0x11: got the import "__orrery_fuel", wanted no name that begins with "__orrery"; rename it: those names are the host's`},
		"reserved import module": {text: `(module (import "__orrery" "fuel" (func)))`, rule: ReservedName,
			want: `wasm module: byte 0x11: got an import from "__orrery", wanted no name that begins with "__orrery"; rename it: those names are the host's`},
		"start of an import": {text: `(module (import "env" "f" (func $f)) (start $f))`, rule: Malformed,
			want: `wasm module: byte 0x1b: got function 0 as the start function, wanted a function of the module itself (it imports 1 and has 0); start with a function of the module`},
		"start with a parameter": {text: `(module (func $f (param i32)) (start $f))`, flags: []string{"--no-check"}, rule: Malformed,
			want: `wasm module: byte 0x15: got a start function of type (i32) -> (), wanted () -> (); build it again: the file is damaged or no WebAssembly`},
		"start of nothing": {bytes: raw([]byte{secStart, 7}), rule: Malformed,
			want: `wasm module: byte 0xa: got function 7 as the start function, wanted a function of the module itself (it imports 0 and has 0); start with a function of the module`},
		"memory minimum": {text: `(module (memory 1025))`, rule: Limit,
			want: `wasm module: byte 0xa: got a memory of at least 1025 pages (64 MiB), wanted at most 1024 pages (64 MiB); lower the initial memory (wasm-ld --initial-memory), or raise the policy's memory limit`},
		"table bomb": {text: `(module (table 134217728 funcref))`, rule: Limit,
			want: `wasm module: byte 0xa: got 134217728 table entries, wanted at most 65536; make the module smaller`},
		"two tables": {text: `(module (table 1 funcref) (table 1 funcref))`, rule: Limit,
			want: `wasm module: byte 0xa: got 2 tables, wanted at most 1; make the module smaller`},
		"sections out of order": {bytes: raw([]byte{secFunction, 0}, []byte{secType, 0}), rule: Malformed,
			want: `wasm module: byte 0xb: got the type section out of order or twice, wanted each section once, in the order of the specification; build it again: the file is damaged or no WebAssembly`},
		"section twice": {bytes: raw([]byte{secType, 0}, []byte{secType, 0}), rule: Malformed,
			want: `wasm module: byte 0xb: got the type section out of order or twice, wanted each section once, in the order of the specification; build it again: the file is damaged or no WebAssembly`},
		"section past the end": {bytes: append(raw(), secType, 9, 0), rule: Malformed,
			want: `wasm module: byte 0x8: got the type section of 9 bytes with 1 left, wanted a section that ends within the module; build it again: the file is damaged or no WebAssembly`},
		"unknown section": {bytes: raw([]byte{14}), rule: Malformed,
			want: `wasm module: byte 0x8: got section 14, wanted sections 0 to 12; build it again: the file is damaged or no WebAssembly`},
		"number too long": {bytes: append(raw(), secType, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), rule: Malformed,
			want: `wasm module: byte 0x9: got a number of more than 32 bits, wanted a LEB128 number that fits; build it again: the file is damaged or no WebAssembly`},
		"number too large": {bytes: append(raw(), secType, 0xff, 0xff, 0xff, 0xff, 0x1f), rule: Malformed,
			want: `wasm module: byte 0x9: got a number of more than 32 bits, wanted a LEB128 number that fits; build it again: the file is damaged or no WebAssembly`},
		"signed number too large": {bytes: code(0x41, 0xff, 0xff, 0xff, 0xff, 0x4f, 0x1a, 0x0b), rule: Malformed,
			want: `wasm module: byte 0x18, function 0: got a signed number of more than 32 bits, wanted a LEB128 number that fits; build it again: the file is damaged or no WebAssembly`},
		"count without items": {bytes: raw([]byte{secType, 0xff, 0x01}), rule: Malformed,
			want: `wasm module: byte 0xa: got 255 types in 0 bytes, wanted at least a byte each; build it again: the file is damaged or no WebAssembly`},
		"bytes after the end": {bytes: code(0x0b, 0x0b), rule: Malformed,
			want: `wasm module: byte 0x18, function 0: got 1 bytes after the end of the body, wanted none; build it again: the file is damaged or no WebAssembly`},
		"no end": {bytes: code(0x01), rule: Malformed,
			want: `wasm module: byte 0x18, function 0: got the end, wanted a byte; build it again: the file is damaged or no WebAssembly`},
		"else without if": {bytes: code(0x05, 0x0b), rule: Malformed,
			want: `wasm module: byte 0x17, function 0: got an else, wanted an open if; build it again: the file is damaged or no WebAssembly`},
		"label": {text: `(module (func $f (br 1)))`, flags: []string{"--no-check"}, rule: Malformed,
			want: `wasm module: byte 0x17, function 0 "f": got a branch to label 1, wanted an index below 1 (blocks around it, with the function itself); build it again: the file is damaged or no WebAssembly`},
		"local": {text: `(module (func $f (drop (local.get 3))))`, flags: []string{"--no-check"}, rule: Malformed,
			want: `wasm module: byte 0x17, function 0 "f": got local 3, wanted an index below 0 (parameters and locals); build it again: the file is damaged or no WebAssembly`},
		"constant global": {text: `(module (global i32 (i32.const 1)) (func $f (global.set 0 (i32.const 2))))`, flags: []string{"--no-check"}, rule: Malformed,
			want: `wasm module: byte 0x21, function 0 "f": got a write to global 0, which is constant, wanted writes to mutable globals; build it again: the file is damaged or no WebAssembly`},
		"unknown opcode": {bytes: code(0x27, 0x0b), rule: Malformed,
			want: `wasm module: byte 0x17, function 0: got an unknown instruction (opcode 0x27), wanted an instruction of WebAssembly 2.0 that leaves tables and segments as they are; compile for WebAssembly 2.0 without other proposals`},
		"two name sections": {bytes: raw([]byte{secCustom, 4, 'n', 'a', 'm', 'e'}, []byte{secCustom, 4, 'n', 'a', 'm', 'e'}), rule: Malformed,
			want: `wasm module: byte 0x11: got a second name section, wanted one; build it again: the file is damaged or no WebAssembly`},
		"names that claim more": {bytes: raw(append([]byte{secCustom, 4}, "name\x01\x02\xe8\x07"...)), rule: Malformed,
			want: `wasm module: byte 0x11: got 1000 names in 0 bytes, wanted at least a byte each; build it again: the file is damaged or no WebAssembly`},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.bytes
			if b == nil {
				b = wat(t, c.text, c.flags...)
			}
			_, err := Rewrite(b, Default())
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, wanted an Error", err)
			}
			if e.Rule != c.rule || e.Error() != c.want {
				t.Errorf("rule %s, wanted %s\ngot  %s\nwant %s", e.Rule, c.rule, e, c.want)
			}
		})
	}
}

// TestLimits passes each limit at its value and refuses one more.
func TestLimits(t *testing.T) {
	repeat := strings.Repeat
	nested := func(n int) string { return "(module (func $f " + repeat("(block ", n) + repeat(")", n) + "))" }
	for name, c := range map[string]struct {
		set  func(o *Options)
		text func(n int) string
		n    int
		want string
	}{
		"nesting": {func(o *Options) { o.MaxNesting = 20 }, nested, 20,
			`wasm module: byte 0x3f, function 0 "f": got 21 blocks around each other, wanted at most 20; split the function, or have the compiler inline less`},
		"loops": {func(o *Options) { o.MaxLoops = 20 }, func(n int) string { return "(module (func $f " + repeat("(loop)", n) + "))" }, 20,
			`wasm module: byte 0x53, function 0 "f": got 21 loops in a function, wanted at most 20; split the function, or have the compiler inline less`},
		"branches": {func(o *Options) { o.MaxBranches = 20 }, func(n int) string { return "(module (func $f (block " + repeat("(br_if 0 (i32.const 0))", n) + ")))" }, 20,
			`wasm module: byte 0x6b, function 0 "f": got 21 branches in a function (targets of br_table count), wanted at most 20; split the function, or have the compiler inline less`},
		"br_table": {func(o *Options) { o.MaxBranches = 20 }, func(n int) string {
			return "(module (func $f (block (br_table " + repeat("0 ", n) + "(i32.const 0)))))"
		}, 20,
			`wasm module: byte 0x1b, function 0 "f": got 21 branches in a function (targets of br_table count), wanted at most 20; split the function, or have the compiler inline less`},
		"locals": {func(o *Options) { o.MaxLocals = 20 }, func(n int) string {
			return "(module (func $f (param i32 i64) (local " + repeat("f32 ", n-2) + ")))"
		}, 20,
			`wasm module: byte 0x19, function 0 "f": got 21 parameters and locals, wanted at most 20; split the function, or have the compiler inline less`},
		"operand stack": {func(o *Options) { o.MaxStack = 20 }, func(n int) string {
			return "(module (func $f " + repeat("(i32.const 0)", n) + repeat("(drop)", n) + "))"
		}, 20,
			`wasm module: byte 0x3f, function 0 "f": got 21 values on the operand stack, wanted at most 20; split the function, or have the compiler inline less`},
		"names": {func(o *Options) { o.MaxNames = 20 }, func(n int) string {
			text := "(module (func $f"
			for i := range n - 1 {
				text += fmt.Sprintf(" (local $x%d i32)", i)
			}
			return text + "))"
		}, 20,
			`wasm module: byte 0x2b: got 21 names of functions and locals, wanted at most 20; make the module smaller`},
		"merges": {func(o *Options) { o.MaxMerges = 50 }, func(n int) string {
			return "(module (func $f (param i32 i64 i64 i64 i64) " + repeat("(block)", n) + "))"
		}, 10,
			`wasm module: byte 0x1b, function 0 "f": got 55 merges in a function (its locals times its blocks), wanted at most 50; split the function, or have the compiler inline less`},
		"body": {func(o *Options) { o.MaxBody = 20 }, func(n int) string { return "(module (func $f " + repeat("(nop)", n-2) + "))" }, 20,
			`wasm module: byte 0x15, function 0: got 21 bytes of a function body, wanted at most 20; split the function, or have the compiler inline less`},
		"functions": {func(o *Options) { o.MaxFunctions = 20 }, func(n int) string {
			return `(module (import "env" "f" (func)) ` + repeat("(func)", n-1) + ")"
		}, 20,
			`wasm module: byte 0x1b: got 21 functions, imports counted, wanted at most 20; make the module smaller`},
		"parameters": {func(o *Options) { o.MaxValues = 20 }, func(n int) string { return "(module (type (func (param " + repeat("i32 ", n) + "))))" }, 20,
			`wasm module: byte 0xc: got 21 parameters or results of a type, wanted at most 20; make the module smaller`},
		"results": {func(o *Options) { o.MaxValues = 20 }, func(n int) string { return "(module (type (func (result " + repeat("i32 ", n) + "))))" }, 20,
			`wasm module: byte 0xd: got 21 parameters or results of a type, wanted at most 20; make the module smaller`},
		"types": {func(o *Options) { o.MaxTypes = 20 }, func(n int) string { return "(module " + repeat("(type (func))", n) + ")" }, 20,
			`wasm module: byte 0xa: got 21 types, wanted at most 20; make the module smaller`},
		"imports": {func(o *Options) { o.MaxImports = 20 }, func(n int) string { return "(module " + repeat(`(import "a" "b" (func))`, n) + ")" }, 20,
			`wasm module: byte 0x10: got 21 imports, wanted at most 20; make the module smaller`},
		"exports": {func(o *Options) { o.MaxExports = 20 }, func(n int) string {
			text := "(module (func $f)"
			for i := range n {
				text += fmt.Sprintf(`(export "%d" (func $f))`, i)
			}
			return text + ")"
		}, 20,
			`wasm module: byte 0x14: got 21 exports, wanted at most 20; make the module smaller`},
		"globals": {func(o *Options) { o.MaxGlobals = 20 }, func(n int) string { return "(module " + repeat("(global i32 (i32.const 0))", n) + ")" }, 20,
			`wasm module: byte 0xa: got 21 globals, wanted at most 20; make the module smaller`},
		"data segments": {func(o *Options) { o.MaxSegments = 20 }, func(n int) string {
			return "(module (memory 1) " + repeat(`(data (i32.const 0) "x")`, n) + ")"
		}, 20,
			`wasm module: byte 0xf: got 21 data segments, wanted at most 20; make the module smaller`},
		"elements": {func(o *Options) { o.MaxElements = 20 }, func(n int) string {
			return "(module (table 100 funcref) (func $f) (elem (i32.const 0) $f) (elem (i32.const 0) " + repeat("$f ", n-1) + "))"
		}, 20,
			`wasm module: byte 0x25: got 21 entries of element segments, wanted at most 20; make the module smaller`},
		"table": {func(o *Options) { o.MaxTable = 20 }, func(n int) string { return fmt.Sprintf("(module (table %d funcref))", n) }, 20,
			`wasm module: byte 0xa: got 21 table entries, wanted at most 20; make the module smaller`},
		"memory": {func(o *Options) { o.MaxMemoryPages = 20 }, func(n int) string { return fmt.Sprintf("(module (memory %d))", n) }, 20,
			`wasm module: byte 0xa: got a memory of at least 21 pages (1 MiB), wanted at most 20 pages (1 MiB); lower the initial memory (wasm-ld --initial-memory), or raise the policy's memory limit`},
		"branches of the module": {func(o *Options) { o.TotalBranches = 20 }, func(n int) string {
			return "(module (func $f " + repeat("(br_if 0 (i32.const 0))", n-1) + ") (func $g (br 0)))"
		}, 20,
			`wasm module: byte 0x6a, function 1 "g": got 21 branches in the module (targets of br_table count), wanted at most 20; make the module smaller`},
		"loops of the module": {func(o *Options) { o.TotalLoops = 20 }, func(n int) string {
			return "(module (func $f " + repeat("(loop)", n-1) + ") (func $g (loop)))"
		}, 20,
			`wasm module: byte 0x56, function 1 "g": got 21 loops in the module, wanted at most 20; make the module smaller`},
		"merges of the module": {func(o *Options) { o.TotalMerges = 20 }, func(n int) string {
			return "(module (func $f (param i32) " + repeat("(block)", n-1) + ") (func $g (param i32) (block)))"
		}, 20,
			`wasm module: byte 0x57, function 1 "g": got 21 merges in the module (locals times blocks of each function), wanted at most 20; make the module smaller`},
		"work": {func(o *Options) { o.TotalWork = 500 }, func(n int) string {
			return "(module (func $f " + repeat("(br_if 0 (i32.const 0))", n) + ") (func $g " + repeat("(loop)", 5) + "))"
		}, 20,
			`wasm module: byte 0x6e, function 1 "g": got 541 units of compiler work in the module (squares of the paths of each function), wanted at most 500; make the module smaller`},
	} {
		t.Run(name, func(t *testing.T) {
			o := Default()
			c.set(&o)
			if _, err := Rewrite(wat(t, c.text(c.n)), o); err != nil {
				t.Fatalf("at the limit: %v", err)
			}
			_, err := Rewrite(wat(t, c.text(c.n+1)), o)
			var e *Error
			if !errors.As(err, &e) || e.Rule != Limit || e.Error() != c.want {
				t.Errorf("past the limit\ngot  %v\nwant %s", err, c.want)
			}
		})
	}
}
