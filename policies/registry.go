package policies

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/preempt"
	"github.com/orrery-sim/orrery/sim/state"
)

// Slot is where an entry of the registry goes in a scenario's policy.
type Slot string

// The slots.
const (
	SlotOrder    Slot = "order"
	SlotBackfill Slot = "backfill"
	SlotPlace    Slot = "place"
	SlotPreempt  Slot = "preempt"
	SlotPreset   Slot = "preset"
)

// Entry describes one part or preset for people: documentation and `orrery policy list`.
type Entry struct {
	Slot        Slot
	Name        string
	Rule        string // in one line, ties included
	Source      string
	Params      []Param
	Places      []string // a preset's variants of place:, the default first
	Clairvoyant bool     // it uses true durations
}

// Param is a whole number that an entry can be given, as `params: {name: value}` in its slot, or a file.
type Param struct {
	Name     string
	Rule     string
	Default  int64
	Min, Max int64
	File     bool // the path of a file, relative to the scenario; who builds the policy reads it (Spec.Typical, Spec.History)
}

// Spec names a policy: a preset, with a variant of place where it has some, or parts. Empty parts are fifo, none and
// first-fit. Params are written "slot.name", such as "backfill.depth".
type Spec struct {
	Preset                 string
	Order, Backfill, Place string
	Preempt                string
	Params                 map[string]string
	Guests                 map[Slot]*Guest // stand in for the part of their slot

	// Typical are the pods that fgd goes by; none: those that have arrived.
	Typical []place.TypicalPod
	// History is the service of past jobs in GPU-seconds that gittins goes by.
	History []int64
}

// What a part of the pipeline is when nothing is said.
const (
	DefaultOrder    = "fifo"
	DefaultBackfill = "none"
	DefaultPlace    = "first-fit"
	DefaultPreempt  = "none"
)

// ties is how orders break ties.
const ties = "; ties: earlier arrival"

func orders() []Entry {
	e := func(name, rule, source string) Entry {
		return Entry{Slot: SlotOrder, Name: name, Rule: rule, Source: source}
	}
	return []Entry{
		e("fifo", "by arrival", "first come, first served"),
		e("sjf", "shortest estimated running time first"+ties, "FACTS.md 4.7"),
		e("ljf", "longest estimated running time first"+ties, "the reverse of sjf"),
		e("priority", "largest priority first"+ties, "the job's priority"),
		e("smallest-first", "fewest GPUs first"+ties, "the job's GPUs"),
		e("fair-by-user", "jobs of the user who holds the fewest GPUs of the partition now first"+ties, "instantaneous fair share, without decay"),
		e("las", "least attained service first: the GPU time that earlier attempts of the job have had"+ties, "Tiresias (Gu et al., NSDI'19), without its levels"),
	}
}

func backfills() []Entry {
	return []Entry{
		{Slot: SlotBackfill, Name: "none", Rule: "the first job that does not fit blocks", Source: "first come, first served"},
		{Slot: SlotBackfill, Name: "easy", Source: "Lifka 1995; FACTS.md 4.4",
			Rule: "a later job may start if it fits and does not delay the blocked head: it ends by the shadow time or leaves the head's share"},
		{Slot: SlotBackfill, Name: "conservative", Source: "Feitelson and Weil 1998",
			Rule:   "each of the first depth jobs has a reservation that no later job may delay; the others wait",
			Params: []Param{{Name: "depth", Rule: "jobs that hold a reservation", Default: backfill.DefaultDepth, Min: 1, Max: 1_000_000}}},
	}
}

func placements() []Entry {
	e := func(name, rule string) Entry {
		return Entry{Slot: SlotPlace, Name: name, Rule: rule, Source: "FACTS.md 4.8"}
	}
	return []Entry{
		e("first-fit", "the lowest node that fits"),
		e("best-fit", "the node with the fewest free GPUs that fits (for shares, CPU or memory: then thousandths, then CPU); ties: lowest node"),
		e("worst-fit", "the node with the most free GPUs (for shares, CPU or memory: then thousandths, then CPU); ties: lowest node"),
		e("consolidate", "as few nodes as it can: a node that holds pods of this job, else best fit"),
		e("spread", "the node with the fewest pods of this job, then the most free GPUs; ties: lowest node"),
		e("random", "any node that fits, with equal chances, drawn by seed, job and attempt"),
		{Slot: SlotPlace, Name: "topology", Rule: "the smallest domain (node, then the tiers of topology) that holds the gang, of one level the one with the fewest free GPUs; inside it as few smaller domains as it can; ties: lowest", Source: "DLC's HyperNodes; FACTS.md 5.8"},
		{Slot: SlotPlace, Name: "rail-aligned", Rule: "as topology; pods on several nodes take the same devices of each, where enough nodes have them: the lowest such devices, nodes with the fewest free GPUs first", Source: "rail-optimised fabrics, FACTS.md 5.8"},
		{Slot: SlotPlace, Name: "anti-affinity", Rule: "the innermost domain with the fewest pods of this job, then the node with the fewest, then the most free GPUs; ties: lowest node", Source: "pod anti-affinity with a topology key"},
		{Slot: SlotPlace, Name: "buddy", Rule: "as topology; what fits one node takes a buddy cell of it (2^k neighbouring devices that begin at a multiple of 2^k), cut from the smallest free cell of all nodes; ties: lowest", Source: "HiveD, Zhao et al., OSDI'20; FACTS.md 4.6"},
		{Slot: SlotPlace, Name: "dot-product", Rule: dotProductRule + lowestNode, Source: openbPaper},
		{Slot: SlotPlace, Name: "fgd", Rule: fgdRule + lowestNode, Source: openbPaper, Params: fgdParams},
		{Slot: SlotPlace, Name: "gpu-clustering", Rule: gpuClusteringRule + lowestNode, Source: openbPaper},
		{Slot: SlotPlace, Name: "gpu-packing", Rule: gpuPackingRule + lowestNode, Source: openbPaper},
		e(bestFitScan, "best fit as a score of every node, behind the hook of WebAssembly policies: the twin to measure them against. Fewest free GPUs, then "+
			"thousandths, and for pods without GPUs the least free CPU; ties: lowest node"),
	}
}

// What the rules of the openb simulator have in common, as parts and as presets.
const (
	openbPaper        = "Weng et al., ATC'23; FACTS.md 4.8"
	lowestNode        = "; ties: lowest node"
	dotProductRule    = "the node whose free CPU and GPU are least aligned with what the pod asks"
	fgdRule           = "the node, and for a share the GPU, on which the pod adds least to what typical pods could not use (fragmentation gradient descent)"
	gpuClusteringRule = "nodes that hold the same kind of pod only (shares, or so many GPUs), then among others, then idle ones, then the rest; the fullest first"
	gpuPackingRule    = "shared GPUs in use, then idle GPUs of nodes in use, then idle nodes, small ones first"
)

var fgdParams = []Param{{Name: "typical", File: true,
	Rule: "a trace in any format that orrery reads, whose pods are the typical ones; left out: the workload itself, and without one the pods that have arrived"}}

func preempts() []Entry {
	const most = math.MaxInt64 / int64(state.Second)
	return []Entry{
		{Slot: SlotPreempt, Name: "none", Rule: "nobody yields", Source: "the default"},
		{Slot: SlotPreempt, Name: "priority", Source: "FACTS.md 8",
			Rule: "when the next job does not fit, jobs of lower priority yield: the lowest priority first, then the latest start, then the latest submission; no more than are needed"},
		{Slot: SlotPreempt, Name: "las", Source: "Tiresias (Gu et al., NSDI'19), without its levels",
			Rule:   "jobs yield that have had more GPU time than the next job, by more than the margin: most first, then the latest submission; no more than are needed",
			Params: []Param{{Name: "margin", Rule: "GPU-seconds more", Default: 3600, Max: most}}},
		{Slot: SlotPreempt, Name: "srtf", Source: "shortest remaining time first, by estimates",
			Rule:   "jobs yield that are expected to run longer than the next job's estimate, by more than the margin: the latest expected end first, then the latest submission; no more than are needed",
			Params: []Param{{Name: "margin", Rule: "seconds longer", Default: 600, Max: most}}},
	}
}

// Entries are all parts and presets: orders, backfills, placements, preemptions, presets.
func Entries() []Entry {
	all := slices.Concat(orders(), backfills(), placements(), preempts())
	for _, p := range presets() {
		all = append(all, p.Entry)
	}
	return all
}

// Build makes the policy that a spec names. Errors say what was got, what there is, and what may have been meant.
func Build(s Spec) (state.Policy, error) {
	if err := checkGuests(&s); err != nil {
		return nil, err
	}
	if s.Preset != "" {
		return buildPreset(s)
	}
	if g := s.Guests[SlotScheduler]; g != nil {
		return g.scheduler()
	}
	o, err := find(orders(), SlotOrder, or(s.Order, DefaultOrder))
	if err != nil {
		return nil, err
	}
	b, err := find(backfills(), SlotBackfill, or(s.Backfill, DefaultBackfill))
	if err != nil {
		return nil, err
	}
	p, err := find(placements(), SlotPlace, or(s.Place, DefaultPlace))
	if err != nil {
		return nil, err
	}
	y, err := find(preempts(), SlotPreempt, or(s.Preempt, DefaultPreempt))
	if err != nil {
		return nil, err
	}
	params, err := read(s.Params, *o, *b, *p, *y)
	if err != nil {
		return nil, err
	}
	orderRule, err := order.Parse(o.Name)
	if err != nil {
		return nil, err
	}
	backfillRule, err := backfill.Parse(b.Name)
	if err != nil {
		return nil, err
	}
	if depth, ok := params["backfill.depth"]; ok {
		backfillRule.Depth = int(depth)
	}
	parts := Parts{Order: orderRule, Backfill: backfillRule}
	if g := s.Guests[SlotOrder]; g != nil {
		if parts.Orderer, err = g.Module.NewOrderer(g.Options); err != nil {
			return nil, err
		}
	}
	switch g := s.Guests[SlotPreempt]; {
	case g != nil:
		if parts.Preempt, err = g.Module.NewPreempter(g.Options); err != nil {
			return nil, err
		}
	case y.Name == "priority":
		parts.Preempt = preempt.Priority{}
	case y.Name == "las":
		parts.Preempt = preempt.LAS{Margin: state.Time(params["preempt.margin"]) * state.Second}
	case y.Name == "srtf":
		parts.Preempt = preempt.SRTF{Margin: state.Time(params["preempt.margin"]) * state.Second}
	}
	switch g := s.Guests[SlotPlace]; {
	case g != nil:
		if parts.Scorer, err = g.Module.NewScorer(g.Options); err != nil {
			return nil, err
		}
	case nativeScorer(p.Name, &s) != nil:
		parts.Scorer = nativeScorer(p.Name, &s)
	default:
		if parts.Place, err = place.Parse(p.Name); err != nil {
			return nil, err
		}
	}
	return NewPipelineOf(parts), nil
}

// bestFitScan is the placement that is a native scorer.
var bestFitScan = (&place.BestFitScan{}).Name()

// nativeScorer is the native placement of a name that rates nodes, or nil.
func nativeScorer(name string, s *Spec) hook.Scorer {
	switch name {
	case bestFitScan:
		return &place.BestFitScan{}
	case "dot-product":
		return place.NewDotProduct()
	case "fgd":
		return place.NewFGD(s.Typical)
	case "gpu-clustering":
		return place.NewGPUClustering()
	case "gpu-packing":
		return place.NewGPUPacking()
	}
	return nil
}

// UsesHistory reports whether a spec names a policy that goes by the service of past jobs, and the file that tells it, if any.
func (s *Spec) UsesHistory() (file string, ok bool) {
	return s.Params["preset.history"], s.Preset == gittins
}

// UsesTypical reports whether a spec names a policy that goes by typical pods, and the file that says which, if any.
func (s *Spec) UsesTypical() (file string, ok bool) {
	switch {
	case s.Preset == "openb-fgd":
		return s.Params["preset.typical"], true
	case s.Preset == "" && s.Place == "fgd" && s.Guests[SlotPlace] == nil && s.Guests[SlotScheduler] == nil:
		return s.Params["place.typical"], true
	}
	return "", false
}

func or(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

// find looks a name up.
func find(entries []Entry, slot Slot, name string) (*Entry, error) {
	var names []string
	for i := range entries {
		if entries[i].Name == name {
			return &entries[i], nil
		}
		names = append(names, entries[i].Name)
	}
	return nil, fmt.Errorf("policy: no %s %q%s; there are %s", slot, name, meant(name, names), strings.Join(names, ", "))
}

// read parses the parameters that the chosen entries have, with defaults, and refuses others.
func read(given map[string]string, chosen ...Entry) (map[string]int64, error) {
	values := map[string]int64{}
	var known []string
	for _, e := range chosen {
		for _, p := range e.Params {
			key := string(e.Slot) + "." + p.Name
			known = append(known, key)
			values[key] = p.Default
			text, ok := given[key]
			if !ok || p.File {
				continue
			}
			v, err := strconv.ParseInt(text, 10, 64)
			if err != nil || v < p.Min || v > p.Max {
				return nil, fmt.Errorf("policy: %s is %q; expected a whole number from %d to %d (%s)", key, text, p.Min, p.Max, p.Rule)
			}
			values[key] = v
		}
	}
	var unknown []string
	for key := range given {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return values, nil
	}
	slices.Sort(unknown)
	there := "the chosen parts have none"
	if len(known) > 0 {
		there = "there are " + strings.Join(known, ", ")
	}
	return nil, fmt.Errorf("policy: no parameter %q%s; %s", unknown[0], meant(unknown[0], known), there)
}

// ParseShort reads a policy in one word: order+backfill+place+preempt with the last parts left out at will, a preset, or
// preset+place. The names are not looked up; Build does that.
func ParseShort(text string) (Spec, error) {
	words := strings.Split(text, "+")
	for _, w := range words {
		if strings.TrimSpace(w) != w || w == "" {
			return Spec{}, fmt.Errorf("policy: %q; expected a preset or order+backfill+place, such as sjf+easy+best-fit", text)
		}
	}
	if isPreset(words) {
		s := Spec{Preset: words[0]}
		if len(words) == 2 {
			s.Place = words[1]
		}
		if len(words) > 2 {
			return Spec{}, fmt.Errorf("policy: %q has %d parts; a preset stands alone or with a placement, such as tiresias-fifo+yarn", text, len(words))
		}
		return s, nil
	}
	if len(words) > 4 {
		return Spec{}, fmt.Errorf("policy: %q has %d parts; expected at most order+backfill+place+preempt", text, len(words))
	}
	words = append(words, "", "", "")
	return Spec{Order: words[0], Backfill: words[1], Place: words[2], Preempt: words[3]}, nil
}

// isPreset reports whether the first word is a preset, or nearer to one than to any order.
func isPreset(words []string) bool {
	if strings.HasSuffix(words[0], ".wasm") {
		return false // a module's file may be called anything
	}
	var names []string
	for _, p := range presets() {
		names = append(names, p.Name)
	}
	_, toPreset := nearest(words[0], names)
	names = nil
	for _, o := range orders() {
		names = append(names, o.Name)
	}
	_, toOrder := nearest(words[0], names)
	return toPreset < toOrder
}
