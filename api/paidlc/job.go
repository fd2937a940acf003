package paidlc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

const (
	apiName    = "pai-dlc"
	timeLayout = "2006-01-02T15:04:05Z"
)

// statuses are the phases in PAI-DLC's words; Reserving has two.
var statuses = [...]string{play.Creating: "Creating", play.Waiting: "Queuing", play.Bidding: "Bidding", play.Preparing: "EnvPreparing", play.Checking: "SanityChecking",
	play.Running: "Running", play.Restarting: "Restarting", play.Reserving: "SucceededReserving", play.Stopping: "Stopping", play.Succeeded: "Succeeded",
	play.Failed: "Failed", play.Stopped: "Stopped"}

const failedReserving = "FailedReserving"

func allStatuses() []string { return append(slices.Clone(statuses[:]), failedReserving) }

func status(s *play.Step) string {
	if s.Phase == play.Reserving && s.Why == play.WhyExit {
		return failedReserving
	}
	return statuses[s.Phase]
}

// reason is the code and message of what led into a step.
func reason(s *play.Step) (code, message string) {
	switch s.Why {
	case play.WhyDone:
		return "JobSucceeded", "the job finished with exit code 0"
	case play.WhyExit:
		return "JobFailed", fmt.Sprintf("a pod ended with exit code %d (%s)", s.Code, play.ExitText(s.Code))
	case play.WhyUser:
		return "JobStoppedByUser", "the job was stopped by a user"
	case play.WhyLimit:
		return "JobMaxRunningTimeExceeded", "the job ran for as long as JobMaxRunningTimeMinutes allows"
	case play.WhyPreempted:
		return "JobPreempted", "the job's resources went to another job"
	case play.WhyReclaimed:
		return "SpotReclaimed", "the job's spot resources were taken back"
	case play.WhyNode:
		return "NodeFailure", "a node of the job failed"
	case play.WhyNoFit:
		return "ResourceAllocateFailed", "no node of the cluster can hold the job"
	case play.WhyRecorded:
		return "Recorded", "the recorded workload says so"
	}
	return "", ""
}

// record is a job with all that its answers are made of.
type record struct {
	v   world.View
	j   *world.Job
	id  string
	h   *play.History     // told when first asked for
	req *CreateJobRequest // decoded when first asked for

	ask   *play.Request   // the same
	spans []play.RoleSpan // the same
}

func newRecord(v world.View, j *world.Job) *record {
	return &record{v: v, j: j, id: jobID(v, j)}
}

// hist is the job's life as it stands.
func (r *record) hist() *play.History {
	if r.h == nil {
		h := r.v.History(r.j)
		r.h = &h
	}
	return r.h
}

func jobID(v world.View, j *world.Job) string { return "dlc" + v.Token(j) }

// token is the part of a job's id that the world knows.
func token(id string) string {
	t, ok := strings.CutPrefix(id, "dlc")
	if !ok {
		return ""
	}
	return t
}

// request is what the job was created with; a job that did not come through this API gets one that says the same.
func (r *record) request() *CreateJobRequest {
	if r.req != nil {
		return r.req
	}
	r.req = &CreateJobRequest{}
	if r.j.API == apiName && json.Unmarshal(r.j.Payload, r.req) == nil {
		return r.req
	}
	ask := r.v.Ask(r.j)
	r.req = &CreateJobRequest{DisplayName: r.j.Name, JobType: "PyTorchJob", UserCommand: ask.Command, Envs: ask.Env, WorkspaceId: defaultWorkspace,
		ResourceId: r.j.Queue, Accessibility: "PUBLIC"}
	if slices.Contains(jobTypes, ask.Framework) {
		r.req.JobType = ask.Framework
	}
	for _, role := range r.j.Roles {
		n := int64(role.Replicas)
		pod := &ResourceConfig{GPU: strconv.Itoa(role.GPUs), GPUType: role.GPUType}
		if role.CPUMilli > 0 {
			pod.CPU = strconv.FormatInt((role.CPUMilli+999)/1000, 10)
		}
		if role.MemMiB > 0 {
			pod.Memory = strconv.FormatInt((role.MemMiB+1023)/1024, 10) + "Gi"
		}
		r.req.JobSpecs = append(r.req.JobSpecs, JobSpec{Type: typeOf(role.Name), Image: ask.Image, PodCount: &n, ResourceConfig: pod})
	}
	return r.req
}

// speak says in words of no cloud what a job of this API asks for.
func speak(j *world.Job) (world.Ask, bool) {
	var r CreateJobRequest
	if json.Unmarshal(j.Payload, &r) != nil || len(r.JobSpecs) == 0 {
		return world.Ask{}, false
	}
	return world.Ask{Request: r.play(j.Roles), Framework: r.JobType}, true
}

// asks is what decides what the job does.
func (r *record) asks() *play.Request {
	if r.ask == nil {
		a := r.request().play(r.j.Roles)
		r.ask = &a
	}
	return r.ask
}

// stamp writes an instant, or nothing for one that has not come.
func (r *record) stamp(t state.Time) string {
	if t == state.Unset {
		return ""
	}
	return stamp(r.v.Time(t))
}

func stamp(t time.Time) string { return t.UTC().Format(timeLayout) }

// submitted is when the job entered its queue.
func (r *record) submitted() state.Time {
	for i := range r.hist().Steps {
		if s := &r.hist().Steps[i]; s.Phase != play.Creating && s.Phase != play.Stopping && s.Phase != play.Stopped {
			return s.From
		}
	}
	return state.Unset
}

// finished is when the job ended.
func (r *record) finished() state.Time {
	if last := r.hist().Last(); last.Phase.Ends() {
		return last.From
	}
	return state.Unset
}

// seconds is the time since the job first ran, until it stopped running for good.
func (r *record) seconds() int64 {
	from, to := r.hist().Since(play.Running), r.finished()
	if from == state.Unset {
		return 0
	}
	if to == state.Unset {
		to = r.v.Now
	}
	return int64((to - from) / state.Second)
}

// base is what GetJob and ListJobs share.
func (r *record) base() *Job {
	q, last := r.request(), r.hist().Last()
	p := r.j.Priority
	o := &Job{JobId: r.id, JobType: q.JobType, DisplayName: r.j.Name, UserId: r.j.User, Status: status(last), WorkspaceId: q.WorkspaceId,
		WorkspaceName: "workspace-" + q.WorkspaceId, ResourceId: q.ResourceId, ResourceType: "ECS", JobSpecs: q.JobSpecs, UserCommand: q.UserCommand,
		DataSources: q.DataSources, CodeSource: q.CodeSource, UserVpc: q.UserVpc, ThirdpartyLibs: q.ThirdpartyLibs, ThirdpartyLibDir: q.ThirdpartyLibDir,
		Envs: q.Envs, Priority: p, Settings: q.Settings, ElasticSpec: q.ElasticSpec, CredentialConfig: q.CredentialConfig, Accessibility: q.Accessibility,
		GmtCreateTime: r.stamp(r.j.Life.Created), GmtSubmittedTime: r.stamp(r.submitted()), GmtRunningTime: r.stamp(r.hist().Since(play.Running)),
		GmtSuccessedTime: r.stamp(r.hist().Since(play.Succeeded)), GmtStoppedTime: r.stamp(r.hist().Since(play.Stopped)), GmtFailedTime: r.stamp(r.hist().Since(play.Failed)),
		GmtFinishTime: r.stamp(r.finished()), Duration: r.seconds(), RestartTimes: strconv.Itoa(r.hist().Restarts())}
	o.ReasonCode, o.ReasonMessage = reason(last)
	if last.Phase == play.Restarting {
		o.SubStatus = "Restarting"
	}
	if r.j.NeverFit && (last.Phase == play.Waiting || last.Phase == play.Bidding) {
		o.ReasonCode, o.ReasonMessage = "ResourceAllocateFailed", "no node of the cluster can hold the job; it waits for one that can"
	}
	return o
}

// detail answers GetJob; brief leaves out pods and histories.
func (r *record) detail(brief bool) *Job {
	o := r.base()
	o.CustomEnvs = r.request().CustomEnvs
	if !brief {
		o.StatusHistory, o.RestartRecord, o.JobReplicaStatuses, o.Pods = r.transitions(), r.restarts(), r.replicas(), r.pods(true)
	}
	return o
}

// item is the job in ListJobs.
func (r *record) item() *Job {
	o, q := r.base(), r.request()
	no, spot := false, q.spot()
	need := r.j.Need()
	cpu := (need.CPUMilli + 999) / 1000
	o.Username, o.ResourceName, o.ResourceQuotaName, o.TemplateId = r.j.User, q.ResourceId, q.ResourceId, q.TemplateId
	o.JobMaxRunningTimeMinutes, o.EnablePreemptibleJob, o.UseOversoldResource, o.IsDeleted = q.JobMaxRunningTimeMinutes, &spot, &no, &no
	o.RequestCPU, o.RequestMemory, o.RequestGPU, o.NodeCount = &cpu, strconv.FormatInt((need.MemMiB+1023)/1024, 10)+"Gi", strconv.Itoa(need.GPUs), strconv.Itoa(need.Pods)
	o.NodeNames, o.GmtModifiedTime = r.v.NodesOf(r.j, r.hist()), r.stamp(min(r.j.Modified, r.v.Now))
	o.StatusHistory, o.JobReplicaStatuses, o.Pods = r.transitions(), r.replicas(), r.pods(false)
	return o
}

func (r *record) transitions() []StatusTransition {
	out := make([]StatusTransition, 0, len(r.hist().Steps))
	for i := range r.hist().Steps {
		s := &r.hist().Steps[i]
		t := StatusTransition{Status: status(s), StartTime: r.stamp(s.From), EndTime: r.stamp(s.To)}
		t.ReasonCode, t.ReasonMessage = reason(s)
		out = append(out, t)
	}
	return out
}

// restarts tells of each restart: in place after a failure, or after resources were lost.
func (r *record) restarts() []RestartRecord {
	var out []RestartRecord
	for i := range r.hist().Steps {
		s := &r.hist().Steps[i]
		if s.Phase != play.Restarting {
			continue
		}
		_, message := reason(s)
		rec := RestartRecord{JobRestartCount: int64(len(out) + 1), OccurPhase: "Running", OccurTime: r.stamp(s.From), Reason: message, RestartStatus: "Restarting",
			TriggerID: r.v.UUID("restart", r.j, uint64(len(out))),
			DetailErrorInfoList: []ErrorDetail{{ErrorCode: strconv.Itoa(s.Code), ErrorMsg: message, ErrorSource: "AIMaster", TriggerRestart: true,
				Pod: r.podID(0, 0)}}}
		if s.To != state.Unset {
			took := int64((s.To - s.From) / state.Second)
			rec.RestartDurationInSec, rec.RestartStatus = &took, "Succeeded"
		}
		out = append(out, rec)
	}
	return out
}

// replicas counts the pods of each role that wait and that have their resources.
func (r *record) replicas() []ReplicaStatus {
	var out []ReplicaStatus
	phase := r.hist().Last().Phase
	for _, role := range r.j.Roles {
		i := slices.IndexFunc(out, func(s ReplicaStatus) bool { return s.Type == typeOf(role.Name) })
		if i < 0 {
			i = len(out)
			out = append(out, ReplicaStatus{Type: typeOf(role.Name)})
		}
		n := int32(role.Replicas)
		switch {
		case phase.Ends():
		case phase == play.Running || phase == play.Reserving || phase == play.Stopping && len(r.hist().Tries) > 0:
			out[i].Active += n
			out[i].Dequeued += n
		case len(r.hist().Tries) > 0 && r.hist().Tries[len(r.hist().Tries)-1].Ended == state.Unset:
			out[i].Dequeued += n
		default:
			out[i].Queuing += n
		}
	}
	return out
}

func typeOf(role string) string {
	if role == "worker" {
		return defaultRole // of a recorded job
	}
	return role
}
