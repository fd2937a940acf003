package trace

import (
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// NodeFormats are the formats of ReadNodes.
func NodeFormats() []Format {
	return []Format{
		{Name: "orrery", Description: "our own node list, CSV", Columns: nodeColumns(),
			Oddities: []string{"A node without GPUs has gpus 0 and no gpu_type."}},
		{Name: "openb", Description: "node list of the openb trace, CSV", Columns: nodeColumns(),
			Oddities: []string{"The same reader: sn is the node, gpu or gpus the GPUs, model the type.",
				"openb_node_list_all_node.csv numbers CPU and GPU nodes from 0 each: names repeat; a repeated name gets its row behind it (name#17) and is counted."}},
		{Name: "slurm", Description: "text of `scontrol show node`, or of `sinfo -N` with NODELIST, CPUS, MEMORY, PARTITION and GRES",
			Oddities: []string{"gpu:a100:8(S:0-1) is 8 GPUs of type a100; a node with several types counts with the first.",
				"A node in several partitions belongs to the one marked with *, else to the first.",
				"Nodes that are down or drained are part of the list, with a warning."}},
	}
}

func nodeColumns() []Column {
	return []Column{
		{Name: "node", Aliases: []string{"sn", "name", "node_name"}, Required: true, Doc: "the node's name"},
		{Name: "gpu_type", Aliases: []string{"model", "gpu_model"}, Doc: "type of its GPUs"},
		{Name: "gpus", Aliases: []string{"gpu", "gpu_capacity_num"}, Required: true, Doc: "GPUs, at most 64"},
		{Name: "cpu_milli", Doc: "thousandths of a CPU"},
		{Name: "memory_mib", Doc: "MiB"},
		{Name: "pool", Doc: "pool"},
		{Name: "partition", Doc: "partition"},
		{Name: "cpus", Aliases: []string{"cpu_num"}, Doc: "CPUs, where there is no cpu_milli"},
	}
}

// ReadNodes reads a node list. Formats: orrery, openb, slurm.
func ReadNodes(format, file string, opt Options) (*ClusterSpec, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	switch format {
	case "orrery", "openb":
		return readNodeTable(file, &opt)
	case "slurm":
		return readSlurmNodes(file, &opt)
	}
	var names []string
	for _, f := range NodeFormats() {
		names = append(names, f.Name)
	}
	return nil, &Error{File: "format", What: "no format of node lists " + shown([]byte(format)),
		Want: "formats here: " + strings.Join(names, ", "), Do: didYouMean(format, names)}
}

func readNodeTable(file string, opt *Options) (*ClusterSpec, error) {
	s, err := openSheet(file, ',', nodeColumns(), opt, new(state.Names))
	if err != nil {
		return nil, err
	}
	defer s.close()
	c := new(ClusterSpec)
	seen := make(map[string]bool)
	repeated := 0
	for {
		ok, err := s.t.row()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		n, err := s.node()
		if err != nil {
			return nil, err
		}
		if seen[n.Name] {
			repeated++
			n.Name = fmt.Sprintf("%s#%d", n.Name, s.t.lines.line)
		}
		seen[n.Name] = true
		if len(c.Nodes) >= 1<<20 {
			return nil, s.t.fail(-1, "one node too many", fmt.Sprintf("expected at most %d", 1<<20), "")
		}
		c.Nodes = append(c.Nodes, n)
	}
	if repeated > 0 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d nodes repeat a name; their line is put behind it", repeated))
	}
	if len(c.Nodes) == 0 {
		return nil, s.t.fail(-1, "no node below the header", "expected one node a row", "")
	}
	return c, nil
}

// node reads one row.
func (s *sheet) node() (n NodeSpec, err error) {
	n.Name = string(s.text(0))
	if n.Name == "" {
		return n, s.missing(0)
	}
	gpus, err := s.wholeOr(2, 0)
	if err == nil && gpus > state.MaxGPUsPerNode {
		err = s.t.fail(s.at[2], fmt.Sprintf("%d GPUs on one node", gpus), fmt.Sprintf("expected at most %d", state.MaxGPUsPerNode), "")
	}
	if err != nil {
		return n, err
	}
	if n.GPUs = int32(gpus); gpus > 0 && s.has(1) {
		n.Type = string(s.text(1))
	}
	if n.CPUMilli, err = s.scaled(3, 0); err != nil {
		return n, err
	}
	if !s.has(3) {
		if n.CPUMilli, err = s.scaled(7, 3); err != nil {
			return n, err
		}
	}
	n.MemMiB, err = s.scaled(4, 0)
	n.Pool, n.Partition = string(s.text(5)), string(s.text(6))
	return n, err
}
