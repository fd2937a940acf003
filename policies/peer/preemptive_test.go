package peer_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"sort"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/state"
)

// free is what published simulators charge for a preemption beside what their orders say.
var free = []state.Recovery{{Requeue: state.RequeueTail}}

// literal is a job of the literal programs below.
type literal struct {
	job
	index              int
	remain, had, start int64
	end, queued, since int64 // since: when it was preempted last, or submitted
	running            bool
	level              int
	held               map[int]int32
}

// srtfTicks is the preemptive order of the Helios simulator second by second, as traces/REFERENCE.md has it.
func srtfTicks(nodes []uint32, list []job) []*literal {
	left := make([]int32, len(nodes))
	size, all := int32(0), int32(0)
	for i, g := range nodes {
		left[i] = int32(g)
		all += int32(g)
		size = max(size, int32(g))
	}
	var jobs, queue, running []*literal
	ended := 0
	for now := int64(0); ended < len(list); now++ {
		running = slices.DeleteFunc(running, func(j *literal) bool {
			if j.remain > 0 {
				j.remain--
				return false
			}
			for n, g := range j.held {
				left[n] += g
			}
			j.end = now
			ended++
			return true
		})
		for ; len(jobs) < len(list) && list[len(jobs)].submit == now; jobs = append(jobs, queue[len(queue)-1]) {
			x := list[len(jobs)]
			queue = append(queue, &literal{job: x, index: len(jobs), remain: x.length, start: -1, since: x.submit})
		}
		walk := append(slices.Clone(queue), running...)
		sort.SliceStable(walk, func(a, b int) bool { return walk[a].remain < walk[b].remain })
		quota := all
		var candidates []*literal
		for _, j := range walk {
			runs := slices.Contains(running, j)
			switch {
			case j.gpus <= quota:
				quota -= j.gpus
				if !runs {
					candidates = append(candidates, j)
				}
			case runs:
				for n, g := range j.held {
					left[n] += g
				}
				switch {
				case j.gpus == 1:
					j.remain += 7
				case j.gpus <= 8:
					j.remain += 30
				default:
					j.remain += 60
				}
				j.since = now
				running = slices.DeleteFunc(running, func(x *literal) bool { return x == j })
				queue = append(queue, j)
			}
		}
		for _, j := range candidates {
			if j.held = literalConsolidate(left, size, j.gpus); j.held == nil {
				continue
			}
			for n, g := range j.held {
				left[n] -= g
			}
			if j.start < 0 {
				j.start = now
			}
			j.queued += now - j.since
			queue = slices.DeleteFunc(queue, func(x *literal) bool { return x == j })
			running = append(running, j)
		}
	}
	return jobs
}

// tiresiasEvents is the Tiresias simulator event by event under one of its preemptive orders.
func tiresiasEvents(order string, all int32, list []job, index func(int64) float64) []*literal {
	limits := []int64{3250, 7200}
	var jobs, live []*literal
	queues := make([][]*literal, 3)
	service := func(j *literal) int64 {
		if order == "dlas" {
			return j.had
		}
		return j.had * int64(j.gpus)
	}
	leveled := order == "dlas" || order == "dlas-gpu" || order == "gittins"
	ended := 0
	for now := int64(0); ended < len(list); {
		next := int64(math.MaxInt64)
		if len(jobs) < len(list) {
			next = list[len(jobs)].submit
		}
		for _, j := range live {
			if !j.running {
				continue
			}
			next = min(next, now+j.length-j.had)
			if leveled && j.level < 2 {
				rate := int64(1)
				if order != "dlas" {
					rate = int64(j.gpus)
				}
				if left := limits[j.level] - service(j); left > 0 {
					next = min(next, now+(left+rate-1)/rate)
				}
			}
		}
		for _, j := range live {
			if j.running {
				j.had += next - now
			}
		}
		now = next
		live = slices.DeleteFunc(live, func(j *literal) bool {
			if !j.running || j.had < j.length {
				return false
			}
			j.end = now
			ended++
			queues[j.level] = slices.DeleteFunc(queues[j.level], func(x *literal) bool { return x == j })
			return true
		})
		for _, j := range live {
			for leveled && j.running && j.level < 2 && service(j) >= limits[j.level] {
				queues[j.level] = slices.DeleteFunc(queues[j.level], func(x *literal) bool { return x == j })
				j.level++
				queues[j.level] = append(queues[j.level], j)
			}
		}
		for len(jobs) < len(list) && list[len(jobs)].submit == now {
			j := &literal{job: list[len(jobs)], index: len(jobs), start: -1, since: now}
			jobs, live, queues[0] = append(jobs, j), append(live, j), append(queues[0], j)
		}
		walk := live
		switch order {
		case "sjf":
			sort.SliceStable(live, func(a, b int) bool { return live[a].gpus < live[b].gpus })
		case "shortest":
			sort.SliceStable(live, func(a, b int) bool { return live[a].length-live[a].had < live[b].length-live[b].had })
		case "shortest-gpu":
			left := func(j *literal) int64 { return (j.length - j.had) * int64(j.gpus) }
			sort.SliceStable(live, func(a, b int) bool { return left(live[a]) < left(live[b]) })
		case "gittins":
			walk = slices.Clone(live)
			sort.SliceStable(walk, func(a, b int) bool { return index(service(walk[a])) > index(service(walk[b])) })
		default:
			walk = slices.Concat(queues...)
		}
		quota := all
		for _, j := range walk {
			runs := j.gpus <= quota
			if runs {
				quota -= j.gpus
			}
			if runs && !j.running {
				if j.start < 0 {
					j.start = now
				}
				j.queued += now - j.since
			} else if !runs && j.running {
				j.since = now
			}
			j.running = runs
		}
		for q := range queues {
			sort.SliceStable(queues[q], func(a, b int) bool { return queues[q][a].running && !queues[q][b].running })
		}
	}
	return jobs
}

// literalIndex is the Gittins index as the peer's program has it, in floats.
func literalIndex(data []int64, a int64) float64 {
	round := func(x, scale float64) float64 { return math.RoundToEven(x*scale) / scale }
	n := len(data)
	if a > data[n-1]-1 {
		return 0
	}
	above := func(x int64) int { return slices.IndexFunc(data, func(d int64) bool { return d > x }) }
	from, to := above(a), n-1
	if a+3250 <= data[n-1]-1 {
		to = above(a + 3250)
	}
	sum := float64(3250 * (n - to))
	for _, d := range data[from:max(from, to)] {
		sum += float64(d)
	}
	p := round(float64(to-from)/float64(n-from), 1e5)
	return round(p*1e6/round(sum/float64(n-from), 1e5), 1e4)
}

// times runs a policy and returns for each job first start, end and queued time in seconds.
func times(t testing.TB, p state.Policy, nodes []uint32, list []job) (out [][3]int64) {
	names := &state.Names{}
	names.X.Intern([]byte(peer.Prediction))
	c := check.New()
	first := map[uint64]state.Time{}
	l := run(t, sim.Config{Names: names, Nodes: plain(nodes...), Source: &jobs{list: list}, Policy: p, GrantTruth: true, Recoveries: free,
		Listeners: []state.Listener{c, starts(first)}})
	if err := c.Done(); err != nil {
		t.Fatal(err)
	}
	for i, r := range l.jobs {
		out = append(out, [3]int64{int64(first[uint64(i)] / state.Second), int64(r.end / state.Second), int64(r.queued / state.Second)})
	}
	return out
}

// starts notes first starts.
type starts map[uint64]state.Time

func (starts) Kinds() state.KindSet { return state.Kinds(state.EvStart) }

func (s starts) Observe(b *state.Batch) {
	for i := range b.Events {
		if ev := &b.Events[i]; ev.Kind == state.EvStart && ev.Flags&state.FlagFirst != 0 {
			s[ev.Number] = ev.Time
		}
	}
}

func asTimes(jobs []*literal) (out [][3]int64) {
	for _, j := range jobs {
		out = append(out, [3]int64{j.start, j.end, j.queued})
	}
	return out
}

func drawJobs(t *rapid.T, most, lengths int) []job {
	var list []job
	now := int64(0)
	for i := range rapid.IntRange(1, 30).Draw(t, "jobs") {
		now += int64(rapid.SampledFrom([]int{0, 0, 1, 2, 7, 40}).Draw(t, fmt.Sprint("gap", i)))
		list = append(list, job{submit: now, length: int64(rapid.IntRange(1, lengths).Draw(t, "length")), gpus: int32(rapid.IntRange(1, most).Draw(t, "gpus"))})
	}
	return list
}

func TestHeliosSRTFGoesLikeTheTicks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		nodes := slices.Repeat([]uint32{8}, rapid.IntRange(1, 4).Draw(rt, "nodes"))
		list := drawJobs(rt, 8*len(nodes), 90)
		for i := range list {
			if rapid.IntRange(0, 9).Draw(rt, "zero") == 0 {
				list[i].length = 0
			}
		}
		want := asTimes(srtfTicks(nodes, list))
		if got := times(t, peer.NewHeliosSRTF(), nodes, list); !slices.Equal(got, want) {
			rt.Fatalf("nodes %v, jobs %+v\n got %v\nwant %v", nodes, list, got, want)
		}
	})
}

func TestTiresiasPreemptiveGoesLikeTheEvents(t *testing.T) {
	data := []int64{5, 90, 90, 700, 3000, 3300, 9000, 20000}
	for _, order := range append(peer.TiresiasOrders(), "gittins") {
		t.Run(order, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				list := drawJobs(rt, 16, rapid.SampledFrom([]int{20, 900, 9000}).Draw(rt, "lengths"))
				p := peer.NewTiresiasGittins(peer.NewHistory(data))
				if order != "gittins" {
					var err error
					if p, err = peer.NewTiresiasPreemptive(order); err != nil {
						rt.Fatal(err)
					}
				}
				want := asTimes(tiresiasEvents(order, 16, list, func(a int64) float64 { return literalIndex(data, a) }))
				if got := times(t, p, []uint32{4, 4, 4, 4}, list); !slices.Equal(got, want) {
					rt.Fatalf("jobs %+v\n got %v\nwant %v", list, got, want)
				}
			})
		})
	}
}

func TestTiresiasPreemptiveToTheDigit(t *testing.T) {
	for order, want := range map[string]float64{"sjf": 198.2, "shortest": 192.1167, "shortest-gpu": 195.9, "dlas-gpu": 190.6833, "gittins": 219.05} {
		t.Run(order, func(t *testing.T) {
			names := &state.Names{}
			src, meta, err := trace.Open("tiresias", traceFile(t, "tiresias/60_job.csv"), trace.Options{Cluster: traceFile(t, "tiresias/n4g4.csv")}, names)
			if err != nil {
				t.Fatal(err)
			}
			p := peer.NewTiresiasGittins(peer.NewHistory(durations(t, traceFile(t, "tiresias/yarn-gput1000.csv"))))
			if order != "gittins" {
				if p, err = peer.NewTiresiasPreemptive(order); err != nil {
					t.Fatal(err)
				}
			}
			l := run(t, sim.Config{Names: names, Nodes: nodesOf(t, meta.Cluster, names), Source: src, Policy: p, GrantTruth: true, Recoveries: free})
			jct, _, n := l.sums(-1)
			if got := math.Round(float64(jct)/float64(n)*1e4) / 1e4; n != 60 || got != want {
				t.Errorf("%d jobs, mean JCT %.4f s; want 60, %.4f", n, got, want)
			}
		})
	}
}

func durations(t *testing.T, file string) (out []int64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		d, err := strconv.ParseInt(r[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// No figures of srtf are published; on the trace it must shorten queues against every order without preemption.
func TestHeliosSRTFShortensQueues(t *testing.T) {
	names := &state.Names{}
	src, meta, err := trace.Open("helios", traceFile(t, "helios/jobs.csv"), trace.Options{VCs: traceFile(t, "helios/vcs.csv")}, names)
	if err != nil {
		t.Fatal(err)
	}
	l := run(t, sim.Config{Names: names, Nodes: nodesOf(t, meta.Cluster, names), Source: src, Policy: peer.NewHeliosSRTF(), GrantTruth: true, Recoveries: free})
	_, srtf, n := l.sums(-1)
	_, sjf, _ := must3(heliosRun(t, peer.NewHelios(peer.HeliosSJF)))
	t.Logf("total queued time, s: sjf %d, srtf %d", sjf, srtf)
	if n != 24082 || srtf >= sjf {
		t.Errorf("%d jobs queued %d s under srtf, %d under sjf", n, srtf, sjf)
	}
}
