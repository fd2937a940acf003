package policies_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
)

// The registry lists exactly what the packages of the parts know, in their order.
func TestEntriesAreTheParts(t *testing.T) {
	got := map[policies.Slot][]string{}
	for _, e := range policies.Entries() {
		got[e.Slot] = append(got[e.Slot], e.Name)
		if e.Rule == "" || e.Source == "" || strings.Contains(e.Rule, "\n") {
			t.Errorf("%s %s: rule %q, source %q; want one line each", e.Slot, e.Name, e.Rule, e.Source)
		}
	}
	want := map[policies.Slot][]string{policies.SlotOrder: order.Names(), policies.SlotBackfill: backfill.Names(), policies.SlotPlace: append(place.Names(), "dot-product", "fgd", "gpu-clustering", "gpu-packing", (&place.BestFitScan{}).Name()),
		policies.SlotPreempt: {"none", "priority", "las", "srtf"},
		policies.SlotPreset:  {"gavel-fifo", "gavel-isolated", "helios-fifo", "helios-qssf", "helios-sjf", "helios-srtf", "openb-best-fit", "openb-dot-product", "openb-fgd", "openb-gpu-clustering", "openb-gpu-packing", "recorded", "tiresias-dlas", "tiresias-dlas-gpu", "tiresias-fifo", "tiresias-fjf", "tiresias-gittins", "tiresias-shortest", "tiresias-shortest-gpu", "tiresias-sjf"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// What an entry says about itself is what its policy says.
func TestEveryEntryBuilds(t *testing.T) {
	for _, e := range policies.Entries() {
		specs := []policies.Spec{{}}
		switch e.Slot {
		case policies.SlotOrder:
			specs[0].Order = e.Name
		case policies.SlotBackfill:
			specs[0].Backfill = e.Name
		case policies.SlotPlace:
			specs[0].Place = e.Name
		case policies.SlotPreempt:
			if specs[0].Preempt = e.Name; e.Name == policies.DefaultPreempt {
				continue // nobody yields: that is not named
			}
		case policies.SlotPreset:
			specs[0].Preset = e.Name
			for _, p := range e.Places {
				specs = append(specs, policies.Spec{Preset: e.Name, Place: p})
			}
		}
		for _, s := range specs {
			p, err := policies.Build(s)
			if err != nil {
				t.Errorf("%+v: %v", s, err)
				continue
			}
			info := p.Info()
			if info.Clairvoyant != e.Clairvoyant || !slices.Contains(strings.Split(info.Name, "+"), e.Name) {
				t.Errorf("%+v: info %+v does not go with entry %+v", s, info, e)
			}
			again, err := policies.ParseShort(info.Name)
			if err != nil {
				t.Errorf("%s: %v", info.Name, err)
				continue
			}
			if q, err := policies.Build(again); err != nil || q.Info().Name != info.Name {
				t.Errorf("%s does not build itself: %v", info.Name, err)
			}
		}
	}
}

func TestParseShort(t *testing.T) {
	for text, want := range map[string]policies.Spec{
		"sjf+easy+best-fit":               {Order: "sjf", Backfill: "easy", Place: "best-fit"},
		"fifo":                            {Order: "fifo"},
		"priority+easy+best-fit+priority": {Order: "priority", Backfill: "easy", Place: "best-fit", Preempt: "priority"},
		"fifo+conservative":               {Order: "fifo", Backfill: "conservative"},
		"helios-fifo":                     {Preset: "helios-fifo"},
		"tiresias-fifo+yarn":              {Preset: "tiresias-fifo", Place: "yarn"},
		"helios-fif":                      {Preset: "helios-fif"}, // Build says what was meant
		"smallest-fist":                   {Order: "smallest-fist"},
	} {
		got, err := policies.ParseShort(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "+", "fifo+", "fifo++first-fit", "fifo+easy+first-fit+none+x", "tiresias-fjf+count+x", " fifo"} {
		if _, err := policies.ParseShort(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestBuildSaysWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		spec policies.Spec
		want []string
	}{
		"order":          {policies.Spec{Order: "sfj"}, []string{`no order "sfj"`, `did you mean "sjf"`, "fair-by-user"}},
		"backfill":       {policies.Spec{Backfill: "conservativ"}, []string{`did you mean "conservative"`}},
		"place":          {policies.Spec{Place: "bestfit"}, []string{`did you mean "best-fit"`, "worst-fit"}},
		"nothing near":   {policies.Spec{Place: "zzz"}, []string{`no place "zzz"; there are`}},
		"preset":         {policies.Spec{Preset: "helios-fif"}, []string{`no preset "helios-fif"`, `did you mean "helios-fifo"`}},
		"beside preset":  {policies.Spec{Preset: "recorded", Order: "fifo"}, []string{"recorded decides everything"}},
		"variant":        {policies.Spec{Preset: "tiresias-fjf", Place: "yarm"}, []string{`did you mean "yarn"`, "count"}},
		"no variants":    {policies.Spec{Preset: "helios-sjf", Place: "yarn"}, []string{"no variants"}},
		"parameter":      {policies.Spec{Backfill: "conservative", Params: map[string]string{"backfill.dept": "1"}}, []string{`did you mean "backfill.depth"`}},
		"of another":     {policies.Spec{Backfill: "easy", Params: map[string]string{"backfill.depth": "1"}}, []string{`no parameter "backfill.depth"`, "none"}},
		"of a preset":    {policies.Spec{Preset: "recorded", Params: map[string]string{"backfill.depth": "1"}}, []string{`no parameter`}},
		"depth of zero":  {policies.Spec{Backfill: "conservative", Params: map[string]string{"backfill.depth": "0"}}, []string{"from 1 to 1000000"}},
		"depth of words": {policies.Spec{Backfill: "conservative", Params: map[string]string{"backfill.depth": "ten"}}, []string{`is "ten"`}},
	} {
		_, err := policies.Build(tc.spec)
		if err == nil {
			t.Errorf("%s: %+v was built", name, tc.spec)
			continue
		}
		for _, w := range tc.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q, want %q in it", name, err, w)
			}
		}
	}
}

func FuzzParseShort(f *testing.F) {
	for _, s := range []string{"sjf+easy+best-fit", "tiresias-fifo+yarn", "+", "helios", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := policies.ParseShort(text); err == nil {
			if p, err := policies.Build(s); err == nil && p.Info().Name == "" {
				t.Errorf("%q builds a policy without a name", text)
			}
		}
	})
}
