package wasm_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

var update = flag.Bool("update", false, "write testdata/hostile.golden")

// wat builds a module from text. Text that is no whole module gets the SDK for WAT behind it; where it exports desc or layout by
// itself the SDK's are $sdk_desc and $sdk_layout. A first line ";; flags: ..." is for wat2wasm.
func wat(t testing.TB, text string) []byte {
	t.Helper()
	var flags []string
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, ";; flags: ") {
		flags = strings.Fields(strings.TrimPrefix(first, ";; flags: "))
	}
	if !strings.Contains(text, "(module") {
		b, err := os.ReadFile(filepath.Join("..", "sdk", "wat", "sched1.wat"))
		if err != nil {
			t.Fatal(err)
		}
		sdk := string(b)
		for _, hook := range []string{"desc", "layout"} {
			export := `(func (export "sched1_` + hook + `")`
			named := `(func $sdk_` + hook
			if !strings.Contains(text, export) {
				named += ` (export "sched1_` + hook + `")`
			}
			sdk = strings.Replace(sdk, export, named, 1)
		}
		text += sdk
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "m.wat"), filepath.Join(dir, "m.wasm")
	if err := os.WriteFile(in, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	msg, err := exec.Command("wat2wasm", append(flags, "--debug-names", in, "-o", out)...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatal("these tests need wat2wasm: install it (Debian: apt-get install wabt) and run them again")
	}
	if err != nil {
		t.Fatalf("wat2wasm: %v\n%s", err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// small is a world in which every hook is asked.
func small() *policytest.World {
	w := &policytest.World{Name: "small", Nodes: policytest.NodesOf(3, 0, 8, 64000, 1000), Types: []string{"A"}}
	for i := range int64(24) {
		w.Jobs = append(w.Jobs, policytest.JobOf(1+i/3, 2+i*7%5, policytest.Pods(int32(1+i%2), int32(1+i*5%8), 0, 0)))
	}
	return w
}

// gang is a world of one gang of 300 pods.
func gang() *policytest.World {
	return &policytest.World{Name: "gang", Nodes: policytest.NodesOf(38, 0, 8, 0, 0), Types: []string{"A"},
		Jobs: []state.JobSpec{policytest.JobOf(1, 5, policytest.Pods(300, 1, 0, 0))}}
}

// slotOf is where a module's guest goes.
func slotOf(m *wasm.Module) policies.Slot {
	switch {
	case m.Has(sched1.HookDecide):
		return policies.SlotScheduler
	case m.Has(sched1.HookKeys):
		return policies.SlotOrder
	}
	return policies.SlotPlace
}

// fates are what becomes of a module: while it is loaded, or under each onError. A run that ends as the native twin's says so.
func fates(t *testing.T, h *wasm.Host, name string, b []byte, w *policytest.World) (out []string) {
	m, err := h.Load(name+".wasm", b, wasm.DefaultBudget().MemoryPages)
	if err != nil {
		return []string{"load: " + err.Error()}
	}
	native, err := policies.Build(policies.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	twin, err := policytest.Run(w, native, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, on := range []struct {
		name string
		do   wasm.OnError
	}{{"fail", wasm.Fail}, {"fallback", wasm.Fallback}, {"drop", wasm.Drop}} {
		o := options()
		o.OnError = on.do
		p, err := policies.Build(policies.Spec{Guests: map[policies.Slot]*policies.Guest{slotOf(m): {Module: m, Options: o}}})
		if err != nil {
			return append(out, "build: "+err.Error())
		}
		text := ""
		switch r, err := policytest.Run(w, p, 0); {
		case err != nil:
			text = err.Error()
		case r.Digest == twin.Digest:
			text = "runs as the native twin"
		default:
			text = "runs"
		}
		for _, g := range policies.Guests(p) {
			for _, n := range g.Notes {
				text += "\n  note: " + n
			}
		}
		if err := policies.Close(p); err != nil {
			t.Error(err)
		}
		out = append(out, on.name+": "+text)
		if e := (*wasm.Error)(nil); strings.Contains(text, "invariant") || errors.As(err, &e) && (e.Module != name+".wasm" || e.Text == "") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if slices.Equal(out, []string{"fail: runs as the native twin", "fallback: runs as the native twin", "drop: runs as the native twin"}) {
		return []string{"runs as the native twin"}
	}
	return out
}

// TestHostile: whatever a stranger's module does ends in an error that names module, hook and reason, or does no harm; the simulation's
// invariants hold, and onError is honoured. The golden file is the table of what each comes to.
func TestHostile(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "hostile", "*.wat"))
	if err != nil || len(files) < 100 {
		t.Fatal(len(files), err)
	}
	h := newHost(t)
	var got strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".wat")
		w := small()
		if name == "large-gang" {
			w = gang()
		}
		fmt.Fprintf(&got, "== %s\n%s\n", name, strings.Join(fates(t, h, name, wat(t, string(text)), w), "\n"))
	}
	for name, b := range bombs(t) {
		fmt.Fprintf(&got, "== %s\n%s\n", name, strings.Join(fates(t, h, name, b, small()), "\n"))
	}
	golden(t, "hostile.golden", got.String())
}

// bombs are modules that would take a compiler minutes: too large for files.
func bombs(t *testing.T) func(func(string, []byte) bool) {
	hook := func(body string) []byte {
		return wat(t, `(module (memory (export "memory") 1)
			(func (export "sched1_desc") (result i32) (i32.const 0))
			(func (export "sched1_layout") (result i32) (i32.const 0))
			(func (export "sched1_score") (param i32 i32 i32) (result i32) `+body+` (i32.const 0)))`)
	}
	return func(yield func(string, []byte) bool) {
		_ = yield("bomb: a br_table of 20,000 targets", hook("(block (br_table "+strings.Repeat("0 ", 20_000)+"(local.get 0)))")) &&
			yield("bomb: 5,000 nested blocks", hook(strings.Repeat("(block ", 5000)+strings.Repeat(")", 5000))) &&
			yield("bomb: 3,000 nested loops", hook(strings.Repeat("(loop ", 3000)+strings.Repeat(")", 3000))) &&
			yield("bomb: a module of 17 MiB", append([]byte("\x00asm\x01\x00\x00\x00"), make([]byte, 17<<20)...)) &&
			yield("a struct of WebAssembly GC", []byte("\x00asm\x01\x00\x00\x00\x01\x05\x01\x5f\x01\x7f\x00")) &&
			yield("an ELF program", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 64)...)) &&
			yield("nothing", nil)
	}
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs (-want +got); where it should, run the test with -update and read the difference:\n%s", file, cmp.Diff(string(want), got))
	}
}
