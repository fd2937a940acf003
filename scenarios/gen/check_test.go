package gen

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		path string
		edit func(*Spec)
	}{
		{"jobs", func(s *Spec) { s.Jobs = 0 }},
		{"arrivals", func(s *Spec) { s.Arrivals.Interval = 0 }},
		{"arrivals", func(s *Spec) { s.Arrivals.Interval = 100 * 365 * day }},
		{"arrivals.hours[3]", func(s *Spec) { s.Arrivals.Hours[3] = -1 }},
		{"arrivals", func(s *Spec) { s.Arrivals.Hours, s.Arrivals.Days = [24]int64{9: 1}, [7]int64{2: 1} }},
		{"arrivals.sessions.jobs", func(s *Spec) { s.Arrivals.SessionJobs = One / 2 }},
		{"load.of", func(s *Spec) { s.Load = Load{GPUs: 5} }},
		{"load.gpus", func(s *Spec) { s.Load = Load{OfMicro: One} }},
		{"load", func(s *Spec) { s.Load = Load{OfMicro: One, GPUs: 8} }},
		{"durations", func(s *Spec) { s.Durations = nil }},
		{"durations[0].upTo", func(s *Spec) { s.Durations[0].UpTo = 0 }},
		{"durations[1].upTo", func(s *Spec) { s.Durations[1].UpTo = 9 }},
		{"durations[0]", func(s *Spec) { s.Durations[0].Dist = rng.Exponential{} }},
		{"durations[1].max", func(s *Spec) { s.Durations[1].Min = 2 * day }},
		{"sizes", func(s *Spec) { s.Sizes = []Size{{From: 1}} }},
		{"sizes[2]", func(s *Spec) { s.Sizes[2].To = 20 }},
		{"sizes[3]", func(s *Spec) { s.Sizes[3].From = 12 }},
		{"sizes[0]", func(s *Spec) { s.Sizes[0] = Size{From: 0, To: 4, Weight: 1} }},
		{"sizes[1].podGPUs", func(s *Spec) { s.Sizes[1].PodGPUs = 2 }},
		{"users.count", func(s *Spec) { s.Users.Count = MaxUsers + 1 }},
		{"queues[0].name", func(s *Spec) { s.Queues.Shares[0].Name = "" }},
		{"queuesByUser", func(s *Spec) { s.Users = Users{} }},
		{"priorities", func(s *Spec) { s.Priorities = []PriorityShare{{}} }},
		{"outcomes[0].upTo", func(s *Spec) { s.Outcomes[0].UpTo = 0 }},
		{"outcomes[1]", func(s *Spec) { s.Outcomes[1] = ends(0, 0, 0, 0) }},
		{"estimates.factor", func(s *Spec) { s.Estimates.Low = 0 }},
		{"estimates.classes[1]", func(s *Spec) { s.Estimates.Classes[1] = minute }},
	} {
		spec := small()
		c.edit(&spec)
		if faults := spec.Check(); len(faults) != 1 || faults[0].Path != c.path {
			t.Errorf("want one fault at %s, got %v", c.path, faults)
		}
		if _, err := New(spec, 1, &state.Names{}); err == nil {
			t.Errorf("New takes a spec with a fault at %s", c.path)
		}
	}
	for _, spec := range []Spec{
		{Jobs: 10, Load: Load{OfMicro: One, GPUs: 1}, Sizes: []Size{{Weight: 1}}, Durations: []DurationClass{{Dist: rng.Constant{Value: 1}}}},
		{Jobs: 10, Load: Load{OfMicro: One, GPUs: 1}, Sizes: []Size{{From: 1000, Weight: 1}}, Durations: []DurationClass{{Dist: rng.Constant{Value: 3e9}}}},
	} {
		if _, err := New(spec, 1, &state.Names{}); err == nil {
			t.Errorf("a load that cannot be met is taken: %+v", spec)
		}
	}
}
