package wasm

import (
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Options are what a scenario says of a guest.
type Options struct {
	Budget  Budget
	Params  *Params
	OnError OnError

	Strict bool         // before and after each call its columns are compared with the engine's tables: what it writes there is an error
	Clock  func() int64 // ns of some clock: calls are timed (Use); nil = they are not
	Starve Starve       // for a test of what a guest makes of it
}

// Starve gives one call of a guest's first instance less fuel than it would have; the zero value none.
type Starve struct {
	Call uint64 // its number, from 1
	Fuel int64
}

// guest is an instance with what stands around it in every slot.
type guest struct {
	module  *Module `snapshot:"keep"`
	options Options `snapshot:"keep"`
	in      *Instance
	mirror  mirror
	seeds   rng.Stream // of its calls

	pending  []event // events that sched1_events has not been told
	before   uint64  // calls, and fuel, of earlier instances
	spent    uint64
	failures int
	fallen   bool // a native part stands in
	notes    []string
	alone    int64 // fuel of calls since something happened that is not the guest's doing; see Budget.Alone
	lonely   int   // those calls
}

// newGuest makes an instance and reads what it declares.
func (m *Module) newGuest(o Options) (*guest, error) {
	if o.Params == nil {
		o.Params, _ = NewParams(nil)
	}
	if err := o.Budget.check(m.Name); err != nil {
		return nil, err
	}
	if o.Budget.Alone == 0 {
		o.Budget.Alone = DefaultBudget().Alone
	}
	g := &guest{module: m, options: o}
	if err := g.load(); err != nil {
		return nil, err
	}
	return g, nil
}

// load makes the instance anew, up to its declaration.
func (g *guest) load() error {
	in, err := g.module.instantiate(&g.options)
	if err != nil {
		return err
	}
	g.in = in
	if err = g.in.begin(); err == nil {
		err = g.in.declare()
	}
	if err != nil {
		g.in.close()
	}
	return err
}

// Name is the guest's own name, or the file's, marked as a guest's.
func (g *guest) Name() string {
	if g.in.desc.name != "" {
		return "wasm:" + g.in.desc.name
	}
	return "wasm:" + g.module.Name
}

// Init lays out the guest's memory, shows it the cluster and calls sched1_init.
func (g *guest) Init(v *state.View) error {
	if g.in.tables.ofNodes() { // else nobody would read what the log says, and without readers it keeps nothing
		g.mirror.reader = v.Capacity.(*cluster.Cluster).Log.Reader()
	}
	key := rng.NewKey(v.Seed, "wasm")
	g.seeds = key.Stream(0, 0)
	return g.open(v)
}

// open is Init without what is done once.
func (g *guest) open(v *state.View) error {
	in := g.in
	if err := in.alive(); err != nil {
		return err
	}
	in.seed, in.now = v.Seed, v
	defer func() { in.now = nil }()
	var err error
	if in.x, err = in.params.columns(v.Names); err != nil {
		return loadError(g.module.Name, "%v", err)
	}
	d := &in.desc
	d.eventsCap, d.decisionsCap, d.idxCap, d.outCap = 256, 256, 256, 64
	d.strCap = uint32(max(256, len(in.params.JSON)))
	g.mirror = mirror{reader: g.mirror.reader}
	c := v.Capacity.(*cluster.Cluster)
	for _, t := range in.tables.entries {
		t.cap = 64
	}
	g.mirror.shown = nil
	if err := in.fit(v, &g.mirror, c); err != nil {
		return err
	}
	if in.desc.ctx == 0 { // fit had nothing to grow
		if err := in.layout(); err != nil {
			return err
		}
	}
	if err := in.sync(v, &g.mirror, c); err != nil {
		return err
	}
	copy(in.view[d.str:], in.params.JSON)
	if !g.module.Has(sched1.HookInit) {
		return nil
	}
	g.enter(v, 0, uint32(len(in.params.JSON)))
	in.refuel(c.Nodes().Len())
	status, err := in.call(in.hooks[sched1.HookInit])
	if err == nil && status != 0 {
		err = in.abi(KindStatus, "it returned %d; 0 is success", status)
	}
	return err
}

// enter writes the ctx of the next call.
func (g *guest) enter(v *state.View, flags, strLen uint32) {
	in := g.in
	there := in.view[in.desc.ctx : in.desc.ctx+in.desc.ctxSize]
	ctx := &in.ctxBuffer
	if len(there) == sched1.CtxBytes {
		ctx = (*[sched1.CtxBytes]byte)(there)
	}
	put := func(field, x uint32) { put32(ctx[:], field, x) }
	put64(ctx[:], sched1.CtxNowNS, uint64(v.Now))
	put64(ctx[:], sched1.CtxCall, in.calls+1)
	put64(ctx[:], sched1.CtxSeed, g.seeds.Uint64())
	put64(ctx[:], sched1.CtxFuel, uint64(in.bucket))
	put(sched1.CtxFlags, flags)
	put(sched1.CtxMinor, sched1.Minor)
	put(sched1.CtxPartition, uint32(v.Partition))
	put(sched1.CtxStrLen, strLen)
	*(*counts)(ctx[sched1.CtxNNodes:]) = in.tables.counts
	put(sched1.CtxNPartitions, uint32(max(1, v.Names.Partitions.Len())))
	put64(ctx[:], sched1.CtxPod, 0) // and want
	free := uint32(0)
	if g.module.decides {
		free = uint32(max(0, v.Capacity.(*cluster.Cluster).Free(uint32(v.Partition), 0)))
	}
	put(sched1.CtxGPUsFree, free)
	if len(there) < sched1.CtxBytes { // a guest of an older minor version
		copy(there, ctx[:])
	}
}

// counts are the slots in use of each table, as ctx has them.
type counts [sched1.CtxNPartitions - sched1.CtxNNodes]byte

// set notes how many slots of a table are in use.
func (c *counts) set(kind uint32, n int) { put32(c[:], ctxCount(kind)-sched1.CtxNNodes, uint32(n)) }

// ctxCount is the field of ctx that counts a table's slots.
func ctxCount(kind uint32) uint32 {
	switch kind {
	case sched1.TableNodes:
		return sched1.CtxNNodes
	case sched1.TableJobs:
		return sched1.CtxNJobs
	case sched1.TableRoles:
		return sched1.CtxNRoles
	case sched1.TableGPUs:
		return sched1.CtxNGPUs
	case sched1.TablePools:
		return sched1.CtxNPools
	}
	return sched1.CtxNTypes
}

// observe notes what changed, and keeps the events for a guest that wants them.
func (g *guest) observe(v *state.View, events []state.Event) error {
	if g.fallen {
		g.forget(v)
		return nil
	}
	g.stir(events)
	g.in.follow(v, &g.mirror, events)
	if !g.module.Has(sched1.HookEvents) {
		return nil
	}
	for i := range events {
		if told.Has(events[i].Kind) {
			var ev *event
			g.pending, ev = more(g.pending)
			translate(v, &events[i], ev)
		}
	}
	if len(g.pending) < 256 {
		return nil
	}
	_, err := g.try(v, func() error { return g.deliver(v) })
	return err
}

// forget drains the change log that nobody reads any more, so that it does not grow.
func (g *guest) forget(v *state.View) {
	if g.in.tables.ofNodes() {
		v.Capacity.(*cluster.Cluster).Log.Take(g.mirror.reader)
	}
}

// deliver tells a guest with sched1_events what happened.
func (g *guest) deliver(v *state.View) error {
	in := g.in
	if len(g.pending) == 0 {
		return nil
	}
	if err := in.sync(v, &g.mirror, v.Capacity.(*cluster.Cluster)); err != nil {
		return err
	}
	for len(g.pending) > 0 {
		n := min(len(g.pending), int(in.desc.eventsCap))
		writeEvents(in.view[in.desc.events:], g.pending[:n])
		g.enter(v, 0, 0)
		in.refuelEvents(n)
		in.stack[0] = uint64(n)
		status, err := in.call(in.hooks[sched1.HookEvents])
		if err != nil {
			return err
		}
		if status != 0 {
			return in.abi(KindStatus, "it returned %d; 0 is success", status)
		}
		g.pending = g.pending[:copy(g.pending, g.pending[n:])]
	}
	return nil
}

// Notes say what a reader of the run should know.
func (g *guest) Notes() []string { return g.notes }

// TakeMetrics moves the values of the guest's series to the pass's decisions.
func (g *guest) TakeMetrics(d *state.Decisions) {
	d.Metrics = append(d.Metrics, g.in.metrics...)
	g.in.metrics = g.in.metrics[:0]
}

// clone copies a guest for a fork.
func (g *guest) clone() (*guest, error) {
	c := *g
	c.mirror = g.mirror.clone()
	c.pending = append([]event(nil), g.pending...)
	c.notes = append([]string(nil), g.notes...)
	if g.fallen {
		return &c, nil
	}
	var err error
	c.in, err = g.in.clone()
	return &c, err
}
