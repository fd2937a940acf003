// Code generated from the tables of policies/sched1 (Orrery); DO NOT EDIT.

//go:build wasip1

// sched1.go: write a scheduling policy in Go.
//
// The file does everything but the policy: it tells the host what the policy wants, finds memory for it and grows it.
// A policy is one more Go file beside it: say its name and the columns it reads, write a hook.
//
//	//go:build wasip1
//
//	package main
//
//	func init() { policy("most-free", 0, NodesGPUsFree) }
//
//	//go:wasmexport sched1_score
//	func score(job, role, n uint32) int32 {
//		for i, free := range nodes.GPUsFree[:n] {
//			scores[i] = int32(free)
//		}
//		return StatusOk
//	}
//
//	func main() {}
//
// What the hooks find: ctx (the call), events, idx (the host's list of slots), nodes, jobs, roles, gpus, pools, types, text. A column that was not
// asked for is nil. Where they answer: scores or keys, validUntil or gpuMasks, decisions. These slices lie elsewhere after a call:
// keep none.
package main

import "unsafe"

// Constants of the ABI.
const (
	Magic            = 0x31484353
	Major            = 1
	Minor            = 0
	NoScore   int32  = -1 << 31 // this node must not be used
	None      uint32 = 1<<32 - 1
	UnsetTime int64  = -1 << 63
)

// Kinds of tables.
const (
	TableNodes = 1 // Nodes by slot; a node keeps its slot.
	TableJobs  = 2 // Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
	TableRoles = 3 // Roles of gangs by slot; shared by jobs that ask for the same.
	TableGPUs  = 4 // Devices by slot: those of a node lie together.
	TablePools = 7 // Pools by slot.
	TableTypes = 9 // GPU types by slot; the slot is the type's bit in a mask.
)

// Flags of a desc.
const (
	DescKeysAll     = 1   // sched1_keys: the host asks for the keys of all waiting jobs at each pass
	DescKeysExpire  = 2   // sched1_keys: out2 holds, for each key, the instant from which the host asks again (i64 ns)
	DescSparse      = 4   // sched1_score: idx[0..n) are the nodes that can hold the pod, out[i] is the score of idx[i]
	DescScoreOnce   = 8   // sched1_score: one call a role; nodes are filled in descending order of score
	DescPicksGPUs   = 16  // sched1_score: out2 holds the devices to take on each node (u64); 0 = the host picks
	DescClairvoyant = 32  // the policy uses true_duration_ns; the scenario must grant it and reports say so
	DescLogs        = 64  // the last lines that the guest logs stand among the notes of the run, not only beside an error
	DescAnyGPUs     = 128 // whole scheduler: it counts GPUs only; a run in which a job asks for CPU, memory, a type, a part of a GPU or GPUs that lie together ends with an error
)

// Flags of a ctx.
const (
	CtxMore = 2 // sched1_decide: more happened than one call is told of (65,536 events); the next call, at this instant, tells of the rest
	CtxPlan = 1 // sched1_score: the nodes are as they are expected to be at a later instant, for a reservation
)

// Kinds of events.
const (
	EvArrive     = 1  // a job may be started from now on; c = GPUs it asks for, x = estimate in ns
	EvFinish     = 2  // a running job ended; c = GPUs it gave back, x = outcome (0 finished, 1 failed, 2 cancelled)
	EvNodeUp     = 3  // a node came or works again; a = node, c = its GPUs
	EvNodeDown   = 4  // a node failed; a = node; what ran on it is told as preempted
	EvTimer      = 6  // an instant that the guest asked for is here
	EvPreempted  = 7  // an attempt ended and the job waits again; c = GPUs it gave back, x = estimate in ns
	EvStarted    = 8  // c = GPUs it holds, x = instant at which it is expected to end
	EvRefused    = 9  // a decision was refused; c = decision kind, x = REFUSED_* in the low 32 bits, tag in the high
	EvResync     = 10 // all earlier state is void: the tables are the truth
	EvCancelled  = 16 // a waiting job left; x = outcome
	EvJobChanged = 17 // a job's priority changed; x = the new one
	EvNode       = 18 // a node was cordoned, drained or opened; a = node
)

// Flags of an event.
const (
	EvfOwn = 1 // caused by the guest's own decision
)

// Kinds of decisions.
const (
	DoStart     = 1  // start the job: with the start_parts since the last start, or with node NONE wherever the host places it
	DoStartPart = 2  // pods of one role of the job on one node; part of the start that follows
	DoPreempt   = 3  // evict a running job
	DoTimer     = 6  // a call at instant arg, which must lie ahead
	DoReject    = 8  // drop a waiting job
	DoBlocked   = 14 // tells, for reports, why waiting jobs that would fit were not started: arg = CAUSE_*, job = who is in front, or NONE
	DoAwait     = 15 // no call of this partition before gpus devices are free, a job arrives whose number is at most arg (-1 = none), or anything happens but arrivals, starts and finishes
)

// Flags of a decision.
const (
	DofMore = 1 // on the last record: apply this, refresh the columns, call again
)

// Flags of a node.
const (
	NodeUp       = 1 // it works
	NodeSpot     = 2 // its market may take it back
	NodeDraining = 4 // nothing starts on it, what runs may end
	NodeCordoned = 8 // nothing starts on it
)

// States of a job.
const (
	JobFree      = 0 // the slot is empty
	JobHeld      = 1 // waits for a dependency
	JobQueued    = 2 // may be started
	JobStarting  = 3
	JobRunning   = 4
	JobStopping  = 5
	JobSuspended = 6
	JobEnded     = 7
)

// Flags of a role.
const (
	RoleSplit = 1 // its GPUs may come from any nodes
)

// Modes of a device.
const (
	GPUWhole  = 0 // free or held as a whole
	GPUShared = 1 // held in thousandths
)

// Why a decision was refused.
const (
	RefusedStale     = 1  // the slot holds another job now, or none
	RefusedState     = 2  // the job is not in a state that allows it
	RefusedParts     = 3  // the parts do not make up the job's gang
	RefusedDevices   = 4  // devices, CPU or memory are not free
	RefusedNode      = 5  // a node does not exist, is closed, of a wrong type or of another partition
	RefusedPartition = 6  // the job belongs to another partition
	RefusedPast      = 7  // a timer that does not lie ahead
	RefusedKind      = 8  // no such decision
	RefusedProtected = 9  // the job's attempt cannot be preempted yet (recovery.protect)
	RefusedQuota     = 10 // the quota of its queue, of one above, or of its user is used up
	RefusedTopology  = 11 // the parts are not within one domain of the level that the job requires
)

// Why jobs that would fit wait.
const (
	CauseReservation = 1 // they would delay a reservation
	CauseOrder       = 2 // a job ahead blocks
	CauseChoice      = 3 // the policy chose so; the default
)

// Kinds of names, for the import name.
const (
	NameJob       = 1
	NameUser      = 2
	NameQueue     = 3
	NameNode      = 4
	NameType      = 5
	NamePartition = 6
)

// What sched1_layout, sched1_init, sched1_keys and sched1_score return.
const (
	StatusOk = 0 // anything else ends the call as an error
)

// Desc: What the guest is and wants. It is static: its address never changes.
type Desc struct {
	Magic        uint32 // 'SCH1' in little-endian
	Major        uint16 // 1
	Minor        uint16 // the minor version the guest was built for
	Size         uint32 // size of this record as the guest knows it
	Flags        uint32 // DESC_*
	CtxSize      uint32 // size of the ctx record as the guest knows it: the host writes no more of it
	EventSize    uint32 // size of an event as the guest knows it
	DecisionSize uint32 // size of a decision as the guest knows it
	NTables      uint32 // entries at tables_ptr
	TablesPtr    uint32 // array of table_entry; static
	NamePtr      uint32 // the policy's name, for reports: UTF-8
	NameLen      uint32 // at most 64
	CtxPtr       uint32 // one ctx record; filled in by sched1_layout
	EventsPtr    uint32 // array of events_cap events
	EventsCap    uint32 // written by the host before sched1_layout
	DecisionsPtr uint32 // array of decisions_cap decisions
	DecisionsCap uint32 // written by the host
	IdxPtr       uint32 // array of idx_cap u32 slots: the host's lists, and victims coming back
	IdxCap       uint32 // written by the host
	OutPtr       uint32 // array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)
	OutCap       uint32 // written by the host
	Out2Ptr      uint32 // as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags
	StrPtr       uint32 // str_cap bytes of text: parameters as JSON at sched1_init
	StrCap       uint32 // written by the host
	Reserved     uint32 // 0
	EveryNS      int64  // whole scheduler: a pass at multiples of this only; 0 = at every change
	CoalesceNS   int64  // whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns
}

// The compiler holds where the fields lie: an index that is not 0 is an error.
var (
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Magic)-0]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Major)-4]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Minor)-6]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Size)-8]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Flags)-12]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.CtxSize)-16]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.EventSize)-20]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.DecisionSize)-24]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.NTables)-28]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.TablesPtr)-32]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.NamePtr)-36]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.NameLen)-40]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.CtxPtr)-44]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.EventsPtr)-48]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.EventsCap)-52]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.DecisionsPtr)-56]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.DecisionsCap)-60]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.IdxPtr)-64]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.IdxCap)-68]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.OutPtr)-72]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.OutCap)-76]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Out2Ptr)-80]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.StrPtr)-84]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.StrCap)-88]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.Reserved)-92]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.EveryNS)-96]
	_ = [1]byte{}[unsafe.Offsetof(Desc{}.CoalesceNS)-104]
	_ = [1]byte{}[unsafe.Sizeof(Desc{})-112]
)

// TableEntry: A table that the guest wants.
type TableEntry struct {
	Kind     uint32 // TABLE_*
	Cap      uint32 // rows there is room for; written by the host before sched1_layout
	Wanted   uint64 // bit i: column i
	ColsPtr  uint32 // array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16
	Reserved uint32 // 0
}

// The compiler holds where the fields lie: an index that is not 0 is an error.
var (
	_ = [1]byte{}[unsafe.Offsetof(TableEntry{}.Kind)-0]
	_ = [1]byte{}[unsafe.Offsetof(TableEntry{}.Cap)-4]
	_ = [1]byte{}[unsafe.Offsetof(TableEntry{}.Wanted)-8]
	_ = [1]byte{}[unsafe.Offsetof(TableEntry{}.ColsPtr)-16]
	_ = [1]byte{}[unsafe.Offsetof(TableEntry{}.Reserved)-20]
	_ = [1]byte{}[unsafe.Sizeof(TableEntry{})-24]
)

// Ctx: What a call is about; the host rewrites it before each.
type Ctx struct {
	NowNS       int64  // simulated time since the scenario's start
	Call        uint64 // calls so far, this one counted
	Seed        uint64 // random seed for this call, from the scenario's seed and the call's number
	Fuel        int64  // fuel that this call may use
	Flags       uint32 // CTX_*
	Minor       uint32 // the host's minor version
	Partition   uint32 // whose pass this is
	StrLen      uint32 // bytes of text at str_ptr
	NNodes      uint32 // slots in use of table nodes; likewise below
	NJobs       uint32
	NRoles      uint32
	NGPUs       uint32
	NPods       uint32
	NQueues     uint32
	NPools      uint32
	NTypes      uint32
	NPartitions uint32 // partitions of the scenario
	Pod         uint32 // sched1_score: index of the pod in its role, or of the share of a role that may be split
	Want        uint32 // sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted
	GPUsFree    uint32 // whole scheduler: wholly free devices of the partition, on nodes where something may start
}

// The compiler holds where the fields lie: an index that is not 0 is an error.
var (
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NowNS)-0]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Call)-8]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Seed)-16]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Fuel)-24]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Flags)-32]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Minor)-36]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Partition)-40]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.StrLen)-44]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NNodes)-48]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NJobs)-52]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NRoles)-56]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NGPUs)-60]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NPods)-64]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NQueues)-68]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NPools)-72]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NTypes)-76]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.NPartitions)-80]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Pod)-84]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.Want)-88]
	_ = [1]byte{}[unsafe.Offsetof(Ctx{}.GPUsFree)-92]
	_ = [1]byte{}[unsafe.Sizeof(Ctx{})-96]
)

// Event: What happened since the last call. Kinds that a guest does not know are to be skipped.
type Event struct {
	Kind  uint16 // EV_*
	Flags uint16 // EVF_*
	A     uint32 // the job's slot, or the node's
	B     uint32 // the job's generation
	C     uint32 // its GPUs
	TNS   int64  // when
	X     uint64 // see the kind
}

// The compiler holds where the fields lie: an index that is not 0 is an error.
var (
	_ = [1]byte{}[unsafe.Offsetof(Event{}.Kind)-0]
	_ = [1]byte{}[unsafe.Offsetof(Event{}.Flags)-2]
	_ = [1]byte{}[unsafe.Offsetof(Event{}.A)-4]
	_ = [1]byte{}[unsafe.Offsetof(Event{}.B)-8]
	_ = [1]byte{}[unsafe.Offsetof(Event{}.C)-12]
	_ = [1]byte{}[unsafe.Offsetof(Event{}.TNS)-16]
	_ = [1]byte{}[unsafe.Offsetof(Event{}.X)-24]
	_ = [1]byte{}[unsafe.Sizeof(Event{})-32]
)

// Decision: One answer of a guest.
type Decision struct {
	Kind     uint16 // DO_*
	Flags    uint16 // DOF_*
	Job      uint32 // slot
	JobGen   uint32 // its generation: a stale one is refused
	Node     uint32 // slot, or NONE: the host places the whole gang, on the lowest nodes that hold it
	Role     uint16 // index of the role in the job
	Replicas uint16 // pods of the role on this node; 0 reads as 1
	GPUs     uint32 // of a role that may be split: GPUs to take on this node; else 0
	GPUMask  uint64 // devices; 0 = the host picks
	Arg      int64  // see the kind
	GPUMilli uint32 // 0
	Tag      uint32 // comes back in a refusal
}

// The compiler holds where the fields lie: an index that is not 0 is an error.
var (
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Kind)-0]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Flags)-2]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Job)-4]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.JobGen)-8]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Node)-12]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Role)-16]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Replicas)-18]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.GPUs)-20]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.GPUMask)-24]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Arg)-32]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.GPUMilli)-40]
	_ = [1]byte{}[unsafe.Offsetof(Decision{}.Tag)-44]
	_ = [1]byte{}[unsafe.Sizeof(Decision{})-48]
)

// Column is a column of a table: what policy() is told.
type Column uint16

// Columns of nodes. Nodes by slot; a node keeps its slot.
const (
	NodesFlags         Column = TableNodes<<8 | 0 // NODE_*
	NodesType          Column = TableNodes<<8 | 1 // GPU type: slot in types, or NONE
	NodesFirstGPU      Column = TableNodes<<8 | 2 // slot of its first device in gpus
	NodesGPUsTotal     Column = TableNodes<<8 | 3
	NodesGPUsFree      Column = TableNodes<<8 | 4 // wholly free devices
	NodesGPUFreeMask   Column = TableNodes<<8 | 5 // bit i: device i is wholly free
	NodesGPUMilliFree  Column = TableNodes<<8 | 6 // free thousandths over all devices
	NodesGPUMilliMax   Column = TableNodes<<8 | 7 // free thousandths of its emptiest device
	NodesCPUTotalMilli Column = TableNodes<<8 | 8 // thousandths of a CPU
	NodesCPUFreeMilli  Column = TableNodes<<8 | 9
	NodesMemTotalMib   Column = TableNodes<<8 | 10
	NodesMemFreeMib    Column = TableNodes<<8 | 11
	NodesPool          Column = TableNodes<<8 | 12
	NodesPartition     Column = TableNodes<<8 | 13
	NodesNPods         Column = TableNodes<<8 | 14 // pods running on it
	NodesUpSinceNS     Column = TableNodes<<8 | 15
)

var nodes struct {
	Flags         []uint32
	Type          []uint32
	FirstGPU      []uint32
	GPUsTotal     []uint32
	GPUsFree      []uint32
	GPUFreeMask   []uint64
	GPUMilliFree  []uint32
	GPUMilliMax   []uint32
	CPUTotalMilli []uint32
	CPUFreeMilli  []uint32
	MemTotalMib   []uint32
	MemFreeMib    []uint32
	Pool          []uint32
	Partition     []uint32
	NPods         []uint32
	UpSinceNS     []int64
}

// Columns of jobs. Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
const (
	JobsState          Column = TableJobs<<8 | 0 // JOB_*
	JobsNumber         Column = TableJobs<<8 | 1 // order of arrival, for ties
	JobsGen            Column = TableJobs<<8 | 2 // generation of the slot
	JobsQueue          Column = TableJobs<<8 | 3 // or NONE
	JobsUser           Column = TableJobs<<8 | 4 // or NONE
	JobsPartition      Column = TableJobs<<8 | 5
	JobsPrio           Column = TableJobs<<8 | 6 // larger first
	JobsRoleFirst      Column = TableJobs<<8 | 7 // slot of its first role in roles; jobs that ask for the same share roles
	JobsNRoles         Column = TableJobs<<8 | 8
	JobsGPUs           Column = TableJobs<<8 | 9  // devices that the whole gang asks for
	JobsGPUsNow        Column = TableJobs<<8 | 10 // devices that it holds while it runs
	JobsSubmitNS       Column = TableJobs<<8 | 11
	JobsStartNS        Column = TableJobs<<8 | 12 // of the present attempt; UNSET_TIME before the first
	JobsExpEndNS       Column = TableJobs<<8 | 13 // running: when the present attempt is expected to end, by the estimate
	JobsSinceNS        Column = TableJobs<<8 | 14 // waiting: when it joined the queue; running: what attained_gpu_ns holds the value at
	JobsWaitedNS       Column = TableJobs<<8 | 15 // queued time until since_ns
	JobsAttainedGPUNS  Column = TableJobs<<8 | 16 // GPU time until since_ns; from then on gpus_now a ns while it runs
	JobsEstNS          Column = TableJobs<<8 | 17 // the estimate of its running time
	JobsAttempts       Column = TableJobs<<8 | 18 // starts so far
	JobsEvictions      Column = TableJobs<<8 | 19
	JobsX0             Column = TableJobs<<8 | 20 // the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below
	JobsX1             Column = TableJobs<<8 | 21
	JobsX2             Column = TableJobs<<8 | 22
	JobsX3             Column = TableJobs<<8 | 23
	JobsX4             Column = TableJobs<<8 | 24
	JobsX5             Column = TableJobs<<8 | 25
	JobsX6             Column = TableJobs<<8 | 26
	JobsX7             Column = TableJobs<<8 | 27
	JobsTrueDurationNS Column = TableJobs<<8 | 28 // recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)
)

var jobs struct {
	State          []uint32
	Number         []uint64
	Gen            []uint32
	Queue          []uint32
	User           []uint32
	Partition      []uint32
	Prio           []int32
	RoleFirst      []uint32
	NRoles         []uint32
	GPUs           []uint32
	GPUsNow        []uint32
	SubmitNS       []int64
	StartNS        []int64
	ExpEndNS       []int64
	SinceNS        []int64
	WaitedNS       []int64
	AttainedGPUNS  []int64
	EstNS          []int64
	Attempts       []uint32
	Evictions      []uint32
	X0             []int64
	X1             []int64
	X2             []int64
	X3             []int64
	X4             []int64
	X5             []int64
	X6             []int64
	X7             []int64
	TrueDurationNS []int64
}

// Columns of roles. Roles of gangs by slot; shared by jobs that ask for the same.
const (
	RolesReplicas    Column = TableRoles<<8 | 0 // pods that start together; of a role that may be split, its GPUs
	RolesPodGPUs     Column = TableRoles<<8 | 1 // devices a pod
	RolesPodGPUMilli Column = TableRoles<<8 | 2 // thousandths of each device: 1000 = whole
	RolesPodCPUMilli Column = TableRoles<<8 | 3 // of a role that may be split: in all
	RolesPodMemMib   Column = TableRoles<<8 | 4 // of a role that may be split: in all
	RolesTypeMask    Column = TableRoles<<8 | 5 // bit i: GPU type i will do; 0 = any
	RolesFlags       Column = TableRoles<<8 | 6 // ROLE_*
)

var roles struct {
	Replicas    []uint32
	PodGPUs     []uint32
	PodGPUMilli []uint32
	PodCPUMilli []uint64
	PodMemMib   []uint64
	TypeMask    []uint64
	Flags       []uint32
}

// Columns of gpus. Devices by slot: those of a node lie together.
const (
	GPUsNode      Column = TableGPUs<<8 | 0
	GPUsIndex     Column = TableGPUs<<8 | 1 // its number on the node
	GPUsMode      Column = TableGPUs<<8 | 2 // GPU_*
	GPUsFreeMilli Column = TableGPUs<<8 | 3 // free thousandths
)

var gpus struct {
	Node      []uint32
	Index     []uint32
	Mode      []uint32
	FreeMilli []uint32
}

// Columns of pools. Pools by slot.
const (
	PoolsNodes     Column = TablePools<<8 | 0 // nodes of it that work
	PoolsGPUsTotal Column = TablePools<<8 | 1 // devices on them
	PoolsGPUsFree  Column = TablePools<<8 | 2 // wholly free ones
)

var pools struct {
	Nodes     []uint32
	GPUsTotal []uint32
	GPUsFree  []uint32
}

// Columns of types. GPU types by slot; the slot is the type's bit in a mask.
const (
	TypesGPUsTotal Column = TableTypes<<8 | 0 // devices on nodes that work
	TypesGPUsFree  Column = TableTypes<<8 | 1 // wholly free ones
)

var types struct {
	GPUsTotal []uint32
	GPUsFree  []uint32
}

// What a call finds and answers.
var (
	ctx        Ctx
	events     []Event
	decisions  []Decision // as many as one call may give
	idx        []uint32
	scores     []int32 // one a node slot, or with DescSparse one a slot of idx
	keys       []int64
	validUntil []int64  // with DescKeysExpire
	gpuMasks   []uint64 // with DescPicksGPUs
	text       []byte   // JSON parameters at sched1_init, in text[:ctx.StrLen]
)

// a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run
//
//go:wasmimport sched1 log
func hostLog(ptr unsafe.Pointer, len uint32)

// a value of the series of this name at this instant, for the run's figures and report. At most 256 names a run, each
// of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts
//
//go:wasmimport sched1 metric
func hostMetric(ptr unsafe.Pointer, len uint32, value int64)

// ends the call as an error with this text
//
//go:wasmimport sched1 fail
func hostFail(ptr unsafe.Pointer, len uint32)

// the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are
//
//go:wasmimport sched1 feasible
func hostFeasible(job uint32, role uint32, out unsafe.Pointer, cap uint32) int32

// where a running job is: up to cap u32 node slots, one a part; returns how many there are
//
//go:wasmimport sched1 placement
func hostPlacement(job uint32, out unsafe.Pointer, cap uint32) int32

// a name as UTF-8, cut at cap; returns its length. kind is NAME_*
//
//go:wasmimport sched1 name
func hostName(kind uint32, slot uint32, out unsafe.Pointer, cap uint32) int32

// a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1 and 0, and
// what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is not given is
// otherwise; one that is no number ends the call
//
//go:wasmimport sched1 param_i64
func hostParamI64(ptr unsafe.Pointer, len uint32, otherwise int64) int64

// fuel that is left
//
//go:wasmimport sched1 fuel
func hostFuel() int64

// logLine hands a line of text to the host.
func logLine(s string) { hostLog(unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))) }

// fail ends the call as an error.
func fail(s string) { hostFail(unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))) }

// paramI64 is a parameter as a number: durations in ns, sizes in bytes, decimals in millionths.
func paramI64(name string, otherwise int64) int64 {
	return hostParamI64(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), otherwise)
}

var (
	desc    Desc
	entries [6]TableEntry
	cols    [6][64]uint32
	had     struct{ events, decisions, idx, out, out2, str uint32 }
	kept    [6][]byte     // what pointers of desc point into
	columns [6][64][]byte // and those of cols
)

// tableOf are the tables in the order of entries: kind, widths of columns, where the slices go.
var tableOf = [...]struct {
	kind   uint32
	widths []uint32
	place  func(cols *[64]uint32, rows uint32)
}{
	{TableNodes, []uint32{4, 4, 4, 4, 4, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8}, func(c *[64]uint32, n uint32) {
		nodes.Flags = list[uint32](c[0], n)
		nodes.Type = list[uint32](c[1], n)
		nodes.FirstGPU = list[uint32](c[2], n)
		nodes.GPUsTotal = list[uint32](c[3], n)
		nodes.GPUsFree = list[uint32](c[4], n)
		nodes.GPUFreeMask = list[uint64](c[5], n)
		nodes.GPUMilliFree = list[uint32](c[6], n)
		nodes.GPUMilliMax = list[uint32](c[7], n)
		nodes.CPUTotalMilli = list[uint32](c[8], n)
		nodes.CPUFreeMilli = list[uint32](c[9], n)
		nodes.MemTotalMib = list[uint32](c[10], n)
		nodes.MemFreeMib = list[uint32](c[11], n)
		nodes.Pool = list[uint32](c[12], n)
		nodes.Partition = list[uint32](c[13], n)
		nodes.NPods = list[uint32](c[14], n)
		nodes.UpSinceNS = list[int64](c[15], n)
	}},
	{TableJobs, []uint32{4, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8}, func(c *[64]uint32, n uint32) {
		jobs.State = list[uint32](c[0], n)
		jobs.Number = list[uint64](c[1], n)
		jobs.Gen = list[uint32](c[2], n)
		jobs.Queue = list[uint32](c[3], n)
		jobs.User = list[uint32](c[4], n)
		jobs.Partition = list[uint32](c[5], n)
		jobs.Prio = list[int32](c[6], n)
		jobs.RoleFirst = list[uint32](c[7], n)
		jobs.NRoles = list[uint32](c[8], n)
		jobs.GPUs = list[uint32](c[9], n)
		jobs.GPUsNow = list[uint32](c[10], n)
		jobs.SubmitNS = list[int64](c[11], n)
		jobs.StartNS = list[int64](c[12], n)
		jobs.ExpEndNS = list[int64](c[13], n)
		jobs.SinceNS = list[int64](c[14], n)
		jobs.WaitedNS = list[int64](c[15], n)
		jobs.AttainedGPUNS = list[int64](c[16], n)
		jobs.EstNS = list[int64](c[17], n)
		jobs.Attempts = list[uint32](c[18], n)
		jobs.Evictions = list[uint32](c[19], n)
		jobs.X0 = list[int64](c[20], n)
		jobs.X1 = list[int64](c[21], n)
		jobs.X2 = list[int64](c[22], n)
		jobs.X3 = list[int64](c[23], n)
		jobs.X4 = list[int64](c[24], n)
		jobs.X5 = list[int64](c[25], n)
		jobs.X6 = list[int64](c[26], n)
		jobs.X7 = list[int64](c[27], n)
		jobs.TrueDurationNS = list[int64](c[28], n)
	}},
	{TableRoles, []uint32{4, 4, 4, 8, 8, 8, 4}, func(c *[64]uint32, n uint32) {
		roles.Replicas = list[uint32](c[0], n)
		roles.PodGPUs = list[uint32](c[1], n)
		roles.PodGPUMilli = list[uint32](c[2], n)
		roles.PodCPUMilli = list[uint64](c[3], n)
		roles.PodMemMib = list[uint64](c[4], n)
		roles.TypeMask = list[uint64](c[5], n)
		roles.Flags = list[uint32](c[6], n)
	}},
	{TableGPUs, []uint32{4, 4, 4, 4}, func(c *[64]uint32, n uint32) {
		gpus.Node = list[uint32](c[0], n)
		gpus.Index = list[uint32](c[1], n)
		gpus.Mode = list[uint32](c[2], n)
		gpus.FreeMilli = list[uint32](c[3], n)
	}},
	{TablePools, []uint32{4, 4, 4}, func(c *[64]uint32, n uint32) {
		pools.Nodes = list[uint32](c[0], n)
		pools.GPUsTotal = list[uint32](c[1], n)
		pools.GPUsFree = list[uint32](c[2], n)
	}},
	{TableTypes, []uint32{4, 4}, func(c *[64]uint32, n uint32) {
		types.GPUsTotal = list[uint32](c[0], n)
		types.GPUsFree = list[uint32](c[1], n)
	}},
}

// policy says what the policy is called and which columns it reads: call it from an init function.
func policy(name string, flags uint32, want ...Column) {
	if len(name) > 64 {
		panic("a policy's name is at most 64 bytes")
	}
	desc = Desc{Magic: Magic, Major: Major, Minor: Minor, Size: uint32(unsafe.Sizeof(desc)), Flags: flags,
		CtxSize: uint32(unsafe.Sizeof(ctx)), EventSize: uint32(unsafe.Sizeof(Event{})), DecisionSize: uint32(unsafe.Sizeof(Decision{})),
		TablesPtr: address(unsafe.Pointer(&entries)), NamePtr: address(unsafe.Pointer(unsafe.StringData(name))), NameLen: uint32(len(name)),
		CtxPtr: address(unsafe.Pointer(&ctx))}
	for t := range tableOf {
		var wanted uint64
		for _, c := range want {
			if uint32(c>>8) == tableOf[t].kind {
				wanted |= 1 << (c & 0xff)
			}
		}
		if wanted != 0 {
			entries[desc.NTables] = TableEntry{Kind: tableOf[t].kind, Wanted: wanted, ColsPtr: address(unsafe.Pointer(&cols[t]))}
			desc.NTables++
		}
	}
}

func address(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

//go:wasmexport sched1_desc
func sched1Desc() int32 { return int32(address(unsafe.Pointer(&desc))) }

// list is n values at an address of this memory; nil where nothing is.
func list[T any](at, n uint32) []T {
	if at == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Add(nil, at)), n)
}

// alloc is zeroed memory, aligned to 16; keep the slice as long as somebody writes there.
func alloc(items, width uint32) (at uint32, keep []byte) {
	keep = make([]byte, uint64(items)*uint64(width)+16)
	return (address(unsafe.Pointer(&keep[0])) + 15) &^ 15, keep
}

// room makes room for as many items of a size as the host asks for.
func room(buffer int, ptr, had *uint32, items, width uint32) {
	if *ptr == 0 || items > *had {
		*had = items
		*ptr, kept[buffer] = alloc(items, width)
	}
}

//go:wasmexport sched1_layout
func sched1Layout() int32 {
	room(0, &desc.EventsPtr, &had.events, desc.EventsCap, desc.EventSize)
	room(1, &desc.DecisionsPtr, &had.decisions, desc.DecisionsCap, desc.DecisionSize)
	room(2, &desc.IdxPtr, &had.idx, desc.IdxCap, 4)
	room(3, &desc.OutPtr, &had.out, desc.OutCap, 8)
	room(4, &desc.StrPtr, &had.str, desc.StrCap, 1)
	if desc.Flags&(DescKeysExpire|DescPicksGPUs) != 0 {
		room(5, &desc.Out2Ptr, &had.out2, desc.OutCap, 8)
	}
	events = list[Event](desc.EventsPtr, desc.EventsCap)
	decisions = list[Decision](desc.DecisionsPtr, desc.DecisionsCap)
	idx = list[uint32](desc.IdxPtr, desc.IdxCap)
	scores = list[int32](desc.OutPtr, desc.OutCap)
	keys = list[int64](desc.OutPtr, desc.OutCap)
	validUntil = list[int64](desc.Out2Ptr, desc.OutCap)
	gpuMasks = list[uint64](desc.Out2Ptr, desc.OutCap)
	text = list[byte](desc.StrPtr, desc.StrCap)
	n := 0
	for t := range tableOf {
		if n == int(desc.NTables) || entries[n].Kind != tableOf[t].kind {
			continue
		}
		for id, width := range tableOf[t].widths {
			if entries[n].Wanted>>id&1 != 0 && uint64(len(columns[t][id])) < uint64(entries[n].Cap)*uint64(width)+16 {
				cols[t][id], columns[t][id] = alloc(entries[n].Cap, width)
			}
		}
		tableOf[t].place(&cols[t], entries[n].Cap)
		n++
	}
	return StatusOk
}
