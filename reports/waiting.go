package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// curvePoints bounds the points of one curve of a distribution.
const curvePoints = 300

// group is the jobs of one queue or one user, summed up.
type group struct {
	name                  string
	jobs, started, ended  int
	finished, failed      int
	cancelled, unfinished int
	preemptions           int
	busy                  float64 // GPU-hours
	waits, jcts           []float64
	causes                [Causes]float64 // job-hours
}

func (g *group) add(j *Job) {
	g.jobs++
	g.busy += j.Busy
	g.preemptions += j.Preemptions
	for c, ns := range j.Waited {
		g.causes[c] += float64(ns) / 3600e9
	}
	switch j.State {
	case Finished:
		g.finished++
	case Failed:
		g.failed++
	case Cancelled:
		g.cancelled++
	default:
		g.unfinished++
	}
	if j.Started >= 0 {
		g.started++
		g.waits = append(g.waits, float64(j.Started-j.Submit)/1e9)
	}
	if j.End >= 0 && (j.State == Finished || j.State == Failed || j.State == Cancelled && j.Started >= 0) { // as sim/metric counts
		g.ended++
		g.jcts = append(g.jcts, float64(j.End-j.Submit)/1e9)
	}
}

// groups sums jobs up by key, the largest user of GPUs first; ties by name.
func (v *runView) groups(key func(*Job) string) []*group {
	byName := map[string]*group{}
	var all []*group
	for i := range v.Jobs {
		j := &v.Jobs[i]
		g := byName[key(j)]
		if g == nil {
			g = &group{name: Name(key(j))}
			byName[key(j)] = g
			all = append(all, g)
		}
		g.add(j)
	}
	for _, g := range all {
		slices.Sort(g.waits)
		slices.Sort(g.jcts)
	}
	slices.SortStableFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.busy, a.busy), cmp.Compare(a.name, b.name))
	})
	return all
}

// merged sums up groups under one name.
func merged(name string, groups []*group) *group {
	m := &group{name: name}
	for _, g := range groups {
		m.jobs, m.started, m.ended = m.jobs+g.jobs, m.started+g.started, m.ended+g.ended
		m.finished, m.failed = m.finished+g.finished, m.failed+g.failed
		m.cancelled, m.unfinished = m.cancelled+g.cancelled, m.unfinished+g.unfinished
		m.preemptions, m.busy = m.preemptions+g.preemptions, m.busy+g.busy
		m.waits, m.jcts = append(m.waits, g.waits...), append(m.jcts, g.jcts...)
		for c := range m.causes {
			m.causes[c] += g.causes[c]
		}
	}
	slices.Sort(m.waits)
	slices.Sort(m.jcts)
	return m
}

func (v *runView) waiting() Section {
	s := Section{ID: "waiting", Title: "Who waited, and why"}
	if len(v.Jobs) == 0 {
		return s
	}
	queues := v.groups(func(j *Job) string { return j.Queue })
	all := merged("all jobs", queues)
	if len(all.waits) > 0 {
		s.Blocks = append(s.Blocks, Block{Chart: v.waitCurve(all, queues)})
	}
	if len(all.jcts) > 0 {
		s.Blocks = append(s.Blocks, Block{Chart: v.jctCurve(all, queues)})
	}
	if total(all.causes[:]) > 0 {
		s.Blocks = append(s.Blocks, Block{Chart: v.causeBars(all, queues)}, Block{Table: v.causeTable(all)})
	}
	return s
}

func (v *runView) waitCurve(all *group, queues []*group) *Chart {
	w := v.Figures.Wait
	at := 0
	for at < len(all.waits) && all.waits[at] < 1 {
		at++
	}
	title := fmt.Sprintf("Half the jobs waited %s or less, one in a hundred more than %s", amount(w.P50, Seconds), amount(w.P99, Seconds))
	if w.P50 == 0 {
		title = fmt.Sprintf("Half the jobs did not wait, one in a hundred waited more than %s", amount(w.P99, Seconds))
	}
	if w.P99 < 1 {
		title = "Almost no job waited"
	}
	return &Chart{
		ID: "wait", Title: title,
		Subtitle: fmt.Sprintf("Share of started jobs that waited at most so long; %s of %s started within 1 s, left of the axis",
			amount(float64(at)/float64(len(all.waits)), Share), plural(all.started, "job")),
		Behind: curveText(all.started, all.jobs, "jobs started"),
		Plot:   curves(all, queues, func(g *group) []float64 { return g.waits }, "wait"),
	}
}

func (v *runView) jctCurve(all *group, queues []*group) *Chart {
	j := v.Figures.JCT
	return &Chart{
		ID:       "completion-time",
		Title:    fmt.Sprintf("Half the jobs were done %s after submission, one in a hundred took more than %s", amount(j.P50, Seconds), amount(j.P99, Seconds)),
		Subtitle: "Share of ended jobs that took at most so long from submission to end",
		Behind:   curveText(all.ended, all.jobs, "jobs ended"),
		Plot:     curves(all, queues, func(g *group) []float64 { return g.jcts }, "completion time"),
	}
}

func curveText(n, of int, what string) string {
	return fmt.Sprintf("%s of %s; a curve is drawn through at most %d of its points", amount(float64(n), Count), amount(float64(of), Count)+" "+what, curvePoints)
}

// curves draws all jobs and, where there are several, the queues that used most GPU time.
func curves(all *group, queues []*group, values func(*group) []float64, name string) *CDF {
	const floor = 1.0
	c := &CDF{X: Axis{name, Seconds}, Floor: floor}
	draw := func(g *group, color Color) {
		if sorted := values(g); len(sorted) > 0 {
			x, p := curve(sorted, floor, curvePoints)
			c.Lines = append(c.Lines, CDFLine{g.name, color, len(sorted), x, p})
		}
	}
	draw(all, Black)
	if len(queues) > 1 {
		for i, q := range queues[:min(len(queues), 5)] {
			draw(q, Category(i))
		}
	}
	return c
}

func (v *runView) causeBars(all *group, queues []*group) *Chart {
	cause, share := v.mainCause()
	rows := []*group{all}
	if len(queues) > 1 {
		byWait := slices.DeleteFunc(slices.Clone(queues), func(g *group) bool { return total(g.causes[:]) == 0 })
		slices.SortStableFunc(byWait, func(a, b *group) int { return cmp.Compare(total(b.causes[:]), total(a.causes[:])) })
		if len(byWait) > 9 {
			byWait = append(byWait[:8:8], merged(fmt.Sprintf("%d other queues", len(byWait)-8), byWait[8:]))
		}
		rows = append(rows, byWait...)
	}
	stack := &Stack{X: Axis{"job-hours queued", JobHours}}
	for _, g := range rows {
		stack.Rows = append(stack.Rows, g.name)
	}
	for c := range Causes {
		part := Layer{c.Name(), c.Color(), make([]float64, len(rows))}
		for i, g := range rows {
			part.Values[i] = g.causes[c]
		}
		if part.Values[0] > 0 {
			stack.Parts = append(stack.Parts, part)
		}
	}
	title := fmt.Sprintf("%s of all waiting was %s", amount(share, Share), cause.phrase())
	return &Chart{
		ID: "wait-causes", Title: title,
		Subtitle: "Hours that jobs spent queued, by cause: every waiting second has exactly one",
		Behind:   plural(all.jobs, "job") + ", " + amount(total(all.causes[:]), JobHours) + " queued",
		Plot:     stack,
	}
}

func (v *runView) causeTable(all *group) *Table {
	t := &Table{ID: "cause-table", Caption: "Causes of waiting", Columns: []Column{
		{"cause", "cause", Text}, {"job-hours", "queued_job_h", JobHours}, {"share", "share", Share}, {"the first test that failed", "meaning", Text},
	}}
	sum := total(all.causes[:])
	for c := range Causes {
		if h := all.causes[c]; h > 0 {
			name := Word(c.Name())
			name.Color = c.Color()
			t.Rows = append(t.Rows, []Cell{name, Number(h, JobHours), Number(h/sum, Share), Word(c.Meaning())})
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b []Cell) int { return cmp.Compare(b[1].Value, a[1].Value) })
	return t
}

func meanOf(sorted []float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return total(sorted) / float64(len(sorted))
}
