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
		byGPUs(out, nodes.GPUsFree[:n], nodes.GPUMilliFree[:n])
		return StatusOk
	}
	cpu := nodes.CPUFreeMilli[:n]
	for i := range out {
		out[i] = -int32(min(cpu[i], 1<<30))
	}
	return StatusOk
}

// byGPUs takes eight nodes at a time: the toolchain does not unroll loops, and an iteration costs as much as a node.
func byGPUs(out []int32, gpus, milli []uint32) {
	for len(out) >= 8 && len(gpus) >= 8 && len(milli) >= 8 {
		o, g, m := (*[8]int32)(out), (*[8]uint32)(gpus), (*[8]uint32)(milli)
		o[0] = -int32(g[0]*131072 + m[0]) // 64 GPUs are 64,000 thousandths: less than one GPU's weight
		o[1] = -int32(g[1]*131072 + m[1])
		o[2] = -int32(g[2]*131072 + m[2])
		o[3] = -int32(g[3]*131072 + m[3])
		o[4] = -int32(g[4]*131072 + m[4])
		o[5] = -int32(g[5]*131072 + m[5])
		o[6] = -int32(g[6]*131072 + m[6])
		o[7] = -int32(g[7]*131072 + m[7])
		out, gpus, milli = out[8:], gpus[8:], milli[8:]
	}
	for i := range out {
		out[i] = -int32(gpus[i]*131072 + milli[i])
	}
}

func main() {}
