package rewrite

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// goGuest builds testdata/guest with the standard toolchain.
var goGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = filepath.Join("testdata", "guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWORK=off")
	if msg, err := cmd.CombinedOutput(); err != nil {
		return msg, err
	}
	return os.ReadFile(out)
})

func guestModule(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if name == "go" {
		b, err = goGuest()
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, b)
	}
	return b
}

type step struct {
	fn   string
	args []uint64
}

// guests are real modules and a story for each.
func guests(t testing.TB) map[string][]step {
	c := []step{{"fill", nil}, {"score", []uint64{10_000}}, {"fscore", []uint64{10_000}}, {"best", []uint64{10_000}}, {"score", []uint64{77}},
		{"tree", []uint64{12}}, {"score", []uint64{9_999}}}
	golang := []step{{"fill", nil}, {"score", []uint64{1000}}, {"churn", []uint64{3000}}, {"score", []uint64{500}}, {"churn", []uint64{5000}},
		{"score", []uint64{1024}}, {"churn", []uint64{10}}}
	return map[string][]step{"score-simd.wasm": c, "score-scalar.wasm": c, "go": golang}
}

// begin runs _initialize where there is one.
func (g *guest) begin() outcome {
	if g.ExportedFunction("_initialize") == nil {
		return outcome{}
	}
	return g.call("_initialize", 1<<40)
}

// TestGuestsMeanTheSame runs the guests beside their originals, and twice: equal results and memory, equal fuel.
func TestGuestsMeanTheSame(t *testing.T) {
	for name, story := range guests(t) {
		t.Run(name, func(t *testing.T) {
			b := guestModule(t, name)
			r := rewritten(t, b, Default())
			orig, one, two := mustLoad(t, b, compiler), mustLoad(t, r.Module, compiler), mustLoad(t, r.Module, compiler)
			orig.begin()
			if x, y := one.begin(), two.begin(); x.fuel != y.fuel || x.trap != "" {
				t.Fatalf("_initialize: fuel %d and %d, trap %q", x.fuel, y.fuel, x.trap)
			}
			for i, s := range story {
				want, x, y := orig.call(s.fn, 0, s.args...), one.call(s.fn, 1<<40, s.args...), two.call(s.fn, 1<<40, s.args...)
				if x.trap != want.trap || !slices.Equal(x.results, want.results) {
					t.Fatalf("step %d %s: rewritten %v %q, original %v %q", i, s.fn, x.results, x.trap, want.results, want.trap)
				}
				if x.fuel != y.fuel || x.fuel <= 0 || x.depth != 0 {
					t.Fatalf("step %d %s: fuel %d and %d, depth %d left", i, s.fn, x.fuel, y.fuel, x.depth)
				}
				memory := &Result{Memory: r.Memory}
				if one.state(memory) != orig.state(memory) || one.state(r) != two.state(r) {
					t.Fatalf("step %d %s: memory or globals differ", i, s.fn)
				}
			}
		})
	}
}

// TestForksContinueExactly copies memory and the exported globals into an instance that never started, in the middle of the
// story, and wants both to go on alike.
func TestForksContinueExactly(t *testing.T) {
	for name, story := range guests(t) {
		t.Run(name, func(t *testing.T) {
			r := rewritten(t, guestModule(t, name), Default())
			parent, child := mustLoad(t, r.Module, compiler), mustLoad(t, r.Module, compiler)
			parent.begin()
			for _, s := range story[:3] {
				parent.call(s.fn, 1<<40, s.args...)
			}
			parent.copyTo(t, child, r)
			for i, s := range story[3:] {
				x, y := parent.call(s.fn, 1<<40, s.args...), child.call(s.fn, 1<<40, s.args...)
				if x.trap != "" || y.trap != "" || !slices.Equal(x.results, y.results) || x.fuel != y.fuel {
					t.Fatalf("step %d %s after the fork: parent %+v, child %+v", i, s.fn, x, y)
				}
				if parent.state(r) != child.state(r) {
					t.Fatalf("step %d %s after the fork: memory or globals differ", i, s.fn)
				}
			}
		})
	}
}

func (g *guest) copyTo(t *testing.T, child *guest, r *Result) {
	t.Helper()
	all, _ := g.Memory().Read(0, g.Memory().Size())
	if more := (g.Memory().Size() - child.Memory().Size()) >> 16; more > 0 {
		if _, ok := child.Memory().Grow(more); !ok {
			t.Fatal("the child's memory does not grow")
		}
	}
	child.Memory().Write(0, all)
	for _, v := range r.Globals {
		child.counter(v.Export).Set(g.counter(v.Export).Get())
	}
}

// TestResult holds what the host is told of a module.
func TestResult(t *testing.T) {
	text := `(module
		(import "sched1" "log" (func (param i32 i32))) (import "sched1" "fuel" (func (result i64))) (import "sched1" "log" (func (param i32 i32)))
		(memory (export "memory") (export "again") 2) (table 5 100 funcref)
		(global (mut i32) (i32.const 1)) (global i64 (i64.const 2)) (global (export "x") (mut f64) (f64.const 3))
		(func $go) (func $two (export "two") (param v128) (result i32 f32) (i32.const 1) (f32.const 2)) (start $go)
		(export "log" (func 0)))`
	o := Default()
	o.InitialFuel = 12_345
	r := rewritten(t, wat(t, text), o)
	if len(r.Imports) != 3 || r.Imports[2].Name != "log" || r.Imports[1].Signature.String() != "() -> i64" {
		t.Errorf("imports %v", r.Imports)
	}
	if len(r.Exports) != 2 || r.Exports[0].Name != "two" || r.Exports[0].Signature.String() != "(v128) -> (i32, f32)" || r.Exports[1].Index != 0 {
		t.Errorf("exports %v", r.Exports)
	}
	if !slices.Equal(r.Memory.Exports, []string{"memory", "again"}) || r.Memory.Min != 2 || r.Memory.Max != o.MaxMemoryPages {
		t.Errorf("memory %+v", r.Memory)
	}
	if want := []Global{{"__orrery_g0", 0, I32}, {"__orrery_g2", 2, F64}}; !slices.Equal(r.Globals, want) {
		t.Errorf("globals %v, wanted %v", r.Globals, want)
	}
	if !r.Start {
		t.Error("the start function is not told")
	}
	g := mustLoad(t, r.Module, compiler)
	if f, d := g.counter(FuelExport), g.counter(DepthExport); f.Type() != api.ValueTypeI64 || d.Type() != api.ValueTypeI64 || f.Get() != 12_345 || d.Get() != 0 {
		t.Errorf("fuel %v, depth %v at instantiation", f, d)
	}
	if x := g.counter("__orrery_g2").Get(); api.DecodeF64(x) != 3 {
		t.Errorf("__orrery_g2 is %x", x)
	}
	out := g.call("two", 100, 0, 0)
	out.mask([]ValueType{I32, F32})
	if !slices.Equal(out.results, []uint64{1, 0x40000000}) {
		t.Errorf("two gives %x %q", out.results, out.trap)
	}
}

// TestMemoryIsClamped gives every memory a maximum within the limit.
func TestMemoryIsClamped(t *testing.T) {
	for text, want := range map[string]uint32{"1": 1024, "1 3": 3, "1 1024": 1024, "1 5000": 1024, "1024": 1024} {
		r := rewritten(t, wat(t, `(module (memory (export "memory") `+text+`))`), Default())
		g := mustLoad(t, r.Module, compiler)
		if max, ok := g.Memory().Definition().Max(); !ok || max != want || r.Memory.Max != want {
			t.Errorf("(memory %s): maximum %d %v, told %d, wanted %d", text, max, ok, r.Memory.Max, want)
		}
	}
}

// TestNamesStay finds a function's name in the trap of a rewritten module, and no other custom section in it.
func TestNamesStay(t *testing.T) {
	b := wat(t, `(module (func $outer (export "f") (call $inner)) (func $inner (unreachable)) (memory 1))`)
	b = section(b, secCustom, []byte("\x09producerssecret"))
	r := rewritten(t, b, Default())
	g := mustLoad(t, r.Module, compiler)
	_, err := g.ExportedFunction("f").Call(context.Background())
	for _, want := range []string{".inner()", ".outer()"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the trap: %v", want, err)
		}
	}
	if bytes.Contains(r.Module, []byte("secret")) {
		t.Error("a custom section stayed")
	}
}
