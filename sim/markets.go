package sim

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/state"
)

// bazaar is what the engine keeps of markets that give and take nodes. It does not exist in a run without them.
type bazaar struct {
	line  *market.Timeline
	model *market.Model `snapshot:"keep"`
	taken []bool        // by node: its market has it
	going []bool        // by node: it was told that it goes, and takes no more jobs for that
}

func (e *Engine) openMarkets() error {
	m := e.cfg.Markets
	if m == nil {
		return nil
	}
	if err := m.Validate(); err != nil {
		return err
	}
	n := e.cl.Nodes().Len()
	e.bazaar = &bazaar{line: market.NewTimeline(m), model: m, taken: make([]bool, n), going: make([]bool, n)}
	return nil
}

func (b *bazaar) clone() *bazaar {
	if b == nil {
		return nil
	}
	c := *b
	c.line, c.taken, c.going = b.line.Clone(), slices.Clone(b.taken), slices.Clone(b.going)
	return &c
}

// has reports whether a market has a node, or is about to.
func (b *bazaar) has(node int32) bool { return b != nil && int(node) < len(b.taken) && b.taken[node] }

// trade carries out what markets do at this instant.
func (e *Engine) trade() {
	b := e.bazaar
	for b.line.Peek() <= e.now {
		ev := b.line.Next()
		switch ev.Kind {
		case market.Price:
			e.extra++
			e.emit(state.Event{Kind: state.EvPrice, Job: -1, A: int32(b.model.Markets[ev.Market].Pool), X: ev.Value})
		case market.Notice:
			e.notice(ev.Node, ev.Until-ev.At)
		case market.Take:
			b.taken[ev.Node] = true
			e.takeBack(ev.Node)
		case market.Give:
			b.taken[ev.Node] = false
			e.comeUp(ev.Node, 0)
		}
	}
}

// notice closes a node that its market will take, and lets the jobs on it use the time for a checkpoint if it is long enough.
func (e *Engine) notice(node int32, long state.Time) {
	n := e.cl.Nodes()
	if n.Flags[node]&state.NodeUp == 0 {
		return
	}
	if n.Flags[node]&state.NodeDraining == 0 {
		e.bazaar.going[node] = true
		e.setFlags(node, n.Flags[node]|state.NodeDraining, state.EvNodeFlags)
		e.touch(int32(n.Partition[node]))
	}
	for _, slot := range e.liveByNumber() {
		if e.jobs.Row[slot].State == state.JobRunning && e.holdsOn(slot, node) {
			e.stand(slot, long, state.FlagOwn)
			r := e.recovers(slot)
			if gpus := e.jobs.Row[slot].GPUs; r.Notice && long >= r.WriteOf(gpus).Add(r.LagOf(gpus)) {
				e.priv[slot].saved = e.priv[slot].done
			}
			e.pending = append(e.pending, preemption{slot, purpose{kind: state.PreemptSpot}})
		}
	}
}

// holdsOn reports whether a job has a part on a node.
func (e *Engine) holdsOn(slot, node int32) bool {
	for at := e.jobs.Row[slot].AllocHead; at >= 0; at = e.allocs.Next[at] {
		if e.allocs.Parts[at].Node == node {
			return true
		}
	}
	return false
}

// takeBack takes a node, and the jobs on it lose it to the market.
func (e *Engine) takeBack(node int32) {
	n := e.cl.Nodes()
	flags := n.Flags[node]
	if e.bazaar.going[node] {
		e.bazaar.going[node] = false
		flags &^= state.NodeDraining
	}
	if flags &^= state.NodeUp; flags == n.Flags[node] {
		return // it was down for another reason
	}
	e.setFlags(node, flags, state.EvNodeDown)
	for _, slot := range e.liveByNumber() {
		if !e.holdsOn(slot, node) {
			continue
		}
		switch {
		case e.jobs.Row[slot].State == state.JobStopping && e.takePending(slot).job < 0:
			e.finish(slot, state.Cancelled, state.ReasonCommand)
		case e.priv[slot].once:
			e.finish(slot, state.Failed, state.ReasonNodeLost)
		default:
			e.evict(slot, state.ReasonPreempted, purpose{kind: state.PreemptSpot})
		}
	}
	e.capacityGained(int32(n.Partition[node]))
}
