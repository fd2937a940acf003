package peer

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// rank is a job's place in a walk: the smallest key, class and seq come first.
type rank struct {
	key   int64
	class uint8
	seq   int64
}

func (a rank) compare(b rank) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.class, b.class), cmp.Compare(a.seq, b.seq))
}

// entry is the rank as the waiting queue orders it.
func (a rank) entry(job int32) waiting.Entry {
	return waiting.Entry{Key: a.key, Number: uint64(a.class)<<62 + uint64(a.seq+1<<60), Job: job}
}

// worker is what a greedy knows of one job.
type worker struct {
	rank
	known  bool
	where  standing
	runs   bool
	gen    uint32
	done   state.Time // time that it has run, until since
	since  state.Time // it runs since then
	extra  state.Time // what preemptions have added to its running time
	level  uint8      // of dlas
	moved  state.Time // when it changed its level last
	number uint64
	gpus   int32
	begun  int64 // order of the present start among all starts
}

// ran is how long a job has run by now.
func (w *worker) ran(now state.Time) state.Time {
	if w.runs {
		return w.done + now - w.since
	}
	return w.done
}

// greedy walks all jobs of a partition, those that run and those that wait, in the order of a rule: who fits into the GPUs that are
// left runs, who does not waits or is preempted, and nobody blocks. Between two instants at which it walks nothing would change.
type greedy struct {
	rule    ruler
	layout  layout
	empty   vacant
	workers []worker // by job slot
	queue   *waiting.Queue
	fresh   []int32 // arrived since the last walk
	running []int32 // in the order of the last walk
	chosen  []int32 // have been walked to and start once those who are preempted for them have left
	apart   []int32 // no empty cluster holds them in this layout
	nodes   int     // when apart was last looked at
	at      state.Time
	dirty   bool
	alarm   state.Time // the pass that was asked for last
	front   int64      // the first seq that is given to those who come in front of all that wait together, and the next one
	lead    int64
	back    int64 // the last seq that was given behind all that wait
	starts  int64
	spared  state.Time // when a job that runs and cannot be preempted yet can be; Never = there is none
	lanes   []int32
	victims []int32
}

// ruler is what tells the peers' preemptive orders apart.
type ruler interface {
	// rank places a job that runs, or that is new, in the walk of an instant; pos is its place in the walk before, of one that runs.
	rank(g *greedy, v *state.View, job int32, pos int) rank
	// preempted notes the place at which a job waits that is preempted now, and returns what its next start costs.
	preempted(g *greedy, v *state.View, job int32) state.Time
	// first is what the first start of a job costs.
	first() state.Time
	// due says whether the order changes now by time alone, and when it does so next.
	due(g *greedy, now state.Time) (bool, state.Time)
}

// newcomer is the pos of a job that is new.
const newcomer = -1

// late is the class of newcomers that come behind all that tie with them: once they wait they are like others.
const late = 2

func newGreedy(r ruler, l layout) *greedy {
	return &greedy{rule: r, layout: l, queue: waiting.NewQueue(false), at: -1, spared: state.Never}
}

func (g *greedy) worker(job int32) *worker {
	for int(job) >= len(g.workers) {
		g.workers = append(g.workers, worker{})
	}
	return &g.workers[job]
}

// observe follows an event of a job.
func (g *greedy) observe(v *state.View, ev *state.Event) {
	w := g.worker(ev.Job)
	switch ev.Kind {
	case state.EvQueue:
		if !w.known || w.gen != ev.Gen || w.number != ev.Number {
			*w = worker{known: true, gen: ev.Gen, number: ev.Number, gpus: devices(v, ev.Job)}
		}
		if w.where = arrived; state.EndReason(ev.Cause) == state.ReasonPreempted { // it has its place
			g.wait(v, ev.Job)
			return
		}
		g.fresh, g.dirty = append(g.fresh, ev.Job), true
	case state.EvStart:
		if ev.Flags&state.FlagOwn == 0 { // it ran before the simulation began
			g.leave(v, ev.Job)
			g.run(v, ev.Job, v.Jobs.Row[ev.Job].Start)
			g.running = append(g.running, ev.Job)
		}
	case state.EvStopping:
		g.stop(ev.Job, ev.Time)
	case state.EvEvict:
		if w.runs { // not by a decision of its own
			g.stop(ev.Job, ev.Time)
			g.room(1)
			g.rule.preempted(g, v, ev.Job)
			g.dirty = true
		}
		g.dirty = g.dirty || ev.Time != g.at // a grace is over
	case state.EvEnd:
		g.stop(ev.Job, ev.Time)
		g.leave(v, ev.Job)
		g.dirty = true
	}
}

// devices is how many GPUs a job counts for: fractions, which the peers do not have, are added up.
func devices(v *state.View, job int32) int32 {
	milli := int64(0)
	roles := v.Shapes.Of(v.Jobs.Row[job].Shape)
	for i := range roles {
		milli += int64(roles[i].Replicas) * int64(roles[i].PodGPUs) * int64(roles[i].GPUMilli)
	}
	return int32((milli + cluster.Whole - 1) / cluster.Whole)
}

// stop takes a job out of those that run.
func (g *greedy) stop(job int32, now state.Time) {
	w := g.worker(job)
	if !w.runs {
		return
	}
	w.done, w.runs = w.ran(now), false
	if i := slices.Index(g.running, job); i >= 0 {
		g.running = slices.Delete(g.running, i, i+1)
	}
}

func (g *greedy) run(v *state.View, job int32, since state.Time) {
	w := g.worker(job)
	g.starts++
	w.where, w.runs, w.since, w.begun = absent, true, since, g.starts
}

// wait puts a job into the queue at its rank.
func (g *greedy) wait(v *state.View, job int32) {
	w := g.worker(job)
	w.where = queued
	g.queue.Insert(w.entry(job), v.Jobs.Row[job].Shape, w.gpus)
}

// leave takes a job out of those that wait.
func (g *greedy) leave(v *state.View, job int32) {
	w := g.worker(job)
	same := func(j int32) bool { return j == job }
	switch w.where {
	case queued:
		e := w.entry(job)
		g.queue.Remove(e.Key, e.Number, v.Jobs.Row[job].Shape)
	case arrived:
		g.fresh = slices.DeleteFunc(g.fresh, same)
		g.chosen = slices.DeleteFunc(g.chosen, same)
	case aside:
		g.apart = slices.DeleteFunc(g.apart, same)
	}
	w.where = absent
}

// pass walks where something has happened, or starts those that an earlier pass of this instant has made room for.
func (g *greedy) pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	if n := c.Nodes().Len(); n != g.nodes {
		g.nodes, g.dirty = n, true
		for _, job := range g.apart {
			g.wait(v, job)
		}
		g.apart = g.apart[:0]
	}
	defer g.ask(v, d)
	if len(g.chosen) > 0 && g.at == v.Now && !g.dirty {
		g.place(v, c, d)
		return
	}
	now, _ := g.rule.due(g, v.Now)
	g.dirty = g.dirty || now || g.spared <= v.Now
	for _, job := range g.chosen { // those who were to leave have a grace, or something else happened
		g.wait(v, job)
	}
	if g.chosen = g.chosen[:0]; !g.dirty {
		return
	}
	g.at, g.dirty = v.Now, false
	g.walk(v, c, d)
	for _, job := range g.victims {
		if v.RecoveryOf(v.Jobs.Row[job].Recovery).Grace == 0 {
			return // the next pass of this instant finds their GPUs free
		}
	}
	g.place(v, c, d)
}

// walk decides who runs from now on.
func (g *greedy) walk(v *state.View, c *cluster.Cluster, d *state.Decisions) {
	free := c.Free(uint32(v.Partition), 0)
	for pos, job := range g.running {
		g.workers[job].rank = g.rule.rank(g, v, job, pos)
		free += g.workers[job].gpus
	}
	for _, job := range g.fresh {
		g.workers[job].rank = g.rule.rank(g, v, job, newcomer)
	}
	byRank := func(a, b int32) int { return g.workers[a].compare(g.workers[b].rank) }
	slices.SortFunc(g.running, byRank)
	slices.SortFunc(g.fresh, byRank)
	g.lanes = append(g.lanes[:0], g.queue.Lanes()...)
	run, fresh := g.running, g.fresh
	var kept, left []int32
	g.victims = g.victims[:0]
	run, kept, free = g.spare(v, run, free)
	by := uint64(0) // 1 + number of the last job that is to start
	for {
		job := g.next(&run, &fresh, free)
		if job < 0 {
			break
		}
		w := &g.workers[job]
		switch fits := w.gpus <= free; {
		case w.runs && fits:
			kept = append(kept, job)
			free -= w.gpus
		case w.runs:
			g.victims = append(g.victims, job)
			d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: job, Gen: w.gen, Why: state.PreemptSchedule, For: by})
		case fits:
			if w.where == queued {
				g.leave(v, job)
			}
			w.where, by = arrived, w.number+1
			g.chosen = append(g.chosen, job)
			free -= w.gpus
		default:
			left = append(left, job)
		}
	}
	first := len(d.List) - len(g.victims)
	g.room(len(g.victims))
	for i, job := range g.victims {
		w := &g.workers[job]
		w.done, w.runs = w.ran(v.Now), false
		cost := g.rule.preempted(g, v, job)
		d.List[first+i].Arg = int64(cost)
		w.extra += cost
	}
	g.running, g.fresh = kept, g.fresh[:0]
	for _, job := range left {
		w := &g.workers[job]
		if drops(v, job) {
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: job, Gen: w.gen})
			w.where = absent
			continue
		}
		g.settle(job)
		g.wait(v, job)
	}
}

// settle gives a job that was new its place among those that wait.
func (g *greedy) settle(job int32) {
	if w := &g.workers[job]; w.class == late {
		w.class, w.seq = 0, g.behind()
	}
}

// ask asks for a pass when the order changes by time alone.
func (g *greedy) ask(v *state.View, d *state.Decisions) {
	_, at := g.rule.due(g, v.Now)
	if at = min(at, g.spared); at != state.Never && at > v.Now && (g.alarm <= v.Now || at < g.alarm) {
		g.alarm = at
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(at)})
	}
}

// spare takes those who cannot be preempted yet out of those who run: they stay, whatever the order says.
func (g *greedy) spare(v *state.View, run []int32, free int32) (rest, kept []int32, left int32) {
	g.spared = state.Never
	for _, job := range run {
		if j := &v.Jobs.Row[job]; v.Protected(j) {
			kept = append(kept, job)
			free -= g.workers[job].gpus
			g.spared = min(g.spared, j.Start.Add(v.RecoveryOf(j.Recovery).Protect))
			continue
		}
		rest = append(rest, job)
	}
	return rest, kept, free
}

// next takes the next job of the walk: the first of those that run, those that are new, and the first of each lane of the queue that
// fits; what waits and does not fit is passed over. It returns -1 at the end.
func (g *greedy) next(run, fresh *[]int32, free int32) int32 {
	best, lane := int32(-1), 0
	consider := func(job int32) bool {
		if best < 0 || g.workers[job].compare(g.workers[best].rank) < 0 {
			best = job
			return true
		}
		return false
	}
	kept := g.lanes[:0]
	for _, id := range g.lanes {
		if g.queue.LaneLen(id) == 0 || g.queue.LaneNeed(id) > free {
			continue // free only shrinks
		}
		kept = append(kept, id)
		consider(g.queue.First(id).Job)
	}
	g.lanes = kept
	if len(*run) > 0 && consider((*run)[0]) {
		lane = 1
	}
	if len(*fresh) > 0 && consider((*fresh)[0]) {
		lane = 2
	}
	switch lane {
	case 1:
		*run = (*run)[1:]
	case 2:
		*fresh = (*fresh)[1:]
	}
	return best
}

// place starts those that were chosen, in the order of the walk. Who finds no place waits on.
func (g *greedy) place(v *state.View, c *cluster.Cluster, d *state.Decisions) {
	for _, job := range g.chosen {
		w := &g.workers[job]
		q := place.Request{Partition: uint32(v.Partition), Roles: v.Shapes.Of(v.Jobs.Row[job].Shape)}
		mark := len(d.Parts)
		switch {
		case g.layout.place(c, &q, &d.Parts):
			d.Start(job, w.gen, mark)
			if v.Jobs.Row[job].FirstStart == state.Unset {
				d.List[len(d.List)-1].Arg = int64(g.rule.first())
			}
			g.run(v, job, v.Now)
			g.running = append(g.running, job)
		case drops(v, job):
			d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: job, Gen: w.gen})
			w.where = absent
		case !g.empty.holds(c, g.layout, &q):
			w.where = aside
			g.apart = append(g.apart, job)
		default:
			g.settle(job)
			g.wait(v, job)
		}
	}
	g.chosen = g.chosen[:0]
	slices.SortStableFunc(g.running, func(a, b int32) int { return g.workers[a].compare(g.workers[b].rank) })
}

// room makes room for n jobs in front of all that wait; before is the next place there, behind one behind all that wait.
func (g *greedy) room(n int) {
	g.front -= int64(n)
	g.lead = g.front
}

func (g *greedy) before() int64 { g.lead++; return g.lead - 1 }
func (g *greedy) behind() int64 { g.back++; return g.back }

func (g *greedy) clone() *greedy {
	c := *g
	c.empty, c.queue = vacant{}, g.queue.Clone()
	c.workers, c.fresh, c.running, c.chosen, c.apart = slices.Clone(g.workers), slices.Clone(g.fresh), slices.Clone(g.running),
		slices.Clone(g.chosen), slices.Clone(g.apart)
	c.lanes, c.victims = nil, nil
	return &c
}
