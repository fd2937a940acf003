package ydec

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// scenario is a small scenario that uses every feature of the package.
type scenario struct {
	APIVersion string            `yaml:"apiVersion,required" enum:"orrery/v1"`
	Name       string            `yaml:"name" doc:"What the run is called."`
	Seed       int64             `yaml:"seed" default:"1"`
	Start      *time.Time        `yaml:"start"`
	Horizon    span              `yaml:"horizon"`
	OnNoFit    string            `yaml:"onNoFit" default:"queue" enum:"queue|drop"`
	Strict     bool              `yaml:"strict"`
	Load       float64           `yaml:"load" default:"1.5" min:"0" max:"10"`
	Ratio32    float32           `yaml:"ratio32"`
	Cluster    *sampleCluster    `yaml:"cluster"`
	Workload   []item            `yaml:"workload,one"`
	Throughput throughput        `yaml:"throughput"`
	Policy     policy            `yaml:"policy"`
	Queues     Map[sampleQueue]  `yaml:"queues"`
	Tree       []branch          `yaml:"tree"`
	Caps       Map[int]          `yaml:"caps"`
	Sizes      []uint16          `yaml:"sizes" max:"4096"`
	Limits     sampleLimits      `yaml:",inline"`
	Hook       func(string) bool `yaml:"-"`
}

type sampleLimits struct {
	Small int8   `yaml:"small"`
	Byte  uint8  `yaml:"byte"`
	Big   uint64 `yaml:"big"`
}

type sampleCluster struct {
	NodeTypes Map[nodeKind] `yaml:"nodeTypes,required"`
	Pools     []pool        `yaml:"pools,required"`
}

type nodeKind struct {
	GPU  string `yaml:"gpu,required"`
	GPUs int    `yaml:"gpus,required" min:"1" max:"64"`
	CPUs *int   `yaml:"cpus"`
}

type pool struct {
	Name     string `yaml:"name,required,key"`
	NodeType string `yaml:"nodeType,required" doc:"One of cluster.nodeTypes."`
	Nodes    int    `yaml:"nodes,required" min:"0"`
}

type item struct {
	Trace     *trace `yaml:"trace,oneof=source"`
	Generator *part  `yaml:"generator,oneof=source"`
}

type trace struct {
	Format string `yaml:"format,required" enum:"orrery|swf|helios"`
	File   string `yaml:"file,required"`
}

type part struct {
	Name   string `yaml:"name,short,oneof=by"`
	Wasm   string `yaml:"wasm,oneof=by"`
	Params *Node  `yaml:"params"`
}

type policy struct {
	Preset   string `yaml:"preset,atmost=how"`
	Order    *part  `yaml:"order,atmost=how"`
	Backfill *part  `yaml:"backfill"`
}

// throughput is fixed, a list of factors, or a table.
type throughput struct {
	Word  word        `yaml:",scalar"`
	List  []float64   `yaml:",list"`
	Table *speedTable `yaml:",map"`
}

type speedTable struct {
	File  string `yaml:"file,required"`
	Scale int    `yaml:"scale" default:"7"`
}

type word string

func (word) EnumYAML() []string { return []string{"fixed", "roofline"} }

type sampleQueue struct {
	Deserved Map[int] `yaml:"deserved"`
	Parent   string   `yaml:"parent"`
}

type branch struct {
	Name     string   `yaml:"name,key"`
	Children []branch `yaml:"children"`
}

// span is a length of time in seconds, written with s, h or d.
type span int64

var spanUnits = []struct {
	unit    string
	seconds int64
}{{"d", 86400}, {"h", 3600}, {"s", 1}}

func (s *span) ParseYAML(text string) error {
	for _, u := range spanUnits {
		n, ok := strings.CutSuffix(text, u.unit)
		if !ok {
			continue
		}
		v, err := strconv.ParseInt(n, 10, 32)
		if err != nil {
			break
		}
		*s = span(v * u.seconds)
		return nil
	}
	if minutes, err := strconv.Atoi(strings.TrimSuffix(text, "m")); err == nil {
		return fmt.Errorf("minutes: %w", &ScalarError{
			Problem:  fmt.Sprintf("%q has no unit of days, hours or seconds", text),
			Expected: "a number and d, h or s", Hint: fmt.Sprintf("write %ds", 60*minutes),
		})
	}
	return fmt.Errorf("%q is no length of time", text)
}

func (s span) FormatYAML() string {
	for _, u := range spanUnits {
		if int64(s)%u.seconds == 0 {
			return fmt.Sprintf("%d%s", int64(s)/u.seconds, u.unit)
		}
	}
	return ""
}

func (span) DescribeYAML() string { return "a length of time such as 90s, 8h or 14d" }

const sampleText = `apiVersion: orrery/v1
name: two-weeks
seed: 42
start: 2026-01-01T00:00:00Z
horizon: 14d
cluster:
  nodeTypes: {a100x8: {gpu: A100-80, gpus: 8, cpus: 128}, "t4.x4": {gpu: T4, gpus: 4}}
  pools:
    - {name: train, nodeType: a100x8, nodes: 256}
    - name: serve
      nodeType: t4.x4
      nodes: 16
workload:
  trace: {format: orrery, file: jobs.csv}
throughput: fixed
policy:
  order: {name: las, params: {thresholds: [1h, 8h], deep: {yes: 010}}}
  backfill: easy
queues:
  prod: {deserved: {A100-80: 64}}
  research: {parent: prod}
`
