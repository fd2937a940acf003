package wasm

import (
	"encoding/binary"
	"errors"
)

// What an instance holds beside its fields is what a fork copies: the mutable globals, the memory, and the tallies of its hooks. They
// are written as 64-bit words, little-endian; of the memory the size in pages of 64 KiB and those blocks that are not all zero.

// savedBlock is how much of the memory is left out when it is zero.
const savedBlock = 4096

// SaveForeign gives what the instance's fields do not hold (see package snapshot); nothing for one that has been closed.
func (in *Instance) SaveForeign() ([]byte, error) {
	if in.mod == nil {
		return nil, nil
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(in.globals)))
	for _, g := range in.globals {
		b = binary.LittleEndian.AppendUint64(b, g.Get())
	}
	for _, u := range in.uses() {
		for _, v := range []uint64{u.Calls, u.Fuel, u.Most, u.Share, uint64(u.NS)} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(in.view)>>16))
	for at := 0; at < len(in.view); at += savedBlock {
		if block := in.view[at : at+savedBlock]; !zero(block) {
			b = binary.LittleEndian.AppendUint64(b, uint64(at))
			b = append(b, block...)
		}
	}
	return b, nil
}

// uses are the tallies of the hooks, in an order that is always the same.
func (in *Instance) uses() []*Use {
	var out []*Use
	for _, name := range in.module.Hooks {
		out = append(out, &in.hooks[name].use)
	}
	return out
}

func zero(b []byte) bool {
	var any uint64
	for ; len(b) >= 8; b = b[8:] {
		any |= binary.LittleEndian.Uint64(b)
	}
	return any == 0
}

var errSaved = errors.New("what was saved of a guest is not of this module")

// LoadForeign brings an instance of the same module, whose fields have been read, to where SaveForeign left the other one.
func (in *Instance) LoadForeign(b []byte) error {
	if len(b) == 0 {
		in.close()
		return nil
	}
	if err := in.alive(); err != nil {
		return err
	}
	short := false
	word := func() uint64 {
		if len(b) < 8 {
			short = true
			return 0
		}
		v := binary.LittleEndian.Uint64(b)
		b = b[8:]
		return v
	}
	if word() != uint64(len(in.globals)) {
		return errSaved
	}
	for _, g := range in.globals {
		g.Set(word())
	}
	for _, u := range in.uses() {
		u.Calls, u.Fuel, u.Most, u.Share, u.NS = word(), word(), word(), word(), int64(word())
	}
	pages := word()
	if pages > 1<<16 || short {
		return errSaved
	}
	if err := in.growTo(uint32(pages << 16)); err != nil {
		return err
	}
	clear(in.view)
	for len(b) > 0 {
		at := word()
		if len(b) < savedBlock || at > uint64(len(in.view)-savedBlock) {
			return errSaved
		}
		copy(in.view[at:], b[:savedBlock])
		b = b[savedBlock:]
	}
	return nil
}

// growTo makes the memory so large at least.
func (in *Instance) growTo(size uint32) error {
	if more := size - in.mem.Size(); int32(more) > 0 {
		if _, ok := in.mem.Grow(more >> 16); !ok {
			return loadError(in.module.Name, "no memory for another instance (%d bytes)", size)
		}
	}
	in.remap()
	return nil
}
