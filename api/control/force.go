package control

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Node is a machine.
type Node struct {
	Name    string `json:"name"`
	GPUType string `json:"gpuType,omitempty"`
	GPUs    int    `json:"gpus"`
	State   string `json:"state"` // up, down, draining, cordoned
}

func (s *Service) getNodes(c *fiber.Ctx) (any, error) {
	v, err := s.world.Peek(c.Context())
	if err != nil {
		return nil, err
	}
	out := []Node{}
	for _, n := range v.Nodes() {
		out = append(out, Node{n.Name, n.GPUType, n.GPUs, nodeState(n.Flags)})
	}
	return fiber.Map{"nodes": out}, nil
}

func nodeState(flags uint32) string {
	switch {
	case flags&state.NodeUp == 0:
		return "down"
	case flags&state.NodeDraining != 0:
		return "draining"
	case flags&state.NodeCordoned != 0:
		return "cordoned"
	}
	return "up"
}

func (s *Service) postNode(c *fiber.Ctx) (any, error) {
	var in struct {
		Do string `json:"do"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	kind, err := changeKind(in.Do)
	if err != nil {
		return nil, err
	}
	v, err := s.world.ChangeNode(c.Context(), c.Params("name"), kind)
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// doings are the words of changes of a node, by kind.
var doings = [...]string{sim.ChangeUp: "up", sim.ChangeDown: "down", sim.ChangeCordon: "cordon", sim.ChangeUncordon: "uncordon", sim.ChangeDrain: "drain"}

func changeKind(do string) (sim.ChangeKind, error) {
	if i := slices.Index(doings[:], do); i > 0 && do != "" {
		return sim.ChangeKind(i), nil
	}
	return 0, bad("do: got %q, want up, down, cordon, uncordon or drain", do)
}

// Change is a planned change of a node.
type Change struct {
	At   string `json:"at"`
	Node string `json:"node"`
	Do   string `json:"do"`
	Done bool   `json:"done"`
}

func (s *Service) changes(v world.View) any {
	out := []Change{}
	for _, c := range v.Changes() {
		out = append(out, Change{stamp(v.Time(c.At)), c.Node, doings[c.Kind], c.At <= v.Now})
	}
	return fiber.Map{"now": stamp(v.Time(v.Now)), "changes": out}
}

func (s *Service) getChanges(c *fiber.Ctx) (any, error) {
	v, err := s.world.Peek(c.Context())
	if err != nil {
		return nil, err
	}
	return s.changes(v), nil
}

// postChange plans a change.
func (s *Service) postChange(c *fiber.Ctx) (any, error) {
	var in struct {
		At   string `json:"at"`
		In   string `json:"in"`
		Node string `json:"node"`
		Do   string `json:"do"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	if (in.At == "") == (in.In == "") {
		return nil, bad("want either at (a time such as 2026-01-01T00:00:00Z) or in (a span from now such as 10m)")
	}
	kind, err := changeKind(in.Do)
	if err != nil {
		return nil, err
	}
	var when func(now state.Time) state.Time
	if in.In != "" {
		d, err := span("in", in.In)
		if err != nil {
			return nil, err
		}
		when = func(now state.Time) state.Time { return now.Add(d) }
	} else {
		t, err := time.Parse(time.RFC3339Nano, in.At)
		if err != nil {
			return nil, bad("at: got %q, want a time such as 2026-01-01T00:00:00Z", in.At)
		}
		when = func(state.Time) state.Time { return state.Time(t.Sub(s.world.Time(0))) }
	}
	v, err := s.world.PlanChange(c.Context(), in.Node, kind, when)
	if err != nil {
		return nil, err
	}
	return s.changes(v), nil
}

// postExit makes a job that holds resources end with an exit code.
func (s *Service) postExit(c *fiber.Ctx) (any, error) {
	var in struct {
		Code *int `json:"code"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	if in.Code == nil || *in.Code < 0 || *in.Code > 255 {
		return nil, bad("code: want an exit code from 0 to 255")
	}
	v, err := s.world.Exit(c.Context(), s.token(c.Params("id")), uint8(*in.Code))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// postPreempt takes a job's resources away.
func (s *Service) postPreempt(c *fiber.Ctx) (any, error) {
	v, err := s.world.Preempt(c.Context(), s.token(c.Params("id")))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// postHang makes a job stand still.
func (s *Service) postHang(c *fiber.Ctx) (any, error) {
	v, err := s.world.Hang(c.Context(), s.token(c.Params("id")))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}
