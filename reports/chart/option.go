package chart

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/orrery-sim/orrery/reports"
)

//go:embed draw.js
var drawJS string

// Script returns the script that draws options: it defines the global `orreryCharts` and starts nothing.
func Script() string { return drawJS }

// Option returns the ECharts option of a chart as JSON that is safe inside a script element of type application/json:
// `<`, `>` and `&` are escaped.
func Option(c *reports.Chart) ([]byte, error) {
	d, err := drawing(c.Plot)
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", c.ID, err)
	}
	d.top["aria"] = object{"enabled": true, "label": object{"enabled": true, "description": c.Title + ". " + c.Subtitle}}
	text, err := json.Marshal(d.build(c.ID))
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", c.ID, err)
	}
	return text, nil
}

// Height returns how many pixels high a plot wants to be drawn.
func Height(p reports.Plot) int {
	switch p := p.(type) {
	case *reports.Area:
		return 340
	case *reports.Band:
		return 260
	case *reports.CDF:
		return 340
	case *reports.Stack:
		return 96 + 32*len(p.Rows)
	case *reports.Heat:
		return min(520, 130+max(8, 320/max(len(p.Rows), 1))*len(p.Rows))
	case *reports.Gantt:
		if len(p.Rows) > 60 {
			return 520
		}
		return 110 + 18*len(p.Rows)
	case *reports.Intervals:
		return 64 + 36*len(p.Rows)
	case *reports.Forest:
		return 64 + 44*len(p.Rows)
	}
	return 300
}

// Zooms reports whether the drawing of a plot can be zoomed.
func Zooms(p reports.Plot) bool {
	switch p.(type) {
	case *reports.Area, *reports.Band, *reports.Gantt:
		return true
	}
	return false
}

type object = map[string]any

// number is a float with at most seven digits in JSON, enough for any screen; what is not finite is null.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 7, 64), nil
}

// line is one series: what go-echarts knows of it, and the keys that it does not.
type line struct {
	charts.SingleSeries
	more object
}

// picture is an option being put together.
type picture struct {
	base  builder
	lines []line
	top   object // keys of the option itself; they replace what go-echarts writes
}

// builder is what the chart types of go-echarts have in common.
type builder interface {
	Validate()
	JSON() map[string]any
	Accept(charts.ConfigurationVisitor)
}

func drawing(p reports.Plot) (*picture, error) {
	switch p := p.(type) {
	case *reports.Area:
		return area(p), nil
	case *reports.Band:
		return band(p), nil
	case *reports.CDF:
		return distribution(p), nil
	case *reports.Stack:
		return stack(p), nil
	case *reports.Heat:
		return heat(p), nil
	case *reports.Gantt:
		return gantt(p), nil
	case *reports.Intervals:
		return intervals(p), nil
	case *reports.Forest:
		return forest(p), nil
	}
	return nil, fmt.Errorf("no drawing for a plot of type %T", p)
}

// visitor adds to what go-echarts builds the keys that its types lack.
type visitor struct {
	charts.BaseConfigurationVisitor
	picture *picture
}

func (v visitor) VisitSeriesOpt(charts.MultiSeries) any {
	all := make([]object, len(v.picture.lines))
	for i, l := range v.picture.lines {
		data := l.Data
		l.Data = nil
		all[i] = object{}
		if text, err := json.Marshal(l.SingleSeries); err == nil {
			_ = json.Unmarshal(text, &all[i]) // what Marshal wrote of a struct is an object
		}
		all[i]["data"] = data
		for key, value := range l.more {
			all[i][key] = value
		}
	}
	return all
}

func (v visitor) Visit(option map[string]any) {
	for _, unused := range []string{"title", "toolbox", "color", "legend"} {
		delete(option, unused)
	}
	for key, value := range v.picture.top {
		option[key] = value
	}
}

// build runs go-echarts' own checks and returns the whole option.
func (p *picture) build(string) map[string]any {
	p.base.Accept(visitor{picture: p})
	p.base.Validate()
	return p.base.JSON()
}

func newPicture(base builder) *picture {
	return &picture{base: base, top: object{
		"animation":       false,
		"backgroundColor": "transparent",
		"textStyle":       object{"fontFamily": font, "fontSize": 12, "color": "--muted"},
	}}
}

const font = `system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif`

func single(name, kind string, data any) charts.SingleSeries {
	return charts.SingleSeries{Name: name, Type: kind, Data: data, Animation: opts.Bool(false)}
}
