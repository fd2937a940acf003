package wasm_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// maxScript is the room for a script in the scripted guest.
const maxScript = 8000

// scripted are the scripted guests: one with every part's hook, and a whole scheduler.
func scripted(f testing.TB) (parts, scheduler []byte) {
	b, err := os.ReadFile("testdata/scripted.wat")
	if err != nil {
		f.Fatal(err)
	}
	text := strings.Replace(string(b), `"SCRIPT"`, `"`+strings.Repeat("SCRIPT..", (maxScript+4)/8)+`"`, 1)
	parts = wat(f, text+`
		(func (export "sched1_events") (param i32) (result i32) (call $step (i32.const 0)))
		(func (export "sched1_keys") (param i32) (result i32) (call $step (i32.const 0)))
		(func (export "sched1_score") (param i32 i32 i32) (result i32) (call $step (i32.const 0)))`+"\n")
	return parts, wat(f, text+`(func (export "sched1_decide") (param i32) (result i32) (call $step (i32.const 0)))`+"\n")
}

// withScript puts a script into a scripted guest.
func withScript(t testing.TB, module, script []byte, flags byte) []byte {
	at := bytes.Index(module, []byte("SCRIPT.."))
	if at < 0 {
		t.Fatal("the guest has no room for a script")
	}
	script = script[:min(len(script), maxScript)]
	out := bytes.Clone(module)
	binary.LittleEndian.PutUint16(out[at:], uint16(len(script)))
	out[at+2], out[at+3] = flags, 0
	copy(out[at+4:], script)
	return out
}

// write is a write of a script's step.
func write(base byte, at int, content ...byte) []byte {
	return append([]byte{base, byte(at), byte(at >> 8), byte(len(content))}, content...)
}

// step is a step of a script without a return value, or with one.
func step(writes [][]byte, result ...byte) []byte {
	out := []byte{byte(len(writes))}
	for _, w := range writes {
		out = append(out, w...)
	}
	if len(result) == 4 {
		return append(append(out, 1), result...)
	}
	return append(out, 0)
}

// FuzzHost: whatever a guest writes anywhere and returns, the host does not panic, the simulation's invariants hold, and what is wrong
// is told as the guest's fault.
func FuzzHost(f *testing.F) {
	parts, scheduler := scripted(f)
	nothing := step(nil)
	late := bytes.Repeat(nothing, 3) // desc, layout, init
	decision := func(kind byte, job, gen, node, mask byte) []byte {
		d := make([]byte, sched1.DecisionBytes)
		d[sched1.DecisionKind], d[sched1.DecisionJob], d[sched1.DecisionJobGen], d[sched1.DecisionNode] = kind, job, gen, node
		d[sched1.DecisionGPUMask] = mask
		return d
	}
	f.Add([]byte{}, byte(0), byte(0))
	f.Add([]byte{}, byte(0), byte(1))
	for at := 0; at < sched1.DescBytes; at += 4 { // each word of the desc, by sched1_desc, by sched1_layout and by a hook
		for _, before := range [][]byte{nil, nothing, late} {
			f.Add(append(bytes.Clone(before), step([][]byte{write(1, at, 0xf0, 0xff, 0xff, 0xff)})...), byte(at), byte(at/4))
		}
	}
	for kind := range byte(16) {
		group := append(decision(sched1.DoStartPart, 0, kind, kind%4, kind), decision(kind, 0, kind%2, 0xff, 0)...)
		f.Add(append(bytes.Clone(late), step([][]byte{write(2, 0, group[:48]...), write(2, 48, group[48:]...)}, 2, 0, 0, 0)...), byte(0), byte(1))
		f.Add(append(bytes.Clone(late), step([][]byte{write(2, 0, group[48:]...), write(3, 0, group...)}, kind, 0, 0, kind<<4)...), kind, kind)
	}
	world := small()
	world.Horizon = 60 * state.Second
	f.Fuzz(func(t *testing.T, script []byte, flags, how byte) {
		h := newHost(t)
		module, spec := parts, policies.Spec{Backfill: [...]string{"none", "easy", "conservative"}[how>>3%3]}
		if how&1 == 1 {
			module, spec = scheduler, policies.Spec{}
		}
		m, err := h.Load("scripted.wasm", withScript(t, module, script, flags), 64)
		if err != nil {
			t.Fatal(err)
		}
		o := options()
		o.Budget.Base, o.Budget.Burst, o.Budget.Alone = 100_000, 1_000_000, 20_000_000
		o.OnError = wasm.OnError(how >> 1 % 3)
		spec.Guests = map[policies.Slot]*policies.Guest{}
		for _, slot := range policies.GuestSlots(m) {
			spec.Guests[slot] = &policies.Guest{Module: m, Options: o}
		}
		p, err := policies.Build(spec)
		if err == nil {
			err = forked(t, world, p, state.Time(how>>4)*state.Second)
			if e := policies.Close(p); e != nil {
				t.Error(e)
			}
		}
		var e *wasm.Error
		switch {
		case err == nil:
		case strings.Contains(err.Error(), "invariant"):
			t.Error(err)
		case !errors.As(err, &e) && !strings.Contains(err.Error(), "uses true durations, which"):
			t.Errorf("it is not told as the guest's fault: %v", err)
		}
		if e != nil && (strings.Contains(e.Text, "runtime error") || strings.Contains(e.Text, "goroutine")) {
			t.Errorf("a fault of the host's: %v", err)
		}
	})
}

// forked runs a world, forks it at an instant, and holds the fork to going on as the run does, to its end or to the same error.
func forked(t *testing.T, w *trial.World, p state.Policy, at state.Time) error {
	e, watch, err := w.Engine(p)
	if err != nil {
		return err
	}
	if _, err := e.Run(at); err != nil {
		return err
	}
	f, err := e.Fork()
	if err != nil {
		return err
	}
	_, forkErr := f.Run(state.Never)
	rec, err := watch.End(e)
	if rec == nil || forkErr != nil {
		if rec != nil || forkErr == nil || forkErr.Error() != err.Error() {
			t.Errorf("a fork at %d ends with %v, the run with %v", at, forkErr, err)
		}
		return err
	}
	if f.Finish(w.Horizon); f.Digest() != rec.Digest {
		t.Errorf("a fork at %d goes on otherwise than the run", at)
	}
	return err
}
