package paidlc

import (
	"fmt"
	"strconv"
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

// placeOf reads what podID wrote.
func (r *record) placeOf(id string) (role, index int, ok bool) {
	rest, ok := strings.CutPrefix(id, r.id+"-")
	at := strings.LastIndexByte(rest, '-')
	if !ok || at < 0 {
		return 0, 0, false
	}
	if index, ok = digits(rest[at+1:]); !ok {
		return 0, 0, false
	}
	for role := range r.j.Roles {
		if strings.ToLower(typeOf(r.j.Roles[role].Name)) != rest[:at] {
			continue
		}
		if n := r.j.Roles[role].Replicas; index < n {
			return role, index, true
		} else {
			index -= n
		}
	}
	return 0, 0, false
}

// digits reads a number as it is written: without a sign or a leading zero.
func digits(text string) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && strconv.Itoa(n) == text && n >= 0
}

// maxHistory is how many pods of earlier tries a job is told with, about: all pods of the newest of them.
const maxHistory = 10_000

// pods are those of the present try, with those before them as their history.
func (r *record) pods(detailed bool) []Pod {
	if len(r.hist().Tries) == 0 {
		return nil
	}
	last := len(r.hist().Tries) - 1
	out := r.podsOf(last, detailed)
	place := make(map[string]int, len(out))
	for i := range out {
		place[out[i].PodId] = i
	}
	told := 0
	for t := last - 1; t >= 0 && told < maxHistory; t-- {
		for _, old := range r.podsOf(t, detailed) {
			if i, ok := place[old.PodId]; ok {
				out[i].HistoryPods = append(out[i].HistoryPods, old)
				told++
			}
		}
	}
	return out
}

// podsOf are the pods of one try.
func (r *record) podsOf(n int, detailed bool) []Pod {
	all := r.v.PodsOf(r.j, r.hist(), n)
	out := make([]Pod, 0, len(all))
	for i := range all {
		p := &all[i]
		try := r.try(p)
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

// try is a try of the job as a pod of it sees it.
func (r *record) try(p *world.PodTry) *play.Try {
	t := r.hist().Tries[p.Try]
	if r.spans == nil {
		r.spans = append([]play.RoleSpan{}, r.asks().RoleSpans(r.j.Life.Script.Base)...)
	}
	if int(p.Role) < len(r.spans) {
		t = t.OfRole(r.spans[p.Role], r.v.Now)
	}
	return &t
}

func podStatus(t *play.Try) (status, sub string) {
	switch {
	case t.Ended == state.Unset && t.Running == state.Unset:
		return "Pending", "Normal"
	case t.Ended == state.Unset:
		return "Running", "Normal"
	case t.Why == play.WhyDone:
		return "Succeeded", "Normal"
	case t.Why == play.WhyPreempted || t.Why == play.WhyNode || t.Why == play.WhyReclaimed:
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
