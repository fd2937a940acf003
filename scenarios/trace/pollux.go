package trace

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	poName = iota
	poTime
	poApp
	poReplicas
	poBatch
)

func polluxColumns() []Column {
	return []Column{
		{Name: "name", Required: true, Doc: "the job's name"},
		{Name: "time", Required: true, Doc: "submission, seconds"},
		{Name: "application", Required: true, Doc: "model, read as the queue"},
		{Name: "num_replicas", Required: true, Doc: "GPUs of the job"},
		{Name: "batch_size", Required: true, Doc: "samples a step over all GPUs; becomes x_batch_size"},
	}
}

func polluxOddities() []string {
	return []string{
		"A workload records no running time. Without throughputs a job never ends by itself: give it a speed.",
		"throughputs names the folder of measured traces (bert, cifar10, ...). Then the duration is the iterations of the whole recorded training at the job's batch size (validation-<batch>.csv, last row) times the measured step time of its GPUs packed four a node (placements.csv, above 16 GPUs scalability.csv), linear between measured local batch sizes, the nearest one outside them.",
		"That is the time of a fixed placement; the peer stops a training when its target metric is reached and lets the batch size change.",
	}
}

// openPollux reads workloads of the Pollux artifact.
func openPollux(path string, opt *Options, names *state.Names, meta *Meta) (opened, error) {
	s, err := openSheet(path, ',', polluxColumns(), opt, names)
	if err != nil {
		return opened{}, err
	}
	names.X.Intern([]byte("x_batch_size"))
	var speeds *polluxSpeeds
	if opt.Throughputs != "" {
		speeds = &polluxSpeeds{folder: opt.Throughputs, opt: opt, iterations: map[string]int64{}, steps: map[string][]polluxStep{}, seen: map[string]bool{}}
	} else {
		meta.Warnings = append(meta.Warnings, "pollux workloads record no running times: jobs run until stopped unless throughputs names the measured traces")
	}
	s.read = func(s *sheet, spec *state.JobSpec) (string, error) { return "", readPollux(s, spec, speeds) }
	return opened{rd: s}, nil
}

func readPollux(s *sheet, spec *state.JobSpec, speeds *polluxSpeeds) error {
	s.name(poName, spec)
	spec.Queue = s.names.Queues.Intern(s.text(poApp))
	spec.Model = s.names.Models.Intern(s.text(poApp)) + 1
	gpus, err := s.whole(poReplicas)
	if err != nil {
		return err
	}
	batch, err := s.whole(poBatch)
	if err != nil {
		return err
	}
	if gpus == 0 || batch == 0 {
		return s.t.fail(s.at[poReplicas], "num_replicas or batch_size is 0", "expected at least 1", "")
	}
	spec.Roles = append(spec.Roles, splitRole(gpus))
	spec.X[0] = batch * 1_000_000
	spec.Duration = state.Never
	if spec.Submit, err = s.mustSpan(poTime); err != nil || speeds == nil {
		return err
	}
	spec.Duration, err = speeds.duration(string(s.text(poApp)), gpus, batch)
	if err != nil {
		if e, ok := err.(*Error); ok && e.Line > 0 {
			return e
		}
		return s.t.fail(s.at[poApp], err.Error(), "expected an application that the folder of measured traces has, at a batch size that was measured",
			"leave throughputs out, or name the folder of the whole artifact")
	}
	return nil
}

// polluxSpeeds are the measured step times and training lengths, read when first met.
type polluxSpeeds struct {
	folder     string
	opt        *Options
	iterations map[string]int64        // application/batch
	steps      map[string][]polluxStep // application/placement
	seen       map[string]bool
}

// polluxStep is a measured step time at a local batch size.
type polluxStep struct{ batch, ns int64 }

func (p *polluxSpeeds) duration(app string, gpus, batch int64) (state.Time, error) {
	if app == "" || strings.ContainsAny(app, `/\.`) {
		return 0, fmt.Errorf("application %q is no folder name", app)
	}
	iterations, err := p.training(app, batch)
	if err != nil {
		return 0, err
	}
	steps, err := p.measured(app, gpus)
	if err != nil {
		return 0, err
	}
	ns := between(steps, batch*1000/gpus)
	if ns > 0 && iterations > maxInstant/ns {
		return 0, fmt.Errorf("%s runs longer than 146 years", app)
	}
	return state.Time(iterations * ns), nil
}

// training is the number of steps of the recorded training at a batch size.
func (p *polluxSpeeds) training(app string, batch int64) (int64, error) {
	key := fmt.Sprintf("%s/validation-%d.csv", app, batch)
	if n, ok := p.iterations[key]; ok {
		return n, nil
	}
	last := int64(-1)
	err := p.rows(key, []string{"iteration"}, func(t *table, at []int) error {
		v, f := whole(t.fields[at[0]])
		if f != fine {
			return t.bad(at[0], f, wantWhole)
		}
		last = v
		return nil
	})
	if err == nil && last < 0 {
		err = fmt.Errorf("%s has no rows", key)
	}
	p.iterations[key] = last + 1 // iterations count from 0
	return last + 1, err
}

// measured are the step times of GPUs packed four a node, by local batch size in thousandths. Placements of up to 16 GPUs
// are named by the GPUs of their nodes (24 = 2 and 4), larger ones by nodes and GPUs.
func (p *polluxSpeeds) measured(app string, gpus int64) ([]polluxStep, error) {
	if !p.seen[app] {
		if err := p.read(app, "placements.csv", "placement"); err != nil {
			return nil, err
		}
		if err := p.read(app, "scalability.csv", "num_nodes", "num_replicas"); err != nil {
			return nil, err
		}
		p.seen[app] = true
	}
	placement := strings.Repeat("4", int(min(gpus/4, 64)))
	if gpus%4 > 0 {
		placement = strconv.FormatInt(gpus%4, 10) + placement
	}
	steps := p.steps[app+"/"+placement]
	if len(steps) == 0 {
		steps = p.steps[fmt.Sprintf("%s/%d,%d", app, (gpus+3)/4, gpus)]
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("%s was not measured on %d GPUs, four a node", app, gpus)
	}
	slices.SortFunc(steps, func(a, b polluxStep) int { return cmp.Compare(a.batch, b.batch) })
	return steps, nil
}

// read takes the step times of one file, under the values of its key columns.
func (p *polluxSpeeds) read(app, file string, keys ...string) error {
	n := len(keys)
	return p.rows(app+"/"+file, append(keys, "local_bsz", "step_time"), func(t *table, at []int) error {
		batch, f := fixed(t.fields[at[n]], 3)
		if f != fine {
			return t.bad(at[n], f, wantNumber)
		}
		ns, f := seconds(t.fields[at[n+1]])
		if f != fine {
			return t.bad(at[n+1], f, wantSeconds)
		}
		key := app + "/" + string(t.fields[at[0]])
		if n > 1 {
			key += "," + string(t.fields[at[1]])
		}
		p.steps[key] = append(p.steps[key], polluxStep{batch, ns})
		return nil
	})
}

// between is the step time at a local batch size in thousandths: linear between neighbours, in integers.
func between(steps []polluxStep, batch int64) int64 {
	for i, s := range steps {
		if batch > s.batch {
			continue
		}
		if i == 0 || batch == s.batch {
			return s.ns
		}
		a := steps[i-1]
		if s.ns < a.ns { // more samples in less time: mirror, so that the part is positive
			part, _ := mulDiv(a.ns-s.ns, s.batch-batch, s.batch-a.batch)
			return s.ns + part
		}
		part, _ := mulDiv(s.ns-a.ns, batch-a.batch, s.batch-a.batch)
		return a.ns + part
	}
	return steps[len(steps)-1].ns
}

func (p *polluxSpeeds) rows(file string, columns []string, row func(t *table, at []int) error) error {
	t, err := openTable(filepath.Join(p.folder, file), p.opt.MaxBytes, ',', false)
	if err != nil {
		return err
	}
	defer t.lines.in.Close()
	cols := make([]Column, len(columns))
	for i, c := range columns {
		cols[i] = Column{Name: c, Required: true}
	}
	at, err := t.bind(cols)
	for err == nil {
		var ok bool
		if ok, err = t.row(); !ok || err != nil {
			break
		}
		err = row(t, at)
	}
	return err
}
