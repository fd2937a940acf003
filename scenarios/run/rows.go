package run

import (
	"math/bits"
	"strconv"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// jobRows is a listener that writes a row when a job ends, so that memory grows with live jobs only. It writes files and
// does not follow forks.
type jobRows struct {
	out      *columns.Writer
	attempts *columns.Writer // nil until a job is evicted
	open     func() (*columns.Writer, error)
	err      error
	paid     func(slot int32) int64 // nil: no column of costs
	x        int                    // columns of the trace's own
	rows     []int32                // by job slot: its row in live, or -1 for a job of which nothing is to be kept yet
	live     []liveRow
	free     []int32 // rows of live
	place    placeText
}

// liveRow is what a job's row needs and its end does not tell.
type liveRow struct {
	caused      [state.NumCauses]int64
	start       state.Time // of the present attempt, or of the last
	from        state.Time // the instant at which its devices were taken
	run, lost   int64      // of attempts before
	overhead    int64      // of all attempts, and idle
	idle        int64
	costs       [2]int64   // overhead and idle of the attempt that ends next
	held        state.Wide // thousandths of a GPU x ns
	milli       int64      // held now
	attempts    int32
	preemptions int32
	parts       []placed // of the last attempt
}

// placed is the devices of one part, and of as many more on the nodes after it.
type placed struct {
	mask       uint64
	node, more int32
}

// row is what is kept of a live job: nothing while it waits for the first time, and thousands may.
func (r *jobRows) row(slot int32) *liveRow {
	at := r.rows[slot]
	if at < 0 {
		if n := len(r.free); n > 0 {
			at, r.free = r.free[n-1], r.free[:n-1]
		} else {
			at = int32(len(r.live))
			r.live = append(r.live, liveRow{})
		}
		r.rows[slot] = at
		l := &r.live[at]
		*l = liveRow{start: state.Unset, parts: l.parts[:0]}
	}
	return &r.live[at]
}

func newJobRows(out *columns.Writer, attempts func() (*columns.Writer, error), x int, paid func(int32) int64) *jobRows {
	return &jobRows{out: out, open: attempts, x: x, paid: paid}
}

// Kinds are the events that a row is made of.
func (r *jobRows) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvWaited, state.EvStart, state.EvEvict, state.EvEnd, state.EvCost)
}

// Observe writes the rows of the jobs that end in a batch.
func (r *jobRows) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvArrive:
			for int(ev.Job) >= len(r.rows) {
				r.rows = append(r.rows, -1)
			}
		case state.EvWaited:
			r.row(ev.Job).caused[ev.Cause] += ev.X
		case state.EvStart:
			l := r.row(ev.Job)
			l.start, l.from = ev.Time, ev.Time
			if l.attempts == 0 {
				l.start = state.Time(ev.Y) // an initial job may have started before instant 0
			}
			l.attempts++
			l.milli, l.parts = 0, l.parts[:0]
			parts := b.PartsOf(ev)
			for i := range parts {
				p := &parts[i]
				l.milli += int64(bits.OnesCount64(p.Mask)) * int64(p.Milli) * int64(p.More+1)
				l.parts = append(l.parts, placed{p.Mask, p.Node, p.More})
			}
		case state.EvEvict:
			r.evict(ev, b)
		case state.EvCost:
			l := r.row(ev.Job)
			l.costs = [2]int64{ev.X, int64(ev.Z)}
			l.overhead, l.idle = l.overhead+ev.X, l.idle+int64(ev.Z)
		case state.EvEnd:
			r.end(ev, b)
		}
	}
}

// settle books the GPU time of an attempt that ends.
func (l *liveRow) settle(now state.Time) {
	l.held.AddMul(l.milli, int64(now-l.from))
	l.milli = 0
}

func (r *jobRows) evict(ev *state.Event, b *state.Batch) {
	l := r.row(ev.Job)
	l.settle(ev.Time)
	l.run += ev.X
	l.lost += ev.Y
	if state.EndReason(ev.Cause) == state.ReasonPreempted {
		l.preemptions++
	}
	if r.attempts == nil && r.err == nil {
		r.attempts, r.err = r.open()
	}
	if r.err != nil {
		return
	}
	w := r.attempts
	r.place.of(l.parts, b.Nodes)
	w.Int(0, int64(ev.Number))
	w.Bytes(1, b.Jobs.NameOf(ev.Job))
	w.Int(2, int64(l.start))
	w.Int(3, int64(ev.Time))
	w.String(4, state.EndReason(ev.Cause).String())
	w.Int(5, ev.Y)
	w.Bytes(6, r.place.nodes)
	w.Bytes(7, r.place.ids)
	w.Bytes(8, r.place.counts)
	w.String(9, preemptedFor(ev))
	if ev.Z > 0 {
		w.Int(10, int64(ev.Z)-1)
	} else {
		w.Null(10)
	}
	w.Int(11, l.costs[0])
	w.Int(12, l.costs[1])
	l.costs = [2]int64{}
	w.EndRow()
}

// preemptedFor is the kind of a preemption, or "".
func preemptedFor(ev *state.Event) string {
	if state.EndReason(ev.Cause) != state.ReasonPreempted {
		return ""
	}
	return state.PreemptKind(ev.Outcome).String()
}

func (r *jobRows) end(ev *state.Event, b *state.Batch) {
	slot, w, jobs, names := ev.Job, r.out, b.Jobs, b.Names
	l := r.row(slot)
	l.settle(ev.Time)
	submit := jobs.Row[slot].Submit
	w.Bytes(colJob, jobs.NameOf(slot))
	w.String(colQueue, names.Queues.Name(jobs.Row[slot].Queue))
	w.String(colUser, names.Users.Name(jobs.Row[slot].User))
	w.String(colState, ev.Outcome.String())
	w.Int(colSubmit, int64(submit))
	if first := state.Time(ev.X); first != state.Unset {
		w.Int(colStart, ev.X)
		w.Int(colWait, int64(first-submit))
		w.Int(colLastStart, int64(l.start))
	} else {
		w.Null(colStart)
		w.Null(colWait)
		w.Null(colLastStart)
	}
	if ev.Outcome == state.Unfinished {
		w.Null(colEnd)
	} else {
		w.Int(colEnd, int64(ev.Time))
	}
	w.Int(colGPUs, int64(ev.A))
	r.place.of(l.parts, b.Nodes)
	w.Bytes(colNodes, r.place.nodes)
	w.Bytes(colGPUIDs, r.place.ids)
	w.Bytes(colNodeGPUs, r.place.counts)
	w.Int(colPreemptions, int64(l.preemptions))
	w.Int(colNumber, int64(ev.Number))
	w.String(colPartition, names.Partitions.Name(jobs.Row[slot].Partition))
	w.Int(colPriority, int64(jobs.Row[slot].Priority))
	w.String(colReason, state.EndReason(ev.Cause).String())
	w.Int(colEstimate, int64(jobs.Row[slot].Estimate))
	w.Int(colQueued, ev.Y)
	w.Int(colRun, l.run+int64(ev.Z))
	w.Int(colLost, l.lost)
	w.Float(colGPUHours, metric.Hours(l.held))
	w.Int(colAttempts, int64(l.attempts))
	if rec := jobs.RecStart(slot); rec != state.Unset {
		w.Int(colRecordedStart, int64(rec))
	} else {
		w.Null(colRecordedStart)
	}
	w.Int(colOverhead, l.overhead)
	w.Int(colIdle, l.idle)
	for c, ns := range l.caused {
		w.Int(colCause0+c, ns)
	}
	for i := range r.x {
		var v int64
		if int(slot) < len(jobs.X[i]) {
			v = jobs.X[i][slot]
		}
		w.Int(colX0+i, v)
	}
	if r.paid != nil {
		w.Int(colX0+r.x, r.paid(slot))
	}
	w.EndRow()
	r.free, r.rows[slot] = append(r.free, r.rows[slot]), -1
}

// placeText writes a placement as three lists separated by `;`: each node once, in the order of the job's first part on
// it; the indexes of the devices, the nodes in turn, ascending within one; and how many of them each node has.
type placeText struct {
	nodes, ids, counts []byte
	seen               []placed
}

func (t *placeText) of(parts []placed, nodes *state.Nodes) {
	t.nodes, t.ids, t.counts = t.nodes[:0], t.ids[:0], t.counts[:0]
	if len(parts) == 1 && parts[0].more == 0 {
		t.add(parts[0], nodes)
		return
	}
	t.seen = t.seen[:0]
	highest := int32(-1)
	for _, p := range parts {
		for more := p.more; more >= 0; more-- {
			t.see(placed{mask: p.mask, node: p.node}, p.node > highest)
			highest = max(highest, p.node)
			p.node++
		}
	}
	for _, p := range t.seen {
		t.add(p, nodes)
	}
}

// see notes a part's devices with those of other parts on its node.
func (t *placeText) see(p placed, isNew bool) {
	if n := len(t.seen); n > 0 && t.seen[n-1].node == p.node {
		t.seen[n-1].mask |= p.mask // pods come node by node, mostly
		return
	}
	for i := 0; i < len(t.seen) && !isNew; i++ {
		if t.seen[i].node == p.node {
			t.seen[i].mask |= p.mask
			return
		}
	}
	t.seen = append(t.seen, p)
}

func (t *placeText) add(p placed, nodes *state.Nodes) {
	if len(t.counts) > 0 {
		t.nodes = append(t.nodes, ';')
		t.counts = append(t.counts, ';')
	}
	t.nodes = append(t.nodes, nodes.Name[p.node]...)
	t.counts = strconv.AppendInt(t.counts, int64(bits.OnesCount64(p.mask)), 10)
	for m := p.mask; m != 0; m &= m - 1 {
		if len(t.ids) > 0 {
			t.ids = append(t.ids, ';')
		}
		t.ids = strconv.AppendInt(t.ids, int64(bits.TrailingZeros64(m)), 10)
	}
}
