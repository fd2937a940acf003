package sim

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// shapeTable interns resource requests, so that whether a job fits is decided once for all jobs that ask for the same.
type shapeTable struct {
	state.Shapes
	bucket []int32  // chains of shapes by hash
	next   []int32  // next shape of the chain, or -1
	hash   []uint64 // of partition and roles, by id: for the chains
	word   []uint64 // of partition and roles, names by value: the digest's word for a request
	fits   []fit
	clock  []shapeClock
	free   [][]int32 // free shape slots by number of roles
	live   int
}

// fit says what the present cluster, wholly free, could do with a shape.
type fit uint8

const (
	fitUnknown fit = iota
	fitYes
	fitNever
)

// mix is the finaliser of splitmix64: a bijection that spreads every input bit.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func hashRoles(partition int32, roles []state.RoleSpec) uint64 {
	h := mix(uint64(uint32(partition)) + 0x9e3779b97f4a7c15)
	for i := range roles {
		r := &roles[i]
		h = mix(h ^ uint64(uint32(r.Replicas))<<32 ^ uint64(uint32(r.PodGPUs)))
		h = mix(h ^ uint64(uint32(r.GPUMilli))<<32 ^ uint64(uint32(r.Max))<<8 ^ uint64(r.Flags))
		h = mix(h ^ r.TypeMask)
		h = mix(h ^ uint64(r.CPUMilli)<<20 ^ uint64(r.MemMiB))
		if r.Within|r.Prefer != 0 {
			h = mix(h ^ uint64(r.Within)<<8 ^ uint64(r.Prefer))
		}
	}
	return h
}

// intern returns the shape of a request, adding it when it is new. It takes a reference; drop gives it back.
func (t *shapeTable) intern(partition int32, roles []state.RoleSpec) (shape int32, isNew bool) {
	h := hashRoles(partition, roles)
	if len(t.bucket) > 0 {
		for s := t.bucket[h&uint64(len(t.bucket)-1)]; s >= 0; s = t.next[s] {
			if t.hash[s] == h && t.Partition[s] == partition && sameRoles(t.Of(s), roles) {
				t.Live[s]++
				return s, false
			}
		}
	}
	if t.live >= len(t.bucket) {
		t.rehash()
	}
	s := t.slot(len(roles))
	copy(t.Of(s), roles)
	t.Partition[s], t.hash[s], t.fits[s], t.clock[s] = partition, h, fitUnknown, shapeClock{}
	t.Flags[s], t.Live[s], t.Waiting[s] = 0, 1, 0
	var gpus int64
	for i := range roles {
		gpus += int64(roles[i].Replicas) * int64(roles[i].PodGPUs)
	}
	t.GPUs[s] = int32(gpus)
	b := &t.bucket[h&uint64(len(t.bucket)-1)]
	t.next[s] = *b
	*b = s
	t.live++
	return s, true
}

// wordOf hashes a request with the names of its partition and GPU types in place of their ids, so that the same work has
// the same digest whatever was read first.
func wordOf(names *state.Names, partition int32, roles []state.RoleSpec) uint64 {
	h := mix(hashText(names.Partitions.Name(partition)))
	for i := range roles {
		r := &roles[i]
		h = mix(h ^ uint64(uint32(r.Replicas))<<32 ^ uint64(uint32(r.PodGPUs)))
		h = mix(h ^ uint64(uint32(r.GPUMilli))<<32 ^ uint64(uint32(r.Max))<<8 ^ uint64(r.Flags))
		h = mix(h ^ uint64(r.CPUMilli)<<20 ^ uint64(r.MemMiB))
		var types uint64
		for m := r.TypeMask; m != 0; m &= m - 1 {
			types += mix(hashText(names.Types.Name(int32(bits.TrailingZeros64(m)))))
		}
		h = mix(h ^ types)
		if r.Within|r.Prefer != 0 {
			h = mix(h ^ hashText(names.LevelName(r.Within)))
			h = mix(h ^ hashText(names.LevelName(r.Prefer)))
		}
	}
	return h
}

// hashText is FNV-1a.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func sameRoles(a, b []state.RoleSpec) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// slot finds room for a shape of n roles.
func (t *shapeTable) slot(n int) int32 {
	if n < len(t.free) && len(t.free[n]) > 0 {
		l := t.free[n]
		s := l[len(l)-1]
		t.free[n] = l[:len(l)-1]
		return s
	}
	s := int32(len(t.GPUs))
	t.Partition = append(t.Partition, 0)
	t.GPUs = append(t.GPUs, 0)
	t.RoleFirst = append(t.RoleFirst, int32(len(t.Roles)))
	t.RoleN = append(t.RoleN, int32(n))
	t.Flags = append(t.Flags, 0)
	t.Live = append(t.Live, 0)
	t.Waiting = append(t.Waiting, 0)
	t.Roles = append(t.Roles, make([]state.RoleSpec, n)...)
	t.next = append(t.next, -1)
	t.hash = append(t.hash, 0)
	t.word = append(t.word, 0)
	t.fits = append(t.fits, fitUnknown)
	t.clock = append(t.clock, shapeClock{})
	return s
}

func (t *shapeTable) rehash() {
	n := max(64, 2*len(t.bucket))
	t.bucket = make([]int32, n)
	for i := range t.bucket {
		t.bucket[i] = -1
	}
	for s := range t.GPUs {
		if t.Live[s] > 0 {
			b := &t.bucket[t.hash[s]&uint64(n-1)]
			t.next[s] = *b
			*b = int32(s)
		}
	}
}

// drop gives a reference back; a shape that no live job has is forgotten.
func (t *shapeTable) drop(s int32) {
	if t.Live[s]--; t.Live[s] > 0 {
		return
	}
	at := &t.bucket[t.hash[s]&uint64(len(t.bucket)-1)]
	for *at != s {
		at = &t.next[*at]
	}
	*at = t.next[s]
	t.live--
	n := int(t.RoleN[s])
	for len(t.free) <= n {
		t.free = append(t.free, nil)
	}
	t.free[n] = append(t.free[n], s)
}

func (t *shapeTable) clone() shapeTable {
	c := *t
	c.Partition = append([]int32(nil), t.Partition...)
	c.GPUs = append([]int32(nil), t.GPUs...)
	c.RoleFirst = append([]int32(nil), t.RoleFirst...)
	c.RoleN = append([]int32(nil), t.RoleN...)
	c.Flags = append([]uint8(nil), t.Flags...)
	c.Live = append([]int32(nil), t.Live...)
	c.Waiting = append([]int32(nil), t.Waiting...)
	c.Roles = append([]state.RoleSpec(nil), t.Roles...)
	c.bucket = append([]int32(nil), t.bucket...)
	c.next = append([]int32(nil), t.next...)
	c.hash = append([]uint64(nil), t.hash...)
	c.word = append([]uint64(nil), t.word...)
	c.fits = append([]fit(nil), t.fits...)
	c.clock = append([]shapeClock(nil), t.clock...)
	c.free = make([][]int32, len(t.free))
	for i := range t.free {
		c.free[i] = append([]int32(nil), t.free[i]...)
	}
	return c
}
