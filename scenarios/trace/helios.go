package trace

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	heJob = iota
	heVC
	heSubmit
	heGPUs
	heDuration
	hePrediction
)

func heliosColumns() []Column {
	return []Column{
		{Name: "job", Required: true, Doc: "the job's name"},
		{Name: "vc", Required: true, Doc: "virtual cluster, read as the partition"},
		{Name: "submit_s", Required: true, Doc: "submission, seconds"},
		{Name: "gpus", Required: true, Doc: "GPUs of the job"},
		{Name: "duration_s", Required: true, Doc: "running time, seconds"},
		{Name: "qssf_pred_duration_s", Doc: "predicted running time; may be negative"},
	}
}

const (
	hlJob = iota
	hlUser
	hlVC
	hlGPUs
	hlCPUs
	hlNodes
	hlState
	hlSubmit
	hlStart
	hlEnd
	hlDuration
)

func heliosLogColumns() []Column {
	return []Column{
		{Name: "job_id", Required: true, Doc: "the job's name"},
		{Name: "user", Doc: "user"},
		{Name: "vc", Required: true, Doc: "virtual cluster, read as the partition"},
		{Name: "gpu_num", Required: true, Doc: "GPUs of the job"},
		{Name: "cpu_num", Doc: "CPUs of the job"},
		{Name: "node_num", Doc: "not used: placement decides"},
		{Name: "state", Required: true, Doc: "COMPLETED, CANCELLED, FAILED, TIMEOUT or NODE_FAIL"},
		{Name: "submit_time", Required: true, Doc: "date and time of submission"},
		{Name: "start_time", Doc: "date and time of the start"},
		{Name: "end_time", Doc: "date and time of the end"},
		{Name: "duration", Doc: "running time, seconds"},
	}
}

func heliosOddities() []string {
	return []string{
		"Two files are read: jobs.csv (job,vc,submit_s,gpus,duration_s,...) and the public cluster_log.csv (job_id,user,vc,...), told apart by their header.",
		"Each VC is a partition. Placement decides how a job's GPUs spread over nodes.",
		"The prediction of jobs.csv becomes the number x_qssf_pred_s, never the estimate; it is negative for some jobs.",
		"Neither file is strictly in order of submission: they are sorted, equal instants keep the order of the file.",
		"In cluster_log.csv a cancelled job without a start never ran; a job without an end was still running and is left out.",
		"vcs names the cluster: vcs.csv (vc,nodes: 8 GPUs each), or cluster_gpu_number.csv (GPUs a VC and day: the largest of all days is taken).",
	}
}

func openHelios(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	t, err := openTable(path, opt.MaxBytes, ',', true)
	if err != nil {
		return opened{}, err
	}
	cols, read, dated := heliosColumns(), readHelios, false
	for _, h := range t.header {
		if h == "submit_time" || h == "job_id" {
			cols, read, dated = heliosLogColumns(), readHeliosLog, true
		}
	}
	s, err := newSheet(t, cols, opt, names)
	if err != nil {
		t.lines.in.Close()
		return opened{}, err
	}
	s.read = read
	if !dated && s.at[hePrediction] >= 0 {
		names.X.Intern([]byte("x_qssf_pred_s"))
	}
	o := opened{rd: s, dated: dated}
	if opt.VCs != "" {
		o.cluster = func() (*ClusterSpec, error) { return readVCs(opt.VCs, opt) }
	}
	return o, nil
}

func readHelios(s *sheet, spec *state.JobSpec) (string, error) {
	s.name(heJob, spec)
	spec.Partition = s.names.Partitions.Intern(s.text(heVC))
	gpus, err := s.whole(heGPUs)
	if err != nil {
		return "", err
	}
	spec.Roles = append(spec.Roles, splitRole(gpus))
	if spec.Submit, err = s.mustSpan(heSubmit); err != nil {
		return "", err
	}
	if spec.Duration, err = s.mustSpan(heDuration); err != nil {
		return "", err
	}
	if s.has(hePrediction) {
		v, f := fixed(s.text(hePrediction), 6)
		if f != fine {
			return "", s.t.bad(s.at[hePrediction], f, wantNumber)
		}
		spec.X[0] = v
	}
	return "", nil
}

func readHeliosLog(s *sheet, spec *state.JobSpec) (string, error) {
	s.name(hlJob, spec)
	spec.User = s.names.Users.Intern(s.text(hlUser))
	spec.Partition = s.names.Partitions.Intern(s.text(hlVC))
	gpus, err := s.whole(hlGPUs)
	if err != nil {
		return "", err
	}
	r := splitRole(gpus)
	if r.CPUMilli, err = s.scaled(hlCPUs, 3); err != nil {
		return "", err
	}
	spec.Roles = append(spec.Roles, r)
	if lower(s.text(hlState)) == "suspended" {
		return "suspended, left out", nil
	}
	if spec.Outcome, err = s.outcome(hlState); err != nil {
		return "", err
	}
	return datedRun(s, spec, hlSubmit, hlStart, hlEnd, hlDuration)
}

// datedRun reads submission, start and end as dates. The duration is end - start; a duration column (col below 0: none)
// stands in where one of them is missing. Without a start a cancelled job never ran.
func datedRun(s *sheet, spec *state.JobSpec, submit, start, end, duration int) (skip string, err error) {
	if spec.Submit, err = s.mustStamp(submit); err != nil {
		return "", err
	}
	if spec.RecStart, err = s.stamp(start); err != nil {
		return "", err
	}
	ended, err := s.stamp(end)
	if err != nil {
		return "", err
	}
	if spec.RecStart != state.Unset && spec.RecStart < spec.Submit {
		return "", s.t.fail(s.at[start], fmt.Sprintf("starts %s s before it is submitted", secondsText(spec.Submit-spec.RecStart)),
			"expected a start at or after the submission", "")
	}
	switch {
	case spec.RecStart != state.Unset && ended != state.Unset:
		if ended < spec.RecStart {
			return "", s.t.fail(s.at[end], fmt.Sprintf("ends %s s before it starts", secondsText(spec.RecStart-ended)), "expected an end at or after the start", "")
		}
		spec.Duration = ended - spec.RecStart
	case spec.RecStart == state.Unset && ended == state.Unset, spec.RecStart != state.Unset:
		if duration < 0 || !s.has(duration) {
			return "no end recorded, left out", nil
		}
		if spec.Duration, err = s.span(duration); err != nil {
			return "", err
		}
	case spec.Outcome != state.Cancelled:
		return "ended without a recorded start, left out", nil
	default:
		if ended < spec.Submit {
			return "", s.t.fail(s.at[end], "ends before it is submitted", "expected an end at or after the submission", "")
		}
		spec.Patience = ended - spec.Submit
	}
	return "", nil
}
