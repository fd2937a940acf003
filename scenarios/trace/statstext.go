package trace

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// WriteText prints the statistics for people.
func (st *Stats) WriteText(w io.Writer) error {
	p := &printer{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	p.line("%s\t%s", filepath.Base(st.File), st.Format)
	p.line("jobs\t%s%s", units.FormatCount(st.Jobs), st.outcomes())
	span := st.Last - st.First
	when := ""
	if st.Meta.HasDate {
		when = fmt.Sprintf("   from %s", st.Meta.Start.Format("2006-01-02 15:04:05 MST"))
	}
	p.line("span\t%s of submissions%s   %s at the same instant as the job before", units.FormatDuration(int64(span)), when, units.FormatCount(st.SameInstant))
	p.spread("duration", st.Duration)
	if st.Wait.Jobs > 0 {
		p.spread("recorded wait", st.Wait)
	}
	p.line("special\t%s endless   %s of no length   %s never ran   %s CPU only   %s fractions of a GPU   %s as pods   %s wait for others",
		units.FormatCount(st.Endless), units.FormatCount(st.ZeroLong), units.FormatCount(st.NeverRan), units.FormatCount(st.CPUOnly),
		units.FormatCount(st.Fractions), units.FormatCount(st.Gangs), units.FormatCount(st.Dependent))
	if st.Estimates == 0 {
		p.line("estimates\tnone")
	} else {
		p.line("estimates\t%s of jobs have one   %s ran longer than theirs", st.percent(st.Estimates), units.FormatCount(st.Outlived))
	}
	st.loadText(p)
	st.sizeText(p)
	p.shares("users", st.Users, st)
	p.shares("queues", st.Queues, st)
	p.shares("partitions", st.Partitions, st)
	p.shares("GPU types", st.Types, st)
	if len(st.Absent) > 0 {
		p.line("columns not there\t%s", strings.Join(st.Absent, ", "))
	}
	for _, note := range append(append([]string(nil), st.Meta.Warnings...), st.LeftOut...) {
		p.line("note\t%s", note)
	}
	p.places("out of order", st.Unsorted, st.UnsortAt)
	broken := make([]string, len(st.BrokenAt))
	for i, e := range st.BrokenAt {
		broken[i] = strings.ReplaceAll(e.Error(), "\n    ", "; ")
	}
	p.places("broken", st.Broken, broken)
	if st.Truncated {
		p.line("end\tthe file could not be read to its end: the figures cover what was read")
	}
	if p.err != nil {
		return p.err
	}
	return p.w.Flush()
}

func (st *Stats) percent(n int64) string {
	if st.Jobs == 0 {
		return "0 %"
	}
	return units.FormatPercent(float64(n) / float64(st.Jobs))
}

func (st *Stats) outcomes() string {
	text := ""
	for o, n := range st.Outcomes {
		if n > 0 {
			text += fmt.Sprintf("   %s %s (%s)", units.FormatCount(n), state.Outcome(o), st.percent(n))
		}
	}
	return text
}

func (st *Stats) loadText(p *printer) {
	p.line("GPU-time\t%s   most GPUs at once: %s if all started when submitted%s", units.FormatQuantity(st.GPUTime/3600, "GPU-h"),
		units.FormatNumber(st.PeakAsked), held(st.PeakHeld))
	if st.ClusterGPUs == 0 {
		p.line("load\tunknown: the trace names no cluster; --gpus N measures it against N GPUs")
		return
	}
	p.line("load\t%s of %s over the span of submissions   peak demand is %s x the cluster   %s larger than it",
		units.FormatPercent(st.Load), counted(st.ClusterGPUs, "GPU"), units.FormatNumber(st.PeakAsked/float64(st.ClusterGPUs)), counted(st.Larger, "job"))
	if st.PeakHeld > float64(st.ClusterGPUs) {
		p.line("oversubscribed\trecorded starts hold up to %s GPUs at once, %s x the cluster", units.FormatNumber(st.PeakHeld), units.FormatNumber(st.PeakHeld/float64(st.ClusterGPUs)))
	}
}

func held(peak float64) string {
	if peak == 0 {
		return ""
	}
	return fmt.Sprintf(", %s by recorded starts", units.FormatNumber(peak))
}

// sizeText prints the twelve sizes with most GPU-time, small ones first, the rest as one line.
func (st *Stats) sizeText(p *printer) {
	const most = 12
	sizes := slices.Clone(st.Sizes)
	slices.SortStableFunc(sizes, func(a, b Size) int {
		return cmp.Or(cmp.Compare(b.GPUTime, a.GPUTime), cmp.Compare(b.Jobs, a.Jobs))
	})
	shown := sizes[:min(len(sizes), most)]
	slices.SortFunc(shown, func(a, b Size) int { return cmp.Compare(a.GPUs, b.GPUs) })
	for _, s := range shown {
		p.line("%s\t%s (%s)   %s of GPU-time", gpusText(s.GPUs), counted(s.Jobs, "job"), st.percent(s.Jobs), st.workShare(s.GPUTime))
	}
	var rest Size
	for _, s := range sizes[len(shown):] {
		rest.Jobs += s.Jobs
		rest.GPUTime += s.GPUTime
		rest.GPUs = max(rest.GPUs, s.GPUs)
	}
	if n := len(sizes) - len(shown); n > 0 {
		p.line("%s\t%s (%s)   %s of GPU-time   the largest %s", counted(int64(n), "other size"), counted(rest.Jobs, "job"), st.percent(rest.Jobs),
			st.workShare(rest.GPUTime), gpusText(rest.GPUs))
	}
}

// counted is a number of things: 1 job, 1,088 jobs.
func counted(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return units.FormatCount(n) + " " + thing
}

func gpusText(n float64) string {
	if n == 1 {
		return "1 GPU"
	}
	return units.FormatNumber(n) + " GPUs"
}

func (st *Stats) workShare(v float64) string {
	if st.GPUTime == 0 {
		return "0 %"
	}
	return units.FormatPercent(v / st.GPUTime)
}

// printer writes rows of a two-column table and keeps the first error.
type printer struct {
	w   *tabwriter.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, format+"\n", args...); p.err == nil {
		p.err = err
	}
}

func (p *printer) spread(name string, s Spread) {
	if s.Jobs == 0 {
		p.line("%s\tnone recorded", name)
		return
	}
	f := func(t state.Time) string { return units.FormatDuration(int64(t)) }
	p.line("%s\tmean %s   p25 %s   p50 %s   p75 %s   p90 %s   p99 %s   max %s   of %s", name, f(s.Mean), f(s.P25), f(s.P50), f(s.P75), f(s.P90), f(s.P99), f(s.Max), counted(s.Jobs, "job"))
}

// shares prints the five largest.
func (p *printer) shares(name string, list []Share, st *Stats) {
	if len(list) == 0 {
		return
	}
	const most = 5
	var top []string
	for i := range min(len(list), most) {
		top = append(top, fmt.Sprintf("%s %s of GPU-time (%s)", clean(list[i].Name), st.workShare(list[i].GPUTime), counted(list[i].Jobs, "job")))
	}
	p.line("%s\t%s: %s", name, units.FormatCount(int64(len(list))), strings.Join(top, ", "))
}

// clean is a name as it may be printed: without control characters, and cut.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return name
}

func (p *printer) places(name string, n int64, at []string) {
	if n == 0 {
		return
	}
	p.line("%s\t%s", name, counted(n, "row"))
	const most = 5
	shown := at[:min(len(at), most)]
	for _, a := range shown {
		p.line("\t%s", a)
	}
	if more := n - int64(len(shown)); more > 0 {
		p.line("\tand %s more", units.FormatCount(more))
	}
}
