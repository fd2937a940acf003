package aihc

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// The statuses of a job.
const (
	statusCreated     = "Created" // also while it waits
	statusPending     = "Pending" // it has its resources and is being prepared
	statusRunning     = "Running"
	statusRestarting  = "Restarting"
	statusSucceeded   = "Succeeded"
	statusFailed      = "Failed"
	statusTermination = "ManualTermination" // a user's stop
)

var statuses = []string{statusCreated, statusPending, statusRunning, statusRestarting, statusSucceeded, statusFailed, statusTermination}

// status is where a job stands. AIHC has no words for being stopped and for keeping resources behind the end: a job that still holds
// what it had is Running.
func status(h *play.History) string {
	last := h.Last()
	switch last.Phase {
	case play.Creating, play.Waiting:
		return statusCreated
	case play.Preparing, play.Checking:
		return statusPending
	case play.Running, play.Reserving:
		return statusRunning
	case play.Restarting:
		return statusRestarting
	case play.Stopping:
		if len(h.Tries) == 0 {
			return statusCreated
		}
		return statusRunning
	case play.Succeeded:
		return statusSucceeded
	case play.Failed:
		return statusFailed
	}
	if last.Why == play.WhyUser {
		return statusTermination
	}
	return statusFailed // it ran for as long as it may, or the recorded workload says so
}

// levels are the priorities as numbers of the world, in which nothing is 0.
var levels = map[string]int32{"low": 1, "normal": 5, "high": 9}

// levelOf names a priority of the world: 7 and more is high, 4 to 6 normal.
func levelOf(p int32) string {
	switch {
	case p >= 7:
		return "high"
	case p >= 4:
		return "normal"
	}
	return "low"
}

// record is a job with all that its answers are made of.
type record struct {
	s   *Service
	v   world.View
	j   *world.Job
	h   play.History
	ask world.Ask
	req *CreateJobRequest // nil: it came through another API
	id  string
}

func (s *Service) record(v world.View, j *world.Job) *record {
	r := &record{s: s, v: v, j: j, h: v.History(j), ask: v.Ask(j), req: requestOf(j)}
	r.id = strings.ToLower(r.framework()) + "-" + v.LongID(j)
	return r
}

// requestOf is what a job of this API was created with.
func requestOf(j *world.Job) *CreateJobRequest {
	var r CreateJobRequest
	if j.API != apiName || json.Unmarshal(j.Payload, &r) != nil || len(r.JobSpec) == 0 {
		return nil
	}
	return &r
}

// speak says in words of no cloud what a job of this API asks for.
func speak(j *world.Job) (world.Ask, bool) {
	r := requestOf(j)
	if r == nil {
		return world.Ask{}, false
	}
	p, err := r.play(j.Roles)
	return world.Ask{Request: p, Framework: r.JobFramework}, err == nil
}

// framework is the job's; one that AIHC does not have reads as PyTorchJob.
func (r *record) framework() string {
	if slices.Contains(frameworksV2, r.ask.Framework) {
		return r.ask.Framework
	}
	return frameworks[0]
}

// isPrefix reports whether ids begin so.
func isPrefix(text string) bool {
	return slices.ContainsFunc(frameworksV2, func(f string) bool { return strings.ToLower(f) == text })
}

// queueName is what AIHC calls a queue of the world.
func queueName(queue string) string {
	if queue == "" {
		return defaultQueue
	}
	return queue
}

// stamp writes an instant, or nothing for one that has not come.
func (r *record) stamp(t state.Time) string {
	if t == state.Unset {
		return ""
	}
	return r.v.Time(t).UTC().Format(time.RFC3339)
}

// finished is when the job ended.
func (r *record) finished() state.Time {
	if last := r.h.Last(); last.Phase.Ends() {
		return last.From
	}
	return state.Unset
}

// scheduled is when the job first got its resources.
func (r *record) scheduled() state.Time {
	if len(r.h.Tries) == 0 {
		return state.Unset
	}
	return r.h.Tries[0].Created
}

// item is the job in lists; ahead is how many wait before it, or -1.
func (r *record) item(ahead int) *Job {
	o := &Job{JobID: r.id, Name: r.j.Name, ResourcePoolID: poolID, Command: r.ask.Command, CreatedAt: r.stamp(r.j.Life.Created), FinishedAt: r.stamp(r.finished()),
		RunningAt: r.stamp(r.h.Since(play.Running)), ScheduledAt: r.stamp(r.scheduled()), Priority: levelOf(r.j.Priority), Queue: queueName(r.j.Queue),
		Status: status(&r.h), Image: r.ask.Image, Resources: r.resources(), Replicas: r.j.Need().Pods, JobFramework: r.framework(),
		EnableFaultTolerance: r.ask.Restarts > 0, K8sUID: r.v.UUID("k8s", r.j), K8sNamespace: namespace,
		Datasources: []Datasource{}, CustomFaultTolerancePattern: []string{}, Envs: r.envs()}
	o.Labels = []Label{{"aijob.cce.baidubce.com/create-from-aihcp-api", "true"}, {"aijob.cce.baidubce.com/ai-user-id", r.j.User},
		{"aijob.cce.baidubce.com/ai-user-name", r.j.User}}
	if ahead >= 0 {
		n := ahead + 1
		o.QueueingSequence = &n
	}
	if q := r.req; q != nil {
		o.EnableFaultTolerance, o.EnableBccl, o.EnableRDMA, o.HostNetwork = q.FaultTolerance, q.EnableBccl, q.rdma(), q.JobSpec[0].HostNetwork
		o.Labels = append(slices.Clone(q.Labels), o.Labels...)
		if q.Datasources != nil {
			o.Datasources = q.Datasources
		}
		if c := q.FaultToleranceConfig; c != nil && c.CustomFaultTolerancePattern != nil {
			o.CustomFaultTolerancePattern = c.CustomFaultTolerancePattern
		}
	}
	o.EnableBcclStatus, o.EnableBcclErrorReason = r.bccl()
	return o
}

// envs are the variables in the order in which they were given.
func (r *record) envs() []Pair {
	if r.req != nil {
		return append([]Pair{}, r.req.JobSpec[0].Envs...)
	}
	out := make([]Pair, 0, len(r.ask.Env))
	for name, value := range r.ask.Env {
		out = append(out, Pair{name, value})
	}
	slices.SortFunc(out, func(a, b Pair) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// resources are what each pod asks for, of several roles the first.
func (r *record) resources() []Resource {
	if r.req != nil {
		return append([]Resource{}, r.req.JobSpec[0].Resources...)
	}
	if len(r.j.Roles) == 0 {
		return []Resource{}
	}
	role := &r.j.Roles[0]
	var out []Resource
	if role.GPUs > 0 {
		out = append(out, Resource{r.s.cards.nameOf(role.GPUType), float64(role.GPUs)})
	}
	if role.CPUMilli > 0 {
		out = append(out, Resource{resourceCPU, float64(role.CPUMilli) / 1000})
	}
	if role.MemMiB > 0 {
		out = append(out, Resource{resourceMemory, float64(role.MemMiB) / 1024})
	}
	return append([]Resource{}, out...)
}
