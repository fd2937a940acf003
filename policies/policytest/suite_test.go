package policytest_test

import (
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

func TestPresets(t *testing.T) {
	for name, s := range map[string]policytest.Subject{
		"helios-fifo":           {Leaves: true},
		"helios-sjf":            {Leaves: true},
		"helios-qssf":           {Leaves: true},
		"openb-best-fit":        {Promises: policytest.Busy, Leaves: true},
		"openb-dot-product":     {Promises: policytest.Busy, Leaves: true},
		"openb-fgd":             {Promises: policytest.Busy, Leaves: true},
		"openb-gpu-clustering":  {Promises: policytest.Busy, Leaves: true},
		"openb-gpu-packing":     {Promises: policytest.Busy, Leaves: true},
		"recorded":              {},
		"helios-srtf":           {Leaves: true, Free: true},
		"tiresias-dlas":         {Promises: policytest.Busy | policytest.Greedy, Free: true},
		"tiresias-dlas-gpu":     {Promises: policytest.Busy | policytest.Greedy, Free: true},
		"tiresias-gittins":      {Promises: policytest.Busy | policytest.Greedy, Free: true},
		"tiresias-shortest":     {Promises: policytest.Busy | policytest.Greedy, Free: true},
		"tiresias-shortest-gpu": {Promises: policytest.Busy | policytest.Greedy, Free: true},
		"tiresias-sjf":          {Promises: policytest.Busy | policytest.Greedy, Free: true},
		"tiresias-fifo+count":   {Promises: policytest.Busy},
		"tiresias-fifo+yarn":    {Leaves: true},
		"tiresias-fjf+count":    {Promises: policytest.Busy | policytest.Greedy},
		"tiresias-fjf+yarn":     {Leaves: true},
	} {
		t.Run(name, func(t *testing.T) {
			s.New = builder(name)
			policytest.Suite(t, s)
		})
	}
}

func builder(name string) func() (state.Policy, error) {
	return func() (state.Policy, error) {
		spec, err := policies.ParseShort(name)
		if err != nil {
			return nil, err
		}
		return policies.Build(spec)
	}
}

func TestPipelines(t *testing.T) {
	for _, name := range []string{
		"fifo+none+first-fit", "sjf+none+worst-fit", "fair-by-user+none+random", "priority+none+spread",
		"fifo+easy+best-fit", "ljf+easy+consolidate", "fair-by-user+easy+first-fit", "smallest-first+easy+random",
		"fifo+conservative+first-fit", "sjf+conservative+spread", "fair-by-user+conservative+worst-fit",
		"las+none+best-fit-scan", "sjf+easy+best-fit-scan", "fifo+conservative+best-fit-scan",
		"fifo+easy+fgd", "fifo+none+topology", "sjf+easy+topology", "fifo+conservative+rail-aligned", "fifo+easy+anti-affinity", "fifo+easy+buddy", "fifo+none+dot-product", "sjf+easy+gpu-packing", "fifo+conservative+gpu-clustering",
		"priority+none+first-fit+priority", "fifo+easy+best-fit+priority", "priority+conservative+consolidate+priority", "fair-by-user+easy+random+priority",
		"las+none+first-fit+las", "sjf+easy+first-fit+srtf", "priority+easy+best-fit-scan+priority", "fifo+easy+fgd+priority",
	} {
		t.Run(name, func(t *testing.T) {
			policytest.Suite(t, policytest.Subject{New: builder(name), Promises: policytest.Busy})
		})
	}
}

// flawed is a policy with a fault that the suite must find.
type flawed struct {
	state.Policy
	fault string
	runs  int // of the subject so far
}

func (f *flawed) Pass(v *state.View, d *state.Decisions) {
	if f.fault == "idles" || f.fault == "is moody" && f.runs%2 == 0 && v.Pass == 2 {
		return
	}
	f.Policy.Pass(v, d)
	switch f.fault {
	case "forgets to take":
		v.Capacity.(*cluster.Cluster).Undo(&d.Parts, 0)
	case "starts twice":
		for _, s := range d.List {
			if s.Kind == state.DecideStart {
				d.List = append(d.List, s)
				return
			}
		}
	}
}

func (f *flawed) Clone() (state.Policy, error) {
	p, err := f.Policy.Clone()
	if f.fault == "forgets in a fork" {
		p, err = builder("fifo+none+worst-fit")()
	}
	return &flawed{Policy: p, fault: f.fault, runs: f.runs}, err
}

func TestTheSuiteFindsFaults(t *testing.T) {
	for fault, want := range map[string]string{
		"idles":             "waits in partition 0 where nothing runs",
		"forgets to take":   "refused",
		"starts twice":      "refused",
		"is moody":          "differ",
		"forgets in a fork": "a fork at",
	} {
		t.Run(fault, func(t *testing.T) {
			runs := 0
			s := policytest.Subject{Promises: policytest.Busy, New: func() (state.Policy, error) {
				runs++
				p, err := builder("fifo+none+first-fit")()
				return &flawed{Policy: p, fault: fault, runs: runs}, err
			}}
			if fault == "is moody" {
				s.Promises, s.Alone = 0, true
			}
			var found error
			for _, w := range policytest.Worlds() {
				if found = s.Holds(&w, 2*state.Second); found != nil {
					break
				}
			}
			if found == nil || !strings.Contains(found.Error(), want) {
				t.Errorf("found %v, want %q", found, want)
			}
		})
	}
}
