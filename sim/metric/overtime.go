package metric

import (
	"math/bits"
	"strconv"

	"github.com/orrery-sim/orrery/sim/state"
)

// OverTimeConfig bounds what OverTime keeps. Zeros read as the defaults.
type OverTimeConfig struct {
	Points          int // changes of a series before it is reduced, and buckets after; 2,048
	Queues          int // queues with a series of their own, the first by id; the others share one; 64
	NodeRows        int // 128
	NodeColumns     int // 256
	WithoutOccupied bool
}

// OverTime is a listener that keeps how things went over time, in bounded memory.
type OverTime struct {
	cfg        OverTimeConfig
	names      *state.Names
	now        state.Time
	dirty      []int32 // lines that changed at this instant
	lines      []line
	types      []typeLines
	queueLine  []int32 // by queue id + 1, or 0
	ownLine    []int32 // by name id of the policy's own series, or 0
	spotLine   []int32 // by pool id, or 0
	others     int32
	evictions  int32
	waiting    int32
	held       int32
	asked      int32
	fragmented int32
	nodes      []usedNode
	occupied   matrix
	frag       fragments
}

// line is one series and the value that it takes when the instant closes.
type line struct {
	series
	what  what
	id    int32
	value int64
	dirty bool
}

type what uint8

const (
	allocatedGPUs what = iota
	healthyGPUs
	waitingJobs
	heldJobs
	askedGPUs
	fragmentedGPUs
	queueGPUs
	otherQueueGPUs
	ownSeries
	spotPrice
	evictedJobs
)

// The names of series in result files; by type or queue where Key says so.
const (
	SeriesAllocated  = "allocated_gpus"  // by GPU type
	SeriesHealthy    = "healthy_gpus"    // by GPU type: GPUs of nodes that are up
	SeriesWaiting    = "waiting_jobs"    // jobs in the queue
	SeriesHeld       = "held_jobs"       // jobs that may not start yet, or never can
	SeriesAsked      = "asked_gpus"      // by the jobs in the queue
	SeriesFragmented = "fragmented_gpus" // free but unusable; see the package documentation
	SeriesQueueGPUs  = "queue_gpus"      // allocated, by queue
	SeriesSpotPrice  = "spot_price"      // of a node an hour, by pool id
	SeriesEvictions  = "evictions"       // so far
	SeriesPolicy     = "policy"          // of the policy's own, by its name for it; 0 before the first value
)

// OtherQueues is the key of the queues that share a series.
const OtherQueues = "(other queues)"

type typeLines struct{ allocated, healthy int32 }

// NewOverTime returns an OverTime that has heard nothing.
func NewOverTime(cfg OverTimeConfig) *OverTime {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&cfg.Points, 2048)
	def(&cfg.Queues, 64)
	def(&cfg.NodeRows, 128)
	def(&cfg.NodeColumns, 256)
	o := &OverTime{cfg: cfg, occupied: newMatrix(cfg.NodeRows, cfg.NodeColumns)}
	o.newLine(0, 0) // line 0 is nobody's
	o.waiting, o.held, o.asked = o.newLine(waitingJobs, 0), o.newLine(heldJobs, 0), o.newLine(askedGPUs, 0)
	o.fragmented, o.others = o.newLine(fragmentedGPUs, 0), o.newLine(otherQueueGPUs, 0)
	o.evictions = o.newLine(evictedJobs, 0)
	return o
}

var (
	_ state.Listener = (*OverTime)(nil)
	_ state.Cloner   = (*OverTime)(nil)
)

func (o *OverTime) newLine(w what, id int32) int32 {
	o.lines = append(o.lines, line{series: newSeries(o.cfg.Points), what: w, id: id})
	return int32(len(o.lines) - 1)
}

// Kinds are the events that change a series.
func (o *OverTime) Kinds() state.KindSet {
	return state.Kinds(state.EvQueue, state.EvStart, state.EvEnd, state.EvEvict, state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags,
		state.EvQueueLen, state.EvShapeTest, state.EvMetric, state.EvPrice, state.EvStop)
}

// Observe follows a batch.
func (o *OverTime) Observe(b *state.Batch) {
	o.names = b.Names
	for i := range b.Events {
		ev := &b.Events[i]
		if ev.Time != o.now {
			o.closeInstant(ev.Time)
		}
		switch ev.Kind {
		case state.EvQueue:
			o.frag.queued(ev, b)
		case state.EvStart:
			o.frag.left(ev)
			o.parts(ev, 1, b)
		case state.EvEnd:
			o.frag.left(ev)
			o.parts(ev, -1, b)
		case state.EvEvict:
			o.parts(ev, -1, b)
			o.set(o.evictions, o.lines[o.evictions].value+1)
		case state.EvPrice:
			o.spotLine = grown(o.spotLine, int(ev.A))
			if o.spotLine[ev.A] == 0 {
				o.spotLine[ev.A] = o.newLine(spotPrice, ev.A)
			}
			o.set(o.spotLine[ev.A], ev.X)
		case state.EvQueueLen:
			o.set(o.waiting, int64(ev.A))
			o.set(o.held, int64(ev.B))
			o.set(o.asked, ev.X*whole)
		case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
			o.node(ev, b.Nodes)
			o.frag.nodeChange(ev, b.Nodes)
		case state.EvShapeTest:
			o.frag.shapeTest(ev, b.Shapes)
		case state.EvMetric:
			o.ownLine = grown(o.ownLine, int(ev.A))
			if o.ownLine[ev.A] == 0 {
				o.ownLine[ev.A] = o.newLine(ownSeries, ev.A)
			}
			o.set(o.ownLine[ev.A], ev.X)
		}
	}
}

func (o *OverTime) set(i int32, v int64) { o.change(i, v-o.lines[i].value) }

func (o *OverTime) change(i int32, d int64) {
	l := &o.lines[i]
	l.value += d
	if !l.dirty {
		l.dirty = true
		o.dirty = append(o.dirty, i)
	}
}

// closeInstant gives every line that changed its value at the end of the instant, and goes to t.
func (o *OverTime) closeInstant(t state.Time) {
	o.frag.advance(t)
	if v := o.frag.lost.now; v != o.lines[o.fragmented].value {
		o.set(o.fragmented, v)
	}
	at := max(int64(o.now), 0)
	for _, i := range o.dirty {
		l := &o.lines[i]
		l.dirty = false
		l.set(l.value, at)
	}
	o.dirty = o.dirty[:0]
	o.now = t
}

// parts follows the parts that an attempt takes (sign 1) or gives back (-1); parts of one type that follow each other change
// their line once.
func (o *OverTime) parts(ev *state.Event, sign int32, b *state.Batch) {
	if ev.B == 0 {
		return
	}
	parts := b.PartsOf(ev)
	o.frag.parts(parts, sign)
	typ := o.nodes[parts[0].Node].typ
	var all, milli int64
	for i := range parts {
		p := &parts[i]
		m := int64(sign) * int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
		for node := p.Node; node <= p.Node+p.More; node++ {
			if t := o.nodes[node].typ; t != typ {
				o.change(o.types[typ].allocated, milli)
				typ, milli = t, 0
			}
			if milli, all = milli+m, all+m; m != 0 && !o.cfg.WithoutOccupied {
				o.occupied.held(node, m, int64(ev.Time))
			}
		}
	}
	if all != 0 {
		o.change(o.types[typ].allocated, milli)
		o.change(o.lineOf(b.Jobs.Row[ev.Job].Queue), all)
	}
}

func (o *OverTime) lineOf(queue int32) int32 {
	if int(queue+1) >= len(o.queueLine) {
		o.queueLine = grown(o.queueLine, int(queue+1))
	}
	i := &o.queueLine[queue+1]
	if *i == 0 {
		*i = o.others
		if int(queue) < o.cfg.Queues {
			*i = o.newLine(queueGPUs, queue)
		}
	}
	return *i
}

func (o *OverTime) node(ev *state.Event, nodes *state.Nodes) {
	o.nodes = grown(o.nodes, int(ev.Node))
	n := &o.nodes[ev.Node]
	if !n.known {
		*n = usedNode{gpus: int64(nodes.GPUsTotal[ev.Node]) * whole, typ: max(int32(nodes.Type[ev.Node]), 0), known: true}
		for len(o.types) <= int(n.typ) {
			id := int32(len(o.types))
			o.types = append(o.types, typeLines{o.newLine(allocatedGPUs, id), o.newLine(healthyGPUs, id)})
		}
	}
	up := n.up
	switch ev.Kind {
	case state.EvNodeUp:
		up = true
	case state.EvNodeDown:
		up = false
	}
	if up != n.up {
		n.up = up
		d := n.gpus
		if !up {
			d = -d
		}
		o.change(o.types[n.typ].healthy, d)
		if !o.cfg.WithoutOccupied {
			o.occupied.healthy(ev.Node, d, int64(ev.Time))
		}
	}
}

// Series are all series so far, in a fixed order; those that never left 0 are left out but for the waiting jobs.
func (o *OverTime) Series() []Series {
	o.closeInstant(o.now)
	names := o.names
	if names == nil {
		names = &state.Names{}
	}
	var out []Series
	for i := 1; i < len(o.lines); i++ {
		l := &o.lines[i]
		name, key, per := "", "", int64(1)
		switch l.what {
		case allocatedGPUs:
			name, key, per = SeriesAllocated, names.Types.Name(l.id), whole
		case healthyGPUs:
			name, key, per = SeriesHealthy, names.Types.Name(l.id), whole
		case waitingJobs:
			name = SeriesWaiting
		case heldJobs:
			name = SeriesHeld
		case askedGPUs:
			name, per = SeriesAsked, whole
		case fragmentedGPUs:
			name, per = SeriesFragmented, whole
		case queueGPUs:
			name, key, per = SeriesQueueGPUs, names.Queues.Name(l.id), whole
		case otherQueueGPUs:
			name, key, per = SeriesQueueGPUs, OtherQueues, whole
		case ownSeries:
			name, key, per = SeriesPolicy, names.Metrics.Name(l.id), 1_000_000
		case spotPrice:
			name, key, per = SeriesSpotPrice, strconv.Itoa(int(l.id)), 1_000_000
		case evictedJobs:
			name = SeriesEvictions
		}
		if l.changes > 1 || l.now != 0 || l.what == waitingJobs {
			out = append(out, l.result(name, key, per, o.now))
		}
	}
	return out
}

// Occupancy is the GPU time by nodes and time so far.
func (o *OverTime) Occupancy() Occupancy { return o.occupied.result(int32(len(o.nodes)), o.now) }

// CloneListener returns an OverTime that continues in a fork.
func (o *OverTime) CloneListener() state.Listener {
	d := *o
	d.dirty = append([]int32(nil), o.dirty...)
	d.lines = append([]line(nil), o.lines...)
	for i := range d.lines {
		d.lines[i].series = o.lines[i].series.clone()
	}
	d.types = append([]typeLines(nil), o.types...)
	d.queueLine = append([]int32(nil), o.queueLine...)
	d.ownLine, d.spotLine = append([]int32(nil), o.ownLine...), append([]int32(nil), o.spotLine...)
	d.nodes = append([]usedNode(nil), o.nodes...)
	d.occupied = o.occupied.clone()
	d.frag = o.frag.clone()
	return &d
}
