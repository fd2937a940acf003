package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	modelarts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/model"
)

// huawei is the official client of ModelArts.
type huawei struct {
	t *testing.T
	*modelarts.ModelArtsClient
}

func newHuawei(t *testing.T, address string) *huawei {
	t.Helper()
	credentials, err := basic.NewCredentialsBuilder().WithAk("AKhuawei").WithSk("secret").WithProjectId("0123456789abcdef0123456789abcdef").SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	http, err := modelarts.ModelArtsClientBuilder().WithEndpoints([]string{"http://" + address}).WithCredential(credentials).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return &huawei{t, modelarts.NewModelArtsClient(http)}
}

func ptr[T any](v T) *T { return &v }

// trainingJob is a request as users of the client build it.
func trainingJob(name, command, flavor string, nodes int32, env map[string]string) *model.Job {
	return &model.Job{Kind: "job", Metadata: &model.JobMetadata{Name: name, Description: ptr("from the client"), Annotations: map[string]string{"fault-tolerance/job-retry-num": "1"}},
		Algorithm: &model.JobAlgorithm{Command: ptr(command), Engine: &model.JobEngine{ImageUrl: ptr("swr/image:1")}, Environments: env,
			Inputs: &[]model.Input{{Name: "data_url", Remote: &model.InputDataInfo{Obs: &model.InputDataInfoObs{ObsUrl: "/bucket/data/"}}}}},
		Spec: &model.Spec{Resource: &model.SpecResource{FlavorId: ptr(flavor), NodeCount: nodes}}}
}

func (h *huawei) create(j *model.Job) string {
	h.t.Helper()
	got, err := h.CreateTrainingJob(&model.CreateTrainingJobRequest{Body: j})
	if err != nil {
		h.t.Fatal(err)
	}
	if got.HttpStatusCode != 201 || got.Metadata == nil || *got.Metadata.Id == "" || got.Metadata.Name != j.Metadata.Name || *got.Status.Phase != "Creating" {
		h.t.Fatalf("%+v", got)
	}
	return *got.Metadata.Id
}

func (h *huawei) get(id string) *model.ShowTrainingJobDetailsResponse {
	h.t.Helper()
	got, err := h.ShowTrainingJobDetails(&model.ShowTrainingJobDetailsRequest{TrainingJobId: id})
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

func (h *huawei) until(id string, phases ...string) *model.ShowTrainingJobDetailsResponse {
	h.t.Helper()
	var last *model.ShowTrainingJobDetailsResponse
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if last = h.get(id); strings.Contains(" "+strings.Join(phases, " ")+" ", " "+*last.Status.Phase+" ") {
			return last
		}
	}
	h.t.Fatalf("training job %s is %s, want %v", id, *last.Status.Phase, phases)
	return nil
}

func (h *huawei) refusal(err error, status int, code string) {
	h.t.Helper()
	var e *sdkerr.ServiceResponseError
	if !errors.As(err, &e) {
		h.t.Fatalf("%v (%T): no error of the service", err, err)
	}
	if e.StatusCode != status || e.ErrorCode != code || e.ErrorMessage == "" || e.RequestId == "" {
		h.t.Errorf("got %d %s, want %d %s: %v", e.StatusCode, e.ErrorCode, status, code, err)
	}
}

// A plain server, no scenario, default speed: whole lives, twice in a row.
func TestHuaweiWholeLives(t *testing.T) {
	h := newHuawei(t, serve(t))
	for round := range 2 {
		done := h.create(trainingJob(fmt.Sprint("done-", round), "sleep 10", "modelarts.p3.large.public", 2, nil))
		failed := h.create(trainingJob(fmt.Sprint("failed-", round), "sleep 5; exit 3", "modelarts.vm.pnt1.large.eco", 1, nil))
		stopped := h.create(trainingJob(fmt.Sprint("stopped-", round), "python train.py", "modelarts.pool.visual.8xlarge", 2, map[string]string{"ORRERY_DURATION": "10h"}))
		if got := h.until(done, "Completed", "Failed"); *got.Status.Phase != "Completed" || *got.Status.Duration < 10_000 || len(*got.Status.RunningRecords) != 1 ||
			len(*got.Status.TaskStatuses) != 2 || *(*got.Algorithm.Inputs)[0].Remote.Obs != (model.InputDataInfoRespObs{ObsUrl: "/bucket/data/"}) {
			t.Errorf("%+v", got)
		}
		got := h.until(failed, "Completed", "Failed")
		if runs := *got.Status.RunningRecords; *got.Status.SecondaryPhase != "Failed" || len(runs) != 2 || *runs[0].EndRecover != "proc_restart" || *runs[1].StartType != "restarted" {
			t.Errorf("%+v", got)
		}
		h.until(stopped, "Running")
		h.readAll(stopped)
		if _, err := h.ChangeTrainingJobDescription(&model.ChangeTrainingJobDescriptionRequest{TrainingJobId: stopped, Body: &model.JobDescription{Description: ptr("another")}}); err != nil {
			t.Fatal(err)
		}
		halt, err := h.StopTrainingJob(&model.StopTrainingJobRequest{TrainingJobId: stopped, Body: &model.JobActionType{ActionType: "terminate"}})
		if err != nil || *halt.Status.Phase != "Terminating" {
			t.Fatalf("%v %+v", err, halt)
		}
		if got := h.until(stopped, "Terminated"); *got.Metadata.Description != "another" {
			t.Error(*got.Metadata.Description)
		}
		list, err := h.ListTrainingJobs(&model.ListTrainingJobsRequest{Body: &model.JobSearches{Limit: ptr(int32(2)), Offset: ptr(int32(0)), SortBy: ptr("create_time"), Order: ptr("asc"),
			Filters: &[]model.Filter{{Key: ptr("name"), Operator: ptr("like"), Value: &[]string{fmt.Sprint("-", round)}}, {Key: ptr("phase"), Operator: ptr("in"), Value: &[]string{""}}}}})
		if err != nil || *list.Count != 3 || len(*list.Items) != 2 || *(*list.Items)[0].Metadata.Id != done {
			t.Errorf("%v %+v", err, list)
		}
		for _, id := range []string{done, failed, stopped} {
			if _, err := h.DeleteTrainingJob(&model.DeleteTrainingJobRequest{TrainingJobId: id}); err != nil {
				t.Fatal(err)
			}
			_, err := h.ShowTrainingJobDetails(&model.ShowTrainingJobDetailsRequest{TrainingJobId: id})
			h.refusal(err, 404, "ModelArts.0404")
		}
	}
	all, err := h.ListTrainingJobs(&model.ListTrainingJobsRequest{})
	if err != nil || *all.Total != 0 || len(*all.Items) != 0 {
		t.Errorf("%v %+v", err, all)
	}
}

// readAll makes every call that reads of a running job.
func (h *huawei) readAll(id string) {
	h.t.Helper()
	events, err := h.ListTrainingJobEvents(&model.ListTrainingJobEventsRequest{TrainingJobId: id, Limit: ptr(int32(5)), Level: ptr("Info")})
	if err != nil || *events.Total < 5 || len(*events.Events) != 5 || *(*events.Events)[0].Message == "" {
		h.t.Errorf("%v %+v", err, events)
	}
	tasks, err := h.ListTrainingJobTasks(&model.ListTrainingJobTasksRequest{TrainingJobId: id})
	if err != nil || len(*tasks.Body) != 2 || *(*tasks.Body)[0].Task != "worker-0" || *(*tasks.Body)[0].Ip == "" {
		h.t.Errorf("%v %+v", err, tasks)
	}
	stages, err := h.ListTrainingJobStages(&model.ListTrainingJobStagesRequest{TrainingJobId: id})
	if err != nil || *stages.TotalCount != 1 || len(*(*stages.RunningRecords)[0].Stages) != 3 {
		h.t.Errorf("%v %+v", err, stages)
	}
	logs, err := h.ShowTrainingJobLogsPreview(&model.ShowTrainingJobLogsPreviewRequest{TrainingJobId: id, TaskId: "worker-0"})
	if err != nil || !strings.Contains(*logs.Content, "python train.py") || *logs.CurrentSize == 0 {
		h.t.Errorf("%v %+v", err, logs)
	}
	url, err := h.ShowObsUrlOfTrainingJobLogs(&model.ShowObsUrlOfTrainingJobLogsRequest{TrainingJobId: id, TaskId: "worker-0"})
	if err != nil || !strings.HasPrefix(*url.ObsUrl, "http://") {
		h.t.Errorf("%v %+v", err, url)
	}
	metrics, err := h.ShowTrainingJobMetrics(&model.ShowTrainingJobMetricsRequest{TrainingJobId: id, TaskId: "worker-0"})
	if err != nil || len(*metrics.Metrics) != 4 {
		h.t.Errorf("%v %+v", err, metrics)
	}
}

func TestHuaweiFlavorsAndEngines(t *testing.T) {
	h := newHuawei(t, serve(t))
	flavors, err := h.ShowTrainingJobFlavors(&model.ShowTrainingJobFlavorsRequest{FlavorType: ptr("Ascend")})
	if err != nil || *flavors.TotalCount != 1 || *(*flavors.Flavors)[0].FlavorId != "modelarts.kat1.xlarge.public" || *(*flavors.Flavors)[0].FlavorInfo.Npu.UnitNum != "1" {
		t.Errorf("%v %+v", err, flavors)
	}
	engines, err := h.ShowTrainingJobEngines(&model.ShowTrainingJobEnginesRequest{})
	if err != nil || *engines.Total == 0 || *(*engines.Items)[0].EngineName == "" {
		t.Errorf("%v %+v", err, engines)
	}
	_, err = h.CreateTrainingJob(&model.CreateTrainingJobRequest{Body: trainingJob("x y", "true", "modelarts.p3.large.public", 1, nil)})
	h.refusal(err, 400, "ModelArts.0104")
	_, err = h.CreateTrainingJob(&model.CreateTrainingJobRequest{Body: trainingJob("x", "true", "none", 1, nil)})
	h.refusal(err, 400, "ModelArts.0104")
}
