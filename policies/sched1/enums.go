package sched1

// Flags of a Desc.
const (
	DescKeysAll     = 1 << iota // ask for all keys at each pass
	DescKeysExpire              // out2 holds valid_until of each key
	DescSparse                  // sched1_score: idx[0..n) are the nodes; out[i] is idx[i]'s score
	DescScoreOnce               // one call a role
	DescPicksGPUs               // out2 holds a device mask for each node
	DescClairvoyant             // true_duration_ns is wanted: the scenario must grant it
	DescLogs                    // what it logs last stands among the notes of the run, not in errors only
	DescAnyGPUs                 // it counts GPUs and looks at nothing else that a job asks for
)

// Flags of a Ctx.
const (
	CtxPlan = 1 << iota
	CtxMore
)

// Kinds of events.
const (
	EvArrive    = 1  // the job may be started from now on
	EvFinish    = 2  // it ran and ended
	EvNodeUp    = 3  //
	EvNodeDown  = 4  //
	EvTimer     = 6  //
	EvPreempted = 7  // an attempt ended without the job: it waits again
	EvStarted   = 8  //
	EvRefused   = 9  //
	EvResync    = 10 //
	EvCancelled = 16 // a waiting job left
	EvChanged   = 17 // a job's priority changed
	EvNode      = 18 // cordoned, drained, open again
)

// Flags of an event.
const EvfOwn = 1 // caused by the guest's own decision

// Kinds of decisions. 4, 5, 7 and 9 to 13 are kept for elastic jobs, pools and checkpoints.
const (
	DoStart     = 1  // start the job with the start_parts before it
	DoStartPart = 2  // pods of the job on one node
	DoPreempt   = 3  // evict a running job
	DoTimer     = 6  // a call at arg
	DoReject    = 8  // drop a waiting job
	DoBlocked   = 14 // why waiting jobs that would fit were not started
	DoAwait     = 15 // no call before this
)

// Flags of a decision.
const DofMore = 1 // on the last record: call again, there is more for this instant

// Causes of waiting that a policy can tell.
const (
	CauseReservation = 1 + iota
	CauseOrder
	CauseChoice
)

// Kinds of names, for the import "name".
const (
	NameJob = 1 + iota
	NameUser
	NameQueue
	NameNode
	NameType
	NamePartition
)

// Enums are the constants, in groups.
func Enums() []Enum {
	return []Enum{
		{Prefix: "TABLE", Doc: "Kinds of tables", Values: tableKinds()},
		{Prefix: "DESC", Doc: "Flags of a desc", Values: []Value{
			{"KEYS_ALL", DescKeysAll, "sched1_keys: the host asks for the keys of all waiting jobs at each pass"},
			{"KEYS_EXPIRE", DescKeysExpire, "sched1_keys: out2 holds, for each key, the instant from which the host asks again (i64 ns)"},
			{"SPARSE", DescSparse, "sched1_score: idx[0..n) are the nodes that can hold the pod, out[i] is the score of idx[i]"},
			{"SCORE_ONCE", DescScoreOnce, "sched1_score: one call a role; nodes are filled in descending order of score"},
			{"PICKS_GPUS", DescPicksGPUs, "sched1_score: out2 holds the devices to take on each node (u64); 0 = the host picks"},
			{"CLAIRVOYANT", DescClairvoyant, "the policy uses true_duration_ns; the scenario must grant it and reports say so"},
			{"LOGS", DescLogs, "the last lines that the guest logs stand among the notes of the run, not only beside an error"},
			{"ANY_GPUS", DescAnyGPUs, "whole scheduler: it counts GPUs only; a run in which a job asks for CPU, memory, a type, a part of a GPU or GPUs that lie together ends with an error"},
		}},
		{Prefix: "CTX", Doc: "Flags of a ctx", Values: []Value{
			{"MORE", CtxMore, "sched1_decide: more happened than one call is told of (65,536 events); the next call, at this instant, tells of the rest"},
			{"PLAN", CtxPlan, "sched1_score: the nodes are as they are expected to be at a later instant, for a reservation"},
		}},
		{Prefix: "EV", Doc: "Kinds of events", Values: []Value{
			{"ARRIVE", EvArrive, "a job may be started from now on; c = GPUs it asks for, x = estimate in ns"},
			{"FINISH", EvFinish, "a running job ended; c = GPUs it gave back, x = outcome (0 finished, 1 failed, 2 cancelled)"},
			{"NODE_UP", EvNodeUp, "a node came or works again; a = node, c = its GPUs"},
			{"NODE_DOWN", EvNodeDown, "a node failed; a = node; what ran on it is told as preempted"},
			{"TIMER", EvTimer, "an instant that the guest asked for is here"},
			{"PREEMPTED", EvPreempted, "an attempt ended and the job waits again; c = GPUs it gave back, x = estimate in ns"},
			{"STARTED", EvStarted, "c = GPUs it holds, x = instant at which it is expected to end"},
			{"REFUSED", EvRefused, "a decision was refused; c = decision kind, x = REFUSED_* in the low 32 bits, tag in the high"},
			{"RESYNC", EvResync, "all earlier state is void: the tables are the truth"},
			{"CANCELLED", EvCancelled, "a waiting job left; x = outcome"},
			{"JOB_CHANGED", EvChanged, "a job's priority changed; x = the new one"},
			{"NODE", EvNode, "a node was cordoned, drained or opened; a = node"},
		}},
		{Prefix: "EVF", Doc: "Flags of an event", Values: []Value{{"OWN", EvfOwn, "caused by the guest's own decision"}}},
		{Prefix: "DO", Doc: "Kinds of decisions", Values: []Value{
			{"START", DoStart, "start the job: with the start_parts since the last start, or with node NONE wherever the host places it"},
			{"START_PART", DoStartPart, "pods of one role of the job on one node; part of the start that follows"},
			{"PREEMPT", DoPreempt, "evict a running job"},
			{"TIMER", DoTimer, "a call at instant arg, which must lie ahead"},
			{"REJECT", DoReject, "drop a waiting job"},
			{"BLOCKED", DoBlocked, "tells, for reports, why waiting jobs that would fit were not started: arg = CAUSE_*, job = who is in front, or NONE"},
			{"AWAIT", DoAwait, "no call of this partition before gpus devices are free, a job arrives whose number is at most arg (-1 = none), or anything happens but arrivals, starts and finishes"},
		}},
		{Prefix: "DOF", Doc: "Flags of a decision", Values: []Value{{"MORE", DofMore, "on the last record: apply this, refresh the columns, call again"}}},
		{Prefix: "NODE", Doc: "Flags of a node", Values: []Value{
			{"UP", 1, "it works"}, {"SPOT", 2, "its market may take it back"}, {"DRAINING", 4, "nothing starts on it, what runs may end"},
			{"CORDONED", 8, "nothing starts on it"},
		}},
		{Prefix: "JOB", Doc: "States of a job", Values: []Value{
			{"FREE", 0, "the slot is empty"}, {"HELD", 1, "waits for a dependency"}, {"QUEUED", 2, "may be started"}, {"STARTING", 3, ""},
			{"RUNNING", 4, ""}, {"STOPPING", 5, ""}, {"SUSPENDED", 6, ""}, {"ENDED", 7, ""},
		}},
		{Prefix: "ROLE", Doc: "Flags of a role", Values: []Value{{"SPLIT", 1, "its GPUs may come from any nodes"}}},
		{Prefix: "GPU", Doc: "Modes of a device", Values: []Value{
			{"WHOLE", 0, "free or held as a whole"}, {"SHARED", 1, "held in thousandths"},
		}},
		{Prefix: "REFUSED", Doc: "Why a decision was refused", Values: []Value{
			{"STALE", 1, "the slot holds another job now, or none"}, {"STATE", 2, "the job is not in a state that allows it"},
			{"PARTS", 3, "the parts do not make up the job's gang"}, {"DEVICES", 4, "devices, CPU or memory are not free"},
			{"NODE", 5, "a node does not exist, is closed, of a wrong type or of another partition"},
			{"PARTITION", 6, "the job belongs to another partition"}, {"PAST", 7, "a timer that does not lie ahead"}, {"KIND", 8, "no such decision"},
			{"PROTECTED", 9, "the job's attempt cannot be preempted yet (recovery.protect)"},
			{"QUOTA", 10, "the quota of its queue, of one above, or of its user is used up"},
			{"TOPOLOGY", 11, "the parts are not within one domain of the level that the job requires"},
		}},
		{Prefix: "CAUSE", Doc: "Why jobs that would fit wait", Values: []Value{
			{"RESERVATION", CauseReservation, "they would delay a reservation"}, {"ORDER", CauseOrder, "a job ahead blocks"},
			{"CHOICE", CauseChoice, "the policy chose so; the default"},
		}},
		{Prefix: "NAME", Doc: "Kinds of names, for the import name", Values: []Value{
			{"JOB", NameJob, ""}, {"USER", NameUser, ""}, {"QUEUE", NameQueue, ""}, {"NODE", NameNode, ""}, {"TYPE", NameType, ""},
			{"PARTITION", NamePartition, ""},
		}},
		{Prefix: "STATUS", Doc: "What sched1_layout, sched1_init, sched1_keys and sched1_score return", Values: []Value{{"OK", 0, "anything else ends the call as an error"}}},
	}
}

func tableKinds() []Value {
	var v []Value
	for _, t := range Tables() {
		v = append(v, Value{Name: t.Name, Value: int64(t.Kind), Doc: t.Doc})
	}
	return v
}
