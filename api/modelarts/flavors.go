package modelarts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/internal/spell"
	"github.com/orrery-sim/orrery/scenarios/catalog"
)

// The types of flavors.
const (
	typeCPU    = "CPU"
	typeGPU    = "GPU"
	typeAscend = "Ascend"
)

// flavor is a size of machine with a name: what is documented of it, and the card of this world that stands for its own.
type flavor struct {
	id, name, kind string
	code           string // of billing
	cores          int
	gib            int
	cards          int
	product        string
	cardGB         int // memory of a card; 0: any will do
	diskGB         int
	anyCard        bool // of a dedicated pool: whatever that has

	standsIn  string // GPU type of the world; "" = none
	available bool   // a node could hold it
	maxNum    int    // nodes that could
}

// documented are the flavors of the vendor's pages (FACTS 2.4), with the sizes that those leave out filled in as one card's share of the
// usual machine.
var documented = []flavor{
	{id: "modelarts.vm.cpu.2u", name: "Computing CPU(2U) instance", kind: typeCPU, code: "modelarts.vm.cpu.2u", cores: 2, gib: 8, diskGB: 50},
	{id: "modelarts.vm.cpu.8u", name: "Computing CPU(8U) instance", kind: typeCPU, code: "modelarts.vm.cpu.8u", cores: 8, gib: 32, diskGB: 50},
	{id: "modelarts.vm.pnt1.large.eco", name: "Computing GPU(Pnt1) economic instance", kind: typeGPU, code: "modelarts.vm.gpu.pnt1.eco", cores: 8, gib: 64, cards: 1,
		product: "GP-Pnt1", cardGB: 8},
	{id: "modelarts.p3.large.public", name: "Computing GPU(V100) instance", kind: typeGPU, code: "modelarts.vm.gpu.v100", cores: 8, gib: 64, cards: 1,
		product: "NVIDIA-V100", cardGB: 32, diskGB: 3200},
	{id: "modelarts.p3.large.public.free", name: "Computing GPU(V100) free instance", kind: typeGPU, code: "modelarts.vm.gpu.v100.free", cores: 8, gib: 64, cards: 1,
		product: "NVIDIA-V100", cardGB: 32, diskGB: 3200},
	{id: "modelarts.kat1.xlarge.public", name: "Computing Ascend(1*Ascend) instance", kind: typeAscend, code: "modelarts.vm.ai1.a310", cores: 24, gib: 96, cards: 1,
		product: "Ascend-910", cardGB: 32},
	pool("modelarts.pool.visual.xlarge", 1), pool("modelarts.pool.visual.2xlarge", 2), pool("modelarts.pool.visual.4xlarge", 4), pool("modelarts.pool.visual.8xlarge", 8),
}

// pool is a flavor of a dedicated pool.
func pool(id string, cards int) flavor {
	return flavor{id: id, name: fmt.Sprintf("dedicated pool, %d cards", cards), kind: typeGPU, code: id, cores: 8 * cards, gib: 64 * cards, cards: cards, anyCard: true}
}

// card is a type of GPU of the world.
type card struct {
	gpu string
	gb  int
}

// flavors are the documented ones over a world.
type flavors struct {
	list  []flavor
	cards []card
	pools map[string]string // GPU type by name of a pool of the cluster; "" = none
	nodes []world.Node
}

func isAscend(gpu string) bool { return strings.HasPrefix(gpu, "Ascend") }

func newFlavors(c *catalog.Catalog, nodes []world.Node) *flavors {
	f := &flavors{pools: map[string]string{}, nodes: nodes}
	for i := range nodes {
		n := &nodes[i]
		if n.Pool != "" {
			f.pools[n.Pool] = n.GPUType
		}
		if n.GPUs == 0 {
			continue
		}
		if !slices.ContainsFunc(f.cards, func(x card) bool { return x.gpu == n.GPUType }) {
			x := card{gpu: n.GPUType}
			if a, err := c.Accelerator(n.GPUType); err == nil {
				x.gb = int(a.Memory / 1_000_000_000)
			}
			f.cards = append(f.cards, x)
		}
	}
	for _, x := range documented {
		x.standsIn = f.standIn(&x)
		size := x.role()
		for i := range nodes {
			if holds(&nodes[i], &size) {
				x.maxNum++
			}
		}
		x.available = x.maxNum > 0
		f.list = append(f.list, x)
	}
	return f
}

// standIn is the card of this world that a flavor gets: its own if the world has it; else, of those with enough memory, the one with the least,
// and where none has enough the one with the most; of equals the first in the cluster. An Ascend flavor gets an Ascend card where there is one, others
// get one only where there is nothing else.
func (f *flavors) standIn(x *flavor) string {
	switch {
	case x.cards == 0:
		return ""
	case x.anyCard:
		return f.most(x.cards)
	}
	own := map[string]string{"GP-Pnt1": "GP-Pnt1", "NVIDIA-V100": "V100-32", "Ascend-910": "Ascend-910"}[x.product]
	var best *card
	better := func(c *card) bool {
		enough, was := c.gb >= x.cardGB, best != nil && best.gb >= x.cardGB
		switch {
		case best == nil:
			return true
		case isAscend(c.gpu) != isAscend(best.gpu):
			return isAscend(c.gpu) == (x.kind == typeAscend)
		case enough != was:
			return enough
		case enough:
			return c.gb < best.gb
		}
		return c.gb > best.gb
	}
	for i := range f.cards {
		c := &f.cards[i]
		if c.gpu == own {
			return own
		}
		if better(c) {
			best = c
		}
	}
	if best == nil {
		return ""
	}
	return best.gpu
}

// most is the card of which the nodes with so many have most: a dedicated pool that is not named is the largest there is.
func (f *flavors) most(cards int) string {
	best, most := "", 0
	for i := range f.cards {
		n := 0
		for k := range f.nodes {
			if f.nodes[k].GPUType == f.cards[i].gpu && f.nodes[k].GPUs >= cards {
				n += f.nodes[k].GPUs
			}
		}
		if n > most {
			best, most = f.cards[i].gpu, n
		}
	}
	return best
}

// role is what a node of the flavor takes.
func (x *flavor) role() world.Role {
	return world.Role{GPUs: x.cards, GPUType: x.standsIn, CPUMilli: int64(x.cores) * 1000, MemMiB: int64(x.gib) * 1024}
}

// holds reports whether an empty node could hold a pod.
func holds(n *world.Node, r *world.Role) bool {
	if r.GPUs > n.GPUs || r.GPUs > 0 && r.GPUType != "" && r.GPUType != n.GPUType {
		return false
	}
	return (n.CPUMilli == 0 || int64(n.CPUMilli) >= r.CPUMilli) && (n.MemMiB == 0 || int64(n.MemMiB) >= r.MemMiB)
}

// byID is a flavor, or nil.
func (f *flavors) byID(id string) *flavor {
	for i := range f.list {
		if f.list[i].id == id {
			return &f.list[i]
		}
	}
	return nil
}

// near names a flavor that was perhaps meant.
func (f *flavors) near(id string) string {
	var names []string
	for i := range f.list {
		if f.list[i].available {
			names = append(names, f.list[i].id)
		}
	}
	if hit := spell.Nearest(id, names); hit != "" {
		return fmt.Sprintf(" (did you mean %q?)", hit)
	}
	return ""
}

// of is what a task of a request takes: the flavor's size, on cards of the pool where one is named.
func (f *flavors) of(r *Resource) (world.Role, string, error) {
	const at = "spec.resource.flavor_id"
	queue := r.PoolID
	gpu, isPool := f.pools[r.PoolID]
	if isPool {
		queue = ""
	}
	x := f.byID(r.FlavorID)
	switch {
	case r.FlavorID == "" && r.PoolID == "":
		return world.Role{}, "", lens.Missing(at, "a flavor that training-job-flavors lists")
	case r.FlavorID == "" && isPool && gpu == "":
		x = f.byID("modelarts.vm.cpu.8u") // pools of CPUs take no flavor
	case r.FlavorID == "":
		return world.Role{}, "", lens.Missing(at, "a flavor such as modelarts.pool.visual.xlarge: pools without cards alone do without")
	case x == nil:
		return world.Role{}, "", lens.Invalid(at, "got %q, want a flavor that training-job-flavors lists%s", r.FlavorID, f.near(r.FlavorID))
	}
	role := x.role()
	if isPool && x.cards > 0 {
		if gpu == "" {
			return role, "", lens.Invalid(at, "got %q, want modelarts.vm.cpu.8u or nothing: the pool %q has no cards", r.FlavorID, r.PoolID)
		}
		role.GPUType = gpu
	}
	if !slices.ContainsFunc(f.nodes, func(n world.Node) bool { return holds(&n, &role) }) {
		return role, "", lens.Invalid(at, "got %q, which no node here can hold; want a flavor that training-job-flavors lists", r.FlavorID)
	}
	return role, queue, nil
}

// FlavorDetail is a flavor in a job's answer.
type FlavorDetail struct {
	FlavorType string      `json:"flavor_type"`
	Billing    Billing     `json:"billing"`
	FlavorInfo *FlavorInfo `json:"flavor_info"`
}

// Billing is how a flavor is paid for.
type Billing struct {
	Code    string `json:"code"`
	UnitNum int32  `json:"unit_num"`
}

// FlavorInfo is the size of a flavor. The size of a disk is a number in lists of flavors and a text in a job's answer.
type FlavorInfo struct {
	MaxNum int32   `json:"max_num"`
	CPU    CPUInfo `json:"cpu"`
	GPU    *Card   `json:"gpu,omitempty"`
	NPU    *Card   `json:"npu,omitempty"`
	Memory Amount  `json:"memory"`
	Disk   *Amount `json:"disk,omitempty"`
}

// CPUInfo is the cores of a flavor.
type CPUInfo struct {
	Arch    string `json:"arch"`
	CoreNum int32  `json:"core_num"`
}

// Card is the cards of a flavor; their number is a text for an NPU.
type Card struct {
	UnitNum     any    `json:"unit_num"`
	ProductName string `json:"product_name"`
	Memory      string `json:"memory"`
}

// Amount is so much of something.
type Amount struct {
	Size any    `json:"size"`
	Unit string `json:"unit"`
}

// FlavorOut is a flavor in lists.
type FlavorOut struct {
	FlavorID   string            `json:"flavor_id"`
	FlavorName string            `json:"flavor_name"`
	MaxNum     int32             `json:"max_num"`
	FlavorType string            `json:"flavor_type"`
	Billing    Billing           `json:"billing"`
	FlavorInfo *FlavorInfo       `json:"flavor_info"`
	Attributes map[string]string `json:"attributes"`
}

func (x *flavor) info(textual bool) *FlavorInfo {
	o := &FlavorInfo{MaxNum: int32(x.maxNum), CPU: CPUInfo{"x86", int32(x.cores)}, Memory: Amount{x.gib, "GB"}}
	product, memory := x.product, ""
	if x.cardGB > 0 {
		memory = strconv.Itoa(x.cardGB) + "GB"
	}
	switch {
	case x.kind == typeAscend:
		o.CPU.Arch, o.NPU = "arm", &Card{strconv.Itoa(x.cards), product, memory}
	case x.cards > 0:
		o.GPU = &Card{x.cards, product, memory}
	}
	if x.diskGB > 0 {
		o.Disk = &Amount{x.diskGB, "GB"}
		if textual {
			o.Disk.Size = strconv.Itoa(x.diskGB)
		}
	}
	return o
}

// listFlavors names the flavors of which a node could hold one.
func (s *Service) listFlavors(c *fiber.Ctx) (any, error) {
	kind, err := lens.OneOf(c, "flavor_type", "", typeCPU, typeGPU, typeAscend)
	if err != nil {
		return nil, err
	}
	out := []FlavorOut{}
	for i := range s.flavors.list {
		x := &s.flavors.list[i]
		if x.available && (kind == "" || kind == x.kind) {
			o := FlavorOut{x.id, x.name, int32(x.maxNum), x.kind, Billing{x.code, 1}, x.info(false), map[string]string{}}
			if x.standsIn != "" {
				o.Attributes["orrery_card"] = x.standsIn
			}
			out = append(out, o)
		}
	}
	return fiber.Map{"total_count": len(out), "flavors": out}, nil
}
