package wasm_test

import (
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// TestOneThatCountsGPUs: a scheduler that declares that it counts GPUs only never decides about a job that asks for more; the error names
// the job, and a native part can stand in.
func TestOneThatCountsGPUs(t *testing.T) {
	typed := trial.AnyGPUs(2)
	typed.TypeMask = 1
	h := newHost(t)
	for name, role := range map[string]state.RoleSpec{
		"cpu": trial.Pods(1, 1, 1000, 0), "memory": trial.Pods(1, 1, 0, 10), "type": typed, "part": trial.Shares(1, 500), "together": trial.Pods(1, 2, 0, 0),
	} {
		for _, kind := range []string{"fcfs", "easy"} {
			m := example(t, h, kind+"-c", kind+".wasm")
			w := trial.World{Nodes: append(trial.NodesOf(1, 0, 4, 8000, 100), trial.NodesOf(1, 1, 4, 8000, 100)...), Types: []string{"A", "B"}, Jobs: []state.JobSpec{
				trial.JobOf(0, 10, trial.AnyGPUs(5)), trial.JobOf(1, 10, trial.AnyGPUs(6)), trial.JobOf(2, 10, role), trial.JobOf(3, 10, trial.AnyGPUs(1))}}
			spare := func() state.Policy { return policies.NewPipeline(order.FIFO, backfill.Rule{}, place.FirstFit) }
			for _, onError := range []wasm.OnError{wasm.Fail, wasm.Fallback} {
				o := options()
				o.OnError = onError
				s, err := m.NewScheduler(o, spare())
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				_, err = trial.Run(&w, s)
				if onError == wasm.Fallback {
					if err != nil || !s.Report().Fallen {
						t.Errorf("%s, %s: %v, %+v", kind, name, err, s.Report())
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), kind+".wasm: sched1_decide (call ") || !strings.Contains(err.Error(), "at 2 s): limit: job ") ||
					!strings.Contains(err.Error(), "counts GPUs only (ANY_GPUS)") {
					t.Errorf("%s, %s: %v", kind, name, err)
				}
			}
		}
	}
}
