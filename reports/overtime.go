package reports

import (
	"fmt"
	"math"
	"slices"
)

// timeSteps is how many steps a line over time is summed up in: about two a pixel of a wide page.
const timeSteps = 1200

// areaSteps is how many steps a stacked picture is summed up in: its layers cover each other when they flicker.
const areaSteps = 400

func (v *runView) overTime() Section {
	s := Section{ID: "over-time", Title: "What happened over time"}
	if c := v.allocation(); c != nil {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	if c := v.queueLength(); c != nil {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	if c := v.spotPrices(); c != nil {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	if c := v.evictions(); c != nil {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	for i := range v.Own[:min(len(v.Own), mostOwn)] {
		s.Blocks = append(s.Blocks, Block{Chart: v.own(i)})
	}
	if more := len(v.Own) - mostOwn; more > 0 {
		s.Blocks = append(s.Blocks, Block{Note: fmt.Sprintf("The policy measured %s more; they are in series.parquet.", plural(more, "series"))})
	}
	return s
}

// mostOwn bounds the pictures of what the policy measured itself.
const mostOwn = 8

// own is a series of the policy's own.
func (v *runView) own(i int) *Chart {
	o := &v.Own[i]
	edges := stepEdges(v.From, v.To, timeSteps)
	q := o.Series.step(edges)
	name := Name(o.Name)
	return &Chart{
		ID:       fmt.Sprintf("policy-series-%d", i+1),
		Title:    fmt.Sprintf("The policy's series %s had a mean of %s", name, amount(o.Mean, Plain)),
		Subtitle: "A series that the policy measures itself, in its own unit: the line is the mean within a step, the shade runs from the lowest to the highest; 0 before its first value",
		Behind:   stepText(edges, o.Series.Behind(), "changes"),
		Plot: &Band{
			Clock: v.clock, Edges: q.edges, Y: Axis{name, Plain},
			Lines: []BandLine{{name, Blue, q.mean, q.low, q.high}},
		},
	}
}

func (v *runView) allocation() *Chart {
	if len(v.Types) == 0 {
		return nil
	}
	edges := stepEdges(v.From, v.To, areaSteps)
	area := &Area{Clock: v.clock, Edges: seconds(edges), Y: Axis{"GPUs allocated", GPUs}}
	types := slices.Clone(v.Types)
	slices.SortStableFunc(types, func(a, b TypeUse) int {
		return int(min(max(b.CapacityAtStart-a.CapacityAtStart, -1), 1))
	})
	var busy, capacity []Series
	var others []Series
	points := 0
	for i, t := range types {
		busy, capacity = append(busy, t.Busy), append(capacity, t.Capacity)
		points += t.Busy.Behind()
		if len(types) > Categories && i >= Categories-1 {
			others = append(others, t.Busy)
			continue
		}
		area.Layers = append(area.Layers, Layer{Name(t.Type), Category(i), t.Busy.step(edges).mean})
	}
	if len(others) > 0 {
		name := fmt.Sprintf("%d other types", len(others))
		area.Layers = append(area.Layers, Layer{name, Grey, add(others).step(edges).mean})
	}
	sum := add(busy).step(edges)
	area.Low, area.High = sum.low, sum.high
	area.Capacity = add(capacity).step(edges).mean
	return &Chart{
		ID:       "allocation",
		Title:    v.allocationTitle(),
		Subtitle: "GPUs allocated by type, stacked; the line is the capacity, the shade the lowest and highest total within a step",
		Behind:   stepText(edges, points, "changes"),
		Plot:     area,
	}
}

func (v *runView) allocationTitle() string {
	if v.Figures.GPUHours != v.Figures.GPUHours {
		return "GPUs allocated over time"
	}
	return "Jobs held " + amount(v.Figures.Allocated, Share) + " of the GPU time"
}

func (v *runView) queueLength() *Chart {
	if len(v.Queue.At) == 0 {
		return nil
	}
	edges := stepEdges(v.From, v.To, timeSteps)
	q := v.Queue.step(edges)
	peak := 0
	for i, high := range q.high {
		if high > q.high[peak] {
			peak = i
		}
	}
	title := "No job ever waited"
	if q.high[peak] > 0 {
		jobs := plural(int(q.high[peak]), "job")
		title = fmt.Sprintf("The queue peaked at %s after %s", jobs, amount(q.edges[peak], Seconds))
		if !v.Start.IsZero() {
			title = fmt.Sprintf("The queue peaked at %s, %s", jobs, v.clock.At(q.edges[peak]))
		}
	}
	return &Chart{
		ID:       "queue-length",
		Title:    title,
		Subtitle: "Jobs waiting: the line is the mean within a step, the shade runs from the lowest to the highest",
		Behind:   stepText(edges, v.Queue.Behind(), "changes"),
		Plot: &Band{
			Clock: v.clock, Edges: q.edges, Y: Axis{"jobs waiting", Count},
			Lines: []BandLine{{"waiting", Blue, q.mean, q.low, q.high}},
		},
	}
}

// stepText says what stands behind a line over time.
func stepText(edges []int64, points int, of string) string {
	width := float64(edges[1]-edges[0]) / 1e9
	return fmt.Sprintf("%s %s stand behind %s of %s", amount(float64(points), Count), of, plural(len(edges)-1, "step"), wholeDuration(width))
}

// spotPrices are the prices of spot nodes over time.
func (v *runView) spotPrices() *Chart {
	if len(v.Prices) == 0 {
		return nil
	}
	edges := stepEdges(v.From, v.To, timeSteps)
	unit, name := Money, "price of a node an hour"
	if v.Books != nil {
		unit, name = Currency(v.Books.Currency), name+", "+Clean(v.Books.Currency, 3)
	}
	band := &Band{Clock: v.clock, Y: Axis{name, unit}}
	points, low, high := 0, math.Inf(1), math.Inf(-1)
	for i, p := range v.Prices[:min(len(v.Prices), Categories)] {
		q := p.Series.step(edges)
		band.Edges = q.edges
		band.Lines = append(band.Lines, BandLine{Name(p.Pool), Category(i), q.mean, q.low, q.high})
		points += p.Series.Behind()
		low, high = min(low, slices.Min(q.low)), max(high, slices.Max(q.high))
	}
	return &Chart{ID: "spot-prices", Title: fmt.Sprintf("Spot nodes cost %s to %s an hour", amount(low, unit), amount(high, unit)),
		Subtitle: "Price of a node by pool: the line is the mean within a step, the shade runs from the lowest to the highest", Behind: stepText(edges, points, "prices"), Plot: band}
}

// evictions are the attempts that ended without their job, summed up over time.
func (v *runView) evictions() *Chart {
	if len(v.Evicted.At) == 0 || v.Figures.Evictions == 0 {
		return nil
	}
	edges := stepEdges(v.From, v.To, timeSteps)
	q := v.Evicted.step(edges)
	return &Chart{ID: "evictions-over-time", Title: fmt.Sprintf("%s lost their GPUs without ending", plural(v.Figures.Evictions, "attempt")),
		Subtitle: "Attempts that ended without their job, summed up: a step up is a wave of evictions", Behind: stepText(edges, v.Evicted.Behind(), "evictions"),
		Plot: &Band{Clock: v.clock, Edges: q.edges, Y: Axis{"evictions so far", Count}, Lines: []BandLine{{"evictions", Vermillion, q.mean, q.low, q.high}}}}
}
