package modelarts_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/contract"
)

func decodeList(t testing.TB, a *contract.Answer) (list []any) {
	t.Helper()
	if err := json.Unmarshal(a.Text, &list); err != nil {
		t.Fatalf("%s: %v", a.Text, err)
	}
	return list
}

func TestSearch(t *testing.T) {
	b := start(t)
	filter := func(key, operator string, value ...string) object {
		f := object{"key": key, "value": append([]string{}, value...)}
		if operator != "" {
			f["operator"] = operator
		}
		return object{"filters": []object{f}}
	}
	for i, c := range []string{"sleep 10", "exit 1", "sleep 6000", "sleep 6000", "sleep 20"} {
		b.Header["Authorization"] = []string{fmt.Sprintf("SDK-HMAC-SHA256 Access=USER%d, SignedHeaders=a, Signature=b", i%2)}
		b.create(job(c, set("metadata.name", fmt.Sprintf("%s-%d", []string{"Alpha", "beta"}[i%2], i)), set("algorithm.name", []string{"bert", "gpt"}[i/3])))
		b.Advance(100 * s)
	}
	delete(b.Header, "Authorization")
	at := func(i int) string { return fmt.Sprint(1772323200000 + int64(i)*100_000) }
	for _, tc := range []struct {
		body object
		want string
	}{
		{object{"filters": []object{}}, "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{object{}, "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{object{"order": "asc"}, "Alpha-0 beta-1 Alpha-2 beta-3 Alpha-4"},
		{object{"sort_by": "name", "order": "asc"}, "Alpha-0 Alpha-2 Alpha-4 beta-1 beta-3"},
		{object{"sort_by": "duration"}, "Alpha-2 beta-3 Alpha-4 Alpha-0 beta-1"},
		{object{"group_by": "phase", "order": "asc"}, "Alpha-0 Alpha-4 beta-1 Alpha-2 beta-3"},
		{object{"group_by": "user_id"}, "Alpha-4 Alpha-2 Alpha-0 beta-3 beta-1"},
		{object{"limit": 2}, "Alpha-4 beta-3"},
		{object{"limit": 2, "offset": 1}, "Alpha-2 beta-1"},
		{object{"limit": 2, "offset": 2}, "Alpha-0"},
		{object{"limit": 50, "offset": 7}, ""},
		{object{"workspace_id": "other"}, ""},
		{object{"train_type": "ftjob"}, ""},
		{filter("name", "in", "Alpha-0", "beta-1"), "beta-1 Alpha-0"},
		{filter("name", "", "Alpha-0"), "Alpha-0"},
		{filter("name", "like", "alpha"), "Alpha-4 Alpha-2 Alpha-0"},
		{filter("name", "not", "Alpha-0", "Alpha-2"), "Alpha-4 beta-3 beta-1"},
		{filter("name", "between", "Alpha-1", "Alpha-3"), "Alpha-2"},
		{filter("name", "in", ""), "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{filter("name", "in"), "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{filter("", "", ""), "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{filter("create_time", "between", at(1), at(3)), "beta-3 Alpha-2 beta-1"},
		{filter("create_time", "between", at(3), ""), "Alpha-4 beta-3"},
		{filter("create_time", "in", at(2)), "Alpha-2"},
		{filter("create_time", "not", at(2)), "Alpha-4 beta-3 beta-1 Alpha-0"},
		{filter("create_time", "like", "17723233"), "beta-1"},
		{filter("phase", "in", "Failed", "Running"), "beta-3 Alpha-2 beta-1"},
		{filter("phase", "not", "Completed"), "beta-3 Alpha-2 beta-1"},
		{filter("phase", "like", "compl"), "Alpha-4 Alpha-0"},
		{filter("phase", "between", "A", "D"), "Alpha-4 Alpha-0"},
		{filter("algorithm_name", "in", "gpt"), "Alpha-4 beta-3"},
		{filter("algorithm_name", "like", "ER"), "Alpha-2 beta-1 Alpha-0"},
		{filter("algorithm_name", "not", "gpt"), "Alpha-2 beta-1 Alpha-0"},
		{filter("algorithm_name", "between", "c", "z"), "Alpha-4 beta-3"},
		{filter("kind", "in", "job"), "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{filter("kind", "not", "job"), ""},
		{filter("kind", "like", "edge"), ""},
		{filter("kind", "between", "a", "z"), "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{filter("user_id", "in", "USER1"), "beta-3 beta-1"},
		{filter("user_id", "not", "USER1"), "Alpha-4 Alpha-2 Alpha-0"},
		{filter("user_id", "like", "user"), "Alpha-4 beta-3 Alpha-2 beta-1 Alpha-0"},
		{filter("user_id", "between", "USER1", "USER9"), "beta-3 beta-1"},
		{object{"filters": []object{{"key": "name", "operator": "like", "value": []string{"alpha"}}, {"key": "phase", "value": []string{"Completed"}}}}, "Alpha-4 Alpha-0"},
	} {
		got, a := b.search(tc.body)
		if got != tc.want {
			t.Errorf("%v\n got %s\nwant %s", tc.body, got, tc.want)
		}
		if a["total"] != 5.0 || tc.body["limit"] == nil && a["count"] != float64(len(strings.Fields(tc.want))) || a["ai_project"] != "default-ai-project" {
			t.Errorf("%v: total %v, count %v", tc.body, a["total"], a["count"])
		}
	}
	for word, body := range map[string]object{
		"limit": {"limit": 51}, "offset": {"offset": -1}, "order": {"order": "up"}, "sort_by": {"sort_by": "size"}, "group_by": {"group_by": "size"}, "train_type": {"train_type": "x"},
		"key": filter("size", "in", "1"), "operator": filter("name", "is", "1"), "two": filter("create_time", "between", "1"), "milliseconds": filter("create_time", "in", "noon"),
	} {
		b.refused("POST", "/v2/p1/training-job-searches", body, 400, "ModelArts.0104", word)
	}
	if _, a := b.search("{}\n"); a["limit"] != 50.0 || a["offset"] != 0.0 || a["sort_by"] != "create_time" || a["order"] != "desc" || a["workspace_id"] != "0" {
		t.Error(a)
	}
}

func TestOutput(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", set("algorithm.environments", object{"ORRERY_DURATION": "100s", "ORRERY_EXIT_CODE": "137", "ORRERY_FAIL_AT": "0.5"}), set("spec.resource.node_count", 2)))
	path := jobs + "/" + id
	if got := b.call("GET", path+"/tasks/worker-0/logs/preview", nil, 200); got["content"] != "" {
		t.Error(got)
	}
	b.Advance(300 * s)
	log := b.call("GET", path+"/tasks/worker-1/logs/preview", nil, 200)
	text := log["content"].(string)
	if log["current_size"] != float64(len(text)) || log["full_size"] != float64(len(text)) || !strings.HasSuffix(text, "[ERROR] exit code 137\n") || !strings.Contains(text, "worker-1") {
		t.Errorf("%v", log)
	}
	url := b.call("GET", path+"/tasks/worker-1/logs/url", nil, 200)["obs_url"].(string)
	resp, err := b.Server.Test().Test(request(url), -1)
	if err != nil {
		t.Fatal(err)
	}
	if whole := readAll(t, resp); whole != text {
		t.Errorf("%q", whole)
	}
	b.refused("GET", path+"/tasks/worker-2/logs/preview", nil, 404, "ModelArts.0404", "worker-2")
	events := b.call("GET", path+"/events?order=asc", nil, 200)
	list := events["events"].([]any)
	first, last := list[0].(object), list[len(list)-1].(object)
	if first["message"] != "training job is Creating" || first["time"] != "2026-03-01T00:00:00Z" || !strings.Contains(last["message"].(string), "137") || events["total"] != float64(len(list)) {
		t.Error(first, last)
	}
	if got := b.call("GET", path+"/events?level=Error", nil, 200); got["total"] != 1.0 {
		t.Error(got)
	}
	if got := b.call("GET", path+"/events?pattern=Pulled&limit=1&offset=1", nil, 200); got["total"] != 2.0 || len(got["events"].([]any)) != 1 {
		t.Error(got)
	}
	if got := b.call("GET", path+"/events?end_time=1772323200000&start_time=2026-03-01T00:00:00Z", nil, 200); got["total"] != 1.0 {
		t.Error(got)
	}
	for _, bad := range []string{"limit=0", "level=Bad", "order=up", "start_time=noon", "offset=-1"} {
		b.refused("GET", path+"/events?"+bad, nil, 400, "ModelArts.0104", bad[:strings.IndexByte(bad, '=')])
	}
}
