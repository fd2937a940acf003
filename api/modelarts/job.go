package modelarts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

var phases = []string{"Creating", "Pending", "Running", "Failed", "Completed", "Terminating", "Terminated", "Abnormal"}

// phaseOf is where a job stands, roughly and in detail. A job that is restarted in place, or that keeps its resources behind its end, is
// Running.
func phaseOf(h *play.History) (phase, detail string) {
	last := h.Last()
	switch last.Phase {
	case play.Creating:
		return "Creating", "Creating"
	case play.Waiting:
		return "Pending", "Queuing"
	case play.Preparing, play.Checking:
		return "Pending", "Creating"
	case play.Running, play.Reserving:
		return "Running", "Running"
	case play.Restarting:
		if last.Why == play.WhyExit {
			return "Running", "Running"
		}
		return "Pending", "Queuing"
	case play.Stopping:
		return "Terminating", "Terminating"
	case play.Succeeded:
		return "Completed", "Completed"
	case play.Failed:
		if last.Why == play.WhyNoFit {
			return "Abnormal", "CreateFailed"
		}
		return "Failed", "Failed"
	}
	return "Terminated", "Terminated"
}

// record is a job with all that its answers are made of.
type record struct {
	s   *Service
	v   world.View
	j   *world.Job
	h   play.History
	ask world.Ask
	req *Request // nil: it came through another API
}

func (s *Service) record(v world.View, j *world.Job) *record {
	return &record{s: s, v: v, j: j, h: v.History(j), ask: v.Ask(j), req: requestOf(j)}
}

// nameOf is a job's name in the characters that ModelArts' names have.
func nameOf(name string) string {
	return strings.Map(func(c rune) rune {
		if notInName(c) {
			return '_'
		}
		return c
	}, cmp.Or(name, "job"))
}

func (r *record) millis(t state.Time) int64 { return r.v.Time(t).UnixMilli() }

// wire is the job in answers.
func (r *record) wire() *Job {
	o := &Job{Kind: "job", Tasks: []struct{}{}, Status: r.status()}
	o.Metadata = Metadata{ID: r.v.LongID(r.j), Name: nameOf(r.j.Name), WorkspaceID: r.workspace(), Description: r.ask.Description,
		CreateTime: r.millis(r.j.Life.Created), UserName: r.j.User, Annotations: map[string]string{}}
	if q := r.req; q != nil {
		if q.Metadata.Annotations != nil {
			o.Metadata.Annotations = q.Metadata.Annotations
		}
		o.Algorithm = &AlgorithmOut{Algorithm: *q.Algorithm}
		spec := *q.Spec
		spec.AutoStop, spec.SchedulePolicy = nil, nil
		o.Spec = &spec
	} else {
		o.Algorithm = &AlgorithmOut{Algorithm: Algorithm{Command: r.ask.Command, Engine: &Engine{ImageURL: r.ask.Image}}}
		o.Spec = &Spec{}
	}
	o.Algorithm.Environments = environments(r.ask.Env)
	o.Spec.Resource = r.resource()
	return o
}

// environments are variables in answers: a list of one each.
func environments(env map[string]string) []map[string]string {
	out := []map[string]string{}
	for k, v := range env {
		out = append(out, map[string]string{k: v})
	}
	slices.SortFunc(out, func(a, b map[string]string) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return out
}

func (r *record) workspace() string {
	if r.req != nil && r.req.Metadata.WorkspaceID != "" {
		return r.req.Metadata.WorkspaceID
	}
	return defaultWorkspace
}

// resource is what the job takes, with its flavor told.
func (r *record) resource() *Resource {
	o := &Resource{Policy: "regular", NodeCount: int32(r.j.Need().Pods), FlavorID: r.flavorID(), PoolID: r.j.Queue}
	if r.req != nil {
		*o = *r.req.Spec.Resource
		o.Policy, o.FlavorID = cmp.Or(o.Policy, "regular"), cmp.Or(o.FlavorID, "modelarts.vm.cpu.8u")
	}
	if x := r.s.flavors.byID(o.FlavorID); x != nil {
		o.FlavorName, o.FlavorDetail = x.name, &FlavorDetail{x.kind, Billing{x.code, 1}, x.info(true)}
		return o
	}
	own := r.ownFlavor()
	o.FlavorName, o.FlavorDetail = own.name, &FlavorDetail{own.kind, Billing{own.id, 1}, own.info(true)}
	return o
}

// customFlavor is the name of sizes that no flavor has.
const customFlavor = "orrery.custom"

// flavorID names the flavor of a dedicated pool that has as many cards as a pod of a job of another API.
func (r *record) flavorID() string {
	cards := 0
	for i := range r.j.Roles {
		cards = max(cards, r.j.Roles[i].GPUs)
	}
	for i := range documented {
		if documented[i].anyCard && documented[i].cards == cards {
			return documented[i].id
		}
	}
	return customFlavor
}

// ownFlavor is the size of the largest pod of a job that no flavor fits.
func (r *record) ownFlavor() *flavor {
	x := &flavor{id: customFlavor, name: "a size of another API", kind: typeCPU}
	for i := range r.j.Roles {
		role := &r.j.Roles[i]
		x.cores, x.gib = max(x.cores, int(role.CPUMilli+999)/1000), max(x.gib, int(role.MemMiB+1023)/1024)
		if role.GPUs > x.cards {
			x.cards, x.product, x.kind = role.GPUs, role.GPUType, typeGPU
			if isAscend(role.GPUType) {
				x.kind = typeAscend
			}
		}
	}
	return x
}

// algorithmName is what a filter on it looks at.
func (r *record) algorithmName() string {
	if r.req != nil {
		return r.req.Algorithm.Name
	}
	return ""
}

// duration is the time since the job first ran until it ended.
func (r *record) duration() state.Time {
	from, to := r.h.Since(play.Running), r.v.Now
	if from == state.Unset {
		return 0
	}
	if last := r.h.Last(); last.Phase.Ends() {
		to = last.From
	}
	return to - from
}

func (r *record) status() Status {
	o := Status{Duration: int64(r.duration() / (state.Second / 1000)), Tasks: []string{}, TaskStatuses: []TaskStatus{}, RunningRecords: r.runs()}
	o.Phase, o.SecondaryPhase = phaseOf(&r.h)
	if from := r.h.Since(play.Running); from != state.Unset {
		o.StartTime = r.millis(from)
	}
	for i := range r.j.Roles {
		for k := range r.j.Roles[i].Replicas {
			o.Tasks = append(o.Tasks, r.taskName(i, k))
		}
	}
	if n := len(r.h.Tries); n > 0 && r.h.Tries[n-1].Ended != state.Unset {
		t := &r.h.Tries[n-1]
		for _, name := range o.Tasks {
			o.TaskStatuses = append(o.TaskStatuses, TaskStatus{name, int32(t.Code), reason(t.Why, t.Code)})
		}
	}
	return o
}

// taskName is ROLE-INDEX; roles of one name count on.
func (r *record) taskName(role, index int) string {
	name := r.j.Roles[role].Name
	for i := range role {
		if strings.EqualFold(r.j.Roles[i].Name, name) {
			index += r.j.Roles[i].Replicas
		}
	}
	return fmt.Sprintf("%s-%d", strings.ToLower(name), index)
}

// reason says why a try or a job ended.
func reason(why play.Why, code int) string {
	switch why {
	case play.WhyDone:
		return "exit code 0"
	case play.WhyExit:
		return fmt.Sprintf("exit code %d (%s)", code, play.ExitText(code))
	case play.WhyUser:
		return "terminated by a user"
	case play.WhyLimit:
		return "it ran for as long as auto_stop allows"
	case play.WhyPreempted:
		return "its resources went to another job"
	case play.WhyNode:
		return "a node failed under it"
	case play.WhyNoFit:
		return "no node can hold it"
	case play.WhyRecorded:
		return "the recorded workload says so"
	}
	return ""
}

// runs are the stretches in which the job ran, with what was done about their ends: a process is restarted in place; a job that lost its
// resources is scheduled anew, away from the node if that failed, because a pod alone cannot go on without its gang.
func (r *record) runs() []RunningRecord {
	out := []RunningRecord{}
	attempt := -1
	for i := range r.h.Tries {
		t := &r.h.Tries[i]
		if t.Running == state.Unset {
			continue
		}
		o := RunningRecord{StartAt: r.v.Time(t.Running).Unix(), StartType: "restarted"}
		if t.Attempt != attempt {
			o.StartType, attempt = "init_or_rescheduled", t.Attempt
		}
		if t.Ended != state.Unset {
			o.EndAt, o.EndReason = r.v.Time(t.Ended).Unix(), reason(t.Why, t.Code)
			if t.Why == play.WhyExit || t.Why == play.WhyNode {
				o.EndRelatedTask = r.taskName(0, 0)
			}
			o.EndRecover, o.EndRecoverBefore = r.recovery(i)
		}
		out = append(out, o)
	}
	return out
}

// recovery is what was done about the end of a try, and what would have been tried before.
func (r *record) recovery(try int) (did, before string) {
	t := &r.h.Tries[try]
	if next := try + 1; next >= len(r.h.Tries) && r.h.Last().Phase != play.Restarting {
		return "", "" // it was the last
	}
	switch t.Why {
	case play.WhyExit:
		return "proc_restart", ""
	case play.WhyNode:
		return "job_reschedule_with_taint", "pod_reschedule"
	}
	return "job_reschedule", ""
}
