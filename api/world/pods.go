package world

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// PodTry is one pod in one try of a job: every restart makes new ones.
type PodTry struct {
	*Pod
	Try   int
	Place int // among the pods of its try
	UID   string
}

// PodsOf are the pods of a try, in the order in which they were placed.
func (v View) PodsOf(j *Job, h *play.History, try int) []PodTry {
	t := &h.Tries[try]
	if t.Attempt >= len(j.Pods) {
		return nil
	}
	placed := j.Pods[t.Attempt]
	out := make([]PodTry, 0, len(placed))
	for i := range placed {
		if int(placed[i].Role) < len(j.Roles) {
			out = append(out, v.podTry(j, &placed[i], try, i))
		}
	}
	return out
}

func (v View) podTry(j *Job, p *Pod, try, place int) PodTry {
	return PodTry{Pod: p, Try: try, Place: place, UID: v.UUID("pod", j, uint64(p.Role), uint64(p.Index), uint64(try))}
}

// PodAt is one pod of a try by its role and its index there.
func (v View) PodAt(j *Job, h *play.History, try, role, index int) (PodTry, bool) {
	if t := &h.Tries[try]; t.Attempt < len(j.Pods) {
		for i := range j.Pods[t.Attempt] {
			if p := &j.Pods[t.Attempt][i]; int(p.Role) == role && int(p.Index) == index && role < len(j.Roles) {
				return v.podTry(j, p, try, i), true
			}
		}
	}
	return PodTry{}, false
}

// NodeName is the name of a node by its number, or nothing.
func (v View) NodeName(node int32) string {
	if nodes := v.Nodes(); int(node) < len(nodes) {
		return nodes[node].Name
	}
	return ""
}

// Address is a pod's address: its node gives the network, its first device (or its place in the job) the host.
func (p *PodTry) Address() string {
	host := 100 + p.Place%150
	if p.Devices != 0 {
		host = 10 + bits.TrailingZeros64(p.Devices)
	}
	return fmt.Sprintf("10.%d.%d.%d", 1+p.Node/250%250, 1+p.Node%250, host)
}

// HostAddress is the address of a node.
func HostAddress(node int32) string { return fmt.Sprintf("10.%d.%d.1", 1+node/250%250, 1+node%250) }

// NodesOf are the names of the nodes that a job holds, or held last.
func (v View) NodesOf(j *Job, h *play.History) []string {
	if len(h.Tries) == 0 {
		return nil
	}
	var out []string
	for _, p := range v.PodsOf(j, h, len(h.Tries)-1) {
		if name := v.NodeName(p.Node); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// Output is what a pod prints, reports and uses; name is what its API calls it.
func (v View) Output(j *Job, ask *play.Request, p *PodTry, name string) *play.Output {
	rank := int(p.Index)
	for i := range p.Role {
		rank += j.Roles[i].Replicas
	}
	return &play.Output{Seed: seedOf(p.UID), Request: ask, Script: &j.Life.Script, Pod: name, Node: v.NodeName(p.Node), Rank: rank,
		GPUs: j.Roles[p.Role].GPUs, CPUMilli: j.Roles[p.Role].CPUMilli, MemMiB: j.Roles[p.Role].MemMiB, Stopped: j.Life.StopAt}
}

// seedOf makes a number of a UUID, which differs between pods and tries.
func seedOf(uid string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(uid) {
		h = (h ^ uint64(uid[i])) * 1099511628211
	}
	return h
}

// Need is what all pods of a job ask for together.
type Need struct {
	CPUMilli, MemMiB int64
	GPUs, Pods       int
}

// Need sums up the roles.
func (j *Job) Need() (n Need) {
	for i := range j.Roles {
		r := &j.Roles[i]
		k := int64(r.Replicas)
		if r.Split {
			k = 1
		}
		n.CPUMilli += k * r.CPUMilli
		n.MemMiB += k * r.MemMiB
		n.GPUs += r.Replicas * r.GPUs
		n.Pods += r.Replicas
	}
	return n
}

// Holds reports whether the job has resources now.
func (j *Job) Holds() bool {
	n := len(j.Life.Attempts)
	return n > 0 && j.Life.Attempts[n-1].End == state.Unset
}
