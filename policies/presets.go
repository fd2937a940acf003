package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/state"
)

// preset is a whole policy by name.
type preset struct {
	Entry
	build func(s *Spec) (state.Policy, error)
}

// presets is the one table of whole policies.
func presets() []preset {
	helios := func(o peer.HeliosOrder) func(*Spec) (state.Policy, error) {
		return func(*Spec) (state.Policy, error) { return peer.NewHelios(o), nil }
	}
	openb := func(scorer func(*Spec) hook.Scorer) func(*Spec) (state.Policy, error) {
		return func(s *Spec) (state.Policy, error) { return peer.NewOpenB(scorer(s)), nil }
	}
	tiresias := func(skip bool) func(*Spec) (state.Policy, error) {
		return func(s *Spec) (state.Policy, error) {
			p, err := peer.NewTiresias(skip, s.Place)
			if err != nil {
				return nil, err
			}
			return p, nil
		}
	}
	const (
		heliosSource   = "Helios simulator, Hu et al., SC'21"
		gavelSource    = "Gavel simulator, Narayanan et al., OSDI'20, on one GPU type"
		openbSource    = "openb simulator, Weng et al., ATC'23; FACTS.md 4.8"
		openbRule      = "; ties: smallest node name; a pod that does not fit on arrival is dropped"
		tiresiasSource = "Tiresias simulator, Gu et al., NSDI'19"
		heliosRule     = "; each partition is a virtual cluster with ticks of 1 s; placed from the head until the first that does not fit, on as few nodes as possible"
	)
	preemptive := func(order string) func(*Spec) (state.Policy, error) {
		return func(*Spec) (state.Policy, error) {
			p, err := peer.NewTiresiasPreemptive(order)
			if err != nil {
				return nil, err
			}
			return p, nil
		}
	}
	const walked = "; preemptive: at each arrival and end all jobs are walked, who fits runs, who does not waits or is preempted; any free GPUs"
	tiresiasOf := func(name, rule string, truth bool) preset {
		return preset{Entry{Name: "tiresias-" + name, Rule: rule + walked, Source: tiresiasSource, Clairvoyant: truth}, preemptive(name)}
	}
	variants := []string{"count", "yarn"}
	gavel := func(share peer.GavelShare) func(*Spec) (state.Policy, error) {
		return func(*Spec) (state.Policy, error) { return peer.NewGavel(share), nil }
	}
	all := []preset{
		{Entry{Name: "gavel-fifo", Source: gavelSource, Clairvoyant: true,
			Rule: "rounds of 360 s of whole steps (column " + peer.GavelSteps + "); by arrival, the head blocks; with the peer's slips, by which more can be allocated than there is and a running job lose a round"},
			gavel(peer.GavelFIFO)},
		{Entry{Name: "gavel-isolated", Source: gavelSource, Clairvoyant: true,
			Rule: "rounds of 360 s of whole steps (column " + peer.GavelSteps + "); every job an equal part of the GPUs; who has had least of it first, ties: what is owed from before, then arrival"},
			gavel(peer.GavelIsolated)},
		{Entry{Name: "helios-fifo", Rule: "by submission" + heliosRule, Source: heliosSource}, helios(peer.HeliosFIFO)},
		{Entry{Name: "helios-qssf", Rule: "smallest predicted duration x GPUs first (column " + peer.Prediction + "), ties: fewer GPUs, then submission" + heliosRule,
			Source: heliosSource}, helios(peer.HeliosQSSF)},
		{Entry{Name: "helios-sjf", Rule: "shortest true duration first, ties: submission" + heliosRule, Source: heliosSource, Clairvoyant: true},
			helios(peer.HeliosSJF)},
		{Entry{Name: "helios-srtf", Source: heliosSource, Clairvoyant: true,
			Rule: "preemptive: shortest remaining time first, ties: those that wait, then by start; who fits runs, placed on as few nodes as possible, nobody blocks; a preemption adds 7, 30 or 60 s of running for 1, up to 8 or more GPUs; ticks of 1 s"},
			func(*Spec) (state.Policy, error) { return peer.NewHeliosSRTF(), nil }},
		{Entry{Name: "openb-best-fit", Source: openbSource, Rule: "a pod goes to the node it leaves the least CPU and GPU on" + openbRule},
			openb(func(*Spec) hook.Scorer { return &peer.BestFit{} })},
		{Entry{Name: "openb-dot-product", Source: openbSource, Rule: dotProductRule + openbRule}, openb(func(*Spec) hook.Scorer { return place.NewDotProduct() })},
		{Entry{Name: "openb-fgd", Source: openbSource, Rule: fgdRule + openbRule, Params: fgdParams}, openb(func(s *Spec) hook.Scorer { return place.NewFGD(s.Typical) })},
		{Entry{Name: "openb-gpu-clustering", Source: openbSource, Rule: gpuClusteringRule + openbRule}, openb(func(*Spec) hook.Scorer { return place.NewGPUClustering() })},
		{Entry{Name: "openb-gpu-packing", Source: openbSource, Rule: gpuPackingRule + openbRule}, openb(func(*Spec) hook.Scorer { return place.NewGPUPacking() })},
		{Entry{Name: "recorded", Source: "the trace",
			Rule: "each job starts at its recorded start on the lowest nodes that fit, or as soon as it can after it (a conflict); jobs without a record: by arrival, behind"},
			func(*Spec) (state.Policy, error) { return peer.NewRecorded(), nil }},
		tiresiasOf("dlas", "queues with limits of 3,250 and 7,200 s of attained time, in each those that run first", false),
		tiresiasOf("dlas-gpu", "queues with limits of 3,250 and 7,200 GPU-s of attained service, in each those that run first", false),
		{Entry{Name: "tiresias-fifo", Rule: "by arrival, the first that does not fit blocks", Source: tiresiasSource, Places: variants}, tiresias(false)},
		{Entry{Name: "tiresias-fjf", Rule: "by arrival, who does not fit is skipped", Source: tiresiasSource, Places: variants}, tiresias(true)},
		{Entry{Name: gittins, Source: tiresiasSource, Rule: "highest Gittins index of the attained GPU-s first (within 3,250 GPU-s), ties: arrival" + walked,
			Params: []Param{{Name: "history", File: true, Rule: "a CSV whose column duration is the service of past jobs in GPU-s; none: that of the scenario's own workload, which no scheduler knows"}}},
			func(s *Spec) (state.Policy, error) { return peer.NewTiresiasGittins(peer.NewHistory(s.History)), nil }},
		tiresiasOf("shortest", "shortest remaining time first, ties: the order before", true),
		tiresiasOf("shortest-gpu", "smallest remaining time x GPUs first, ties: the order before", true),
		tiresiasOf("sjf", "fewest GPUs first, ties: arrival", false),
	}
	for i := range all {
		all[i].Slot = SlotPreset
	}
	return all
}

// gittins is the preset that goes by a history.
const gittins = "tiresias-gittins"

func buildPreset(s Spec) (state.Policy, error) {
	table := presets()
	entries := make([]Entry, len(table))
	for i := range table {
		entries[i] = table[i].Entry
	}
	e, err := find(entries, SlotPreset, s.Preset)
	if err != nil {
		return nil, err
	}
	if s.Order != "" || s.Backfill != "" || s.Preempt != "" || len(s.Guests) > 0 {
		return nil, fmt.Errorf("policy: preset %s decides everything; order, backfill, preempt and modules cannot stand beside it", s.Preset)
	}
	if s.Place != "" && !slices.Contains(e.Places, s.Place) {
		if len(e.Places) == 0 {
			return nil, fmt.Errorf("policy: place is %q, but preset %s has no variants of placement", s.Place, s.Preset)
		}
		return nil, fmt.Errorf("policy: preset %s has no placement %q%s; there are %s", s.Preset, s.Place, meant(s.Place, e.Places),
			strings.Join(e.Places, ", "))
	}
	if _, err := read(s.Params, *e); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(table, func(p preset) bool { return p.Name == e.Name })
	return table[i].build(&s)
}
