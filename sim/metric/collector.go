package metric

import (
	"maps"
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// Tau is the bound of the bounded slowdown: shorter jobs count as long as this.
const Tau = 10 * state.Second

// Config says what a Collector leaves out and keeps.
type Config struct {
	// Warmup leaves out jobs submitted before it and GPU time before it. 0: nothing is left out.
	Warmup state.Time
	// ExactSamples bounds the values that a figure keeps for exact quantiles, 8 bytes each; 0 reads as 1,000,000.
	ExactSamples int
}

// Collector is a listener that fills a Result.
type Collector struct {
	cfg   Config
	names *state.Names
	now   state.Time

	count     Counts
	first     state.Time // first submission
	any       bool
	lastEnd   state.Time
	wait      dist // one set
	jct, slow dist // sets by outcome: finished, failed, cancelled
	queued    state.Wide
	causes    [][state.NumCauses]state.Wide // by queue id + 1
	queues    []tally                       // by id + 1
	users     []tally
	evictions [state.NumReasons]int64
	lostWork  state.Wide // ns x GPUs
	attempts  AttemptTime
	paces     []pace // by job slot
	preempted preemptions
	live      []job // by job slot
	use       usage
	frag      fragments
	own       []own // by name id
}

// Counts are jobs by what became of them.
type Counts struct {
	Submitted, Finished, Failed, Cancelled, Dropped, Unfinished int64
	NeverPlaceable, Started, Ended                              int64
	Excluded                                                    int64 // submitted before the warm-up's end, in no other count
}

// tally is the jobs of one queue or user.
type tally struct {
	count             Counts
	wait, jct, queued state.Wide
	preemptions       int64
}

// job is what a live job carries from event to event.
type job struct {
	never bool
	ran   state.Time // in earlier attempts, less what was lost
	lost  state.Time
	cost  cost // of the attempt that ends next
}

// New returns a Collector that has heard nothing.
func New(cfg Config) *Collector {
	if cfg.ExactSamples == 0 {
		cfg.ExactSamples = 1_000_000
	}
	c := &Collector{cfg: cfg, wait: newDist(1, cfg.ExactSamples), jct: newDist(3, cfg.ExactSamples), slow: newDist(3, cfg.ExactSamples)}
	c.use.warmup, c.frag.warmup = int64(cfg.Warmup), int64(cfg.Warmup)
	return c
}

var (
	_ state.Listener = (*Collector)(nil)
	_ state.Cloner   = (*Collector)(nil)
)

// Kinds are the events that figures are made of.
func (c *Collector) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvQueue, state.EvWaited, state.EvStart, state.EvEnd, state.EvEvict,
		state.EvNeverFits, state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags, state.EvShapeTest, state.EvMetric, state.EvStop, state.EvCost, state.EvRate)
}

// Observe counts a batch.
func (c *Collector) Observe(b *state.Batch) {
	c.names = b.Names
	for i := range b.Events {
		ev := &b.Events[i]
		if ev.Time != c.frag.until {
			c.frag.advance(ev.Time)
		}
		switch ev.Kind {
		case state.EvArrive:
			c.arrive(ev, b.Jobs)
		case state.EvQueue:
			c.live[ev.Job].never = false
			c.frag.queued(ev, b)
		case state.EvWaited:
			c.waited(ev, b.Jobs)
		case state.EvStart:
			c.frag.left(ev)
			c.held(ev, 1, b)
		case state.EvEnd:
			c.frag.left(ev)
			c.attempt(ev, int64(ev.Z), c.held(ev, -1, b), b.Jobs)
			c.end(ev, b.Jobs)
		case state.EvEvict:
			c.attempt(ev, ev.X, c.held(ev, -1, b), b.Jobs)
			c.evict(ev, b.Jobs)
		case state.EvRate:
			c.rate(ev)
		case state.EvCost:
			c.live[ev.Job].cost = cost{told: true, overhead: ev.X, lost: ev.Y, idle: int64(ev.Z)}
		case state.EvNeverFits:
			c.live[ev.Job].never = true
		case state.EvNodeUp:
			c.use.nodeUp(ev, b.Nodes)
			c.frag.nodeChange(ev, b.Nodes)
		case state.EvNodeDown:
			c.use.nodeDown(ev)
			c.frag.nodeChange(ev, b.Nodes)
		case state.EvNodeFlags:
			c.frag.nodeChange(ev, b.Nodes)
		case state.EvShapeTest:
			c.frag.shapeTest(ev, b.Shapes)
		case state.EvMetric:
			c.own = grown(c.own, int(ev.A))
			c.own[ev.A].set(ev.X, ev.Time)
		}
	}
	if n := len(b.Events); n > 0 {
		c.now = b.Events[n-1].Time
	}
}

// held follows the parts that an attempt takes (sign 1) or gives back (-1), and returns their thousandths of GPUs.
func (c *Collector) held(ev *state.Event, sign int32, b *state.Batch) int64 {
	if ev.B == 0 {
		return 0
	}
	parts := b.PartsOf(ev)
	milli := c.use.parts(ev, parts, int64(sign), b.Jobs)
	c.frag.parts(parts, sign)
	return milli
}

// counted reports whether a job is in the figures.
func (c *Collector) counted(slot int32, jobs *state.Jobs) bool {
	return c.cfg.Warmup <= 0 || jobs.Row[slot].Submit >= c.cfg.Warmup
}

func (c *Collector) arrive(ev *state.Event, jobs *state.Jobs) {
	c.live = grown(c.live, int(ev.Job))
	c.live[ev.Job] = job{}
	if !c.counted(ev.Job, jobs) {
		c.count.Excluded++
		return
	}
	c.count.Submitted++
	if s := jobs.Row[ev.Job].Submit; !c.any || s < c.first {
		c.first, c.any = s, true
	}
}

func (c *Collector) waited(ev *state.Event, jobs *state.Jobs) {
	if !c.counted(ev.Job, jobs) {
		return
	}
	q := int(jobs.Row[ev.Job].Queue + 1)
	if q >= len(c.causes) {
		c.causes = grown(c.causes, q)
	}
	c.causes[q][ev.Cause].Add(ev.X)
}

func (c *Collector) evict(ev *state.Event, jobs *state.Jobs) {
	if !c.counted(ev.Job, jobs) {
		return
	}
	j := &c.live[ev.Job]
	j.ran += state.Time(ev.X)
	j.lost += state.Time(ev.Y)
	c.lostWork.AddMul(ev.Y, int64(ev.A))
	c.evictions[ev.Cause]++
	if state.EndReason(ev.Cause) == state.ReasonPreempted {
		c.preempted.add(ev)
		c.queue(jobs.Row[ev.Job].Queue).preemptions++
		c.user(jobs.Row[ev.Job].User).preemptions++
	}
}

func (c *Collector) queue(id int32) *tally {
	if int(id+1) >= len(c.queues) {
		c.queues = grown(c.queues, int(id+1))
	}
	return &c.queues[id+1]
}

func (c *Collector) user(id int32) *tally {
	if int(id+1) >= len(c.users) {
		c.users = grown(c.users, int(id+1))
	}
	return &c.users[id+1]
}

func (c *Collector) end(ev *state.Event, jobs *state.Jobs) {
	slot := ev.Job
	c.preempted.forget(ev)
	if !c.counted(slot, jobs) {
		return
	}
	j := &c.live[slot]
	submit := jobs.Row[slot].Submit
	o := outcome{started: ev.X != int64(state.Unset), never: j.never, queued: ev.Y, kind: ev.Outcome}
	if o.started {
		o.wait = ev.X - int64(submit)
		c.wait.add(0, o.wait)
	}
	if o.ended() {
		o.jct = int64(ev.Time - submit)
		run := state.Time(ev.Z) + max(j.ran-j.lost, 0)
		c.jct.add(int(o.kind), o.jct)
		c.slow.add(int(o.kind), slowdown(o.jct, int64(run)))
		c.lastEnd = ev.Time
	}
	c.queued.Add(o.queued)
	o.count(&c.count)
	for _, t := range [...]*tally{c.queue(jobs.Row[slot].Queue), c.user(jobs.Row[slot].User)} {
		t.count.Submitted++
		o.count(&t.count)
		t.wait.Add(o.wait)
		t.jct.Add(o.jct)
		t.queued.Add(o.queued)
	}
}

// outcome is how one job ended; times in ns.
type outcome struct {
	wait, jct, queued int64
	kind              state.Outcome
	started, never    bool
}

// ended reports whether the job counts in JCT and slowdown.
func (o *outcome) ended() bool { return o.started && o.kind <= state.Cancelled }

func (o *outcome) count(n *Counts) {
	switch o.kind {
	case state.Finished:
		n.Finished++
	case state.Failed:
		n.Failed++
	case state.Cancelled:
		n.Cancelled++
	case state.Dropped:
		n.Dropped++
	case state.Unfinished:
		n.Unfinished++
	}
	if o.started {
		n.Started++
	}
	if o.ended() {
		n.Ended++
	}
	if o.never {
		n.NeverPlaceable++
	}
}

// slowdown is max(1, jct / max(run, Tau)) in 1e-9, rounded down.
func slowdown(jct, run int64) int64 {
	run = max(run, int64(Tau))
	if jct <= run {
		return unit
	}
	hi, lo := bits.Mul64(uint64(jct), unit)
	q, _ := bits.Div64(hi, lo, uint64(run)) // jct < 2^63 and run >= 10 s, so the quotient fits
	return int64(q)
}

// CloneListener returns a Collector that continues from the same figures in a fork.
func (c *Collector) CloneListener() state.Listener {
	d := *c
	d.wait, d.jct, d.slow = c.wait.clone(), c.jct.clone(), c.slow.clone()
	d.causes = append([][state.NumCauses]state.Wide(nil), c.causes...)
	d.queues = append([]tally(nil), c.queues...)
	d.users = append([]tally(nil), c.users...)
	d.live = append([]job(nil), c.live...)
	d.paces = append([]pace(nil), c.paces...)
	d.own = append([]own(nil), c.own...)
	d.use = c.use.clone()
	d.frag = c.frag.clone()
	d.preempted.by = maps.Clone(c.preempted.by)
	return &d
}
