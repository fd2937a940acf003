package sdk

import (
	"math/rand/v2"
	"testing"

	"github.com/orrery-sim/orrery/policies/sched1"
)

// bestFit is the examples' rule for one node.
func bestFit(podGPUs, gpus, milli, cpu uint32) int32 {
	if podGPUs > 0 {
		return -int32(gpus*131072 + milli)
	}
	return -int32(min(cpu, 1<<30))
}

// scoresAsNative scores random nodes with roles that ask for GPUs and for none, while the tables grow.
func scoresAsNative(t *testing.T, wasm []byte) {
	g := load(t, wasm)
	if got := g.name(); got != "best-fit" {
		t.Errorf("the policy is called %q", got)
	}
	for _, c := range []struct {
		table uint32
		want  uint64
	}{
		{sched1.TableNodes, 1<<sched1.NodesGPUsFree | 1<<sched1.NodesGPUMilliFree | 1<<sched1.NodesCPUFreeMilli},
		{sched1.TableRoles, 1 << sched1.RolesPodGPUs},
		{sched1.TableJobs, 0},
	} {
		if got := g.wanted(c.table); got != c.want {
			t.Errorf("of table %d it wants columns %b, want %b", c.table, got, c.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, room := range []uint32{16, 64, 1024, 20000} {
		g.layout(room)
		for _, n := range []uint32{0, 1, 3, room - 1, room} {
			gpus, milli, cpu := make([]uint32, n), make([]uint32, n), make([]uint32, n)
			for i := range gpus {
				gpus[i], cpu[i] = r.Uint32N(65), r.Uint32()
				milli[i] = gpus[i]*1000 + r.Uint32N(1000)
			}
			g.set(sched1.TableNodes, sched1.NodesGPUsFree, gpus)
			g.set(sched1.TableNodes, sched1.NodesGPUMilliFree, milli)
			g.set(sched1.TableNodes, sched1.NodesCPUFreeMilli, cpu)
			g.set(sched1.TableRoles, sched1.RolesPodGPUs, []uint32{0, 1, 8})
			for role, pod := range []uint32{0, 1, 8} {
				if status := g.call(sched1.HookScore, 0, uint64(role), uint64(n)); status != 0 {
					t.Fatalf("sched1_score returns %d", status)
				}
				for i, got := range g.scores(int(n)) {
					if want := bestFit(pod, gpus[i], milli[i], cpu[i]); got != want {
						t.Fatalf("room %d, node %d of %d, role %d: score %d, want %d", room, i, n, role, got, want)
					}
				}
			}
		}
	}
}
