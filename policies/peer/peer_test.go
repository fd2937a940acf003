package peer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

func tiresias(t *testing.T, skip bool, placement string) state.Policy {
	t.Helper()
	p, err := peer.NewTiresias(skip, placement)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStarts(t *testing.T) {
	twoPools := plain(4, 4, 4, 4)
	twoPools[2].Pool, twoPools[3].Pool = 1, 1
	for name, tc := range map[string]struct {
		policy state.Policy
		nodes  []cluster.NodeSpec
		jobs   []job
		want   []int64
	}{
		"fifo: the head blocks": {tiresias(t, false, "count"), plain(4), []job{
			{length: 10, gpus: 3}, {length: 10, gpus: 2}, {length: 10, gpus: 1}}, []int64{0, 10, 10}},
		"fjf: who does not fit is skipped": {tiresias(t, true, "count"), plain(4), []job{
			{length: 10, gpus: 3}, {length: 10, gpus: 2}, {length: 10, gpus: 1}}, []int64{0, 10, 0}},
		"count: any free GPUs": {tiresias(t, false, "count"), plain(4, 4), []job{
			{length: 10, gpus: 3}, {length: 10, gpus: 3}, {length: 10, gpus: 2}}, []int64{0, 0, 0}},
		"yarn: up to a node's GPUs on one node": {tiresias(t, false, "yarn"), plain(4, 4), []job{
			{length: 10, gpus: 3}, {length: 10, gpus: 3}, {length: 10, gpus: 2}}, []int64{0, 0, 10}},
		"yarn: more asks for free nodes and a rest": {tiresias(t, true, "yarn"), plain(4, 4, 4), []job{
			{length: 10, gpus: 1}, {length: 5, gpus: 6}, {length: 5, gpus: 8}}, []int64{0, 0, 5}},
		"yarn: one job stays in one pool": {tiresias(t, true, "yarn"), twoPools, []job{
			{length: 10, gpus: 1}, {length: 2, gpus: 4}, {length: 20, gpus: 4}, {length: 5, gpus: 8}}, []int64{0, 0, 0, 10}},
		"yarn: what no pool can hold blocks nobody": {tiresias(t, false, "yarn"), twoPools, []job{
			{length: 10, gpus: 9}, {length: 5, gpus: 4}}, []int64{-1, 0}},
		"consolidate: what no empty nodes can hold blocks nobody": {peer.NewHelios(peer.HeliosFIFO), plain(8, 6), []job{
			{length: 10, gpus: 14}, {length: 5, gpus: 4}, {length: 5, gpus: 15}}, []int64{0, 10, -1}},
		"a zero length gives GPUs back for the next tick": {peer.NewHelios(peer.HeliosFIFO), plain(8), []job{
			{length: 0, gpus: 8}, {length: 0, gpus: 8}, {length: 3, gpus: 8}, {length: 1, gpus: 1}}, []int64{0, 1, 2, 5}},
		"qssf: arrivals alone go by GPUs, a longer queue by predicted service": {peer.NewHelios(peer.HeliosQSSF), plain(8), []job{
			{length: 10, gpus: 8, pred: 1}, {length: 10, gpus: 7, pred: 9},
			{submit: 1, length: 10, gpus: 8, pred: 2}, {submit: 1, length: 10, gpus: 8, pred: -1}}, []int64{20, 0, 30, 10}},
		"sjf goes by the true duration": {peer.NewHelios(peer.HeliosSJF), plain(8), []job{
			{length: 10, gpus: 8}, {length: 7, gpus: 8}, {length: 8, gpus: 8}}, []int64{15, 0, 7}},
		"recorded: jobs without a record take what is free until one is late": {peer.NewRecorded(), plain(4), []job{
			{length: 10, gpus: 4, rec: 6}, {length: 3, gpus: 2}, {length: 4, gpus: 2, rec: 11}, {length: 9, gpus: 4}},
			[]int64{12, 0, 22, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := small(t, tc.policy, tc.nodes, tc.jobs...); !slices.Equal(got, tc.want) {
				t.Errorf("starts %v, want %v", got, tc.want)
			}
		})
	}
}

func TestRecordedNamesConflicts(t *testing.T) {
	p := peer.NewRecorded()
	starts := small(t, p, plain(4),
		job{length: 10, gpus: 4, rec: 6},               // a: as recorded
		job{length: 0, gpus: 4, rec: 16},               // b: at a's end, in the same instant
		job{length: 2, gpus: 4, rec: 16},               // c: right behind b, in its next round
		job{length: 5, gpus: 3, rec: 17},               // d: c still runs
		job{length: 1, gpus: 2, rec: 18, patience: 20}, // e: leaves while d runs
		job{length: 1, gpus: 1, rec: 20})               // f: fits beside d
	if want := []int64{5, 15, 15, 17, -1, 19}; !slices.Equal(starts, want) {
		t.Errorf("starts %v, want %v", starts, want)
	}
	want := []peer.Conflict{
		{Number: 3, Name: "d", Recorded: 16 * state.Second, Started: 17 * state.Second},
		{Number: 4, Name: "e", Recorded: 17 * state.Second, Started: state.Unset},
	}
	if diff := cmp.Diff(want, p.Conflicts()); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
}

func TestQSSFNeedsAPrediction(t *testing.T) {
	_, err := sim.New(sim.Config{Names: &state.Names{}, Nodes: plain(8), Source: &jobs{}, Policy: peer.NewHelios(peer.HeliosQSSF)})
	if err == nil || !strings.Contains(err.Error(), peer.Prediction) {
		t.Errorf("error %v, want one that names %s", err, peer.Prediction)
	}
}

func TestSJFIsClairvoyant(t *testing.T) {
	_, err := sim.New(sim.Config{Names: &state.Names{}, Nodes: plain(8), Source: &jobs{}, Policy: peer.NewHelios(peer.HeliosSJF)})
	if err == nil {
		t.Error("helios-sjf ran without a grant of true durations")
	}
}

func TestTiresiasRefusesOtherPlacements(t *testing.T) {
	if _, err := peer.NewTiresias(true, "spread"); err == nil || !strings.Contains(err.Error(), "yarn") {
		t.Errorf("error %v, want one that lists the placements", err)
	}
}

// A job that was set aside comes back when nodes are added.
func TestAsideUntilNodesAreAdded(t *testing.T) {
	names := &state.Names{}
	l := run(t, sim.Config{Names: names, Nodes: plain(8, 4), Policy: peer.NewHelios(peer.HeliosFIFO),
		Source:  &jobs{list: []job{{length: 5, gpus: 12}, {length: 5, gpus: 8}, {submit: 1, length: 5, gpus: 16}, {submit: 2, length: 1, gpus: 1}}},
		Changes: []sim.Change{{At: 20 * state.Second, Kind: sim.ChangeAdd, Spec: cluster.NodeSpec{Name: "new", GPUs: 8}}}})
	if l.jobs[2].start != 20*state.Second {
		t.Errorf("the job of 16 GPUs started at %d ns, want 20 s", l.jobs[2].start)
	}
}
