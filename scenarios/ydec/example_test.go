package ydec_test

import (
	"fmt"

	"github.com/orrery-sim/orrery/scenarios/ydec"
)

func ExampleDecode() {
	type pool struct {
		Name  string `yaml:"name,required,key"`
		Nodes int    `yaml:"nodes,required" min:"1"`
	}
	var cluster struct {
		Pools []pool `yaml:"pools,required"`
	}
	text := "pools:\n  - {name: train, nodes: 1_000}\n  - {name: serve, ndoes: 4}\n"
	_, diags := ydec.Decode("cluster.yaml", []byte(text), &cluster, ydec.Options{})
	fmt.Println(diags.Err())
	// Output:
	// cluster.yaml:2:26  pools[0].nodes: "1_000" is no whole number
	//                    found 1_000; expected a whole number of at least 1
	//                    write 1000
	// cluster.yaml:3:5  pools[1]: the key "nodes" is missing
	//                   expected nodes: a whole number of at least 1
	// cluster.yaml:3:19  pools[1]: unknown key "ndoes"
	//                    keys here: name, nodes   (did you mean "nodes"?)
}
