package sdk

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

func traceFile(t testing.TB, name string) string {
	dir := os.Getenv("ORRERY_TRACES")
	if dir == "" {
		t.Skip("ORRERY_TRACES is not set: the public traces are not here")
	}
	return filepath.Join(dir, name)
}

// scored is a pipeline that places by a scorer.
func scored(kind backfill.Kind, make func() (hook.Scorer, error)) maker {
	return func() (state.Policy, error) {
		s, err := make()
		if err != nil {
			return nil, err
		}
		return policies.NewPipelineOf(policies.Parts{Backfill: backfill.Rule{Kind: kind}, Scorer: s}), nil
	}
}

func scan() (hook.Scorer, error) { return &place.BestFitScan{}, nil }

// TestBestFitOnRecordedAndDrawnWork: every language decides as the native twin on the recorded pods of openb, which ask for parts of
// GPUs, CPU and memory on 1,213 nodes, and on a drawn workload.
func TestBestFitOnRecordedAndDrawnWork(t *testing.T) {
	openb := func(t *testing.T) sim.Config {
		names := &state.Names{}
		c, err := trace.ReadNodes("openb", traceFile(t, "openb/openb_node_list_gpu_node.csv"), trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		cfg := sim.Config{Names: names}
		for _, n := range c.Nodes {
			if _, err := names.TypeBit([]byte(n.Type)); err != nil {
				t.Fatal(err)
			}
			cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{Name: n.Name, Type: uint32(names.Types.Intern([]byte(n.Type))), GPUs: uint32(n.GPUs),
				CPUMilli: uint32(n.CPUMilli), MemMiB: uint32(n.MemMiB)})
		}
		if cfg.Source, _, err = trace.Open("openb", traceFile(t, "openb/openb_pod_list_default.csv.gz"), trace.Options{}, names); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	pai := func(t *testing.T) sim.Config {
		names := &state.Names{}
		cfg := sim.Config{Names: names, Source: &list{jobs: drawnWith(t, "pai", 4000, names)}}
		for i := range 40 {
			cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: 8, CPUMilli: 96_000, MemMiB: 512 << 10})
		}
		return cfg
	}
	for name, config := range map[string]func(t *testing.T) sim.Config{"openb": openb, "pai": pai} {
		t.Run(name, func(t *testing.T) {
			want := simulate(t, config(t), scored(backfill.Easy, scan))
			if other := simulate(t, config(t), native(order.FIFO, backfill.Easy, place.FirstFit)); other == want {
				t.Error("the work is so that placement does not matter")
			}
			for _, e := range examples {
				if e.policy != "best-fit" {
					continue
				}
				t.Run(e.lang, func(t *testing.T) {
					m := module(t, code(t, e))
					got := simulate(t, config(t), scored(backfill.Easy, func() (hook.Scorer, error) { return m.NewScorer(options()) }))
					if got != want {
						t.Errorf("another run than the native twin's: %+v, want %+v", got, want)
					}
				})
			}
		})
	}
}

// TestSchedulersToTheDigit: FCFS and EASY as guests are the native ones on the recorded jobs that REFERENCE.md gives figures for.
func TestSchedulersToTheDigit(t *testing.T) {
	traceFile(t, "swf/w105_10k.swf.gz") // or skips
	config := func() sim.Config {
		cfg := sim.Config{Names: &state.Names{}}
		for i := range 256 {
			cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: 8})
		}
		var err error
		if cfg.Source, _, err = trace.Open("swf", traceFile(t, "swf/w105_10k.swf.gz"), trace.Options{}, cfg.Names); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for _, tc := range []struct {
		guest       example
		backfill    backfill.Kind
		waited      int64 // seconds in all, of 10,000 jobs
		cause       state.Cause
		waitedCause int64
	}{
		{example{"fcfs", "c"}, backfill.None, 663780, state.CauseOrder, 369396},
		{example{"easy", "c"}, backfill.Easy, 312176, state.CauseReservation, 69618},
	} {
		t.Run(tc.guest.policy, func(t *testing.T) {
			m := module(t, code(t, tc.guest))
			got := simulate(t, config(), func() (state.Policy, error) { return m.NewScheduler(options(), nil) })
			if want := simulate(t, config(), native(order.FIFO, tc.backfill, place.FirstFit)); got != want {
				t.Errorf("another run than the native one: %+v, want %+v", got, want)
			}
			total := int64(0)
			for _, ns := range got.waited {
				total += ns
			}
			if total != tc.waited*int64(state.Second) || got.waited[tc.cause] != tc.waitedCause*int64(state.Second) {
				t.Errorf("waited %d s, of it %d s for %s; want %d and %d", total/int64(state.Second), got.waited[tc.cause]/int64(state.Second), tc.cause, tc.waited, tc.waitedCause)
			}
		})
	}
}
