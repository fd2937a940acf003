package chart

import (
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/stats"
)

// distribution draws curves over the logarithm of a duration: data and axis hold log10 of seconds, labels the seconds.
func distribution(c *reports.CDF) *picture {
	p := newPicture(charts.NewLine())
	top := c.Floor
	var names []string
	for i, l := range c.Lines {
		data := make([][]number, len(l.X))
		for j, x := range l.X {
			data[j] = []number{number(math.Log10(x)), number(l.P[j])}
			top = max(top, x)
		}
		width := 1.5
		if i == 0 {
			width = 2.5
		}
		p.lines = append(p.lines, line{SingleSeries: single(l.Name, "line", data), more: object{
			"lineStyle": object{"color": edge(l.Color), "width": width}, "itemStyle": object{"color": edge(l.Color)}, "showSymbol": false,
			"emphasis": object{"disabled": true}, "z": len(c.Lines) - i,
		}})
		names = append(names, l.Name)
	}
	top = max(top*1.02, c.Floor*10)
	at := decades(c.Floor, top)
	x := baseAxis("value", c.X.Name)
	x["min"], x["max"] = number(math.Log10(c.Floor)), number(math.Log10(top))
	x["nameLocation"], x["nameGap"] = "middle", 28
	x["axisLine"] = object{"show": true, "lineStyle": object{"color": "--rule"}}
	x["axisTick"] = object{"show": true, "customValues": at, "lineStyle": object{"color": "--rule"}}
	x["axisLabel"] = object{"color": "--muted", "hideOverlap": true, "customValues": at, "formatter": fn("power", nil)}
	x["splitLine"] = object{"show": true, "lineStyle": object{"color": "--grid"}}
	y := valueAxis(reports.Axis{Name: "share of jobs", Unit: reports.Share})
	y["max"] = 1
	p.top["xAxis"], p.top["yAxis"] = x, y
	if len(names) == 1 {
		names = nil
	}
	p.legend(names)
	p.top["grid"] = grid(56, 24, 32+legendHeight(names, 900), 48)
	p.top["media"] = narrow(object{"grid": object{"top": 32 + legendHeight(names, 350)}})
	p.top["tooltip"] = tooltip("axis", "distribution", nil)
	return p
}

// stack draws horizontal bars cut into parts, the sum of each at its right.
func stack(s *reports.Stack) *picture {
	p := newPicture(charts.NewBar())
	sums := make([]float64, len(s.Rows))
	var names []string
	for _, part := range s.Parts {
		for i, v := range part.Values {
			sums[i] += v
		}
		style := object{"color": fill(part.Color), "borderColor": edge(part.Color), "borderWidth": 1}
		if part.Color == reports.Hatched {
			style["decal"] = object{"symbol": "rect", "color": edge(part.Color), "dashArrayX": []int{1, 0}, "dashArrayY": []int{2, 5}, "rotation": -0.7853982}
		}
		p.lines = append(p.lines, line{SingleSeries: single(part.Name, "bar", numbers(part.Values)), more: object{
			"stack": "all", "barMaxWidth": 20, "itemStyle": style, "emphasis": object{"disabled": true},
		}})
		names = append(names, part.Name)
	}
	totals := make([]string, len(sums))
	for i, sum := range sums {
		totals[i] = reports.Quantity{Value: sum, Unit: s.X.Unit}.Human()
	}
	left, right := nameWidth(s.Rows), nameWidth(totals)
	p.top["xAxis"] = bottomAxis(s.X)
	p.top["yAxis"] = []object{nameAxis(s.Rows, left), sayAxis(totals)}
	p.top["grid"] = grid(left+12, right+16, 8+legendHeight(names, 900), 48)
	p.legend(names)
	p.top["tooltip"] = tooltip("axis", "stack", object{"unit": unitName(s.X.Unit)})
	p.top["tooltip"].(object)["axisPointer"] = object{"type": "none"}
	p.top["media"] = narrow(object{
		"grid":  object{"left": min(left, 84) + 12, "top": 8 + legendHeight(names, 350)},
		"yAxis": []object{{"axisLabel": object{"width": min(left, 84)}}},
	})
	return p
}

// sayAxis repeats the rows at the right, to say of each what its picture means.
func sayAxis(says []string) object {
	axis := nameAxis(says, 260)
	axis["position"] = "right"
	axis["axisLabel"] = object{"color": "--ink", "interval": 0}
	return axis
}

// sayWidth is the room for what is said at the right.
func sayWidth(says []string) int {
	longest := 0
	for _, s := range says {
		longest = max(longest, textWidth(s))
	}
	return min(longest+16, 260)
}

// finite returns the size of v, 0 for one that is no number or has no end.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Abs(v)
}

// scaledAxis is a bottom axis whose ticks are round in a unit that fits reach: durations count in s, min, h or d.
func scaledAxis(a reports.Axis, reach float64) (axis object, scale float64) {
	if a.Unit != reports.Seconds {
		return bottomAxis(a), 1
	}
	scale, unit := reports.DurationUnit(reach)
	return bottomAxis(reports.Axis{Name: a.Name + " (" + unit + ")", Unit: reports.Count}), scale
}

func bottomAxis(a reports.Axis) object {
	axis := valueAxis(a)
	axis["nameLocation"], axis["nameGap"] = "middle", 28
	axis["nameTextStyle"] = object{"color": "--muted"}
	axis["axisLabel"].(object)["hideOverlap"] = true
	return axis
}

// gantt draws spans of time in rows; both axes zoom.
func gantt(g *reports.Gantt) *picture {
	p := newPicture(charts.NewCustom())
	scale, name := timeScale(g.From, g.To)
	rows := make([]string, len(g.Rows))
	byKind := make([][][]any, len(g.Kinds))
	for i, r := range g.Rows {
		rows[i] = r.Name
		for _, s := range r.Spans {
			byKind[s.Kind] = append(byKind[s.Kind], []any{i, number(s.From / scale), number(s.To / scale), r.Note})
		}
	}
	var names []string
	for k, kind := range g.Kinds {
		if len(byKind[k]) == 0 {
			continue
		}
		p.lines = append(p.lines, line{SingleSeries: single(kind.Name, "custom", byKind[k]), more: object{
			"renderItem": fn("span", nil), "encode": object{"x": []int{1, 2}, "y": 0}, "clip": true, "progressive": 0,
			"itemStyle": object{"color": fill(kind.Color)}, "emphasis": object{"disabled": true},
			"dimensions": []object{{"name": "row", "type": "number"}, {"name": "from", "type": "number"}, {"name": "to", "type": "number"}, {"name": "note", "type": "ordinal"}},
		}})
		names = append(names, kind.Name)
	}
	left := nameWidth(rows)
	x := timeAxis(g.From, g.To, scale, name)
	x["splitLine"] = object{"show": true, "lineStyle": object{"color": "--grid"}}
	p.top["xAxis"], p.top["yAxis"] = x, nameAxis(rows, left)
	p.top["grid"] = grid(left+12, 40, 8+legendHeight(names, 900), 76)
	p.legend(names)
	p.top["dataZoom"] = append(zoom(8), slider(object{"yAxisIndex": 0, "right": 8, "width": 14}))
	p.top["tooltip"] = tooltip("item", "span", clockArguments(g.Clock, scale, nil))
	p.top["media"] = narrow(object{
		"grid": object{"left": min(left, 84) + 12, "top": 8 + legendHeight(names, 350)}, "yAxis": object{"axisLabel": object{"width": min(left, 84)}},
	})
	return p
}

// intervals draws bars from zero with a whisker where an interval is known.
func intervals(v *reports.Intervals) *picture {
	p := newPicture(charts.NewBar())
	names, says := make([]string, len(v.Rows)), make([]string, len(v.Rows))
	data := make([]number, len(v.Rows))
	var whiskers [][]number
	reach := 0.0
	for _, r := range v.Rows {
		reach = max(reach, finite(r.Value), finite(r.High))
	}
	x, scale := scaledAxis(v.X, reach)
	for i, r := range v.Rows {
		names[i] = r.Name
		says[i] = reports.Quantity{Value: r.Value, Unit: v.X.Unit}.Human()
		data[i] = number(r.Value / scale)
		if r.Low == r.Low && r.High == r.High {
			says[i] += " [" + reports.Quantity{Value: r.Low, Unit: v.X.Unit}.Human() + ", " + reports.Quantity{Value: r.High, Unit: v.X.Unit}.Human() + "]"
			whiskers = append(whiskers, []number{number(i), number(r.Low / scale), number(r.High / scale)})
		}
	}
	colors := make([]string, len(v.Rows))
	for i, r := range v.Rows {
		colors[i] = fill(r.Color)
	}
	p.lines = append(p.lines,
		line{SingleSeries: single(v.X.Name, "bar", data), more: object{
			"barMaxWidth": 18, "colorBy": "data", "color": colors, "emphasis": object{"disabled": true},
		}},
		line{SingleSeries: single("interval", "custom", whiskers), more: object{
			"renderItem": fn("whisker", object{"color": "--ink"}), "encode": object{"x": []int{1, 2}, "y": 0}, "silent": true,
			"tooltip": object{"show": false}, "z": 4,
		}})
	left, right := nameWidth(names), sayWidth(says)
	p.top["xAxis"] = x
	p.top["yAxis"] = []object{nameAxis(names, left), sayAxis(says)}
	p.top["grid"] = grid(left+12, right, 8, 48)
	p.top["tooltip"] = tooltip("item", "says", object{"names": names, "says": says})
	p.top["media"] = narrow(sayInside(left))
	return p
}

// sayInside drops what stands at the right where there is no room: it is in the table and the tooltip.
func sayInside(left int) object {
	return object{
		"grid":  object{"left": min(left, 100) + 12, "right": 20},
		"yAxis": []object{{"axisLabel": object{"width": min(left, 100)}}, {"axisLabel": object{"show": false}}},
	}
}

// forest draws differences as dots with intervals around a line at zero. Real ones are filled, better ones blue and worse
// ones vermillion; the rest is hollow and grey.
func forest(f *reports.Forest) *picture {
	p := newPicture(charts.NewCustom())
	names, says := make([]string, len(f.Rows)), make([]string, len(f.Rows))
	reach := 0.0
	for i, r := range f.Rows {
		names[i], says[i] = r.Name, r.Says
		reach = max(reach, finite(r.Value), finite(r.Low), finite(r.High))
	}
	if reach == 0 {
		reach = 1
	}
	x, scale := scaledAxis(f.X, reach)
	reach /= scale
	data := map[string][][]number{}
	for i, r := range f.Rows {
		kind := "no difference seen"
		if r.Verdict == stats.Different {
			kind = "worse"
			if (r.Value < 0) == f.Less {
				kind = "better"
			}
		}
		data[kind] = append(data[kind], []number{number(i), number(r.Value / scale), number(r.Low / scale), number(r.High / scale)})
	}
	for _, kind := range []struct {
		name, color string
		hollow      bool
	}{{"better", fill(reports.Blue), false}, {"worse", fill(reports.Vermillion), false}, {"no difference seen", "--muted", true}} {
		if len(data[kind.name]) == 0 {
			continue
		}
		p.lines = append(p.lines, line{SingleSeries: single(kind.name, "custom", data[kind.name]), more: object{
			"renderItem": fn("dot", object{"color": kind.color, "paper": "--paper", "hollow": kind.hollow}),
			"encode":     object{"x": []int{1, 2, 3}, "y": 0}, "itemStyle": object{"color": kind.color}, "emphasis": object{"disabled": true},
		}})
	}
	p.zeroLine()
	left, right := nameWidth(names), sayWidth(says)
	x["min"], x["max"] = number(-reach*1.08), number(reach*1.08)
	unit := unitName(f.X.Unit)
	if f.X.Unit == reports.Seconds {
		unit = "count"
	}
	x["axisLabel"] = object{"color": "--muted", "hideOverlap": true, "showMinLabel": false, "showMaxLabel": false,
		"formatter": fn("unit", object{"unit": unit, "sign": true, "bare": true})}
	p.top["xAxis"] = x
	p.top["yAxis"] = []object{nameAxis(names, left), sayAxis(says)}
	p.top["grid"] = grid(left+12, right, 8, 48)
	p.top["tooltip"] = tooltip("item", "says", object{"names": names, "says": says})
	p.top["media"] = narrow(sayInside(left))
	return p
}

func (p *picture) zeroLine() {
	p.lines = append(p.lines, line{SingleSeries: single("no difference", "line", []any{}), more: object{
		"markLine": object{
			"symbol": "none", "silent": true, "animation": false, "label": object{"show": false},
			"lineStyle": object{"color": "--ink", "type": "solid", "width": 1}, "data": []object{{"xAxis": 0}},
		},
	}})
}
