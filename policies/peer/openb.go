package peer

import (
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// What BestFit measures a node against: the peer's largest node.
const (
	openbMaxCPU   = 128000 // thousandths of a CPU
	openbMaxMilli = 8000   // thousandths of a GPU
)

// OpenB is BestFit of the openb simulator (Weng et al., ATC'23; FACTS.md 4.8). A pod is placed when it arrives, in order of
// arrival, or dropped. A node can hold it if CPU, memory and devices suffice and its model is accepted. With
// s = (CPU left - CPU)/128000/2 + (GPU thousandths left - asked)/8000/2, a node's value is 100 (1 - s) without its
// fraction; values are stretched to 0..100 over the nodes that can hold the pod, in integers, and the highest wins, ties
// the smallest node name. A share goes to the fullest device that fits, whole GPUs to the lowest free ones.
//
// A job of several pods is placed pod by pod, all or none. What the peer does not have: a pod that lost its node is not
// dropped but waits until it fits again, earlier than arrivals of the same instant.
type OpenB struct {
	byName []int32 // nodes by name
	values []int64 // by place in byName; noValue where the pod cannot be
	fresh  []arrival
}

type arrival struct {
	job int32
	gen uint32
}

const noValue = int64(-1) << 62

// NewOpenB returns the peer.
func NewOpenB() *OpenB { return &OpenB{} }

// Info names the peer.
func (o *OpenB) Info() state.Info { return state.Info{Name: "openb-best-fit"} }

// Init has nothing to prepare: nodes are sorted when the first pass sees them.
func (o *OpenB) Init(*state.View) error { return nil }

// Observe notes arrivals.
func (o *OpenB) Observe(_ *state.View, events []state.Event) {
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case state.EvQueue:
			o.fresh = append(o.fresh, arrival{ev.Job, ev.Gen})
		case state.EvEnd, state.EvStart:
			o.fresh = slices.DeleteFunc(o.fresh, func(a arrival) bool { return a.job == ev.Job })
		}
	}
}

// Pass places or drops every pod of the partition that has arrived.
func (o *OpenB) Pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	o.sortNodes(c.Nodes())
	kept := o.fresh[:0]
	for _, a := range o.fresh {
		if v.Jobs.Row[a.job].Partition != v.Partition {
			kept = append(kept, a)
			continue
		}
		mark := len(d.Parts)
		switch {
		case o.place(c, uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[a.job].Shape), &d.Parts):
			d.Start(a.job, a.gen, mark)
		case v.Jobs.Row[a.job].FirstStart != state.Unset:
			kept = append(kept, a)
		default:
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: a.job, Gen: a.gen})
		}
	}
	o.fresh = kept
}

func (o *OpenB) sortNodes(n *state.Nodes) {
	if len(o.byName) == n.Len() {
		return
	}
	o.byName = o.byName[:0]
	for i := range n.Len() {
		o.byName = append(o.byName, int32(i))
	}
	slices.SortStableFunc(o.byName, func(a, b int32) int { return strings.Compare(n.Name[a], n.Name[b]) })
	o.values = make([]int64, n.Len())
}

// place takes every pod of a job, or nothing.
func (o *OpenB) place(c *cluster.Cluster, partition uint32, roles []state.RoleSpec, log *[]state.Part) bool {
	mark := len(*log)
	for ri := range roles {
		r := &roles[ri]
		for pod := range r.Replicas {
			node := o.best(c, partition, r)
			ok := node >= 0
			if ok && r.Flags&state.RoleSplit != 0 {
				ok = c.TakeSplit(log, node, int32(ri), pod, r, 1)
			} else if ok {
				ok = c.TakePod(log, node, int32(ri), pod, r)
			}
			if !ok {
				c.Undo(log, mark)
				return false
			}
		}
	}
	return true
}

// best is the node for one pod, or -1.
func (o *OpenB) best(c *cluster.Cluster, partition uint32, r *state.RoleSpec) int32 {
	lo, hi := int64(1)<<62, noValue
	n := c.Nodes()
	cpu := uint32(r.CPUMilli)
	if r.Flags&state.RoleSplit != 0 {
		cpu = uint32(cluster.ShareOf(r.CPUMilli, 1, r.Replicas))
	}
	ask := uint32(r.PodGPUs) * uint32(r.GPUMilli)
	for k, i := range o.byName {
		o.values[k] = noValue
		if n.CPUFree[i] < cpu || n.MilliFree[i] < ask || n.Partition[i] != partition || !c.Accepts(i, r) || !roomFor(c, i, r) {
			continue
		}
		// Dividing by two is exact, so this is the peer's float64 in any order of its factors.
		s := 0.5*(float64(n.CPUFree[i]-cpu)/openbMaxCPU) + 0.5*(float64(n.MilliFree[i]-ask)/openbMaxMilli)
		v := int64(100 * (1 - s))
		o.values[k] = v
		lo, hi = min(lo, v), max(hi, v)
	}
	best, bestScore := int32(-1), int64(-1)
	for k, v := range o.values {
		if v == noValue {
			continue
		}
		score := int64(0)
		if hi > lo {
			score = (v - lo) * 100 / (hi - lo)
		}
		if score > bestScore {
			best, bestScore = o.byName[k], score
		}
	}
	return best
}

func roomFor(c *cluster.Cluster, node int32, r *state.RoleSpec) bool {
	if r.Flags&state.RoleSplit != 0 {
		return c.SplitRoom(node, r, 1) == 1
	}
	return c.Room(node, r, 1) == 1
}

// Clone returns an independent copy.
func (o *OpenB) Clone() (state.Policy, error) {
	return &OpenB{byName: slices.Clone(o.byName), values: slices.Clone(o.values), fresh: slices.Clone(o.fresh)}, nil
}

var _ state.Policy = (*OpenB)(nil)
