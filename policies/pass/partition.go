package pass

import (
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
	// Profile: running jobs' expected ends are kept, and waiting jobs are apart by shape: a backfill needs both.
	Profile bool
}

// Partition is one partition's side of a pipeline.
type Partition struct {
	Queue *waiting.Queue
	Ends  profile.Ends
	// Uneven is set once a job has been seen that is not "any free GPUs": then a reservation is a placement.
	Uneven bool
	// Changed is set by whatever can move a shadow time: an end, an eviction, an overrun, a change of nodes.
	Changed bool

	rules Rules
	users users
	key   []int64 // by job slot: its key in the queue, or its expected end in the profile
	where []uint8
	chose []int32 // by job slot: its place in the decisions of the pass that started it
	req   place.Request
	draw  rng.Key
}

const (
	nowhere uint8 = iota
	inQueue
	inProfile
)

// NewPartition returns an empty partition.
func NewPartition(rules Rules, partition uint32, seed uint64) *Partition {
	return &Partition{Queue: waiting.NewQueue(!rules.Profile), rules: rules, req: place.Request{Partition: partition},
		draw: rng.NewKey(seed, "place")}
}

// Rules are the partition's parts.
func (p *Partition) Rules() Rules { return p.rules }

func (p *Partition) grow(job int32) {
	for int32(len(p.where)) <= job {
		p.where = append(p.where, nowhere)
		p.key = append(p.key, 0)
		p.chose = append(p.chose, 0)
	}
}

// Observe follows one event of a job of this partition.
func (p *Partition) Observe(v *state.View, ev *state.Event) {
	switch ev.Kind {
	case state.EvQueue:
		p.grow(ev.Job)
		p.enqueue(v, ev.Job)
	case state.EvStart:
		if ev.Flags&state.FlagOwn == 0 {
			p.running(v, ev)
		}
	case state.EvEnd, state.EvEvict:
		if int(ev.Job) < len(p.where) {
			p.forget(v, ev)
		}
	}
}

func (p *Partition) enqueue(v *state.View, job int32) {
	j := v.Jobs
	shape := j.Row[job].Shape
	if v.Shapes.Flags[shape]&state.ShapeAnyGPUs == 0 {
		p.Uneven = true
	}
	key := p.rules.Order.Key(j, job, p.users.gpus(j.Row[job].User))
	p.key[job], p.where[job] = key, inQueue
	p.Queue.Insert(waiting.Entry{Key: key, Number: j.Row[job].Number, Est: j.Row[job].Estimate, Job: job, Gen: j.Row[job].Gen}, shape, j.Row[job].GPUs)
	if p.rules.Order == order.FairByUser {
		p.users.join(j.Row[job].User, job)
	}
}

// running moves a job that was started by somebody else, one that ran before instant 0, from the queue to the profile.
func (p *Partition) running(v *state.View, ev *state.Event) {
	p.forget(v, ev)
	j := v.Jobs
	p.where[ev.Job] = inProfile
	if p.rules.Profile {
		p.key[ev.Job] = int64(j.Row[ev.Job].ExpEnd)
		p.Ends.Insert(j.Row[ev.Job].ExpEnd, ev.A, ev.Job)
	}
	p.use(v, j.Row[ev.Job].User, int64(ev.A))
}

// forget takes a job out of the queue or the profile: it ended, left or was evicted.
func (p *Partition) forget(v *state.View, ev *state.Event) {
	j := v.Jobs
	switch p.where[ev.Job] {
	case inQueue:
		p.Queue.Remove(p.key[ev.Job], ev.Number, j.Row[ev.Job].Shape)
		if p.rules.Order == order.FairByUser {
			p.users.part(j.Row[ev.Job].User, ev.Job)
		}
	case inProfile:
		if p.rules.Profile {
			p.Ends.Remove(state.Time(p.key[ev.Job]), ev.Job)
		}
		p.use(v, j.Row[ev.Job].User, -int64(ev.A))
	}
	p.Changed = true
	p.where[ev.Job] = nowhere
}

// use changes what a user holds and, where that is the order, moves the user's waiting jobs.
func (p *Partition) use(v *state.View, user int32, gpus int64) {
	if p.rules.Order != order.FairByUser || user < 0 {
		return
	}
	held := p.users.use(user, gpus)
	for _, job := range p.users.waiting(user) {
		j := v.Jobs
		shape := j.Row[job].Shape
		p.Queue.Remove(p.key[job], j.Row[job].Number, shape)
		p.key[job] = held
		p.Queue.Insert(waiting.Entry{Key: held, Number: j.Row[job].Number, Est: j.Row[job].Estimate, Job: job, Gen: j.Row[job].Gen}, shape, j.Row[job].GPUs)
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
		p.key[job] = int64(next)
		p.Changed = true
	}
}

// Free is the number of wholly free GPUs of the partition.
func (p *Partition) Free(c *cluster.Cluster) int32 { return c.Free(p.req.Partition, 0) }

// Request is the placement request of a job.
func (p *Partition) Request(v *state.View, e *waiting.Entry) *place.Request {
	p.req.Roles = v.Shapes.Of(v.Jobs.Row[e.Job].Shape)
	if p.rules.Place == place.Random {
		p.req.Stream = p.draw.Stream(e.Number, uint64(v.Jobs.Row[e.Job].Attempts))
	}
	return &p.req
}

// TryStart places a waiting job and starts it, or reports that it does not fit. On success e is no longer valid.
func (p *Partition) TryStart(v *state.View, c *cluster.Cluster, e *waiting.Entry, d *state.Decisions) bool {
	mark := len(d.Parts)
	if !p.rules.Place.Place(c, p.Request(v, e), &d.Parts) {
		return false
	}
	p.Started(v, e, d, mark)
	return true
}

// Started records the start of a job whose parts stand in d.Parts from mark on.
func (p *Partition) Started(v *state.View, e *waiting.Entry, d *state.Decisions, mark int) {
	job, number, est := e.Job, e.Number, e.Est
	p.chose[job] = int32(len(d.List))
	d.Start(job, e.Gen, mark)
	j := v.Jobs
	p.Queue.Remove(p.key[job], number, j.Row[job].Shape)
	p.where[job] = inProfile
	if p.rules.Profile {
		at := v.Now.Add(est)
		p.key[job] = int64(at)
		p.Ends.Insert(at, j.Row[job].GPUs, job)
	}
	if p.rules.Order == order.FairByUser {
		p.users.part(j.Row[job].User, job)
		p.use(v, j.Row[job].User, int64(j.Row[job].GPUs))
	}
}

// Release gives back, on a copy of the cluster, what a job of the profile holds: its allocation, or what this very pass
// has chosen for it.
func (p *Partition) Release(v *state.View, on *cluster.Cluster, job int32, d *state.Decisions) {
	if v.Jobs.Row[job].State == state.JobQueued {
		s := &d.List[p.chose[job]]
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
	d.List = append(d.List, state.Decision{Kind: state.DecideReject, Job: job, Gen: e.Gen})
	p.Queue.Remove(p.key[job], e.Number, v.Jobs.Row[job].Shape)
	p.where[job] = nowhere
	if p.rules.Order == order.FairByUser {
		p.users.part(v.Jobs.Row[job].User, job)
	}
}

// Clone returns an independent copy.
func (p *Partition) Clone() *Partition {
	c := *p
	c.Queue, c.Ends, c.users = p.Queue.Clone(), p.Ends.Clone(), p.users.clone()
	c.key = append([]int64(nil), p.key...)
	c.where = append([]uint8(nil), p.where...)
	c.chose = append([]int32(nil), p.chose...)
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
