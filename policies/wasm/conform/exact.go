package conform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// starvedPoints is at how many calls of a run the guest runs out of fuel.
const starvedPoints = 20

func (k *kit) starved(f *Finding) {
	plain := k.clean(f, mix(), k.options(), nil)
	plain.Close()
	if plain.err != nil {
		return
	}
	shared := uint64(len(plain.guests)) // of the calls, where a module has two guests
	least, mean, most := plain.mark.calls/shared, plain.mark.fuel/max(1, plain.mark.calls), uint64(0)
	died := int64(0)
	for i := range uint64(starvedPoints) {
		o := k.options()
		o.OnError = wasm.Drop
		o.Starve = wasm.Starve{Call: least/10 + (least-least/10)*i/starvedPoints + 1, Fuel: int64(mean * i / (2 * starvedPoints))}
		out := k.run(mix(), o, nil)
		for _, g := range out.guests {
			for _, n := range g.Report().Notes {
				died++
				if !strings.Contains(n, wasm.KindFuel.String()) {
					f.fail("a new instance knows nothing of the run: at RESYNC, and in the other hooks at any time, the tables are the truth", "starved at call %d: %s", o.Starve.Call, n)
				}
			}
			most = max(most, uint64(o.Starve.Fuel))
		}
		out.Close()
		if out.err != nil {
			f.fail("a new instance knows nothing of the run: at RESYNC, and in the other hooks at any time, the tables are the truth", "starved at call %d: %s", o.Starve.Call, line(out.err))
			return
		}
		if n := unended(out.rec) - unended(plain.rec); n > 0 {
			f.fail("at RESYNC read the jobs that wait and run from the tables", "starved at call %d: %d jobs that fit never run afterwards", o.Starve.Call, n)
			return
		}
	}
	f.Figures = []Figure{{"calls", int64(plain.mark.calls), ""}, {"out of fuel", died, "times"}, {"given at most", int64(most), "fuel"}}
}

func (k *kit) determinism(f *Finding) {
	for _, w := range []*trial.World{mix(), events(), growth()} {
		a, b := k.run(w, k.options(), nil), k.run(w, k.options(), nil)
		a.Close()
		b.Close()
		if err := errors.Join(a.err, b.err); err != nil {
			f.fail(advice(err), "in world %q: %s", w.Name, line(err))
			return
		}
		if what := a.mark.differ(b.mark); what != "" {
			f.fail("decide from columns, events and ctx.seed only", "in world %q two instances differ in %s", w.Name, what)
			return
		}
	}
}

func (k *kit) fork(f *Finding) {
	for _, w := range []*trial.World{mix(), events()} {
		for _, at := range []state.Time{3 * state.Second, 20 * state.Second, 45 * state.Second} {
			if what, err := k.forked(w, at); err != nil {
				f.fail(advice(err), "in world %q, forked at %d s: %s", w.Name, at/state.Second, line(err))
				return
			} else if what != "" {
				f.fail("keep all state in memory and mutable globals", "in world %q a fork at %d s differs in %s", w.Name, at/state.Second, what)
				return
			}
		}
	}
}

// forked runs a world, forks it at an instant, runs both out, and says in what they differ.
func (k *kit) forked(w *trial.World, at state.Time) (string, error) {
	return k.forkedWith(w, at, k.options())
}

func (k *kit) forkedWith(w *trial.World, at state.Time, o wasm.Options) (string, error) {
	s, err := newSubject(k.module, o)
	if err != nil {
		return "", err
	}
	defer s.Close()
	e, watch, err := s.suited(w).Engine(s)
	if err != nil {
		return "", err
	}
	if _, err := e.Run(at); err != nil {
		return "", err
	}
	fork, err := e.Fork()
	if err != nil {
		return "", err
	}
	if _, err := fork.Run(state.Never); err != nil {
		return "", fmt.Errorf("the fork: %w", err)
	}
	fork.Finish(w.Horizon)
	rec, err := watch.End(e)
	if err != nil {
		return "", err
	}
	return s.mark(rec.Digest).differ(s.forks[0].mark(fork.Digest())), nil
}

func (k *kit) mirror(f *Finding) {
	o := k.options()
	o.Strict = true
	for _, w := range []*trial.World{oneNode(), mix(), events()} {
		k.clean(f, w, o, nil).Close()
		if f.Verdict == Fail {
			f.Do = "copy what is to change into memory of its own"
			return
		}
	}
}

func (k *kit) refusals(f *Finding) {
	watch := &refusals{}
	var decisions uint64
	for _, w := range fixed() {
		out := k.runWith(w, k.options(), nil, watch)
		out.Close()
		if out.err != nil {
			f.fail(advice(out.err), "in world %q: %s", w.Name, line(out.err))
			return
		}
		decisions += out.rec.Counts.Decisions
	}
	n := watch.all()
	f.Figures = []Figure{{"refused", int64(n), fmt.Sprintf("of %s decisions", grouped(int64(decisions)))}}
	for r, count := range watch.by {
		if count > 0 {
			f.Details = append(f.Details, fmt.Sprintf("%s %s", state.Refusal(r), grouped(int64(count))))
		}
	}
	const do = "check what the tables say before deciding: a refusal costs a decision, and the job waits for the next pass"
	switch {
	case n > 0 && uint64(n)*2 > decisions:
		f.fail(do, "most of its decisions are refused")
	case n > 0:
		f.warn(do, "some of its decisions are refused")
	}
}

func (k *kit) leak(f *Finding) {
	var sizes []int
	for _, jobs := range []int64{1_000, 4_000, 16_000} {
		out := k.clean(f, recycling(jobs), k.options(), nil)
		sizes = append(sizes, out.memory())
		f.Figures = append(f.Figures, Figure{fmt.Sprintf("after %s jobs", grouped(jobs)), int64(out.memory()), "bytes"})
		out.Close()
	}
	if f.Verdict == Pass && sizes[1] > sizes[0]+sizes[0]/4 && sizes[2] > sizes[1]+sizes[1]/4 {
		f.warn("forget jobs when they end, and use their room again", "memory grows with the number of jobs that have come and gone")
	}
}

func (k *kit) fuel(f *Finding) {
	o := k.options()
	o.Clock = k.o.Clock
	var calls, fuel, instants, share uint64
	uses := map[string]*Use{}
	var order []string
	for _, w := range []*trial.World{mix(), growth(), events(), burst()} {
		out := k.run(w, o, nil)
		if out.err != nil {
			f.fail(advice(out.err), "in world %q: %s", w.Name, line(out.err))
			out.Close()
			return
		}
		instants += out.rec.Counts.Events
		for _, g := range out.guests {
			for _, u := range g.Uses() {
				to := uses[u.Hook]
				if to == nil {
					to = &Use{Hook: u.Hook}
					uses[u.Hook], order = to, append(order, u.Hook)
				}
				to.Calls, to.Fuel, to.Most, to.NS = to.Calls+u.Calls, to.Fuel+u.Fuel, max(to.Most, u.Most), to.NS+float64(u.NS)
				to.Share = max(to.Share, u.Share)
				share = max(share, u.Share)
				calls, fuel = calls+u.Calls, fuel+u.Fuel
				if u.Hook != "_initialize" {
					k.most = max(k.most, u.Most)
				}
			}
		}
		out.Close()
	}
	for _, hook := range order {
		u := uses[hook]
		u.NS /= float64(max(1, u.Calls))
		k.report.Uses = append(k.report.Uses, *u)
	}
	f.Figures = []Figure{{"calls", int64(calls), ""}, {"fuel an event", int64(fuel / max(1, instants)), ""}, {"dearest call", int64(k.most), ""},
		{"at most", int64(share+9) / 10, "% of what a call is given"}}
	if share > 500 {
		f.warn("do less work a call, or say in the scenario what it needs (budget)", "a call takes %d %% of what it is given; on a larger cluster it may not be enough", (share+9)/10)
	}
}

func (k *kit) traces(f *Finding) {
	for _, w := range fixed() {
		out := k.clean(f, w, k.options(), nil)
		out.Close()
		if out.err != nil {
			return
		}
		f.Details = append(f.Details, fmt.Sprintf("%.16s  %s", out.rec.Digest, w.Name))
	}
}
