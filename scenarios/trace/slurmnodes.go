package trace

import (
	"fmt"
	"io"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// readSlurmNodes reads the text of scontrol show node (blocks or one line a node) or of sinfo (a table).
func readSlurmNodes(file string, opt *Options) (*ClusterSpec, error) {
	in, err := openInput(file, opt.MaxBytes)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r := &slurmNodes{lines: newLines(in), c: new(ClusterSpec), at: make(map[string]int)}
	for {
		text, err := r.lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := r.line(string(text)); err != nil {
			return nil, err
		}
	}
	r.flush()
	if len(r.c.Nodes) == 0 {
		return nil, &Error{File: file, What: "names no node", Want: "expected the text of `scontrol show node` or `sinfo -N -o '%N %P %G %c %m %t'`"}
	}
	if r.away > 0 {
		r.c.Warnings = append(r.c.Warnings, fmt.Sprintf("%d nodes are down or drained; they are part of the cluster", r.away))
	}
	return r.c, nil
}

type slurmNodes struct {
	lines  *lines
	c      *ClusterSpec
	at     map[string]int // name -> place in c.Nodes
	header []string       // of sinfo's table
	node   NodeSpec       // of scontrol's block
	open   bool
	state  string
	away   int
}

func (r *slurmNodes) fail(what, want string) error {
	return &Error{File: r.lines.in.path, Line: r.lines.line, What: what, Want: want}
}

func (r *slurmNodes) line(text string) error {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		r.flush()
		return nil
	}
	if strings.HasPrefix(fields[0], "NodeName=") {
		r.flush()
		r.open = true
	}
	if r.open {
		return r.pairs(fields)
	}
	if r.header == nil {
		return r.heading(fields)
	}
	return r.tableRow(fields)
}

// pairs reads Key=value words of scontrol.
func (r *slurmNodes) pairs(fields []string) error {
	for _, f := range fields {
		key, value, _ := strings.Cut(f, "=")
		var err error
		switch key {
		case "NodeName":
			r.node.Name = value
		case "CPUTot":
			r.node.CPUMilli, err = r.number(key, value, 3)
		case "RealMemory":
			r.node.MemMiB, err = r.number(key, value, 0)
		case "Gres":
			err = r.gres(&r.node, value)
		case "Partitions":
			r.node.Partition, _, _ = strings.Cut(value, ",")
		case "State":
			r.state = value
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// flush ends a block of scontrol.
func (r *slurmNodes) flush() {
	if r.open && r.node.Name != "" {
		r.add(r.node, r.state, false)
	}
	r.node, r.open, r.state = NodeSpec{}, false, ""
}

// add keeps a node once; a partition marked as default wins.
func (r *slurmNodes) add(n NodeSpec, state string, isDefault bool) {
	if n.Pool == "" {
		n.Pool = n.Partition
	}
	if i, ok := r.at[n.Name]; ok {
		if isDefault {
			r.c.Nodes[i].Partition, r.c.Nodes[i].Pool = n.Partition, n.Pool
		}
		return
	}
	r.at[n.Name] = len(r.c.Nodes)
	r.c.Nodes = append(r.c.Nodes, n)
	if s := strings.ToLower(state); strings.Contains(s, "down") || strings.Contains(s, "drain") || strings.Contains(s, "drng") || strings.Contains(s, "fail") {
		r.away++
	}
}

func (r *slurmNodes) number(key, value string, digits int) (int64, error) {
	v, f := fixed([]byte(strings.TrimRight(value, "+")), digits)
	if f == fine && v < 0 {
		f = faultNegative
	}
	if f != fine {
		return 0, r.fail(say(key, []byte(value), f), wantWhole)
	}
	return v, nil
}

// gres reads gpu:a100:8(S:0-1),gpu:t4:2 or (null).
func (r *slurmNodes) gres(n *NodeSpec, text string) error {
	if text == "(null)" || text == "" || text == "N/A" {
		return nil
	}
	var total int64
	for _, one := range splitOutside(text) {
		body, _, _ := strings.Cut(one, "(")
		parts := strings.Split(body, ":")
		if parts[0] != "gpu" {
			continue
		}
		v, f := int64(1), fine
		if len(parts) > 1 {
			if v, f = whole([]byte(parts[len(parts)-1])); f == faultText {
				v, f = 1, fine // gpu:a100 is one
				parts = append(parts, "1")
			}
		}
		if f != fine || v > state.MaxGPUsPerNode {
			return r.fail(fmt.Sprintf("GRES %q is not understood", one), fmt.Sprintf("expected gpu:TYPE:N with at most %d GPUs", state.MaxGPUsPerNode))
		}
		if len(parts) > 2 && n.Type == "" {
			n.Type = parts[1]
		}
		total += v
	}
	if total > state.MaxGPUsPerNode {
		return r.fail(fmt.Sprintf("GRES %q has %d GPUs", text, total), fmt.Sprintf("expected at most %d on one node", state.MaxGPUsPerNode))
	}
	n.GPUs = int32(total)
	return nil
}

// splitOutside splits at commas outside of brackets of any kind.
func splitOutside(text string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range text {
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, text[from:i])
				from = i + 1
			}
		}
	}
	return append(out, text[from:])
}

// heading reads the first line of sinfo's table.
func (r *slurmNodes) heading(fields []string) error {
	has := map[string]bool{}
	for _, f := range fields {
		has[f] = true
	}
	if !has["NODELIST"] && !has["HOSTNAMES"] || !has["GRES"] {
		return r.fail("no columns NODELIST and GRES", "expected the text of `scontrol show node`, or of sinfo with NODELIST, PARTITION, GRES, CPUS, MEMORY, STATE: "+
			"sinfo -N -o '%N %P %G %c %m %t'")
	}
	r.header = fields
	return nil
}

// tableRow reads one line of sinfo; a host list stands for several nodes.
func (r *slurmNodes) tableRow(fields []string) error {
	if len(fields) != len(r.header) {
		return r.fail(fmt.Sprintf("has %d fields", len(fields)), fmt.Sprintf("expected %d: %s", len(r.header), strings.Join(r.header, " ")))
	}
	var n NodeSpec
	var list, status string
	isDefault := false
	for i, h := range r.header {
		var err error
		switch h {
		case "NODELIST", "HOSTNAMES":
			list = fields[i]
		case "PARTITION":
			n.Partition, isDefault = strings.CutSuffix(fields[i], "*")
		case "GRES":
			err = r.gres(&n, fields[i])
		case "CPUS":
			n.CPUMilli, err = r.number(h, fields[i], 3)
		case "MEMORY":
			n.MemMiB, err = r.number(h, fields[i], 0)
		case "STATE":
			status = fields[i]
		}
		if err != nil {
			return err
		}
	}
	names, ok := expandHosts(list)
	if !ok || len(names)+len(r.c.Nodes) > 1<<20 {
		return r.fail(fmt.Sprintf("%q is no list of hosts", list), "expected names such as gpu[001-064,070] and at most 1048576 nodes")
	}
	for _, name := range names {
		n.Name = name
		r.add(n, status, isDefault)
	}
	return nil
}

// expandHosts expands "a[01-03,7],b" into a01 a02 a03 a7 b, with several brackets too.
func expandHosts(list string) ([]string, bool) {
	var out []string
	for _, one := range splitOutside(list) {
		names, ok := expandHost(one, 0)
		if !ok || len(out)+len(names) > 1<<20 {
			return nil, false
		}
		out = append(out, names...)
	}
	return out, len(out) > 0
}

func expandHost(text string, depth int) ([]string, bool) {
	open := strings.IndexByte(text, '[')
	if open < 0 {
		return []string{text}, text != "" && !strings.ContainsRune(text, ']')
	}
	end := strings.IndexByte(text, ']')
	if end < open || depth > 3 {
		return nil, false
	}
	tails := []string{""}
	if rest := text[end+1:]; rest != "" {
		var ok bool
		if tails, ok = expandHost(rest, depth+1); !ok {
			return nil, false
		}
	}
	var out []string
	for _, span := range strings.Split(text[open+1:end], ",") {
		lo, hi, isRange := strings.Cut(span, "-")
		if !isRange {
			hi = lo
		}
		a, okA := digits([]byte(lo))
		b, okB := digits([]byte(hi))
		if !okA || !okB || len(lo) > 9 || len(hi) > 9 || b < a || (b-a+1)*len(tails)+len(out) > 1<<20 {
			return nil, false
		}
		for i := a; i <= b; i++ {
			for _, tail := range tails {
				out = append(out, fmt.Sprintf("%s%0*d%s", text[:open], len(lo), i, tail))
			}
		}
	}
	return out, true
}
