package aihc

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// JobV2 is a job in the answers of v2.
type JobV2 struct {
	JobID                       string       `json:"jobId"`
	Name                        string       `json:"name"`
	UserID                      string       `json:"userId"`
	Status                      string       `json:"status"`
	JobType                     string       `json:"jobType"`
	ResourcePoolID              string       `json:"resourcePoolId"`
	Queue                       string       `json:"queue"`
	QueueID                     string       `json:"queueId"`
	Command                     string       `json:"command"`
	JobSpec                     JobSpec      `json:"jobSpec"`
	CreatedAt                   string       `json:"createdAt"`
	RunningAt                   string       `json:"runningAt"`
	FinishedAt                  string       `json:"finishedAt"`
	Datasources                 []Datasource `json:"datasources"`
	Labels                      []Label      `json:"labels"`
	Priority                    string       `json:"priority"`
	EnableBccl                  bool         `json:"enableBccl"`
	EnableBcclStatus            string       `json:"enableBcclStatus"`
	EnableBcclErrorReason       string       `json:"enableBcclErrorReason"`
	EnableFaultTolerance        bool         `json:"enableFaultTolerance"`
	FaultToleranceArgs          string       `json:"faultToleranceArgs"`
	RetentionPeriod             string       `json:"retentionPeriod"`
	QueueingSequence            *int         `json:"queueingSequence,omitempty"`
	GPUCount                    int          `json:"gpuCount"`
	NodeCount                   int          `json:"nodeCount"`
	GPUUtilizationPercent       float64      `json:"gpuUtilizationPercent"`
	GPUMemoryUtilizationPercent float64      `json:"gpuMemoryUtilizationPercent"`
	RunTimeNanoseconds          int64        `json:"runTimeNanoseconds"`
	JobTimeLine                 []condition  `json:"jobTimeLine"`
	Pods                        []PodV2      `json:"pods,omitempty"`
	HistoryPods                 []PodV2      `json:"historyPods,omitempty"`
}

// condition is a status that a job came to.
type condition struct {
	ConditionType    string `json:"conditionType"`
	ConditionMessage string `json:"conditionMessage"`
	Time             string `json:"time"`
}

// PodV2 is a pod in the answers of v2.
type PodV2 struct {
	PodIP        string `json:"PodIP"`
	NodeName     string `json:"nodeName"`
	CreationAt   string `json:"creationAt"`
	UID          string `json:"uid"`
	Name         string `json:"name"`
	Status       string `json:"status"`
	ReplicaType  string `json:"replicaType"`
	RestartCount int    `json:"restartCount"`
	Envs         []Pair `json:"envs"`
	FinishedAt   string `json:"finishedAt"`
	Reason       string `json:"reason"`
}

// recordV2 is a record whose id is that of v2.
func (s *Service) recordV2(v world.View, j *world.Job) *record {
	r := s.record(v, j)
	r.id = "job-" + v.ShortID(j)
	return r
}

// findV2 looks up the job that the arguments name.
func (s *Service) findV2(c *fiber.Ctx, a *arguments) (*record, error) {
	if a.JobID == "" {
		return nil, lens.Missing("jobId", "the id of a job")
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	j, ok := v.Job(s.Token(a.JobID))
	if !ok {
		return nil, world.ErrNotFound
	}
	return s.recordV2(v, j), nil
}

// createJobV2 reads what v2 spells differently: jobType, and a command beside the roles.
func (s *Service) createJobV2(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	var r struct {
		CreateJobRequest
		JobType string `json:"jobType"`
		Command string `json:"command"`
	}
	if err := lens.Decode(c.Body(), &r); err != nil {
		return nil, err
	}
	for i := range r.JobSpec {
		r.JobSpec[i].Command = cmp.Or(r.JobSpec[i].Command, r.Command)
	}
	q := &r.CreateJobRequest
	q.JobFramework = cmp.Or(r.JobType, q.JobFramework)
	q.Queue = cmp.Or(s.queueNamed(a.queueID), q.Queue)
	sub, err := s.submit(q, frameworksV2, lens.Caller(c))
	if err != nil {
		return nil, err
	}
	j, v, err := s.world.Submit(c.Context(), sub)
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return fiber.Map{"jobId": s.recordV2(v, j).id, "jobName": j.Name}, nil
}

func (s *Service) describeJob(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	r, err := s.findV2(c, a)
	if err != nil {
		return nil, err
	}
	return fiber.Map{"job": r.jobV2(s.places(r.v).ahead(r), a.NeedDetail == nil || *a.NeedDetail)}, nil
}

// jobV2 is the job in v2's words.
func (r *record) jobV2(ahead int, detailed bool) *JobV2 {
	v1 := r.item(ahead)
	o := &JobV2{JobID: r.id, Name: r.j.Name, UserID: r.j.User, Status: v1.Status, JobType: r.framework(), ResourcePoolID: poolID, Queue: v1.Queue, QueueID: queueID(v1.Queue),
		Command: v1.Command, JobSpec: JobSpec{Command: v1.Command, Image: v1.Image, Replicas: int64(v1.Replicas), Resources: v1.Resources, Envs: v1.Envs, EnableRDMA: v1.EnableRDMA,
			HostNetwork: v1.HostNetwork}, CreatedAt: v1.CreatedAt, RunningAt: v1.RunningAt, FinishedAt: v1.FinishedAt, Datasources: v1.Datasources, Labels: v1.Labels,
		Priority: v1.Priority, EnableBccl: v1.EnableBccl, EnableBcclStatus: v1.EnableBcclStatus, EnableBcclErrorReason: v1.EnableBcclErrorReason,
		EnableFaultTolerance: v1.EnableFaultTolerance, QueueingSequence: v1.QueueingSequence, GPUCount: r.j.Need().GPUs, NodeCount: len(r.v.NodesOf(r.j, &r.h)),
		RunTimeNanoseconds: int64(r.ran()), JobTimeLine: r.timeline()}
	if q := r.req; q != nil {
		o.RetentionPeriod = q.RetentionPeriod
		if q.FaultToleranceArgs != nil {
			o.FaultToleranceArgs = *q.FaultToleranceArgs
		}
	}
	o.GPUUtilizationPercent, o.GPUMemoryUtilizationPercent = r.average(play.GPUCore), r.average(play.GPUMemory)
	if n := len(r.h.Tries); detailed && n > 0 {
		o.Pods = r.podsV2(n - 1)
		for try := range n - 1 {
			o.HistoryPods = append(o.HistoryPods, r.podsV2(try)...)
		}
	}
	return o
}

// ran is how long the job has run so far, restarts among it.
func (r *record) ran() state.Time {
	from, to := r.h.Since(play.Running), r.finished()
	if from == state.Unset {
		return 0
	}
	if to == state.Unset {
		to = r.v.Now
	}
	return to - from
}

// average is a usage now, over the pods that run.
func (r *record) average(m play.Metric) float64 {
	n := len(r.h.Tries)
	if n == 0 {
		return 0
	}
	sum, count := 0.0, 0
	for _, p := range r.all(n - 1) {
		if v, runs := r.output(&p).Usage(m, &r.h.Tries[n-1], r.v.Now/state.Second*state.Second); runs {
			sum, count = sum+v, count+1
		}
	}
	if count == 0 {
		return 0
	}
	return math.Round(sum/float64(count)*100) / 100
}

// timeline is the statuses that the job came to, each once in a row.
func (r *record) timeline() []condition {
	out := []condition{}
	for i := range r.h.Steps {
		step := &r.h.Steps[i]
		st := status(&play.History{Steps: r.h.Steps[i : i+1], Tries: r.h.Tries})
		if n := len(out); n > 0 && out[n-1].ConditionType == st || step.Phase == play.Stopping {
			continue
		}
		message := ""
		if e, ok := r.event(step); ok {
			message = e.Text
		}
		out = append(out, condition{st, message, r.stamp(step.From)})
	}
	return out
}

func (r *record) podsV2(try int) []PodV2 {
	var out []PodV2
	for _, p := range r.all(try) {
		v1 := r.pod(&p)
		out = append(out, PodV2{PodIP: v1.PodIP, NodeName: v1.NodeName, CreationAt: v1.ObjectMeta.CreationTimestamp, UID: p.UID, Name: p.name, Status: v1.PodStatus.PodPhase,
			ReplicaType: v1.ReplicaType, RestartCount: v1.RestartCount, Envs: v1.Envs, FinishedAt: v1.FinishedAt, Reason: v1.Reason})
	}
	return out
}

func (s *Service) describeJobs(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	switch {
	case !slices.Contains([]string{"", "createdAt", "finishedAt"}, a.OrderBy):
		return nil, lens.Invalid("orderBy", "got %q, want createdAt or finishedAt", a.OrderBy)
	case !slices.Contains([]string{"", "name", "queueName"}, a.KeywordType):
		return nil, lens.Invalid("keywordType", "got %q, want name or queueName", a.KeywordType)
	case a.Status != "" && !slices.Contains(statuses, a.Status):
		return nil, lens.Invalid("status", "got %q, want one of %s", a.Status, strings.Join(statuses, ", "))
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	in := s.keep(v, a)
	var found []*world.Job
	total := 0
	skip := (a.PageNumber - 1) * a.PageSize
	if a.OrderBy != "finishedAt" {
		found, total = v.Page(world.All, in, a.Order == "asc", skip, a.PageSize)
	} else {
		all := byEnd(v, in, a.Order == "asc")
		total = len(all)
		found = all[min(skip, total):min(skip+a.PageSize, total)]
	}
	places, jobs := s.places(v), []*JobV2{}
	for _, j := range found {
		r := s.recordV2(v, j)
		jobs = append(jobs, r.jobV2(places.ahead(r), false))
	}
	return fiber.Map{"totalCount": total, "jobs": jobs, "pageNumber": a.PageNumber, "pageSize": a.PageSize}, nil
}

// keep is which jobs a list asks for, or nil for all.
func (s *Service) keep(v world.View, a *arguments) func(*world.Brief) bool {
	queue := cmp.Or(a.Queue, s.queueNamed(a.queueID))
	byQueue := queue != "" && queue != "all"
	if !byQueue && a.Status == "" && a.Keyword == "" {
		return nil
	}
	return func(b *world.Brief) bool {
		if a.Keyword != "" && a.KeywordType != "queueName" && !strings.Contains(b.Name(), a.Keyword) {
			return false
		}
		j := b.Job()
		if j == nil || byQueue && queueName(j.Queue) != queue || a.KeywordType == "queueName" && !strings.Contains(queueName(j.Queue), a.Keyword) {
			return false
		}
		h := v.History(j)
		return a.Status == "" || status(&h) == a.Status
	}
}

func (s *Service) modifyJob(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	level := levels[a.Priority]
	switch {
	case a.Priority == "":
		return nil, lens.Missing("priority", "high, normal or low")
	case level == 0:
		return nil, lens.Invalid("priority", "got %q, want high, normal or low", a.Priority)
	}
	v, err := s.prioritise(c.Context(), a.JobID, level)
	return changedV2(c, a.JobID, v, err)
}

func (s *Service) stopJobV2(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	v, err := s.world.Stop(c.Context(), s.Token(a.JobID))
	return changedV2(c, a.JobID, v, err)
}

// stopJobs stops several jobs, each by itself.
func (s *Service) stopJobs(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	if len(a.JobList) == 0 || len(a.JobList) > 1000 {
		return nil, lens.Invalid("jobList", "got %d jobs, want 1 to 1000", len(a.JobList))
	}
	done, failed := []fiber.Map{}, []fiber.Map{}
	for _, j := range a.JobList {
		v, err := s.world.Stop(c.Context(), s.Token(j.JobID))
		if err != nil {
			failed = append(failed, fiber.Map{"jobId": j.JobID, "success": false, "errorMsg": explain(err, j.JobID, true).Message})
			continue
		}
		lens.Tell(c, v)
		done = append(done, fiber.Map{"jobId": j.JobID, "success": true})
	}
	return fiber.Map{"result": fiber.Map{"successList": done, "failedList": failed}}, nil
}

func (s *Service) deleteJobV2(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	v, err := s.world.Discard(c.Context(), s.Token(a.JobID))
	return changedV2(c, a.JobID, v, err)
}

func changedV2(c *fiber.Ctx, id string, v world.View, err error) (fiber.Map, error) {
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return fiber.Map{"jobId": id}, nil
}

func (s *Service) describeJobEvents(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	r, err := s.findV2(c, a)
	if err != nil {
		return nil, err
	}
	return r.eventsV2(r.events(), a)
}

func (s *Service) describePodEvents(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	r, p, err := s.findPodV2(c, a)
	if err != nil {
		return nil, err
	}
	return r.eventsV2(r.output(p).Reports(&r.h.Tries[p.Try], r.v.Now), a)
}

func (s *Service) findPodV2(c *fiber.Ctx, a *arguments) (*record, *pod, error) {
	r, err := s.findV2(c, a)
	if err != nil {
		return nil, nil, err
	}
	if a.PodName == "" {
		return nil, nil, lens.Missing("podName", "a pod of the job")
	}
	p, err := r.findPod(a.PodName)
	return r, p, err
}

func (r *record) eventsV2(list []play.Event, a *arguments) (fiber.Map, error) {
	from, to, err := r.between(a.StartTime, a.EndTime)
	out := r.eventList(list, from, to)
	return fiber.Map{"events": out.Events, "total": out.Total}, err
}

// describeJobLogs gives lines from the marker on; nextMarker is empty behind the last ones.
func (s *Service) describeJobLogs(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	var most, chunk, skip int
	for _, f := range []struct {
		name, text string
		to         *int
	}{{"maxLines", a.MaxLines, &most}, {"chunkSize", a.ChunkSize, &chunk}, {"marker", a.Marker, &skip}} {
		n, err := strconv.Atoi(cmp.Or(f.text, "0"))
		if err != nil || n < 0 || n > math.MaxInt32 {
			return nil, lens.Invalid(f.name, "got %q, want a whole number as a text", f.text)
		}
		*f.to = n
	}
	r, p, err := s.findPodV2(c, a)
	if err != nil {
		return nil, err
	}
	from, to, err := r.between(a.StartTime, a.EndTime)
	if err != nil {
		return nil, err
	}
	lines := slices.DeleteFunc(r.output(p).Logs(&r.h.Tries[p.Try], from, to, allLines), func(l play.Line) bool { return !strings.Contains(l.Text, a.Keywords) })
	end := len(lines)
	if most > 0 {
		end = min(end, skip+most)
	}
	next := ""
	if end < len(lines) {
		next = strconv.Itoa(end)
	}
	return fiber.Map{"jobId": r.id, "podName": p.name, "logs": r.chunks(lines[min(skip, end):end], chunk), "nextMarker": next}, nil
}

// describeJobMetrics is for who knows the queue of the job: another one is refused, as by the real service.
func (s *Service) describeJobMetrics(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	metric, err := metricOf(a.MetricType)
	if err != nil {
		return nil, err
	}
	step, err := stepOf(a.TimeStep)
	if err != nil {
		return nil, err
	}
	r, err := s.findV2(c, a)
	if err != nil {
		return nil, err
	}
	if q := s.queueNamed(a.queueID); q != "" && q != queueName(r.j.Queue) {
		return nil, &Error{fiber.StatusForbidden, "AccessDenied", fmt.Sprintf("no permission to get job %s: it is not in queue %q", r.id, a.queueID)}
	}
	from, to, err := r.between(a.StartTime, a.EndTime)
	if err != nil {
		return nil, err
	}
	list, err := r.series(metric, from, to, step)
	if err != nil {
		return nil, err
	}
	out := []fiber.Map{}
	for _, pod := range list {
		values := []fiber.Map{}
		for _, p := range pod.Metrics {
			values = append(values, fiber.Map{"time": strconv.FormatInt(p.Time, 10), "value": strconv.FormatFloat(p.Value, 'f', -1, 64)})
		}
		out = append(out, fiber.Map{"podName": pod.PodName, "metrics": values})
	}
	return fiber.Map{"jobId": r.id, "metrics": out}, nil
}

func (s *Service) describeJobNodes(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	r, err := s.findV2(c, a)
	if err != nil {
		return nil, err
	}
	return fiber.Map{"jobId": r.id, "nodes": append([]string{}, r.v.NodesOf(r.j, &r.h)...)}, nil
}

func (s *Service) describeJobWebterminal(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	for _, f := range []struct {
		name, text string
		high       int
	}{{"handshakeTimeoutSecond", a.Handshake, 86_400}, {"pingTimeoutSecond", a.Ping, 3600}} {
		if n, err := strconv.Atoi(cmp.Or(f.text, "1")); err != nil || n < 1 || n > f.high {
			return nil, lens.Invalid(f.name, "got %q, want 1 to %d as a text", f.text, f.high)
		}
	}
	r, p, err := s.findPodV2(c, a)
	if err != nil {
		return nil, err
	}
	url, err := r.terminal(c, p)
	return fiber.Map{"webTerminalUrl": url}, err
}
