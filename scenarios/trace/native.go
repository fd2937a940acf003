package trace

import (
	"fmt"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// The columns of our own CSV, in the order in which Convert writes them.
const (
	colJob = iota
	colSubmit
	colDuration
	colGPUs
	colPodGPUs
	colReplicas
	colGPUMilli
	colGPUType
	colCPU
	colMemory
	colQueue
	colUser
	colPartition
	colPriority
	colEstimate
	colMaxRun
	colPatience
	colStart
	colStatus
	colAfter
	colTopology
	colModel
	numNative
)

func nativeColumns() []Column {
	return []Column{
		{Name: "job", Required: true, Doc: "the job's name"},
		{Name: "submit_s", Required: true, Doc: "submission, seconds from the trace's start"},
		{Name: "duration_s", Required: true, Doc: "running time in seconds, or never: runs until it is stopped"},
		{Name: "gpus", Required: true, Doc: "GPUs of the whole job = replicas x pod_gpus; 0 = CPU only"},
		{Name: "pod_gpus", Doc: "GPUs of one pod; empty: placement may split the job as it likes"},
		{Name: "replicas", Doc: "pods that start together; default gpus / pod_gpus, 1 for a CPU-only job"},
		{Name: "gpu_milli", Doc: "thousandths of each GPU, 1 to 1000; empty or 1000 = whole"},
		{Name: "gpu_type", Doc: "GPU types it accepts, A|B; empty = any"},
		{Name: "cpu_milli", Doc: "thousandths of a CPU a pod; without pod_gpus of the whole job"},
		{Name: "memory_mib", Doc: "MiB a pod; without pod_gpus of the whole job"},
		{Name: "queue", Doc: "queue"},
		{Name: "user", Doc: "user"},
		{Name: "partition", Doc: "partition"},
		{Name: "priority", Doc: "whole number, larger first; empty = 0"},
		{Name: "estimate_s", Doc: "the user's estimate of the running time; empty = none"},
		{Name: "max_run_s", Doc: "killed after this running time; empty = no limit"},
		{Name: "patience_s", Doc: "leaves the queue after waiting so long; empty = never"},
		{Name: "start_s", Doc: "recorded start; empty = none"},
		{Name: "status", Doc: "finished, failed or cancelled; empty = finished"},
		{Name: "after", Doc: "ids of earlier rows, separated by ; or space: id or id:ok (it finished), id:any (it ended)"},
		{Name: "topology", Doc: "level of domains that the whole job must be in, such as required:leaf, or should be in, preferred:pod; both with ; between; empty = anywhere"},
		{Name: "model", Doc: "what the job trains, for its speed (throughput: {mode: model}); empty = by throughput.match and mix"},
	}
}

// native reads our own CSV.
type native struct {
	t     *table
	at    []int
	xs    []xColumn
	opt   *Options
	names *state.Names
	types typeCache
	count tally
	row   int64 // jobs delivered
	read  int64 // rows read
	index *afterIndex
	late  []lateRef
}

// xColumn is an x_* column: its field and its place in JobSpec.X.
type xColumn struct {
	name string
	at   int
	slot int
}

// openNative binds the header. Lines "# start: <RFC 3339>" before it date the trace.
func openNative(path string, opt *Options, names *state.Names, meta *Meta) (*native, error) {
	open := func() (*table, error) { return openTable(path, opt.MaxBytes, ',', true) }
	if isParquet(path) {
		open = func() (*table, error) { return openParquetTable(path) }
	}
	t, err := open()
	if err != nil {
		return nil, err
	}
	n := &native{t: t, opt: opt, names: names}
	if err := n.bind(meta); err != nil {
		t.close()
		return nil, err
	}
	return n, nil
}

func (n *native) bind(meta *Meta) (err error) {
	if n.at, err = n.t.bind(nativeColumns()); err != nil {
		return err
	}
	for _, c := range n.t.comments {
		text, ok := strings.CutPrefix(c, "start:")
		if !ok {
			continue
		}
		when, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(text))
		if err != nil {
			return &Error{File: n.t.path(), Line: 1, What: "start: " + shown([]byte(strings.TrimSpace(text))) + " is not an instant",
				Want: "expected RFC 3339 such as 2026-01-01T00:00:00Z"}
		}
		meta.Start, meta.HasDate = when.UTC(), true
	}
	if err := n.bindOthers(meta); err != nil {
		return err
	}
	if n.at[colAfter] >= 0 {
		n.index = &afterIndex{rows: make(map[string]int64)}
	}
	return nil
}

// bindOthers takes x_* columns and speaks up about columns that nobody reads.
func (n *native) bindOthers(meta *Meta) error {
	bound := make([]bool, len(n.t.header))
	for _, j := range n.at {
		if j >= 0 {
			bound[j] = true
		}
	}
	var absent []string
	for i, c := range nativeColumns() {
		if n.at[i] < 0 {
			absent = append(absent, c.Name)
		}
	}
	for j, h := range n.t.header {
		if bound[j] || h == "" {
			continue
		}
		if strings.HasPrefix(strings.ToLower(h), "x_") {
			n.xs = append(n.xs, xColumn{name: strings.ToLower(h), at: j})
			continue
		}
		if like := nearest(h, absent); like != "" {
			return &Error{File: n.t.path(), Line: n.t.lines.line, Col: n.t.headCol[j], What: fmt.Sprintf("no column is called %q", h),
				Want: "columns read: " + columnNames(nativeColumns()) + ", x_*", Do: fmt.Sprintf("did you mean %q? (a number of your own is called x_%s)", like, h)}
		}
		meta.Warnings = append(meta.Warnings, fmt.Sprintf("column %q is not read", h))
	}
	return n.bindX()
}

func columnNames(cols []Column) string {
	names := make([]string, len(cols))
	for i := range cols {
		names[i] = cols[i].Name
	}
	return strings.Join(names, ",")
}

// bindX gives each x_* column its place in JobSpec.X.
func (n *native) bindX() error {
	for i := range n.xs {
		slot, err := xSlot(n.names, n.xs[i].name)
		if err != nil {
			return &Error{File: n.t.path(), Line: n.t.lines.line, Col: n.t.headCol[n.xs[i].at], What: err.Error(),
				Want: fmt.Sprintf("expected at most %d in all workloads of a scenario together", state.MaxX), Do: "take columns out of the file, or the x_ off names that no policy reads"}
		}
		n.xs[i].slot = slot
	}
	return nil
}

func xSlot(names *state.Names, column string) (int, error) {
	if _, ok := names.X.Lookup(column); !ok && names.X.Len() >= state.MaxX {
		return 0, fmt.Errorf("column %q is one x_* column too many (at most %d in a scenario: %s)", column, state.MaxX,
			strings.Join(names.X.All(), ","))
	}
	return int(names.X.Intern([]byte(column))), nil
}

func (n *native) where() (string, int) { return n.t.path(), n.t.lines.line }
func (n *native) notes() *tally        { return &n.count }
func (n *native) close()               { n.t.close() }

func (n *native) clone(names *state.Names) (streamer, error) {
	l, err := n.t.lines.reopen()
	if err != nil {
		return nil, err
	}
	c := *n
	c.t = &table{lines: l, sep: n.t.sep, quotes: n.t.quotes, header: n.t.header, headCol: n.t.headCol}
	c.names, c.types, c.count = names, typeCache{}, n.count.copy()
	c.xs = append([]xColumn(nil), n.xs...)
	if err := c.bindX(); err != nil {
		l.in.Close()
		return nil, err
	}
	return &c, nil
}
