package conform

import (
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// mix is jobs of every form on nodes of two types, with estimates that are wrong, users and priorities.
func mix() *trial.World {
	w := &trial.World{Name: "mix", Seed: 1, Types: []string{"A", "B"},
		Nodes: append(trial.NodesOf(4, 0, 8, 64_000, 4_000), trial.NodesOf(2, 1, 4, 32_000, 2_000)...)}
	for i := range int64(240) {
		var roles []state.RoleSpec
		switch i % 5 {
		case 0:
			roles = []state.RoleSpec{trial.AnyGPUs(int32(1 + i*7%20))}
		case 1:
			roles = []state.RoleSpec{trial.Pods(int32(1+i%3), int32(1+i*5%8), 2000, 100)}
		case 2:
			roles = []state.RoleSpec{trial.Shares(int32(1+i%3), int32(100+i*37%900))}
		case 3:
			roles = []state.RoleSpec{trial.Pods(1, 0, 4000, 200), trial.Pods(2, 2, 1000, 50)}
		default:
			roles = []state.RoleSpec{trial.Pods(1, int32(1+i%4), 0, 0)}
			roles[0].TypeMask = uint64(1 + i%2)
		}
		j := trial.JobOf(i/2, 1+i*11%23, roles...)
		j.User, j.Priority, j.Estimate = int32(i%6)-1, int32(i%3), state.Time(1+i*13%29)*state.Second
		w.Jobs = append(w.Jobs, j)
	}
	return w
}

// growth is more nodes, devices, jobs and roles than tables have room for at first, in bursts.
func growth() *trial.World {
	w := &trial.World{Name: "growth", Seed: 2, Types: []string{"A"}, Nodes: trial.NodesOf(300, 0, 4, 16_000, 1_000)}
	for i := range int64(1200) {
		w.Jobs = append(w.Jobs, trial.JobOf(1+i/400*50, 20+i%7, trial.Pods(1+int32(i%3), 1+int32(i%4), 100+i, 0)))
	}
	return w
}

// recycling is many short jobs, so that a few slots are used again and again; a longer one is used to see whether memory grows.
func recycling(jobs int64) *trial.World {
	w := &trial.World{Name: "recycling", Seed: 3, Types: []string{"A"}, Nodes: trial.NodesOf(3, 0, 8, 0, 0)}
	for i := range jobs {
		w.Jobs = append(w.Jobs, trial.JobOf(1+i, 1+i*5%4, trial.Pods(1+int32(i%2), 1+int32(i*3%8), 0, 0)))
	}
	return w
}

// events is a world in which everything happens that a guest can hear of: nodes fail, come back, are cordoned, drained and added, jobs
// are evicted by that, wait for others, give up, are cancelled; in two partitions.
func events() *trial.World {
	w := &trial.World{Name: "events", Seed: 4, Types: []string{"A"}, Nodes: trial.NodesOf(6, 0, 4, 0, 0)}
	w.Nodes[4].Partition, w.Nodes[5].Partition = 1, 1
	for i := range int64(160) {
		j := trial.JobOf(i/3, 1+i*7%11, trial.AnyGPUs(1+int32(i*5%9)))
		j.Estimate = state.Time(i*11%14) * state.Second
		switch {
		case i%5 == 4:
			j.After = []state.Dep{{Row: uint64(i - 2), When: state.Condition(i % 2)}}
		case i%4 == 1:
			j.Patience = state.Time(i%7) * state.Second
		case i%6 == 0:
			j.MaxRun = 3 * state.Second
		case i%3 == 2:
			j.Partition = 1
		}
		w.Jobs = append(w.Jobs, j)
	}
	for i := range int64(12) {
		at := state.Time(2+5*i) * state.Second
		node := int32(i % 6)
		w.Changes = append(w.Changes, sim.Change{At: at, Kind: sim.ChangeDown, Node: node}, sim.Change{At: at, Kind: sim.ChangeCordon, Node: (node + 1) % 6},
			sim.Change{At: at + state.Second, Kind: sim.ChangeDrain, Node: (node + 2) % 6}, sim.Change{At: at + 2*state.Second, Kind: sim.ChangeUp, Node: node},
			sim.Change{At: at + 3*state.Second, Kind: sim.ChangeUncordon, Node: (node + 1) % 6}, sim.Change{At: at + 3*state.Second, Kind: sim.ChangeUp, Node: (node + 2) % 6})
	}
	w.Changes = append(w.Changes, sim.Change{At: 70 * state.Second, Kind: sim.ChangeAdd, Spec: trial.NodesOf(1, 0, 8, 0, 0)[0]})
	return w
}

// burst is a thousand jobs at one instant and a gang of 300 pods, all of which fit at once: more decisions than a buffer holds.
func burst() *trial.World {
	w := &trial.World{Name: "burst", Seed: 5, Types: []string{"A"}, Nodes: trial.NodesOf(170, 0, 8, 0, 0)}
	for range 1000 {
		w.Jobs = append(w.Jobs, trial.JobOf(1, 5, trial.Pods(1, 1, 0, 0)))
	}
	w.Jobs = append(w.Jobs, trial.JobOf(1, 5, trial.Pods(300, 1, 0, 0)))
	return w
}

// fixed are the worlds whose digests a report prints.
func fixed() []*trial.World {
	list := []*trial.World{mix(), growth(), recycling(1500), events(), burst()}
	worlds := trial.Worlds()
	for i := range worlds {
		list = append(list, &worlds[i])
	}
	return list
}

// emptyNodes and oneNode are the smallest clusters.
func emptyNodes() *trial.World {
	return &trial.World{Name: "no nodes", Types: []string{"A"}, Jobs: []state.JobSpec{trial.JobOf(0, 5, trial.AnyGPUs(1)), trial.JobOf(1, 5, trial.Pods(1, 0, 1000, 1))}}
}

func oneNode() *trial.World {
	w := &trial.World{Name: "one node", Types: []string{"A"}, Nodes: trial.NodesOf(1, 0, 1, 0, 0)}
	for i := range int64(20) {
		w.Jobs = append(w.Jobs, trial.JobOf(i/2, i%3, trial.Pods(1, 1, 0, 0)))
	}
	return w
}
