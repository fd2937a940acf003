//go:build wasip1

// Best fit: a pod goes where it leaves the least behind. Among the nodes that can hold it, the one with the fewest wholly free
// GPUs, then the fewest free thousandths of GPUs; a pod without GPUs goes to the node with the least free CPU.
package main

func init() {
	policy("best-fit", 0, NodesGPUsFree, NodesGPUMilliFree, NodesCPUFreeMilli, RolesPodGPUs)
}

// The host never picks a node that cannot hold the pod, so the loops look at every node and have no branch.
//
//go:wasmexport sched1_score
func score(_, role, n uint32) int32 {
	out := scores[:n]
	if roles.PodGPUs[role] > 0 {
		gpus, milli := nodes.GPUsFree[:n], nodes.GPUMilliFree[:n]
		for i := range out {
			out[i] = -int32(gpus[i]*131072 + milli[i]) // 64 GPUs are 64,000 thousandths: less than one GPU's weight
		}
		return StatusOk
	}
	cpu := nodes.CPUFreeMilli[:n]
	for i := range out {
		out[i] = -int32(min(cpu[i], 1<<30))
	}
	return StatusOk
}

func main() {}
