package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// quotaSpec makes the tree. Everything that is wrong is reported where it stands. total is what the cluster has of each
// resource, once that is known.
func (l *Loaded) quotaSpec(types []string, names *state.Names, total func(*quota.Spec) []int64) *quota.Spec {
	s := &quota.Spec{Default: -1}
	s.Rules = quota.Rules(max(slices.Index([]string{"volcano", "kueue", "pai"}, l.Quota.Rules), 0))
	s.Between = quota.Between(max(slices.Index([]string{"merged", "fair", "drf", "priority"}, l.Quota.Between), 0))
	s.Resources = l.quotaResources(types, names)
	for i := range l.Queues {
		s.Queues = append(s.Queues, l.quotaQueue(i, s, names))
	}
	l.quotaParents(s)
	if l.Quota.Default != "" {
		if s.Default = s.Find(l.Quota.Default); s.Default < 0 {
			l.Doc.Errorf("quota.default", "no queue %q", l.Quota.Default).Known("queues here", l.Quota.Default, l.queueNames())
		}
	}
	if l.Doc.Err() != nil {
		return s
	}
	var have []int64
	if total != nil {
		have = total(s)
	}
	for _, p := range s.Check(have) {
		at := fmt.Sprintf("queues[%d]", p.Queue)
		if int(p.Queue) >= len(l.Queues) {
			at = "quota"
		} else if p.Field != "" {
			at += "." + p.Field
			if _, there := l.Doc.Find(at + "." + ydec.Join(p.Resource)); there && p.Resource != "" {
				at += "." + ydec.Join(p.Resource)
			}
		}
		d := l.Doc.Errorf(at, "%s", p.What)
		if p.Want != "" {
			d.Want("%s", p.Want)
		}
	}
	if s.Default >= 0 && s.Rules != quota.PAI && slices.ContainsFunc(s.Queues, func(q quota.Queue) bool { return q.Parent == s.Default }) {
		l.Doc.Errorf("quota.default", "queue %q has queues below it and takes no jobs under the rules %s", l.Quota.Default, s.Rules).Want("a queue without others below it")
	}
	return s
}

// quotaResources are the GPU types, any GPU, CPU and memory: those of the cluster that some queue says something of. GPU types
// are all there or none. Where no queue says anything yet, everything is counted: somebody may say it while the simulation runs.
func (l *Loaded) quotaResources(types []string, names *state.Names) []quota.Resource {
	mentioned := map[string]bool{}
	for i := range l.Queues {
		for _, f := range l.Queues[i].amountFields() {
			for _, a := range f.of {
				mentioned[a.Name] = true
			}
		}
		for _, c := range l.Queues[i].Caps {
			for _, a := range c.Amount {
				mentioned[a.Name] = true
			}
		}
	}
	var out []quota.Resource
	seen := map[string]bool{}
	all := len(mentioned) == 0
	byType := all || slices.ContainsFunc(types, func(t string) bool { return mentioned[t] })
	for _, t := range types {
		if byType && t != "" && !seen[t] {
			id := int32(len(out))
			if names != nil {
				id, _ = names.Types.Lookup(t)
			}
			out = append(out, quota.Resource{Name: t, Kind: quota.GPU, Type: id})
		}
		seen[t] = true
	}
	if all || mentioned["gpu"] || !byType {
		out = append(out, quota.Resource{Name: "gpu", Kind: quota.AnyGPU})
	}
	if all || mentioned["cpu"] {
		out = append(out, quota.Resource{Name: "cpu", Kind: quota.CPU})
	}
	if all || mentioned["memory"] {
		out = append(out, quota.Resource{Name: "memory", Kind: quota.Memory})
	}
	return out
}

func (l *Loaded) queueNames() []string {
	var names []string
	for i := range l.Queues {
		names = append(names, l.Queues[i].Name)
	}
	return names
}

// quotaQueue reads one queue.
func (l *Loaded) quotaQueue(i int, s *quota.Spec, names *state.Names) quota.Queue {
	y, at := &l.Queues[i], fmt.Sprintf("queues[%d]", i)
	q := quota.Queue{Name: y.Name, Parent: -1, Weight: int64(y.Weight), Priority: int32(y.Priority), Reclaimable: y.Reclaimable == nil || *y.Reclaimable,
		Timeout: y.Timeout.Time(), Threshold: int32(y.Threshold), Growth: y.Growth.Time()}
	q.Strategy = quota.Strategy(max(slices.Index([]string{"", "StrictFIFO", "BestEffortFIFO", "balance", "intelligent"}, y.Strategy), 0))
	q.State = quota.State(max(slices.Index([]string{"open", "closed", "hold", "drain"}, y.State), 0))
	for f, a := range y.amountFields() {
		v := l.amounts(s, a.of, at+"."+a.name)
		*[...]*[]int64{&q.Guarantee, &q.Deserved, &q.Capability, &q.Nominal, &q.BorrowingLimit, &q.LendingLimit, &q.UserLimit}[f] = v
	}
	if y.Reclaimable != nil && s.Rules != quota.Volcano {
		l.Doc.Errorf(at+".reclaimable", "the rules %s know no reclaimable", s.Rules).Want("of the rules volcano")
	}
	for k := range y.Caps {
		c := &y.Caps[k]
		where := fmt.Sprintf("%s.caps[%d]", at, k)
		n := quota.Cap{Amount: l.amounts(s, c.Amount, where+".amount"), MaxRun: c.MaxRun.Time()}
		if _, err := fmt.Sscanf(strings.Replace(c.Priority, "-", " ", 1), "%d %d", &n.From, &n.To); err != nil {
			if _, err := fmt.Sscanf(c.Priority, "%d", &n.From); err != nil {
				l.Doc.Errorf(where+".priority", "%q is no priority", c.Priority).Want("a number, or a range such as 7-9")
			}
			n.To = n.From
		}
		for _, u := range c.Users {
			if names != nil {
				n.Users = append(n.Users, names.Users.Intern([]byte(u)))
			}
		}
		q.Caps = append(q.Caps, n)
	}
	return q
}

// amounts reads a queue's amounts of one field, by resource.
func (l *Loaded) amounts(s *quota.Spec, given ydec.Map[Quantity], at string) []int64 {
	if given == nil {
		return nil
	}
	out := make([]int64, len(s.Resources))
	for r := range out {
		out[r] = quota.Unset
	}
	for _, a := range given {
		r := slices.IndexFunc(s.Resources, func(r quota.Resource) bool { return r.Name == a.Name })
		where := at + "." + ydec.Join(a.Name)
		if r < 0 {
			l.Doc.Errorf(where, "no resource %q", a.Name).Known("resources here", a.Name, l.resourceNames(s))
			continue
		}
		v, err := parseQuantity(string(a.Value), s.Resources[r].Kind)
		if err != nil {
			l.Doc.Errorf(where, "%q is no amount of %s", string(a.Value), a.Name).Want("%s", err)
			continue
		}
		out[r] = v
	}
	return out
}

// resourceNames are those that a queue may speak of.
func (l *Loaded) resourceNames(s *quota.Spec) []string {
	var out []string
	if l.Cluster != nil {
		for _, t := range l.Cluster.NodeTypes {
			if t.Value.GPU != "" {
				out = append(out, t.Value.GPU)
			}
		}
	}
	return append(out, "gpu", "cpu", "memory")
}

func parseQuantity(text string, kind quota.ResourceKind) (int64, error) {
	if kind == quota.Memory {
		n, err := units.ParseBytes(text)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("0 or more, such as 8TiB")
		}
		return n >> 20, nil
	}
	v, err := units.ParseFixed([]byte(text), 3)
	if err != nil || v < 0 || v >= quota.Unlimited {
		return 0, fmt.Errorf("0 or more, with at most three decimals")
	}
	return v, nil
}

// quotaParents finds each queue's parent. A root that nobody describes is there all the same.
func (l *Loaded) quotaParents(s *quota.Spec) {
	root := s.Find("root")
	for i := range l.Queues {
		parent := l.Queues[i].Parent
		if parent == "" && s.Rules != quota.Kueue && l.Queues[i].Name != "root" {
			parent = "root"
		}
		switch at := s.Find(parent); {
		case parent == "":
		case at >= 0 && int(at) < len(l.Queues) || parent == "root" && at >= 0:
			s.Queues[i].Parent = at
		case parent == "root":
			root = int32(len(s.Queues))
			s.Queues = append(s.Queues, quota.Queue{Name: "root", Parent: -1, Weight: 1_000_000})
			s.Queues[i].Parent = root
		default:
			l.Doc.Errorf(fmt.Sprintf("queues[%d].parent", i), "no queue %q", parent).Known("queues here", parent, append(l.queueNames(), "root"))
		}
	}
}

// compileQuota makes the tree of a run.
func (l *Loaded) compileQuota(p *Plan) error {
	if l.Quota == nil {
		return nil
	}
	names := p.Config.Names
	var types []string
	for i := range p.Config.Nodes {
		if n := &p.Config.Nodes[i]; n.GPUs > 0 && !slices.Contains(types, names.Types.Name(int32(n.Type))) {
			types = append(types, names.Types.Name(int32(n.Type)))
		}
	}
	spec := l.quotaSpec(types, names, func(s *quota.Spec) []int64 { return totals(p.Config.Nodes, s) })
	if err := l.Doc.Err(); err != nil {
		return err
	}
	for i := range spec.Queues {
		names.Queues.Intern([]byte(spec.Queues[i].Name))
	}
	p.Config.Quota = spec
	return nil
}

// totals are what nodes have of each resource. What has no bound is not summed.
func totals(nodes []cluster.NodeSpec, s *quota.Spec) []int64 {
	out := make([]int64, len(s.Resources))
	for i := range nodes {
		n := &nodes[i]
		for r := range s.Resources {
			switch res := &s.Resources[r]; {
			case res.Kind == quota.GPU && n.GPUs > 0 && n.Type == uint32(res.Type), res.Kind == quota.AnyGPU:
				out[r] += int64(n.GPUs) * 1000
			case res.Kind == quota.CPU:
				out[r] += int64(n.CPUMilli)
			case res.Kind == quota.Memory:
				out[r] += int64(n.MemMiB)
			}
		}
	}
	return out
}
