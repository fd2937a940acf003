package scenarios

import (
	"math"
	"strings"
	"testing"
)

const failing = `apiVersion: orrery/v1
kind: Scenario
name: failing
cluster:
  nodeTypes: {h100x8: {gpu: H100, gpus: 8}}
  pools: [{name: p, nodeType: h100x8, nodes: 2048}]
failures: {preset: meta-rsc-1}
recovery: {every: young-daly, write: 15s, restore: 10m}
`

func failingPlan(t *testing.T, text string, sets ...Set) (*Plan, error) {
	t.Helper()
	l, err := Parse("f.yaml", ".", []byte(text), sets...)
	if err != nil {
		return nil, err
	}
	return l.Compile()
}

// The presets give the published rates: 16,384 GPUs at Meta's rate fail every 1.8 h, at Llama 3's every 3.1 h (FACTS.md 6.5); and
// Young's interval follows from them by size (6.7).
func TestFailurePresets(t *testing.T) {
	for preset, hours := range map[string]float64{"meta-rsc-1": 1.803, "meta-rsc-2": 5.008, "llama3": 3.084, "b200": 24 / (16384 * 2.7e-4)} {
		p, err := failingPlan(t, failing, Set{Path: "failures.preset", Value: preset})
		if err != nil {
			t.Fatal(err)
		}
		if got := 1 / (p.hazard() * 16384) / 3600; math.Abs(got-hours) > 0.002*hours {
			t.Errorf("%s: 16,384 GPUs fail every %.3f h (want %.3f)", preset, got, hours)
		}
	}
	p, err := failingPlan(t, failing, Set{Path: "failures.preset", Value: "llama3"})
	if err != nil {
		t.Fatal(err)
	}
	for gpus, seconds := range map[int32]float64{256: 4617, 1024: 2308, 4096: 1154, 16384: 577} {
		if got := float64(p.Config.Recoveries[0].EveryOf(gpus)) / 1e9; math.Abs(got-seconds) > 2 {
			t.Errorf("Young's interval of %d GPUs is %.0f s (want %.0f)", gpus, got, seconds)
		}
	}
	sum := int64(0)
	for _, c := range p.Config.Failures.Processes[0].Causes {
		sum += c.Weight
	}
	if sum != 419 {
		t.Errorf("Llama 3 had %d unexpected interruptions (want 419)", sum)
	}
}

// Twice the scale is twice the rate, and what is written beside a preset is added to it.
func TestFailuresAddUp(t *testing.T) {
	base, err := failingPlan(t, failing)
	if err != nil {
		t.Fatal(err)
	}
	more, err := failingPlan(t, failing, Set{Path: "failures", Value: "{preset: meta-rsc-1, scale: 2, jobs: {perGPU: 100d}, processes: [{name: rack, each: group, mtbf: 50d}, " +
		"{name: slow, mtbf: 10d, causes: [{name: s, slow: 0.5}]}]}"})
	if err != nil {
		t.Fatal(err)
	}
	want := 2 * (base.hazard() + 1/(100*86400.0) + 1/(50*86400.0)/8) // a slow node loses no work
	if got := more.hazard(); math.Abs(got-want) > 1e-9*want {
		t.Errorf("a GPU fails %v times a second, want %v", got, want)
	}
}

func TestRecoveryBySize(t *testing.T) {
	p, err := failingPlan(t, failing, Set{Path: "recovery", Value: "{mode: async, every: 30m, size: 20GB, bandwidth: 2GB/s, store: 100GB/s, stall: 3s, restore: 1m, restarts: 0, inPlace: 2}"})
	if err != nil {
		t.Fatal(err)
	}
	r := &p.Config.Recoveries[0]
	const s = 1_000_000_000
	if r.WriteOf(8) != 3*s || r.LagOf(8) != 10*s || r.LagOf(1000) != 200*s || r.RestoreOf(8) != 70*s || r.RestoreOf(1000) != 200*s || r.Restarts != -1 || r.InPlace != 2 || r.Restart != 60*s {
		t.Errorf("%+v", *r)
	}
	for value, want := range map[string]string{
		"{size: 20GB}": "a size without a bandwidth", "{stall: 3s}": "a stall without async", "{mode: none, size: 1GB, store: 1GB/s}": "writes no checkpoints",
		"{every: young-daly}": "each instant would be one",
	} {
		if _, err := failingPlan(t, failing, Set{Path: "recovery", Value: value}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
}
