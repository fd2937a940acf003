package run

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/metric/energy"
	"github.com/orrery-sim/orrery/sim/metric/reliability"
	"github.com/orrery-sim/orrery/sim/state"
)

// Number is a figure in JSON: null when it does not exist, such as a mean over no jobs.
type Number float64

// MarshalJSON writes the shortest decimal that reads back the same.
func (n Number) MarshalJSON() ([]byte, error) {
	f := float64(n)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(f)
}

// UnmarshalJSON reads null as NaN.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	*n = Number(f)
	return err
}

// Summary is the figures of one run: the object that `orrery run --json` prints, and `summary` in run.json.
type Summary struct {
	Name string `json:"name"`
	Seed uint64 `json:"seed"`

	Jobs      JobCounts `json:"jobs"`
	Wait      Spread    `json:"wait_s"`
	JCT       Spread    `json:"jct_s"`
	Slowdown  Spread    `json:"bounded_slowdown"`
	ByOutcome struct {
		Finished  Outcome `json:"finished"`
		Failed    Outcome `json:"failed"`
		Cancelled Outcome `json:"cancelled"`
	} `json:"by_outcome"`
	Makespan Number `json:"makespan_s"`

	Queued      Number            `json:"queued_s"`
	WaitCauses  map[string]Number `json:"wait_causes_s"`
	GPU         GPUFigures        `json:"gpu"`
	Preemptions int64             `json:"preemptions"`
	Evictions   map[string]int64  `json:"evictions"`
	LostGPUH    Number            `json:"lost_gpu_h"`
	Preempted   map[string]int64  `json:"preemptions_by_kind,omitempty"`
	PingPong    int64             `json:"ping_pong,omitempty"` // preemptions that took back what a preemption had taken
	Attempts    AttemptFigures    `json:"gpu_time_h"`
	ByQueue     []GroupFigures    `json:"by_queue"`
	ByUser      []GroupFigures    `json:"by_user,omitempty"`
	Energy      *EnergyFigures    `json:"energy,omitempty"`        // where the scenario has energy
	Failures    *FailureFigures   `json:"failures,omitempty"`      // where the scenario has failures
	Cost        *CostFigures      `json:"cost,omitempty"`          // where the scenario has prices
	Own         []OwnFigures      `json:"policy_series,omitempty"` // what the policy measured itself

	Quantiles string  `json:"quantiles"` // "exact", or how near they are
	From      Number  `json:"from_s"`    // the stretch that the GPU figures cover
	To        Number  `json:"to_s"`
	Events    uint64  `json:"events"`
	Wall      *Number `json:"wall_s,omitempty"` // the simulation alone; in run.json it stands under host
	Digest    string  `json:"digest"`
	Partial   string  `json:"partial,omitempty"` // why the figures do not cover the whole run
}

// JobCounts are jobs by what became of them.
type JobCounts struct {
	Submitted      int64 `json:"submitted"`
	Finished       int64 `json:"finished"`
	Failed         int64 `json:"failed"`
	Cancelled      int64 `json:"cancelled"`
	Unfinished     int64 `json:"unfinished"`
	Dropped        int64 `json:"dropped"`
	NeverPlaceable int64 `json:"never_placeable"`
	Started        int64 `json:"started"`
	Ended          int64 `json:"ended"`
	InWarmup       int64 `json:"in_warmup"` // left out of all other figures
}

// Spread is a heavy-tailed figure.
type Spread struct {
	N    int64  `json:"n"`
	Mean Number `json:"mean"`
	P50  Number `json:"p50"`
	P90  Number `json:"p90"`
	P95  Number `json:"p95"`
	P99  Number `json:"p99"`
	Max  Number `json:"max"`
}

// Outcome is the figures of the jobs with one outcome.
type Outcome struct {
	JCT      Spread `json:"jct_s"`
	Slowdown Spread `json:"bounded_slowdown"`
}

// GPUFigures are shares of GPU time. Every share of healthy GPU time but one, which says so.
type GPUFigures struct {
	Allocation        Number            `json:"allocation"` // allocated / healthy
	AllocationOfTotal Number            `json:"allocation_of_total"`
	Fragmented        Number            `json:"fragmented"` // free but unusable / healthy
	AllocatedH        Number            `json:"allocated_gpu_h"`
	HealthyH          Number            `json:"healthy_gpu_h"`
	TotalH            Number            `json:"total_gpu_h"`
	ByType            map[string]Number `json:"allocation_by_type"`
	ByPool            map[string]Number `json:"allocation_by_pool"`
}

// AttemptFigures are the GPU-hours that jobs held, each in one class.
type AttemptFigures struct {
	Work     Number `json:"work"`
	Lost     Number `json:"lost"`     // running since the last checkpoint before an eviction
	Overhead Number `json:"overhead"` // restoring, and writing checkpoints
	Idle     Number `json:"idle"`     // grace periods, jobs that hang
	Left     Number `json:"left_out"` // held by jobs that were submitted before the warm-up's end
	Free     Number `json:"free"`     // held by nobody, on nodes that were up
	Down     Number `json:"down"`     // of nodes that were not; all classes together are total_gpu_h
	// Of work, what it took more than at the recorded speed, for the placement and for others on its links.
	Placement  Number `json:"placement,omitempty"`
	Contention Number `json:"contention,omitempty"`
}

// LostShare is the share of the GPU time that jobs held which evictions and recovery took: all but work.
func (s *Summary) LostShare() Number {
	a := &s.Attempts
	lost := a.Lost + a.Overhead + a.Idle
	return lost / (lost + a.Work)
}

// GroupFigures are the jobs of one queue or user.
type GroupFigures struct {
	Name        string            `json:"name"`
	Jobs        JobCounts         `json:"jobs"`
	MeanWait    Number            `json:"mean_wait_s"`
	MeanJCT     Number            `json:"mean_jct_s"`
	Queued      Number            `json:"queued_s"`
	WaitCauses  map[string]Number `json:"wait_causes_s,omitempty"`
	AllocatedH  Number            `json:"allocated_gpu_h"`
	Preemptions int64             `json:"preemptions"`
}

// OwnFigures are a series of the policy's own, in the policy's unit.
type OwnFigures struct {
	Name   string `json:"name"`
	Mean   Number `json:"mean"` // over time, from the first value on
	Min    Number `json:"min"`
	Max    Number `json:"max"`
	Last   Number `json:"last"`
	Values int64  `json:"values"`
}

// Facts are what a summary says beside the figures.
type Facts struct {
	Name    string
	Seed    uint64
	Pools   []string // names by pool id
	Events  uint64
	Digest  string
	Partial string
	Wall    time.Duration // 0: it is not said

	Energy   *energy.Result      // nil: energy is not modelled
	Tariff   int64               // millionths of the currency a kWh; 0: none
	Failures *reliability.Result // nil: nothing fails by itself
	Causes   []string            // of failures, by id

	Cost   *cost.Result // nil: costs are not modelled
	Prices *scenarios.Pricing
}

// maxUsers bounds the users in a summary: those of a large trace stand in jobs.parquet.
const maxUsers = 1000

// Summarise turns a result into the object that is printed and written.
func Summarise(r *metric.Result, f Facts) *Summary {
	s := &Summary{Name: f.Name, Seed: f.Seed, Jobs: counts(&r.Jobs), Wait: spread(&r.Wait), JCT: spread(&r.JCT), Slowdown: spread(&r.Slowdown),
		Makespan: Number(math.NaN()), Queued: secondsOf(r.Queued), WaitCauses: causes(&r.Causes), Preemptions: r.Preemptions,
		Evictions: map[string]int64{}, LostGPUH: Number(r.LostWork.Float(int64(time.Hour))), Quantiles: "exact", From: Number(float64(r.From) / 1e9),
		To: Number(float64(r.To) / 1e9), Events: f.Events, Digest: f.Digest, Partial: f.Partial}
	for i, o := range []*Outcome{&s.ByOutcome.Finished, &s.ByOutcome.Failed, &s.ByOutcome.Cancelled} {
		*o = Outcome{JCT: spread(&r.JCTBy[i]), Slowdown: spread(&r.SlowdownBy[i])}
	}
	if r.Makespan >= 0 {
		s.Makespan = Number(float64(r.Makespan) / 1e9)
	}
	for reason, n := range r.Evictions {
		if n > 0 {
			s.Evictions[state.EndReason(reason).String()] = n
		}
	}
	for kind, n := range r.Preempted {
		if n > 0 {
			if s.Preempted == nil {
				s.Preempted = map[string]int64{}
			}
			s.Preempted[state.PreemptKind(kind).String()] = n
		}
	}
	s.PingPong = r.PingPong
	a := &r.Attempts
	s.Attempts = AttemptFigures{Number(metric.Hours(a.Work)), Number(metric.Hours(a.Lost)), Number(metric.Hours(a.Overhead)), Number(metric.Hours(a.Idle)),
		hoursLess(r.GPU.Allocated, a.Work, a.Lost, a.Overhead, a.Idle), hoursLess(r.GPU.Healthy, r.GPU.Allocated), hoursLess(r.GPU.Total, r.GPU.Healthy),
		Number(metric.Hours(a.Placement)), Number(metric.Hours(a.Contention))}
	s.GPU = GPUFigures{Allocation: Number(r.GPU.Allocation()), AllocationOfTotal: Number(r.GPU.AllocationOfTotal()),
		Fragmented: Number(metric.Ratio(r.Fragmented, r.GPU.Healthy)), AllocatedH: Number(metric.Hours(r.GPU.Allocated)),
		HealthyH: Number(metric.Hours(r.GPU.Healthy)), TotalH: Number(metric.Hours(r.GPU.Total)), ByType: map[string]Number{}, ByPool: map[string]Number{}}
	for i := range r.Types {
		if t := &r.Types[i]; !t.Total.IsZero() {
			s.GPU.ByType[t.Name] = Number(t.Allocation())
		}
	}
	for i := range r.Pools {
		if i < len(f.Pools) && !r.Pools[i].Total.IsZero() {
			s.GPU.ByPool[f.Pools[i]] = Number(r.Pools[i].Allocation())
		}
	}
	for i := range r.Queues {
		g := group(&r.Queues[i])
		g.WaitCauses = causes(&r.Queues[i].Causes)
		s.ByQueue = append(s.ByQueue, g)
	}
	if len(r.Users) <= maxUsers {
		for i := range r.Users {
			s.ByUser = append(s.ByUser, group(&r.Users[i]))
		}
	}
	for _, o := range r.Own {
		s.Own = append(s.Own, OwnFigures{o.Name, Number(o.Mean), Number(o.Min), Number(o.Max), Number(o.Last), o.Values})
	}
	if !r.Wait.Exact || !r.JCT.Exact {
		s.Quantiles = "within 0.1 % (histogram)"
	}
	if f.Energy != nil {
		s.Energy = energyOf(f.Energy, f.Tariff, float64(s.Attempts.Work))
	}
	if f.Failures != nil {
		s.Failures = failures(f.Failures, f.Causes)
	}
	if f.Cost != nil {
		s.Cost = costs(f.Cost, f.Prices, f.Pools, metric.Hours(r.GPU.Allocated),
			metric.Hours(r.Attempts.Lost)+metric.Hours(r.Attempts.Overhead)+metric.Hours(r.Attempts.Idle))
	}
	if f.Wall > 0 {
		wall := Number(f.Wall.Seconds())
		s.Wall = &wall
	}
	return s
}

// hoursLess is a sum less its parts, in GPU-hours.
func hoursLess(sum state.Wide, parts ...state.Wide) Number {
	for _, p := range parts {
		sum.Sub(p)
	}
	return Number(metric.Hours(sum))
}

func counts(c *metric.Counts) JobCounts {
	return JobCounts{Submitted: c.Submitted, Finished: c.Finished, Failed: c.Failed, Cancelled: c.Cancelled, Unfinished: c.Unfinished,
		Dropped: c.Dropped, NeverPlaceable: c.NeverPlaceable, Started: c.Started, Ended: c.Ended, InWarmup: c.Excluded}
}

func spread(s *metric.Spread) Spread {
	return Spread{N: s.N, Mean: Number(s.Mean), P50: Number(s.P50), P90: Number(s.P90), P95: Number(s.P95), P99: Number(s.P99), Max: Number(s.Max)}
}

func secondsOf(w state.Wide) Number { return Number(w.Float(int64(time.Second))) }

// causes are the seconds of those causes that took any.
func causes(c *[state.NumCauses]state.Wide) map[string]Number {
	m := map[string]Number{}
	for i, w := range c {
		if !w.IsZero() {
			m[causeKeys[i]] = secondsOf(w)
		}
	}
	return m
}

func group(g *metric.Group) GroupFigures {
	return GroupFigures{Name: g.Name, Jobs: counts(&g.Jobs), MeanWait: Number(g.MeanWait()), MeanJCT: Number(g.MeanJCT()),
		Queued: secondsOf(g.Queued), AllocatedH: Number(metric.Hours(g.Allocated)), Preemptions: g.Preemptions}
}
