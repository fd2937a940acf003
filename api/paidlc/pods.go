package paidlc

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// podID is <JobId>-<type in lower case>-<index>; roles of one type count on.
func (r *record) podID(role, index int) string {
	typ := typeOf(r.j.Roles[role].Name)
	for i := range role {
		if typeOf(r.j.Roles[i].Name) == typ {
			index += r.j.Roles[i].Replicas
		}
	}
	return fmt.Sprintf("%s-%s-%d", r.id, strings.ToLower(typ), index)
}

// pods are those of the present try, with those before them as their history.
func (r *record) pods(detailed bool) []Pod {
	if len(r.hist().Tries) == 0 {
		return nil
	}
	last := len(r.hist().Tries) - 1
	out := r.podsOf(last, detailed)
	for i := range out {
		for t := last - 1; t >= 0; t-- {
			for _, old := range r.podsOf(t, detailed) {
				if old.PodId == out[i].PodId {
					out[i].HistoryPods = append(out[i].HistoryPods, old)
				}
			}
		}
	}
	return out
}

// podsOf are the pods of one try.
func (r *record) podsOf(n int, detailed bool) []Pod {
	try := &r.hist().Tries[n]
	if try.Attempt >= len(r.j.Pods) {
		return nil
	}
	nodes := r.v.Nodes()
	placed := r.j.Pods[try.Attempt]
	out := make([]Pod, 0, len(placed))
	for i := range placed {
		p := &placed[i]
		if int(p.Role) >= len(r.j.Roles) || int(p.Node) >= len(nodes) {
			continue
		}
		pod := Pod{Type: typeOf(r.j.Roles[p.Role].Name), PodId: r.podID(int(p.Role), int(p.Index)), PodUid: r.podUID(p, n), SubStatus: "Normal",
			Ip: address(p, i), NodeName: nodes[p.Node].Name, GmtCreateTime: r.stamp(try.Created), GmtStartTime: r.stamp(try.Running),
			GmtFinishTime: r.stamp(try.Ended)}
		pod.PodIps = []PodInterface{{InterfaceName: "eth0", Ip: pod.Ip}}
		pod.Status, pod.SubStatus = podStatus(try)
		if detailed {
			pod.ResourceType = "ECS"
			pod.Duration = r.podSeconds(try)
		}
		out = append(out, pod)
	}
	return out
}

func (r *record) podUID(p *world.Pod, try int) string {
	return r.v.UUID("pod", r.j, uint64(p.Role), uint64(p.Index), uint64(try))
}

func podStatus(t *play.Try) (status, sub string) {
	switch {
	case t.Ended == state.Unset && t.Running == state.Unset:
		return "Pending", "Normal"
	case t.Ended == state.Unset:
		return "Running", "Normal"
	case t.Why == play.WhyDone:
		return "Succeeded", "Normal"
	case t.Why == play.WhyPreempted || t.Why == play.WhyNode:
		return "Failed", "Evicted"
	}
	return "Failed", "Normal"
}

func (r *record) podSeconds(t *play.Try) *float64 {
	d := 0.0
	if t.Running != state.Unset {
		end := t.Ended
		if end == state.Unset {
			end = r.v.Now
		}
		d = float64((end-t.Running)/(state.Second/1000)) / 1000
	}
	return &d
}

// address is a pod's address: its node gives the network, its first device (or its place in the job) the host.
func address(p *world.Pod, place int) string {
	host := 100 + place%150
	if p.Devices != 0 {
		host = 10 + bits.TrailingZeros64(p.Devices)
	}
	return fmt.Sprintf("10.%d.%d.%d", 1+p.Node/250%250, 1+p.Node%250, host)
}

// nodeNames are the nodes that the job holds.
func (r *record) nodeNames() []string {
	if len(r.hist().Tries) == 0 {
		return nil
	}
	t := &r.hist().Tries[len(r.hist().Tries)-1]
	if t.Attempt >= len(r.j.Pods) {
		return nil
	}
	nodes := r.v.Nodes()
	var out []string
	for _, p := range r.j.Pods[t.Attempt] {
		if int(p.Node) < len(nodes) && !slices.Contains(out, nodes[p.Node].Name) {
			out = append(out, nodes[p.Node].Name)
		}
	}
	return out
}
