package run

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/orrery-sim/orrery/scenarios"
)

// erlangC is the mean wait of an M/M/c queue in units of the mean service time.
func erlangC(c int, rho float64) float64 {
	a := float64(c) * rho
	term, sum := 1.0, 0.0
	for k := range c {
		sum += term
		term *= a / float64(k+1)
	}
	last := term / (1 - rho)
	return last / (sum + last) / (float64(c) * (1 - rho))
}

// Poisson arrivals of jobs of one GPU that run exponential times on c GPUs, first come first served: the mean wait is Erlang's.
func TestMMcWaits(t *testing.T) {
	for _, x := range []struct {
		c   int
		rho float64
	}{{1, 0.5}, {4, 0.7}, {16, 0.8}} {
		var waits []float64
		for seed := range 16 {
			text := fmt.Sprintf(`apiVersion: orrery/v1
kind: Scenario
name: mmc
seed: %d
warmup: 100h
cluster:
  nodeTypes: {n: {gpu: T4, gpus: %d}}
  pools: [{name: p, nodeType: n, nodes: 1}]
workload:
  generator: {jobs: %d, arrivals: {process: poisson, every: %.6fs}, durations: [{exponential: {mean: 1h}}], sizes: [{gpus: 1}]}
`, seed+1, x.c, 6000*x.c, 3600/(float64(x.c)*x.rho))
			l, err := scenarios.Parse("mmc.yaml", ".", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			p, err := l.Compile()
			if err != nil {
				t.Fatal(err)
			}
			_, s, err := Execute(context.Background(), p, Options{})
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, float64(s.Wait.Mean)/3600)
		}
		var sum, squares float64
		for _, w := range waits {
			sum += w
		}
		mean := sum / float64(len(waits))
		for _, w := range waits {
			squares += (w - mean) * (w - mean)
		}
		half := 3.6 * math.Sqrt(squares/float64(len(waits)-1)/float64(len(waits)))
		if want := erlangC(x.c, x.rho); math.Abs(mean-want) > half || half > 0.2*want {
			t.Errorf("M/M/%d at %.2f: mean wait %.4f +- %.4f h, Erlang says %.4f", x.c, x.rho, mean, half, want)
		}
	}
}
