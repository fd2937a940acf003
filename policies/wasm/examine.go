package wasm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Use is what a guest's calls of one hook came to.
type Use struct {
	Hook  string
	Calls uint64
	Fuel  uint64 // of all calls
	Most  uint64 // fuel of the dearest call
	Share uint64 // the largest part of what a call added to the bucket that it used, in thousandths; above 1,000 it used what earlier ones left
	NS    int64  // of all calls, where Options have a clock
}

// add counts a call that used so much of what it was given.
func (u *Use) add(fuel, given uint64) {
	u.Calls++
	u.Fuel += fuel
	u.Most = max(u.Most, fuel)
	if given > 0 && fuel*1000 >= (u.Share+1)*given { // no division where the share is none of the largest
		u.Share = fuel * 1000 / given
	}
}

// hookFunc is a function that the guest exports, called by the entry that the rewriter gave it.
type hookFunc struct {
	name            string
	f               api.Function
	params, results int    // of the entry: the last one is fuel
	size            int    // of the call's stack
	frame           string // how the entry stands in a trace, of which it is no news
	use             Use
}

// hookFunc is the module's function of that name, or nil.
func (in *Instance) hookFunc(name string) *hookFunc {
	f := in.mod.ExportedFunction(rewrite.EntryExport + name)
	if f == nil {
		return nil
	}
	d := f.Definition()
	h := &hookFunc{name: name, f: f, params: len(d.ParamTypes()), results: len(d.ResultTypes())}
	h.size = max(h.params, h.results)
	h.frame = d.DebugName() + "("
	return h
}

// call calls the function with the arguments that lie in the instance's stack and so much fuel; it returns what is left.
func (f *hookFunc) call(in *Instance, fuel int64) (left int64, err error) {
	in.stack[f.params-1] = uint64(fuel)
	if in.timer == nil {
		err = f.f.CallWithStack(in.ctx, in.stack[:f.size])
	} else {
		from := in.timer()
		err = f.f.CallWithStack(in.ctx, in.stack[:f.size])
		f.use.NS += in.timer() - from
	}
	if err != nil {
		return int64(in.fuel.Get()), err
	}
	return int64(in.stack[f.results-1]), nil
}

// Uses are what the calls of each hook came to, in the order of the ABI's table. Those of instances that were dropped are not in it.
func (g *guest) Uses() (out []Use) {
	names := append([]string{"_initialize"}, hookNames()...)
	for _, name := range names {
		if f := g.in.hooks[name]; f != nil && f.use.Calls > 0 {
			f.use.Hook = name
			out = append(out, f.use)
		}
	}
	return out
}

// Memory is the size of the guest's memory in bytes.
func (g *guest) Memory() int { return len(g.in.view) }

// StateHash is a SHA-256, hexadecimal, of all that a guest can remember anything in: its memory and its mutable globals.
func (g *guest) StateHash() string {
	h := sha256.New()
	h.Write(g.in.view)
	for _, x := range g.in.globals {
		h.Write(binary.LittleEndian.AppendUint64(nil, x.Get()))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Wants are the columns that the guest asked for, as table.column.
func (g *guest) Wants() (out []string) {
	for _, t := range g.in.tables.entries {
		for i := range t.cols {
			out = append(out, t.cols[i].name)
		}
	}
	return out
}

// Flags are the names of the guest's DESC_ flags.
func (g *guest) Flags() (out []string) {
	enums := sched1.Enums()
	at := slices.IndexFunc(enums, func(e sched1.Enum) bool { return e.Prefix == "DESC" })
	for _, v := range enums[at].Values {
		if int64(g.in.desc.flags)&v.Value != 0 {
			out = append(out, v.Name)
		}
	}
	return out
}

// Inject lets a guest that hears events hear one more of a kind that the run does not bring, for a test of what it makes of it.
func (g *guest) Inject(v *state.View, kind uint16) {
	if !g.fallen && g.module.Has(sched1.HookEvents) {
		g.pending = append(g.pending, bare(kind, v.Now))
	}
}

// Inject does so at the next pass of the view's partition.
func (s *Scheduler) Inject(v *state.View, kind uint16) {
	side := s.side(v.Partition)
	side.inbox = append(side.inbox, bare(kind, v.Now))
}

// columns copies the columns before a call, where the guest is watched.
func (in *Instance) columns() (out [][]byte) {
	if !in.strict || !in.laid {
		return nil
	}
	for _, t := range in.tables.entries {
		for i := range t.cols {
			out = append(out, bytes.Clone(in.column(t, &t.cols[i])))
		}
	}
	return out
}

// column is a column in the guest's memory.
func (in *Instance) column(t *table, c *column) []byte {
	size := 4 * t.cap
	if c.wide {
		size *= 2
	}
	return in.view[c.at : c.at+size]
}

// untouched says which column a call has changed: they are the host's.
func (in *Instance) untouched(before [][]byte) error {
	if before == nil || !in.laid {
		return nil
	}
	for _, t := range in.tables.entries {
		for i := range t.cols {
			c := &t.cols[i]
			now, was := in.column(t, c), before[0]
			before = before[1:]
			if bytes.Equal(now, was) {
				continue
			}
			at := 0
			for now[at] == was[at] {
				at++
			}
			return in.abi(KindABI, "it wrote to column %s, row %d, which is the host's; the host does not read it back, and writes it anew only when it changes", c.name, at/(len(now)/int(t.cap)))
		}
	}
	return nil
}

// faithful compares what the guest's memory has with the engine's tables, row by row: they differ where the host has missed a change, or
// where the guest wrote. Pools and types, which are sums, are written anew each time. Rows of free job slots mean nothing.
func (in *Instance) faithful(v *state.View, c *cluster.Cluster) error {
	for _, x := range []struct {
		t     *table
		rows  int
		value func(id int, slot int32) uint64
	}{
		{in.tables.nodes, c.Nodes().Len(), func(id int, slot int32) uint64 { return nodeValue(c.Nodes(), id, slot) }},
		{in.tables.jobs, v.Jobs.Len(), func(id int, slot int32) uint64 { return jobValue(v, &in.x, id, slot) }},
		{in.tables.roles, len(v.Shapes.Roles), func(id int, slot int32) uint64 { return roleValue(&v.Shapes.Roles[slot], id) }},
		{in.tables.gpus, gpuCount(c.Nodes()), func(id int, slot int32) uint64 { return gpuValue(c, id, slot) }},
	} {
		if x.t == nil {
			continue
		}
		for slot := range int32(x.rows) {
			if x.t.kind == sched1.TableJobs && v.Jobs.Row[slot].State == state.JobFree {
				continue
			}
			for i := range x.t.cols {
				col := &x.t.cols[i]
				has, want := in.cell(col, slot), x.value(col.id, slot)
				if !col.wide {
					want &= 1<<32 - 1
				}
				if has != want {
					return in.abi(KindABI, "column %s, row %d, is %d in its memory and %d in the engine: the host has missed a change", col.name, slot, has, want)
				}
			}
		}
	}
	return nil
}

// cell is a value of a column in the guest's memory.
func (in *Instance) cell(c *column, slot int32) uint64 {
	if c.wide {
		return uint64(in.i64(c.at + 8*uint32(slot)))
	}
	return uint64(in.u32(c.at + 4*uint32(slot)))
}
