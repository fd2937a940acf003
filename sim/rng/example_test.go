package rng_test

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/rng"
)

func Example() {
	failures := rng.NewKey(42, "node-failure") // once a run
	life := rng.Weibull{Scale: 86400, Shape: 0.7}
	for node := range uint64(3) {
		s := failures.Stream(node, 0)
		fmt.Println(node, rng.Nanoseconds(life.Quantile(s.Float64()))/1e9, "s")
	}
	// Output:
	// 0 210461 s
	// 1 11488 s
	// 2 33909 s
}
