package state

import "iter"

// Capacity is the engine's index of free capacity (*cluster.Cluster). Native parts assert it once a pass.
type Capacity interface {
	// Nodes are its columns.
	Nodes() *Nodes
}

// Quota is the engine's quota tree (*quota.Tree). Native parts assert it once a pass.
type Quota interface {
	// Len is the number of its queues.
	Len() int
}

// View is what a policy sees. Its slices are the engine's own and read-only by contract.
type View struct {
	Now       Time
	Partition int32 // the partition whose pass this is
	Pass      uint64
	Jobs      *Jobs
	Shapes    *Shapes
	Allocs    *Allocs
	Capacity  Capacity
	Names     *Names
	Quota     Quota   // nil: no quota tree
	Line      []int32 // by job slot, with a quota tree: the line of the tree that the job is of
	Seed      uint64
	// Recoveries say what an eviction costs a job: see RecoveryOf.
	Recoveries []Recovery
	// Reservations are all that are known, past ones too, by Start.
	Reservations []Reservation
	// DropUnfit: a job that does not fit at its first pass is to be rejected (onNoFit: drop).
	DropUnfit bool
}

// Trigger says when a policy wants a pass. The zero value: at every change.
type Trigger struct {
	Every    Time // > 0: at multiples of Every only (a periodic policy sees arrivals at its tick)
	Coalesce Time // > 0: at most so long after the first change
}

// Info describes a policy to engine and reports.
type Info struct {
	Name        string
	Trigger     Trigger
	Clairvoyant bool // it uses true durations; the scenario must grant it and reports say so
}

// Policy decides who starts where. The engine calls it from one goroutine.
type Policy interface {
	Info() Info
	// Init is called once, before the first event; the view's cluster is there, its jobs are not.
	Init(v *View) error
	// Observe hands over events in order, each exactly once, before any pass that could depend on them.
	Observe(v *View, events []Event)
	// Pass decides for one partition. Everything that it takes on the index goes through v.Capacity into d.Parts.
	Pass(v *View, d *Decisions)
	// Clone returns an independent copy for a fork, or an error that says why it cannot.
	Clone() (Policy, error)
}

// Batch is a run of events with what listeners may read beside them. The engine may be ahead already (sim.Conveyor): the
// columns have the length that they had when the batch was handed over, and whatever changes in them must not be read.
type Batch struct {
	Events []Event
	Parts  []Part  // that the events' attempts took and gave back; equal ones on nodes in a row are one (Part.More)
	Jobs   *Jobs   // fixed columns only
	Shapes *Shapes // of jobs whose end has not been delivered
	Nodes  *Nodes  // fixed columns only: names, types, pools, totals
	Names  *Names  // by id only (Names.View)
}

// PartsOf are the parts that the attempt of an EvStart took, or of an EvEnd or EvEvict gives back (all that it took). An end
// of a job that waited has none. Equal parts on nodes in a row are one: see Part.More, and EachPartOf.
func (b *Batch) PartsOf(ev *Event) []Part {
	return b.Parts[ev.Node : ev.Node+ev.B : ev.Node+ev.B]
}

// EachPartOf gives the parts of PartsOf node by node, for who need not be fast.
func (b *Batch) EachPartOf(ev *Event) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		for _, p := range b.PartsOf(ev) {
			for more := p.More; ; more-- {
				p.More = 0
				if !yield(p) {
					return
				}
				if more == 0 {
					break
				}
				p.Node++
				p.Pod++
			}
		}
	}
}

// AppendParts appends parts, none of which has More, to a batch's: those that go on with the one before are counted to it.
// first is where the parts of this event begin.
func AppendParts(told []Part, first int, parts ...Part) []Part {
	for i := range parts {
		p := &parts[i]
		if n := len(told); n > first && told[n-1].goesOn(p) {
			told[n-1].More++
			continue
		}
		told = append(told, *p)
	}
	return told
}

// goesOn reports whether q is what one more node of p would be.
func (p *Part) goesOn(q *Part) bool {
	d := p.More + 1
	return q.Node == p.Node+d && q.Mask == p.Mask && q.Pod == p.Pod+d && q.Milli == p.Milli && q.Role == p.Role && q.CPU == p.CPU && q.Mem == p.Mem
}

// KindSet is a set of event kinds.
type KindSet uint64

// Kinds makes a KindSet.
func Kinds(kinds ...EventKind) KindSet {
	var s KindSet
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// AllKinds is every kind of event.
const AllKinds KindSet = 1<<numEventKinds - 1

// Has reports whether k is in the set.
func (s KindSet) Has(k EventKind) bool { return s>>k&1 != 0 }

// Listener hears what happened: metrics, run files, checkers, histories. It never reads changing columns.
type Listener interface {
	// Kinds are the events it wants. Others may be in a batch as well and are to be skipped.
	Kinds() KindSet
	Observe(b *Batch)
}

// Cloner is a Listener that can follow a fork. Listeners that write files are not forked.
type Cloner interface {
	CloneListener() Listener
}
