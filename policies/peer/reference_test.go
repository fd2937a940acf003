package peer_test

import (
	"encoding/csv"
	"math"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

func heliosRun(t testing.TB, p state.Policy) (*ledger, *state.Names) {
	names := &state.Names{}
	src, meta, err := trace.Open("helios", traceFile(t, "helios/jobs.csv"), trace.Options{VCs: traceFile(t, "helios/vcs.csv")}, names)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, sim.Config{Names: names, Nodes: nodesOf(t, meta.Cluster, names), Source: src, Policy: p, GrantTruth: true}), names
}

func TestHeliosFIFOToTheDigit(t *testing.T) {
	l, names := heliosRun(t, peer.NewHelios(peer.HeliosFIFO))
	jct, queued, n := l.sums(-1)
	if got := math.Round(float64(jct)/float64(n)*1e4) / 1e4; n != 24082 || got != 62266.5233 {
		t.Errorf("%d jobs, mean JCT %.4f s; want 24082, 62266.5233", n, got)
	}
	if got := math.Round(float64(queued)/float64(n)*1e4) / 1e4; got != 53547.0837 {
		t.Errorf("mean queued time %.4f s, want 53547.0837", got)
	}
	for vc, want := range map[string][2]int64{"103959": {9147304, 2832530}, "6c71a0": {125989087, 83606555}} {
		id, _ := names.Partitions.Lookup(vc)
		if jct, queued, _ := l.sums(id); jct != want[0] || queued != want[1] {
			t.Errorf("VC %s: JCT %d s, queued %d s; want %d", vc, jct, queued, want)
		}
	}
}

// No figures of the other orders are published, but what they are for shows on the same trace.
func TestHeliosOrdersShortenQueues(t *testing.T) {
	_, fifo, _ := must3(heliosRun(t, peer.NewHelios(peer.HeliosFIFO)))
	_, sjf, _ := must3(heliosRun(t, peer.NewHelios(peer.HeliosSJF)))
	_, qssf, _ := must3(heliosRun(t, peer.NewHelios(peer.HeliosQSSF)))
	t.Logf("total queued time, s: fifo %d, sjf %d, qssf %d", fifo, sjf, qssf)
	if sjf >= fifo || qssf >= fifo {
		t.Errorf("total queued time, s: fifo %d, sjf %d, qssf %d; want both below fifo", fifo, sjf, qssf)
	}
}

func must3(l *ledger, _ *state.Names) (jct, queued, n int64) { return l.sums(-1) }

func TestTiresiasToTheDigit(t *testing.T) {
	for _, tc := range []struct {
		skip      bool
		placement string
		jct       float64
	}{
		{false, "count", 200.8167}, {true, "count", 190.6833}, {false, "yarn", 219.1833},
	} {
		p, err := peer.NewTiresias(tc.skip, tc.placement)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(p.Info().Name, func(t *testing.T) {
			names := &state.Names{}
			src, meta, err := trace.Open("tiresias", traceFile(t, "tiresias/60_job.csv"),
				trace.Options{Cluster: traceFile(t, "tiresias/n4g4.csv")}, names)
			if err != nil {
				t.Fatal(err)
			}
			l := run(t, sim.Config{Names: names, Nodes: nodesOf(t, meta.Cluster, names), Source: src, Policy: p})
			jct, _, n := l.sums(-1)
			if got := math.Round(float64(jct)/float64(n)*1e4) / 1e4; n != 60 || got != tc.jct {
				t.Errorf("%d jobs, mean JCT %.4f s; want 60, %.4f", n, got, tc.jct)
			}
		})
	}
}

func openbRun(t testing.TB, nodes, pods string, scorer func(*state.Names) hook.Scorer) (*ledger, *trace.ClusterSpec) {
	names := &state.Names{}
	c, err := trace.ReadNodes("openb", traceFile(t, nodes), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	specs := nodesOf(t, c, names)
	src, _, err := trace.Open("openb", traceFile(t, pods), trace.Options{}, names)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, sim.Config{Names: names, Nodes: specs, Source: src, Policy: peer.NewOpenB(scorer(names))}), c
}

func bestFit(*state.Names) hook.Scorer { return &peer.BestFit{} }

// fgd goes by the pods of the untuned default list, as the peer's runs do.
func fgd(t testing.TB) func(*state.Names) hook.Scorer {
	return func(names *state.Names) hook.Scorer {
		src, _, err := trace.Open("openb", traceFile(t, "openb/openb_pod_list_default.csv.gz"), trace.Options{Sort: true}, names)
		if err != nil {
			t.Fatal(err)
		}
		var pods place.TypicalPods
		var job state.JobSpec
		for {
			more, err := src.Next(&job)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			pods.Add(job.Roles)
		}
		return place.NewFGD(pods.List())
	}
}

func TestOpenBPodByPod(t *testing.T) {
	for _, tc := range []struct {
		policy string
		scorer func(*state.Names) hook.Scorer
		milli  int64 // of 314000, at the end
	}{{"bestfit", bestFit, 292880}, {"fgd", fgd(t), 296530}} {
		t.Run(tc.policy, func(t *testing.T) {
			const pods = "openb-fgd/mini42_arrivals_and_placements.csv"
			l, c := openbRun(t, "openb-fgd/mini42_nodes.csv", pods, tc.scorer)
			f, err := os.Open(traceFile(t, pods))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			col := map[string]int{}
			for i, name := range rows[0] {
				col[name] = i
			}
			agree, milli := 0, int64(0)
			for i, r := range rows[1:] {
				got, node := &l.jobs[i], ""
				if got.node >= 0 {
					node = c.Nodes[got.node].Name
					milli += int64(bits.OnesCount64(got.mask)) * got.milli
				}
				if node == r[col[tc.policy+"_node"]] && got.mask == maskOf(t, r[col[tc.policy+"_gpus"]]) {
					agree++
				} else if agree == i {
					t.Errorf("pod %s: node %q devices %b, want %q %q", r[1], node, got.mask, r[col[tc.policy+"_node"]], r[col[tc.policy+"_gpus"]])
				}
			}
			if agree != 574 || milli != tc.milli {
				t.Errorf("%d of %d pods agree, %d thousandths used; want 574, %d", agree, len(rows)-1, milli, tc.milli)
			}
		})
	}
}

// maskOf reads device numbers in any punctuation.
func maskOf(t *testing.T, text string) (mask uint64) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		d, err := strconv.Atoi(w)
		if err != nil {
			t.Fatal(err)
		}
		mask |= 1 << d
	}
	return mask
}

func TestOpenBDefaultTrace(t *testing.T) {
	begin := time.Now()
	l, _ := openbRun(t, "openb/openb_node_list_gpu_node.csv", "openb/openb_pod_list_default.csv.gz", bestFit)
	t.Logf("%d pods, %d dropped, in %v", len(l.jobs), l.rejected, time.Since(begin))
	if len(l.jobs) != 8152 {
		t.Errorf("%d pods, want 8152", len(l.jobs))
	}
}

func BenchmarkOpenBDefault(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		openbRun(b, "openb/openb_node_list_gpu_node.csv", "openb/openb_pod_list_default.csv.gz", bestFit)
	}
}

// busy sums the GPU time of attempts.
type busy struct{ gpuSeconds float64 }

func (b *busy) Kinds() state.KindSet { return state.Kinds(state.EvEnd, state.EvEvict) }

func (b *busy) Observe(batch *state.Batch) {
	for i := range batch.Events {
		switch ev := &batch.Events[i]; ev.Kind {
		case state.EvEnd:
			b.gpuSeconds += float64(ev.A) * float64(ev.Z) / 1e9
		case state.EvEvict:
			b.gpuSeconds += float64(ev.A) * float64(ev.X) / 1e9
		}
	}
}

func gavelRun(t *testing.T, share peer.GavelShare, file string) (meanJCT, last, used float64, jobs int) {
	names := &state.Names{}
	src, _, err := trace.Open("gavel", traceFile(t, file), trace.Options{Throughputs: traceFile(t, "gavel/simulation_throughputs.json.gz")}, names)
	if err != nil {
		t.Fatal(err)
	}
	b := &busy{}
	l := run(t, sim.Config{Names: names, Nodes: plain(4, 4, 4, 4, 4, 4, 4, 4, 4), Source: src, Policy: peer.NewGavel(share), GrantTruth: true, Recoveries: []state.Recovery{{}}, Listeners: []state.Listener{b}})
	for i := range l.jobs {
		meanJCT += float64(l.jobs[i].end-l.jobs[i].submit) / 1e9 / float64(len(l.jobs))
		last = max(last, float64(l.jobs[i].end)/1e9)
	}
	return meanJCT, last, b.gpuSeconds / (36 * last), len(l.jobs)
}

func TestGavelFIFOToTheDigit(t *testing.T) {
	jct, last, used, n := gavelRun(t, peer.GavelFIFO, "gavel/minimize_makespan.trace")
	if math.Round(jct*1e3)/1e3 != 33635.807 || math.Round(last*1e3)/1e3 != 70559.625 || math.Round(used*1e4)/1e4 != .8521 || n != 100 {
		t.Errorf("%d jobs, mean JCT %.4f s, last end %.4f s, utilisation %.5f; want 100, 33635.807, 70559.625, 0.8521", n, jct, last, used)
	}
}

func TestGavelIsolated(t *testing.T) {
	jct, last, used, n := gavelRun(t, peer.GavelIsolated, "gavel/minimize_makespan.trace")
	t.Logf("%d jobs, mean JCT %.4f s, last end %.4f s, utilisation %.5f", n, jct, last, used)
	fifo, _, _, _ := gavelRun(t, peer.GavelFIFO, "gavel/minimize_makespan.trace")
	if n != 100 || jct < fifo {
		t.Errorf("mean JCT %.1f s of %d jobs: sharing the time of jobs that came at once should take longer than one after another (%.1f s)", jct, n, fifo)
	}
}
