package net

import (
	"cmp"
	"math"
	"slices"
)

// Resolve gives rates to the flows that were added since the last call, and new ones to all that their coming and the going of others
// reaches: over links that may be a bottleneck from flow to flow. It returns the flows that live and whose rate changed, in order.
// The slice is valid until the next call.
//
// The rates are max-min fair: no flow could get more without one that has no more getting less. They are found by filling: all flows
// without a rate grow alike until the first reaches its limit or the first link is full; who is held up by it keeps what it has; and so on.
func (n *Network) Resolve() []int32 {
	n.gather()
	n.fill()
	n.touched = n.touched[:0]
	slices.Sort(n.changed)
	n.changed = slices.Compact(n.changed)
	n.changed = slices.DeleteFunc(n.changed, func(id int32) bool { return !n.flows[id].alive })
	n.out, n.changed = n.changed, n.out[:0]
	return n.out
}

// gather finds the flows and links that have to be solved together.
func (n *Network) gather() {
	n.round++
	n.comp, n.parts = n.comp[:0], n.parts[:0]
	for _, id := range n.touched {
		n.reach(id)
	}
	for i := 0; i < len(n.comp); i++ {
		for _, u := range n.flows[n.comp[i]].uses {
			if n.links[u.Link].binds() {
				n.reach(u.Link)
			}
		}
	}
}

// reach takes a link's flows into the part that is solved, and the link itself if it may be a bottleneck.
func (n *Network) reach(id int32) {
	l := &n.links[id]
	if l.seen == n.round {
		return
	}
	l.seen = n.round
	if l.binds() {
		n.parts = append(n.parts, id)
		l.left, l.weight = l.capacity, 0
	}
	for _, f := range l.users {
		if n.flows[f].seen != n.round {
			n.flows[f].seen = n.round
			n.comp = append(n.comp, f)
		}
	}
}

// fill solves the part that gather found.
func (n *Network) fill() {
	if len(n.comp) == 0 {
		return
	}
	n.order = append(n.order[:0], n.comp...)
	slices.SortFunc(n.order, func(a, b int32) int {
		return cmp.Compare(n.flows[a].limit, n.flows[b].limit) // equals in any order: they get the same
	})
	for _, id := range n.comp {
		for _, u := range n.flows[id].uses {
			if l := &n.links[u.Link]; l.seen == n.round && l.binds() {
				l.weight += int64(u.Weight)
			}
		}
	}
	n.heap = n.heap[:0]
	for _, id := range n.parts {
		if l := &n.links[id]; l.weight > 0 {
			n.push(candidate{l.share(), id})
		}
	}
	for at := 0; ; {
		full, share := n.bottleneck()
		// Who reaches its limit first leaves the others more than this share, so all of them can go at once.
		for at < len(n.order) && (full < 0 || n.flows[n.order[at]].limit <= share) {
			if id := n.order[at]; n.flows[id].done != n.round {
				n.give(id, n.flows[id].limit)
			}
			at++
		}
		if full < 0 {
			return
		}
		if again, now := n.bottleneck(); again != full || now != share {
			continue
		}
		for _, id := range n.links[full].users {
			if n.flows[id].done != n.round {
				n.give(id, share)
			}
		}
	}
}

// candidate is a link that may be full first, and the rate of its flows when it is.
type candidate struct {
	share int64
	link  int32
}

func (a candidate) before(b candidate) bool {
	return a.share < b.share || a.share == b.share && a.link < b.link
}

// share is what each flow without a rate gets if the link is full.
func (l *link) share() int64 { return l.left/l.weight*Unit + l.left%l.weight*Unit/l.weight }

// bottleneck is the link that is full first if all flows without a rate grow alike, and their rate then; -1 if none is. A link's share
// only grows while others are filled, so a place in the heap is looked at again when it comes up.
func (n *Network) bottleneck() (full int32, share int64) {
	for len(n.heap) > 0 {
		top := n.heap[0]
		l := &n.links[top.link]
		if l.weight == 0 {
			n.pop()
			continue
		}
		s := l.share()
		if s <= top.share {
			return top.link, top.share
		}
		n.heap[0].share = s
		n.sink(0)
	}
	return -1, math.MaxInt64
}

func (n *Network) push(c candidate) {
	n.heap = append(n.heap, c)
	for i := len(n.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !n.heap[i].before(n.heap[up]) {
			return
		}
		n.heap[i], n.heap[up] = n.heap[up], n.heap[i]
		i = up
	}
}

func (n *Network) pop() {
	last := len(n.heap) - 1
	n.heap[0] = n.heap[last]
	n.heap = n.heap[:last]
	n.sink(0)
}

func (n *Network) sink(i int) {
	for {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < len(n.heap); k++ {
			if n.heap[k].before(n.heap[least]) {
				least = k
			}
		}
		if least == i {
			return
		}
		n.heap[i], n.heap[least] = n.heap[least], n.heap[i]
		i = least
	}
}

// give fixes a flow's rate; a flow always gets a byte a second.
func (n *Network) give(id int32, rate int64) {
	f := &n.flows[id]
	f.done = n.round
	rate = max(rate, 1)
	for _, u := range f.uses {
		if l := &n.links[u.Link]; l.seen == n.round {
			l.left = max(l.left-carries(rate, u.Weight), 0)
			l.weight -= int64(u.Weight)
		}
	}
	if rate != f.rate || f.fresh {
		f.rate, f.fresh = rate, false
		n.changed = append(n.changed, id)
	}
}
