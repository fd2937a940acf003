package simtest

import (
	"fmt"
	"math"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// scripted decides what a case says, at the first pass at or after the time it says.
type scripted struct {
	c       *Case
	done    []uint64 // by act: the pass that decided it, or 0
	trigger state.Trigger
}

func (p *scripted) Info() state.Info                        { return state.Info{Name: "test-script", Trigger: p.trigger} }
func (p *scripted) Init(*state.View) error                  { return nil }
func (p *scripted) Observe(v *state.View, ev []state.Event) {}
func (p *scripted) Clone() (state.Policy, error) {
	return &scripted{c: p.c, done: append([]uint64(nil), p.done...), trigger: p.trigger}, nil
}

// slotOf finds a live job by looking at every slot; -1 for others.
func (p *scripted) slotOf(v *state.View, name string) int32 {
	n, ok := p.c.numbers[name]
	if !ok {
		panic(fmt.Sprintf("case %s: no job %q", p.c.Name, name))
	}
	for slot := range v.Jobs.Row {
		if v.Jobs.Row[slot].Number == n && v.Jobs.Row[slot].State != state.JobFree && v.Jobs.Row[slot].State != state.JobEnded {
			return int32(slot)
		}
	}
	return -1
}

func (p *scripted) Pass(v *state.View, d *state.Decisions) {
	first := 0 // the act that the next "then" follows
	for i := range p.c.acts {
		a := &p.c.acts[i]
		then := a.word[0] == "then"
		if !then {
			first = i
		}
		if p.done[i] != 0 || a.at > v.Now || then && (p.done[first] == 0 || p.done[first] == v.Pass) {
			continue
		}
		p.done[i] = v.Pass
		p.act(v, d, a)
	}
}

func (p *scripted) act(v *state.View, d *state.Decisions, a *act) {
	word := a.word
	if word[0] == "then" {
		word = word[1:]
	}
	verb, arg := word[0], word[1]
	mark := len(d.Parts)
	if verb == "timer" {
		at, err := span(arg)
		if err != nil {
			panic(err)
		}
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(at)})
		return
	}
	if verb == "take" {
		p.take(v, d, word[1:])
		d.Parts = d.Parts[:mark]
		return
	}
	slot := p.slotOf(v, arg)
	dec := state.Decision{Job: slot, Tag: uint32(a.line)}
	if slot >= 0 {
		dec.Gen = v.Jobs.Row[slot].Gen
	}
	switch verb {
	case "start", "stale":
		dec.Kind = state.DecideStart
		if len(word) > 2 {
			p.take(v, d, word[3:])
		} else if slot >= 0 {
			c := v.Capacity.(*cluster.Cluster)
			c.PlaceLowest(&d.Parts, uint32(v.Partition), v.Shapes.Of(v.Jobs.Row[slot].Shape))
		}
		dec.PartFirst, dec.PartN = int32(mark), int32(len(d.Parts)-mark)
		if verb == "stale" {
			dec.Gen--
		}
	case "range":
		dec.Kind, dec.PartFirst, dec.PartN = state.DecideStart, math.MaxInt32, math.MaxInt32
	case "preempt":
		dec.Kind, dec.Why = state.DecidePreempt, state.PreemptPriority
		for i := 2; i+1 < len(word); i += 2 {
			switch word[i] {
			case "for":
				dec.For = 1 + p.c.numbers[word[i+1]]
			case "cost":
				at, err := span(word[i+1])
				if err != nil {
					panic(err)
				}
				dec.Arg = int64(at)
			}
		}
	case "reject":
		dec.Kind = state.DecideReject
	case "kind":
		dec.Kind = 200
	default:
		panic(fmt.Sprintf("line %d: no decision %q", a.line, verb))
	}
	d.List = append(d.List, dec)
}

// take takes parts on the index; what the index refuses is left out, so that the gang does not add up.
func (p *scripted) take(v *state.View, d *state.Decisions, words []string) {
	parts, err := p.c.parts(words)
	if err != nil {
		panic(err)
	}
	for _, part := range parts {
		v.Capacity.(*cluster.Cluster).Take(&d.Parts, part)
	}
}
