package paidlc

import (
	"fmt"
	"strings"

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
	all := r.v.PodsOf(r.j, r.hist(), n)
	out := make([]Pod, 0, len(all))
	for i := range all {
		p := &all[i]
		pod := Pod{Type: typeOf(r.j.Roles[p.Role].Name), PodId: r.podID(int(p.Role), int(p.Index)), PodUid: p.UID, SubStatus: "Normal",
			Ip: p.Address(), NodeName: r.v.NodeName(p.Node), GmtCreateTime: r.stamp(try.Created), GmtStartTime: r.stamp(try.Running),
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
