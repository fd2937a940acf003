package script

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// Stream is a stream under construction. Its fields may be changed by a test at any time.
type Stream struct {
	Batch  state.Batch
	now    state.Time
	jobs   []live
	length [2]int32
	sent   [2]int32
	asked  int64
}

type live struct {
	parts    []state.Part
	state    state.JobState
	queuedAt state.Time
	queued   int64
	start    state.Time
	first    state.Time
}

// Job is what a job asks for. One role: Replicas pods of PodGPUs devices.
type Job struct {
	Name, Queue, User string
	Submit            state.Time // only if it is not the present instant
	Early             bool       // Submit counts
	Replicas, PodGPUs int32
	Milli             int32 // of each device; 0 reads as 1000
	CPUMilli          int64
	RecStart          state.Time // 0 reads as none
	Held              bool       // it waits for a dependency
	X                 []int64
}

// New is an empty stream at instant 0.
func New() *Stream {
	return &Stream{Batch: state.Batch{Jobs: &state.Jobs{}, Shapes: &state.Shapes{}, Nodes: &state.Nodes{}, Names: &state.Names{}}}
}

// Emit appends an event as it is, at the present instant.
func (s *Stream) Emit(ev state.Event) {
	ev.Time = s.now
	s.Batch.Events = append(s.Batch.Events, ev)
}

func (s *Stream) emitJob(job int32, ev state.Event) {
	ev.Job, ev.Number = job, s.Batch.Jobs.Row[job].Number
	s.Emit(ev)
}

// At closes the present instant and goes to the next.
func (s *Stream) At(t state.Time) {
	if s.length != s.sent {
		s.sent = s.length
		s.Emit(state.Event{Kind: state.EvQueueLen, Job: -1, A: s.length[0], B: s.length[1], X: s.asked})
	}
	s.now = t
}

// Node adds a node that is up, in partition and pool 0.
func (s *Stream) Node(name, typ string, gpus uint32) int32 {
	n := s.Batch.Nodes
	slot, id := int32(n.Len()), state.NoType
	if gpus > 0 {
		id = uint32(s.Batch.Names.Types.Intern([]byte(typ)))
	}
	var first uint32
	if slot > 0 {
		first = n.FirstGPU[slot-1] + n.GPUsTotal[slot-1]
	}
	n.Flags = append(n.Flags, state.NodeUp)
	n.Type = append(n.Type, id)
	n.Pool = append(n.Pool, 0)
	n.Partition = append(n.Partition, 0)
	n.FirstGPU = append(n.FirstGPU, first)
	n.GPUsTotal = append(n.GPUsTotal, gpus)
	n.CPUTotal = append(n.CPUTotal, 64_000)
	n.MemTotal = append(n.MemTotal, 1<<20)
	n.Name = append(n.Name, name)
	s.Emit(state.Event{Kind: state.EvNodeUp, Job: -1, Node: slot, A: int32(gpus), Z: uint64(state.NodeUp)})
	return slot
}

// Flags changes a node's flags: EvNodeUp, EvNodeDown or EvNodeFlags.
func (s *Stream) Flags(kind state.EventKind, node int32, flags uint32) {
	s.Emit(state.Event{Kind: kind, Job: -1, Node: node, A: int32(s.Batch.Nodes.GPUsTotal[node]), Z: uint64(flags)})
}

// Arrive submits a job; it is in the queue unless it is held.
func (s *Stream) Arrive(j Job) int32 {
	slot := int32(len(s.jobs))
	c, names := s.Batch.Jobs, s.Batch.Names
	submit := s.now
	if j.Early {
		submit = j.Submit
	}
	if j.Milli == 0 {
		j.Milli = 1000
	}
	c.Row = append(c.Row, state.Job{Number: uint64(slot), Submit: submit, Estimate: state.Second, Shape: s.shape(j),
		User: names.Users.Intern([]byte(j.User)), Queue: names.Queues.Intern([]byte(j.Queue)), GPUs: j.Replicas * j.PodGPUs,
		State: state.JobQueued})
	c.Name = append(c.Name, [state.NameInline]byte{})
	c.SetName(slot, []byte(j.Name))
	if j.RecStart != 0 {
		c.SetRecStart(slot, j.RecStart)
	}
	for i, v := range j.X {
		if i >= names.X.Len() {
			names.X.Intern(fmt.Appendf(nil, "x_%d", i))
		}
		for len(c.X[i]) < int(slot) {
			c.X[i] = append(c.X[i], 0)
		}
		c.X[i] = append(c.X[i], v)
	}
	s.jobs = append(s.jobs, live{queuedAt: submit, first: state.Unset})
	s.emitJob(slot, state.Event{Kind: state.EvArrive, A: c.Row[slot].GPUs, B: c.Row[slot].Shape})
	if j.Held {
		s.jobs[slot].state = state.JobHeld
		s.length[1]++
		s.emitJob(slot, state.Event{Kind: state.EvHold, A: 1})
	} else {
		s.Queue(slot)
	}
	return slot
}

func (s *Stream) shape(j Job) int32 {
	t := s.Batch.Shapes
	r := state.RoleSpec{Replicas: j.Replicas, PodGPUs: j.PodGPUs, GPUMilli: j.Milli, CPUMilli: j.CPUMilli}
	for i := range t.Roles {
		if t.Roles[i] == r {
			return int32(i)
		}
	}
	i := int32(len(t.Roles))
	t.Partition, t.GPUs = append(t.Partition, 0), append(t.GPUs, j.Replicas*j.PodGPUs)
	t.RoleFirst, t.RoleN, t.Roles = append(t.RoleFirst, i), append(t.RoleN, 1), append(t.Roles, r)
	return i
}

// charge emits the open interval of a waiting job.
func (s *Stream) charge(job int32, cause state.Cause) {
	j := &s.jobs[job]
	if d := int64(s.now - j.queuedAt); d > 0 {
		s.emitJob(job, state.Event{Kind: state.EvWaited, Cause: uint8(cause), X: d})
		j.queued += d
	}
	j.queuedAt = s.now
}

// Queue lets a job into the queue; what it waited before was held.
func (s *Stream) Queue(job int32) {
	j := &s.jobs[job]
	if j.state == state.JobHeld {
		s.length[1]--
		s.charge(job, state.CauseHeld)
	}
	j.state = state.JobQueued
	s.length[0]++
	s.asked += int64(s.Batch.Jobs.Row[job].GPUs)
	s.emitJob(job, state.Event{Kind: state.EvQueue, A: s.Batch.Jobs.Row[job].GPUs, B: s.Batch.Jobs.Row[job].Shape})
}

func (s *Stream) leaveQueue(job int32, cause state.Cause) {
	if s.jobs[job].state == state.JobQueued {
		s.length[0]--
		s.asked -= int64(s.Batch.Jobs.Row[job].GPUs)
	} else if s.jobs[job].state == state.JobHeld {
		s.length[1]--
		cause = state.CauseHeld
	}
	s.charge(job, cause)
}

// Part is whole devices of a node, or thousandths of them.
func Part(node int32, mask uint64, milli uint16) state.Part {
	return state.Part{Node: node, Mask: mask, Milli: milli}
}

// Start starts a queued job, whose wait is charged to cause.
func (s *Stream) Start(job int32, cause state.Cause, parts ...state.Part) {
	s.leaveQueue(job, cause)
	j := &s.jobs[job]
	var flags uint8
	if j.first == state.Unset {
		j.first, flags = s.now, state.FlagFirst
	}
	j.state, j.start, j.parts = state.JobRunning, s.now, parts
	s.emitParts(job, state.Event{Kind: state.EvStart, Flags: flags, A: s.Batch.Jobs.Row[job].GPUs, X: j.queued, Y: int64(j.first)})
}

// emitParts emits an event with the parts that the job holds.
func (s *Stream) emitParts(job int32, ev state.Event) {
	parts := s.jobs[job].parts
	ev.Node, ev.B = int32(len(s.Batch.Parts)), int32(len(parts))
	s.Batch.Parts = append(s.Batch.Parts, parts...)
	s.emitJob(job, ev)
}

// End ends a job that runs or waits; a wait is charged to capacity.
func (s *Stream) End(job int32, o state.Outcome, reason state.EndReason) {
	j := &s.jobs[job]
	var run state.Time
	if j.state == state.JobRunning {
		run = s.now - j.start
	} else {
		s.leaveQueue(job, state.CauseCapacity)
	}
	s.emitParts(job, state.Event{Kind: state.EvEnd, Outcome: o, Cause: uint8(reason), A: s.Batch.Jobs.Row[job].GPUs, X: int64(j.first),
		Y: j.queued, Z: uint64(run)})
	j.parts, j.state = nil, state.JobEnded
}

// Evict ends an attempt; the job queues again.
func (s *Stream) Evict(job int32, reason state.EndReason, lost state.Time) {
	j := &s.jobs[job]
	s.emitParts(job, state.Event{Kind: state.EvEvict, Cause: uint8(reason), A: s.Batch.Jobs.Row[job].GPUs, X: int64(s.now - j.start), Y: int64(lost)})
	j.parts, j.queuedAt = nil, s.now
	s.Queue(job)
}

// Stop ends whatever lives as unfinished and stops the run.
func (s *Stream) Stop() {
	s.At(s.now)
	for job := range s.jobs {
		if s.jobs[job].state != state.JobEnded {
			s.End(int32(job), state.Unfinished, state.ReasonHorizon)
		}
	}
	s.Emit(state.Event{Kind: state.EvStop, Job: -1})
}

// Deliver hands all events to listeners in batches of at most size events that end where an instant ends.
func (s *Stream) Deliver(size int, listeners ...state.Listener) {
	all := s.Batch.Events
	for from := 0; from < len(all); {
		to := min(from+size, len(all))
		for to < len(all) && all[to].Time == all[to-1].Time {
			to++
		}
		b := s.Batch
		b.Events = all[from:to]
		for _, l := range listeners {
			l.Observe(&b)
		}
		from = to
	}
}
