package reports

import (
	"fmt"
	"math"
	"time"
)

// Run is what a report of one run is made of. All instants are ns since the start; text may be anything.
type Run struct {
	Name     string
	Policy   string // "fifo + easy, first-fit"
	Cluster  string // "2,048 GPUs (256 x 8 A100-80)"
	Workload string // "jobs.csv, 100,000 jobs over 6.3 d"
	Seed     uint64
	Start    time.Time // the calendar instant of 0, in the scenario's time zone; zero for none
	From, To int64     // the stretch that the figures and the pictures cover
	Partial  string    // why the run did not reach its end, "" for a whole run

	Figures Figures
	Types   []TypeUse // allocation over time, a GPU type each
	Queue   Series    // jobs that wait
	Prices  []PriceOf // of spot nodes, an hour
	Evicted Series    // attempts that ended without their job, so far
	Own     []Own     // series of the policy's own
	Nodes   []Node    // in the order of the topology
	Jobs    []Job     // in order of submission
	Pieces  []Piece   // what ran where; may be in any order
	Costs   []Cost
	Broken  *Broken  // what failures did; nil: nothing fails by itself
	GPUTime []Amount // all GPU time by what became of it, in GPU-hours
	Books   *Books   // what it cost by pool, queue and user; nil: costs are not modelled

	Scenario    string   // YAML with the defaults filled in
	Command     string   // what to type to get this run again
	Digest      string   // hexadecimal
	DigestOf    string   // version of the digest, such as "1"
	Inputs      []Input  // files and their checksums
	Tool        string   // "orrery 0.3.0"
	Host        string   // where and how fast it ran
	Assumptions []string // each a sentence
	Warnings    []string // each a sentence
}

// Figures are the run's figures as run.json has them: the report prints these and computes none of them again. NaN is a
// figure that the run does not have.
type Figures struct {
	Submitted, Finished, Failed, Cancelled, Unfinished, NeverPlaceable int
	Preemptions, Evictions, PingPong                                   int
	Preempted                                                          []Kind // preemptions by kind
	Wait, JCT, Slowdown                                                Spread
	Makespan                                                           float64 // s
	Allocated                                                          float64 // share of the GPU-time that was there
	Unusable                                                           float64 // share of the GPU-time that was free but fragmented
	GPUHours                                                           float64 // allocated
	Lost, Overhead, Idle                                               float64 // GPU-hours that evictions and recovery took
	CauseHours                                                         [Causes]float64
}

// Kind is how many preemptions were for one purpose.
type Kind struct {
	Name  string
	Count int
}

// Spread is a heavy-tailed figure: never its mean without its quantiles.
type Spread struct {
	Mean, P50, P90, P99 float64
}

// TypeUse is the GPUs of one type over time, in GPUs.
type TypeUse struct {
	Type            string
	Busy            Series
	Capacity        Series // GPUs that were there and healthy
	CapacityAtStart float64
}

// PriceOf is the price of a pool's nodes over time.
type PriceOf struct {
	Pool   string
	Series Series
}

// Own is a series of the policy's own, in a unit that only the policy knows. Mean is over time, from its first value on.
type Own struct {
	Name   string
	Mean   float64
	Series Series
}

// Node is a machine; Down are the stretches in which it was not there.
type Node struct {
	Name, Type string
	GPUs       float64
	Down       []Stretch
}

// Stretch is [From, To) in ns.
type Stretch struct{ From, To int64 }

// State is how a job stood at the end of the run.
type State uint8

// The states of jobs.
const (
	Finished State = iota
	Failed
	Cancelled
	Unfinished
	Dropped // never placeable, and dropped
)

func (s State) String() string {
	return [...]string{"finished", "failed", "cancelled", "unfinished", "dropped"}[min(s, Dropped)]
}

// Job is one job. Started and End are -1 for a job that never started or has not ended.
type Job struct {
	Name, Queue, User    string
	State                State
	Submit, Started, End int64
	Recorded             bool // the trace has a start for it
	RecordedStart        int64
	GPUs                 float64
	Queued               int64         // all queued time, ns
	Waited               [Causes]int64 // Queued by cause, ns
	Busy                 float64       // GPU-hours that it held
	Preemptions          int
}

// Piece is a stretch in which a job held GPUs of a node: a job on three nodes has three. Job and Node index Run.Jobs and
// Run.Nodes.
type Piece struct {
	Job, Node int32
	From, To  int64
	GPUs      float32
}

// Cost is one figure of what the run cost or used.
type Cost struct {
	Name     string
	Quantity Quantity
	Note     string
}

// Input is a file that the run read.
type Input struct{ Name, SHA256 string }

// Report builds the report of the run. It fails only on input that contradicts itself.
func (r *Run) Report() (*Report, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	v := &runView{Run: r, clock: Clock{Start: r.Start}}
	rep := &Report{
		Title:    Clean(r.Name, 120),
		Subtitle: Clean(joinNonEmpty(" · ", r.Policy, r.Cluster, r.Workload, fmt.Sprintf("seed %d", r.Seed)), 400),
		Verdict:  v.verdict(),
		Headline: v.headline(),
		Warnings: v.warnings(),
		Foot:     Clean(joinNonEmpty(" · ", r.Tool, short(r.Digest)), 200),
	}
	for _, build := range []func() Section{
		v.overTime, v.waiting, v.recorded, v.whoGot, v.nodes, v.failures, v.jobs, v.costs, v.howSure, v.reproduce,
	} {
		if s := build(); len(s.Blocks) > 0 {
			rep.Sections = append(rep.Sections, s)
		}
	}
	return rep, nil
}

func (r *Run) check() error {
	if r.To < r.From {
		return fmt.Errorf("report of a run: it ends before it starts (from %d ns to %d ns)", r.From, r.To)
	}
	if !r.Queue.whole() {
		return fmt.Errorf("report of a run: the queue's series has columns of different length or instants that fall")
	}
	for i, t := range r.Types {
		if !t.Busy.whole() || !t.Capacity.whole() {
			return fmt.Errorf("report of a run: series %d (%q) has columns of different length or instants that fall", i, t.Type)
		}
	}
	for i, p := range r.Prices {
		if !p.Series.whole() {
			return fmt.Errorf("report of a run: price %d (pool %q) has columns of different length or instants that fall", i, p.Pool)
		}
	}
	for i, o := range r.Own {
		if !o.Series.whole() {
			return fmt.Errorf("report of a run: series %d of the policy (%q) has columns of different length or instants that fall", i, o.Name)
		}
	}
	for i, p := range r.Pieces {
		if p.Job < 0 || int(p.Job) >= len(r.Jobs) || p.Node < 0 || int(p.Node) >= len(r.Nodes) {
			return fmt.Errorf("report of a run: piece %d names job %d of %d and node %d of %d", i, p.Job, len(r.Jobs), p.Node, len(r.Nodes))
		}
	}
	return nil
}

// runView is a run being written up.
type runView struct {
	*Run
	clock Clock
}

func (v *runView) verdict() string {
	f := v.Figures
	if f.Submitted == 0 {
		return "No job was submitted in this stretch."
	}
	half := "within " + amount(f.Wait.P50, Seconds)
	if f.Wait.P50 == 0 {
		half = "at once"
	}
	text := fmt.Sprintf("Of %s jobs, half started %s and one in ten waited more than %s", amount(float64(f.Submitted), Count), half, amount(f.Wait.P90, Seconds))
	if f.Wait.P90 == 0 {
		text = fmt.Sprintf("Of %s jobs, nine in ten started at once", amount(float64(f.Submitted), Count))
	}
	if cause, share := v.mainCause(); share > 0 {
		text += fmt.Sprintf("; %s of all waiting was %s", amount(share, Share), cause.phrase())
	}
	text += "."
	if !math.IsNaN(f.Allocated) {
		text += fmt.Sprintf(" Jobs held %s of the GPU time", amount(f.Allocated, Share))
		if f.Unusable > 0 {
			text += fmt.Sprintf(", and %s was free but unusable", amount(f.Unusable, Share))
		}
		text += "."
	}
	return text
}

func (v *runView) headline() []Figure {
	f := v.Figures
	all := "of " + amount(float64(f.Submitted), Count)
	outcome := ""
	for _, o := range []struct {
		n    int
		name string
	}{{f.Failed, "failed"}, {f.Cancelled, "cancelled"}, {f.Unfinished, "unfinished"}, {f.NeverPlaceable, "never placeable"}} {
		if o.n > 0 {
			outcome += fmt.Sprintf(", %s %s", amount(float64(o.n), Count), o.name)
		}
	}
	figures := []Figure{
		{"Median wait", Quantity{f.Wait.P50, Seconds}, spreadText(f.Wait, Seconds)},
		{"Median completion", Quantity{f.JCT.P50, Seconds}, spreadText(f.JCT, Seconds)},
		{"GPU time allocated", Quantity{f.Allocated, Share}, withNote(amount(f.GPUHours, GPUHours), f.Unusable)},
		{"Jobs finished", Quantity{float64(f.Finished), Count}, all + outcome},
	}
	if cause, share := v.mainCause(); share > 0 {
		figures = append(figures, Figure{
			"Main cause of waiting", Quantity{share, Share}, cause.Name() + "; of " + amount(total(f.CauseHours[:]), JobHours) + " queued",
		})
	} else {
		figures = append(figures, Figure{"Mean slowdown", Quantity{f.Slowdown.Mean, Times}, "p50 " + amount(f.Slowdown.P50, Times) + ", p99 " + amount(f.Slowdown.P99, Times)})
	}
	return figures
}

func withNote(hours string, unusable float64) string {
	if math.IsNaN(unusable) {
		return hours
	}
	return hours + "; " + amount(unusable, Share) + " free but unusable"
}

func (v *runView) warnings() []string {
	var all []string
	if v.Partial != "" {
		all = append(all, "This run is not whole: "+Clean(v.Partial, 300)+" Its figures cover what was simulated.")
	}
	if n := v.Figures.Unfinished; n > 0 {
		all = append(all, fmt.Sprintf("%s of %s jobs had not ended: they are in no completion time or slowdown.",
			amount(float64(n), Count), amount(float64(v.Figures.Submitted), Count)))
	}
	for _, w := range v.Warnings {
		all = append(all, Clean(w, 400))
	}
	return all
}

// mainCause returns the cause that took most of the waiting, and its share.
func (v *runView) mainCause() (Cause, float64) {
	best, sum := Cause(0), 0.0
	for c, h := range v.Figures.CauseHours {
		sum += h
		if h > v.Figures.CauseHours[best] {
			best = Cause(c)
		}
	}
	if !(sum > 0) {
		return 0, 0
	}
	return best, v.Figures.CauseHours[best] / sum
}
