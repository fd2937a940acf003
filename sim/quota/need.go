package quota

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// needTable interns what shapes ask for: many shapes ask for the same of what the tree counts.
type needTable struct {
	alts  [][][]Amount
	masks [][]uint64 // GPU types of each way
	ids   map[string]int32
	of    []int32   // by shape, or -1
	lines [][]int32 // by shape
	key   []byte
}

func (n *needTable) init() { n.ids = map[string]int32{} }

func (n *needTable) linesOf(shape, line int32) {
	for int32(len(n.lines)) <= shape {
		n.lines = append(n.lines, nil)
	}
	n.lines[shape] = append(n.lines[shape], line)
}

// forget is the lines of a shape, which has none from now on.
func (n *needTable) forget(shape int32) []int32 {
	if int(shape) < len(n.of) {
		n.of[shape] = -1
	}
	if int(shape) >= len(n.lines) {
		return nil
	}
	l := n.lines[shape]
	n.lines[shape] = nil
	return l
}

// need is what a shape asks for.
func (t *Tree) need(shape int32, roles []state.RoleSpec) int32 {
	n := &t.needs
	for int32(len(n.of)) <= shape {
		n.of = append(n.of, -1)
	}
	if n.of[shape] >= 0 {
		return n.of[shape]
	}
	alts, masks := t.ways(roles)
	key := n.key[:0]
	for i, alt := range alts {
		key = binary.LittleEndian.AppendUint64(key, masks[i])
		key = binary.AppendUvarint(key, uint64(len(alt)))
		for _, a := range alt {
			key = binary.AppendUvarint(key, uint64(a.Resource))
			key = binary.AppendUvarint(key, uint64(a.N))
		}
	}
	n.key = key
	id, ok := n.ids[string(key)]
	if !ok {
		id = int32(len(n.alts))
		n.alts, n.masks = append(n.alts, alts), append(n.masks, masks)
		n.ids[string(key)] = id
	}
	n.of[shape] = id
	return id
}

// ways are how a request may be charged: one, or where roles accept several types one for each type, all of them on that type
// where they accept it.
func (t *Tree) ways(roles []state.RoleSpec) (alts [][]Amount, masks []uint64) {
	var open uint64
	for i := range roles {
		if m := t.accepted(&roles[i]); roles[i].PodGPUs > 0 && bits.OnesCount64(m) > 1 {
			open |= m
		}
	}
	if open == 0 {
		return [][]Amount{t.sum(roles, 0)}, []uint64{0}
	}
	for m := open; m != 0; m &= m - 1 {
		typ := bits.TrailingZeros64(m)
		alts = append(alts, t.sum(roles, 1<<typ))
		masks = append(masks, 1<<typ)
	}
	return alts, masks
}

// accepted are the types that a role accepts, of those that the tree counts.
func (t *Tree) accepted(r *state.RoleSpec) uint64 {
	var all uint64
	for typ, res := range t.gpuOf {
		if res >= 0 {
			all |= 1 << typ
		}
	}
	if r.TypeMask == 0 {
		return all
	}
	return r.TypeMask & all
}

// sum is what roles ask for when those that accept a type of prefer get it.
func (t *Tree) sum(roles []state.RoleSpec, prefer uint64) []Amount {
	total := make([]int64, len(t.spec.Resources))
	add := func(r int32, v int64) {
		if r >= 0 {
			total[r] += v
		}
	}
	for i := range roles {
		r := &roles[i]
		pods := int64(r.Replicas)
		g := pods * int64(r.PodGPUs) * int64(r.GPUMilli)
		if g > 0 {
			m := t.accepted(r)
			if m&prefer != 0 {
				m &= prefer
			}
			if m != 0 {
				add(t.gpuOf[bits.TrailingZeros64(m)], g)
			}
			add(t.anyGPU, g)
		}
		if r.Flags&state.RoleSplit != 0 {
			pods = 1
		}
		add(t.cpu, pods*r.CPUMilli)
		add(t.mem, pods*r.MemMiB)
	}
	var out []Amount
	for r, v := range total {
		if v > 0 {
			out = append(out, Amount{int32(r), v})
		}
	}
	return out
}

func (n *needTable) clone() needTable {
	c := needTable{alts: slices.Clone(n.alts), masks: slices.Clone(n.masks), ids: make(map[string]int32, len(n.ids)), of: slices.Clone(n.of),
		lines: make([][]int32, len(n.lines))}
	for k, v := range n.ids {
		c.ids[k] = v
	}
	for i := range n.lines {
		c.lines[i] = slices.Clone(n.lines[i])
	}
	return c
}
