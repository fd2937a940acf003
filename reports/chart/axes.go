package chart

import (
	"math"

	"github.com/orrery-sim/orrery/reports"
)

// fn names a function of draw.js's table, with its arguments.
func fn(name string, arguments object) object {
	call := object{"fn": name}
	for key, value := range arguments {
		call[key] = value
	}
	return call
}

// unitName is the unit as draw.js's table of units names it.
func unitName(u reports.Unit) string {
	return [...]string{"count", "seconds", "gpus", "gpuHours", "jobHours", "share", "times", "dollars", "yuan", "count", "count", "count"}[min(u, reports.Text)]
}

func edge(c reports.Color) string { return "--e-" + string(c) }
func fill(c reports.Color) string { return "--c-" + string(c) }

// timeScale picks the unit of a time axis, so that its ticks fall on whole hours or days.
func timeScale(from, to float64) (seconds float64, name string) {
	switch span := to - from; {
	case span >= 4*86400:
		return 86400, "days"
	case span >= 4*3600:
		return 3600, "hours"
	case span >= 240:
		return 60, "minutes"
	}
	return 1, "seconds"
}

func baseAxis(kind, name string) object {
	return object{
		"type": kind, "name": name, "nameTextStyle": object{"color": "--muted"},
		"axisLine":  object{"show": false},
		"axisTick":  object{"show": false},
		"axisLabel": object{"color": "--muted", "hideOverlap": true},
		"splitLine": object{"show": true, "lineStyle": object{"color": "--grid"}},
	}
}

// timeAxis runs from and to (s), in scale seconds.
func timeAxis(from, to, scale float64, name string) object {
	axis := baseAxis("value", name+" since the start")
	axis["nameLocation"], axis["nameGap"] = "middle", 28
	axis["min"], axis["max"] = number(from/scale), number(to/scale)
	axis["splitLine"] = object{"show": false}
	axis["axisLine"] = object{"show": true, "lineStyle": object{"color": "--rule"}}
	axis["axisTick"] = object{"show": true, "lineStyle": object{"color": "--rule"}}
	label := object{"color": "--muted", "hideOverlap": true, "formatter": fn("plain", nil)}
	if end := to / scale; end != math.Trunc(end) {
		label["showMaxLabel"] = false
	}
	axis["axisLabel"] = label
	return axis
}

func valueAxis(a reports.Axis) object {
	axis := baseAxis("value", a.Name)
	axis["min"] = 0
	axis["nameLocation"], axis["nameGap"] = "end", 12
	axis["nameTextStyle"] = object{"color": "--muted", "align": "left", "padding": []int{0, 0, 0, -52}}
	axis["axisLabel"] = object{"color": "--muted", "formatter": fn("unit", object{"unit": unitName(a.Unit), "bare": true})}
	return axis
}

// nameAxis lists names from top to bottom in width pixels.
func nameAxis(names []string, width int) object {
	axis := baseAxis("category", "")
	axis["data"], axis["inverse"] = names, true
	axis["splitLine"] = object{"show": false}
	axis["axisLabel"] = object{"color": "--ink", "width": width, "overflow": "truncate", "hideOverlap": true, "lineHeight": 17}
	return axis
}

// nameWidth guesses how many pixels the longest name takes, within bounds that leave room for the picture.
func nameWidth(names []string) int {
	longest := 0
	for _, n := range names {
		longest = max(longest, textWidth(n))
	}
	return min(max(longest, 40), 180)
}

func grid(left, right, top, bottom int) object {
	return object{"left": left, "right": right, "top": top, "bottom": bottom, "outerBoundsMode": "none"}
}

// legend stands above the picture at the left.
func legend(names []string) object {
	return object{
		"show": true, "top": 0, "left": 0, "icon": "roundRect", "itemWidth": 12, "itemHeight": 12, "itemGap": 14, "data": names,
		"textStyle": object{"color": "--ink"}, "inactiveColor": "--grid", "type": "plain", "padding": []int{2, 0, 0, 0},
	}
}

// legendHeight guesses how many pixels the legend takes above a picture of so many pixels' width.
func legendHeight(names []string, width int) int {
	if len(names) == 0 {
		return 0
	}
	lines, at := 1, 0
	for _, n := range names {
		item := 12 + 5 + textWidth(n) + 14
		if at > 0 && at+item > width {
			lines, at = lines+1, 0
		}
		at += item
	}
	return 26 * lines
}

// textWidth guesses the width of a text of 12 pixels' height.
func textWidth(text string) int { return int(7.4*float64(len([]rune(text)))) + 4 }

// zoom lets axis x be zoomed by a bar at the bottom, and by ctrl and the wheel.
func zoom(bottom int) []object {
	return []object{
		{"type": "inside", "xAxisIndex": 0, "zoomOnMouseWheel": "ctrl", "moveOnMouseWheel": false, "filterMode": "none"},
		slider(object{"xAxisIndex": 0, "bottom": bottom, "height": 16}),
	}
}

func slider(where object) object {
	s := object{
		"type": "slider", "filterMode": "none", "showDataShadow": false, "showDetail": false, "brushSelect": false,
		"borderColor": "--rule", "fillerColor": "--soft", "backgroundColor": "transparent",
		"handleStyle":     object{"color": "--paper", "borderColor": "--muted"},
		"moveHandleSize":  0,
		"emphasis":        object{"handleStyle": object{"color": "--paper", "borderColor": "--ink"}},
		"handleLabel":     object{"show": false},
		"dataBackground":  object{"lineStyle": object{"opacity": 0}, "areaStyle": object{"opacity": 0}},
		"moveHandleStyle": object{"opacity": 0},
	}
	for key, value := range where {
		s[key] = value
	}
	return s
}

// tooltip shows what the function name of draw.js makes of the things under the pointer.
func tooltip(trigger, name string, arguments object) object {
	t := object{
		"show": true, "trigger": trigger, "confine": true, "transitionDuration": 0, "backgroundColor": "--paper", "borderColor": "--rule",
		"borderWidth": 1, "padding": 8, "textStyle": object{"color": "--ink", "fontSize": 12}, "formatter": fn(name, arguments),
		"extraCssText": "box-shadow:none",
	}
	if trigger == "axis" {
		t["axisPointer"] = object{"type": "line", "lineStyle": object{"color": "--muted", "type": "solid"}, "label": object{"show": false}}
	}
	return t
}

// clockArguments tell draw.js how seconds become calendar time.
func clockArguments(c reports.Clock, scale float64, more object) object {
	arguments := object{"scale": scale}
	if !c.Start.IsZero() {
		arguments["start"] = c.Start.UnixMilli()
		_, offset := c.Start.Zone()
		name, _ := c.Start.Zone()
		arguments["offset"], arguments["zone"] = offset, name
	}
	for key, value := range more {
		arguments[key] = value
	}
	return arguments
}

// narrowWidth is the width in pixels below which a picture drops what has no room.
const narrowWidth = 560

// narrow changes the option where the picture is less than narrowWidth wide.
func narrow(option object) []object {
	return []object{{"query": object{"maxWidth": narrowWidth}, "option": option}}
}

// decades are the durations up to top that a logarithmic axis is labelled with, as log10 of s.
func decades(floor, top float64) (at []number) {
	all := []float64{
		1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 6 * 3600, 86400, 4 * 86400, 20 * 86400, 100 * 86400, 1000 * 86400, 10_000 * 86400,
	}
	for _, s := range all {
		if s >= floor*0.999 && s <= top*1.001 {
			at = append(at, number(math.Log10(s)))
		}
	}
	return at
}
