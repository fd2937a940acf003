// sched1.zig: write a scheduling policy in Zig. Generated from the tables of policies/sched1 (Orrery); do not edit.
//
// The file does everything but the policy: it tells the host what the policy wants, finds memory for it and grows it.
// A policy is one file beside it: say its name and the columns it reads, write a hook.
//
//     const sched1 = @import("sched1.zig");
//     const policy = sched1.Policy(.{ .name = "most-free", .nodes = &.{.gpus_free} });
//     comptime {
//         _ = policy;
//     }
//
//     export fn sched1_score(job: u32, role: u32, n: u32) i32 {
//         _ = job;
//         _ = role;
//         for (policy.scores(n), policy.nodes(.gpus_free)[0..n]) |*score, free| score.* = @intCast(free);
//         return sched1.STATUS_OK;
//     }
//
// What the hooks find: sched1.ctx (the call), policy.events(n), policy.idx(n) (the host's list of slots), policy.text(), and functions
// of the tables' names that give a wanted column as a slice by slot. Where they answer: policy.scores(n) or keys(n), validUntil(n) or
// gpuMasks(n), decisions(). Slices lie elsewhere after a call: keep none.

pub const MAGIC: u32 = 0x31484353;
pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 0;
pub const NO_SCORE: i32 = -1 << 31; // this node must not be used
pub const NONE: u32 = 0xffffffff;
pub const UNSET_TIME: i64 = -1 << 63;

// Kinds of tables.
pub const TABLE_NODES: u32 = 1; // Nodes by slot; a node keeps its slot.
pub const TABLE_JOBS: u32 = 2; // Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
pub const TABLE_ROLES: u32 = 3; // Roles of gangs by slot; shared by jobs that ask for the same.
pub const TABLE_GPUS: u32 = 4; // Devices by slot: those of a node lie together.
pub const TABLE_POOLS: u32 = 7; // Pools by slot.
pub const TABLE_TYPES: u32 = 9; // GPU types by slot; the slot is the type's bit in a mask.

// Flags of a desc.
pub const DESC_KEYS_ALL: u32 = 1; // sched1_keys: the host asks for the keys of all waiting jobs at each pass
pub const DESC_KEYS_EXPIRE: u32 = 2; // sched1_keys: out2 holds, for each key, the instant from which the host asks again (i64 ns)
pub const DESC_SPARSE: u32 = 4; // sched1_score: idx[0..n) are the nodes that can hold the pod, out[i] is the score of idx[i]
pub const DESC_SCORE_ONCE: u32 = 8; // sched1_score: one call a role; nodes are filled in descending order of score
pub const DESC_PICKS_GPUS: u32 = 16; // sched1_score: out2 holds the devices to take on each node (u64); 0 = the host picks
pub const DESC_CLAIRVOYANT: u32 = 32; // the policy uses true_duration_ns; the scenario must grant it and reports say so
pub const DESC_LOGS: u32 = 64; // the last lines that the guest logs stand among the notes of the run, not only beside an error
pub const DESC_ANY_GPUS: u32 = 128; // whole scheduler: it counts GPUs only; a run in which a job asks for CPU, memory, a type, a part of a GPU or GPUs that lie together ends with an error

// Flags of a ctx.
pub const CTX_MORE: u32 = 2; // sched1_decide: more happened than one call is told of (65,536 events); the next call, at this instant, tells of the rest
pub const CTX_PLAN: u32 = 1; // sched1_score: the nodes are as they are expected to be at a later instant, for a reservation

// Kinds of events.
pub const EV_ARRIVE: u16 = 1; // a job may be started from now on; c = GPUs it asks for, x = estimate in ns
pub const EV_FINISH: u16 = 2; // a running job ended; c = GPUs it gave back, x = outcome (0 finished, 1 failed, 2 cancelled)
pub const EV_NODE_UP: u16 = 3; // a node came or works again; a = node, c = its GPUs
pub const EV_NODE_DOWN: u16 = 4; // a node failed; a = node; what ran on it is told as preempted
pub const EV_TIMER: u16 = 6; // an instant that the guest asked for is here
pub const EV_PREEMPTED: u16 = 7; // an attempt ended and the job waits again; c = GPUs it gave back, x = estimate in ns
pub const EV_STARTED: u16 = 8; // c = GPUs it holds, x = instant at which it is expected to end
pub const EV_REFUSED: u16 = 9; // a decision was refused; c = decision kind, x = REFUSED_* in the low 32 bits, tag in the high
pub const EV_RESYNC: u16 = 10; // all earlier state is void: the tables are the truth
pub const EV_CANCELLED: u16 = 16; // a waiting job left; x = outcome
pub const EV_JOB_CHANGED: u16 = 17; // a job's priority changed; x = the new one
pub const EV_NODE: u16 = 18; // a node was cordoned, drained or opened; a = node

// Flags of an event.
pub const EVF_OWN: u16 = 1; // caused by the guest's own decision

// Kinds of decisions.
pub const DO_START: u16 = 1; // start the job: with the start_parts since the last start, or with node NONE wherever the host places it
pub const DO_START_PART: u16 = 2; // pods of one role of the job on one node; part of the start that follows
pub const DO_PREEMPT: u16 = 3; // evict a running job
pub const DO_TIMER: u16 = 6; // a call at instant arg, which must lie ahead
pub const DO_REJECT: u16 = 8; // drop a waiting job
pub const DO_BLOCKED: u16 = 14; // tells, for reports, why waiting jobs that would fit were not started: arg = CAUSE_*, job = who is in front, or NONE
pub const DO_AWAIT: u16 = 15; // no call of this partition before gpus devices are free, a job arrives whose number is at most arg (-1 = none), or anything happens but arrivals, starts and finishes

// Flags of a decision.
pub const DOF_MORE: u16 = 1; // on the last record: apply this, refresh the columns, call again

// Flags of a node.
pub const NODE_UP: u32 = 1; // it works
pub const NODE_SPOT: u32 = 2; // its market may take it back
pub const NODE_DRAINING: u32 = 4; // nothing starts on it, what runs may end
pub const NODE_CORDONED: u32 = 8; // nothing starts on it

// States of a job.
pub const JOB_FREE: u32 = 0; // the slot is empty
pub const JOB_HELD: u32 = 1; // waits for a dependency
pub const JOB_QUEUED: u32 = 2; // may be started
pub const JOB_STARTING: u32 = 3;
pub const JOB_RUNNING: u32 = 4;
pub const JOB_STOPPING: u32 = 5;
pub const JOB_SUSPENDED: u32 = 6;
pub const JOB_ENDED: u32 = 7;

// Flags of a role.
pub const ROLE_SPLIT: u32 = 1; // its GPUs may come from any nodes

// Modes of a device.
pub const GPU_WHOLE: u32 = 0; // free or held as a whole
pub const GPU_SHARED: u32 = 1; // held in thousandths

// Why a decision was refused.
pub const REFUSED_STALE: u32 = 1; // the slot holds another job now, or none
pub const REFUSED_STATE: u32 = 2; // the job is not in a state that allows it
pub const REFUSED_PARTS: u32 = 3; // the parts do not make up the job's gang
pub const REFUSED_DEVICES: u32 = 4; // devices, CPU or memory are not free
pub const REFUSED_NODE: u32 = 5; // a node does not exist, is closed, of a wrong type or of another partition
pub const REFUSED_PARTITION: u32 = 6; // the job belongs to another partition
pub const REFUSED_PAST: u32 = 7; // a timer that does not lie ahead
pub const REFUSED_KIND: u32 = 8; // no such decision
pub const REFUSED_PROTECTED: u32 = 9; // the job's attempt cannot be preempted yet (recovery.protect)
pub const REFUSED_QUOTA: u32 = 10; // the quota of its queue, of one above, or of its user is used up
pub const REFUSED_TOPOLOGY: u32 = 11; // the parts are not within one domain of the level that the job requires

// Why jobs that would fit wait.
pub const CAUSE_RESERVATION: u32 = 1; // they would delay a reservation
pub const CAUSE_ORDER: u32 = 2; // a job ahead blocks
pub const CAUSE_CHOICE: u32 = 3; // the policy chose so; the default

// Kinds of names, for the import name.
pub const NAME_JOB: u32 = 1;
pub const NAME_USER: u32 = 2;
pub const NAME_QUEUE: u32 = 3;
pub const NAME_NODE: u32 = 4;
pub const NAME_TYPE: u32 = 5;
pub const NAME_PARTITION: u32 = 6;

// What sched1_layout, sched1_init, sched1_keys and sched1_score return.
pub const STATUS_OK: i32 = 0; // anything else ends the call as an error

/// What the guest is and wants. It is static: its address never changes.
pub const Desc = extern struct {
    magic: u32 = 0, // 'SCH1' in little-endian
    major: u16 = 0, // 1
    minor: u16 = 0, // the minor version the guest was built for
    size: u32 = 0, // size of this record as the guest knows it
    flags: u32 = 0, // DESC_*
    ctx_size: u32 = 0, // size of the ctx record as the guest knows it: the host writes no more of it
    event_size: u32 = 0, // size of an event as the guest knows it
    decision_size: u32 = 0, // size of a decision as the guest knows it
    n_tables: u32 = 0, // entries at tables_ptr
    tables_ptr: u32 = 0, // array of table_entry; static
    name_ptr: u32 = 0, // the policy's name, for reports: UTF-8
    name_len: u32 = 0, // at most 64
    ctx_ptr: u32 = 0, // one ctx record; filled in by sched1_layout
    events_ptr: u32 = 0, // array of events_cap events
    events_cap: u32 = 0, // written by the host before sched1_layout
    decisions_ptr: u32 = 0, // array of decisions_cap decisions
    decisions_cap: u32 = 0, // written by the host
    idx_ptr: u32 = 0, // array of idx_cap u32 slots: the host's lists, and victims coming back
    idx_cap: u32 = 0, // written by the host
    out_ptr: u32 = 0, // array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)
    out_cap: u32 = 0, // written by the host
    out2_ptr: u32 = 0, // as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags
    str_ptr: u32 = 0, // str_cap bytes of text: parameters as JSON at sched1_init
    str_cap: u32 = 0, // written by the host
    reserved: u32 = 0, // 0
    every_ns: i64 = 0, // whole scheduler: a pass at multiples of this only; 0 = at every change
    coalesce_ns: i64 = 0, // whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns
};

/// A table that the guest wants.
pub const TableEntry = extern struct {
    kind: u32 = 0, // TABLE_*
    cap: u32 = 0, // rows there is room for; written by the host before sched1_layout
    wanted: u64 = 0, // bit i: column i
    cols_ptr: u32 = 0, // array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16
    reserved: u32 = 0, // 0
};

/// What a call is about; the host rewrites it before each.
pub const Ctx = extern struct {
    now_ns: i64 = 0, // simulated time since the scenario's start
    call: u64 = 0, // calls so far, this one counted
    seed: u64 = 0, // random seed for this call, from the scenario's seed and the call's number
    fuel: i64 = 0, // fuel that this call may use
    flags: u32 = 0, // CTX_*
    minor: u32 = 0, // the host's minor version
    partition: u32 = 0, // whose pass this is
    str_len: u32 = 0, // bytes of text at str_ptr
    n_nodes: u32 = 0, // slots in use of table nodes; likewise below
    n_jobs: u32 = 0,
    n_roles: u32 = 0,
    n_gpus: u32 = 0,
    n_pods: u32 = 0,
    n_queues: u32 = 0,
    n_pools: u32 = 0,
    n_types: u32 = 0,
    n_partitions: u32 = 0, // partitions of the scenario
    pod: u32 = 0, // sched1_score: index of the pod in its role, or of the share of a role that may be split
    want: u32 = 0, // sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted
    gpus_free: u32 = 0, // whole scheduler: wholly free devices of the partition, on nodes where something may start
};

/// What happened since the last call. Kinds that a guest does not know are to be skipped.
pub const Event = extern struct {
    kind: u16 = 0, // EV_*
    flags: u16 = 0, // EVF_*
    a: u32 = 0, // the job's slot, or the node's
    b: u32 = 0, // the job's generation
    c: u32 = 0, // its GPUs
    t_ns: i64 = 0, // when
    x: u64 = 0, // see the kind
};

/// One answer of a guest.
pub const Decision = extern struct {
    kind: u16 = 0, // DO_*
    flags: u16 = 0, // DOF_*
    job: u32 = 0, // slot
    job_gen: u32 = 0, // its generation: a stale one is refused
    node: u32 = 0, // slot, or NONE: the host places the whole gang, on the lowest nodes that hold it
    role: u16 = 0, // index of the role in the job
    replicas: u16 = 0, // pods of the role on this node; 0 reads as 1
    gpus: u32 = 0, // of a role that may be split: GPUs to take on this node; else 0
    gpu_mask: u64 = 0, // devices; 0 = the host picks
    arg: i64 = 0, // see the kind
    gpu_milli: u32 = 0, // 0
    tag: u32 = 0, // comes back in a refusal
};

fn hold(comptime ok: bool, comptime what: []const u8) void {
    if (!ok) @compileError(what ++ " does not lie where the ABI says");
}

comptime {
    @setEvalBranchQuota(10000);
    hold(@offsetOf(Desc, "magic") == 0, "desc.magic");
    hold(@offsetOf(Desc, "major") == 4, "desc.major");
    hold(@offsetOf(Desc, "minor") == 6, "desc.minor");
    hold(@offsetOf(Desc, "size") == 8, "desc.size");
    hold(@offsetOf(Desc, "flags") == 12, "desc.flags");
    hold(@offsetOf(Desc, "ctx_size") == 16, "desc.ctx_size");
    hold(@offsetOf(Desc, "event_size") == 20, "desc.event_size");
    hold(@offsetOf(Desc, "decision_size") == 24, "desc.decision_size");
    hold(@offsetOf(Desc, "n_tables") == 28, "desc.n_tables");
    hold(@offsetOf(Desc, "tables_ptr") == 32, "desc.tables_ptr");
    hold(@offsetOf(Desc, "name_ptr") == 36, "desc.name_ptr");
    hold(@offsetOf(Desc, "name_len") == 40, "desc.name_len");
    hold(@offsetOf(Desc, "ctx_ptr") == 44, "desc.ctx_ptr");
    hold(@offsetOf(Desc, "events_ptr") == 48, "desc.events_ptr");
    hold(@offsetOf(Desc, "events_cap") == 52, "desc.events_cap");
    hold(@offsetOf(Desc, "decisions_ptr") == 56, "desc.decisions_ptr");
    hold(@offsetOf(Desc, "decisions_cap") == 60, "desc.decisions_cap");
    hold(@offsetOf(Desc, "idx_ptr") == 64, "desc.idx_ptr");
    hold(@offsetOf(Desc, "idx_cap") == 68, "desc.idx_cap");
    hold(@offsetOf(Desc, "out_ptr") == 72, "desc.out_ptr");
    hold(@offsetOf(Desc, "out_cap") == 76, "desc.out_cap");
    hold(@offsetOf(Desc, "out2_ptr") == 80, "desc.out2_ptr");
    hold(@offsetOf(Desc, "str_ptr") == 84, "desc.str_ptr");
    hold(@offsetOf(Desc, "str_cap") == 88, "desc.str_cap");
    hold(@offsetOf(Desc, "reserved") == 92, "desc.reserved");
    hold(@offsetOf(Desc, "every_ns") == 96, "desc.every_ns");
    hold(@offsetOf(Desc, "coalesce_ns") == 104, "desc.coalesce_ns");
    hold(@sizeOf(Desc) == 112, "desc");
    hold(@offsetOf(TableEntry, "kind") == 0, "table_entry.kind");
    hold(@offsetOf(TableEntry, "cap") == 4, "table_entry.cap");
    hold(@offsetOf(TableEntry, "wanted") == 8, "table_entry.wanted");
    hold(@offsetOf(TableEntry, "cols_ptr") == 16, "table_entry.cols_ptr");
    hold(@offsetOf(TableEntry, "reserved") == 20, "table_entry.reserved");
    hold(@sizeOf(TableEntry) == 24, "table_entry");
    hold(@offsetOf(Ctx, "now_ns") == 0, "ctx.now_ns");
    hold(@offsetOf(Ctx, "call") == 8, "ctx.call");
    hold(@offsetOf(Ctx, "seed") == 16, "ctx.seed");
    hold(@offsetOf(Ctx, "fuel") == 24, "ctx.fuel");
    hold(@offsetOf(Ctx, "flags") == 32, "ctx.flags");
    hold(@offsetOf(Ctx, "minor") == 36, "ctx.minor");
    hold(@offsetOf(Ctx, "partition") == 40, "ctx.partition");
    hold(@offsetOf(Ctx, "str_len") == 44, "ctx.str_len");
    hold(@offsetOf(Ctx, "n_nodes") == 48, "ctx.n_nodes");
    hold(@offsetOf(Ctx, "n_jobs") == 52, "ctx.n_jobs");
    hold(@offsetOf(Ctx, "n_roles") == 56, "ctx.n_roles");
    hold(@offsetOf(Ctx, "n_gpus") == 60, "ctx.n_gpus");
    hold(@offsetOf(Ctx, "n_pods") == 64, "ctx.n_pods");
    hold(@offsetOf(Ctx, "n_queues") == 68, "ctx.n_queues");
    hold(@offsetOf(Ctx, "n_pools") == 72, "ctx.n_pools");
    hold(@offsetOf(Ctx, "n_types") == 76, "ctx.n_types");
    hold(@offsetOf(Ctx, "n_partitions") == 80, "ctx.n_partitions");
    hold(@offsetOf(Ctx, "pod") == 84, "ctx.pod");
    hold(@offsetOf(Ctx, "want") == 88, "ctx.want");
    hold(@offsetOf(Ctx, "gpus_free") == 92, "ctx.gpus_free");
    hold(@sizeOf(Ctx) == 96, "ctx");
    hold(@offsetOf(Event, "kind") == 0, "event.kind");
    hold(@offsetOf(Event, "flags") == 2, "event.flags");
    hold(@offsetOf(Event, "a") == 4, "event.a");
    hold(@offsetOf(Event, "b") == 8, "event.b");
    hold(@offsetOf(Event, "c") == 12, "event.c");
    hold(@offsetOf(Event, "t_ns") == 16, "event.t_ns");
    hold(@offsetOf(Event, "x") == 24, "event.x");
    hold(@sizeOf(Event) == 32, "event");
    hold(@offsetOf(Decision, "kind") == 0, "decision.kind");
    hold(@offsetOf(Decision, "flags") == 2, "decision.flags");
    hold(@offsetOf(Decision, "job") == 4, "decision.job");
    hold(@offsetOf(Decision, "job_gen") == 8, "decision.job_gen");
    hold(@offsetOf(Decision, "node") == 12, "decision.node");
    hold(@offsetOf(Decision, "role") == 16, "decision.role");
    hold(@offsetOf(Decision, "replicas") == 18, "decision.replicas");
    hold(@offsetOf(Decision, "gpus") == 20, "decision.gpus");
    hold(@offsetOf(Decision, "gpu_mask") == 24, "decision.gpu_mask");
    hold(@offsetOf(Decision, "arg") == 32, "decision.arg");
    hold(@offsetOf(Decision, "gpu_milli") == 40, "decision.gpu_milli");
    hold(@offsetOf(Decision, "tag") == 44, "decision.tag");
    hold(@sizeOf(Decision) == 48, "decision");
}

/// Nodes by slot; a node keeps its slot.
pub const Nodes = enum(u6) {
    flags = 0, // NODE_*
    type = 1, // GPU type: slot in types, or NONE
    first_gpu = 2, // slot of its first device in gpus
    gpus_total = 3,
    gpus_free = 4, // wholly free devices
    gpu_free_mask = 5, // bit i: device i is wholly free
    gpu_milli_free = 6, // free thousandths over all devices
    gpu_milli_max = 7, // free thousandths of its emptiest device
    cpu_total_milli = 8, // thousandths of a CPU
    cpu_free_milli = 9,
    mem_total_mib = 10,
    mem_free_mib = 11,
    pool = 12,
    partition = 13,
    n_pods = 14, // pods running on it
    up_since_ns = 15,

    pub fn Type(comptime column: Nodes) type {
        return switch (column) {
            .flags => u32,
            .type => u32,
            .first_gpu => u32,
            .gpus_total => u32,
            .gpus_free => u32,
            .gpu_free_mask => u64,
            .gpu_milli_free => u32,
            .gpu_milli_max => u32,
            .cpu_total_milli => u32,
            .cpu_free_milli => u32,
            .mem_total_mib => u32,
            .mem_free_mib => u32,
            .pool => u32,
            .partition => u32,
            .n_pods => u32,
            .up_since_ns => i64,
        };
    }
};

/// Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
pub const Jobs = enum(u6) {
    state = 0, // JOB_*
    number = 1, // order of arrival, for ties
    gen = 2, // generation of the slot
    queue = 3, // or NONE
    user = 4, // or NONE
    partition = 5,
    prio = 6, // larger first
    role_first = 7, // slot of its first role in roles; jobs that ask for the same share roles
    n_roles = 8,
    gpus = 9, // devices that the whole gang asks for
    gpus_now = 10, // devices that it holds while it runs
    submit_ns = 11,
    start_ns = 12, // of the present attempt; UNSET_TIME before the first
    exp_end_ns = 13, // running: when the present attempt is expected to end, by the estimate
    since_ns = 14, // waiting: when it joined the queue; running: what attained_gpu_ns holds the value at
    waited_ns = 15, // queued time until since_ns
    attained_gpu_ns = 16, // GPU time until since_ns; from then on gpus_now a ns while it runs
    est_ns = 17, // the estimate of its running time
    attempts = 18, // starts so far
    evictions = 19,
    x0 = 20, // the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below
    x1 = 21,
    x2 = 22,
    x3 = 23,
    x4 = 24,
    x5 = 25,
    x6 = 26,
    x7 = 27,
    true_duration_ns = 28, // recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)

    pub fn Type(comptime column: Jobs) type {
        return switch (column) {
            .state => u32,
            .number => u64,
            .gen => u32,
            .queue => u32,
            .user => u32,
            .partition => u32,
            .prio => i32,
            .role_first => u32,
            .n_roles => u32,
            .gpus => u32,
            .gpus_now => u32,
            .submit_ns => i64,
            .start_ns => i64,
            .exp_end_ns => i64,
            .since_ns => i64,
            .waited_ns => i64,
            .attained_gpu_ns => i64,
            .est_ns => i64,
            .attempts => u32,
            .evictions => u32,
            .x0 => i64,
            .x1 => i64,
            .x2 => i64,
            .x3 => i64,
            .x4 => i64,
            .x5 => i64,
            .x6 => i64,
            .x7 => i64,
            .true_duration_ns => i64,
        };
    }
};

/// Roles of gangs by slot; shared by jobs that ask for the same.
pub const Roles = enum(u6) {
    replicas = 0, // pods that start together; of a role that may be split, its GPUs
    pod_gpus = 1, // devices a pod
    pod_gpu_milli = 2, // thousandths of each device: 1000 = whole
    pod_cpu_milli = 3, // of a role that may be split: in all
    pod_mem_mib = 4, // of a role that may be split: in all
    type_mask = 5, // bit i: GPU type i will do; 0 = any
    flags = 6, // ROLE_*

    pub fn Type(comptime column: Roles) type {
        return switch (column) {
            .replicas => u32,
            .pod_gpus => u32,
            .pod_gpu_milli => u32,
            .pod_cpu_milli => u64,
            .pod_mem_mib => u64,
            .type_mask => u64,
            .flags => u32,
        };
    }
};

/// Devices by slot: those of a node lie together.
pub const GPUs = enum(u6) {
    node = 0,
    index = 1, // its number on the node
    mode = 2, // GPU_*
    free_milli = 3, // free thousandths

    pub fn Type(comptime column: GPUs) type {
        return switch (column) {
            .node => u32,
            .index => u32,
            .mode => u32,
            .free_milli => u32,
        };
    }
};

/// Pools by slot.
pub const Pools = enum(u6) {
    nodes = 0, // nodes of it that work
    gpus_total = 1, // devices on them
    gpus_free = 2, // wholly free ones

    pub fn Type(comptime column: Pools) type {
        return switch (column) {
            .nodes => u32,
            .gpus_total => u32,
            .gpus_free => u32,
        };
    }
};

/// GPU types by slot; the slot is the type's bit in a mask.
pub const Types = enum(u6) {
    gpus_total = 0, // devices on nodes that work
    gpus_free = 1, // wholly free ones

    pub fn Type(comptime column: Types) type {
        return switch (column) {
            .gpus_total => u32,
            .gpus_free => u32,
        };
    }
};

/// What the policy may ask the host. Each costs fuel: 200 and more for what it moves.
pub const host = struct {
    // a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run
    pub extern "sched1" fn log(ptr: [*]const u8, len: u32) void;
    // a value of the series of this name at this instant, for the run's figures and report. At most 256 names a run,
    // each of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts
    pub extern "sched1" fn metric(ptr: [*]const u8, len: u32, value: i64) void;
    // ends the call as an error with this text
    pub extern "sched1" fn fail(ptr: [*]const u8, len: u32) void;
    // the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are
    pub extern "sched1" fn feasible(job: u32, role: u32, out: [*]u8, cap: u32) i32;
    // where a running job is: up to cap u32 node slots, one a part; returns how many there are
    pub extern "sched1" fn placement(job: u32, out: [*]u8, cap: u32) i32;
    // a name as UTF-8, cut at cap; returns its length. kind is NAME_*
    pub extern "sched1" fn name(kind: u32, slot: u32, out: [*]u8, cap: u32) i32;
    // a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1 and 0,
    // and what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is not given
    // is otherwise; one that is no number ends the call
    pub extern "sched1" fn param_i64(ptr: [*]const u8, len: u32, otherwise: i64) i64;
    // fuel that is left
    pub extern "sched1" fn fuel() i64;
};

/// A parameter as a number: durations in ns, sizes in bytes, decimals in millionths.
pub fn paramI64(name: []const u8, otherwise: i64) i64 {
    return host.param_i64(name.ptr, @intCast(name.len), otherwise);
}

/// What a policy is called and wants.
pub const Spec = struct {
    name: []const u8, // at most 64 bytes
    flags: u32 = 0, // DESC_*
    every_ns: i64 = 0, // see Desc
    coalesce_ns: i64 = 0,
    nodes: []const Nodes = &.{},
    jobs: []const Jobs = &.{},
    roles: []const Roles = &.{},
    gpus: []const GPUs = &.{},
    pools: []const Pools = &.{},
    types: []const Types = &.{},
};

/// The call that runs.
pub var ctx: Ctx = .{};
var desc: Desc = .{};
var entries: [6]TableEntry = [_]TableEntry{.{}} ** 6;
var cols: [6][64]u32 = [_][64]u32{[_]u32{0} ** 64} ** 6;
var rows: [6]u32 = [_]u32{0} ** 6;
var had: [6]u32 = [_]u32{0} ** 6;
var free_at: u64 = 0; // memory that is ours: from, to
var free_end: u64 = 0;

/// Zeroed memory, aligned to 16, that stays for good; null = the limit is reached.
pub noinline fn alloc(items: u64, width: u64) ?[*]align(16) u8 {
    const bytes = (@max(items * width, 1) + 15) & ~@as(u64, 15);
    const size = @as(u64, @wasmMemorySize(0)) << 16;
    if (size != free_end and bytes > free_end - free_at) { // somebody else has grown memory: go on behind
        free_at = size;
        free_end = size;
    }
    if (bytes > free_end - free_at) {
        const pages = (bytes - (free_end - free_at) + 65535) >> 16;
        if (pages > 65535 or @wasmMemoryGrow(0, @intCast(pages)) < 0) return null;
        free_end += pages << 16;
    }
    const at: usize = @intCast(free_at);
    free_at += bytes;
    return @ptrFromInt(at);
}

/// Room for cap items of a size where there was room for fewer.
fn room(ptr: *u32, buffer: usize, cap: u32, width: u32) bool {
    if (ptr.* != 0 and cap <= had[buffer]) return true;
    had[buffer] = cap;
    const p = alloc(cap, width) orelse return false;
    ptr.* = @intFromPtr(p);
    return true;
}

fn list(comptime T: type, at: u32, n: u32) []align(16) T {
    const p: [*]align(16) T = @ptrFromInt(at);
    return p[0..n];
}

/// Everything of a policy but its hooks.
pub fn Policy(comptime spec: Spec) type {
    if (spec.name.len > 64) @compileError("a policy's name is at most 64 bytes");
    return struct {
        comptime {
            @export(sched1Desc, .{ .name = "sched1_desc" });
            @export(sched1Layout, .{ .name = "sched1_layout" });
        }

        fn wanted(comptime columns: anytype) u64 {
            comptime var mask: u64 = 0;
            inline for (columns) |c| mask |= 1 << @intFromEnum(c);
            return mask;
        }

        /// A wanted column of nodes.
        pub fn nodes(comptime column: Nodes) []align(16) const column.Type() {
            if (comptime wanted(spec.nodes) >> @intFromEnum(column) & 1 == 0) @compileError("column " ++ @tagName(column) ++ " is not in .nodes of the policy");
            return list(column.Type(), cols[0][@intFromEnum(column)], rows[0]);
        }

        /// A wanted column of jobs.
        pub fn jobs(comptime column: Jobs) []align(16) const column.Type() {
            if (comptime wanted(spec.jobs) >> @intFromEnum(column) & 1 == 0) @compileError("column " ++ @tagName(column) ++ " is not in .jobs of the policy");
            return list(column.Type(), cols[1][@intFromEnum(column)], rows[1]);
        }

        /// A wanted column of roles.
        pub fn roles(comptime column: Roles) []align(16) const column.Type() {
            if (comptime wanted(spec.roles) >> @intFromEnum(column) & 1 == 0) @compileError("column " ++ @tagName(column) ++ " is not in .roles of the policy");
            return list(column.Type(), cols[2][@intFromEnum(column)], rows[2]);
        }

        /// A wanted column of gpus.
        pub fn gpus(comptime column: GPUs) []align(16) const column.Type() {
            if (comptime wanted(spec.gpus) >> @intFromEnum(column) & 1 == 0) @compileError("column " ++ @tagName(column) ++ " is not in .gpus of the policy");
            return list(column.Type(), cols[3][@intFromEnum(column)], rows[3]);
        }

        /// A wanted column of pools.
        pub fn pools(comptime column: Pools) []align(16) const column.Type() {
            if (comptime wanted(spec.pools) >> @intFromEnum(column) & 1 == 0) @compileError("column " ++ @tagName(column) ++ " is not in .pools of the policy");
            return list(column.Type(), cols[4][@intFromEnum(column)], rows[4]);
        }

        /// A wanted column of types.
        pub fn types(comptime column: Types) []align(16) const column.Type() {
            if (comptime wanted(spec.types) >> @intFromEnum(column) & 1 == 0) @compileError("column " ++ @tagName(column) ++ " is not in .types of the policy");
            return list(column.Type(), cols[5][@intFromEnum(column)], rows[5]);
        }

        pub fn events(n: u32) []align(16) const Event {
            return list(Event, desc.events_ptr, n);
        }

        /// Room for as many decisions as one call may give.
        pub fn decisions() []align(16) Decision {
            return list(Decision, desc.decisions_ptr, desc.decisions_cap);
        }

        pub fn idx(n: u32) []align(16) const u32 {
            return list(u32, desc.idx_ptr, n);
        }

        /// sched1_preempt: the candidates, and where the answer goes.
        pub fn candidates(n: u32) []align(16) u32 {
            return list(u32, desc.idx_ptr, n);
        }

        /// One a node slot, or with DESC_SPARSE one a slot of idx.
        pub fn scores(n: u32) []align(16) i32 {
            return list(i32, desc.out_ptr, n);
        }

        pub fn keys(n: u32) []align(16) i64 {
            return list(i64, desc.out_ptr, n);
        }

        /// With DESC_KEYS_EXPIRE.
        pub fn validUntil(n: u32) []align(16) i64 {
            return list(i64, desc.out2_ptr, n);
        }

        /// With DESC_PICKS_GPUS.
        pub fn gpuMasks(n: u32) []align(16) u64 {
            return list(u64, desc.out2_ptr, n);
        }

        /// Parameters at sched1_init: JSON.
        pub fn text() []const u8 {
            return list(u8, desc.str_ptr, ctx.str_len);
        }

        fn sched1Desc() callconv(.C) i32 {
            var n: u32 = 0;
            if (comptime wanted(spec.nodes) != 0) {
                entries[n] = .{ .kind = TABLE_NODES, .wanted = comptime wanted(spec.nodes), .cols_ptr = @intFromPtr(&cols[0]) };
                n += 1;
            }
            if (comptime wanted(spec.jobs) != 0) {
                entries[n] = .{ .kind = TABLE_JOBS, .wanted = comptime wanted(spec.jobs), .cols_ptr = @intFromPtr(&cols[1]) };
                n += 1;
            }
            if (comptime wanted(spec.roles) != 0) {
                entries[n] = .{ .kind = TABLE_ROLES, .wanted = comptime wanted(spec.roles), .cols_ptr = @intFromPtr(&cols[2]) };
                n += 1;
            }
            if (comptime wanted(spec.gpus) != 0) {
                entries[n] = .{ .kind = TABLE_GPUS, .wanted = comptime wanted(spec.gpus), .cols_ptr = @intFromPtr(&cols[3]) };
                n += 1;
            }
            if (comptime wanted(spec.pools) != 0) {
                entries[n] = .{ .kind = TABLE_POOLS, .wanted = comptime wanted(spec.pools), .cols_ptr = @intFromPtr(&cols[4]) };
                n += 1;
            }
            if (comptime wanted(spec.types) != 0) {
                entries[n] = .{ .kind = TABLE_TYPES, .wanted = comptime wanted(spec.types), .cols_ptr = @intFromPtr(&cols[5]) };
                n += 1;
            }
            desc = .{
                .magic = MAGIC,
                .major = MAJOR,
                .minor = MINOR,
                .size = @sizeOf(Desc),
                .flags = spec.flags,
                .ctx_size = @sizeOf(Ctx),
                .event_size = @sizeOf(Event),
                .decision_size = @sizeOf(Decision),
                .n_tables = n,
                .tables_ptr = @intFromPtr(&entries),
                .name_ptr = @intFromPtr(spec.name.ptr),
                .name_len = spec.name.len,
                .ctx_ptr = @intFromPtr(&ctx),
                .every_ns = spec.every_ns,
                .coalesce_ns = spec.coalesce_ns,
            };
            return @intCast(@intFromPtr(&desc));
        }

        fn place(comptime Table: type, comptime columns: []const Table, table: usize, cap: u32) bool {
            if (cap <= rows[table]) return true;
            inline for (columns) |c| {
                const p = alloc(cap, @sizeOf(c.Type())) orelse return false;
                cols[table][@intFromEnum(c)] = @intFromPtr(p);
            }
            rows[table] = cap;
            return true;
        }

        fn sched1Layout() callconv(.C) i32 {
            if (!room(&desc.events_ptr, 0, desc.events_cap, @sizeOf(Event)) or !room(&desc.decisions_ptr, 1, desc.decisions_cap, @sizeOf(Decision)) or
                !room(&desc.idx_ptr, 2, desc.idx_cap, 4) or !room(&desc.out_ptr, 3, desc.out_cap, 8) or !room(&desc.str_ptr, 4, desc.str_cap, 1)) return 1;
            if (spec.flags & (DESC_KEYS_EXPIRE | DESC_PICKS_GPUS) != 0 and !room(&desc.out2_ptr, 5, desc.out_cap, 8)) return 1;
            for (entries[0..desc.n_tables]) |entry| {
                const ok = switch (entry.kind) {
                    TABLE_NODES => place(Nodes, spec.nodes, 0, entry.cap),
                    TABLE_JOBS => place(Jobs, spec.jobs, 1, entry.cap),
                    TABLE_ROLES => place(Roles, spec.roles, 2, entry.cap),
                    TABLE_GPUS => place(GPUs, spec.gpus, 3, entry.cap),
                    TABLE_POOLS => place(Pools, spec.pools, 4, entry.cap),
                    TABLE_TYPES => place(Types, spec.types, 5, entry.cap),
                    else => true,
                };
                if (!ok) return 1;
            }
            return STATUS_OK;
        }
    };
}
