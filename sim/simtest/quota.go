package simtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// quotaLine reads "quota RULES KEY=VALUE...".
func (c *Case) quotaLine(w []string) error {
	s := &quota.Spec{Default: -1}
	c.Config.Quota = s
	var err error
	if s.Rules, err = word[quota.Rules](w[0], 3); err != nil {
		return err
	}
	return eachKey(w[1:], func(k, v string) (err error) {
		switch k {
		case "between":
			s.Between, err = word[quota.Between](v, quota.NumBetween)
		case "resources":
			for _, name := range strings.Split(v, ",") {
				r := quota.Resource{Name: name, Kind: quota.GPU}
				switch name {
				case "gpu":
					r.Kind = quota.AnyGPU
				case "cpu":
					r.Kind = quota.CPU
				case "memory":
					r.Kind = quota.Memory
				default:
					r.Type = c.Config.Names.Types.Intern([]byte(name))
				}
				s.Resources = append(s.Resources, r)
			}
		default:
			err = errUnknown(k)
		}
		return err
	})
}

// word finds what prints as text among the first n values of a kind.
func word[T interface {
	~uint8
	fmt.Stringer
}](text string, n int) (T, error) {
	for i := range n {
		if T(i).String() == text {
			return T(i), nil
		}
	}
	return 0, errUnknown(text)
}

// queueLine reads "queue NAME KEY=VALUE...".
func (c *Case) queueLine(w []string) error {
	s := c.Config.Quota
	if s == nil {
		return fmt.Errorf("queue %s before the quota", w[0])
	}
	q := quota.Queue{Name: w[0], Parent: -1, Weight: 1e6, Reclaimable: true}
	c.Config.Names.Queues.Intern([]byte(q.Name))
	err := eachKey(w[1:], func(k, v string) (err error) {
		switch k {
		case "parent":
			if q.Parent = s.Find(v); q.Parent < 0 {
				err = errUnknown(v)
			}
		case "default":
			s.Default = int32(len(s.Queues))
		case "cap":
			err = c.cap(&q, v)
		default:
			var set quota.Value
			if set, err = c.field(k, v); err == nil {
				err = q.Apply(set, len(s.Resources))
			}
		}
		return err
	})
	s.Queues = append(s.Queues, q)
	return err
}

// cap reads FROM-TO:RESOURCE:AMOUNT.
func (c *Case) cap(q *quota.Queue, text string) error {
	var from, to int32
	var name string
	var n int64
	if _, err := fmt.Sscanf(strings.NewReplacer("-", " ", ":", " ").Replace(text), "%d %d %s %d", &from, &to, &name, &n); err != nil {
		return err
	}
	k := quota.Cap{From: from, To: to, Amount: make([]int64, len(c.Config.Quota.Resources))}
	for i := range k.Amount {
		if k.Amount[i] = quota.Unset; c.Config.Quota.Resources[i].Name == name {
			k.Amount[i] = n * 1000
		}
	}
	q.Caps = append(q.Caps, k)
	return nil
}

// field reads field=value, or field.RESOURCE=value in whole GPUs.
func (c *Case) field(key, text string) (quota.Value, error) {
	name, resource, _ := strings.Cut(key, ".")
	f, ok := quota.ParseField(name)
	if !ok {
		return quota.Value{}, errUnknown(key)
	}
	v := quota.Value{Field: f, Resource: -1}
	var err error
	switch {
	case f.IsAmount():
		v.Resource = int32(slices.IndexFunc(c.Config.Quota.Resources, func(r quota.Resource) bool { return r.Name == resource }))
		v.To, err = number[int64](text)
		v.To *= 1000
	case f == quota.FieldStrategy:
		var s quota.Strategy
		s, err = word[quota.Strategy](text, quota.NumStrategies)
		v.To = int64(s)
	case f == quota.FieldState:
		var s quota.State
		s, err = word[quota.State](text, quota.NumStates)
		v.To = int64(s)
	case f == quota.FieldTimeout || f == quota.FieldGrowth:
		var t state.Time
		t, err = span(text)
		v.To = int64(t)
	default:
		v.To, err = number[int64](text)
		if f == quota.FieldWeight {
			v.To *= 1_000_000
		}
	}
	return v, err
}

// editLine reads "edit at=T NAME KEY=VALUE...": a change of a queue.
func (c *Case) editLine(w []string) error {
	at, err := span(strings.TrimPrefix(w[0], "at="))
	if err != nil {
		return err
	}
	e := &quota.Edit{Name: w[1]}
	err = eachKey(w[2:], func(k, v string) error {
		set, err := c.field(k, v)
		e.Set = append(e.Set, set)
		return err
	})
	c.Config.Changes = append(c.Config.Changes, sim.Change{At: at, Kind: sim.ChangeQueue, Queue: e})
	return err
}

// quota draws a quota tree for a world of three GPU types, and edits of it.
func (w *World) quota(p Pick) {
	if !p.one(3) {
		return
	}
	s := &quota.Spec{Rules: quota.Rules(p(3)), Between: quota.Between(p(quota.NumBetween)), Resources: []quota.Resource{{Name: "gpu", Kind: quota.AnyGPU}}}
	for i := range 3 * p(2) {
		s.Resources = append(s.Resources, quota.Resource{Name: string(rune('A' + i)), Kind: quota.GPU, Type: int32(i)})
	}
	if p(2) == 1 {
		s.Resources = append(s.Resources, quota.Resource{Name: "cpu", Kind: quota.CPU})
	}
	for i := range 1 + p(6) {
		s.Queues = append(s.Queues, w.queue(p, s, i))
	}
	if len(s.Check(nil)) > 0 {
		for i := range s.Queues { // what they ask for together is too much: amounts without bounds above them never are
			q := &s.Queues[i]
			q.Guarantee, q.Deserved, q.LendingLimit = nil, nil, nil
			if q.Parent >= 0 {
				q.Capability = nil
			}
		}
	}
	w.Config.Quota = s
	for i := range s.Queues {
		w.Config.Names.Queues.Intern([]byte(s.Queues[i].Name))
	}
	var takes []int32
	for i := range s.Queues {
		leaf := !slices.ContainsFunc(s.Queues, func(q quota.Queue) bool { return q.Parent == int32(i) })
		if leaf || s.Rules == quota.PAI {
			takes = append(takes, int32(i))
		}
	}
	s.Default = takes[0]
	for i := range w.Specs {
		w.Specs[i].Queue = takes[p(len(takes))]
		w.Specs[i].Priority = int32(p(4))
	}
	w.edits(p, s)
}

func (w *World) queue(p Pick, s *quota.Spec, i int) quota.Queue {
	amounts := func(most int) []int64 {
		if p(3) == 0 {
			return nil
		}
		out := make([]int64, len(s.Resources))
		for r := range out {
			out[r] = int64(p(most+1))*1000 - 1000
			out[r] = max(out[r], quota.Unset)
		}
		return out
	}
	q := quota.Queue{Name: fmt.Sprintf("q%d", i), Parent: int32(p(i+1)) - 1, Weight: int64(p(3)) * 1e6, Priority: int32(p(2)),
		Strategy: quota.Strategy(p(quota.NumStrategies)), Timeout: state.Time(p(6)), Threshold: 2, Growth: state.Time(p(6))}
	switch s.Rules {
	case quota.Volcano:
		q.Guarantee, q.Deserved, q.Capability = amounts(2), amounts(6), amounts(9)
	case quota.PAI:
		q.Guarantee, q.Capability, q.UserLimit = amounts(6), amounts(9), amounts(9)
		if p.one(3) {
			q.Caps = []quota.Cap{{From: 1, To: 2, Amount: amounts(6)}}
		}
	default:
		q.Nominal = amounts(8)
		if q.Parent >= 0 {
			q.BorrowingLimit, q.LendingLimit = amounts(6), amounts(3)
		}
	}
	return q
}

// edits changes states and strategies in mid-run, and capabilities where that cannot break a sum.
func (w *World) edits(p Pick, s *quota.Spec) {
	at := state.Time(0)
	for range p(4) {
		at += state.Time(p(30))
		e := &quota.Edit{Name: s.Queues[p(len(s.Queues))].Name}
		switch p(3) {
		case 0:
			e.Set = []quota.Value{{Field: quota.FieldState, To: int64(p(quota.NumStates))}}
		case 1:
			e.Set = []quota.Value{{Field: quota.FieldStrategy, To: int64(p(quota.NumStrategies))}}
		default:
			e.Set = []quota.Value{{Field: quota.FieldPriority, To: int64(p(5))}}
		}
		w.Config.Changes = append(w.Config.Changes, sim.Change{At: at, Kind: sim.ChangeQueue, Queue: e})
	}
	slices.SortStableFunc(w.Config.Changes, func(a, b sim.Change) int { return int(a.At - b.At) })
}

// overQuota reports whether a waiting job's class does not fit, on books that are opened anew and charged with what runs.
func (o *Oracle) overQuota(slot int32) (bool, error) {
	t, ok := o.view.Quota.(*quota.Tree)
	if !ok {
		return false, nil
	}
	total := make([]int64, len(t.Resources()))
	for r := range total {
		total[r] = t.Total(int32(r))
	}
	books := quota.New(t.Spec(), total)
	j := o.view.Jobs
	classOf := func(slot int32) int32 {
		row := &j.Row[slot]
		return books.ClassOf(books.Line(t.QueueOf(t.ClassOf(o.view.Line[slot])), row.User, row.Priority, row.Shape, o.view.Shapes.Of(row.Shape)))
	}
	for s := range j.Row {
		if st := j.Row[s].State; st != state.JobRunning && st != state.JobStopping {
			continue
		}
		var parts []state.Part
		for at := j.Row[s].AllocHead; at >= 0; at = o.view.Allocs.Next[at] {
			parts = append(parts, o.view.Allocs.Parts[at])
		}
		books.Charge(classOf(int32(s)), parts, o.view.Capacity.Nodes())
	}
	for q := range t.Spec().Queues {
		for r := range total {
			if got, want := t.Used(int32(q), int32(r)), books.Used(int32(q), int32(r)); got != want {
				return false, fmt.Errorf("queue %d uses %d of resource %d, the books say %d", q, want, r, got)
			}
		}
	}
	class := classOf(slot)
	books.Join(class)
	return !books.Open(class), nil
}

// queueOf is the queue of the tree that a job waits in, or -1.
func (o *Oracle) queueOf(slot int32) int32 {
	t, ok := o.view.Quota.(*quota.Tree)
	if !ok {
		return -1
	}
	return t.QueueOf(t.ClassOf(o.view.Line[slot]))
}
