// Package hook holds the interfaces behind which a slot of the pipeline can be anybody's part: native Go or a WebAssembly
// guest. A hook is asked in batches: about all nodes at once, or about all jobs that want a key.
//
// A hook must never change what it is shown, and must answer the same to the same questions: runs are repeated byte for byte.
package hook

import (
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Part is what every hook has. An error of a hook ends the run.
type Part interface {
	// Name is what policies and reports call it.
	Name() string
	// Init is called once, before the first event; the view's cluster is there, its jobs are not.
	Init(v *state.View) error
	// Observe hands over all events in order, each exactly once, before any question that could depend on them.
	Observe(v *state.View, events []state.Event) error
}

// Meter is a part with series of its own: after a pass it moves the values that it has for them to the pass's decisions.
type Meter interface {
	TakeMetrics(d *state.Decisions)
}

// Orderer says who is next: the smallest key is first, ties go to the earlier job.
type Orderer interface {
	Part
	// When tells which jobs are asked about at a pass.
	When() Asked
	// Keys writes a key for each of jobs, and where it asks so (AskExpired) the instant from which the job is to be asked about
	// again; Never = not before something happens to it.
	Keys(v *state.View, jobs []int32, keys []int64, until []state.Time) error
	CloneOrderer() (Orderer, error)
}

// Asked is which waiting jobs an order is asked about at a pass.
type Asked uint8

// The choices.
const (
	AskJoined  Asked = iota // those that joined the queue since
	AskExpired              // those, and whose key has expired
	AskAll                  // all of them
)

// Question is about one pod of a gang, or one share of a role that may be split.
type Question struct {
	View    *state.View
	Cluster *cluster.Cluster // the nodes that are asked about: the engine's, or a plan's
	Plan    bool             // they are as they are expected to be at a later instant, for a reservation
	Job     int32
	Role    int32 // slot in View.Shapes.Roles
	Index   int32 // of the role in the job
	Pod     int32 // of the pod in the role
	Want    int32 // pods, or GPUs of a role that may be split, that are still to be placed
	Nodes   []int32
}

// NoScore is the score of a node that must not be used.
const NoScore = -1 << 31

// Scorer rates nodes for placement: the highest score of the nodes that can hold the pod wins, ties go to the lowest node.
type Scorer interface {
	Part
	Traits() Traits
	// Score returns a score for every node slot, or where the scorer is sparse for each of q.Nodes, and where it picks devices
	// a mask for each (0 = any). The slices are valid until the next call.
	Score(q *Question) (scores []int32, masks []uint64, err error)
	CloneScorer() (Scorer, error)
}

// Traits say how a scorer wants to be asked.
type Traits struct {
	Once   bool // once a role: nodes are filled in descending order of score
	Sparse bool // about the nodes that can hold the pod only
	Picks  bool // it picks devices
}

// Preempter says who may yield when the next job does not fit.
type Preempter interface {
	Part
	// Why is what its preemptions are told to be for.
	Why() state.PreemptKind
	// Victims is asked about a waiting job that does not fit. candidates are the running jobs of its partition that may be preempted,
	// in order of submission; it moves those who may yield to the front, in the order in which they are to be tried, and returns how
	// many they are. No more of them are taken than are needed. It is asked again at every pass that finds the job blocked, and at the
	// instant that it returns; Never = no such instant.
	Victims(v *state.View, job int32, candidates []int32) (int, state.Time, error)
	ClonePreempter() (Preempter, error)
}
