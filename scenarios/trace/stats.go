package trace

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Stats is what a careful person checks before trusting a trace.
type Stats struct {
	Format string
	File   string
	Meta   Meta

	Jobs      int64
	LeftOut   []string // what was left out or assumed, counted
	Broken    int64    // rows that cannot be read
	BrokenAt  []*Error // the first 20
	Unsorted  int64    // rows that were submitted before the row above them
	UnsortAt  []string // the first 20: file:line
	Absent    []string // optional columns that the file lacks
	Truncated bool     // the file could not be read to its end; the last of BrokenAt says why

	First, Last state.Time // submissions
	SameInstant int64      // jobs submitted at the instant of the job before

	Duration  Spread // jobs that end by themselves
	Wait      Spread // jobs with a recorded start
	Endless   int64  // jobs that run until they are stopped
	ZeroLong  int64  // jobs of no length
	NeverRan  int64  // jobs that were cancelled before they started
	Outcomes  [3]int64
	Fractions int64 // jobs that take a part of a GPU
	CPUOnly   int64
	Gangs     int64 // jobs of pods, that placement cannot split
	Sizes     []Size
	Types     []Share // jobs by the types they ask for

	Estimates   int64   // jobs with an estimate
	Outlived    int64   // of these, jobs that ran longer than it
	Dependent   int64   // jobs that wait for others
	GPUTime     float64 // GPU-seconds of jobs that end by themselves
	Users       []Share
	Queues      []Share
	Partitions  []Share
	ClusterGPUs int64   // 0 = unknown
	Load        float64 // GPU-time / (span of submissions x GPUs of the cluster); 0 without a cluster
	Larger      int64   // jobs larger than the cluster
	PeakAsked   float64 // most GPUs at once if every job started when it was submitted
	PeakHeld    float64 // most GPUs at once by recorded starts; 0 without them
}

// Spread is a distribution; quantiles with linear interpolation.
type Spread struct {
	Jobs                                    int64
	Mean, Min, P25, P50, P75, P90, P99, Max state.Time
}

// Size is the jobs of one number of GPUs.
type Size struct {
	GPUs    float64
	Jobs    int64
	GPUTime float64 // GPU-seconds
}

// Share is the jobs under one name.
type Share struct {
	Name    string
	Jobs    int64
	GPUTime float64 // GPU-seconds
}

const mostPlaces = 20

// progress is a reader that can tell how far it is: after an error it goes on only if this has moved.
type progress interface{ offset() int64 }

func (n *native) offset() int64    { return n.t.lines.off }
func (s *swf) offset() int64       { return s.lines.off }
func (s *sheet) offset() int64     { return s.t.lines.off }
func (p *phillyLog) offset() int64 { return p.dec.InputOffset() }

// absentees is a reader that knows which of its optional columns the file lacks.
type absentees interface{ absent() []string }

func (n *native) absent() []string { return absentColumns(nativeColumns(), n.at) }
func (s *sheet) absent() []string  { return absentColumns(s.cols, s.at) }

func absentColumns(cols []Column, at []int) []string {
	var out []string
	for i := range cols {
		if at[i] < 0 {
			out = append(out, cols[i].Name)
		}
	}
	return out
}

// StatsOf reads a whole trace in the order of its file, over broken rows too. gpus is the size of the cluster that the
// load is measured against; 0 takes the cluster that the trace brings, if any.
func StatsOf(formatName, file string, opt Options, gpus int64) (*Stats, error) {
	f, ok := lookup(formatName)
	if !ok {
		return nil, Unknown(formatName)
	}
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	opt.Sort = true // dependencies are looked up once all rows are known
	names := new(state.Names)
	st := &Stats{Format: formatName, File: file}
	o, err := f.open(file, &opt, names, &st.Meta)
	if err != nil {
		return nil, err
	}
	defer o.rd.close()
	g := &gather{st: st, names: names, dated: o.dated}
	g.readAll(o.rd)
	if err := withCluster(o, &st.Meta); err != nil {
		return nil, err
	}
	if a, ok := o.rd.(absentees); ok {
		st.Absent = a.absent()
	}
	st.LeftOut = o.rd.notes().lines()
	if st.ClusterGPUs = gpus; gpus == 0 && st.Meta.Cluster != nil {
		st.ClusterGPUs = st.Meta.Cluster.GPUs()
	}
	g.finish()
	return st, nil
}

// readAll takes every row and remembers the places of broken ones.
func (g *gather) readAll(rd reader) {
	broken := func(err error) {
		g.st.Broken++
		if e, ok := err.(*Error); ok && len(g.st.BrokenAt) < mostPlaces {
			g.st.BrokenAt = append(g.st.BrokenAt, e)
		}
	}
	g.st.Truncated = !walk(rd, func(spec *state.JobSpec) { g.add(spec, rd) }, broken)
	if l, ok := rd.(late); ok && !g.st.Truncated {
		if err := l.resolve(func(int64, state.Dep) { g.st.Dependent++ }); err != nil {
			broken(err)
		}
	}
}

// gather collects what Stats needs of each job.
type gather struct {
	st    *Stats
	names *state.Names
	rows  []statRow
	last  state.Time
	dated bool // times count from 1970
}

func (g *gather) instant(t state.Time) string {
	if g.dated {
		return unixUTC(t).Format("2006-01-02 15:04:05")
	}
	return secondsText(t) + " s"
}

type statRow struct {
	submit, start, run state.Time
	milli              int64 // thousandths of GPUs
	user, queue, part  int32
	types              uint64
	never              bool
}

func (g *gather) add(s *state.JobSpec, rd reader) {
	st := g.st
	if st.Jobs > 0 && s.Submit < g.last {
		st.Unsorted++
		if path, line := rd.where(); len(st.UnsortAt) < mostPlaces {
			st.UnsortAt = append(st.UnsortAt, (&Error{File: path, Line: line,
				What: "submitted at " + g.instant(s.Submit) + ", the row before it at " + g.instant(g.last)}).Error())
		}
	}
	if st.Jobs == 0 || s.Submit < st.First {
		st.First = s.Submit
	}
	st.Last, g.last = max(st.Last, s.Submit), s.Submit
	st.Jobs++
	if int(s.Outcome) < len(st.Outcomes) {
		st.Outcomes[s.Outcome]++
	}
	row := statRow{submit: s.Submit, start: s.RecStart, run: s.Duration, user: s.User, queue: s.Queue, part: s.Partition}
	gang := false
	for i := range s.Roles {
		r := &s.Roles[i]
		row.milli += int64(r.Replicas) * int64(r.PodGPUs) * int64(r.GPUMilli)
		row.types |= r.TypeMask
		gang = gang || r.Flags&state.RoleSplit == 0 && r.PodGPUs > 0
	}
	if row.milli == 0 {
		st.CPUOnly++
	}
	if row.milli%1000 != 0 {
		st.Fractions++
	}
	if gang {
		st.Gangs++
	}
	row.never = s.Outcome == state.Cancelled && s.Patience != state.Unset && s.RecStart == state.Unset
	switch {
	case row.never:
		st.NeverRan++
	case s.Duration == state.Never:
		st.Endless++
	case s.Duration == 0:
		st.ZeroLong++
	}
	if s.Estimate != state.Unset {
		st.Estimates++
		if s.Duration != state.Never && s.Duration > s.Estimate {
			st.Outlived++
		}
	}
	st.Dependent += min(int64(len(s.After)), 1)
	g.rows = append(g.rows, row)
}

// finish computes what needs all jobs.
func (g *gather) finish() {
	st := g.st
	if g.dated && st.Jobs > 0 {
		st.Meta.Start, st.Meta.HasDate = unixUTC(st.First), true
		for i := range g.rows {
			g.rows[i].submit -= st.First
			if g.rows[i].start != state.Unset {
				g.rows[i].start -= st.First
			}
		}
		st.Last, st.First = st.Last-st.First, 0
	}
	slices.SortStableFunc(g.rows, func(a, b statRow) int {
		switch {
		case a.submit < b.submit:
			return -1
		case a.submit > b.submit:
			return 1
		}
		return 0
	})
	var runs, waits []state.Time
	for i := range g.rows {
		r := &g.rows[i]
		if i > 0 && r.submit == g.rows[i-1].submit {
			st.SameInstant++
		}
		if !r.never && r.run != state.Never {
			runs = append(runs, r.run)
			st.GPUTime += r.gpuSeconds()
		}
		if r.start != state.Unset {
			waits = append(waits, r.start-r.submit)
		}
		if st.ClusterGPUs > 0 && r.milli > st.ClusterGPUs*1000 {
			st.Larger++
		}
	}
	st.Duration, st.Wait = spreadOf(runs), spreadOf(waits)
	if span := st.Last - st.First; span > 0 && st.ClusterGPUs > 0 {
		st.Load = st.GPUTime / (float64(span) / float64(state.Second) * float64(st.ClusterGPUs))
	}
	st.PeakAsked = peak(g.rows, func(r *statRow) state.Time { return r.submit })
	st.PeakHeld = peak(g.rows, func(r *statRow) state.Time { return r.start })
	g.shares()
}

func (r *statRow) gpuSeconds() float64 {
	if r.never || r.run == state.Never {
		return 0
	}
	return float64(r.milli) / 1000 * (float64(r.run) / float64(state.Second))
}

// peak is the most GPUs held at once when each job runs from its start; ends come before starts.
func peak(rows []statRow, start func(*statRow) state.Time) float64 {
	type change struct {
		at    state.Time
		milli int64
	}
	var list []change
	for i := range rows {
		r := &rows[i]
		at := start(r)
		if at == state.Unset || r.never || r.milli == 0 || r.run == 0 {
			continue
		}
		list = append(list, change{at, r.milli})
		if r.run != state.Never {
			list = append(list, change{at.Add(r.run), -r.milli})
		}
	}
	slices.SortFunc(list, func(a, b change) int {
		switch {
		case a.at != b.at && a.at < b.at || a.at == b.at && a.milli < b.milli:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	var held, most int64
	for _, c := range list {
		held += c.milli
		most = max(most, held)
	}
	return float64(most) / 1000
}

// spreadOf sorts its argument.
func spreadOf(v []state.Time) Spread {
	if len(v) == 0 {
		return Spread{}
	}
	slices.Sort(v)
	var hi, lo uint64
	for _, t := range v {
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(t), 0)
		hi += carry
	}
	mean, _ := bits.Div64(hi, lo, uint64(len(v)))
	q := func(percent int64) state.Time {
		at := percent * int64(len(v)-1)
		i, part := at/100, at%100
		if part == 0 {
			return v[i]
		}
		step, _ := mulDiv(int64(v[i+1]-v[i]), part, 100)
		return v[i] + state.Time(step)
	}
	return Spread{Jobs: int64(len(v)), Mean: state.Time(mean), Min: v[0], P25: q(25), P50: q(50), P75: q(75), P90: q(90), P99: q(99), Max: v[len(v)-1]}
}
