package peer

import (
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// OpenB is the openb simulator (Weng et al., ATC'23; FACTS.md 4.8) under one of its policies. A pod is placed when it arrives, in
// order of arrival, or dropped. A node can hold it if CPU, memory and devices suffice and its model is accepted. The highest score
// of the nodes that can hold it wins, ties the smallest node name. Whole GPUs are the lowest free ones; unless the policy picks, a
// share goes to the fullest device that fits.
//
// A job of several pods is placed pod by pod, all or none. What the peer does not have: a pod that lost its node is not
// dropped but waits until it fits again, earlier than arrivals of the same instant.
type OpenB struct {
	scorer hook.Scorer
	picks  bool
	byName []int32 // nodes by name
	nodes  []int32 // those that can hold a pod, by name
	fresh  []arrival
	ask    hook.Question
	err    error
}

type arrival struct {
	job int32
	gen uint32
}

// NewOpenB returns the peer with the scores of one of its policies. They must be sparse.
func NewOpenB(scorer hook.Scorer) *OpenB { return &OpenB{scorer: scorer, picks: scorer.Traits().Picks} }

// Info names the peer's policy.
func (o *OpenB) Info() state.Info { return state.Info{Name: "openb-" + o.scorer.Name()} }

// Init prepares the scores; nodes are sorted when the first pass sees them.
func (o *OpenB) Init(v *state.View) error { return o.scorer.Init(v) }

// Observe notes arrivals.
func (o *OpenB) Observe(v *state.View, events []state.Event) {
	if err := o.scorer.Observe(v, events); err != nil {
		o.err = err
	}
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
		case o.place(v, c, a.job, &d.Parts):
			d.Start(a.job, a.gen, mark)
		case v.Jobs.Row[a.job].FirstStart != state.Unset:
			kept = append(kept, a)
		default:
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: a.job, Gen: a.gen})
		}
	}
	o.fresh = kept
	d.Fault = o.err
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
}

// place takes every pod of a job, or nothing.
func (o *OpenB) place(v *state.View, c *cluster.Cluster, job int32, log *[]state.Part) bool {
	roles := v.Shapes.Of(v.Jobs.Row[job].Shape)
	level := cluster.RequiredLevel(roles)
	if level == 0 {
		return o.placeIn(v, c, job, log, cluster.In{})
	}
	first, count := c.DomainsOf(level)
	for d := first; d < first+count; d++ {
		if o.placeIn(v, c, job, log, cluster.In{Level: level, Domain: d}) {
			return true
		}
	}
	return false
}

// placeIn is place inside a domain; what the peer does not have.
func (o *OpenB) placeIn(v *state.View, c *cluster.Cluster, job int32, log *[]state.Part, in cluster.In) bool {
	mark := len(*log)
	shape := v.Jobs.Row[job].Shape
	roles := v.Shapes.Of(shape)
	for ri := range roles {
		r := &roles[ri]
		o.ask = hook.Question{View: v, Cluster: c, Job: job, Role: v.Shapes.RoleFirst[shape] + int32(ri), Index: int32(ri)}
		for pod := range r.Replicas {
			o.ask.Pod, o.ask.Want = pod, r.Replicas-pod
			node, mask := o.best(c, uint32(v.Partition), r, in)
			ok := node >= 0
			switch {
			case ok && r.Flags&state.RoleSplit != 0:
				ok = c.TakeSplit(log, node, int32(ri), pod, r, 1)
			case ok && mask != 0:
				ok = c.TakePodOn(log, node, int32(ri), pod, r, mask)
			case ok:
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

// best is the node for one pod, or -1, and where the scores pick devices, which.
func (o *OpenB) best(c *cluster.Cluster, partition uint32, r *state.RoleSpec, in cluster.In) (node int32, mask uint64) {
	n := c.Nodes()
	o.nodes = o.nodes[:0]
	for _, i := range o.byName {
		if n.Partition[i] == partition && c.Inside(i, in) && c.Accepts(i, r) && roomFor(c, i, r) {
			o.nodes = append(o.nodes, i)
		}
	}
	if len(o.nodes) == 0 || o.err != nil {
		return -1, 0
	}
	o.ask.Nodes = o.nodes
	scores, masks, err := o.scorer.Score(&o.ask)
	if err != nil {
		o.err = err
		return -1, 0
	}
	best := 0
	for k, score := range scores {
		if score > scores[best] {
			best = k
		}
	}
	if o.picks {
		mask = masks[best]
	}
	return o.nodes[best], mask
}

func roomFor(c *cluster.Cluster, node int32, r *state.RoleSpec) bool {
	if r.Flags&state.RoleSplit != 0 {
		return c.SplitRoom(node, r, 1) == 1
	}
	return c.Room(node, r, 1) == 1
}

// Clone returns an independent copy.
func (o *OpenB) Clone() (state.Policy, error) {
	scorer, err := o.scorer.CloneScorer()
	if err != nil {
		return nil, err
	}
	return &OpenB{scorer: scorer, picks: o.picks, byName: slices.Clone(o.byName), fresh: slices.Clone(o.fresh), err: o.err}, nil
}

var _ state.Policy = (*OpenB)(nil)
