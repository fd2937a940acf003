package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// Amounts are by resource of the quota tree: a type of GPU or gpu for GPUs of any type, in thousandths; cpu in thousandths; memory in MiB.
// What is not named is not said.
type Amounts map[string]int64

// Queue is a queue as it stands.
type Queue struct {
	Name        string
	Parent      string // "" = none but the root
	Guarantee   Amounts
	Deserved    Amounts
	Capability  Amounts
	Strategy    string // StrictFIFO, BestEffortFIFO, balance, intelligent; "" = the policy's
	Reclaimable bool
	State       string // open, closed, hold, drain
	Note        []byte // what the API keeps through which it was made or changed
	Default     bool   // jobs that name no queue are in it
}

// rootQueue is above all others of a tree that has one root. Nobody sees it.
const rootQueue = "root"

// Why a queue cannot be what somebody wants it to be.
var (
	ErrNoTree  = errors.New("the world has no quota tree: its scenario says no quota")
	ErrNoQueue = quota.ErrNoQueue
	ErrInUse   = quota.ErrInUse
	ErrExists  = quota.ErrExists
)

// QueueError is a change of a queue that its tree refuses, or a job that its queue does.
type QueueError struct {
	Queue string
	Err   error
}

func (e *QueueError) Error() string { return e.Err.Error() }
func (e *QueueError) Unwrap() error { return e.Err }

// queueChange is what the journal keeps of a change of a queue.
type queueChange struct {
	Name   string
	Create bool   `json:",omitempty"`
	Queue  *Queue `json:",omitempty"` // nil: it goes
}

// ChangeQueue makes of a queue what decide makes of it as it stands: nil, for none, into one or none. Decide runs in the world's own goroutine: it must
// be quick and call no method of World.
func (w *World) ChangeQueue(ctx context.Context, name string, decide func(now *Queue, v View) (*Queue, error)) (View, error) {
	return w.send(ctx, &call{moves: true, plan: func(at state.Time) (*entry, error) {
		tree := w.engine.Quota()
		if tree == nil {
			return nil, ErrNoTree
		}
		now := findQueue(tree.Spec(), w.book.notes, name)
		next, err := decide(now, View{w, at})
		if err != nil {
			return nil, err
		}
		if next == nil && now == nil {
			return nil, &QueueError{name, fmt.Errorf("queue %q: %w", name, quota.ErrNoQueue)}
		}
		body, err := json.Marshal(queueChange{Name: name, Create: now == nil, Queue: next})
		if err != nil {
			return nil, err
		}
		e := &entry{Kind: entryQueue, Payload: body}
		_, err = w.translator.command(e)
		return e, err
	}})
}

// queueCommand is the engine's command for a change of a queue.
func (t *translator) queueCommand(payload []byte) (*sim.Command, error) {
	var c queueChange
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, fmt.Errorf("it changes no queue: %w", err)
	}
	edit := &quota.Edit{Kind: quota.EditDelete, Name: c.Name}
	if c.Queue == nil {
		return &sim.Command{Kind: sim.CommandQueue, Queue: edit}, nil
	}
	strategy := slices.Index(strategyNames, c.Queue.Strategy)
	st := slices.Index(stateNames, c.Queue.State)
	if strategy < 0 || st < 0 {
		return nil, &QueueError{c.Name, fmt.Errorf("queue %q: no strategy %q or no state %q", c.Name, c.Queue.Strategy, c.Queue.State)}
	}
	var lists [3][]int64
	for i, a := range []Amounts{c.Queue.Guarantee, c.Queue.Deserved, c.Queue.Capability} {
		list, err := t.amounts(c.Name, a)
		if err != nil {
			return nil, err
		}
		lists[i] = list
	}
	if c.Create {
		edit.Kind, edit.Above = quota.EditCreate, c.Queue.Parent
		if edit.Above == "" && t.quota.Find(rootQueue) >= 0 {
			edit.Above = rootQueue
		}
		edit.Queue = quota.Queue{Guarantee: lists[0], Deserved: lists[1], Capability: lists[2], Weight: 1_000_000, Strategy: quota.Strategy(strategy),
			Reclaimable: c.Queue.Reclaimable, State: quota.State(st)}
		return &sim.Command{Kind: sim.CommandQueue, Queue: edit}, nil
	}
	edit.Kind = quota.EditSet
	for i, f := range []quota.Field{quota.FieldGuarantee, quota.FieldDeserved, quota.FieldCapability} {
		for r := range t.quota.Resources {
			edit.Set = append(edit.Set, quota.Value{Field: f, Resource: int32(r), To: lists[i][r]})
		}
	}
	reclaimable := int64(0)
	if c.Queue.Reclaimable {
		reclaimable = 1
	}
	edit.Set = append(edit.Set, quota.Value{Field: quota.FieldStrategy, To: int64(strategy)}, quota.Value{Field: quota.FieldReclaimable, To: reclaimable},
		quota.Value{Field: quota.FieldState, To: int64(st)})
	return &sim.Command{Kind: sim.CommandQueue, Queue: edit}, nil
}

// The names of what a queue may be, by number.
var (
	strategyNames = namesOf(quota.NumStrategies, func(i int) string {
		if quota.Strategy(i) == quota.ByPolicy {
			return ""
		}
		return quota.Strategy(i).String()
	})
	stateNames = namesOf(quota.NumStates, func(i int) string { return quota.State(i).String() })
)

func namesOf(n int, name func(int) string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = name(i)
	}
	return out
}

// amounts are by the tree's resources.
func (t *translator) amounts(queue string, a Amounts) ([]int64, error) {
	if t.quota == nil {
		return nil, ErrNoTree
	}
	list := make([]int64, len(t.quota.Resources))
	found := 0
	var names []string
	for i := range list {
		list[i] = quota.Unset
		names = append(names, t.quota.Resources[i].Name)
		if n, ok := a[t.quota.Resources[i].Name]; ok {
			list[i] = n
			found++
		}
	}
	if found < len(a) {
		for name := range a { // any of them: the error tells which there are
			if !slices.Contains(names, name) {
				return nil, &QueueError{queue, fmt.Errorf("queue %q: the quota tree counts no %q (it counts %q)", queue, name, names)}
			}
		}
	}
	return list, nil
}

// Queues are the queues as they stand, in the order in which they were made. Without a quota tree they are the scenario's, and say nothing.
func (v View) Queues() []Queue {
	v.w.mu.RLock()
	spec, notes := v.w.shown.tree, v.w.shown.notes
	v.w.mu.RUnlock()
	var out []Queue
	if spec == nil {
		for _, name := range v.w.queues {
			out = append(out, Queue{Name: name, State: "open"})
		}
		return out
	}
	for i := range spec.Queues {
		if spec.Queues[i].Name != "" && spec.Queues[i].Name != rootQueue {
			out = append(out, queueAt(spec, notes, i))
		}
	}
	return out
}

// HasTree reports whether queues limit jobs and can be changed.
func (v View) HasTree() bool {
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	return v.w.shown.tree != nil
}

func findQueue(spec *quota.Spec, notes map[string][]byte, name string) *Queue {
	if i := spec.Find(name); i >= 0 && name != rootQueue {
		q := queueAt(spec, notes, int(i))
		return &q
	}
	return nil
}

func queueAt(spec *quota.Spec, notes map[string][]byte, i int) Queue {
	s := &spec.Queues[i]
	q := Queue{Name: s.Name, Strategy: strategyNames[s.Strategy], Reclaimable: s.Reclaimable, State: stateNames[s.State], Note: notes[s.Name], Default: int32(i) == spec.Default}
	if s.Parent >= 0 && spec.Queues[s.Parent].Name != rootQueue {
		q.Parent = spec.Queues[s.Parent].Name
	}
	for _, f := range []struct {
		list []int64
		to   *Amounts
	}{{s.Guarantee, &q.Guarantee}, {s.Deserved, &q.Deserved}, {s.Capability, &q.Capability}} {
		for r, n := range f.list {
			if n != quota.Unset {
				if *f.to == nil {
					*f.to = Amounts{}
				}
				(*f.to)[spec.Resources[r].Name] = n
			}
		}
	}
	return q
}

// takesJobs says why a queue takes no job now. The engine would say so too, when it is too late to tell anybody.
func (w *World) takesJobs(queue string) error {
	tree := w.engine.Quota()
	if tree == nil {
		return nil
	}
	spec := tree.Spec()
	i := spec.Default
	if queue != "" {
		i = spec.Find(queue)
	}
	if i < 0 {
		var known []string
		for k := range spec.Queues {
			if spec.Queues[k].Name != "" && tree.TakesJobs(int32(k)) == "" {
				known = append(known, spec.Queues[k].Name)
			}
		}
		return &UnknownQueueError{queue, known}
	}
	why := tree.TakesJobs(i)
	if tree.Closed(i) {
		why = sim.ErrClosed.Error()
	}
	if why != "" {
		return &QueueError{spec.Queues[i].Name, fmt.Errorf("queue %q: %s", spec.Queues[i].Name, why)}
	}
	return nil
}

// noteQueue keeps what an API says of a queue.
func (b *book) noteQueue(payload []byte) {
	var c queueChange
	if json.Unmarshal(payload, &c) != nil { // it was carried out: it can be read
		return
	}
	notes := map[string][]byte{} // readers hold the old one
	for name, note := range b.notes {
		notes[name] = note
	}
	if delete(notes, c.Name); c.Queue != nil && c.Queue.Note != nil {
		notes[c.Name] = c.Queue.Note
	}
	b.notes = notes
}
