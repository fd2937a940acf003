package policies

import (
	"fmt"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// SlotScheduler is one part that decides everything; only a guest goes there.
const SlotScheduler Slot = "scheduler"

// Guest is a WebAssembly module in a slot.
type Guest struct {
	Module  *wasm.Module
	Options wasm.Options
}

// GuestSlots are the slots that a module's hooks fit: the scheduler, or order, place and preempt.
func GuestSlots(m *wasm.Module) []Slot {
	if m.Has(sched1.HookDecide) {
		return []Slot{SlotScheduler}
	}
	var slots []Slot
	if m.Has(sched1.HookKeys) {
		slots = append(slots, SlotOrder)
	}
	if m.Has(sched1.HookScore) {
		slots = append(slots, SlotPlace)
	}
	if m.Has(sched1.HookPreempt) {
		slots = append(slots, SlotPreempt)
	}
	return slots
}

// checkGuests refuses modules in slots that no guest goes to.
func checkGuests(s *Spec) error {
	for slot, g := range s.Guests {
		switch slot {
		case SlotOrder, SlotPlace, SlotPreempt:
		case SlotScheduler:
			if len(s.Guests) > 1 || s.Order != "" || s.Backfill != "" || s.Place != "" || s.Preempt != "" {
				return fmt.Errorf("policy: the scheduler %s decides everything and takes no other part", g.Module.Name)
			}
		default:
			return fmt.Errorf("policy: %s cannot be a WebAssembly module; order, place, preempt and scheduler can", slot)
		}
	}
	return nil
}

// scheduler builds a guest that decides everything. Strict first come, first served stands in for it if it fails and may.
func (g *Guest) scheduler() (state.Policy, error) {
	return g.Module.NewScheduler(g.Options, NewPipeline(order.FIFO, backfill.Rule{}, place.FirstFit))
}

// Guests are the reports of a policy's guests.
func Guests(p state.Policy) []wasm.Report {
	if r, ok := p.(interface{ Guests() []wasm.Report }); ok {
		return r.Guests()
	}
	if r, ok := p.(reporter); ok {
		return []wasm.Report{r.Report()}
	}
	return nil
}

type reporter interface{ Report() wasm.Report }

// Guests are the reports of the pipeline's guests.
func (p *Pipeline) Guests() (out []wasm.Report) {
	for _, part := range []any{p.parts.Orderer, p.parts.Scorer, p.parts.Preempt} {
		if r, ok := part.(reporter); ok {
			out = append(out, r.Report())
		}
	}
	return out
}

// Close frees what the pipeline's guests hold beside Go's memory. The policy must not be used afterwards.
func (p *Pipeline) Close() error {
	for _, part := range []any{p.parts.Orderer, p.parts.Scorer, p.parts.Preempt} {
		if c, ok := part.(interface{ Close() error }); ok {
			if err := c.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close frees what a policy holds beside Go's memory.
func Close(p state.Policy) error {
	if c, ok := p.(interface{ Close() error }); ok {
		return c.Close()
	}
	return nil
}
