package simtest

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Case is one case of a script: a configuration without policy, and what must come out.
type Case struct {
	Name    string
	Line    int
	Policy  string
	Trigger state.Trigger
	Config  sim.Config
	Specs   []state.JobSpec
	End     state.Time // where Finish closes the run
	acts    []act
	nodes   map[string]int32
	numbers map[string]uint64
	expect  []expectation
}

// act is a scripted decision.
type act struct {
	line int
	at   state.Time
	word []string
}

type expectation struct {
	line int
	word []string
}

// Parse reads a script.
func Parse(text string) ([]*Case, error) {
	var cases []*Case
	var c *Case
	scan := bufio.NewScanner(strings.NewReader(text))
	for line := 1; scan.Scan(); line++ {
		text, _, _ := strings.Cut(scan.Text(), "#")
		w := strings.Fields(text)
		if len(w) == 0 {
			continue
		}
		if w[0] == "case" {
			c = &Case{Name: strings.Join(w[1:], " "), Line: line, nodes: map[string]int32{}, numbers: map[string]uint64{}}
			c.Config.Names = &state.Names{}
			cases = append(cases, c)
			continue
		}
		if c == nil {
			return nil, fmt.Errorf("line %d: %s before the first case", line, w[0])
		}
		if err := c.command(line, w); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	for _, c := range cases {
		if len(c.expect) == 0 || c.Policy == "" {
			return nil, fmt.Errorf("line %d: case %q has no expectation or no policy", c.Line, c.Name)
		}
	}
	return cases, scan.Err()
}

func (c *Case) command(line int, w []string) error {
	switch w[0] {
	case "node":
		return c.node(w[1:], func(n cluster.NodeSpec) { c.Config.Nodes = append(c.Config.Nodes, n) })
	case "policy":
		c.Policy = w[1]
		return eachKey(w[2:], func(k, v string) (err error) {
			switch k {
			case "every":
				c.Trigger.Every, err = span(v)
			case "coalesce":
				c.Trigger.Coalesce, err = span(v)
			default:
				return errUnknown(k)
			}
			return err
		})
	case "option":
		return eachKey(w[1:], c.option)
	case "job":
		j, err := c.job(w[1], w[2:], nil)
		c.number(w[1])
		c.Specs = append(c.Specs, j)
		return err
	case "initial":
		var in sim.InitialJob
		j, err := c.job(w[1], w[2:], &in)
		if len(c.Specs) > 0 {
			return fmt.Errorf("initial job %s comes after jobs", w[1])
		}
		c.number(w[1])
		in.Spec = j
		c.Config.Initial = append(c.Config.Initial, in)
		return err
	case "change":
		return c.change(w[1:])
	case "quota":
		return c.quotaLine(w[1:])
	case "queue":
		return c.queueLine(w[1:])
	case "edit":
		return c.editLine(w[1:])
	case "market":
		return c.market(w[1:])
	case "failure":
		return c.failure(w[1:])
	case "recovery":
		return c.recovery(w[1:])
	case "at":
		at, err := span(w[1])
		c.acts = append(c.acts, act{line, at, w[2:]})
		return err
	case "expect":
		c.expect = append(c.expect, expectation{line, w[1:]})
		return nil
	}
	return fmt.Errorf("no command %q", w[0])
}

func (c *Case) number(name string) { c.numbers[name] = uint64(len(c.numbers)) }

func (c *Case) option(k, v string) (err error) {
	o := &c.Config
	switch k {
	case "horizon":
		o.Horizon, err = span(v)
		c.End = o.Horizon
	case "end":
		c.End, err = span(v)
	case "dropunfit":
		o.DropUnfit = true
	case "strict":
		o.Strict = true
	case "killatestimate":
		o.KillAtEstimate = true
	case "estimates":
		kind, factor, _ := strings.Cut(v, ":")
		from := map[string]sim.Estimates{"trace": sim.EstimateTrace, "exact": sim.EstimateExact, "user-mean": sim.EstimateUserMean,
			"factor": sim.EstimateFactor}
		var ok bool
		if o.Estimates, ok = from[kind]; !ok {
			return errUnknown(v)
		}
		if factor != "" {
			o.EstimateFactor, err = strconv.ParseInt(factor, 10, 64)
		}
	default:
		return errUnknown(k)
	}
	return err
}

// node reads a node or several.
func (c *Case) node(w []string, add func(cluster.NodeSpec)) error {
	n := cluster.NodeSpec{GPUs: 8}
	count := 1
	err := eachKey(w[1:], func(k, v string) error {
		var err error
		switch k {
		case "gpus":
			n.GPUs, err = number[uint32](v)
		case "type":
			n.Type = uint32(c.Config.Names.Types.Intern([]byte(v)))
		case "partition":
			n.Partition, err = number[uint32](v)
		case "cpu":
			n.CPUMilli, err = number[uint32](v)
		case "mem":
			n.MemMiB, err = number[uint32](v)
		case "count":
			count, err = number[int](v)
		case "down":
			n.Down = true
		case "cordoned":
			n.Flags |= state.NodeCordoned
		default:
			return errUnknown(k)
		}
		return err
	})
	for i := 0; i < count; i++ {
		n.Name = w[0]
		if count > 1 {
			n.Name += strconv.Itoa(i)
		}
		c.nodes[n.Name] = int32(len(c.nodes))
		add(n)
	}
	return err
}

func (c *Case) change(w []string) error {
	at, err := span(strings.TrimPrefix(w[0], "at="))
	if err != nil {
		return err
	}
	kinds := map[string]sim.ChangeKind{"up": sim.ChangeUp, "down": sim.ChangeDown, "cordon": sim.ChangeCordon,
		"uncordon": sim.ChangeUncordon, "drain": sim.ChangeDrain}
	if w[1] == "add" {
		return c.node(w[2:], func(n cluster.NodeSpec) {
			c.Config.Changes = append(c.Config.Changes, sim.Change{At: at, Kind: sim.ChangeAdd, Spec: n})
		})
	}
	node, ok := c.nodes[w[2]]
	if kinds[w[1]] == 0 || !ok {
		return fmt.Errorf("no change %q of node %q", w[1], w[2])
	}
	c.Config.Changes = append(c.Config.Changes, sim.Change{At: at, Kind: kinds[w[1]], Node: node})
	return nil
}

// job reads a job; in is filled where it is an initial one.
func (c *Case) job(name string, w []string, in *sim.InitialJob) (state.JobSpec, error) {
	var j state.JobSpec
	j.Reset()
	j.Name = []byte(name)
	err := eachKey(w, func(k, v string) (err error) {
		switch k {
		case "at":
			j.Submit, err = span(v)
		case "run":
			if j.Duration = state.Never; v != "never" {
				j.Duration, err = span(v)
			}
		case "est":
			j.Estimate, err = span(v)
		case "maxrun":
			j.MaxRun, err = span(v)
		case "patience":
			j.Patience, err = span(v)
		case "outcome":
			j.Outcome, err = outcome(v)
		case "after":
			j.After, err = c.deps(v)
		case "user":
			j.User = c.Config.Names.Users.Intern([]byte(v))
		case "queue":
			j.Queue = c.Config.Names.Queues.Intern([]byte(v))
		case "partition":
			j.Partition, err = number[int32](v)
		case "priority":
			j.Priority, err = number[int32](v)
		case "recovery":
			j.Recovery = state.RecoveryNone
			if v != "none" {
				var n int
				n, err = number[int](v)
				j.Recovery = uint8(n)
			}
		case "done":
			return c.earlier(in, func() (err error) { in.Done, err = span(v); return err })
		case "evicted":
			return c.earlier(in, func() (err error) { in.Evicted, err = number[uint16](v); return err })
		case "running", "start", "on":
			return c.running(in, &j, k, v)
		default:
			return c.role(&j, k, v)
		}
		return err
	})
	return j, err
}

func (c *Case) running(in *sim.InitialJob, j *state.JobSpec, k, v string) (err error) {
	if in == nil {
		return fmt.Errorf("%s is for initial jobs", k)
	}
	in.Running = true
	switch k {
	case "start":
		j.RecStart, err = span(v)
	case "on":
		in.Parts, err = c.parts(strings.Split(v, ","))
	}
	return err
}

// earlier reads what an initial job brings from earlier attempts.
func (c *Case) earlier(in *sim.InitialJob, read func() error) error {
	if in == nil {
		return fmt.Errorf("earlier attempts are for initial jobs")
	}
	return read()
}

// recovery reads what an eviction costs.
func (c *Case) recovery(w []string) error {
	var r state.Recovery
	err := eachKey(w, func(k, v string) (err error) {
		switch k {
		case "every":
			if r.Every = state.Never; v != "never" {
				r.Every, err = span(v)
			}
		case "write":
			r.Write, err = span(v)
		case "restore":
			r.Restore, err = span(v)
		case "grace":
			r.Grace, err = span(v)
		case "protect":
			r.Protect, err = span(v)
		case "backoff":
			r.Backoff, err = span(v)
		case "lag":
			r.Lag, err = span(v)
		case "write-each":
			r.WriteEach, err = span(v)
		case "restore-each":
			r.RestoreEach, err = span(v)
		case "hazard":
			r.Hazard, err = strconv.ParseFloat(v, 64)
		case "restarts":
			r.Restarts, err = number[int32](v)
		case "retry":
			r.Retry, err = span(v)
		case "inplace":
			r.InPlace, err = number[int32](v)
		case "restart":
			r.Restart, err = span(v)
		case "notice":
			r.Notice = true
		case "tail":
			r.Requeue = state.RequeueTail
		case "evicted-at":
			r.Requeue = state.RequeueEvictedAt
		default:
			return errUnknown(k)
		}
		return err
	})
	c.Config.Recoveries = append(c.Config.Recoveries, r)
	return err
}

// market reads a market and its nodes.
func (c *Case) market(w []string) error {
	if c.Config.Markets == nil {
		c.Config.Markets = &market.Model{}
	}
	m := market.Market{Name: strconv.Itoa(len(c.Config.Markets.Markets))}
	points := func(v string) (out []market.Point, err error) {
		for _, p := range strings.Split(v, ",") {
			at, value, _ := strings.Cut(p, ":")
			var x market.Point
			if x.At, err = span(at); err != nil {
				return nil, err
			}
			if x.Value, err = strconv.ParseInt(value, 10, 64); err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		return out, nil
	}
	err := eachKey(w, func(k, v string) (err error) {
		switch node, ok := c.nodes[k]; {
		case k == "notice":
			m.Notice, err = span(v)
		case k == "protect":
			m.Protect, err = span(v)
		case k == "bid":
			m.Bid, err = strconv.ParseInt(v, 10, 64)
		case k == "prices":
			m.Prices, err = points(v)
		case k == "stock":
			m.Stock, err = points(v)
		case ok:
			m.Nodes = append(m.Nodes, node)
		default:
			return errUnknown(k)
		}
		return err
	})
	c.Config.Markets.Markets = append(c.Config.Markets.Markets, m)
	return err
}

// failure reads a failure of a node, or how long it takes until one is found.
func (c *Case) failure(w []string) error {
	if c.Config.Failures == nil {
		c.Config.Failures = &fault.Model{Names: []string{"gpu", "switch"}}
	}
	m, r := c.Config.Failures, fault.Recorded{Node: -1}
	err := eachKey(w, func(k, v string) (err error) {
		switch node, ok := c.nodes[k]; {
		case k == "found":
			m.Crash, err = span(v)
		case k == "crashes": // a GPU and second
			m.Jobs.PerGPU, err = strconv.ParseFloat(v, 64)
		case k == "at":
			r.At, err = span(v)
		case k == "for":
			r.For, err = span(v)
		case k == "slow":
			r.Slow, err = strconv.ParseFloat(v, 64)
		case ok:
			r.Node = node
		default:
			return errUnknown(k)
		}
		return err
	})
	if r.Node >= 0 {
		m.Recorded = append(m.Recorded, r)
	}
	return err
}

// role reads what a job asks for.
func (c *Case) role(j *state.JobSpec, k, v string) (err error) {
	switch k {
	case "gpus":
		var n int32
		n, err = number[int32](v)
		j.Roles = append(j.Roles, Split(n))
		return err
	case "pods":
		var r, g int32
		if _, err = fmt.Sscanf(v, "%dx%d", &r, &g); err != nil {
			return fmt.Errorf("pods=%s: want RxG", v)
		}
		j.Roles = append(j.Roles, Pods(r, g))
		return nil
	}
	if len(j.Roles) == 0 {
		return fmt.Errorf("%s before gpus or pods", k)
	}
	r := &j.Roles[len(j.Roles)-1]
	switch k {
	case "type":
		for _, t := range strings.Split(v, "|") {
			bit, err := c.Config.Names.TypeBit([]byte(t))
			if err != nil {
				return err
			}
			r.TypeMask |= bit
		}
	case "milli":
		r.GPUMilli, err = number[int32](v)
	case "cpu":
		r.CPUMilli, err = number[int64](v)
	case "mem":
		r.MemMiB, err = number[int64](v)
	default:
		return errUnknown(k)
	}
	return err
}

func (c *Case) deps(v string) ([]state.Dep, error) {
	var deps []state.Dep
	for _, d := range strings.Split(v, ",") {
		name, when, _ := strings.Cut(d, ":")
		n, ok := c.numbers[name]
		if !ok || when != "ok" && when != "any" {
			return nil, fmt.Errorf("after=%s: want an earlier job and :ok or :any", d)
		}
		dep := state.Dep{Row: n - uint64(len(c.Config.Initial))}
		if n < uint64(len(c.Config.Initial)) { // an initial job names initial ones
			dep.Row = n
		}
		if when == "any" {
			dep.When = state.AfterAny
		}
		deps = append(deps, dep)
	}
	return deps, nil
}

// parts reads NODE:FIRST-LAST[/MILLI] words.
func (c *Case) parts(w []string) ([]state.Part, error) {
	var parts []state.Part
	for _, p := range w {
		name, devices, _ := strings.Cut(p, ":")
		devices, milli, _ := strings.Cut(devices, "/")
		first, last, found := strings.Cut(devices, "-")
		if !found {
			last = first
		}
		node, ok := c.nodes[name]
		f, err1 := strconv.Atoi(first)
		l, err2 := strconv.Atoi(last)
		if !ok || err1 != nil || err2 != nil || f > l || l > 63 {
			return nil, fmt.Errorf("%q: want NODE:FIRST-LAST", p)
		}
		part := state.Part{Node: node, Pod: int32(len(parts)), Milli: cluster.Whole}
		for ; f <= l; f++ {
			part.Mask |= 1 << f
		}
		if milli != "" {
			m, err := number[uint16](milli)
			if err != nil {
				return nil, err
			}
			part.Milli = m
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func eachKey(w []string, f func(k, v string) error) error {
	for _, kv := range w {
		k, v, _ := strings.Cut(kv, "=")
		if err := f(k, v); err != nil {
			return fmt.Errorf("%s: %w", kv, err)
		}
	}
	return nil
}

func errUnknown(k string) error { return fmt.Errorf("no key %q", k) }

func span(v string) (state.Time, error) {
	neg := strings.HasPrefix(v, "-")
	ns, err := units.ParseDuration(strings.TrimPrefix(v, "-"))
	if neg {
		ns = -ns
	}
	return state.Time(ns), err
}

func number[T int | int32 | int64 | uint16 | uint32](v string) (T, error) {
	n, err := strconv.ParseInt(v, 10, 64)
	return T(n), err
}

func outcome(v string) (state.Outcome, error) {
	for o := state.Finished; o <= state.Unfinished; o++ {
		if o.String() == v {
			return o, nil
		}
	}
	return 0, errUnknown(v)
}
