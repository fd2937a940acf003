package control

import (
	"context"
	"slices"

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
	v, err := s.ChangeNode(c.Context(), c.Params("name"), in.Do)
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// ChangeNode does to a node what do says: up, down, cordon, uncordon or drain.
func (s *Service) ChangeNode(ctx context.Context, name, do string) (v world.View, err error) {
	kind, err := changeKind(do)
	if err != nil {
		return v, err
	}
	return s.world.ChangeNode(ctx, name, kind)
}

// PlanNode does it later on.
func (s *Service) PlanNode(ctx context.Context, name, do string, in state.Time) (v world.View, err error) {
	kind, err := changeKind(do)
	if err != nil {
		return v, err
	}
	return s.world.PlanChange(ctx, name, kind, func(now state.Time) state.Time { return now.Add(in) })
}

// doings are the words of changes of a node, by kind.
var doings = [...]string{sim.ChangeUp: "up", sim.ChangeDown: "down", sim.ChangeCordon: "cordon", sim.ChangeUncordon: "uncordon", sim.ChangeDrain: "drain"}

func changeKind(do string) (sim.ChangeKind, error) {
	if i := slices.Index(doings[:], do); i > 0 && do != "" {
		return sim.ChangeKind(i), nil
	}
	return 0, bad("do: got %q, want up, down, cordon, uncordon or drain", do)
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

// postReclaim takes a spot job's resources back.
func (s *Service) postReclaim(c *fiber.Ctx) (any, error) {
	v, err := s.world.Reclaim(c.Context(), s.token(c.Params("id")))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}
