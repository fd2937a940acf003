package wasm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
	"github.com/orrery-sim/orrery/sim/state"
)

// Instance is a guest in one simulation.
type Instance struct {
	module *Module `snapshot:"keep"`
	budget Budget
	params *Params `snapshot:"keep"`
	starve Starve
	timer  func() int64 `snapshot:"keep"` // Options.Clock
	strict bool         // Options.Strict

	// What belongs to the instance; a snapshot has it from SaveForeign.
	mod     api.Module           `snapshot:"foreign"`
	ctx     context.Context      `snapshot:"foreign"`
	mem     api.Memory           `snapshot:"foreign"`
	view    []byte               `snapshot:"foreign"` // its memory, as long as that does not grow
	fuel    api.MutableGlobal    `snapshot:"foreign"`
	depth   api.MutableGlobal    `snapshot:"foreign"`
	globals []api.MutableGlobal  `snapshot:"foreign"`
	hooks   map[string]*hookFunc `snapshot:"foreign"`
	decide  *hookFunc            `snapshot:"foreign"` // sched1_decide, where the module has it

	stack [8]uint64

	ctxBuffer [sched1.CtxBytes]byte // of a ctx that is cut for the guest

	desc   desc
	static [sched1.DescBytes]byte // the desc as the last layout left it
	laid   bool                   // static is filled in
	tables tables
	bucket int64 // fuel that is left for the next call
	given  int64 // of it for the next call
	used   int64 // by the last call
	calls  uint64
	spent  uint64 // fuel of all calls
	x      columns
	asked  map[string]bool // parameters that the guest asked for by name
	seed   uint64          // the simulation's

	now     *state.View `snapshot:"drop"` // of the running call; nil while loading
	metrics []state.Metric
	sys     shim
	output  []string // the last lines it logged or printed
	hook    string   // that runs
}

// instantiate makes an instance of a module. A fork's memory is copied into it afterwards: nothing of the guest's runs then.
func (m *Module) instantiate(o *Options) (in *Instance, err error) {
	defer func() {
		if r := recover(); r != nil {
			in, err = nil, loadError(m.Name, "no memory for an instance: %v", r)
		}
	}()
	in = &Instance{module: m, budget: o.Budget, params: o.Params, starve: o.Starve, timer: o.Clock, strict: o.Strict, hooks: map[string]*hookFunc{}}
	in.ctx = callContext{context.Background(), in}
	ctx := experimental.WithMemoryAllocator(in.ctx, experimental.MemoryAllocatorFunc(allocate))
	in.mod, err = m.engine.rt.InstantiateModule(ctx, m.code, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, loadError(m.Name, "it cannot be instantiated: %v", err)
	}
	in.mem = in.mod.Memory()
	in.remap()
	in.fuel, _ = in.mod.ExportedGlobal(rewrite.FuelExport).(api.MutableGlobal)
	in.depth, _ = in.mod.ExportedGlobal(rewrite.DepthExport).(api.MutableGlobal)
	if in.fuel == nil || in.depth == nil {
		in.close()
		return nil, loadError(m.Name, "the compile cache holds a module without counters; remove the cache")
	}
	for _, name := range m.globals {
		g, ok := in.mod.ExportedGlobal(name).(api.MutableGlobal)
		if !ok {
			in.close()
			return nil, loadError(m.Name, "the compile cache holds a module without global %s; remove the cache", name)
		}
		in.globals = append(in.globals, g)
	}
	for _, hook := range m.Hooks {
		if in.hooks[hook] = in.hookFunc(hook); in.hooks[hook] == nil {
			in.close()
			return nil, loadError(m.Name, "the compile cache holds a module without an entry for %s; remove the cache", hook)
		}
	}
	in.decide = in.hooks[sched1.HookDecide]
	return in, nil
}

// begin runs what a guest runs before its first hook: its start section and _initialize.
func (in *Instance) begin() error {
	in.bucket = firstFuel
	for _, name := range []string{rewrite.StartExport, "_initialize"} {
		if f := in.hookFunc(name); f != nil {
			in.hooks[name] = f
			if _, err := in.call(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// remap follows a memory that grew.
func (in *Instance) remap() {
	if size := in.mem.Size(); int(size) != len(in.view) {
		in.view, _ = in.mem.Read(0, size)
	}
}

// close frees the instance, whose memory must not be looked at any more. It may be called twice.
func (in *Instance) close() {
	if in == nil || in.mod == nil {
		return
	}
	_ = in.mod.Close(context.Background())
	in.mod, in.mem, in.view = nil, nil, nil
}

// alive is an error where the instance has been closed.
func (in *Instance) alive() error {
	if in.mod == nil {
		return loadError(in.module.Name, "it was asked after it had been closed")
	}
	return nil
}

// refuel adds the fuel of a call that asks about so many things to the bucket.
func (in *Instance) refuel(items int) { in.pour(in.budget.PerItem * int64(items)) }

// refuelEvents adds the fuel of a call that tells of so many events.
func (in *Instance) refuelEvents(events int) { in.pour(in.budget.PerEvent * int64(events)) }

func (in *Instance) pour(more int64) {
	add := in.budget.Base + more + in.budget.PerRow*in.tables.rows
	in.given = add
	in.bucket = max(in.bucket, 0)
	if in.bucket += add; in.bucket > in.budget.Burst {
		in.bucket = max(in.budget.Burst, add)
	}
}

// call calls a hook whose arguments are in the stack and returns its result, if it has one. An instance whose call failed must
// not be called again.
func (in *Instance) call(f *hookFunc) (int32, error) {
	in.hook = f.name
	if in.calls++; in.calls == in.starve.Call {
		in.bucket = min(in.bucket, in.starve.Fuel)
	}
	before := in.columns()
	left, err := f.call(in, in.bucket) // depth is 0: it is after every call that returns, and no other instance is called again
	in.used, in.bucket = in.bucket-left, left
	in.spent += uint64(in.used)
	f.use.add(uint64(in.used), uint64(in.given))
	in.given = 0
	if err != nil {
		return 0, in.failed(f, err, left)
	}
	in.remap()
	if before != nil {
		if err := in.untouched(before); err != nil {
			return 0, err
		}
	}
	if in.laid && *(*[sched1.DescBytes]byte)(in.view[in.desc.at:]) != in.static {
		return 0, in.moved()
	}
	if f.results == 1 {
		return 0, nil
	}
	return int32(uint32(in.stack[0])), nil
}

// at is the simulated instant of the running call, -1 while loading.
func (in *Instance) at() state.Time {
	if in.now == nil {
		return -1
	}
	return in.now.Now
}

// failed says what a failed call was.
func (in *Instance) failed(f *hookFunc, err error, left int64) error {
	e := &Error{Module: in.module.Name, Hook: in.hook, Call: in.calls, At: in.at(), Kind: KindTrap, Output: in.said()}
	var a *abort
	text, trace, _ := strings.Cut(err.Error(), "\nwasm stack trace:")
	for line := range strings.SplitSeq(trace, "\n") {
		line = strings.TrimSpace(line)
		if line != "" && len(e.Trace) < 20 && !strings.HasPrefix(line, f.frame) {
			e.Trace = append(e.Trace, printable(strings.TrimPrefix(line, "."), 256))
		}
	}
	switch {
	case errors.As(err, &a):
		e.Kind, e.Text = a.kind, a.text
	case left < 0:
		e.Kind = KindFuel
	case int64(in.depth.Get()) > rewrite.Default().MaxDepth:
		e.Text = fmt.Sprintf("its calls are nested too deeply (%d slots of parameters, locals and operands; at most %d)", in.depth.Get(), rewrite.Default().MaxDepth)
	default:
		e.Text = strings.TrimPrefix(text, "wasm error: ")
	}
	e.Text = printable(e.Text, maxText)
	if e.Kind == KindFuel {
		e.Text = fmt.Sprintf("the call used its %d units; it may loop for ever, or needs a larger budget (budget: {base: ..., perItem: ..., perEvent: ...})", in.used+min(left, 0))
	}
	return e
}

// abi is an error in what the guest declared or answered.
func (in *Instance) abi(kind Kind, format string, args ...any) error {
	return &Error{Module: in.module.Name, Hook: in.hook, Call: in.calls, At: in.at(), Kind: kind, Text: printable(fmt.Sprintf(format, args...), maxText), Output: in.said()}
}

// say keeps a line of output.
func (in *Instance) say(line string) {
	if len(in.output) == maxOutput {
		copy(in.output, in.output[1:])
		in.output = in.output[:maxOutput-1]
	}
	in.output = append(in.output, line)
}

// said are the last lines, an unfinished one included.
func (in *Instance) said() []string {
	if len(in.sys.line) > 0 {
		in.print([]byte{'\n'})
	}
	var out []string
	for _, l := range in.output {
		out = append(out, printable(l, maxLine))
	}
	return out
}

// clone is an instance in the very state of this one: memory, globals and shim.
func (in *Instance) clone() (*Instance, error) {
	if err := in.alive(); err != nil {
		return nil, err
	}
	c, err := in.module.instantiate(&Options{Budget: in.budget, Params: in.params, Starve: in.starve, Clock: in.timer, Strict: in.strict})
	if err != nil {
		return nil, err
	}
	if err := c.growTo(in.mem.Size()); err != nil {
		c.close()
		return nil, err
	}
	copy(c.view, in.view)
	for i, g := range in.globals {
		c.globals[i].Set(g.Get())
	}
	c.desc, c.tables, c.static, c.laid = in.desc, in.tables.clone(), in.static, in.laid
	c.bucket, c.calls, c.spent, c.seed = in.bucket, in.calls, in.spent, in.seed
	c.x, c.asked = in.x, maps.Clone(in.asked)
	c.sys, c.output = in.sys, append([]string(nil), in.output...)
	for name, f := range in.hooks {
		if c.hooks[name] != nil {
			c.hooks[name].use = f.use
		}
	}
	c.metrics = append([]state.Metric(nil), in.metrics...)
	c.sys.line = append([]byte(nil), in.sys.line...)
	return c, nil
}
