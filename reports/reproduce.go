package reports

import (
	"fmt"
	"math"
	"strings"
)

func (v *runView) howSure() Section {
	s := Section{ID: "how-sure", Title: "How sure this is"}
	s.Blocks = append(s.Blocks, Block{Note: "One run with one seed: the figures are exact for this workload and say nothing about the " +
		"spread of others. Intervals need several: runs with --seed 1, 2, ... of each policy, put side by side by orrery compare."})
	if v.To > v.From {
		s.Blocks = append(s.Blocks, Block{Note: fmt.Sprintf("The figures cover %s, from %s to %s. Waits are of started jobs, from submission to first start; "+
			"completion times and slowdowns are of ended jobs; quantiles are interpolated linearly.",
			amount(float64(v.To-v.From)/1e9, Seconds), v.clock.At(float64(v.From)/1e9), v.clock.At(float64(v.To)/1e9))})
	}
	for _, a := range v.Assumptions {
		s.Blocks = append(s.Blocks, Block{Note: Clean(a, 400)})
	}
	s.Blocks = append(s.Blocks, Block{Table: v.figureTable()})
	return s
}

// figureTable is every figure of the run, so that a reader need not look for one in a picture.
func (v *runView) figureTable() *Table {
	f := v.Figures
	t := &Table{ID: "figures", Caption: "All figures", Columns: []Column{
		{"figure", "figure", Text}, {"mean", "mean", Text}, {"p50", "p50", Text}, {"p90", "p90", Text}, {"p99", "p99", Text},
	}}
	cell := func(value float64, unit Unit) Cell {
		c := Word(amount(value, unit))
		c.Title = Quantity{value, unit}.Exact()
		return c
	}
	for _, row := range []struct {
		name string
		s    Spread
		unit Unit
	}{{"wait", f.Wait, Seconds}, {"completion time", f.JCT, Seconds}, {"bounded slowdown (tau 10 s)", f.Slowdown, Times}} {
		t.Rows = append(t.Rows, []Cell{Word(row.name), cell(row.s.Mean, row.unit), cell(row.s.P50, row.unit), cell(row.s.P90, row.unit), cell(row.s.P99, row.unit)})
	}
	for _, row := range []struct {
		name string
		q    Quantity
	}{
		{"makespan (first submission to last end)", Quantity{f.Makespan, Seconds}},
		{"GPU time allocated, share of what was there", Quantity{f.Allocated, Share}},
		{"GPU time free but unusable, same base", Quantity{f.Unusable, Share}},
		{"GPU time allocated", Quantity{f.GPUHours, GPUHours}},
		{"preemptions", Quantity{float64(f.Preemptions), Count}},
		{"GPU time lost in evictions (work since the last checkpoint)", evicting(f, f.Lost)},
		{"GPU time spent restoring and writing checkpoints", evicting(f, f.Overhead)},
		{"GPU time held in grace periods and hangs", evicting(f, f.Idle)},
	} {
		if !math.IsNaN(row.q.Value) {
			t.Rows = append(t.Rows, []Cell{Word(row.name), cell(row.q.Value, row.q.Unit), Word(""), Word(""), Word("")})
		}
	}
	for _, k := range f.Preempted {
		t.Rows = append(t.Rows, []Cell{Word("preemptions: " + Clean(k.Name, 40)), cell(float64(k.Count), Count), Word(""), Word(""), Word("")})
	}
	return t
}

// evicting is a figure that only runs with evictions have, or whose jobs stand still.
func evicting(f Figures, hours float64) Quantity {
	if f.Evictions == 0 && hours == 0 {
		hours = math.NaN()
	}
	return Quantity{hours, GPUHours}
}

func (v *runView) reproduce() Section {
	s := Section{ID: "reproduce", Title: "How to reproduce it"}
	if v.Command != "" {
		s.Blocks = append(s.Blocks, Block{Code: &Code{Label: "Run it again", Text: CleanLines(v.Command)}})
	}
	if v.Digest != "" {
		note := "The same scenario, inputs and seed give the digest " + Clean(v.Digest, 80)
		if v.DigestOf != "" {
			note += " (digest version " + Clean(v.DigestOf, 20) + ")"
		}
		s.Blocks = append(s.Blocks, Block{Note: note + " on any machine."})
	}
	if len(v.Inputs) > 0 {
		t := &Table{ID: "inputs", Caption: "Input files", Columns: []Column{{"file", "file", Text}, {"SHA-256", "sha256", Text}}}
		for _, in := range v.Inputs {
			t.Rows = append(t.Rows, []Cell{Word(Name(in.Name)), Word(Clean(in.SHA256, 80))})
		}
		s.Blocks = append(s.Blocks, Block{Table: t})
	}
	if v.Scenario != "" {
		text := CleanLines(v.Scenario)
		s.Blocks = append(s.Blocks, Block{Code: &Code{Label: "The scenario, defaults filled in", Text: text, Fold: strings.Count(text, "\n") > 24}})
	}
	if v.Tool != "" || v.Host != "" {
		s.Blocks = append(s.Blocks, Block{Note: Clean(joinNonEmpty(", ", v.Tool, v.Host), 300) + "."})
	}
	return s
}
