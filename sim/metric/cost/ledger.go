package cost

import (
	"math"
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Config says what nodes cost.
type Config struct {
	Tariffs []Tariff
	// Of is the tariff of a node that has come; -1: it costs nothing. It is called once a node.
	Of func(nodes *state.Nodes, node int32) int32
	// Warmup leaves out what is spent before it.
	Warmup state.Time
}

// Ledger is a listener that keeps the books.
type Ledger struct {
	cfg     Config
	now     state.Time
	names   state.Names
	classes []class
	nodes   []node
	live    []account // by job slot
	spot    []int64   // by pool: the price of its market, -1 for none
	queues  []int64   // by id + 1
	users   []int64
}

// node is what a node costs.
type node struct {
	class  int32 // -1: nothing
	known  bool
	up     bool
	rented state.Time // since when, while it works
}

// account is what a live job holds and has paid.
type account struct {
	holds []holding
	paid  int64
	from  state.Time // of the present attempt
}

// holding is a job's share of one class.
type holding struct {
	class int32
	amount
}

var (
	_ state.Listener = (*Ledger)(nil)
	_ state.Cloner   = (*Ledger)(nil)
)

// New returns a ledger in which nothing stands yet.
func New(cfg Config) *Ledger { return &Ledger{cfg: cfg} }

// Kinds are the events that cost something.
func (l *Ledger) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvEvict, state.EvEnd, state.EvNodeUp, state.EvNodeDown, state.EvPrice, state.EvStop)
}

// Observe books a batch.
func (l *Ledger) Observe(b *state.Batch) {
	l.names = *b.Names
	for i := range b.Events {
		ev := &b.Events[i]
		l.now = ev.Time
		switch ev.Kind {
		case state.EvArrive:
			for int(ev.Job) >= len(l.live) {
				l.live = append(l.live, account{})
			}
			l.live[ev.Job].paid, l.live[ev.Job].holds = 0, l.live[ev.Job].holds[:0]
		case state.EvStart:
			l.live[ev.Job].from = ev.Time
			l.hold(ev, b, 1)
		case state.EvEvict, state.EvEnd:
			l.hold(ev, b, -1)
			l.settle(ev, b.Jobs)
		case state.EvNodeUp:
			l.nodeUp(ev, b.Nodes)
			if uint32(ev.Z)&state.NodeUp == 0 { // it came, and is down
				l.nodeDown(ev)
			}
		case state.EvNodeDown:
			l.nodeDown(ev)
		case state.EvPrice:
			l.price(ev)
		}
	}
}

// PaidBy is what a job has paid so far. It holds until the batch after the one with its end.
func (l *Ledger) PaidBy(slot int32) int64 { return l.live[slot].paid }

func (l *Ledger) clip(t state.Time) state.Time { return max(t, l.cfg.Warmup, 0) }

// at is a class with its meter at an instant.
func (l *Ledger) at(class int32, t state.Time) *class {
	c := &l.classes[class]
	c.advance(l.clip(t))
	return c
}

// price sets what the spot nodes of a pool cost from now on.
func (l *Ledger) price(ev *state.Event) {
	for i := range l.classes {
		if c := &l.classes[i]; c.pool == uint32(ev.A) && l.cfg.Tariffs[c.tariff].Spot {
			c.advance(l.clip(ev.Time))
			c.micro = ev.X
		}
	}
	for int(ev.A) >= len(l.spot) {
		l.spot = append(l.spot, -1)
	}
	l.spot[ev.A] = ev.X // of classes that are yet to come
}

func (l *Ledger) nodeUp(ev *state.Event, nodes *state.Nodes) {
	for int(ev.Node) >= len(l.nodes) {
		l.nodes = append(l.nodes, node{class: -1})
	}
	n := &l.nodes[ev.Node]
	if n.up {
		return
	}
	first := !n.known
	if first {
		n.known, n.class = true, l.classOf(nodes, ev.Node)
	}
	n.up = true
	if n.class < 0 {
		return
	}
	c := l.at(n.class, ev.Time)
	switch l.cfg.Tariffs[c.tariff].Pay {
	case Rented:
		n.rented = ev.Time
		c.pay(c.basis)
	case Held:
		if first {
			c.pay(c.basis)
		} else {
			c.down.add(-c.basis, c.meter)
		}
	}
}

func (l *Ledger) nodeDown(ev *state.Event) {
	if int(ev.Node) >= len(l.nodes) || !l.nodes[ev.Node].up {
		return
	}
	n := &l.nodes[ev.Node]
	n.up = false
	if n.class < 0 {
		return
	}
	c := l.at(n.class, ev.Time)
	switch t := &l.cfg.Tariffs[c.tariff]; t.Pay {
	case Rented:
		c.pay(-c.basis)
		if ev.Time >= l.cfg.Warmup {
			more := c.over(t, ev.Time-n.rented)
			c.sum.Rounding += c.charge(more.Times(c.basis))
		}
	case Held:
		c.down.add(c.basis, c.meter)
	}
}

// classOf finds or makes the class of a node that has come.
func (l *Ledger) classOf(nodes *state.Nodes, at int32) int32 {
	t := l.cfg.Of(nodes, at)
	if t < 0 {
		return -1
	}
	basis, cpus := int64(nodes.GPUsTotal[at])*1000, int64(0)
	switch milli := int64(nodes.CPUTotal[at]); {
	case basis > 0:
	case milli == 0 || milli >= math.MaxUint32:
		basis = 1 // nobody holds a share of it
	default:
		cpus = 1 + milli/mostShares
		basis = milli / cpus
	}
	pool := nodes.Pool[at]
	if i := slices.IndexFunc(l.classes, func(c class) bool {
		return c.tariff == t && c.pool == pool && c.basis == basis && c.cpus == cpus
	}); i >= 0 {
		return int32(i)
	}
	p := l.cfg.Tariffs[t].Price
	c := class{tariff: t, pool: pool, basis: basis, cpus: cpus, micro: p.Micro, den: basis * int64(p.Per), list: l.cfg.Tariffs[t].List}
	if l.cfg.Tariffs[t].Spot && int(pool) < len(l.spot) && l.spot[pool] >= 0 {
		c.micro = l.spot[pool]
	}
	l.classes = append(l.classes, c)
	return int32(len(l.classes) - 1)
}

// hold books the parts that a job takes (sign 1) or gives back (-1).
func (l *Ledger) hold(ev *state.Event, b *state.Batch, sign int64) {
	a := &l.live[ev.Job]
	parts := b.PartsOf(ev)
	for i := range parts {
		p := &parts[i]
		gpus := int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
		for k := p.Node; k <= p.Node+p.More; k++ {
			at := l.nodes[k].class
			if at < 0 {
				continue
			}
			c := l.at(at, ev.Time)
			share := gpus
			if c.cpus > 0 {
				share = min(int64(p.CPU)/c.cpus, c.basis)
			}
			if share == 0 {
				continue
			}
			mine := a.of(at)
			mine.add(sign*share, c.meter)
			switch t := &l.cfg.Tariffs[c.tariff]; {
			case t.Pay != ByUse:
				c.held.add(sign*share, c.meter)
			case sign < 0 && ev.Time >= l.cfg.Warmup && !stopped(ev):
				more := c.over(t, ev.Time-a.from) // the rest of the billing unit
				mine.moment.Sub(more.Times(share))
			}
		}
	}
}

// stopped reports whether an attempt is over because the run is.
func stopped(ev *state.Event) bool { return ev.Kind == state.EvEnd && ev.Outcome == state.Unfinished }

func (a *account) of(class int32) *amount {
	for i := range a.holds {
		if a.holds[i].class == class {
			return &a.holds[i].amount
		}
	}
	a.holds = append(a.holds, holding{class: class})
	return &a.holds[len(a.holds)-1].amount
}

// settle charges an attempt that is over to its job.
func (l *Ledger) settle(ev *state.Event, jobs *state.Jobs) {
	a := &l.live[ev.Job]
	var micro int64
	for i := range a.holds {
		c := &l.classes[a.holds[i].class]
		m := c.charge(a.holds[i].area(c.meter))
		c.sum.Jobs += m
		micro += m
	}
	a.holds = a.holds[:0]
	if micro == 0 {
		return
	}
	a.paid += micro
	add(&l.queues, jobs.Row[ev.Job].Queue, micro)
	add(&l.users, jobs.Row[ev.Job].User, micro)
}

func add(list *[]int64, id int32, micro int64) {
	for int(id+1) >= len(*list) {
		*list = append(*list, 0)
	}
	(*list)[id+1] += micro
}

// CloneListener returns a ledger that continues from the same books in a fork.
func (l *Ledger) CloneListener() state.Listener {
	d := *l
	d.classes, d.nodes, d.live = slices.Clone(l.classes), slices.Clone(l.nodes), slices.Clone(l.live)
	d.spot, d.queues, d.users = slices.Clone(l.spot), slices.Clone(l.queues), slices.Clone(l.users)
	for i := range d.live {
		d.live[i].holds = slices.Clone(l.live[i].holds)
	}
	return &d
}
