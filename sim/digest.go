package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// DigestVersion names the encoding below. Digests of different versions cannot be compared.
const DigestVersion = 1

// digestKinds are the state changes that the digest covers; causes of waiting and metrics are not state.
const digestKinds = state.KindSet(1<<state.EvArrive | 1<<state.EvStart | 1<<state.EvEnd | 1<<state.EvEvict | 1<<state.EvRate |
	1<<state.EvNodeUp | 1<<state.EvNodeDown | 1<<state.EvNodeFlags | 1<<state.EvStopping | 1<<state.EvPriority)

// digest is SHA-256 over a little-endian encoding of every state change, at most 24 bytes an event and 16 a part.
type digest struct {
	h   hash.Hash
	buf []byte // digestBlock and room for one more record
	n   int    // bytes of buf in use
}

const (
	digestBlock  = 4096
	digestRecord = 24
)

// The kinds of the records of parts: they follow the start that takes them. An end gives all of them back.
const (
	digestWhole = 0x80 + iota // whole devices among the first 16 of a node
	digestPart
)

func newDigest() *digest {
	d := &digest{h: sha256.New(), buf: make([]byte, digestBlock+digestRecord)}
	d.n = copy(d.buf, "orrery digest 1\n")
	return d
}

// observe encodes a batch. A record is words of 64 bits: kind (8 bits), outcome or flags (8), reason (8) and number (40; of
// the node in 32, for a node); time; and for an arrival the request's hash, for a rate the rate, for a stop the end of its grace, for a priority the new one, for a node its name's
// hash. See parts for those of a start.
func (d *digest) observe(events []state.Event, parts []state.Part, nodes *state.Nodes) {
	for i := range events {
		ev := &events[i]
		if !digestKinds.Has(ev.Kind) {
			continue
		}
		r := (*[digestRecord]byte)(d.buf[d.n:])
		head, n := uint64(ev.Kind)|ev.Number<<24, 16
		switch ev.Kind {
		case state.EvArrive, state.EvRate:
			binary.LittleEndian.PutUint64(r[16:], ev.Z)
			n = 24
		case state.EvStopping:
			binary.LittleEndian.PutUint64(r[16:], uint64(ev.X))
			n = 24
		case state.EvPriority:
			binary.LittleEndian.PutUint64(r[16:], uint64(uint32(ev.A)))
			n = 24
		case state.EvEnd:
			head |= uint64(ev.Outcome)<<8 | uint64(ev.Cause)<<16
		case state.EvEvict:
			head |= uint64(ev.Cause) << 16
		case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
			head = uint64(ev.Kind) | ev.Z&0xff<<8 | uint64(uint32(ev.Node))<<32
			name := sha256.Sum256([]byte(nodes.Name[ev.Node]))
			copy(r[16:], name[:8])
			n = 24
		}
		binary.LittleEndian.PutUint64(r[:], head)
		binary.LittleEndian.PutUint64(r[8:], uint64(ev.Time))
		d.wrote(n)
		if ev.Kind == state.EvStart {
			d.parts(parts[ev.Node : ev.Node+ev.B])
		}
	}
}

// parts encodes what a start takes: kind (8 bits), thousandths (16 from bit 16) and node (32), then the mask of devices. In
// the short form, of one word, the mask stands in the place of the thousandths.
func (d *digest) parts(parts []state.Part) {
	for i := range parts {
		p := &parts[i]
		short := p.Milli == cluster.Whole && p.Mask < 1<<16
		for node := p.Node; node <= p.Node+p.More; node++ {
			r := (*[digestRecord]byte)(d.buf[d.n:])
			at := uint64(uint32(node)) << 32
			if short {
				binary.LittleEndian.PutUint64(r[:], digestWhole|p.Mask<<16|at)
				d.wrote(8)
				continue
			}
			binary.LittleEndian.PutUint64(r[:], digestPart|uint64(p.Milli)<<16|at)
			binary.LittleEndian.PutUint64(r[8:], p.Mask)
			d.wrote(16)
		}
	}
}

// wrote keeps n more bytes of the buffer and hashes it when it is full.
func (d *digest) wrote(n int) {
	if d.n += n; d.n >= digestBlock {
		d.h.Write(d.buf[:d.n])
		d.n = 0
	}
}

// sum is the digest of everything observed so far.
func (d *digest) sum() string {
	c := d.clone()
	c.h.Write(c.buf[:c.n])
	return fmt.Sprintf("%x", c.h.Sum(nil))
}

func (d *digest) clone() *digest {
	h, err := d.h.(hash.Cloner).Clone()
	if err != nil {
		panic("sha256 cannot be cloned: " + err.Error())
	}
	return &digest{h: h.(hash.Hash), buf: append([]byte(nil), d.buf...), n: d.n}
}

// Digest is the SHA-256 over every state change so far, in hexadecimal. Flush first: buffered events are not in it.
func (e *Engine) Digest() string {
	e.await()
	return e.digest.sum()
}

// DigestAt is what Digest would be after Finish(at), without ending the simulation: what a run has that stops here. Flush first.
func (e *Engine) DigestAt(at state.Time) string {
	e.await()
	if e.ended {
		return e.digest.sum()
	}
	d := e.digest.clone()
	for _, slot := range e.liveByNumber() {
		reason := state.ReasonHorizon
		if e.jobs.Row[slot].State == state.JobHeld && e.isAside(slot) {
			reason = state.ReasonNever
		}
		d.observe([]state.Event{{Kind: state.EvEnd, Time: max(at, e.now), Number: e.jobs.Row[slot].Number, Outcome: state.Unfinished, Cause: uint8(reason)}}, nil, nil)
	}
	return d.sum()
}
