package control

import (
	"github.com/gofiber/fiber/v2"

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
	kind, ok := map[string]sim.ChangeKind{"up": sim.ChangeUp, "down": sim.ChangeDown, "cordon": sim.ChangeCordon, "uncordon": sim.ChangeUncordon, "drain": sim.ChangeDrain}[in.Do]
	if !ok {
		return nil, bad("do: got %q, want up, down, cordon, uncordon or drain", in.Do)
	}
	v, err := s.world.ChangeNode(c.Context(), c.Params("name"), kind)
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
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
	v, err := s.world.Exit(c.Context(), s.lens.Token(c.Params("id")), uint8(*in.Code))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// postPreempt takes a job's resources away.
func (s *Service) postPreempt(c *fiber.Ctx) (any, error) {
	v, err := s.world.Preempt(c.Context(), s.lens.Token(c.Params("id")))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}
