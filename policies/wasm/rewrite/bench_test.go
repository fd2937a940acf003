package rewrite

import (
	"context"
	"testing"
	"time"
)

// BenchmarkRewrite is the time to rewrite a small C guest and one of the standard Go toolchain.
func BenchmarkRewrite(b *testing.B) {
	for _, name := range []string{"score-simd.wasm", "go"} {
		b.Run(name, func(b *testing.B) {
			module := guestModule(b, name)
			b.SetBytes(int64(len(module)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Rewrite(module, Default()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFuel compares loops with and without what is injected: ratio is the time of the rewritten module over that of the
// original, both the fastest of interleaved rounds; fuel-ratio is that of fuel and depth alone, without canonical NaN.
func BenchmarkFuel(b *testing.B) {
	for _, c := range []struct {
		name, fn string
		arg      uint64
	}{{"score-simd.wasm", "score", 10_000}, {"score-simd.wasm", "fscore", 10_000}, {"score-scalar.wasm", "score", 10_000},
		{"score-scalar.wasm", "best", 10_000}, {"score-scalar.wasm", "tree", 12}, {"go", "score", 1_000}} {
		b.Run(c.name+"/"+c.fn, func(b *testing.B) {
			module := guestModule(b, c.name)
			o := Default()
			o.keepNaN = true
			forms := [][]byte{module, rewritten(b, module, Default()).Module, rewritten(b, module, o).Module}
			var fns [3]func() time.Duration
			var best [3]time.Duration
			for i, form := range forms {
				g := mustLoad(b, form, compiler)
				g.begin()
				g.call("fill", 1<<40)
				f, stack := g.ExportedFunction(c.fn), make([]uint64, 4)
				fns[i] = func() time.Duration {
					if i > 0 {
						g.counter(FuelExport).Set(1 << 60)
					}
					at := time.Now()
					for range 10 {
						stack[0] = c.arg
						if err := f.CallWithStack(context.Background(), stack); err != nil {
							b.Fatal(err)
						}
					}
					return time.Since(at) / 10
				}
			}
			for b.Loop() {
				for i, f := range fns {
					if d := f(); best[i] == 0 || d < best[i] {
						best[i] = d
					}
				}
			}
			b.ReportMetric(float64(best[0].Nanoseconds()), "ns/call")
			b.ReportMetric(float64(best[1])/float64(best[0]), "ratio")
			b.ReportMetric(float64(best[2])/float64(best[0]), "fuel-ratio")
		})
	}
}
