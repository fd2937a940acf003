// Package energy says what power a run drew: a listener that follows each node's state and what jobs do with its GPUs. Power is
// integers of milliwatts, energy integers of milliwatts x ns; it must never round before the end, or read the engine's changing
// columns.
//
//   - A node that is up draws its base; one that is down draws nothing.
//   - A free GPU draws its idle power. One that a job holds draws its busy power, by its share of thousandths (the rest as free);
//     while the job stands still (a grace, a hang) it draws its held power: idle with a context alive (FACTS.md 1.1).
//   - All of it times the PUE is what the building draws. A job's energy is what its GPUs drew while it held them, without the
//     node's base and the PUE; GPUs free, jobs and bases sum up to the total.
//   - Carbon is the energy times the intensity of the hour of the day at which it was drawn.
package energy

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Power is what a node draws, in milliwatts.
type Power struct {
	Base             int64 // of the node without its GPUs
	Idle, Held, Busy int64 // of one GPU: free, held without work, working
}

// Config says what nodes draw.
type Config struct {
	Powers []Power
	Of     func(nodes *state.Nodes, node int32) int32 // index of a node's power; called once a node
	PUE    int64                                      // millionths
	Carbon []int64                                    // 24 values by hour of the day, mg a kWh; nil: not asked
	Hour   state.Time                                 // from midnight to the start
	Cap    int64                                      // milliwatts of the building; 0: none
	Warmup state.Time
}

// Meter is the listener.
type Meter struct {
	cfg   Config
	now   state.Time // up to which is booked
	nodes []node
	live  []job
	power power // drawn now

	r Result
}

// power is what is drawn at an instant, in milliwatts without the PUE; thousandths of GPUs are summed in microwatts.
type power struct{ base, free, jobs int64 }

type node struct {
	known, up bool
	p         int32
	milli     int64 // thousandths of GPUs
	held      int64
}

type job struct {
	still      bool
	busy, held int64 // what its GPUs draw working and standing still, microwatts
	since      state.Time
	used       state.Wide // microwatts x ns
}

// Result is what was drawn in [From, To], without the PUE where it does not say so.
type Result struct {
	From, To         state.Time
	Base, Free, Jobs state.Wide // microwatts x ns
	PUE              int64
	Carbon           state.Wide // mg a kWh x microwatts x ns, with the PUE
	Peak             int64      // milliwatts of the building
	Over             state.Time // time over the cap
}

// wattHour is one Wh in microwatts x ns; a kWh does not fit 63 bits.
const wattHour = 3_600_000_000_000_000_000

// KWh is an integral in kWh.
func KWh(w state.Wide) float64 { return w.Float(wattHour) / 1000 }

// CarbonKg is the carbon in kg.
func (r *Result) CarbonKg() float64 { return r.Carbon.Float(wattHour) / 1e9 }

// Total is all energy without the PUE.
func (r *Result) Total() state.Wide {
	w := r.Base
	w.AddWide(r.Free)
	w.AddWide(r.Jobs)
	return w
}

var _ state.Listener = (*Meter)(nil)

// New returns a meter that stands at 0.
func New(cfg Config) *Meter { return &Meter{cfg: cfg, r: Result{PUE: cfg.PUE}} }

// Kinds are the events that change what is drawn.
func (m *Meter) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvStopping, state.EvRate, state.EvEvict, state.EvEnd, state.EvNodeUp, state.EvNodeDown, state.EvStop)
}

// Observe follows a batch.
func (m *Meter) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		if ev.Time > m.now {
			m.advance(ev.Time)
		}
		switch ev.Kind {
		case state.EvArrive:
			for int(ev.Job) >= len(m.live) {
				m.live = append(m.live, job{})
			}
			m.live[ev.Job] = job{}
		case state.EvStart:
			m.live[ev.Job].still = false
			m.hold(ev, b, 1)
		case state.EvEvict, state.EvEnd:
			if ev.B > 0 {
				m.hold(ev, b, -1)
			}
		case state.EvStopping, state.EvRate:
			m.stand(ev)
		case state.EvNodeUp, state.EvNodeDown:
			m.node(ev, b.Nodes)
		}
	}
}

// advance books what was drawn since the last change.
func (m *Meter) advance(t state.Time) {
	from := max(m.now, m.cfg.Warmup, 0)
	m.now = t
	if t <= from {
		return
	}
	span := int64(t - from)
	m.r.Base.AddMul(m.power.base*1000, span)
	m.r.Free.AddMul(m.power.free, span)
	m.r.Jobs.AddMul(m.power.jobs, span)
	building := m.building()
	m.r.Peak = max(m.r.Peak, building)
	if m.cfg.Cap > 0 && building > m.cfg.Cap {
		m.r.Over += t - from
	}
	if m.cfg.Carbon == nil {
		return
	}
	const hour = 3600 * state.Second
	for from < t {
		at := from + m.cfg.Hour
		until := min(t, from+hour-at%hour)
		m.r.Carbon.AddMul(building*1000, int64(until-from)*m.cfg.Carbon[at/hour%24])
		from = until
	}
}

// building is what the building draws, in milliwatts.
func (m *Meter) building() int64 {
	return int64(state.MulDiv(state.Time(m.power.base+(m.power.free+m.power.jobs)/1000), m.cfg.PUE, 1_000_000))
}

func (m *Meter) node(ev *state.Event, nodes *state.Nodes) {
	for int(ev.Node) >= len(m.nodes) {
		m.nodes = append(m.nodes, node{})
	}
	n := &m.nodes[ev.Node]
	if !n.known {
		*n = node{known: true, p: m.cfg.Of(nodes, ev.Node), milli: int64(nodes.GPUsTotal[ev.Node]) * 1000}
	}
	up := ev.Kind == state.EvNodeUp && uint32(ev.Z)&state.NodeUp != 0
	if up == n.up || n.p < 0 {
		n.up = up
		return
	}
	n.up = up
	p, sign := &m.cfg.Powers[n.p], int64(1)
	if !up {
		sign = -1
	}
	m.power.base += sign * p.Base
	m.power.free += sign * p.Idle * (n.milli - n.held)
}

// hold follows the parts that a job takes (sign 1) or gives back (-1).
func (m *Meter) hold(ev *state.Event, b *state.Batch, sign int64) {
	j := &m.live[ev.Job]
	m.settle(j)
	m.power.jobs -= j.draws()
	if sign < 0 {
		j.busy, j.held = 0, 0
	}
	for p := range b.EachPartOf(ev) {
		n := &m.nodes[p.Node]
		if n.p < 0 {
			continue
		}
		milli := int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
		n.held += sign * milli
		w := &m.cfg.Powers[n.p]
		if n.up {
			m.power.free -= sign * w.Idle * milli
		}
		if sign > 0 {
			j.busy, j.held = j.busy+w.Busy*milli, j.held+w.Held*milli
		}
	}
	m.power.jobs += j.draws()
}

// draws is what a job's GPUs draw now, in microwatts.
func (j *job) draws() int64 {
	if j.still {
		return j.held
	}
	return j.busy
}

// settle books what a job's GPUs drew.
func (m *Meter) settle(j *job) {
	if from := max(j.since, m.cfg.Warmup, 0); m.now > from {
		j.used.AddMul(j.draws(), int64(m.now-from))
	}
	j.since = m.now
}

// stand follows a job that stands still, or goes on.
func (m *Meter) stand(ev *state.Event) {
	j := &m.live[ev.Job]
	m.settle(j)
	m.power.jobs -= j.draws()
	j.still = ev.Kind == state.EvStopping || ev.Z == 0
	m.power.jobs += j.draws()
}

// UsedBy is what a job's GPUs drew so far, in kWh. It holds until the batch after the one with its end.
func (m *Meter) UsedBy(slot int32) float64 { return KWh(m.live[slot].used) }

// Result sums up what was drawn so far.
func (m *Meter) Result() *Result {
	r := m.r
	r.From, r.To = max(m.cfg.Warmup, 0), max(m.now, m.cfg.Warmup, 0)
	return &r
}

// CloneListener returns a meter that continues in a fork.
func (m *Meter) CloneListener() state.Listener {
	c := *m
	c.nodes, c.live = slices.Clone(m.nodes), slices.Clone(m.live)
	return &c
}
