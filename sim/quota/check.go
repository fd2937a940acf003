package quota

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a tree: where, what, and what was wanted.
type Problem struct {
	Queue    int32  // index in Spec.Queues
	Field    string // as a scenario names it, such as deserved; "" = the queue as a whole
	Resource string // within Field, or ""
	What     string
	Want     string
}

func (p *Problem) Error() string {
	if p.Want == "" {
		return p.What
	}
	return p.What + " (" + p.Want + ")"
}

// MaxDepth bounds the levels of a tree.
const MaxDepth = 32

// fields are a queue's amounts by name, and the rules that know them.
var fields = []struct {
	name  string
	rules []Rules
	of    func(q *Queue) []int64
}{
	{"guarantee", []Rules{Volcano, PAI}, func(q *Queue) []int64 { return q.Guarantee }},
	{"deserved", []Rules{Volcano}, func(q *Queue) []int64 { return q.Deserved }},
	{"capability", []Rules{Volcano, PAI}, func(q *Queue) []int64 { return q.Capability }},
	{"nominal", []Rules{Kueue}, func(q *Queue) []int64 { return q.Nominal }},
	{"borrowingLimit", []Rules{Kueue}, func(q *Queue) []int64 { return q.BorrowingLimit }},
	{"lendingLimit", []Rules{Kueue}, func(q *Queue) []int64 { return q.LendingLimit }},
	{"userLimit", []Rules{PAI}, func(q *Queue) []int64 { return q.UserLimit }},
}

// RulesOf are the rules that know a field, or nil when all do.
func RulesOf(field string) []Rules {
	for i := range fields {
		if fields[i].name == field {
			return fields[i].rules
		}
	}
	if field == "caps" {
		return []Rules{PAI}
	}
	if field == "reclaimable" {
		return []Rules{Volcano}
	}
	return nil
}

// Check says everything that is wrong with a tree: cycles, depth, negative amounts, fields that its rules do not know, and
// sums over a parent's amount. total is what the cluster has, by resource; nil: not known.
func (s *Spec) Check(total []int64) []Problem {
	var out []Problem
	if !s.checkShape(&out) {
		return out // sums over a broken tree mean nothing
	}
	for i := range s.Queues {
		s.checkAmounts(int32(i), &out)
	}
	if len(out) == 0 {
		s.checkSums(total, &out)
	}
	return out
}

// checkShape tests names, parents, cycles and depth.
func (s *Spec) checkShape(out *[]Problem) bool {
	names := map[string]int{}
	for i := range s.Queues {
		q := &s.Queues[i]
		if first, twice := names[q.Name]; twice && q.Name != "" {
			*out = append(*out, Problem{Queue: int32(i), Field: "name", What: fmt.Sprintf("queue %q stands twice in the tree (as queue %d and %d)", q.Name, first+1, i+1)})
		}
		names[q.Name] = i
		if q.Parent < -1 || int(q.Parent) >= len(s.Queues) {
			*out = append(*out, Problem{Queue: int32(i), Field: "parent", What: fmt.Sprintf("queue %q has no such parent", q.Name)})
		}
	}
	if len(*out) > 0 {
		return false
	}
	for i := range s.Queues {
		if path := s.cycle(int32(i)); path != "" {
			*out = append(*out, Problem{Queue: int32(i), Field: "parent", What: "queues are below each other in a circle: " + path, Want: "a parent that is not below this queue"})
		}
	}
	if len(*out) > 0 {
		return false // above a circle there is no top
	}
	for i := range s.Queues {
		if d := s.depth(int32(i)); d > MaxDepth {
			*out = append(*out, Problem{Queue: int32(i), Field: "parent", What: fmt.Sprintf("queue %q is on level %d of the tree", s.Queues[i].Name, d), Want: fmt.Sprintf("at most %d levels", MaxDepth)})
		}
	}
	return len(*out) == 0
}

// cycle is the circle that begins with a queue, in words, if it is the lowest queue of one.
func (s *Spec) cycle(q int32) string {
	words := []string{s.Queues[q].Name}
	at := s.Queues[q].Parent
	for range s.Queues {
		if at < 0 || at < q && at != q {
			return ""
		}
		words = append(words, s.Queues[at].Name)
		if at == q {
			return strings.Join(words, " -> ")
		}
		at = s.Queues[at].Parent
	}
	return ""
}

func (s *Spec) depth(q int32) int {
	d := 1
	for at := s.Queues[q].Parent; at >= 0; at = s.Queues[at].Parent {
		d++
	}
	return d
}

// checkAmounts tests a queue by itself.
func (s *Spec) checkAmounts(i int32, out *[]Problem) {
	q := &s.Queues[i]
	add := func(field, resource, what, want string) {
		*out = append(*out, Problem{Queue: i, Field: field, Resource: resource, What: what, Want: want})
	}
	for _, f := range fields {
		list := f.of(q)
		if list != nil && !slices.Contains(f.rules, s.Rules) {
			add(f.name, "", fmt.Sprintf("the rules %s know no %s", s.Rules, f.name), "of the rules "+rulesText(f.rules))
			continue
		}
		for r := range list {
			if list[r] < Unset || list[r] > Unlimited {
				add(f.name, s.Resources[r].Name, fmt.Sprintf("%s of %s is %s", f.name, s.Resources[r].Name, s.Text(r, list[r])), "0 or more")
			}
		}
	}
	if len(q.Caps) > 0 && s.Rules != PAI {
		add("caps", "", fmt.Sprintf("the rules %s know no caps", s.Rules), "of the rules pai")
	}
	for k := range q.Caps {
		if c := &q.Caps[k]; c.From > c.To {
			add(fmt.Sprintf("caps[%d]", k), "", fmt.Sprintf("no priority is from %d to %d", c.From, c.To), "the lower one first")
		}
	}
	for r := range s.Resources {
		s.checkOrder(i, r, add)
	}
	if q.Weight < 0 {
		add("weight", "", "the weight is negative", "0 or more")
	}
}

// checkOrder tests that a queue's amounts of one resource do not contradict each other.
func (s *Spec) checkOrder(i int32, r int, add func(field, resource, what, want string)) {
	q, name := &s.Queues[i], s.Resources[r].Name
	g, d, c := amount(q.Guarantee, r), amount(q.Deserved, r), amount(q.Capability, r)
	over := func(field string, a int64, than string, b int64) {
		if a != Unset && b != Unset && a > b {
			add(field, name, fmt.Sprintf("%s of %s is %s, more than its %s", field, name, s.Text(r, a), than), fmt.Sprintf("at most %s", s.Text(r, b)))
		}
	}
	over("guarantee", g, "deserved", d)
	over("guarantee", g, "capability", c)
	over("deserved", d, "capability", c)
	if s.Rules == Kueue {
		over("lendingLimit", amount(q.LendingLimit, r), "nominal and what it has from below", s.potential(i, r))
		if q.Parent < 0 && (amount(q.BorrowingLimit, r) != Unset || amount(q.LendingLimit, r) != Unset) {
			add("parent", name, fmt.Sprintf("a limit on borrowing or lending %s, and nobody to borrow from or lend to", name), "a parent, or no limit")
		}
	}
}

// potential is what a queue could lend without a limit: its own and what it gets from below.
func (s *Spec) potential(i int32, r int) int64 {
	sum := given(s.Queues[i].Nominal, r, 0)
	for c := range s.Queues {
		if s.Queues[c].Parent == i {
			sub := s.potential(int32(c), r)
			sum += min(sub, given(s.Queues[c].LendingLimit, r, sub))
		}
	}
	return sum
}

// checkSums tests what children have together against what their parent has, or the cluster where there is no parent.
func (s *Spec) checkSums(total []int64, out *[]Problem) {
	if s.Rules == Kueue {
		return // a cohort's own quota stands beside its children's
	}
	for parent := int32(-1); int(parent) < len(s.Queues); parent++ {
		for r := range s.Resources {
			s.checkSum(parent, r, total, out)
		}
	}
}

// bound is what the children of a queue may have together or each of a field: that field of the nearest one above that says
// something, else what the cluster has.
func (s *Spec) bound(parent int32, r int, of func(q *Queue) []int64, total []int64) (int64, string) {
	for at := parent; at >= 0; at = s.Queues[at].Parent {
		if a := amount(of(&s.Queues[at]), r); a != Unset {
			return a, fmt.Sprintf("queue %q", s.Queues[at].Name)
		}
	}
	if total == nil {
		return Unlimited, ""
	}
	return total[r], "the cluster"
}

func (s *Spec) checkSum(parent int32, r int, total []int64, out *[]Problem) {
	for _, f := range fields[:3] {
		if !slices.Contains(f.rules, s.Rules) {
			continue
		}
		var sum int64
		last := int32(-1)
		var words []string
		limit, whose := s.bound(parent, r, f.of, total)
		for c := range s.Queues {
			a := amount(f.of(&s.Queues[c]), r)
			if s.Queues[c].Parent != parent || a == Unset {
				continue
			}
			if f.name == "capability" { // each by itself: they may share what their parent has
				if a > limit && parent >= 0 {
					*out = append(*out, Problem{Queue: int32(c), Field: f.name, Resource: s.Resources[r].Name,
						What: fmt.Sprintf("capability of %s is %s, more than %s has", s.Resources[r].Name, s.Text(r, a), whose), Want: "at most " + s.Text(r, limit)})
				}
				continue
			}
			sum += a
			last = int32(c)
			words = append(words, fmt.Sprintf("%s %s", s.Queues[c].Name, s.Text(r, a)))
		}
		if sum > limit && last >= 0 {
			if len(words) > 6 {
				words = append(words[:5], fmt.Sprintf("%d more", len(words)-5))
			}
			*out = append(*out, Problem{Queue: last, Field: f.name, Resource: s.Resources[r].Name,
				What: fmt.Sprintf("the sum of %s of %s is %s: %s", f.name, s.Resources[r].Name, s.Text(r, sum), strings.Join(words, ", ")),
				Want: fmt.Sprintf("at most %s, which %s has", s.Text(r, limit), whose)})
		}
	}
}

// Text is an amount of a resource in the scenario's words.
func (s *Spec) Text(r int, a int64) string {
	if s.Resources[r].Kind == Memory {
		return fmt.Sprintf("%d MiB", a)
	}
	whole, part := a/1000, a%1000
	if part < 0 {
		part = -part
	}
	if part == 0 {
		return fmt.Sprint(whole)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", whole, part), "0")
}

func rulesText(r []Rules) string {
	words := make([]string, len(r))
	for i := range r {
		words[i] = r[i].String()
	}
	return strings.Join(words, " and ")
}
