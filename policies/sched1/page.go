package sched1

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed page.md.tmpl
var pageText string

// Page is docs/abi.md: what a guest is, how it lives, and every offset, id and constant of the tables.
func Page() []byte {
	t := template.Must(template.New("page").Funcs(template.FuncMap{
		"cell":  func(s string) string { return strings.ReplaceAll(s, "|", "\\|") },
		"upper": strings.ToUpper,
		"hex":   func(v int64) string { return fmt.Sprintf("0x%x", v) },
		"type": func(f Function) string {
			list := func(types []byte) string {
				var names []string
				for _, b := range types {
					names = append(names, map[byte]string{wasmI32: "i32", wasmI64: "i64"}[b])
				}
				return strings.Join(names, ", ")
			}
			params, results := f.Wasm()
			if len(results) == 0 {
				return "(" + list(params) + ")"
			}
			return "(" + list(params) + ") -> " + list(results)
		},
		"params": func(f Function) string {
			var names []string
			for _, p := range f.Params {
				names = append(names, p.Name)
			}
			return strings.Join(names, ", ")
		},
	}).Parse(pageText))
	var b bytes.Buffer
	err := t.Execute(&b, map[string]any{"Records": Records(), "Tables": Tables(), "Enums": Enums(), "Hooks": Hooks(), "Imports": Imports(),
		"Magic": int64(Magic), "Major": Major, "Minor": Minor, "Module": Module, "MaxCols": MaxCols})
	if err != nil {
		panic(err) // the template names what the tables do not have
	}
	return b.Bytes()
}
