package aihc

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/sim/state"
)

const (
	poolName   = "orrery"
	region     = "bj"
	zone       = "zoneA"
	k8sVersion = "1.28.8"
)

// Pool is a resource pool; there is one.
type Pool struct {
	Metadata PoolMetadata `json:"metadata"`
	Spec     PoolSpec     `json:"spec"`
	Status   PoolStatus   `json:"status"`
}

// PoolMetadata names a pool.
type PoolMetadata struct {
	CreatedAt string `json:"createdAt"`
	Name      string `json:"name"`
	ID        string `json:"id"`
	UpdatedAt string `json:"updatedAt"`
}

// PoolSpec describes a pool.
type PoolSpec struct {
	K8sVersion         string   `json:"k8sVersion"`
	AssociatedCpromIDs []string `json:"associatedCpromIds"`
	AssociatedPfsID    string   `json:"associatedPfsId"`
	CreatedBy          string   `json:"createdBy"`
	Description        string   `json:"description"`
	ForbidDelete       bool     `json:"forbidDelete"`
	Region             string   `json:"region"`
}

// PoolStatus says what a pool has.
type PoolStatus struct {
	GPUCount  amount     `json:"gpuCount"`
	NodeCount amount     `json:"nodeCount"` // used: nodes without a free card
	Phase     string     `json:"phase"`
	GPUDetail []cardUsed `json:"gpuDetail"`
}

type amount struct {
	Total int `json:"total"`
	Used  int `json:"used"`
}

type cardUsed struct {
	GPUDescriptor string `json:"gpuDescriptor"`
	amount
}

// Node is a machine.
type Node struct {
	ChargingType    string `json:"chargingType"`
	GPUAllocated    int    `json:"gpuAllocated"`
	GPUTotal        int    `json:"gpuTotal"`
	GPUType         string `json:"gpuType"`
	InstanceID      string `json:"instanceId"`
	InstanceName    string `json:"instanceName"`
	Intervention    string `json:"intervention"`
	NodeName        string `json:"nodeName"`
	StatusPhase     string `json:"statusPhase"`
	Zone            string `json:"zone"`
	Region          string `json:"region"`
	CreatedAt       string `json:"createdAt"`
	GPUDescriptor   string `json:"gpuDescriptor"`
	CPUTotal        int64  `json:"cpuTotal"`
	CPUAllocated    int64  `json:"cpuAllocated"`
	MemoryTotal     int64  `json:"memoryTotal"` // GiB
	MemoryAllocated int64  `json:"memoryAllocated"`
}

// held is what pods hold on one node.
type held struct {
	gpus             int
	cpuMilli, memMiB int64
}

// holdings are what is held now, by node.
func holdings(v world.View) []held {
	out := make([]held, len(v.Nodes()))
	for _, j := range v.Holding() {
		for i := range j.Pods[len(j.Pods)-1] {
			p := &j.Pods[len(j.Pods)-1][i]
			if int(p.Node) >= len(out) || int(p.Role) >= len(j.Roles) {
				continue
			}
			h, role := &out[p.Node], &j.Roles[p.Role]
			h.gpus += bits.OnesCount64(p.Devices)
			h.cpuMilli += role.CPUMilli
			h.memMiB += role.MemMiB
		}
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (s *Service) pool(v world.View) Pool {
	p := Pool{Metadata: PoolMetadata{stamp(v.Time(0)), poolName, poolID, stamp(v.Time(0))},
		Spec:   PoolSpec{K8sVersion: k8sVersion, AssociatedCpromIDs: []string{}, CreatedBy: "orrery", Description: "the simulated cluster", ForbidDelete: true, Region: region},
		Status: PoolStatus{Phase: "running", GPUDetail: []cardUsed{}}}
	for i := range s.cards.list {
		p.Status.GPUDetail = append(p.Status.GPUDetail, cardUsed{GPUDescriptor: s.cards.list[i].descriptor})
	}
	nodes := v.Nodes()
	for i, h := range holdings(v) {
		n := &nodes[i]
		p.Status.NodeCount.Total++
		if n.GPUs > 0 && h.gpus >= n.GPUs {
			p.Status.NodeCount.Used++
		}
		p.Status.GPUCount.Total += n.GPUs
		p.Status.GPUCount.Used += h.gpus
		for k := range p.Status.GPUDetail {
			if s.cards.list[k].gpu == n.GPUType {
				p.Status.GPUDetail[k].Total += n.GPUs
				p.Status.GPUDetail[k].Used += h.gpus
			}
		}
	}
	return p
}

func (s *Service) listPools(c *fiber.Ctx) (any, error) {
	p, err := pageOf(c, "createdAt", "clusterName", "clusterID", "createdAt")
	if err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	pools := cut(&p, []Pool{s.pool(v)})
	return struct {
		page
		TotalCount    int    `json:"totalCount"`
		ResourcePools []Pool `json:"resourcePools"`
	}{p, p.Total, pools}, nil
}

func (s *Service) getPool(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	return fiber.Map{"resourcePool": s.pool(v)}, nil
}

func (s *Service) listNodes(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	p, err := pageOf(c, "createdAt", "createdAt", "nodeName", "instanceName")
	if err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	list := cut(&p, s.nodes(v, &p))
	return struct {
		page
		Nodes []Node `json:"nodes"`
	}{p, list}, nil
}

// nodes are the machines in the order that a page asks for. All were made at once: those with RDMA come first, as machines with the most
// cards do, then the others in the scenario's order.
func (s *Service) nodes(v world.View, p *page) []Node {
	nodes := v.Nodes()
	order := make([]int, len(nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if p.OrderBy != "createdAt" {
			if d := cmp.Compare(nodes[a].Name, nodes[b].Name); p.ascending() {
				return d
			} else {
				return -d
			}
		}
		return cmp.Compare(b2i(hasRDMA(&nodes[b])), b2i(hasRDMA(&nodes[a])))
	})
	all := holdings(v)
	out := make([]Node, 0, len(nodes))
	for _, i := range order {
		out = append(out, s.node(v, i, &nodes[i], &all[i]))
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Service) node(v world.View, number int, n *world.Node, h *held) Node {
	o := Node{ChargingType: "Postpaid", GPUAllocated: h.gpus, GPUTotal: n.GPUs, GPUType: n.GPUType, InstanceID: "i-" + v.UUID("instance", &world.Job{}, uint64(number))[:8],
		InstanceName: n.Name, Intervention: "unintervened", NodeName: n.Name, StatusPhase: "running", Zone: zone, Region: region, CreatedAt: stamp(v.Time(0)),
		CPUTotal: int64(n.CPUMilli) / 1000, CPUAllocated: (h.cpuMilli + 999) / 1000, MemoryTotal: int64(n.MemMiB) / 1024, MemoryAllocated: (h.memMiB + 1023) / 1024}
	if n.GPUs > 0 {
		o.GPUDescriptor = s.cards.nameOf(n.GPUType)
	}
	switch {
	case n.Flags&state.NodeUp == 0:
		o.StatusPhase = "not_ready"
	case n.Flags&(state.NodeDraining|state.NodeCordoned) != 0:
		o.StatusPhase, o.Intervention = "ready_scheduling_disabled", "cordoned"
	}
	return o
}

// getWebTerminal names a place from which the terminal of a pod can be had.
func (s *Service) getWebTerminal(c *fiber.Ctx) (any, error) {
	if _, err := lens.Int(c, "handshakeTimeoutSecond", 30, 1, 86_400); err != nil {
		return nil, err
	}
	if _, err := lens.Int(c, "pingTimeoutSecond", 900, 1, 3600); err != nil {
		return nil, err
	}
	r, p, err := s.findPod(c)
	if err != nil {
		return nil, err
	}
	url, err := r.terminal(c, p)
	return fiber.Map{"WebTerminalUrl": url}, err
}

// terminal is where the terminal of a running pod is to be had.
func (r *record) terminal(c *fiber.Ctx, p *pod) (string, error) {
	if t := &r.h.Tries[p.Try]; t.Running == state.Unset || t.Ended != state.Unset {
		return "", &Error{fiber.StatusBadRequest, codeStatus, "pod " + p.name + " does not run; only a running pod has a terminal"}
	}
	return "ws://" + string(c.Request().Host()) + "/orrery/terminal/" + r.v.Token(r.j) + "/" + p.name, nil
}
