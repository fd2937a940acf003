package place

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Scored places by the scores of a hook: each pod goes to the node with the highest score that can hold it, ties to the
// lowest; a role that may be split takes all that it needs and the node has, then asks again. A gang that cannot be placed so
// though the lowest nodes could hold it is placed on those, as with the rules, unless the scorer excluded nodes.
//
// After an error nothing is placed any more; see Err.
type Scored struct {
	scorer   hook.Scorer
	traits   hook.Traits
	question hook.Question
	feasible []int32
	excluded bool // the last failure may be for nodes that the scorer excludes
	err      error
}

// NewScored returns a placement by a hook's scores.
func NewScored(s hook.Scorer) *Scored { return &Scored{scorer: s, traits: s.Traits()} }

// Name is the scorer's name.
func (s *Scored) Name() string { return s.scorer.Name() }

// Scorer is the hook behind it.
func (s *Scored) Scorer() hook.Scorer { return s.scorer }

// Init prepares the scorer; its traits are known from then on.
func (s *Scored) Init(v *state.View) error {
	err := s.scorer.Init(v)
	s.traits = s.scorer.Traits()
	return err
}

// Observe hands events to the scorer.
func (s *Scored) Observe(v *state.View, events []state.Event) {
	if s.err == nil {
		s.err = s.scorer.Observe(v, events)
	}
}

// Err is the scorer's error, or nil.
func (s *Scored) Err() error { return s.err }

// Excluded reports whether the last gang that Place could not place may have failed for nodes that the scorer excludes.
func (s *Scored) Excluded() bool { return s.excluded }

// Place takes a place for every pod of the gang and appends the parts to log, or takes nothing and reports false.
func (s *Scored) Place(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	if s.err != nil {
		return false
	}
	s.excluded = false
	if !constrained(q.Roles) {
		return s.place(c, q, log)
	}
	within, prefer := cluster.RequiredLevel(q.Roles), cluster.PreferredLevel(q.Roles)
	last := within
	if within == 0 {
		last = c.Levels() + 1
	}
	return prefer > 0 && prefer < last && s.level(c, q, log, prefer) || s.level(c, q, log, last)
}

// level places a gang inside one domain of a level, those with the fewest free GPUs first.
func (s *Scored) level(c *cluster.Cluster, q *Request, log *[]state.Part, level int32) bool {
	if level > c.Levels() {
		return s.place(c, q, log)
	}
	first, _ := c.DomainsOf(level)
	free := c.FreeByDomain(nil, q.Partition, level)
	if within := cluster.RequiredLevel(q.Roles); level == cluster.NodeLevel && within > level {
		for node := range free {
			if c.Domain(int32(node), within) < 0 { // a node in no domain is within none
				free[node] = -1
			}
		}
	}
	defer func() { q.in = cluster.In{} }()
	for at := BestFit.nextDomain(free, 0, -1); at >= 0; at = BestFit.nextDomain(free, 0, at) {
		q.in = cluster.In{Level: level, Domain: first + int32(at)}
		if s.place(c, q, log) {
			return true
		}
	}
	return false
}

// place is Place inside q.in.
func (s *Scored) place(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	mark := len(*log)
	s.question = hook.Question{View: q.View, Cluster: c, Plan: c != q.View.Capacity, Job: q.Job}
	first := q.View.Shapes.RoleFirst[q.View.Jobs.Row[q.Job].Shape]
	for ri := range q.Roles {
		s.question.Role, s.question.Index = first+int32(ri), int32(ri)
		if !s.role(c, q, &q.Roles[ri], log) {
			c.Undo(log, mark)
			return s.err == nil && len(q.Roles) > 1 && !s.excluded && c.PlaceLowestIn(log, q.Partition, q.Roles, q.in)
		}
	}
	return true
}

// role places all pods of a role.
func (s *Scored) role(c *cluster.Cluster, q *Request, r *state.RoleSpec, log *[]state.Part) bool {
	var scores []int32
	var masks []uint64
	left := r.Replicas
	for pod := int32(0); left > 0; pod++ {
		s.question.Pod, s.question.Want = pod, left
		if pod == 0 || !s.traits.Once {
			if scores, masks = s.ask(c, q, r); s.err != nil {
				return false
			}
		}
		at := s.best(c, q, r, scores)
		if at < 0 {
			s.excluded = slices.Contains(scores, hook.NoScore)
			return false
		}
		var mask uint64
		if masks != nil {
			mask = masks[at]
		}
		took := s.take(c, log, s.node(at), pod, r, left, mask)
		if took == 0 {
			return false
		}
		left -= took
	}
	return true
}

// ask asks the scorer about the nodes as they are now.
func (s *Scored) ask(c *cluster.Cluster, q *Request, r *state.RoleSpec) ([]int32, []uint64) {
	if s.traits.Sparse {
		s.feasible = s.feasible[:0]
		for i := range int32(c.Nodes().Len()) {
			if holds(c, q, r, i) {
				s.feasible = append(s.feasible, i)
			}
		}
		s.question.Nodes = s.feasible
	}
	scores, masks, err := s.scorer.Score(&s.question)
	s.err = err
	return scores, masks
}

// best is the place in scores of the highest one whose node can hold a pod now, or -1.
func (s *Scored) best(c *cluster.Cluster, q *Request, r *state.RoleSpec, scores []int32) int {
	at, top := -1, int32(hook.NoScore)
	for i, score := range scores {
		if score > top && holds(c, q, r, s.node(i)) {
			at, top = i, score
		}
	}
	return at
}

// node is the node of a place in scores.
func (s *Scored) node(i int) int32 {
	if s.traits.Sparse {
		return s.feasible[i]
	}
	return int32(i)
}

// holds reports whether a node can hold a pod of a role, or a GPU of one that may be split.
func holds(c *cluster.Cluster, q *Request, r *state.RoleSpec, node int32) bool {
	if c.Nodes().Partition[node] != q.Partition || !c.Accepts(node, r) || !c.Inside(node, q.in) {
		return false
	}
	if r.Flags&state.RoleSplit != 0 {
		return c.SplitRoom(node, r, 1) == 1
	}
	return c.Room(node, r, 1) == 1
}

// take takes one pod, or as many GPUs of a role that may be split as the node has, and returns how many of the role that is.
// The devices of mask are a scorer's choice: those that will not do are as a node that cannot hold the pod.
func (s *Scored) take(c *cluster.Cluster, log *[]state.Part, node, pod int32, r *state.RoleSpec, left int32, mask uint64) int32 {
	ri := s.question.Index
	if r.Flags&state.RoleSplit != 0 {
		k := c.SplitRoom(node, r, left)
		if mask != 0 {
			k = min(left, int32(bits.OnesCount64(mask)))
		}
		if mask == 0 && c.TakeSplit(log, node, ri, pod, r, k) || mask != 0 && c.TakeSplitOn(log, node, ri, pod, r, cluster.Lowest(mask, k)) {
			return k
		}
		return 0
	}
	if mask == 0 && c.TakePod(log, node, ri, pod, r) || mask != 0 && c.TakePodOn(log, node, ri, pod, r, mask) {
		return 1
	}
	return 0
}

// Clone returns an independent copy.
func (s *Scored) Clone() (*Scored, error) {
	scorer, err := s.scorer.CloneScorer()
	if err != nil {
		return nil, err
	}
	return &Scored{scorer: scorer, traits: s.traits, err: s.err}, nil
}
