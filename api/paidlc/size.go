package paidlc

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/internal/spell"
	"github.com/orrery-sim/orrery/scenarios/catalog"
)

// size is what one pod takes.
type size struct {
	cpuMilli int64
	memMiB   int64
	gpus     int
	gpuType  string // "" = any
}

// spec is an EcsSpec: the size of a pod with a name.
type spec struct {
	name string
	size
	gpuGB     int32
	available bool // a node of this world could hold it
	lingjun   bool
}

// sizes are the EcsSpecs of a world: those of the catalogue whose GPU type it has, and those without GPUs.
type sizes struct {
	list   []spec
	byName map[string]int
	gpus   *catalog.Catalog
	types  []string // GPU types of this world
}

const (
	mib = 1 << 20
	gib = 1 << 30
)

func newSizes(c *catalog.Catalog, nodes []world.Node) *sizes {
	s := &sizes{byName: map[string]int{}, gpus: c}
	for _, n := range nodes {
		if n.GPUs > 0 && !slices.Contains(s.types, n.GPUType) {
			s.types = append(s.types, n.GPUType)
		}
	}
	for _, n := range c.Nodes() {
		ecs, lingjun := strings.HasPrefix(n.Name, "ecs."), strings.HasPrefix(n.Name, "ml.")
		if !ecs && !lingjun || n.Complete() != nil || n.GPUs > 0 && !slices.Contains(s.types, n.GPU) {
			continue
		}
		e := spec{name: n.Name, size: size{int64(n.CPUs) * 1000, n.Memory / mib, n.GPUs, n.GPU}, lingjun: lingjun}
		if a, err := c.Accelerator(n.GPU); err == nil {
			e.gpuGB = int32(a.Memory / 1_000_000_000)
		}
		e.available = slices.ContainsFunc(nodes, func(n world.Node) bool { return holds(&n, &e.size) })
		s.list = append(s.list, e)
	}
	slices.SortStableFunc(s.list, func(a, b spec) int { return cmp.Compare(a.name, b.name) })
	for i := range s.list {
		s.byName[s.list[i].name] = i
	}
	return s
}

// holds reports whether an empty node could hold a pod.
func holds(n *world.Node, s *size) bool {
	if s.gpus > n.GPUs || s.gpus > 0 && s.gpuType != "" && s.gpuType != n.GPUType {
		return false
	}
	return (n.CPUMilli == 0 || int64(n.CPUMilli) >= s.cpuMilli) && (n.MemMiB == 0 || int64(n.MemMiB) >= s.memMiB)
}

// of is the size of a pod of a role.
func (s *sizes) of(r *JobSpec, at string) (size, error) {
	switch {
	case r.EcsSpec != "" && r.ResourceConfig != nil:
		return size{}, invalid(at+".EcsSpec", "got both EcsSpec and ResourceConfig, want one of them")
	case r.EcsSpec != "":
		i, ok := s.byName[r.EcsSpec]
		if !ok {
			return size{}, invalid(at+".EcsSpec", "got %q, want a machine type that ListEcsSpecs lists%s", r.EcsSpec, s.near(r.EcsSpec))
		}
		if !s.list[i].available {
			return size{}, invalid(at+".EcsSpec", "got %q, which no node here can hold; want a machine type that is available", r.EcsSpec)
		}
		return s.list[i].size, nil
	case r.ResourceConfig != nil:
		return s.config(r.ResourceConfig, at+".ResourceConfig")
	}
	return size{}, missing(at+".EcsSpec", "EcsSpec (a machine type) or ResourceConfig (an amount of CPU, memory and GPUs)")
}

// near names an available machine type that was perhaps meant.
func (s *sizes) near(name string) string {
	var names []string
	for i := range s.list {
		if s.list[i].available {
			names = append(names, s.list[i].name)
		}
	}
	if hit := spell.Nearest(name, names); hit != "" {
		return fmt.Sprintf(" (did you mean %q?)", hit)
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(", such as %q", names[0])
}

// config reads amounts: CPU "4" or "0.5", Memory "16Gi", GPU "8".
func (s *sizes) config(r *ResourceConfig, at string) (size, error) {
	var z size
	var ok bool
	if r.CPU != "" {
		if z.cpuMilli, ok = cpus(r.CPU); !ok {
			return z, invalid(at+".CPU", "got %q, want a number of CPUs such as \"4\"", r.CPU)
		}
	}
	if r.Memory != "" {
		if z.memMiB, ok = memory(r.Memory); !ok {
			return z, invalid(at+".Memory", "got %q, want an amount such as \"16Gi\"", r.Memory)
		}
	}
	if r.SharedMemory != "" {
		if _, ok = memory(r.SharedMemory); !ok {
			return z, invalid(at+".SharedMemory", "got %q, want an amount such as \"16Gi\"", r.SharedMemory)
		}
	}
	if r.GPU != "" {
		n, err := strconv.ParseUint(strings.TrimSpace(r.GPU), 10, 16)
		if err != nil {
			return z, invalid(at+".GPU", "got %q, want a number of whole GPUs such as \"8\"", r.GPU)
		}
		z.gpus = int(n)
	}
	if r.GPUType != "" {
		a, err := s.gpus.Accelerator(r.GPUType)
		switch {
		case slices.Contains(s.types, r.GPUType):
			z.gpuType = r.GPUType
		case err == nil && slices.Contains(s.types, a.Name):
			z.gpuType = a.Name
		default:
			return z, invalid(at+".GPUType", "got %q, want a GPU type of this cluster: %s", r.GPUType, quoted(s.types))
		}
	}
	if z.gpus == 0 {
		z.gpuType = ""
	}
	if z.cpuMilli == 0 && z.memMiB == 0 && z.gpus == 0 {
		return z, invalid(at, "it asks for nothing, want CPU, Memory or GPU")
	}
	return z, nil
}

// cpus reads "4", "0.5" or "500m" as thousandths.
func cpus(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if m, isMilli := strings.CutSuffix(text, "m"); isMilli {
		n, err := strconv.ParseUint(m, 10, 31)
		return int64(n), err == nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1e6 {
		return 0, false
	}
	return int64(math.Ceil(f * 1000)), true
}

// memory reads "16Gi", "512Mi", "16G" or bytes as MiB, rounded up.
func memory(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	i := len(text)
	for i > 0 && (text[i-1] < '0' || text[i-1] > '9') {
		i--
	}
	units := map[string]float64{"": 1, "B": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1 << 10, "Mi": mib, "Gi": gib, "Ti": 1 << 40,
		"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": mib, "GiB": gib, "TiB": 1 << 40}
	unit, ok := units[strings.TrimSpace(text[i:])]
	f, err := strconv.ParseFloat(text[:i], 64)
	if !ok || err != nil || math.IsNaN(f) || f < 0 || f*unit > 1<<50 {
		return 0, false
	}
	return int64(math.Ceil(f * unit / mib)), true
}
