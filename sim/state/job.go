package state

// MaxX is the number of x_* columns of a trace that policies and result files see.
const MaxX = 8

// MaxGPUsPerNode bounds the GPUs of one node: a placement is a 64-bit mask.
const MaxGPUsPerNode = 64

// Outcome is how a job ends.
type Outcome uint8

// The outcomes. A recorded failure or cancel happens after the recorded running time, wherever replay puts it.
const (
	Finished Outcome = iota
	Failed
	Cancelled
	Dropped    // it did not fit on arrival and the scenario says onNoFit: drop
	Unfinished // still queued or running when the run stopped
)

var outcomeNames = [...]string{"finished", "failed", "cancelled", "dropped", "unfinished"}

func (o Outcome) String() string { return outcomeNames[o] }

// Condition is what a dependency waits for.
type Condition uint8

// The conditions: AfterOK holds once the earlier job finished; AfterAny once it ended in any way.
const (
	AfterOK Condition = iota
	AfterAny
)

// Dep makes a job wait for an earlier job of the same Source.
type Dep struct {
	Row  uint64 // 0-based ordinal of the earlier job in this Source's output
	When Condition
}

// Role flags.
const (
	// RoleSplit marks a role whose GPUs placement may split over nodes as it likes: Replicas is the number of GPUs,
	// PodGPUs is 1, and CPUMilli and MemMiB are the job's totals, taken in proportion to its GPUs on each node.
	RoleSplit uint8 = 1 << iota
)

// RoleSpec is one role of a job: replicas of one pod shape.
type RoleSpec struct {
	TypeMask uint64 // GPU types it accepts; 0 = any
	CPUMilli int64  // per pod (RoleSplit: in total), thousandths of a CPU
	MemMiB   int64  // per pod (RoleSplit: in total)
	Replicas int32  // pods that start together (its minimum)
	Max      int32  // pods it can use; 0 reads as Replicas (fixed)
	PodGPUs  int32  // devices per pod; 0 = CPU only
	GPUMilli int32  // thousandths of each device: 1000 = whole; below 1000 only with PodGPUs 1 in practice
	Flags    uint8
	Within   uint8 // level of the domain that the whole gang must be in (1 = node, then Names.Levels); 0 = anywhere
	Prefer   uint8 // level of the domain that it should be in, if it can; 0 = none
}

// JobSpec is one job as a Source delivers it. A Source reuses the slices between calls; the engine copies what it keeps.
// Reset gives the defaults that a Source then overwrites.
type JobSpec struct {
	Name      []byte // its name in the trace; need not be unique
	Submit    Time
	Duration  Time // running time at reference speed; Never = runs until stopped
	Estimate  Time // the user's estimate; Unset = none given
	MaxRun    Time // killed after this running time; 0 = no limit
	Patience  Time // leaves the queue after waiting so long; Unset = never
	RecStart  Time // recorded start instant; Unset = none
	Outcome   Outcome
	Once      bool  // a job that loses a node fails; others queue again
	Recovery  uint8 // what an eviction costs it: an index of sim.Config.Recoveries, or RecoveryNone
	User      int32 // ids in Names; None = absent
	Queue     int32
	Partition int32
	Priority  int32 // larger first
	Model     int32 // what it trains: 1 + its id in Names.Models; 0 = not said
	Roles     []RoleSpec
	After     []Dep
	X         [MaxX]int64 // the trace's x_* numbers in millionths
}

// Reset empties the spec for the next job, keeping its slices' storage.
func (j *JobSpec) Reset() {
	j.Name, j.Roles, j.After = j.Name[:0], j.Roles[:0], j.After[:0]
	j.Submit, j.Duration, j.MaxRun = 0, 0, 0
	j.Estimate, j.Patience, j.RecStart = Unset, Unset, Unset
	j.User, j.Queue, j.Partition, j.Model = None, None, None, 0
	j.Outcome, j.Priority, j.Once, j.Recovery = Finished, 0, false, 0
	j.X = [MaxX]int64{}
}

// GPUs is the number of devices the job holds while it runs at its minimum.
func (j *JobSpec) GPUs() int64 {
	var n int64
	for i := range j.Roles {
		n += int64(j.Roles[i].Replicas) * int64(j.Roles[i].PodGPUs)
	}
	return n
}

// Source is a stream of jobs in order of submission; ties keep the stream's order.
type Source interface {
	// Next fills spec (which it resets) and reports whether there was a job. After false or an error it is not called
	// again. An error names the place in the input.
	Next(spec *JobSpec) (bool, error)
	// Clone returns an independent source at the same position whose names are interned in names.
	Clone(names *Names) (Source, error)
}
