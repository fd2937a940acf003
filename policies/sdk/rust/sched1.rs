// sched1.rs: write a scheduling policy in Rust. Generated from the tables of policies/sched1 (Orrery); do not edit.
//
// The file does everything but the policy: it tells the host what the policy wants, finds memory for it and grows it.
// A policy is one Rust file, with or without std: say its name and the columns it reads, write a hook.
//
//     #![no_std]
//     #[macro_use]
//     mod sched1;
//     no_std!();
//     policy! { name: "most-free", nodes: [gpus_free] }
//
//     #[no_mangle]
//     pub extern "C" fn sched1_score(_job: u32, _role: u32, n: u32) -> i32 {
//         for (score, &free) in sched1::scores(n).iter_mut().zip(nodes().gpus_free) {
//             *score = free as i32;
//         }
//         sched1::STATUS_OK
//     }
//
// policy! takes, in this order, all but the name optional: name (at most 64 bytes), flags (DESC_*), every_ns, coalesce_ns (see
// Desc), nodes, jobs, roles, gpus, pools, types, each a list of columns. A column whose name is a keyword is written r#type.
//
// What the hooks find: sched1::ctx() (the call), sched1::events(n), sched1::idx(n) (the host's list of slots), text(), and functions of
// the tables' names that give the wanted columns as slices by slot. Where they answer: scores(n) or keys(n), valid_until(n) or gpu_masks(n),
// decisions(), candidates(n). Slices lie elsewhere after a call: keep none. What the policy itself remembers it keeps in its own statics.
#![allow(dead_code, unused_macros, clippy::all)]

use core::cell::UnsafeCell;

pub const MAGIC: u32 = 0x31484353;
pub const MAJOR: u16 = 1;
pub const MINOR: u16 = 0;
pub const NO_SCORE: i32 = i32::MIN; // this node must not be used
pub const NONE: u32 = u32::MAX;
pub const UNSET_TIME: i64 = i64::MIN;

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
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Desc {
    pub magic: u32, // 'SCH1' in little-endian
    pub major: u16, // 1
    pub minor: u16, // the minor version the guest was built for
    pub size: u32, // size of this record as the guest knows it
    pub flags: u32, // DESC_*
    pub ctx_size: u32, // size of the ctx record as the guest knows it: the host writes no more of it
    pub event_size: u32, // size of an event as the guest knows it
    pub decision_size: u32, // size of a decision as the guest knows it
    pub n_tables: u32, // entries at tables_ptr
    pub tables_ptr: u32, // array of table_entry; static
    pub name_ptr: u32, // the policy's name, for reports: UTF-8
    pub name_len: u32, // at most 64
    pub ctx_ptr: u32, // one ctx record; filled in by sched1_layout
    pub events_ptr: u32, // array of events_cap events
    pub events_cap: u32, // written by the host before sched1_layout
    pub decisions_ptr: u32, // array of decisions_cap decisions
    pub decisions_cap: u32, // written by the host
    pub idx_ptr: u32, // array of idx_cap u32 slots: the host's lists, and victims coming back
    pub idx_cap: u32, // written by the host
    pub out_ptr: u32, // array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)
    pub out_cap: u32, // written by the host
    pub out2_ptr: u32, // as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags
    pub str_ptr: u32, // str_cap bytes of text: parameters as JSON at sched1_init
    pub str_cap: u32, // written by the host
    pub reserved: u32, // 0
    pub every_ns: i64, // whole scheduler: a pass at multiples of this only; 0 = at every change
    pub coalesce_ns: i64, // whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns
}

// A record whose byte i is i tells where each field lies.
const _: () = {
    let mut raw = [0u8; 112];
    let mut i = 0;
    while i < raw.len() {
        raw[i] = i as u8;
        i += 1;
    }
    let r: Desc = unsafe { core::mem::transmute(raw) };
    assert!(r.magic as u64 == 0x3020100); // 0
    assert!(r.major as u64 == 0x504); // 4
    assert!(r.minor as u64 == 0x706); // 6
    assert!(r.size as u64 == 0xb0a0908); // 8
    assert!(r.flags as u64 == 0xf0e0d0c); // 12
    assert!(r.ctx_size as u64 == 0x13121110); // 16
    assert!(r.event_size as u64 == 0x17161514); // 20
    assert!(r.decision_size as u64 == 0x1b1a1918); // 24
    assert!(r.n_tables as u64 == 0x1f1e1d1c); // 28
    assert!(r.tables_ptr as u64 == 0x23222120); // 32
    assert!(r.name_ptr as u64 == 0x27262524); // 36
    assert!(r.name_len as u64 == 0x2b2a2928); // 40
    assert!(r.ctx_ptr as u64 == 0x2f2e2d2c); // 44
    assert!(r.events_ptr as u64 == 0x33323130); // 48
    assert!(r.events_cap as u64 == 0x37363534); // 52
    assert!(r.decisions_ptr as u64 == 0x3b3a3938); // 56
    assert!(r.decisions_cap as u64 == 0x3f3e3d3c); // 60
    assert!(r.idx_ptr as u64 == 0x43424140); // 64
    assert!(r.idx_cap as u64 == 0x47464544); // 68
    assert!(r.out_ptr as u64 == 0x4b4a4948); // 72
    assert!(r.out_cap as u64 == 0x4f4e4d4c); // 76
    assert!(r.out2_ptr as u64 == 0x53525150); // 80
    assert!(r.str_ptr as u64 == 0x57565554); // 84
    assert!(r.str_cap as u64 == 0x5b5a5958); // 88
    assert!(r.reserved as u64 == 0x5f5e5d5c); // 92
    assert!(r.every_ns as u64 == 0x6766656463626160); // 96
    assert!(r.coalesce_ns as u64 == 0x6f6e6d6c6b6a6968); // 104
};

/// A table that the guest wants.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TableEntry {
    pub kind: u32, // TABLE_*
    pub cap: u32, // rows there is room for; written by the host before sched1_layout
    pub wanted: u64, // bit i: column i
    pub cols_ptr: u32, // array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16
    pub reserved: u32, // 0
}

// A record whose byte i is i tells where each field lies.
const _: () = {
    let mut raw = [0u8; 24];
    let mut i = 0;
    while i < raw.len() {
        raw[i] = i as u8;
        i += 1;
    }
    let r: TableEntry = unsafe { core::mem::transmute(raw) };
    assert!(r.kind as u64 == 0x3020100); // 0
    assert!(r.cap as u64 == 0x7060504); // 4
    assert!(r.wanted as u64 == 0xf0e0d0c0b0a0908); // 8
    assert!(r.cols_ptr as u64 == 0x13121110); // 16
    assert!(r.reserved as u64 == 0x17161514); // 20
};

/// What a call is about; the host rewrites it before each.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Ctx {
    pub now_ns: i64, // simulated time since the scenario's start
    pub call: u64, // calls so far, this one counted
    pub seed: u64, // random seed for this call, from the scenario's seed and the call's number
    pub fuel: i64, // fuel that this call may use
    pub flags: u32, // CTX_*
    pub minor: u32, // the host's minor version
    pub partition: u32, // whose pass this is
    pub str_len: u32, // bytes of text at str_ptr
    pub n_nodes: u32, // slots in use of table nodes; likewise below
    pub n_jobs: u32,
    pub n_roles: u32,
    pub n_gpus: u32,
    pub n_pods: u32,
    pub n_queues: u32,
    pub n_pools: u32,
    pub n_types: u32,
    pub n_partitions: u32, // partitions of the scenario
    pub pod: u32, // sched1_score: index of the pod in its role, or of the share of a role that may be split
    pub want: u32, // sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted
    pub gpus_free: u32, // whole scheduler: wholly free devices of the partition, on nodes where something may start
}

// A record whose byte i is i tells where each field lies.
const _: () = {
    let mut raw = [0u8; 96];
    let mut i = 0;
    while i < raw.len() {
        raw[i] = i as u8;
        i += 1;
    }
    let r: Ctx = unsafe { core::mem::transmute(raw) };
    assert!(r.now_ns as u64 == 0x706050403020100); // 0
    assert!(r.call as u64 == 0xf0e0d0c0b0a0908); // 8
    assert!(r.seed as u64 == 0x1716151413121110); // 16
    assert!(r.fuel as u64 == 0x1f1e1d1c1b1a1918); // 24
    assert!(r.flags as u64 == 0x23222120); // 32
    assert!(r.minor as u64 == 0x27262524); // 36
    assert!(r.partition as u64 == 0x2b2a2928); // 40
    assert!(r.str_len as u64 == 0x2f2e2d2c); // 44
    assert!(r.n_nodes as u64 == 0x33323130); // 48
    assert!(r.n_jobs as u64 == 0x37363534); // 52
    assert!(r.n_roles as u64 == 0x3b3a3938); // 56
    assert!(r.n_gpus as u64 == 0x3f3e3d3c); // 60
    assert!(r.n_pods as u64 == 0x43424140); // 64
    assert!(r.n_queues as u64 == 0x47464544); // 68
    assert!(r.n_pools as u64 == 0x4b4a4948); // 72
    assert!(r.n_types as u64 == 0x4f4e4d4c); // 76
    assert!(r.n_partitions as u64 == 0x53525150); // 80
    assert!(r.pod as u64 == 0x57565554); // 84
    assert!(r.want as u64 == 0x5b5a5958); // 88
    assert!(r.gpus_free as u64 == 0x5f5e5d5c); // 92
};

/// What happened since the last call. Kinds that a guest does not know are to be skipped.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Event {
    pub kind: u16, // EV_*
    pub flags: u16, // EVF_*
    pub a: u32, // the job's slot, or the node's
    pub b: u32, // the job's generation
    pub c: u32, // its GPUs
    pub t_ns: i64, // when
    pub x: u64, // see the kind
}

// A record whose byte i is i tells where each field lies.
const _: () = {
    let mut raw = [0u8; 32];
    let mut i = 0;
    while i < raw.len() {
        raw[i] = i as u8;
        i += 1;
    }
    let r: Event = unsafe { core::mem::transmute(raw) };
    assert!(r.kind as u64 == 0x100); // 0
    assert!(r.flags as u64 == 0x302); // 2
    assert!(r.a as u64 == 0x7060504); // 4
    assert!(r.b as u64 == 0xb0a0908); // 8
    assert!(r.c as u64 == 0xf0e0d0c); // 12
    assert!(r.t_ns as u64 == 0x1716151413121110); // 16
    assert!(r.x as u64 == 0x1f1e1d1c1b1a1918); // 24
};

/// One answer of a guest.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Decision {
    pub kind: u16, // DO_*
    pub flags: u16, // DOF_*
    pub job: u32, // slot
    pub job_gen: u32, // its generation: a stale one is refused
    pub node: u32, // slot, or NONE: the host places the whole gang, on the lowest nodes that hold it
    pub role: u16, // index of the role in the job
    pub replicas: u16, // pods of the role on this node; 0 reads as 1
    pub gpus: u32, // of a role that may be split: GPUs to take on this node; else 0
    pub gpu_mask: u64, // devices; 0 = the host picks
    pub arg: i64, // see the kind
    pub gpu_milli: u32, // 0
    pub tag: u32, // comes back in a refusal
}

// A record whose byte i is i tells where each field lies.
const _: () = {
    let mut raw = [0u8; 48];
    let mut i = 0;
    while i < raw.len() {
        raw[i] = i as u8;
        i += 1;
    }
    let r: Decision = unsafe { core::mem::transmute(raw) };
    assert!(r.kind as u64 == 0x100); // 0
    assert!(r.flags as u64 == 0x302); // 2
    assert!(r.job as u64 == 0x7060504); // 4
    assert!(r.job_gen as u64 == 0xb0a0908); // 8
    assert!(r.node as u64 == 0xf0e0d0c); // 12
    assert!(r.role as u64 == 0x1110); // 16
    assert!(r.replicas as u64 == 0x1312); // 18
    assert!(r.gpus as u64 == 0x17161514); // 20
    assert!(r.gpu_mask as u64 == 0x1f1e1d1c1b1a1918); // 24
    assert!(r.arg as u64 == 0x2726252423222120); // 32
    assert!(r.gpu_milli as u64 == 0x2b2a2928); // 40
    assert!(r.tag as u64 == 0x2f2e2d2c); // 44
};

// Nodes by slot; a node keeps its slot.
pub mod nodes {
    pub mod flags {
        pub type Type = u32; // NODE_*
        pub const ID: usize = 0;
    }
    pub mod r#type {
        pub type Type = u32; // GPU type: slot in types, or NONE
        pub const ID: usize = 1;
    }
    pub mod first_gpu {
        pub type Type = u32; // slot of its first device in gpus
        pub const ID: usize = 2;
    }
    pub mod gpus_total {
        pub type Type = u32;
        pub const ID: usize = 3;
    }
    pub mod gpus_free {
        pub type Type = u32; // wholly free devices
        pub const ID: usize = 4;
    }
    pub mod gpu_free_mask {
        pub type Type = u64; // bit i: device i is wholly free
        pub const ID: usize = 5;
    }
    pub mod gpu_milli_free {
        pub type Type = u32; // free thousandths over all devices
        pub const ID: usize = 6;
    }
    pub mod gpu_milli_max {
        pub type Type = u32; // free thousandths of its emptiest device
        pub const ID: usize = 7;
    }
    pub mod cpu_total_milli {
        pub type Type = u32; // thousandths of a CPU
        pub const ID: usize = 8;
    }
    pub mod cpu_free_milli {
        pub type Type = u32;
        pub const ID: usize = 9;
    }
    pub mod mem_total_mib {
        pub type Type = u32;
        pub const ID: usize = 10;
    }
    pub mod mem_free_mib {
        pub type Type = u32;
        pub const ID: usize = 11;
    }
    pub mod pool {
        pub type Type = u32;
        pub const ID: usize = 12;
    }
    pub mod partition {
        pub type Type = u32;
        pub const ID: usize = 13;
    }
    pub mod n_pods {
        pub type Type = u32; // pods running on it
        pub const ID: usize = 14;
    }
    pub mod up_since_ns {
        pub type Type = i64;
        pub const ID: usize = 15;
    }
}

// Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
pub mod jobs {
    pub mod state {
        pub type Type = u32; // JOB_*
        pub const ID: usize = 0;
    }
    pub mod number {
        pub type Type = u64; // order of arrival, for ties
        pub const ID: usize = 1;
    }
    pub mod gen {
        pub type Type = u32; // generation of the slot
        pub const ID: usize = 2;
    }
    pub mod queue {
        pub type Type = u32; // or NONE
        pub const ID: usize = 3;
    }
    pub mod user {
        pub type Type = u32; // or NONE
        pub const ID: usize = 4;
    }
    pub mod partition {
        pub type Type = u32;
        pub const ID: usize = 5;
    }
    pub mod prio {
        pub type Type = i32; // larger first
        pub const ID: usize = 6;
    }
    pub mod role_first {
        pub type Type = u32; // slot of its first role in roles; jobs that ask for the same share roles
        pub const ID: usize = 7;
    }
    pub mod n_roles {
        pub type Type = u32;
        pub const ID: usize = 8;
    }
    pub mod gpus {
        pub type Type = u32; // devices that the whole gang asks for
        pub const ID: usize = 9;
    }
    pub mod gpus_now {
        pub type Type = u32; // devices that it holds while it runs
        pub const ID: usize = 10;
    }
    pub mod submit_ns {
        pub type Type = i64;
        pub const ID: usize = 11;
    }
    pub mod start_ns {
        pub type Type = i64; // of the present attempt; UNSET_TIME before the first
        pub const ID: usize = 12;
    }
    pub mod exp_end_ns {
        pub type Type = i64; // running: when the present attempt is expected to end, by the estimate
        pub const ID: usize = 13;
    }
    pub mod since_ns {
        pub type Type = i64; // waiting: when it joined the queue; running: what attained_gpu_ns holds the value at
        pub const ID: usize = 14;
    }
    pub mod waited_ns {
        pub type Type = i64; // queued time until since_ns
        pub const ID: usize = 15;
    }
    pub mod attained_gpu_ns {
        pub type Type = i64; // GPU time until since_ns; from then on gpus_now a ns while it runs
        pub const ID: usize = 16;
    }
    pub mod est_ns {
        pub type Type = i64; // the estimate of its running time
        pub const ID: usize = 17;
    }
    pub mod attempts {
        pub type Type = u32; // starts so far
        pub const ID: usize = 18;
    }
    pub mod evictions {
        pub type Type = u32;
        pub const ID: usize = 19;
    }
    pub mod x0 {
        pub type Type = i64; // the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below
        pub const ID: usize = 20;
    }
    pub mod x1 {
        pub type Type = i64;
        pub const ID: usize = 21;
    }
    pub mod x2 {
        pub type Type = i64;
        pub const ID: usize = 22;
    }
    pub mod x3 {
        pub type Type = i64;
        pub const ID: usize = 23;
    }
    pub mod x4 {
        pub type Type = i64;
        pub const ID: usize = 24;
    }
    pub mod x5 {
        pub type Type = i64;
        pub const ID: usize = 25;
    }
    pub mod x6 {
        pub type Type = i64;
        pub const ID: usize = 26;
    }
    pub mod x7 {
        pub type Type = i64;
        pub const ID: usize = 27;
    }
    pub mod true_duration_ns {
        pub type Type = i64; // recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)
        pub const ID: usize = 28;
    }
}

// Roles of gangs by slot; shared by jobs that ask for the same.
pub mod roles {
    pub mod replicas {
        pub type Type = u32; // pods that start together; of a role that may be split, its GPUs
        pub const ID: usize = 0;
    }
    pub mod pod_gpus {
        pub type Type = u32; // devices a pod
        pub const ID: usize = 1;
    }
    pub mod pod_gpu_milli {
        pub type Type = u32; // thousandths of each device: 1000 = whole
        pub const ID: usize = 2;
    }
    pub mod pod_cpu_milli {
        pub type Type = u64; // of a role that may be split: in all
        pub const ID: usize = 3;
    }
    pub mod pod_mem_mib {
        pub type Type = u64; // of a role that may be split: in all
        pub const ID: usize = 4;
    }
    pub mod type_mask {
        pub type Type = u64; // bit i: GPU type i will do; 0 = any
        pub const ID: usize = 5;
    }
    pub mod flags {
        pub type Type = u32; // ROLE_*
        pub const ID: usize = 6;
    }
}

// Devices by slot: those of a node lie together.
pub mod gpus {
    pub mod node {
        pub type Type = u32;
        pub const ID: usize = 0;
    }
    pub mod index {
        pub type Type = u32; // its number on the node
        pub const ID: usize = 1;
    }
    pub mod mode {
        pub type Type = u32; // GPU_*
        pub const ID: usize = 2;
    }
    pub mod free_milli {
        pub type Type = u32; // free thousandths
        pub const ID: usize = 3;
    }
}

// Pools by slot.
pub mod pools {
    pub mod nodes {
        pub type Type = u32; // nodes of it that work
        pub const ID: usize = 0;
    }
    pub mod gpus_total {
        pub type Type = u32; // devices on them
        pub const ID: usize = 1;
    }
    pub mod gpus_free {
        pub type Type = u32; // wholly free ones
        pub const ID: usize = 2;
    }
}

// GPU types by slot; the slot is the type's bit in a mask.
pub mod types {
    pub mod gpus_total {
        pub type Type = u32; // devices on nodes that work
        pub const ID: usize = 0;
    }
    pub mod gpus_free {
        pub type Type = u32; // wholly free ones
        pub const ID: usize = 1;
    }
}

/// What the policy may ask the host. Each costs fuel: 200 and more for what it moves.
pub mod host {
    #[link(wasm_import_module = "sched1")]
    extern "C" {
        // a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run
        pub fn log(ptr: *const u8, len: u32);
        // a value of the series of this name at this instant, for the run's figures and report. At most 256 names a
        // run, each of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts
        pub fn metric(ptr: *const u8, len: u32, value: i64);
        // ends the call as an error with this text
        pub fn fail(ptr: *const u8, len: u32);
        // the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are
        pub fn feasible(job: u32, role: u32, out: *mut u8, cap: u32) -> i32;
        // where a running job is: up to cap u32 node slots, one a part; returns how many there are
        pub fn placement(job: u32, out: *mut u8, cap: u32) -> i32;
        // a name as UTF-8, cut at cap; returns its length. kind is NAME_*
        pub fn name(kind: u32, slot: u32, out: *mut u8, cap: u32) -> i32;
        // a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1
        // and 0, and what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is
        // not given is otherwise; one that is no number ends the call
        pub fn param_i64(ptr: *const u8, len: u32, otherwise: i64) -> i64;
        // fuel that is left
        pub fn fuel() -> i64;
    }
}

/// One thread runs: a cell that is shared is never in two hands.
#[doc(hidden)]
pub struct Shared<T>(UnsafeCell<T>);
unsafe impl<T> Sync for Shared<T> {}
impl<T> Shared<T> {
    pub const fn new(value: T) -> Self {
        Shared(UnsafeCell::new(value))
    }
    pub fn get(&self) -> *mut T {
        self.0.get()
    }
}

const TABLES: usize = 6;
static DESC: Shared<Desc> = Shared::new(Desc { magic: 0, major: 0, minor: 0, size: 0, flags: 0, ctx_size: 0, event_size: 0, decision_size: 0, n_tables: 0, tables_ptr: 0, name_ptr: 0, name_len: 0, ctx_ptr: 0, events_ptr: 0, events_cap: 0, decisions_ptr: 0, decisions_cap: 0, idx_ptr: 0, idx_cap: 0, out_ptr: 0, out_cap: 0, out2_ptr: 0, str_ptr: 0, str_cap: 0, reserved: 0, every_ns: 0, coalesce_ns: 0,  });
static ENTRIES: Shared<[TableEntry; TABLES]> = Shared::new([TableEntry { kind: 0, cap: 0, wanted: 0, cols_ptr: 0, reserved: 0,  }; TABLES]);
static CTX: Shared<Ctx> = Shared::new(Ctx { now_ns: 0, call: 0, seed: 0, fuel: 0, flags: 0, minor: 0, partition: 0, str_len: 0, n_nodes: 0, n_jobs: 0, n_roles: 0, n_gpus: 0, n_pods: 0, n_queues: 0, n_pools: 0, n_types: 0, n_partitions: 0, pod: 0, want: 0, gpus_free: 0,  });
static COLS: Shared<[[u32; 64]; TABLES]> = Shared::new([[0; 64]; TABLES]);
static WANTED: Shared<[u64; TABLES]> = Shared::new([0; TABLES]);
static ROWS: Shared<[u32; TABLES]> = Shared::new([0; TABLES]);
static HAD: Shared<[u32; 6]> = Shared::new([0; 6]);
static FREE: Shared<(u64, u64)> = Shared::new((0, 0)); // memory that is ours: from, to

/// The call that runs.
pub fn ctx() -> &'static Ctx {
    unsafe { &*CTX.get() }
}

fn list<T>(ptr: u32, n: u32) -> &'static mut [T] {
    unsafe { core::slice::from_raw_parts_mut(ptr as *mut T, n as usize) }
}

pub fn events(n: u32) -> &'static [Event] {
    unsafe { list((*DESC.get()).events_ptr, n) }
}

pub fn idx(n: u32) -> &'static [u32] {
    unsafe { list((*DESC.get()).idx_ptr, n) }
}

/// sched1_preempt: the candidates, and where the answer goes.
pub fn candidates(n: u32) -> &'static mut [u32] {
    unsafe { list((*DESC.get()).idx_ptr, n) }
}

/// One a node slot, or with DESC_SPARSE one a slot of idx.
pub fn scores(n: u32) -> &'static mut [i32] {
    unsafe { list((*DESC.get()).out_ptr, n) }
}

pub fn keys(n: u32) -> &'static mut [i64] {
    unsafe { list((*DESC.get()).out_ptr, n) }
}

/// With DESC_KEYS_EXPIRE.
pub fn valid_until(n: u32) -> &'static mut [i64] {
    unsafe { list((*DESC.get()).out2_ptr, n) }
}

/// With DESC_PICKS_GPUS.
pub fn gpu_masks(n: u32) -> &'static mut [u64] {
    unsafe { list((*DESC.get()).out2_ptr, n) }
}

/// Room for as many decisions as one call may give.
pub fn decisions() -> &'static mut [Decision] {
    unsafe { list((*DESC.get()).decisions_ptr, (*DESC.get()).decisions_cap) }
}

/// Parameters at sched1_init: JSON.
pub fn text() -> &'static [u8] {
    unsafe { list((*DESC.get()).str_ptr, ctx().str_len) }
}

/// A parameter as a number: durations in ns, sizes in bytes, decimals in millionths.
pub fn param_i64(name: &str, otherwise: i64) -> i64 {
    unsafe { host::param_i64(name.as_ptr(), name.len() as u32, otherwise) }
}

#[doc(hidden)]
pub fn column<T>(table: usize, id: usize) -> &'static [T] {
    unsafe { list((*COLS.get())[table][id], (*ROWS.get())[table]) }
}

/// Zeroed memory, aligned to 16, that stays for good; 0 = the limit is reached.
#[inline(never)]
fn alloc(bytes: u64) -> u32 {
    let bytes = (bytes.max(1) + 15) & !15;
    let (mut at, mut end) = unsafe { *FREE.get() };
    let size = (core::arch::wasm32::memory_size(0) as u64) << 16;
    if size != end && bytes > end - at {
        at = size; // somebody else has grown memory: go on behind
        end = size;
    }
    if bytes > end - at {
        let pages = (bytes - (end - at) + 65535) >> 16;
        if pages > 65535 || core::arch::wasm32::memory_grow(0, pages as usize) == usize::MAX {
            return 0;
        }
        end += pages << 16;
    }
    unsafe { *FREE.get() = (at + bytes, end) };
    at as u32
}

/// Room for cap items of a size where there was room for fewer.
fn room(ptr: &mut u32, had: usize, cap: u32, size: u32) -> bool {
    let had = unsafe { &mut (*HAD.get())[had] };
    if *ptr != 0 && cap <= *had {
        return true;
    }
    *had = cap;
    *ptr = alloc(cap as u64 * size as u64);
    *ptr != 0
}

#[doc(hidden)]
pub fn desc(name: &'static str, flags: u32, every_ns: i64, coalesce_ns: i64, wanted: [u64; TABLES]) -> i32 {
    const KINDS: [u32; TABLES] = [TABLE_NODES, TABLE_JOBS, TABLE_ROLES, TABLE_GPUS, TABLE_POOLS, TABLE_TYPES];
    unsafe {
        *WANTED.get() = wanted;
        let mut n = 0;
        for t in 0..TABLES {
            if wanted[t] != 0 {
                (*ENTRIES.get())[n] = TableEntry {
                    kind: KINDS[t], cap: 0, wanted: wanted[t], cols_ptr: (*COLS.get())[t].as_ptr() as u32, reserved: 0,
                };
                n += 1;
            }
        }
        let d = &mut *DESC.get();
        d.magic = MAGIC;
        d.major = MAJOR;
        d.minor = MINOR;
        d.size = core::mem::size_of::<Desc>() as u32;
        d.flags = flags;
        d.ctx_size = core::mem::size_of::<Ctx>() as u32;
        d.event_size = core::mem::size_of::<Event>() as u32;
        d.decision_size = core::mem::size_of::<Decision>() as u32;
        d.n_tables = n as u32;
        d.tables_ptr = ENTRIES.get() as u32;
        d.name_ptr = name.as_ptr() as u32;
        d.name_len = name.len() as u32;
        d.every_ns = every_ns;
        d.coalesce_ns = coalesce_ns;
        DESC.get() as i32
    }
}

#[doc(hidden)]
pub fn layout(widths: [&[u8]; TABLES]) -> i32 {
    unsafe {
        let d = &mut *DESC.get();
        d.ctx_ptr = CTX.get() as u32;
        let mut ok = room(&mut d.events_ptr, 0, d.events_cap, d.event_size)
            && room(&mut d.decisions_ptr, 1, d.decisions_cap, d.decision_size)
            && room(&mut d.idx_ptr, 2, d.idx_cap, 4)
            && room(&mut d.out_ptr, 3, d.out_cap, 8)
            && room(&mut d.str_ptr, 4, d.str_cap, 1);
        if d.flags & (DESC_KEYS_EXPIRE | DESC_PICKS_GPUS) != 0 {
            ok = ok && room(&mut d.out2_ptr, 5, d.out_cap, 8);
        }
        let mut n = 0;
        for t in 0..TABLES {
            let wanted = (*WANTED.get())[t];
            if wanted == 0 {
                continue;
            }
            let cap = (*ENTRIES.get())[n].cap;
            n += 1;
            if cap <= (*ROWS.get())[t] {
                continue;
            }
            (*ROWS.get())[t] = cap;
            for (id, &width) in widths[t].iter().enumerate() {
                if wanted >> id & 1 != 0 {
                    let at = alloc(cap as u64 * width as u64);
                    (*COLS.get())[t][id] = at;
                    ok = ok && at != 0;
                }
            }
        }
        !ok as i32
    }
}

/// The widths of all columns, by table and id.
#[doc(hidden)]
pub const WIDTHS: [&[u8]; TABLES] = [
    &[4, 4, 4, 4, 4, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8],
    &[4, 8, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 8],
    &[4, 4, 4, 8, 8, 8, 4],
    &[4, 4, 4, 4],
    &[4, 4, 4],
    &[4, 4],
];

/// Says what the policy is called and wants; see the top of this file.
macro_rules! policy {
    (
        name: $name:expr
        $(, flags: $flags:expr)?
        $(, every_ns: $every:expr)?
        $(, coalesce_ns: $coalesce:expr)?
        $(, nodes: [$($nodes:ident),* $(,)?])?
        $(, jobs: [$($jobs:ident),* $(,)?])?
        $(, roles: [$($roles:ident),* $(,)?])?
        $(, gpus: [$($gpus:ident),* $(,)?])?
        $(, pools: [$($pools:ident),* $(,)?])?
        $(, types: [$($types:ident),* $(,)?])?
        $(,)?
    ) => {
        const _: () = assert!($name.len() <= 64, "a policy's name is at most 64 bytes");

        #[no_mangle]
        pub extern "C" fn sched1_desc() -> i32 {
            $crate::sched1::desc($name, 0 $(| $flags)?, 0 $(+ $every)?, 0 $(+ $coalesce)?, [
                0 $($(| 1u64 << $crate::sched1::nodes::$nodes::ID)*)?,
                0 $($(| 1u64 << $crate::sched1::jobs::$jobs::ID)*)?,
                0 $($(| 1u64 << $crate::sched1::roles::$roles::ID)*)?,
                0 $($(| 1u64 << $crate::sched1::gpus::$gpus::ID)*)?,
                0 $($(| 1u64 << $crate::sched1::pools::$pools::ID)*)?,
                0 $($(| 1u64 << $crate::sched1::types::$types::ID)*)?,
            ])
        }

        #[no_mangle]
        pub extern "C" fn sched1_layout() -> i32 {
            $crate::sched1::layout($crate::sched1::WIDTHS)
        }

        #[allow(dead_code, non_camel_case_types)]
        pub struct NodesColumns { $($(pub $nodes: &'static [$crate::sched1::nodes::$nodes::Type],)*)? }
        #[allow(dead_code)]
        #[inline(always)]
        pub fn nodes() -> NodesColumns {
            NodesColumns { $($($nodes: $crate::sched1::column(0, $crate::sched1::nodes::$nodes::ID),)*)? }
        }

        #[allow(dead_code, non_camel_case_types)]
        pub struct JobsColumns { $($(pub $jobs: &'static [$crate::sched1::jobs::$jobs::Type],)*)? }
        #[allow(dead_code)]
        #[inline(always)]
        pub fn jobs() -> JobsColumns {
            JobsColumns { $($($jobs: $crate::sched1::column(1, $crate::sched1::jobs::$jobs::ID),)*)? }
        }

        #[allow(dead_code, non_camel_case_types)]
        pub struct RolesColumns { $($(pub $roles: &'static [$crate::sched1::roles::$roles::Type],)*)? }
        #[allow(dead_code)]
        #[inline(always)]
        pub fn roles() -> RolesColumns {
            RolesColumns { $($($roles: $crate::sched1::column(2, $crate::sched1::roles::$roles::ID),)*)? }
        }

        #[allow(dead_code, non_camel_case_types)]
        pub struct GPUsColumns { $($(pub $gpus: &'static [$crate::sched1::gpus::$gpus::Type],)*)? }
        #[allow(dead_code)]
        #[inline(always)]
        pub fn gpus() -> GPUsColumns {
            GPUsColumns { $($($gpus: $crate::sched1::column(3, $crate::sched1::gpus::$gpus::ID),)*)? }
        }

        #[allow(dead_code, non_camel_case_types)]
        pub struct PoolsColumns { $($(pub $pools: &'static [$crate::sched1::pools::$pools::Type],)*)? }
        #[allow(dead_code)]
        #[inline(always)]
        pub fn pools() -> PoolsColumns {
            PoolsColumns { $($($pools: $crate::sched1::column(4, $crate::sched1::pools::$pools::ID),)*)? }
        }

        #[allow(dead_code, non_camel_case_types)]
        pub struct TypesColumns { $($(pub $types: &'static [$crate::sched1::types::$types::Type],)*)? }
        #[allow(dead_code)]
        #[inline(always)]
        pub fn types() -> TypesColumns {
            TypesColumns { $($($types: $crate::sched1::column(5, $crate::sched1::types::$types::ID),)*)? }
        }
    };
}

/// What a policy without std must have beside: a panic ends the call as an error.
macro_rules! no_std {
    () => {
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo) -> ! {
            core::arch::wasm32::unreachable()
        }
    };
}
