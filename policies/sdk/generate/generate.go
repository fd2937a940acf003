package generate

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"strings"
	"text/template"

	"github.com/orrery-sim/orrery/policies/sched1"
)

//go:embed templates
var templates embed.FS

// Language is how one language writes what the tables hold.
type language struct {
	dir, file string
	types     [5]string // by sched1.Type
	comment   string    // begins a line of comment
	format    func([]byte) ([]byte, error)
}

// languages are in the order in which people are told of them.
var languages = []language{
	{dir: "c", file: "sched1.h", types: [...]string{"uint16_t", "uint32_t", "int32_t", "uint64_t", "int64_t"}, comment: "//"},
	{dir: "rust", file: "sched1.rs", types: [...]string{"u16", "u32", "i32", "u64", "i64"}, comment: "//"},
	{dir: "go", file: "sched1.go", types: [...]string{"uint16", "uint32", "int32", "uint64", "int64"}, comment: "//", format: format.Source},
	{dir: "assemblyscript", file: "sched1.ts", types: [...]string{"u16", "u32", "i32", "u64", "i64"}, comment: "//"},
	{dir: "zig", file: "sched1.zig", types: [...]string{"u16", "u32", "i32", "u64", "i64"}, comment: "//"},
	{dir: "wat", file: "sched1.wat", types: [...]string{"i32", "i32", "i32", "i64", "i64"}, comment: ";;"},
}

// Files are the SDK files by their path under policies/sdk. A table that a template cannot write is an error.
func Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for i := range languages {
		l := &languages[i]
		src, err := l.generate()
		if err != nil {
			return nil, fmt.Errorf("SDK of %s: %w", l.dir, err)
		}
		out[l.dir+"/"+l.file] = src
	}
	return out, nil
}

func (l *language) generate() ([]byte, error) {
	t, err := template.New(l.file+".tmpl").Funcs(l.functions()).ParseFS(templates, "templates/"+l.file+".tmpl")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Records": sched1.Records(), "Tables": sched1.Tables(), "Enums": sched1.Enums(), "Hooks": sched1.Hooks(), "Imports": sched1.Imports(),
		"Magic": int64(sched1.Magic), "Major": sched1.Major, "Minor": sched1.Minor, "Module": sched1.Module, "MaxCols": sched1.MaxCols,
	})
	if err != nil || l.format == nil {
		return b.Bytes(), err
	}
	return l.format(b.Bytes())
}

// functions are what templates call.
func (l *language) functions() template.FuncMap {
	return template.FuncMap{
		"type":     func(t sched1.Type) string { return l.types[t] },
		"size":     func(t sched1.Type) int { return t.Size() },
		"upper":    strings.ToUpper,
		"camel":    sched1.GoName,
		"constant": func(prefix, name string) string { return prefix + "_" + strings.ToUpper(name) },
		"hex":      func(v int64) string { return fmt.Sprintf("0x%x", v) },
		"lower":    strings.ToLower,
		"add":      func(a, b int) int { return a + b },
		"mul":      func(a, b int) int { return a * b },
		"bytes": func(offset int, t sched1.Type) string { // what a value reads as where byte i of the record holds i
			var v uint64
			for i := t.Size() - 1; i >= 0; i-- {
				v = v<<8 | uint64(offset+i)
			}
			return fmt.Sprintf("0x%x", v)
		},
		"wide": func(t sched1.Table) string { // bit i: column i has 8 bytes; as eight bytes of WAT data
			var bits uint64
			for _, c := range t.Columns {
				if c.Type.Size() == 8 {
					bits |= 1 << c.ID
				}
			}
			var b strings.Builder
			for range 8 {
				fmt.Fprintf(&b, "\\%02x", bits&0xff)
				bits >>= 8
			}
			return b.String()
		},
		"wrap": l.wrap,
	}
}

// wrap sets text as lines of comment behind an indentation; no text is no line.
func (l *language) wrap(indent, text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	line := indent + l.comment
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 118 {
			b.WriteString(line + "\n")
			line = indent + l.comment
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
	return b.String()
}
