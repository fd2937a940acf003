package sim

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/speed"
	"github.com/orrery-sim/orrery/sim/state"
)

// Config is everything a simulation starts from.
type Config struct {
	Seed  uint64
	Names *state.Names       // shared with Source; the engine interns nothing by itself
	Nodes []cluster.NodeSpec `snapshot:"keep"`
	// Topology is the tree over the nodes, or nil; Leaf is each node's domain of the innermost tier, or -1.
	Topology *cluster.Topology `snapshot:"keep"`
	Leaf     []int32           `snapshot:"keep"`
	// Speed is what jobs' speeds follow from; nil: each runs as long as recorded, wherever it is placed.
	Speed   *speed.Book `snapshot:"keep"`
	Source  state.Source
	Policy  state.Policy
	Horizon state.Time // 0: to the end of the work. Events at the horizon itself do not happen.

	// QueuePartition routes jobs that name no partition by their queue; None or absent: partition 0.
	QueuePartition []int32

	DropUnfit      bool // a job that does not fit at its first pass is dropped
	KillAtEstimate bool // a job's estimate is a limit
	Strict         bool // a job that no cluster state can hold is an error
	GrantTruth     bool // a clairvoyant policy may see true durations
	Estimates      Estimates
	EstimateFactor int64 // for EstimateFactor, in millionths

	// Recoveries say what an eviction costs a job (JobSpec.Recovery is an index). Empty: jobs start over, at no other cost.
	Recoveries []state.Recovery

	Quota *quota.Spec // nil: no quota tree

	// Failures are drawn; nil: nodes fail only by Changes and commands.
	Failures *fault.Model `snapshot:"keep"`

	// Markets give and take spot nodes; nil: there are none.
	Markets *market.Model `snapshot:"keep"`

	Changes   []Change
	Initial   []InitialJob `snapshot:"keep"`
	Listeners []state.Listener
	Conveyor  Conveyor // nil: batches are delivered in line. Forks have none.
}

// Estimates says where the estimates that policies see come from.
type Estimates uint8

// The sources of estimates (scenario: estimates.from).
const (
	EstimateTrace    Estimates = iota // the trace's, else the true duration
	EstimateExact                     // the true duration
	EstimateUserMean                  // the mean running time of the user's ended jobs so far; the first sees the trace's
	EstimateFactor                    // the true duration times EstimateFactor
)

// ChangeKind is a timed change of the cluster or its queues.
type ChangeKind uint8

// The changes.
const (
	ChangeAdd      ChangeKind = iota + 1 // a new node, Spec
	ChangeUp                             // the node works again
	ChangeDown                           // it fails: what runs on it is evicted
	ChangeCordon                         // nothing starts on it
	ChangeUncordon                       //
	ChangeDrain                          // nothing starts on it; what runs may end
	ChangeQueue                          // a queue of the quota tree: Queue
)

// Change happens to one node or queue at one instant. Changes are sorted by At; ties keep their order.
type Change struct {
	At   state.Time
	Kind ChangeKind
	Node int32
	Spec cluster.NodeSpec

	Queue *quota.Edit // of ChangeQueue; never changed in place
}

// InitialJob is a job that is there at instant 0. Its Submit may be negative, and its After names other initial jobs by
// their index. A running one has been running since Spec.RecStart, on Parts, or where they are nil on the lowest nodes
// that hold it.
type InitialJob struct {
	Spec    state.JobSpec
	Running bool
	Done    state.Time // work of earlier attempts that is saved
	Evicted uint16     // earlier attempts that ended in an eviction
	Parts   []state.Part
}

func (c *Config) validate() error {
	var errs []error
	if c.Names == nil || c.Source == nil || c.Policy == nil {
		errs = append(errs, errors.New("simulation needs names, a source and a policy"))
	}
	errs = append(errs, checkRecoveries(c.Recoveries))
	if c.Horizon < 0 {
		errs = append(errs, fmt.Errorf("horizon is %d ns (must not be negative)", c.Horizon))
	}
	if len(c.Changes) > 0 && c.Changes[0].At < 0 {
		errs = append(errs, fmt.Errorf("the first change is at %d ns, before the start", c.Changes[0].At))
	}
	for i := 1; i < len(c.Changes); i++ {
		if c.Changes[i].At < c.Changes[i-1].At {
			errs = append(errs, fmt.Errorf("change %d comes before change %d in time", i, i-1))
		}
	}
	if c.Policy != nil && c.Policy.Info().Clairvoyant && !c.GrantTruth {
		errs = append(errs, fmt.Errorf("policy %s uses true durations, which the scenario does not grant (policy.clairvoyant: true)",
			c.Policy.Info().Name))
	}
	return errors.Join(errs...)
}
