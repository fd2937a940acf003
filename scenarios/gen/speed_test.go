package gen

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

func TestDrawingDoesNotAllocate(t *testing.T) {
	for _, name := range []string{"swf-load", "swf-load-sizes", "philly", "helios"} {
		spec, _ := Preset(name)
		spec.Jobs = 200_000
		src := open(t, spec, 1)
		var j state.JobSpec
		for range 100_000 { // names met, room made
			if _, err := src.Next(&j); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(10_000, func() { _, _ = src.Next(&j) }); n != 0 {
			t.Errorf("%s: %v allocations a job", name, n)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, name := range []string{"swf-load", "philly"} {
		b.Run(name, func(b *testing.B) {
			spec, _ := Preset(name)
			spec.Jobs, spec.Load, spec.Arrivals.Interval = 1<<40, Load{}, state.Second/1000
			src := open(b, spec, 1)
			var j state.JobSpec
			b.ReportAllocs()
			for b.Loop() {
				if _, err := src.Next(&j); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
