package sdk

import (
	"context"
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/orrery-sim/orrery/policies/sched1"
)

// guest is one instance of a guest behind the least host that can be: it shows what a guest does with its memory.
type guest struct {
	t      testing.TB
	module api.Module
	desc   uint32
	ranges [][2]uint32 // what sched1_layout has handed out
}

// compiled keeps what was compiled: most tests ask for the same modules.
var compiled = wazero.NewCompilationCache()

// load instantiates a guest and reads its desc.
func load(t testing.TB, wasm []byte) *guest {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(compiled))
	t.Cleanup(func() { r.Close(ctx) })
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	_, err := r.NewHostModuleBuilder(sched1.Module).
		NewFunctionBuilder().WithFunc(func(_, _ uint32, otherwise int64) int64 { return otherwise * otherwise }).Export("param_i64"). // so that a test sees it was called
		NewFunctionBuilder().WithFunc(func(_, _ uint32) { panic("the guest called fail") }).Export("fail").
		Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{t: t, module: m}
	g.desc = uint32(g.call(sched1.HookDesc))
	if got := g.u32(g.desc + sched1.DescMagic); got != sched1.Magic {
		t.Fatalf("magic %x, want %x", got, sched1.Magic)
	}
	for _, f := range []struct {
		name string
		at   uint32
		want int
	}{
		{"size", sched1.DescSize, sched1.DescBytes}, {"ctx_size", sched1.DescCtxSize, sched1.CtxBytes},
		{"event_size", sched1.DescEventSize, sched1.EventBytes}, {"decision_size", sched1.DescDecisionSize, sched1.DecisionBytes},
	} {
		if got := g.u32(g.desc + f.at); int(got) != f.want {
			t.Fatalf("desc.%s is %d, want %d", f.name, got, f.want)
		}
	}
	return g
}

func (g *guest) call(name string, params ...uint64) int32 {
	g.t.Helper()
	f := g.module.ExportedFunction(name)
	if f == nil {
		g.t.Fatalf("no export %s", name)
	}
	out, err := f.Call(context.Background(), params...)
	if err != nil {
		g.t.Fatalf("%s: %v", name, err)
	}
	return int32(out[0])
}

func (g *guest) bytes(at, n uint32) []byte {
	g.t.Helper()
	b, ok := g.module.Memory().Read(at, n)
	if !ok {
		g.t.Fatalf("%d bytes at %d are out of bounds", n, at)
	}
	return b
}

func (g *guest) u32(at uint32) uint32       { return binary.LittleEndian.Uint32(g.bytes(at, 4)) }
func (g *guest) setU32(at uint32, v uint32) { binary.LittleEndian.PutUint32(g.bytes(at, 4), v) }

func (g *guest) name() string {
	return string(g.bytes(g.u32(g.desc+sched1.DescNamePtr), g.u32(g.desc+sched1.DescNameLen)))
}

// entry is where the table's entry lies, or 0 when the guest does not want it.
func (g *guest) entry(kind uint32) uint32 {
	at := g.u32(g.desc + sched1.DescTablesPtr)
	for range g.u32(g.desc + sched1.DescNTables) {
		if g.u32(at+sched1.TableEntryKind) == kind {
			return at
		}
		at += sched1.TableEntryBytes
	}
	return 0
}

func (g *guest) wanted(kind uint32) uint64 {
	if e := g.entry(kind); e != 0 {
		return binary.LittleEndian.Uint64(g.bytes(e+sched1.TableEntryWanted, 8))
	}
	return 0
}

// layout gives every table and buffer room for n rows and checks what the guest makes of it.
func (g *guest) layout(n uint32) {
	g.t.Helper()
	for _, at := range []uint32{sched1.DescEventsCap, sched1.DescDecisionsCap, sched1.DescIdxCap, sched1.DescOutCap, sched1.DescStrCap} {
		g.setU32(g.desc+at, n)
	}
	for _, tb := range sched1.Tables() {
		if e := g.entry(tb.Kind); e != 0 {
			g.setU32(e+sched1.TableEntryCap, n)
		}
	}
	if status := g.call(sched1.HookLayout); status != 0 {
		g.t.Fatalf("sched1_layout returns %d", status)
	}
	g.ranges = [][2]uint32{{g.desc, g.desc + sched1.DescBytes}}
	g.add("ctx", g.u32(g.desc+sched1.DescCtxPtr), sched1.CtxBytes, 8)
	g.add("events", g.u32(g.desc+sched1.DescEventsPtr), n*sched1.EventBytes, 8)
	g.add("decisions", g.u32(g.desc+sched1.DescDecisionsPtr), n*sched1.DecisionBytes, 8)
	g.add("idx", g.u32(g.desc+sched1.DescIdxPtr), n*4, 4)
	g.add("out", g.u32(g.desc+sched1.DescOutPtr), n*8, 16)
	g.add("str", g.u32(g.desc+sched1.DescStrPtr), n, 1)
	if g.u32(g.desc+sched1.DescFlags)&(sched1.DescKeysExpire|sched1.DescPicksGPUs) != 0 {
		g.add("out2", g.u32(g.desc+sched1.DescOut2Ptr), n*8, 16)
	}
	for _, tb := range sched1.Tables() {
		for _, c := range tb.Columns {
			if g.wanted(tb.Kind)>>c.ID&1 != 0 {
				g.add(tb.Name+"."+c.Name, g.column(tb.Kind, c.ID), n*uint32(c.Type.Size()), 16)
			}
		}
	}
	slices.SortFunc(g.ranges, func(a, b [2]uint32) int { return int(int64(a[0]) - int64(b[0])) })
	for i := 1; i < len(g.ranges); i++ {
		if g.ranges[i][0] < g.ranges[i-1][1] {
			g.t.Fatalf("ranges %v and %v overlap", g.ranges[i-1], g.ranges[i])
		}
	}
}

// add notes a range that the guest handed out.
func (g *guest) add(what string, at, size, align uint32) {
	g.t.Helper()
	if at == 0 || at%align != 0 {
		g.t.Fatalf("%s lies at %d, want a multiple of %d", what, at, align)
	}
	g.bytes(at, size)
	g.ranges = append(g.ranges, [2]uint32{at, at + size})
}

// column is where a wanted column lies.
func (g *guest) column(kind uint32, id int) uint32 {
	return g.u32(g.u32(g.entry(kind)+sched1.TableEntryColsPtr) + uint32(4*id))
}

// set writes a column of u32.
func (g *guest) set(kind uint32, id int, values []uint32) {
	at := g.column(kind, id)
	for i, v := range values {
		g.setU32(at+uint32(4*i), v)
	}
}

// setWide writes a column of i64.
func (g *guest) setWide(kind uint32, id int, values []int64) {
	b := g.bytes(g.column(kind, id), uint32(8*len(values)))
	for i, v := range values {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
	}
}

// scores are the first n scores that the guest has written.
func (g *guest) scores(n int) []int32 {
	b := g.bytes(g.u32(g.desc+sched1.DescOutPtr), uint32(4*n))
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// keys are the first n keys that the guest has written.
func (g *guest) keys(n int) []int64 {
	b := g.bytes(g.u32(g.desc+sched1.DescOutPtr), uint32(8*n))
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out
}

// committed is an example's module as it lies in the repository.
func committed(t testing.TB, e example) []byte {
	t.Helper()
	wasm, err := os.ReadFile(e.wasm())
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}
