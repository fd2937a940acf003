package market

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/internal/eventq"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Kind is what a market does.
type Kind uint8

// The kinds.
const (
	Price  Kind = iota // Value: of a node an hour, in millionths
	Notice             // the node will be taken at Until
	Take               // the node is gone
	Give               // it is there
)

// Event is one of them. Node is -1 for a price.
type Event struct {
	At, Until state.Time
	Market    int32
	Node      int32
	Kind      Kind
	Value     int64
}

// Timeline is what all markets do, in order of time. It is drawn as it is read and runs for ever.
type Timeline struct {
	model  *Model    `snapshot:"keep"`
	prices []rng.Key `snapshot:"keep"` // by market
	stocks []rng.Key `snapshot:"keep"`
	queue  eventq.Queue
	seq    uint64
	books  []book
	ready  []Event
	at     int
}

// book is the state of one market.
type book struct {
	walk         walk
	price        int64
	point, stock int     // next of Prices, Stock
	units        []int64 // nodes to be had; by node with Renewal.EachNode, else one number
	times        []uint64
	nodes        []node
}

type node struct {
	there, noticed bool
	expires        bool // the end of its protection is in the queue
	since          state.Time
}

// What the queue holds, of a market and a node or unit.
const (
	reprice = iota
	restock
	renew
	expire // a protection
	taken  // a notice is over
)

const all = int64(1) << 40 // nodes, where stock is not modelled

// NewTimeline starts all markets at instant 0. The model must be valid and is not copied.
func NewTimeline(m *Model) *Timeline {
	t := &Timeline{model: m, books: make([]book, len(m.Markets))}
	for i := range m.Markets {
		k, b := &m.Markets[i], &t.books[i]
		t.prices, t.stocks = append(t.prices, rng.NewKey(m.Seed, "market-price/"+k.Name)), append(t.stocks, rng.NewKey(m.Seed, "market-stock/"+k.Name))
		b.nodes = make([]node, len(k.Nodes))
		b.units = []int64{all}
		if r := k.Renewal; r != nil {
			if r.EachNode {
				b.units = slices.Repeat(b.units, len(k.Nodes))
			}
			b.times = make([]uint64, len(b.units))
			for u := range b.units { // it begins with a run
				t.renew(0, int32(i), int32(u))
			}
		}
		if len(k.Prices) > 0 || k.Drawn != nil {
			t.reprice(0, int32(i))
		}
		if len(k.Stock) > 0 {
			t.restock(0, int32(i))
		}
		t.weigh(0, int32(i))
	}
	t.fill()
	return t
}

func (t *Timeline) push(at state.Time, what uint64, market, unit int32) {
	if at >= state.End {
		return
	}
	t.seq++
	t.queue.Push(eventq.Entry{Time: int64(at), Key: t.seq, Ref: what<<60 | uint64(uint32(market))<<28 | uint64(uint32(unit))})
}

// Peek is the instant of the next event, or Never.
func (t *Timeline) Peek() state.Time {
	if t.at < len(t.ready) {
		return t.ready[t.at].At
	}
	return state.Never
}

// Next is the next event; there must be one.
func (t *Timeline) Next() Event {
	e := t.ready[t.at]
	if t.at++; t.at == len(t.ready) {
		t.ready, t.at = t.ready[:0], 0
		t.fill()
	}
	return e
}

// fill draws on until something happens.
func (t *Timeline) fill() {
	for len(t.ready) == 0 && t.queue.Len() > 0 {
		e := t.queue.Pop()
		t.fire(state.Time(e.Time), e.Ref>>60, int32(e.Ref>>28&0xffffffff), int32(e.Ref&(1<<28-1)))
	}
}

func (t *Timeline) tell(e Event) { t.ready = append(t.ready, e) }

func (t *Timeline) fire(now state.Time, what uint64, m, unit int32) {
	k, b := &t.model.Markets[m], &t.books[m]
	switch what {
	case reprice:
		t.reprice(now, m)
	case restock:
		t.restock(now, m)
	case renew:
		t.renew(now, m, unit)
	case expire:
		b.nodes[unit].expires = false
	case taken:
		n := &b.nodes[unit]
		n.there, n.noticed = false, false
		t.tell(Event{At: now, Market: m, Node: k.Nodes[unit], Kind: Take})
	}
	t.weigh(now, m)
}

// reprice moves on to the next price.
func (t *Timeline) reprice(now state.Time, m int32) {
	k, b := &t.model.Markets[m], &t.books[m]
	was := b.price
	if k.Drawn != nil {
		b.price = b.walk.next(k.Drawn, t.prices[m], uint64(m))
		t.push(now.Add(k.Drawn.Step), reprice, m, 0)
	} else if k.Prices[b.point].At > now { // the first price holds before its instant too
		b.price = k.Prices[b.point].Value
		t.push(k.Prices[b.point].At, reprice, m, 0)
	} else {
		b.price = k.Prices[b.point].Value
		if b.point++; b.point < len(k.Prices) {
			t.push(k.Prices[b.point].At, reprice, m, 0)
		}
	}
	if b.price != was {
		t.tell(Event{At: now, Market: m, Node: -1, Kind: Price, Value: b.price})
	}
}

// restock moves on to the next stock. Before the first one is known nothing is there.
func (t *Timeline) restock(now state.Time, m int32) {
	k, b := &t.model.Markets[m], &t.books[m]
	if b.units[0] = 0; k.Stock[b.stock].At <= now {
		b.units[0] = k.Stock[b.stock].Value
		b.stock++
	}
	if b.stock < len(k.Stock) {
		t.push(k.Stock[b.stock].At, restock, m, 0)
	}
}

// renew ends a run or a gap of a unit and draws how long the other lasts.
func (t *Timeline) renew(now state.Time, m, unit int32) {
	k, b := &t.model.Markets[m], &t.books[m]
	s := t.stocks[m].Stream(uint64(unit), b.times[unit])
	life := k.Renewal.Run
	if b.units[unit] = all; b.times[unit]%2 == 1 {
		b.units[unit], life = 0, k.Renewal.Gap
	}
	b.times[unit]++
	t.push(now.Add(max(state.Time(rng.Nanoseconds(life.Quantile(s.Float64()))), 1)), renew, m, unit)
}

// weigh gives and takes nodes by price and stock: the lowest nodes are the last to go.
func (t *Timeline) weigh(now state.Time, m int32) {
	k, b := &t.model.Markets[m], &t.books[m]
	left := b.units[0]
	if len(b.units) > 1 {
		left = all
	}
	for i := range b.nodes {
		n := &b.nodes[i]
		want := left > 0 && (k.Bid == 0 || b.price <= k.Bid) && (len(b.units) == 1 || b.units[i] > 0)
		switch {
		case n.noticed: // it goes, whatever comes
		case want && !n.there:
			n.there, n.since = true, now
			if now > 0 {
				t.tell(Event{At: now, Market: m, Node: k.Nodes[i], Kind: Give})
			}
		case !want && n.there && now < n.since.Add(k.Protect):
			if !n.expires {
				n.expires = true
				t.push(n.since.Add(k.Protect), expire, m, int32(i))
			}
		case !want && n.there:
			t.take(now, m, i)
		case !want && now == 0:
			t.tell(Event{At: now, Market: m, Node: k.Nodes[i], Kind: Take})
		}
		if n.there {
			left--
		}
	}
}

// take tells a node that it goes, or takes it at once.
func (t *Timeline) take(now state.Time, m int32, i int) {
	k, n := &t.model.Markets[m], &t.books[m].nodes[i]
	if k.Notice == 0 {
		n.there = false
		t.tell(Event{At: now, Market: m, Node: k.Nodes[i], Kind: Take})
		return
	}
	n.noticed = true
	t.tell(Event{At: now, Until: now.Add(k.Notice), Market: m, Node: k.Nodes[i], Kind: Notice})
	t.push(now.Add(k.Notice), taken, m, int32(i))
}

// Clone is an independent timeline that goes on the same.
func (t *Timeline) Clone() *Timeline {
	c := *t
	c.queue, c.ready, c.books = t.queue.Clone(), slices.Clone(t.ready), slices.Clone(t.books)
	for i := range c.books {
		b := &c.books[i]
		b.units, b.times, b.nodes = slices.Clone(b.units), slices.Clone(b.times), slices.Clone(b.nodes)
	}
	return &c
}
