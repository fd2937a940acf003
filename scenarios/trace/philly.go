package trace

import (
	"strconv"

	"github.com/orrery-sim/orrery/sim/state"
)

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
