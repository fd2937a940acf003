package study

import (
	"math"
	"slices"

	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/scenarios/stats"
	"github.com/orrery-sim/orrery/sim/state"
)

// Figures are what a study keeps of one run.
type Figures struct {
	Seed    uint64       `json:"seed"`
	Dir     string       `json:"dir"`
	Digest  string       `json:"digest"`
	Summary *run.Summary `json:"-"`
	GPUs    float64      `json:"gpus"` // there on average
	All     Group        `json:"all"`
	Queues  []Group      `json:"queues"`
	Users   []Group      `json:"-"`
}

// Group is how long the jobs of one queue or user waited and took, in seconds.
type Group struct {
	Name       string `json:"name"`
	Jobs       int    `json:"jobs"`
	Unfinished int    `json:"unfinished"`
	Wait       Spread `json:"wait_s"` // of jobs that started; one that has not when the run stops counts with its wait so far
	JCT        Spread `json:"jct_s"`  // of jobs that ended
}

// Spread is a heavy-tailed figure.
type Spread struct {
	N    int        `json:"n"`
	Mean run.Number `json:"mean"`
	P50  run.Number `json:"p50"`
	P90  run.Number `json:"p90"`
	P95  run.Number `json:"p95"`
	P99  run.Number `json:"p99"`
	Max  run.Number `json:"max"`
}

func spreadOf(values []float64) Spread {
	slices.Sort(values)
	q := func(p float64) run.Number { return run.Number(stats.Quantile(values, p)) }
	s := Spread{N: len(values), Mean: run.Number(stats.Mean(values)), P50: q(0.5), P90: q(0.9), P95: q(0.95), P99: q(0.99), Max: run.Number(math.NaN())}
	if len(values) > 0 {
		s.Max = run.Number(values[len(values)-1])
	}
	return s
}

// Read reads a run folder. Jobs submitted before the warm-up count in nothing, as in the run's own figures.
func Read(dir string, warmup state.Time) (*Figures, error) {
	r, err := run.ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	f := &Figures{Seed: r.Seed, Dir: dir, Digest: r.Digest, Summary: r.Summary, GPUs: math.NaN()}
	if span := float64(r.Summary.To - r.Summary.From); span > 0 {
		f.GPUs = float64(r.Summary.GPU.TotalH) * 3600 / span
	}
	all, queues, users := newTallies(), newTallies(), newTallies()
	until := state.Time(float64(r.Summary.To) * 1e9)
	for row, err := range run.Jobs(dir) {
		if err != nil {
			return nil, err
		}
		if warmup > 0 && row.Submit < warmup {
			continue
		}
		all.add("", row, until)
		queues.add(row.Queue, row, until)
		users.add(row.User, row, until)
	}
	if g := all.groups(); len(g) > 0 {
		f.All = g[0]
	} else {
		f.All = Group{Wait: spreadOf(nil), JCT: spreadOf(nil)}
	}
	f.Queues, f.Users = queues.groups(), users.groups()
	return f, nil
}

// tallies collect jobs by a name.
type tallies struct {
	names []string
	by    map[string]*tally
}

type tally struct {
	jobs, unfinished int
	waits, jcts      []float64
}

func newTallies() *tallies { return &tallies{by: map[string]*tally{}} }

func (t *tallies) add(name string, row *run.JobRow, until state.Time) {
	x := t.by[name]
	if x == nil {
		x = &tally{}
		t.by[name], t.names = x, append(t.names, name)
	}
	x.jobs++
	started := row.Wait != state.Unset
	if started {
		x.waits = append(x.waits, float64(row.Wait)/1e9)
	}
	switch {
	case row.State == state.Unfinished.String():
		if x.unfinished++; !started { // left out, the longest waits would make a figure better
			x.waits = append(x.waits, float64(max(until-row.Submit, 0))/1e9)
		}
	case started && row.End != state.Unset:
		x.jcts = append(x.jcts, float64(row.End-row.Submit)/1e9)
	}
}

func (t *tallies) groups() (out []Group) {
	slices.Sort(t.names)
	for _, name := range t.names {
		x := t.by[name]
		out = append(out, Group{name, x.jobs, x.unfinished, spreadOf(x.waits), spreadOf(x.jcts)})
	}
	return out
}
