package aihc

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
)

// poolType is the type of a pool that its owner runs.
const poolType = "common"

// poolV2 is the pool in v2's words.
func (s *Service) poolV2(v world.View) fiber.Map {
	return fiber.Map{"resourcePoolId": poolID, "type": poolType, "name": poolName, "region": region, "description": "the simulated cluster", "createdBy": "orrery",
		"configuration": fiber.Map{"forbidDelete": true, "exposedPublic": false}, "createdAt": stamp(v.Time(0)), "updatedAt": stamp(v.Time(0)), "phase": "running",
		"k8sVersion": k8sVersion, "runtimeType": "containerd", "runtimeVersion": "1.7.13", "nodeNum": len(v.Nodes())}
}

func (s *Service) describePools(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	kind, err := lens.OneOf(c, "resourcePoolType", poolType, poolType, "dedicatedV2", "bhcmp")
	if err != nil {
		return nil, err
	}
	if _, err := lens.OneOf(c, "keywordType", "", "resourcePoolId", "resourcePoolName"); err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	list := []fiber.Map{}
	name := map[bool]string{true: poolID, false: poolName}[a.KeywordType == "resourcePoolId"]
	if kind == poolType && strings.Contains(name, a.Keyword) {
		list = append(list, s.poolV2(v))
	}
	total := len(list)
	if a.PageNumber > 1 {
		list = list[:0]
	}
	return fiber.Map{"totalCount": total, "resourcePools": list, "pageNumber": a.PageNumber, "pageSize": a.PageSize, "orderBy": a.OrderBy, "order": a.Order,
		"keyword": a.Keyword, "keywordType": a.KeywordType}, nil
}

func (s *Service) describePool(c *fiber.Ctx, _ *arguments) (fiber.Map, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	return s.poolV2(v), nil
}

// share is how much of something is held.
func share(kind string, capacity, allocated float64) fiber.Map {
	rate := 0.0
	if capacity > 0 {
		rate = math.Round(allocated/capacity*10_000) / 10_000
	}
	return fiber.Map{"resourceType": kind, "capacity": capacity, "allocated": allocated, "idle": capacity - allocated, "allocationRate": rate, "utilizationRate": rate}
}

// describeOverview sums the pool up.
func (s *Service) describeOverview(c *fiber.Ctx, _ *arguments) (fiber.Map, error) {
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	nodes := v.Nodes()
	total, used := make([]float64, len(s.cards.list)), make([]float64, len(s.cards.list))
	var cpu, cpuUsed, mem, memUsed, gpus, gpusUsed float64
	for i, h := range holdings(v) {
		n := &nodes[i]
		cpu, cpuUsed = cpu+float64(n.CPUMilli)/1000, cpuUsed+float64(h.cpuMilli)/1000
		mem, memUsed = mem+float64(n.MemMiB)/1024, memUsed+float64(h.memMiB)/1024
		gpus, gpusUsed = gpus+float64(n.GPUs), gpusUsed+float64(h.gpus)
		if k := slices.IndexFunc(s.cards.list, func(x card) bool { return x.gpu == n.GPUType }); k >= 0 {
			total[k], used[k] = total[k]+float64(n.GPUs), used[k]+float64(h.gpus)
		}
	}
	cards := []fiber.Map{}
	for k := range s.cards.list {
		one := share("", total[k], used[k])
		one["acceleratorType"] = s.cards.list[k].descriptor
		cards = append(cards, one)
	}
	all := share("accelerator", gpus, gpusUsed)
	all["acceleratorStatistics"] = cards
	of := fiber.Map{"type": poolType, "nodesStatistic": fiber.Map{"totalCount": len(nodes)}, "acceleratorsStatistic": all,
		"resourcesStatistic": []fiber.Map{share(resourceCPU, cpu, cpuUsed), share(resourceMemory, mem, memUsed)}}
	one := fiber.Map{"resourcePoolId": poolID, "name": poolName}
	for k, x := range of {
		one[k] = x
	}
	of["resourcePoolStatistics"] = []fiber.Map{one}
	return fiber.Map{"resourcePoolsStatisticWithType": []fiber.Map{of}}, nil
}

// queueID is the id of a queue: it follows from the name, by which the queues of a pool that its owner runs may be called too.
func queueID(name string) string {
	sum := sha256.Sum256([]byte("queue\x00" + name))
	text := strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>2, 36)
	return "aihcq-" + strings.Repeat("0", max(0, 12-len(text))) + text[max(0, len(text)-12):]
}

// queueNamed is the name of a queue that is called by its id or its name.
func (s *Service) queueNamed(id string) string {
	if !strings.HasPrefix(id, "aihcq-") {
		return id
	}
	for _, name := range append(slices.Clone(s.world.Queues()), defaultQueue) {
		if queueID(name) == id {
			return name
		}
	}
	return id
}

// amountV2 is how much of everything, as texts.
func amountV2(m map[string]string) fiber.Map {
	out := fiber.Map{"acceleratorCardList": []fiber.Map{}}
	if cpu, err := strconv.ParseFloat(m[resourceCPU], 64); err == nil {
		out["milliCPUcores"] = strconv.FormatFloat(cpu*1000, 'f', -1, 64)
	}
	if mem, ok := m[resourceMemory]; ok {
		out["memoryGi"] = mem
	}
	var cards []fiber.Map
	for name, n := range m {
		if name != resourceCPU && name != resourceMemory {
			if name == anyGPU {
				name = "" // of any type
			}
			cards = append(cards, fiber.Map{"acceleratorCount": n, "acceleratorType": name})
		}
	}
	slices.SortFunc(cards, func(a, b fiber.Map) int {
		return strings.Compare(a["acceleratorType"].(string), b["acceleratorType"].(string))
	})
	if cards != nil {
		out["acceleratorCardList"] = cards
	}
	return out
}

// queueV2 is a queue in v2's words.
func queueV2(q *Queue) fiber.Map {
	o := fiber.Map{"queueId": queueID(q.Name), "queueName": q.Name, "description": q.Description, "queueType": q.QueueType, "resourcePoolId": poolID, "createdAt": q.CreatedTime,
		"updatedAt": q.CreatedTime, "parentQueue": q.ParentQueue, "opened": q.Opened, "reclaimable": q.Reclaimable, "preemptable": q.Preemptable,
		"disableOversell": q.DisableOversell, "queueingStrategy": q.QueueingStrategy, "allocated": amountV2(q.Allocated), "runningJobs": q.Running, "inqueueJobs": q.Inqueue,
		"pendingJobs": q.Pending}
	for key, m := range map[string]map[string]string{"capability": q.Capability, "deserved": q.Deserved, "guarantee": q.Guarantee} {
		if m != nil {
			o[key] = amountV2(m)
		}
	}
	if len(q.Children) > 0 {
		var below []fiber.Map
		for _, child := range q.Children {
			below = append(below, queueV2(child))
		}
		o["children"] = below
	}
	return o
}

func (s *Service) describeQueues(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	if _, err := lens.OneOf(c, "keywordType", "", "queueName", "queueId"); err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	list := []fiber.Map{}
	for _, q := range s.queues(v) {
		text := q.Name
		if a.KeywordType == "queueId" {
			text = queueID(q.Name)
		}
		if strings.Contains(text, a.Keyword) {
			list = append(list, queueV2(q))
		}
	}
	total := len(list)
	from := min((a.PageNumber-1)*a.PageSize, total)
	return fiber.Map{"totalCount": total, "queues": list[from:min(from+a.PageSize, total)], "pageNumber": a.PageNumber, "pageSize": a.PageSize, "keyword": a.Keyword,
		"keywordType": a.KeywordType}, nil
}

func (s *Service) describeQueue(c *fiber.Ctx, a *arguments) (fiber.Map, error) {
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	if q := s.queue(v, s.queueNamed(a.queueID)); q != nil {
		return queueV2(q), nil
	}
	return nil, noObject("queueId", a.queueID, "a queue that DescribeQueues lists")
}
