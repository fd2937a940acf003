package metric

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// fragments watches whether waiting gangs of whole GPUs would fit by number but have no placement, and integrates the
// free GPU time of the types and partitions in which one does.
//
// A gang of k pods of g GPUs is fragmented exactly if pods(g) < k <= free / g, where pods(g) is how many such pods the
// open nodes that accept it have room for and free their wholly free GPUs. So each kind of pod keeps the set of gang
// sizes that wait, and an instant costs one search a kind.
type fragments struct {
	nodes  []fragNode
	device []uint16 // thousandths in use, by GPU slot
	groups []fragGroup
	kinds  []podKind
	shapes []shapeKind // by shape slot
	jobs   []fragJob   // by job slot: what waits
	lost   level       // free thousandths while fragmented
	until  state.Time  // the instant that is being gathered
	dirty  bool
	warmup int64

	untested int64 // jobs that waited and are not tested
}

type fragNode struct {
	first     uint32
	group     int32
	wholeFree int32 // devices with nothing on them
	freeMilli int64
	known     bool
	open      bool
}

// fragGroup is the nodes of one partition and GPU type.
type fragGroup struct {
	partition, typ uint32
	whole          int64 // wholly free devices on open nodes
	milli          int64
	kinds          []int32 // kinds of pods whose level counts its nodes
	hit            bool    // scratch: some fragmented gang accepts it
}

// podKind is pods of one size in one partition on one set of GPU types.
type podKind struct {
	partition int32
	gpus      int32
	mask      uint64
	pods      int64 // that the open nodes have room for
	waiting   int64 // gangs
	groups    []int32
	counts    []int32  // waiting gangs by number of pods
	some      []uint64 // bit k: counts[k] > 0
}

type shapeKind struct {
	kind     int32 // noKind: one GPU a pod is never fragmented; untestedKind
	pods     int32
	part     int32
	role     state.RoleSpec
	resolved bool
}

const (
	noKind       = -1
	untestedKind = -2
)

type fragJob struct {
	kind, pods int32
	waits      bool
	since      state.Time
}

func (f *fragments) nodeChange(ev *state.Event, nodes *state.Nodes) {
	f.nodes = grown(f.nodes, int(ev.Node))
	n := &f.nodes[ev.Node]
	if !n.known {
		total := int32(nodes.GPUsTotal[ev.Node])
		*n = fragNode{first: nodes.FirstGPU[ev.Node], wholeFree: total, freeMilli: int64(total) * whole, known: true}
		f.device = grown(f.device, int(n.first)+int(total))
		n.group = f.groupOf(nodes.Partition[ev.Node], nodes.Type[ev.Node])
	}
	flags := uint32(ev.Z)
	switch ev.Kind {
	case state.EvNodeUp:
		flags |= state.NodeUp
	case state.EvNodeDown:
		flags &^= state.NodeUp
	}
	if open := state.NodeOpen(flags); open != n.open {
		n.open = open
		sign := int64(1)
		if !open {
			sign = -1
		}
		g := &f.groups[n.group]
		g.whole += sign * int64(n.wholeFree)
		g.milli += sign * n.freeMilli
		for _, k := range g.kinds {
			f.kinds[k].pods += sign * int64(n.wholeFree/f.kinds[k].gpus)
		}
		f.dirty = true
	}
}

func (f *fragments) groupOf(partition, typ uint32) int32 {
	for i := range f.groups {
		if f.groups[i].partition == partition && f.groups[i].typ == typ {
			return int32(i)
		}
	}
	i := int32(len(f.groups))
	f.groups = append(f.groups, fragGroup{partition: partition, typ: typ})
	for k := range f.kinds {
		f.attach(int32(k), i)
	}
	return i
}

// attach lets a kind of pod count a group's nodes if it accepts them.
func (f *fragments) attach(kind, group int32) {
	k, g := &f.kinds[kind], &f.groups[group]
	if uint32(k.partition) != g.partition || k.mask != 0 && (g.typ >= state.MaxGPUTypes || k.mask>>g.typ&1 == 0) {
		return
	}
	k.groups = append(k.groups, group)
	g.kinds = append(g.kinds, kind)
	for i := range f.nodes {
		if n := &f.nodes[i]; n.known && n.open && n.group == group {
			k.pods += int64(n.wholeFree / k.gpus)
		}
	}
}

// part follows a part that is taken (sign 1) or given back (-1).
func (f *fragments) part(ev *state.Event, sign int32) {
	n := &f.nodes[ev.Node]
	old := n.wholeFree
	if ev.A == whole {
		n.wholeFree -= sign * int32(bits.OnesCount64(ev.Z))
	} else {
		for m := ev.Z; m != 0; m &= m - 1 {
			d := &f.device[n.first+uint32(bits.TrailingZeros64(m))]
			if *d == 0 {
				n.wholeFree--
			}
			if *d = uint16(int32(*d) + sign*ev.A); *d == 0 {
				n.wholeFree++
			}
		}
	}
	milli := -int64(sign) * int64(bits.OnesCount64(ev.Z)) * int64(ev.A)
	n.freeMilli += milli
	if !n.open {
		return
	}
	g := &f.groups[n.group]
	g.whole += int64(n.wholeFree - old)
	g.milli += milli
	for _, k := range g.kinds {
		size := f.kinds[k].gpus
		f.kinds[k].pods += int64(n.wholeFree/size - old/size)
	}
	f.dirty = true
}

// queued notes that a job waits in the queue.
func (f *fragments) queued(ev *state.Event, b *state.Batch) {
	s := f.shape(b.Jobs.Shape[ev.Job], b.Shapes)
	f.jobs = grown(f.jobs, int(ev.Job))
	f.jobs[ev.Job] = fragJob{kind: s.kind, pods: s.pods, waits: true, since: ev.Time}
	if s.kind < 0 {
		return
	}
	k := &f.kinds[s.kind]
	k.waiting++
	k.counts = grown(k.counts, int(s.pods))
	k.counts[s.pods]++
	k.some = grown(k.some, int(s.pods)>>6)
	k.some[s.pods>>6] |= 1 << uint(s.pods&63)
	f.dirty = true
}

// left notes that a job is no longer in the queue.
func (f *fragments) left(ev *state.Event) {
	if int(ev.Job) >= len(f.jobs) || !f.jobs[ev.Job].waits {
		return
	}
	j := &f.jobs[ev.Job]
	j.waits = false
	if j.kind == untestedKind && ev.Time > j.since {
		f.untested++
	}
	if j.kind < 0 {
		return
	}
	k := &f.kinds[j.kind]
	k.waiting--
	if k.counts[j.pods]--; k.counts[j.pods] == 0 {
		k.some[j.pods>>6] &^= 1 << uint(j.pods&63)
	}
	f.dirty = true
}

// shape resolves a shape slot to a kind of pod. A slot that was recycled is recognised by its role.
func (f *fragments) shape(shape int32, shapes *state.Shapes) *shapeKind {
	f.shapes = grown(f.shapes, int(shape))
	s := &f.shapes[shape]
	roles := shapes.Of(shape)
	if s.resolved && len(roles) == 1 && s.part == shapes.Partition[shape] && s.role == roles[0] {
		return s
	}
	*s = shapeKind{kind: untestedKind}
	if len(roles) != 1 {
		return s
	}
	r := &roles[0]
	s.resolved, s.part, s.role, s.pods = true, shapes.Partition[shape], *r, r.Replicas
	switch {
	case r.PodGPUs == 0 || r.GPUMilli != whole || r.CPUMilli > 0 || r.MemMiB > 0:
	case r.PodGPUs == 1:
		s.kind = noKind
	default:
		s.kind = f.kindOf(s.part, r)
	}
	return s
}

func (f *fragments) kindOf(partition int32, r *state.RoleSpec) int32 {
	for i := range f.kinds {
		if k := &f.kinds[i]; k.partition == partition && k.mask == r.TypeMask && k.gpus == r.PodGPUs {
			return int32(i)
		}
	}
	i := int32(len(f.kinds))
	f.kinds = append(f.kinds, podKind{partition: partition, gpus: r.PodGPUs, mask: r.TypeMask})
	for g := range f.groups {
		f.attach(i, int32(g))
	}
	return i
}

// advance closes the instant before t: what held at its end is in force until t.
func (f *fragments) advance(t state.Time) {
	if f.dirty {
		f.dirty = false
		if v := f.unusable(); v != f.lost.now {
			f.lost.add(v-f.lost.now, max(int64(f.until), f.warmup, 0))
		}
	}
	f.until = t
}

// unusable is the free thousandths of the groups in which a waiting gang is fragmented.
func (f *fragments) unusable() int64 {
	any := false
	for i := range f.kinds {
		k := &f.kinds[i]
		if k.waiting == 0 || !f.fragmented(k) {
			continue
		}
		any = true
		for _, g := range k.groups {
			f.groups[g].hit = true
		}
	}
	if !any {
		return 0
	}
	var sum int64
	for i := range f.groups {
		if g := &f.groups[i]; g.hit {
			g.hit = false
			sum += g.milli
		}
	}
	return sum
}

func (f *fragments) fragmented(k *podKind) bool {
	var free int64
	for _, g := range k.groups {
		free += f.groups[g].whole
	}
	most := free / int64(k.gpus)
	if most <= k.pods {
		return false
	}
	gang := nextBit(k.some, int(k.pods)+1)
	return gang >= 0 && int64(gang) <= most
}

// nextBit is the lowest set bit at or after from, or -1.
func nextBit(words []uint64, from int) int {
	w := from >> 6
	if w >= len(words) {
		return -1
	}
	rest := words[w] >> uint(from&63) << uint(from&63)
	for rest == 0 {
		if w++; w >= len(words) {
			return -1
		}
		rest = words[w]
	}
	return w<<6 + bits.TrailingZeros64(rest)
}

func (f *fragments) clone() fragments {
	c := *f
	c.nodes = append([]fragNode(nil), f.nodes...)
	c.device = append([]uint16(nil), f.device...)
	c.groups = append([]fragGroup(nil), f.groups...)
	for i := range c.groups {
		c.groups[i].kinds = append([]int32(nil), f.groups[i].kinds...)
	}
	c.kinds = append([]podKind(nil), f.kinds...)
	for i := range c.kinds {
		c.kinds[i].groups = append([]int32(nil), f.kinds[i].groups...)
		c.kinds[i].counts = append([]int32(nil), f.kinds[i].counts...)
		c.kinds[i].some = append([]uint64(nil), f.kinds[i].some...)
	}
	c.shapes = append([]shapeKind(nil), f.shapes...)
	c.jobs = append([]fragJob(nil), f.jobs...)
	return c
}
