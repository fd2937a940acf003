package scenarios

import (
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// The costs of an eviction where a scenario says nothing.
const (
	defaultCheckpoint = 30 * 60 * state.Second
	defaultRestore    = 60 * state.Second
)

// freeRecovery is what published simulators charge: nothing. Who is preempted goes to the queue's tail there.
var freeRecovery = state.Recovery{Requeue: state.RequeueTail}

// recovery is what the scenario says that an eviction costs jobs for which no workload item says otherwise.
func (l *Loaded) recovery() state.Recovery {
	if l.Policy.Preset != "" {
		return l.Recovery.over(freeRecovery)
	}
	return l.Recovery.over(state.Recovery{Every: defaultCheckpoint, Restore: defaultRestore, Notice: true})
}

// noteRecovery tells of a preset whose evictions are made to cost something: a rule that was made without may go round in circles.
func (l *Loaded) noteRecovery(p *Plan) {
	if l.Policy.Preset == "" || l.Recovery == nil || l.recovery() == freeRecovery {
		return
	}
	text := fmt.Sprintf("preset %s reproduces a program in which evictions cost nothing; with this recovery its figures are of another", l.Policy.Preset)
	if l.Horizon == 0 {
		text += ", and if it preempts, jobs may take each other's GPUs for ever: give the scenario a horizon"
	}
	p.Warnings = append(p.Warnings, text)
}

// over is a base with what is written in its place.
func (r *Recovery) over(base state.Recovery) state.Recovery {
	if r == nil {
		return base
	}
	switch r.Mode {
	case "free":
		base.Every, base.Write, base.Restore = 0, 0, 0
	case "none":
		base.Every, base.Write = state.Never, 0
	case "checkpoint", "sync", "async":
		if base.Every == 0 {
			base.Restore = defaultRestore
		}
		if base.Every == 0 || base.Every == state.Never {
			base.Every = defaultCheckpoint
		}
	}
	for _, w := range []struct {
		given *Duration
		to    *state.Time
	}{{r.Write, &base.Write}, {r.Restore, &base.Restore}, {r.Grace, &base.Grace}, {r.Protect, &base.Protect},
		{r.Backoff, &base.Backoff}, {r.Retry, &base.Retry}, {r.Restart, &base.Restart}} {
		if w.given != nil {
			*w.to = w.given.Time()
		}
	}
	if r.Every != nil {
		if base.Every, base.Hazard = r.Every.Time(), 0; r.Every.Daly {
			base.Every, base.Hazard = defaultCheckpoint, youngDaly
		}
	}
	r.sized(&base)
	if r.Restarts != nil {
		if base.Restarts = int32(*r.Restarts); *r.Restarts == 0 {
			base.Restarts = -1
		}
	}
	if r.InPlace != nil {
		base.InPlace = int32(*r.InPlace)
		if r.Restart == nil {
			base.Restart = defaultRestore
		}
	}
	if r.Notice != nil {
		base.Notice = *r.Notice
	}
	switch r.Requeue {
	case "original":
		base.Requeue = state.RequeueOriginal
	case "tail":
		base.Requeue = state.RequeueTail
	case "evicted-at":
		base.Requeue = state.RequeueEvictedAt
	}
	return base
}

// youngDaly stands for the hazard of the scenario's failures until they are known.
const youngDaly = -1

// sized adds what the size of a checkpoint costs, and has an asynchronous one stall the job no longer than it is said.
func (r *Recovery) sized(base *state.Recovery) {
	if r.Size != nil && r.Bandwidth != nil {
		own := state.MulDiv(state.Time(*r.Size), int64(state.Second), int64(*r.Bandwidth))
		base.Write, base.Restore = base.Write.Add(own), base.Restore.Add(own)
	}
	if r.Size != nil && r.Store != nil {
		base.WriteEach = state.MulDiv(state.Time(*r.Size), int64(state.Second), int64(*r.Store))
		base.RestoreEach = base.WriteEach
	}
	if r.Mode == "async" {
		base.Lag, base.LagEach = base.Write, base.WriteEach
		base.Write, base.WriteEach = 0, 0
		if r.Stall != nil {
			base.Write = r.Stall.Time()
		}
	}
}

// chooseIntervals gives jobs that choose their interval the rate at which the cluster fails.
func (l *Loaded) chooseIntervals(p *Plan) error {
	for i := range p.Config.Recoveries {
		r := &p.Config.Recoveries[i]
		if r.Hazard != youngDaly {
			continue
		}
		if r.Hazard = p.hazard(); r.Hazard == 0 {
			l.Doc.Errorf("recovery.every", "young-daly without failures: there is no rate to choose an interval by").Want("failures: with a preset or processes, or a duration such as 30m")
		} else if r.WriteOf(1)+r.LagOf(1) == 0 {
			l.Doc.Errorf("recovery.every", "young-daly with checkpoints that cost nothing: each instant would be one").Want("write: or size: with a bandwidth")
		}
	}
	return l.Doc.Err()
}

// check tests what the words of a recovery mean together.
func (l *Loaded) checkRecovery(path string, r *Recovery) {
	if r == nil {
		return
	}
	if r.Mode == "free" || r.Mode == "none" {
		for _, w := range []struct {
			key   string
			given bool
		}{{"every", r.Every != nil}, {"write", r.Write != nil}, {"size", r.Size != nil}} {
			if w.given {
				l.Doc.Errorf(path+"."+w.key, "a recovery that is %s writes no checkpoints", r.Mode).Do("leave %s out, or write mode: checkpoint", w.key)
			}
		}
		if r.Mode == "free" && r.Restore != nil && *r.Restore > 0 {
			l.Doc.Errorf(path+".restore", "a free recovery has nothing to restore").Do("leave restore out, or write mode: checkpoint")
		}
	}
	if r.Stall != nil && r.Mode != "async" {
		l.Doc.Errorf(path+".stall", "a stall without async: a job stands still for the whole write").Do("write mode: async, or leave stall out")
	}
	if (r.Size == nil) != (r.Bandwidth == nil && r.Store == nil) {
		l.Doc.Errorf(path, "a size without a bandwidth or a store, or one of them without a size").Want("size: with bandwidth: (of each GPU), store: (of all), or both")
	}
	if r.Every != nil && !r.Every.Daly && r.Every.Duration == 0 {
		l.Doc.Errorf(path+".every", "checkpoints at every instant").Want("more than 0s").Do("write recovery: free where nothing is to be lost")
	}
}

// RecoveryText says in a sentence what an eviction costs.
func (p *Plan) RecoveryText() string {
	text := "An eviction costs: "
	for i := range p.Config.Recoveries {
		if i > 0 {
			text += "; in some workload items: "
		}
		text += costText(&p.Config.Recoveries[i])
	}
	return text + "."
}

func costText(r *state.Recovery) string {
	d := func(t state.Time) string { return units.FormatDuration(int64(t)) }
	var words []string
	switch r.Every {
	case 0:
		words = append(words, "no work")
	case state.Never:
		words = append(words, "all work so far")
	default:
		words = append(words, "the work since the last checkpoint (each "+d(r.Every)+" of work)")
	}
	if r.Hazard > 0 {
		words[0] = "the work since the last checkpoint (by Young's interval: each " + d(r.EveryOf(8)) + " of work with 8 GPUs, " + d(r.EveryOf(1024)) + " with 1,024)"
	}
	if r.WriteOf(1) > 0 {
		words = append(words, d(r.WriteOf(1))+" for each checkpoint")
	}
	if r.LagOf(1) > 0 {
		words = append(words, "which counts "+d(r.LagOf(1))+" later")
	}
	if r.WriteEach > 0 || r.LagEach > 0 {
		words = append(words, "more for large jobs, which wait for the store")
	}
	switch {
	case r.Restarts < 0:
		words = append(words, "the job itself where a node is lost or it crashes")
	case r.Restarts > 0:
		words = append(words, fmt.Sprintf("the job itself after %d restarts", r.Restarts))
	}
	if r.Restore > 0 {
		words = append(words, d(r.Restore)+" to restore at the next start")
	}
	if r.Grace > 0 {
		words = append(words, d(r.Grace)+" of grace without work")
	}
	if r.Grace > 0 && r.Notice && r.Grace >= r.Write && r.Every != 0 {
		words = append(words, "which saves what was done before it")
	}
	if r.Backoff > 0 {
		words = append(words, d(r.Backoff)+" of back-off")
	}
	return strings.Join(words, ", ")
}

// recoveries are the scenario's: its own first, then those of workload items; of says which one each item has.
func (l *Loaded) recoveries() (all []state.Recovery, of []uint8, err error) {
	all = []state.Recovery{l.recovery()}
	for i := range l.Workload {
		at := uint8(0)
		if w := &l.Workload[i]; w.Recovery != nil {
			if len(all) == int(state.RecoveryNone) {
				l.Doc.Errorf(fmt.Sprintf("workload[%d].recovery", i), "one recovery too many").Want("at most %d items with one of their own", state.RecoveryNone-1)
				return nil, nil, l.Doc.Err()
			}
			at = uint8(len(all))
			all = append(all, w.Recovery.over(all[0]))
		}
		of = append(of, at)
	}
	return all, of, nil
}

// recovering gives each job of a workload item its recovery.
type recovering struct {
	state.Source
	index uint8
}

func (r *recovering) Next(s *state.JobSpec) (bool, error) {
	ok, err := r.Source.Next(s)
	s.Recovery = r.index
	return ok, err
}

// Notes are those of the source behind it.
func (r *recovering) Notes() []string { return trace.NotesOf(r.Source) }

func (r *recovering) Clone(names *state.Names) (state.Source, error) {
	src, err := r.Source.Clone(names)
	return &recovering{src, r.index}, err
}
