// sched1.ts: write a scheduling policy in AssemblyScript. Generated from the tables of policies/sched1 (Orrery); do not edit.
//
// The file does everything but the policy: it tells the host what the policy wants, finds memory for it and grows it.
// A policy is one file beside it: say its name and the columns it reads, write a hook.
//
//     import { policy, want, TABLE_NODES, NODES_GPUS_FREE, nodes, setScore, STATUS_OK } from "./sched1";
//     export { sched1_desc, sched1_layout } from "./sched1";
//
//     policy("most-free");
//     want(TABLE_NODES, NODES_GPUS_FREE);
//
//     export function sched1_score(job: u32, role: u32, n: u32): i32 {
//       for (let i: u32 = 0; i < n; i++) setScore(i, nodes.gpus_free(i));
//       return STATUS_OK;
//     }
//
// What the hooks find: ctx() (the call), event(i), idx(i) (the host's list of slots), nodes, jobs, roles, gpus, pools, types, text(). Reading
// a column that was not asked for ends the call as an error. Where they answer: setScore or setKey, setValidUntil or setGPUMask,
// decision(i).

export const MAGIC: u32 = 0x31484353;
export const MAJOR: u16 = 1;
export const MINOR: u16 = 0;
export const NO_SCORE: i32 = i32.MIN_VALUE; // this node must not be used
export const NONE: u32 = u32.MAX_VALUE;
export const UNSET_TIME: i64 = i64.MIN_VALUE;

// Kinds of tables.
export const TABLE_NODES: u32 = 1; // Nodes by slot; a node keeps its slot.
export const TABLE_JOBS: u32 = 2; // Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
export const TABLE_ROLES: u32 = 3; // Roles of gangs by slot; shared by jobs that ask for the same.
export const TABLE_GPUS: u32 = 4; // Devices by slot: those of a node lie together.
export const TABLE_POOLS: u32 = 7; // Pools by slot.
export const TABLE_TYPES: u32 = 9; // GPU types by slot; the slot is the type's bit in a mask.

// Flags of a desc.
export const DESC_KEYS_ALL: u32 = 1; // sched1_keys: the host asks for the keys of all waiting jobs at each pass
export const DESC_KEYS_EXPIRE: u32 = 2; // sched1_keys: out2 holds, for each key, the instant from which the host asks again (i64 ns)
export const DESC_SPARSE: u32 = 4; // sched1_score: idx[0..n) are the nodes that can hold the pod, out[i] is the score of idx[i]
export const DESC_SCORE_ONCE: u32 = 8; // sched1_score: one call a role; nodes are filled in descending order of score
export const DESC_PICKS_GPUS: u32 = 16; // sched1_score: out2 holds the devices to take on each node (u64); 0 = the host picks
export const DESC_CLAIRVOYANT: u32 = 32; // the policy uses true_duration_ns; the scenario must grant it and reports say so
export const DESC_LOGS: u32 = 64; // the last lines that the guest logs stand among the notes of the run, not only beside an error
export const DESC_ANY_GPUS: u32 = 128; // whole scheduler: it counts GPUs only; a run in which a job asks for CPU, memory, a type, a part of a GPU or GPUs that lie together ends with an error

// Flags of a ctx.
export const CTX_MORE: u32 = 2; // sched1_decide: more happened than one call is told of (65,536 events); the next call, at this instant, tells of the rest
export const CTX_PLAN: u32 = 1; // sched1_score: the nodes are as they are expected to be at a later instant, for a reservation

// Kinds of events.
export const EV_ARRIVE: u16 = 1; // a job may be started from now on; c = GPUs it asks for, x = estimate in ns
export const EV_FINISH: u16 = 2; // a running job ended; c = GPUs it gave back, x = outcome (0 finished, 1 failed, 2 cancelled)
export const EV_NODE_UP: u16 = 3; // a node came or works again; a = node, c = its GPUs
export const EV_NODE_DOWN: u16 = 4; // a node failed; a = node; what ran on it is told as preempted
export const EV_TIMER: u16 = 6; // an instant that the guest asked for is here
export const EV_PREEMPTED: u16 = 7; // an attempt ended and the job waits again; c = GPUs it gave back, x = estimate in ns
export const EV_STARTED: u16 = 8; // c = GPUs it holds, x = instant at which it is expected to end
export const EV_REFUSED: u16 = 9; // a decision was refused; c = decision kind, x = REFUSED_* in the low 32 bits, tag in the high
export const EV_RESYNC: u16 = 10; // all earlier state is void: the tables are the truth
export const EV_CANCELLED: u16 = 16; // a waiting job left; x = outcome
export const EV_JOB_CHANGED: u16 = 17; // a job's priority changed; x = the new one
export const EV_NODE: u16 = 18; // a node was cordoned, drained or opened; a = node

// Flags of an event.
export const EVF_OWN: u16 = 1; // caused by the guest's own decision

// Kinds of decisions.
export const DO_START: u16 = 1; // start the job: with the start_parts since the last start, or with node NONE wherever the host places it
export const DO_START_PART: u16 = 2; // pods of one role of the job on one node; part of the start that follows
export const DO_PREEMPT: u16 = 3; // evict a running job
export const DO_TIMER: u16 = 6; // a call at instant arg, which must lie ahead
export const DO_REJECT: u16 = 8; // drop a waiting job
export const DO_BLOCKED: u16 = 14; // tells, for reports, why waiting jobs that would fit were not started: arg = CAUSE_*, job = who is in front, or NONE
export const DO_AWAIT: u16 = 15; // no call of this partition before gpus devices are free, a job arrives whose number is at most arg (-1 = none), or anything happens but arrivals, starts and finishes

// Flags of a decision.
export const DOF_MORE: u16 = 1; // on the last record: apply this, refresh the columns, call again

// Flags of a node.
export const NODE_UP: u32 = 1; // it works
export const NODE_SPOT: u32 = 2; // its market may take it back
export const NODE_DRAINING: u32 = 4; // nothing starts on it, what runs may end
export const NODE_CORDONED: u32 = 8; // nothing starts on it

// States of a job.
export const JOB_FREE: u32 = 0; // the slot is empty
export const JOB_HELD: u32 = 1; // waits for a dependency
export const JOB_QUEUED: u32 = 2; // may be started
export const JOB_STARTING: u32 = 3;
export const JOB_RUNNING: u32 = 4;
export const JOB_STOPPING: u32 = 5;
export const JOB_SUSPENDED: u32 = 6;
export const JOB_ENDED: u32 = 7;

// Flags of a role.
export const ROLE_SPLIT: u32 = 1; // its GPUs may come from any nodes

// Modes of a device.
export const GPU_WHOLE: u32 = 0; // free or held as a whole
export const GPU_SHARED: u32 = 1; // held in thousandths

// Why a decision was refused.
export const REFUSED_STALE: u32 = 1; // the slot holds another job now, or none
export const REFUSED_STATE: u32 = 2; // the job is not in a state that allows it
export const REFUSED_PARTS: u32 = 3; // the parts do not make up the job's gang
export const REFUSED_DEVICES: u32 = 4; // devices, CPU or memory are not free
export const REFUSED_NODE: u32 = 5; // a node does not exist, is closed, of a wrong type or of another partition
export const REFUSED_PARTITION: u32 = 6; // the job belongs to another partition
export const REFUSED_PAST: u32 = 7; // a timer that does not lie ahead
export const REFUSED_KIND: u32 = 8; // no such decision
export const REFUSED_PROTECTED: u32 = 9; // the job's attempt cannot be preempted yet (recovery.protect)
export const REFUSED_QUOTA: u32 = 10; // the quota of its queue, of one above, or of its user is used up
export const REFUSED_TOPOLOGY: u32 = 11; // the parts are not within one domain of the level that the job requires

// Why jobs that would fit wait.
export const CAUSE_RESERVATION: u32 = 1; // they would delay a reservation
export const CAUSE_ORDER: u32 = 2; // a job ahead blocks
export const CAUSE_CHOICE: u32 = 3; // the policy chose so; the default

// Kinds of names, for the import name.
export const NAME_JOB: u32 = 1;
export const NAME_USER: u32 = 2;
export const NAME_QUEUE: u32 = 3;
export const NAME_NODE: u32 = 4;
export const NAME_TYPE: u32 = 5;
export const NAME_PARTITION: u32 = 6;

// What sched1_layout, sched1_init, sched1_keys and sched1_score return.
export const STATUS_OK: i32 = 0; // anything else ends the call as an error

// What the guest is and wants. It is static: its address never changes.
@unmanaged
export class Desc {
  magic: u32; // 'SCH1' in little-endian
  major: u16; // 1
  minor: u16; // the minor version the guest was built for
  size: u32; // size of this record as the guest knows it
  flags: u32; // DESC_*
  ctx_size: u32; // size of the ctx record as the guest knows it: the host writes no more of it
  event_size: u32; // size of an event as the guest knows it
  decision_size: u32; // size of a decision as the guest knows it
  n_tables: u32; // entries at tables_ptr
  tables_ptr: u32; // array of table_entry; static
  name_ptr: u32; // the policy's name, for reports: UTF-8
  name_len: u32; // at most 64
  ctx_ptr: u32; // one ctx record; filled in by sched1_layout
  events_ptr: u32; // array of events_cap events
  events_cap: u32; // written by the host before sched1_layout
  decisions_ptr: u32; // array of decisions_cap decisions
  decisions_cap: u32; // written by the host
  idx_ptr: u32; // array of idx_cap u32 slots: the host's lists, and victims coming back
  idx_cap: u32; // written by the host
  out_ptr: u32; // array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)
  out_cap: u32; // written by the host
  out2_ptr: u32; // as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags
  str_ptr: u32; // str_cap bytes of text: parameters as JSON at sched1_init
  str_cap: u32; // written by the host
  reserved: u32; // 0
  every_ns: i64; // whole scheduler: a pass at multiples of this only; 0 = at every change
  coalesce_ns: i64; // whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns
}

// A table that the guest wants.
@unmanaged
export class TableEntry {
  kind: u32; // TABLE_*
  cap: u32; // rows there is room for; written by the host before sched1_layout
  wanted: u64; // bit i: column i
  cols_ptr: u32; // array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16
  reserved: u32; // 0
}

// What a call is about; the host rewrites it before each.
@unmanaged
export class Ctx {
  now_ns: i64; // simulated time since the scenario's start
  call: u64; // calls so far, this one counted
  seed: u64; // random seed for this call, from the scenario's seed and the call's number
  fuel: i64; // fuel that this call may use
  flags: u32; // CTX_*
  minor: u32; // the host's minor version
  partition: u32; // whose pass this is
  str_len: u32; // bytes of text at str_ptr
  n_nodes: u32; // slots in use of table nodes; likewise below
  n_jobs: u32;
  n_roles: u32;
  n_gpus: u32;
  n_pods: u32;
  n_queues: u32;
  n_pools: u32;
  n_types: u32;
  n_partitions: u32; // partitions of the scenario
  pod: u32; // sched1_score: index of the pod in its role, or of the share of a role that may be split
  want: u32; // sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted
  gpus_free: u32; // whole scheduler: wholly free devices of the partition, on nodes where something may start
}

// What happened since the last call. Kinds that a guest does not know are to be skipped.
@unmanaged
export class Event {
  kind: u16; // EV_*
  flags: u16; // EVF_*
  a: u32; // the job's slot, or the node's
  b: u32; // the job's generation
  c: u32; // its GPUs
  t_ns: i64; // when
  x: u64; // see the kind
}

// One answer of a guest.
@unmanaged
export class Decision {
  kind: u16; // DO_*
  flags: u16; // DOF_*
  job: u32; // slot
  job_gen: u32; // its generation: a stale one is refused
  node: u32; // slot, or NONE: the host places the whole gang, on the lowest nodes that hold it
  role: u16; // index of the role in the job
  replicas: u16; // pods of the role on this node; 0 reads as 1
  gpus: u32; // of a role that may be split: GPUs to take on this node; else 0
  gpu_mask: u64; // devices; 0 = the host picks
  arg: i64; // see the kind
  gpu_milli: u32; // 0
  tag: u32; // comes back in a refusal
}

// The compiler holds where the fields lie: a branch that it cannot leave out is an error.
@inline
function checkLayout(): void {
  if (offsetof<Desc>("magic") != 0) ERROR("desc.magic");
  if (offsetof<Desc>("major") != 4) ERROR("desc.major");
  if (offsetof<Desc>("minor") != 6) ERROR("desc.minor");
  if (offsetof<Desc>("size") != 8) ERROR("desc.size");
  if (offsetof<Desc>("flags") != 12) ERROR("desc.flags");
  if (offsetof<Desc>("ctx_size") != 16) ERROR("desc.ctx_size");
  if (offsetof<Desc>("event_size") != 20) ERROR("desc.event_size");
  if (offsetof<Desc>("decision_size") != 24) ERROR("desc.decision_size");
  if (offsetof<Desc>("n_tables") != 28) ERROR("desc.n_tables");
  if (offsetof<Desc>("tables_ptr") != 32) ERROR("desc.tables_ptr");
  if (offsetof<Desc>("name_ptr") != 36) ERROR("desc.name_ptr");
  if (offsetof<Desc>("name_len") != 40) ERROR("desc.name_len");
  if (offsetof<Desc>("ctx_ptr") != 44) ERROR("desc.ctx_ptr");
  if (offsetof<Desc>("events_ptr") != 48) ERROR("desc.events_ptr");
  if (offsetof<Desc>("events_cap") != 52) ERROR("desc.events_cap");
  if (offsetof<Desc>("decisions_ptr") != 56) ERROR("desc.decisions_ptr");
  if (offsetof<Desc>("decisions_cap") != 60) ERROR("desc.decisions_cap");
  if (offsetof<Desc>("idx_ptr") != 64) ERROR("desc.idx_ptr");
  if (offsetof<Desc>("idx_cap") != 68) ERROR("desc.idx_cap");
  if (offsetof<Desc>("out_ptr") != 72) ERROR("desc.out_ptr");
  if (offsetof<Desc>("out_cap") != 76) ERROR("desc.out_cap");
  if (offsetof<Desc>("out2_ptr") != 80) ERROR("desc.out2_ptr");
  if (offsetof<Desc>("str_ptr") != 84) ERROR("desc.str_ptr");
  if (offsetof<Desc>("str_cap") != 88) ERROR("desc.str_cap");
  if (offsetof<Desc>("reserved") != 92) ERROR("desc.reserved");
  if (offsetof<Desc>("every_ns") != 96) ERROR("desc.every_ns");
  if (offsetof<Desc>("coalesce_ns") != 104) ERROR("desc.coalesce_ns");
  if (offsetof<Desc>() != 112) ERROR("desc");
  if (offsetof<TableEntry>("kind") != 0) ERROR("table_entry.kind");
  if (offsetof<TableEntry>("cap") != 4) ERROR("table_entry.cap");
  if (offsetof<TableEntry>("wanted") != 8) ERROR("table_entry.wanted");
  if (offsetof<TableEntry>("cols_ptr") != 16) ERROR("table_entry.cols_ptr");
  if (offsetof<TableEntry>("reserved") != 20) ERROR("table_entry.reserved");
  if (offsetof<TableEntry>() != 24) ERROR("table_entry");
  if (offsetof<Ctx>("now_ns") != 0) ERROR("ctx.now_ns");
  if (offsetof<Ctx>("call") != 8) ERROR("ctx.call");
  if (offsetof<Ctx>("seed") != 16) ERROR("ctx.seed");
  if (offsetof<Ctx>("fuel") != 24) ERROR("ctx.fuel");
  if (offsetof<Ctx>("flags") != 32) ERROR("ctx.flags");
  if (offsetof<Ctx>("minor") != 36) ERROR("ctx.minor");
  if (offsetof<Ctx>("partition") != 40) ERROR("ctx.partition");
  if (offsetof<Ctx>("str_len") != 44) ERROR("ctx.str_len");
  if (offsetof<Ctx>("n_nodes") != 48) ERROR("ctx.n_nodes");
  if (offsetof<Ctx>("n_jobs") != 52) ERROR("ctx.n_jobs");
  if (offsetof<Ctx>("n_roles") != 56) ERROR("ctx.n_roles");
  if (offsetof<Ctx>("n_gpus") != 60) ERROR("ctx.n_gpus");
  if (offsetof<Ctx>("n_pods") != 64) ERROR("ctx.n_pods");
  if (offsetof<Ctx>("n_queues") != 68) ERROR("ctx.n_queues");
  if (offsetof<Ctx>("n_pools") != 72) ERROR("ctx.n_pools");
  if (offsetof<Ctx>("n_types") != 76) ERROR("ctx.n_types");
  if (offsetof<Ctx>("n_partitions") != 80) ERROR("ctx.n_partitions");
  if (offsetof<Ctx>("pod") != 84) ERROR("ctx.pod");
  if (offsetof<Ctx>("want") != 88) ERROR("ctx.want");
  if (offsetof<Ctx>("gpus_free") != 92) ERROR("ctx.gpus_free");
  if (offsetof<Ctx>() != 96) ERROR("ctx");
  if (offsetof<Event>("kind") != 0) ERROR("event.kind");
  if (offsetof<Event>("flags") != 2) ERROR("event.flags");
  if (offsetof<Event>("a") != 4) ERROR("event.a");
  if (offsetof<Event>("b") != 8) ERROR("event.b");
  if (offsetof<Event>("c") != 12) ERROR("event.c");
  if (offsetof<Event>("t_ns") != 16) ERROR("event.t_ns");
  if (offsetof<Event>("x") != 24) ERROR("event.x");
  if (offsetof<Event>() != 32) ERROR("event");
  if (offsetof<Decision>("kind") != 0) ERROR("decision.kind");
  if (offsetof<Decision>("flags") != 2) ERROR("decision.flags");
  if (offsetof<Decision>("job") != 4) ERROR("decision.job");
  if (offsetof<Decision>("job_gen") != 8) ERROR("decision.job_gen");
  if (offsetof<Decision>("node") != 12) ERROR("decision.node");
  if (offsetof<Decision>("role") != 16) ERROR("decision.role");
  if (offsetof<Decision>("replicas") != 18) ERROR("decision.replicas");
  if (offsetof<Decision>("gpus") != 20) ERROR("decision.gpus");
  if (offsetof<Decision>("gpu_mask") != 24) ERROR("decision.gpu_mask");
  if (offsetof<Decision>("arg") != 32) ERROR("decision.arg");
  if (offsetof<Decision>("gpu_milli") != 40) ERROR("decision.gpu_milli");
  if (offsetof<Decision>("tag") != 44) ERROR("decision.tag");
  if (offsetof<Decision>() != 48) ERROR("decision");
}

// Columns of nodes. Nodes by slot; a node keeps its slot.
export const NODES_FLAGS: u32 = 0; // NODE_*
export const NODES_TYPE: u32 = 1; // GPU type: slot in types, or NONE
export const NODES_FIRST_GPU: u32 = 2; // slot of its first device in gpus
export const NODES_GPUS_TOTAL: u32 = 3;
export const NODES_GPUS_FREE: u32 = 4; // wholly free devices
export const NODES_GPU_FREE_MASK: u32 = 5; // bit i: device i is wholly free
export const NODES_GPU_MILLI_FREE: u32 = 6; // free thousandths over all devices
export const NODES_GPU_MILLI_MAX: u32 = 7; // free thousandths of its emptiest device
export const NODES_CPU_TOTAL_MILLI: u32 = 8; // thousandths of a CPU
export const NODES_CPU_FREE_MILLI: u32 = 9;
export const NODES_MEM_TOTAL_MIB: u32 = 10;
export const NODES_MEM_FREE_MIB: u32 = 11;
export const NODES_POOL: u32 = 12;
export const NODES_PARTITION: u32 = 13;
export const NODES_N_PODS: u32 = 14; // pods running on it
export const NODES_UP_SINCE_NS: u32 = 15;

// Columns of jobs. Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
export const JOBS_STATE: u32 = 0; // JOB_*
export const JOBS_NUMBER: u32 = 1; // order of arrival, for ties
export const JOBS_GEN: u32 = 2; // generation of the slot
export const JOBS_QUEUE: u32 = 3; // or NONE
export const JOBS_USER: u32 = 4; // or NONE
export const JOBS_PARTITION: u32 = 5;
export const JOBS_PRIO: u32 = 6; // larger first
export const JOBS_ROLE_FIRST: u32 = 7; // slot of its first role in roles; jobs that ask for the same share roles
export const JOBS_N_ROLES: u32 = 8;
export const JOBS_GPUS: u32 = 9; // devices that the whole gang asks for
export const JOBS_GPUS_NOW: u32 = 10; // devices that it holds while it runs
export const JOBS_SUBMIT_NS: u32 = 11;
export const JOBS_START_NS: u32 = 12; // of the present attempt; UNSET_TIME before the first
export const JOBS_EXP_END_NS: u32 = 13; // running: when the present attempt is expected to end, by the estimate
export const JOBS_SINCE_NS: u32 = 14; // waiting: when it joined the queue; running: what attained_gpu_ns holds the value at
export const JOBS_WAITED_NS: u32 = 15; // queued time until since_ns
export const JOBS_ATTAINED_GPU_NS: u32 = 16; // GPU time until since_ns; from then on gpus_now a ns while it runs
export const JOBS_EST_NS: u32 = 17; // the estimate of its running time
export const JOBS_ATTEMPTS: u32 = 18; // starts so far
export const JOBS_EVICTIONS: u32 = 19;
export const JOBS_X0: u32 = 20; // the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below
export const JOBS_X1: u32 = 21;
export const JOBS_X2: u32 = 22;
export const JOBS_X3: u32 = 23;
export const JOBS_X4: u32 = 24;
export const JOBS_X5: u32 = 25;
export const JOBS_X6: u32 = 26;
export const JOBS_X7: u32 = 27;
export const JOBS_TRUE_DURATION_NS: u32 = 28; // recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)

// Columns of roles. Roles of gangs by slot; shared by jobs that ask for the same.
export const ROLES_REPLICAS: u32 = 0; // pods that start together; of a role that may be split, its GPUs
export const ROLES_POD_GPUS: u32 = 1; // devices a pod
export const ROLES_POD_GPU_MILLI: u32 = 2; // thousandths of each device: 1000 = whole
export const ROLES_POD_CPU_MILLI: u32 = 3; // of a role that may be split: in all
export const ROLES_POD_MEM_MIB: u32 = 4; // of a role that may be split: in all
export const ROLES_TYPE_MASK: u32 = 5; // bit i: GPU type i will do; 0 = any
export const ROLES_FLAGS: u32 = 6; // ROLE_*

// Columns of gpus. Devices by slot: those of a node lie together.
export const GPUS_NODE: u32 = 0;
export const GPUS_INDEX: u32 = 1; // its number on the node
export const GPUS_MODE: u32 = 2; // GPU_*
export const GPUS_FREE_MILLI: u32 = 3; // free thousandths

// Columns of pools. Pools by slot.
export const POOLS_NODES: u32 = 0; // nodes of it that work
export const POOLS_GPUS_TOTAL: u32 = 1; // devices on them
export const POOLS_GPUS_FREE: u32 = 2; // wholly free ones

// Columns of types. GPU types by slot; the slot is the type's bit in a mask.
export const TYPES_GPUS_TOTAL: u32 = 0; // devices on nodes that work
export const TYPES_GPUS_FREE: u32 = 1; // wholly free ones

// What is not wanted lies where no memory is.
const NOWHERE: usize = 0xc0000000;

let nodes_flags_at: usize = NOWHERE;
let nodes_type_at: usize = NOWHERE;
let nodes_first_gpu_at: usize = NOWHERE;
let nodes_gpus_total_at: usize = NOWHERE;
let nodes_gpus_free_at: usize = NOWHERE;
let nodes_gpu_free_mask_at: usize = NOWHERE;
let nodes_gpu_milli_free_at: usize = NOWHERE;
let nodes_gpu_milli_max_at: usize = NOWHERE;
let nodes_cpu_total_milli_at: usize = NOWHERE;
let nodes_cpu_free_milli_at: usize = NOWHERE;
let nodes_mem_total_mib_at: usize = NOWHERE;
let nodes_mem_free_mib_at: usize = NOWHERE;
let nodes_pool_at: usize = NOWHERE;
let nodes_partition_at: usize = NOWHERE;
let nodes_n_pods_at: usize = NOWHERE;
let nodes_up_since_ns_at: usize = NOWHERE;

export namespace nodes {
  // @ts-ignore: decorator
  @inline export function flags(slot: u32): u32 { return load<u32>(nodes_flags_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function type(slot: u32): u32 { return load<u32>(nodes_type_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function first_gpu(slot: u32): u32 { return load<u32>(nodes_first_gpu_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus_total(slot: u32): u32 { return load<u32>(nodes_gpus_total_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus_free(slot: u32): u32 { return load<u32>(nodes_gpus_free_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpu_free_mask(slot: u32): u64 { return load<u64>(nodes_gpu_free_mask_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function gpu_milli_free(slot: u32): u32 { return load<u32>(nodes_gpu_milli_free_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpu_milli_max(slot: u32): u32 { return load<u32>(nodes_gpu_milli_max_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function cpu_total_milli(slot: u32): u32 { return load<u32>(nodes_cpu_total_milli_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function cpu_free_milli(slot: u32): u32 { return load<u32>(nodes_cpu_free_milli_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function mem_total_mib(slot: u32): u32 { return load<u32>(nodes_mem_total_mib_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function mem_free_mib(slot: u32): u32 { return load<u32>(nodes_mem_free_mib_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function pool(slot: u32): u32 { return load<u32>(nodes_pool_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function partition(slot: u32): u32 { return load<u32>(nodes_partition_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function n_pods(slot: u32): u32 { return load<u32>(nodes_n_pods_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function up_since_ns(slot: u32): i64 { return load<i64>(nodes_up_since_ns_at + (<usize>slot * 8)); }
}

let jobs_state_at: usize = NOWHERE;
let jobs_number_at: usize = NOWHERE;
let jobs_gen_at: usize = NOWHERE;
let jobs_queue_at: usize = NOWHERE;
let jobs_user_at: usize = NOWHERE;
let jobs_partition_at: usize = NOWHERE;
let jobs_prio_at: usize = NOWHERE;
let jobs_role_first_at: usize = NOWHERE;
let jobs_n_roles_at: usize = NOWHERE;
let jobs_gpus_at: usize = NOWHERE;
let jobs_gpus_now_at: usize = NOWHERE;
let jobs_submit_ns_at: usize = NOWHERE;
let jobs_start_ns_at: usize = NOWHERE;
let jobs_exp_end_ns_at: usize = NOWHERE;
let jobs_since_ns_at: usize = NOWHERE;
let jobs_waited_ns_at: usize = NOWHERE;
let jobs_attained_gpu_ns_at: usize = NOWHERE;
let jobs_est_ns_at: usize = NOWHERE;
let jobs_attempts_at: usize = NOWHERE;
let jobs_evictions_at: usize = NOWHERE;
let jobs_x0_at: usize = NOWHERE;
let jobs_x1_at: usize = NOWHERE;
let jobs_x2_at: usize = NOWHERE;
let jobs_x3_at: usize = NOWHERE;
let jobs_x4_at: usize = NOWHERE;
let jobs_x5_at: usize = NOWHERE;
let jobs_x6_at: usize = NOWHERE;
let jobs_x7_at: usize = NOWHERE;
let jobs_true_duration_ns_at: usize = NOWHERE;

export namespace jobs {
  // @ts-ignore: decorator
  @inline export function state(slot: u32): u32 { return load<u32>(jobs_state_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function number(slot: u32): u64 { return load<u64>(jobs_number_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function gen(slot: u32): u32 { return load<u32>(jobs_gen_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function queue(slot: u32): u32 { return load<u32>(jobs_queue_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function user(slot: u32): u32 { return load<u32>(jobs_user_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function partition(slot: u32): u32 { return load<u32>(jobs_partition_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function prio(slot: u32): i32 { return load<i32>(jobs_prio_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function role_first(slot: u32): u32 { return load<u32>(jobs_role_first_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function n_roles(slot: u32): u32 { return load<u32>(jobs_n_roles_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus(slot: u32): u32 { return load<u32>(jobs_gpus_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus_now(slot: u32): u32 { return load<u32>(jobs_gpus_now_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function submit_ns(slot: u32): i64 { return load<i64>(jobs_submit_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function start_ns(slot: u32): i64 { return load<i64>(jobs_start_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function exp_end_ns(slot: u32): i64 { return load<i64>(jobs_exp_end_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function since_ns(slot: u32): i64 { return load<i64>(jobs_since_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function waited_ns(slot: u32): i64 { return load<i64>(jobs_waited_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function attained_gpu_ns(slot: u32): i64 { return load<i64>(jobs_attained_gpu_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function est_ns(slot: u32): i64 { return load<i64>(jobs_est_ns_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function attempts(slot: u32): u32 { return load<u32>(jobs_attempts_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function evictions(slot: u32): u32 { return load<u32>(jobs_evictions_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function x0(slot: u32): i64 { return load<i64>(jobs_x0_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x1(slot: u32): i64 { return load<i64>(jobs_x1_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x2(slot: u32): i64 { return load<i64>(jobs_x2_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x3(slot: u32): i64 { return load<i64>(jobs_x3_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x4(slot: u32): i64 { return load<i64>(jobs_x4_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x5(slot: u32): i64 { return load<i64>(jobs_x5_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x6(slot: u32): i64 { return load<i64>(jobs_x6_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function x7(slot: u32): i64 { return load<i64>(jobs_x7_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function true_duration_ns(slot: u32): i64 { return load<i64>(jobs_true_duration_ns_at + (<usize>slot * 8)); }
}

let roles_replicas_at: usize = NOWHERE;
let roles_pod_gpus_at: usize = NOWHERE;
let roles_pod_gpu_milli_at: usize = NOWHERE;
let roles_pod_cpu_milli_at: usize = NOWHERE;
let roles_pod_mem_mib_at: usize = NOWHERE;
let roles_type_mask_at: usize = NOWHERE;
let roles_flags_at: usize = NOWHERE;

export namespace roles {
  // @ts-ignore: decorator
  @inline export function replicas(slot: u32): u32 { return load<u32>(roles_replicas_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function pod_gpus(slot: u32): u32 { return load<u32>(roles_pod_gpus_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function pod_gpu_milli(slot: u32): u32 { return load<u32>(roles_pod_gpu_milli_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function pod_cpu_milli(slot: u32): u64 { return load<u64>(roles_pod_cpu_milli_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function pod_mem_mib(slot: u32): u64 { return load<u64>(roles_pod_mem_mib_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function type_mask(slot: u32): u64 { return load<u64>(roles_type_mask_at + (<usize>slot * 8)); }
  // @ts-ignore: decorator
  @inline export function flags(slot: u32): u32 { return load<u32>(roles_flags_at + (<usize>slot * 4)); }
}

let gpus_node_at: usize = NOWHERE;
let gpus_index_at: usize = NOWHERE;
let gpus_mode_at: usize = NOWHERE;
let gpus_free_milli_at: usize = NOWHERE;

export namespace gpus {
  // @ts-ignore: decorator
  @inline export function node(slot: u32): u32 { return load<u32>(gpus_node_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function index(slot: u32): u32 { return load<u32>(gpus_index_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function mode(slot: u32): u32 { return load<u32>(gpus_mode_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function free_milli(slot: u32): u32 { return load<u32>(gpus_free_milli_at + (<usize>slot * 4)); }
}

let pools_nodes_at: usize = NOWHERE;
let pools_gpus_total_at: usize = NOWHERE;
let pools_gpus_free_at: usize = NOWHERE;

export namespace pools {
  // @ts-ignore: decorator
  @inline export function nodes(slot: u32): u32 { return load<u32>(pools_nodes_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus_total(slot: u32): u32 { return load<u32>(pools_gpus_total_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus_free(slot: u32): u32 { return load<u32>(pools_gpus_free_at + (<usize>slot * 4)); }
}

let types_gpus_total_at: usize = NOWHERE;
let types_gpus_free_at: usize = NOWHERE;

export namespace types {
  // @ts-ignore: decorator
  @inline export function gpus_total(slot: u32): u32 { return load<u32>(types_gpus_total_at + (<usize>slot * 4)); }
  // @ts-ignore: decorator
  @inline export function gpus_free(slot: u32): u32 { return load<u32>(types_gpus_free_at + (<usize>slot * 4)); }
}

// a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run
// @ts-ignore: decorator
@external("sched1", "log")
export declare function host_log(ptr: usize, len: u32): void;

// a value of the series of this name at this instant, for the run's figures and report. At most 256 names a run, each
// of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts
// @ts-ignore: decorator
@external("sched1", "metric")
export declare function host_metric(ptr: usize, len: u32, value: i64): void;

// ends the call as an error with this text
// @ts-ignore: decorator
@external("sched1", "fail")
export declare function host_fail(ptr: usize, len: u32): void;

// the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are
// @ts-ignore: decorator
@external("sched1", "feasible")
export declare function host_feasible(job: u32, role: u32, out: usize, cap: u32): i32;

// where a running job is: up to cap u32 node slots, one a part; returns how many there are
// @ts-ignore: decorator
@external("sched1", "placement")
export declare function host_placement(job: u32, out: usize, cap: u32): i32;

// a name as UTF-8, cut at cap; returns its length. kind is NAME_*
// @ts-ignore: decorator
@external("sched1", "name")
export declare function host_name(kind: u32, slot: u32, out: usize, cap: u32): i32;

// a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1 and 0, and
// what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is not given is
// otherwise; one that is no number ends the call
// @ts-ignore: decorator
@external("sched1", "param_i64")
export declare function host_param_i64(ptr: usize, len: u32, otherwise: i64): i64;

// fuel that is left
// @ts-ignore: decorator
@external("sched1", "fuel")
export declare function host_fuel(): i64;

const TABLES: u32 = 6;
const desc_at: usize = memory.data(offsetof<Desc>(), 16);
const ctx_at: usize = memory.data(offsetof<Ctx>(), 16);
const entries_at: usize = memory.data(6 * 24, 16);
const cols_at: usize = memory.data(6 * 64 * 4, 16);
const wanted_at: usize = memory.data(6 * 8, 16);
const rows_at: usize = memory.data(6 * 4, 16);
const had_at: usize = memory.data(6 * 4, 16);

// @ts-ignore: decorator
@inline function desc(): Desc { return changetype<Desc>(desc_at); }

// The call that runs.
// @ts-ignore: decorator
@inline export function ctx(): Ctx { return changetype<Ctx>(ctx_at); }
// @ts-ignore: decorator
@inline export function event(i: u32): Event { return changetype<Event>(desc().events_ptr + i * 32); }
// decision is room for the i-th decision of this call, i < decisionsCap().
// @ts-ignore: decorator
@inline export function decision(i: u32): Decision { return changetype<Decision>(desc().decisions_ptr + i * 48); }
// @ts-ignore: decorator
@inline export function decisionsCap(): u32 { return desc().decisions_cap; }
// @ts-ignore: decorator
@inline export function idx(i: u32): u32 { return load<u32>(desc().idx_ptr + i * 4); }
// sched1_preempt: the answer goes in place of idx.
@inline export function setVictim(i: u32, job: u32): void { store<u32>(desc().idx_ptr + i * 4, job); }
// One a node slot, or with DESC_SPARSE one a slot of idx.
// @ts-ignore: decorator
@inline export function setScore(i: u32, score: i32): void { store<i32>(desc().out_ptr + i * 4, score); }
// Where score i lies is scoresAt() + 4 * i: for loops that keep it.
// @ts-ignore: decorator
@inline export function scoresAt(): usize { return desc().out_ptr; }
// @ts-ignore: decorator
@inline export function setKey(i: u32, key: i64): void { store<i64>(desc().out_ptr + i * 8, key); }
// With DESC_KEYS_EXPIRE.
// @ts-ignore: decorator
@inline export function setValidUntil(i: u32, at: i64): void { store<i64>(desc().out2_ptr + i * 8, at); }
// With DESC_PICKS_GPUS.
// @ts-ignore: decorator
@inline export function setGPUMask(i: u32, mask: u64): void { store<u64>(desc().out2_ptr + i * 8, mask); }

// text is the parameters at sched1_init: JSON.
export function text(): string { return String.UTF8.decodeUnsafe(desc().str_ptr, ctx().str_len); }

// policy says what the policy is called and its DESC_* flags: call it where the program begins. At most 64 bytes.
export function policy(name: string, flags: u32 = 0): void {
  const d = desc();
  const length = String.UTF8.byteLength(name);
  const at = heap.alloc(length);
  String.UTF8.encodeUnsafe(changetype<usize>(name), name.length, at);
  d.name_ptr = <u32>at;
  d.name_len = <u32>length;
  d.flags = flags;
}

// every asks for a pass at multiples of so long only, coalesce for one so long after the first change: whole schedulers.
export function every(ns: i64): void { desc().every_ns = ns; }
export function coalesce(ns: i64): void { desc().coalesce_ns = ns; }

// want asks for a column of a table: call it where the program begins.
export function want(table: u32, column: u32): void {
  const at = wanted_at + tableIndex(table) * 8;
  store<u64>(at, load<u64>(at) | (<u64>1 << column));
}

function tableIndex(kind: u32): u32 {
  if (kind == TABLE_NODES) return 0;
  if (kind == TABLE_JOBS) return 1;
  if (kind == TABLE_ROLES) return 2;
  if (kind == TABLE_GPUS) return 3;
  if (kind == TABLE_POOLS) return 4;
  if (kind == TABLE_TYPES) return 5;
  return unreachable();
}

function tableKind(index: u32): u32 {
  if (index == 0) return TABLE_NODES;
  if (index == 1) return TABLE_JOBS;
  if (index == 2) return TABLE_ROLES;
  if (index == 3) return TABLE_GPUS;
  if (index == 4) return TABLE_POOLS;
  if (index == 5) return TABLE_TYPES;
  return unreachable();
}

export function sched1_desc(): i32 {
  checkLayout();
  const d = desc();
  d.magic = MAGIC;
  d.major = MAJOR;
  d.minor = MINOR;
  d.size = offsetof<Desc>();
  d.ctx_size = offsetof<Ctx>();
  d.event_size = offsetof<Event>();
  d.decision_size = offsetof<Decision>();
  d.tables_ptr = <u32>entries_at;
  d.ctx_ptr = <u32>ctx_at;
  d.n_tables = 0;
  for (let t: u32 = 0; t < TABLES; t++) {
    const wanted = load<u64>(wanted_at + t * 8);
    if (wanted == 0) continue;
    const e = changetype<TableEntry>(entries_at + d.n_tables * 24);
    e.kind = tableKind(t);
    e.wanted = wanted;
    e.cols_ptr = <u32>cols_at + t * 64 * 4;
    d.n_tables++;
  }
  return <i32>desc_at;
}

// room makes room for cap items of a size where there was room for fewer.
function room(ptr: u32, buffer: u32, cap: u32, size: u32): u32 {
  const had = had_at + buffer * 4;
  if (ptr != 0 && cap <= load<u32>(had)) return ptr;
  store<u32>(had, cap);
  if (ptr != 0) heap.free(ptr);
  return <u32>heap.alloc(max<usize>(<usize>cap * size, 16));
}

// column finds a place for a wanted column.
function column(t: u32, id: u32, cap: u32, size: u32): usize {
  if (((load<u64>(wanted_at + t * 8) >> id) & 1) == 0) return NOWHERE;
  const slot = cols_at + (t * 64 + id) * 4;
  const old = load<u32>(slot);
  if (old != 0) heap.free(old);
  const at = heap.alloc(max<usize>(<usize>cap * size, 16));
  store<u32>(slot, <u32>at);
  return at;
}

export function sched1_layout(): i32 {
  const d = desc();
  d.events_ptr = room(d.events_ptr, 0, d.events_cap, 32);
  d.decisions_ptr = room(d.decisions_ptr, 1, d.decisions_cap, 48);
  d.idx_ptr = room(d.idx_ptr, 2, d.idx_cap, 4);
  d.out_ptr = room(d.out_ptr, 3, d.out_cap, 8);
  d.str_ptr = room(d.str_ptr, 4, d.str_cap, 1);
  if ((d.flags & (DESC_KEYS_EXPIRE | DESC_PICKS_GPUS)) != 0) d.out2_ptr = room(d.out2_ptr, 5, d.out_cap, 8);
  for (let i: u32 = 0; i < d.n_tables; i++) {
    const e = changetype<TableEntry>(entries_at + i * 24);
    const t = tableIndex(e.kind);
    const n = e.cap;
    if (n <= load<u32>(rows_at + t * 4)) continue;
    store<u32>(rows_at + t * 4, n);
    if (t == 0) {
      nodes_flags_at = column(0, 0, n, 4);
      nodes_type_at = column(0, 1, n, 4);
      nodes_first_gpu_at = column(0, 2, n, 4);
      nodes_gpus_total_at = column(0, 3, n, 4);
      nodes_gpus_free_at = column(0, 4, n, 4);
      nodes_gpu_free_mask_at = column(0, 5, n, 8);
      nodes_gpu_milli_free_at = column(0, 6, n, 4);
      nodes_gpu_milli_max_at = column(0, 7, n, 4);
      nodes_cpu_total_milli_at = column(0, 8, n, 4);
      nodes_cpu_free_milli_at = column(0, 9, n, 4);
      nodes_mem_total_mib_at = column(0, 10, n, 4);
      nodes_mem_free_mib_at = column(0, 11, n, 4);
      nodes_pool_at = column(0, 12, n, 4);
      nodes_partition_at = column(0, 13, n, 4);
      nodes_n_pods_at = column(0, 14, n, 4);
      nodes_up_since_ns_at = column(0, 15, n, 8);
    }
    if (t == 1) {
      jobs_state_at = column(1, 0, n, 4);
      jobs_number_at = column(1, 1, n, 8);
      jobs_gen_at = column(1, 2, n, 4);
      jobs_queue_at = column(1, 3, n, 4);
      jobs_user_at = column(1, 4, n, 4);
      jobs_partition_at = column(1, 5, n, 4);
      jobs_prio_at = column(1, 6, n, 4);
      jobs_role_first_at = column(1, 7, n, 4);
      jobs_n_roles_at = column(1, 8, n, 4);
      jobs_gpus_at = column(1, 9, n, 4);
      jobs_gpus_now_at = column(1, 10, n, 4);
      jobs_submit_ns_at = column(1, 11, n, 8);
      jobs_start_ns_at = column(1, 12, n, 8);
      jobs_exp_end_ns_at = column(1, 13, n, 8);
      jobs_since_ns_at = column(1, 14, n, 8);
      jobs_waited_ns_at = column(1, 15, n, 8);
      jobs_attained_gpu_ns_at = column(1, 16, n, 8);
      jobs_est_ns_at = column(1, 17, n, 8);
      jobs_attempts_at = column(1, 18, n, 4);
      jobs_evictions_at = column(1, 19, n, 4);
      jobs_x0_at = column(1, 20, n, 8);
      jobs_x1_at = column(1, 21, n, 8);
      jobs_x2_at = column(1, 22, n, 8);
      jobs_x3_at = column(1, 23, n, 8);
      jobs_x4_at = column(1, 24, n, 8);
      jobs_x5_at = column(1, 25, n, 8);
      jobs_x6_at = column(1, 26, n, 8);
      jobs_x7_at = column(1, 27, n, 8);
      jobs_true_duration_ns_at = column(1, 28, n, 8);
    }
    if (t == 2) {
      roles_replicas_at = column(2, 0, n, 4);
      roles_pod_gpus_at = column(2, 1, n, 4);
      roles_pod_gpu_milli_at = column(2, 2, n, 4);
      roles_pod_cpu_milli_at = column(2, 3, n, 8);
      roles_pod_mem_mib_at = column(2, 4, n, 8);
      roles_type_mask_at = column(2, 5, n, 8);
      roles_flags_at = column(2, 6, n, 4);
    }
    if (t == 3) {
      gpus_node_at = column(3, 0, n, 4);
      gpus_index_at = column(3, 1, n, 4);
      gpus_mode_at = column(3, 2, n, 4);
      gpus_free_milli_at = column(3, 3, n, 4);
    }
    if (t == 4) {
      pools_nodes_at = column(4, 0, n, 4);
      pools_gpus_total_at = column(4, 1, n, 4);
      pools_gpus_free_at = column(4, 2, n, 4);
    }
    if (t == 5) {
      types_gpus_total_at = column(5, 0, n, 4);
      types_gpus_free_at = column(5, 1, n, 4);
    }
  }
  return STATUS_OK;
}
