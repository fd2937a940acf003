package sched1

import (
	"fmt"
	"go/format"
	"strings"
)

// GoLayout is the source of layout.go: offsets, sizes and column ids as constants.
func GoLayout() []byte {
	var b strings.Builder
	b.WriteString("// Code generated from the tables of this package by go test ./policies/sched1 -update; DO NOT EDIT.\n\npackage sched1\n")
	for _, r := range Records() {
		name := GoName(r.Name)
		fmt.Fprintf(&b, "\n// Offsets in record %s, and its size.\nconst (\n", r.Name)
		for _, f := range r.Fields {
			if f.Name != "reserved" {
				fmt.Fprintf(&b, "%s%s = %d // %s\n", name, GoName(f.Name), f.Offset, f.Type)
			}
		}
		fmt.Fprintf(&b, "%sBytes = %d\n)\n", name, r.Size)
	}
	for _, t := range Tables() {
		name := GoName(t.Name)
		fmt.Fprintf(&b, "\n// Columns of table %s.\nconst (\n", t.Name)
		for _, c := range t.Columns {
			fmt.Fprintf(&b, "%s%s = %d // %s\n", name, GoName(c.Name), c.ID, c.Type)
		}
		b.WriteString(")\n")
	}
	src, err := format.Source([]byte(b.String()))
	if err != nil {
		panic(err) // the tables hold a name that is no identifier
	}
	return src
}

// GoName is a name of the tables in Go's way: gpus_free is GPUsFree.
func GoName(snake string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(snake, "_") {
		switch word {
		case "ns", "id":
			b.WriteString(strings.ToUpper(word))
		case "gpus":
			b.WriteString("GPUs")
		case "gpu", "cpu":
			b.WriteString(strings.ToUpper(word))
		default:
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
