package metric

import (
	"math"

	"github.com/orrery-sim/orrery/sim/state"
)

// Result is every figure of a run, or of what has happened so far. The package documentation defines each.
type Result struct {
	// From and To bound the figures about GPU time; To is the instant of the last event.
	From, To state.Time
	Warmup   state.Time

	Jobs     Counts
	Wait     Spread // s
	JCT      Spread // s
	Slowdown Spread // ratio
	// By outcome: finished, failed, cancelled (state.Finished to state.Cancelled).
	JCTBy, SlowdownBy [3]Spread

	// Makespan is the last end - the first submission, in ns; -1 when no job has ended.
	Makespan    state.Time
	FirstSubmit state.Time // state.Unset when no job was submitted
	LastEnd     state.Time // state.Unset when none has ended

	Queued      state.Wide // ns, all jobs
	Causes      [state.NumCauses]state.Wide
	Preemptions int64
	Evictions   [state.NumReasons]int64 // by reason
	LostWork    state.Wide              // ns of work x GPUs
	Attempts    AttemptTime
	Preempted   [state.NumPreemptKinds]int64 // Preemptions by kind
	PingPong    int64                        // preemptions for a job whose own last one was for the job that it takes from

	GPU        GPUTime
	Fragmented state.Wide // thousandths of a GPU x ns, free but unusable
	Types      []GPUTime  // by GPU type
	Pools      []GPUTime  // by pool id
	Queues     []Group    // in the order of ids; jobs without a queue first, if there are any
	Users      []Group
	Own        []Own // the policy's own series, by name
}

// GPUTime are integrals over [From, To] in thousandths of a GPU x ns.
type GPUTime struct {
	Name                      string // of the type; "" for pools and in total
	Allocated, Healthy, Total state.Wide
}

// Allocation is allocated / healthy, NaN without healthy GPUs.
func (g *GPUTime) Allocation() float64 { return Ratio(g.Allocated, g.Healthy) }

// AllocationOfTotal is allocated / total, down nodes included; NaN without GPUs.
func (g *GPUTime) AllocationOfTotal() float64 { return Ratio(g.Allocated, g.Total) }

// Group is the jobs of one queue or user.
type Group struct {
	ID                int32 // in state.Names, or state.None
	Name              string
	Jobs              Counts
	Wait, JCT, Queued state.Wide // sums in ns: over started, ended, all jobs
	Causes            [state.NumCauses]state.Wide
	Preemptions       int64
	Allocated         state.Wide // thousandths of a GPU x ns
}

// MeanWait is the mean wait in seconds over started jobs, NaN without one.
func (g *Group) MeanWait() float64 { return mean(g.Wait, g.Jobs.Started) }

// MeanJCT is the mean JCT in seconds over ended jobs, NaN without one.
func (g *Group) MeanJCT() float64 { return mean(g.JCT, g.Jobs.Ended) }

func mean(sum state.Wide, n int64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return sum.Float(n * unit)
}

// MilliNSPerHour is one GPU-hour in thousandths of a GPU x ns.
const MilliNSPerHour = whole * 3600 * unit

// Hours is an integral of thousandths of a GPU x ns in GPU-hours.
func Hours(w state.Wide) float64 { return w.Float(MilliNSPerHour) }

// Ratio is a / b, NaN for an empty b. Both are integrals; each is rounded to a float64 once.
func Ratio(a, b state.Wide) float64 {
	if b.IsZero() {
		return math.NaN()
	}
	return a.Float(1) / b.Float(1)
}

// Result sums up what was heard so far. It allocates; call it at the end of a run or of an instant, not in between.
func (c *Collector) Result() *Result {
	names := c.names
	if names == nil {
		names = &state.Names{}
	}
	r := &Result{From: max(c.cfg.Warmup, 0), To: c.now, Warmup: c.cfg.Warmup, Jobs: c.count, Queued: c.queued,
		Evictions: c.evictions, Preemptions: c.evictions[state.ReasonPreempted], LostWork: c.lostWork, Attempts: c.attempts, Preempted: c.preempted.kinds, PingPong: c.preempted.pingPong,
		Makespan: -1, FirstSubmit: state.Unset, LastEnd: state.Unset}
	with := &selection{}
	r.Wait = c.wait.spread(0, 0, with)
	r.JCT, r.Slowdown = c.jct.spread(0, 2, with), c.slow.spread(0, 2, with)
	for o := range r.JCTBy {
		if r.JCTBy[o], r.SlowdownBy[o] = r.JCT, r.Slowdown; c.jct.sets[o].n < r.JCT.N { // else all ended so
			r.JCTBy[o], r.SlowdownBy[o] = c.jct.spread(o, o, with), c.slow.spread(o, o, with)
		}
	}
	if c.any {
		r.FirstSubmit = c.first
	}
	if r.Jobs.Ended > 0 {
		r.LastEnd, r.Makespan = c.lastEnd, c.lastEnd-c.first
	}
	for q := range c.causes {
		for i := range r.Causes {
			r.Causes[i].AddWide(c.causes[q][i])
		}
	}
	to := max(int64(r.To), int64(r.From))
	c.frag.advance(c.now)
	r.Fragmented = c.frag.lost.integral(to)
	r.GPU = c.use.all.integrals(to)
	for i := range c.use.types {
		g := c.use.types[i].integrals(to)
		g.Name = names.Types.Name(int32(i))
		r.Types = append(r.Types, g)
	}
	for i := range c.use.pools {
		r.Pools = append(r.Pools, c.use.pools[i].integrals(to))
	}
	r.Queues = groups(c.queues, c.use.byQueue, c.causes, &names.Queues, to)
	r.Users = groups(c.users, c.use.byUser, nil, &names.Users, to)
	r.Own = owns(c.own, &names.Metrics, c.now)
	return r
}

func (c *capacity) integrals(to int64) GPUTime {
	return GPUTime{Allocated: c.allocated.integral(to), Healthy: c.healthy.integral(to), Total: c.total.integral(to)}
}

func groups(tallies []tally, held []level, causes [][state.NumCauses]state.Wide, names *state.Symbols, to int64) []Group {
	var out []Group
	for i := range max(len(tallies), len(held)) {
		g := Group{ID: int32(i) - 1, Name: names.Name(int32(i) - 1)}
		if i < len(tallies) {
			t := &tallies[i]
			g.Jobs, g.Wait, g.JCT, g.Queued, g.Preemptions = t.count, t.wait, t.jct, t.queued, t.preemptions
		}
		if i < len(held) {
			g.Allocated = held[i].integral(to)
		}
		if i < len(causes) {
			g.Causes = causes[i]
		}
		if g.Jobs.Submitted > 0 || !g.Allocated.IsZero() {
			out = append(out, g)
		}
	}
	return out
}
