package scenarios

import (
	"os"
	"path/filepath"
)

// Reads names the input that a run would destroy if it wrote the file or filled the run folder of that name: the file
// itself under whatever name, a file in that folder, or a folder of inputs that the file lies in.
func (l *Loaded) Reads(p *Plan, name string) (input string, ok bool) {
	for i, in := range p.Inputs {
		path := in.Path
		if i > 0 { // the scenario file itself is named from where the command runs
			path = l.path(path)
		}
		if same(path, name) || same(filepath.Dir(path), name) || same(path, filepath.Dir(name)) {
			return in.Path, true
		}
	}
	return "", false
}

// same reports whether two names mean one file or folder that exists.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
