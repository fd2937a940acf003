package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	modelarts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/modelarts/v1/region"

	"github.com/baidubce/bce-sdk-go/services/aihc"
	aihcapi "github.com/baidubce/bce-sdk-go/services/aihc/api/v1"
)

// The official clients of all three clouds live whole lives on one port at once, twice in a row; what one creates the others see and stop.
func TestThreeCloudsAtOnce(t *testing.T) {
	address := serve(t)
	d, b, h := newDLC(t, address), newBaidu(t, address), newHuawei(t, address)
	for round := range 2 {
		var all sync.WaitGroup
		for _, life := range []func(){
			func() {
				id := d.create(job(fmt.Sprint("dlc-", round), "PyTorchJob", "sleep 20"))
				if got := d.until(id, "Succeeded", "Failed", "Stopped"); got["Status"] != "Succeeded" {
					t.Error(got["Status"])
				}
			},
			func() {
				id := b.create(aijob(fmt.Sprint("aihc-", round), "sleep 20", 2, "baidu.com/a100_80g_cgpu", 2))
				if got := b.until(id, "Succeeded", "Failed"); got.Status != "Succeeded" {
					t.Error(got.Status)
				}
			},
			func() {
				id := h.create(trainingJob(fmt.Sprint("modelarts-", round), "sleep 20", "modelarts.pool.visual.4xlarge", 2, nil))
				if got := h.until(id, "Completed", "Failed"); *got.Status.Phase != "Completed" {
					t.Error(*got.Status.Phase)
				}
			},
		} {
			all.Go(life)
		}
		all.Wait()
		name := fmt.Sprint("shared-", round)
		b.until(b.create(aijob(name, "sleep 36000", 1, "baidu.com/t4_cgpu", 1)), "Running")
		found, err := h.ListTrainingJobs(&model.ListTrainingJobsRequest{Body: &model.JobSearches{Filters: &[]model.Filter{{Key: ptr("name"), Value: &[]string{name}}}}})
		if err != nil || *found.Count != 1 || *(*found.Items)[0].Status.Phase != "Running" {
			t.Fatalf("%v %+v", err, found)
		}
		id := *(*found.Items)[0].Metadata.Id
		if _, err := h.StopTrainingJob(&model.StopTrainingJobRequest{TrainingJobId: id, Body: &model.JobActionType{ActionType: "terminate"}}); err != nil {
			t.Fatal(err)
		}
		h.until(id, "Terminated")
		list, err := b.ListJobs(&aihcapi.OpenAPIJobListRequest{ResourcePoolID: aihcPool, PageSize: 1, PageNo: 1})
		if err != nil || list.Result.Total != 4*(round+1) || list.Result.Jobs[0].Name != name || list.Result.Jobs[0].Status != "ManualTermination" {
			t.Errorf("%v %+v", err, list)
		}
	}
}

// child says to a test that it is the command of orrery exec.
const child = "ORRERY_E2E_CHILD"

// Every cloud's client finds the world that orrery exec starts by the environment alone.
func TestExecTellsEveryClient(t *testing.T) {
	if os.Getenv(child) != "" {
		newDLC(t, os.Getenv("PAI_DLC_ENDPOINT")).create(job("exec", "PyTorchJob", "true"))
		c, err := aihc.NewClient(os.Getenv("BCE_ACCESS_KEY_ID"), os.Getenv("BCE_SECRET_ACCESS_KEY"), os.Getenv("AIHC_ENDPOINT"))
		if err != nil {
			t.Fatal(err)
		}
		list, err := c.ListJobs(&aihcapi.OpenAPIJobListRequest{ResourcePoolID: aihcPool})
		if err != nil || list.Result.Total != 1 {
			t.Fatalf("%v %+v", err, list)
		}
		// region and credentials as unmodified code has them
		where, err := region.SafeValueOf("cn-north-4")
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := provider.BasicCredentialEnvProvider().GetCredentials()
		if err != nil {
			t.Fatal(err)
		}
		http, err := modelarts.ModelArtsClientBuilder().WithRegion(where).WithCredential(credentials).SafeBuild()
		if err != nil {
			t.Fatal(err)
		}
		found, err := modelarts.NewModelArtsClient(http).ListTrainingJobs(&model.ListTrainingJobsRequest{})
		if err != nil || *found.Count != 1 {
			t.Fatalf("%v %+v", err, found)
		}
		return
	}
	c := exec.Command(program, "exec", "--", os.Args[0], "-test.run", "^TestExecTellsEveryClient$")
	c.Env = append(os.Environ(), child+"=1")
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
