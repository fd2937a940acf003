package wasm

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// nodeField is the engine's column behind one of the ABI's, of 32 bits.
func nodeField(n *state.Nodes, id int) *[]uint32 {
	switch id {
	case sched1.NodesFlags:
		return &n.Flags
	case sched1.NodesType:
		return &n.Type
	case sched1.NodesFirstGPU:
		return &n.FirstGPU
	case sched1.NodesGPUsTotal:
		return &n.GPUsTotal
	case sched1.NodesGPUsFree:
		return &n.GPUsFree
	case sched1.NodesGPUMilliFree:
		return &n.MilliFree
	case sched1.NodesGPUMilliMax:
		return &n.MilliMax
	case sched1.NodesCPUTotalMilli:
		return &n.CPUTotal
	case sched1.NodesCPUFreeMilli:
		return &n.CPUFree
	case sched1.NodesMemTotalMib:
		return &n.MemTotal
	case sched1.NodesMemFreeMib:
		return &n.MemFree
	case sched1.NodesPool:
		return &n.Pool
	case sched1.NodesPartition:
		return &n.Partition
	}
	return &n.Pods
}

func nodeValue(n *state.Nodes, id int, slot int32) uint64 {
	switch id {
	case sched1.NodesGPUFreeMask:
		return n.FreeMask[slot]
	case sched1.NodesUpSinceNS:
		return uint64(n.UpSince[slot])
	}
	return uint64((*nodeField(n, id))[slot])
}

// cell is where a row of jobs holds a column as it is, and its bytes; size 0 = it is computed.
type cell struct{ offset, size uint32 }

// jobCells are the cells by column.
var jobCells = func() (cells [sched1.MaxCols]cell) {
	var j state.Job
	for id, c := range map[int]cell{
		sched1.JobsState:         {uint32(unsafe.Offsetof(j.State)), uint32(unsafe.Sizeof(j.State))},
		sched1.JobsNumber:        {uint32(unsafe.Offsetof(j.Number)), uint32(unsafe.Sizeof(j.Number))},
		sched1.JobsGen:           {uint32(unsafe.Offsetof(j.Gen)), uint32(unsafe.Sizeof(j.Gen))},
		sched1.JobsQueue:         {uint32(unsafe.Offsetof(j.Queue)), uint32(unsafe.Sizeof(j.Queue))},
		sched1.JobsUser:          {uint32(unsafe.Offsetof(j.User)), uint32(unsafe.Sizeof(j.User))},
		sched1.JobsPartition:     {uint32(unsafe.Offsetof(j.Partition)), uint32(unsafe.Sizeof(j.Partition))},
		sched1.JobsPrio:          {uint32(unsafe.Offsetof(j.Priority)), uint32(unsafe.Sizeof(j.Priority))},
		sched1.JobsGPUs:          {uint32(unsafe.Offsetof(j.GPUs)), uint32(unsafe.Sizeof(j.GPUs))},
		sched1.JobsSubmitNS:      {uint32(unsafe.Offsetof(j.Submit)), uint32(unsafe.Sizeof(j.Submit))},
		sched1.JobsStartNS:       {uint32(unsafe.Offsetof(j.Start)), uint32(unsafe.Sizeof(j.Start))},
		sched1.JobsExpEndNS:      {uint32(unsafe.Offsetof(j.ExpEnd)), uint32(unsafe.Sizeof(j.ExpEnd))},
		sched1.JobsWaitedNS:      {uint32(unsafe.Offsetof(j.QueuedNS)), uint32(unsafe.Sizeof(j.QueuedNS))},
		sched1.JobsAttainedGPUNS: {uint32(unsafe.Offsetof(j.Attained)), uint32(unsafe.Sizeof(j.Attained))},
		sched1.JobsEstNS:         {uint32(unsafe.Offsetof(j.Estimate)), uint32(unsafe.Sizeof(j.Estimate))},
	} {
		cells[id] = c
	}
	return cells
}()

// fixed reports whether a column of jobs never changes while a job lives.
func fixed(id int) bool {
	switch id {
	case sched1.JobsNumber, sched1.JobsGen, sched1.JobsQueue, sched1.JobsUser, sched1.JobsPartition, sched1.JobsRoleFirst, sched1.JobsNRoles,
		sched1.JobsGPUs, sched1.JobsSubmitNS, sched1.JobsEstNS, sched1.JobsTrueDurationNS:
		return true
	}
	return id >= sched1.JobsX0
}

func jobValue(v *state.View, x *columns, id int, slot int32) uint64 {
	j := &v.Jobs.Row[slot]
	switch id {
	case sched1.JobsState:
		return uint64(j.State)
	case sched1.JobsNumber:
		return j.Number
	case sched1.JobsGen:
		return uint64(j.Gen)
	case sched1.JobsQueue:
		return uint64(uint32(j.Queue))
	case sched1.JobsUser:
		return uint64(uint32(j.User))
	case sched1.JobsPartition:
		return uint64(uint32(j.Partition))
	case sched1.JobsPrio:
		return uint64(uint32(j.Priority))
	case sched1.JobsRoleFirst:
		return uint64(v.Shapes.RoleFirst[j.Shape])
	case sched1.JobsNRoles:
		return uint64(v.Shapes.RoleN[j.Shape])
	case sched1.JobsGPUs:
		return uint64(j.GPUs)
	case sched1.JobsGPUsNow:
		if j.State != state.JobRunning {
			return 0
		}
		return uint64(j.GPUsNow)
	case sched1.JobsSubmitNS:
		return uint64(j.Submit)
	case sched1.JobsStartNS:
		return uint64(j.Start)
	case sched1.JobsExpEndNS:
		return uint64(j.ExpEnd)
	case sched1.JobsSinceNS:
		if j.State == state.JobRunning {
			return uint64(j.AttainedAt)
		}
		return uint64(j.QueuedAt)
	case sched1.JobsWaitedNS:
		return uint64(j.QueuedNS)
	case sched1.JobsAttainedGPUNS:
		return uint64(j.Attained)
	case sched1.JobsEstNS:
		return uint64(j.Estimate)
	case sched1.JobsAttempts:
		return uint64(j.Attempts)
	case sched1.JobsEvictions:
		return uint64(j.Evictions)
	case sched1.JobsTrueDurationNS:
		if int(slot) >= len(v.Jobs.TrueDuration) {
			return 0 // there is no job yet
		}
		return uint64(v.Jobs.TrueDuration[slot])
	}
	at := x[id-sched1.JobsX0]
	if at < 0 || int(slot) >= len(v.Jobs.X[at]) {
		return 0
	}
	return uint64(v.Jobs.X[at][slot])
}

// columns are which of the trace's own columns jobs.x0, x1 ... are: those that params.x names, else all in the trace's order.
type columns [state.MaxX]int

func (p *Params) columns(names *state.Names) (c columns, err error) {
	for i := range c {
		if c[i] = i; len(p.x) > 0 {
			c[i] = -1
		}
	}
	for i, name := range p.x {
		at, ok := names.X.Lookup(name)
		if !ok {
			there := "it has none of its own"
			if names.X.Len() > 0 {
				there = "there are " + strings.Join(names.X.All(), ", ")
			}
			return c, fmt.Errorf("params.x names %q, which the workload has not; %s", name, there)
		}
		c[i] = int(at)
	}
	return c, nil
}

func roleValue(r *state.RoleSpec, id int) uint64 {
	switch id {
	case sched1.RolesReplicas:
		return uint64(r.Replicas)
	case sched1.RolesPodGPUs:
		return uint64(r.PodGPUs)
	case sched1.RolesPodGPUMilli:
		return uint64(r.GPUMilli)
	case sched1.RolesPodCPUMilli:
		return uint64(r.CPUMilli)
	case sched1.RolesPodMemMib:
		return uint64(r.MemMiB)
	case sched1.RolesTypeMask:
		return r.TypeMask
	}
	return uint64(r.Flags)
}

func gpuValue(c *cluster.Cluster, id int, slot int32) uint64 {
	node := c.NodeOfGPU(slot)
	index := int(slot) - int(c.Nodes().FirstGPU[node])
	switch id {
	case sched1.GPUsNode:
		return uint64(node)
	case sched1.GPUsIndex:
		return uint64(index)
	case sched1.GPUsMode:
		return c.SharedMask(node) >> index & 1
	}
	return uint64(c.FreeMilli(node, index))
}
