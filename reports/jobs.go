package reports

import (
	"cmp"
	"fmt"
	"slices"
)

// How many jobs the two pictures of jobs show.
const (
	ganttJobs   = 500
	longestJobs = 30
)

// The kinds of span in a picture of jobs.
const (
	spanWaits = iota
	spanRuns
	spanFails
)

func (v *runView) jobs() Section {
	s := Section{ID: "jobs", Title: "Jobs, one by one"}
	if len(v.Jobs) == 0 {
		return s
	}
	spans := v.runSpans()
	sample := make([]int, 0, ganttJobs)
	for i := range min(ganttJobs, len(v.Jobs)) {
		sample = append(sample, i*len(v.Jobs)/min(ganttJobs, len(v.Jobs)))
	}
	behind := "all " + plural(len(v.Jobs), "job")
	if len(sample) < len(v.Jobs) {
		behind = fmt.Sprintf("%d of %s: every %s in order of submission, chosen before looking at what became of it",
			len(sample), plural(len(v.Jobs), "job"), ordinal(len(v.Jobs)/len(sample)))
	}
	s.Blocks = append(s.Blocks, Block{Chart: &Chart{
		ID: "jobs-over-time", Title: "How jobs waited and ran",
		Subtitle: "A row a job, in order of submission: how long it waited, then how long it ran",
		Behind:   behind, Plot: v.gantt(sample, spans),
	}})
	if longest := v.longestWaits(); len(longest) > 0 && len(v.Jobs) > longestJobs {
		s.Blocks = append(s.Blocks, Block{Chart: &Chart{
			ID:       "longest-waits",
			Title:    fmt.Sprintf("The job that waited longest was queued for %s", amount(float64(v.Jobs[longest[0]].Queued)/1e9, Seconds)),
			Subtitle: "The jobs with the longest queued time, the longest first",
			Behind:   fmt.Sprintf("%d of %s, by queued time", len(longest), plural(len(v.Jobs), "job")),
			Plot:     v.gantt(longest, spans),
		}})
	}
	return s
}

// runSpans returns when each job ran, by job, from the pieces: pieces that touch or overlap are one span.
func (v *runView) runSpans() [][]Stretch {
	order := make([]int32, len(v.Pieces))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(v.Pieces[a].Job, v.Pieces[b].Job), cmp.Compare(v.Pieces[a].From, v.Pieces[b].From))
	})
	spans := make([][]Stretch, len(v.Jobs))
	for _, i := range order {
		p := v.Pieces[i]
		of := spans[p.Job]
		if n := len(of); n > 0 && p.From <= of[n-1].To {
			of[n-1].To = max(of[n-1].To, p.To)
			continue
		}
		spans[p.Job] = append(of, Stretch{p.From, p.To})
	}
	for i := range spans {
		if j := &v.Jobs[i]; len(spans[i]) == 0 && j.Started >= 0 && j.End > j.Started {
			spans[i] = []Stretch{{j.Started, j.End}}
		}
	}
	return spans
}

func (v *runView) gantt(jobs []int, runs [][]Stretch) *Gantt {
	g := &Gantt{Clock: v.clock, From: float64(v.From) / 1e9, To: float64(v.To) / 1e9, Kinds: []Layer{
		{Name: "waits", Color: Waiting}, {Name: "runs", Color: Blue}, {Name: "runs, then fails or is cancelled", Color: Vermillion},
	}}
	for _, i := range jobs {
		j := &v.Jobs[i]
		row := GanttRow{Name: Name(j.Name), Note: v.jobNote(j)}
		at := j.Submit
		put := func(from, to int64, kind int) {
			if from, to = max(from, v.From), min(to, v.To); to > from {
				row.Spans = append(row.Spans, Span{float64(from) / 1e9, float64(to) / 1e9, kind})
			}
		}
		for n, s := range runs[i] {
			put(at, s.From, spanWaits)
			kind := spanRuns
			if n == len(runs[i])-1 && (j.State == Failed || j.State == Cancelled) {
				kind = spanFails
			}
			put(s.From, s.To, kind)
			at = s.To
		}
		if j.End < 0 && at < v.To {
			put(at, v.To, spanWaits)
		} else if len(runs[i]) == 0 {
			put(at, j.End, spanWaits)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func (v *runView) jobNote(j *Job) string {
	note := amount(j.GPUs, GPUs) + ", " + j.State.String() + ", queued " + amount(float64(j.Queued)/1e9, Seconds)
	if most := mostNs(j.Waited); j.Queued > 0 && j.Waited[most] > 0 {
		note += ", mostly: " + most.Name()
	}
	if j.Queue != "" {
		note += ", queue " + Clean(j.Queue, 40)
	}
	if j.Preemptions > 0 {
		note += ", " + plural(j.Preemptions, "preemption")
	}
	return note
}

func mostNs(by [Causes]int64) Cause {
	best := Cause(0)
	for c, ns := range by {
		if ns > by[best] {
			best = Cause(c)
		}
	}
	return best
}

// longestWaits returns the jobs that were queued longest, the longest first.
func (v *runView) longestWaits() []int {
	var all []int
	for i := range v.Jobs {
		if v.Jobs[i].Queued > 0 {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(v.Jobs[b].Queued, v.Jobs[a].Queued) })
	return all[:min(len(all), longestJobs)]
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return amount(float64(n), Count) + suffix
}
