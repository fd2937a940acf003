package aihc

import "github.com/orrery-sim/orrery/api/world"

// places says how many jobs wait before one in its queue.
type places struct {
	before map[uint64]int // by the job's number; nil until somebody asks
	v      world.View
}

func (s *Service) places(v world.View) *places { return &places{v: v} }

// ahead is how many jobs wait before this one in its queue, or -1 for a job that does not wait.
func (p *places) ahead(r *record) int {
	if !r.j.Active() || r.j.Holds() {
		return -1
	}
	if p.before == nil {
		p.before = map[uint64]int{}
		length := map[string]int{}
		for _, j := range p.v.Waiting() {
			p.before[j.Number] = length[queueName(j.Queue)]
			length[queueName(j.Queue)]++
		}
	}
	if n, ok := p.before[r.j.Number]; ok {
		return n
	}
	return -1
}
