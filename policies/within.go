package policies

import (
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// scheduleWithin is a pass within a quota tree (DESIGN.md rule 6): the next queue's candidate that fits its quota and the
// cluster starts; a queue whose candidate does not fit the cluster is blocked as its strategy says. What is left is for the
// backfill, behind the first head that a queue left to the policy's order has.
func (p *Pipeline) scheduleWithin(v *state.View, s *partition, d *state.Decisions) {
	p.follow(v)
	if s.Plain() {
		p.schedule(v, s, d)
		return
	}
	c := v.Capacity.(*cluster.Cluster)
	if s.Rules().Profile {
		s.Overruns(v)
	}
	if s.Rules().Orderer != nil && p.err == nil {
		if p.err = s.Rekey(v, d); p.err != nil {
			return
		}
	}
	s.Prepare(v, d)
	for e := s.Next(v, c, d); e != nil; e = s.Next(v, c, d) {
		switch {
		case s.TryStart(v, c, e, d):
			s.Changed = true
			p.follow(v)
		case v.DropUnfit && v.Jobs.Row[e.Job].FirstStart == state.Unset:
			s.Reject(v, e, d)
		default:
			s.TooLittle(v, e)
		}
	}
	if head := s.Blocked(v); head != nil {
		p.sweep(v, c, s, head, d)
	}
}

// follow tells every partition which classes of requests fit their quota now and which do no more.
func (p *Pipeline) follow(v *state.View) {
	for _, class := range v.Quota.(*quota.Tree).Changed(p.reader) {
		for i := range p.sides {
			p.sides[i].Flip(v, class)
		}
	}
}
