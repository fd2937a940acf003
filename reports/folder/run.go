package folder

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// A report looks at mostJobs one by one; of larger runs it takes every n-th in order of submission, about sampledJobs in all.
const (
	mostJobs    = 100_000
	sampledJobs = 50_000
)

// Run reads a run folder as the input of its report.
func Run(dir string) (*reports.Run, error) {
	rec, err := run.ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	if rec.Summary == nil {
		return nil, fmt.Errorf("%s: the run has no figures: %s", dir, rec.Partial)
	}
	r := head(rec)
	nodes, err := run.Nodes(dir)
	if err != nil {
		return nil, err
	}
	index := map[string]int32{}
	for i, n := range nodes {
		index[n.Node] = int32(i)
		node := reports.Node{Name: n.Node, Type: n.Type, GPUs: float64(n.GPUs)}
		for _, d := range n.Down {
			node.Down = append(node.Down, reports.Stretch{From: int64(d[0]), To: int64(d[1])})
		}
		r.Nodes = append(r.Nodes, node)
	}
	if err := series(r, dir, rec.Summary); err != nil {
		return nil, err
	}
	return r, jobs(r, dir, index, rec.Summary.Jobs.Submitted+rec.Summary.Jobs.InWarmup)
}

// head is what run.json says.
func head(rec *run.Record) *reports.Run {
	s := rec.Summary
	r := &reports.Run{Name: rec.Name, Policy: rec.Policy, Cluster: rec.Cluster, Seed: rec.Seed, Partial: rec.Partial, Figures: figures(s),
		From: int64(float64(s.From) * 1e9), To: int64(float64(s.To) * 1e9), Scenario: rec.Scenario, Digest: rec.Digest,
		DigestOf: fmt.Sprint(rec.DigestVersion), Tool: strings.TrimSpace(rec.Tool.Name + " " + rec.Tool.Version), Warnings: rec.Warnings,
		Command: strings.Join(rec.Tool.Command, " ")}
	if t, err := time.Parse(time.RFC3339Nano, rec.Start); err == nil {
		r.Start = t
	}
	failures(r, rec)
	if s.Cost != nil {
		costs(r, s.Cost)
	}
	if s.Energy != nil {
		energy(r, s)
	}
	for _, in := range rec.Inputs {
		r.Inputs = append(r.Inputs, reports.Input{Name: in.Path, SHA256: in.SHA256})
	}
	if h := rec.Host; h != nil {
		r.Host = fmt.Sprintf("%s/%s, %d CPUs, %s: %.3g s, %.3g events/s", h.OS, h.Arch, h.CPUs, h.Go, float64(h.Wall), float64(h.PerSecond))
	}
	if rec.Recovery != "" {
		r.Assumptions = append(r.Assumptions, rec.Recovery)
	}
	if s.Quantiles != "exact" {
		r.Assumptions = append(r.Assumptions, "Quantiles of waits and completions are "+s.Quantiles+".")
	}
	return r
}

func figures(s *run.Summary) reports.Figures {
	f := reports.Figures{Submitted: int(s.Jobs.Submitted), Finished: int(s.Jobs.Finished), Failed: int(s.Jobs.Failed), Cancelled: int(s.Jobs.Cancelled),
		Unfinished: int(s.Jobs.Unfinished), NeverPlaceable: int(s.Jobs.NeverPlaceable), Preemptions: int(s.Preemptions),
		Wait: spread(s.Wait), JCT: spread(s.JCT), Slowdown: spread(s.Slowdown), Makespan: float64(s.Makespan), Allocated: float64(s.GPU.Allocation),
		Unusable: float64(s.GPU.Fragmented), GPUHours: float64(s.GPU.AllocatedH)}
	for _, n := range s.Evictions {
		f.Evictions += int(n)
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Preempted)) {
		f.Preempted = append(f.Preempted, reports.Kind{Name: kind, Count: int(s.Preempted[kind])})
	}
	f.PingPong = int(s.PingPong)
	f.Lost, f.Overhead, f.Idle = float64(s.Attempts.Lost), float64(s.Attempts.Overhead), float64(s.Attempts.Idle)
	for c := reports.Cause(0); c < reports.Causes; c++ {
		if v, ok := s.WaitCauses[c.Key()]; ok {
			f.CauseHours[c] = float64(v) / 3600
		}
	}
	return f
}

func spread(s run.Spread) reports.Spread {
	return reports.Spread{Mean: float64(s.Mean), P50: float64(s.P50), P90: float64(s.P90), P99: float64(s.P99)}
}

// series fills in what happened over time.
func series(r *reports.Run, dir string, figures *run.Summary) error {
	all, err := run.Series(dir)
	if err != nil {
		return err
	}
	own := map[string]float64{}
	for _, o := range figures.Own {
		own[o.Name] = float64(o.Mean)
	}
	types := map[string]*reports.TypeUse{}
	var order []string
	of := func(key string) *reports.TypeUse {
		if types[key] == nil {
			types[key] = &reports.TypeUse{Type: key}
			order = append(order, key)
		}
		return types[key]
	}
	for i := range all {
		s := &all[i]
		switch s.Name {
		case metric.SeriesAllocated:
			of(s.Key).Busy = overTime(s)
		case metric.SeriesHealthy:
			of(s.Key).Capacity = overTime(s)
		case metric.SeriesWaiting:
			r.Queue = overTime(s)
		case metric.SeriesSpotPrice:
			r.Prices = append(r.Prices, reports.PriceOf{Pool: s.Key, Series: overTime(s)})
		case metric.SeriesEvictions:
			r.Evicted = overTime(s)
		case metric.SeriesPolicy:
			r.Own = append(r.Own, reports.Own{Name: s.Key, Mean: own[s.Key], Series: overTime(s)})
		}
	}
	for _, key := range order {
		r.Types = append(r.Types, *types[key])
	}
	return nil
}

func overTime(s *metric.Series) reports.Series {
	out := reports.Series{Value: s.Value, Low: s.Low, High: s.High, Points: int(s.Points)}
	for _, t := range s.At {
		out.At = append(out.At, int64(t))
	}
	return out
}

// jobs fills in jobs and what ran where, from the last attempts and the ones before.
func jobs(r *reports.Run, dir string, nodes map[string]int32, total int64) error {
	every := uint64(1)
	if total > mostJobs {
		every = uint64((total + sampledJobs - 1) / sampledJobs)
	}
	if every > 1 {
		r.Assumptions = append(r.Assumptions, fmt.Sprintf("The pictures of single jobs, nodes and waits look at every %d-th job in order of submission; the figures "+
			"cover all.", every))
	}
	byNumber := map[uint64]int32{}
	var numbers []uint64
	for row, err := range run.Jobs(dir) {
		if err != nil {
			return err
		}
		if every > 1 && row.Number%every != 0 {
			continue
		}
		byNumber[row.Number] = int32(len(r.Jobs))
		numbers = append(numbers, row.Number)
		r.Jobs = append(r.Jobs, job(row))
		if row.LastStart != state.Unset {
			end := row.End
			if end == state.Unset {
				end = state.Time(r.To)
			}
			pieces(r, byNumber[row.Number], nodes, row.Nodes, row.NodeGPUs, row.LastStart, end)
		}
	}
	for row, err := range run.Attempts(dir) {
		if err != nil {
			return err
		}
		if i, ok := byNumber[row.Number]; ok {
			pieces(r, i, nodes, row.Nodes, row.NodeGPUs, row.Start, row.End)
		}
	}
	sortJobs(r, numbers)
	return nil
}

// sortJobs puts jobs into their order of submission and points the pieces at their new places.
func sortJobs(r *reports.Run, numbers []uint64) {
	order := make([]int32, len(r.Jobs))
	for i := range order {
		order[i] = int32(i)
	}
	sort.Slice(order, func(a, b int) bool { return numbers[order[a]] < numbers[order[b]] })
	at := make([]int32, len(order))
	sorted := make([]reports.Job, len(order))
	for i, from := range order {
		sorted[i], at[from] = r.Jobs[from], int32(i)
	}
	for i := range r.Pieces {
		r.Pieces[i].Job = at[r.Pieces[i].Job]
	}
	r.Jobs = sorted
}

var states = map[string]reports.State{"finished": reports.Finished, "failed": reports.Failed, "cancelled": reports.Cancelled,
	"unfinished": reports.Unfinished, "dropped": reports.Dropped}

func job(row *run.JobRow) reports.Job {
	j := reports.Job{Name: row.Job, Queue: row.Queue, User: row.User, State: states[row.State], Submit: int64(row.Submit), Started: -1, End: -1,
		GPUs: float64(row.GPUs), Queued: int64(row.Queued), Busy: row.GPUHours, Preemptions: int(row.Preemptions)}
	if row.Start != state.Unset {
		j.Started = int64(row.Start)
	}
	if row.End != state.Unset {
		j.End = int64(row.End)
	}
	if row.RecordedStart != state.Unset {
		j.Recorded, j.RecordedStart = true, int64(row.RecordedStart)
	}
	for c := range row.Waited {
		j.Waited[c] = int64(row.Waited[c])
	}
	return j
}

func pieces(r *reports.Run, job int32, nodes map[string]int32, on []string, gpus []int64, from, to state.Time) {
	for i, name := range on {
		node, ok := nodes[name]
		if !ok || i >= len(gpus) || to <= from {
			continue
		}
		r.Pieces = append(r.Pieces, reports.Piece{Job: job, Node: node, From: int64(from), To: int64(to), GPUs: float32(gpus[i])})
	}
}
