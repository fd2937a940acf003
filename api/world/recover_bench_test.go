package world

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// BenchmarkRecover is how long a world takes to come back, a job of its history.
func BenchmarkRecover(b *testing.B) {
	dir := b.TempDir()
	w, err := New(kept(dir, "paused"))
	if err != nil {
		b.Fatal(err)
	}
	const jobs = 20_000
	for i := range jobs {
		submitTo(b, w, "sleep 30", 1+i%4)
		if i%4 == 3 {
			if _, err := w.Advance(b.Context(), 60*state.Second); err != nil {
				b.Fatal(err)
			}
		}
	}
	w.Close()
	for b.Loop() {
		w, err := New(kept(dir, "paused"))
		if err != nil {
			b.Fatal(err)
		}
		w.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/jobs, "ns/job")
}
