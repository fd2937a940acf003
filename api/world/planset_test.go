package world

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

const tree = `
apiVersion: orrery/v1
kind: Scenario
name: tree
cluster:
  nodeTypes: {a: {gpu: A100-80, gpus: 8, cpus: 64, memory: 512GiB}}
  pools: [{name: p, nodeType: a, nodes: 2}]
queues: [{name: train, capability: {A100-80: 4}}]
quota: {rules: volcano}
policy: {order: fifo}
`

func underQuota(dir string) Config {
	cfg := kept(dir, "paused")
	cfg.Load = func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("tree.yaml", ".", []byte(tree))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}
	cfg.Origin, cfg.Epoch = originOf("tree"), state0
	return cfg
}

// A quota that is raised at noon lets in at noon what waits for it.
func TestAQueueIsChangedLaterOn(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		w := begin(t, underQuota(dir))
		ctx := t.Context()
		first := submitTo(t, w, "sleep infinity", 4)
		if _, err := w.Advance(ctx, 10*state.Second); err != nil {
			t.Fatal(err)
		}
		second := submitTo(t, w, "sleep infinity", 4)
		in := func(d state.Time) func(state.Time) state.Time {
			return func(now state.Time) state.Time { return now + d*state.Second }
		}
		v, err := w.PlanSet(ctx, "queues.train.capability.A100-80", "8", in(600))
		if err != nil {
			t.Fatal(err)
		}
		if c := v.Changes(); len(c) != 1 || c[0].Set != "queues.train.capability.A100-80" || c[0].To != "8" {
			t.Error(c)
		}
		for set, says := range map[string]string{"queues.dev.capability.A100-80": "no queue", "queues.train.colour": "no \"colour\"", "queues.train.capability.H100": "no resource", "policy.order": "cannot change in mid-run"} {
			if _, err := w.PlanSet(ctx, set, "8", in(600)); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", set, err)
			}
		}
		if _, err := w.PlanSet(ctx, "queues.train.capability.A100-80", "many", in(600)); err == nil {
			t.Error("a quota of many")
		}
		if _, err := w.PlanSet(ctx, "queues.train.capability.A100-80", "8", in(0)); err == nil {
			t.Error("a change now")
		}
		if _, err := w.Advance(ctx, 590*state.Second); err != nil {
			t.Fatal(err)
		}
		if a, b := phases(t, w, first), phases(t, w, second); a != "C W P R" || b != "C W" {
			t.Errorf("before: %s and %s", a, b)
		}
		if dir != "" {
			before := tell(t, w)
			w.Close()
			w = begin(t, underQuota(dir))
			if after := tell(t, w); after != before {
				t.Fatalf("was\n%s\n\nis\n%s", before, after)
			}
		}
		if _, err := w.Advance(ctx, 60*state.Second); err != nil {
			t.Fatal(err)
		}
		if b := phases(t, w, second); b != "C W P R" {
			t.Errorf("after: %s", b)
		}
		if dir == "" {
			continue
		}
		before := tell(t, w)
		w.Close()
		w = begin(t, underQuota(dir))
		if after := tell(t, w); after != before {
			t.Fatalf("was\n%s\n\nis\n%s", before, after)
		}
	}
}

// What somebody wrote into a state by hand breaks nothing.
func TestForgedPutsAndQueues(t *testing.T) {
	w := begin(t, underQuota(""))
	submitTo(t, w, "sleep infinity", 4)
	if _, err := w.Advance(t.Context(), 60*state.Second); err != nil {
		t.Fatal(err)
	}
	data, err := w.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := tell(t, w)
	pack := func(v any) []byte {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	step := play.Step{Phase: play.Running}
	for i, e := range []*entry{
		{Kind: entrySet}, {Kind: entrySet, Payload: []byte("{")}, {Kind: entrySet, Payload: pack(queueSet{Edit: quota.Edit{Name: "train", Set: []quota.Value{{Field: 99}}}})},
		{Kind: entrySet, Payload: pack(queueSet{Edit: quota.Edit{Name: "train", Set: []quota.Value{{Field: 0, Resource: 99, To: 1}}}})},
		{Kind: entrySet, Payload: pack(queueSet{Edit: quota.Edit{Name: "train", Set: []quota.Value{{Field: quota.FieldParent, To: 99}}}})},
		{Kind: entrySet, Payload: pack(queueSet{Edit: quota.Edit{Name: "nobody", Kind: 7}})},
		{Kind: entryPut}, {Kind: entryPut, Payload: []byte("{}")}, {Kind: entryPut, Payload: pack(play.Put{Steps: []play.Step{{Phase: 99}}})},
		{Kind: entryPut, Job: 9, Payload: pack(play.Put{Attempt: -1, Steps: []play.Step{step}})}, {Kind: entryPut, Payload: pack(play.Put{Steps: []play.Step{step}, Attempt: 0, Next: 1})},
		{Kind: entryPut, Code: 99, Payload: pack(play.Put{Attempt: -1, Steps: []play.Step{step}})}, {Kind: entryPut, Payload: pack(play.Put{Attempt: -1, Next: -1, Steps: []play.Step{step}})},
		{Kind: entryPut, Payload: pack(play.Put{Attempt: -1, Steps: []play.Step{step}, Tries: []play.Try{{Attempt: -1}}})},
		{Kind: entryFinish, Code: 77}, {Kind: entryFinish, Job: 9}, {Kind: entryReclaim, Job: 9}, {Kind: entryLater}, {Kind: entryLater, Payload: encode([]*entry{{Kind: entrySubmit}})},
		{Kind: entryLater, Job: 9, Payload: encode([]*entry{{Kind: entryStop}})}, {Kind: entryLater, Code: ofNoJob, Payload: encode([]*entry{{Kind: entryStop}})},
		{Kind: entryLater, Payload: encode([]*entry{{Kind: entrySet}})}, {Kind: entryHang, Code: standsAlready},
	} {
		forgedState := withCommand(t, data, e)
		if _, err := w.Import(t.Context(), forgedState); err == nil {
			t.Errorf("forgery %d (%s) is taken in", i, e.Kind)
			if _, err := w.Advance(t.Context(), 1000*state.Second); err != nil {
				t.Error(err)
			}
			_ = tell(t, w)
			if _, err := w.Import(t.Context(), data); err != nil {
				t.Fatal(err)
			}
		}
		if now := tell(t, w); now != before {
			t.Fatalf("forgery %d (%s) changed the world:\n%s\n\nwas\n%s", i, e.Kind, now, before)
		}
	}
}
