package state

// DecisionKind is what a policy asks for.
type DecisionKind uint8

// The kinds.
const (
	DecideStart   DecisionKind = iota + 1 // start a queued job with Parts[PartFirst:PartFirst+PartN]; Arg = ns that this start costs beside its recovery
	DecidePreempt                         // evict a running job, after its grace; Why and For say what for, Arg = ns that its next start costs beside its recovery
	DecideReject                          // drop a queued job
	DecideTimer                           // a pass at Arg (ns)
)

// Refusal is the closed set of reasons for which the engine refuses a decision. A refusal wakes nobody by itself.
type Refusal uint8

// The refusals.
const (
	RefusedStale     Refusal = iota + 1 // the slot holds another job now, or none
	RefusedState                        // the job is not in a state that allows it
	RefusedParts                        // the parts do not make up the job's gang
	RefusedDevices                      // a device, CPU or memory in the parts is not free
	RefusedNode                         // a node does not exist, is closed, of a wrong type or of another partition
	RefusedPartition                    // the job belongs to another partition
	RefusedPast                         // a timer that does not lie ahead
	RefusedKind                         // no such kind of decision
	RefusedProtected                    // the attempt is protected from preemption (Recovery.Protect)
	RefusedQuota                        // the quota of its queue, of one above, or of its user is used up
	RefusedTopology                     // the parts are not within one domain of the level that the job requires
	NumRefusals      = iota + 1
)

var refusalNames = [NumRefusals]string{"", "stale job", "wrong state", "parts are not the job's gang", "resources not free",
	"node not usable", "other partition", "timer not ahead", "unknown decision", "protected", "over quota", "not within the domain it requires"}

func (r Refusal) String() string { return refusalNames[r] }

// Decision is one answer of a policy.
type Decision struct {
	Kind      DecisionKind
	Job       int32
	Gen       uint32
	PartFirst int32
	PartN     int32
	Arg       int64
	Tag       uint32  // comes back in a refusal
	Refuse    Refusal // not 0: the policy itself found that it cannot be taken; it becomes a refusal
	Why       PreemptKind
	For       uint64 // 1 + number of the job that a preemption is for; 0 = nobody's
}

// Decisions is the buffer a policy fills in one pass; the engine owns and reuses it. Parts taken on the capacity index
// are appended to Parts by the index itself, so the buffer is at the same time the log that undoes them.
type Decisions struct {
	List  []Decision
	Parts []Part

	// FitCause is why, after this pass, a queued job that would fit was not started (reservation, order or choice), and
	// Blocker the job ahead of it, or -1. The engine adds every test that comes before (DESIGN.md rule 10).
	FitCause Cause
	Blocker  int32

	// Fits is FitCause for single queues of a quota tree, where it differs from the partition's; CauseQuota takes it back.
	Fits []QueueFit

	// Again asks for another pass of the partition at this instant, after these decisions.
	Again bool

	// Metrics are values for the run's series, by Names.Metrics, in millionths, and Fault, when it is set, ends the run: the
	// policy cannot go on. Its decisions are not applied.
	Metrics []Metric
	Fault   error
}

// QueueFit is why jobs of a queue that would fit are not started, from this pass on until another says otherwise.
type QueueFit struct {
	Queue   int32 // of the quota tree
	Cause   Cause
	Blocker int32 // job slot, or -1
}

// Metric is a value of a policy's own series at the instant of the pass.
type Metric struct {
	Name  int32 // in Names.Metrics
	Value int64 // millionths
}

// Start appends a start of job with the parts from first to the end of the buffer.
func (d *Decisions) Start(job int32, gen uint32, first int) {
	d.List = append(d.List, Decision{})
	n := &d.List[len(d.List)-1]
	n.Kind, n.Job, n.Gen = DecideStart, job, gen
	n.PartFirst, n.PartN = int32(first), int32(len(d.Parts)-first)
}

// Reset empties the buffer for the next pass.
func (d *Decisions) Reset() {
	d.List, d.Parts, d.Metrics, d.Fits, d.Fault = d.List[:0], d.Parts[:0], d.Metrics[:0], d.Fits[:0], nil
	d.Again = false
	d.FitCause, d.Blocker = CauseChoice, -1
}
