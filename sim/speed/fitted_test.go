package speed

import (
	"math"
	"testing"
)

func fitOf(t *testing.T, model, gpu string) *Fit {
	t.Helper()
	for _, f := range Fits() {
		if f.Model == model && f.GPU == gpu {
			return &f
		}
	}
	t.Fatalf("no fit of %s on %s", model, gpu)
	return nil
}

// TestASecondNodeMakesBERTOnT4Slower: Sia measured 50.2 samples a second on four T4 of one node and 37.8 on eight of two (FACTS.md 5.5). What
// goes in are parameters fitted to all of Sia's profiles of BERT on T4; the batch stays that of the four GPUs.
func TestASecondNodeMakesBERTOnT4Slower(t *testing.T) {
	f := fitOf(t, "bert", "T4")
	const batch = 48
	one, two, four := batch/f.Step(4, 1, batch, 1), batch/f.Step(8, 2, batch, 1), 2*batch/f.Step(16, 4, 2*batch, 1)
	t.Logf("samples/s: 1 x 4 %.1f (measured 50.2), 2 x 4 %.1f (37.8)", one, two)
	if math.Abs(one/50.2-1) > .1 || two >= one || math.Abs(two/37.8-1) > .2 {
		t.Errorf("1 x 4: %.1f samples/s (measured 50.2), 2 x 4: %.1f (37.8)", one, two)
	}
	if four <= two {
		t.Errorf("4 x 4 with twice the batch: %.1f samples/s, no more than 2 x 4 with %.1f", four, two)
	}
}

func TestFitsByHand(t *testing.T) {
	f := Fit{AccA: .1, AccB: .01, SpreadA: .3, SpreadB: .02, NodeA: .05, NodeB: .01, Gamma: 1}
	for _, tc := range []struct {
		gpus, nodes  int32
		batch, slow  float64
		gamma, wants float64
	}{
		{1, 1, 20, 1, 1, .1 + .2},
		{2, 1, 20, 1, 1, .1 + .1 + .05},
		{4, 1, 20, 1, 1, .1 + .05 + .05 + 2*.01},
		{4, 2, 20, 1, 1, .1 + .05 + .3 + 2*.02},
		{4, 2, 20, 1.5, 1, .1 + .05 + 1.5*(.3+2*.02)},
		{4, 2, 20, 1, 2, math.Hypot(.15, .34)},
		{4, 2, 20, 1, 3, math.Cbrt(.15*.15*.15 + .34*.34*.34)},
	} {
		f.Gamma = tc.gamma
		if got := f.Step(tc.gpus, tc.nodes, tc.batch, tc.slow); math.Abs(got-tc.wants) > 1e-12 {
			t.Errorf("%+v: %v s", tc, got)
		}
	}
}

func TestSourcesCountInTheirOrder(t *testing.T) {
	b := &Book{GPUs: []GPU{{Name: "T4", Scalar: .33}, {Name: "V100", Peak: 125e12, Scalar: 1}}, Links: make([]Links, 2), PerNode: []int32{4, 4},
		Models: []Profile{{Name: "m", Table: []Row{{Type: 0, GPUs: 2, Step: 3}, {Type: 0, GPUs: 2, Spread: true, Step: 5}},
			Fits: []Fit{{GPU: "T4", AccA: 7, Gamma: 1}, {GPU: "V100", AccA: 9, Gamma: 1}}}}}
	for _, tc := range []struct {
		model int32
		place Placement
		want  float64
	}{
		{0, Placement{Type: 0, GPUs: 2, Nodes: 1}, 3},
		{0, Placement{Type: 0, GPUs: 2, Nodes: 2}, 5},
		{0, Placement{Type: 0, GPUs: 4, Nodes: 1}, 1.5}, // the table's largest, in proportion
		{0, Placement{Type: 0, GPUs: 1, Nodes: 1}, 7},   // fewer than any row
		{0, Placement{Type: 1, GPUs: 1, Nodes: 1}, 9},
		{-1, Placement{Type: 0, GPUs: 1, Nodes: 1}, 1 / .33},
		{-1, Placement{Type: 1, GPUs: 2, Nodes: 2}, 1 / .8},
	} {
		if got := b.Step(tc.model, &tc.place, 1); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("model %d on %+v: %v s, want %v", tc.model, tc.place, got, tc.want)
		}
	}
}
