package sdk

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies/sched1"
)

// probe writes, in one language, a guest that reads every column, every field of ctx and every field of an event, and writes every
// field of a decision: what a compiler makes of the SDK, value by value.
type probe struct {
	head   func(want func(each string, between string) map[string]string) string
	column func(table, column string, wide bool) string // row 3
	ctx    func(field string, size int) string
	event  func(field string, offset, size int) string // of event 1
	key    string                                      // a statement that stores key i of an expression
	set    func(field string, value, offset, size int) string
	tail   string
	middle string // between sched1_keys and sched1_decide
}

func goName(s string) string { return sched1.GoName(s) }

var probes = map[string]probe{
	"c": {
		head: func(want func(string, string) map[string]string) string {
			s := "#define SCHED1_NAME \"probe\"\n#define SCHED1_FLAGS SCHED1_DESC_KEYS_EXPIRE\n"
			for _, tb := range sched1.Tables() {
				s += "#define SCHED1_" + strings.ToUpper(tb.Name) + "(want) " + want("want(%[2]s)", " ")[tb.Name] + "\n"
			}
			return s + "#include \"sched1.h\"\nint32_t sched1_keys(uint32_t n) {\n"
		},
		column: func(tb, c string, _ bool) string { return tb + "." + c + "[3]" },
		ctx:    func(f string, _ int) string { return "ctx." + f },
		event:  func(f string, _, _ int) string { return "events[1]." + f },
		key:    "\tkeys[%d] = (int64_t)%s;\n",
		middle: "\tvalid_until[0] = sched1_param_i64(\"a\", 1, 7);\n\treturn 0;\n}\nint32_t sched1_decide(uint32_t n) {\n",
		set:    func(f string, v, _, _ int) string { return fmt.Sprintf("\tdecisions[1].%s = %d;\n", f, v) },
		tail:   "\treturn 2;\n}\n",
	},
	"rust": {
		head: func(want func(string, string) map[string]string) string {
			s := "#![no_std]\n#[macro_use]\nmod sched1;\nno_std!();\npolicy! { name: \"probe\", flags: sched1::DESC_KEYS_EXPIRE, every_ns: 0, coalesce_ns: 0"
			for _, tb := range sched1.Tables() {
				s += ", " + tb.Name + ": [" + strings.ReplaceAll(want("%[2]s", ", ")[tb.Name], "type,", "r#type,") + "]"
			}
			return s + " }\n#[no_mangle]\npub extern \"C\" fn sched1_keys(_n: u32) -> i32 {\n    let keys = sched1::keys(1000);\n"
		},
		column: func(tb, c string, _ bool) string {
			if c == "type" {
				c = "r#type"
			}
			return tb + "()." + c + "[3] as i64"
		},
		ctx:    func(f string, _ int) string { return "sched1::ctx()." + f + " as i64" },
		event:  func(f string, _, _ int) string { return "sched1::events(2)[1]." + f + " as i64" },
		key:    "    keys[%d] = %s;\n",
		middle: "    sched1::valid_until(1)[0] = sched1::param_i64(\"a\", 7);\n    0\n}\n#[no_mangle]\npub extern \"C\" fn sched1_decide(_n: u32) -> i32 {\n",
		set:    func(f string, v, _, _ int) string { return fmt.Sprintf("    sched1::decisions()[1].%s = %d;\n", f, v) },
		tail:   "    2\n}\n",
	},
	"go": {
		head: func(want func(string, string) map[string]string) string {
			s := "//go:build wasip1\n\npackage main\n\nfunc main() {}\n\nfunc init() {\n\tpolicy(\"probe\", DescKeysExpire"
			for _, tb := range sched1.Tables() {
				for _, c := range tb.Columns {
					s += ", " + goName(tb.Name) + goName(c.Name)
				}
			}
			return s + ")\n}\n\n//go:wasmexport sched1_keys\nfunc keysOf(n uint32) int32 {\n"
		},
		column: func(tb, c string, _ bool) string { return tb + "." + goName(c) + "[3]" },
		ctx:    func(f string, _ int) string { return "ctx." + goName(f) },
		event:  func(f string, _, _ int) string { return "events[1]." + goName(f) },
		key:    "\tkeys[%d] = int64(%s)\n",
		middle: "\tvalidUntil[0] = paramI64(\"a\", 7)\n\treturn 0\n}\n\n//go:wasmexport sched1_decide\nfunc decide(n uint32) int32 {\n",
		set:    func(f string, v, _, _ int) string { return fmt.Sprintf("\tdecisions[1].%s = %d\n", goName(f), v) },
		tail:   "\treturn 2\n}\n",
	},
	"assemblyscript": {
		head: func(want func(string, string) map[string]string) string {
			s := "import * as s from \"./sched1\";\nexport { sched1_desc, sched1_layout } from \"./sched1\";\ns.policy(\"probe\", s.DESC_KEYS_EXPIRE);\n"
			for _, tb := range sched1.Tables() {
				for _, c := range tb.Columns {
					s += fmt.Sprintf("s.want(s.TABLE_%s, s.%s_%s);\n", strings.ToUpper(tb.Name), strings.ToUpper(tb.Name), strings.ToUpper(c.Name))
				}
			}
			return s + "const a: StaticArray<u8> = [97];\nexport function sched1_keys(n: u32): i32 {\n"
		},
		column: func(tb, c string, _ bool) string { return "s." + tb + "." + c + "(3)" },
		ctx:    func(f string, _ int) string { return "s.ctx()." + f },
		event:  func(f string, _, _ int) string { return "s.event(1)." + f },
		key:    "  s.setKey(%d, <i64>%s);\n",
		middle: "  s.setValidUntil(0, s.host_param_i64(changetype<usize>(a), 1, 7));\n  return 0;\n}\nexport function sched1_decide(n: u32): i32 {\n",
		set:    func(f string, v, _, _ int) string { return fmt.Sprintf("  s.decision(1).%s = %d;\n", f, v) },
		tail:   "  return 2;\n}\n",
	},
	"zig": {
		head: func(want func(string, string) map[string]string) string {
			s := "const s = @import(\"sched1.zig\");\nconst p = s.Policy(.{ .name = \"probe\", .flags = s.DESC_KEYS_EXPIRE"
			for _, tb := range sched1.Tables() {
				s += ", ." + tb.Name + " = &.{ " + want(".%[2]s", ", ")[tb.Name] + " }"
			}
			return s + " });\ncomptime {\n    _ = p;\n}\n" +
				"fn w(x: anytype) i64 {\n    if (@typeInfo(@TypeOf(x)).Int.signedness == .signed) return x;\n    return @bitCast(@as(u64, x));\n}\n" +
				"export fn sched1_keys(n: u32) i32 {\n    _ = n;\n"
		},
		column: func(tb, c string, _ bool) string { return "w(p." + tb + "(." + c + ")[3])" },
		ctx:    func(f string, _ int) string { return "w(s.ctx." + f + ")" },
		event:  func(f string, _, _ int) string { return "w(p.events(2)[1]." + f + ")" },
		key:    "    p.keys(1000)[%d] = %s;\n",
		middle: "    p.validUntil(1)[0] = s.paramI64(\"a\", 7);\n    return 0;\n}\nexport fn sched1_decide(n: u32) i32 {\n    _ = n;\n",
		set:    func(f string, v, _, _ int) string { return fmt.Sprintf("    p.decisions()[1].%s = %d;\n", f, v) },
		tail:   "    return 2;\n}\n",
	},
	"wat": {
		head: func(want func(string, string) map[string]string) string {
			s := "(import \"sched1\" \"param_i64\" (func $param (param i32 i32 i64) (result i64)))\n(data (i32.const 4096) \"probea\")\n(func $setup\n" +
				"  (call $policy (i32.const 4096) (i32.const 5) (global.get $DESC_KEYS_EXPIRE))\n"
			for _, tb := range sched1.Tables() {
				s += want("  (call $want (global.get $%[1]s.%[2]s))", "\n")[tb.Name] + "\n"
			}
			return s + ")\n(func (export \"sched1_keys\") (param $n i32) (result i32)\n"
		},
		column: func(tb, c string, wide bool) string {
			if wide {
				return "(i64.load (i32.add (i32.load (global.get $" + tb + "." + c + ")) (i32.const 24)))"
			}
			return "(i64.load32_u (i32.add (i32.load (global.get $" + tb + "." + c + ")) (i32.const 12)))"
		},
		ctx: func(f string, size int) string {
			return fmt.Sprintf("(i64.load%s (global.get $ctx.%s))", map[int]string{8: "", 4: "32_u"}[size], f)
		},
		event: func(f string, _, size int) string {
			return fmt.Sprintf("(i64.load%s (i32.add (i32.add (i32.load (global.get $desc.events_ptr)) (i32.const %d)) (global.get $event.%s)))",
				map[int]string{8: "", 4: "32_u", 2: "16_u"}[size], sched1.EventBytes, f)
		},
		key: "  (i64.store offset=%d (i32.load (global.get $desc.out_ptr)) %s)\n",
		middle: "  (i64.store (i32.load (global.get $desc.out2_ptr)) (call $param (i32.const 4101) (i32.const 1) (i64.const 7)))\n  (i32.const 0))\n" +
			"(func (export \"sched1_decide\") (param $n i32) (result i32)\n",
		set: func(f string, v, _, size int) string {
			return fmt.Sprintf("  (i64.store%s (i32.add (i32.add (i32.load (global.get $desc.decisions_ptr)) (i32.const %d)) (global.get $decision.%s)) (i64.const %d))\n",
				map[int]string{8: "", 4: "32", 2: "16"}[size], sched1.DecisionBytes, f, v)
		},
		tail: "  (i32.const 2))\n",
	},
}

// source is the probe's text.
func (p *probe) source(lang string) string {
	want := func(each, between string) map[string]string {
		out := map[string]string{}
		for _, tb := range sched1.Tables() {
			var list []string
			for _, c := range tb.Columns {
				list = append(list, strings.ReplaceAll(strings.ReplaceAll(each, "%[1]s", tb.Name), "%[2]s", c.Name))
			}
			out[tb.Name] = strings.Join(list, between)
		}
		return out
	}
	var b strings.Builder
	b.WriteString(p.head(want))
	k := 0
	key := func(expr string) {
		at := k
		if lang == "wat" {
			at = 8 * k // an offset, not an index
		}
		fmt.Fprintf(&b, p.key, at, expr)
		k++
	}
	for _, tb := range sched1.Tables() {
		for _, c := range tb.Columns {
			key(p.column(tb.Name, c.Name, c.Type.Size() == 8))
		}
	}
	for _, f := range sched1.Ctx.Fields {
		if f.Name != "reserved" {
			key(p.ctx(f.Name, f.Type.Size()))
		}
	}
	for _, f := range sched1.Event.Fields {
		key(p.event(f.Name, f.Offset, f.Type.Size()))
	}
	b.WriteString(p.middle)
	for i, f := range sched1.Decision.Fields {
		b.WriteString(p.set(f.Name, 1000+i, f.Offset, f.Type.Size()))
	}
	b.WriteString(p.tail)
	return b.String()
}

// TestProbes builds a probe in C, Go and WAT, and in each other language whose compiler RUSTC, ASC or ZIG names, and compares what it reads and writes with the tables.
func TestProbes(t *testing.T) {
	for i := range languages {
		l := &languages[i]
		t.Run(l.name, func(t *testing.T) {
			if l.name == "c" || l.name == "wat" {
				if !has(t, l.name) {
					t.Skipf("no %s", toolchains[l.name].command[0])
				}
			} else if compiler := map[string]string{"rust": "RUSTC", "assemblyscript": "ASC", "zig": "ZIG"}[l.name]; compiler != "" && os.Getenv(compiler) == "" {
				t.Skipf("%s does not name a compiler: TestEveryValue of package generate and the example hold the file", compiler)
			}
			dir := t.TempDir()
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
			if err := Init(dir, l.name, "probe"); err != nil {
				t.Fatal(err)
			}
			p := probes[l.name]
			if err := os.WriteFile(filepath.Join(dir, "probe"+l.ext), []byte(p.source(l.name)), 0o644); err != nil {
				t.Fatal(err)
			}
			reads(t, load(t, runBuild(t, dir, "probe")))
		})
	}
}

// reads holds what a probe reads and writes.
func reads(t *testing.T, g *guest) {
	for _, rows := range []uint32{256, 1024} { // the second time the tables have moved
		g.layout(rows)
		next := uint64(0x8899_0000_1234_5678)
		var want []uint64
		put := func(at uint32, typ sched1.Type) {
			next += 0x0101_0000_0101_0101
			size := uint32(typ.Size())
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], next)
			copy(g.bytes(at, size), b[:size])
			clear(b[size:])
			v := binary.LittleEndian.Uint64(b[:])
			if typ == sched1.I32 {
				v = uint64(int64(int32(v)))
			}
			want = append(want, v)
		}
		for _, tb := range sched1.Tables() {
			for _, c := range tb.Columns {
				put(g.column(tb.Kind, c.ID)+3*uint32(c.Type.Size()), c.Type)
			}
		}
		for _, f := range sched1.Ctx.Fields {
			if f.Name != "reserved" {
				put(g.u32(g.desc+sched1.DescCtxPtr)+uint32(f.Offset), f.Type)
			}
		}
		for _, f := range sched1.Event.Fields {
			put(g.u32(g.desc+sched1.DescEventsPtr)+sched1.EventBytes+uint32(f.Offset), f.Type)
		}
		g.call(sched1.HookKeys, 1)
		for i, got := range g.keys(len(want)) {
			if w := want[i]; uint64(got) != w && !(w>>31 == 1<<33-1 && uint64(got) == w&0xffffffff) { // WAT reads an i32 as it lies
				t.Errorf("value %d is %#x, want %#x", i, uint64(got), w)
			}
		}
		if until := binary.LittleEndian.Uint64(g.bytes(g.u32(g.desc+sched1.DescOut2Ptr), 8)); until != 49 {
			t.Errorf("param_i64(a, 7) came back as %d", until)
		}
		if n := g.call(sched1.HookDecide, 2); n != 2 {
			t.Errorf("sched1_decide returns %d", n)
		}
		d := g.bytes(g.u32(g.desc+sched1.DescDecisionsPtr)+sched1.DecisionBytes, sched1.DecisionBytes)
		for i, f := range sched1.Decision.Fields {
			var b [8]byte
			copy(b[:f.Type.Size()], d[f.Offset:])
			if got := binary.LittleEndian.Uint64(b[:]); got != uint64(1000+i) {
				t.Errorf("decision.%s is %d, want %d", f.Name, got, 1000+i)
			}
		}
	}
}
