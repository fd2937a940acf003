package aihc

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/sim/state"
)

// rootQueue is above the queues that have none above them.
const rootQueue = "root"

// maxDescription bounds what is kept of a queue.
const maxDescription = 4096

var (
	queueTypes = []string{"Regular", "Elastic", "Physical"}
	strategies = []string{"StrictFIFO", "BestEffortFIFO"}
)

// quantities are the amounts of a request: numbers, or texts of numbers.
type quantities map[string]json.RawMessage

// queueRequest is the body of CreateQueue and, without name and parent, of UpdateQueue.
type queueRequest struct {
	Name             string          `json:"name"`
	ParentQueue      string          `json:"parentQueue"`
	Description      *string         `json:"description"`
	QueueType        string          `json:"queueType"`
	Deserved         quantities      `json:"deserved"`
	Guarantee        quantities      `json:"guarantee"`
	Capability       quantities      `json:"capability"`
	DisableOversell  *bool           `json:"disableOversell"`
	Reclaimable      *bool           `json:"reclaimable"`
	Nodes            json.RawMessage `json:"nodes"`
	QueueingStrategy string          `json:"queueingStrategy"`
}

// note is what AIHC says of a queue that the world has no word for.
type note struct {
	Description     string        `json:"description,omitempty"`
	QueueType       string        `json:"queueType,omitempty"`
	DisableOversell bool          `json:"disableOversell,omitempty"`
	Capability      world.Amounts `json:"capability,omitempty"` // as asked for: without oversell the queue has less
	Created         state.Time    `json:"created,omitempty"`
}

func noteOf(q *world.Queue) (n note) {
	_ = json.Unmarshal(q.Note, &n) // a queue of the scenario has none
	return n
}

func (r *queueRequest) check(create bool) error {
	if i := slices.IndexFunc(queueTypes, func(t string) bool { return strings.EqualFold(t, r.QueueType) }); i >= 0 {
		r.QueueType = queueTypes[i]
	} else if r.QueueType != "" {
		return lens.Invalid("queueType", "got %q, want Regular or Elastic", r.QueueType)
	}
	none := len(r.Nodes) == 0 || slices.Contains([]string{"null", "{}", "[]"}, string(bytes.TrimSpace(r.Nodes)))
	switch {
	case create && r.Name == "":
		return lens.Missing("name", "a name of letters, digits, -, _ and .")
	case create && (len(r.Name) > maxName || strings.ContainsFunc(r.Name, notInName) || r.Name == rootQueue || r.Name == "all"):
		return lens.Invalid("name", "got %q, want at most %d letters, digits, -, _ and ., other than root and all", r.Name, maxName)
	case create && r.ParentQueue == defaultQueue:
		return lens.Invalid("parentQueue", "got %q, want root or another queue: the default queue can have none below it", defaultQueue)
	case r.QueueType == "Physical" || !none:
		return lens.Invalid("nodes", "a queue with nodes of its own; want Regular or Elastic: such queues come with the scenario (queues: [{nodes: ...}])")
	case r.QueueingStrategy != "" && !slices.Contains(strategies, r.QueueingStrategy):
		return lens.Invalid("queueingStrategy", "got %q, want StrictFIFO or BestEffortFIFO", r.QueueingStrategy)
	case r.Description != nil && len(*r.Description) > maxDescription:
		return lens.Invalid("description", "got %d bytes, want at most %d", len(*r.Description), maxDescription)
	}
	return nil
}

// amounts translates what a request says: cards as they are counted, cpu in cores, memory in GiB.
func (s *Service) amounts(field string, q quantities) (world.Amounts, error) {
	if q == nil {
		return nil, nil
	}
	out := world.Amounts{}
	for name, text := range q { // into a map: the order does not matter
		n, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
		if err != nil || math.IsNaN(n) || n < 0 || n > maxAmount {
			return nil, lens.Invalid(field+"."+name, "got %.40s, want a number from 0 to %d", text, maxAmount)
		}
		switch c := s.cards.byName(name); {
		case name == resourceMemory:
			out[name] = int64(math.Ceil(n * 1024))
		case name == resourceCPU, name == anyGPU:
			out[name] = int64(math.Ceil(n * 1000))
		case c != nil:
			out[c.gpu] = int64(math.Ceil(n * 1000))
		default:
			return nil, lens.Invalid(field+"."+name, "no such resource, want gpu, cpu, memory or one of %s", lens.Quoted(s.cards.names()))
		}
	}
	return out, nil
}

// texts are amounts in answers.
func (s *Service) texts(a world.Amounts) map[string]string {
	if a == nil {
		return nil
	}
	out := map[string]string{}
	for name, n := range a {
		switch {
		case name == resourceMemory:
			out[name] = gib(n)
		case name == resourceCPU || name == anyGPU:
			out[name] = cores(n)
		default:
			out[s.cards.nameOf(name)] = cores(n)
		}
	}
	return out
}

// apply brings a request into a queue.
func (s *Service) apply(r *queueRequest, q *world.Queue) error {
	n := noteOf(q)
	asked := q.Capability
	if n.Capability != nil {
		asked = n.Capability
	}
	for _, f := range []struct {
		name string
		from quantities
		to   *world.Amounts
	}{{"guarantee", r.Guarantee, &q.Guarantee}, {"deserved", r.Deserved, &q.Deserved}, {"capability", r.Capability, &asked}} {
		a, err := s.amounts(f.name, f.from)
		if err != nil {
			return err
		}
		if a != nil {
			*f.to = a
		}
	}
	if r.Description != nil {
		n.Description = *r.Description
	}
	if r.QueueType != "" {
		n.QueueType = r.QueueType
	}
	if r.DisableOversell != nil {
		n.DisableOversell = *r.DisableOversell
	}
	if r.Reclaimable != nil {
		q.Reclaimable = *r.Reclaimable
	}
	if r.QueueingStrategy != "" {
		q.Strategy = r.QueueingStrategy
	}
	q.Capability, n.Capability = asked, nil
	if n.DisableOversell && q.Deserved != nil { // nothing beyond what is its own
		n.Capability, q.Capability = asked, world.Amounts{}
		for name, a := range asked {
			q.Capability[name] = a
		}
		for name, a := range q.Deserved {
			if c, ok := q.Capability[name]; !ok || c > a {
				q.Capability[name] = a
			}
		}
	}
	var err error
	q.Note, err = json.Marshal(n)
	return err
}

func (s *Service) createQueue(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	var r queueRequest
	if err := lens.Decode(c.Body(), &r); err != nil {
		return nil, err
	}
	if err := r.check(true); err != nil {
		return nil, err
	}
	parent := ""
	if r.ParentQueue != "" && r.ParentQueue != rootQueue {
		parent = r.ParentQueue
	}
	now := s.world.Glance()
	if i := slices.IndexFunc(now.Queues(), func(q world.Queue) bool { return q.Name == parent }); parent != "" && i >= 0 && now.Queues()[i].Parent != "" {
		return nil, lens.Invalid("parentQueue", "got %q, which is below another queue, want root or a queue below root: there are two levels", parent)
	}
	v, err := s.world.ChangeQueue(c.Context(), r.Name, func(q *world.Queue, v world.View) (*world.Queue, error) {
		if q != nil {
			return nil, &Error{fiber.StatusConflict, codeExists, "there is a queue " + r.Name}
		}
		q = &world.Queue{Name: r.Name, Parent: parent, State: "open"}
		made, err := json.Marshal(note{Created: v.Now})
		q.Note = made
		return q, errors.Join(err, s.apply(&r, q))
	})
	return queueChanged(c, r.Name, v, err)
}

func (s *Service) updateQueue(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	var r queueRequest
	if err := lens.Decode(c.Body(), &r); err != nil {
		return nil, err
	}
	if err := r.check(false); err != nil {
		return nil, err
	}
	name := c.Params("queueName")
	v, err := s.world.ChangeQueue(c.Context(), name, func(q *world.Queue, _ world.View) (*world.Queue, error) {
		if q == nil {
			return nil, noObject("queueName", name, "a queue that ListQueues lists")
		}
		return q, s.apply(&r, q)
	})
	return queueChanged(c, name, v, err)
}

func (s *Service) deleteQueue(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	name := c.Params("queueName")
	v, err := s.world.ChangeQueue(c.Context(), name, func(q *world.Queue, _ world.View) (*world.Queue, error) {
		if q == nil {
			return nil, noObject("queueName", name, "a queue that ListQueues lists")
		}
		return nil, nil
	})
	return queueChanged(c, name, v, err)
}

func queueChanged(c *fiber.Ctx, name string, v world.View, err error) (any, error) {
	if errors.Is(err, world.ErrNoTree) {
		return nil, &Error{fiber.StatusBadRequest, codeNotYet, err.Error() + "; its queues are names that cannot be changed"}
	}
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return fiber.Map{"queueName": name}, nil
}

// queueWire is a queue in v1's words, without what its jobs hold.
func (s *Service) queueWire(v world.View, q *world.Queue) *Queue {
	n := noteOf(q)
	o := &Queue{CreatedTime: stamp(v.Time(n.Created)), Name: q.Name, NameSpace: namespace, ParentQueue: rootQueue, QueueType: "Regular", Description: n.Description, State: "Open",
		Opened: q.State == "open", Reclaimable: q.Reclaimable, DisableOversell: n.DisableOversell, Guarantee: s.texts(q.Guarantee), Deserved: s.texts(q.Deserved),
		Capability: s.texts(q.Capability)}
	if q.Parent != "" {
		o.ParentQueue = q.Parent
	}
	if n.QueueType != "" {
		o.QueueType = n.QueueType
	}
	if slices.Contains(strategies, q.Strategy) {
		o.QueueingStrategy = q.Strategy
	}
	if n.DisableOversell && n.Capability != nil {
		o.Capability = s.texts(n.Capability)
	}
	switch q.State {
	case "closed":
		o.State = "Closed"
	case "hold", "drain":
		o.State = "Close"
	}
	return o
}
