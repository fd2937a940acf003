package place

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Rule is a placement rule.
type Rule uint8

// The rules. Unless a rule says otherwise, ties go to the lowest node, whole GPUs are the lowest-index free devices of a
// node, and a fraction takes the fullest device that fits, the lowest index among equals. Roles are placed in order, a
// role's pods one after another. A gang that a rule, going on so, cannot place though the lowest nodes could hold it is
// placed on those: else it might wait for ever, even for an empty cluster.
const (
	// FirstFit: the lowest node that fits.
	FirstFit Rule = iota
	// BestFit: the node with the fewest free GPUs that fits; among those, for a role that asks for a share, CPU or memory,
	// the fewest free thousandths, then the least free CPU. A job that may be split takes from such nodes first, so it uses
	// up fragments.
	BestFit
	// WorstFit: the node with the most free GPUs; then as BestFit, thousandths and CPU the other way round.
	WorstFit
	// Consolidate: as few nodes as it can: a node that already holds pods of this job, else best fit. A job that may be
	// split takes the fullest node that holds all that is left, else the emptiest node whole, and goes on.
	Consolidate
	// Spread: the node with the fewest pods of this job, then the most free GPUs. A job that may be split takes one GPU at
	// a time from the node with the most free.
	Spread
	// Random: any node that fits, each with the same chance, drawn from the stream (seed, "place", job number, attempt).
	Random
	// Topology: the smallest domain that holds the gang, of those of a level the one with the fewest free GPUs; inside it as few
	// smaller domains as it can, level by level.
	Topology
	// RailAligned: as Topology; a gang of pods on several nodes takes the same devices of each, where enough nodes have them.
	RailAligned
	// AntiAffinity: the innermost domain (a node, without a topology) with the fewest pods of this job, then the node with the fewest,
	// then the most free GPUs. A job that may be split takes one GPU at a time.
	AntiAffinity
	// Buddy: as Topology; what fits one node takes a buddy cell of it (2^k neighbouring devices that begin at a multiple of 2^k), cut
	// from the smallest free cell of all nodes, as HiveD does.
	Buddy
)

var names = [...]string{"first-fit", "best-fit", "worst-fit", "consolidate", "spread", "random", "topology", "rail-aligned", "anti-affinity", "buddy"}

func (r Rule) String() string { return names[r] }

// Names are the rules' names in scenarios.
func Names() []string { return append([]string(nil), names[:]...) }

// Parse reads a rule's name.
func Parse(name string) (Rule, error) {
	for i, n := range names {
		if n == name {
			return Rule(i), nil
		}
	}
	return 0, fmt.Errorf("no placement %q (there are %v)", name, names)
}

// Request is one gang to place.
type Request struct {
	Partition uint32
	Roles     []state.RoleSpec
	Stream    rng.Stream  // for Random; keyed by job and attempt
	View      *state.View // for Scored, with the job
	Job       int32

	in   cluster.In // the domain to stay in
	free []int32    // scratch: free GPUs by domain
}

// Place takes a place for every pod of the gang and appends the parts to log, or takes nothing and reports false.
func (r Rule) Place(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	if r.tight() || constrained(q.Roles) {
		return r.domains(c, q, log)
	}
	return r.place(c, q, log)
}

// constrained reports whether a gang asks for a level of domains.
func constrained(roles []state.RoleSpec) bool {
	for i := range roles {
		if roles[i].Within|roles[i].Prefer != 0 {
			return true
		}
	}
	return false
}

// place is Place inside q.in, by a rule that goes node by node.
func (r Rule) place(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	mark := len(*log)
	for ri := range q.Roles {
		role := &q.Roles[ri]
		ok := false
		if role.Flags&state.RoleSplit != 0 {
			ok = r.split(c, q, int32(ri), role, log, mark)
		} else {
			ok = r.pods(c, q, int32(ri), role, log, mark)
		}
		if !ok {
			c.Undo(log, mark)
			return r.greedy(q) && c.PlaceLowestIn(log, q.Partition, q.Roles, q.in)
		}
	}
	return true
}

// greedy reports whether the rule may fail where another would not: an early role took what only a later one can use, or
// CPU was rounded up for each GPU apart.
func (r Rule) greedy(q *Request) bool {
	return r != FirstFit && len(q.Roles) > 1 || (r == Spread || r == AntiAffinity) && len(q.Roles) == 1 && q.Roles[0].Flags&state.RoleSplit != 0 && !indexed(&q.Roles[0])
}

// indexed reports whether the index alone answers for a role: whole GPUs, no CPU or memory.
func indexed(r *state.RoleSpec) bool {
	return r.PodGPUs > 0 && r.GPUMilli == cluster.Whole && r.CPUMilli == 0 && r.MemMiB == 0
}

// indexed reports whether the index answers for a role: it knows no domains.
func (q *Request) indexed(r *state.RoleSpec) bool { return q.in.Level == 0 && indexed(r) }

// pods places a role's replicas one by one.
func (r Rule) pods(c *cluster.Cluster, q *Request, ri int32, role *state.RoleSpec, log *[]state.Part, mark int) bool {
	fast := q.indexed(role) && r != Spread && r != Random && r != Consolidate && r != AntiAffinity
	for pod := int32(0); pod < role.Replicas; pod++ {
		var node int32
		if fast {
			node = r.pick(c, q, role, role.PodGPUs)
		} else {
			node = r.search(c, q, role, *log, mark, 1)
		}
		if node < 0 || !c.TakePod(log, node, ri, pod, role) {
			return false
		}
	}
	return true
}

// split places a role whose GPUs may come from any nodes; the gang's parts begin at mark.
func (r Rule) split(c *cluster.Cluster, q *Request, ri int32, role *state.RoleSpec, log *[]state.Part, mark int) bool {
	left := role.Replicas
	if r == FirstFit && q.indexed(role) {
		if g := q.only(c, role); g >= 0 {
			if c.GroupFree(g) < left {
				return false
			}
			c.TakeLowest(log, g, ri, left)
			return true
		}
	}
	for pod := int32(0); left > 0; pod++ {
		node, want := int32(-1), left
		switch {
		case r == Spread:
			want = 1
			node = r.node(c, q, role, *log, len(*log), 1)
		case r == AntiAffinity:
			want = 1
			node = r.node(c, q, role, *log, mark, 1)
		case r == Consolidate:
			if node = BestFit.node(c, q, role, *log, mark, left); node < 0 {
				node = WorstFit.node(c, q, role, *log, mark, 1)
			}
		default:
			node = r.node(c, q, role, *log, mark, 1)
		}
		if node < 0 {
			return false
		}
		k := c.SplitRoom(node, role, want)
		if k == 0 || !c.TakeSplit(log, node, ri, pod, role, k) {
			return false
		}
		left -= k
	}
	return true
}

// only is the one group that a role may use, or -1 when there are several or none.
func (q *Request) only(c *cluster.Cluster, role *state.RoleSpec) int {
	only := -1
	for g := 0; g < c.Groups(); g++ {
		if c.In(g, q.Partition, role.TypeMask) {
			if only >= 0 {
				return -1
			}
			only = g
		}
	}
	return only
}

// node is the rule's node with at least k GPUs for a split role.
func (r Rule) node(c *cluster.Cluster, q *Request, role *state.RoleSpec, log []state.Part, mark int, k int32) int32 {
	if q.indexed(role) && r != Random && r != AntiAffinity {
		return r.pick(c, q, role, k)
	}
	return r.search(c, q, role, log, mark, k)
}

// pick asks the index for the rule's node with at least k wholly free devices, or -1.
func (r Rule) pick(c *cluster.Cluster, q *Request, role *state.RoleSpec, k int32) int32 {
	best, bestFree := int32(-1), int32(0)
	for g := 0; g < c.Groups(); g++ {
		if !c.In(g, q.Partition, role.TypeMask) {
			continue
		}
		node, free := int32(-1), int32(0)
		switch r {
		case FirstFit:
			if k == 1 {
				node = c.NextAny(g, 0)
			} else {
				node = c.NextAtLeast(g, k, 0)
			}
		case BestFit:
			if free = c.Fullest(g, k); free > 0 {
				node = c.NextExact(g, free, 0)
			}
		default: // WorstFit, Spread
			if free = c.Emptiest(g); free >= k {
				node = c.NextExact(g, free, 0)
			}
			free = -free
		}
		if node >= 0 && (best < 0 || free < bestFree || free == bestFree && node < best) {
			best, bestFree = node, free
		}
	}
	return best
}

// search looks at every node: for fractions, CPU, memory, and rules that look at this job's other pods.
func (r Rule) search(c *cluster.Cluster, q *Request, role *state.RoleSpec, log []state.Part, mark int, k int32) int32 {
	n := c.Nodes()
	best, seen := int32(-1), int32(0)
	var bestScore score
	for i := int32(0); int(i) < n.Len(); i++ {
		if n.Partition[i] != q.Partition || !c.Accepts(i, role) || !c.Inside(i, q.in) {
			continue
		}
		if role.Flags&state.RoleSplit != 0 {
			if c.SplitRoom(i, role, k) < k {
				continue
			}
		} else if c.Room(i, role, 1) < 1 {
			continue
		}
		if r == FirstFit {
			return i
		}
		if r == Random {
			if seen++; q.Stream.IntN(int(seen)) == 0 {
				best = i
			}
			continue
		}
		s := r.score(c, i, role, log[mark:])
		if best < 0 || s.less(&bestScore) {
			best, bestScore = i, s
		}
	}
	return best
}

// score ranks a node, smallest first, field by field.
type score [5]int64

func (a *score) less(b *score) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func (r Rule) score(c *cluster.Cluster, i int32, role *state.RoleSpec, placed []state.Part) score {
	n := c.Nodes()
	s := score{0, int64(n.GPUsFree[i]), 0, 0, 0}
	if !indexed(role) {
		s[2], s[3] = int64(n.MilliFree[i]), int64(n.CPUFree[i])
	}
	var pods int64
	if r == Consolidate || r == Spread || r == AntiAffinity {
		for p := range placed {
			if placed[p].Node == i {
				pods++
			}
		}
	}
	switch r {
	case Consolidate:
		if pods == 0 {
			s[0] = 1
		}
	case WorstFit, Spread:
		s = score{pods, -s[1], -s[2], -s[3]}
	case AntiAffinity:
		s = score{near(c, i, placed), pods, -s[1], -s[2], -s[3]}
	}
	return s
}

// near is how many of the parts are in a node's innermost domain.
func near(c *cluster.Cluster, node int32, placed []state.Part) (n int64) {
	level := min(c.Levels(), cluster.NodeLevel+1)
	d := c.Domain(node, level)
	for p := range placed {
		if d >= 0 && c.Domain(placed[p].Node, level) == d {
			n++
		}
	}
	return n
}
