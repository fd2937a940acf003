package sample

import (
	"cmp"
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/scenarios/stats"
)

const (
	hour = int64(3600e9)
	day  = 24 * hour
)

var (
	queues = []string{"prod", "research", "vision-lab", "nightly", "students"}
	types  = []string{"A100-80", "H100-80", "L40S"}
)

// maker is a run in the making.
type maker struct {
	r       *rand.Rand
	run     *reports.Run
	free    []int   // GPUs by node
	typeOf  []int   // type by node
	want    []int   // type by job
	lasts   []int64 // running time by job, ns
	waiting []int
	ends    endHeap
	charged int64 // until when waiting jobs have been charged
	busy    []float64
	inQueue map[string]int // GPUs held by queue
	span    int64
}

// Run returns a run of so many jobs on 512 GPUs, the same for the same seed. About six days pass, whatever the number.
func Run(jobs int, seed uint64) *reports.Run {
	m := &maker{r: rand.New(rand.NewPCG(seed, 1)), run: &reports.Run{}, inQueue: map[string]int{}, span: 6 * day}
	m.cluster()
	m.submit(jobs)
	m.simulate()
	m.sumUp(seed)
	return m.run
}

func (m *maker) cluster() {
	for i := range 64 {
		kind := 0
		if i >= 32 {
			kind = 1
		}
		if i >= 48 {
			kind = 2
		}
		m.run.Nodes = append(m.run.Nodes, reports.Node{Name: fmt.Sprintf("%s-%02d", []string{"a100", "h100", "l40s"}[kind], i), Type: types[kind], GPUs: 8})
		m.free, m.typeOf = append(m.free, 8), append(m.typeOf, kind)
	}
	m.busy = make([]float64, len(types))
	for kind, name := range types {
		n := 0.0
		for _, t := range m.typeOf {
			if t == kind {
				n += 8
			}
		}
		m.run.Types = append(m.run.Types, reports.TypeUse{Type: name, CapacityAtStart: n, Capacity: reports.Series{At: []int64{0}, Value: []float64{n}}})
	}
}

// submit draws jobs: more by day than by night and at weekends, sizes of powers of two, running times lognormal.
func (m *maker) submit(jobs int) {
	sizes := []int{1, 1, 1, 1, 2, 2, 4, 8, 8, 16, 32}
	scale := 0.43 * 512 * float64(m.span) / float64(jobs) / 4.0 // mean running time for an offered load near one
	for range jobs {
		var at int64
		for {
			at = m.r.Int64N(m.span)
			h, weekday := float64(at%day)/float64(hour), at/day
			keep := 0.55 + 0.45*math.Sin((h-8)/24*2*math.Pi)
			if weekday == 2 || weekday == 3 {
				keep *= 0.45
			}
			if m.r.Float64() < keep {
				break
			}
		}
		q := min(int(math.Abs(m.r.NormFloat64())*1.8), len(queues)-1)
		size := sizes[m.r.IntN(len(sizes))]
		kind := min(int(math.Abs(m.r.NormFloat64())*1.5), 2)
		m.run.Jobs = append(m.run.Jobs, reports.Job{
			Queue: queues[q], User: fmt.Sprintf("user-%03d", int(math.Abs(m.r.NormFloat64())*40)), Submit: at, Started: -1, End: -1,
			GPUs: float64(size), State: reports.Unfinished,
		})
		m.want = append(m.want, kind)
		m.lasts = append(m.lasts, int64(scale*math.Exp(1.6*m.r.NormFloat64()-1.28))+1e9)
	}
	order := make([]int, jobs)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(m.run.Jobs[a].Submit, m.run.Jobs[b].Submit) })
	sorted, want, lasts := make([]reports.Job, jobs), make([]int, jobs), make([]int64, jobs)
	for to, from := range order {
		sorted[to], want[to], lasts[to] = m.run.Jobs[from], m.want[from], m.lasts[from]
		sorted[to].Name = fmt.Sprintf("%s-train-%05d", sorted[to].Queue, to)
	}
	m.run.Jobs, m.want, m.lasts = sorted, want, lasts
}

func (m *maker) simulate() {
	next, until := 0, m.span+day/2
	for next < len(m.run.Jobs) || m.ends.Len() > 0 {
		at := until
		if next < len(m.run.Jobs) {
			at = m.run.Jobs[next].Submit
		}
		if m.ends.Len() > 0 && m.ends[0].at <= at {
			at = m.ends[0].at
		}
		if at >= until {
			break
		}
		m.charge(at)
		for m.ends.Len() > 0 && m.ends[0].at == at {
			m.end(heap.Pop(&m.ends).(end))
		}
		for next < len(m.run.Jobs) && m.run.Jobs[next].Submit == at {
			m.waiting = append(m.waiting, next)
			next++
		}
		m.pass(at)
		m.note(at)
	}
	m.charge(until)
	m.run.To = until
	for m.ends.Len() > 0 {
		e := heap.Pop(&m.ends).(end)
		for _, p := range e.pieces {
			m.run.Pieces[p].To = until
			m.hold(p)
		}
	}
}

// pass starts what fits, looking past at most 40 jobs of a type that do not.
func (m *maker) pass(at int64) {
	var looked [3]int // by type
	kept := m.waiting[:0]
	for _, j := range m.waiting {
		if looked[m.want[j]] > 40 || m.over(j) || !m.start(j, at) {
			looked[m.want[j]]++
			kept = append(kept, j)
		}
	}
	m.waiting = kept
}

// over reports whether a job would take the students past their share.
func (m *maker) over(j int) bool {
	return m.run.Jobs[j].Queue == "students" && m.inQueue["students"]+int(m.run.Jobs[j].GPUs) > 48
}

func (m *maker) start(j int, at int64) bool {
	need := int(m.run.Jobs[j].GPUs)
	pod := min(need, 8)
	var nodes []int
	for n := range m.free {
		if m.typeOf[n] == m.want[j] && m.free[n] >= pod {
			nodes = append(nodes, n)
			if len(nodes)*pod == need {
				break
			}
		}
	}
	if len(nodes)*pod < need {
		return false
	}
	e := end{at: at + m.lasts[j], job: j}
	for _, n := range nodes {
		m.free[n] -= pod
		e.pieces = append(e.pieces, len(m.run.Pieces))
		m.run.Pieces = append(m.run.Pieces, reports.Piece{Job: int32(j), Node: int32(n), From: at, GPUs: float32(pod)})
	}
	m.run.Jobs[j].Started = at
	m.busy[m.want[j]] += float64(need)
	m.inQueue[m.run.Jobs[j].Queue] += need
	heap.Push(&m.ends, e)
	return true
}

func (m *maker) end(e end) {
	job := &m.run.Jobs[e.job]
	for _, p := range e.pieces {
		m.run.Pieces[p].To = e.at
		m.free[m.run.Pieces[p].Node] += int(m.run.Pieces[p].GPUs)
		m.hold(p)
	}
	job.End, job.State = e.at, reports.Finished
	switch m.r.IntN(20) {
	case 0, 1:
		job.State = reports.Failed
	case 2:
		job.State = reports.Cancelled
	}
	m.busy[m.want[e.job]] -= job.GPUs
	m.inQueue[job.Queue] -= int(job.GPUs)
}

func (m *maker) hold(p int) {
	piece := &m.run.Pieces[p]
	m.run.Jobs[piece.Job].Busy += float64(piece.GPUs) * float64(piece.To-piece.From) / float64(hour)
}

// charge gives the time since the last event to each waiting job's cause.
func (m *maker) charge(at int64) {
	by := at - m.charged
	m.charged = at
	var freeOf [3]int // by type
	for n, free := range m.free {
		freeOf[m.typeOf[n]] += free
	}
	for rank, j := range m.waiting {
		job := &m.run.Jobs[j]
		free := freeOf[m.want[j]]
		cause := reports.Capacity
		switch {
		case m.over(j):
			cause = reports.Quota
		case free >= int(job.GPUs) && rank > 40:
			cause = reports.Order
		case free >= int(job.GPUs):
			cause = reports.Fragmented
		case j%29 == 0:
			cause = reports.Topology
		case j%97 == 0:
			cause = reports.Choice
		}
		job.Queued += by
		job.Waited[cause] += by
	}
}

func (m *maker) note(at int64) {
	for kind := range types {
		s := &m.run.Types[kind].Busy
		s.At, s.Value = append(s.At, at), append(s.Value, m.busy[kind])
	}
	q := &m.run.Queue
	q.At, q.Value = append(q.At, at), append(q.Value, float64(len(m.waiting)))
}

// sumUp fills in the figures that run.json would have.
func (m *maker) sumUp(seed uint64) {
	run := m.run
	run.Name, run.Policy, run.Cluster = "six-days", "fifo + easy, first-fit", "512 GPUs (32 × 8 A100-80, 16 × 8 H100-80, 16 × 8 L40S)"
	run.Workload = fmt.Sprintf("%s over 6 d", reports.Quantity{Value: float64(len(run.Jobs)), Unit: reports.Count}.Human()+" jobs")
	run.Seed, run.Start = seed, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	run.Digest, run.DigestOf = "9f3c2a71d0c84be2a5b15d2a3f5e0c6f8a9b7c6d5e4f30211203f4e5d6c7b8a9", "1"
	run.Command = "orrery run six-days.yaml --policy fifo+easy+first-fit --seed 42"
	run.Tool, run.Host = "orrery 0.3.0", "linux/amd64, 2 cores, 0.31 s of simulation"
	run.Inputs = []reports.Input{{Name: "jobs.csv", SHA256: "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855e"}}
	run.Scenario = scenario
	run.Assumptions = []string{"The trace has no estimates: the recorded running times were taken for estimates (exact)."}
	f := &run.Figures
	var waits, jcts, slow []float64
	last := int64(0)
	for i := range run.Jobs {
		j := &run.Jobs[i]
		f.Submitted++
		f.GPUHours += j.Busy
		for c, ns := range j.Waited {
			f.CauseHours[c] += float64(ns) / float64(hour)
		}
		if j.Started >= 0 {
			waits = append(waits, float64(j.Started-j.Submit)/1e9)
		}
		switch j.State {
		case reports.Finished:
			f.Finished++
		case reports.Failed:
			f.Failed++
		case reports.Cancelled:
			f.Cancelled++
		default:
			f.Unfinished++
			continue
		}
		jct := float64(j.End-j.Submit) / 1e9
		jcts = append(jcts, jct)
		slow = append(slow, max(1, jct/max(float64(j.End-j.Started)/1e9, 10)))
		last = max(last, j.End)
	}
	f.Wait, f.JCT, f.Slowdown = spread(waits), spread(jcts), spread(slow)
	f.Makespan = float64(last-run.Jobs[0].Submit) / 1e9
	f.Allocated = f.GPUHours / (512 * float64(run.To) / float64(hour))
	f.Unusable = 0.021
}

func spread(x []float64) reports.Spread {
	s := stats.Summarize(x)
	return reports.Spread{Mean: s.Mean, P50: s.P50, P90: s.P90, P99: s.P99}
}

type end struct {
	at     int64
	job    int
	pieces []int
}

type endHeap []end

func (h endHeap) Len() int { return len(h) }
func (h endHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].job < h[j].job
}
func (h endHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *endHeap) Push(x any)   { *h = append(*h, x.(end)) }
func (h *endHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

const scenario = `apiVersion: orrery/v1
kind: Scenario
name: six-days
seed: 42
start: 2026-01-01T00:00:00Z
timezone: UTC
horizon: 156h
cluster:
  nodeTypes:
    a100x8: {gpu: A100-80, gpus: 8, cpus: 128, memory: 1TiB}
    h100x8: {gpu: H100-80, gpus: 8, cpus: 192, memory: 2TiB}
    l40sx8: {gpu: L40S, gpus: 8, cpus: 96, memory: 512GiB}
  pools:
    - {name: train, nodeType: a100x8, nodes: 32}
    - {name: large, nodeType: h100x8, nodes: 16}
    - {name: small, nodeType: l40sx8, nodes: 16}
queues:
  - {name: prod}
  - {name: research}
  - {name: vision-lab}
  - {name: nightly}
  - {name: students, limit: {gpus: 48}}
workload:
  - trace: {format: orrery, file: jobs.csv}
policy: {order: fifo, backfill: easy, place: first-fit}
throughput: fixed
estimates: {from: exact}
`
