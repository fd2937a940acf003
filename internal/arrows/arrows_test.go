package arrows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/orrery-sim/orrery"

// source is one file of the module.
type source struct {
	pkg  string // folder, relative to the module
	name string
	test bool
	file *ast.File
}

func (s *source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// sources parses every Go file of the module that lies at root.
func sources(t *testing.T, root string) (*token.FileSet, []source) {
	t.Helper()
	files := token.NewFileSet()
	var out []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := d.Name()
			_, other := os.Stat(filepath.Join(name, "go.mod"))
			if name != root && (other == nil || base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		out = append(out, source{pkg: path.Dir(rel), name: rel, test: strings.HasSuffix(rel, "_test.go"), file: f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, out
}

// under reports whether a package is dir or lies below it.
func under(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }

func underAny(pkg string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return under(pkg, d) })
}

// row is the package's own row or that of the nearest folder above it.
func row(pkg string) (string, bool) {
	for ; pkg != "."; pkg = path.Dir(pkg) {
		if _, ok := arrows[pkg]; ok {
			return pkg, true
		}
	}
	return "", false
}

func allowed(from, to string) bool {
	r, _ := row(from)
	for _, n := range never {
		if from == n.from && to == n.to || under(from, n.from) && to == n.to && !under(from, to) {
			return false
		}
	}
	if to == "sim/units" || under(to, r) {
		return true
	}
	for _, a := range arrows[r] {
		dir, all := strings.CutSuffix(a, "/*")
		if a == "*" || a == to || all && under(to, dir) {
			return true
		}
	}
	return false
}

// broken says which rule about imports a file breaks, or "".
func broken(s *source, imp string) string {
	to, ours := strings.CutPrefix(imp, module+"/")
	switch {
	case ours && s.test:
		return ""
	case ours && underAny(to, forTests) && !underAny(s.pkg, forTests):
		return "is for tests only"
	case ours && !allowed(s.pkg, to):
		return "is an arrow that the house does not have"
	case ours || !strings.Contains(strings.Split(imp, "/")[0], "."):
		return ""
	}
	for lib, users := range libraries {
		if strings.HasPrefix(imp, lib) {
			if s.test || underAny(s.pkg, users) {
				return ""
			}
			return "is for " + strings.Join(users, ", ") + " and tests"
		}
	}
	return "is a library without a row in the table"
}

func TestArrows(t *testing.T) {
	_, all := sources(t, "../..")
	if len(all) < 50 {
		t.Fatalf("only %d files: is this the module?", len(all))
	}
	for i := range all {
		s := &all[i]
		if _, ok := row(s.pkg); !ok && s.pkg != "." {
			t.Errorf("%s: package %s has no row in the table of arrows", s.name, s.pkg)
			continue
		}
		for _, imp := range s.imports() {
			if why := broken(s, imp); why != "" {
				t.Errorf("%s imports %s, which %s", s.name, imp, why)
			}
		}
	}
}

// unsteady lists what in a file could make two runs differ.
func unsteady(files *token.FileSet, f *ast.File) []string {
	var out []string
	names := map[string]string{}
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		name := path.Base(p)
		if p == "math/rand/v2" {
			name = "rand"
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = p
		if underAny(p, outside) && p != "math/rand/v2" {
			out = append(out, files.Position(i.Pos()).String()+": imports "+p)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			out = append(out, files.Position(n.Pos()).String()+": starts a goroutine")
		case *ast.SelectStmt:
			out = append(out, files.Position(n.Pos()).String()+": selects")
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				out = append(out, files.Position(n.Pos()).String()+": func init")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && slices.Contains(forbidden[names[x.Name]], n.Sel.Name) {
				out = append(out, files.Position(n.Pos()).String()+": uses "+names[x.Name]+"."+n.Sel.Name)
			}
		}
		return true
	})
	return out
}

func TestTwoRunsCannotDiffer(t *testing.T) {
	files, all := sources(t, "../..")
	seen := 0
	for i := range all {
		s := &all[i]
		if s.test || !underAny(s.pkg, deterministic) || underAny(s.pkg, beside) {
			continue
		}
		seen++
		for _, u := range unsteady(files, s.file) {
			t.Error(u)
		}
	}
	if seen < 30 {
		t.Errorf("only %d files looked at", seen)
	}
}

// TestTheTestFinds: each rule, broken once.
func TestTheTestFinds(t *testing.T) {
	for _, tc := range []struct{ body, want string }{
		{`import "os"`, "imports os"},
		{`import "net/http"`, "imports net/http"},
		{`import "log/slog"`, "imports log/slog"},
		{`import "sync/atomic"`, "imports sync/atomic"},
		{`import "math/rand"`, "imports math/rand"},
		{`import clock "time"; var _ = clock.Now`, "uses time.Now"},
		{`import "math"; var _ = math.Pow`, "uses math.Pow"},
		{`import "math/rand/v2"; var _ = rand.IntN`, "uses math/rand/v2.IntN"},
		{`func f() { go f() }`, "starts a goroutine"},
		{`func f(c chan int) { select { case <-c: } }`, "selects"},
		{`func init() {}`, "func init"},
		{`import ("math"; "math/rand/v2"; "time"); var _ = math.Sqrt; var _ = rand.NewPCG; var _ time.Duration`, ""},
		{`type osr struct{ Now int }; func (o osr) init() {}; func f(time osr) int { return time.Now }`, ""},
	} {
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, "x.go", "package x\n"+tc.body, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		got := unsteady(files, f)
		if tc.want == "" && len(got) > 0 || tc.want != "" && (len(got) != 1 || !strings.HasSuffix(got[0], tc.want)) {
			t.Errorf("%s: %q, want %q", tc.body, got, tc.want)
		}
	}
	for _, tc := range []struct {
		from, to string
		test, ok bool
	}{
		{"sim/state", module + "/sim/cluster", false, false},
		{"sim/cluster", module + "/sim/state", false, true},
		{"sim/metric", module + "/sim", false, false},
		{"sim", module + "/sim/simtest", false, false},
		{"sim", module + "/sim/simtest", true, true},
		{"sim", module + "/sim/internal/bitset", false, true},
		{"policies/order", module + "/policies", false, false},
		{"policies", module + "/sim", false, false},
		{"reports/chart", module + "/sim", false, false},
		{"reports/page", module + "/reports/chart", false, true},
		{"api/paidlc", module + "/api/aihc", false, false},
		{"scenarios", "gopkg.in/yaml.v3", false, false},
		{"scenarios/ydec", "gopkg.in/yaml.v3", false, true},
		{"sim", "github.com/google/go-cmp/cmp", true, true},
		{"sim", "github.com/google/go-cmp/cmp", false, false},
		{"sim", "example.com/other", true, false},
		{"sim", "encoding/json", false, true},
	} {
		if why := broken(&source{pkg: tc.from, test: tc.test}, tc.to); (why == "") != tc.ok {
			t.Errorf("%s importing %s (test: %t): %q", tc.from, tc.to, tc.test, why)
		}
	}
}

// The engine, its policies and its scenarios reach no cloud by any path of imports, and no cloud another.
func TestTheEngineKnowsNoCloud(t *testing.T) {
	_, all := sources(t, "../..")
	imports := map[string][]string{}
	for i := range all {
		if s := &all[i]; !s.test {
			for _, imp := range s.imports() {
				if to, ours := strings.CutPrefix(imp, module+"/"); ours {
					imports[s.pkg] = append(imports[s.pkg], to)
				}
			}
		}
	}
	clouds := []string{"api/paidlc", "api/aihc", "api/modelarts"}
	for from := range imports { // each is judged by itself
		engine := underAny(from, []string{"sim", "policies", "scenarios", "api/world"})
		if !engine && !underAny(from, clouds) {
			continue
		}
		seen := map[string]bool{from: true}
		for list := []string{from}; len(list) > 0; list = list[1:] {
			for _, to := range imports[list[0]] {
				if underAny(to, clouds) && (engine || home(to, clouds) != home(from, clouds)) {
					t.Errorf("%s reaches %s through %s", from, to, list[0])
				}
				if !seen[to] {
					seen[to] = true
					list = append(list, to)
				}
			}
		}
	}
	for _, c := range clouds {
		if len(imports[c]) == 0 {
			t.Errorf("%s imports nothing: is it there?", c)
		}
	}
}

// home is the one of some folders that a package lies under.
func home(pkg string, dirs []string) string {
	return dirs[slices.IndexFunc(dirs, func(d string) bool { return under(pkg, d) })]
}
