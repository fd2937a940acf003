package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/orrery-sim/orrery/sim/state"
)

// DigestVersion names the encoding below. Digests of different versions cannot be compared.
const DigestVersion = 1

// digestKinds are the state changes that the digest covers; causes of waiting and metrics are not state.
const digestKinds = state.KindSet(1<<state.EvArrive | 1<<state.EvStart | 1<<state.EvAlloc | 1<<state.EvEnd | 1<<state.EvEvict |
	1<<state.EvRate | 1<<state.EvNodeUp | 1<<state.EvNodeDown | 1<<state.EvNodeFlags)

// digest is SHA-256 over a little-endian encoding of every state change, at most 32 bytes an event.
type digest struct {
	h   hash.Hash
	buf []byte // digestBlock and room for one more record
	n   int    // bytes of buf in use
}

const digestBlock = 4096

func (d *digest) init() {
	d.h = sha256.New()
	d.buf = make([]byte, digestBlock+32)
	d.n = copy(d.buf, "orrery digest 1\n")
}

// observe encodes a batch. Layout: kind u8, small u8 (outcome or flags), a u16, b u32, time i64, number u64, and for
// arrivals the request's hash, for allocations the device mask, for rates the rate (u64).
func (d *digest) observe(events []state.Event, nodes *state.Nodes) {
	for i := range events {
		ev := &events[i]
		if !digestKinds.Has(ev.Kind) {
			continue
		}
		r := d.buf[d.n : d.n+32 : d.n+32]
		binary.LittleEndian.PutUint64(r, uint64(ev.Kind))
		binary.LittleEndian.PutUint64(r[8:], uint64(ev.Time))
		binary.LittleEndian.PutUint64(r[16:], ev.Number)
		n := 24
		switch ev.Kind {
		case state.EvArrive, state.EvRate:
			binary.LittleEndian.PutUint32(r[4:], uint32(ev.A))
			binary.LittleEndian.PutUint64(r[24:], ev.Z)
			n = 32
		case state.EvStart, state.EvEvict:
			binary.LittleEndian.PutUint32(r[4:], uint32(ev.B))
		case state.EvAlloc: // belongs to the start before it, which has time and number
			binary.LittleEndian.PutUint16(r[2:], uint16(ev.A))
			binary.LittleEndian.PutUint32(r[4:], uint32(ev.Node))
			binary.LittleEndian.PutUint64(r[8:], ev.Z)
			n = 16
		case state.EvEnd:
			r[1] = byte(ev.Outcome)
			r[2] = ev.Cause
		case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
			r[1] = byte(ev.Z)
			binary.LittleEndian.PutUint32(r[4:], uint32(ev.Node))
			name := sha256.Sum256([]byte(nodes.Name[ev.Node]))
			copy(r[16:24], name[:8])
		}
		if d.n += n; d.n >= digestBlock {
			d.h.Write(d.buf[:d.n])
			d.n = 0
		}
	}
}

// sum is the digest of everything observed so far.
func (d *digest) sum() string {
	c := d.clone()
	c.h.Write(c.buf[:c.n])
	return fmt.Sprintf("%x", c.h.Sum(nil))
}

func (d *digest) clone() digest {
	h, err := d.h.(hash.Cloner).Clone()
	if err != nil {
		panic("sha256 cannot be cloned: " + err.Error())
	}
	return digest{h: h.(hash.Hash), buf: append([]byte(nil), d.buf...), n: d.n}
}

// Digest is the SHA-256 over every state change so far, in hexadecimal. Flush first: buffered events are not in it.
func (e *Engine) Digest() string { return e.digest.sum() }
