package sim

import "github.com/orrery-sim/orrery/sim/state"

// Conveyor lets whoever runs a simulation have its batches delivered to digest and listeners beside it, on another
// goroutine, while the engine fills the next one. What comes out is the same with and without it: batches are the same, are
// delivered in order, and slots are recycled at the same events.
type Conveyor interface {
	// Carry waits until the delivery before this one is over, has this one begin, and returns.
	Carry(deliver func())
	// Settle returns when every delivery is over.
	Settle()
}

// delivery is one batch on its way to digest and listeners: its buffers, and the headers of the columns as they were when
// it was handed over.
type delivery struct {
	batch  state.Batch
	jobs   state.Jobs
	shapes state.Shapes
	nodes  state.Nodes
	names  state.Names
	run    func() // deliver, bound once
}

// handOver gives all events so far to the policy and has them delivered. The slots of jobs that ended in the batch before,
// whose delivery is over by now, are recycled.
func (e *Engine) handOver() {
	e.tellPolicy()
	e.counts.Events += uint64(len(e.buf)) - e.extra
	e.extra = 0
	d := &e.out[e.side]
	d.jobs, d.shapes, d.nodes, d.names = e.jobs, e.shapes.Shapes, *e.cl.Nodes(), e.names.View()
	d.batch = state.Batch{Events: e.buf, Parts: e.told, Jobs: &d.jobs, Shapes: &d.shapes, Nodes: &d.nodes, Names: &d.names}
	if e.cfg.Conveyor == nil {
		e.deliver(d)
	} else {
		if d.run == nil {
			d.run = func() { e.deliver(d) }
		}
		e.cfg.Conveyor.Carry(d.run)
	}
	e.side ^= 1
	free := &e.out[e.side].batch
	e.buf, e.told, e.seen = free.Events[:0], free.Parts[:0], 0
	e.recycle()
}

// deliver runs beside the engine: it touches nothing of it but the digest and the listeners.
func (e *Engine) deliver(d *delivery) {
	e.digest.observe(d.batch.Events, d.batch.Parts, &d.nodes)
	for _, l := range e.cfg.Listeners {
		l.Observe(&d.batch)
	}
}

// Flush hands all events so far to policy and listeners, and returns when they have been delivered.
func (e *Engine) Flush() {
	e.handOver()
	e.await()
}

// await waits for what is being delivered.
func (e *Engine) await() {
	if e.cfg.Conveyor != nil {
		e.cfg.Conveyor.Settle()
	}
}
