package wasm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"github.com/tetratelabs/wazero/api"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Error numbers of WASI.
const (
	wasiOK    = 0
	wasiBadF  = 8
	wasiInval = 28
	wasiNoSys = 52
)

// shim is what a guest sees of a system: simulated time, seeded randomness, its own output. It is copied with a fork.
type shim struct {
	ahead int64  // ns that reads and sleeps have put the guest's clock before simulated time
	drawn uint64 // blocks of random bytes so far
	line  []byte // an unfinished line of output
}

// wasiTypes are the functions of wasi_snapshot_preview1: i an i32, I an i64. All but proc_exit return an error number.
var wasiTypes = map[string]string{
	"args_get": "ii", "args_sizes_get": "ii", "environ_get": "ii", "environ_sizes_get": "ii", "clock_res_get": "ii", "clock_time_get": "iIi",
	"fd_advise": "iIIi", "fd_allocate": "iII", "fd_close": "i", "fd_datasync": "i", "fd_fdstat_get": "ii", "fd_fdstat_set_flags": "ii",
	"fd_fdstat_set_rights": "iII", "fd_filestat_get": "ii", "fd_filestat_set_size": "iI", "fd_filestat_set_times": "iIIi", "fd_pread": "iiiIi",
	"fd_prestat_get": "ii", "fd_prestat_dir_name": "iii", "fd_pwrite": "iiiIi", "fd_read": "iiii", "fd_readdir": "iiiIi", "fd_renumber": "ii",
	"fd_seek": "iIii", "fd_sync": "i", "fd_tell": "ii", "fd_write": "iiii", "path_create_directory": "iii", "path_filestat_get": "iiiii",
	"path_filestat_set_times": "iiiiIIi", "path_link": "iiiiiii", "path_open": "iiiiiIIii", "path_readlink": "iiiiii",
	"path_remove_directory": "iii", "path_rename": "iiiiii", "path_symlink": "iiiii", "path_unlink_file": "iii", "poll_oneoff": "iiii",
	"proc_exit": "i", "proc_raise": "i", "random_get": "ii", "sched_yield": "", "sock_accept": "iii", "sock_recv": "iiiiii",
	"sock_send": "iiiii", "sock_shutdown": "ii",
}

// wasiCalls are those that do something; the others answer that there is no such thing.
var wasiCalls = map[string]func(in *Instance, s []uint64) uint64{
	"args_sizes_get":    func(in *Instance, s []uint64) uint64 { return in.put32s(0, s[0], s[1]) },
	"args_get":          func(*Instance, []uint64) uint64 { return wasiOK },
	"environ_sizes_get": func(in *Instance, s []uint64) uint64 { return in.put32s(0, s[0], s[1]) },
	"environ_get":       func(*Instance, []uint64) uint64 { return wasiOK },
	"clock_time_get":    func(in *Instance, s []uint64) uint64 { return in.put64(s[2], uint64(in.clock())) },
	"clock_res_get":     func(in *Instance, s []uint64) uint64 { return in.put64(s[1], 1) },
	"random_get":        wasiRandom,
	"sched_yield":       func(*Instance, []uint64) uint64 { return wasiOK },
	"fd_write":          wasiWrite,
	"fd_close":          func(*Instance, []uint64) uint64 { return wasiBadF },
	"fd_prestat_get":    func(*Instance, []uint64) uint64 { return wasiBadF },
	"fd_prestat_dir_name": func(*Instance, []uint64) uint64 {
		return wasiBadF
	},
	"fd_fdstat_get":       wasiFdstat,
	"fd_fdstat_set_flags": func(_ *Instance, s []uint64) uint64 { return standard(s[0]) },
	"poll_oneoff":         wasiPoll,
	"proc_exit": func(in *Instance, s []uint64) uint64 {
		in.abort(KindTrap, "the guest exited with code %d", int32(s[0]))
		return 0
	},
}

// standard is OK for the three standard streams.
func standard(fd uint64) uint64 {
	if uint32(fd) > 2 {
		return wasiBadF
	}
	return wasiOK
}

func wasiFuncs() (list []hostFunc) {
	for name, params := range wasiTypes {
		f := hostFunc{name: name, results: []api.ValueType{api.ValueTypeI32}}
		for _, p := range params {
			if p == 'I' {
				f.params = append(f.params, api.ValueTypeI64)
			} else {
				f.params = append(f.params, api.ValueTypeI32)
			}
		}
		call := wasiCalls[name]
		switch {
		case name == "proc_exit":
			f.results = nil
			f.call = func(in *Instance, s []uint64) { call(in, s) }
		case call != nil:
			f.call = func(in *Instance, s []uint64) { s[0] = call(in, s) }
		default:
			f.call = func(_ *Instance, s []uint64) { s[0] = wasiNoSys }
		}
		list = append(list, f)
	}
	return list
}

func (in *Instance) put64(ptr, v uint64) uint64 {
	binary.LittleEndian.PutUint64(in.bytes(ptr, 8), v)
	return wasiOK
}

func (in *Instance) put32s(v uint32, ptrs ...uint64) uint64 {
	for _, p := range ptrs {
		binary.LittleEndian.PutUint32(in.bytes(p, 4), v)
	}
	return wasiOK
}

// clock is simulated time, a little later at each reading so that a guest that waits for it to move is not caught.
func (in *Instance) clock() int64 {
	in.sys.ahead = min(in.sys.ahead+1, int64(state.End))
	t := in.sys.ahead
	if in.now != nil {
		t += int64(in.now.Now)
	}
	return max(t, 0)
}

// wasiRandom gives bytes drawn from the simulation's seed.
func wasiRandom(in *Instance, s []uint64) uint64 {
	out := in.bytes(s[0], s[1])
	in.charge(uint64(len(out)))
	stream := rng.NewKey(in.seed, "wasi").Stream(in.sys.drawn, 0)
	in.sys.drawn++
	var word [8]byte
	for len(out) > 0 {
		binary.LittleEndian.PutUint64(word[:], stream.Uint64())
		out = out[copy(out, word[:]):]
	}
	return wasiOK
}

// wasiWrite takes what goes to the standard streams line by line.
func wasiWrite(in *Instance, s []uint64) uint64 {
	if fd := uint32(s[0]); fd != 1 && fd != 2 {
		return wasiBadF
	}
	if uint32(s[2]) > 1024 {
		return wasiInval
	}
	vectors := in.bytes(s[1], 8*uint64(uint32(s[2])))
	total := uint32(0)
	for ; len(vectors) > 0; vectors = vectors[8:] {
		b := in.bytes(uint64(binary.LittleEndian.Uint32(vectors)), uint64(binary.LittleEndian.Uint32(vectors[4:])))
		total += uint32(len(b))
		in.charge(uint64(len(b)) + 200*uint64(bytes.Count(b, []byte{'\n'}))) // what keeping lines costs
		in.print(b)
	}
	return in.put32s(total, s[3])
}

// print keeps text by lines, of which the beginning is kept.
func (in *Instance) print(b []byte) {
	for _, c := range b {
		switch {
		case c == '\n':
			in.say(strings.ToValidUTF8(string(in.sys.line), "\uFFFD"))
			in.sys.line = in.sys.line[:0]
		case len(in.sys.line) < maxLine:
			in.sys.line = append(in.sys.line, c)
		}
	}
}

func wasiFdstat(in *Instance, s []uint64) uint64 {
	if uint32(s[0]) > 2 {
		return wasiBadF
	}
	stat := in.bytes(s[1], 24)
	clear(stat)
	stat[0] = 2 // a character device: what is written is not held back
	return wasiOK
}

// wasiPoll lets the guest's clock reach the earliest deadline that it asks for.
func wasiPoll(in *Instance, s []uint64) uint64 {
	n := uint64(uint32(s[2]))
	if n == 0 || n > 1024 {
		return wasiInval
	}
	subs, out := in.bytes(s[0], 48*n), in.bytes(s[1], 32*n)
	deadline, at := int64(math.MaxInt64), -1
	for i := range int(n) {
		sub := subs[48*i : 48*i+48]
		if sub[8] != 0 { // not a clock
			continue
		}
		t := int64(min(binary.LittleEndian.Uint64(sub[24:]), math.MaxInt64))
		if binary.LittleEndian.Uint16(sub[40:])&1 == 0 {
			t = int64(state.Time(in.clock()).Add(state.Time(t)))
		}
		if at < 0 || t < deadline {
			deadline, at = t, i
		}
	}
	if at < 0 {
		return wasiNoSys
	}
	if d := deadline - in.clock(); d > 0 {
		in.sys.ahead = int64(min(state.Time(in.sys.ahead).Add(state.Time(d)), state.End))
	}
	ev := out[:32]
	clear(ev)
	copy(ev, subs[48*at:48*at+8])
	return in.put32s(1, s[3])
}

// assemblyScript is module env as AssemblyScript's runtime imports it.
func assemblyScript() []hostFunc {
	i32, f64 := api.ValueTypeI32, api.ValueTypeF64
	return []hostFunc{
		{"abort", []api.ValueType{i32, i32, i32, i32}, nil, func(in *Instance, s []uint64) {
			in.abort(KindTrap, "%s", fmt.Sprintf("%s (%s:%d:%d)", in.utf16(s[0]), in.utf16(s[1]), uint32(s[2]), uint32(s[3])))
		}},
		{"trace", []api.ValueType{i32, i32, f64, f64, f64, f64, f64}, nil, func(in *Instance, s []uint64) {
			in.charge(traceFuel)
			text := in.utf16(s[0])
			for i := range min(uint32(s[1]), 5) {
				text += fmt.Sprintf(" %v", math.Float64frombits(s[2+i]))
			}
			in.say(text)
		}},
		{"seed", nil, []api.ValueType{f64}, func(in *Instance, s []uint64) {
			stream := rng.NewKey(in.seed, "wasi").Stream(in.sys.drawn, 0)
			in.sys.drawn++
			s[0] = math.Float64bits(float64(stream.Uint64() >> 11))
		}},
	}
}

// utf16 is a string of AssemblyScript's: UTF-16 with its length in bytes before it.
func (in *Instance) utf16(ptr uint64) string {
	at := uint64(uint32(ptr))
	if at < 4 || at > uint64(len(in.view)) {
		return "?"
	}
	n := uint64(binary.LittleEndian.Uint32(in.view[at-4:]))
	if at+n > uint64(len(in.view)) {
		return "?"
	}
	b := in.bytes(at, min(n, 2*maxLine))
	in.charge(8 * uint64(len(b)))
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
