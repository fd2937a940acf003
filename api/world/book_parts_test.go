package world

import (
	"slices"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// TestPodsOnNodesInARow: a batch tells of equal parts on nodes in a row as one, a job shows each of its pods.
func TestPodsOnNodesInARow(t *testing.T) {
	batch := &state.Batch{Parts: []state.Part{{Mask: 255, Milli: 1000, Node: 3, Pod: 0, More: 2}, {Mask: 1, Milli: 1000, Node: 9, Pod: 3}}}
	got := podsOf(&state.Event{Kind: state.EvStart, Node: 0, B: 2}, batch)
	want := []Pod{{Node: 3, Devices: 255}, {Index: 1, Node: 4, Devices: 255}, {Index: 2, Node: 5, Devices: 255}, {Index: 3, Node: 9, Devices: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("pods %+v, want %+v", got, want)
	}
}
