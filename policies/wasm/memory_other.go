//go:build !unix

package wasm

import "github.com/tetratelabs/wazero/experimental"

// plain is a linear memory that grows by copying.
type plain struct{ b []byte }

func allocate(capacity, _ uint64) experimental.LinearMemory {
	return &plain{b: make([]byte, 0, capacity)}
}

func (p *plain) Reallocate(size uint64) []byte {
	if size > uint64(cap(p.b)) {
		grown := make([]byte, size)
		copy(grown, p.b)
		p.b = grown
	}
	p.b = p.b[:size]
	return p.b
}

func (p *plain) Free() { p.b = nil }
