package paidlc

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// EcsSpec is a machine type: a pod's size.
type EcsSpec struct {
	InstanceType    string   `json:"InstanceType"`
	AcceleratorType string   `json:"AcceleratorType"`
	Cpu             int32    `json:"Cpu"`
	Memory          int32    `json:"Memory"` // GiB
	Gpu             int32    `json:"Gpu"`
	GpuType         string   `json:"GpuType,omitempty"`
	GpuMemory       int32    `json:"GpuMemory,omitempty"` // GB of one GPU
	IsAvailable     bool     `json:"IsAvailable"`
	ResourceType    string   `json:"ResourceType"`
	PaymentTypes    []string `json:"PaymentTypes"`
}

// EcsSpecsReply answers ListEcsSpecs.
type EcsSpecsReply struct {
	EcsSpecs   []EcsSpec `json:"EcsSpecs"`
	TotalCount int64     `json:"TotalCount"`
	RequestId  string    `json:"RequestId"`
}

func (s *Service) listEcsSpecs(c *fiber.Ctx, id string) (any, error) {
	v, err := s.world.Look(c.Context())
	if err != nil {
		return nil, err
	}
	tell(c, v)
	page, err := intOf(c, "PageNumber", 1, 1, 1000)
	if err != nil {
		return nil, err
	}
	size, err := intOf(c, "PageSize", 100, 1, 100)
	if err != nil {
		return nil, err
	}
	all, err := s.specs(c)
	if err != nil {
		return nil, err
	}
	from := min((page-1)*size, len(all))
	return &EcsSpecsReply{all[from:min(from+size, len(all))], int64(len(all)), id}, nil
}

// specs are the machine types that pass the filters, in the order asked for.
func (s *Service) specs(c *fiber.Ctx) ([]EcsSpec, error) {
	kind, err := oneOf(c, "AcceleratorType", "", "", "CPU", "GPU")
	if err != nil {
		return nil, err
	}
	resource, err := oneOf(c, "ResourceType", "", "", "ECS", "Lingjun")
	if err != nil {
		return nil, err
	}
	key, err := oneOf(c, "SortBy", "", "", "CPU", "GPU", "Memory", "GmtCreateTime")
	if err != nil {
		return nil, err
	}
	order, err := oneOf(c, "Order", "asc", "desc", "asc")
	if err != nil {
		return nil, err
	}
	var names []string
	if list := c.Query("InstanceTypes"); list != "" {
		for _, n := range strings.Split(list, ",") {
			names = append(names, strings.TrimSpace(n))
		}
	}
	out := []EcsSpec{}
	for i := range s.sizes.list {
		e := s.sizes.list[i].wire()
		if (kind == "" || e.AcceleratorType == kind) && (resource == "" || e.ResourceType == resource) && (names == nil || slices.Contains(names, e.InstanceType)) {
			out = append(out, e)
		}
	}
	of := map[string]func(e *EcsSpec) int32{"CPU": func(e *EcsSpec) int32 { return e.Cpu }, "GPU": func(e *EcsSpec) int32 { return e.Gpu },
		"Memory": func(e *EcsSpec) int32 { return e.Memory }}[key]
	slices.SortStableFunc(out, func(a, b EcsSpec) int {
		x := cmp.Compare(a.InstanceType, b.InstanceType)
		if of != nil {
			x = cmp.Or(cmp.Compare(of(&a), of(&b)), x)
		}
		if order == "desc" {
			return -x
		}
		return x
	})
	return out, nil
}

func (e *spec) wire() EcsSpec {
	w := EcsSpec{InstanceType: e.name, AcceleratorType: "CPU", Cpu: int32(e.cpuMilli / 1000), Memory: int32(e.memMiB / 1024), Gpu: int32(e.gpus), IsAvailable: e.available,
		ResourceType: "ECS", PaymentTypes: []string{"PostPaid"}}
	if e.gpus > 0 {
		w.AcceleratorType, w.GpuType, w.GpuMemory = "GPU", e.gpuType, e.gpuGB
	}
	if e.lingjun {
		w.ResourceType = "Lingjun"
	}
	return w
}
