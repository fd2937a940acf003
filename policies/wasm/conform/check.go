package conform

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/policies/wasm"
)

// Options say how a module is checked.
type Options struct {
	Name   string       // of the module, for people
	Params *wasm.Params // nil: none; what the rules but "init" and "params" run with
	Budget wasm.Budget  // the zero value: the default
	Clock  func() int64 // ns: calls are timed; nil: fuel only
}

// Rule is a rule for people: its name in a report, and what it asks.
type Rule struct{ ID, Asks string }

// Rules are all rules in the order of a report.
func Rules() (out []Rule) {
	for _, r := range staticRules {
		out = append(out, Rule{r.id, r.asks})
	}
	for _, r := range dynamicRules() {
		out = append(out, Rule{r.id, r.asks})
	}
	return out
}

// kit is one module under check.
type kit struct {
	name   string
	bytes  []byte
	host   *wasm.Host
	module *wasm.Module
	o      Options
	most   uint64 // fuel of the dearest call in the fixed worlds
	report *Report
	told   func(*Report)
}

// Check holds a module to every rule. It compiles the module in this process: a stranger's goes through Run. An error is one of the
// kit's own.
func Check(module []byte, o Options) (*Report, error) { return check(module, o, func(*Report) {}) }

// check tells the report so far whenever a rule has been held that may be the last.
func check(module []byte, o Options, told func(*Report)) (*Report, error) {
	if o.Budget == (wasm.Budget{}) {
		o.Budget = wasm.DefaultBudget()
	}
	if o.Params == nil {
		var err error
		if o.Params, err = wasm.NewParams(nil); err != nil {
			return nil, err
		}
	}
	host, err := wasm.NewHost("")
	if err != nil {
		return nil, err
	}
	defer host.Close()
	k := &kit{name: o.Name, bytes: module, host: host, o: o, told: told, report: &Report{Module: o.Name,
		ABI: fmt.Sprintf("%s.%d", wasm.ABI, wasm.ABIMinor)}}
	if k.static() {
		k.dynamic()
	} else {
		for _, r := range dynamicRules() {
			k.add(Finding{Rule: r.id, Asks: r.asks, Verdict: NA, Why: "the module cannot be loaded"})
		}
	}
	return k.report, nil
}

func (k *kit) add(f Finding) {
	k.report.Findings = append(k.report.Findings, f)
	k.told(k.report)
}

// options are the guest's for one run.
func (k *kit) options() wasm.Options {
	return wasm.Options{Budget: k.o.Budget, Params: k.o.Params}
}

// line is an error in one line.
func line(err error) string {
	var e *wasm.Error
	if errors.As(err, &e) {
		return e.Line()
	}
	return err.Error()
}
