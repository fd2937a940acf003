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
// sizes that wait, and an instant costs one search a kind. For other requests (fractions, CPUs, memory, several roles) the
// engine tells which test their shape fails.
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

	told []int32 // shapes of toldKind that the engine says are fragmented
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
	kind     int32 // of pod, or noKind, or toldKind
	pods     int32
	part     int32
	waiting  int32 // jobs, for toldKind
	told     bool  // it stands in fragments.told
	role     state.RoleSpec
	types    uint64 // for toldKind: GPU types that a role of it accepts
	resolved bool
}

const (
	noKind   = -1 // pods of one whole GPU: they fit where their number does
	toldKind = -2 // the placement depends on more: the engine tells (EvShapeTest)
)

type fragJob struct {
	kind, pods, shape int32
	waits             bool
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

// parts follows parts that are taken (sign 1) or given back (-1).
func (f *fragments) parts(parts []state.Part, sign int32) {
	for i := range parts {
		p := &parts[i]
		gpus := sign * int32(bits.OnesCount64(p.Mask))
		milli := int64(gpus) * int64(p.Milli)
		for node := p.Node; node <= p.Node+p.More; node++ {
			n := &f.nodes[node]
			old := n.wholeFree
			if p.Milli == whole {
				n.wholeFree -= gpus
			} else {
				f.share(n, p, sign)
			}
			n.freeMilli -= milli
			if n.open {
				f.groups[n.group].moved(f, old, n.wholeFree, milli)
			}
		}
	}
}

// moved follows an open node of the group: its wholly free devices went from old to now, milli thousandths were taken.
func (g *fragGroup) moved(f *fragments, old, now int32, milli int64) {
	g.whole += int64(now - old)
	g.milli -= milli
	for _, k := range g.kinds {
		size := f.kinds[k].gpus
		f.kinds[k].pods += int64(now/size - old/size)
	}
	f.dirty = true
}

// share follows devices of which a part is a share.
func (f *fragments) share(n *fragNode, p *state.Part, sign int32) {
	for m := p.Mask; m != 0; m &= m - 1 {
		d := &f.device[n.first+uint32(bits.TrailingZeros64(m))]
		if *d == 0 {
			n.wholeFree--
		}
		if *d = uint16(int32(*d) + sign*int32(p.Milli)); *d == 0 {
			n.wholeFree++
		}
	}
}

// queued notes that a job waits in the queue.
func (f *fragments) queued(ev *state.Event, b *state.Batch) {
	shape := b.Jobs.Row[ev.Job].Shape
	s := f.shape(shape, b.Shapes)
	if int(ev.Job) >= len(f.jobs) {
		f.jobs = grown(f.jobs, int(ev.Job))
	}
	f.jobs[ev.Job] = fragJob{kind: s.kind, pods: s.pods, shape: shape, waits: true}
	if s.kind == noKind {
		return
	}
	if s.kind == toldKind {
		s.waiting++
		f.dirty = f.dirty || s.told
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
	if j.kind == noKind {
		return
	}
	if j.kind == toldKind {
		s := &f.shapes[j.shape]
		s.waiting--
		f.dirty = f.dirty || s.told
		return
	}
	k := &f.kinds[j.kind]
	k.waiting--
	if k.counts[j.pods]--; k.counts[j.pods] == 0 {
		k.some[j.pods>>6] &^= 1 << uint(j.pods&63)
	}
	f.dirty = true
}

// shapeTest hears which test a shape of toldKind fails from now on.
func (f *fragments) shapeTest(ev *state.Event, shapes *state.Shapes) {
	is := state.Cause(ev.Cause) == state.CauseFragmented
	s := f.shape(ev.B, shapes)
	if s.told == is {
		return
	}
	s.told, f.dirty = is, true
	if is {
		f.told = append(f.told, ev.B)
		return
	}
	for i, shape := range f.told {
		if shape == ev.B {
			f.told = append(f.told[:i], f.told[i+1:]...)
			return
		}
	}
}

// shape resolves a shape slot to a kind of pod. A slot that was recycled is recognised by its role, and by nothing of it
// waiting.
func (f *fragments) shape(shape int32, shapes *state.Shapes) *shapeKind {
	if int(shape) >= len(f.shapes) {
		f.shapes = grown(f.shapes, int(shape))
	}
	s := &f.shapes[shape]
	roles := shapes.Of(shape)
	if s.waiting > 0 || s.told || s.resolved && len(roles) == 1 && s.part == shapes.Partition[shape] && s.role == roles[0] {
		return s
	}
	*s = shapeKind{kind: toldKind, part: shapes.Partition[shape]}
	for i := range roles {
		if r := &roles[i]; r.PodGPUs > 0 && r.TypeMask == 0 {
			s.types = ^uint64(0)
		} else if r.PodGPUs > 0 {
			s.types |= r.TypeMask
		}
	}
	if len(roles) != 1 {
		return s
	}
	r := &roles[0]
	s.resolved, s.role, s.pods = true, *r, r.Replicas
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
	for _, shape := range f.told {
		s := &f.shapes[shape]
		if s.waiting == 0 {
			continue
		}
		any = true
		for i := range f.groups {
			if g := &f.groups[i]; int32(g.partition) == s.part && g.typ < state.MaxGPUTypes && s.types>>g.typ&1 != 0 {
				g.hit = true
			}
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
	c.told = append([]int32(nil), f.told...)
	return c
}
