package trace

import (
	"fmt"
	"math"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// heliosNode is the GPUs of a node of the Helios clusters.
const heliosNode = 8

// readVCs reads the cluster of a helios trace: vc,nodes, or the public table of GPUs a VC and day.
func readVCs(path string, opt *Options) (*ClusterSpec, error) {
	t, err := openTable(path, opt.MaxBytes, ',', true)
	if err != nil {
		return nil, err
	}
	defer t.lines.in.Close()
	if t.header[0] == "date" {
		return readVCDays(t)
	}
	at, err := t.bind([]Column{{Name: "vc", Required: true}, {Name: "nodes", Required: true}})
	if err != nil {
		return nil, err
	}
	c := new(ClusterSpec)
	for {
		ok, err := t.row()
		if err != nil {
			return nil, err
		}
		if !ok {
			return c, nil
		}
		nodes, f := whole(t.fields[at[1]])
		if f == fine && nodes > 1<<20 {
			f = faultLarge
		}
		if f != fine {
			return nil, t.bad(at[1], f, wantWhole)
		}
		c.addVC(string(t.fields[at[0]]), nodes*heliosNode)
	}
}

// readVCDays takes for each VC the largest number of GPUs of any day.
func readVCDays(t *table) (*ClusterSpec, error) {
	most := make([]int64, len(t.header))
	changed := false
	for days := 0; ; days++ {
		ok, err := t.row()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		for i := 1; i < len(most); i++ {
			v, f := whole(t.fields[i])
			if f == fine && v > 1<<20 {
				f = faultLarge
			}
			if f != fine && !blank(t.fields[i]) {
				return nil, t.bad(i, f, wantWhole)
			}
			changed = changed || days > 0 && v != most[i]
			most[i] = max(most[i], v)
		}
	}
	c := new(ClusterSpec)
	for i, vc := range t.header {
		if i > 0 && !strings.EqualFold(vc, "total") {
			c.addVC(vc, most[i])
		}
	}
	if changed {
		c.Warnings = append(c.Warnings, "the sizes of VCs change from day to day; the largest of each is taken")
	}
	return c, nil
}

// addVC adds nodes of 8 GPUs, and a smaller one for the rest.
func (c *ClusterSpec) addVC(vc string, gpus int64) {
	for i := 0; gpus > 0; i++ {
		n := min(gpus, heliosNode)
		c.Nodes = append(c.Nodes, NodeSpec{Name: fmt.Sprintf("%s-%04d", vc, i), GPUs: int32(n), Pool: vc, Partition: vc})
		gpus -= n
	}
}

// readTiresiasCluster reads num_switch,num_node_p_switch,num_gpu_p_node,num_cpu_p_node,mem_p_node (GB).
func readTiresiasCluster(path string, opt *Options) (*ClusterSpec, error) {
	t, err := openTable(path, opt.MaxBytes, ',', true)
	if err != nil {
		return nil, err
	}
	defer t.lines.in.Close()
	names := []string{"num_switch", "num_node_p_switch", "num_gpu_p_node", "num_cpu_p_node", "mem_p_node"}
	cols := make([]Column, len(names))
	for i, n := range names {
		cols[i] = Column{Name: n, Required: true}
	}
	at, err := t.bind(cols)
	if err != nil {
		return nil, err
	}
	if ok, err := t.row(); !ok || err != nil {
		if err == nil {
			err = t.fail(-1, "no row below the header", "expected one row with the size of the cluster", "")
		}
		return nil, err
	}
	var v [5]int64
	for i := range v {
		n, f := whole(t.fields[at[i]])
		if f == fine && n > math.MaxInt32 {
			f = faultLarge
		}
		if f != fine {
			return nil, t.bad(at[i], f, wantWhole)
		}
		v[i] = n
	}
	if v[0]*v[1] > 1<<20 || v[2] > state.MaxGPUsPerNode {
		return nil, t.fail(-1, fmt.Sprintf("%d x %d nodes of %d GPUs", v[0], v[1], v[2]),
			fmt.Sprintf("expected at most %d nodes and %d GPUs a node", 1<<20, state.MaxGPUsPerNode), "")
	}
	c := new(ClusterSpec)
	for sw := range v[0] {
		for n := range v[1] {
			c.Nodes = append(c.Nodes, NodeSpec{Name: fmt.Sprintf("s%d-n%04d", sw, n), GPUs: int32(v[2]), CPUMilli: v[3] * 1000,
				MemMiB: v[4] * 1024, Pool: fmt.Sprintf("s%d", sw)})
		}
	}
	return c, nil
}
