//go:build unix

package wasm

import (
	"syscall"

	"github.com/tetratelabs/wazero/experimental"
)

// reserved is a linear memory whose whole maximum is reserved at once and committed as it is touched, so that growing neither
// copies nor moves it and a hundred forks cost what they use.
type reserved struct{ b []byte }

// allocate reserves max bytes, or falls back to nothing that can be used: then the guest is not instantiated.
func allocate(_, max uint64) experimental.LinearMemory {
	if max == 0 {
		return &reserved{}
	}
	b, err := syscall.Mmap(-1, 0, int(max), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|mapNoReserve)
	if err != nil {
		return &reserved{}
	}
	return &reserved{b: b}
}

func (r *reserved) Reallocate(size uint64) []byte {
	if size > uint64(len(r.b)) {
		return nil
	}
	return r.b[:size:size]
}

func (r *reserved) Free() {
	if r.b != nil {
		_ = syscall.Munmap(r.b)
		r.b = nil
	}
}
