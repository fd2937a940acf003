package aihc

import (
	"fmt"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world/play"
)

// rdma reports whether a role asks for RDMA.
func (j *roleSpec) rdma() bool {
	for _, r := range j.Resources {
		if r.Name == resourceRDMA && r.Quantity > 0 {
			return true
		}
	}
	return j.EnableRDMA
}

func (r *CreateJobRequest) rdma() bool {
	for i := range r.JobSpec {
		if r.JobSpec[i].rdma() {
			return true
		}
	}
	return false
}

// checkRDMA refuses RDMA where no node that has it can hold the pods.
func (s *Service) checkRDMA(r *CreateJobRequest) error {
	for i := range r.JobSpec {
		spec := &r.JobSpec[i]
		if !spec.rdma() {
			continue
		}
		role, err := s.size(spec)
		switch card := s.cards.byGPU(role.GPUType); {
		case err != nil:
			return err
		case role.GPUs == 0:
			return lens.Invalid(spec.at()+".enableRDMA", "got true for pods without cards, want pods with cards")
		case card == nil || !card.rdma:
			return lens.Invalid(spec.at()+".enableRDMA", "got true for %s, want cards of nodes with RDMA: %s", s.cards.nameOf(role.GPUType), lens.Quoted(s.cards.withRDMA()))
		}
	}
	return nil
}

// withRDMA are the cards of nodes with RDMA.
func (k *cards) withRDMA() []string {
	var out []string
	for i := range k.list {
		if k.list[i].rdma {
			out = append(out, k.list[i].descriptor)
		}
	}
	return out
}

// bccl says whether BCCL could be put under the job, once its pods are there; it says why not.
func (r *record) bccl() (status, why string) {
	switch {
	case r.req == nil || !r.req.EnableBccl:
		return "", ""
	case len(r.h.Tries) == 0:
		return "unknown", ""
	}
	if why = r.noBccl(); why != "" {
		return "failed", why
	}
	return "success", ""
}

// noBccl is the first rule of BCCL that the job breaks.
func (r *record) noBccl() string {
	if n := r.j.Need().Pods; n < 2 {
		return fmt.Sprintf("the job has %d pod, want two or more", n)
	}
	if !r.req.rdma() {
		return "the job does not use RDMA"
	}
	for i := range r.j.Roles {
		role := &r.j.Roles[i]
		if role.GPUs != wholeNode {
			return fmt.Sprintf("a pod of %s has %d cards, want %d", role.Name, role.GPUs, wholeNode)
		}
		if c := r.s.cards.byGPU(role.GPUType); c == nil || !c.bccl {
			return fmt.Sprintf("%s is no card that BCCL knows: A800, or one of HPAS machines", r.s.cards.nameOf(role.GPUType))
		}
	}
	return ""
}

// output is what a pod prints, reports and uses.
func (r *record) output(p *pod) *play.Output {
	o := r.v.Output(r.j, &r.ask.Request, &p.PodTry, p.name)
	o.RDMA = r.req != nil && r.req.rdma()
	if c := r.s.cards.byGPU(r.j.Roles[p.Role].GPUType); c != nil {
		o.IdleW, o.PeakW = c.idleW, c.peakW
	}
	return o
}
