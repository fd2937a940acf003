package lockstep

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Side is one of the two policies.
type Side struct {
	Name string
	New  func() (state.Policy, error) // a fresh one each time
}

// Config is the simulation of a policy: the same workload, cluster and seed each time, with a source of its own.
type Config func(state.Policy) (sim.Config, error)

// Result is what two policies did.
type Result struct {
	A      string     `json:"a"`
	B      string     `json:"b"`
	Same   uint64     `json:"same"`    // decisions on which they agree, before the first on which they do not
	DoneA  *Decision  `json:"a_does"`  // the first on which they differ; nil: it decides nothing more
	DoneB  *Decision  `json:"b_does"`  // nil as well: they agree to the end
	Before []Decision `json:"before"`  // decisions of the same pass on which they agree
	State  *Snapshot  `json:"state"`   // before that pass
	EndA   state.Time `json:"a_until"` // instant that the simulation of each had come to
	EndB   state.Time `json:"b_until"`
}

// Alike reports whether the policies agree to the end.
func (r *Result) Alike() bool { return r.DoneA == nil && r.DoneB == nil }

// Diff runs both policies until they differ. The time at which a policy decides is part of its decision.
func Diff(a, b Side, config Config) (*Result, error) {
	r := &Result{A: a.Name, B: b.Name}
	ta, err := start(a, config)
	if err != nil {
		return nil, err
	}
	defer ta.close()
	tb, err := start(b, config)
	if err != nil {
		return nil, err
	}
	defer tb.close()
	for {
		if err := fill(a, ta, b, tb); err != nil {
			return nil, err
		}
		n := 0
		for n < len(ta.list) && n < len(tb.list) && ta.list[n].same(&tb.list[n]) {
			n++
		}
		r.agree(ta.list[:n])
		ta.list, tb.list = slices.Delete(ta.list, 0, n), slices.Delete(tb.list, 0, n)
		switch {
		case len(ta.list) > 0 && len(tb.list) > 0, ta.done && len(tb.list) > 0, tb.done && len(ta.list) > 0:
			return r, r.find(ta, tb, a, b, config)
		case ta.done && tb.done:
			r.Before = nil
			return r, nil
		}
	}
}

// agree counts decisions on which both agree and keeps those of the latest pass.
func (r *Result) agree(list []Decision) {
	for i := range list {
		if len(r.Before) > 0 && r.Before[0].pass != list[i].pass {
			r.Before = r.Before[:0]
		}
		r.Before = append(r.Before, list[i])
	}
	r.Same += uint64(len(list))
}

// find keeps the decisions on which they differ, and runs the one that decides first again to see the state before it.
func (r *Result) find(ta, tb *tape, a, b Side, config Config) error {
	first, by, isA := (*Decision)(nil), a, true
	if len(ta.list) > 0 {
		r.DoneA = &ta.list[0]
		first = r.DoneA
	}
	if len(tb.list) > 0 {
		r.DoneB = &tb.list[0]
		if first == nil || r.DoneB.At < first.At {
			first, by, isA = r.DoneB, b, false
		}
	}
	if len(r.Before) > 0 && (r.Before[0].At != first.At || r.Before[0].Partition != first.Partition || isA && r.Before[0].pass != first.pass) {
		r.Before = nil
	}
	again, err := start(by, config)
	if err != nil {
		return err
	}
	defer again.close()
	again.pass = first.pass
	for _, d := range []*Decision{r.DoneA, r.DoneB} {
		if d != nil && d.At == first.At && !slices.Contains(again.about, d.slot) {
			again.about = append(again.about, d.slot)
		}
	}
	for again.snap == nil {
		again.list = again.list[:0]
		if err := again.fill(); err != nil {
			return fmt.Errorf("%s: %w", by.Name, err)
		}
		if again.done && again.snap == nil {
			return fmt.Errorf("%s decides otherwise when it is run again: it is not deterministic", by.Name)
		}
	}
	r.State = again.snap
	r.State.Nodes = slices.DeleteFunc(r.State.Nodes, func(n Node) bool { return !r.takes(n.slot) })
	return nil
}

// takes reports whether one of the decisions is about a node.
func (r *Result) takes(node int32) bool {
	for _, d := range []*Decision{r.DoneA, r.DoneB} {
		if d != nil && slices.ContainsFunc(d.Parts, func(p Part) bool { return p.node == node }) {
			return true
		}
	}
	return false
}

// start makes a simulation of one side, before its first instant.
func start(s Side, config Config) (*tape, error) {
	p, err := s.New()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	t := &tape{Policy: p}
	c, err := config(t)
	if err == nil {
		t.engine, err = sim.New(c)
	}
	if err != nil {
		t.close()
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return t, nil
}

// fill steps both until each has a decision, or is done.
func fill(a Side, ta *tape, b Side, tb *tape) error {
	if err := ta.fill(); err != nil {
		return fmt.Errorf("%s: %w", a.Name, err)
	}
	if err := tb.fill(); err != nil {
		return fmt.Errorf("%s: %w", b.Name, err)
	}
	return nil
}

func (t *tape) close() {
	if c, ok := t.Policy.(interface{ Close() error }); ok {
		_ = c.Close() // of guests' memory: nothing is lost
	}
}

// Text writes the result for a terminal.
func (r *Result) Text(w io.Writer) error {
	var b strings.Builder
	if r.Alike() {
		fmt.Fprintf(&b, "%s and %s decide alike: %s to the end\n", r.A, r.B, count(r.Same, "decision"))
		_, err := io.WriteString(w, b.String())
		return err
	}
	fmt.Fprintf(&b, "%s and %s differ after %s\n\n", r.A, r.B, count(r.Same, "decision"))
	for _, x := range []struct {
		name string
		d    *Decision
	}{{r.A, r.DoneA}, {r.B, r.DoneB}} {
		if x.d == nil {
			fmt.Fprintf(&b, "%s decides nothing more\n", x.name)
			continue
		}
		fmt.Fprintf(&b, "%s, at %s s: %s\n", x.name, units.SecondsText(int64(x.d.At)), x.d)
	}
	s := r.State
	fmt.Fprintf(&b, "\nbefore that, at %s s: %s, %d run, %s\n", units.SecondsText(int64(s.At)), count(uint64(s.Waiting), "job")+" waiting", s.Running, count(uint64(s.Free), "GPU")+" wholly free")
	if n := len(r.Before); n > 0 {
		fmt.Fprintf(&b, "in the same pass both: %s", &r.Before[0])
		if n > 1 {
			fmt.Fprintf(&b, ", and %s more", count(uint64(n-1), "decision"))
		}
		b.WriteByte('\n')
	}
	jobs(&b, "about", s.About)
	jobs(&b, "queue, by arrival", s.Head)
	if len(s.Nodes) > 0 {
		b.WriteString("nodes\n")
	}
	for _, n := range s.Nodes {
		fmt.Fprintf(&b, "  %-20s %d of %d GPUs free (devices %s)   %d thousandths   CPU %d   memory %d MiB   %s\n", n.Name, n.Free, n.GPUs, devices(n.FreeMask), n.Milli, n.CPUFree, n.MemFree, count(uint64(n.Pods), "pod"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func jobs(b *strings.Builder, title string, list []Job) {
	if len(list) > 0 {
		b.WriteString(title + "\n")
	}
	for _, j := range list {
		var roles []string
		for _, r := range j.Roles {
			text := fmt.Sprintf("%d x %s", r.Replicas, count(uint64(r.GPUs), "GPU"))
			if r.Split {
				text = count(uint64(r.Replicas), "GPU") + " anywhere"
			}
			if r.Milli != 1000 && r.GPUs > 0 {
				text += fmt.Sprintf(" of %d thousandths", r.Milli)
			}
			if r.CPU > 0 {
				text += fmt.Sprintf(", CPU %d", r.CPU)
			}
			roles = append(roles, text)
		}
		fmt.Fprintf(b, "  job %-6d %-8s %s   submitted %s s   estimate %s   priority %d\n", j.Number, j.State, strings.Join(roles, " + "),
			units.SecondsText(int64(j.Submit)), units.FormatDuration(int64(j.Estimate)), j.Priority)
	}
}

// String is the decision in words.
func (d *Decision) String() string {
	text := fmt.Sprintf("%s job %d", d.Kind, d.Job)
	if d.Name != "" {
		text += " (" + d.Name + ")"
	}
	var on []string
	for i, p := range d.Parts {
		if i == 4 {
			on = append(on, fmt.Sprintf("and %d more", len(d.Parts)-i))
			break
		}
		where := p.Node
		if p.Mask != 0 {
			where += " " + devices(p.Mask)
		}
		if p.Milli != 0 && p.Milli != 1000 {
			where += fmt.Sprintf(" (%d thousandths)", p.Milli)
		}
		on = append(on, where)
	}
	if len(on) > 0 {
		text += " on " + strings.Join(on, ", ")
	}
	return text
}

// devices writes a mask as ranges: 0-3,7.
func devices(mask uint64) string {
	var out []string
	for i := 0; i < 64; i++ {
		if mask>>i&1 == 0 {
			continue
		}
		from := i
		for i < 63 && mask>>(i+1)&1 != 0 {
			i++
		}
		if from == i {
			out = append(out, fmt.Sprint(i))
		} else {
			out = append(out, fmt.Sprintf("%d-%d", from, i))
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ",")
}
