// Code generated from the tables of this package by go test ./policies/sched1 -update; DO NOT EDIT.

package sched1

// Offsets in record desc, and its size.
const (
	DescMagic        = 0   // u32
	DescMajor        = 4   // u16
	DescMinor        = 6   // u16
	DescSize         = 8   // u32
	DescFlags        = 12  // u32
	DescCtxSize      = 16  // u32
	DescEventSize    = 20  // u32
	DescDecisionSize = 24  // u32
	DescNTables      = 28  // u32
	DescTablesPtr    = 32  // u32
	DescNamePtr      = 36  // u32
	DescNameLen      = 40  // u32
	DescCtxPtr       = 44  // u32
	DescEventsPtr    = 48  // u32
	DescEventsCap    = 52  // u32
	DescDecisionsPtr = 56  // u32
	DescDecisionsCap = 60  // u32
	DescIdxPtr       = 64  // u32
	DescIdxCap       = 68  // u32
	DescOutPtr       = 72  // u32
	DescOutCap       = 76  // u32
	DescOut2Ptr      = 80  // u32
	DescStrPtr       = 84  // u32
	DescStrCap       = 88  // u32
	DescEveryNS      = 96  // i64
	DescCoalesceNS   = 104 // i64
	DescBytes        = 112
)

// Offsets in record table_entry, and its size.
const (
	TableEntryKind    = 0  // u32
	TableEntryCap     = 4  // u32
	TableEntryWanted  = 8  // u64
	TableEntryColsPtr = 16 // u32
	TableEntryBytes   = 24
)

// Offsets in record ctx, and its size.
const (
	CtxNowNS       = 0  // i64
	CtxCall        = 8  // u64
	CtxSeed        = 16 // u64
	CtxFuel        = 24 // i64
	CtxFlags       = 32 // u32
	CtxMinor       = 36 // u32
	CtxPartition   = 40 // u32
	CtxStrLen      = 44 // u32
	CtxNNodes      = 48 // u32
	CtxNJobs       = 52 // u32
	CtxNRoles      = 56 // u32
	CtxNGPUs       = 60 // u32
	CtxNPods       = 64 // u32
	CtxNQueues     = 68 // u32
	CtxNPools      = 72 // u32
	CtxNTypes      = 76 // u32
	CtxNPartitions = 80 // u32
	CtxPod         = 84 // u32
	CtxWant        = 88 // u32
	CtxGPUsFree    = 92 // u32
	CtxBytes       = 96
)

// Offsets in record event, and its size.
const (
	EventKind  = 0  // u16
	EventFlags = 2  // u16
	EventA     = 4  // u32
	EventB     = 8  // u32
	EventC     = 12 // u32
	EventTNS   = 16 // i64
	EventX     = 24 // u64
	EventBytes = 32
)

// Offsets in record decision, and its size.
const (
	DecisionKind     = 0  // u16
	DecisionFlags    = 2  // u16
	DecisionJob      = 4  // u32
	DecisionJobGen   = 8  // u32
	DecisionNode     = 12 // u32
	DecisionRole     = 16 // u16
	DecisionReplicas = 18 // u16
	DecisionGPUs     = 20 // u32
	DecisionGPUMask  = 24 // u64
	DecisionArg      = 32 // i64
	DecisionGPUMilli = 40 // u32
	DecisionTag      = 44 // u32
	DecisionBytes    = 48
)

// Columns of table nodes.
const (
	NodesFlags         = 0  // u32
	NodesType          = 1  // u32
	NodesFirstGPU      = 2  // u32
	NodesGPUsTotal     = 3  // u32
	NodesGPUsFree      = 4  // u32
	NodesGPUFreeMask   = 5  // u64
	NodesGPUMilliFree  = 6  // u32
	NodesGPUMilliMax   = 7  // u32
	NodesCPUTotalMilli = 8  // u32
	NodesCPUFreeMilli  = 9  // u32
	NodesMemTotalMib   = 10 // u32
	NodesMemFreeMib    = 11 // u32
	NodesPool          = 12 // u32
	NodesPartition     = 13 // u32
	NodesNPods         = 14 // u32
	NodesUpSinceNS     = 15 // i64
)

// Columns of table jobs.
const (
	JobsState          = 0  // u32
	JobsNumber         = 1  // u64
	JobsGen            = 2  // u32
	JobsQueue          = 3  // u32
	JobsUser           = 4  // u32
	JobsPartition      = 5  // u32
	JobsPrio           = 6  // i32
	JobsRoleFirst      = 7  // u32
	JobsNRoles         = 8  // u32
	JobsGPUs           = 9  // u32
	JobsGPUsNow        = 10 // u32
	JobsSubmitNS       = 11 // i64
	JobsStartNS        = 12 // i64
	JobsExpEndNS       = 13 // i64
	JobsSinceNS        = 14 // i64
	JobsWaitedNS       = 15 // i64
	JobsAttainedGPUNS  = 16 // i64
	JobsEstNS          = 17 // i64
	JobsAttempts       = 18 // u32
	JobsEvictions      = 19 // u32
	JobsX0             = 20 // i64
	JobsX1             = 21 // i64
	JobsX2             = 22 // i64
	JobsX3             = 23 // i64
	JobsX4             = 24 // i64
	JobsX5             = 25 // i64
	JobsX6             = 26 // i64
	JobsX7             = 27 // i64
	JobsTrueDurationNS = 28 // i64
)

// Columns of table roles.
const (
	RolesReplicas    = 0 // u32
	RolesPodGPUs     = 1 // u32
	RolesPodGPUMilli = 2 // u32
	RolesPodCPUMilli = 3 // u64
	RolesPodMemMib   = 4 // u64
	RolesTypeMask    = 5 // u64
	RolesFlags       = 6 // u32
)

// Columns of table gpus.
const (
	GPUsNode      = 0 // u32
	GPUsIndex     = 1 // u32
	GPUsMode      = 2 // u32
	GPUsFreeMilli = 3 // u32
)

// Columns of table pools.
const (
	PoolsNodes     = 0 // u32
	PoolsGPUsTotal = 1 // u32
	PoolsGPUsFree  = 2 // u32
)

// Columns of table types.
const (
	TypesGPUsTotal = 0 // u32
	TypesGPUsFree  = 1 // u32
)
