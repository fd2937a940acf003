package trace

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

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
