package aihc

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
)

// Queue is a queue of the pool. Amounts are texts: cpu in cores, memory in GiB, gpu in cards of any type.
type Queue struct {
	CreatedTime      string            `json:"createdTime"`
	Name             string            `json:"name"`
	NameSpace        string            `json:"nameSpace"`
	ParentQueue      string            `json:"parentQueue"`
	QueueType        string            `json:"queueType"`
	State            string            `json:"state"`
	Reclaimable      bool              `json:"reclaimable"`
	Preemptable      bool              `json:"preemptable"`
	DisableOversell  bool              `json:"disableOversell"`
	QueueingStrategy string            `json:"queueingStrategy"`
	Allocated        map[string]string `json:"allocated"`
	Running          int               `json:"running"`
	Inqueue          int               `json:"inqueue"` // they have resources and do not run yet
	Pending          int               `json:"pending"` // they wait
	Opened           bool              `json:"opened"`
}

// queueOf is what the world calls a queue.
func (s *Service) queueOf(name string) string {
	if name == defaultQueue && !slices.Contains(s.world.Queues(), defaultQueue) {
		return ""
	}
	return name
}

// queues are those of the pool: default, and the scenario's.
func (s *Service) queues(v world.View) []*Queue {
	names := slices.DeleteFunc(slices.Clone(s.world.Queues()), func(n string) bool { return n == defaultQueue })
	names = append([]string{defaultQueue}, names...)
	byName := map[string]*Queue{}
	var out []*Queue
	for _, n := range names {
		q := &Queue{CreatedTime: stamp(v.Time(0)), Name: n, NameSpace: namespace, ParentQueue: "root", QueueType: "Regular", State: "Open", QueueingStrategy: "BestEffortFIFO",
			Opened: true}
		byName[n] = q
		out = append(out, q)
	}
	used := map[*Queue]*held{}
	for b := range v.Each(world.All) { // sums: the order does not matter
		if b.Ended() {
			continue
		}
		j := b.Job()
		q := byName[queueName(j.Queue)]
		if q == nil || !j.Active() {
			continue
		}
		switch h := v.History(j); {
		case !j.Holds():
			q.Pending++
			continue
		case status(&h) == statusPending:
			q.Inqueue++
		default:
			q.Running++
		}
		if used[q] == nil {
			used[q] = &held{}
		}
		n := j.Need()
		used[q].gpus, used[q].cpuMilli, used[q].memMiB = used[q].gpus+n.GPUs, used[q].cpuMilli+n.CPUMilli, used[q].memMiB+n.MemMiB
	}
	for _, q := range out {
		h := cmp.Or(used[q], &held{})
		q.Allocated = map[string]string{"cpu": cores(h.cpuMilli), "memory": gib(h.memMiB), "gpu": strconv.Itoa(h.gpus)}
	}
	return out
}

func cores(milli int64) string { return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64) }
func gib(mib int64) string     { return strconv.FormatFloat(float64(mib)/1024, 'f', -1, 64) }

func (s *Service) listQueues(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	p, err := pageOf(c, "createdTime", "createdTime")
	if err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	list := cut(&p, s.queues(v))
	return struct {
		page
		Queues []*Queue `json:"queues"`
	}{p, append([]*Queue{}, list...)}, nil
}

func (s *Service) getQueue(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	name := c.Params("queueName")
	for _, q := range s.queues(v) {
		if q.Name == name {
			return fiber.Map{"queue": q}, nil
		}
	}
	return nil, noObject("queueName", name, "a queue that ListQueues lists")
}

// fixed is the answer of the calls that would change queues.
func fixed(operation string) error {
	return &Error{fiber.StatusBadRequest, codeNotYet, fmt.Sprintf("%s: the queues are those of the scenario; change them there", operation)}
}

func (s *Service) createQueue(*fiber.Ctx) (any, error) { return nil, fixed("CreateQueue") }
func (s *Service) updateQueue(*fiber.Ctx) (any, error) { return nil, fixed("UpdateQueue") }
func (s *Service) deleteQueue(*fiber.Ctx) (any, error) { return nil, fixed("DeleteQueue") }
