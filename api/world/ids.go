package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// identity derives every id that a world gives out from its seed and the numbers of commands: never from wall time or a
// random source, so that the same calls give the same ids.
type identity struct {
	seed uint64
	keys [4]uint32
}

func newIdentity(seed uint64) identity {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("orrery world ids\x00"), seed))
	id := identity{seed: seed}
	for i := range id.keys {
		id.keys[i] = binary.LittleEndian.Uint32(sum[4*i:])
	}
	return id
}

// scramble is a keyed bijection of 64 bits (four Feistel rounds), so that ids look drawn and need no table to be found.
func (id *identity) scramble(x uint64) uint64 {
	l, r := uint32(x>>32), uint32(x)
	for _, k := range id.keys {
		l, r = r, l^round(r, k)
	}
	return uint64(l)<<32 | uint64(r)
}

// unscramble is its inverse.
func (id *identity) unscramble(x uint64) uint64 {
	l, r := uint32(x>>32), uint32(x)
	for i := len(id.keys) - 1; i >= 0; i-- {
		l, r = r^round(l, id.keys[i]), l
	}
	return uint64(l)<<32 | uint64(r)
}

func round(x, key uint32) uint32 {
	x ^= key
	x = (x ^ x>>16) * 0x7feb352d
	x = (x ^ x>>15) * 0x846ca68b
	return x ^ x>>16
}

// token names a job: commands and recorded jobs are told apart by the lowest bit.
func (id *identity) token(j *Job) uint64 {
	if j.Command > 0 {
		return id.scramble(j.Command << 1)
	}
	return id.scramble(j.Number<<1 | 1)
}

// uuid is a version 4 UUID in lower case, derived from the seed, a purpose and numbers.
func (id *identity) uuid(purpose string, numbers ...uint64) string {
	b := append(make([]byte, 0, 80), purpose...)
	b = binary.LittleEndian.AppendUint64(append(b, 0), id.seed)
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	sum := sha256.Sum256(b)
	return uuidText(sum[:16])
}

// uuidText writes 16 bytes as a version 4 UUID.
func uuidText(u []byte) string {
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	text := hex.EncodeToString(u)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// LongID is a UUID that names a job, in lower case: its token lies in 64 of its bits, the others follow from those.
func (v View) LongID(j *Job) string { return longID(v.w.ids.token(j)) }

func longID(x uint64) string {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("orrery job\x00"), x))
	u := sum[:16]
	for i := range 6 {
		u[i] = byte(x >> (8 * (7 - i)))
	}
	binary.BigEndian.PutUint16(u[14:], uint16(x))
	return uuidText(u)
}

// TokenOfLong is the token of the job that LongID names so, or "" for a text that names none.
func TokenOfLong(uuid string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if err != nil || len(raw) != 16 {
		return ""
	}
	x := binary.BigEndian.Uint64(raw)&^0xffff | uint64(binary.BigEndian.Uint16(raw[14:]))
	if longID(x) != uuid {
		return ""
	}
	return base36(x)
}

// shortDigits is the length of a short id. Its 62 bits hold any number of a command or a job that a world lives to see.
const shortDigits = 12

// ShortID is a text of 12 digits and lower-case letters that names a job.
func (v View) ShortID(j *Job) string {
	x := j.Number<<1 | 1
	if j.Command > 0 {
		x = j.Command << 1
	}
	return base36(v.w.ids.scrambleShort(x))[1:]
}

// TokenOfShort is the token of the job that ShortID names so, or "" for a text that names none.
func (w *World) TokenOfShort(text string) string {
	x, ok := parse36("0" + text)
	if !ok || len(text) != shortDigits || x >= 1<<62 {
		return ""
	}
	return base36(w.ids.scramble(w.ids.unscrambleShort(x)))
}

const half31 = 1<<31 - 1

// scrambleShort is scramble on 62 bits.
func (id *identity) scrambleShort(x uint64) uint64 {
	l, r := uint32(x>>31)&half31, uint32(x)&half31
	for _, k := range id.keys {
		l, r = r, (l^round(r, k))&half31
	}
	return uint64(l)<<31 | uint64(r)
}

func (id *identity) unscrambleShort(x uint64) uint64 {
	l, r := uint32(x>>31)&half31, uint32(x)&half31
	for i := len(id.keys) - 1; i >= 0; i-- {
		l, r = (r^round(l, id.keys[i]))&half31, l
	}
	return uint64(l)<<31 | uint64(r)
}

// base36 writes 64 bits as 13 digits.
func base36(x uint64) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	var b [13]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = digits[x%36]
		x /= 36
	}
	return string(b[:])
}

// parse36 reads what base36 wrote.
func parse36(s string) (uint64, bool) {
	if len(s) != 13 {
		return 0, false
	}
	var x uint64
	for i := range len(s) {
		d := uint64(strings.IndexByte("0123456789abcdefghijklmnopqrstuvwxyz", s[i]))
		if d > 35 || x > (1<<64-1-d)/36 {
			return 0, false
		}
		x = x*36 + d
	}
	return x, true
}
