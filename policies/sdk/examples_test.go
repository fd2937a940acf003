package sdk

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
)

// example is one guest of examples/.
type example struct{ policy, lang string }

var examples = []example{
	{"best-fit", "c"}, {"best-fit", "rust"}, {"best-fit", "go"}, {"best-fit", "assemblyscript"}, {"best-fit", "zig"}, {"best-fit", "wat"},
	{"las", "c"}, {"las", "rust"}, {"fcfs", "c"}, {"fcfs", "go"}, {"easy", "c"},
	{"priority", "c"}, {"priority", "rust"},
}

func (e example) name() string { return e.policy + "-" + e.lang }
func (e example) dir() string  { return filepath.Join("examples", e.name()) }
func (e example) wasm() string { return filepath.Join(e.dir(), e.policy+".wasm") }

// toolchains are what the committed modules were built with: a command that tells its version, and what the answer holds. Those of
// C and WAT are where tests run; the modules of the others are tested as they are.
var toolchains = map[string]struct {
	command []string
	version string
}{
	"c":              {[]string{"clang", "--version"}, "clang version 14.0.6"},
	"rust":           {[]string{"/usr/bin/rustc", "--version"}, "rustc 1.63.0"},
	"assemblyscript": {[]string{"asc", "--version"}, "Version 0.28.20"},
	"zig":            {[]string{"zig", "version"}, "0.11.0"},
	"wat":            {[]string{"wat2wasm", "--version"}, "1.0.32"},
}

var update = flag.Bool("update", false, "write the hashes of the committed modules")

const sums = "examples/SHA256SUMS"

// TestSums holds that SHA256SUMS is that of the committed modules.
func TestSums(t *testing.T) {
	var want strings.Builder
	for _, e := range examples {
		if e.lang != "go" {
			fmt.Fprintf(&want, "%x  %s/%s.wasm\n", sha256.Sum256(committed(t, e)), e.name(), e.policy)
		}
	}
	if *update {
		if err := os.WriteFile(sums, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(sums)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Errorf("%s is not that of the modules; want\n%s", sums, want.String())
	}
}

// built are the modules of Go examples, which several tests ask for.
var built sync.Map

// code is an example's module as it is committed, or as it is built where that is not.
func code(t testing.TB, e example) []byte {
	t.Helper()
	if e.lang != "go" {
		return committed(t, e)
	}
	if wasm, ok := built.Load(e); ok {
		return wasm.([]byte)
	}
	wasm := build(t, e)
	built.Store(e, wasm)
	return wasm
}

// build runs an example's build.sh on a copy of its folder and returns the module.
func build(t testing.TB, e example) []byte {
	t.Helper()
	dir := t.TempDir()
	entries, err := os.ReadDir(e.dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range entries {
		if filepath.Ext(f.Name()) == ".wasm" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(e.dir(), f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if e.lang == "go" {
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module guest\n\ngo 1.24\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return runBuild(t, dir, e.policy)
}

// runBuild runs build.sh in dir.
func runBuild(t testing.TB, dir, policy string) []byte {
	t.Helper()
	if out, err := exec.Command("sh", filepath.Join(dir, "build.sh")).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	wasm, err := os.ReadFile(filepath.Join(dir, policy+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// has reports whether the language's toolchain is here. Where ORRERY_TOOLCHAINS is set it must be: make test installs it.
func has(t testing.TB, lang string) bool {
	t.Helper()
	_, err := exec.LookPath(toolchains[lang].command[0])
	if err != nil && os.Getenv("ORRERY_TOOLCHAINS") != "" {
		t.Fatalf("no %s: make test installs clang, lld and wabt with apt-get", toolchains[lang].command[0])
	}
	return err == nil
}

// TestRebuild builds the examples in C and WAT from source. Where the compiler is the recorded one the bytes are the committed
// ones; with any other the guest passes the same tests of what it decides.
func TestRebuild(t *testing.T) {
	for _, e := range examples {
		if e.lang != "c" && e.lang != "wat" {
			continue
		}
		t.Run(e.name(), func(t *testing.T) {
			if !has(t, e.lang) {
				t.Skipf("no %s: the committed module is tested as it is", toolchains[e.lang].command[0])
			}
			c := toolchains[e.lang]
			version, err := exec.Command(c.command[0], c.command[1:]...).Output()
			if err != nil {
				t.Fatal(err)
			}
			got := build(t, e)
			if bytes.Equal(got, committed(t, e)) {
				return // TestExamples holds what it decides
			}
			if strings.Contains(string(version), c.version) {
				t.Errorf("%s built from its source is another module (%d bytes, committed %d); build it and run this test with -update",
					e.wasm(), len(got), len(committed(t, e)))
			}
			decides[e.policy](t, got)
		})
	}
}

// TestSIMD holds that the loops of best fit are SIMD where the language can: there is an i32x4.neg.
func TestSIMD(t *testing.T) {
	for _, e := range examples {
		if e.policy == "best-fit" && e.lang != "go" && e.lang != "assemblyscript" && !bytes.Contains(committed(t, e), []byte{0xfd, 0xa1, 0x01}) {
			t.Errorf("%s has no SIMD", e.wasm())
		}
	}
}

// TestExamples holds what the committed guests decide, and that of Go, which is built here.
func TestExamples(t *testing.T) {
	for _, e := range examples {
		t.Run(e.name(), func(t *testing.T) {
			decides[e.policy](t, code(t, e))
		})
	}
}

// decides are the tests of what a guest decides, by policy.
var decides = map[string]func(t *testing.T, wasm []byte){
	"best-fit": scoresAsNative,
	"las":      ordersAs(order.LAS),
	"fcfs":     schedulesAs(backfill.None),
	"easy":     schedulesAs(backfill.Easy),
	"priority": preemptsAsPriority,
}
