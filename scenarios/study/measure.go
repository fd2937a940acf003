package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Measure is one figure of a run by name: wait.p95{queue=prod}, allocation, cost.month.
type Measure struct {
	Name  string // without labels
	Queue string // "" for all
	User  string
	Unit  Unit
	of    func(*Figures, *Measure) float64
}

// Unit is what a measure counts.
type Unit uint8

// The units.
const (
	Plain   Unit = iota
	Seconds      // s
	Share        // 0 to 1
	Money        // of the scenario's currency
	GPUHours
)

// String is the measure as it is written.
func (m *Measure) String() string {
	var labels []string
	if m.Queue != "" {
		labels = append(labels, "queue="+m.Queue)
	}
	if m.User != "" {
		labels = append(labels, "user="+m.User)
	}
	if labels == nil {
		return m.Name
	}
	return m.Name + "{" + strings.Join(labels, ",") + "}"
}

// Of is the measure of a run, NaN where it has none.
func (m *Measure) Of(f *Figures) float64 { return m.of(f, m) }

// statistics are those of a heavy-tailed figure.
var statistics = []struct {
	name string
	of   func(*Spread) run.Number
}{
	{"mean", func(s *Spread) run.Number { return s.Mean }}, {"p50", func(s *Spread) run.Number { return s.P50 }},
	{"p90", func(s *Spread) run.Number { return s.P90 }}, {"p95", func(s *Spread) run.Number { return s.P95 }},
	{"p99", func(s *Spread) run.Number { return s.P99 }}, {"max", func(s *Spread) run.Number { return s.Max }},
}

// measures are all that can be asked for, without labels.
func measures() []Measure {
	var out []Measure
	for _, s := range statistics {
		out = append(out,
			Measure{Name: "wait." + s.name, Unit: Seconds, of: grouped(func(g *Group) *Spread { return &g.Wait }, s.of)},
			Measure{Name: "jct." + s.name, Unit: Seconds, of: grouped(func(g *Group) *Spread { return &g.JCT }, s.of)},
			Measure{Name: "slowdown." + s.name, of: whole(func(x *run.Summary) float64 { return spreadValue(x.Slowdown, s.of) })})
	}
	return append(out,
		Measure{Name: "unfinished", of: func(f *Figures, m *Measure) float64 {
			if g := m.group(f); g != nil {
				return float64(g.Unfinished)
			}
			return float64(f.Summary.Jobs.Unfinished)
		}},
		Measure{Name: "allocation", Unit: Share, of: whole(func(s *run.Summary) float64 { return float64(s.GPU.Allocation) })},
		Measure{Name: "evictions", of: whole(evictions)},
		Measure{Name: "lost", Unit: GPUHours, of: whole(func(s *run.Summary) float64 { return float64(s.LostGPUH) })},
		Measure{Name: "cost.month", Unit: Money, of: whole(func(s *run.Summary) float64 { return cost(s, func(c *run.CostFigures) run.Amount { return c.AMonth }) })},
		Measure{Name: "cost.total", Unit: Money, of: whole(func(s *run.Summary) float64 { return cost(s, func(c *run.CostFigures) run.Amount { return c.Total }) })},
		Measure{Name: "cost.idle", Unit: Money, of: whole(func(s *run.Summary) float64 { return cost(s, func(c *run.CostFigures) run.Amount { return c.Idle }) })},
	)
}

func evictions(s *run.Summary) float64 {
	n := int64(0)
	for _, k := range s.Evictions {
		n += k
	}
	return float64(n)
}

func cost(s *run.Summary, of func(*run.CostFigures) run.Amount) float64 {
	if s.Cost == nil {
		return math.NaN()
	}
	return float64(of(s.Cost)) / 1e6
}

func spreadValue(s run.Spread, of func(*Spread) run.Number) float64 {
	return float64(of(&Spread{int(s.N), s.Mean, s.P50, s.P90, s.P95, s.P99, s.Max}))
}

func whole(of func(*run.Summary) float64) func(*Figures, *Measure) float64 {
	return func(f *Figures, _ *Measure) float64 { return of(f.Summary) }
}

func grouped(part func(*Group) *Spread, of func(*Spread) run.Number) func(*Figures, *Measure) float64 {
	return func(f *Figures, m *Measure) float64 {
		if m.Queue == "" && m.User == "" {
			return float64(of(part(&f.All)))
		}
		if g := m.group(f); g != nil {
			return float64(of(part(g)))
		}
		return math.NaN()
	}
}

// group is the queue or user that the measure is of, nil for none.
func (m *Measure) group(f *Figures) *Group {
	list, name := f.Queues, m.Queue
	if m.User != "" {
		list, name = f.Users, m.User
	}
	for i := range list {
		if list[i].Name == name && name != "" {
			return &list[i]
		}
	}
	return nil
}

// labelled reports whether a measure can be asked of one queue or user.
func labelled(name string) bool {
	return strings.HasPrefix(name, "wait.") || strings.HasPrefix(name, "jct.") || name == "unfinished"
}

// ParseMeasure reads NAME or NAME{queue=Q} or NAME{user=U}.
func ParseMeasure(text string) (Measure, error) {
	name, labels, braced := strings.Cut(strings.TrimSpace(text), "{")
	name = strings.TrimSpace(name)
	var names []string
	var found *Measure
	for _, m := range measures() {
		names = append(names, m.Name)
		if m.Name == name {
			found = &m
		}
	}
	if found == nil {
		hint := ""
		if near := ydec.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("   (did you mean %q?)", near)
		}
		return Measure{}, fmt.Errorf("no measure %q\n  there are: wait., jct. and slowdown. with mean, p50, p90, p95, p99 or max; %s%s", name, strings.Join(names[len(statistics)*3:], ", "), hint)
	}
	if !braced {
		return *found, nil
	}
	labels, rest, closed := strings.Cut(labels, "}")
	key, value, ok := strings.Cut(labels, "=")
	key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"'`)
	if !closed || strings.TrimSpace(rest) != "" || !ok || value == "" || strings.Contains(value, ",") || key != "queue" && key != "user" {
		return Measure{}, fmt.Errorf("no label %q\n  expected {queue=NAME} or {user=NAME}", "{"+labels+"}"+rest)
	}
	if !labelled(name) {
		return Measure{}, fmt.Errorf("%s is of the whole run: no queue or user has one\n  wait., jct. and unfinished can be asked of a queue or user", name)
	}
	if key == "queue" {
		found.Queue = value
	} else {
		found.User = value
	}
	return *found, nil
}
