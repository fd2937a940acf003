package scenarios

import (
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/rng"
)

// How long repairs take (estimates of FACTS.md 6.6): p50 and p90 in seconds. What restarts a process costs no node: the job's
// recovery says what it costs.
var (
	noRepair = rng.Dist(rng.Constant{})
	reboot   = between(12*60, 20*60)
	switched = between(2*3600, 4*3600)
	served   = between(2*3600, 8*3600)
	replaced = between(24*3600, 7*86400)
)

func between(p50, p90 float64) rng.Dist {
	mu := rng.Log(p50)
	return rng.Lognormal{Mu: mu, Sigma: (rng.Log(p90) - mu) / rng.NormalQuantile(.9)}
}

// llamaCauses are the 419 unexpected interruptions of Llama 3's training by cause (FACTS.md 6.6), with estimated repairs. A
// watchdog's finding is a hang.
var llamaCauses = []struct {
	name   string
	weight int64
	repair rng.Dist
	hang   float64
}{
	{"gpu", 148, replaced, 0}, {"hbm", 72, replaced, 0}, {"software", 54, noRepair, 0}, {"switch-cable", 35, switched, 0}, {"host-maintenance", 32, served, 0},
	{"gpu-sram", 19, reboot, 0}, {"gpu-gsp", 17, reboot, 0}, {"nic", 7, replaced, 0}, {"nccl-watchdog", 7, noRepair, 1}, {"silent-corruption", 6, replaced, 0},
	{"thermal", 6, served, 0}, {"ssd", 3, replaced, 0}, {"psu", 3, replaced, 0}, {"chassis", 2, replaced, 0}, {"io-board", 2, replaced, 0}, {"dependency", 2, noRepair, 0},
	{"cpu", 2, replaced, 0}, {"memory", 2, replaced, 0},
}

// failurePresets are rates by preset: failures of a node, or of a GPU, a day (FACTS.md 6.5; hopper, ampere and t4 are the
// estimates of FACTS.md 8). Published mixes of causes there are only of Llama 3; the others take it.
var failurePresets = map[string]struct{ node, gpu float64 }{
	"llama3": {node: 3.8e-3}, "meta-rsc-1": {node: 6.5e-3}, "meta-rsc-2": {node: 2.34e-3}, "b200": {gpu: 2.7e-4},
	"hopper": {node: 3.8e-3}, "ampere": {node: 2.5e-3}, "t4": {node: 1e-3},
}

// preset adds a preset's process.
func (c *failureCompiler) preset(name string) {
	rates := failurePresets[name]
	p := fault.Process{Name: name, Each: fault.EachNode}
	rate := rates.node
	if rates.gpu > 0 {
		p.Each, rate = fault.EachGPU, rates.gpu
	}
	p.Life = c.scaled(rng.Exponential{Mean: 86400 / rate})
	if rates.gpu > 0 {
		p.Causes = []fault.Cause{{ID: c.cause("xid"), Weight: 1, Repair: reboot}}
	} else {
		for _, x := range llamaCauses {
			p.Causes = append(p.Causes, fault.Cause{ID: c.cause(x.name), Weight: x.weight, Repair: x.repair, Hang: x.hang})
		}
	}
	c.m.Processes = append(c.m.Processes, p)
}
