package rewrite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// wat builds a module from its text.
func wat(t testing.TB, text string, flags ...string) []byte {
	t.Helper()
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

func rewritten(t testing.TB, b []byte, o Options) *Result {
	t.Helper()
	r, err := Rewrite(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type engine func() wazero.RuntimeConfig

func compiler() wazero.RuntimeConfig {
	return wazero.NewRuntimeConfigCompiler().WithMemoryLimitPages(1024)
}
func interpreter() wazero.RuntimeConfig {
	return wazero.NewRuntimeConfigInterpreter().WithMemoryLimitPages(1024)
}

// guest is an instance of an original or a rewritten module.
type guest struct {
	api.Module
	run wazero.Runtime
}

func (g *guest) close() { _ = g.run.Close(context.Background()) }

// load instantiates a module beside WASI, and beside host functions that answer zero to whatever else it imports.
func load(b []byte, with engine) (g *guest, err error) {
	ctx := context.Background()
	run := wazero.NewRuntimeWithConfig(ctx, with())
	defer func() {
		if err != nil {
			_ = run.Close(ctx)
		}
	}()
	c, err := run.CompileModule(ctx, b)
	if err != nil {
		return nil, err
	}
	wasi_snapshot_preview1.MustInstantiate(ctx, run)
	builders := map[string]wazero.HostModuleBuilder{}
	for _, f := range c.ImportedFunctions() {
		mod, name, _ := f.Import()
		if mod == wasi_snapshot_preview1.ModuleName {
			continue
		}
		if builders[mod] == nil {
			builders[mod] = run.NewHostModuleBuilder(mod)
		}
		n := len(f.ResultTypes())
		zero := api.GoFunc(func(_ context.Context, stack []uint64) { clear(stack[:n]) })
		builders[mod].NewFunctionBuilder().WithGoFunction(zero, f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	for _, h := range builders {
		if _, err := h.Instantiate(ctx); err != nil {
			return nil, err
		}
	}
	m, err := run.InstantiateModule(ctx, c, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, err
	}
	return &guest{m, run}, nil
}

func mustLoad(t testing.TB, b []byte, with engine) *guest {
	t.Helper()
	g, err := load(b, with)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	return g
}

func (g *guest) counter(name string) api.MutableGlobal {
	return g.ExportedGlobal(name).(api.MutableGlobal)
}

// outcome is what a call gave: results, or the first line of the trap; and what it left.
type outcome struct {
	results []uint64
	trap    string
	fuel    int64 // spent
	depth   int64 // left in the counter
}

// call calls a function, of a rewritten module with so much fuel.
func (g *guest) call(name string, fuel int64, args ...uint64) outcome {
	metered := g.ExportedGlobal(FuelExport) != nil
	if metered {
		g.counter(FuelExport).Set(uint64(fuel))
		g.counter(DepthExport).Set(0)
	}
	var o outcome
	res, err := g.ExportedFunction(name).Call(context.Background(), args...)
	if o.results = slices.Clone(res); err != nil {
		o.trap, _, _ = strings.Cut(err.Error(), "\n")
	}
	if metered {
		o.fuel = fuel - int64(g.counter(FuelExport).Get())
		o.depth = int64(g.counter(DepthExport).Get())
	}
	return o
}

// mask clears what an engine leaves above a result of 32 bits.
func (o *outcome) mask(types []ValueType) {
	if o.trap != "" {
		return
	}
	i := 0
	for _, t := range types {
		if t == I32 || t == F32 {
			o.results[i] &= 1<<32 - 1
		}
		if i++; t == V128 {
			i++
		}
	}
}

// state is everything a fork would copy, as text: memory and, of a rewritten module, the mutable globals.
func (g *guest) state(r *Result) string {
	var b strings.Builder
	if r.Memory != nil {
		all, _ := g.Memory().Read(0, g.Memory().Size())
		b.Write(all)
	}
	for _, v := range r.Globals {
		if x := g.ExportedGlobal(v.Export); x != nil {
			fmt.Fprintf(&b, " %s=%x", v.Export, x.Get())
		}
	}
	return b.String()
}
