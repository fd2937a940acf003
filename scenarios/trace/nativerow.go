package trace

import (
	"bytes"
	"fmt"
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// next reads one job.
func (n *native) next(spec *state.JobSpec) (verdict, error) {
	ok, err := n.t.row()
	if !ok || err != nil {
		return rowEnd, err
	}
	spec.Reset()
	line := n.read
	n.read++
	spec.Name = append(spec.Name, n.t.fields[n.at[colJob]]...)
	if len(spec.Name) == 0 {
		return 0, n.t.fail(n.at[colJob], "job is empty", "expected the job's name", "")
	}
	if err := n.times(spec); err != nil {
		return 0, err
	}
	if err := n.role(spec); err != nil {
		return 0, err
	}
	if err := n.words(spec); err != nil {
		return 0, err
	}
	for i := range n.xs {
		x := &n.xs[i]
		if text := n.t.fields[x.at]; len(text) > 0 {
			v, f := fixed(text, 6)
			if f != fine {
				return 0, n.t.bad(x.at, f, wantNumber)
			}
			spec.X[x.slot] = v
		}
	}
	return n.deliver(spec, line)
}

// deliver settles outcomes and dependencies and gives the job its row.
func (n *native) deliver(spec *state.JobSpec, line int64) (verdict, error) {
	keep := n.opt.settle(spec)
	row := n.row
	if !keep {
		n.count.add("cancelled before it started, left out (neverStarted: skip)")
		row = skippedRow
	}
	if n.index != nil {
		if keep {
			if err := n.after(spec); err != nil {
				return 0, err
			}
		}
		if !n.index.learn(line, spec.Name, row) {
			return 0, n.t.fail(n.at[colJob], fmt.Sprintf("job %s stands in an earlier row too", shown(spec.Name)),
				"expected each id once, because the file has an after column", "")
		}
	}
	if !keep {
		return rowSkip, nil
	}
	n.row++
	return rowJob, nil
}

// times reads the instants and spans.
func (n *native) times(spec *state.JobSpec) error {
	v, f := seconds(n.t.fields[n.at[colSubmit]])
	if f = n.early(v, f); f != fine {
		return n.t.bad(n.at[colSubmit], f, wantSeconds)
	}
	spec.Submit = state.Time(v)
	if n.opt.Initial && v > 0 {
		return n.t.fail(n.at[colSubmit], "submit_s: "+secondsText(spec.Submit)+" lies after the start", "expected 0 or less: the job is there at instant 0", "")
	}
	v, f = seconds(n.t.fields[n.at[colDuration]])
	if f != fine {
		if string(n.t.fields[n.at[colDuration]]) != "never" {
			return n.t.bad(n.at[colDuration], f, wantSeconds+", or never")
		}
		v = int64(state.Never)
	}
	spec.Duration = state.Time(v)
	if err := n.span(colEstimate, &spec.Estimate); err != nil {
		return err
	}
	if err := n.span(colMaxRun, &spec.MaxRun); err != nil {
		return err
	}
	if err := n.span(colPatience, &spec.Patience); err != nil {
		return err
	}
	if err := n.span(colStart, &spec.RecStart); err != nil {
		return err
	}
	if spec.RecStart != state.Unset && spec.RecStart < spec.Submit {
		return n.t.fail(n.at[colStart], fmt.Sprintf("start_s: %s lies before submit_s %s", secondsText(spec.RecStart), secondsText(spec.Submit)),
			"expected a start at or after the submission", "")
	}
	return nil
}

// early lets a time lie before instant 0 where that is wanted.
func (n *native) early(v int64, f fault) fault {
	if f == faultNegative && n.opt.Initial && v >= -maxInstant {
		return fine
	}
	return f
}

// span reads an optional time; empty leaves the default.
func (n *native) span(col int, into *state.Time) error {
	at := n.at[col]
	if at < 0 || len(n.t.fields[at]) == 0 {
		return nil
	}
	v, f := seconds(n.t.fields[at])
	if col == colStart {
		f = n.early(v, f)
	}
	if f != fine {
		return n.t.bad(at, f, wantSeconds+", or nothing")
	}
	*into = state.Time(v)
	return nil
}

// count32 reads an optional whole number.
func (n *native) count32(col int, absent int32) (int32, error) {
	at := n.at[col]
	if at < 0 || len(n.t.fields[at]) == 0 {
		return absent, nil
	}
	v, err := n.amount(col)
	if err == nil && v > math.MaxInt32 {
		return 0, n.t.bad(at, faultLarge, wantWhole)
	}
	return int32(v), err
}

// amount reads an optional whole number of any size.
func (n *native) amount(col int) (int64, error) {
	at := n.at[col]
	if at < 0 || len(n.t.fields[at]) == 0 {
		return 0, nil
	}
	v, f := whole(n.t.fields[at])
	if f != fine {
		return 0, n.t.bad(at, f, wantWhole)
	}
	return v, nil
}

// role reads what the job asks for.
func (n *native) role(spec *state.JobSpec) error {
	gpus, f := whole(n.t.fields[n.at[colGPUs]])
	if f == fine && gpus > math.MaxInt32 {
		f = faultLarge
	}
	if f != fine {
		return n.t.bad(n.at[colGPUs], f, wantWhole)
	}
	const unset = -1
	pod, err := n.count32(colPodGPUs, unset)
	if err != nil {
		return err
	}
	replicas, err := n.count32(colReplicas, unset)
	if err != nil {
		return err
	}
	milli, err := n.count32(colGPUMilli, 1000)
	if err != nil {
		return err
	}
	role := state.RoleSpec{Replicas: replicas, PodGPUs: pod, GPUMilli: milli}
	if role.CPUMilli, err = n.amount(colCPU); err != nil {
		return err
	}
	if role.MemMiB, err = n.amount(colMemory); err != nil {
		return err
	}
	if err := n.shape(&role, gpus); err != nil {
		return err
	}
	if role.PodGPUs > 0 && n.at[colGPUType] >= 0 {
		if role.TypeMask, err = n.types.mask(n.names, n.t.fields[n.at[colGPUType]]); err != nil {
			return n.t.fail(n.at[colGPUType], err.Error(), "expected type names such as A100-80|H800", "")
		}
	}
	if at := n.at[colTopology]; at >= 0 && len(n.t.fields[at]) > 0 {
		if err := n.topology(&role, n.t.fields[at]); err != nil {
			return n.t.fail(at, err.Error(), "expected required:LEVEL, preferred:LEVEL, or both with ; between", "levels are node and the tiers of the scenario's topology")
		}
	}
	spec.Roles = append(spec.Roles, role)
	return nil
}

// topology reads the levels that a job requires and prefers.
func (n *native) topology(r *state.RoleSpec, text []byte) error {
	for rest := text; len(rest) > 0; {
		var one []byte
		one, rest, _ = bytes.Cut(rest, []byte(";"))
		word, name, ok := bytes.Cut(bytes.TrimSpace(one), []byte(":"))
		into := &r.Within
		switch {
		case ok && string(word) == "required":
		case ok && string(word) == "preferred":
			into = &r.Prefer
		default:
			return fmt.Errorf("topology: unknown word %s", shown(one))
		}
		if len(name) == 0 || *into != 0 {
			return fmt.Errorf("topology: %s names no level, or a second one", shown(text))
		}
		level, err := n.names.Level(name)
		if err != nil {
			return err
		}
		*into = level
	}
	return nil
}

// shape reconciles gpus, pod_gpus, replicas and gpu_milli; below 0 stands for absent.
func (n *native) shape(r *state.RoleSpec, gpus int64) error {
	if gpus == 0 {
		if r.PodGPUs > 0 {
			return n.t.fail(n.at[colPodGPUs], fmt.Sprintf("pod_gpus is %d while gpus is 0", r.PodGPUs), "expected gpus = replicas x pod_gpus", "")
		}
		r.PodGPUs, r.GPUMilli = 0, 1000
		if r.Replicas < 0 {
			r.Replicas = 1
		}
		if r.Replicas == 0 {
			return n.t.fail(n.at[colReplicas], "replicas is 0", "expected at least 1 pod", "")
		}
		return nil
	}
	if r.GPUMilli < 1 || r.GPUMilli > 1000 {
		return n.t.fail(n.at[colGPUMilli], fmt.Sprintf("gpu_milli is %d", r.GPUMilli), "expected 1 to 1000 thousandths of a GPU", "")
	}
	if r.PodGPUs < 0 {
		return n.split(r, gpus)
	}
	if r.Replicas < 0 && r.PodGPUs > 0 && gpus%int64(r.PodGPUs) == 0 {
		r.Replicas = int32(gpus / int64(r.PodGPUs))
	}
	if r.Replicas < 0 {
		return n.t.fail(n.at[colGPUs], fmt.Sprintf("gpus is %d, no multiple of pod_gpus %d", gpus, r.PodGPUs),
			"expected gpus = replicas x pod_gpus", "")
	}
	if int64(r.Replicas)*int64(r.PodGPUs) != gpus {
		return n.t.fail(n.at[colGPUs], fmt.Sprintf("gpus is %d, replicas x pod_gpus is %d x %d = %d", gpus, r.Replicas, r.PodGPUs,
			int64(r.Replicas)*int64(r.PodGPUs)), "expected gpus = replicas x pod_gpus", "")
	}
	return nil
}

// split is a job without pod_gpus: placement may spread its GPUs as it likes.
func (n *native) split(r *state.RoleSpec, gpus int64) error {
	if r.Replicas >= 0 {
		return n.t.fail(n.at[colReplicas], fmt.Sprintf("replicas is %d without pod_gpus", r.Replicas),
			"expected both, or neither for a job that placement may split", "")
	}
	if r.GPUMilli < 1000 && gpus != 1 {
		return n.t.fail(n.at[colGPUMilli], fmt.Sprintf("gpu_milli is %d for %d GPUs without pod_gpus", r.GPUMilli, gpus),
			"expected pod_gpus beside it, or a job of 1 GPU", "")
	}
	r.Replicas, r.PodGPUs = int32(gpus), 1
	if r.GPUMilli == 1000 {
		r.Flags = state.RoleSplit
	}
	return nil
}

// words reads names, priority and outcome.
func (n *native) words(spec *state.JobSpec) error {
	if at := n.at[colQueue]; at >= 0 {
		spec.Queue = n.names.Queues.Intern(n.t.fields[at])
	}
	if at := n.at[colUser]; at >= 0 {
		spec.User = n.names.Users.Intern(n.t.fields[at])
	}
	if at := n.at[colPartition]; at >= 0 {
		spec.Partition = n.names.Partitions.Intern(n.t.fields[at])
	}
	if at := n.at[colModel]; at >= 0 {
		spec.Model = n.names.Models.Intern(n.t.fields[at]) + 1
	}
	if at := n.at[colPriority]; at >= 0 && len(n.t.fields[at]) > 0 {
		v, f := integer(n.t.fields[at])
		if f == fine && (v > math.MaxInt32 || v < math.MinInt32) {
			f = faultLarge
		}
		if f != fine {
			return n.t.bad(at, f, "expected a whole number from -2147483648 to 2147483647")
		}
		spec.Priority = int32(v)
	}
	if at := n.at[colStatus]; at >= 0 && len(n.t.fields[at]) > 0 {
		o, ok := outcomeOf(n.t.fields[at])
		if !ok {
			return n.t.fail(at, "status: unknown word "+shown(n.t.fields[at]), "expected finished, failed or cancelled",
				didYouMean(string(n.t.fields[at]), outcomeWords()))
		}
		spec.Outcome = o
	}
	return nil
}

// typeCache remembers the mask of the last type constraint: rows repeat it.
type typeCache struct {
	text []byte
	bits uint64
	has  bool
}

// mask is the set of types in A|B; empty is any.
func (c *typeCache) mask(names *state.Names, text []byte) (uint64, error) {
	if c.has && bytes.Equal(c.text, text) {
		return c.bits, nil
	}
	var bits uint64
	for rest := text; len(rest) > 0; {
		var one []byte
		one, rest, _ = bytes.Cut(rest, []byte("|"))
		if one = bytes.TrimSpace(one); len(one) == 0 {
			return 0, fmt.Errorf("GPU types %q with an empty name among them (A|B means A or B; leave the cell empty for any)", text)
		}
		bit, err := names.TypeBit(one)
		if err != nil {
			return 0, err
		}
		bits |= bit
	}
	if bytes.HasSuffix(text, []byte("|")) {
		return 0, fmt.Errorf("GPU types %q with an empty name among them (A|B means A or B; leave the cell empty for any)", text)
	}
	c.text, c.bits, c.has = append(c.text[:0], text...), bits, true
	return bits, nil
}
