package conform

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Verdict is what became of one rule.
type Verdict string

// The verdicts.
const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Warning Verdict = "warning"
	NA      Verdict = "not applicable"
)

// Figure is a number beside a verdict.
type Figure struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
	Unit  string `json:"unit,omitempty"`
}

// Finding is one rule as the module keeps it.
type Finding struct {
	Rule    string   `json:"rule"`
	Asks    string   `json:"asks"` // what the rule is, in a line
	Verdict Verdict  `json:"verdict"`
	Why     string   `json:"why,omitempty"`
	Do      string   `json:"do,omitempty"`
	Figures []Figure `json:"figures,omitempty"`
	Details []string `json:"details,omitempty"`
}

// Report is all rules in their order. The same module gives the same report on every machine, but for NS.
type Report struct {
	Module   string    `json:"module"`
	SHA256   string    `json:"sha256"`
	Policy   string    `json:"policy,omitempty"` // the guest's own name
	ABI      string    `json:"abi"`
	Hooks    []string  `json:"hooks,omitempty"`
	Findings []Finding `json:"findings"`
	Uses     []Use     `json:"uses,omitempty"`
}

// Use is what the calls of one hook came to in the fixed worlds.
type Use struct {
	Hook  string  `json:"hook"`
	Calls uint64  `json:"calls"`
	Fuel  uint64  `json:"fuel"`
	Most  uint64  `json:"most_fuel"`
	Share uint64  `json:"most_of_budget_permille"` // of what a call adds to the bucket
	NS    float64 `json:"ns_per_call,omitempty"`   // measured: another on every machine
}

// Passed reports whether no rule is broken; warnings do not count.
func (r *Report) Passed() bool { return r.count(Fail) == 0 }

func (r *Report) count(v Verdict) (n int) {
	for i := range r.Findings {
		if r.Findings[i].Verdict == v {
			n++
		}
	}
	return n
}

// JSON writes the report with an indent.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// Text writes the report for a terminal: what fails or warns with why and what to do, what passes in a line each.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	name := r.Module
	if r.Policy != "" {
		name += "  " + r.Policy
	}
	fmt.Fprintf(&b, "%s  %s\n", name, r.ABI)
	if len(r.SHA256) >= 12 {
		fmt.Fprintf(&b, "sha256 %s   hooks %s\n", r.SHA256[:12], strings.Join(r.Hooks, ", "))
	}
	b.WriteByte('\n')
	for i := range r.Findings {
		f := &r.Findings[i]
		if rest := r.unreached(i); rest > 1 {
			fmt.Fprintf(&b, "%-14s %d more rules: %s\n", NA, rest, f.Why)
			break
		}
		fmt.Fprintf(&b, "%-14s %-12s %s\n", f.Verdict, f.Rule, f.Asks)
		if f.Why != "" && f.Verdict != Pass {
			fmt.Fprintf(&b, "%27s %s\n", "", f.Why)
		}
		if f.Do != "" && f.Verdict != Pass {
			fmt.Fprintf(&b, "%27s %s\n", "", f.Do)
		}
		if line := figures(f.Figures); line != "" {
			fmt.Fprintf(&b, "%27s %s\n", "", line)
		}
		for _, d := range rows(f.Details) {
			fmt.Fprintf(&b, "%27s %s\n", "", d)
		}
	}
	if len(r.Uses) > 0 {
		fmt.Fprintf(&b, "\n%-16s %10s %14s %14s", "hook", "calls", "fuel a call", "most fuel")
		timed := r.Uses[0].NS > 0
		if timed {
			fmt.Fprintf(&b, " %12s", "ns a call")
		}
		b.WriteByte('\n')
		for _, u := range r.Uses {
			fmt.Fprintf(&b, "%-16s %10s %14s %14s", u.Hook, grouped(int64(u.Calls)), grouped(int64(u.Fuel/max(1, u.Calls))), grouped(int64(u.Most)))
			if timed {
				fmt.Fprintf(&b, " %12.0f", u.NS)
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "\n%d pass   %d fail   %d warn   %d not applicable\n", r.count(Pass), r.count(Fail), r.count(Warning), r.count(NA))
	_, err := io.WriteString(w, b.String())
	return err
}

// unreached is the number of rules from i to the end, where none of them was reached for the same reason.
func (r *Report) unreached(i int) int {
	for k := i; k < len(r.Findings); k++ {
		if f := &r.Findings[k]; f.Verdict != NA || i == 0 || r.count(Fail) == 0 {
			return 0
		}
	}
	return len(r.Findings) - i
}

// figures are numbers in one line.
func figures(list []Figure) string {
	var parts []string
	for _, f := range list {
		text := f.Name + " " + grouped(f.Value)
		if f.Unit != "" {
			text += " " + f.Unit
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "   ")
}

// rows puts short details beside each other.
func rows(details []string) (out []string) {
	const width, across = 46, 3
	for i, d := range details {
		if len(details) <= across || i%across == 0 {
			out = append(out, d)
			continue
		}
		last := &out[len(out)-1]
		*last += strings.Repeat(" ", max(2, width*(i%across)-len(*last))) + d
	}
	return out
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
