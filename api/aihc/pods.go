package aihc

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// namespace is where everything lives.
const namespace = "default"

// pod is one pod in one try.
type pod struct {
	world.PodTry
	name string
}

// podName is JOB-ROLE-INDEX; roles of one name count on.
func (r *record) podName(role, index int) string {
	name := r.j.Roles[role].Name
	for i := range role {
		if strings.EqualFold(r.j.Roles[i].Name, name) {
			index += r.j.Roles[i].Replicas
		}
	}
	return fmt.Sprintf("%s-%s-%d", r.id, strings.ToLower(name), index)
}

// all are the pods of a try.
func (r *record) all(try int) []pod {
	list := r.v.PodsOf(r.j, &r.h, try)
	out := make([]pod, len(list))
	for i, p := range list {
		out[i] = pod{p, r.podName(int(p.Role), int(p.Index))}
	}
	return out
}

// findPod looks up a pod of the last try that has one of this name.
func (r *record) findPod(name string) (*pod, error) {
	for try := len(r.h.Tries) - 1; try >= 0; try-- {
		for _, p := range r.all(try) {
			if p.name == name {
				return &p, nil
			}
		}
	}
	return nil, noObject("podName", name, "a pod of job "+r.id+"; a job has pods from the time at which it gets its resources")
}

// podList is the pods as they stand.
func (r *record) podList() *PodList {
	out := &PodList{Pods: []Pod{}}
	if n := len(r.h.Tries); n > 0 {
		for _, p := range r.all(n - 1) {
			out.Pods = append(out.Pods, r.pod(&p))
		}
	}
	out.ListMeta.TotalItems = len(out.Pods)
	return out
}

func (r *record) pod(p *pod) Pod {
	try := &r.h.Tries[p.Try]
	role := &r.j.Roles[p.Role]
	phase, detail, reason := podPhase(try)
	labels := map[string]string{"aijob.cce.baidubce.com/job-id": r.id, "training.kubeflow.org/job-name": r.id,
		"training.kubeflow.org/replica-type": strings.ToLower(role.Name), "training.kubeflow.org/replica-index": fmt.Sprint(p.Index)}
	return Pod{PodIP: p.Address(), NodeName: r.v.NodeName(p.Node), PodStatus: PodStatus{phase, detail}, ReplicaType: strings.ToLower(role.Name),
		RestartCount: p.Try, Envs: r.envs(), FinishedAt: r.stamp(try.Ended), Reason: reason,
		ObjectMeta: ObjectMeta{Annotations: map[string]string{}, CreationTimestamp: r.stamp(try.Created), Labels: labels, Name: p.name, Namespace: namespace,
			OwnerReferences: []Owner{{"kubeflow.org/v1", r.framework(), r.id, r.v.UUID("k8s", r.j), true}}}}
}

// podPhase is where a pod of a try stands, in Kubernetes' words, and why it ended.
func podPhase(t *play.Try) (phase, status, reason string) {
	switch {
	case t.Ended == state.Unset && t.Running == state.Unset:
		return "Pending", "ContainerCreating", ""
	case t.Ended == state.Unset:
		return "Running", "Running", ""
	case t.Why == play.WhyDone:
		return "Succeeded", "Completed", "Completed"
	case t.Why == play.WhyPreempted:
		return "Failed", "Preempted", "Preempted"
	case t.Why == play.WhyNode:
		return "Failed", "NodeLost", "NodeLost"
	case t.Why == play.WhyExit && t.Code == 137:
		return "Failed", "OOMKilled", "OOMKilled"
	case t.Why == play.WhyExit:
		return "Failed", "Error", fmt.Sprintf("ExitCode:%d", t.Code)
	}
	return "Failed", "Terminated", "Terminated"
}

// getJobNodes names the nodes that the job holds, or held last.
func (s *Service) getJobNodes(c *fiber.Ctx) (any, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	return fiber.Map{"jobId": r.id, "nodeName": append([]string{}, r.v.NodesOf(r.j, &r.h)...)}, nil
}
