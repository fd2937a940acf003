package sched1

// What the ABI is called, and which it is.
const (
	Magic     = 0x31484353 // "SCH1"
	Major     = 1
	Minor     = 0
	Module    = "sched1" // imports' module
	MaxCols   = 64
	NoScore   = -1 << 31 // INT32_MIN: this node must not be used
	None      = 0xffffffff
	UnsetTime = -1 << 63
)

// Desc is what a guest declares once: sched1_desc returns its address. The host reads it, writes caps, and reads the pointers
// that sched1_layout filled in.
var Desc = record("desc", "What the guest is and wants. It is static: its address never changes.",
	Field{Name: "magic", Type: U32, Doc: "'SCH1' in little-endian"},
	Field{Name: "major", Type: U16, Doc: "1"},
	Field{Name: "minor", Type: U16, Doc: "the minor version the guest was built for"},
	Field{Name: "size", Type: U32, Doc: "size of this record as the guest knows it"},
	Field{Name: "flags", Type: U32, Doc: "DESC_*"},
	Field{Name: "ctx_size", Type: U32, Doc: "size of the ctx record as the guest knows it: the host writes no more of it"},
	Field{Name: "event_size", Type: U32, Doc: "size of an event as the guest knows it"},
	Field{Name: "decision_size", Type: U32, Doc: "size of a decision as the guest knows it"},
	Field{Name: "n_tables", Type: U32, Doc: "entries at tables_ptr"},
	Field{Name: "tables_ptr", Type: U32, Doc: "array of table_entry; static"},
	Field{Name: "name_ptr", Type: U32, Doc: "the policy's name, for reports: UTF-8"},
	Field{Name: "name_len", Type: U32, Doc: "at most 64"},
	Field{Name: "ctx_ptr", Type: U32, Doc: "one ctx record; filled in by sched1_layout"},
	Field{Name: "events_ptr", Type: U32, Doc: "array of events_cap events"},
	Field{Name: "events_cap", Type: U32, Doc: "written by the host before sched1_layout"},
	Field{Name: "decisions_ptr", Type: U32, Doc: "array of decisions_cap decisions"},
	Field{Name: "decisions_cap", Type: U32, Doc: "written by the host"},
	Field{Name: "idx_ptr", Type: U32, Doc: "array of idx_cap u32 slots: the host's lists, and victims coming back"},
	Field{Name: "idx_cap", Type: U32, Doc: "written by the host"},
	Field{Name: "out_ptr", Type: U32, Doc: "array of out_cap times 8 bytes, aligned to 16: scores (i32 each), keys (i64 each)"},
	Field{Name: "out_cap", Type: U32, Doc: "written by the host"},
	Field{Name: "out2_ptr", Type: U32, Doc: "as out: valid_until (i64) under DESC_KEYS_EXPIRE, device masks (u64) under DESC_PICKS_GPUS; 0 without these flags"},
	Field{Name: "str_ptr", Type: U32, Doc: "str_cap bytes of text: parameters as JSON at sched1_init"},
	Field{Name: "str_cap", Type: U32, Doc: "written by the host"},
	Field{Name: "reserved", Type: U32, Doc: "0"},
	Field{Name: "every_ns", Type: I64, Doc: "whole scheduler: a pass at multiples of this only; 0 = at every change"},
	Field{Name: "coalesce_ns", Type: I64, Doc: "whole scheduler: a pass at most so long after the first change; 0 = at once. Not together with every_ns"},
)

// TableEntry asks for one table.
var TableEntry = record("table_entry", "A table that the guest wants.",
	Field{Name: "kind", Type: U32, Doc: "TABLE_*"},
	Field{Name: "cap", Type: U32, Doc: "rows there is room for; written by the host before sched1_layout"},
	Field{Name: "wanted", Type: U64, Doc: "bit i: column i"},
	Field{Name: "cols_ptr", Type: U32, Doc: "array of 64 u32: sched1_layout puts the address of each wanted column there, aligned to 16"},
	Field{Name: "reserved", Type: U32, Doc: "0"},
)

// Ctx is rewritten before each call.
var Ctx = record("ctx", "What a call is about; the host rewrites it before each.",
	Field{Name: "now_ns", Type: I64, Doc: "simulated time since the scenario's start"},
	Field{Name: "call", Type: U64, Doc: "calls so far, this one counted"},
	Field{Name: "seed", Type: U64, Doc: "random seed for this call, from the scenario's seed and the call's number"},
	Field{Name: "fuel", Type: I64, Doc: "fuel that this call may use"},
	Field{Name: "flags", Type: U32, Doc: "CTX_*"},
	Field{Name: "minor", Type: U32, Doc: "the host's minor version"},
	Field{Name: "partition", Type: U32, Doc: "whose pass this is"},
	Field{Name: "str_len", Type: U32, Doc: "bytes of text at str_ptr"},
	Field{Name: "n_nodes", Type: U32, Doc: "slots in use of table nodes; likewise below"},
	Field{Name: "n_jobs", Type: U32, Doc: ""},
	Field{Name: "n_roles", Type: U32, Doc: ""},
	Field{Name: "n_gpus", Type: U32, Doc: ""},
	Field{Name: "n_pods", Type: U32, Doc: ""},
	Field{Name: "n_queues", Type: U32, Doc: ""},
	Field{Name: "n_pools", Type: U32, Doc: ""},
	Field{Name: "n_types", Type: U32, Doc: ""},
	Field{Name: "n_partitions", Type: U32, Doc: "partitions of the scenario"},
	Field{Name: "pod", Type: U32, Doc: "sched1_score: index of the pod in its role, or of the share of a role that may be split"},
	Field{Name: "want", Type: U32, Doc: "sched1_score: pods (or GPUs of a role that may be split) of the role still to be placed, this one counted"},
	Field{Name: "gpus_free", Type: U32, Doc: "whole scheduler: wholly free devices of the partition, on nodes where something may start"},
)

// Event tells what happened since the last call.
var Event = record("event", "What happened since the last call. Kinds that a guest does not know are to be skipped.",
	Field{Name: "kind", Type: U16, Doc: "EV_*"},
	Field{Name: "flags", Type: U16, Doc: "EVF_*"},
	Field{Name: "a", Type: U32, Doc: "the job's slot, or the node's"},
	Field{Name: "b", Type: U32, Doc: "the job's generation"},
	Field{Name: "c", Type: U32, Doc: "its GPUs"},
	Field{Name: "t_ns", Type: I64, Doc: "when"},
	Field{Name: "x", Type: U64, Doc: "see the kind"},
)

// Decision is one answer.
var Decision = record("decision", "One answer of a guest.",
	Field{Name: "kind", Type: U16, Doc: "DO_*"},
	Field{Name: "flags", Type: U16, Doc: "DOF_*"},
	Field{Name: "job", Type: U32, Doc: "slot"},
	Field{Name: "job_gen", Type: U32, Doc: "its generation: a stale one is refused"},
	Field{Name: "node", Type: U32, Doc: "slot, or NONE: the host places the whole gang, on the lowest nodes that hold it"},
	Field{Name: "role", Type: U16, Doc: "index of the role in the job"},
	Field{Name: "replicas", Type: U16, Doc: "pods of the role on this node; 0 reads as 1"},
	Field{Name: "gpus", Type: U32, Doc: "of a role that may be split: GPUs to take on this node; else 0"},
	Field{Name: "gpu_mask", Type: U64, Doc: "devices; 0 = the host picks"},
	Field{Name: "arg", Type: I64, Doc: "see the kind"},
	Field{Name: "gpu_milli", Type: U32, Doc: "0"},
	Field{Name: "tag", Type: U32, Doc: "comes back in a refusal"},
)

// Records are all of them.
func Records() []Record { return []Record{Desc, TableEntry, Ctx, Event, Decision} }
