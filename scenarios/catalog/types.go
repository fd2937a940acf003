package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// A Tag says how a figure is known.
type Tag byte

// The tags of the facts sheet, and that of a person's own rows.
const (
	Documented Tag = 'D'
	Measured   Tag = 'M'
	Computed   Tag = 'C'
	Recalled   Tag = 'R'
	Estimated  Tag = 'E'
	TagUser    Tag = 'U'
)

func (t Tag) String() string {
	switch t {
	case Documented:
		return "documented"
	case Measured:
		return "measured"
	case Computed:
		return "computed"
	case Recalled:
		return "recalled"
	case Estimated:
		return "estimated"
	case TagUser:
		return "yours"
	}
	return "unknown"
}

// An Origin says where a row comes from, column by column.
type Origin struct {
	Tag    Tag    // of every column that has no tag of its own
	Source string // a document, a repository, a page
	Facts  string // rows of the facts sheet, as "1.1 2.3"
	Note   string
	File   string
	Line   int

	exceptions []exceptionTag
	missing    []string // columns without a figure, sorted
}

type exceptionTag struct {
	column string
	tag    Tag
}

// TagOf is the tag of one column.
func (o Origin) TagOf(column string) Tag {
	for _, e := range o.exceptions {
		if e.column == column {
			return e.tag
		}
	}
	return o.Tag
}

// Known says whether the row has a figure in this column; a figure that is not known reads as zero.
func (o Origin) Known(column string) bool {
	_, missing := slices.BinarySearch(o.missing, column)
	return !missing
}

// An Accelerator is a model of GPU or NPU. Figures that are not known are zero.
type Accelerator struct {
	Name        string
	Aliases     []string
	Memory      int64 // bytes
	PeakFLOPS   int64 // dense BF16, or FP16 where there is no BF16, per second
	MatmulFLOPS int64 // the best matrix product ever measured, per second: no job is faster
	MemoryRate  int64 // bytes/s
	NVLink      int64 // bytes/s, both directions summed: halve it for one
	PCIeGen     int
	TDP         int // W
	Idle        int // W, free and without a CUDA context
	Origin      Origin

	SpeedMilli  int64 // thousandths of the training speed of a V100-32, for jobs without a table; 0 if not known
	SpeedOrigin Origin
}

// A Node is a shape of machine: a typical node or an instance type. Figures that are not known are zero.
type Node struct {
	Name     string
	Aliases  []string
	GPU      string // canonical name of an Accelerator; empty without GPUs or if not known
	GPUs     int
	CPUs     int   // vCPUs, or cores where the source counts cores
	Memory   int64 // bytes
	RDMANICs int   // 0 if only the total is known
	RDMA     int64 // bytes/s of all NICs together, one direction
	Eth      int64 // bytes/s
	Origin   Origin
}

// Complete says what a scenario still has to give before this shape can be one of its node types.
func (n Node) Complete() error {
	var missing []string
	for _, c := range [...]string{"gpu", "gpus", "cpus", "memory"} {
		if !n.Origin.Known(c) && !(c == "gpu" && n.Origin.Known("gpus") && n.GPUs == 0) {
			missing = append(missing, c)
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("node type %s: got no %s in %s:%d, want them in the scenario beside the name",
		n.Name, strings.Join(missing, ", "), n.Origin.File, n.Origin.Line)
}

// A Price is what one node costs, by one list from one day on. Amounts are millionths of Currency; those that are not
// known are zero and Origin.Known says so.
type Price struct {
	NodeType      string // canonical name, or a scenario's own node type
	List          string // a region or a service; empty in a sheet that has only one
	Currency      string // ISO 4217
	OnDemandHour  int64
	ReservedMonth int64
	SpotHour      int64
	Purchase      int64
	LifeMonths    int
	PowerW        int64
	ValidFrom     string // a day as 2026-11-21; empty: always
	Origin        Origin
}

// A Resource is a name that a cloud's API uses for something that a pod can ask for.
type Resource struct {
	Name   string
	Kind   string // gpu, rdma, cpu, memory
	GPU    string // canonical name of an Accelerator, for kind gpu
	Origin Origin
}
