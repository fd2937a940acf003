package folder_test

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/folder"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
)

const scenario = `apiVersion: orrery/v1
kind: Scenario
name: small
cluster:
  nodeTypes: {n4: {gpu: T4, gpus: 4}, n8: {gpu: A10, gpus: 8}}
  pools: [{name: small, nodeType: n4, nodes: 4}, {name: large, nodeType: n8, nodes: 2}]
workload: {generator: {preset: swf-load, jobs: 400, load: {of: 0.9, gpus: 32}}}
changes:
  - {at: 1h, node: small-0001, do: down}
  - {at: 2h, node: small-0001, do: up}
`

// execute runs the scenario into a folder.
func execute(t *testing.T, dir string, sets ...scenarios.Set) *run.Summary {
	t.Helper()
	l, err := scenarios.Parse("small.yaml", ".", []byte(scenario), sets...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Compile()
	if err != nil {
		t.Fatal(err)
	}
	_, s, err := run.Execute(context.Background(), p, run.Options{Dir: dir, Check: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAReportSaysWhatTheRunSays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	s := execute(t, dir)
	r, err := folder.Run(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 400 || int64(r.Figures.Submitted) != s.Jobs.Submitted || r.Digest != s.Digest {
		t.Errorf("%d jobs, %d submitted, digest %s; want 400, %d, %s", len(r.Jobs), r.Figures.Submitted, r.Digest, s.Jobs.Submitted, s.Digest)
	}
	var queued, wait float64
	for i := range r.Jobs {
		j := &r.Jobs[i]
		if i > 0 && j.Submit < r.Jobs[i-1].Submit {
			t.Fatalf("job %d was submitted before job %d", i, i-1)
		}
		var sum int64
		for _, ns := range j.Waited {
			sum += ns
		}
		if sum != j.Queued {
			t.Errorf("job %s: causes sum to %d ns of %d queued", j.Name, sum, j.Queued)
		}
		queued += float64(j.Queued) / 3600e9
		wait += float64(j.Started-j.Submit) / 1e9
	}
	var causes float64
	for _, h := range r.Figures.CauseHours {
		causes += h
	}
	if math.Abs(queued-causes) > 1e-6 {
		t.Errorf("jobs were queued for %g h, the figures say %g h", queued, causes)
	}
	if mean := wait / 400; math.Abs(mean-r.Figures.Wait.Mean) > 1e-6 {
		t.Errorf("mean wait of the jobs %g s, of the figures %g s", mean, r.Figures.Wait.Mean)
	}
	nodes(t, r)
}

// nodes checks what ran where: no node holds more than it has, and the one that was down says so.
func nodes(t *testing.T, r *reports.Run) {
	t.Helper()
	if len(r.Nodes) != 6 || r.Nodes[1].Name != "small-0001" || r.Nodes[4].GPUs != 8 {
		t.Fatalf("nodes %+v", r.Nodes)
	}
	if d := r.Nodes[1].Down; len(d) != 1 || d[0] != (reports.Stretch{From: 3600e9, To: 7200e9}) {
		t.Errorf("small-0001 was down %v", d)
	}
	for _, p := range r.Pieces {
		var held float64
		for _, q := range r.Pieces {
			if q.Node == p.Node && q.From <= p.From && q.To > p.From {
				held += float64(q.GPUs)
			}
		}
		if held > r.Nodes[p.Node].GPUs {
			t.Fatalf("node %s holds %g GPUs at %d ns and has %g", r.Nodes[p.Node].Name, held, p.From, r.Nodes[p.Node].GPUs)
		}
	}
	if _, err := r.Report(); err != nil {
		t.Error(err)
	}
}

func TestRunsOfOneScenarioAreOneContender(t *testing.T) {
	dir := t.TempDir()
	var dirs []string
	for _, order := range []string{"fifo", "sjf"} {
		for _, seed := range []string{"2", "1"} {
			d := filepath.Join(dir, order, seed)
			execute(t, d, scenarios.Set{Path: "policy", Value: "{order: " + order + "}"}, scenarios.Set{Path: "seed", Value: seed})
			dirs = append(dirs, d)
		}
	}
	c, err := folder.Compare(dirs, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Policies) != 2 || len(c.Policies[0].Runs) != 2 || c.Policies[0].Runs[0].Seed != 1 {
		t.Fatalf("contenders %+v", c.Policies)
	}
	if c.Policies[0].Name != "fifo+none+first-fit" || c.Policies[1].Name != "sjf+none+first-fit" {
		t.Errorf("names %q, %q", c.Policies[0].Name, c.Policies[1].Name)
	}
	if _, err := folder.Compare(append(dirs, dirs[0]), ""); err == nil || !strings.Contains(err.Error(), "leave one out") {
		t.Errorf("the same run twice: %v", err)
	}
}

// What differs between runs decides what may be said of them: the seed, the policy, the cluster, or the work itself.
func TestOnlyTheSameWorkIsPaired(t *testing.T) {
	dir := t.TempDir()
	set := func(pairs ...string) (sets []scenarios.Set) {
		for i := 0; i < len(pairs); i += 2 {
			sets = append(sets, scenarios.Set{Path: pairs[i], Value: pairs[i+1]})
		}
		return sets
	}
	for name, sets := range map[string][]scenarios.Set{
		"fifo1": set("seed", "1"), "fifo2": set("seed", "2"), "sjf1": set("seed", "1", "policy", "{order: sjf}"), "sjf2": set("seed", "2", "policy", "{order: sjf}"),
		"more": set("seed", "1", "cluster.pools.large.nodes", "3"), "moresjf": set("seed", "1", "policy", "{order: sjf}", "cluster.pools.large.nodes", "3"),
		"fewer": set("seed", "1", "policy", "{order: sjf}", "workload[0].generator.jobs", "300"), "drop": set("seed", "1", "onNoFit", "drop"),
	} {
		execute(t, filepath.Join(dir, name), sets...)
	}
	for _, c := range []struct {
		name     string
		runs     []string
		baseline string
		first    string // name of the baseline
		verdict  string // contained in it
		warning  string // contained in the warnings; "" for none
	}{
		{"same seed", []string{"fifo1", "sjf1"}, "", "fifo+none+first-fit", "30 batches", "one common seed"},
		{"no common seed", []string{"fifo1", "sjf2"}, "", "fifo+none+first-fit", "nothing is paired", "seed 1 of fifo+none+first-fit and seed 2 of sjf"},
		{"unequal seeds", []string{"fifo1", "fifo2", "sjf2"}, "", "fifo+none+first-fit", "30 batches", "No partner for seed 1 of fifo"},
		{"cluster", []string{"fifo1", "more"}, "", "32 GPUs", "30 batches", "one common seed"},
		{"policy and cluster", []string{"fifo1", "moresjf"}, "", "fifo+none+first-fit on 32 GPUs", "30 batches", "differ in policy and cluster"},
		{"other workload", []string{"fifo1", "fewer"}, "", "fifo+none+first-fit", "Nothing is compared", "fifo+none+first-fit and sjf+none+first-fit differ in workload."},
		{"a setting", []string{"fifo1", "drop"}, "", "fifo+none+first-fit (", "30 batches", "differ in onNoFit"},
		{"baseline by folder", []string{"fifo1", "sjf1"}, "sjf1", "sjf+none+first-fit", "30 batches", ""},
		{"baseline by policy", []string{"fifo1", "sjf1"}, "sjf", "sjf+none+first-fit", "30 batches", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var dirs []string
			for _, r := range c.runs {
				dirs = append(dirs, filepath.Join(dir, r))
			}
			baseline := c.baseline
			if strings.HasSuffix(baseline, "1") {
				baseline = filepath.Join(dir, baseline)
			}
			in, err := folder.Compare(dirs, baseline)
			if err != nil {
				t.Fatal(err)
			}
			r, err := in.Report()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(in.Policies[0].Name, c.first) || !strings.Contains(r.Verdict, c.verdict) && !(c.verdict == "30 batches" && strings.Contains(r.Verdict, "No policy has a better")) {
				t.Errorf("baseline %q, verdict %q", in.Policies[0].Name, r.Verdict)
			}
			if all := strings.Join(r.Warnings, "\n"); !strings.Contains(all, c.warning) {
				t.Errorf("warnings %q", all)
			}
		})
	}
	if _, err := folder.Compare([]string{filepath.Join(dir, "fifo1"), filepath.Join(dir, "sjf1")}, "ljf"); err == nil || !strings.Contains(err.Error(), "policies compared here: fifo+none+first-fit, sjf") {
		t.Errorf("a baseline that is not there: %v", err)
	}
	in, err := folder.Compare([]string{filepath.Join(dir, "fifo1"), filepath.Join(dir, "fifo2"), filepath.Join(dir, "sjf2")}, "")
	if err != nil || !strings.HasPrefix(in.Workload, "small, 400 jobs, 2 seeds; 32 GPUs") {
		t.Errorf("%v, workload %q", err, in.Workload)
	}
}

// Jobs that had not ended are said once a contender, not once a run.
func TestUnfinishedJobsAreSaidOnceAContender(t *testing.T) {
	dir := t.TempDir()
	var dirs []string
	for _, order := range []string{"fifo", "sjf"} {
		for _, seed := range []string{"1", "2"} {
			d := filepath.Join(dir, order+seed)
			execute(t, d, scenarios.Set{Path: "policy", Value: "{order: " + order + "}"}, scenarios.Set{Path: "seed", Value: seed}, scenarios.Set{Path: "horizon", Value: "1h"})
			dirs = append(dirs, d)
		}
	}
	c, err := folder.Compare(dirs, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 2 || !strings.HasPrefix(c.Warnings[0], "fifo+none+first-fit: ") || !strings.Contains(c.Warnings[0], "had not ended in 2 of 2 runs") {
		t.Errorf("warnings %q", c.Warnings)
	}
}
