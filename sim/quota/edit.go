package quota

import (
	"errors"
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Field is one thing of a queue that can be set.
type Field uint8

// The fields. Amounts are of one resource.
const (
	FieldGuarantee Field = iota
	FieldDeserved
	FieldCapability
	FieldNominal
	FieldBorrowingLimit
	FieldLendingLimit
	FieldUserLimit
	FieldWeight // in millionths
	FieldPriority
	FieldStrategy
	FieldReclaimable // 0 or 1
	FieldState
	FieldTimeout   // ns
	FieldThreshold //
	FieldGrowth    // ns
	FieldParent    // index of a queue, or -1
	NumFields      = iota
)

var fieldNames = [NumFields]string{"guarantee", "deserved", "capability", "nominal", "borrowingLimit", "lendingLimit", "userLimit",
	"weight", "priority", "strategy", "reclaimable", "state", "timeout", "threshold", "growth", "parent"}

func (f Field) String() string { return fieldNames[f] }

// IsAmount reports whether a field has one value for each resource.
func (f Field) IsAmount() bool { return f <= FieldUserLimit }

// ParseField reads a field's name.
func ParseField(name string) (Field, bool) {
	i := slices.Index(fieldNames[:], name)
	return Field(max(i, 0)), i >= 0
}

// FieldNames are the names of all fields.
func FieldNames() []string { return fieldNames[:] }

// EditKind is what happens to a queue.
type EditKind uint8

// The kinds.
const (
	EditSet    EditKind = iota // Set
	EditCreate                 // Queue
	EditDelete                 // a queue with nothing below it, nobody waiting and nothing in use
)

// Edit is a change of one queue.
type Edit struct {
	Kind  EditKind
	Name  string // of the queue
	Queue Queue  // EditCreate; its Parent is set by its name in Above
	Above string // EditCreate: name of the parent, "" = a root
	Set   []Value
}

// Value is what a field becomes.
type Value struct {
	Field    Field
	Resource int32 // of an amount
	To       int64 // Unset takes an amount back
}

// Why an edit is refused, beside a tree that Check finds wrong.
var (
	ErrNoQueue = errors.New("no such queue")
	ErrInUse   = errors.New("the queue is in use")
	ErrExists  = errors.New("there is a queue of this name")
)

// Find is the index of a queue, or -1.
func (s *Spec) Find(name string) int32 {
	for i := range s.Queues {
		if s.Queues[i].Name == name && name != "" {
			return int32(i)
		}
	}
	return -1
}

// Edit changes the tree, or says why not and leaves it as it was.
func (t *Tree) Edit(e *Edit) error {
	spec := *t.spec
	spec.Queues = slices.Clone(t.spec.Queues)
	i := spec.Find(e.Name)
	if i < 0 && e.Kind != EditCreate {
		return fmt.Errorf("queue %q: %w", e.Name, ErrNoQueue)
	}
	switch e.Kind {
	case EditCreate:
		q := e.Queue
		q.Name, q.Parent = e.Name, -1
		if i >= 0 || e.Name == "" {
			return fmt.Errorf("queue %q: %w", e.Name, ErrExists)
		}
		if e.Above != "" {
			if q.Parent = spec.Find(e.Above); q.Parent < 0 {
				return fmt.Errorf("parent %q: %w", e.Above, ErrNoQueue)
			}
			if err := t.mayHaveBelow(q.Parent); err != nil {
				return err
			}
		}
		spec.Queues = append(spec.Queues, q)
	case EditDelete:
		if err := t.mayGo(i); err != nil {
			return err
		}
		spec.Queues[i] = Queue{Parent: -1, State: Hold} // its place stays taken
	default:
		if err := spec.set(i, e.Set); err != nil {
			return err
		}
	}
	return t.Replace(&spec)
}

// mayHaveBelow refuses a queue below one that has jobs, where only queues without others below them take jobs.
func (t *Tree) mayHaveBelow(q int32) error {
	if t.spec.Rules == PAI || !t.IsLeaf(q) {
		return nil
	}
	if used, waiting := t.Holds(q); used || waiting > 0 {
		return fmt.Errorf("queue %q has jobs (%d wait) and can have no queues below it: %w", t.spec.Queues[q].Name, waiting, ErrInUse)
	}
	return nil
}

func (t *Tree) mayGo(q int32) error {
	name := t.spec.Queues[q].Name
	if !t.IsLeaf(q) {
		return fmt.Errorf("queue %q has queues below it: %w", name, ErrInUse)
	}
	if q == t.spec.Default {
		return fmt.Errorf("queue %q takes the jobs that name no queue: %w", name, ErrInUse)
	}
	if used, waiting := t.Holds(q); used || waiting > 0 {
		return fmt.Errorf("queue %q has jobs (%d wait, in use: %v): %w", name, waiting, used, ErrInUse)
	}
	return nil
}

// set changes fields of a queue that nobody else has a share in.
func (s *Spec) set(i int32, values []Value) error {
	q := &s.Queues[i]
	for _, v := range values {
		if list := q.amounts(v.Field); list != nil {
			if v.Resource < 0 || int(v.Resource) >= len(s.Resources) {
				return fmt.Errorf("queue %q: %s of resource %d (there are %d)", q.Name, v.Field, v.Resource, len(s.Resources))
			}
			own := make([]int64, len(s.Resources))
			for r := range own {
				own[r] = amount(*list, r)
			}
			own[v.Resource] = v.To
			*list = own
			continue
		}
		if err := q.set(v); err != nil {
			return err
		}
	}
	return nil
}

// amounts is the list of a field that has one value for each resource, or nil.
func (q *Queue) amounts(f Field) *[]int64 {
	if !f.IsAmount() {
		return nil
	}
	return [...]*[]int64{&q.Guarantee, &q.Deserved, &q.Capability, &q.Nominal, &q.BorrowingLimit, &q.LendingLimit, &q.UserLimit}[f]
}

func (q *Queue) set(v Value) error {
	bounded := func(n int64) error {
		if v.To < 0 || v.To >= n {
			return fmt.Errorf("queue %q: %s is %d (want 0 to %d)", q.Name, v.Field, v.To, n-1)
		}
		return nil
	}
	switch v.Field {
	case FieldWeight:
		q.Weight = v.To
	case FieldPriority:
		q.Priority = int32(v.To)
	case FieldStrategy:
		q.Strategy = Strategy(v.To)
		return bounded(NumStrategies)
	case FieldReclaimable:
		q.Reclaimable = v.To != 0
		return bounded(2)
	case FieldState:
		q.State = State(v.To)
		return bounded(NumStates)
	case FieldTimeout:
		q.Timeout = state.Time(v.To)
	case FieldThreshold:
		q.Threshold = int32(v.To)
	case FieldGrowth:
		q.Growth = state.Time(v.To)
	case FieldParent:
		q.Parent = int32(v.To)
	default:
		return fmt.Errorf("queue %q has no field %d", q.Name, v.Field)
	}
	return nil
}

// MaxRun is the strictest limit on the running time of a user's job of a priority, or 0.
func (t *Tree) MaxRun(queue, user, priority int32) state.Time {
	limit := state.Time(0)
	for at := queue; at >= 0; at = t.spec.Queues[at].Parent {
		for i := range t.spec.Queues[at].Caps {
			if c := &t.spec.Queues[at].Caps[i]; c.MaxRun > 0 && c.matches(user, priority) && (limit == 0 || c.MaxRun < limit) {
				limit = c.MaxRun
			}
		}
	}
	return limit
}

// Apply sets a field of a queue that stands in no tree yet; resources is the number of those that are counted.
func (q *Queue) Apply(v Value, resources int) error {
	s := Spec{Queues: []Queue{*q}, Resources: make([]Resource, resources)}
	err := s.set(0, []Value{v})
	*q = s.Queues[0]
	return err
}
