// sched1.h: write a scheduling policy in C. Generated from the tables of policies/sched1 (Orrery); do not edit.
//
// The file does everything but the policy: it tells the host what the policy wants, finds memory for it and grows it.
// A policy is one C file: say its name and the columns it reads, include this file, write a hook.
//
//     #define SCHED1_NAME "most-free"
//     #define SCHED1_NODES(want) want(gpus_free)
//     #include "sched1.h"
//
//     int32_t sched1_score(uint32_t job, uint32_t role, uint32_t n) {
//         for (uint32_t i = 0; i < n; i++)
//             scores[i] = (int32_t)nodes.gpus_free[i];
//         return SCHED1_STATUS_OK;
//     }
//
// To be defined before the file is included:
//     SCHED1_NAME                   the policy's name, at most 64 bytes
//     SCHED1_FLAGS                  SCHED1_DESC_* or-ed together; 0 if it is not defined
//     SCHED1_EVERY_NS, SCHED1_COALESCE_NS   see struct sched1_desc; 0 if not defined
//     SCHED1_NODES(want)              the columns of table nodes that it reads: want(a) want(b)
//     SCHED1_JOBS(want)               the columns of table jobs that it reads: want(a) want(b)
//     SCHED1_ROLES(want)              the columns of table roles that it reads: want(a) want(b)
//     SCHED1_GPUS(want)               the columns of table gpus that it reads: want(a) want(b)
//     SCHED1_POOLS(want)              the columns of table pools that it reads: want(a) want(b)
//     SCHED1_TYPES(want)              the columns of table types that it reads: want(a) want(b)
//
// What the hooks find: ctx (the call), events, idx (the host's list of slots), nodes, jobs, roles, gpus, pools, types (the wanted
// columns: arrays by slot; the member "rows" is the room they have), str (text; ctx.str_len bytes).
// Where they answer: scores or keys, valid_until or gpu_masks, decisions.
// Pointers into these may move between calls: keep none. What the policy itself remembers it keeps in static variables and in
// memory of sched1_alloc.
#ifndef SCHED1_H
#define SCHED1_H

#include <stddef.h>
#include <stdint.h>

#define SCHED1_MAGIC 0x31484353u
#define SCHED1_MAJOR 1
#define SCHED1_MINOR 0
#define SCHED1_NO_SCORE INT32_MIN // this node must not be used
#define SCHED1_NONE UINT32_MAX
#define SCHED1_UNSET_TIME INT64_MIN

// Kinds of tables.
enum {
	SCHED1_TABLE_NODES = 1, // Nodes by slot; a node keeps its slot.
	SCHED1_TABLE_JOBS = 2, // Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
	SCHED1_TABLE_ROLES = 3, // Roles of gangs by slot; shared by jobs that ask for the same.
	SCHED1_TABLE_GPUS = 4, // Devices by slot: those of a node lie together.
	SCHED1_TABLE_POOLS = 7, // Pools by slot.
	SCHED1_TABLE_TYPES = 9, // GPU types by slot; the slot is the type's bit in a mask.
};

// Flags of a desc.
enum {
	SCHED1_DESC_KEYS_ALL = 1, // sched1_keys: the host asks for the keys of all waiting jobs at each pass
	SCHED1_DESC_KEYS_EXPIRE = 2, // sched1_keys: out2 holds, for each key, the instant from which the host asks again (i64 ns)
	SCHED1_DESC_SPARSE = 4, // sched1_score: idx[0..n) are the nodes that can hold the pod, out[i] is the score of idx[i]
	SCHED1_DESC_SCORE_ONCE = 8, // sched1_score: one call a role; nodes are filled in descending order of score
	SCHED1_DESC_PICKS_GPUS = 16, // sched1_score: out2 holds the devices to take on each node (u64); 0 = the host picks
	SCHED1_DESC_CLAIRVOYANT = 32, // the policy uses true_duration_ns; the scenario must grant it and reports say so
	SCHED1_DESC_LOGS = 64, // the last lines that the guest logs stand among the notes of the run, not only beside an error
	SCHED1_DESC_ANY_GPUS = 128, // whole scheduler: it counts GPUs only; a run in which a job asks for CPU, memory, a type, a part of a GPU or GPUs that lie together ends with an error
};

// Flags of a ctx.
enum {
	SCHED1_CTX_MORE = 2, // sched1_decide: more happened than one call is told of (65,536 events); the next call, at this instant, tells of the rest
	SCHED1_CTX_PLAN = 1, // sched1_score: the nodes are as they are expected to be at a later instant, for a reservation
};

// Kinds of events.
enum {
	SCHED1_EV_ARRIVE = 1, // a job may be started from now on; c = GPUs it asks for, x = estimate in ns
	SCHED1_EV_FINISH = 2, // a running job ended; c = GPUs it gave back, x = outcome (0 finished, 1 failed, 2 cancelled)
	SCHED1_EV_NODE_UP = 3, // a node came or works again; a = node, c = its GPUs
	SCHED1_EV_NODE_DOWN = 4, // a node failed; a = node; what ran on it is told as preempted
	SCHED1_EV_TIMER = 6, // an instant that the guest asked for is here
	SCHED1_EV_PREEMPTED = 7, // an attempt ended and the job waits again; c = GPUs it gave back, x = estimate in ns
	SCHED1_EV_STARTED = 8, // c = GPUs it holds, x = instant at which it is expected to end
	SCHED1_EV_REFUSED = 9, // a decision was refused; c = decision kind, x = REFUSED_* in the low 32 bits, tag in the high
	SCHED1_EV_RESYNC = 10, // all earlier state is void: the tables are the truth
	SCHED1_EV_CANCELLED = 16, // a waiting job left; x = outcome
	SCHED1_EV_JOB_CHANGED = 17, // a job's priority changed; x = the new one
	SCHED1_EV_NODE = 18, // a node was cordoned, drained or opened; a = node
};

// Flags of an event.
enum {
	SCHED1_EVF_OWN = 1, // caused by the guest's own decision
};

// Kinds of decisions.
enum {
	SCHED1_DO_START = 1, // start the job: with the start_parts since the last start, or with node NONE wherever the host places it
	SCHED1_DO_START_PART = 2, // pods of one role of the job on one node; part of the start that follows
	SCHED1_DO_PREEMPT = 3, // evict a running job
	SCHED1_DO_TIMER = 6, // a call at instant arg, which must lie ahead
	SCHED1_DO_REJECT = 8, // drop a waiting job
	SCHED1_DO_BLOCKED = 14, // tells, for reports, why waiting jobs that would fit were not started: arg = CAUSE_*, job = who is in front, or NONE
	SCHED1_DO_AWAIT = 15, // no call of this partition before gpus devices are free, a job arrives whose number is at most arg (-1 = none), or anything happens but arrivals, starts and finishes
};

// Flags of a decision.
enum {
	SCHED1_DOF_MORE = 1, // on the last record: apply this, refresh the columns, call again
};

// Flags of a node.
enum {
	SCHED1_NODE_UP = 1, // it works
	SCHED1_NODE_SPOT = 2, // its market may take it back
	SCHED1_NODE_DRAINING = 4, // nothing starts on it, what runs may end
	SCHED1_NODE_CORDONED = 8, // nothing starts on it
};

// States of a job.
enum {
	SCHED1_JOB_FREE = 0, // the slot is empty
	SCHED1_JOB_HELD = 1, // waits for a dependency
	SCHED1_JOB_QUEUED = 2, // may be started
	SCHED1_JOB_STARTING = 3,
	SCHED1_JOB_RUNNING = 4,
	SCHED1_JOB_STOPPING = 5,
	SCHED1_JOB_SUSPENDED = 6,
	SCHED1_JOB_ENDED = 7,
};

// Flags of a role.
enum {
	SCHED1_ROLE_SPLIT = 1, // its GPUs may come from any nodes
};

// Modes of a device.
enum {
	SCHED1_GPU_WHOLE = 0, // free or held as a whole
	SCHED1_GPU_SHARED = 1, // held in thousandths
};

// Why a decision was refused.
enum {
	SCHED1_REFUSED_STALE = 1, // the slot holds another job now, or none
	SCHED1_REFUSED_STATE = 2, // the job is not in a state that allows it
	SCHED1_REFUSED_PARTS = 3, // the parts do not make up the job's gang
	SCHED1_REFUSED_DEVICES = 4, // devices, CPU or memory are not free
	SCHED1_REFUSED_NODE = 5, // a node does not exist, is closed, of a wrong type or of another partition
	SCHED1_REFUSED_PARTITION = 6, // the job belongs to another partition
	SCHED1_REFUSED_PAST = 7, // a timer that does not lie ahead
	SCHED1_REFUSED_KIND = 8, // no such decision
	SCHED1_REFUSED_PROTECTED = 9, // the job's attempt cannot be preempted yet (recovery.protect)
	SCHED1_REFUSED_QUOTA = 10, // the quota of its queue, of one above, or of its user is used up
	SCHED1_REFUSED_TOPOLOGY = 11, // the parts are not within one domain of the level that the job requires
};

// Why jobs that would fit wait.
enum {
	SCHED1_CAUSE_RESERVATION = 1, // they would delay a reservation
	SCHED1_CAUSE_ORDER = 2, // a job ahead blocks
	SCHED1_CAUSE_CHOICE = 3, // the policy chose so; the default
};

// Kinds of names, for the import name.
enum {
	SCHED1_NAME_JOB = 1,
	SCHED1_NAME_USER = 2,
	SCHED1_NAME_QUEUE = 3,
	SCHED1_NAME_NODE = 4,
	SCHED1_NAME_TYPE = 5,
	SCHED1_NAME_PARTITION = 6,
};

// What sched1_layout, sched1_init, sched1_keys and sched1_score return.
enum {
	SCHED1_STATUS_OK = 0, // anything else ends the call as an error
};

// What the guest is and wants. It is static: its address never changes.
struct sched1_desc {
	uint32_t magic; // 'SCH1' in little-endian
	uint16_t major; // 1
	uint16_t minor; // the minor version the guest was built for
	uint32_t size; // size of this record as the guest knows it
	uint32_t flags; // DESC_*
	uint32_t ctx_size; // size of the ctx record as the guest knows it: the host writes no more of it
	uint32_t event_size; // size of an event as the guest knows it
	uint32_t decision_size; // size of a decision as the guest knows it
	uint32_t n_tables; // entries at tables_ptr
	uint32_t tables_ptr; // array of table_entry; static
	uint32_t name_ptr; // the policy's name, for reports: UTF-8
	uint32_t name_len; // at most 64
	uint32_t ctx_ptr; // one ctx record; filled in by sched1_layout
	uint32_t events_ptr; // array of events_cap events
	uint32_t events_cap; // written by the host before sched1_layout
	uint32_t decisions_ptr; // array of decisions_cap decisions
	uint32_t decisions_cap; // written by the host
	uint32_t idx_ptr; // array of idx_cap u32 slots: the host's lists, and victims coming back
	uint32_t idx_cap; // written by the host
	uint32_t out_ptr; // array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)
	uint32_t out_cap; // written by the host
	uint32_t out2_ptr; // as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags
	uint32_t str_ptr; // str_cap bytes of text: parameters as JSON at sched1_init
	uint32_t str_cap; // written by the host
	uint32_t reserved; // 0
	int64_t every_ns; // whole scheduler: a pass at multiples of this only; 0 = at every change
	int64_t coalesce_ns; // whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns
};
_Static_assert(offsetof(struct sched1_desc, magic) == 0, "desc.magic");
_Static_assert(offsetof(struct sched1_desc, major) == 4, "desc.major");
_Static_assert(offsetof(struct sched1_desc, minor) == 6, "desc.minor");
_Static_assert(offsetof(struct sched1_desc, size) == 8, "desc.size");
_Static_assert(offsetof(struct sched1_desc, flags) == 12, "desc.flags");
_Static_assert(offsetof(struct sched1_desc, ctx_size) == 16, "desc.ctx_size");
_Static_assert(offsetof(struct sched1_desc, event_size) == 20, "desc.event_size");
_Static_assert(offsetof(struct sched1_desc, decision_size) == 24, "desc.decision_size");
_Static_assert(offsetof(struct sched1_desc, n_tables) == 28, "desc.n_tables");
_Static_assert(offsetof(struct sched1_desc, tables_ptr) == 32, "desc.tables_ptr");
_Static_assert(offsetof(struct sched1_desc, name_ptr) == 36, "desc.name_ptr");
_Static_assert(offsetof(struct sched1_desc, name_len) == 40, "desc.name_len");
_Static_assert(offsetof(struct sched1_desc, ctx_ptr) == 44, "desc.ctx_ptr");
_Static_assert(offsetof(struct sched1_desc, events_ptr) == 48, "desc.events_ptr");
_Static_assert(offsetof(struct sched1_desc, events_cap) == 52, "desc.events_cap");
_Static_assert(offsetof(struct sched1_desc, decisions_ptr) == 56, "desc.decisions_ptr");
_Static_assert(offsetof(struct sched1_desc, decisions_cap) == 60, "desc.decisions_cap");
_Static_assert(offsetof(struct sched1_desc, idx_ptr) == 64, "desc.idx_ptr");
_Static_assert(offsetof(struct sched1_desc, idx_cap) == 68, "desc.idx_cap");
_Static_assert(offsetof(struct sched1_desc, out_ptr) == 72, "desc.out_ptr");
_Static_assert(offsetof(struct sched1_desc, out_cap) == 76, "desc.out_cap");
_Static_assert(offsetof(struct sched1_desc, out2_ptr) == 80, "desc.out2_ptr");
_Static_assert(offsetof(struct sched1_desc, str_ptr) == 84, "desc.str_ptr");
_Static_assert(offsetof(struct sched1_desc, str_cap) == 88, "desc.str_cap");
_Static_assert(offsetof(struct sched1_desc, reserved) == 92, "desc.reserved");
_Static_assert(offsetof(struct sched1_desc, every_ns) == 96, "desc.every_ns");
_Static_assert(offsetof(struct sched1_desc, coalesce_ns) == 104, "desc.coalesce_ns");
_Static_assert(sizeof(struct sched1_desc) == 112, "desc");

// A table that the guest wants.
struct sched1_table_entry {
	uint32_t kind; // TABLE_*
	uint32_t cap; // rows there is room for; written by the host before sched1_layout
	uint64_t wanted; // bit i: column i
	uint32_t cols_ptr; // array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16
	uint32_t reserved; // 0
};
_Static_assert(offsetof(struct sched1_table_entry, kind) == 0, "table_entry.kind");
_Static_assert(offsetof(struct sched1_table_entry, cap) == 4, "table_entry.cap");
_Static_assert(offsetof(struct sched1_table_entry, wanted) == 8, "table_entry.wanted");
_Static_assert(offsetof(struct sched1_table_entry, cols_ptr) == 16, "table_entry.cols_ptr");
_Static_assert(offsetof(struct sched1_table_entry, reserved) == 20, "table_entry.reserved");
_Static_assert(sizeof(struct sched1_table_entry) == 24, "table_entry");

// What a call is about; the host rewrites it before each.
struct sched1_ctx {
	int64_t now_ns; // simulated time since the scenario's start
	uint64_t call; // calls so far, this one counted
	uint64_t seed; // random seed for this call, from the scenario's seed and the call's number
	int64_t fuel; // fuel that this call may use
	uint32_t flags; // CTX_*
	uint32_t minor; // the host's minor version
	uint32_t partition; // whose pass this is
	uint32_t str_len; // bytes of text at str_ptr
	uint32_t n_nodes; // slots in use of table nodes; likewise below
	uint32_t n_jobs;
	uint32_t n_roles;
	uint32_t n_gpus;
	uint32_t n_pods;
	uint32_t n_queues;
	uint32_t n_pools;
	uint32_t n_types;
	uint32_t n_partitions; // partitions of the scenario
	uint32_t pod; // sched1_score: index of the pod in its role, or of the share of a role that may be split
	uint32_t want; // sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted
	uint32_t gpus_free; // whole scheduler: wholly free devices of the partition, on nodes where something may start
};
_Static_assert(offsetof(struct sched1_ctx, now_ns) == 0, "ctx.now_ns");
_Static_assert(offsetof(struct sched1_ctx, call) == 8, "ctx.call");
_Static_assert(offsetof(struct sched1_ctx, seed) == 16, "ctx.seed");
_Static_assert(offsetof(struct sched1_ctx, fuel) == 24, "ctx.fuel");
_Static_assert(offsetof(struct sched1_ctx, flags) == 32, "ctx.flags");
_Static_assert(offsetof(struct sched1_ctx, minor) == 36, "ctx.minor");
_Static_assert(offsetof(struct sched1_ctx, partition) == 40, "ctx.partition");
_Static_assert(offsetof(struct sched1_ctx, str_len) == 44, "ctx.str_len");
_Static_assert(offsetof(struct sched1_ctx, n_nodes) == 48, "ctx.n_nodes");
_Static_assert(offsetof(struct sched1_ctx, n_jobs) == 52, "ctx.n_jobs");
_Static_assert(offsetof(struct sched1_ctx, n_roles) == 56, "ctx.n_roles");
_Static_assert(offsetof(struct sched1_ctx, n_gpus) == 60, "ctx.n_gpus");
_Static_assert(offsetof(struct sched1_ctx, n_pods) == 64, "ctx.n_pods");
_Static_assert(offsetof(struct sched1_ctx, n_queues) == 68, "ctx.n_queues");
_Static_assert(offsetof(struct sched1_ctx, n_pools) == 72, "ctx.n_pools");
_Static_assert(offsetof(struct sched1_ctx, n_types) == 76, "ctx.n_types");
_Static_assert(offsetof(struct sched1_ctx, n_partitions) == 80, "ctx.n_partitions");
_Static_assert(offsetof(struct sched1_ctx, pod) == 84, "ctx.pod");
_Static_assert(offsetof(struct sched1_ctx, want) == 88, "ctx.want");
_Static_assert(offsetof(struct sched1_ctx, gpus_free) == 92, "ctx.gpus_free");
_Static_assert(sizeof(struct sched1_ctx) == 96, "ctx");

// What happened since the last call. Kinds that a guest does not know are to be skipped.
struct sched1_event {
	uint16_t kind; // EV_*
	uint16_t flags; // EVF_*
	uint32_t a; // the job's slot, or the node's
	uint32_t b; // the job's generation
	uint32_t c; // its GPUs
	int64_t t_ns; // when
	uint64_t x; // see the kind
};
_Static_assert(offsetof(struct sched1_event, kind) == 0, "event.kind");
_Static_assert(offsetof(struct sched1_event, flags) == 2, "event.flags");
_Static_assert(offsetof(struct sched1_event, a) == 4, "event.a");
_Static_assert(offsetof(struct sched1_event, b) == 8, "event.b");
_Static_assert(offsetof(struct sched1_event, c) == 12, "event.c");
_Static_assert(offsetof(struct sched1_event, t_ns) == 16, "event.t_ns");
_Static_assert(offsetof(struct sched1_event, x) == 24, "event.x");
_Static_assert(sizeof(struct sched1_event) == 32, "event");

// One answer of a guest.
struct sched1_decision {
	uint16_t kind; // DO_*
	uint16_t flags; // DOF_*
	uint32_t job; // slot
	uint32_t job_gen; // its generation: a stale one is refused
	uint32_t node; // slot, or NONE: the host places the whole gang, on the lowest nodes that hold it
	uint16_t role; // index of the role in the job
	uint16_t replicas; // pods of the role on this node; 0 reads as 1
	uint32_t gpus; // of a role that may be split: GPUs to take on this node; else 0
	uint64_t gpu_mask; // devices; 0 = the host picks
	int64_t arg; // see the kind
	uint32_t gpu_milli; // 0
	uint32_t tag; // comes back in a refusal
};
_Static_assert(offsetof(struct sched1_decision, kind) == 0, "decision.kind");
_Static_assert(offsetof(struct sched1_decision, flags) == 2, "decision.flags");
_Static_assert(offsetof(struct sched1_decision, job) == 4, "decision.job");
_Static_assert(offsetof(struct sched1_decision, job_gen) == 8, "decision.job_gen");
_Static_assert(offsetof(struct sched1_decision, node) == 12, "decision.node");
_Static_assert(offsetof(struct sched1_decision, role) == 16, "decision.role");
_Static_assert(offsetof(struct sched1_decision, replicas) == 18, "decision.replicas");
_Static_assert(offsetof(struct sched1_decision, gpus) == 20, "decision.gpus");
_Static_assert(offsetof(struct sched1_decision, gpu_mask) == 24, "decision.gpu_mask");
_Static_assert(offsetof(struct sched1_decision, arg) == 32, "decision.arg");
_Static_assert(offsetof(struct sched1_decision, gpu_milli) == 40, "decision.gpu_milli");
_Static_assert(offsetof(struct sched1_decision, tag) == 44, "decision.tag");
_Static_assert(sizeof(struct sched1_decision) == 48, "decision");

// Nodes by slot; a node keeps its slot.
enum { // ids of columns
	sched1_id_nodes_flags = 0, // NODE_*
	sched1_id_nodes_type = 1, // GPU type: slot in types, or NONE
	sched1_id_nodes_first_gpu = 2, // slot of its first device in gpus
	sched1_id_nodes_gpus_total = 3,
	sched1_id_nodes_gpus_free = 4, // wholly free devices
	sched1_id_nodes_gpu_free_mask = 5, // bit i: device i is wholly free
	sched1_id_nodes_gpu_milli_free = 6, // free thousandths over all devices
	sched1_id_nodes_gpu_milli_max = 7, // free thousandths of its emptiest device
	sched1_id_nodes_cpu_total_milli = 8, // thousandths of a CPU
	sched1_id_nodes_cpu_free_milli = 9,
	sched1_id_nodes_mem_total_mib = 10,
	sched1_id_nodes_mem_free_mib = 11,
	sched1_id_nodes_pool = 12,
	sched1_id_nodes_partition = 13,
	sched1_id_nodes_n_pods = 14, // pods running on it
	sched1_id_nodes_up_since_ns = 15,
};
typedef uint32_t sched1_nodes_flags;
typedef uint32_t sched1_nodes_type;
typedef uint32_t sched1_nodes_first_gpu;
typedef uint32_t sched1_nodes_gpus_total;
typedef uint32_t sched1_nodes_gpus_free;
typedef uint64_t sched1_nodes_gpu_free_mask;
typedef uint32_t sched1_nodes_gpu_milli_free;
typedef uint32_t sched1_nodes_gpu_milli_max;
typedef uint32_t sched1_nodes_cpu_total_milli;
typedef uint32_t sched1_nodes_cpu_free_milli;
typedef uint32_t sched1_nodes_mem_total_mib;
typedef uint32_t sched1_nodes_mem_free_mib;
typedef uint32_t sched1_nodes_pool;
typedef uint32_t sched1_nodes_partition;
typedef uint32_t sched1_nodes_n_pods;
typedef int64_t sched1_nodes_up_since_ns;

// Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
enum { // ids of columns
	sched1_id_jobs_state = 0, // JOB_*
	sched1_id_jobs_number = 1, // order of arrival, for ties
	sched1_id_jobs_gen = 2, // generation of the slot
	sched1_id_jobs_queue = 3, // or NONE
	sched1_id_jobs_user = 4, // or NONE
	sched1_id_jobs_partition = 5,
	sched1_id_jobs_prio = 6, // larger first
	sched1_id_jobs_role_first = 7, // slot of its first role in roles; jobs that ask for the same share roles
	sched1_id_jobs_n_roles = 8,
	sched1_id_jobs_gpus = 9, // devices that the whole gang asks for
	sched1_id_jobs_gpus_now = 10, // devices that it holds while it runs
	sched1_id_jobs_submit_ns = 11,
	sched1_id_jobs_start_ns = 12, // of the present attempt; UNSET_TIME before the first
	sched1_id_jobs_exp_end_ns = 13, // running: when the present attempt is expected to end, by the estimate
	sched1_id_jobs_since_ns = 14, // waiting: when it joined the queue; running: what attained_gpu_ns holds the value at
	sched1_id_jobs_waited_ns = 15, // queued time until since_ns
	sched1_id_jobs_attained_gpu_ns = 16, // GPU time until since_ns; from then on gpus_now a ns while it runs
	sched1_id_jobs_est_ns = 17, // the estimate of its running time
	sched1_id_jobs_attempts = 18, // starts so far
	sched1_id_jobs_evictions = 19,
	sched1_id_jobs_x0 = 20, // the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below
	sched1_id_jobs_x1 = 21,
	sched1_id_jobs_x2 = 22,
	sched1_id_jobs_x3 = 23,
	sched1_id_jobs_x4 = 24,
	sched1_id_jobs_x5 = 25,
	sched1_id_jobs_x6 = 26,
	sched1_id_jobs_x7 = 27,
	sched1_id_jobs_true_duration_ns = 28, // recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)
};
typedef uint32_t sched1_jobs_state;
typedef uint64_t sched1_jobs_number;
typedef uint32_t sched1_jobs_gen;
typedef uint32_t sched1_jobs_queue;
typedef uint32_t sched1_jobs_user;
typedef uint32_t sched1_jobs_partition;
typedef int32_t sched1_jobs_prio;
typedef uint32_t sched1_jobs_role_first;
typedef uint32_t sched1_jobs_n_roles;
typedef uint32_t sched1_jobs_gpus;
typedef uint32_t sched1_jobs_gpus_now;
typedef int64_t sched1_jobs_submit_ns;
typedef int64_t sched1_jobs_start_ns;
typedef int64_t sched1_jobs_exp_end_ns;
typedef int64_t sched1_jobs_since_ns;
typedef int64_t sched1_jobs_waited_ns;
typedef int64_t sched1_jobs_attained_gpu_ns;
typedef int64_t sched1_jobs_est_ns;
typedef uint32_t sched1_jobs_attempts;
typedef uint32_t sched1_jobs_evictions;
typedef int64_t sched1_jobs_x0;
typedef int64_t sched1_jobs_x1;
typedef int64_t sched1_jobs_x2;
typedef int64_t sched1_jobs_x3;
typedef int64_t sched1_jobs_x4;
typedef int64_t sched1_jobs_x5;
typedef int64_t sched1_jobs_x6;
typedef int64_t sched1_jobs_x7;
typedef int64_t sched1_jobs_true_duration_ns;

// Roles of gangs by slot; shared by jobs that ask for the same.
enum { // ids of columns
	sched1_id_roles_replicas = 0, // pods that start together; of a role that may be split, its GPUs
	sched1_id_roles_pod_gpus = 1, // devices a pod
	sched1_id_roles_pod_gpu_milli = 2, // thousandths of each device: 1000 = whole
	sched1_id_roles_pod_cpu_milli = 3, // of a role that may be split: in all
	sched1_id_roles_pod_mem_mib = 4, // of a role that may be split: in all
	sched1_id_roles_type_mask = 5, // bit i: GPU type i will do; 0 = any
	sched1_id_roles_flags = 6, // ROLE_*
};
typedef uint32_t sched1_roles_replicas;
typedef uint32_t sched1_roles_pod_gpus;
typedef uint32_t sched1_roles_pod_gpu_milli;
typedef uint64_t sched1_roles_pod_cpu_milli;
typedef uint64_t sched1_roles_pod_mem_mib;
typedef uint64_t sched1_roles_type_mask;
typedef uint32_t sched1_roles_flags;

// Devices by slot: those of a node lie together.
enum { // ids of columns
	sched1_id_gpus_node = 0,
	sched1_id_gpus_index = 1, // its number on the node
	sched1_id_gpus_mode = 2, // GPU_*
	sched1_id_gpus_free_milli = 3, // free thousandths
};
typedef uint32_t sched1_gpus_node;
typedef uint32_t sched1_gpus_index;
typedef uint32_t sched1_gpus_mode;
typedef uint32_t sched1_gpus_free_milli;

// Pools by slot.
enum { // ids of columns
	sched1_id_pools_nodes = 0, // nodes of it that work
	sched1_id_pools_gpus_total = 1, // devices on them
	sched1_id_pools_gpus_free = 2, // wholly free ones
};
typedef uint32_t sched1_pools_nodes;
typedef uint32_t sched1_pools_gpus_total;
typedef uint32_t sched1_pools_gpus_free;

// GPU types by slot; the slot is the type's bit in a mask.
enum { // ids of columns
	sched1_id_types_gpus_total = 0, // devices on nodes that work
	sched1_id_types_gpus_free = 1, // wholly free ones
};
typedef uint32_t sched1_types_gpus_total;
typedef uint32_t sched1_types_gpus_free;

// Hooks: write those that the policy has.
//
// the address of the static desc
__attribute__((export_name("sched1_desc"))) int32_t sched1_desc(void);
//
// the host has written the caps: fill in the pointers. Called again with larger caps to grow: the old places are
// void, every column is written anew, the guest's own state stays
__attribute__((export_name("sched1_layout"))) int32_t sched1_layout(void);
//
// parameters (JSON at str) and nodes are there; other than 0 is an error
__attribute__((export_name("sched1_init"))) int32_t sched1_init(void);
//
// n events happened; for order and placement parts that keep state. Returns 0
__attribute__((export_name("sched1_events"))) int32_t sched1_events(uint32_t n);
//
// whole scheduler: n events happened, a pass of ctx.partition; returns the number of decisions
__attribute__((export_name("sched1_decide"))) int32_t sched1_decide(uint32_t n);
//
// order: idx[0..n) are jobs; write an i64 key for each to out. The smallest key is first, ties go to the earlier job
__attribute__((export_name("sched1_keys"))) int32_t sched1_keys(uint32_t n);
//
// placement: write an i32 score for every node slot 0..n to out. The highest of the nodes that can hold the pod wins,
// ties go to the lowest slot; INT32_MIN = not this node. The host masks what cannot hold the pod
__attribute__((export_name("sched1_score"))) int32_t sched1_score(uint32_t job, uint32_t role, uint32_t n);
//
// preemption: job does not fit, idx[0..n) are the running jobs of its partition that may be preempted, in order of
// submission; write those who may yield back to idx, in the order in which they are to be tried, and return how many
// they are. The host evicts no more than are needed
__attribute__((export_name("sched1_preempt"))) int32_t sched1_preempt(uint32_t job, uint32_t n);

// What the policy may ask the host. Each costs fuel: 200 and more for what it moves.
//
// a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run
__attribute__((import_module("sched1"), import_name("log"))) void sched1_log(const char *ptr, uint32_t len);
//
// a value of the series of this name at this instant, for the run's figures and report. At most 256 names a run, each
// of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts
__attribute__((import_module("sched1"), import_name("metric"))) void sched1_metric(const char *ptr, uint32_t len, int64_t value);
//
// ends the call as an error with this text
__attribute__((import_module("sched1"), import_name("fail"))) void sched1_fail(const char *ptr, uint32_t len);
//
// the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are
__attribute__((import_module("sched1"), import_name("feasible"))) int32_t sched1_feasible(uint32_t job, uint32_t role, void *out, uint32_t cap);
//
// where a running job is: up to cap u32 node slots, one a part; returns how many there are
__attribute__((import_module("sched1"), import_name("placement"))) int32_t sched1_placement(uint32_t job, void *out, uint32_t cap);
//
// a name as UTF-8, cut at cap; returns its length. kind is NAME_*
__attribute__((import_module("sched1"), import_name("name"))) int32_t sched1_name(uint32_t kind, uint32_t slot, void *out, uint32_t cap);
//
// a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1 and 0, and
// what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is not given is
// otherwise; one that is no number ends the call
__attribute__((import_module("sched1"), import_name("param_i64"))) int64_t sched1_param_i64(const char *ptr, uint32_t len, int64_t otherwise);
//
// fuel that is left
__attribute__((import_module("sched1"), import_name("fuel"))) int64_t sched1_fuel(void);

#ifndef SCHED1_NAME
#error "define SCHED1_NAME before sched1.h is included"
#endif
#ifndef SCHED1_FLAGS
#define SCHED1_FLAGS 0
#endif
#ifndef SCHED1_EVERY_NS
#define SCHED1_EVERY_NS 0
#endif
#ifndef SCHED1_COALESCE_NS
#define SCHED1_COALESCE_NS 0
#endif

#ifndef SCHED1_NODES
#define SCHED1_NODES(want)
#endif
#define SCHED1_MEMBER_NODES(column) const sched1_nodes_##column *column;
#define SCHED1_BIT_NODES(column) | UINT64_C(1) << sched1_id_nodes_##column
#define SCHED1_PLACE_NODES(column) \
	nodes.column = sched1_place(sched1_cols_nodes, sched1_id_nodes_##column, entry->cap, sizeof *nodes.column); \
	if (!nodes.column) return 1;
static struct {
	uint32_t rows;
	SCHED1_NODES(SCHED1_MEMBER_NODES)
} nodes;
static uint32_t sched1_cols_nodes[64];

#ifndef SCHED1_JOBS
#define SCHED1_JOBS(want)
#endif
#define SCHED1_MEMBER_JOBS(column) const sched1_jobs_##column *column;
#define SCHED1_BIT_JOBS(column) | UINT64_C(1) << sched1_id_jobs_##column
#define SCHED1_PLACE_JOBS(column) \
	jobs.column = sched1_place(sched1_cols_jobs, sched1_id_jobs_##column, entry->cap, sizeof *jobs.column); \
	if (!jobs.column) return 1;
static struct {
	uint32_t rows;
	SCHED1_JOBS(SCHED1_MEMBER_JOBS)
} jobs;
static uint32_t sched1_cols_jobs[64];

#ifndef SCHED1_ROLES
#define SCHED1_ROLES(want)
#endif
#define SCHED1_MEMBER_ROLES(column) const sched1_roles_##column *column;
#define SCHED1_BIT_ROLES(column) | UINT64_C(1) << sched1_id_roles_##column
#define SCHED1_PLACE_ROLES(column) \
	roles.column = sched1_place(sched1_cols_roles, sched1_id_roles_##column, entry->cap, sizeof *roles.column); \
	if (!roles.column) return 1;
static struct {
	uint32_t rows;
	SCHED1_ROLES(SCHED1_MEMBER_ROLES)
} roles;
static uint32_t sched1_cols_roles[64];

#ifndef SCHED1_GPUS
#define SCHED1_GPUS(want)
#endif
#define SCHED1_MEMBER_GPUS(column) const sched1_gpus_##column *column;
#define SCHED1_BIT_GPUS(column) | UINT64_C(1) << sched1_id_gpus_##column
#define SCHED1_PLACE_GPUS(column) \
	gpus.column = sched1_place(sched1_cols_gpus, sched1_id_gpus_##column, entry->cap, sizeof *gpus.column); \
	if (!gpus.column) return 1;
static struct {
	uint32_t rows;
	SCHED1_GPUS(SCHED1_MEMBER_GPUS)
} gpus;
static uint32_t sched1_cols_gpus[64];

#ifndef SCHED1_POOLS
#define SCHED1_POOLS(want)
#endif
#define SCHED1_MEMBER_POOLS(column) const sched1_pools_##column *column;
#define SCHED1_BIT_POOLS(column) | UINT64_C(1) << sched1_id_pools_##column
#define SCHED1_PLACE_POOLS(column) \
	pools.column = sched1_place(sched1_cols_pools, sched1_id_pools_##column, entry->cap, sizeof *pools.column); \
	if (!pools.column) return 1;
static struct {
	uint32_t rows;
	SCHED1_POOLS(SCHED1_MEMBER_POOLS)
} pools;
static uint32_t sched1_cols_pools[64];

#ifndef SCHED1_TYPES
#define SCHED1_TYPES(want)
#endif
#define SCHED1_MEMBER_TYPES(column) const sched1_types_##column *column;
#define SCHED1_BIT_TYPES(column) | UINT64_C(1) << sched1_id_types_##column
#define SCHED1_PLACE_TYPES(column) \
	types.column = sched1_place(sched1_cols_types, sched1_id_types_##column, entry->cap, sizeof *types.column); \
	if (!types.column) return 1;
static struct {
	uint32_t rows;
	SCHED1_TYPES(SCHED1_MEMBER_TYPES)
} types;
static uint32_t sched1_cols_types[64];

static struct sched1_ctx ctx;
static const struct sched1_event *events;
static struct sched1_decision *decisions;
static uint32_t decisions_cap;
static const uint32_t *idx;
static uint32_t *victims;        // sched1_preempt: where the answer goes, in place of idx
static int32_t *restrict scores; // sched1_score: one a node slot, or with SCHED1_DESC_SPARSE one a slot of idx
static int64_t *restrict keys;   // sched1_keys: one a slot of idx
static int64_t *restrict valid_until; // with SCHED1_DESC_KEYS_EXPIRE
static uint64_t *restrict gpu_masks;  // with SCHED1_DESC_PICKS_GPUS
static const char *str;

// sched1_alloc is zeroed memory, aligned to 16, that stays for good. NULL: the limit is reached.
__attribute__((noinline)) static void *sched1_alloc(uint64_t bytes) {
	static uint64_t at, end;
	bytes = (bytes + 15) & ~UINT64_C(15);
	if (bytes == 0)
		bytes = 16;
	uint64_t size = (uint64_t)__builtin_wasm_memory_size(0) << 16;
	if (size != end && bytes > end - at) // somebody else has grown memory: go on behind
		at = end = size;
	if (bytes > end - at) {
		uint64_t pages = (bytes - (end - at) + 65535) >> 16;
		if (pages > 65535 || __builtin_wasm_memory_grow(0, (size_t)pages) == (size_t)-1)
			return NULL;
		end += pages << 16;
	}
	void *p = (void *)(size_t)at;
	at += bytes;
	return p;
}

static inline void *sched1_place(uint32_t *cols, uint32_t id, uint32_t rows, uint32_t size) {
	void *p = sched1_alloc((uint64_t)rows * size);
	cols[id] = (uint32_t)(size_t)p;
	return p;
}

static const char sched1_policy_name[] = SCHED1_NAME;
_Static_assert(sizeof sched1_policy_name <= 65, "SCHED1_NAME is longer than 64 bytes");
static struct sched1_table_entry sched1_tables[6];
static struct sched1_desc sched1_the_desc;

int32_t sched1_desc(void) {
	uint32_t n = 0;
	if (0 SCHED1_NODES(SCHED1_BIT_NODES))
		sched1_tables[n++] = (struct sched1_table_entry){.kind = SCHED1_TABLE_NODES, .wanted = 0 SCHED1_NODES(SCHED1_BIT_NODES),
			.cols_ptr = (uint32_t)(size_t)sched1_cols_nodes};
	if (0 SCHED1_JOBS(SCHED1_BIT_JOBS))
		sched1_tables[n++] = (struct sched1_table_entry){.kind = SCHED1_TABLE_JOBS, .wanted = 0 SCHED1_JOBS(SCHED1_BIT_JOBS),
			.cols_ptr = (uint32_t)(size_t)sched1_cols_jobs};
	if (0 SCHED1_ROLES(SCHED1_BIT_ROLES))
		sched1_tables[n++] = (struct sched1_table_entry){.kind = SCHED1_TABLE_ROLES, .wanted = 0 SCHED1_ROLES(SCHED1_BIT_ROLES),
			.cols_ptr = (uint32_t)(size_t)sched1_cols_roles};
	if (0 SCHED1_GPUS(SCHED1_BIT_GPUS))
		sched1_tables[n++] = (struct sched1_table_entry){.kind = SCHED1_TABLE_GPUS, .wanted = 0 SCHED1_GPUS(SCHED1_BIT_GPUS),
			.cols_ptr = (uint32_t)(size_t)sched1_cols_gpus};
	if (0 SCHED1_POOLS(SCHED1_BIT_POOLS))
		sched1_tables[n++] = (struct sched1_table_entry){.kind = SCHED1_TABLE_POOLS, .wanted = 0 SCHED1_POOLS(SCHED1_BIT_POOLS),
			.cols_ptr = (uint32_t)(size_t)sched1_cols_pools};
	if (0 SCHED1_TYPES(SCHED1_BIT_TYPES))
		sched1_tables[n++] = (struct sched1_table_entry){.kind = SCHED1_TABLE_TYPES, .wanted = 0 SCHED1_TYPES(SCHED1_BIT_TYPES),
			.cols_ptr = (uint32_t)(size_t)sched1_cols_types};
	sched1_the_desc = (struct sched1_desc){.magic = SCHED1_MAGIC, .major = SCHED1_MAJOR, .minor = SCHED1_MINOR, .size = sizeof(struct sched1_desc),
		.flags = (SCHED1_FLAGS), .ctx_size = sizeof(struct sched1_ctx), .event_size = sizeof(struct sched1_event),
		.decision_size = sizeof(struct sched1_decision), .n_tables = n, .tables_ptr = (uint32_t)(size_t)sched1_tables,
		.name_ptr = (uint32_t)(size_t)sched1_policy_name, .name_len = sizeof sched1_policy_name - 1,
		.every_ns = (SCHED1_EVERY_NS), .coalesce_ns = (SCHED1_COALESCE_NS)};
	return (int32_t)(size_t)&sched1_the_desc;
}

// sched1_room makes room for cap items of a size where there was room for fewer.
static inline int sched1_room(uint32_t *ptr, uint32_t *had, uint32_t cap, uint32_t size) {
	if (*ptr && cap <= *had)
		return 1;
	*had = cap;
	return (*ptr = (uint32_t)(size_t)sched1_alloc((uint64_t)cap * size)) != 0;
}

int32_t sched1_layout(void) {
	static uint32_t had_events, had_decisions, had_idx, had_out, had_out2, had_str;
	struct sched1_desc *d = &sched1_the_desc;
	d->ctx_ptr = (uint32_t)(size_t)&ctx;
	if (!sched1_room(&d->events_ptr, &had_events, d->events_cap, sizeof(struct sched1_event)) ||
		!sched1_room(&d->decisions_ptr, &had_decisions, d->decisions_cap, sizeof(struct sched1_decision)) ||
		!sched1_room(&d->idx_ptr, &had_idx, d->idx_cap, 4) || !sched1_room(&d->out_ptr, &had_out, d->out_cap, 8) ||
		!sched1_room(&d->str_ptr, &had_str, d->str_cap, 1))
		return 1;
	if ((SCHED1_FLAGS) & (SCHED1_DESC_KEYS_EXPIRE | SCHED1_DESC_PICKS_GPUS) && !sched1_room(&d->out2_ptr, &had_out2, d->out_cap, 8))
		return 1;
	events = (const struct sched1_event *)(size_t)d->events_ptr;
	decisions = (struct sched1_decision *)(size_t)d->decisions_ptr;
	decisions_cap = d->decisions_cap;
	idx = (const uint32_t *)(size_t)d->idx_ptr;
	victims = (uint32_t *)(size_t)d->idx_ptr;
	scores = (int32_t *)(size_t)d->out_ptr;
	keys = (int64_t *)(size_t)d->out_ptr;
	valid_until = (int64_t *)(size_t)d->out2_ptr;
	gpu_masks = (uint64_t *)(size_t)d->out2_ptr;
	str = (const char *)(size_t)d->str_ptr;
	for (uint32_t i = 0; i < d->n_tables; i++) {
		const struct sched1_table_entry *entry = &sched1_tables[i];
		switch (entry->kind) {
		case SCHED1_TABLE_NODES:
			if (entry->cap > nodes.rows) {
				SCHED1_NODES(SCHED1_PLACE_NODES)
				nodes.rows = entry->cap;
			}
			break;
		case SCHED1_TABLE_JOBS:
			if (entry->cap > jobs.rows) {
				SCHED1_JOBS(SCHED1_PLACE_JOBS)
				jobs.rows = entry->cap;
			}
			break;
		case SCHED1_TABLE_ROLES:
			if (entry->cap > roles.rows) {
				SCHED1_ROLES(SCHED1_PLACE_ROLES)
				roles.rows = entry->cap;
			}
			break;
		case SCHED1_TABLE_GPUS:
			if (entry->cap > gpus.rows) {
				SCHED1_GPUS(SCHED1_PLACE_GPUS)
				gpus.rows = entry->cap;
			}
			break;
		case SCHED1_TABLE_POOLS:
			if (entry->cap > pools.rows) {
				SCHED1_POOLS(SCHED1_PLACE_POOLS)
				pools.rows = entry->cap;
			}
			break;
		case SCHED1_TABLE_TYPES:
			if (entry->cap > types.rows) {
				SCHED1_TYPES(SCHED1_PLACE_TYPES)
				types.rows = entry->cap;
			}
			break;
		}
	}
	return 0;
}

// Compilers call these for copies of structs; there is no library to take them from.
__attribute__((weak)) void *memcpy(void *restrict to, const void *restrict from, size_t n) {
	for (size_t i = 0; i < n; i++)
		((char *)to)[i] = ((const char *)from)[i];
	return to;
}

__attribute__((weak)) void *memset(void *to, int byte, size_t n) {
	for (size_t i = 0; i < n; i++)
		((char *)to)[i] = (char)byte;
	return to;
}

#endif
