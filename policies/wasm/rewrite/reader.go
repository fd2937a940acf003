package rewrite

import "fmt"

// reader reads a stretch of the module. The first thing that is wrong is kept; from then on every read gives zero, so that a
// caller may check once after a group of reads, and must check before it trusts a count.
type reader struct {
	b   []byte // the whole module
	pos int
	end int // of the stretch
	fn  int // function index for errors, -1 outside
	err *Error
}

func (r *reader) fail(rule Rule, at int, got, want, do string) {
	if r.err == nil {
		r.err = &Error{Rule: rule, Offset: at, Func: r.fn, Got: got, Want: want, Do: do}
	}
	r.pos = r.end
}

func (r *reader) malformed(at int, got, want string) {
	r.fail(Malformed, at, got, want, "build it again: the file is damaged or no WebAssembly")
}

func (r *reader) more() bool { return r.err == nil && r.pos < r.end }

func (r *reader) byte() byte {
	if r.pos >= r.end {
		r.malformed(r.pos, "the end", "a byte")
		return 0
	}
	c := r.b[r.pos]
	r.pos++
	return c
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > r.end-r.pos {
		r.malformed(r.pos, fmt.Sprintf("%d bytes", r.end-r.pos), fmt.Sprintf("%d", n))
		return nil
	}
	r.pos += n
	return r.b[r.pos-n : r.pos]
}

// u32 reads an unsigned LEB128 of at most 32 bits in at most 5 bytes.
func (r *reader) u32() uint32 {
	if r.pos < r.end && r.b[r.pos] < 0x80 {
		r.pos++
		return uint32(r.b[r.pos-1])
	}
	return uint32(r.unsigned(32))
}

func (r *reader) unsigned(bits uint) uint64 {
	at := r.pos
	var v uint64
	for shift := uint(0); ; shift += 7 {
		c := r.byte()
		if r.err != nil {
			return 0
		}
		if left := bits - shift; left < 7 && c>>left != 0 {
			r.malformed(at, fmt.Sprintf("a number of more than %d bits", bits), "a LEB128 number that fits")
			return 0
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

// signed reads a signed LEB128 of 32, 33 or 64 bits in the fewest bytes that hold so many, or fewer.
func (r *reader) signed(bits uint) int64 {
	at := r.pos
	var v int64
	for shift := uint(0); ; shift += 7 {
		c := r.byte()
		if r.err != nil {
			return 0
		}
		if left := bits - shift; left < 7 {
			// The bits past the number's own must all be its sign, and nothing may follow.
			if rest := int8(c<<1) >> left; c >= 0x80 || rest != 0 && rest != -1 {
				r.malformed(at, fmt.Sprintf("a signed number of more than %d bits", bits), "a LEB128 number that fits")
				return 0
			}
		}
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if shift+7 < 64 && c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
}

// count reads the length of a vector whose items take at least one byte each, so that nothing is allocated that the input
// does not pay for.
func (r *reader) count(what string, limit int) int {
	at := r.pos
	n := r.u32()
	if r.err == nil && int64(n) > int64(limit) {
		r.tooMany(at, int64(n), what, limit)
	}
	if r.err == nil && int64(n) > int64(r.end-r.pos) {
		r.malformed(at, fmt.Sprintf("%d %s in %d bytes", n, what, r.end-r.pos), "at least a byte each")
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

func (r *reader) tooMany(at int, n int64, what string, limit int) {
	r.fail(Limit, at, fmt.Sprintf("%d %s", n, what), fmt.Sprintf("at most %d", limit), "make the module smaller")
}

// tooLong is tooMany for what one function has.
func (r *reader) tooLong(at int, n int64, what string, limit int) {
	r.fail(Limit, at, fmt.Sprintf("%d %s", n, what), fmt.Sprintf("at most %d", limit), "split the function, or have the compiler inline less")
}

// below says what an index may be.
func below(what string, n int) string { return fmt.Sprintf("an index below %d (%s)", n, what) }

// name reads a name; it need not be UTF-8 here, the host's validation asks for that.
func (r *reader) name() string { return string(r.bytes(r.count("bytes of a name", 1<<16))) }
