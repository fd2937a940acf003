package aihc

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
)

// Queue is a queue of the pool. Amounts are texts: cpu in cores, memory in GiB, gpu in cards of any type.
type Queue struct {
	CreatedTime      string            `json:"createdTime"`
	Description      string            `json:"description,omitempty"`
	Name             string            `json:"name"`
	NameSpace        string            `json:"nameSpace"`
	ParentQueue      string            `json:"parentQueue"`
	QueueType        string            `json:"queueType"`
	State            string            `json:"state"`
	Reclaimable      bool              `json:"reclaimable"`
	Preemptable      bool              `json:"preemptable"`
	DisableOversell  bool              `json:"disableOversell"`
	QueueingStrategy string            `json:"queueingStrategy,omitempty"`
	Capability       map[string]string `json:"capability,omitempty"`
	Deserved         map[string]string `json:"deserved,omitempty"`
	Guarantee        map[string]string `json:"guarantee,omitempty"`
	Allocated        map[string]string `json:"allocated"`
	Running          int               `json:"running"`
	Inqueue          int               `json:"inqueue"` // they have resources and do not run yet
	Pending          int               `json:"pending"` // they wait
	Opened           bool              `json:"opened"`
	Children         []*Queue          `json:"children,omitempty"`
}

// anyGPU is the resource of a quota that counts cards of any type.
const anyGPU = "gpu"

// queueOf is what the world calls a queue.
func (s *Service) queueOf(name string) string {
	if name == defaultQueue && !slices.Contains(s.world.Queues(), defaultQueue) {
		return ""
	}
	return name
}

// queues are those of the pool: default, and the world's.
func (s *Service) queues(v world.View) []*Queue {
	all := v.Queues()
	if !slices.ContainsFunc(all, func(q world.Queue) bool { return q.Name == defaultQueue }) {
		all = append([]world.Queue{{Name: defaultQueue, State: "open"}}, all...)
	}
	byName := map[string]*Queue{}
	var out []*Queue
	for i := range all {
		q := s.queueWire(v, &all[i])
		byName[q.Name] = q
		out = append(out, q)
	}
	used := map[*Queue]*held{}
	for _, q := range out {
		used[q] = &held{}
	}
	for b := range v.Each(world.All) { // sums: the order does not matter
		if b.Ended() {
			continue
		}
		if j := b.Job(); j != nil && j.Active() {
			count(v, byName, used, j)
		}
	}
	for _, q := range out {
		h := used[q]
		q.Allocated = map[string]string{resourceCPU: cores(h.cpuMilli), resourceMemory: gib(h.memMiB), anyGPU: strconv.Itoa(h.gpus)}
	}
	return out
}

// count adds a job to its queue, and what it holds to those above too.
func count(v world.View, byName map[string]*Queue, used map[*Queue]*held, j *world.Job) {
	q := byName[queueName(j.Queue)]
	if q == nil {
		return
	}
	switch h := v.History(j); {
	case !j.Holds():
		q.Pending++
		return
	case status(&h) == statusPending:
		q.Inqueue++
	default:
		q.Running++
	}
	n := j.Need()
	for ; q != nil; q = byName[q.ParentQueue] {
		used[q].gpus, used[q].cpuMilli, used[q].memMiB = used[q].gpus+n.GPUs, used[q].cpuMilli+n.CPUMilli, used[q].memMiB+n.MemMiB
	}
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
	if q := s.queue(v, c.Params("queueName")); q != nil {
		return fiber.Map{"queue": q}, nil
	}
	return nil, noObject("queueName", c.Params("queueName"), "a queue that ListQueues lists")
}

// queue is a queue by name with those below it, or nil.
func (s *Service) queue(v world.View, name string) *Queue {
	all := s.queues(v)
	i := slices.IndexFunc(all, func(q *Queue) bool { return q.Name == name })
	if i < 0 {
		return nil
	}
	for _, q := range all {
		if q.ParentQueue == name {
			all[i].Children = append(all[i].Children, q)
		}
	}
	return all[i]
}
