package run

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// NodesName is the table of the cluster's nodes.
const NodesName = "nodes.parquet"

// nodeSchema is the columns of nodes.parquet: those of a node list, and when the node was down.
func nodeSchema() columns.Schema {
	word := func(name string) columns.Column {
		return columns.Column{Name: name, Kind: columns.String, Repeats: true}
	}
	count := func(name string) columns.Column { return columns.Column{Name: name, Kind: columns.Int} }
	return columns.Schema{{Name: "node", Kind: columns.String}, word("gpu_type"), count("gpus"), count("cpu_milli"), count("memory_mib"),
		word("pool"), word("partition"), {Name: "down_s", Kind: columns.String}}
}

// nodeTable is a listener that learns the nodes and when each was down.
type nodeTable struct {
	pools []string // names by pool id
	names []string
	rows  []nodeRow
}

type nodeRow struct {
	typ, pool, partition string
	gpus, cpu, mem       int64
	downAt               state.Time // Unset while it works
	down                 []byte
}

// Kinds is the coming and going of nodes.
func (n *nodeTable) Kinds() state.KindSet {
	return state.Kinds(state.EvNodeUp, state.EvNodeDown, state.EvStop)
}

// Observe notes nodes that are new and stretches in which a node was down.
func (n *nodeTable) Observe(b *state.Batch) {
	for i := len(n.names); i < b.Nodes.Len(); i++ {
		r := nodeRow{gpus: int64(b.Nodes.GPUsTotal[i]), cpu: int64(b.Nodes.CPUTotal[i]), mem: int64(b.Nodes.MemTotal[i]), downAt: state.Unset,
			partition: b.Names.Partitions.Name(int32(b.Nodes.Partition[i]))}
		if t := b.Nodes.Type[i]; t != state.NoType {
			r.typ = b.Names.Types.Name(int32(t))
		}
		if p := int(b.Nodes.Pool[i]); p < len(n.pools) {
			r.pool = n.pools[p]
		}
		n.names, n.rows = append(n.names, b.Nodes.Name[i]), append(n.rows, r)
	}
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvNodeDown:
			n.rows[ev.Node].downAt = ev.Time
		case state.EvNodeUp:
			n.rows[ev.Node].over(ev.Time)
			if state.NodeUp&uint32(ev.Z) == 0 {
				n.rows[ev.Node].downAt = ev.Time
			}
		case state.EvStop:
			for k := range n.rows {
				n.rows[k].over(ev.Time)
			}
		}
	}
}

// over ends a stretch in which the node was down.
func (r *nodeRow) over(at state.Time) {
	if r.downAt == state.Unset {
		return
	}
	if at > r.downAt {
		if len(r.down) > 0 {
			r.down = append(r.down, ';')
		}
		r.down = units.AppendSeconds(r.down, int64(r.downAt))
		r.down = append(r.down, '-')
		r.down = units.AppendSeconds(r.down, int64(at))
	}
	r.downAt = state.Unset
}

func (n *nodeTable) write(w *columns.Writer) {
	for i := range n.rows {
		r := &n.rows[i]
		w.String(0, n.names[i])
		w.String(1, r.typ)
		w.Int(2, r.gpus)
		w.Int(3, r.cpu)
		w.Int(4, r.mem)
		w.String(5, r.pool)
		w.String(6, r.partition)
		w.Bytes(7, r.down)
		w.EndRow()
	}
}

// NodeRow is one row of nodes.parquet. Down are pairs of instants.
type NodeRow struct {
	Node, Type, Pool, Partition string
	GPUs                        int64
	Down                        [][2]state.Time
}

// Nodes reads the nodes of a run folder.
func Nodes(dir string) ([]NodeRow, error) {
	file, err := columns.OpenParquet(filepath.Join(dir, NodesName))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out []NodeRow
	words := interner{}
	for b, err := range file.Batches("node", "gpu_type", "gpus", "pool", "partition", "down_s") {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, NodesName), err)
		}
		for i := range b.Rows {
			r := NodeRow{Node: string(b.Cols[0].Bytes(i)), Type: words.of(b.Cols[1].Bytes(i)), GPUs: b.Cols[2].Ints[i],
				Pool: words.of(b.Cols[3].Bytes(i)), Partition: words.of(b.Cols[4].Bytes(i))}
			if r.Down, err = stretches(string(b.Cols[5].Bytes(i))); err != nil {
				return nil, fmt.Errorf("%s: node %q: %w", filepath.Join(dir, NodesName), r.Node, err)
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// stretches reads "from-to;from-to".
func stretches(text string) ([][2]state.Time, error) {
	if text == "" {
		return nil, nil
	}
	var out [][2]state.Time
	for _, s := range strings.Split(text, ";") {
		a, b, _ := strings.Cut(s, "-")
		from, err := units.ParseSeconds([]byte(a))
		to, err2 := units.ParseSeconds([]byte(b))
		if err != nil || err2 != nil {
			return nil, fmt.Errorf("down_s has %s; expected from-to in seconds", strconv.Quote(s))
		}
		out = append(out, [2]state.Time{state.Time(from), state.Time(to)})
	}
	return out, nil
}
