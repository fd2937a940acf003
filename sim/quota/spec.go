package quota

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// Rules say what a queue's numbers mean.
type Rules uint8

// The rules.
const (
	Volcano Rules = iota // guarantee, deserved and capability of Volcano's capacity plugin
	Kueue                // nominal quota, borrowing and lending limits of Kueue's cohorts
	PAI                  // quotas that are checked from leaf to root, limits a user and a priority range
)

var rulesNames = [...]string{"volcano", "kueue", "pai"}

func (r Rules) String() string { return rulesNames[r] }

// Strategy says which job of a queue is next and what a job that cannot start does to those behind it.
type Strategy uint8

// The strategies.
const (
	ByPolicy       Strategy = iota // the policy's order and backfill
	StrictFIFO                     // by priority, then arrival; the first that cannot start blocks its queue
	BestEffortFIFO                 // the same order; who cannot start is passed
	Balance                        // StrictFIFO whose window widens by one job each time the first has waited for another timeout
	Intelligent                    // high priorities as StrictFIFO, the others as BestEffortFIFO with a priority that grows as they wait
	NumStrategies  = iota
)

var strategyNames = [NumStrategies]string{"", "StrictFIFO", "BestEffortFIFO", "balance", "intelligent"}

func (s Strategy) String() string { return strategyNames[s] }

// State says whether a queue takes jobs and starts them.
type State uint8

// The states.
const (
	Open      State = iota
	Closed          // takes no new jobs; those it has go on
	Hold            // starts nothing; what runs goes on
	Drain           // starts nothing, and what runs is evicted and waits again
	NumStates = iota
)

var stateNames = [NumStates]string{"open", "closed", "hold", "drain"}

func (s State) String() string { return stateNames[s] }

// ResourceKind is what is counted.
type ResourceKind uint8

// The kinds.
const (
	GPU    ResourceKind = iota // of one type, in thousandths
	AnyGPU                     // of all types together, in thousandths
	CPU                        // in thousandths
	Memory                     // in MiB
)

// Resource is one thing that is counted.
type Resource struct {
	Name string
	Kind ResourceKind
	Type int32 // of GPU: id of its type
}

// Unset is an amount that nobody gave; Unlimited one that nothing reaches.
const (
	Unset     = -1
	Unlimited = math.MaxInt64 / 4
)

// Queue is what one queue of the tree is given. Amounts are by resource, Unset where nothing is said; nil = all Unset.
type Queue struct {
	Name   string
	Parent int32 // -1: a root

	Guarantee  []int64 // Volcano: never lent. PAI: what its parent keeps for it
	Deserved   []int64 // Volcano: lent while it is idle, and reclaimed
	Capability []int64 // Volcano and PAI: never exceeded

	Nominal        []int64 // Kueue: its own
	BorrowingLimit []int64 // Kueue: at most so much more than its own
	LendingLimit   []int64 // Kueue: at most so much of its own is lent

	UserLimit []int64 // PAI: of one user in this queue and those below
	Caps      []Cap   // PAI

	Weight      int64 // millionths, for fair shares
	Priority    int32 // larger first, where queues are compared by it
	Strategy    Strategy
	Reclaimable bool // others may reclaim what it holds beyond its deserved (Volcano)
	State       State

	Timeout   state.Time // Balance: after which the window widens
	Threshold int32      // Intelligent: the lowest priority that is strict
	Growth    state.Time // Intelligent: waiting time for which a lower priority grows by one
}

// Cap limits what each user may hold in a queue with jobs of a range of priorities.
type Cap struct {
	From, To int32   // priorities, both included
	Users    []int32 // nil: everybody
	Amount   []int64 // by resource; nil: no limit
	MaxRun   state.Time
}

// matches reports whether a cap is for a user's job of a priority.
func (c *Cap) matches(user, priority int32) bool {
	if priority < c.From || priority > c.To {
		return false
	}
	for _, u := range c.Users {
		if u == user {
			return true
		}
	}
	return c.Users == nil
}

// Between says which queue is next.
type Between uint8

// The ways.
const (
	Merged     Between = iota // one list of all jobs, in the policy's order
	Fair                      // the queue that has the smallest part of what it is due
	DRF                       // the queue with the smallest dominant share of the cluster, by weight
	ByPriority                // the queue of the highest priority, then the smallest part of its due
	NumBetween = iota
)

var betweenNames = [NumBetween]string{"merged", "fair", "drf", "priority"}

func (b Between) String() string { return betweenNames[b] }

// Spec is a quota tree. A queue stands behind its parent's index anywhere in the list.
type Spec struct {
	Rules     Rules
	Between   Between
	Resources []Resource // of GPU types all that the cluster has, or none
	Queues    []Queue
	Default   int32 // queue of jobs that name none, or one that is not in the tree; -1: that is an error
}

// amount is the i-th of amounts that may be missing.
func amount(list []int64, i int) int64 {
	if i >= len(list) {
		return Unset
	}
	return list[i]
}

// given is an amount, or otherwise where it is Unset.
func given(list []int64, i int, otherwise int64) int64 {
	if a := amount(list, i); a != Unset {
		return a
	}
	return otherwise
}
