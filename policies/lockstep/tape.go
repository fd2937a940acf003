package lockstep

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Decision is one that changes something: a start, an eviction, a rejection. Timers are a policy's own affair, and what it takes back
// itself is none.
type Decision struct {
	At        state.Time `json:"at_ns"`
	Partition int32      `json:"partition"`
	Kind      string     `json:"kind"` // start, preempt, reject
	Job       uint64     `json:"job"`  // number
	Name      string     `json:"name,omitempty"`
	Parts     []Part     `json:"parts,omitempty"` // of a start, by role, then node

	pass uint64
	slot int32
}

// Part is what pods of one role take from a node.
type Part struct {
	Role  uint16 `json:"role"`
	Node  string `json:"node"`
	Mask  uint64 `json:"devices"` // bit i: device i
	Milli uint16 `json:"gpu_milli,omitempty"`
	CPU   uint32 `json:"cpu_milli,omitempty"`
	Mem   uint32 `json:"mem_mib,omitempty"`

	node int32
}

// same reports whether two decisions change the same. Which pod of a role is which does not matter.
func (d *Decision) same(o *Decision) bool {
	return d.At == o.At && d.Partition == o.Partition && d.Kind == o.Kind && d.Job == o.Job && slices.Equal(d.Parts, o.Parts)
}

var kinds = map[state.DecisionKind]string{state.DecideStart: "start", state.DecidePreempt: "preempt", state.DecideReject: "reject"}

// tape is a policy whose decisions are written down.
type tape struct {
	state.Policy
	engine *sim.Engine
	list   []Decision // since they were taken last
	pass   uint64     // before which a snapshot is to be made; 0 = none
	about  []int32    // job slots that it is about
	snap   *Snapshot
	done   bool
}

// Pass decides, and writes down what.
func (t *tape) Pass(v *state.View, d *state.Decisions) {
	if v.Pass == t.pass {
		t.snap = snapshot(v, t.about)
	}
	t.Policy.Pass(v, d)
	if d.Fault != nil {
		return
	}
	for i := range d.List {
		x := &d.List[i]
		kind, ok := kinds[x.Kind]
		if !ok || x.Refuse != 0 || x.Job < 0 || int(x.Job) >= v.Jobs.Len() {
			continue
		}
		out := Decision{At: v.Now, Partition: v.Partition, Kind: kind, Job: v.Jobs.Row[x.Job].Number, Name: string(v.Jobs.NameOf(x.Job)), pass: v.Pass, slot: x.Job}
		if x.Kind == state.DecideStart {
			out.Parts = parts(v, d.Parts[x.PartFirst:x.PartFirst+x.PartN])
		}
		t.list = append(t.list, out)
	}
}

// parts are what a start takes, in an order of their own.
func parts(v *state.View, list []state.Part) []Part {
	names := v.Capacity.Nodes().Name
	var out []Part
	for _, p := range list {
		out = append(out, Part{Role: p.Role, Node: names[p.Node], Mask: p.Mask, Milli: p.Milli, CPU: p.CPU, Mem: p.Mem, node: p.Node})
	}
	slices.SortFunc(out, func(a, b Part) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.node, b.node), cmp.Compare(a.Mask, b.Mask), cmp.Compare(a.Milli, b.Milli), cmp.Compare(a.CPU, b.CPU), cmp.Compare(a.Mem, b.Mem))
	})
	return out
}

// fill steps the simulation until there is a decision or it is over.
func (t *tape) fill() error {
	for len(t.list) == 0 && !t.done {
		if _, ok := t.engine.Peek(); !ok {
			t.done = true
			return nil
		}
		if err := t.engine.Step(); err != nil {
			return err
		}
	}
	return nil
}

// Snapshot is the state before a pass.
type Snapshot struct {
	At      state.Time `json:"at_ns"`
	Waiting int        `json:"waiting"` // jobs of the partition
	Running int        `json:"running"`
	Free    int32      `json:"free_gpus"` // wholly free ones on its open nodes
	Head    []Job      `json:"head"`      // the first that wait, by arrival
	About   []Job      `json:"about"`     // the jobs that the decisions are about
	Nodes   []Node     `json:"nodes"`     // the nodes that the decisions are about
}

// Job is a job as policies see it.
type Job struct {
	Number   uint64     `json:"number"`
	Name     string     `json:"name,omitempty"`
	State    string     `json:"state"`
	GPUs     int32      `json:"gpus"`
	Roles    []Role     `json:"roles"`
	Submit   state.Time `json:"submit_ns"`
	Estimate state.Time `json:"estimate_ns"`
	Priority int32      `json:"priority"`
	User     string     `json:"user,omitempty"`
}

// Role is what one role of a job asks for.
type Role struct {
	Replicas int32 `json:"replicas"`
	GPUs     int32 `json:"gpus"`
	Milli    int32 `json:"gpu_milli"`
	CPU      int64 `json:"cpu_milli"`
	Mem      int64 `json:"mem_mib"`
	Split    bool  `json:"split,omitempty"` // its GPUs may come from any nodes
}

// Node is a node as policies see it.
type Node struct {
	Name     string `json:"name"`
	GPUs     uint32 `json:"gpus"`
	Free     uint32 `json:"free_gpus"`
	FreeMask uint64 `json:"free_devices"`
	Milli    uint32 `json:"free_gpu_milli"`
	CPUFree  uint32 `json:"cpu_free_milli"`
	MemFree  uint32 `json:"mem_free_mib"`
	Pods     uint32 `json:"pods"`

	slot int32
}

// headLength is how many waiting jobs a snapshot lists.
const headLength = 5

var states = map[state.JobState]string{state.JobHeld: "held", state.JobQueued: "waits", state.JobRunning: "runs"}

func snapshot(v *state.View, about []int32) *Snapshot {
	s := &Snapshot{At: v.Now, Free: v.Capacity.(*cluster.Cluster).Free(uint32(v.Partition), 0)}
	var queue []int32
	for slot := range v.Jobs.Row {
		j := &v.Jobs.Row[slot]
		switch {
		case j.Partition != v.Partition:
		case j.State == state.JobQueued:
			queue = append(queue, int32(slot))
		case j.State == state.JobRunning:
			s.Running++
		}
	}
	slices.SortFunc(queue, func(a, b int32) int { return cmp.Compare(v.Jobs.Row[a].Number, v.Jobs.Row[b].Number) })
	s.Waiting = len(queue)
	for _, slot := range queue[:min(len(queue), headLength)] {
		s.Head = append(s.Head, jobOf(v, slot))
	}
	for _, slot := range about {
		s.About = append(s.About, jobOf(v, slot))
	}
	n := v.Capacity.Nodes()
	for i := range int32(n.Len()) {
		s.Nodes = append(s.Nodes, Node{n.Name[i], n.GPUsTotal[i], n.GPUsFree[i], n.FreeMask[i], n.MilliFree[i], n.CPUFree[i], n.MemFree[i], n.Pods[i], i})
	}
	return s
}

func jobOf(v *state.View, slot int32) Job {
	j := &v.Jobs.Row[slot]
	out := Job{Number: j.Number, Name: string(v.Jobs.NameOf(slot)), State: states[j.State], GPUs: j.GPUs, Submit: j.Submit, Estimate: j.Estimate,
		Priority: j.Priority, User: v.Names.Users.Name(j.User)}
	for _, r := range v.Shapes.Of(j.Shape) {
		out.Roles = append(out.Roles, Role{r.Replicas, r.PodGPUs, r.GPUMilli, r.CPUMilli, r.MemMiB, r.Flags&state.RoleSplit != 0})
	}
	return out
}
