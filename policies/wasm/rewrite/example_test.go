package rewrite_test

import (
	"fmt"
	"os"

	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
)

func ExampleRewrite() {
	module, err := os.ReadFile("testdata/score-simd.wasm")
	if err != nil {
		fmt.Println(err)
		return
	}
	o := rewrite.Default()
	o.MaxMemoryPages = 16
	r, err := rewrite.Rewrite(module, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("memory of %d to %d pages, fuel schedule %d\n", r.Memory.Min, r.Memory.Max, rewrite.Version)
	for _, f := range r.Exports {
		fmt.Println(f.Name, f.Signature)
	}
	for _, g := range r.Globals {
		fmt.Println(g.Export, g.Type)
	}

	o.MaxLoops = 1
	_, err = rewrite.Rewrite(module, o)
	fmt.Println(err)
	// Output:
	// memory of 6 to 16 pages, fuel schedule 1
	// fill () -> ()
	// score (i32) -> i32
	// fscore (i32) -> f32
	// best (i32) -> i32
	// tree (i32) -> i32
	// __orrery_g0 i32
	// wasm module: byte 0x24f, function 1 "score": got 2 loops in a function, wanted at most 1; split the function, or have the compiler inline less
}
