package trace

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	pjJob = iota
	pjInst
	pjUser
	pjStatus
	pjStart
	pjEnd
)

func paiColumns() []Column {
	return []Column{
		{Name: "job_name", Required: true, Doc: "the job's name"},
		{Name: "inst_id", Doc: "not read"},
		{Name: "user", Doc: "user"},
		{Name: "status", Required: true, Doc: "Terminated (finished), Failed, Running or Waiting"},
		{Name: "start_time", Required: true, Doc: "submission, seconds of a shifted clock"},
		{Name: "end_time", Required: true, Doc: "end, seconds"},
	}
}

const (
	ptJob = iota
	ptTask
	ptCount
	ptStatus
	ptStart
	ptEnd
	ptCPU
	ptMemory
	ptGPU
	ptType
)

func paiTaskColumns() []Column {
	return []Column{
		{Name: "job_name", Required: true, Doc: "job of the task"},
		{Name: "task_name", Doc: "role"},
		{Name: "inst_num", Required: true, Doc: "pods of the role"},
		{Name: "status", Doc: "not read"},
		{Name: "start_time", Doc: "recorded start, seconds"},
		{Name: "end_time", Doc: "not read"},
		{Name: "plan_cpu", Doc: "percent of a CPU a pod"},
		{Name: "plan_mem", Doc: "GB a pod"},
		{Name: "plan_gpu", Doc: "percent of a GPU a pod"},
		{Name: "gpu_type", Doc: "type that was assigned; not a constraint"},
	}
}

func paiOddities() []string {
	return []string{
		"The file is pai_job_table.csv; tasks names pai_task_table.csv (default: beside it). Neither has a header line, but one is accepted.",
		"Each task is a role of the job: inst_num pods. A pod with 25 percent of a GPU takes 250 thousandths of one device; above 100 percent that is no multiple is rounded up to whole devices and counted.",
		"start_time of a job is its submission, the earliest start of its tasks the recorded start, the duration end - recorded start.",
		"gpu_type is the type that was assigned, not asked for: it constrains nothing.",
		"Dates are shifted: time of day and weekday are those of UTC+8, year and month are not real.",
		"Jobs that were running or waiting at the end, that have no tasks or no times are left out and counted.",
	}
}

// paiTask is what the tasks of a job ask for, and their first start.
type paiTask struct {
	roles []state.RoleSpec
	start state.Time
}

// openPAI reads the job and task tables of the PAI trace of 2020.
func openPAI(path string, opt *Options, names *state.Names, meta *Meta) (opened, error) {
	tasksPath := opt.Tasks
	if tasksPath == "" {
		tasksPath = paiTasksBeside(path)
	}
	count := new(tally)
	tasks, err := readPAITasks(tasksPath, opt, count)
	if err != nil {
		return opened{}, err
	}
	s, err := openBareSheet(path, paiColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	s.count = *count
	meta.Warnings = append(meta.Warnings, "dates are shifted: time of day and weekday are real (UTC+8), year and month are not")
	s.read = func(s *sheet, spec *state.JobSpec) (string, error) { return readPAI(s, spec, tasks) }
	return opened{rd: s, dated: true}, nil
}

func openBareSheet(path string, cols []Column, opt *Options, names *state.Names) (*sheet, error) {
	header := make([]string, len(cols))
	for i := range cols {
		header[i] = cols[i].Name
	}
	t, err := openBare(path, opt.MaxBytes, ',', header)
	if err != nil {
		return nil, err
	}
	s, err := newSheet(t, cols, opt, names)
	if err != nil {
		t.lines.in.Close()
	}
	return s, err
}

// paiTasksBeside is the task table in the folder of the job table, compressed or not.
func paiTasksBeside(path string) string {
	dir, base := filepath.Split(path)
	name := strings.Replace(base, "job", "task", 1)
	for _, n := range []string{name, strings.TrimSuffix(name, ".gz"), name + ".gz", name + ".zst"} {
		if _, err := os.Stat(filepath.Join(dir, n)); err == nil {
			return filepath.Join(dir, n)
		}
	}
	return filepath.Join(dir, name)
}

func readPAITasks(path string, opt *Options, count *tally) (map[string]*paiTask, error) {
	s, err := openBareSheet(path, paiTaskColumns(), opt, new(state.Names))
	if err != nil {
		if e, ok := err.(*Error); ok && e.Do == "" {
			e.Do = "tasks names the task table: pai_task_table.csv"
		}
		return nil, err
	}
	defer s.close()
	tasks := make(map[string]*paiTask)
	for {
		ok, err := s.t.row()
		if err != nil {
			return nil, err
		}
		if !ok {
			return tasks, nil
		}
		if len(tasks) > opt.MaxRows {
			return nil, s.t.fail(-1, fmt.Sprintf("holds tasks of more than %d jobs", opt.MaxRows), "expected fewer: they are kept in memory", "cut the file")
		}
		if err := s.paiTask(tasks, count); err != nil {
			return nil, err
		}
	}
}

func (s *sheet) paiTask(tasks map[string]*paiTask, count *tally) error {
	job := tasks[string(s.text(ptJob))]
	if job == nil {
		job = &paiTask{start: state.Unset}
		tasks[string(s.text(ptJob))] = job
	}
	n, err := s.wholeOr(ptCount, 1)
	if err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	r := state.RoleSpec{Replicas: int32(n), GPUMilli: 1000}
	if r.CPUMilli, err = s.scaled(ptCPU, 1); err != nil { // percent -> thousandths
		return err
	}
	if r.MemMiB, err = s.gib(ptMemory); err != nil {
		return err
	}
	milli, err := s.scaled(ptGPU, 1)
	if err != nil {
		return err
	}
	switch {
	case milli > 1000*math.MaxInt32:
		return s.t.bad(s.at[ptGPU], faultLarge, "")
	case milli >= 1000:
		r.PodGPUs = int32((milli + 999) / 1000)
		if milli%1000 != 0 {
			count.add("task whose GPUs a pod are no multiple of 100 percent, rounded up to whole devices")
		}
	case milli > 0:
		r.PodGPUs, r.GPUMilli = 1, int32(milli)
	}
	job.roles = append(job.roles, r)
	start, err := s.span(ptStart)
	if err != nil {
		return err
	}
	if start != state.Unset && (job.start == state.Unset || start < job.start) {
		job.start = start
	}
	return nil
}

func readPAI(s *sheet, spec *state.JobSpec, tasks map[string]*paiTask) (string, error) {
	s.name(pjJob, spec)
	spec.User = s.names.Users.Intern(s.text(pjUser))
	switch status := lower(s.text(pjStatus)); status {
	case "terminated":
	case "failed":
		spec.Outcome = state.Failed
	case "running", "waiting":
		return status + " at the end of the trace, left out", nil
	default:
		return "", s.t.fail(s.at[pjStatus], "status: unknown word "+shown(s.text(pjStatus)), "expected Terminated, Failed, Running or Waiting", "")
	}
	job := tasks[string(spec.Name)]
	if job == nil || len(job.roles) == 0 {
		return "job without a task, left out", nil
	}
	submit, err := s.span(pjStart)
	if err != nil {
		return "", err
	}
	end, err := s.span(pjEnd)
	if err != nil {
		return "", err
	}
	if submit == state.Unset || end == state.Unset || end == 0 && submit > 0 {
		return "job without submission or end, left out", nil
	}
	from := submit
	if job.start != state.Unset && job.start >= submit {
		spec.RecStart, from = job.start, job.start
	}
	if end < from {
		return "job that ends before it starts, left out", nil
	}
	spec.Submit, spec.Duration = submit, end-from
	spec.Roles = append(spec.Roles, job.roles...)
	return "", nil
}

func sorted(words []string) []string {
	sort.Strings(words)
	return words
}
