package sched1

// Kinds of tables. 5 (pods), 6 (queues) and 8 (domains) are kept for quotas and topology.
const (
	TableNodes = 1
	TableJobs  = 2
	TableRoles = 3
	TableGPUs  = 4
	TablePools = 7
	TableTypes = 9
)

// Tables are the tables a guest can ask for. A slot of jobs or roles is used again once it is free: a job's identity is slot and
// generation.
func Tables() []Table {
	return []Table{
		table(TableNodes, "nodes", "Nodes by slot; a node keeps its slot.",
			Column{Name: "flags", Type: U32, Doc: "NODE_*"},
			Column{Name: "type", Type: U32, Doc: "GPU type: slot in types, or NONE"},
			Column{Name: "first_gpu", Type: U32, Doc: "slot of its first device in gpus"},
			Column{Name: "gpus_total", Type: U32},
			Column{Name: "gpus_free", Type: U32, Doc: "wholly free devices"},
			Column{Name: "gpu_free_mask", Type: U64, Doc: "bit i: device i is wholly free"},
			Column{Name: "gpu_milli_free", Type: U32, Doc: "free thousandths over all devices"},
			Column{Name: "gpu_milli_max", Type: U32, Doc: "free thousandths of its emptiest device"},
			Column{Name: "cpu_total_milli", Type: U32, Doc: "thousandths of a CPU"},
			Column{Name: "cpu_free_milli", Type: U32},
			Column{Name: "mem_total_mib", Type: U32},
			Column{Name: "mem_free_mib", Type: U32},
			Column{Name: "pool", Type: U32},
			Column{Name: "partition", Type: U32},
			Column{Name: "n_pods", Type: U32, Doc: "pods running on it"},
			Column{Name: "up_since_ns", Type: I64},
		),
		table(TableJobs, "jobs", "Jobs by slot. No column changes by time passing alone: what accumulates holds its value at since_ns.",
			Column{Name: "state", Type: U32, Doc: "JOB_*"},
			Column{Name: "number", Type: U64, Doc: "order of arrival, for ties"},
			Column{Name: "gen", Type: U32, Doc: "generation of the slot"},
			Column{Name: "queue", Type: U32, Doc: "or NONE"},
			Column{Name: "user", Type: U32, Doc: "or NONE"},
			Column{Name: "partition", Type: U32},
			Column{Name: "prio", Type: I32, Doc: "larger first"},
			Column{Name: "role_first", Type: U32, Doc: "slot of its first role in roles; jobs that ask for the same share roles"},
			Column{Name: "n_roles", Type: U32},
			Column{Name: "gpus", Type: U32, Doc: "devices that the whole gang asks for"},
			Column{Name: "gpus_now", Type: U32, Doc: "devices that it holds while it runs"},
			Column{Name: "submit_ns", Type: I64},
			Column{Name: "start_ns", Type: I64, Doc: "of the present attempt; UNSET_TIME before the first"},
			Column{Name: "exp_end_ns", Type: I64, Doc: "running: when the present attempt is expected to end, by the estimate"},
			Column{Name: "since_ns", Type: I64, Doc: "waiting: when it joined the queue; running: what attained_gpu_ns holds the value at"},
			Column{Name: "waited_ns", Type: I64, Doc: "queued time until since_ns"},
			Column{Name: "attained_gpu_ns", Type: I64, Doc: "GPU time until since_ns; from then on gpus_now a ns while it runs"},
			Column{Name: "est_ns", Type: I64, Doc: "the estimate of its running time"},
			Column{Name: "attempts", Type: U32, Doc: "starts so far"},
			Column{Name: "evictions", Type: U32},
			Column{Name: "x0", Type: I64, Doc: "the first x_* number of the trace, in millionths, or the one that params.x names first; likewise below"},
			Column{Name: "x1", Type: I64},
			Column{Name: "x2", Type: I64},
			Column{Name: "x3", Type: I64},
			Column{Name: "x4", Type: I64},
			Column{Name: "x5", Type: I64},
			Column{Name: "x6", Type: I64},
			Column{Name: "x7", Type: I64},
			Column{Name: "true_duration_ns", Type: I64, Doc: "recorded running time: for clairvoyant policies only (DESC_CLAIRVOYANT)"},
		),
		table(TableRoles, "roles", "Roles of gangs by slot; shared by jobs that ask for the same.",
			Column{Name: "replicas", Type: U32, Doc: "pods that start together; of a role that may be split, its GPUs"},
			Column{Name: "pod_gpus", Type: U32, Doc: "devices a pod"},
			Column{Name: "pod_gpu_milli", Type: U32, Doc: "thousandths of each device: 1000 = whole"},
			Column{Name: "pod_cpu_milli", Type: U64, Doc: "of a role that may be split: in all"},
			Column{Name: "pod_mem_mib", Type: U64, Doc: "of a role that may be split: in all"},
			Column{Name: "type_mask", Type: U64, Doc: "bit i: GPU type i will do; 0 = any"},
			Column{Name: "flags", Type: U32, Doc: "ROLE_*"},
		),
		table(TableGPUs, "gpus", "Devices by slot: those of a node lie together.",
			Column{Name: "node", Type: U32},
			Column{Name: "index", Type: U32, Doc: "its number on the node"},
			Column{Name: "mode", Type: U32, Doc: "GPU_*"},
			Column{Name: "free_milli", Type: U32, Doc: "free thousandths"},
		),
		table(TablePools, "pools", "Pools by slot.",
			Column{Name: "nodes", Type: U32, Doc: "nodes of it that work"},
			Column{Name: "gpus_total", Type: U32, Doc: "devices on them"},
			Column{Name: "gpus_free", Type: U32, Doc: "wholly free ones"},
		),
		table(TableTypes, "types", "GPU types by slot; the slot is the type's bit in a mask.",
			Column{Name: "gpus_total", Type: U32, Doc: "devices on nodes that work"},
			Column{Name: "gpus_free", Type: U32, Doc: "wholly free ones"},
		),
	}
}
