package wasm

import (
	"bytes"
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
	mark  []bool
}

// column is a column's place.
type column struct {
	id   int
	name string
	wide bool
	at   uint32
}

func (t *tables) clone() tables {
	c := tables{rows: t.rows}
	for _, e := range t.entries {
		d := *e
		d.cols = slices.Clone(e.cols)
		d.dirty, d.mark = slices.Clone(e.dirty), slices.Clone(e.mark)
		c.add(&d)
	}
	return c
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
	at, err := in.call(sched1.HookDesc, true)
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
	if unknown := d.flags &^ (sched1.DescLogs<<1 - 1); unknown != 0 {
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
				t.cols = append(t.cols, column{id: c.ID, name: s.Name + "." + c.Name, wide: c.Type.Size() == 8})
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

// span is a range that a layout gives out.
type span struct {
	name     string
	at       uint32
	size     uint64
	writable bool
}

// layout writes the caps, lets the guest fill in its pointers, and checks them. All columns are to be written afterwards.
func (in *Instance) layout() error {
	d := &in.desc
	in.set32(d.at+sched1.DescEventsCap, d.eventsCap)
	in.set32(d.at+sched1.DescDecisionsCap, d.decisionsCap)
	in.set32(d.at+sched1.DescIdxCap, d.idxCap)
	in.set32(d.at+sched1.DescOutCap, d.outCap)
	in.set32(d.at+sched1.DescStrCap, d.strCap)
	for _, t := range in.tables.entries {
		in.set32(t.entry+sched1.TableEntryCap, t.cap)
	}
	copy(in.static[:], in.view[d.at:])
	in.laid = false
	in.refuel(0)
	status, err := in.call(sched1.HookLayout, true)
	if err != nil {
		return err
	}
	if status != 0 {
		return in.abi(KindStatus, "it returned %d; 0 is success. It may be out of memory: %d of at most %d bytes are in use", status, len(in.view), uint64(in.module.pages)<<16)
	}
	if err := in.settled(); err != nil {
		return err
	}
	spans := []span{{name: "desc", at: d.at, size: sched1.DescBytes}}
	place := func(name string, field uint32, to *uint32, align uint32, size uint64) error {
		*to = in.u32(d.at + field)
		if *to%align != 0 || !in.inside(*to, size) {
			return in.abi(KindABI, "%s is %d; wanted %d bytes inside memory (%d bytes), at a multiple of %d", name, *to, size, len(in.view), align)
		}
		spans = append(spans, span{name, *to, size, true})
		return nil
	}
	second := uint64(0)
	if d.flags&(sched1.DescKeysExpire|sched1.DescPicksGPUs) != 0 {
		second = 8 * uint64(d.outCap)
	}
	for _, p := range []struct {
		name  string
		field uint32
		to    *uint32
		align uint32
		size  uint64
	}{
		{"ctx_ptr", sched1.DescCtxPtr, &d.ctx, 8, uint64(d.ctxSize)},
		{"events_ptr", sched1.DescEventsPtr, &d.events, 8, uint64(d.eventsCap) * uint64(d.evSize)},
		{"decisions_ptr", sched1.DescDecisionsPtr, &d.decisions, 8, uint64(d.decisionsCap) * uint64(d.decSize)},
		{"idx_ptr", sched1.DescIdxPtr, &d.idx, 4, 4 * uint64(d.idxCap)},
		{"out_ptr", sched1.DescOutPtr, &d.out, 16, 8 * uint64(d.outCap)},
		{"out2_ptr", sched1.DescOut2Ptr, &d.out2, 8, second},
		{"str_ptr", sched1.DescStrPtr, &d.str, 1, uint64(d.strCap)},
	} {
		if err := place(p.name, p.field, p.to, p.align, p.size); err != nil {
			return err
		}
	}
	for _, t := range in.tables.entries {
		cols := in.u32(t.entry + sched1.TableEntryColsPtr)
		if cols%4 != 0 || !in.inside(cols, 4*sched1.MaxCols) {
			return in.abi(KindABI, "cols_ptr of table %s moved to %d", t.name, cols)
		}
		spans = append(spans, span{"table_entry of " + t.name, t.entry, sched1.TableEntryBytes, false}, span{"cols of " + t.name, cols, 4 * sched1.MaxCols, false})
		for i := range t.cols {
			c := &t.cols[i]
			size := uint64(t.cap) * 4
			if c.wide {
				size *= 2
			}
			c.at = in.u32(cols + 4*uint32(c.id))
			name := "column " + c.name
			if c.at%16 != 0 || !in.inside(c.at, size) {
				return in.abi(KindABI, "%s is at %d; wanted %d bytes inside memory (%d bytes), at a multiple of 16", name, c.at, size, len(in.view))
			}
			spans = append(spans, span{name, c.at, size, true})
		}
		t.full = true
	}
	return in.disjoint(spans)
}

// settled compares what a layout must not change with what it was: all of the desc but the pointers that it fills in, and which
// columns are wanted. It keeps the desc for the calls that follow, in which nothing of it may change.
func (in *Instance) settled() error {
	now := in.view[in.desc.at : in.desc.at+sched1.DescBytes]
	for _, f := range sched1.Desc.Fields {
		switch f.Offset {
		case sched1.DescCtxPtr, sched1.DescEventsPtr, sched1.DescDecisionsPtr, sched1.DescIdxPtr, sched1.DescOutPtr, sched1.DescOut2Ptr, sched1.DescStrPtr:
			copy(in.static[f.Offset:], now[f.Offset:f.Offset+4])
		}
	}
	if !bytes.Equal(now, in.static[:]) {
		return in.moved()
	}
	for _, t := range in.tables.entries {
		if kind, wanted := in.u32(t.entry+sched1.TableEntryKind), uint64(in.i64(t.entry+sched1.TableEntryWanted)); kind != t.kind || wanted != t.wanted {
			return in.abi(KindABI, "it changed the entry of table %s to kind %d, columns %#x; what it wants is read once, from %s", t.name, kind, wanted, sched1.HookDesc)
		}
	}
	in.laid = true
	return nil
}

// moved says what of its desc a guest changed where it must not.
func (in *Instance) moved() error {
	for _, f := range sched1.Desc.Fields {
		from, to := f.Offset, f.Offset+f.Type.Size()
		was, is := in.static[from:to], in.view[in.desc.at+uint32(from):in.desc.at+uint32(to)]
		if !bytes.Equal(was, is) {
			return in.abi(KindABI, "it changed desc.%s from %d to %d; %s fills in the pointers, nothing else changes", f.Name, number(was), number(is), sched1.HookLayout)
		}
	}
	return nil
}

// number is a little-endian number of 2, 4 or 8 bytes.
func number(b []byte) (n uint64) {
	for i := range b {
		n |= uint64(b[i]) << (8 * i)
	}
	return n
}

// disjoint refuses ranges that overlap: the host would write one through the other.
func (in *Instance) disjoint(spans []span) error {
	spans = slices.DeleteFunc(spans, func(s span) bool { return s.size == 0 })
	slices.SortFunc(spans, func(a, b span) int {
		if a.at != b.at {
			return int(int64(a.at) - int64(b.at))
		}
		return strings.Compare(a.name, b.name)
	})
	for i := 1; i < len(spans); i++ {
		if a, b := &spans[i-1], &spans[i]; uint64(a.at)+a.size > uint64(b.at) {
			return in.abi(KindABI, "%s (%d bytes at %d) and %s (at %d) overlap", a.name, a.size, a.at, b.name, b.at)
		}
	}
	return nil
}
