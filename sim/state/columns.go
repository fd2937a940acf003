package state

// Node flags.
const (
	NodeUp       uint32 = 1 << iota // it exists and works; a node that is gone or down has this bit clear
	NodeSpot                        // its market may take it back
	NodeDraining                    // running pods end, none start
	NodeCordoned                    // none start until it is uncordoned
)

// NodeOpen reports whether pods may start on a node with these flags.
func NodeOpen(flags uint32) bool { return flags&(NodeUp|NodeDraining|NodeCordoned) == NodeUp }

// Nodes are the columns of all nodes, indexed by node slot. Policies read them; only package cluster writes them.
type Nodes struct {
	Flags     []uint32
	Type      []uint32 // GPU type id (Names.Types); NoType for a node without GPUs
	Pool      []uint32
	Partition []uint32
	FirstGPU  []uint32 // slot of its first device in GPUs
	GPUsTotal []uint32
	GPUsFree  []uint32 // wholly free devices; counts only while the node works
	FreeMask  []uint64 // bit i: device i is wholly free
	MilliFree []uint32 // free thousandths over all devices, shared ones included
	MilliMax  []uint32 // free thousandths of its emptiest device
	CPUTotal  []uint32 // thousandths of a CPU
	CPUFree   []uint32
	MemTotal  []uint32 // MiB
	MemFree   []uint32
	Pods      []uint32 // pods running on it
	UpSince   []Time
	Name      []string
}

// NoType is the type of a node without GPUs.
const NoType uint32 = 0xffffffff

// Len is the number of node slots.
func (n *Nodes) Len() int { return len(n.Flags) }

// JobState says where a job is in its life.
type JobState uint8

// The states. A job holds GPUs in starting, running and stopping only.
const (
	JobFree      JobState = iota // the slot is empty
	JobHeld                      // waits for a dependency or an instant
	JobQueued                    // may be started
	JobStarting                  // has its GPUs, does no work yet
	JobRunning                   //
	JobStopping                  // grace period: does no work, still holds its GPUs
	JobSuspended                 // has started before, holds nothing, keeps its work
	JobEnded                     // its slot is recycled once listeners and policy have seen the end
)

// Jobs are the live jobs, indexed by job slot. What events touch together lies together, in one row a job: columns of their
// own are what few read. What a job really takes and how it will end are not here: policies must not know.
type Jobs struct {
	Row  []Job
	Name [][NameInline]byte // see NameOf
	X    [MaxX][]int64

	// TrueDuration is the recorded running time. It is nil unless the policy declares itself clairvoyant and the
	// scenario grants it.
	TrueDuration []Time

	recorded []Time // by job slot: see RecStart. Slots behind its end have none

	long []string // by job slot: names that do not fit inline. A column too, so that a batch keeps what it was while the engine goes on
}

// Job is one row of Jobs: 128 bytes, so that it lies in two cache lines. The first group is fixed at submission and may be read by listeners until the job's end has been
// delivered; the second changes.
type Job struct {
	Number    uint64 // order of arrival, from 0: the identity used in ties, logs and digests
	Submit    Time
	Estimate  Time // the estimate policies see, at least 1 ns
	Shape     int32
	User      int32
	Queue     int32
	Partition int32
	Priority  int32 // changes by command (EvPriority)
	GPUs      int32 // devices at its minimum

	Gen        uint32
	State      JobState
	Recovery   uint8 // in View.Recoveries, or RecoveryNone
	Attempts   uint16
	Evictions  uint16
	GPUsNow    int32
	AllocHead  int32 // first entry of its allocation in Allocs, or -1
	FirstStart Time  // Unset before
	Start      Time  // of the present attempt
	ExpEnd     Time  // when policies expect the present attempt to end, by the estimate
	QueuedAt   Time  // when it last entered the queue
	QueuedNS   Time  // all queued time before that
	Attained   int64
	AttainedAt Time // GPU-ns attained until AttainedAt; since then at GPUsNow a ns while running
}

// Shapes are the columns of distinct resource requests, indexed by shape slot. Jobs that ask for the same thing share a
// shape, so whether "a job like this" fits is decided once for all of them.
type Shapes struct {
	Partition []int32
	GPUs      []int32 // devices of the whole gang
	RoleFirst []int32 // first role in Roles
	RoleN     []int32
	Flags     []uint8
	Live      []int32 // live jobs of this shape; 0 = the slot is free
	Waiting   []int32 // those that are queued
	Roles     []RoleSpec
}

// Shape flags.
const (
	// ShapeAnyGPUs: whole GPUs of any type, split as placement likes (or single-GPU pods), no CPU or memory asked:
	// it fits exactly when enough GPUs are free in its partition.
	ShapeAnyGPUs uint8 = 1 << iota
)

// Of returns the roles of a shape.
func (s *Shapes) Of(shape int32) []RoleSpec {
	f := s.RoleFirst[shape]
	return s.Roles[f : f+s.RoleN[shape]]
}

// Part is what one pod (or, for a RoleSplit role, all of the job's GPUs on one node) takes from a node.
type Part struct {
	Mask  uint64 // devices
	CPU   uint32 // thousandths
	Mem   uint32 // MiB
	Node  int32
	Pod   int32  // index in its role; for RoleSplit the index of the part
	Milli uint16 // thousandths of each device in Mask: 1000 = whole
	Role  uint16
	More  int32 // in a Batch: as many nodes after Node give the same, pods counted on from Pod; 0 everywhere else
}

// Allocs holds the allocation lists of jobs: entries linked by Next, so that an allocation can grow and shrink and a
// clone is a copy of two slices.
type Allocs struct {
	Parts []Part
	Next  []int32 // next entry of the same job, or -1; in the free list, the next free entry
	Free  int32   // head of the free list, or -1
}
