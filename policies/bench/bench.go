// Package bench measures what a decision costs: policies side by side on the same generated load, on clusters of several sizes. Time is
// what the policies themselves take, events and passes; the engine's own is not in it.
//
// It must never read a clock of its own: the caller passes one.
package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Spec is a policy to measure.
type Spec struct {
	Name string
	New  func() (state.Policy, error) // a fresh one each time
}

// Options say what is measured. The zero value of a field is its default.
type Options struct {
	Nodes  []int        // sizes of the cluster; 100, 1,000 and 10,000
	Jobs   int          // that arrive while it is measured; 2,000
	Rounds int          // 3: policies take turns, and the fastest round of each counts
	Clock  func() int64 // ns of a monotonic clock
}

// Row is what one policy's decisions cost on one size of cluster.
type Row struct {
	Policy    string  `json:"policy"`
	Nodes     int     `json:"nodes"`
	Decisions uint64  `json:"decisions"`
	Passes    uint64  `json:"passes"`
	NS        float64 `json:"ns_per_decision"`
	Ratio     float64 `json:"ratio"`            // to the first policy
	Digest    string  `json:"digest"`           // of the run: policies of the same digest have done the same work
	Failed    string  `json:"failed,omitempty"` // why there are no figures; the others are measured all the same
}

// Run measures every policy on every size, in the order of sizes, then of policies. A policy whose run fails, or that decides nothing,
// has a row that says so; ratios are to the first policy that has figures. An error is of a policy that cannot be made.
func Run(specs []Spec, o Options) ([]Row, error) {
	if len(o.Nodes) == 0 {
		o.Nodes = []int{100, 1_000, 10_000}
	}
	if o.Jobs == 0 {
		o.Jobs = 2_000
	}
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	var rows []Row
	for _, nodes := range o.Nodes {
		w := Load(nodes, o.Jobs)
		best := make([]Row, len(specs))
		for round := range o.Rounds {
			for i, s := range specs {
				if best[i].Failed != "" {
					continue
				}
				row, err := measure(s, w, &o)
				if err != nil {
					return nil, fmt.Errorf("bench: %s, %d nodes: %w", s.Name, nodes, err)
				}
				if round == 0 || row.Failed != "" || row.NS < best[i].NS {
					best[i] = row
				}
			}
		}
		first := 0.0
		for i := range best {
			best[i].Nodes = nodes
			if best[i].Failed != "" {
				continue
			}
			if first == 0 {
				first = best[i].NS
			}
			best[i].Ratio = best[i].NS / first
		}
		rows = append(rows, best...)
	}
	return rows, nil
}

// Load is a cluster of nodes with 8 GPUs, half of them in use from the first instant on, and jobs of one pod with 1 to 8 GPUs, one a
// second, that keep it so.
func Load(nodes, jobs int) *trial.World {
	w := &trial.World{Name: fmt.Sprint(nodes, " nodes"), Types: []string{"A"}, Nodes: trial.NodesOf(nodes, 0, 8, 0, 0)}
	length := int64(nodes) * 8 / 9 // of a job: with 4.5 GPUs on average as many fill half of 8 a node
	gpus := func(i int) int32 { return int32(1 + i*31%8) }
	for i := range int(length) { // so long since that they end one a second
		w.Jobs = append(w.Jobs, trial.JobOf(0, 1+int64(i), trial.Pods(1, gpus(i), 0, 0)))
	}
	for i := range jobs {
		w.Jobs = append(w.Jobs, trial.JobOf(1+int64(i), max(1, length), trial.Pods(1, gpus(i), 0, 0)))
	}
	w.Horizon = state.Time(jobs+1) * state.Second
	return w
}

// measure runs a load under a policy and times what the policy does after the first instant.
func measure(s Spec, w *trial.World, o *Options) (Row, error) {
	p, err := s.New()
	if err != nil {
		return Row{}, err
	}
	t := &timed{Policy: p, clock: o.Clock}
	if c, ok := p.(io.Closer); ok {
		defer c.Close()
	}
	e, err := sim.New(w.Config(t))
	if err != nil {
		return Row{}, err
	}
	if _, err := e.Run(state.Never); err != nil {
		return Row{Policy: s.Name, Failed: "its run failed: " + err.Error()}, nil
	}
	e.Finish(w.Horizon)
	if t.decisions == 0 {
		return Row{Policy: s.Name, Passes: t.passes, Digest: e.Digest(), Failed: "it decided nothing"}, nil
	}
	return Row{Policy: s.Name, Decisions: t.decisions, Passes: t.passes, NS: float64(t.ns) / float64(t.decisions), Digest: e.Digest()}, nil
}

// timed is a policy under a stopwatch.
type timed struct {
	state.Policy
	clock     func() int64
	ns        int64
	decisions uint64
	passes    uint64
}

func (t *timed) Observe(v *state.View, events []state.Event) {
	from := t.clock()
	t.Policy.Observe(v, events)
	if v.Now > 0 {
		t.ns += t.clock() - from
	}
}

func (t *timed) Pass(v *state.View, d *state.Decisions) {
	from := t.clock()
	t.Policy.Pass(v, d)
	if v.Now == 0 {
		return
	}
	t.ns += t.clock() - from
	t.passes++
	for i := range d.List {
		if d.List[i].Kind != state.DecideTimer {
			t.decisions++
		}
	}
}

// Text writes rows as a table: a policy a line, a size a column.
func Text(w io.Writer, rows []Row) error {
	var b strings.Builder
	var names, failed []string
	cells := map[string][]string{}
	wide := len("ns per decision")
	head := ""
	for _, r := range rows {
		if r.Policy == rows[0].Policy {
			head += fmt.Sprintf("  %20s", fmt.Sprint(r.Nodes, " nodes"))
		}
		if cells[r.Policy] == nil {
			names, wide = append(names, r.Policy), max(wide, len(r.Policy))
		}
		cell := "-"
		if r.Failed == "" {
			cell = fmt.Sprintf("%.0f (x %.2f)", r.NS, r.Ratio)
		} else if line := fmt.Sprintf("%s, %d nodes: %s\n", r.Policy, r.Nodes, r.Failed); !slices.Contains(failed, line) {
			failed = append(failed, line)
		}
		cells[r.Policy] = append(cells[r.Policy], cell)
	}
	fmt.Fprintf(&b, "%-*s%s\n", wide, "ns per decision", head)
	for _, n := range names {
		fmt.Fprintf(&b, "%-*s", wide, n)
		for _, c := range cells[n] {
			fmt.Fprintf(&b, "  %20s", c)
		}
		b.WriteByte('\n')
	}
	for _, line := range failed {
		b.WriteString(line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
