package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	gvType = iota
	gvCommand
	gvFolder
	gvStepsArg
	gvNeedsData
	gvSteps
	gvScale
	gvPriority
	gvSLO
	gvArrival
)

func gavelColumns() []Column {
	return []Column{
		{Name: "job_type", Required: true, Doc: "model and batch size: the key of the throughput table; read as the queue"},
		{Name: "command", Doc: "not read"}, {Name: "working_directory", Doc: "not read"},
		{Name: "num_steps_arg", Doc: "not read"}, {Name: "needs_data_dir", Doc: "not read"},
		{Name: "total_steps", Required: true, Doc: "steps of the job"},
		{Name: "scale_factor", Required: true, Doc: "GPUs of the job"},
		{Name: "priority_weight", Doc: "priority"},
		{Name: "SLO", Doc: "deadline factor, -1 = none; becomes x_slo"},
		{Name: "arrival_time", Required: true, Doc: "submission, seconds"},
	}
}

func gavelOddities() []string {
	return []string{
		"Ten columns separated by tabs, no header. A job is called by its row, from 0.",
		"throughputs names simulation_throughputs.json: the duration is total_steps / (steps a second alone on gpu at the job's scale factor), rounded up to a nanosecond. gpu is v100 unless told.",
		"Without that file the trace has no durations and cannot be read.",
		"x_steps keeps the steps, for policies that know speeds.",
		"The older traces of the repository have seven columns and are refused.",
	}
}

// openGavel reads traces of the Gavel repository.
func openGavel(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	cols := gavelColumns()
	header := make([]string, len(cols))
	for i := range cols {
		header[i] = cols[i].Name
	}
	if opt.Throughputs == "" {
		return opened{}, &Error{File: path, What: "records steps, no running times",
			Want: "expected throughputs: the file simulation_throughputs.json of the same repository",
			Do:   "name it with throughputs in the scenario, or --throughputs; orrery trace fetch gavel brings it"}
	}
	gpu := opt.GPU
	if gpu == "" {
		gpu = "v100"
	}
	speeds, err := readThroughputs(opt.Throughputs, gpu, opt)
	if err != nil {
		return opened{}, err
	}
	t, err := openBare(path, opt.MaxBytes, '\t', header)
	if err != nil {
		return opened{}, err
	}
	s, err := newSheet(t, cols, opt, names)
	if err != nil {
		t.lines.in.Close()
		return opened{}, err
	}
	names.X.Intern([]byte("x_steps"))
	names.X.Intern([]byte("x_slo"))
	s.read = func(s *sheet, spec *state.JobSpec) (string, error) { return "", readGavel(s, spec, speeds, gpu) }
	return opened{rd: s}, nil
}

func readGavel(s *sheet, spec *state.JobSpec, speeds map[string]float64, gpu string) error {
	spec.Name = strconv.AppendInt(spec.Name, s.n-1, 10)
	spec.Queue = s.names.Queues.Intern(s.text(gvType))
	spec.Model = s.names.Models.Intern(s.text(gvType)) + 1
	gpus, err := s.whole(gvScale)
	if err != nil {
		return err
	}
	if gpus == 0 {
		return s.t.bad(s.at[gvScale], faultText, "expected at least 1 GPU")
	}
	spec.Roles = append(spec.Roles, splitRole(gpus))
	if spec.Submit, err = s.mustSpan(gvArrival); err != nil {
		return err
	}
	steps, err := s.whole(gvSteps)
	if err != nil {
		return err
	}
	speed, ok := speeds[fmt.Sprintf("('%s', %d)", s.text(gvType), gpus)]
	if !ok || speed <= 0 {
		return s.t.fail(s.at[gvType], fmt.Sprintf("%s on %d GPUs has no throughput on %s", shown(s.text(gvType)), gpus, gpu),
			"expected a job type of the throughput table", "")
	}
	ns := math.Ceil(float64(steps) / speed * 1e9)
	if ns > maxInstant {
		return s.t.bad(s.at[gvSteps], faultLarge, "expected a job shorter than 146 years")
	}
	spec.Duration = state.Time(ns)
	spec.X[0] = steps * 1_000_000
	for _, c := range [2]int{gvPriority, gvSLO} {
		v, f := fixed(s.text(c), 6)
		if f != fine {
			return s.t.bad(s.at[c], f, wantNumber)
		}
		if c == gvSLO {
			spec.X[1] = v
			continue
		}
		if v%1_000_000 != 0 || v/1_000_000 > math.MaxInt32 || v/1_000_000 < math.MinInt32 {
			return s.t.bad(s.at[c], faultFraction, "expected a whole number")
		}
		spec.Priority = int32(v / 1_000_000)
	}
	return nil
}

// readThroughputs reads steps a second of a job type at a scale factor, alone, on one GPU type.
func readThroughputs(path, gpu string, opt *Options) (map[string]float64, error) {
	in, err := openInput(path, min(opt.MaxBytes, 1<<30))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var all map[string]map[string]map[string]json.RawMessage
	if err := json.NewDecoder(in).Decode(&all); err != nil {
		var own *Error
		if errors.As(err, &own) {
			return nil, own
		}
		if err == io.EOF {
			err = errors.New("it is empty")
		}
		return nil, &Error{File: path, What: "is no throughput table: " + err.Error(),
			Want: `expected JSON: {"v100": {"('ResNet-18 (batch size 16)', 1)": {"null": 32.4}}}`}
	}
	jobs, ok := all[gpu]
	if !ok {
		var have []string
		for k := range all {
			have = append(have, k)
		}
		return nil, &Error{File: path, What: fmt.Sprintf("has no GPU type %q", gpu), Want: "types here: " + strings.Join(sorted(have), ", "),
			Do: "name one of them with gpu in the scenario, or --gpu"}
	}
	out := make(map[string]float64, len(jobs))
	for job, with := range jobs {
		var v float64
		if alone, ok := with["null"]; ok && json.Unmarshal(alone, &v) == nil {
			out[job] = v
		}
	}
	return out, nil
}
