package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/baidubce/bce-sdk-go/bce"
	"github.com/baidubce/bce-sdk-go/services/aihc"
	aihcapi "github.com/baidubce/bce-sdk-go/services/aihc/api/v1"
)

const aihcPool = "cce-orrery01"

// baidu is the official client of AIHC v1.
type baidu struct {
	t *testing.T
	aihc.Interface
}

func newBaidu(t *testing.T, address string) *baidu {
	t.Helper()
	c, err := aihc.NewClient("AKbaidu", "secret", "http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	return &baidu{t, c}
}

// aijob is a request as users of the client build it.
func aijob(name, command string, replicas int32, card string, cards float64) *aihcapi.OpenAPIJobCreateRequest {
	return &aihcapi.OpenAPIJobCreateRequest{Name: name, Queue: "default", JobFramework: "PyTorchJob", Priority: "normal",
		JobSpec: aihcapi.OpenAPIAIJobSpec{Command: command, Image: "registry.baidubce.com/aihc/pytorch:2", Replicas: replicas,
			Resources: []aihcapi.OpenAPIResource{{Name: card, Quantity: cards}, {Name: "cpu", Quantity: 4}, {Name: "memory", Quantity: 16}},
			Envs:      []aihcapi.OpenAPIEnv{{Name: "NCCL_DEBUG", Value: "INFO"}}}}
}

func (b *baidu) create(r *aihcapi.OpenAPIJobCreateRequest) string {
	b.t.Helper()
	got, err := b.CreateJob(r, &aihcapi.CreateAIJobOptions{ResourcePoolID: aihcPool})
	if err != nil {
		b.t.Fatal(err)
	}
	if got.Result.JobID == "" || got.Result.JobName != r.Name || got.RequestID == "" {
		b.t.Fatalf("%+v", got)
	}
	return got.Result.JobID
}

func (b *baidu) get(id string) *aihcapi.OpenAPIGetJobDetailResponseResult {
	b.t.Helper()
	got, err := b.GetJob(&aihcapi.GetAIJobOptions{JobID: id, ResourcePoolID: aihcPool})
	if err != nil {
		b.t.Fatal(err)
	}
	return &got.Result
}

// until polls as everybody's code does.
func (b *baidu) until(id string, statuses ...string) *aihcapi.OpenAPIGetJobDetailResponseResult {
	b.t.Helper()
	var last *aihcapi.OpenAPIGetJobDetailResponseResult
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if last = b.get(id); strings.Contains(" "+strings.Join(statuses, " ")+" ", " "+last.Status+" ") {
			return last
		}
	}
	b.t.Fatalf("job %s is %s, want %v", id, last.Status, statuses)
	return nil
}

func (b *baidu) refusal(err error, status int, code string) {
	b.t.Helper()
	var e *bce.BceServiceError
	if !errors.As(err, &e) {
		b.t.Fatalf("%v (%T): no error of the service", err, err)
	}
	if e.StatusCode != status || e.Code != code || e.Message == "" || e.RequestId == "" {
		b.t.Errorf("got %d %s, want %d %s: %v", e.StatusCode, e.Code, status, code, err)
	}
}

// A plain server, no scenario, default speed: whole lives, twice in a row.
func TestBaiduWholeLives(t *testing.T) {
	b := newBaidu(t, serve(t))
	for round := range 2 {
		done := b.create(aijob(fmt.Sprint("done-", round), "sleep 10", 2, "baidu.com/t4_cgpu", 1))
		failed := b.create(aijob(fmt.Sprint("failed-", round), "sleep 5; exit 3", 1, "baidu.com/a100_80g_cgpu", 8))
		long := aijob(fmt.Sprint("long-", round), "python train.py", 2, "baidu.com/a800_80g_cgpu", 8)
		spec := long.JobSpec.(aihcapi.OpenAPIAIJobSpec)
		spec.EnableRDMA, spec.Envs = true, append(spec.Envs, aihcapi.OpenAPIEnv{Name: "ORRERY_DURATION", Value: "10h"})
		long.JobSpec, long.EnableBccl, long.FaultTolerance = spec, true, true
		stopped := b.create(long)

		if got := b.until(done, "Succeeded", "Failed"); got.Status != "Succeeded" || got.FinishedAt == "" || got.PodList.ListMeta.TotalItems != 2 ||
			got.PodList.Pods[0].PodStatus.PodPhase != aihcapi.PodSucceeded || got.PodList.Pods[0].PodIP == "" {
			t.Errorf("%+v", got)
		}
		if got := b.until(failed, "Succeeded", "Failed"); got.Status != "Failed" {
			t.Errorf("%+v", got)
		}
		running := b.until(stopped, "Running")
		if running.EnableBcclStatus != "success" || !running.EnableRDMA || !running.EnableFaultTolerance {
			t.Errorf("%+v", running)
		}
		b.readAll(stopped, running)
		if _, err := b.UpdateJob(&aihcapi.OpenAPIJobUpdateRequest{Priority: "high"}, &aihcapi.UpdateAIJobOptions{JobID: stopped, ResourcePoolID: aihcPool}); err != nil {
			t.Fatal(err)
		}
		if got := b.get(stopped); got.Priority != "high" {
			t.Error(got.Priority)
		}
		if _, err := b.StopJob(&aihcapi.StopAIJobOptions{JobID: stopped, ResourcePoolID: aihcPool}); err != nil {
			t.Fatal(err)
		}
		b.until(stopped, "ManualTermination")
		list, err := b.ListJobs(&aihcapi.OpenAPIJobListRequest{ResourcePoolID: aihcPool, Queue: "default", PageNo: 1, PageSize: 10})
		if err != nil || list.Result.Total != 3 || list.Result.Jobs[2].JobID != done {
			t.Errorf("%v %+v", err, list)
		}
		for _, id := range []string{done, failed, stopped} {
			got, err := b.DeleteJob(&aihcapi.DeleteAIJobOptions{JobID: id, ResourcePoolID: aihcPool})
			if err != nil || got.Result.JobID != id {
				t.Fatal(got, err)
			}
			_, err = b.GetJob(&aihcapi.GetAIJobOptions{JobID: id, ResourcePoolID: aihcPool})
			b.refusal(err, 400, "cce.warning.GetAIJobByJobIdFailed")
		}
	}
}

// readAll makes every call that reads of a running job.
func (b *baidu) readAll(id string, job *aihcapi.OpenAPIGetJobDetailResponseResult) {
	b.t.Helper()
	pod := job.PodList.Pods[0].ObjectMeta.Name
	events, err := b.GetTaskEvent(&aihcapi.GetJobEventsRequest{JobID: id, ResourcePoolID: aihcPool, JobFramework: "PyTorchJob"})
	if err != nil || events.Total == 0 || events.Events[0].Reason != "JobCreated" {
		b.t.Errorf("%v %+v", err, events)
	}
	events2, err := b.GetPodEvents(&aihcapi.GetPodEventsRequest{JobID: id, ResourcePoolID: aihcPool, JobFramework: "PyTorchJob", PodName: pod})
	if err != nil || events2.Total == 0 {
		b.t.Errorf("%v %+v", err, events2)
	}
	logs, err := b.GetPodLogs(&aihcapi.GetPodLogsRequest{JobID: id, ResourcePoolID: aihcPool, PodName: pod, MaxLines: "5", Chunk: "1"})
	if err != nil || len(logs.Result.Logs) == 0 || logs.Result.PodName != pod {
		b.t.Errorf("%v %+v", err, logs)
	}
	nodes, err := b.GetJobNodesList(&aihcapi.GetJobNodesListOptions{JobID: id, ResourcePoolID: aihcPool})
	if err != nil || len(nodes.Result.NodeNames) != 2 || nodes.Result.JobID != id {
		b.t.Errorf("%v %+v", err, nodes)
	}
	metrics, err := b.GetTaskMetrics(&aihcapi.GetTaskMetricsRequest{JobID: id, ResourcePoolID: aihcPool, MetricType: "GpuUsage", TimeStep: "1s"})
	if err != nil || len(metrics.Result.PodMetrics) != 2 {
		b.t.Errorf("%v %+v", err, metrics)
	}
	shell, err := b.GetWebSSHUrl(&aihcapi.GetWebShellURLRequest{JobID: id, ResourcePoolID: aihcPool, PodName: pod})
	if err != nil || shell.Result.WebTerminalURL == "" {
		b.t.Errorf("%v %+v", err, shell)
	}
}

func TestBaiduPoolsAndQueues(t *testing.T) {
	b := newBaidu(t, serve(t))
	pools, err := b.ListResourcePool(&aihcapi.ListResourcePoolRequest{})
	if err != nil || pools.Result.Total != 1 || pools.Result.ResourcePools[0].Metadata.Id != aihcPool {
		t.Fatalf("%v %+v", err, pools)
	}
	pool, err := b.GetResourcePool(aihcPool)
	if err != nil || pool.Result.ResourcePool.Status.GPUCount.Total != 64 || pool.Result.ResourcePool.Metadata.CreatedAt.IsZero() {
		t.Fatalf("%v %+v", err, pool)
	}
	nodes, err := b.ListNodeByResourcePoolID(aihcPool, &aihcapi.ListResourcePoolNodeRequest{PageNo: 1, PageSize: 100})
	if err != nil || nodes.Result.Total != 12 || nodes.Result.Nodes[0].GPUDescriptor != "baidu.com/a100_80g_cgpu" {
		t.Fatalf("%v %+v", err, nodes)
	}
	queues, err := b.ListQueue(aihcPool, &aihcapi.ListQueueRequest{})
	if err != nil || queues.Result.Total == 0 || queues.RequestId == "" {
		t.Fatalf("%v %+v", err, queues)
	}
	queue, err := b.GetQueue(aihcPool, "default")
	if err != nil || queue.Result.Queue.ParentQueue != "root" || queue.Result.Queue.QueueType != aihcapi.QueueTypeRegular {
		t.Fatalf("%v %+v", err, queue)
	}
}

// What is refused reaches the client at once: it repeats calls that are answered with a 5xx, and a job would be there twice.
func TestBaiduRefusals(t *testing.T) {
	b := newBaidu(t, serve(t))
	opts := &aihcapi.CreateAIJobOptions{ResourcePoolID: aihcPool}
	_, err := b.CreateJob(aijob("x", "true", 1, "baidu.com/none_cgpu", 1), opts)
	b.refusal(err, 400, "cce.warning.InvalidParam")
	_, err = b.CreateJob(aijob("x", "true", 0, "baidu.com/t4_cgpu", 1), opts)
	b.refusal(err, 400, "cce.warning.InvalidParam")
	_, err = b.CreateJob(aijob("x", "true", 1, "baidu.com/t4_cgpu", 1), &aihcapi.CreateAIJobOptions{ResourcePoolID: "cce-other"})
	b.refusal(err, 404, "cce.warning.NoSuchObject")
	list, err := b.ListJobs(&aihcapi.OpenAPIJobListRequest{ResourcePoolID: aihcPool})
	if err != nil || list.Result.Total != 0 {
		t.Errorf("%v %+v", err, list)
	}
}
