package net

import "slices"

// Unit is the weight of a use by which a flow sends each of its bytes over a link once.
const Unit = 1024

// Use is a link that a flow sends over: Weight/Unit bytes for each of its own.
type Use struct {
	Link   int32
	Weight int32 // more than 0
}

// Network is links with flows over them. Its rates are whole bytes a second and do not depend on the order in which flows came, so two
// networks with the same flows agree to the byte. It is not safe for concurrent use.
type Network struct {
	links []link
	flows []flow
	free  []int32 // flow slots

	// What the next Resolve has to look at, and its scratch space. Nothing here outlives a call but touched.
	touched []int32
	comp    []int32 // flows of the part that is solved
	parts   []int32 // its links
	order   []int32 // its flows by limit
	heap    []candidate
	changed []int32 // flows whose rate changed since the last Resolve
	out     []int32 // what the last Resolve returned
	round   uint64
}

type link struct {
	capacity int64 // bytes a second; 0 = never the bottleneck
	wanted   int64 // what its flows would send at their limits
	users    []int32

	seen   uint64 // round in which it was found
	left   int64  // of capacity
	weight int64  // of its flows without a rate
}

type flow struct {
	uses  []Use
	limit int64
	rate  int64
	seen  uint64 // round in which it was found
	done  uint64 // round in which it got its rate
	alive bool
	fresh bool // it has had no rate yet
}

// New returns a network of links with these capacities in bytes a second; 0 is a link that is never the bottleneck.
func New(capacity []int64) *Network {
	n := &Network{links: make([]link, len(capacity))}
	for i, c := range capacity {
		n.links[i].capacity = c
	}
	return n
}

// AddLink adds a link and returns it.
func (n *Network) AddLink(capacity int64) int32 {
	n.links = append(n.links, link{capacity: capacity})
	return int32(len(n.links) - 1)
}

// Capacity is a link's capacity in bytes a second.
func (n *Network) Capacity(link int32) int64 { return n.links[link].capacity }

// Add adds a flow that sends at most limit bytes a second (more than 0) over links; none stands twice in uses. It has no rate before
// Resolve.
func (n *Network) Add(limit int64, uses []Use) int32 {
	id := int32(len(n.flows))
	if k := len(n.free); k > 0 {
		id = n.free[k-1]
		n.free = n.free[:k-1]
	} else {
		n.flows = append(n.flows, flow{})
	}
	f := &n.flows[id]
	f.limit, f.rate, f.alive, f.fresh = limit, 0, true, true
	f.uses = f.uses[:0]
	for _, u := range uses {
		l := &n.links[u.Link]
		if l.capacity == 0 {
			continue
		}
		f.uses = append(f.uses, u)
		l.wanted += carries(limit, u.Weight)
		l.users = append(l.users, id)
		if l.binds() {
			n.touched = append(n.touched, u.Link)
		}
	}
	if len(f.uses) == 0 || !n.bound(f) {
		f.rate, f.fresh = limit, false
		n.changed = append(n.changed, id)
	}
	return id
}

// bound reports whether some link of a flow may be its bottleneck.
func (n *Network) bound(f *flow) bool {
	for _, u := range f.uses {
		if n.links[u.Link].binds() {
			return true
		}
	}
	return false
}

// Remove takes a flow away.
func (n *Network) Remove(id int32) {
	f := &n.flows[id]
	for _, u := range f.uses {
		l := &n.links[u.Link]
		if l.binds() {
			n.touched = append(n.touched, u.Link)
		}
		l.wanted -= carries(f.limit, u.Weight)
		at := slices.Index(l.users, id)
		l.users[at] = l.users[len(l.users)-1]
		l.users = l.users[:len(l.users)-1]
	}
	f.alive = false
	n.free = append(n.free, id)
}

// binds reports whether a link may be the bottleneck of one of its flows.
func (l *link) binds() bool { return l.wanted > l.capacity }

// carries is what a link carries of a flow with a rate, rounded up.
func carries(rate int64, weight int32) int64 {
	whole, part := rate/Unit, rate%Unit
	return whole*int64(weight) + (part*int64(weight)+Unit-1)/Unit
}

// Rate is a flow's rate in bytes a second.
func (n *Network) Rate(flow int32) int64 { return n.flows[flow].rate }

// Load is what a link carries now, in bytes a second, and what its flows would send if nothing bound them.
func (n *Network) Load(link int32) (carried, wanted int64) {
	l := &n.links[link]
	for _, id := range l.users {
		f := &n.flows[id]
		for _, u := range f.uses {
			if u.Link == link {
				carried += carries(f.rate, u.Weight)
			}
		}
	}
	return carried, l.wanted
}

// Users are the flows over a link. The slice is the network's own, in no order.
func (n *Network) Users(link int32) []int32 { return n.links[link].users }

// Clone returns an independent copy.
func (n *Network) Clone() *Network {
	c := &Network{links: slices.Clone(n.links), flows: slices.Clone(n.flows), free: slices.Clone(n.free), touched: slices.Clone(n.touched),
		changed: slices.Clone(n.changed), round: n.round}
	for i := range c.links {
		c.links[i].users = slices.Clone(c.links[i].users)
	}
	for i := range c.flows {
		c.flows[i].uses = slices.Clone(c.flows[i].uses)
	}
	return c
}

// Neighbours appends the flows that share with a flow a link that may be a bottleneck, in order and each once.
func (n *Network) Neighbours(flow int32, to []int32) []int32 {
	first := len(to)
	for _, u := range n.flows[flow].uses {
		if l := &n.links[u.Link]; l.binds() {
			for _, id := range l.users {
				if id != flow {
					to = append(to, id)
				}
			}
		}
	}
	slices.Sort(to[first:])
	return to[:first+len(slices.Compact(to[first:]))]
}

// Alone is the rate that a flow would have if it were the only one.
func (n *Network) Alone(flow int32) int64 {
	f := &n.flows[flow]
	rate := f.limit
	for _, u := range f.uses {
		c, w := n.links[u.Link].capacity, int64(u.Weight)
		rate = min(rate, c/w*Unit+c%w*Unit/w)
	}
	return max(rate, 1)
}
