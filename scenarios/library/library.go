// Package library holds the scenarios that are shipped: each with a workload runs as it is and has a golden result (golden.json), so that a
// change of what the simulator says cannot pass unseen. It must never hold data of a recorded trace.
package library

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names are the shipped scenarios, by name.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic("the embedded scenarios cannot be listed: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Read is the text of a shipped scenario.
func Read(name string) ([]byte, bool) {
	text, err := files.ReadFile(name + ".yaml")
	return text, err == nil
}
