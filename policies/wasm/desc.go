package wasm

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// desc is a guest's declaration, read once, and the places of its latest layout.
type desc struct {
	at                       uint32
	name                     string
	flags                    uint32
	every, coalesce          int64
	ctxSize, evSize, decSize uint32

	ctx, events, decisions, idx, out, out2, str     uint32
	eventsCap, decisionsCap, idxCap, outCap, strCap uint32
}

// tables are the tables that a guest wants; nil = not.
type tables struct {
	entries                                []*table
	nodes, jobs, roles, gpus, pools, types *table
	rows                                   int64 // slots in use of all of them
	counts                                 counts
}

// table is a table in a guest's memory.
type table struct {
	kind   uint32
	name   string
	entry  uint32 // address of its table_entry
	wanted uint64
	cap    uint32
	cols   []column
	used   int // slots in use

	full  bool    // everything is to be written
	dirty []int32 // slots to be written
	mark  []uint8 // by slot: changed, and whether it is new
}

// What is noted of a slot.
const (
	changed uint8 = 1 << iota
	renewed       // another job is there: what never changes is to be written too
)

// column is a column's place.
type column struct {
	id   int
	name string
	wide bool
	at   uint32
	cell cell // of jobs
	once bool // of jobs: what submission fixes, so that it is written when the job comes and not again
}

func (t *tables) clone() tables {
	c := tables{rows: t.rows, counts: t.counts}
	for _, e := range t.entries {
		d := *e
		d.cols = slices.Clone(e.cols)
		d.dirty, d.mark = slices.Clone(e.dirty), slices.Clone(e.mark)
		c.add(&d)
	}
	return c
}

// ofNodes reports whether a table changes with nodes.
func (t *tables) ofNodes() bool {
	return t.nodes != nil || t.gpus != nil || t.pools != nil || t.types != nil
}

func (t *tables) add(e *table) {
	t.entries = append(t.entries, e)
	switch e.kind {
	case sched1.TableNodes:
		t.nodes = e
	case sched1.TableJobs:
		t.jobs = e
	case sched1.TableRoles:
		t.roles = e
	case sched1.TableGPUs:
		t.gpus = e
	case sched1.TablePools:
		t.pools = e
	case sched1.TableTypes:
		t.types = e
	}
}

func (in *Instance) u16(at uint32) uint32 { return uint32(binary.LittleEndian.Uint16(in.view[at:])) }
func (in *Instance) u32(at uint32) uint32 { return binary.LittleEndian.Uint32(in.view[at:]) }
func (in *Instance) i64(at uint32) int64  { return int64(binary.LittleEndian.Uint64(in.view[at:])) }
func (in *Instance) set32(at, v uint32)   { binary.LittleEndian.PutUint32(in.view[at:], v) }
func (in *Instance) set64(at uint32, v uint64) {
	binary.LittleEndian.PutUint64(in.view[at:], v)
}

// inside reports whether a range lies in the guest's memory.
func (in *Instance) inside(at uint32, size uint64) bool {
	return uint64(at)+size <= uint64(len(in.view))
}

// declare calls sched1_desc and reads what the guest wants.
func (in *Instance) declare() error {
	at, err := in.call(in.hooks[sched1.HookDesc])
	if err != nil {
		return err
	}
	d := &in.desc
	d.at = uint32(at)
	if d.at%8 != 0 || !in.inside(d.at, sched1.DescBytes) {
		return in.abi(KindABI, "it returned %d; wanted the address of %d bytes, a multiple of 8", d.at, sched1.DescBytes)
	}
	if magic, major := in.u32(d.at+sched1.DescMagic), in.u16(d.at+sched1.DescMajor); magic != sched1.Magic || major != sched1.Major {
		return in.abi(KindABI, "the desc at %d begins with magic %08x, major %d; wanted %08x, %d", d.at, magic, major, sched1.Magic, sched1.Major)
	}
	if size := in.u32(d.at + sched1.DescSize); size != sched1.DescBytes {
		return in.abi(KindABI, "its desc is %d bytes long; wanted %d", size, sched1.DescBytes)
	}
	d.flags = in.u32(d.at + sched1.DescFlags)
	if unknown := d.flags &^ (sched1.DescAnyGPUs<<1 - 1); unknown != 0 {
		return in.abi(KindABI, "desc.flags has bits that mean nothing: %#x", unknown)
	}
	d.every, d.coalesce = in.i64(d.at+sched1.DescEveryNS), in.i64(d.at+sched1.DescCoalesceNS)
	if d.every < 0 || d.coalesce < 0 || d.every > 0 && d.coalesce > 0 || max(d.every, d.coalesce) > int64(state.End/2) {
		return in.abi(KindABI, "desc.every_ns is %d, coalesce_ns %d; wanted one of them above 0 and at most %d, or none", d.every, d.coalesce, state.End/2)
	}
	for _, r := range []struct {
		name      string
		at        uint32
		size      *uint32
		min, most uint32
	}{
		{"ctx_size", sched1.DescCtxSize, &d.ctxSize, 0, sched1.CtxBytes},
		{"event_size", sched1.DescEventSize, &d.evSize, sched1.EventBytes, sched1.EventBytes},
		{"decision_size", sched1.DescDecisionSize, &d.decSize, sched1.DecisionBytes, sched1.DecisionBytes},
	} {
		if *r.size = in.u32(d.at + r.at); *r.size < r.min || *r.size > r.most || *r.size%8 != 0 {
			return in.abi(KindABI, "desc.%s is %d; wanted %d", r.name, *r.size, r.most)
		}
	}
	if err := in.readName(); err != nil {
		return err
	}
	return in.readTables()
}

func (in *Instance) readName() error {
	d := &in.desc
	at, n := in.u32(d.at+sched1.DescNamePtr), in.u32(d.at+sched1.DescNameLen)
	if n > 64 || !in.inside(at, uint64(n)) {
		return in.abi(KindABI, "desc.name is %d bytes at %d; wanted at most 64 bytes inside memory", n, at)
	}
	d.name = string(in.view[at : at+n])
	if !utf8.ValidString(d.name) || strings.ContainsFunc(d.name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return in.abi(KindABI, "desc.name %q is not printable text", d.name)
	}
	return nil
}

// readTables reads the table directory.
func (in *Instance) readTables() error {
	d := &in.desc
	at, n := in.u32(d.at+sched1.DescTablesPtr), in.u32(d.at+sched1.DescNTables)
	if n > 16 || at%8 != 0 || !in.inside(at, uint64(n)*sched1.TableEntryBytes) {
		return in.abi(KindABI, "desc has %d tables at %d; wanted at most 16, at a multiple of 8 inside memory", n, at)
	}
	for i := range n {
		entry := at + i*sched1.TableEntryBytes
		t := &table{entry: entry, kind: in.u32(entry + sched1.TableEntryKind), wanted: uint64(in.i64(entry + sched1.TableEntryWanted)), full: true}
		def := slices.IndexFunc(sched1.Tables(), func(s sched1.Table) bool { return s.Kind == t.kind })
		if def < 0 {
			return in.abi(KindABI, "table %d of desc is of kind %d, which is not there (host minor %d)", i, t.kind, sched1.Minor)
		}
		s := sched1.Tables()[def]
		t.name = s.Name
		if slices.ContainsFunc(in.tables.entries, func(o *table) bool { return o.kind == t.kind }) {
			return in.abi(KindABI, "desc asks for table %s twice", s.Name)
		}
		if high := bits.Len64(t.wanted); high > len(s.Columns) {
			return in.abi(KindABI, "desc asks for column %d of table %s, which has %d (host minor %d)", high-1, s.Name, len(s.Columns), sched1.Minor)
		}
		for _, c := range s.Columns {
			if t.wanted>>c.ID&1 != 0 {
				col := column{id: c.ID, name: s.Name + "." + c.Name, wide: c.Type.Size() == 8}
				if t.kind == sched1.TableJobs {
					col.cell, col.once = jobCells[c.ID], fixed(c.ID)
				}
				t.cols = append(t.cols, col)
			}
		}
		if cols := in.u32(entry + sched1.TableEntryColsPtr); cols%4 != 0 || !in.inside(cols, 4*sched1.MaxCols) {
			return in.abi(KindABI, "cols_ptr of table %s is %d; wanted %d bytes inside memory, at a multiple of 4", s.Name, cols, 4*sched1.MaxCols)
		}
		in.tables.add(t)
	}
	if t := in.tables.jobs; t != nil && t.wanted>>sched1.JobsTrueDurationNS&1 != 0 && d.flags&sched1.DescClairvoyant == 0 {
		return in.abi(KindABI, "it asks for jobs.true_duration_ns without DESC_CLAIRVOYANT")
	}
	return nil
}
