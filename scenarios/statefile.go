package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"os"
	"slices"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// stateFormat names the file that orrery run --save-state writes (docs/formats/state.md).
const stateFormat = "orrery-state/1"

// savedState is the file: the nodes that are not plainly up, and every job that has not ended. Times are nanoseconds from
// the saved instant, so those before it are negative.
type savedState struct {
	Format string      `json:"format"`
	AtNS   int64       `json:"at_ns"`
	Nodes  []savedNode `json:"nodes,omitempty"`
	Jobs   []savedJob  `json:"jobs"`
}

type savedNode struct {
	Name  string `json:"name"`
	Flags uint32 `json:"flags"`
}

type savedJob struct {
	Name      string           `json:"name"`
	Submit    int64            `json:"submit_ns"`
	Duration  int64            `json:"duration_ns"`
	Estimate  int64            `json:"estimate_ns"`
	MaxRun    int64            `json:"max_run_ns,omitempty"`
	Patience  *int64           `json:"patience_ns,omitempty"`
	Outcome   string           `json:"outcome"`
	User      string           `json:"user,omitempty"`
	Queue     string           `json:"queue,omitempty"`
	Partition string           `json:"partition,omitempty"`
	Priority  int32            `json:"priority,omitempty"`
	Roles     []savedRole      `json:"roles"`
	After     []savedDep       `json:"after,omitempty"`
	X         map[string]int64 `json:"x_micro,omitempty"`           // by column
	Recorded  *int64           `json:"recorded_start_ns,omitempty"` // of a job that waits
	Since     *int64           `json:"running_since_ns,omitempty"`
	Parts     []savedPart      `json:"parts,omitempty"`
	Done      int64            `json:"done_ns,omitempty"`   // work of earlier attempts that is saved
	Evicted   uint16           `json:"evictions,omitempty"` // earlier attempts that ended in an eviction
	Recovery  *uint8           `json:"recovery,omitempty"`  // of a job whose workload has a recovery of its own: its place in the scenario
}

type savedRole struct {
	Replicas int32    `json:"replicas"`
	PodGPUs  int32    `json:"pod_gpus"`
	Milli    int32    `json:"gpu_milli"`
	CPUMilli int64    `json:"cpu_milli,omitempty"`
	MemMiB   int64    `json:"memory_mib,omitempty"`
	Types    []string `json:"gpu_types,omitempty"`
	Split    bool     `json:"split,omitempty"`
	Within   string   `json:"within,omitempty"` // levels of domains that it requires and prefers
	Prefer   string   `json:"prefer,omitempty"`
}

type savedDep struct {
	Job int  `json:"job"` // index in jobs
	Any bool `json:"any,omitempty"`
}

type savedPart struct {
	Node    string `json:"node"`
	Devices []int  `json:"devices,omitempty"`
	Milli   uint16 `json:"milli"`
	Role    uint16 `json:"role"`
	Pod     int32  `json:"pod"`
	CPU     uint32 `json:"cpu_milli,omitempty"`
	Mem     uint32 `json:"memory_mib,omitempty"`
}

// SaveState writes the state of an engine at an instant that lies between its last one and its next.
func SaveState(w io.Writer, e *sim.Engine, at state.Time) error {
	names, nodes := e.Names(), e.Nodes()
	out := savedState{Format: stateFormat, AtNS: int64(at), Jobs: []savedJob{}}
	for i := range nodes.Flags {
		if nodes.Flags[i] != state.NodeUp {
			out.Nodes = append(out.Nodes, savedNode{nodes.Name[i], nodes.Flags[i]})
		}
	}
	for _, in := range e.Export(at) {
		out.Jobs = append(out.Jobs, saveJob(&in, names, nodes))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(out)
}

func saveJob(in *sim.InitialJob, names *state.Names, nodes *state.Nodes) savedJob {
	s := &in.Spec
	j := savedJob{Name: string(s.Name), Submit: int64(s.Submit), Duration: int64(s.Duration), Estimate: int64(s.Estimate), MaxRun: int64(s.MaxRun),
		Outcome: s.Outcome.String(), User: names.Users.Name(s.User), Queue: names.Queues.Name(s.Queue), Priority: s.Priority}
	if s.Partition > 0 || names.Partitions.Len() > 0 {
		j.Partition = names.Partitions.Name(s.Partition)
	}
	if s.Patience != state.Unset {
		p := int64(s.Patience)
		j.Patience = &p
	}
	for i := range s.Roles {
		r := &s.Roles[i]
		saved := savedRole{Replicas: r.Replicas, PodGPUs: r.PodGPUs, Milli: r.GPUMilli, CPUMilli: r.CPUMilli, MemMiB: r.MemMiB,
			Split: r.Flags&state.RoleSplit != 0, Within: names.LevelName(r.Within), Prefer: names.LevelName(r.Prefer)}
		for m := r.TypeMask; m != 0; m &= m - 1 {
			saved.Types = append(saved.Types, names.Types.Name(int32(bits.TrailingZeros64(m))))
		}
		j.Roles = append(j.Roles, saved)
	}
	for _, d := range s.After {
		j.After = append(j.After, savedDep{int(d.Row), d.When == state.AfterAny})
	}
	for i, name := range names.X.All() {
		if j.X == nil {
			j.X = map[string]int64{}
		}
		j.X[name] = s.X[i]
	}
	if j.Done, j.Evicted = int64(in.Done), in.Evicted; s.Recovery != 0 {
		r := s.Recovery
		j.Recovery = &r
	}
	if at := int64(s.RecStart); in.Running {
		j.Since = &at
	} else if s.RecStart != state.Unset {
		j.Recorded = &at
	}
	for _, p := range in.Parts {
		saved := savedPart{Node: nodes.Name[p.Node], Milli: p.Milli, Role: p.Role, Pod: p.Pod, CPU: p.CPU, Mem: p.Mem}
		for m := p.Mask; m != 0; m &= m - 1 {
			saved.Devices = append(saved.Devices, bits.TrailingZeros64(m))
		}
		j.Parts = append(j.Parts, saved)
	}
	return j
}

// loadState reads a saved state into a plan: its nodes' flags and its jobs.
func (l *Loaded) loadState(p *Plan, file string) error {
	if l.readable(p, "initial.state", file); l.Doc.Err() != nil {
		return l.Doc.Err()
	}
	data, err := os.ReadFile(l.path(file))
	if err != nil {
		return err
	}
	var in savedState
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Format != stateFormat || in.Jobs == nil {
		d := l.Doc.Errorf("initial.state", "%s is not a saved state", file)
		if err != nil {
			d.Want("a file of orrery run --save-state; %v at byte %d", err, dec.InputOffset())
		} else {
			d.Want("a file of orrery run --save-state with jobs, format %s (found %q)", stateFormat, in.Format)
		}
		return l.Doc.Err()
	}
	seen := map[string]bool{}
	for _, n := range in.Nodes {
		if seen[n.Name] || n.Flags&^(state.NodeUp|state.NodeSpot|state.NodeDraining|state.NodeCordoned) != 0 {
			l.Doc.Errorf("initial.state", "node %q stands twice or has flags %d", n.Name, n.Flags).Want("each node once, with a sum of 1, 2, 4 and 8")
			continue
		}
		seen[n.Name] = true
		id, ok := p.nodes[n.Name]
		if !ok {
			l.Doc.Errorf("initial.state", "the saved state has a node %q that the cluster has not", n.Name).Want("the cluster that it was saved from")
			continue
		}
		p.Config.Nodes[id].Flags, p.Config.Nodes[id].Down = n.Flags&^state.NodeUp, n.Flags&state.NodeUp == 0
	}
	for i := range in.Jobs {
		job, err := l.loadJob(p, &in.Jobs[i], i)
		if err != nil {
			l.Doc.Errorf("initial.state", "job %d (%q): %v", i+1, in.Jobs[i].Name, err).Want("a job that fits this cluster")
			continue
		}
		p.Config.Initial = append(p.Config.Initial, job)
	}
	return l.Doc.Err()
}

// check tests what a saved job says of time and outcome.
func (j *savedJob) check() error {
	const most = int64(state.End)
	endless := func(v int64) bool { return v == int64(state.Never) }
	switch {
	case len(j.Roles) == 0:
		return errors.New("it has no roles; a job has at least one")
	case j.Submit > 0 || j.Submit < -most:
		return fmt.Errorf("submit_ns is %d; a job is submitted at or before the saved instant, at most 146 years", j.Submit)
	case j.Duration < 0 || j.Duration > most && !endless(j.Duration):
		return fmt.Errorf("duration_ns is %d; a job lasts 0 to %d ns, or %d for ever", j.Duration, most, int64(state.Never))
	case j.Estimate < 1 || j.Estimate > most && !endless(j.Estimate):
		return fmt.Errorf("estimate_ns is %d; an estimate is 1 to %d ns, or %d for ever", j.Estimate, most, int64(state.Never))
	case j.MaxRun < 0 || j.MaxRun > most:
		return fmt.Errorf("max_run_ns is %d; a limit is 0 (none) to %d ns", j.MaxRun, most)
	case j.Patience != nil && (*j.Patience < 0 || *j.Patience > most):
		return fmt.Errorf("patience_ns is %d; a patience is 0 to %d ns", *j.Patience, most)
	case j.Since != nil && (*j.Since > 0 || *j.Since < j.Submit):
		return fmt.Errorf("running_since_ns is %d; a running job started between its submission (%d) and the saved instant (0)", *j.Since, j.Submit)
	case j.Recorded != nil && (*j.Recorded < -most || *j.Recorded > most):
		return fmt.Errorf("recorded_start_ns is %d; it is at most 146 years away", *j.Recorded)
	case j.Done < 0 || j.Done > j.Duration:
		return fmt.Errorf("done_ns is %d; a job has done 0 to all of its %d ns", j.Done, j.Duration)
	case j.Since == nil && len(j.Parts) > 0:
		return errors.New("it has parts and no running_since_ns; a job that waits holds nothing")
	case j.Outcome != "finished" && j.Outcome != "failed" && j.Outcome != "cancelled":
		return fmt.Errorf("outcome is %q; there are finished, failed and cancelled", j.Outcome)
	}
	return nil
}

func (l *Loaded) loadJob(p *Plan, j *savedJob, index int) (sim.InitialJob, error) {
	names := p.Config.Names
	job := sim.InitialJob{Running: j.Since != nil}
	s := &job.Spec
	s.Reset()
	s.Name = []byte(j.Name)
	s.Submit, s.Duration, s.Estimate, s.MaxRun = state.Time(j.Submit), state.Time(j.Duration), state.Time(j.Estimate), state.Time(j.MaxRun)
	if err := j.check(); err != nil {
		return job, err
	}
	if j.Recorded != nil {
		s.RecStart = state.Time(*j.Recorded)
	}
	if j.Patience != nil {
		s.Patience = state.Time(*j.Patience)
	}
	if j.Since != nil {
		s.RecStart = state.Time(*j.Since)
	}
	job.Done, job.Evicted = state.Time(j.Done), j.Evicted
	if r := j.Recovery; r != nil {
		if s.Recovery = *r; s.Recovery != state.RecoveryNone && int(s.Recovery) >= len(p.Config.Recoveries) {
			return job, fmt.Errorf("recovery is %d; the scenario has %d", *r, len(p.Config.Recoveries))
		}
	}
	switch j.Outcome {
	case "failed":
		s.Outcome = state.Failed
	case "cancelled":
		s.Outcome = state.Cancelled
	}
	s.User, s.Queue, s.Priority = names.Users.Intern([]byte(j.User)), names.Queues.Intern([]byte(j.Queue)), j.Priority
	if j.Partition != "" {
		s.Partition = names.Partitions.Intern([]byte(j.Partition))
	}
	for _, r := range j.Roles {
		role := state.RoleSpec{Replicas: r.Replicas, PodGPUs: r.PodGPUs, GPUMilli: r.Milli, CPUMilli: r.CPUMilli, MemMiB: r.MemMiB}
		if r.Replicas < 1 || r.PodGPUs < 0 || r.Milli < 0 || r.Milli > 1000 || r.PodGPUs > 0 && r.Milli == 0 || r.CPUMilli < 0 || r.MemMiB < 0 {
			return job, fmt.Errorf("a role of %d pods with %d GPUs of %d thousandths is impossible", r.Replicas, r.PodGPUs, r.Milli)
		}
		if r.Split {
			role.Flags = state.RoleSplit
		}
		var err error
		if role.Within, err = names.Level([]byte(r.Within)); err != nil {
			return job, err
		}
		if role.Prefer, err = names.Level([]byte(r.Prefer)); err != nil {
			return job, err
		}
		for _, t := range r.Types {
			bit, err := names.TypeBit([]byte(t))
			if err != nil {
				return job, err
			}
			role.TypeMask |= bit
		}
		s.Roles = append(s.Roles, role)
	}
	for _, d := range j.After {
		if d.Job < 0 || d.Job >= index {
			return job, fmt.Errorf("it waits for job %d, which does not come before it", d.Job+1)
		}
		dep := state.Dep{Row: uint64(d.Job)}
		if d.Any {
			dep.When = state.AfterAny
		}
		s.After = append(s.After, dep)
	}
	for _, name := range slices.Sorted(maps.Keys(j.X)) {
		id := names.X.Intern([]byte(name))
		if id < 0 || id >= state.MaxX {
			return job, fmt.Errorf("x column %q is one too many (at most %d)", name, state.MaxX)
		}
		s.X[id] = j.X[name]
	}
	for _, part := range j.Parts {
		node, ok := p.nodes[part.Node]
		if !ok {
			return job, fmt.Errorf("it runs on node %q, which the cluster has not", part.Node)
		}
		q := state.Part{Node: node, Milli: part.Milli, Role: part.Role, Pod: part.Pod, CPU: part.CPU, Mem: part.Mem}
		for _, d := range part.Devices {
			if d < 0 || d >= int(p.Config.Nodes[node].GPUs) {
				return job, fmt.Errorf("it holds device %d of node %q, which has %d", d, part.Node, p.Config.Nodes[node].GPUs)
			}
			q.Mask |= 1 << uint(d)
		}
		job.Parts = append(job.Parts, q)
	}
	return job, nil
}
