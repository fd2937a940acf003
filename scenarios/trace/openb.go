package trace

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	obName = iota
	obCPU
	obMemory
	obGPUs
	obMilli
	obSpec
	obQOS
	obPhase
	obCreated
	obDeleted
	obScheduled
)

func openbColumns() []Column {
	return []Column{
		{Name: "name", Aliases: []string{"pod"}, Required: true, Doc: "the pod's name"},
		{Name: "cpu_milli", Doc: "thousandths of a CPU"},
		{Name: "memory_mib", Doc: "MiB"},
		{Name: "num_gpu", Aliases: []string{"gpus"}, Required: true, Doc: "GPUs of the pod"},
		{Name: "gpu_milli", Doc: "thousandths of the one GPU of a sharing pod"},
		{Name: "gpu_spec", Doc: "GPU models it accepts, A|B; empty = any"},
		{Name: "qos", Doc: "quality of service, read as the queue"},
		{Name: "pod_phase", Doc: "Succeeded, Failed, Running or Pending at the end of the trace"},
		{Name: "creation_time", Aliases: []string{"seq"}, Doc: "submission, seconds"},
		{Name: "deletion_time", Doc: "seconds; without this column pods never end"},
		{Name: "scheduled_time", Doc: "recorded start, seconds; empty = never scheduled"},
	}
}

func openbOddities() []string {
	return []string{
		"One pod a row: its GPUs are on one node.",
		"Without creation_time (or seq) the row's number, from 0, is its second of submission.",
		"The duration is deletion - schedule (deletion - creation when no schedule is recorded). A pod without a deletion time never ends.",
		"A pending pod that was deleted never ran: it leaves after its recorded wait.",
		"Running pods were stopped by the end of the trace; they count as finished.",
		"Some of the public variants are not in order of creation; they are sorted (stable).",
	}
}

func openOpenb(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	s, err := openSheet(path, ',', openbColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	s.read = readOpenb
	return opened{rd: s}, nil
}

func readOpenb(s *sheet, spec *state.JobSpec) (string, error) {
	s.name(obName, spec)
	spec.Queue = s.names.Queues.Intern(s.text(obQOS))
	if err := openbTimes(s, spec); err != nil {
		return "", err
	}
	gpus, err := s.whole(obGPUs)
	if err != nil {
		return "", err
	}
	r := state.RoleSpec{Replicas: 1, PodGPUs: int32(gpus), GPUMilli: 1000}
	milli, err := s.wholeOr(obMilli, 1000)
	if err != nil {
		return "", err
	}
	if gpus > 0 && (milli < 1 || milli > 1000) {
		return "", s.t.fail(s.at[obMilli], fmt.Sprintf("gpu_milli is %d", milli), "expected 1 to 1000 thousandths of a GPU", "")
	}
	if gpus == 1 {
		r.GPUMilli = int32(milli)
	}
	if r.CPUMilli, err = s.scaled(obCPU, 0); err != nil {
		return "", err
	}
	if r.MemMiB, err = s.scaled(obMemory, 0); err != nil {
		return "", err
	}
	if gpus > 0 {
		if r.TypeMask, err = s.types.mask(s.names, s.text(obSpec)); err != nil {
			return "", s.t.fail(s.at[obSpec], err.Error(), "expected GPU models such as V100M16|T4", tooManyNames)
		}
	}
	spec.Roles = append(spec.Roles, r)
	return "", nil
}

// openbTimes reads when the pod came, ran and went.
func openbTimes(s *sheet, spec *state.JobSpec) (err error) {
	spec.Submit = state.Time(s.n-1) * state.Second
	if s.at[obCreated] >= 0 {
		if spec.Submit, err = s.mustSpan(obCreated); err != nil {
			return err
		}
	}
	if spec.RecStart, err = s.span(obScheduled); err != nil {
		return err
	}
	deleted, err := s.span(obDeleted)
	if err != nil {
		return err
	}
	phase := lower(s.text(obPhase))
	if spec.RecStart != state.Unset && spec.RecStart < spec.Submit {
		return s.t.fail(s.at[obScheduled], "scheduled before it was created", "expected scheduled_time >= creation_time", "")
	}
	from := spec.Submit
	if spec.RecStart != state.Unset {
		from = spec.RecStart
	}
	if deleted != state.Unset && deleted < from {
		return s.t.fail(s.at[obDeleted], "deleted before it was scheduled or created", "expected deletion_time at the end", "")
	}
	switch {
	case phase == "failed":
		spec.Outcome = state.Failed
	case phase != "" && phase != "running" && phase != "succeeded" && phase != "pending" && phase != "unknown":
		return s.t.fail(s.at[obPhase], "pod_phase: unknown word "+shown(s.text(obPhase)), "expected Succeeded, Failed, Running or Pending", "")
	}
	switch {
	case deleted == state.Unset:
		spec.Duration = state.Never
	case phase == "pending" && spec.RecStart == state.Unset:
		spec.Outcome, spec.Patience = state.Cancelled, deleted-spec.Submit
	default:
		spec.Duration = deleted - from
	}
	return nil
}
