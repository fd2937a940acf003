package policytest_test

import (
	"slices"

	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// room is what is free, device by device.
type room []nNode

type nNode struct {
	dev      []int // free thousandths
	cpu, mem int64
	typ      uint32
}

// nPart is what a pod takes of a node.
type nPart struct {
	node, milli int
	devs        []int
	cpu, mem    int64
}

func (p *nPart) mask() (m uint64) {
	for _, d := range p.devs {
		m |= 1 << d
	}
	return m
}

func roomOf(nodes []cluster.NodeSpec) room {
	var r room
	for _, n := range nodes {
		node := nNode{cpu: int64(n.CPUMilli), mem: int64(n.MemMiB), typ: n.Type}
		for range n.GPUs {
			node.dev = append(node.dev, 1000)
		}
		r = append(r, node)
	}
	return r
}

func (r room) clone() room {
	c := slices.Clone(r)
	for i := range c {
		c[i].dev = slices.Clone(c[i].dev)
	}
	return c
}

// both is what is free in both rooms.
func (r room) both(o room) room {
	c := r.clone()
	for i := range c {
		for d := range c[i].dev {
			c[i].dev[d] = min(c[i].dev[d], o[i].dev[d])
		}
		c[i].cpu, c[i].mem = min(c[i].cpu, o[i].cpu), min(c[i].mem, o[i].mem)
	}
	return c
}

func (r room) add(parts []nPart, sign int) {
	for _, p := range parts {
		for _, d := range p.devs {
			r[p.node].dev[d] += sign * p.milli
		}
		r[p.node].cpu += int64(sign) * p.cpu
		r[p.node].mem += int64(sign) * p.mem
	}
}

func (r room) give(parts []nPart) { r.add(parts, 1) }
func (r room) take(parts []nPart) { r.add(parts, -1) }

func (r room) gpus() (n int) {
	for i := range r {
		n += r[i].whole()
	}
	return n
}

// whole is the number of wholly free devices.
func (n *nNode) whole() (k int) {
	for _, f := range n.dev {
		if f == 1000 {
			k++
		}
	}
	return k
}

func (n *nNode) milli() (m int) {
	for _, f := range n.dev {
		m += f
	}
	return m
}

// pick chooses devices for one pod, or nil: whole ones the lowest, a share the fullest that fits.
func (n *nNode) pick(count, milli int) []int {
	var devs []int
	for len(devs) < count {
		best := -1
		for d, f := range n.dev {
			if f >= milli && !slices.Contains(devs, d) && (best < 0 || milli < 1000 && f < n.dev[best]) {
				best = d
			}
		}
		if best < 0 {
			return nil
		}
		devs = append(devs, best)
	}
	return devs
}

// pod is what one pod of a role would take of a node.
func (r room) pod(i int, role *state.RoleSpec) (nPart, bool) {
	n := &r[i]
	p := nPart{node: i, milli: int(role.GPUMilli), cpu: role.CPUMilli, mem: role.MemMiB, devs: n.pick(int(role.PodGPUs), int(role.GPUMilli))}
	return p, n.cpu >= p.cpu && n.mem >= p.mem && len(p.devs) == int(role.PodGPUs)
}

// split is the most of want GPUs of a split role that a node can give.
func (r room) split(i int, role *state.RoleSpec, want int) (nPart, bool) {
	for k := want; k > 0; k-- {
		p := nPart{node: i, milli: 1000, cpu: ceil(role.CPUMilli*int64(k), int64(role.Replicas)), mem: ceil(role.MemMiB*int64(k), int64(role.Replicas)),
			devs: r[i].pick(k, 1000)}
		if r[i].cpu >= p.cpu && r[i].mem >= p.mem && len(p.devs) == k {
			return p, true
		}
	}
	return nPart{}, false
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }

// draws are the random numbers of one job's placement.
type draws struct {
	seed uint64
	job  int
	s    *rng.Stream
}

func (d *draws) intN(n int) int {
	if d.s == nil {
		s := rng.NewKey(d.seed, "place").Stream(uint64(d.job), 0)
		d.s = &s
	}
	return d.s.IntN(n)
}

// gang takes a place for every pod and returns the parts, or nil. It tries the rule, then the lowest nodes.
func (r room) gang(rule place.Rule, roles []state.RoleSpec, d *draws) []nPart {
	var all []nPart
	for i := range roles {
		role := &roles[i]
		ok := true
		for left := int(role.Replicas); left > 0 && ok; {
			var p nPart
			if p, ok = r.next(rule, role, left, all, d); !ok {
				break
			}
			r.take([]nPart{p})
			all = append(all, p)
			left--
			if role.Flags&state.RoleSplit != 0 {
				left -= len(p.devs) - 1
			}
		}
		if !ok {
			r.give(all)
			if rule != place.FirstFit {
				return r.gang(place.FirstFit, roles, d)
			}
			return nil
		}
	}
	return all
}

// next is the next part of a role by the rule.
func (r room) next(rule place.Rule, role *state.RoleSpec, left int, placed []nPart, d *draws) (nPart, bool) {
	split := role.Flags&state.RoleSplit != 0
	fit := func(i, want int) (nPart, bool) {
		if role.TypeMask != 0 && role.TypeMask>>r[i].typ&1 == 0 || role.TypeMask == 0 && role.PodGPUs > 0 && len(r[i].dev) == 0 {
			return nPart{}, false
		}
		if split {
			return r.split(i, role, want)
		}
		return r.pod(i, role)
	}
	want := left
	if rule == place.Spread || rule == place.AntiAffinity {
		want = 1
	}
	best, bestKey, seen := -1, []int(nil), 0
	for i := range r {
		p, ok := fit(i, want)
		if !ok {
			continue
		}
		if seen++; rule == place.Random {
			if d.intN(seen) == 0 {
				best = i
			}
			continue
		}
		if key := r.key(rule, i, role, len(p.devs) == left, placed); best < 0 || slices.Compare(key, bestKey) < 0 {
			best, bestKey = i, key
		}
	}
	if best < 0 {
		return nPart{}, false
	}
	return fit(best, want)
}

// key ranks a node, smallest first; among equals the lowest node wins.
func (r room) key(rule place.Rule, i int, role *state.RoleSpec, all bool, placed []nPart) []int {
	split := role.Flags&state.RoleSplit != 0
	n, mine := &r[i], 0
	for _, p := range placed {
		if p.node == i {
			mine++
		}
	}
	few := []int{n.whole(), n.milli(), int(n.cpu)}
	if role.PodGPUs > 0 && role.GPUMilli == 1000 && role.CPUMilli == 0 && role.MemMiB == 0 {
		few = []int{n.whole(), 0, 0}
	}
	many := []int{-few[0], -few[1], -few[2]}
	switch rule {
	case place.BestFit:
		return few
	case place.WorstFit:
		return many
	case place.Spread:
		if split {
			return many
		}
		return append([]int{mine}, many...)
	case place.AntiAffinity: // without a topology a domain is a node
		return append([]int{mine, mine}, many...)
	case place.Consolidate:
		switch {
		case split && all:
			return append([]int{0}, few...)
		case split:
			return append([]int{1}, many...)
		case mine > 0:
			return append([]int{0}, few...)
		}
		return append([]int{1}, few...)
	}
	return nil
}
