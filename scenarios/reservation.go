package scenarios

import (
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// mostReservations bounds what repetitions come to.
const mostReservations = 10_000

// checkReservations tests what can be said without nodes.
func (l *Loaded) checkReservations() {
	for i := range l.Reservations {
		r, at := &l.Reservations[i], fmt.Sprintf("reservations[%d]", i)
		if r.End <= r.Start {
			l.Doc.Errorf(at+".end", "the reservation ends at or before its start").Want("later than %s", r.Start.FormatYAML())
		}
		if r.Repeat != nil && *r.Repeat < r.End-r.Start {
			l.Doc.Errorf(at+".repeat", "it begins again before it has ended").Want("at least %s", (r.End - r.Start).FormatYAML())
		}
		if r.Repeat != nil && l.Horizon == 0 {
			l.Doc.Errorf(at+".repeat", "a reservation that repeats needs an end").Do("give the scenario a horizon")
		}
		switch {
		case len(r.Nodes) > 0 && (r.Pool != "" || r.GPUs > 0):
			l.Doc.Errorf(at+".nodes", "a reservation is of nodes, or of a pool or a number of GPUs").Do("leave nodes, or pool and gpus, out")
		case len(r.Nodes) == 0 && r.Pool == "" && r.GPUs == 0:
			l.Doc.Errorf(at, "the reservation has no nodes").Want("nodes, pool or gpus")
		}
		if kind, name, ok := strings.Cut(r.For, ":"); r.For != "nobody" && (!ok || name == "" || kind != "queue" && kind != "user") {
			l.Doc.Errorf(at+".for", "no one is called %q", r.For).Want("nobody, queue:NAME or user:NAME")
		}
		if r.For != "nobody" && (l.Policy.Preset != "" || l.Policy.Scheduler != nil) {
			l.Doc.Errorf(at+".for", "a whole policy does not know for whom nodes are kept").Do("write order, backfill and place, or a reservation for nobody")
		}
	}
}

// compileReservations finds each reservation's nodes and lays its repetitions out.
func (l *Loaded) compileReservations(p *Plan) error {
	var all []state.Reservation
	for i := range l.Reservations {
		r, at := &l.Reservations[i], fmt.Sprintf("reservations[%d]", i)
		one := state.Reservation{Name: int32(i), Start: r.Start.Time(), End: r.End.Time(), Nodes: l.reservedNodes(p, r, at), Queue: state.None, User: state.None,
			Ahead: r.IfBusy != "wait", Evict: r.IfBusy == "evict"}
		switch kind, name, _ := strings.Cut(r.For, ":"); kind {
		case "queue":
			one.Queue = p.Config.Names.Queues.Intern([]byte(name))
		case "user":
			one.User = p.Config.Names.Users.Intern([]byte(name))
		}
		all = append(all, one)
		for r.Repeat != nil && *r.Repeat > 0 {
			one.Start, one.End = one.Start+r.Repeat.Time(), one.End+r.Repeat.Time()
			if one.Start >= l.Horizon.Time() {
				break
			}
			if all = append(all, one); len(all) > mostReservations {
				l.Doc.Errorf(at+".repeat", "more than %d reservations", mostReservations).Want("a longer repeat")
				break
			}
		}
	}
	if err := l.Doc.Err(); err != nil || len(all) == 0 {
		return err
	}
	return p.Config.Reserve(all)
}

// reservedNodes are the nodes of a reservation, ascending.
func (l *Loaded) reservedNodes(p *Plan, r *Reservation, at string) (out []int32) {
	var known []string
	for i := range p.Config.Nodes {
		known = append(known, p.Config.Nodes[i].Name)
	}
	for k, name := range r.Nodes {
		node, ok := p.nodes[name]
		if !ok {
			l.Doc.Errorf(fmt.Sprintf("%s.nodes[%d]", at, k), "no node %q", name).Known("nodes here", name, known)
			continue
		}
		out = append(out, node)
	}
	if len(r.Nodes) > 0 {
		return out
	}
	pool := -1
	for i, name := range p.Pools {
		if name == r.Pool {
			pool = i
		}
	}
	if r.Pool != "" && pool < 0 {
		l.Doc.Errorf(at+".pool", "no pool %q", r.Pool).Known("pools here", r.Pool, p.Pools)
		return nil
	}
	left := r.GPUs
	for i := len(p.Config.Nodes) - 1; i >= 0 && (r.GPUs == 0 || left > 0); i-- {
		n := &p.Config.Nodes[i]
		if pool >= 0 && int(n.Pool) != pool || r.GPUs > 0 && n.GPUs == 0 {
			continue
		}
		out = append([]int32{int32(i)}, out...)
		left -= int(n.GPUs)
	}
	if r.GPUs > 0 && left > 0 {
		l.Doc.Errorf(at+".gpus", "%d GPUs are more than there are", r.GPUs).Want("at most %d", r.GPUs-left)
	}
	return out
}
