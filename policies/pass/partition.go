package pass

import (
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/profile"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Rules are the parts that a partition's passes are made of.
type Rules struct {
	Order order.Rule
	Place place.Rule
	// Orderer and Scored, where they are set, stand in for Order and Place.
	Orderer hook.Orderer
	Scored  *place.Scored
	// Profile: running jobs' expected ends are kept, and waiting jobs are apart by shape: a backfill needs both.
	Profile bool
	// Tree: there is a quota tree. Plain: all its queues make one list.
	Tree, Plain bool
	// Preempter, where it is set, says who yields when the head does not fit.
	Preempter hook.Preempter
}

// Partition is one partition's side of a pipeline.
type Partition struct {
	Queue *waiting.Queue
	Ends  profile.Ends
	// Uneven is set once a job has been seen that is not "any free GPUs": then a reservation is a placement.
	Uneven bool
	// Changed is set by whatever can move a shadow time: an end, an eviction, an overrun, a change of nodes.
	Changed bool

	rules  Rules
	yields yields
	users  users
	keys   keys
	jobs   []member // by job slot
	queues *queues  // nil without a quota tree
	req    place.Request
	draw   rng.Key
}

// member is what a partition knows of one job.
type member struct {
	key   int64      // in the queue, or its expected end in the profile
	turn  uint64     // its place among equals in the queue
	est   state.Time // how long it is expected to run
	chose int32      // its place in the decisions of the pass that started it
	where uint8
}

const (
	nowhere uint8 = iota
	inQueue
	inProfile
	unkeyed // it waits for a key; see keys
	keyed   // its key is being asked for
)

// NewPartition returns an empty partition.
func NewPartition(rules Rules, partition uint32, seed uint64) *Partition {
	p := &Partition{Queue: waiting.NewQueue(!rules.Profile && !rules.Tree), rules: rules, req: place.Request{Partition: partition},
		draw: rng.NewKey(seed, "place")}
	if rules.Tree {
		p.queues = &queues{plain: rules.Plain}
	}
	return p
}

// Rules are the partition's parts.
func (p *Partition) Rules() Rules { return p.rules }

func (p *Partition) grow(job int32) {
	for int32(len(p.jobs)) <= job {
		p.jobs = append(p.jobs, member{})
	}
}

// Observe follows one event of a job of this partition.
func (p *Partition) Observe(v *state.View, ev *state.Event) {
	if p.rules.Preempter != nil {
		p.yields.observe(ev)
	}
	switch ev.Kind {
	case state.EvStopping:
		if ev.Flags&state.FlagOwn != 0 && int(ev.Job) < len(p.jobs) {
			p.yielding(v, ev)
		}
	case state.EvQueue:
		p.grow(ev.Job)
		p.enqueue(v, ev)
	case state.EvStart:
		if ev.Flags&state.FlagOwn == 0 {
			p.running(v, ev)
		}
	case state.EvPriority:
		p.reorder(v, ev.Job)
	case state.EvEnd, state.EvEvict:
		if int(ev.Job) < len(p.jobs) {
			p.forget(v, ev)
		}
	}
}

func (p *Partition) enqueue(v *state.View, ev *state.Event) {
	job := ev.Job
	j, m := &v.Jobs.Row[job], &p.jobs[job]
	m.turn, m.est = state.Turn(j.Number), j.Estimate
	if ev.Z != 0 {
		m.turn = ev.Z
	}
	if ev.X != 0 {
		m.est = state.Time(ev.X)
	}
	if v.Shapes.Flags[j.Shape]&state.ShapeAnyGPUs == 0 {
		p.Uneven = true
	}
	if p.rules.Orderer != nil && (p.queues == nil || p.queues.byPolicy(v, job)) {
		p.join(job)
		return
	}
	p.insert(v, job, p.key(v, job))
	if p.rules.Order == order.FairByUser {
		p.users.join(j.User, job)
	}
}

// insert puts a job into the queue under a key.
func (p *Partition) insert(v *state.View, job int32, key int64) {
	j, m := &v.Jobs.Row[job], &p.jobs[job]
	m.key, m.where = key, inQueue
	lane := j.Shape
	if p.queues != nil {
		lane = p.queues.joins(v, job)
	}
	p.Queue.Insert(waiting.Entry{Key: key, Number: m.turn, Est: m.est, Job: job}, lane, j.GPUs)
	if p.queues != nil {
		p.queues.follow(v, p, lane)
	}
}

// remove takes a waiting job out of the queue.
func (p *Partition) remove(v *state.View, job int32) {
	m, lane := &p.jobs[job], v.Jobs.Row[job].Shape
	if p.queues != nil {
		lane = p.queues.lane[job]
	}
	p.Queue.Remove(m.key, m.turn, lane)
	if p.queues != nil {
		p.queues.follow(v, p, lane)
	}
}

// key is a waiting job's key by the order, or by the strategy of its queue.
func (p *Partition) key(v *state.View, job int32) int64 {
	if p.queues != nil {
		if key, ok := p.queues.key(v, job); ok {
			return key
		}
	}
	return p.rules.Order.Key(v.Jobs, job, p.users.gpus(v.Jobs.Row[job].User))
}

// reorder gives a waiting job whose priority changed its new place.
func (p *Partition) reorder(v *state.View, job int32) {
	if int(job) >= len(p.jobs) || p.jobs[job].where != inQueue {
		return
	}
	if p.rules.Orderer != nil && (p.queues == nil || p.queues.byPolicy(v, job)) {
		p.keys.changed = append(p.keys.changed, job)
		return
	}
	p.remove(v, job)
	p.insert(v, job, p.key(v, job))
	p.Changed = true
}

// running moves a job that was started by somebody else, one that ran before instant 0, from the queue to the profile.
func (p *Partition) running(v *state.View, ev *state.Event) {
	p.forget(v, ev)
	j := v.Jobs
	p.jobs[ev.Job].where = inProfile
	if p.rules.Profile {
		p.jobs[ev.Job].key = int64(j.Row[ev.Job].ExpEnd)
		p.Ends.Insert(j.Row[ev.Job].ExpEnd, ev.A, ev.Job)
	}
	p.use(v, j.Row[ev.Job].User, int64(ev.A))
}

// forget takes a job out of the queue or the profile: it ended, left or was evicted.
func (p *Partition) forget(v *state.View, ev *state.Event) {
	j, m := &v.Jobs.Row[ev.Job], &p.jobs[ev.Job]
	switch m.where {
	case inQueue:
		p.remove(v, ev.Job)
		p.unexpire(ev.Job)
		if p.rules.Order == order.FairByUser {
			p.users.part(j.User, ev.Job)
		}
	case inProfile:
		if p.rules.Profile {
			p.Ends.Remove(state.Time(m.key), ev.Job)
		}
		p.use(v, j.User, -int64(ev.A))
	}
	p.Gained()
	m.where = nowhere
}

// use changes what a user holds and, where that is the order, moves the user's waiting jobs.
func (p *Partition) use(v *state.View, user int32, gpus int64) {
	if p.rules.Order != order.FairByUser || user < 0 {
		return
	}
	p.users.use(user, gpus)
	for _, job := range p.users.waiting(user) {
		p.remove(v, job)
		p.insert(v, job, p.key(v, job))
	}
}

// Overruns moves every job that outlived its expected end to its next one (DESIGN.md rule 7).
func (p *Partition) Overruns(v *state.View) {
	for p.Ends.Len() > 0 {
		at, job := p.Ends.First()
		if at > v.Now {
			return
		}
		next := profile.Overdue(v.Jobs.Row[job].Start, v.Jobs.Row[job].Estimate, v.Now)
		p.Ends.Remove(at, job)
		p.Ends.Insert(next, v.Jobs.Row[job].GPUsNow, job)
		p.jobs[job].key = int64(next)
		p.Changed = true
	}
}

// Free is the number of wholly free GPUs of the partition.
func (p *Partition) Free(c *cluster.Cluster) int32 { return c.Free(p.req.Partition, 0) }

// Request is the placement request of a job.
func (p *Partition) Request(v *state.View, e *waiting.Entry) *place.Request {
	p.req.Roles, p.req.View, p.req.Job = v.Shapes.Of(v.Jobs.Row[e.Job].Shape), v, e.Job
	if p.queues != nil {
		p.req.Roles = p.queues.narrow(p.req.Roles)
	}
	if p.rules.Place == place.Random {
		p.req.Stream = p.draw.Stream(v.Jobs.Row[e.Job].Number, uint64(v.Jobs.Row[e.Job].Attempts))
	}
	return &p.req
}

// Place places a waiting job on a cluster, the engine's or a plan's, and appends the parts to log, or takes nothing and reports
// false.
func (p *Partition) Place(v *state.View, c *cluster.Cluster, e *waiting.Entry, log *[]state.Part) bool {
	if p.rules.Scored != nil {
		return p.rules.Scored.Place(c, p.Request(v, e), log)
	}
	return p.rules.Place.Place(c, p.Request(v, e), log)
}

// TryStart places a waiting job and starts it, or reports that it does not fit. On success e is no longer valid.
func (p *Partition) TryStart(v *state.View, c *cluster.Cluster, e *waiting.Entry, d *state.Decisions) bool {
	mark := len(d.Parts)
	if p.queues != nil {
		return p.startWithin(v, c, e, d)
	}
	if !p.Place(v, c, e, &d.Parts) {
		return false
	}
	p.Started(v, e, d, mark)
	return true
}

// Started records the start of a job whose parts stand in d.Parts from mark on.
func (p *Partition) Started(v *state.View, e *waiting.Entry, d *state.Decisions, mark int) {
	job, est := e.Job, e.Est
	j, m := &v.Jobs.Row[job], &p.jobs[job]
	m.chose = int32(len(d.List))
	d.Start(job, j.Gen, mark)
	p.remove(v, job)
	p.unexpire(job)
	m.where = inProfile
	if p.rules.Profile {
		at := v.Now.Add(est)
		m.key = int64(at)
		p.Ends.Insert(at, j.GPUs, job)
	}
	if p.rules.Order == order.FairByUser {
		p.users.part(j.User, job)
		p.use(v, j.User, int64(j.GPUs))
	}
}

// Release gives back, on a copy of the cluster, what a job of the profile holds: its allocation, or what this very pass
// has chosen for it.
func (p *Partition) Release(v *state.View, on *cluster.Cluster, job int32, d *state.Decisions) {
	if v.Jobs.Row[job].State == state.JobQueued {
		s := &d.List[p.jobs[job].chose]
		for k := s.PartFirst; k < s.PartFirst+s.PartN; k++ {
			on.Release(&d.Parts[k])
		}
		return
	}
	for k := v.Jobs.Row[job].AllocHead; k >= 0; k = v.Allocs.Next[k] {
		on.Release(&v.Allocs.Parts[k])
	}
}

// Reject drops a waiting job.
func (p *Partition) Reject(v *state.View, e *waiting.Entry, d *state.Decisions) {
	job := e.Job
	d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: job, Gen: v.Jobs.Row[job].Gen})
	p.remove(v, job)
	p.unexpire(job)
	p.jobs[job].where = nowhere
	if p.rules.Order == order.FairByUser {
		p.users.part(v.Jobs.Row[job].User, job)
	}
}

// Clone returns an independent copy that goes by rules: the same ones, with hooks of its own.
func (p *Partition) Clone(rules Rules) *Partition {
	c := *p
	c.rules, c.req = rules, place.Request{Partition: p.req.Partition}
	c.Queue, c.Ends, c.users, c.keys, c.yields = p.Queue.Clone(), p.Ends.Clone(), p.users.clone(), p.keys.clone(), p.yields.clone()
	c.jobs = append([]member(nil), p.jobs...)
	if p.queues != nil {
		c.queues = p.queues.clone()
	}
	return &c
}

// MayFit is false when a job cannot fit for want of free GPUs alone; it spares the attempt.
func (p *Partition) MayFit(v *state.View, c *cluster.Cluster, e *waiting.Entry) bool {
	shape := v.Jobs.Row[e.Job].Shape
	if v.Shapes.Flags[shape]&state.ShapeAnyGPUs == 0 {
		return true
	}
	return v.Jobs.Row[e.Job].GPUs <= p.Free(c)
}
