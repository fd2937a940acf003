// Guest is a policy's worth of Go for tests and benchmarks of the rewriter: a map, garbage, floats, strings, a goroutine.
package main

import (
	"sort"
	"strconv"
	"unsafe"
)

var (
	nodes  [1024]uint32
	scores [1024]float64
	seen   = map[uint32]uint32{}
	log    []string
)

//go:wasmexport column
func column() uint32 { return uint32(uintptr(unsafe.Pointer(&nodes[0]))) }

//go:wasmexport fill
func fill() {
	x := uint32(1)
	for i := range nodes {
		x = x*1664525 + 1013904223
		nodes[i] = x >> 20
	}
}

// score keeps what it has seen, so that a call depends on all calls before it.
//
//go:wasmexport score
func score(n uint32) uint32 {
	best, at := -1.0, uint32(0)
	for i := range n {
		s := float64(nodes[i]) / float64(3+seen[nodes[i]])
		scores[i] = s
		seen[nodes[i]]++
		if s > best {
			best, at = s, i
		}
	}
	return at + uint32(len(seen))
}

// churn makes garbage, sorts and waits for a goroutine.
//
//go:wasmexport churn
func churn(n uint32) uint32 {
	done := make(chan int)
	go func() {
		for i := range n {
			log = append(log, strconv.Itoa(int(nodes[i%1024]*7919)))
		}
		sort.Strings(log)
		done <- len(log)
	}()
	total := uint32(<-done)
	for i, s := range log {
		total = total*31 + uint32(len(s)+i)
	}
	if len(log) > 4096 {
		log = nil
	}
	return total
}

func main() {}
