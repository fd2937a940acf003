package trace

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// manyRows is the same work in both streamed formats.
func manyRows(format string, n int) string {
	var b strings.Builder
	if format == "orrery" {
		b.WriteString("job,submit_s,duration_s,gpus,estimate_s,user\n")
	}
	for i := range n {
		if format == "orrery" {
			fmt.Fprintf(&b, "%d,%d,%d,%d,%d,u%d\n", i+1, i*7, 60+i%9999, 1<<(i%6), 9999, i%200)
		} else {
			fmt.Fprintf(&b, "%d %d -1 %d %d -1 -1 %d %d -1 1 %d 1 1 1 1 -1 -1\n", i+1, i*7, 60+i%9999, 1<<(i%6), 1<<(i%6), 9999, i%200)
		}
	}
	return b.String()
}

func TestStreamedFormatsAllocateNothingPerRow(t *testing.T) {
	for _, format := range []string{"orrery", "swf"} {
		const rows = 20_000
		names := new(state.Names)
		src, _, err := Open(format, write(t, "x", manyRows(format, rows)), Options{}, names)
		if err != nil {
			t.Fatal(err)
		}
		var spec state.JobSpec
		next := func() {
			for range 1000 {
				if ok, err := src.Next(&spec); !ok || err != nil {
					t.Fatal(ok, err)
				}
			}
		}
		next() // names are met
		if n := testing.AllocsPerRun(10, next); n != 0 {
			t.Errorf("%s: %v allocations in 1000 rows", format, n)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	for _, format := range []string{"orrery", "swf"} {
		const rows = 200_000
		path := write(b, "x", manyRows(format, rows))
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				src, _, err := Open(format, path, Options{}, new(state.Names))
				if err != nil {
					b.Fatal(err)
				}
				var spec state.JobSpec
				for {
					ok, err := src.Next(&spec)
					if err != nil {
						b.Fatal(err)
					}
					if !ok {
						break
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
