package sim_test

import (
	"testing"
	"time"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

const benchJobs = 100_000

var rules = []struct {
	name string
	kind backfill.Kind
}{{"fcfs", backfill.None}, {"easy", backfill.Easy}}

func perJob(b *testing.B, l *load) {
	perSecond := float64(len(l.specs)) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "jobs/s")
	b.ReportMetric(1e9/perSecond, "ns/job")
}

// BenchmarkLoad is the work that the speed is promised for: parsing, events, metrics with their quantiles, wait causes and
// digest; no files, no checker; on two cores, as orrery run does it (scenarios/conveyor). x-bare is how many times as long the bare loop of the same work would fit into it; wait-s,
// the mean wait, tells whether two people ran the same work.
func BenchmarkLoad(b *testing.B) {
	for _, l := range benchLoads(b, benchJobs) {
		jobs := l.bare()
		for _, r := range rules {
			b.Run(r.name+"/"+l.name, func(b *testing.B) {
				b.ReportAllocs()
				var wait float64
				for b.Loop() {
					figures := metric.New(metric.Config{})
					names := &state.Names{}
					convey(b, names, l.source(b, names), r.kind, figures)
					wait = figures.Result().Wait.Mean
				}
				took := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(wait, "wait-s")
				perJob(b, &l)
				began := time.Now()
				bareWait(jobs, r.kind)
				b.ReportMetric(took/time.Since(began).Seconds(), "x-bare")
			})
		}
	}
}

// BenchmarkBare is the bare loop of the same work.
func BenchmarkBare(b *testing.B) {
	for _, l := range benchLoads(b, benchJobs) {
		jobs := l.bare()
		for _, r := range rules {
			b.Run(r.name+"/"+l.name, func(b *testing.B) {
				var wait state.Wide
				for b.Loop() {
					wait = bareWait(jobs, r.kind)
				}
				b.ReportMetric(wait.Float(1e9*int64(len(jobs))), "wait-s")
				perJob(b, &l)
			})
		}
	}
}

// BenchmarkStage is the budget of a job by stage: what parsing, the queue, placement and the metrics take alone, replayed
// from a run; and the engine with the policy but without parsing and listeners, which has the queue, placement, events,
// causes and digest in it. All of it in line: BenchmarkLoad is less than their sum where two cores are free. BenchmarkDigest and BenchmarkCauses are in this package, writing is in scenarios/run.
func BenchmarkStage(b *testing.B) {
	for _, l := range benchLoads(b, benchJobs) {
		for _, r := range rules {
			names := &state.Names{}
			rec := &simtest.Recorder{}
			keep := &batches{}
			simulate(b, names, &memory{specs: l.specs}, r.kind, rec, keep)
			stage := func(name string, run func(b *testing.B)) {
				b.Run(name+"/"+r.name+"/"+l.name, func(b *testing.B) {
					for b.Loop() {
						run(b)
					}
					perJob(b, &l)
				})
			}
			if r.kind == backfill.None {
				stage("parse", func(b *testing.B) { drainAll(b, l.source(b, &state.Names{})) })
			}
			stage("queue", func(*testing.B) { replayQueue(&l, rec, r.kind == backfill.None) })
			stage("place", func(*testing.B) { replayPlace(rec) })
			stage("metrics", func(*testing.B) { keep.deliver(metric.New(metric.Config{})).Result() })
			stage("engine", func(b *testing.B) { simulate(b, names, &memory{specs: l.specs}, r.kind) })
		}
	}
}

func drainAll(b *testing.B, src state.Source) {
	var s state.JobSpec
	for {
		ok, err := src.Next(&s)
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			return
		}
	}
}

// replayQueue lets jobs in and out as they came and started.
func replayQueue(l *load, rec *simtest.Recorder, single bool) {
	q := waiting.NewQueue(single)
	for i := range rec.Events {
		ev := &rec.Events[i]
		switch ev.Kind {
		case state.EvQueue:
			q.Insert(waiting.Entry{Number: ev.Number, Est: l.specs[ev.Number].Estimate, Job: ev.Job}, ev.A, ev.A)
		case state.EvStart:
			q.Head()
			q.Remove(0, ev.Number, ev.A)
		}
	}
}

// replayPlace places and releases what was placed and released.
func replayPlace(rec *simtest.Recorder) {
	c := cluster.New()
	for range loadNodes {
		if _, err := c.Add(cluster.NodeSpec{Name: "n", GPUs: loadGPUs / loadNodes}, 0); err != nil {
			panic(err)
		}
	}
	var log, parts []state.Part
	for i := range rec.Events {
		ev := &rec.Events[i]
		switch ev.Kind {
		case state.EvStart:
			c.TakeLowest(&log, 0, 0, ev.A)
			log = log[:0]
		case state.EvEnd:
			parts = state.AppendParts(parts[:0], 0, rec.PartsOf(ev)...)
			c.ReleaseAll(parts)
		}
	}
}

// batches keeps what listeners are handed, but for the jobs: replayed figures are of whoever had a slot last, and cost the
// same.
type batches struct{ all []state.Batch }

func (k *batches) Kinds() state.KindSet { return 0 }

func (k *batches) Observe(b *state.Batch) {
	c := *b
	c.Events, c.Parts = append([]state.Event(nil), b.Events...), append([]state.Part(nil), b.Parts...)
	k.all = append(k.all, c)
}

func (k *batches) deliver(c *metric.Collector) *metric.Collector {
	for i := range k.all {
		c.Observe(&k.all[i])
	}
	return c
}
