package scenarios

import (
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Markdown is docs/scenario.md: every key of a scenario, from the types that read it.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# The scenario file

One YAML file says what is simulated. Unknown keys, wrong units and values without meaning are errors, all reported at once with line
and column. Relative paths start at the file. Editors complete it with [scenario.schema.json](scenario.schema.json): put
` + "`# yaml-language-server: $schema=...`" + ` on the first line.

    apiVersion: orrery/v1
    kind: Scenario
    name: two-weeks
    seed: 42
    cluster:
      nodeTypes: {a100x8: {gpu: A100-80, gpus: 8, cpus: 128, memory: 1TiB}}
      pools: [{name: train, nodeType: a100x8, nodes: 256}]
    workload:
      - trace: {format: orrery, file: jobs.csv}
    policy: {order: fifo, backfill: easy, place: first-fit}
    throughput: fixed

Items of lists are addressed by name on the command line: ` + "`--set cluster.pools.train.nodes=192`" + `. What the cluster does not
model, jobs do not ask for: without ` + "`cpus`" + ` or ` + "`memory`" + ` on any node type, a trace's CPU and memory are left out, and without
partitions its partitions are.

| key | is | default | meaning |
| --- | --- | --- | --- |
`)
	for _, k := range ydec.Keys(&Scenario{}) {
		fallback := k.Default
		if k.Required {
			fallback = "**required**"
		} else if fallback != "" {
			fallback = "`" + fallback + "`"
		}
		what := k.What
		if k.Enum != nil {
			what = "`" + strings.Join(k.Enum, "` or `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Path, strings.ReplaceAll(what, "|", "\\|"), fallback, strings.ReplaceAll(k.Doc, "|", "\\|"))
	}
	return b.String()
}
