package wasm

import (
	"encoding/binary"
	"unsafe"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// mirror keeps the columns in a guest's memory like the engine's: it notes which slots changed and writes those before a call.
type mirror struct {
	reader int              // of the cluster's change log, where tables.ofNodes
	shown  *cluster.Cluster // whose nodes the guest has; nil = nobody's
	roles  []state.RoleSpec // as the guest has them
	sums   []nodeSum        // of the node as the guest has it, for pools and types
	pools  []poolSum
	types  []poolSum
}

// nodeSum is what a node adds to its pool and type.
type nodeSum struct{ nodes, total, free int64 }

type poolSum = nodeSum

func (m *mirror) clone() mirror {
	c := *m
	c.shown = nil // the fork's cluster is another one: everything is written anew, which is the same
	c.roles = append([]state.RoleSpec(nil), m.roles...)
	c.sums, c.pools, c.types = nil, nil, nil
	return c
}

// touch notes that a slot changed.
func (t *table) touch(slot int32, how uint8) {
	if t == nil || t.full {
		return
	}
	for len(t.mark) <= int(slot) {
		t.mark = append(t.mark, 0)
	}
	if t.mark[slot] == 0 {
		t.dirty = append(t.dirty, slot)
	}
	t.mark[slot] |= how
}

// clean forgets what was noted.
func (t *table) clean() {
	for _, s := range t.dirty {
		t.mark[s] = 0
	}
	t.dirty, t.full = t.dirty[:0], false
}

// follow notes the jobs and roles that events changed, and the nodes of the change log.
func (in *Instance) follow(v *state.View, m *mirror, events []state.Event) {
	if in.tables.jobs != nil || in.tables.roles != nil {
		for i := range events {
			ev := &events[i]
			if ev.Job < 0 || ev.Kind == state.EvWaited || ev.Kind == state.EvRefuse {
				continue
			}
			how := changed
			if ev.Kind == state.EvArrive {
				how = renewed
				in.followRoles(v, m, ev.B)
			}
			in.tables.jobs.touch(ev.Job, how)
		}
	}
	in.followNodes(v, m)
}

// followRoles notes a shape's roles where they are not what the guest has: slots of shapes are used again.
func (in *Instance) followRoles(v *state.View, m *mirror, shape int32) {
	t := in.tables.roles
	if t == nil {
		return
	}
	first := v.Shapes.RoleFirst[shape]
	for k := range v.Shapes.Of(shape) {
		slot := first + int32(k)
		for len(m.roles) <= int(slot) {
			m.roles = append(m.roles, state.RoleSpec{})
		}
		if r := &v.Shapes.Roles[slot]; m.roles[slot] != *r {
			m.roles[slot] = *r
			t.touch(slot, changed)
		}
	}
}

// followNodes drains the change log, so that it does not grow while the guest is not asked.
func (in *Instance) followNodes(v *state.View, m *mirror) {
	if !in.tables.ofNodes() {
		return
	}
	c := v.Capacity.(*cluster.Cluster)
	for _, node := range c.Log.Take(m.reader) {
		in.tables.nodes.touch(node, changed)
		in.touchGPUs(c, node)
		if in.tables.pools != nil || in.tables.types != nil {
			m.sum(c, node)
		}
	}
}

func (in *Instance) touchGPUs(c *cluster.Cluster, node int32) {
	if t := in.tables.gpus; t != nil && !t.full {
		first := c.Nodes().FirstGPU[node]
		for i := range c.Nodes().GPUsTotal[node] {
			t.touch(int32(first+i), changed)
		}
	}
}

// sum moves what a node adds to its pool and its type.
func (m *mirror) sum(c *cluster.Cluster, node int32) {
	n := c.Nodes()
	for len(m.sums) <= int(node) {
		m.sums = append(m.sums, nodeSum{})
	}
	var now nodeSum
	if n.Flags[node]&state.NodeUp != 0 {
		now = nodeSum{1, int64(n.GPUsTotal[node]), int64(n.GPUsFree[node])}
	}
	was := m.sums[node]
	m.sums[node] = now
	add := func(list *[]poolSum, at uint32) {
		for len(*list) <= int(at) {
			*list = append(*list, poolSum{})
		}
		s := &(*list)[at]
		s.nodes += now.nodes - was.nodes
		s.total += now.total - was.total
		s.free += now.free - was.free
	}
	add(&m.pools, n.Pool[node])
	if t := n.Type[node]; t != state.NoType {
		add(&m.types, t)
	}
}

// sync writes what the guest has not, of the cluster that a question is about.
func (in *Instance) sync(v *state.View, m *mirror, c *cluster.Cluster) error {
	if len(in.tables.entries) == 0 && in.module.decides {
		return nil // it lives by events alone
	}
	if in.tables.ofNodes() {
		in.followNodes(v, m)
		if engine := v.Capacity.(*cluster.Cluster); m.shown != c || c != engine { // a plan's changes are not in the log
			m.shown = c
			in.renewNodes(m, c)
		}
	}
	if err := in.fit(v, m, c); err != nil {
		return err
	}
	if t := in.tables.nodes; t != nil {
		writeTable(in, t, c.Nodes().Len(), func(id int, slot int32) uint64 { return nodeValue(c.Nodes(), id, slot) }, nodeColumn(c.Nodes()))
	}
	if t := in.tables.jobs; t != nil {
		if t.full || 4*len(t.dirty) > t.used {
			writeTable(in, t, t.used, func(id int, slot int32) uint64 { return jobValue(v, &in.x, id, slot) }, nil)
		} else {
			in.writeJobs(v, t)
		}
	}
	if t := in.tables.roles; t != nil {
		writeTable(in, t, len(v.Shapes.Roles), func(id int, slot int32) uint64 { return roleValue(&v.Shapes.Roles[slot], id) }, nil)
	}
	if t := in.tables.gpus; t != nil {
		writeTable(in, t, gpuCount(c.Nodes()), func(id int, slot int32) uint64 { return gpuValue(c, id, slot) }, nil)
	}
	if in.tables.pools == nil && in.tables.types == nil {
		return nil
	}
	for _, s := range []struct {
		t    *table
		list []poolSum
		skip int
	}{{in.tables.pools, m.pools, 0}, {in.tables.types, m.types, 1}} {
		if s.t != nil {
			s.t.full = true // a handful of rows
			writeTable(in, s.t, len(s.list), func(id int, slot int32) uint64 {
				return uint64([]int64{s.list[slot].nodes, s.list[slot].total, s.list[slot].free}[id+s.skip])
			}, nil)
		}
	}
	if in.strict {
		return in.faithful(v, c)
	}
	return nil
}

// renewNodes says that everything about nodes is to be written.
func (in *Instance) renewNodes(m *mirror, c *cluster.Cluster) {
	for _, t := range []*table{in.tables.nodes, in.tables.gpus} {
		if t != nil {
			t.full = true
		}
	}
	if in.tables.pools != nil || in.tables.types != nil {
		m.sums, m.pools, m.types = m.sums[:0], m.pools[:0], m.types[:0]
		for node := range int32(c.Nodes().Len()) {
			m.sum(c, node)
		}
	}
}

// gpuCount is the number of device slots.
func gpuCount(n *state.Nodes) int {
	if n.Len() == 0 {
		return 0
	}
	last := n.Len() - 1
	return int(n.FirstGPU[last] + n.GPUsTotal[last])
}

// fit makes room for every slot in use: the guest lays out its memory anew with larger caps.
func (in *Instance) fit(v *state.View, m *mirror, c *cluster.Cluster) error {
	grow := false
	in.tables.rows = 0
	for _, t := range in.tables.entries {
		var used int
		switch t.kind {
		case sched1.TableNodes:
			used = c.Nodes().Len()
		case sched1.TableJobs:
			used = v.Jobs.Len()
		case sched1.TableRoles:
			used = len(v.Shapes.Roles)
		case sched1.TableGPUs:
			used = gpuCount(c.Nodes())
		case sched1.TablePools:
			used = len(m.pools)
		case sched1.TableTypes:
			used = len(m.types)
		}
		in.tables.rows += int64(used)
		if used == t.used {
			continue
		}
		t.used = used
		in.tables.counts.set(t.kind, used)
		for int(t.cap) < t.used {
			t.cap, grow = max(2*t.cap, 64), true
		}
	}
	if nodes := uint32(c.Nodes().Len()); in.module.scores() && in.desc.outCap < nodes {
		in.desc.outCap, grow = doubled(in.desc.outCap, nodes), true
		in.desc.idxCap = max(in.desc.idxCap, in.desc.outCap)
	}
	if !grow {
		return nil
	}
	return in.layout()
}

// doubled is the smallest doubling of a cap that holds n.
func doubled(capacity, n uint32) uint32 {
	for capacity = max(capacity, 64); capacity < n; capacity *= 2 {
	}
	return capacity
}

// writeTable writes the rows of a table that changed; bulk, where there is one, writes a whole column at once.
func writeTable(in *Instance, t *table, rows int, value func(id int, slot int32) uint64, bulk func(mem []byte, id int) bool) {
	if t.full || 4*len(t.dirty) > rows {
		for i := range t.cols {
			c := &t.cols[i]
			if bulk != nil && bulk(in.view[c.at:], c.id) {
				continue
			}
			for slot := range int32(rows) {
				in.put(c, slot, value(c.id, slot))
			}
		}
		t.clean()
		return
	}
	for _, slot := range t.dirty {
		for i := range t.cols {
			in.put(&t.cols[i], slot, value(t.cols[i].id, slot))
		}
	}
	t.clean()
}

// writeJobs writes the jobs that changed.
func (in *Instance) writeJobs(v *state.View, t *table) {
	view := in.view
	for _, slot := range t.dirty {
		row, whole := unsafe.Pointer(&v.Jobs.Row[slot]), t.mark[slot]&renewed != 0
		for i := range t.cols {
			c := &t.cols[i]
			if c.once && !whole {
				continue
			}
			switch c.cell.size {
			case 1:
				binary.LittleEndian.PutUint32(view[c.at+4*uint32(slot):], uint32(*(*uint8)(unsafe.Add(row, c.cell.offset))))
			case 4:
				binary.LittleEndian.PutUint32(view[c.at+4*uint32(slot):], *(*uint32)(unsafe.Add(row, c.cell.offset)))
			case 8:
				binary.LittleEndian.PutUint64(view[c.at+8*uint32(slot):], *(*uint64)(unsafe.Add(row, c.cell.offset)))
			default:
				in.put(c, slot, jobValue(v, &in.x, c.id, slot))
			}
		}
	}
	t.clean()
}

func (in *Instance) put(c *column, slot int32, v uint64) {
	if c.wide {
		binary.LittleEndian.PutUint64(in.view[c.at+8*uint32(slot):], v)
		return
	}
	binary.LittleEndian.PutUint32(in.view[c.at+4*uint32(slot):], uint32(v))
}

// bytesOf is a column of the engine's as bytes, where the machine's order is the guest's.
func bytesOf[T uint32 | uint64 | state.Time](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}

// littleEndian tells whether columns can be copied as they lie.
var littleEndian = func() bool {
	x := uint16(1)
	return *(*byte)(unsafe.Pointer(&x)) == 1
}()

// nodeColumn copies a whole column of nodes.
func nodeColumn(n *state.Nodes) func(mem []byte, id int) bool {
	return func(mem []byte, id int) bool {
		if !littleEndian {
			return false
		}
		if id == sched1.NodesGPUFreeMask {
			copy(mem, bytesOf(n.FreeMask))
			return true
		}
		if id == sched1.NodesUpSinceNS {
			copy(mem, bytesOf(n.UpSince))
			return true
		}
		copy(mem, bytesOf(*nodeField(n, id)))
		return true
	}
}
