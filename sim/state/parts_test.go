package state

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPartsComeBack: parts that were put together come apart as they were, and equal ones on nodes in a row are one.
func TestPartsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Batch
		var want [][]Part
		for range rapid.IntRange(1, 4).Draw(t, "events") {
			parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Part {
				return Part{Mask: rapid.Uint64Range(1, 2).Draw(t, "mask"), CPU: rapid.Uint32Range(0, 1).Draw(t, "cpu"), Milli: 1000,
					Node: rapid.Int32Range(0, 3).Draw(t, "node"), Pod: rapid.Int32Range(0, 2).Draw(t, "pod")}
			}), 0, 6).Draw(t, "parts")
			if n := rapid.Int32Range(0, 5).Draw(t, "row"); n > 0 {
				for i := range n {
					parts = append(parts, Part{Mask: 255, Milli: 1000, Node: 7 + i, Pod: i})
				}
			}
			first := len(b.Parts)
			b.Parts = AppendParts(b.Parts, first, parts...)
			b.Events = append(b.Events, Event{Kind: EvStart, Node: int32(first), B: int32(len(b.Parts) - first)})
			want = append(want, parts)
		}
		for i := range b.Events {
			if got := slices.Collect(b.EachPartOf(&b.Events[i])); !slices.Equal(got, want[i]) {
				t.Fatalf("event %d: %+v, want %+v", i, got, want[i])
			}
			parts := b.PartsOf(&b.Events[i])
			for k := 1; k < len(parts); k++ {
				if next := parts[k]; parts[k-1].goesOn(&next) {
					t.Fatalf("%+v could be one with %+v", parts[k], parts[k-1])
				}
			}
		}
	})
}
