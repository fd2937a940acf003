package trace

import (
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
