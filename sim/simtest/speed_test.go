package simtest

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/speed"
	"github.com/orrery-sim/orrery/sim/state"
)

// bookOf is nodes of per GPUs whose cards send nic bytes a second, and one model: half a second of computing on 62.5 teraFLOPs, and so
// many bytes of gradients.
func bookOf(per int32, nic, grads float64) *speed.Book {
	return &speed.Book{GPUs: []speed.GPU{{Name: "G", Peak: 62.5e12, Scalar: 1}}, PerNode: []int32{per},
		Links:  []speed.Links{{NIC: nic, RDMA: true, Alpha: speed.RDMAHop, NodeAlpha: speed.NVLinkHop}},
		Models: []speed.Profile{{Name: "net", Net: &speed.Net{Name: "net", FLOPs: 25e12, MFU: .8, Grads: grads}}}}
}

// leaves are so many nodes of four GPUs, two a leaf, with uplinks of a rate.
func leaves(nodes int, uplink int64) (specs []cluster.NodeSpec, t *cluster.Topology, leaf []int32) {
	var domains []cluster.Domain
	for i := range (nodes + 1) / 2 {
		domains = append(domains, cluster.Domain{Name: fmt.Sprint("leaf-", i), Parent: -1, Uplink: uplink})
	}
	for i := range nodes {
		specs = append(specs, cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: 4})
		leaf = append(leaf, int32(i/2))
	}
	return specs, cluster.NewTopology([]cluster.Tier{{Name: "leaf", Count: int32(len(domains))}}, domains), leaf
}

func trains(submit, length state.Time, gpus int32) state.JobSpec {
	var j state.JobSpec
	j.Reset()
	j.Submit, j.Duration, j.Model = submit, length, 1
	j.Roles = []state.RoleSpec{Split(gpus)}
	return j
}

// endsOf runs a configuration and gives each job's end, by number.
func endsOf(t interface{ Fatal(...any) }, cfg sim.Config) map[uint64]state.Time {
	record := &Recorder{}
	cfg.Listeners = append(cfg.Listeners, record)
	if cfg.Names == nil {
		cfg.Names = &state.Names{}
	}
	if cfg.Policy == nil {
		cfg.Policy = FIFO{}
	}
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	out := map[uint64]state.Time{}
	for i := range record.Events {
		if ev := &record.Events[i]; ev.Kind == state.EvEnd {
			out[ev.Number] = ev.Time
		}
	}
	return out
}

// near allows for rates of 32 binary places.
func near(t *testing.T, what string, got state.Time, want float64) {
	t.Helper()
	if math.Abs(float64(got)/1e9-want) > 1e-6*want {
		t.Errorf("%s ends at %.6f s, want %.6f", what, float64(got)/1e9, want)
	}
}

func TestAJobAloneIsTheClosedForm(t *testing.T) {
	const grads, nic = 10e9, 10e9
	book := bookOf(4, nic, grads)
	step := func(g, k int32) float64 { return book.Models[0].Net.Step(&book.GPUs[0], &book.Links[0], g, k, 1) }
	nodes, topo, leaf := leaves(4, 0)
	run := func(jobs ...state.JobSpec) map[uint64]state.Time {
		return endsOf(t, sim.Config{Nodes: nodes, Topology: topo, Leaf: leaf, Speed: book, Source: NewSource(jobs...)})
	}
	got := run(trains(0, 100*state.Second, 8))
	if got[0] != 100*state.Second {
		t.Errorf("two whole nodes of one leaf: ends at %d ns, want exactly the recorded 100 s", got[0])
	}
	// The first job holds one GPU of node 0, so four GPUs are three there and one on node 1: two nodes where one would do.
	got = run(trains(0, 1000*state.Second, 1), trains(0, 100*state.Second, 4))
	near(t, "four GPUs on two nodes", got[1], 100*step(2, 2)/step(4, 1))
	got = run(func() state.JobSpec { j := trains(0, 100*state.Second, 8); j.Model = 0; return j }())
	if got[0] != 100*state.Second {
		t.Errorf("a job of which nothing is known: ends at %d ns, want the recorded 100 s", got[0])
	}
}

func TestTwoJobsOnOneUplink(t *testing.T) {
	const grads, nic = 40e9, 10e9
	book := bookOf(4, nic, grads)
	nodes, topo, _ := leaves(4, nic)
	cross := []int32{0, 1, 0, 1} // nodes 0 and 2 in one leaf, 1 and 3 in the other: each job has a node in both
	gpu, net := &book.GPUs[0], book.Models[0].Net
	links := book.Links[0]
	recorded := net.Step(gpu, &links, 4, 2, 1) // in one leaf, as the work is measured
	links.Alpha += speed.TierHop
	alone, busy := net.Step(gpu, &links, 4, 2, 1), net.Busy(gpu, &links, 4, 2)
	// Each uplink is one node's cards wide and has two jobs: half each while both send, which the other does busy of the time.
	slower := 1 + busy*(2-1)
	shared := net.Step(gpu, &links, 4, 2, 1/slower)
	if shared <= alone*1.05 {
		t.Fatalf("a step of %v s beside another job, %v alone: the case shows nothing", shared, alone)
	}
	got := endsOf(t, sim.Config{Nodes: nodes, Topology: topo, Leaf: cross, Speed: book,
		Source: NewSource(trains(0, 100*state.Second, 8), trains(0, 300*state.Second, 8))})
	first := 100 * shared / recorded
	near(t, "the shorter job", got[0], first)
	near(t, "the longer job, alone from then on", got[1], first+(300-first*recorded/shared)*alone/recorded)
}

// TestSpeedsMetamorphic: names of nodes change nothing; four times the bandwidth everywhere ends no job of a world
// without a queue later (on one link alone it may: who gets more there takes more elsewhere); a fork goes on as its parent.
func TestSpeedsMetamorphic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes, topo, leaf := leaves(8, int64(rapid.IntRange(1, 40).Draw(t, "uplink_GBps"))*1e9)
		grads := float64(rapid.IntRange(1, 60).Draw(t, "grads_GB")) * 1e9
		var jobs []state.JobSpec
		at, gpus := state.Time(0), int32(0)
		for gpus < 28 {
			g := rapid.SampledFrom([]int32{1, 2, 4, 6, 8}).Draw(t, "gpus")
			if gpus += g; gpus > 32 {
				break
			}
			jobs = append(jobs, trains(at, state.Time(rapid.IntRange(1, 100).Draw(t, "length_s"))*state.Second, g))
		}
		for i := range leaf {
			leaf[i] = int32(rapid.IntRange(0, 3).Draw(t, "leaf"))
		}
		config := func(book *speed.Book) sim.Config {
			book.Reference = &speed.Reference{PerNode: 4, Links: speed.Links{NIC: 10e9, RDMA: true, Alpha: speed.RDMAHop, NodeAlpha: speed.NVLinkHop}}
			return sim.Config{Nodes: nodes, Topology: topo, Leaf: leaf, Speed: book, Source: NewSource(jobs...)}
		}
		before := endsOf(t, config(bookOf(4, 10e9, grads)))
		renamed := append([]cluster.NodeSpec(nil), nodes...)
		for i := range renamed {
			renamed[i].Name = fmt.Sprint("other-", i)
		}
		cfg := config(bookOf(4, 10e9, grads))
		cfg.Nodes = renamed
		for number, end := range endsOf(t, cfg) {
			if before[number] != end {
				t.Fatalf("job %d ends at %d ns, with other names of nodes at %d", number, before[number], end)
			}
		}
		domains := append([]cluster.Domain(nil), topo.Domains...)
		for i := range domains {
			domains[i].Uplink *= 4
		}
		cfg = config(bookOf(4, 40e9, grads))
		cfg.Topology = cluster.NewTopology(topo.Tiers, domains)
		for number, end := range endsOf(t, cfg) {
			if float64(end) > float64(before[number])*(1+1e-6) {
				t.Fatalf("job %d ends at %d ns, with links four times as wide at %d", number, before[number], end)
			}
		}
		cfg = config(bookOf(4, 10e9, grads))
		cfg.Names, cfg.Policy = &state.Names{}, FIFO{}
		e, err := sim.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(state.Time(rapid.IntRange(1, 60).Draw(t, "fork_s")) * state.Second); err != nil {
			t.Fatal(err)
		}
		f, err := e.Fork()
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*sim.Engine{e, f} {
			if _, err := x.Run(state.Never); err != nil {
				t.Fatal(err)
			}
			x.Finish(0)
		}
		if e.Digest() != f.Digest() {
			t.Fatal("a fork goes on otherwise than its parent")
		}
	})
}
