package sdk

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/internal/spell"
)

//go:embed c/sched1.h rust/sched1.rs go/sched1.go assemblyscript/sched1.ts zig/sched1.zig wat/sched1.wat
//go:embed examples/best-fit-*/README.md examples/best-fit-*/build.sh
//go:embed examples/best-fit-*/best-fit.c examples/best-fit-*/best-fit.rs examples/best-fit-*/best-fit.go
//go:embed examples/best-fit-*/best-fit.ts examples/best-fit-*/best-fit.zig examples/best-fit-*/best-fit.wat
var files embed.FS

// start is the policy that a new folder begins as.
const start = "best-fit"

// language is what is particular to one.
type language struct {
	name string
	sdk  string            // the SDK file
	ext  string            // of a policy's source
	more map[string]string // further files of a folder that stands alone, by name
}

var languages = []language{
	{name: "c", sdk: "sched1.h", ext: ".c"},
	{name: "rust", sdk: "sched1.rs", ext: ".rs"},
	{name: "go", sdk: "sched1.go", ext: ".go", more: map[string]string{"go.mod": "module " + start + "\n\ngo 1.24\n"}},
	{name: "assemblyscript", sdk: "sched1.ts", ext: ".ts"},
	{name: "zig", sdk: "sched1.zig", ext: ".zig"},
	{name: "wat", sdk: "sched1.wat", ext: ".wat"},
}

// Languages are the names that Init knows.
func Languages() []string {
	var out []string
	for i := range languages {
		out = append(out, languages[i].name)
	}
	return out
}

// nameRule is what a policy may be called: the name is also that of files, a Go module and a Rust crate.
var nameRule = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}[a-z0-9]$`)

// Files are the files of a new policy of this name, by name: the source of a best-fit placement, the language's SDK file,
// build.sh (it must be executable) and README.md.
func Files(lang, name string) (map[string][]byte, error) {
	i := slices.IndexFunc(languages, func(l language) bool { return l.name == lang })
	if i < 0 {
		err := fmt.Errorf("no language %q (there are %s)", lang, strings.Join(Languages(), ", "))
		if near := spell.Nearest(lang, Languages()); near != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, near)
		}
		return nil, err
	}
	if !nameRule.MatchString(name) || name == "sched1" {
		return nil, fmt.Errorf("a policy cannot be called %q: small letters, digits and -, 2 to 64 of them, a letter first; and not sched1, which is the SDK's", name)
	}
	l := &languages[i]
	out := map[string][]byte{}
	for to, from := range map[string]string{
		name + l.ext: "examples/" + start + "-" + l.name + "/" + start + l.ext,
		"build.sh":   "examples/" + start + "-" + l.name + "/build.sh",
		"README.md":  "examples/" + start + "-" + l.name + "/README.md",
	} {
		text, err := files.ReadFile(from)
		if err != nil {
			return nil, err
		}
		out[to] = rename(string(text), name)
	}
	for to, text := range l.more {
		out[to] = rename(text, name)
	}
	var err error
	out[l.sdk], err = files.ReadFile(path.Join(l.name, l.sdk))
	return out, err
}

// rename makes the start's text that of a policy of another name.
func rename(text, name string) []byte {
	return []byte(strings.NewReplacer(start+"-scan", start+"-scan", start, name, // but for the native twin
		fmt.Sprintf("(i32.const %d) (i32.const 0))", len(start)), fmt.Sprintf("(i32.const %d) (i32.const 0))", len(name))).Replace(text))
}

// Init writes the files of a new policy into dir, which it makes; a dir that holds anything is refused.
func Init(dir, lang, name string) error {
	out, err := Files(lang, name)
	if err != nil {
		return err
	}
	switch there, err := os.ReadDir(dir); {
	case err == nil && len(there) > 0:
		return fmt.Errorf("%s: the folder is not empty (it holds %s); name one that is, or a new one", dir, there[0].Name())
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for file, text := range out {
		mode := fs.FileMode(0o644)
		if file == "build.sh" {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, mode); err != nil {
			return err
		}
	}
	return nil
}
