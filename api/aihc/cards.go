package aihc

import (
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios/catalog"
)

// The names of resources that are no GPU.
const (
	resourceCPU    = "cpu"
	resourceMemory = "memory"
	resourceShm    = "sharedMemory"
	resourceRDMA   = "rdma/hca"
	anyCard        = "nvidia.com/gpu" // a GPU of any type: a job that came through another API may ask for that
)

// rdmaGPUs is how many GPUs a node has at least that counts as one with RDMA: clouds sell the network with whole machines only.
const rdmaGPUs = 8

// wholeNode is how many GPUs each pod of a job has that may use BCCL.
const wholeNode = 8

// card is a type of GPU of this world.
type card struct {
	gpu        string // its name in the world
	descriptor string
	rdma       bool // nodes with RDMA have it
	bccl       bool // A800, and the H series, which HPAS machines have
	idleW      int
	peakW      int
	memoryGiB  int64
}

// cards are the types of GPU of a world.
type cards struct{ list []card }

func newCards(c *catalog.Catalog, nodes []world.Node) *cards {
	out := &cards{}
	for i := range nodes {
		n := &nodes[i]
		if n.GPUs == 0 {
			continue
		}
		k := slices.IndexFunc(out.list, func(x card) bool { return x.gpu == n.GPUType })
		if k < 0 {
			k = len(out.list)
			out.list = append(out.list, card{gpu: n.GPUType, descriptor: descriptor(c, n.GPUType), bccl: strings.HasPrefix(n.GPUType, "A800") || strings.HasPrefix(n.GPUType, "H")})
			if a, err := c.Accelerator(n.GPUType); err == nil {
				out.list[k].idleW, out.list[k].peakW, out.list[k].memoryGiB = a.Idle, a.TDP, a.Memory/1_000_000_000
			}
		}
		out.list[k].rdma = out.list[k].rdma || hasRDMA(n)
	}
	return out
}

func hasRDMA(n *world.Node) bool { return n.GPUs >= rdmaGPUs }

// descriptor is the resource name of a type of GPU: the documented one, else one made the same way.
func descriptor(c *catalog.Catalog, gpu string) string {
	for _, r := range c.Resources() {
		if r.Kind == "gpu" && r.GPU == gpu && strings.HasPrefix(r.Name, "baidu.com/") {
			return r.Name
		}
	}
	return "baidu.com/" + strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == ' ' {
			return '_'
		}
		return r
	}, strings.ToLower(gpu)) + "_cgpu"
}

// byGPU is the card of a type of the world, or nil.
func (k *cards) byGPU(gpu string) *card {
	for i := range k.list {
		if k.list[i].gpu == gpu {
			return &k.list[i]
		}
	}
	return nil
}

// byName is the card with a descriptor, or nil.
func (k *cards) byName(name string) *card {
	for i := range k.list {
		if k.list[i].descriptor == name {
			return &k.list[i]
		}
	}
	return nil
}

// nameOf is the resource name of a type of the world; of no type in particular it is that of any.
func (k *cards) nameOf(gpu string) string {
	if c := k.byGPU(gpu); c != nil {
		return c.descriptor
	}
	return anyCard
}

func (k *cards) names() []string {
	out := make([]string, 0, len(k.list)+1)
	for i := range k.list {
		out = append(out, k.list[i].descriptor)
	}
	return append(out, anyCard)
}

// isCard reports whether a resource name is that of a GPU, of this world or not.
func isCard(name string) bool {
	return name == anyCard || strings.HasPrefix(name, "baidu.com/") || strings.HasSuffix(name, "/xpu") || strings.HasPrefix(name, "huawei.com/")
}
