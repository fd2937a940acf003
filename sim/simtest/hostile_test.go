package simtest

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

func config(src state.Source, policy state.Policy, gpus uint32) sim.Config {
	return sim.Config{Names: &state.Names{}, Nodes: []cluster.NodeSpec{{Name: "n", GPUs: gpus}}, Source: src, Policy: policy}
}

// TestHostileJobs: what no reader should deliver is an error with the job's name, never a panic.
func TestHostileJobs(t *testing.T) {
	role := func(change func(*state.RoleSpec)) func(*state.JobSpec) {
		return func(j *state.JobSpec) { change(&j.Roles[0]) }
	}
	for name, tc := range map[string]struct {
		change func(*state.JobSpec)
		want   string
	}{
		"negative duration":     {func(j *state.JobSpec) { j.Duration = -1 }, "negative duration"},
		"negative patience":     {func(j *state.JobSpec) { j.Patience = -1 }, "patience"},
		"negative limit":        {func(j *state.JobSpec) { j.MaxRun = -1 }, "maximum running time (-1 ns)"},
		"before the start":      {func(j *state.JobSpec) { j.Submit = -1 }, "in order of submission"},
		"no thousandths":        {role(func(r *state.RoleSpec) { r.Flags, r.GPUMilli = 0, 0 }), "0 thousandths of a GPU"},
		"too many thousandths":  {role(func(r *state.RoleSpec) { r.Flags, r.GPUMilli = 0, 1001 }), "1001 thousandths of a GPU"},
		"a split fraction":      {role(func(r *state.RoleSpec) { r.GPUMilli = 500 }), "500 thousandths of a GPU"},
		"a split of pods":       {role(func(r *state.RoleSpec) { r.PodGPUs = 2 }), "2 GPUs a pod"},
		"negative replicas":     {role(func(r *state.RoleSpec) { r.Replicas = -1 }), "-1 replicas"},
		"negative GPUs":         {role(func(r *state.RoleSpec) { r.PodGPUs = -1 }), "replicas of -1 GPUs"},
		"negative CPU":          {role(func(r *state.RoleSpec) { r.CPUMilli = -1 }), "-1 CPU thousandths"},
		"memory beyond measure": {role(func(r *state.RoleSpec) { r.MemMiB = math.MaxInt64 }), "MiB"},
		"GPUs beyond measure":   {role(func(r *state.RoleSpec) { r.Flags, r.Replicas, r.PodGPUs = 0, math.MaxInt32, 2 }), "GPUs or more"},
		"roles beyond measure":  {func(j *state.JobSpec) { j.Roles = make([]state.RoleSpec, 70_000) }, "70000 roles"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := sim.New(config(NewSource(Job("bad", 0, 1, 1, tc.change)), FIFO{}, 8))
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Run(state.Never)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), `"bad"`) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestHostileConfigs(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*sim.Config)
		want   string
	}{
		"nothing":           {func(c *sim.Config) { *c = sim.Config{} }, "names, a source and a policy"},
		"horizon":           {func(c *sim.Config) { c.Horizon = -1 }, "horizon is -1"},
		"changes backwards": {func(c *sim.Config) { c.Changes = []sim.Change{{At: 2}, {At: 1}} }, "change 1 comes before"},
		"change too early":  {func(c *sim.Config) { c.Changes = []sim.Change{{At: -1}} }, "-1 ns, before the start"},
		"too many GPUs":     {func(c *sim.Config) { c.Nodes[0].GPUs = 65 }, "65 GPUs"},
		"clairvoyance":      {func(c *sim.Config) { c.Policy = clairvoyant{} }, "does not grant"},
	} {
		c := config(NewSource(), FIFO{}, 8)
		tc.change(&c)
		if _, err := sim.New(c); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
	}
	c := config(NewSource(), FIFO{}, 8)
	c.Changes = []sim.Change{{At: 5, Kind: sim.ChangeDown, Node: 3}}
	e, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err == nil || !strings.Contains(err.Error(), "node number 3 does not exist") {
		t.Errorf("error %v for a change of a node that is not there", err)
	}
}

type clairvoyant struct{ FIFO }

func (clairvoyant) Info() state.Info { return state.Info{Name: "c", Clairvoyant: true} }

func TestSourceErrorStopsTheRun(t *testing.T) {
	src := NewSource(Job("a", 1, 1, 1))
	src.Err = errors.New("row 2: no number")
	e, err := sim.New(config(src, FIFO{}, 8))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); !errors.Is(err, src.Err) {
		t.Errorf("error %v, want %v", err, src.Err)
	}
}

// attained watches the largest service that a policy is told of.
type attained struct {
	FIFO
	most *int64
}

func (p attained) Observe(v *state.View, events []state.Event) {
	for i := range events {
		if events[i].Kind == state.EvEnd {
			*p.most = max(*p.most, v.Jobs.Row[events[i].Job].Attained)
			if v.Jobs.Row[events[i].Job].Attained < 0 {
				*p.most = -1 << 62
			}
		}
	}
}

// TestAttainedServiceSaturates: 2,048 GPUs overflow int64 ns in 52 days.
func TestAttainedServiceSaturates(t *testing.T) {
	const day = 86_400 * state.Second
	for _, tc := range []struct {
		run  state.Time
		want int64
	}{{10 * day, int64(10*day) * 2048}, {60 * day, math.MaxInt64}, {state.Never / 2, math.MaxInt64}} {
		var most int64
		c := config(NewSource(Job("a", 0, tc.run, 2048)), attained{most: &most}, 0)
		c.Nodes = nil
		for range 32 {
			c.Nodes = append(c.Nodes, cluster.NodeSpec{GPUs: 64})
		}
		e, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(state.Never); err != nil {
			t.Fatal(err)
		}
		e.Finish(0)
		if most != tc.want {
			t.Errorf("after %d ns on 2,048 GPUs: %d, want %d", tc.run, most, tc.want)
		}
	}
}

// TestLongChainOfDependencies: a condition that fails at the front takes the whole chain with it.
func TestLongChainOfDependencies(t *testing.T) {
	const n = 300_000
	specs := make([]state.JobSpec, n)
	specs[0] = Job("a", 0, 5, 1, func(j *state.JobSpec) { j.Outcome = state.Failed })
	for i := 1; i < n; i++ {
		specs[i] = Job("b", 0, 5, 1, func(j *state.JobSpec) { j.After = []state.Dep{{Row: uint64(i - 1)}} })
	}
	c := config(NewSource(specs...), FIFO{}, 1)
	r := &ends{}
	c.Listeners = []state.Listener{r}
	e, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	if r.n[state.ReasonDependency] != n-1 || r.n[state.ReasonRecorded] != 1 {
		t.Errorf("ends by reason: %v", r.n)
	}
}

type ends struct{ n [state.NumReasons]int }

func (r *ends) Kinds() state.KindSet { return state.Kinds(state.EvEnd) }
func (r *ends) Observe(b *state.Batch) {
	for i := range b.Events {
		if b.Events[i].Kind == state.EvEnd {
			r.n[b.Events[i].Cause]++
		}
	}
}

// TestSlotsAreRecycled: the columns grow with live jobs, not with the trace.
func TestSlotsAreRecycled(t *testing.T) {
	var specs []state.JobSpec
	for i := range 20_000 {
		specs = append(specs, Job("j", state.Time(i), 3, 1, func(j *state.JobSpec) { j.Patience = 1 << 40 }))
	}
	o := NewOracle(FIFO{}, nil, nil)
	e, err := sim.New(config(NewSource(specs...), o, 8))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	if n := o.view.Jobs.Len(); n > 4000 {
		t.Errorf("%d job slots for at most 4 live jobs of 20,000", n)
	}
	if e.Now() != 20_002 {
		t.Errorf("the work ended at %d ns, want 20002: patience that is not needed holds nothing up", e.Now())
	}
	if n := len(o.view.Shapes.GPUs); n > 4 {
		t.Errorf("%d shapes", n)
	}
}
