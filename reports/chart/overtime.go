package chart

import (
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"

	"github.com/orrery-sim/orrery/reports"
)

// area draws stacked steps, a shade from the lowest to the highest total, and the capacity as a line.
func area(a *reports.Area) *picture {
	p := newPicture(charts.NewLine())
	from, to := ends(a.Edges)
	scale, name := timeScale(from, to)
	var names []string
	for _, l := range a.Layers {
		s := line{SingleSeries: single(l.Name, "line", steps(a.Edges, scale, l.Values)), more: object{
			"areaStyle": object{"color": fill(l.Color), "opacity": 1}, "lineStyle": object{"color": edge(l.Color), "width": 1},
			"itemStyle": object{"color": fill(l.Color)}, "showSymbol": false, "emphasis": object{"disabled": true}, "stack": "total", "step": "end",
		}}
		p.lines = append(p.lines, s)
		names = append(names, l.Name)
	}
	if a.Low != nil && a.High != nil {
		p.lines = append(p.lines, envelope("lowest to highest total", a.Edges, scale, a.Low, a.High, "--shade"))
	}
	if a.Capacity != nil {
		p.lines = append(p.lines, line{SingleSeries: single("capacity", "line", steps(a.Edges, scale, a.Capacity)), more: object{
			"lineStyle": object{"color": "--ink", "width": 1.5}, "itemStyle": object{"color": "--ink"}, "showSymbol": false, "step": "end",
			"emphasis": object{"disabled": true},
		}})
		names = append(names, "capacity")
	}
	p.timePicture(from, to, scale, name, a.Y, names)
	p.top["tooltip"] = tooltip("axis", "area", clockArguments(a.Clock, scale, object{"unit": unitName(a.Y.Unit), "layers": len(a.Layers)}))
	return p
}

// band draws lines of means, each inside a shade from its lowest to its highest value.
func band(b *reports.Band) *picture {
	p := newPicture(charts.NewLine())
	from, to := ends(b.Edges)
	scale, name := timeScale(from, to)
	var names []string
	for _, l := range b.Lines {
		p.lines = append(p.lines, envelope(l.Name, b.Edges, scale, l.Low, l.High, fill(l.Color)))
		data := steps(b.Edges, scale, l.Mean)
		for i := range data {
			j := min(i, len(l.Low)-1)
			data[i] = append(data[i], number(l.Low[j]), number(l.High[j]))
		}
		p.lines = append(p.lines, line{SingleSeries: single(l.Name, "line", data), more: object{
			"lineStyle": object{"color": edge(l.Color), "width": 1.5}, "itemStyle": object{"color": edge(l.Color)}, "showSymbol": false,
			"step": "end", "emphasis": object{"disabled": true}, "z": 3,
		}})
		names = append(names, l.Name)
	}
	if len(names) == 1 {
		names = nil
	}
	p.timePicture(from, to, scale, name, b.Y, names)
	p.top["tooltip"] = tooltip("axis", "band", clockArguments(b.Clock, scale, object{"unit": unitName(b.Y.Unit)}))
	return p
}

func (p *picture) timePicture(from, to, scale float64, name string, y reports.Axis, names []string) {
	p.legend(names)
	p.top["grid"] = grid(56, 16, 32+legendHeight(names, 900), 76)
	p.top["media"] = narrow(object{"grid": object{"top": 32 + legendHeight(names, 350)}})
	p.top["xAxis"], p.top["yAxis"] = timeAxis(from, to, scale, name), valueAxis(y)
	p.top["dataZoom"] = zoom(8)
}

func (p *picture) legend(names []string) {
	if len(names) > 0 {
		p.top["legend"] = legend(names)
	}
}

// envelope is a shade from low to high within each step.
func envelope(name string, edges []float64, scale float64, low, high []float64, color string) line {
	var data [][]number
	for i := range low {
		if high[i] > low[i] {
			data = append(data, []number{number(edges[i] / scale), number(edges[i+1] / scale), number(low[i]), number(high[i])})
		}
	}
	return line{SingleSeries: single(name, "custom", data), more: object{
		"renderItem": fn("envelope", object{"color": color}), "encode": object{"x": []int{0, 1}, "y": []int{2, 3}},
		"silent": true, "tooltip": object{"show": false}, "clip": true, "z": 2, "progressive": 0,
	}}
}

// steps are the points of a line that holds each value from its edge to the next.
func steps(edges []float64, scale float64, values []float64) [][]number {
	data := make([][]number, 0, len(values)+1)
	for i, v := range values {
		data = append(data, []number{number(edges[i] / scale), number(v)})
	}
	if n := len(values); n > 0 {
		data = append(data, []number{number(edges[n] / scale), number(values[n-1])})
	}
	return data
}

func ends(edges []float64) (from, to float64) {
	if len(edges) == 0 {
		return 0, 1
	}
	return edges[0], edges[len(edges)-1]
}

// heat draws cells of an amount by row and time, equal neighbours as one. It is a custom series: ECharts 6.1.0 draws its own
// heat maps bit by bit after it has said that it is done (getIncrementalId takes "no" for "yes"), too late for a printer.
func heat(h *reports.Heat) *picture {
	p := newPicture(charts.NewCustom())
	from, to := ends(h.Edges)
	scale, name := timeScale(from, to)
	var data [][]number
	for row, values := range h.Values {
		for i := 0; i < len(values); {
			end, v := i+1, shownShare(values[i])
			for end < len(values) && shownShare(values[end]) == v {
				end++
			}
			if v >= 0 {
				data = append(data, []number{number(h.Edges[i] / scale), number(h.Edges[end] / scale), number(row), number(v)})
			}
			i = end
		}
	}
	p.lines = append(p.lines, line{SingleSeries: single(h.V.Name, "custom", data), more: object{
		"renderItem": fn("cell", nil), "encode": object{"x": []int{0, 1}, "y": 2, "tooltip": 3}, "clip": true, "progressive": 0,
		"emphasis": object{"disabled": true},
	}})
	left := nameWidth(h.Rows)
	p.top["xAxis"], p.top["yAxis"] = timeAxis(from, to, scale, name), nameAxis(h.Rows, left)
	p.top["grid"] = grid(left+12, 16, 40, 48)
	p.top["visualMap"] = []object{{
		"type": "continuous", "min": 0, "max": number(h.Max), "calculable": false, "orient": "horizontal", "top": 0, "left": 0, "dimension": 3,
		"itemWidth": 12, "itemHeight": 120, "inRange": object{"color": []string{"--s-0", "--s-1", "--s-2", "--s-3", "--s-4"}},
		"text": []string{"all held", "none"}, "textStyle": object{"color": "--muted"}, "hoverLink": false,
	}}
	p.top["tooltip"] = tooltip("item", "heat", clockArguments(h.Clock, scale, object{"unit": unitName(h.V.Unit), "rows": h.Rows}))
	p.top["media"] = narrow(object{"grid": object{"left": min(left, 84) + 12}, "yAxis": object{"axisLabel": object{"width": min(left, 84)}}})
	return p
}

// shownShare rounds an amount to what a shade can show, -1 for none.
func shownShare(v float64) float64 {
	if math.IsNaN(v) {
		return -1
	}
	return math.Round(v*1000) / 1000
}

func numbers(values []float64) []number {
	out := make([]number, len(values))
	for i, v := range values {
		out[i] = number(v)
	}
	return out
}
