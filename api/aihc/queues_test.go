package aihc_test

import (
	"fmt"
	"strings"
	"testing"
)

const queues = "/api/v1/resourcepools/cce-orrery01/queue"

func (b *bench) queue(name string) map[string]any {
	b.T.Helper()
	return b.ok("GET", queues+"/"+name, nil)["queue"].(map[string]any)
}

// A queue that is made limits its jobs from then on; another limit counts from the moment at which it is given.
func TestQueuesHaveEffect(t *testing.T) {
	b := start(t)
	made := b.ok("POST", queues, object{"name": "team", "queueType": "Elastic", "description": "d", "guarantee": object{"gpu": 2}, "deserved": object{"gpu": "4", "cpu": 100},
		"capability": object{"gpu": 6, "memory": 1024}, "queueingStrategy": "StrictFIFO", "reclaimable": true})
	if made["queueName"] != "team" {
		t.Error(made)
	}
	got := b.queue("team")
	if got["queueType"] != "Elastic" || got["description"] != "d" || got["parentQueue"] != "root" || got["reclaimable"] != true || got["queueingStrategy"] != "StrictFIFO" ||
		fmt.Sprint(got["guarantee"], got["deserved"], got["capability"]) != "map[gpu:2] map[cpu:100 gpu:4] map[gpu:6 memory:1024]" {
		t.Error(got)
	}
	one := func(priority string) string {
		id := b.create(job("sleep 36000", with("queue", "team"), with("priority", priority), resources("baidu.com/t4_cgpu", 2), inSpec("replicas", 1)))
		b.Advance(30 * s)
		return id
	}
	ids := []string{one("low"), one("low"), one("low"), one("low"), one("high")}
	told := func() string {
		var out []string
		for _, id := range ids {
			out = append(out, b.get(id)["status"].(string))
		}
		return strings.Join(out, " ")
	}
	if got := told(); got != "Running Running Running Created Created" {
		t.Errorf("with 6 cards: %s", got)
	}
	if q := b.queue("team"); q["running"] != 3.0 || q["pending"] != 2.0 || q["allocated"].(map[string]any)["gpu"] != "6" {
		t.Error(q)
	}
	if a, z := b.get(ids[3])["queueingSequence"], b.get(ids[4])["queueingSequence"]; a != 2.0 || z != 1.0 {
		t.Errorf("places %v and %v: the high one is first", a, z)
	}
	b.ok("PUT", queues+"/team", object{"capability": object{"gpu": 8}})
	b.Advance(30 * s)
	if got := told(); got != "Running Running Running Created Running" {
		t.Errorf("with 8 cards: %s", got)
	}
	b.ok("PUT", queues+"/team", object{"disableOversell": true, "description": "less"})
	if q := b.queue("team"); q["disableOversell"] != true || q["description"] != "less" || q["capability"].(map[string]any)["gpu"] != "8" {
		t.Error(q)
	}
	for _, id := range ids[:3] {
		b.ok("POST", "/api/v1/aijobs/"+id+"/stop"+in, nil)
	}
	b.Advance(60 * s)
	ids = append(ids, one("low"))
	if got := told(); got != "ManualTermination ManualTermination ManualTermination Running Running Created" {
		t.Errorf("without oversell, of 4 deserved: %s", got)
	}
	b.refused("DELETE", queues+"/team", nil, 400, "cce.warning.StatusNotAllowed", "has jobs")
	for _, id := range ids[3:] {
		b.ok("DELETE", "/api/v1/aijobs/"+id+in, nil)
	}
	b.Advance(60 * s)
	b.ok("DELETE", queues+"/team", nil)
	b.refused("GET", queues+"/team", nil, 404, "cce.warning.NoSuchObject", "team")
	b.refused("POST", "/api/v1/aijobs"+in, job("true", with("queue", "team")), 400, "cce.warning.InvalidParam", "team")
}

// What one queue is guaranteed another one cannot have.
func TestGuarantee(t *testing.T) {
	b := start(t)
	b.ok("POST", queues, object{"name": "kept", "guarantee": object{"baidu.com/t4_cgpu": 12}, "deserved": object{"baidu.com/t4_cgpu": 12}})
	b.ok("POST", queues, object{"name": "other"})
	greedy := b.create(job("sleep 36000", with("queue", "other"), resources("baidu.com/t4_cgpu", 4), inSpec("replicas", 2)))
	small := b.create(job("sleep 36000", with("queue", "other"), resources("baidu.com/t4_cgpu", 4), inSpec("replicas", 1)))
	owner := b.create(job("sleep 36000", with("queue", "kept"), resources("baidu.com/t4_cgpu", 4), inSpec("replicas", 3)))
	b.Advance(60 * s)
	if g, k, o := b.get(greedy)["status"], b.get(small)["status"], b.get(owner)["status"]; g != "Created" || k != "Running" || o != "Running" {
		t.Errorf("greedy %v, small %v, owner %v", g, k, o)
	}
}

func TestQueueTree(t *testing.T) {
	b := start(t)
	b.ok("POST", queues, object{"name": "top", "deserved": object{"gpu": 16}, "capability": object{"gpu": 16}})
	b.ok("POST", queues, object{"name": "leaf", "parentQueue": "top", "queueType": "Elastic", "deserved": object{"gpu": 8}})
	if q := b.queue("top"); len(q["children"].([]any)) != 1 || q["children"].([]any)[0].(map[string]any)["name"] != "leaf" {
		t.Error(q)
	}
	id := b.create(job("sleep 600", with("queue", "leaf")))
	b.Advance(60 * s)
	if q := b.queue("top"); q["allocated"].(map[string]any)["gpu"] != "2" || q["running"] != 0.0 {
		t.Error(q)
	}
	if list := b.ok("GET", queues+"?pageSize=2&pageNo=3", nil); list["total"] != 5.0 || len(list["queues"].([]any)) != 1 {
		t.Error(list)
	}
	const invalid, state = "cce.warning.InvalidParam", "cce.warning.StatusNotAllowed"
	for _, tc := range []struct {
		name, code, words string
		status            int
		body              object
	}{
		{"exists", "cce.warning.AlreadyExist", "top", 409, object{"name": "top"}},
		{"no name", invalid, "name: missing", 400, object{}},
		{"root", invalid, "name", 400, object{"name": "root"}},
		{"below default", invalid, "default queue", 400, object{"name": "x", "parentQueue": "default"}},
		{"below a leaf", invalid, "two levels", 400, object{"name": "x", "parentQueue": "leaf"}},
		{"below none", "cce.warning.NoSuchObject", "none", 404, object{"name": "x", "parentQueue": "none"}},
		{"too much for its parent", invalid, "deserved", 400, object{"name": "x", "parentQueue": "top", "deserved": object{"gpu": 9}}},
		{"guarantee over deserved", invalid, "guarantee", 400, object{"name": "x", "guarantee": object{"gpu": 9}, "deserved": object{"gpu": 8}}},
		{"physical", invalid, "scenario", 400, object{"name": "x", "queueType": "Physical"}},
		{"with nodes", invalid, "scenario", 400, object{"name": "x", "nodes": object{"a": []object{{}}}}},
		{"another type", invalid, "queueType", 400, object{"name": "x", "queueType": "Odd"}},
		{"another strategy", invalid, "queueingStrategy", 400, object{"name": "x", "queueingStrategy": "LIFO"}},
		{"another resource", invalid, "deserved.gas", 400, object{"name": "x", "deserved": object{"gas": 9}}},
		{"no number", invalid, "deserved.gpu", 400, object{"name": "x", "deserved": object{"gpu": "many"}}},
	} {
		t.Run(tc.name, func(t *testing.T) { b.refused("POST", queues, tc.body, tc.status, tc.code, tc.words) })
	}
	b.refused("POST", "/api/v1/aijobs"+in, job("true", with("queue", "top")), 400, invalid, "queues below it")
	b.refused("DELETE", queues+"/top", nil, 400, state, "queues below it")
	b.refused("DELETE", queues+"/default", nil, 400, state, "default")
	b.refused("DELETE", queues+"/none", nil, 404, "cce.warning.NoSuchObject", "none")
	b.refused("PUT", queues+"/none", object{}, 404, "cce.warning.NoSuchObject", "none")
	b.refused("PUT", queues+"/leaf", object{"deserved": object{"gpu": 17}}, 400, invalid, "deserved")
	if q := b.queue("leaf"); q["deserved"].(map[string]any)["gpu"] != "8" {
		t.Errorf("a refused change had effect: %v", q)
	}
	b.ok("POST", "/api/v1/aijobs/"+id+"/stop"+in, nil)
}
