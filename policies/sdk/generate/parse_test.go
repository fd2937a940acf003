package generate

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies/sched1"
)

// reading is how to find, in the text of an SDK file, what a compiler finds there. It shares nothing with the templates: a
// compiler's own check runs only where that compiler is.
type reading struct {
	constant func(prefix, name string) string  // pattern whose group is the value
	column   func(table, column string) string // pattern whose group is the id
	record   func(name string) string          // pattern whose group is the fields' declarations
	field    string                            // pattern of one: groups name and type, in either order
	typeLast bool
	sizes    map[string]int
}

func upper(parts ...string) string { return strings.ToUpper(strings.Join(parts, "_")) }

var rustSizes = map[string]int{"u16": 2, "u32": 4, "i32": 4, "u64": 8, "i64": 8}

var readings = map[string]reading{
	"c/sched1.h": {
		constant: func(p, n string) string { return `\n\tSCHED1_` + upper(p, n) + ` = (-?\d+),` },
		column:   func(tb, c string) string { return `\n\tsched1_id_` + tb + `_` + c + ` = (\d+),` },
		record:   func(n string) string { return `struct sched1_` + n + ` \{([^}]*)\}` },
		field:    `\n\t(u?int\d+_t) (\w+);`,
		sizes:    map[string]int{"uint16_t": 2, "uint32_t": 4, "int32_t": 4, "uint64_t": 8, "int64_t": 8},
	},
	"rust/sched1.rs": {
		constant: func(p, n string) string { return `\npub const ` + upper(p, n) + `: \w+ = (-?\d+);` },
		column: func(tb, c string) string {
			return `(?s)\npub mod ` + tb + ` \{.*?\n    pub mod (?:r#)?` + c + ` \{[^}]*?ID: usize = (\d+);`
		},
		record: func(n string) string { return `pub struct ` + sched1.GoName(n) + ` \{([^}]*)\}` },
		field:  `\n    pub (\w+): (\w+),`, typeLast: true, sizes: rustSizes,
	},
	"go/sched1.go": {
		constant: func(p, n string) string { return `\n\t` + sched1.GoName(strings.ToLower(p+"_"+n)) + ` += (-?\d+)\b` },
		column: func(tb, c string) string {
			return `\n\t` + sched1.GoName(tb) + sched1.GoName(c) + ` +Column = Table` + sched1.GoName(tb) + `<<8 \| (\d+)\b`
		},
		record: func(n string) string { return `type ` + sched1.GoName(n) + ` struct \{([^}]*)\}` },
		field:  `\n\t(\w+) +(u?int\d+)\b`, typeLast: true,
		sizes: map[string]int{"uint16": 2, "uint32": 4, "int32": 4, "uint64": 8, "int64": 8},
	},
	"assemblyscript/sched1.ts": {
		constant: func(p, n string) string { return `\nexport const ` + upper(p, n) + `: \w+ = (-?\d+);` },
		column:   func(tb, c string) string { return `\nexport const ` + upper(tb, c) + `: u32 = (\d+);` },
		record:   func(n string) string { return `class ` + sched1.GoName(n) + ` \{([^}]*)\}` },
		field:    `\n  (\w+): (\w+);`, typeLast: true, sizes: rustSizes,
	},
	"zig/sched1.zig": {
		constant: func(p, n string) string { return `\npub const ` + upper(p, n) + `: \w+ = (-?\d+);` },
		column: func(tb, c string) string {
			return `(?s)\npub const ` + sched1.GoName(tb) + ` = enum\(u6\) \{[^}]*?\n    ` + c + ` = (\d+),`
		},
		record: func(n string) string { return `pub const ` + sched1.GoName(n) + ` = extern struct \{([^}]*)\}` },
		field:  `\n    (\w+): (\w+) = 0,`, typeLast: true, sizes: rustSizes,
	},
	"wat/sched1.wat": {
		constant: func(p, n string) string { return `\n\(global \$` + upper(p, n) + ` i32 \(i32\.const (-?\d+)\)\)` },
		column: func(tb, c string) string {
			return `\n\(global \$` + tb + `\.` + c + ` i32 \(i32\.const \d+\)\) ;; (\d+):`
		},
	},
}

// TestEveryValue holds every constant, id, offset and size of every language to the tables.
func TestEveryValue(t *testing.T) {
	for file, r := range readings {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			text := string(b)
			for _, e := range sched1.Enums() {
				for _, v := range e.Values {
					hold(t, text, r.constant(e.Prefix, v.Name), v.Value)
				}
			}
			for _, tb := range sched1.Tables() {
				for _, c := range tb.Columns {
					hold(t, text, r.column(tb.Name, c.Name), int64(c.ID))
				}
			}
			for _, rec := range sched1.Records() {
				if r.record == nil {
					holdWAT(t, text, &rec)
				} else {
					r.holdRecord(t, text, &rec)
				}
			}
		})
	}
}

// hold holds that a pattern is found once and what its group is.
func hold(t *testing.T, text, pattern string, want int64) {
	t.Helper()
	found := regexp.MustCompile(pattern).FindAllStringSubmatch(text, 2)
	if len(found) != 1 {
		t.Errorf("%q is found %d times", pattern, len(found))
	} else if got, err := strconv.ParseInt(found[0][1], 10, 64); err != nil || got != want {
		t.Errorf("%q is %s, want %d", pattern, found[0][1], want)
	}
}

// holdRecord lays a record out as every C compiler does and compares.
func (r *reading) holdRecord(t *testing.T, text string, rec *sched1.Record) {
	t.Helper()
	body := regexp.MustCompile(r.record(rec.Name)).FindStringSubmatch(text)
	if body == nil {
		t.Errorf("no record %s", rec.Name)
		return
	}
	fields := regexp.MustCompile(r.field).FindAllStringSubmatch(body[1], -1)
	if len(fields) != len(rec.Fields) {
		t.Errorf("%s has %d fields, want %d", rec.Name, len(fields), len(rec.Fields))
		return
	}
	at := 0
	for i, f := range fields {
		typ, name := f[1], f[2]
		if r.typeLast {
			typ, name = name, typ
		}
		want := rec.Fields[i]
		if name != want.Name && name != sched1.GoName(want.Name) {
			t.Errorf("%s: field %d is %s, want %s", rec.Name, i, name, want.Name)
		}
		size := r.sizes[typ]
		if size == 0 {
			t.Fatalf("%s.%s is of type %s", rec.Name, name, typ)
		}
		at = (at + size - 1) / size * size
		if at != want.Offset || size != want.Type.Size() || strings.HasPrefix(typ, "u") != (want.Type.String()[0] == 'u') {
			t.Errorf("%s.%s lies at %d and is %s, want %d and %s", rec.Name, name, at, typ, want.Offset, want.Type)
		}
		at += size
	}
	if at = (at + 7) / 8 * 8; at != rec.Size {
		t.Errorf("%s is %d bytes long, want %d", rec.Name, at, rec.Size)
	}
}

// holdWAT reads the globals of a record: addresses of desc and ctx, offsets in the others.
func holdWAT(t *testing.T, text string, rec *sched1.Record) {
	t.Helper()
	base := map[string]int64{"desc": 64, "ctx": 352}[rec.Name]
	for _, f := range rec.Fields {
		if f.Name != "reserved" {
			hold(t, text, `\n\(global \$`+rec.Name+`\.`+f.Name+` i32 \(i32\.const (\d+)\)\) ;; `+f.Type.String()+`\b`, base+int64(f.Offset))
		}
	}
}
