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
	case "checkpoint":
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
	}{{r.Every, &base.Every}, {r.Write, &base.Write}, {r.Restore, &base.Restore}, {r.Grace, &base.Grace}, {r.Protect, &base.Protect},
		{r.Backoff, &base.Backoff}} {
		if w.given != nil {
			*w.to = w.given.Time()
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

// check tests what the words of a recovery mean together.
func (l *Loaded) checkRecovery(path string, r *Recovery) {
	if r == nil {
		return
	}
	if r.Mode == "free" || r.Mode == "none" {
		for _, w := range []struct {
			key   string
			given *Duration
		}{{"every", r.Every}, {"write", r.Write}} {
			if w.given != nil {
				l.Doc.Errorf(path+"."+w.key, "a recovery that is %s writes no checkpoints", r.Mode).Do("leave %s out, or write mode: checkpoint", w.key)
			}
		}
		if r.Mode == "free" && r.Restore != nil && *r.Restore > 0 {
			l.Doc.Errorf(path+".restore", "a free recovery has nothing to restore").Do("leave restore out, or write mode: checkpoint")
		}
	}
	if r.Every != nil && *r.Every == 0 {
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
	if r.Write > 0 {
		words = append(words, d(r.Write)+" for each checkpoint")
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
