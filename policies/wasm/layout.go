package wasm

import (
	"bytes"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/sched1"
)

// span is a range that a layout gives out.
type span struct {
	name string
	at   uint32
	size uint64
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
	status, err := in.call(in.hooks[sched1.HookLayout])
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
		spans = append(spans, span{name, *to, size})
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
		spans = append(spans, span{"table_entry of " + t.name, t.entry, sched1.TableEntryBytes}, span{"cols of " + t.name, cols, 4 * sched1.MaxCols})
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
			spans = append(spans, span{name, c.at, size})
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
