package peer

import (
	"cmp"
	"math"
	"slices"

	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// GavelShare is one of Gavel's allocations: what share of the time each job should run.
type GavelShare uint8

// The allocations.
const (
	// GavelFIFO: all of the time for jobs by arrival, as many as there are GPUs for; the head blocks.
	GavelFIFO GavelShare = iota
	// GavelIsolated: every job the share of GPUs / jobs / its GPUs, all scaled so that the largest is all of the time.
	GavelIsolated
)

var gavelNames = [...]string{"gavel-fifo", "gavel-isolated"}

// GavelSteps is the trace's column that tells a job's steps: a round runs whole ones.
const GavelSteps = "x_steps"

const (
	gavelRound = 360 * state.Second  // how long a slice is at most
	gavelReset = 1920 * state.Second // allocations are computed anew at most so often
	gavelHead  = 180 * state.Second  // what a job counts as having received from the beginning
)

// Gavel is the simulator of Gavel (Narayanan et al., OSDI'20) on one GPU type, with two of its policies. Time goes in rounds. In a round
// a chosen job runs as many whole steps as fit into 360 s, or what is left; the round ends with its longest slice, and what a shorter
// one leaves is idle. Jobs are chosen by priority, the allocation over the time received since allocations were last computed, then by
// what is owed to them from before, then the allocation, then arrival; who does not fit is skipped. Allocations are computed at the
// beginning of a round in which a job came or ended since, but not within 1,920 s of the last time.
//
// FIFO has the peer's two slips: for each job that ended, the next of the queue is tried on what the jobs before it in arrival leave, so
// that more may be allocated than there is; and who does not fit there is passed over until the next time. So a running job can lose a
// round.
//
// It is clairvoyant: a job's speed is its steps over its true running time. Pauses are preemptions, free with this preset.
type Gavel struct {
	share GavelShare
	x     int // column of Jobs.X with the steps, or -1
	parts []gavelSide
}

// gavelSide is one partition.
type gavelSide struct {
	jobs    []gavelJob // alive, by arrival
	active  int        // slices that run
	untimed bool       // some slice was not begun here
	changed bool       // a job came or ended since allocations were computed
	last    state.Time // when they were
}

// gavelJob is what the peer knows of a job.
type gavelJob struct {
	number    uint64
	job       int32
	gpus      int32
	allocated float64
	received  state.Time
	owed      float64 // ns
	steps     int64   // left; -1 = unknown
	speed     float64 // steps a ns
	from      state.Time
	until     state.Time // of its slice; Never = it ends by itself
	running   bool
	ended     bool
}

// NewGavel returns the peer with one of its allocations.
func NewGavel(share GavelShare) *Gavel { return &Gavel{share: share, x: -1} }

// Info names the policy.
func (g *Gavel) Info() state.Info { return state.Info{Name: gavelNames[g.share], Clairvoyant: true} }

// Init finds the column of steps.
func (g *Gavel) Init(v *state.View) error {
	if id, ok := v.Names.X.Lookup(GavelSteps); ok && id < state.MaxX {
		g.x = int(id)
	}
	return nil
}

func (g *Gavel) side(partition int32) *gavelSide {
	for int32(len(g.parts)) <= partition {
		g.parts = append(g.parts, gavelSide{})
	}
	return &g.parts[partition]
}

// Observe follows who is there.
func (g *Gavel) Observe(v *state.View, events []state.Event) {
	for i := range events {
		ev := &events[i]
		switch ev.Kind {
		case state.EvQueue, state.EvStart, state.EvEnd, state.EvEvict:
		default:
			continue
		}
		j := &v.Jobs.Row[ev.Job]
		s := g.side(j.Partition)
		k := s.find(ev.Number)
		switch ev.Kind {
		case state.EvQueue:
			if k < 0 {
				s.jobs = append(s.jobs, g.enter(v, ev.Job))
				s.changed = true
			}
		case state.EvStart:
			if k >= 0 && ev.Flags&state.FlagOwn == 0 { // it runs since before instant 0
				s.jobs[k].running, s.jobs[k].from, s.jobs[k].until = true, v.Now, v.Now+gavelRound
				s.active++
				s.untimed = true
			}
		case state.EvEvict:
			if k >= 0 && s.jobs[k].running { // it lost a node
				s.stop(&s.jobs[k], ev.Time)
			}
		case state.EvEnd:
			if k < 0 {
				continue
			}
			if s.jobs[k].running {
				s.stop(&s.jobs[k], ev.Time)
			}
			s.jobs[k].ended, s.changed = true, true
		}
	}
}

// find is a job's place, or -1.
func (s *gavelSide) find(number uint64) int {
	k, ok := slices.BinarySearchFunc(s.jobs, number, func(j gavelJob, n uint64) int { return cmp.Compare(j.number, n) })
	if !ok {
		return -1
	}
	return k
}

// enter is a new job. Jobs come in the order of their numbers.
func (g *Gavel) enter(v *state.View, job int32) gavelJob {
	j := &v.Jobs.Row[job]
	n := gavelJob{number: j.Number, job: job, gpus: j.GPUs, received: gavelHead, steps: -1}
	if length := v.Jobs.TrueDuration[job]; g.x >= 0 && length > 0 && length < state.Never {
		if steps := v.Jobs.X[g.x][job] / 1_000_000; steps > 0 {
			n.steps, n.speed = steps, float64(steps)/float64(length)
		}
	}
	return n
}

// stop ends a slice.
func (s *gavelSide) stop(j *gavelJob, now state.Time) {
	j.running = false
	j.received += now - j.from
	s.active--
}

// Pass pauses who has had his slice, and begins the next round when all have.
func (g *Gavel) Pass(v *state.View, d *state.Decisions) {
	s := g.side(v.Partition)
	paused := false
	for k := range s.jobs {
		if j := &s.jobs[k]; j.running && j.until <= v.Now {
			s.stop(j, v.Now)
			d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Why: state.PreemptSchedule, Job: j.job, Gen: v.Jobs.Row[j.job].Gen})
			paused = true
		}
	}
	if s.untimed {
		s.untimed = false
		for k := range s.jobs {
			if j := &s.jobs[k]; j.running && j.until != state.Never && j.until > v.Now {
				d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(j.until)})
			}
		}
	}
	if s.active > 0 || len(s.jobs) == 0 {
		return
	}
	if paused { // what they held is free in the next pass
		d.Again = true
		return
	}
	s.allocate(g.share, v)
	g.begin(v, s, d)
}

// allocate computes the allocations if something changed and the time is ripe.
func (s *gavelSide) allocate(share GavelShare, v *state.View) {
	if !s.changed || s.last != 0 && v.Now-s.last < gavelReset {
		s.jobs = slices.DeleteFunc(s.jobs, func(j gavelJob) bool { return j.ended && j.allocated == 0 })
		return
	}
	var before []float64
	for k := range s.jobs {
		before = append(before, s.jobs[k].allocated)
	}
	total := gpusOf(v)
	if share == GavelFIFO {
		s.fifo(total)
	} else {
		s.isolated(total)
	}
	for k := range s.jobs {
		j := &s.jobs[k]
		j.owed += float64(float64(v.Now-s.last)*before[k]) - float64(j.received-gavelHead)
		j.received = gavelHead
	}
	s.jobs = slices.DeleteFunc(s.jobs, func(j gavelJob) bool { return j.ended })
	s.changed, s.last = false, v.Now
}

// gpusOf is the number of GPUs of a partition's nodes.
func gpusOf(v *state.View) (n int32) {
	nodes := v.Capacity.Nodes()
	for i := range nodes.GPUsTotal {
		if nodes.Partition[i] == uint32(v.Partition) && state.NodeOpen(nodes.Flags[i]) {
			n += int32(nodes.GPUsTotal[i])
		}
	}
	return n
}

// fifo is the peer's first come, first served; see Gavel for its slips.
func (s *gavelSide) fifo(left int32) {
	var queue []*gavelJob
	for k := range s.jobs {
		if j := &s.jobs[k]; j.allocated == 0 && !j.ended {
			queue = append(queue, j)
		}
	}
	var had []*gavelJob
	for k := range s.jobs {
		if s.jobs[k].allocated > 0 {
			had = append(had, &s.jobs[k])
		}
	}
	for _, j := range had {
		if !j.ended {
			left -= j.gpus
			continue
		}
		j.allocated = 0
		if len(queue) > 0 {
			next := queue[0]
			if queue = queue[1:]; next.gpus <= left {
				next.allocated = 1
				left -= next.gpus
			}
		}
	}
	for ; len(queue) > 0 && left > 0 && queue[0].gpus <= left; queue = queue[1:] {
		queue[0].allocated = 1
		left -= queue[0].gpus
	}
}

// isolated gives every job an equal part of the cluster.
func (s *gavelSide) isolated(gpus int32) {
	alive, most := 0, 0.0
	for k := range s.jobs {
		if !s.jobs[k].ended {
			alive++
		}
	}
	for k := range s.jobs {
		if j := &s.jobs[k]; !j.ended {
			j.allocated = float64(gpus) / float64(alive) / float64(max(j.gpus, 1))
			most = max(most, j.allocated)
		}
	}
	for k := range s.jobs {
		if s.jobs[k].allocated /= most; s.jobs[k].ended {
			s.jobs[k].allocated = 0
		}
	}
}

// begin begins a round.
func (g *Gavel) begin(v *state.View, s *gavelSide, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	order := make([]*gavelJob, 0, len(s.jobs))
	for k := range s.jobs {
		j := &s.jobs[k]
		if !j.ended && v.Jobs.Row[j.job].State == state.JobQueued && (j.allocated > 0 || g.share != GavelFIFO) {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(a, b *gavelJob) int {
		return cmp.Or(cmp.Compare(b.allocated/float64(b.received), a.allocated/float64(a.received)), cmp.Compare(b.owed, a.owed),
			cmp.Compare(b.allocated, a.allocated))
	})
	d.FitCause = state.CauseChoice
	for _, j := range order {
		mark := len(d.Parts)
		q := place.Request{Partition: uint32(v.Partition), Roles: v.Shapes.Of(v.Jobs.Row[j.job].Shape)}
		if !place.Consolidate.Place(c, &q, &d.Parts) {
			continue
		}
		d.Start(j.job, v.Jobs.Row[j.job].Gen, mark)
		j.running, j.from = true, v.Now
		s.active++
		if j.slice(); j.until != state.Never {
			d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(j.until)})
		}
	}
	if s.active == 0 && s.changed && s.last != 0 && v.Now < s.last+gavelReset && len(s.jobs) > 0 { // nobody may run before
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(s.last + gavelReset)})
	}
}

// slice sets the end of a job's slice: as many whole steps as fit, or at least one.
func (j *gavelJob) slice() {
	if j.steps < 0 {
		j.until = j.from + gavelRound
		return
	}
	n := int64(math.Floor(float64(j.speed * float64(gavelRound))))
	if n = max(n, 1); n >= j.steps {
		j.steps, j.until = 0, state.Never
		return
	}
	j.steps -= n
	j.until = j.from + state.Time(float64(n)/j.speed)
}

// Clone returns an independent copy.
func (g *Gavel) Clone() (state.Policy, error) {
	c := *g
	c.parts = slices.Clone(g.parts)
	for i := range c.parts {
		c.parts[i].jobs = slices.Clone(g.parts[i].jobs)
	}
	return &c, nil
}

var _ state.Policy = (*Gavel)(nil)
