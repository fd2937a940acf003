package wasm

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// group is the start_parts that wait for their start. It is applied whole or refused whole.
type group struct {
	v *state.View
	c *cluster.Cluster
	d *state.Decisions

	mark    int // of its parts in d.Parts
	open    bool
	job     uint32
	refusal state.Refusal // why it cannot be taken
	pods    *[64]int32    // parts of each role so far, for their indexes
	decided *marks        // jobs that this answer starts or drops: the engine refuses to do it twice
}

// marks is a set of job slots that is emptied by counting up.
type marks struct {
	at  []uint32
	now uint32
}

func (m *marks) clear() {
	if m.now++; m.now == 0 {
		clear(m.at)
		m.now = 1
	}
}

func (m *marks) has(slot uint32) bool { return int64(slot) < int64(len(m.at)) && m.at[slot] == m.now }

func (m *marks) add(slot uint32) {
	for int64(len(m.at)) <= int64(slot) {
		m.at = append(m.at, 0)
	}
	m.at[slot] = m.now
}

// job is the waiting job that a decision names, or why there is none.
func (g *group) live(r *answer) (*state.Job, state.Refusal) {
	if int64(r.job) >= int64(g.v.Jobs.Len()) || g.v.Jobs.Row[r.job].Gen != r.gen {
		return nil, state.RefusedStale
	}
	j := &g.v.Jobs.Row[r.job]
	switch {
	case j.Partition != g.v.Partition:
		return nil, state.RefusedPartition
	case j.State != state.JobQueued || g.decided.has(r.job):
		return nil, state.RefusedState
	}
	return j, 0
}

// part takes pods of one role on one node.
func (g *group) part(r *answer) {
	if g.open && g.job != r.job {
		g.drop() // parts that no start claims are nobody's
	}
	if !g.open {
		g.open, g.job, g.refusal = true, r.job, 0
		clear(g.pods[:])
	}
	if g.refusal != 0 {
		return
	}
	j, why := g.live(r)
	if why == 0 {
		why = g.take(j, r)
	}
	g.refusal = why
}

// take takes a part's pods on the engine's index.
func (g *group) take(j *state.Job, r *answer) state.Refusal {
	roles := g.v.Shapes.Of(j.Shape)
	if int(r.role) >= len(roles) || int(r.role) >= len(g.pods) {
		return state.RefusedParts
	}
	role := &roles[r.role]
	n := g.c.Nodes()
	if int64(r.node) >= int64(n.Len()) || !state.NodeOpen(n.Flags[r.node]) || n.Partition[r.node] != uint32(g.v.Partition) || !g.c.Accepts(int32(r.node), role) {
		return state.RefusedNode
	}
	node, index := int32(r.node), int32(r.role)
	if role.Flags&state.RoleSplit != 0 {
		k := int32(r.gpus)
		if r.mask != 0 {
			k = int32(bits.OnesCount64(r.mask))
		}
		if k <= 0 || k > role.Replicas {
			return state.RefusedParts
		}
		pod := g.pods[r.role]
		g.pods[r.role]++
		if r.mask != 0 && g.c.TakeSplitOn(&g.d.Parts, node, index, pod, role, r.mask) ||
			r.mask == 0 && g.c.SplitRoom(node, role, k) == k && g.c.TakeSplit(&g.d.Parts, node, index, pod, role, k) {
			return 0
		}
		return state.RefusedDevices
	}
	pods := max(1, int32(r.replicas))
	if pods > role.Replicas || r.mask != 0 && pods > 1 {
		return state.RefusedParts
	}
	for range pods {
		pod := g.pods[r.role]
		g.pods[r.role]++
		if r.mask != 0 && g.c.TakePodOn(&g.d.Parts, node, index, pod, role, r.mask) ||
			r.mask == 0 && g.c.Room(node, role, 1) == 1 && g.c.TakePod(&g.d.Parts, node, index, pod, role) {
			continue
		}
		return state.RefusedDevices
	}
	return 0
}

// start closes the group; without parts and with node NONE the host places the gang on the lowest nodes that hold it.
func (g *group) start(r *answer) {
	if g.open && g.job != r.job {
		g.drop()
	}
	var why state.Refusal
	if g.open {
		if why = g.refusal; why == 0 {
			why = g.whole(r)
		}
	} else if j, no := g.live(r); no != 0 {
		why = no
	} else if r.node != sched1.None {
		why = state.RefusedParts
	} else if !lowest(g.c, &g.d.Parts, uint32(g.v.Partition), g.v.Shapes.Of(j.Shape)) {
		why = state.RefusedDevices
	}
	if why != 0 {
		g.drop()
		g.d.List = append(g.d.List, state.Decision{Kind: state.DecideStart, Job: int32(r.job), Gen: r.gen, Tag: r.tag, Refuse: why})
		return
	}
	g.decided.add(r.job)
	g.d.Start(int32(r.job), r.gen, g.mark)
	g.d.List[len(g.d.List)-1].Tag = r.tag
	g.mark, g.open, g.refusal = len(g.d.Parts), false, 0
}

// whole sorts the group's parts by role and says why they are not the job's gang, or 0: the engine would find that too, but the
// places would be missing for the decisions behind this one.
func (g *group) whole(r *answer) state.Refusal {
	roles := g.v.Shapes.Of(g.v.Jobs.Row[r.job].Shape)
	parts := g.d.Parts[g.mark:]
	byRole := func(a, b state.Part) int { return int(a.Role) - int(b.Role) }
	if len(roles) > 1 && !slices.IsSortedFunc(parts, byRole) {
		slices.SortStableFunc(parts, byRole)
	}
	return g.c.CheckGang(parts, roles, uint32(g.v.Partition))
}

// lowest places a gang as first-fit does.
func lowest(c *cluster.Cluster, log *[]state.Part, partition uint32, roles []state.RoleSpec) bool {
	if len(roles) == 1 && roles[0].Flags&state.RoleSplit != 0 && roles[0].CPUMilli == 0 && roles[0].MemMiB == 0 {
		only := -1
		for g := range c.Groups() {
			if c.In(g, partition, roles[0].TypeMask) {
				if only >= 0 {
					return c.PlaceLowest(log, partition, roles)
				}
				only = g
			}
		}
		if only >= 0 {
			if c.GroupFree(only) < roles[0].Replicas {
				return false
			}
			c.TakeLowest(log, only, 0, roles[0].Replicas)
			return true
		}
	}
	return c.PlaceLowest(log, partition, roles)
}

// drop gives back parts that no start claims.
func (g *group) drop() {
	g.c.Undo(&g.d.Parts, g.mark)
	g.open, g.refusal = false, 0
}

// blocked keeps why waiting jobs that would fit were not started.
func (g *group) blocked(r *answer) {
	switch r.arg {
	case sched1.CauseReservation:
		g.d.FitCause = state.CauseReservation
	case sched1.CauseOrder:
		g.d.FitCause = state.CauseOrder
	default:
		g.d.FitCause = state.CauseChoice
	}
	if g.d.Blocker = -1; int64(r.job) < int64(g.v.Jobs.Len()) {
		g.d.Blocker = int32(r.job)
	}
}
