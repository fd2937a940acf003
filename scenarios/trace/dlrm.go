package trace

import (
	"github.com/orrery-sim/orrery/sim/state"
)

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
