package sim

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// outages is what the engine keeps of failures that are drawn. It does not exist in a run without them.
type outages struct {
	line  *fault.Timeline
	model *fault.Model `snapshot:"keep"`
	key   rng.Key      `snapshot:"keep"` // of jobs' own failures

	// By node. A node works when neither a failure nor a change keeps it out.
	broken  []bool   // a failure does
	stalled []bool   // it has failed, and nobody knows
	speed   []uint64 // share of its speed, 32.32 fixed point

	crashed []bool // by job slot: the present attempt has failed by itself, and nobody knows
}

func (e *Engine) startOutages() error {
	m := e.cfg.Failures
	if m == nil {
		return nil
	}
	if err := m.Validate(); err != nil {
		return err
	}
	n := e.cl.Nodes()
	var nodes []fault.Node
	for i := range n.Flags {
		nodes = append(nodes, fault.Node{GPUs: int32(n.GPUsTotal[i]), Pool: n.Pool[i]})
	}
	e.outages = &outages{line: fault.NewTimeline(m, nodes), model: m, key: m.CrashKey()}
	e.outages.grow(len(nodes))
	return nil
}

// trackOff begins to tell apart why nodes are out: a failure or a market ends by itself, a change does not.
func (e *Engine) trackOff() {
	if e.outages == nil && e.bazaar == nil {
		return
	}
	e.off = make([]bool, e.cl.Nodes().Len())
	for i := range e.cfg.Nodes {
		e.off[i] = e.cfg.Nodes[i].Down
	}
}

func (o *outages) grow(nodes int) {
	for len(o.broken) < nodes {
		o.broken, o.stalled, o.speed = append(o.broken, false), append(o.stalled, false), append(o.speed, rateOne)
	}
}

func (o *outages) clone() *outages {
	if o == nil {
		return nil
	}
	c := *o
	c.line = o.line.Clone()
	c.broken, c.stalled = slices.Clone(o.broken), slices.Clone(o.stalled)
	c.speed, c.crashed = slices.Clone(o.speed), slices.Clone(o.crashed)
	return &c
}

// nextOutage is the next failure or repair before t, if it can change anything: failures go on for ever and keep no run alive.
func (e *Engine) nextOutage(t state.Time) state.Time {
	at := state.Never
	if e.outages != nil {
		at = e.outages.line.Peek()
	}
	if e.bazaar != nil {
		at = min(at, e.bazaar.line.Peek())
	}
	if at >= t || t == state.Never && e.waiting == 0 && !e.anyRuns() {
		return t
	}
	return max(at, e.now+1)
}

// anyRuns reports whether a job holds GPUs. It is asked only when nothing else lies ahead.
func (e *Engine) anyRuns() bool {
	return slices.ContainsFunc(e.jobs.Row, func(j state.Job) bool { return j.State == state.JobRunning || j.State == state.JobStopping })
}

// fail carries out the failures and repairs of this instant.
func (e *Engine) fail() {
	o := e.outages
	for o.line.Peek() <= e.now {
		ev := o.line.Next()
		switch ev.Kind {
		case fault.Stall:
			o.stalled[ev.Node] = true
			e.rerate(ev.Node)
		case fault.Slow:
			o.speed[ev.Node] = max(uint64(float64(ev.Speed*float64(rateOne))), 1)
			e.rerate(ev.Node)
		case fault.Fast:
			o.speed[ev.Node] = rateOne
			e.rerate(ev.Node)
		case fault.Down:
			o.broken[ev.Node], o.stalled[ev.Node] = true, false
			e.breakDown(ev.Node, ev.Cause+1)
		case fault.Up:
			o.broken[ev.Node] = false
			e.comeUp(ev.Node, ev.Cause+1)
		}
	}
}

// breakDown takes a node out that has failed; cause is 1 + that of the failure.
func (e *Engine) breakDown(node int32, cause uint8) {
	n := e.cl.Nodes()
	if n.Flags[node]&state.NodeUp == 0 {
		return
	}
	e.setFlags(node, n.Flags[node]&^state.NodeUp, state.EvNodeDown)
	e.buf[len(e.buf)-1].Cause = cause
	e.evictAll(node, cause)
	e.capacityGained(int32(n.Partition[node]))
}

// comeUp gives a node back that nothing else keeps out.
func (e *Engine) comeUp(node int32, cause uint8) {
	n := e.cl.Nodes()
	if n.Flags[node]&state.NodeUp != 0 || e.kept(node) || e.off[node] {
		return
	}
	e.setFlags(node, n.Flags[node]|state.NodeUp, state.EvNodeUp)
	e.buf[len(e.buf)-1].Cause = cause
	e.capacityGained(int32(n.Partition[node]))
}

// kept reports whether a failure or a market keeps a node out.
func (e *Engine) kept(node int32) bool { return e.outages.has(node) || e.bazaar.has(node) }

// has reports whether a failure keeps a node out.
func (o *outages) has(node int32) bool { return o != nil && o.broken[node] }

// blocked notes that a change turns a node off or on, and reports whether something else keeps it out all the same.
func (e *Engine) blocked(c *Change) bool {
	if e.off == nil || c.Kind != ChangeUp && c.Kind != ChangeDown {
		return false
	}
	e.off[c.Node] = c.Kind == ChangeDown
	return e.kept(c.Node)
}

// rerate has the jobs on a node go on at the speed of their slowest.
func (e *Engine) rerate(node int32) {
	for _, slot := range e.liveByNumber() {
		if e.jobs.Row[slot].State != state.JobRunning || e.priv[slot].rate == 0 {
			continue
		}
		for at := e.jobs.Row[slot].AllocHead; at >= 0; at = e.allocs.Next[at] {
			if e.allocs.Parts[at].Node == node {
				if r := e.outages.rate(e, slot); r != e.priv[slot].rate {
					e.setRate(slot, r)
				}
				break
			}
		}
	}
}

// rate is the speed at which a job works on the nodes that it holds: that of its placement, at the slowest node's share.
func (o *outages) rate(e *Engine, slot int32) uint64 {
	share := uint64(rateOne)
	for at := e.jobs.Row[slot].AllocHead; at >= 0; at = e.allocs.Next[at] {
		node := e.allocs.Parts[at].Node
		if o.stalled[node] {
			return 0
		}
		share = min(share, o.speed[node])
	}
	if share == rateOne {
		return e.placed(slot)
	}
	hi, lo := bits.Mul64(e.placed(slot), share)
	return max(hi<<32|lo>>32, 1)
}

// beginOn prepares an attempt that has just begun: its nodes may be slow, or have failed unseen.
func (o *outages) beginOn(e *Engine, slot int32) {
	if o.model.Jobs.Any() {
		for len(o.crashed) <= int(slot) {
			o.crashed = append(o.crashed, false)
		}
		o.crashed[slot] = false
	}
	if r := o.rate(e, slot); r != e.priv[slot].rate {
		e.priv[slot].rate = r
		e.tell(state.EvRate, slot).Z = r
	}
}

// crashAt is the instant at which the present attempt fails by itself, or Never.
func (o *outages) crashAt(e *Engine, slot int32) state.Time {
	if !o.model.Jobs.Any() || o.crashed[slot] || e.priv[slot].rate == 0 {
		return state.Never
	}
	j := &e.jobs.Row[slot]
	life, _ := o.model.After(o.key, j.Number, j.Attempts, j.GPUs)
	return j.Start.Add(life)
}

// crash ends an attempt that has failed by itself, at once or when that is found.
func (e *Engine) crash(slot int32) {
	o, j := e.outages, &e.jobs.Row[slot]
	if _, found := o.model.After(o.key, j.Number, j.Attempts, j.GPUs); found > 0 && !o.crashed[slot] {
		o.crashed[slot] = true
		e.setRate(slot, 0)
		e.push(e.now.Add(found), classLoss, slot, e.priv[slot].endGen)
		return
	}
	e.lost(slot, state.ReasonCrash, o.model.Jobs.Cause+1)
	e.touch(j.Partition)
}
