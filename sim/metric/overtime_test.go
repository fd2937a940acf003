package metric_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

func TestSeriesByHand(t *testing.T) {
	o := metric.NewOverTime(metric.OverTimeConfig{Queues: 1})
	twoNodes().Deliver(3, o)
	got := map[string][][2]float64{}
	for _, s := range o.Series() {
		for i := range s.At {
			got[s.Name+"/"+s.Key] = append(got[s.Name+"/"+s.Key], [2]float64{float64(s.At[i]) / 1e9, s.Value[i]})
		}
		if s.End != 210*state.Second || s.Low != nil {
			t.Errorf("series %s ends at %d with low %v (want 210 s, exact)", s.Name, s.End, s.Low)
		}
	}
	want := map[string][][2]float64{
		"allocated_gpus/A":          {{0, 4}, {150, 0}, {195, 3}, {210, 0}},
		"allocated_gpus/B":          {{0, 0}, {100, 4}, {150, 2}, {160, 0}, {170, 2}, {200, 0}},
		"healthy_gpus/A":            {{0, 4}},
		"healthy_gpus/B":            {{0, 4}},
		"waiting_jobs/":             {{0, 0}, {10, 1}, {20, 2}, {30, 3}, {40, 2}, {100, 1}, {150, 0}, {160, 1}, {170, 0}, {190, 1}, {195, 0}},
		"asked_gpus/":               {{0, 0}, {10, 8}, {20, 10}, {30, 11}, {40, 10}, {100, 2}, {150, 0}, {160, 2}, {170, 0}, {190, 3}, {195, 0}},
		"queue_gpus/q1":             {{0, 4}, {100, 0}, {150, 2}, {160, 0}, {170, 2}, {200, 0}},
		"evictions/":                {{0, 0}, {160, 1}},
		"queue_gpus/(other queues)": {{0, 0}, {100, 8}, {150, 0}, {195, 3}, {210, 0}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("series (-want +got):\n%s", d)
	}
	occ := o.Occupancy()
	var held float64
	for _, row := range occ.Held {
		for _, v := range row {
			held += v
		}
	}
	if held != 925 || occ.Nodes != 2 {
		t.Errorf("%v GPU s on %d nodes (want 925 on 2)", held, occ.Nodes)
	}
}

func TestOverTimeForkContinues(t *testing.T) {
	st := twoNodes()
	cfg := metric.OverTimeConfig{Points: 3, NodeRows: 1, NodeColumns: 4}
	whole := metric.NewOverTime(cfg)
	st.Deliver(1<<20, whole)
	all := st.Batch.Events
	cut := len(all) / 2
	for all[cut].Time == all[cut-1].Time {
		cut++
	}
	parent := metric.NewOverTime(cfg)
	st.Batch.Events = all[:cut]
	st.Deliver(4, parent)
	fork := parent.CloneListener().(*metric.OverTime)
	st.Batch.Events = all[cut:]
	st.Deliver(1, fork)
	st.Deliver(1<<20, parent)
	for name, o := range map[string]*metric.OverTime{"fork": fork, "parent": parent} {
		if d := cmp.Diff(whole.Series(), o.Series()); d != "" {
			t.Errorf("series of the %s (-whole +got):\n%s", name, d)
		}
		if d := cmp.Diff(whole.Occupancy(), o.Occupancy()); d != "" {
			t.Errorf("occupancy of the %s (-whole +got):\n%s", name, d)
		}
	}
}
