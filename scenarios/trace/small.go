package trace

import (
	"math"
	"strconv"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	tiJob = iota
	tiGPUs
	tiSubmit
	tiDuration
)

func tiresiasColumns() []Column {
	return []Column{
		{Name: "job_id", Required: true, Doc: "the job's name"},
		{Name: "num_gpu", Required: true, Doc: "GPUs of the job"},
		{Name: "submit_time", Required: true, Doc: "submission, seconds"},
		{Name: "duration", Required: true, Doc: "running time, seconds"},
	}
}

func tiresiasOddities() []string {
	return []string{
		"iterations, model_name and interval are not read.",
		"cluster names the specification: num_switch,num_node_p_switch,num_gpu_p_node,num_cpu_p_node,mem_p_node (GB); a switch is a pool.",
	}
}

func openTiresias(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	s, err := openSheet(path, ',', tiresiasColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	s.read = func(s *sheet, spec *state.JobSpec) (string, error) {
		s.name(tiJob, spec)
		gpus, err := s.whole(tiGPUs)
		if err != nil {
			return "", err
		}
		spec.Roles = append(spec.Roles, splitRole(gpus))
		if spec.Submit, err = s.mustSpan(tiSubmit); err != nil {
			return "", err
		}
		spec.Duration, err = s.mustSpan(tiDuration)
		return "", err
	}
	o := opened{rd: s}
	if opt.Cluster != "" {
		o.cluster = func() (*ClusterSpec, error) { return readTiresiasCluster(opt.Cluster, opt) }
	}
	return o, nil
}

const (
	phSubmit = iota
	phDuration
	phGPUs
	phVC
)

func phillyColumns() []Column {
	return []Column{
		{Name: "timestamp", Required: true, Doc: "date and time of submission, UTC"},
		{Name: "duration", Required: true, Doc: "running time, seconds"},
		{Name: "num_gpus", Required: true, Doc: "GPUs of the job"},
		{Name: "cluster", Aliases: []string{"vc"}, Doc: "virtual cluster, read as the queue"},
	}
}

func phillyOddities() []string {
	return []string{
		"A file that starts with [ is the public job log in JSON, another is the table of the Pollux artifact.",
		"The table has no job names: a job is called by its row, from 1. It is not in order of submission and is sorted.",
		"Times are read as UTC unless a timezone is given.",
		"In the job log the running time is the sum of all attempts (GPUs were held in each), the start that of the first, the GPUs those of the last attempt that has a detail.",
		"A job of the log without a complete attempt has no known size or was still running: left out and counted.",
		"gpu_time is not read: it is duration x num_gpus.",
	}
}

func openPhillyTable(path string, opt *Options, names *state.Names) (opened, error) {
	s, err := openSheet(path, ',', phillyColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	s.read = func(s *sheet, spec *state.JobSpec) (string, error) {
		spec.Name = strconv.AppendInt(spec.Name, s.n, 10)
		spec.Queue = s.names.Queues.Intern(s.text(phVC))
		gpus, err := s.whole(phGPUs)
		if err != nil {
			return "", err
		}
		spec.Roles = append(spec.Roles, splitRole(gpus))
		if spec.Submit, err = s.mustStamp(phSubmit); err != nil {
			return "", err
		}
		spec.Duration, err = s.mustSpan(phDuration)
		return "", err
	}
	return opened{rd: s, dated: true}, nil
}

const (
	dlInstance = iota
	dlRole
	dlApp
	dlCPU
	dlGPU
	dlRDMA
	dlMemory
	dlPerNode
	dlCreated
	dlScheduled
	dlDeleted
)

func dlrmColumns() []Column {
	return []Column{
		{Name: "instance_sn", Required: true, Doc: "the instance's name"},
		{Name: "role", Doc: "HN (with GPU) or CN, read as the queue"},
		{Name: "app_name", Doc: "application, read as the user"},
		{Name: "cpu_request", Doc: "CPUs"},
		{Name: "gpu_request", Required: true, Doc: "GPUs"},
		{Name: "rdma_request", Doc: "percent of one RNIC, becomes x_rdma_pct"},
		{Name: "memory_request", Doc: "GiB"},
		{Name: "max_instance_per_node", Doc: "-1 = no limit; becomes x_max_per_node"},
		{Name: "creation_time", Required: true, Doc: "seconds; empty = before the trace"},
		{Name: "scheduled_time", Doc: "recorded start, seconds"},
		{Name: "deletion_time", Required: true, Doc: "seconds; empty = after the trace"},
	}
}

func dlrmOddities() []string {
	return []string{
		"Instances serve: they have no length of their own. One that was there before the trace is submitted at 0.",
		"One without a deletion time never ends.",
		"Times are decimals with rounding noise (2044444.0000000002): rounded to the nanosecond.",
		"Limits and disks are not read. x_max_per_node and x_rdma_pct are for policies; nothing else holds them.",
	}
}

func openDLRM(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	s, err := openSheet(path, ',', dlrmColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	names.X.Intern([]byte("x_rdma_pct"))
	names.X.Intern([]byte("x_max_per_node"))
	s.read = readDLRM
	return opened{rd: s}, nil
}

func readDLRM(s *sheet, spec *state.JobSpec) (string, error) {
	s.name(dlInstance, spec)
	spec.User, spec.Queue = s.names.Users.Intern(s.text(dlApp)), s.names.Queues.Intern(s.text(dlRole))
	gpus, err := s.whole(dlGPU)
	if err != nil {
		return "", err
	}
	r := state.RoleSpec{Replicas: 1, PodGPUs: int32(gpus), GPUMilli: 1000}
	if r.CPUMilli, err = s.scaled(dlCPU, 3); err != nil {
		return "", err
	}
	if r.MemMiB, err = s.gib(dlMemory); err != nil {
		return "", err
	}
	spec.Roles = append(spec.Roles, r)
	for i, col := range [2]int{dlRDMA, dlPerNode} {
		if s.has(col) {
			v, f := fixed(s.text(col), 6)
			if f != fine {
				return "", s.t.bad(s.at[col], f, wantNumber)
			}
			spec.X[i] = v
		}
	}
	return "", dlrmTimes(s, spec)
}

func dlrmTimes(s *sheet, spec *state.JobSpec) error {
	created, err := s.span(dlCreated)
	if err != nil {
		return err
	}
	if created != state.Unset {
		spec.Submit = created
	} else {
		s.count.add("instance that was there before the trace, submitted at 0")
	}
	if spec.RecStart, err = s.span(dlScheduled); err != nil {
		return err
	}
	deleted, err := s.span(dlDeleted)
	if err != nil {
		return err
	}
	from := max(spec.Submit, spec.RecStart)
	switch {
	case spec.RecStart != state.Unset && spec.RecStart < spec.Submit:
		return s.t.fail(s.at[dlScheduled], "scheduled before it was created", "expected scheduled_time >= creation_time", "")
	case deleted == state.Unset:
		spec.Duration = state.Never
	case deleted < from:
		return s.t.fail(s.at[dlDeleted], "deleted before it was scheduled or created", "expected deletion_time at the end", "")
	default:
		spec.Duration = deleted - from
	}
	return nil
}

const (
	acJob = iota
	acUser
	acNodes
	acGPUs
	acCPUs
	acMemory
	acType
	acState
	acSubmit
	acStart
	acEnd
)

func acmeColumns() []Column {
	return []Column{
		{Name: "job_id", Required: true, Doc: "the job's name"},
		{Name: "user", Doc: "user"},
		{Name: "node_num", Doc: "nodes: one pod each where the GPUs divide"},
		{Name: "gpu_num", Required: true, Doc: "GPUs of the job"},
		{Name: "cpu_num", Doc: "CPUs of the job"},
		{Name: "mem_per_pod_GB", Doc: "GB of a pod (Kalos)"},
		{Name: "type", Doc: "kind of work, read as the queue"},
		{Name: "state", Required: true, Doc: "COMPLETED, CANCELLED, FAILED, TIMEOUT or NODE_FAIL"},
		{Name: "submit_time", Required: true, Doc: "date and time with offset"},
		{Name: "start_time", Doc: "date and time with offset"},
		{Name: "end_time", Doc: "date and time with offset"},
	}
}

func acmeOddities() []string {
	return []string{
		"trace_seren.csv and trace_kalos.csv; Seren writes +08:00, Kalos +00:00: the offset counts.",
		"The column duration is not read: in Kalos it counts from submission. The running time is end - start.",
		"A cancelled job without a start never ran; a job without an end was still running and is left out.",
		"fail_time, stop_time, shared_mem_per_pod, queue (a wait) and gpu_time are not read.",
	}
}

func openAcme(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	s, err := openSheet(path, ',', acmeColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	s.read = readAcme
	return opened{rd: s, dated: true}, nil
}

func readAcme(s *sheet, spec *state.JobSpec) (string, error) {
	s.name(acJob, spec)
	spec.User, spec.Queue = s.names.Users.Intern(s.text(acUser)), s.names.Queues.Intern(s.text(acType))
	gpus, err := s.whole(acGPUs)
	if err != nil {
		return "", err
	}
	nodes, err := s.wholeOr(acNodes, 0)
	if err != nil {
		return "", err
	}
	cpu, err := s.scaled(acCPUs, 3)
	if err != nil {
		return "", err
	}
	mem, err := s.gib(acMemory)
	if err != nil {
		return "", err
	}
	if mem > 0 && mem > math.MaxInt64/max(nodes, 1) {
		return "", s.t.bad(s.at[acMemory], faultLarge, "")
	}
	spec.Roles = append(spec.Roles, nodeRole(gpus, nodes, cpu, mem*max(nodes, 1)))
	if spec.Outcome, err = s.outcome(acState); err != nil {
		return "", err
	}
	return datedRun(s, spec, acSubmit, acStart, acEnd, -1)
}
