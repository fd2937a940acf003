package world

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim/state"
)

// treed is a world of a folder whose scenario has a quota tree.
func treed(dir string) Config {
	withTree := strings.Replace(text, "policy:", "quota: {rules: volcano, default: default}\nqueues: [{name: default}, {name: other}, {name: train, capability: {gpu: 4}}]\npolicy:", 1)
	withTree = strings.ReplaceAll(withTree, "jobs: 200", "jobs: 20")
	return Config{Speed: Speed{Mode: Paused}, Data: dir, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("treed.yaml", ".", []byte(withTree))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}, Origin: func(*scenarios.Plan) (Origin, error) { return Origin{Identity: "treed", Scenario: withTree, Dir: "."}, nil }}
}

func become(q Queue) func(*Queue, View) (*Queue, error) {
	return func(*Queue, View) (*Queue, error) { return &q, nil }
}

// Queues that were made, changed and deleted are there after a restart, and in a run of the journal.
func TestQueuesAreKept(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, treed(dir))
	ctx := t.Context()
	must := func(_ View, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	submit := func(queue string, gpus int) error {
		_, _, err := w.Submit(ctx, &Submission{API: "x", Name: "j", User: "me", Queue: queue, Roles: []Role{{Name: "Worker", Replicas: 1, GPUs: gpus}},
			Play: play.Request{Command: "sleep 600", Pods: 1, GPUs: gpus}})
		return err
	}
	must(w.ChangeQueue(ctx, "team", become(Queue{Name: "team", State: "open", Capability: Amounts{"gpu": 2000}, Note: []byte("n")})))
	must(w.ChangeQueue(ctx, "gone", become(Queue{Name: "gone", State: "open"})))
	for _, q := range []string{"team", "team", "train", "", "gone"} {
		if err := submit(q, 2); err != nil {
			t.Fatal(q, err)
		}
	}
	must(w.Advance(ctx, 60*state.Second))
	waiting := func() int {
		v, _ := w.Peek(ctx)
		n := 0
		for _, j := range v.Waiting() {
			if j.Queue == "team" {
				n++
			}
		}
		return n
	}
	if waiting() != 1 {
		t.Errorf("%d jobs of team wait, want 1: it may have two GPUs", waiting())
	}
	must(w.ChangeQueue(ctx, "team", func(now *Queue, _ View) (*Queue, error) {
		if string(now.Note) != "n" || now.Capability["gpu"] != 2000 {
			t.Errorf("%+v", now)
		}
		now.Capability["gpu"], now.Strategy, now.Note = 4000, "StrictFIFO", []byte("m")
		return now, nil
	}))
	var refused *QueueError
	none := func(*Queue, View) (*Queue, error) { return nil, nil }
	if _, err := w.ChangeQueue(ctx, "gone", none); !errors.As(err, &refused) || !errors.Is(err, ErrInUse) {
		t.Errorf("a queue with a job goes: %v", err)
	}
	if _, err := w.ChangeQueue(ctx, "nobody", none); !errors.Is(err, ErrNoQueue) {
		t.Error(err)
	}
	if _, err := w.ChangeQueue(ctx, "odd", become(Queue{Name: "odd", State: "open", Deserved: Amounts{"gas": 1}})); !errors.As(err, &refused) {
		t.Error(err)
	}
	must(w.Advance(ctx, 3600*state.Second))
	must(w.ChangeQueue(ctx, "gone", none))
	must(w.ChangeQueue(ctx, "train", func(now *Queue, _ View) (*Queue, error) { now.State = "closed"; return now, nil }))
	if err := submit("train", 1); !errors.As(err, &refused) {
		t.Errorf("a closed queue takes a job: %v", err)
	}
	var unknown *UnknownQueueError
	if err := submit("gone", 1); !errors.As(err, &unknown) || strings.Join(unknown.Known, " ") != "default other train team" {
		t.Errorf("a queue that is gone takes a job: %v", err)
	}
	told := func() string {
		v, err := w.Peek(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(v.Queues())
	}
	before, queues := tell(t, w), told()
	last := w.Conclude()
	w = begin(t, treed(dir))
	if after := tell(t, w); after != before || told() != queues {
		t.Errorf("the world came back another one:\n%s\n%s", queues, told())
	}
	w.Close()
	done, err := replayed(t, dir)
	if err != nil || done.Digest != last.Digest {
		t.Errorf("the world: %s\nthe run:  %+v %v", last.Digest, done, err)
	}
}

// Without a quota tree queues are names that cannot be changed.
func TestQueuesWithoutATree(t *testing.T) {
	w := begin(t, kept(t.TempDir(), "paused"))
	if _, err := w.ChangeQueue(context.Background(), "x", become(Queue{Name: "x", State: "open"})); !errors.Is(err, ErrNoTree) {
		t.Error(err)
	}
}
