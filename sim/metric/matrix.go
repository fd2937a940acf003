package metric

import "github.com/orrery-sim/orrery/sim/state"

// matrix is allocated and healthy GPU time by rows of nodes and buckets of time. Both are bounded: when time outgrows the
// columns their width doubles, when nodes outgrow the rows each row takes twice as many nodes.
type matrix struct {
	rows, cols int
	perRow     int32
	width      int64
	row        []matrixRow
}

type matrixRow struct {
	held, healthy runner
}

// runner is a level whose integral is kept by bucket.
type runner struct {
	now, since int64
	sum        []state.Wide
}

func newMatrix(rows, cols int) matrix {
	return matrix{rows: rows, cols: cols, perRow: 1, width: unit}
}

func (r *runner) add(d, t, width int64) {
	if t > r.since && r.now != 0 {
		for i := r.since / width; i <= (t-1)/width; i++ {
			for int64(len(r.sum)) <= i {
				r.sum = append(r.sum, state.Wide{})
			}
			r.sum[i].AddMul(r.now, min(t, (i+1)*width)-max(r.since, i*width))
		}
	}
	r.now += d
	r.since = t
}

func (r *runner) double() {
	n := (len(r.sum) + 1) / 2
	for i := range n {
		w := r.sum[2*i]
		if 2*i+1 < len(r.sum) {
			w.AddWide(r.sum[2*i+1])
		}
		r.sum[i] = w
	}
	r.sum = r.sum[:n]
}

// absorb adds another row's time to this one; both have been brought to the same instant.
func (r *runner) absorb(o *runner) {
	r.now += o.now
	for len(r.sum) < len(o.sum) {
		r.sum = append(r.sum, state.Wide{})
	}
	for i := range o.sum {
		r.sum[i].AddWide(o.sum[i])
	}
}

// at makes room for node and instant and returns the node's row.
func (m *matrix) at(node int32, t int64) *matrixRow {
	for t > m.width*int64(m.cols) {
		m.width *= 2
		for i := range m.row {
			m.row[i].held.double()
			m.row[i].healthy.double()
		}
	}
	for int(node/m.perRow) >= m.rows {
		m.merge(t)
	}
	m.row = grown(m.row, int(node/m.perRow))
	return &m.row[node/m.perRow]
}

func (m *matrix) merge(t int64) {
	m.perRow *= 2
	m.settle(t)
	n := (len(m.row) + 1) / 2
	for i := range n {
		r := m.row[2*i]
		if 2*i+1 < len(m.row) {
			r.held.absorb(&m.row[2*i+1].held)
			r.healthy.absorb(&m.row[2*i+1].healthy)
		}
		m.row[i] = r
	}
	m.row = m.row[:n]
}

func (m *matrix) settle(t int64) {
	for i := range m.row {
		m.row[i].held.add(0, t, m.width)
		m.row[i].healthy.add(0, t, m.width)
	}
}

func (m *matrix) held(node int32, d, t int64)    { r := m.at(node, t); r.held.add(d, t, m.width) }
func (m *matrix) healthy(node int32, d, t int64) { r := m.at(node, t); r.healthy.add(d, t, m.width) }

func (m *matrix) clone() matrix {
	c := *m
	c.row = append([]matrixRow(nil), m.row...)
	for i := range c.row {
		c.row[i].held.sum = append([]state.Wide(nil), m.row[i].held.sum...)
		c.row[i].healthy.sum = append([]state.Wide(nil), m.row[i].healthy.sum...)
	}
	return c
}

// Occupancy is GPU time by groups of nodes and stretches of time. Row r is the nodes from r x NodesPerRow on, column c
// the time from c x Width on; the last row and column may be cut short.
type Occupancy struct {
	NodesPerRow int32
	Nodes       int32
	Width, End  state.Time
	Held        [][]float64 // GPU-seconds allocated
	Healthy     [][]float64 // GPU-seconds that were there and up
}

func (m *matrix) result(nodes int32, end state.Time) Occupancy {
	c := m.clone()
	if len(c.row) > 0 {
		c.at(0, int64(end))
	}
	c.settle(int64(end))
	o := Occupancy{NodesPerRow: c.perRow, Nodes: nodes, Width: state.Time(c.width), End: end}
	cols := int((int64(end) + c.width - 1) / c.width)
	for i := range c.row {
		o.Held = append(o.Held, c.row[i].held.seconds(cols))
		o.Healthy = append(o.Healthy, c.row[i].healthy.seconds(cols))
	}
	return o
}

func (r *runner) seconds(cols int) []float64 {
	out := make([]float64, cols)
	for i := range r.sum {
		out[i] = r.sum[i].Float(whole * unit)
	}
	return out
}
