package conform

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// rule is one that a module keeps or breaks by what it does.
type rule struct {
	id, asks string
	hold     func(k *kit, f *Finding)
}

// dynamicRules are in the order in which they are held. One that others rest on ends the check where it is broken.
func dynamicRules() []rule {
	return []rule{
		{"desc", "sched1_desc returns a desc that makes sense", (*kit).desc},
		{"init", "sched1_init is content with no parameters", (*kit).init},
		{"empty", "a cluster without nodes", (*kit).empty},
		{"one-node", "a cluster of one node with one GPU", (*kit).oneNode},
		{"layout", "ranges lie inside memory, are aligned and do not overlap, at every size", (*kit).layout},
		{"progress", "every job that can be placed ends", (*kit).progress},
		{"params", "parameters that make no sense are refused with a text, or passed over", (*kit).params},
		{"growth", "tables that grow in mid-run", (*kit).growth},
		{"recycling", "slots that are used again: a job is slot and generation", (*kit).recycling},
		{"events", "every kind of event, resync and unknown kinds among them", (*kit).events},
		{"overflow", "more decisions at an instant than the buffer holds", (*kit).overflow},
		{"starved", "a call that runs out of fuel, at 20 points of a run, and a new instance after it", (*kit).starved},
		{"determinism", "two instances decide, use fuel and remember alike", (*kit).determinism},
		{"fork", "a fork in mid-run goes on like what it was forked from", (*kit).fork},
		{"mirror", "columns are read, not written", (*kit).mirror},
		{"refusals", "decisions are not refused", (*kit).refusals},
		{"leak", "memory does not grow with time", (*kit).leak},
		{"fuel", "calls stay far below the budget", (*kit).fuel},
		{"traces", "the digests of fixed worlds, to compare builds and machines by", (*kit).traces},
	}
}

// vital are the rules without which nothing can be said of those behind them.
var vital = []string{"desc", "init", "layout", "empty", "one-node", "progress"}

// dynamic holds the rules in order.
func (k *kit) dynamic() {
	stop := ""
	for _, r := range dynamicRules() {
		f := Finding{Rule: r.id, Asks: r.asks, Verdict: Pass}
		if stop != "" {
			f.Verdict, f.Why = NA, "rule "+stop+" is broken"
		} else {
			r.hold(k, &f)
		}
		if f.Verdict == Fail && slices.Contains(vital, r.id) {
			stop = r.id
		}
		k.add(f)
	}
}

// fail breaks a rule.
func (f *Finding) fail(do, format string, args ...any) {
	f.Verdict, f.Why, f.Do = Fail, fmt.Sprintf(format, args...), do
}

// warn doubts a rule that is not broken yet.
func (f *Finding) warn(do, format string, args ...any) {
	if f.Verdict == Pass {
		f.Verdict, f.Why, f.Do = Warning, fmt.Sprintf(format, args...), do
	}
}

// clean runs a world and fails the finding where the run has an error or a stale decision. The caller closes the outcome.
func (k *kit) clean(f *Finding, w *trial.World, o wasm.Options, with func(*subject)) *outcome {
	out := k.run(w, o, with)
	if out.err != nil {
		f.fail(advice(out.err), "in world %q: %s", w.Name, line(out.err))
	}
	return out
}

// advice is what to do about an error of a guest.
func advice(err error) string {
	var e *wasm.Error
	if !errors.As(err, &e) {
		return "this is no fault of the module's alone: tell us"
	}
	switch e.Kind {
	case wasm.KindFuel:
		return "look for a loop that does not end; else do less work a call, or raise the budget in the scenario"
	case wasm.KindTrap:
		return "build with names (without -s) and run the check again: the guest's stack is in the error of orrery run"
	case wasm.KindABI:
		return "take sched1_desc and sched1_layout from the SDK file, or see docs/abi.md"
	case wasm.KindStatus:
		return "the guest ended the call itself"
	case wasm.KindLimit:
		return "see docs/abi.md for the limits of an instant"
	}
	return "see docs/abi.md"
}

func (k *kit) desc(f *Finding) {
	s, err := newSubject(k.module, k.options())
	if err != nil {
		f.fail(advice(err), "%s", line(err))
		return
	}
	defer s.Close()
	g := s.guests[0]
	k.report.Policy = strings.TrimPrefix(g.Name(), "wasm:")
	columns, flags := g.Wants(), g.Flags()
	f.Figures = []Figure{{"wanted columns", int64(len(columns)), ""}}
	if len(columns) > 0 {
		f.Details = append(f.Details, strings.Join(columns, " "))
	}
	if len(flags) > 0 {
		f.Details = append(f.Details, "flags "+strings.Join(flags, " "))
	}
	switch {
	case g.Name() == "wasm:"+k.name:
		f.warn("set desc.name_ptr and name_len: reports call the policy by it", "it has no name of its own")
	case k.module.Has(sched1.HookKeys) && strings.Contains(strings.Join(flags, " "), "KEYS_ALL"):
		f.warn("let keys expire (DESC_KEYS_EXPIRE), or give a job its key when it joins the queue", "with DESC_KEYS_ALL every waiting job is asked about at each pass: its cost grows with the queue")
	}
}

func (k *kit) init(f *Finding) {
	o := k.options()
	o.Params, _ = wasm.NewParams(nil)
	out := k.run(oneNode(), o, nil)
	defer out.Close()
	var e *wasm.Error
	if out.err == nil || errors.As(out.err, &e) && e.Hook != sched1.HookInit {
		return // what else is wrong is for other rules
	}
	if e == nil || e.Kind != wasm.KindStatus {
		f.fail(advice(out.err), "%s", line(out.err))
		return
	}
	own := k.run(oneNode(), k.options(), nil)
	defer own.Close()
	if errors.As(own.err, &e) && e.Hook == sched1.HookInit {
		f.fail("give every parameter a default, or pass what it needs (--params)", "%s", line(own.err))
		return
	}
	f.warn("give every parameter a default", "without parameters it refuses: %s", e.Text)
}

func (k *kit) layout(f *Finding) {
	for _, w := range []*trial.World{emptyNodes(), oneNode(), growth()} {
		out := k.run(w, k.options(), nil)
		f.Figures = []Figure{{"memory with 300 nodes and 1,200 jobs", int64(out.memory()), "bytes"}}
		out.Close()
		var e *wasm.Error
		if errors.As(out.err, &e) && e.Hook == sched1.HookLayout {
			f.fail(advice(out.err), "in world %q: %s", w.Name, line(out.err))
			return
		}
	}
}

// senseless are parameters that no policy expects.
var senseless = []string{
	`{"nobody knows this": 1}`, `{"": {"": {"": []}}}`, `{"depth": "many", "x": null, "weight": -9223372036854775808, "rate": 1e300}`,
	`{"a": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}`, `{"text": "\u0000\ud83d\ude00\u202e\""}`, `{"long": "` + strings.Repeat("x", 60_000) + `"}`,
}

func (k *kit) params(f *Finding) {
	refused := int64(0)
	for _, text := range senseless {
		o := k.options()
		var err error
		if o.Params, err = wasm.NewParams([]byte(text)); err != nil {
			f.fail("tell us", "the kit's parameters %.40s: %v", text, err)
			return
		}
		out := k.run(oneNode(), o, nil)
		out.Close()
		var e *wasm.Error
		switch {
		case out.err == nil:
		case errors.As(out.err, &e) && e.Kind == wasm.KindStatus:
			refused++
		default:
			f.fail("refuse parameters with the import fail, or a status of sched1_init; never trap", "with %.60s: %s", text, line(out.err))
			return
		}
	}
	f.Figures = []Figure{{"refused", refused, fmt.Sprintf("of %d", len(senseless))}}
}

func (k *kit) empty(f *Finding)   { k.clean(f, emptyNodes(), k.options(), nil).Close() }
func (k *kit) oneNode(f *Finding) { k.clean(f, oneNode(), k.options(), nil).Close() }

func (k *kit) growth(f *Finding) {
	out := k.clean(f, growth(), k.options(), nil)
	defer out.Close()
	f.Figures = []Figure{{"memory", int64(out.memory()), "bytes"}}
}

// memory is the largest of the guests'.
func (s *subject) memory() (n int) {
	for _, g := range s.guests {
		n = max(n, g.Memory())
	}
	return n
}

func (k *kit) recycling(f *Finding) {
	watch := &refusals{}
	out := k.runWith(recycling(1500), k.options(), nil, watch)
	defer out.Close()
	switch {
	case out.err != nil:
		f.fail(advice(out.err), "%s", line(out.err))
	case watch.by[state.RefusedStale]+watch.by[state.RefusedState] > 0:
		f.fail("keep slot and generation of a job together, and forget both at its FINISH or CANCELLED", "%d decisions named jobs that are gone or run already",
			watch.by[state.RefusedStale]+watch.by[state.RefusedState])
	}
	f.Figures = []Figure{{"jobs", 1500, ""}, {"stale decisions", int64(watch.by[state.RefusedStale]), ""}}
}

func (k *kit) events(f *Finding) {
	out := k.clean(f, events(), k.options(), nil)
	out.Close()
	if f.Verdict == Fail {
		return
	}
	if !k.module.Has(sched1.HookEvents) && !k.module.Has(sched1.HookDecide) {
		f.Why = "it hears of no events"
		f.Figures = []Figure{{"events of the run", int64(out.rec.Counts.Events), ""}}
		return
	}
	for _, kinds := range [][]uint16{{200, 65535, 5, sched1.EvTimer}, {sched1.EvResync}} {
		w := events()
		w.Name = "events, with more of them injected"
		injected := k.clean(f, w, k.options(), func(s *subject) { s.inject, s.every = kinds, 3 })
		injected.Close()
		if f.Verdict == Fail {
			f.Do = "skip kinds that are not known; at RESYNC forget everything and read the tables"
			return
		}
		if n := unended(injected.rec); n > unended(out.rec) {
			f.fail("at RESYNC forget everything and read the jobs that wait and run from the tables", "%d jobs never end once events of kind %d come", n-unended(out.rec), kinds[0])
			return
		}
	}
}

// unended counts jobs that could be placed and never ended.
func unended(r *trial.Record) (n int) {
	for i := range r.Jobs {
		if j := &r.Jobs[i]; j.End == state.Unset && !j.Never {
			n++
		}
	}
	return n
}

func (k *kit) overflow(f *Finding) {
	if !k.module.Has(sched1.HookDecide) {
		f.Verdict, f.Why = NA, "it is no whole scheduler"
		return
	}
	watch := &refusals{}
	out := k.runWith(burst(), k.options(), nil, watch)
	defer out.Close()
	switch {
	case out.err != nil:
		f.fail(advice(out.err), "%s", line(out.err))
	case unended(out.rec) > 0:
		f.fail("set DOF_MORE on the last record of a full buffer: the host applies it and calls again, also between the start_parts of one gang",
			"%d of %d jobs that fit at one instant never ran", unended(out.rec), len(out.rec.Jobs))
	}
	f.Figures = []Figure{{"most decisions of one pass", int64(out.subject.most), ""}, {"refused", int64(watch.all()), ""}}
}

func (k *kit) progress(f *Finding) {
	for _, w := range []*trial.World{mix(), recycling(300), growth()} {
		out := k.run(w, k.options(), nil)
		out.Close()
		if out.err != nil {
			f.fail(advice(out.err), "in world %q: %s", w.Name, line(out.err))
			return
		}
		if n := unended(out.rec); n > 0 {
			f.warn("if that is no part of the policy: answer as long as a job waits that fits", "in world %q %d of %d jobs never ran although they could be placed", w.Name, n, len(out.rec.Jobs))
		}
	}
}

// refusals counts decisions that the engine refused.
type refusals struct{ by [state.NumRefusals]int }

func (r *refusals) Kinds() state.KindSet { return state.Kinds(state.EvRefuse) }
func (r *refusals) Observe(b *state.Batch) {
	for i := range b.Events {
		if ev := &b.Events[i]; ev.Kind == state.EvRefuse {
			r.by[ev.Cause]++
		}
	}
}

func (r *refusals) all() (n int) {
	for _, x := range r.by {
		n += x
	}
	return n
}

// runWith is run with a listener.
func (k *kit) runWith(w *trial.World, o wasm.Options, with func(*subject), l state.Listener) *outcome {
	s, err := newSubject(k.module, o)
	if err != nil {
		return &outcome{subject: &subject{}, err: err}
	}
	if with != nil {
		with(s)
	}
	out := &outcome{subject: s}
	if out.rec, out.err = trial.Run(s.suited(w), s, l); out.err == nil {
		out.mark = s.mark(out.rec.Digest)
	}
	return out
}
