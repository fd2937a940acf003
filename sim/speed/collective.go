package speed

import "math"

// Collective is a pattern of communication among n GPUs.
type Collective uint8

// The collectives. Bytes are those that each GPU contributes or ends up with: the whole of the gradient for an all-reduce.
const (
	AllReduce Collective = iota
	AllGather
	ReduceScatter
	AllToAll
	Broadcast
)

// BusFactor is bus bandwidth over algorithm bandwidth (bytes over time) as NCCL's tests define it, for n GPUs.
func BusFactor(c Collective, n int32) float64 {
	if n < 2 {
		return 1
	}
	part := float64(n-1) / float64(n)
	switch c {
	case AllReduce:
		return 2 * part
	case AllGather, ReduceScatter, AllToAll:
		return part
	}
	return 1
}

// Ring is the time in seconds of an all-reduce over a ring of n at rate bytes a second and a latency of alpha seconds a hop:
// 2(n-1) alpha + 2(n-1)/n bytes/rate.
func Ring(n int32, bytes, rate, alpha float64) float64 {
	if n < 2 {
		return 0
	}
	return float64(2*float64(n-1)*alpha) + float64(BusFactor(AllReduce, n)*bytes)/rate
}

// Tree is the time in seconds of an all-reduce over two complementary binary trees: 2 log2(n) alpha + 2 bytes/rate.
func Tree(n int32, bytes, rate, alpha float64) float64 {
	if n < 2 {
		return 0
	}
	return float64(2*math.Ceil(log2(n))*alpha) + float64(2*bytes)/rate
}

// log2 is the logarithm of a small whole number to the base 2, exact where it is whole.
func log2(n int32) float64 {
	whole := 0
	for m := n; m > 1; m >>= 1 {
		whole++
	}
	if n == 1<<whole {
		return float64(whole)
	}
	return float64(whole) + 0.5 // only rounded up by callers
}

// Links are what a collective runs over.
type Links struct {
	NVLink    float64 // bytes a second between GPUs of a node, one direction; 0 = PCIe
	InSwitch  bool    // the switch between GPUs of a node adds up by itself
	NIC       float64 // bytes a second of all of a node's cards together, one direction
	RDMA      bool
	NodeAlpha float64 // seconds a hop inside a node
	Alpha     float64 // seconds a hop between nodes
}

// What links carry of their wire rate, and how long a hop and a collective take at least. docs/model.md has the sources.
const (
	nvlinkRing   = 0.78 // of one direction, ring
	nvlinkSwitch = 0.59 // of one direction, when the switch adds up: each GPU sends and receives its bytes once
	pcieRate     = 31e9 // bytes a second of a gen 4 x16 slot
	pcieRing     = 0.62
	rdmaWire     = 0.73
	tcpWire      = 0.85
	LaunchFloor  = 20e-6 // seconds
	NVLinkHop    = 3e-6
	RDMAHop      = 10e-6
	TCPHop       = 45e-6
	TierHop      = 1.5e-6 // more for each further tier of switches
)

// InNode is the rate at which GPUs of a node reduce over their links: bus bandwidth of large messages.
func (l *Links) InNode(n int32) float64 {
	switch {
	case l.NVLink == 0:
		return pcieRate * pcieRing
	case l.InSwitch && n > 2:
		// All bytes go up and come down once: the time is bytes over the rate, and the bus bandwidth 2(n-1)/n of it.
		return max(float64(BusFactor(AllReduce, n)*l.NVLink)*nvlinkSwitch, l.NVLink*nvlinkRing)
	}
	return l.NVLink * nvlinkRing
}

// wire is what of a node's cards carries data.
func (l *Links) wire() float64 {
	if l.RDMA {
		return rdmaWire
	}
	return tcpWire
}

// Hierarchical is the time in seconds of an all-reduce over k nodes of g GPUs each: inside a node the bytes are reduced and scattered, each
// GPU then reduces its part over its rail with its fellows, and gathers. The phases are pipelined in chunks, so the slowest link counts,
// and with chunks of the best size that is launch + (sqrt(bytes over the slowest link's rate) + sqrt(latency of all hops))^2.
// share is the part of the nodes' cards that this job has, 1 = all.
func (l *Links) Hierarchical(g, k int32, bytes, share float64) float64 {
	n := g * k
	if n < 2 {
		return 0
	}
	inside, between, hops := 0.0, 0.0, 0.0
	if g > 1 {
		inside = float64(BusFactor(AllReduce, g)*bytes) / l.InNode(g)
		hops = float64(2*math.Ceil(log2(g))) * l.NodeAlpha
	}
	if k > 1 {
		// Each rail carries 1/g of the bytes over 1/g of the cards: together the bytes over all cards.
		between = float64(BusFactor(AllReduce, k)*bytes) / float64(float64(l.NIC*l.wire())*share)
		steps := min(float64(2*float64(k-1)), float64(4*math.Ceil(log2(k)))) // a ring, or trees when there are many nodes
		hops = hops + float64(steps*l.Alpha)
	}
	return LaunchFloor + chunked(max(inside, between), hops)
}

// chunked is the time of a pipeline whose slowest stage is busy so long and whose chunks take so long to get through, with chunks of
// the best size.
func chunked(busy, through float64) float64 {
	return busy + through + float64(2*math.Sqrt(float64(busy*through)))
}

// Gather is the time in seconds of an all-gather or reduce-scatter of so many bytes in all: half of an all-reduce.
func (l *Links) Gather(g, k int32, bytes, share float64) float64 {
	if g*k < 2 {
		return 0
	}
	return LaunchFloor + float64((l.Hierarchical(g, k, bytes, share)-LaunchFloor)/2)
}

// Exchange is the time in seconds of an all-to-all in which each GPU has so many bytes, n parts alike: what leaves a node is (k-1)/k of
// all that its GPUs have.
func (l *Links) Exchange(g, k int32, bytes, share float64) float64 {
	n := g * k
	if n < 2 {
		return 0
	}
	inside, between, hop := 0.0, 0.0, l.NodeAlpha
	if g > 1 {
		inside = float64(float64(g-1)/float64(n)*bytes) / (l.InNode(2))
	}
	if k > 1 {
		out := float64(float64(g) * float64(float64(k-1)/float64(k)*bytes))
		between, hop = out/float64(float64(l.NIC*l.wire())*share), l.Alpha
	}
	return LaunchFloor + chunked(max(inside, between), hop)
}

// BusBandwidth is what NCCL's tests would print for an all-reduce of so many bytes: bytes a second.
func (l *Links) BusBandwidth(g, k int32, bytes float64) float64 {
	return float64(bytes/l.Hierarchical(g, k, bytes, 1)) * BusFactor(AllReduce, g*k)
}
