package trial

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// JobOf is a finished job of one role, without estimate, user, queue or priority; times in seconds.
func JobOf(submit, length int64, roles ...state.RoleSpec) state.JobSpec {
	var j state.JobSpec
	j.Reset()
	j.Submit, j.Duration, j.Roles = state.Time(submit)*state.Second, state.Time(length)*state.Second, roles
	return j
}

// AnyGPUs is a role of GPUs that placement may split as it likes.
func AnyGPUs(gpus int32) state.RoleSpec {
	return state.RoleSpec{Replicas: gpus, PodGPUs: 1, GPUMilli: cluster.Whole, Flags: state.RoleSplit}
}

// Pods is a role of pods with whole GPUs each; without GPUs they are CPU-only.
func Pods(replicas, gpus int32, cpuMilli, memMiB int64) state.RoleSpec {
	return state.RoleSpec{Replicas: replicas, PodGPUs: gpus, GPUMilli: cluster.Whole, CPUMilli: cpuMilli, MemMiB: memMiB}
}

// Shares is a role of pods with a part of one GPU each.
func Shares(replicas, milli int32) state.RoleSpec {
	return state.RoleSpec{Replicas: replicas, PodGPUs: 1, GPUMilli: milli}
}

// NodesOf are n nodes of one type with GPUs, CPU and memory, named apart.
func NodesOf(n int, typ, gpus, cpuMilli, memMiB uint32) []cluster.NodeSpec {
	out := make([]cluster.NodeSpec, n)
	for i := range out {
		out[i] = cluster.NodeSpec{Name: fmt.Sprintf("t%dg%d-%d", typ, gpus, i), Type: typ, GPUs: gpus, CPUMilli: cpuMilli, MemMiB: memMiB}
	}
	return out
}

func repeat(n int, j state.JobSpec) []state.JobSpec {
	out := make([]state.JobSpec, n)
	for i := range out {
		out[i] = j
	}
	return out
}

func with(j state.JobSpec, change func(*state.JobSpec)) state.JobSpec {
	change(&j)
	return j
}

// Worlds are the hard little worlds that every policy lives through.
func Worlds() []World {
	two := append(NodesOf(2, 0, 8, 64000, 1000), NodesOf(1, 1, 4, 16000, 500)...)
	types := []string{"A", "B"}
	typed := func(r state.RoleSpec, mask uint64) state.RoleSpec { r.TypeMask = mask; return r }
	return append([]World{
		{Name: "no nodes", Jobs: []state.JobSpec{JobOf(0, 5, AnyGPUs(1)), JobOf(1, 5, Pods(1, 0, 1000, 1))}},
		{Name: "no jobs", Nodes: two, Types: types},
		{Name: "one node", Nodes: NodesOf(1, 0, 1, 0, 0), Types: types, Jobs: []state.JobSpec{JobOf(0, 5, AnyGPUs(1)), JobOf(2, 0, AnyGPUs(1)), JobOf(2, 3, AnyGPUs(1))}},
		{Name: "zero lengths", Nodes: NodesOf(1, 0, 2, 0, 0), Types: types, Jobs: append(repeat(20, JobOf(3, 0, AnyGPUs(2))), JobOf(3, 1, AnyGPUs(1)))},
		{Name: "a burst", Nodes: two, Types: types, Jobs: append(repeat(60, JobOf(1, 4, AnyGPUs(3))), repeat(60, JobOf(1, 7, AnyGPUs(5)))...)},
		{Name: "larger than the cluster", Nodes: two, Types: types, Jobs: []state.JobSpec{JobOf(0, 5, AnyGPUs(20)), JobOf(0, 5, AnyGPUs(21)),
			JobOf(0, 5, Pods(1, 9, 0, 0)), JobOf(1, 5, AnyGPUs(4)), JobOf(2, 5, Pods(3, 8, 0, 0))}},
		{Name: "CPU only", Nodes: append(two[:2:2], cluster.NodeSpec{Name: "cpu", CPUMilli: 8000, MemMiB: 100}), Types: types,
			Jobs: append(repeat(30, JobOf(0, 6, Pods(3, 0, 5000, 40))), JobOf(2, 3, AnyGPUs(6)), JobOf(3, 3, Pods(1, 0, 64001, 0)))},
		{Name: "fractions", Nodes: two, Types: types, Jobs: append(append(repeat(25, JobOf(0, 9, Shares(3, 300))), repeat(10, JobOf(1, 4, Shares(1, 999)))...),
			JobOf(2, 3, Pods(2, 4, 0, 0)), JobOf(2, 3, Shares(8, 500)))},
		{Name: "gangs", Nodes: two, Types: types, Jobs: append(repeat(8, JobOf(0, 5, Pods(1, 0, 2000, 10), Pods(2, 4, 8000, 10))),
			JobOf(1, 2, Pods(1, 1, 0, 0), Shares(2, 400), AnyGPUs(3)), JobOf(1, 2, Pods(20, 1, 0, 0)))},
		{Name: "types", Nodes: two, Types: types, Jobs: append(repeat(9, JobOf(0, 5, typed(AnyGPUs(4), 2))), JobOf(1, 5, typed(Pods(2, 3, 0, 0), 1)),
			JobOf(1, 5, typed(AnyGPUs(5), 2)), JobOf(2, 5, typed(Shares(2, 100), 3)), JobOf(2, 1, AnyGPUs(20)))},
		{Name: "drop", Nodes: two, Types: types, Drop: true, Jobs: append(append(repeat(6, JobOf(0, 9, AnyGPUs(6))), repeat(6, with(JobOf(1, 9, AnyGPUs(8)), byUser(1)))...),
			with(JobOf(4, 2, AnyGPUs(2)), byUser(1)), with(JobOf(12, 2, AnyGPUs(9)), byUser(1)), JobOf(13, 1, AnyGPUs(99)))},
	}, lives()...)
}

func byUser(user int32) func(*state.JobSpec) {
	return func(j *state.JobSpec) { j.User = user }
}

// lives are worlds whose jobs and nodes do not just come and go.
func lives() []World {
	nodes := NodesOf(3, 0, 4, 0, 0)
	apart := NodesOf(4, 0, 4, 0, 0)
	apart[2].Partition, apart[3].Partition = 1, 1
	in := func(p int32) func(*state.JobSpec) { return func(j *state.JobSpec) { j.Partition = p } }
	var mixed, guessed, recorded, waits []state.JobSpec
	for i := range int64(40) {
		mixed = append(mixed, with(JobOf(i/4, 1+i*5%7, AnyGPUs(int32(1+i%6))), in(int32(i%3%2))))
		guessed = append(guessed, with(JobOf(i/3, 1+i*7%17, AnyGPUs(int32(1+i*5%12))), func(j *state.JobSpec) {
			j.Estimate, j.User, j.Priority = state.Time(i*11%9)*state.Second, int32(i%4)-1, int32(i%3)
		}))
		recorded = append(recorded, with(JobOf(i/3, 1+i*7%5, AnyGPUs(int32(1+i*5%12))), func(j *state.JobSpec) {
			if i%4 > 0 {
				j.RecStart = j.Submit + state.Time(i*13%11)*state.Second
			}
		}))
		waits = append(waits, with(JobOf(i/3, 2+i*7%5, AnyGPUs(int32(1+i*5%12))), func(j *state.JobSpec) {
			if i%3 == 0 {
				j.Patience = state.Time(i%7) * state.Second
			}
			if i%5 == 4 {
				j.After = []state.Dep{{Row: uint64(i - 2), When: state.Condition(i % 2)}}
			}
		}))
	}
	down := []sim.Change{
		{At: 3 * state.Second, Kind: sim.ChangeDown, Node: 0},
		{At: 4 * state.Second, Kind: sim.ChangeCordon, Node: 1},
		{At: 9 * state.Second, Kind: sim.ChangeUp, Node: 0},
		{At: 9 * state.Second, Kind: sim.ChangeDrain, Node: 2},
		{At: 15 * state.Second, Kind: sim.ChangeUncordon, Node: 1},
		{At: 20 * state.Second, Kind: sim.ChangeAdd, Spec: NodesOf(1, 0, 8, 0, 0)[0]},
		{At: 25 * state.Second, Kind: sim.ChangeUp, Node: 2},
	}
	endless := with(JobOf(1, 0, AnyGPUs(5)), func(j *state.JobSpec) { j.Duration = state.Never })
	types := []string{"A"}
	return []World{
		{Name: "partitions", Nodes: apart, Types: types, Jobs: mixed},
		{Name: "wrong estimates", Nodes: nodes, Types: types, Jobs: guessed},
		{Name: "recorded starts", Nodes: nodes, Types: types, Jobs: recorded},
		{Name: "dependencies and patience", Nodes: nodes, Types: types, Jobs: waits},
		{Name: "nodes come and go", Nodes: nodes, Types: types, Jobs: guessed, Changes: down},
		{Name: "a horizon", Nodes: nodes, Types: types, Horizon: 30 * state.Second, Jobs: []state.JobSpec{JobOf(0, 100, AnyGPUs(7)), endless, endless, JobOf(2, 1, AnyGPUs(4))}},
	}
}
