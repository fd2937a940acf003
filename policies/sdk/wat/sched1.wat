;; sched1.wat: write a scheduling policy in the text format of WebAssembly. Generated from the tables of policies/sched1 (Orrery);
;; do not edit.
;;
;; The file does everything but the policy: it tells the host what the policy wants, finds memory for it and grows it. WAT has no
;; include, but a file may be a list of a module's fields without (module ...): the build puts the policy's file before this one
;; and translates both as one module.
;;
;;     (data (i32.const 4096) "most-free")
;;     (func $setup
;;       (call $policy (i32.const 4096) (i32.const 9) (i32.const 0)) ;; name, its length, DESC_* flags
;;       (call $want (global.get $nodes.gpus_free)))
;;
;;     (func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
;;       (memory.copy (i32.load (global.get $desc.out_ptr)) (i32.load (global.get $nodes.gpus_free)) (i32.shl (local.get $n) (i32.const 2)))
;;       (global.get $STATUS_OK))
;;
;; $setup is called once, by sched1_desc. A column's global is where the address of the column stands; its row i lies 4 * i (of an i64
;; column 8 * i) bytes from there. Globals of desc and ctx are addresses, those of event, decision and table_entry are offsets in a
;; record. The bytes 4096 to 65535 are the policy's; more it gets of $alloc. Imports stand at the top of the policy's file:
;;
;;     (import "sched1" "log" (func $log (param i32 i32)))
;; a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run
;;     (import "sched1" "metric" (func $metric (param i32 i32 i64)))
;; a value of the series of this name at this instant, for the run's figures and report. At most 256 names a run, each
;; of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts
;;     (import "sched1" "fail" (func $fail (param i32 i32)))
;; ends the call as an error with this text
;;     (import "sched1" "feasible" (func $feasible (param i32 i32 i32 i32) (result i32)))
;; the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are
;;     (import "sched1" "placement" (func $placement (param i32 i32 i32) (result i32)))
;; where a running job is: up to cap u32 node slots, one a part; returns how many there are
;;     (import "sched1" "name" (func $name (param i32 i32 i32 i32) (result i32)))
;; a name as UTF-8, cut at cap; returns its length. kind is NAME_*
;;     (import "sched1" "param_i64" (func $param_i64 (param i32 i32 i64) (result i64)))
;; a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1 and 0, and
;; what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is not given is
;; otherwise; one that is no number ends the call
;;     (import "sched1" "fuel" (func $fuel (result i64)))
;; fuel that is left

(memory (export "memory") 1)

(global $MAGIC i32 (i32.const 0x31484353))
(global $NO_SCORE i32 (i32.const 0x80000000)) ;; this node must not be used
(global $NONE i32 (i32.const 0xffffffff))
(global $UNSET_TIME i64 (i64.const 0x8000000000000000))

;; Kinds of tables.
(global $TABLE_NODES i32 (i32.const 1)) ;; Nodes by slot; a node keeps its slot.
(global $TABLE_JOBS i32 (i32.const 2)) ;; Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.
(global $TABLE_ROLES i32 (i32.const 3)) ;; Roles of gangs by slot; shared by jobs that ask for the same.
(global $TABLE_GPUS i32 (i32.const 4)) ;; Devices by slot: those of a node lie together.
(global $TABLE_POOLS i32 (i32.const 7)) ;; Pools by slot.
(global $TABLE_TYPES i32 (i32.const 9)) ;; GPU types by slot; the slot is the type's bit in a mask.

;; Flags of a desc.
(global $DESC_KEYS_ALL i32 (i32.const 1)) ;; sched1_keys: the host asks for the keys of all waiting jobs at each pass
(global $DESC_KEYS_EXPIRE i32 (i32.const 2)) ;; sched1_keys: out2 holds, for each key, the instant from which the host asks again (i64 ns)
(global $DESC_SPARSE i32 (i32.const 4)) ;; sched1_score: idx[0..n) are the nodes that can hold the pod, out[i] is the score of idx[i]
(global $DESC_SCORE_ONCE i32 (i32.const 8)) ;; sched1_score: one call a role; nodes are filled in descending order of score
(global $DESC_PICKS_GPUS i32 (i32.const 16)) ;; sched1_score: out2 holds the devices to take on each node (u64); 0 = the host picks
(global $DESC_CLAIRVOYANT i32 (i32.const 32)) ;; the policy uses true_duration_ns; the scenario must grant it and reports say so
(global $DESC_LOGS i32 (i32.const 64)) ;; the last lines that the guest logs stand among the notes of the run, not only beside an error
(global $DESC_ANY_GPUS i32 (i32.const 128)) ;; whole scheduler: it counts GPUs only; a run in which a job asks for CPU, memory, a type, a part of a GPU or GPUs that lie together ends with an error

;; Flags of a ctx.
(global $CTX_MORE i32 (i32.const 2)) ;; sched1_decide: more happened than one call is told of (65,536 events); the next call, at this instant, tells of the rest
(global $CTX_PLAN i32 (i32.const 1)) ;; sched1_score: the nodes are as they are expected to be at a later instant, for a reservation

;; Kinds of events.
(global $EV_ARRIVE i32 (i32.const 1)) ;; a job may be started from now on; c = GPUs it asks for, x = estimate in ns
(global $EV_FINISH i32 (i32.const 2)) ;; a running job ended; c = GPUs it gave back, x = outcome (0 finished, 1 failed, 2 cancelled)
(global $EV_NODE_UP i32 (i32.const 3)) ;; a node came or works again; a = node, c = its GPUs
(global $EV_NODE_DOWN i32 (i32.const 4)) ;; a node failed; a = node; what ran on it is told as preempted
(global $EV_TIMER i32 (i32.const 6)) ;; an instant that the guest asked for is here
(global $EV_PREEMPTED i32 (i32.const 7)) ;; an attempt ended and the job waits again; c = GPUs it gave back, x = estimate in ns
(global $EV_STARTED i32 (i32.const 8)) ;; c = GPUs it holds, x = instant at which it is expected to end
(global $EV_REFUSED i32 (i32.const 9)) ;; a decision was refused; c = decision kind, x = REFUSED_* in the low 32 bits, tag in the high
(global $EV_RESYNC i32 (i32.const 10)) ;; all earlier state is void: the tables are the truth
(global $EV_CANCELLED i32 (i32.const 16)) ;; a waiting job left; x = outcome
(global $EV_JOB_CHANGED i32 (i32.const 17)) ;; a job's priority changed; x = the new one
(global $EV_NODE i32 (i32.const 18)) ;; a node was cordoned, drained or opened; a = node

;; Flags of an event.
(global $EVF_OWN i32 (i32.const 1)) ;; caused by the guest's own decision

;; Kinds of decisions.
(global $DO_START i32 (i32.const 1)) ;; start the job: with the start_parts since the last start, or with node NONE wherever the host places it
(global $DO_START_PART i32 (i32.const 2)) ;; pods of one role of the job on one node; part of the start that follows
(global $DO_PREEMPT i32 (i32.const 3)) ;; evict a running job
(global $DO_TIMER i32 (i32.const 6)) ;; a call at instant arg, which must lie ahead
(global $DO_REJECT i32 (i32.const 8)) ;; drop a waiting job
(global $DO_BLOCKED i32 (i32.const 14)) ;; tells, for reports, why waiting jobs that would fit were not started: arg = CAUSE_*, job = who is in front, or NONE
(global $DO_AWAIT i32 (i32.const 15)) ;; no call of this partition before gpus devices are free, a job arrives whose number is at most arg (-1 = none), or anything happens but arrivals, starts and finishes

;; Flags of a decision.
(global $DOF_MORE i32 (i32.const 1)) ;; on the last record: apply this, refresh the columns, call again

;; Flags of a node.
(global $NODE_UP i32 (i32.const 1)) ;; it works
(global $NODE_SPOT i32 (i32.const 2)) ;; its market may take it back
(global $NODE_DRAINING i32 (i32.const 4)) ;; nothing starts on it, what runs may end
(global $NODE_CORDONED i32 (i32.const 8)) ;; nothing starts on it

;; States of a job.
(global $JOB_FREE i32 (i32.const 0)) ;; the slot is empty
(global $JOB_HELD i32 (i32.const 1)) ;; waits for a dependency
(global $JOB_QUEUED i32 (i32.const 2)) ;; may be started
(global $JOB_STARTING i32 (i32.const 3))
(global $JOB_RUNNING i32 (i32.const 4))
(global $JOB_STOPPING i32 (i32.const 5))
(global $JOB_SUSPENDED i32 (i32.const 6))
(global $JOB_ENDED i32 (i32.const 7))

;; Flags of a role.
(global $ROLE_SPLIT i32 (i32.const 1)) ;; its GPUs may come from any nodes

;; Modes of a device.
(global $GPU_WHOLE i32 (i32.const 0)) ;; free or held as a whole
(global $GPU_SHARED i32 (i32.const 1)) ;; held in thousandths

;; Why a decision was refused.
(global $REFUSED_STALE i32 (i32.const 1)) ;; the slot holds another job now, or none
(global $REFUSED_STATE i32 (i32.const 2)) ;; the job is not in a state that allows it
(global $REFUSED_PARTS i32 (i32.const 3)) ;; the parts do not make up the job's gang
(global $REFUSED_DEVICES i32 (i32.const 4)) ;; devices, CPU or memory are not free
(global $REFUSED_NODE i32 (i32.const 5)) ;; a node does not exist, is closed, of a wrong type or of another partition
(global $REFUSED_PARTITION i32 (i32.const 6)) ;; the job belongs to another partition
(global $REFUSED_PAST i32 (i32.const 7)) ;; a timer that does not lie ahead
(global $REFUSED_KIND i32 (i32.const 8)) ;; no such decision
(global $REFUSED_PROTECTED i32 (i32.const 9)) ;; the job's attempt cannot be preempted yet (recovery.protect)
(global $REFUSED_QUOTA i32 (i32.const 10)) ;; the quota of its queue, of one above, or of its user is used up
(global $REFUSED_TOPOLOGY i32 (i32.const 11)) ;; the parts are not within one domain of the level that the job requires

;; Why jobs that would fit wait.
(global $CAUSE_RESERVATION i32 (i32.const 1)) ;; they would delay a reservation
(global $CAUSE_ORDER i32 (i32.const 2)) ;; a job ahead blocks
(global $CAUSE_CHOICE i32 (i32.const 3)) ;; the policy chose so; the default

;; Kinds of names, for the import name.
(global $NAME_JOB i32 (i32.const 1))
(global $NAME_USER i32 (i32.const 2))
(global $NAME_QUEUE i32 (i32.const 3))
(global $NAME_NODE i32 (i32.const 4))
(global $NAME_TYPE i32 (i32.const 5))
(global $NAME_PARTITION i32 (i32.const 6))

;; What sched1_layout, sched1_init, sched1_keys and sched1_score return.
(global $STATUS_OK i32 (i32.const 0)) ;; anything else ends the call as an error

;; desc: What the guest is and wants. It is static: its address never changes. 112 bytes at 64.
(global $desc.magic i32 (i32.const 64)) ;; u32: 'SCH1' in little-endian
(global $desc.major i32 (i32.const 68)) ;; u16: 1
(global $desc.minor i32 (i32.const 70)) ;; u16: the minor version the guest was built for
(global $desc.size i32 (i32.const 72)) ;; u32: size of this record as the guest knows it
(global $desc.flags i32 (i32.const 76)) ;; u32: DESC_*
(global $desc.ctx_size i32 (i32.const 80)) ;; u32: size of the ctx record as the guest knows it: the host writes no more of it
(global $desc.event_size i32 (i32.const 84)) ;; u32: size of an event as the guest knows it
(global $desc.decision_size i32 (i32.const 88)) ;; u32: size of a decision as the guest knows it
(global $desc.n_tables i32 (i32.const 92)) ;; u32: entries at tables_ptr
(global $desc.tables_ptr i32 (i32.const 96)) ;; u32: array of table_entry; static
(global $desc.name_ptr i32 (i32.const 100)) ;; u32: the policy's name, for reports: UTF-8
(global $desc.name_len i32 (i32.const 104)) ;; u32: at most 64
(global $desc.ctx_ptr i32 (i32.const 108)) ;; u32: one ctx record; filled in by sched1_layout
(global $desc.events_ptr i32 (i32.const 112)) ;; u32: array of events_cap events
(global $desc.events_cap i32 (i32.const 116)) ;; u32: written by the host before sched1_layout
(global $desc.decisions_ptr i32 (i32.const 120)) ;; u32: array of decisions_cap decisions
(global $desc.decisions_cap i32 (i32.const 124)) ;; u32: written by the host
(global $desc.idx_ptr i32 (i32.const 128)) ;; u32: array of idx_cap u32 slots: the host's lists, and victims coming back
(global $desc.idx_cap i32 (i32.const 132)) ;; u32: written by the host
(global $desc.out_ptr i32 (i32.const 136)) ;; u32: array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)
(global $desc.out_cap i32 (i32.const 140)) ;; u32: written by the host
(global $desc.out2_ptr i32 (i32.const 144)) ;; u32: as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags
(global $desc.str_ptr i32 (i32.const 148)) ;; u32: str_cap bytes of text: parameters as JSON at sched1_init
(global $desc.str_cap i32 (i32.const 152)) ;; u32: written by the host
(global $desc.every_ns i32 (i32.const 160)) ;; i64: whole scheduler: a pass at multiples of this only; 0 = at every change
(global $desc.coalesce_ns i32 (i32.const 168)) ;; i64: whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns

;; table_entry: A table that the guest wants. 24 bytes.
(global $table_entry.kind i32 (i32.const 0)) ;; u32: TABLE_*
(global $table_entry.cap i32 (i32.const 4)) ;; u32: rows there is room for; written by the host before sched1_layout
(global $table_entry.wanted i32 (i32.const 8)) ;; u64: bit i: column i
(global $table_entry.cols_ptr i32 (i32.const 16)) ;; u32: array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16

;; ctx: What a call is about; the host rewrites it before each. 96 bytes at 352.
(global $ctx.now_ns i32 (i32.const 352)) ;; i64: simulated time since the scenario's start
(global $ctx.call i32 (i32.const 360)) ;; u64: calls so far, this one counted
(global $ctx.seed i32 (i32.const 368)) ;; u64: random seed for this call, from the scenario's seed and the call's number
(global $ctx.fuel i32 (i32.const 376)) ;; i64: fuel that this call may use
(global $ctx.flags i32 (i32.const 384)) ;; u32: CTX_*
(global $ctx.minor i32 (i32.const 388)) ;; u32: the host's minor version
(global $ctx.partition i32 (i32.const 392)) ;; u32: whose pass this is
(global $ctx.str_len i32 (i32.const 396)) ;; u32: bytes of text at str_ptr
(global $ctx.n_nodes i32 (i32.const 400)) ;; u32: slots in use of table nodes; likewise below
(global $ctx.n_jobs i32 (i32.const 404)) ;; u32
(global $ctx.n_roles i32 (i32.const 408)) ;; u32
(global $ctx.n_gpus i32 (i32.const 412)) ;; u32
(global $ctx.n_pods i32 (i32.const 416)) ;; u32
(global $ctx.n_queues i32 (i32.const 420)) ;; u32
(global $ctx.n_pools i32 (i32.const 424)) ;; u32
(global $ctx.n_types i32 (i32.const 428)) ;; u32
(global $ctx.n_partitions i32 (i32.const 432)) ;; u32: partitions of the scenario
(global $ctx.pod i32 (i32.const 436)) ;; u32: sched1_score: index of the pod in its role, or of the share of a role that may be split
(global $ctx.want i32 (i32.const 440)) ;; u32: sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted
(global $ctx.gpus_free i32 (i32.const 444)) ;; u32: whole scheduler: wholly free devices of the partition, on nodes where something may start

;; event: What happened since the last call. Kinds that a guest does not know are to be skipped. 32 bytes.
(global $event.kind i32 (i32.const 0)) ;; u16: EV_*
(global $event.flags i32 (i32.const 2)) ;; u16: EVF_*
(global $event.a i32 (i32.const 4)) ;; u32: the job's slot, or the node's
(global $event.b i32 (i32.const 8)) ;; u32: the job's generation
(global $event.c i32 (i32.const 12)) ;; u32: its GPUs
(global $event.t_ns i32 (i32.const 16)) ;; i64: when
(global $event.x i32 (i32.const 24)) ;; u64: see the kind

;; decision: One answer of a guest. 48 bytes.
(global $decision.kind i32 (i32.const 0)) ;; u16: DO_*
(global $decision.flags i32 (i32.const 2)) ;; u16: DOF_*
(global $decision.job i32 (i32.const 4)) ;; u32: slot
(global $decision.job_gen i32 (i32.const 8)) ;; u32: its generation: a stale one is refused
(global $decision.node i32 (i32.const 12)) ;; u32: slot, or NONE: the host places the whole gang, on the lowest nodes that hold it
(global $decision.role i32 (i32.const 16)) ;; u16: index of the role in the job
(global $decision.replicas i32 (i32.const 18)) ;; u16: pods of the role on this node; 0 reads as 1
(global $decision.gpus i32 (i32.const 20)) ;; u32: of a role that may be split: GPUs to take on this node; else 0
(global $decision.gpu_mask i32 (i32.const 24)) ;; u64: devices; 0 = the host picks
(global $decision.arg i32 (i32.const 32)) ;; i64: see the kind
(global $decision.gpu_milli i32 (i32.const 40)) ;; u32: 0
(global $decision.tag i32 (i32.const 44)) ;; u32: comes back in a refusal

;; nodes: Nodes by slot; a node keeps its slot. Where its columns' addresses stand.
(global $nodes.flags i32 (i32.const 1024)) ;; 0: u32: NODE_*
(global $nodes.type i32 (i32.const 1028)) ;; 1: u32: GPU type: slot in types, or NONE
(global $nodes.first_gpu i32 (i32.const 1032)) ;; 2: u32: slot of its first device in gpus
(global $nodes.gpus_total i32 (i32.const 1036)) ;; 3: u32
(global $nodes.gpus_free i32 (i32.const 1040)) ;; 4: u32: wholly free devices
(global $nodes.gpu_free_mask i32 (i32.const 1044)) ;; 5: u64: bit i: device i is wholly free
(global $nodes.gpu_milli_free i32 (i32.const 1048)) ;; 6: u32: free thousandths over all devices
(global $nodes.gpu_milli_max i32 (i32.const 1052)) ;; 7: u32: free thousandths of its emptiest device
(global $nodes.cpu_total_milli i32 (i32.const 1056)) ;; 8: u32: thousandths of a CPU
(global $nodes.cpu_free_milli i32 (i32.const 1060)) ;; 9: u32
(global $nodes.mem_total_mib i32 (i32.const 1064)) ;; 10: u32
(global $nodes.mem_free_mib i32 (i32.const 1068)) ;; 11: u32
(global $nodes.pool i32 (i32.const 1072)) ;; 12: u32
(global $nodes.partition i32 (i32.const 1076)) ;; 13: u32
(global $nodes.n_pods i32 (i32.const 1080)) ;; 14: u32: pods running on it
(global $nodes.up_since_ns i32 (i32.const 1084)) ;; 15: i64

;; jobs: Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns. Where its columns' addresses stand.
(global $jobs.state i32 (i32.const 1280)) ;; 0: u32: JOB_*
(global $jobs.number i32 (i32.const 1284)) ;; 1: u64: order of arrival, for ties
(global $jobs.gen i32 (i32.const 1288)) ;; 2: u32: generation of the slot
(global $jobs.queue i32 (i32.const 1292)) ;; 3: u32: or NONE
(global $jobs.user i32 (i32.const 1296)) ;; 4: u32: or NONE
(global $jobs.partition i32 (i32.const 1300)) ;; 5: u32
(global $jobs.prio i32 (i32.const 1304)) ;; 6: i32: larger first
(global $jobs.role_first i32 (i32.const 1308)) ;; 7: u32: slot of its first role in roles; jobs that ask for the same share roles
(global $jobs.n_roles i32 (i32.const 1312)) ;; 8: u32
(global $jobs.gpus i32 (i32.const 1316)) ;; 9: u32: devices that the whole gang asks for
(global $jobs.gpus_now i32 (i32.const 1320)) ;; 10: u32: devices that it holds while it runs
(global $jobs.submit_ns i32 (i32.const 1324)) ;; 11: i64
(global $jobs.start_ns i32 (i32.const 1328)) ;; 12: i64: of the present attempt; UNSET_TIME before the first
(global $jobs.exp_end_ns i32 (i32.const 1332)) ;; 13: i64: running: when the present attempt is expected to end, by the estimate
(global $jobs.since_ns i32 (i32.const 1336)) ;; 14: i64: waiting: when it joined the queue; running: what attained_gpu_ns holds the value at
(global $jobs.waited_ns i32 (i32.const 1340)) ;; 15: i64: queued time until since_ns
(global $jobs.attained_gpu_ns i32 (i32.const 1344)) ;; 16: i64: GPU time until since_ns; from then on gpus_now a ns while it runs
(global $jobs.est_ns i32 (i32.const 1348)) ;; 17: i64: the estimate of its running time
(global $jobs.attempts i32 (i32.const 1352)) ;; 18: u32: starts so far
(global $jobs.evictions i32 (i32.const 1356)) ;; 19: u32
(global $jobs.x0 i32 (i32.const 1360)) ;; 20: i64: the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below
(global $jobs.x1 i32 (i32.const 1364)) ;; 21: i64
(global $jobs.x2 i32 (i32.const 1368)) ;; 22: i64
(global $jobs.x3 i32 (i32.const 1372)) ;; 23: i64
(global $jobs.x4 i32 (i32.const 1376)) ;; 24: i64
(global $jobs.x5 i32 (i32.const 1380)) ;; 25: i64
(global $jobs.x6 i32 (i32.const 1384)) ;; 26: i64
(global $jobs.x7 i32 (i32.const 1388)) ;; 27: i64
(global $jobs.true_duration_ns i32 (i32.const 1392)) ;; 28: i64: recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)

;; roles: Roles of gangs by slot; shared by jobs that ask for the same. Where its columns' addresses stand.
(global $roles.replicas i32 (i32.const 1536)) ;; 0: u32: pods that start together; of a role that may be split, its GPUs
(global $roles.pod_gpus i32 (i32.const 1540)) ;; 1: u32: devices a pod
(global $roles.pod_gpu_milli i32 (i32.const 1544)) ;; 2: u32: thousandths of each device: 1000 = whole
(global $roles.pod_cpu_milli i32 (i32.const 1548)) ;; 3: u64: of a role that may be split: in all
(global $roles.pod_mem_mib i32 (i32.const 1552)) ;; 4: u64: of a role that may be split: in all
(global $roles.type_mask i32 (i32.const 1556)) ;; 5: u64: bit i: GPU type i will do; 0 = any
(global $roles.flags i32 (i32.const 1560)) ;; 6: u32: ROLE_*

;; gpus: Devices by slot: those of a node lie together. Where its columns' addresses stand.
(global $gpus.node i32 (i32.const 1792)) ;; 0: u32
(global $gpus.index i32 (i32.const 1796)) ;; 1: u32: its number on the node
(global $gpus.mode i32 (i32.const 1800)) ;; 2: u32: GPU_*
(global $gpus.free_milli i32 (i32.const 1804)) ;; 3: u32: free thousandths

;; pools: Pools by slot. Where its columns' addresses stand.
(global $pools.nodes i32 (i32.const 2048)) ;; 0: u32: nodes of it that work
(global $pools.gpus_total i32 (i32.const 2052)) ;; 1: u32: devices on them
(global $pools.gpus_free i32 (i32.const 2056)) ;; 2: u32: wholly free ones

;; types: GPU types by slot; the slot is the type's bit in a mask. Where its columns' addresses stand.
(global $types.gpus_total i32 (i32.const 2304)) ;; 0: u32: devices on nodes that work
(global $types.gpus_free i32 (i32.const 2308)) ;; 1: u32: wholly free ones

;; The SDK's memory: desc at 64, table entries at 192, ctx at 352, rows that buffers have at 448, rows of tables at 480, bits of 8-byte
;; columns at 512, kinds of tables at 576, wanted bits at 640, columns' addresses at 1024 (256 bytes a table).
(data (i32.const 512) "\20\80\00\00\00\00\00\00") ;; nodes
(data (i32.const 576) "\01")
(data (i32.const 520) "\02\f8\f3\1f\00\00\00\00") ;; jobs
(data (i32.const 580) "\02")
(data (i32.const 528) "\38\00\00\00\00\00\00\00") ;; roles
(data (i32.const 584) "\03")
(data (i32.const 536) "\00\00\00\00\00\00\00\00") ;; gpus
(data (i32.const 588) "\04")
(data (i32.const 544) "\00\00\00\00\00\00\00\00") ;; pools
(data (i32.const 592) "\07")
(data (i32.const 552) "\00\00\00\00\00\00\00\00") ;; types
(data (i32.const 596) "\09")
(global $sched1_at (mut i32) (i32.const 0)) ;; memory that is ours: from, to
(global $sched1_end (mut i32) (i32.const 0))

;; $policy says what the policy is called (where its name lies, at most 64 bytes) and its DESC_* flags. For $setup.
(func $policy (param $name i32) (param $length i32) (param $flags i32)
  (i32.store (global.get $desc.name_ptr) (local.get $name))
  (i32.store (global.get $desc.name_len) (local.get $length))
  (i32.store (global.get $desc.flags) (local.get $flags)))

;; $want asks for a column. For $setup.
(func $want (param $column i32)
  (local $wanted i32)
  (local.set $wanted (i32.add (i32.const 640) (i32.shl (i32.shr_u (i32.sub (local.get $column) (i32.const 1024)) (i32.const 8)) (i32.const 3))))
  (i64.store (local.get $wanted)
    (i64.or (i64.load (local.get $wanted))
      (i64.shl (i64.const 1) (i64.extend_i32_u (i32.shr_u (i32.and (local.get $column) (i32.const 255)) (i32.const 2)))))))

;; $alloc is zeroed memory for so many items of a width, aligned to 16, that stays for good; 0 = the limit is reached.
(func $alloc (param $items i32) (param $width i32) (result i32)
  (local $bytes i32) (local $pages i32)
  (if (i64.gt_u (i64.mul (i64.extend_i32_u (local.get $items)) (i64.extend_i32_u (local.get $width))) (i64.const 0x7fff0000))
    (then (return (i32.const 0))))
  (local.set $bytes (i32.and (i32.add (i32.mul (local.get $items) (local.get $width)) (i32.const 31)) (i32.const -16)))
  (if (i32.gt_u (local.get $bytes) (i32.sub (global.get $sched1_end) (global.get $sched1_at)))
    (then
      (if (i32.ne (global.get $sched1_end) (i32.shl (memory.size) (i32.const 16))) ;; somebody else has grown memory: go on behind
        (then
          (global.set $sched1_at (i32.shl (memory.size) (i32.const 16)))
          (global.set $sched1_end (global.get $sched1_at))))
      (local.set $pages (i32.shr_u
        (i32.add (i32.sub (local.get $bytes) (i32.sub (global.get $sched1_end) (global.get $sched1_at))) (i32.const 65535)) (i32.const 16)))
      (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1))
        (then (return (i32.const 0))))
      (global.set $sched1_end (i32.add (global.get $sched1_end) (i32.shl (local.get $pages) (i32.const 16))))))
  (global.set $sched1_at (i32.add (global.get $sched1_at) (local.get $bytes)))
  (i32.sub (global.get $sched1_at) (local.get $bytes)))

(func (export "sched1_desc") (result i32)
  (local $t i32) (local $entry i32)
  (if (i32.load (global.get $desc.magic))
    (then (return (i32.const 64))))
  (call $setup)
  (i32.store (global.get $desc.magic) (global.get $MAGIC))
  (i32.store16 (global.get $desc.major) (i32.const 1))
  (i32.store16 (global.get $desc.minor) (i32.const 0))
  (i32.store (global.get $desc.size) (i32.const 112))
  (i32.store (global.get $desc.ctx_size) (i32.const 96))
  (i32.store (global.get $desc.event_size) (i32.const 32))
  (i32.store (global.get $desc.decision_size) (i32.const 48))
  (i32.store (global.get $desc.tables_ptr) (i32.const 192))
  (i32.store (global.get $desc.ctx_ptr) (i32.const 352))
  (local.set $entry (i32.const 192))
  (loop $tables
    (if (i64.ne (i64.load (i32.add (i32.const 640) (i32.shl (local.get $t) (i32.const 3)))) (i64.const 0))
      (then
        (i32.store (i32.add (local.get $entry) (global.get $table_entry.kind)) (i32.load8_u (i32.add (i32.const 576) (i32.shl (local.get $t) (i32.const 2)))))
        (i64.store (i32.add (local.get $entry) (global.get $table_entry.wanted)) (i64.load (i32.add (i32.const 640) (i32.shl (local.get $t) (i32.const 3)))))
        (i32.store (i32.add (local.get $entry) (global.get $table_entry.cols_ptr)) (i32.add (i32.const 1024) (i32.shl (local.get $t) (i32.const 8))))
        (i32.store (global.get $desc.n_tables) (i32.add (i32.load (global.get $desc.n_tables)) (i32.const 1)))
        (local.set $entry (i32.add (local.get $entry) (i32.const 24)))))
    (br_if $tables (i32.lt_u (local.tee $t (i32.add (local.get $t) (i32.const 1))) (i32.const 6))))
  (i32.const 64))

;; $room makes room for a buffer of the desc: 1 = there is none.
(func $room (param $ptr i32) (param $buffer i32) (param $cap i32) (param $width i32) (result i32)
  (local $had i32)
  (local.set $had (i32.add (i32.const 448) (i32.shl (local.get $buffer) (i32.const 2))))
  (if (i32.and (i32.ne (i32.load (local.get $ptr)) (i32.const 0)) (i32.le_u (local.get $cap) (i32.load (local.get $had))))
    (then (return (i32.const 0))))
  (i32.store (local.get $had) (local.get $cap))
  (i32.store (local.get $ptr) (call $alloc (local.get $cap) (local.get $width)))
  (i32.eqz (i32.load (local.get $ptr))))

;; $place makes room for the wanted columns of a table: 1 = there is none.
(func $place (param $entry i32) (result i32)
  (local $cols i32) (local $rows i32) (local $cap i32) (local $wide i64) (local $wanted i64)
  (local.set $cols (i32.load (i32.add (local.get $entry) (global.get $table_entry.cols_ptr))))
  (local.set $cap (i32.load (i32.add (local.get $entry) (global.get $table_entry.cap))))
  (local.set $wanted (i64.load (i32.add (local.get $entry) (global.get $table_entry.wanted))))
  (local.set $rows (i32.add (i32.const 480) (i32.shl (i32.shr_u (i32.sub (local.get $cols) (i32.const 1024)) (i32.const 8)) (i32.const 2))))
  (local.set $wide (i64.load (i32.add (i32.const 512) (i32.shr_u (i32.sub (local.get $cols) (i32.const 1024)) (i32.const 5)))))
  (if (i32.le_u (local.get $cap) (i32.load (local.get $rows)))
    (then (return (i32.const 0))))
  (i32.store (local.get $rows) (local.get $cap))
  (loop $columns
    (if (i64.ne (i64.and (local.get $wanted) (i64.const 1)) (i64.const 0))
      (then
        (i32.store (local.get $cols) (call $alloc (local.get $cap) (select (i32.const 8) (i32.const 4) (i32.wrap_i64 (i64.and (local.get $wide) (i64.const 1))))))
        (if (i32.eqz (i32.load (local.get $cols)))
          (then (return (i32.const 1))))))
    (local.set $cols (i32.add (local.get $cols) (i32.const 4)))
    (local.set $wide (i64.shr_u (local.get $wide) (i64.const 1)))
    (br_if $columns (i64.ne (local.tee $wanted (i64.shr_u (local.get $wanted) (i64.const 1))) (i64.const 0))))
  (i32.const 0))

(func (export "sched1_layout") (result i32)
  (local $i i32) (local $failed i32)
  (local.set $failed (i32.or (i32.or (i32.or (i32.or
    (call $room (global.get $desc.events_ptr) (i32.const 0) (i32.load (global.get $desc.events_cap)) (i32.const 32))
    (call $room (global.get $desc.decisions_ptr) (i32.const 1) (i32.load (global.get $desc.decisions_cap)) (i32.const 48)))
    (call $room (global.get $desc.idx_ptr) (i32.const 2) (i32.load (global.get $desc.idx_cap)) (i32.const 4)))
    (call $room (global.get $desc.out_ptr) (i32.const 3) (i32.load (global.get $desc.out_cap)) (i32.const 8)))
    (call $room (global.get $desc.str_ptr) (i32.const 4) (i32.load (global.get $desc.str_cap)) (i32.const 1))))
  (if (i32.and (i32.load (global.get $desc.flags)) (i32.or (global.get $DESC_KEYS_EXPIRE) (global.get $DESC_PICKS_GPUS)))
    (then (local.set $failed (i32.or (local.get $failed)
      (call $room (global.get $desc.out2_ptr) (i32.const 5) (i32.load (global.get $desc.out_cap)) (i32.const 8))))))
  (block $done
    (loop $tables
      (br_if $done (i32.eq (local.get $i) (i32.load (global.get $desc.n_tables))))
      (local.set $failed (i32.or (local.get $failed)
        (call $place (i32.add (i32.const 192) (i32.mul (local.get $i) (i32.const 24))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $tables)))
  (local.get $failed))
