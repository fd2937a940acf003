package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/baidubce/bce-sdk-go/bce"
	"github.com/baidubce/bce-sdk-go/http"
	aihcv2 "github.com/baidubce/bce-sdk-go/services/aihc/v2"
	v2api "github.com/baidubce/bce-sdk-go/services/aihc/v2/api"
	v2client "github.com/baidubce/bce-sdk-go/services/aihc/v2/client"
)

// baiduV2 is the official client's runtime as it calls v2: its package of v2 has pools and queues, and no jobs yet.
type baiduV2 struct {
	t      *testing.T
	client *bce.BceClient
}

func (b *baiduV2) call(action string, query map[string]string, body any, result any) error {
	r := bce.NewRequestBuilder(b.client).WithMethod(http.POST).WithURL("/").WithHeader("X-API-Version", "v2").WithQueryParamFilter("action", action).
		WithQueryParamFilter("resourcePoolId", aihcPool).WithResult(result)
	for k, v := range query {
		r = r.WithQueryParamFilter(k, v)
	}
	if body != nil {
		r = r.WithBody(body)
	}
	return r.Do()
}

type object = map[string]any

func (b *baiduV2) must(action string, body any) object {
	b.t.Helper()
	result := object{}
	if err := b.call(action, nil, body, &result); err != nil {
		b.t.Fatalf("%s: %v", action, err)
	}
	return result
}

func (b *baiduV2) until(id, status string) object {
	b.t.Helper()
	var job object
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if job = b.must("DescribeJob", object{"jobId": id, "needDetail": true})["job"].(object); job["status"] == status {
			return job
		}
	}
	b.t.Fatalf("job %s is %v, want %s", id, job["status"], status)
	return nil
}

// A job's whole life over v2, twice in a row, by the official client's runtime.
func TestBaiduV2WholeLives(t *testing.T) {
	address := serve(t)
	client, err := v2client.NewBceClient("AKbaidu", "secret", "", "http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	b := &baiduV2{t, client}
	body := func(name, command string) object {
		return object{"name": name, "queue": "default", "jobType": "PyTorchJob", "command": command, "jobSpec": object{"image": "registry/image:1", "replicas": 2,
			"resources": []object{{"name": "baidu.com/a800_80g_cgpu", "quantity": 8}}, "enableRDMA": true}, "labels": nil, "datasources": []object{}, "priority": "normal"}
	}
	for range 2 {
		done := b.must("CreateJob", body("done", "sleep 10"))["jobId"].(string)
		if !strings.HasPrefix(done, "job-") {
			t.Error(done)
		}
		b.until(done, "Succeeded")
		long := b.must("CreateJob", body("long", "sleep 36000"))["jobId"].(string)
		if job := b.until(long, "Running"); job["gpuCount"] != 16.0 || len(job["pods"].([]any)) != 2 {
			t.Error(job)
		}
		b.must("StopJob", object{"jobId": long})
		b.until(long, "ManualTermination")
		if list := b.must("DescribeJobs", object{"pageNumber": 1, "pageSize": 10}); list["totalCount"] != 2.0 {
			t.Error(list)
		}
		b.must("DeleteJob", object{"jobId": long})
		b.must("DeleteJob", object{"jobId": done})
		err := b.call("DescribeJob", nil, object{"jobId": done}, &object{})
		(&baidu{t: t}).refusal(err, 400, "cce.warning.GetAIJobByJobIdFailed")
	}
}

func TestBaiduV2PoolsAndQueues(t *testing.T) {
	address := serve(t)
	c, err := aihcv2.NewClient("AKbaidu", "secret", "http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	pools, err := c.DescribeResourcePools(v2api.DescribeResourcePoolsRequest{ResourcePoolType: v2api.ResourcePoolTypeCommon})
	if err != nil || pools.TotalCount != 1 || pools.ResourcePools[0].ResourcePoolID != aihcPool || pools.ResourcePools[0].CreatedAt.IsZero() {
		t.Fatalf("%v %+v", err, pools)
	}
	pool, err := c.DescribeResourcePool(aihcPool)
	if err != nil || pool.Phase != v2api.ResourcePoolPhaseRunning || pool.NodeNum != 12 {
		t.Fatalf("%v %+v", err, pool)
	}
	over, err := c.DescribeResourcePoolOverview()
	if err != nil || over.ResourcePoolsStatisticWithType[0].AcceleratorsStatistic.Capacity != 64 || over.ResourcePoolsStatisticWithType[0].NodesStatistic.TotalCount != 12 {
		t.Fatalf("%v %+v", err, over)
	}
	queues, err := c.DescribeResourceQueues(&v2api.DescribeResourceQueuesRequest{ResourcePoolID: aihcPool})
	if err != nil || queues.TotalCount != 3 || queues.Queues[0].QueueName != "default" {
		t.Fatalf("%v %+v", err, queues)
	}
	queue, err := c.DescribeResourceQueue(queues.Queues[0].QueueID)
	if err != nil || queue.QueueName != "default" || queue.ParentQueue != "root" || !queue.Opened {
		t.Fatalf("%v %+v", err, queue)
	}
}
