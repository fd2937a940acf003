package world

import (
	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Node is a machine as the view shows it.
type Node struct {
	Name     string
	Pool     string
	GPUType  string
	GPUs     int
	CPUMilli uint32
	MemMiB   uint32
	Flags    uint32
}

// Change is a planned change of a node, or of a job.
type Change struct {
	At   state.Time
	Node string         // "": of a job
	Kind sim.ChangeKind // of a node
	Job  string         // its token
	What JobChange

	Set, To string // of a value of the scenario
}

// book is the world's own record, written by the one goroutine that owns the engine. A job that was published is copied
// before it changes, so that readers keep what they have. Jobs that have ended are in the archive.
type book struct {
	live    map[uint64]*Job  // by number: those that have not ended, and those that changed since they were archived
	past    *archive.Archive `snapshot:"keep"` // the others
	count   uint64           // of all jobs
	jobOf   []uint32         `snapshot:"drop"` // by the number of the command that made it: a job's number and one
	dirty   []uint64         // numbers of jobs that changed since they were published
	pending []*Job           // submitted, not yet told of by the engine
	active  int
	nodes   []Node
	notes   map[string][]byte // by queue; never changed in place
	changes []Change          // that were planned, in order of planning
	lent    bool              // readers hold nodes
	apis    map[string]string `snapshot:"drop"`
	roles   map[Role][]Role   `snapshot:"drop"` // lists of one role, so that jobs that ask for the same share one
	now     state.Time        // of the last event
	names   *state.Names      `snapshot:"keep"`
	pools   []string          `snapshot:"keep"` // by id
	err     error             // the archive is damaged
}

// maxRoles bounds the lists that are shared; beyond it they are shared anew.
const maxRoles = 4096

func (b *book) shared(api string) string {
	if s, ok := b.apis[api]; ok {
		return s
	}
	if b.apis == nil {
		b.apis = map[string]string{}
	}
	b.apis[api] = api
	return api
}

// sharedRoles is the list of an earlier job that asked for the same.
func (b *book) sharedRoles(list []Role) []Role {
	if len(list) != 1 {
		return list
	}
	if same, ok := b.roles[list[0]]; ok {
		return same
	}
	if b.roles == nil || len(b.roles) >= maxRoles {
		b.roles = map[Role][]Role{}
	}
	b.roles[list[0]] = list
	return list
}

// Kinds are the events that change a job's record.
func (b *book) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvQueue, state.EvNeverFits, state.EvStart, state.EvEnd, state.EvEvict, state.EvStopping,
		state.EvPriority, state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags)
}

// Observe follows the events.
func (b *book) Observe(batch *state.Batch) {
	for i := range batch.Events {
		ev := &batch.Events[i]
		if !b.Kinds().Has(ev.Kind) {
			continue
		}
		b.now = ev.Time
		switch ev.Kind {
		case state.EvArrive:
			b.arrive(ev, batch)
		case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
			b.node(ev, batch)
		default:
			b.job(ev, batch)
		}
	}
}

// edit is the record of a job, to be changed.
func (b *book) edit(number uint64) *Job {
	j := b.live[number]
	switch {
	case j == nil:
		j = b.recall(number)
		b.dirty = append(b.dirty, number)
	case j.published:
		c := *j
		c.published = false
		j = &c
		b.dirty = append(b.dirty, number)
	}
	b.live[number] = j
	j.Modified = b.now
	return j
}

// arrive opens the record of a job.
func (b *book) arrive(ev *state.Event, batch *state.Batch) {
	var j *Job
	if ev.Flags&state.FlagCommand != 0 {
		j = b.pending[0]
		b.pending = b.pending[1:]
		b.made(j.Command, ev.Number)
	} else {
		j = b.recorded(ev, batch)
	}
	j.Number, j.slot, j.Modified = ev.Number, ev.Job, ev.Time
	j.Life.Created, j.Life.StopAt, j.Life.Ended = ev.Time, state.Unset, state.Unset
	b.live[ev.Number] = j
	b.dirty = append(b.dirty, ev.Number)
	b.count++
	b.active++
}

// recorded is a job that comes from the scenario's workload.
func (b *book) recorded(ev *state.Event, batch *state.Batch) *Job {
	row := &batch.Jobs.Row[ev.Job]
	j := &Job{Name: string(batch.Jobs.NameOf(ev.Job)), User: batch.Names.Users.Name(row.User), Queue: batch.Names.Queues.Name(row.Queue),
		Priority: row.Priority, Life: play.Life{Script: play.Script{Recorded: true}}}
	for _, r := range batch.Shapes.Of(row.Shape) {
		role := Role{Name: "worker", Replicas: int(r.Replicas), GPUs: int(r.PodGPUs), CPUMilli: r.CPUMilli, MemMiB: r.MemMiB,
			Split: r.Flags&state.RoleSplit != 0}
		for id := range state.MaxGPUTypes {
			if r.TypeMask == 1<<uint(id) {
				role.GPUType = batch.Names.Types.Name(int32(id))
			}
		}
		j.Roles = append(j.Roles, role)
	}
	return j
}

// job follows an event of a job that has arrived.
func (b *book) job(ev *state.Event, batch *state.Batch) {
	j := b.edit(ev.Number)
	switch ev.Kind {
	case state.EvQueue:
		j.NeverFit = false
	case state.EvNeverFits:
		j.NeverFit = true
	case state.EvPriority:
		j.Priority = ev.A
	case state.EvStopping:
		j.Life.StopAt = ev.Time
	case state.EvStart:
		start := ev.Time
		if ev.Flags&state.FlagFirst != 0 {
			start = min(start, state.Time(ev.Y)) // it was running when the world began
		}
		j.Life.Attempts = append(j.Life.Attempts[:len(j.Life.Attempts):len(j.Life.Attempts)], play.Attempt{Start: start, End: state.Unset})
		j.Pods = append(j.Pods[:len(j.Pods):len(j.Pods)], podsOf(ev, batch))
		j.Life.Created = min(j.Life.Created, start)
	case state.EvEvict:
		a := b.closeAttempt(j, ev.Time)
		a.Evicted, a.Why = true, state.EndReason(ev.Cause)
	case state.EvEnd:
		if n := len(j.Life.Attempts); n > 0 && j.Life.Attempts[n-1].End == state.Unset {
			b.closeAttempt(j, ev.Time)
		}
		j.Life.Ended, j.Life.Outcome, j.Life.Reason = ev.Time, ev.Outcome, state.EndReason(ev.Cause)
		if j.Life.Reason == state.ReasonCommand && ev.Outcome == state.Cancelled && j.Life.StopAt == state.Unset {
			j.Life.StopAt = ev.Time
		}
		if b.active--; j.Deleted {
			j.Pods = nil
		}
	}
}

// closeAttempt ends the present attempt; readers of the old record keep theirs.
func (b *book) closeAttempt(j *Job, at state.Time) *play.Attempt {
	j.Life.Attempts = append([]play.Attempt(nil), j.Life.Attempts...)
	a := &j.Life.Attempts[len(j.Life.Attempts)-1]
	a.End = at
	return a
}

func podsOf(ev *state.Event, batch *state.Batch) []Pod {
	var pods []Pod
	for p := range batch.EachPartOf(ev) {
		pods = append(pods, Pod{Role: int32(p.Role), Index: p.Pod, Node: p.Node, Devices: p.Mask})
	}
	return pods
}

// node follows a node.
func (b *book) node(ev *state.Event, batch *state.Batch) {
	if b.lent {
		b.nodes, b.lent = append([]Node(nil), b.nodes...), false
	}
	for len(b.nodes) <= int(ev.Node) {
		b.nodes = append(b.nodes, Node{})
	}
	n := batch.Nodes
	pool := ""
	if id := n.Pool[ev.Node]; int(id) < len(b.pools) {
		pool = b.pools[id]
	}
	b.nodes[ev.Node] = Node{Name: n.Name[ev.Node], Pool: pool, GPUType: b.names.Types.Name(int32(n.Type[ev.Node])), GPUs: int(n.GPUsTotal[ev.Node]), CPUMilli: n.CPUTotal[ev.Node],
		MemMiB: n.MemTotal[ev.Node], Flags: uint32(ev.Z)}
}
