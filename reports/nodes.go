package reports

import (
	"fmt"
	"math"
)

// The picture of nodes has at most so many rows and steps: more could not be told apart.
const (
	heatRows  = 64
	heatSteps = 160
)

func (v *runView) nodes() Section {
	s := Section{ID: "nodes", Title: "Where it ran"}
	if len(v.Nodes) == 0 || len(v.Pieces) == 0 {
		return s
	}
	perRow := (len(v.Nodes) + heatRows - 1) / heatRows
	heat := v.heat(perRow)
	subtitle := "Share of each node's GPUs that jobs held; a step without GPUs is left blank"
	if perRow > 1 {
		subtitle = fmt.Sprintf("Share of the GPUs of %d neighbouring nodes that jobs held; a step without GPUs is left blank", perRow)
	}
	s.Blocks = append(s.Blocks, Block{Chart: &Chart{
		ID: "nodes-over-time", Title: heatTitle(heat), Subtitle: subtitle,
		Behind: fmt.Sprintf("%s on %s, summed up in %d rows of %s", amount(float64(len(v.Pieces)), Count)+" pieces of jobs",
			plural(len(v.Nodes), "node"), len(heat.Rows), plural(len(heat.Edges)-1, "step")),
		Plot: heat,
	}})
	return s
}

// heat sums the pieces up: GPU-seconds held over GPU-seconds there, by row of nodes and step of time.
func (v *runView) heat(perRow int) *Heat {
	edges := stepEdges(v.From, v.To, heatSteps)
	rows := (len(v.Nodes) + perRow - 1) / perRow
	held, there := grid(rows, len(edges)-1), grid(rows, len(edges)-1)
	for i, n := range v.Nodes {
		spread(there[i/perRow], edges, v.From, v.To, n.GPUs)
		for _, d := range n.Down {
			spread(there[i/perRow], edges, d.From, d.To, -n.GPUs)
		}
	}
	for _, p := range v.Pieces {
		spread(held[int(p.Node)/perRow], edges, p.From, p.To, float64(p.GPUs))
	}
	h := &Heat{Clock: v.clock, Edges: seconds(edges), V: Axis{"GPUs held", Share}, Max: 1, Values: held}
	for r := range rows {
		first, last := r*perRow, min((r+1)*perRow, len(v.Nodes))-1
		name := Name(v.Nodes[first].Name)
		if last > first {
			name = Clean(v.Nodes[first].Name, 24) + " to " + Clean(v.Nodes[last].Name, 24)
		}
		h.Rows = append(h.Rows, name)
		for b := range held[r] {
			if there[r][b] < 1e-6 {
				held[r][b] = math.NaN()
			} else {
				held[r][b] = math.Round(min(held[r][b]/there[r][b], 1)*1e6) / 1e6
			}
		}
	}
	return h
}

func grid(rows, columns int) [][]float64 {
	flat := make([]float64, rows*columns)
	g := make([][]float64, rows)
	for i := range g {
		g[i] = flat[i*columns : (i+1)*columns]
	}
	return g
}

// spread adds amount x seconds of [from, to) to the steps that it crosses. All steps but the last have one width.
func spread(row []float64, edges []int64, from, to int64, amount float64) {
	from, to = max(from, edges[0]), min(to, edges[len(edges)-1])
	if from >= to {
		return
	}
	width := edges[1] - edges[0]
	for b := int((from - edges[0]) / width); b < len(row) && edges[b] < to; b++ {
		row[b] += amount * float64(min(to, edges[b+1])-max(from, edges[b])) / 1e9
	}
}

func heatTitle(h *Heat) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range h.Values {
		sum, n := 0.0, 0
		for _, value := range row {
			if !math.IsNaN(value) {
				sum, n = sum+value, n+1
			}
		}
		if n > 0 {
			low, high = min(low, sum/float64(n)), max(high, sum/float64(n))
		}
	}
	switch {
	case high < low:
		return "No node had a GPU in this stretch"
	case len(h.Rows) == 1:
		return "Its GPUs were held " + amount(high, Share) + " of the time"
	case high-low < 0.05:
		return "All nodes were used alike, " + amount((high+low)/2, Share) + " of the time"
	}
	return fmt.Sprintf("The busiest nodes held jobs %s of the time, the idlest %s", amount(high, Share), amount(low, Share))
}
