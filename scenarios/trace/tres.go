package trace

import (
	"bytes"
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// tres is a list of trackable resources of Slurm.
type tres struct {
	gpus, nodes, cpuMilli, memMiB int64
	typ                           string // GPU type, when there is exactly one
}

// known reports whether the list said what a job holds.
func (t tres) known() bool { return t.gpus > 0 || t.cpuMilli > 0 || t.nodes > 0 || t.memMiB > 0 }

// parseTRES reads "billing=8,cpu=8,gres/gpu=8,gres/gpu:a100=8,mem=64G,node=1"; bad is the entry that is no entry.
func parseTRES(b []byte) (t tres, bad []byte) {
	var typed, types int64
	total := int64(-1)
	for len(b) > 0 {
		var entry []byte
		entry, b, _ = bytes.Cut(b, []byte(","))
		key, value, ok := bytes.Cut(entry, []byte("="))
		if !ok {
			return t, entry
		}
		f := fine
		switch {
		case string(key) == "cpu":
			t.cpuMilli, f = fixed(value, 3)
		case string(key) == "node":
			t.nodes, f = whole(value)
		case string(key) == "mem":
			t.memMiB, f = slurmMemory(value)
		case string(key) == "gres/gpu":
			total, f = whole(value)
		case bytes.HasPrefix(key, []byte("gres/gpu:")):
			var n int64
			n, f = whole(value)
			if f == fine && n > math.MaxInt32 {
				f = faultLarge
			}
			typed += n
			types++
			t.typ = string(key[len("gres/gpu:"):])
		}
		if f != fine || t.cpuMilli < 0 || t.cpuMilli > maxInstant/1024 {
			return t, entry
		}
	}
	if types != 1 {
		t.typ = ""
	}
	t.gpus = typed
	if total >= 0 {
		t.gpus = total
	}
	return t, nil
}

// slurmMemory reads 64G, 1.5T, 4000M, 512K or a bare number of MiB, as MiB rounded up.
func slurmMemory(b []byte) (int64, fault) {
	if len(b) == 0 {
		return 0, faultEmpty
	}
	kib := int64(1024)
	switch b[len(b)-1] {
	case 'K', 'k':
		kib, b = 1, b[:len(b)-1]
	case 'M', 'm':
		b = b[:len(b)-1]
	case 'G', 'g':
		kib, b = 1<<20, b[:len(b)-1]
	case 'T', 't':
		kib, b = 1<<30, b[:len(b)-1]
	case 'P', 'p':
		kib, b = 1<<40, b[:len(b)-1]
	}
	v, f := fixed(b, 3)
	if f != fine {
		return 0, f
	}
	if v < 0 {
		return 0, faultNegative
	}
	k, ok := mulDiv(v, kib, 1000)
	if !ok || k > maxInstant-1023 {
		return 0, faultLarge
	}
	return (k + 1023) / 1024, fine
}

// slurmSpan reads D-HH:MM:SS, D-HH:MM, D-HH, HH:MM:SS, MM:SS (also with a fraction) or MM as a time.
func slurmSpan(b []byte) (state.Time, bool) {
	days, clock, hasDays := bytes.Cut(b, []byte("-"))
	var total int64
	if hasDays {
		d, f := whole(days)
		if f != fine || d > 36500 {
			return 0, false
		}
		total = d * 86400
	} else {
		clock = b
	}
	parts := bytes.Split(clock, []byte(":"))
	if len(parts) > 3 {
		return 0, false
	}
	// Units of the parts: behind days hours come first; else three parts are H:M:S, two M:S, one M.
	units := []int64{3600, 60, 1}
	if !hasDays && len(parts) < 3 {
		units = units[1:]
	}
	var ns int64
	for i, p := range parts {
		last := i == len(parts)-1 && units[i] == 1
		v, f := seconds(p)
		if f != fine || v > 1e9*int64(state.Second) || !last && v%int64(state.Second) != 0 {
			return 0, false
		}
		if last {
			ns += v
		} else {
			total += v / int64(state.Second) * units[i]
		}
	}
	if total > maxInstant/int64(state.Second) {
		return 0, false
	}
	return state.Time(total)*state.Second + state.Time(ns), true
}
