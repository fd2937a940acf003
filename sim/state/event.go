package state

// EventKind says what happened.
type EventKind uint8

// The kinds of events. The comment gives the fields that carry something beside Time, Kind and, for a job's event,
// Job, Gen and Number. "Parts" are Batch.Parts[Node : Node+B]: see Batch.PartsOf.
const (
	EvNone       EventKind = iota
	EvArrive               // A = GPUs, B = shape; X = estimate; FlagCommand
	EvHold                 // the job waits for a dependency, or for an instant
	EvQueue                // the job may be started from now on; Cause = why it came (0 new, else eviction); X = expected ns of its next attempt where that is not its estimate; Z = Turn, where its submission does not give it
	EvWaited               // Cause, X = ns charged to it; sent when a job leaves the queue; for quota A = level (quota.Level), B = queue whose limit it last was
	EvStart                // parts taken; A = GPUs, X = all queued ns so far, Y = first start, FlagFirst at the first
	EvEnd                  // parts given back; Outcome, Cause = reason, A = GPUs, X = first start or Unset, Y = all queued ns, Z = run ns of the last attempt
	EvEvict                // an attempt ended without the job ending: parts given back; Cause = reason, Outcome = PreemptKind, or of a lost node or a crash 1 + the cause of the failure where it was drawn; A = GPUs, X = run ns, Y = lost work ns, Z = 1 + number of the job that it was for, or 0
	EvRate                 // Z = new rate, 32.32 fixed point; FlagFirst: that of the placement, alone, told at the start when it is not 1
	EvNeverFits            // A = GPUs; the job can never be placed on the present cluster
	EvNodeUp               // Node, A = GPUs, B = pool
	EvNodeDown             // Node; Cause = 1 + the cause of the failure where it was drawn
	EvNodeFlags            // Node, Z = new flags
	EvRefuse               // a decision was refused: Cause = Refusal, A = kind, B = partition, Z = tag
	EvQueueLen             // A = waiting jobs, B = held jobs; X = GPUs asked by waiting jobs; once an instant, when changed
	EvTimer                // an instant that the policy asked for; A = partition
	EvStop                 // the run stopped: at the horizon, by the user, or at the end of the work
	EvShapeTest            // A = partition, B = shape; Cause = the test that a waiting shape with a clock fails from now on (choice = none)
	EvMetric               // a value of the policy's own series: A = name (Names.Metrics), X = value in millionths
	EvStopping             // a running job is being stopped: it does no more work; A = GPUs, X = the instant at which it gives them back; FlagOwn: it is being preempted
	EvPriority             // A = new priority
	EvCost                 // what of the attempt that ends with the next event of the job was no work: A = GPUs; X = overhead ns (restore, checkpoints), Y = ns of running whose work is lost, Z = ns in which it stood still
	EvQueueUse             // the use of a queue of the quota tree changed: A = queue, B = resource; X = used, Y = borrowed, in thousandths or MiB; Z = id of its name
	EvQueueLimit           // what a queue may have and is due: A = queue, B = resource, Node = its parent or -1; X = limit, Y = due, Z = id of its name
	EvQueueSet             // a queue of the quota tree was changed (B = 0), made (1) or removed (2); A = queue, or -1; Z = id of its name
	EvPrice                // what a node of a spot market costs from now on: A = pool, X = millionths an hour
	numEventKinds
)

// NumEventKinds is the number of kinds, for tables indexed by kind.
const NumEventKinds = int(numEventKinds)

// Event flags.
const (
	FlagFirst   uint8 = 1 << iota // EvStart: the job's first start
	FlagOwn                       // caused by the policy's own decision
	FlagCommand                   // EvArrive: a command submitted the job
)

// Event is one fact, of fixed size and without pointers. It carries all that a listener needs beside what submission
// fixed.
type Event struct {
	Time    Time
	Number  uint64
	X, Y    int64
	Z       uint64
	Job     int32
	Node    int32
	A, B    int32
	Gen     uint32
	Kind    EventKind
	Flags   uint8
	Cause   uint8
	Outcome Outcome
}

// Cause is why a job waits. Every waiting second has exactly one: the first of these tests that fails, in this order,
// against the state after the pass's decisions (DESIGN.md rule 10).
type Cause uint8

// The causes of waiting.
const (
	CauseHeld        Cause = iota // dependency, back-off, not before
	CauseNever                    // no cluster state can hold it
	CauseQuota                    // own, ancestor, user or strategy limit
	CausePrice                    // the market's price is over its bid
	CauseCapacity                 // too few free GPUs of its types, or CPU, or memory, in total
	CauseFragmented               // enough in total, but no placement of its pods or gang
	CauseTopology                 // it would fit, but not within the domain it asks for
	CauseReservation              // it would delay a reservation
	CauseOrder                    // a job ahead blocks and the rule does not look past it
	CauseChoice                   // the policy chose not to start it
	NumCauses        = iota
)

var causeNames = [NumCauses]string{"held", "never-placeable", "quota", "price", "capacity", "fragmented", "topology",
	"reservation", "order", "choice"}

func (c Cause) String() string { return causeNames[c] }

// EndReason says more than the outcome (EvEnd.Cause, EvEvict.Cause).
type EndReason uint8

// The reasons.
const (
	ReasonRecorded    EndReason = iota // it ran its recorded time
	ReasonTimeLimit                    // killed at its maximum running time
	ReasonEstimate                     // killed at its estimate (killAtEstimate)
	ReasonGaveUp                       // left the queue after its recorded wait
	ReasonDependency                   // its condition can no longer hold
	ReasonNoFit                        // onNoFit: drop
	ReasonNodeLost                     // its node went down
	ReasonPreempted                    // evicted for another job
	ReasonCommand                      // cancelled by a command
	ReasonHorizon                      // the run stopped first
	ReasonNever                        // no cluster can hold it
	ReasonQueueClosed                  // its queue takes no jobs
	ReasonCrash                        // it failed by itself
	ReasonRestarts                     // it failed more often than it may be restarted
	NumReasons        = iota
)

var reasonNames = [NumReasons]string{"recorded", "time-limit", "estimate-limit", "gave-up", "dependency", "no-fit", "node-lost",
	"preempted", "command", "horizon", "never-placeable", "queue-closed", "crashed", "restart-limit"}

func (r EndReason) String() string { return reasonNames[r] }
