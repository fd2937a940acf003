package cost_test

import (
	"math/big"
	"math/bits"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

const hour = cost.Hour

// An hour and a half of two nodes of 4 GPUs at 8 an hour: a holds one for an hour, b half a GPU for half an hour, and one node is
// down for a quarter of an hour at the end.
func twoNodes() *script.Stream {
	t := script.New()
	t.Node("n0", "A", 4)
	t.Node("n1", "A", 4)
	a := t.Arrive(script.Job{Name: "a", Queue: "prod", User: "ann", Replicas: 1, PodGPUs: 4})
	t.Start(a, 0, script.Part(0, 15, 1000))
	b := t.Arrive(script.Job{Name: "b", Queue: "dev", Replicas: 1, PodGPUs: 1, Milli: 500})
	t.Start(b, 0, script.Part(1, 1, 500))
	t.At(hour / 2)
	t.End(b, state.Finished, state.ReasonRecorded)
	t.At(hour)
	t.End(a, state.Finished, state.ReasonRecorded)
	t.At(hour * 5 / 4)
	t.Flags(state.EvNodeDown, 1, 0)
	t.At(hour * 3 / 2)
	t.Stop()
	return t
}

func books(t *script.Stream, tariff cost.Tariff, warmup state.Time) *cost.Result {
	l := cost.New(cost.Config{Tariffs: []cost.Tariff{tariff}, Of: func(*state.Nodes, int32) int32 { return 0 }, Warmup: warmup})
	t.Deliver(1<<20, l)
	return l.Result()
}

func TestByHand(t *testing.T) {
	const unit = 1_000_000
	for name, x := range map[string]struct {
		tariff cost.Tariff
		warmup state.Time
		want   cost.Sum
	}{
		// 3 node-hours, a pays 8, b 0.5 of 4 GPUs for half an hour: 0.5
		"held":           {cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.Held}, 0, cost.Sum{Jobs: 8_500_000, Free: 13_500_000, Down: 2_000_000}},
		"rented":         {cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.Rented}, 0, cost.Sum{Jobs: 8_500_000, Free: 13_500_000}},
		"rented by hour": {cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.Rented, Bill: hour}, 0, cost.Sum{Jobs: 8_500_000, Free: 13_500_000, Rounding: 6_000_000}},
		"by use":         {cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.ByUse}, 0, cost.Sum{Jobs: 8_500_000}},
		"by use by hour": {cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.ByUse, Bill: hour}, 0, cost.Sum{Jobs: 9_000_000}},
		"after warm-up":  {cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.Held}, hour / 2, cost.Sum{Jobs: 4_000_000, Free: 10_000_000, Down: 2_000_000}},
		"monthly":        {cost.Tariff{Price: cost.PerMonth(5840 * unit), Pay: cost.Held}, 0, cost.Sum{Jobs: 8_500_000, Free: 13_500_000, Down: 2_000_000}},
	} {
		r := books(twoNodes(), x.tariff, x.warmup)
		if d := cmp.Diff(x.want, r.All); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	r := books(twoNodes(), cost.Tariff{Price: cost.PerHour(8 * unit), Pay: cost.Held}, 0)
	if d := cmp.Diff([]cost.Payer{{ID: 0, Name: "prod", Micro: 8_000_000}, {ID: 1, Name: "dev", Micro: 500_000}}, r.Queues); d != "" {
		t.Errorf("queues (-want +got):\n%s", d)
	}
	if m := r.Monthly(24_000_000); m != 24_000_000*730*2/3 {
		t.Errorf("24 in 1.5 h is %d a month", m)
	}
}

// paid is what a naive reading of the events comes to: exact fractions, an interval of time at a time.
type paid struct {
	total, jobs *big.Rat
	byJob       map[uint64]*big.Rat
}

func naive(events []state.Event, parts []state.Part, nodes *state.Nodes, tariffs []cost.Tariff, of func(*state.Nodes, int32) int32) *paid {
	out := &paid{new(big.Rat), new(big.Rat), map[uint64]*big.Rat{}}
	type held struct {
		parts []state.Part
		from  state.Time
	}
	exists, up, since := map[int32]bool{}, map[int32]bool{}, map[int32]state.Time{}
	running := map[uint64]held{}
	at := state.Time(0)
	price := func(node int32) *big.Rat {
		t := of(nodes, node)
		if t < 0 {
			return new(big.Rat)
		}
		return big.NewRat(tariffs[t].Price.Micro, int64(tariffs[t].Price.Per))
	}
	pay := func(node int32) cost.Pay { return tariffs[max(of(nodes, node), 0)].Pay }
	share := func(p *state.Part) *big.Rat {
		if g := nodes.GPUsTotal[p.Node]; g > 0 {
			return big.NewRat(int64(bits.OnesCount64(p.Mask))*int64(p.Milli), int64(g)*1000)
		}
		if c := nodes.CPUTotal[p.Node]; c > 0 && c < 1<<32-1 {
			return big.NewRat(int64(p.CPU), int64(c))
		}
		return new(big.Rat)
	}
	charge := func(number uint64, p *state.Part, span state.Time) {
		x := new(big.Rat).Mul(new(big.Rat).Mul(price(p.Node), share(p)), big.NewRat(int64(span), 1))
		if out.byJob[number] == nil {
			out.byJob[number] = new(big.Rat)
		}
		out.byJob[number].Add(out.byJob[number], x)
		out.jobs.Add(out.jobs, x)
		if pay(p.Node) == cost.ByUse {
			out.total.Add(out.total, x)
		}
	}
	expand := func(ev *state.Event) (all []state.Part) {
		for _, p := range parts[ev.Node : ev.Node+ev.B] {
			for more := p.More; more >= 0; more-- {
				all = append(all, p)
				p.Node++
			}
		}
		return all
	}
	rest := func(node int32, span state.Time) state.Time {
		b := tariffs[max(of(nodes, node), 0)].Bill
		if b <= 1 || span%b == 0 {
			return 0
		}
		return b - span%b
	}
	for i := range events {
		ev := &events[i]
		if d := ev.Time - at; d > 0 {
			for n := range exists {
				if pay(n) == cost.Held || pay(n) == cost.Rented && up[n] {
					out.total.Add(out.total, new(big.Rat).Mul(price(n), big.NewRat(int64(d), 1)))
				}
			}
			for number, h := range running {
				for k := range h.parts {
					charge(number, &h.parts[k], d)
				}
			}
			at = ev.Time
		}
		switch ev.Kind {
		case state.EvNodeUp:
			if !up[ev.Node] {
				since[ev.Node] = ev.Time
			}
			exists[ev.Node], up[ev.Node] = true, true
		case state.EvNodeDown:
			if up[ev.Node] && pay(ev.Node) == cost.Rented {
				out.total.Add(out.total, new(big.Rat).Mul(price(ev.Node), big.NewRat(int64(rest(ev.Node, ev.Time-since[ev.Node])), 1)))
			}
			up[ev.Node] = false
		case state.EvStart:
			running[ev.Number] = held{expand(ev), ev.Time}
		case state.EvEvict, state.EvEnd:
			if h, ok := running[ev.Number]; ok && !(ev.Kind == state.EvEnd && ev.Outcome == state.Unfinished) {
				for k := range h.parts {
					if pay(h.parts[k].Node) == cost.ByUse {
						charge(ev.Number, &h.parts[k], rest(h.parts[k].Node, ev.Time-h.from))
					}
				}
			}
			delete(running, ev.Number)
		}
	}
	return out
}

// Every millionth has a job or idle behind it, in any world.
func TestBooksBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		policies := []state.Policy{simtest.FIFO{}, simtest.Greedy{}, simtest.Fickle{Preempts: true}}
		w := simtest.Random(pick, policies[pick(3)]).Fresh(false)
		var tariffs []cost.Tariff
		for range 1 + pick(4) {
			p := cost.PerHour(int64(pick(1<<40)) * int64(1+pick(1<<14)))
			if pick(3) == 0 {
				p = cost.PerMonth(int64(pick(1<<40)) * int64(1+pick(1<<20)))
			}
			tariffs = append(tariffs, cost.Tariff{Price: p, Pay: cost.Pay(pick(3)), Bill: state.Time(pick(12))})
		}
		free := pick(5)
		of := func(_ *state.Nodes, node int32) int32 {
			if int(node)%5 == free {
				return -1
			}
			return node % int32(len(tariffs))
		}
		w.Config.Listeners = append(w.Config.Listeners, cost.New(cost.Config{Tariffs: tariffs, Of: of}))
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(state.Time(pick(60))); err != nil {
			t.Fatal(err)
		}
		if pick(2) == 1 {
			if e, err = e.Fork(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.Run(state.Never); err != nil {
			t.Fatal(err)
		}
		e.Finish(state.Time(pick(400)))
		var ledger *cost.Ledger
		var record *simtest.Recorder
		for _, l := range e.Listeners() {
			switch l := l.(type) {
			case *cost.Ledger:
				ledger = l
			case *simtest.Recorder:
				record = l
			}
		}
		r := ledger.Result()
		want := naive(record.Events, record.Parts, e.Nodes(), tariffs, of)
		near := func(what string, got int64, want *big.Rat, slack int64) {
			d := new(big.Rat).Sub(big.NewRat(got, 1), want)
			if d.Abs(d).Cmp(big.NewRat(slack, 1)) > 0 {
				t.Fatalf("%s: %d, a naive reading says %s", what, got, want.FloatString(3))
			}
		}
		near("total", r.All.Total(), want.total, int64(len(e.Nodes().Flags)))
		near("jobs", r.All.Jobs, want.jobs, 1000)
		var pools, queues, users cost.Sum
		for _, p := range r.Pools {
			pools.Jobs, pools.Free, pools.Down, pools.Rounding = pools.Jobs+p.Jobs, pools.Free+p.Free, pools.Down+p.Down, pools.Rounding+p.Rounding
		}
		for _, q := range r.Queues {
			queues.Jobs += q.Micro
		}
		for _, u := range r.Users {
			users.Jobs += u.Micro
		}
		if pools != r.All || queues.Jobs != r.All.Jobs || users.Jobs != r.All.Jobs || r.All.Free < 0 || r.All.Down < 0 || r.All.Rounding < 0 {
			t.Fatalf("the books do not balance: all %+v, pools %+v, queues %d, users %d", r.All, pools, queues.Jobs, users.Jobs)
		}
	})
}

// What a job has paid can be read while its end is delivered, and the jobs together paid what the run says.
func TestWhatAJobPaid(t *testing.T) {
	l := cost.New(cost.Config{Tariffs: []cost.Tariff{{Price: cost.PerHour(7_777_777), Pay: cost.Held}}, Of: func(*state.Nodes, int32) int32 { return 0 }})
	got := map[string]int64{}
	twoNodes().Deliver(3, l, listen(func(b *state.Batch) {
		for i := range b.Events {
			if ev := &b.Events[i]; ev.Kind == state.EvEnd {
				got[string(b.Jobs.NameOf(ev.Job))] = l.PaidBy(ev.Job)
			}
		}
	}))
	if d := cmp.Diff(map[string]int64{"a": 7_777_777, "b": 486_111}, got); d != "" {
		t.Errorf("paid (-want +got):\n%s", d)
	}
	if r := l.Result(); r.All.Jobs != 7_777_777+486_111 {
		t.Errorf("all jobs paid %d", r.All.Jobs)
	}
}

type listen func(*state.Batch)

func (f listen) Kinds() state.KindSet   { return state.AllKinds }
func (f listen) Observe(b *state.Batch) { f(b) }

// A price that changes is charged from then on, to jobs that run and to idle alike; the list says what it would have cost.
func TestSpotPrices(t *testing.T) {
	const unit = 1_000_000
	st := script.New()
	st.Node("n0", "A", 4)
	st.Emit(state.Event{Kind: state.EvPrice, Job: -1, X: 4 * unit})
	a := st.Arrive(script.Job{Name: "a", Replicas: 1, PodGPUs: 2})
	st.Start(a, 0, script.Part(0, 3, 1000))
	st.At(hour)
	st.Emit(state.Event{Kind: state.EvPrice, Job: -1, X: 8 * unit})
	st.At(2 * hour)
	st.End(a, state.Finished, state.ReasonRecorded)
	st.At(3 * hour)
	st.Flags(state.EvNodeDown, 0, 0)
	st.At(5 * hour)
	st.Stop()
	r := books(st, cost.Tariff{Price: cost.PerHour(1), Pay: cost.Rented, Spot: true, List: cost.PerHour(20 * unit)}, 0)
	if r.All != (cost.Sum{Jobs: 6 * unit, Free: 14 * unit}) || r.Spot != 20*unit || r.OnDemand != 60*unit {
		t.Errorf("%+v, spot %d, on demand %d", r.All, r.Spot, r.OnDemand)
	}
}
