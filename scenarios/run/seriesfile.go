package run

import (
	"fmt"
	"strconv"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// The names of the node series in series.parquet, beside those of sim/metric: mean GPUs of a row of nodes in a stretch.
const (
	SeriesNodeGPUs    = "node_gpus"         // allocated
	SeriesNodeHealthy = "node_healthy_gpus" // on nodes that were up
)

// seriesSchema is the columns of series.parquet and series.csv: a row a stretch of one series.
func seriesSchema() columns.Schema {
	return columns.Schema{
		{Name: "series", Kind: columns.String, Repeats: true}, {Name: "key", Kind: columns.String, Repeats: true},
		seconds("from_s", false), seconds("to_s", false), {Name: "value", Kind: columns.Float},
		{Name: "low", Kind: columns.Float, Optional: true}, {Name: "high", Kind: columns.Float, Optional: true},
		{Name: "changes", Kind: columns.Int},
	}
}

// writeSeries writes everything over time. nodes are the names of the nodes.
func writeSeries(w *columns.Writer, o *metric.OverTime, nodes, pools []string) {
	for _, s := range o.Series() {
		if pool, err := strconv.Atoi(s.Key); err == nil && s.Name == metric.SeriesSpotPrice && pool < len(pools) {
			s.Key = pools[pool]
		}
		for i, from := range s.At {
			to := s.End
			if i+1 < len(s.At) {
				to = s.At[i+1]
			}
			w.String(0, s.Name)
			w.String(1, s.Key)
			w.Int(2, int64(from))
			w.Int(3, int64(to))
			w.Float(4, s.Value[i])
			if s.Low != nil {
				w.Float(5, s.Low[i])
				w.Float(6, s.High[i])
			} else {
				w.Null(5)
				w.Null(6)
			}
			w.Int(7, s.Points)
			w.EndRow()
		}
	}
	occ := o.Occupancy()
	for r := range occ.Held {
		key := rowName(nodes, r*int(occ.NodesPerRow), (r+1)*int(occ.NodesPerRow))
		writeNodeRow(w, SeriesNodeGPUs, key, occ.Held[r], &occ)
		writeNodeRow(w, SeriesNodeHealthy, key, occ.Healthy[r], &occ)
	}
}

// rowName is what a row of nodes [from, to) is called.
func rowName(nodes []string, from, to int) string {
	to = min(to, len(nodes))
	if to-from <= 1 {
		return nodes[from]
	}
	return fmt.Sprintf("%s .. %s", nodes[from], nodes[to-1])
}

// writeNodeRow writes stretches of equal value as one.
func writeNodeRow(w *columns.Writer, series, key string, gpuSeconds []float64, occ *metric.Occupancy) {
	mean := func(c int) (state.Time, state.Time, float64) {
		from := state.Time(c) * occ.Width
		to := min(from+occ.Width, occ.End)
		return from, to, gpuSeconds[c] / (float64(to-from) / 1e9)
	}
	for c := 0; c < len(gpuSeconds); {
		from, to, v := mean(c)
		for c++; c < len(gpuSeconds); c++ {
			_, t, next := mean(c)
			if next != v {
				break
			}
			to = t
		}
		w.String(0, series)
		w.String(1, key)
		w.Int(2, int64(from))
		w.Int(3, int64(to))
		w.Float(4, v)
		w.Null(5)
		w.Null(6)
		w.Int(7, int64(len(gpuSeconds)))
		w.EndRow()
	}
}
