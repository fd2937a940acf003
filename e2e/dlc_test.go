package e2e

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

// dlc is a client as the official SDK builds it: ROA style, signed with ACS3-HMAC-SHA256.
type dlc struct {
	t      *testing.T
	client *openapi.Client
}

func newDLC(t *testing.T, address string) *dlc {
	t.Helper()
	return newDLCFor(t, address, "LTAI5tE2E")
}

// newDLCFor is the client of somebody with an access key.
func newDLCFor(t *testing.T, address, key string) *dlc {
	t.Helper()
	c, err := openapi.NewClient(&openapiutil.Config{AccessKeyId: dara.String(key), AccessKeySecret: dara.String("secret"),
		Endpoint: dara.String(address), Protocol: dara.String("HTTP")})
	if err != nil {
		t.Fatal(err)
	}
	return &dlc{t, c}
}

// call makes one call and gives the answer's body.
func (d *dlc) call(action, method, path string, body map[string]any, query map[string]*string) (map[string]any, error) {
	d.t.Helper()
	params := &openapiutil.Params{Action: dara.String(action), Version: dara.String("2020-12-03"), Protocol: dara.String("HTTP"), Pathname: dara.String(path),
		Method: dara.String(method), AuthType: dara.String("AK"), Style: dara.String("ROA"), ReqBodyType: dara.String("json"), BodyType: dara.String("json")}
	request := &openapiutil.OpenApiRequest{Query: query}
	if body != nil {
		request.Body = body
	}
	answer, err := d.client.CallApi(params, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	out, ok := answer["body"].(map[string]any)
	if !ok {
		d.t.Fatalf("%s: the answer has no body: %v", action, answer)
	}
	if id, _ := out["RequestId"].(string); id == "" {
		d.t.Errorf("%s: no RequestId in %v", action, out)
	}
	return out, nil
}

func (d *dlc) must(action, method, path string, body map[string]any, query map[string]*string) map[string]any {
	d.t.Helper()
	out, err := d.call(action, method, path, body, query)
	if err != nil {
		d.t.Fatalf("%s: %v", action, err)
	}
	return out
}

func (d *dlc) create(body map[string]any) string {
	d.t.Helper()
	id, _ := d.must("CreateJob", "POST", "/api/v1/jobs", body, nil)["JobId"].(string)
	if !strings.HasPrefix(id, "dlc") || len(id) != 16 {
		d.t.Fatalf("JobId %q", id)
	}
	return id
}

// until polls GetJob as everybody's code does.
func (d *dlc) until(id string, statuses ...string) map[string]any {
	d.t.Helper()
	last := ""
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		job := d.must("GetJob", "GET", "/api/v1/jobs/"+id, nil, nil)
		last, _ = job["Status"].(string)
		for _, s := range statuses {
			if s == last {
				return job
			}
		}
	}
	d.t.Fatalf("job %s is %s, want %v", id, last, statuses)
	return nil
}

// history is the statuses that a job went through.
func history(job map[string]any) string {
	var out []string
	list, _ := job["StatusHistory"].([]any)
	for _, s := range list {
		step, _ := s.(map[string]any)
		out = append(out, fmt.Sprint(step["Status"]))
	}
	return strings.Join(out, " ")
}

func refusal(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *tea.SDKError
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T): no error of the service", err, err)
	}
	if tea.StringValue(e.Code) != code || tea.IntValue(e.StatusCode) != status {
		t.Errorf("got %d %s, want %d %s: %v", tea.IntValue(e.StatusCode), tea.StringValue(e.Code), status, code, err)
	}
}

func job(name, kind, command string, specs ...map[string]any) map[string]any {
	if len(specs) == 0 {
		specs = []map[string]any{{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn6i-c4g1.xlarge", "Image": "registry/image:1"}}
	}
	return map[string]any{"DisplayName": name, "JobType": kind, "UserCommand": command, "JobSpecs": specs}
}

func spec(role string, pods int, size string) map[string]any {
	return map[string]any{"Type": role, "PodCount": pods, "EcsSpec": size, "Image": "registry/image:1"}
}

// A plain server, no scenario, default speed: every job type lives its whole life, twice in a row.
func TestWholeLivesOfEveryJobType(t *testing.T) {
	d := newDLC(t, serve(t))
	const t4, a100, cpu = "ecs.gn6i-c4g1.xlarge", "ecs.gn7e-c16g1.4xlarge", "ecs.g6.large"
	kinds := map[string][]map[string]any{
		"PyTorchJob": {spec("Master", 1, a100), spec("Worker", 3, a100)}, "TFJob": {spec("Chief", 1, t4), spec("PS", 1, cpu), spec("Worker", 2, t4), spec("Evaluator", 1, cpu)},
		"MPIJob": {spec("Worker", 2, t4), spec("Master", 1, cpu)}, "XGBoostJob": {spec("Master", 1, cpu), spec("Worker", 2, cpu)}, "OneFlowJob": {spec("Worker", 1, t4)},
		"ElasticBatchJob": {spec("Worker", 2, cpu)}, "SlurmJob": {spec("Worker", 1, t4)}, "RayJob": {spec("Head", 1, cpu), spec("Worker", 2, t4)},
		"DataJuicerJob": {spec("Worker", 1, cpu)},
	}
	for round := range 2 {
		ids := map[string]string{}
		for kind, specs := range kinds {
			ids[kind] = d.create(job(fmt.Sprintf("%s-%d", kind, round), kind, "sleep 10", specs...))
		}
		for kind, id := range ids {
			got := d.until(id, "Succeeded", "Failed", "Stopped")
			if h := history(got); h != "Creating Queuing EnvPreparing Running Succeeded" {
				t.Errorf("%s: %s", kind, h)
			}
			pods, _ := got["Pods"].([]any)
			want := 0
			for _, s := range kinds[kind] {
				want += s["PodCount"].(int)
			}
			if len(pods) != want {
				t.Errorf("%s: %d pods, want %d", kind, len(pods), want)
			}
			d.must("DeleteJob", "DELETE", "/api/v1/jobs/"+id, nil, nil)
			_, err := d.call("GetJob", "GET", "/api/v1/jobs/"+id, nil, nil)
			refusal(t, err, 404, "NotFound")
		}
	}
}

func TestAJobThatIsStopped(t *testing.T) {
	d := newDLC(t, serve(t))
	body := job("stop-me", "PyTorchJob", "python train.py")
	body["Envs"] = map[string]any{"ORRERY_DURATION": "2h"}
	id := d.create(body)
	d.until(id, "Running")
	_, err := d.call("DeleteJob", "DELETE", "/api/v1/jobs/"+id, nil, nil)
	refusal(t, err, 400, "BadRequest")
	d.must("StopJob", "POST", "/api/v1/jobs/"+id+"/stop", nil, nil)
	got := d.until(id, "Stopped")
	if h := history(got); h != "Creating Queuing EnvPreparing Running Stopping Stopped" || got["ReasonCode"] != "JobStoppedByUser" {
		t.Error(h, got["ReasonCode"])
	}
	_, err = d.call("StopJob", "POST", "/api/v1/jobs/"+id+"/stop", nil, nil)
	refusal(t, err, 400, "BadRequest")
	list := d.must("ListJobs", "GET", "/api/v1/jobs", nil, map[string]*string{"DisplayName": dara.String("STOP"), "Status": dara.String("Stopped")})
	if list["TotalCount"].(json.Number).String() != "1" {
		t.Error(list["TotalCount"])
	}
}

func TestRefusalsReachTheClient(t *testing.T) {
	d := newDLC(t, serve(t))
	for code, body := range map[string]map[string]any{
		"MissingParameter": {"DisplayName": "x"}, "InvalidParameter": job("no spaces here", "PyTorchJob", "true"),
	} {
		_, err := d.call("CreateJob", "POST", "/api/v1/jobs", body, nil)
		refusal(t, err, 400, code)
	}
	_, err := d.call("ListTensorboards", "GET", "/api/v1/tensorboards", nil, nil)
	refusal(t, err, 501, "NotImplemented")
	_, err = d.call("Nothing", "GET", "/api/v1/nothing", nil, nil)
	refusal(t, err, 404, "InvalidAction.NotFound")
}

// The command line tool signs with HMAC-SHA1, names no action, and sends octet-stream with every call that has no body.
func TestTheCommandLineToolsForm(t *testing.T) {
	base := "http://" + serve(t)
	call := func(method, path string, body []byte) map[string]any {
		t.Helper()
		r, err := http.NewRequest(method, base+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		date := time.Now().UTC().Format(http.TimeFormat)
		sum := md5.Sum(body)
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Content-Type", "application/octet-stream")
		if body != nil {
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
		}
		r.Header.Set("Date", date)
		r.Header.Set("x-acs-version", "2020-12-03")
		r.Header.Set("x-acs-signature-method", "HMAC-SHA1")
		r.Header.Set("x-acs-signature-nonce", fmt.Sprint(time.Now().UnixNano()))
		mac := hmac.New(sha1.New, []byte("secret"))
		fmt.Fprintf(mac, "%s\napplication/json\n%s\n%s\n%s\n%s", method, r.Header.Get("Content-MD5"), r.Header.Get("Content-Type"), date, path)
		r.Header.Set("Authorization", "acs LTAI5tCLI:"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]any
		if err := json.Unmarshal(text, &out); err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
		}
		return out
	}
	body, err := json.Marshal(job("cli", "TFJob", "sleep 3600"))
	if err != nil {
		t.Fatal(err)
	}
	id := call("POST", "/api/v1/jobs", body)["JobId"].(string)
	if got := call("GET", "/api/v1/jobs/"+id, nil); got["UserId"] != "LTAI5tCLI" {
		t.Errorf("the job belongs to %v", got["UserId"])
	}
	call("POST", "/api/v1/jobs/"+id+"/stop", nil)
	for range 1000 {
		if call("GET", "/api/v1/jobs/"+id, nil)["Status"] == "Stopped" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if list := call("GET", "/api/v1/jobs?Status=Stopped", nil); list["TotalCount"] != 1.0 {
		t.Error(list)
	}
	call("DELETE", "/api/v1/jobs/"+id, nil)
	if list := call("GET", "/api/v1/jobs", nil); list["TotalCount"] != 0.0 {
		t.Error(list)
	}
}

// What the runtime makes of every other operation's answer.
func TestTheOtherOperations(t *testing.T) {
	d := newDLC(t, serve(t, "--speed", "request=10s"))
	specs := d.must("ListEcsSpecs", "GET", "/api/v1/ecsspecs", nil, map[string]*string{"AcceleratorType": tea.String("GPU"), "PageSize": tea.String("3")})
	list, _ := specs["EcsSpecs"].([]any)
	if len(list) != 3 {
		t.Fatal(specs)
	}
	size, _ := list[0].(map[string]any)["InstanceType"].(string)
	body := job("other", "PyTorchJob", "python train.py", spec("Worker", 1, size))
	body["Envs"] = map[string]any{"ORRERY_DURATION": "120s"}
	body["Settings"] = map[string]any{"EnableSanityCheck": true, "Tags": map[string]any{"team": "a"}}
	id := d.create(body)
	d.must("UpdateJob", "PUT", "/api/v1/jobs/"+id, map[string]any{"Priority": 7, "Accessibility": "PUBLIC"}, nil)
	got := d.until(id, "Succeeded")
	if h := history(got); h != "Creating Queuing EnvPreparing SanityChecking Running Succeeded" || got["Priority"].(json.Number).String() != "7" || got["Accessibility"] != "PUBLIC" {
		t.Error(h, got["Priority"], got["Accessibility"])
	}
	pod := "/api/v1/jobs/" + id + "/pods/" + id + "-worker-0"
	for action, c := range map[string]struct {
		path, field string
		query       map[string]*string
	}{
		"GetPodLogs": {pod + "/logs", "Logs", map[string]*string{"MaxLines": tea.String("5")}}, "GetPodEvents": {pod + "/events", "Events", nil},
		"GetJobEvents":  {"/api/v1/jobs/" + id + "/events", "Events", nil},
		"GetJobMetrics": {"/api/v1/jobs/" + id + "/metrics", "PodMetrics", map[string]*string{"MetricType": tea.String("GpuCoreUsage"), "TimeStep": tea.String("10s")}},
	} {
		answer := d.must(action, "GET", c.path, nil, c.query)
		if l, _ := answer[c.field].([]any); len(l) == 0 {
			t.Errorf("%s: %v", action, answer)
		}
	}
	tagged := d.must("ListJobs", "GET", "/api/v1/jobs", nil, map[string]*string{"Tags": tea.String(`{"team":"a"}`)})
	if tagged["TotalCount"].(json.Number).String() != "1" {
		t.Error(tagged["TotalCount"])
	}
}
