package scenarios

import (
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Failures says how nodes fail by themselves, in calendar time, and jobs in their running time.
type Failures struct {
	Preset    string           `yaml:"preset,short" enum:"llama3|meta-rsc-1|meta-rsc-2|b200|hopper|ampere|t4" doc:"A published failure rate with its mix of causes; processes beside it are added."`
	Scale     Fixed            `yaml:"scale" default:"1" doc:"All drawn rates times this; 0: only what is recorded."`
	Processes []FailureProcess `yaml:"processes" doc:"What else fails."`
	Jobs      *JobFailures     `yaml:"jobs" doc:"Failures of jobs by themselves, in their running time."`
	File      string           `yaml:"file" doc:"Recorded failures: a CSV with node, at_s, for_s, and if you like cause and slow."`
	Found     *FailuresFound   `yaml:"found" doc:"How long until a failure is found; until then what runs there stands still."`
	Spares    []SpareNodes     `yaml:"spares" doc:"Nodes that stand by and take a failed one's place."`
	Isolate   *Isolate         `yaml:"isolate" doc:"Nodes that fail too often are taken out of use. Default: none."`
}

// FailureProcess is one process of failures for each of its entities.
type FailureProcess struct {
	Name   string         `yaml:"name,required,key" doc:"Name; its draws hang on it."`
	Each   string         `yaml:"each" enum:"node|gpu|group" default:"node" doc:"What the process runs for; group: nodes in a row of one pool fail together, as behind one switch."`
	Nodes  int            `yaml:"nodes" default:"16" min:"1" max:"100000" doc:"Nodes of a group."`
	Pools  []string       `yaml:"pools" doc:"Only these pools. Default: all."`
	MTBF   *Duration      `yaml:"mtbf,oneof=life" doc:"Mean time from a repair to the next failure, exponential."`
	Life   *DrawnTime     `yaml:"life,oneof=life" doc:"Time from a repair to the next failure, drawn."`
	Repair *DrawnTime     `yaml:"repair" doc:"How long a repair takes where a cause does not say. Default: 0s, which costs what runs there and not the node."`
	Causes []FailureCause `yaml:"causes" doc:"Why it fails. Default: one cause of the process' name."`
}

// FailureCause is one reason to fail.
type FailureCause struct {
	Name   string     `yaml:"name,required,key" doc:"Name."`
	Weight int        `yaml:"weight" default:"1" min:"0" max:"1000000000" doc:"Relative weight."`
	Repair *DrawnTime `yaml:"repair" doc:"How long its repair takes. Default: the process'."`
	Hang   Fixed      `yaml:"hang" default:"0" doc:"Share that shows as a hang and not as a crash, 0 to 1."`
	Slow   Fixed      `yaml:"slow" default:"0" doc:"Above 0: the node is not lost but works at this share of its speed until it is repaired."`
}

// JobFailures is how jobs fail by themselves.
type JobFailures struct {
	PerGPU *Duration `yaml:"perGPU" doc:"Mean running time of one GPU between two failures: a job of twice the GPUs fails twice as often."`
	PerJob *Duration `yaml:"perJob" doc:"Mean running time between two failures, whatever its size."`
	Hang   Fixed     `yaml:"hang" default:"0" doc:"Share that shows as a hang, 0 to 1."`
}

// FailuresFound is how long until failures are found.
type FailuresFound struct {
	Crash Duration `yaml:"crash" default:"0s" doc:"A crash."`
	Hang  Duration `yaml:"hang" default:"30m" doc:"A hang."`
}

// SpareNodes are nodes that stand by.
type SpareNodes struct {
	Pool  string   `yaml:"pool,required,key" doc:"For which pool."`
	Nodes int      `yaml:"nodes,required" min:"1" max:"1000000" doc:"How many."`
	Swap  Duration `yaml:"swap" default:"10m" doc:"How long it takes until one has taken over."`
}

// Isolate takes nodes out of use that fail too often.
type Isolate struct {
	After  int      `yaml:"after" default:"3" min:"1" max:"1000" doc:"So many failures."`
	Within Duration `yaml:"within" default:"7d" doc:"Within so long."`
	For    Duration `yaml:"for" default:"7d" doc:"So long it stays out, at least."`
}

const defaultHang = 30 * 60 * state.Second

func (l *Loaded) checkFailures() {
	f := l.Failures
	if f == nil {
		return
	}
	share := func(path string, v Fixed, most Fixed) {
		if v < 0 || v > most {
			l.Doc.Errorf(path, "a share of %s", v.FormatYAML()).Want("0 to 1")
		}
	}
	if f.Scale < 0 || f.Scale > 1e12 {
		l.Doc.Errorf("failures.scale", "a scale of %s", f.Scale.FormatYAML()).Want("0 to 1000000")
	}
	for i := range f.Processes {
		p, at := &f.Processes[i], fmt.Sprintf("failures.processes[%d]", i)
		if p.MTBF != nil && *p.MTBF < Duration(state.Second) {
			l.Doc.Errorf(at+".mtbf", "a failure every %s", p.MTBF.FormatYAML()).Want("at least 1s")
		}
		for k := range p.Causes {
			share(fmt.Sprintf("%s.causes[%d].hang", at, k), p.Causes[k].Hang, 1_000_000)
			share(fmt.Sprintf("%s.causes[%d].slow", at, k), p.Causes[k].Slow, 999_999)
		}
		l.checkPools(at+".pools", p.Pools)
	}
	if j := f.Jobs; j != nil {
		share("failures.jobs.hang", j.Hang, 1_000_000)
		for key, d := range map[string]*Duration{"perGPU": j.PerGPU, "perJob": j.PerJob} {
			if d != nil && *d < Duration(state.Second) {
				l.Doc.Errorf("failures.jobs."+key, "a failure every %s", d.FormatYAML()).Want("at least 1s")
			}
		}
	}
	for i := range f.Spares {
		l.checkPools(fmt.Sprintf("failures.spares[%d].pool", i), []string{f.Spares[i].Pool})
	}
}

// checkPools refuses names of pools that the scenario's own cluster does not have.
func (l *Loaded) checkPools(path string, names []string) {
	if l.Cluster == nil || l.Cluster.Nodes != nil {
		return // known when the node list has been read
	}
	var have []string
	for i := range l.Cluster.Pools {
		have = append(have, l.Cluster.Pools[i].Name)
	}
	for _, name := range names {
		if !contains(have, name) {
			l.Doc.Errorf(path, "no pool %q", name).Known("pools here", name, have)
		}
	}
}

// compileFailures builds the model that failures are drawn from.
func (l *Loaded) compileFailures(p *Plan) error {
	f := l.Failures
	if f == nil {
		return nil
	}
	c := &failureCompiler{l: l, p: p, m: &fault.Model{Seed: l.Seed, Hang: defaultHang}, ids: map[string]uint8{}}
	if f.Found != nil {
		c.m.Crash, c.m.Hang = f.Found.Crash.Time(), f.Found.Hang.Time()
	}
	if f.Preset != "" && f.Scale > 0 {
		c.preset(f.Preset)
	}
	for i := range f.Processes {
		if f.Scale > 0 {
			c.process(fmt.Sprintf("failures.processes[%d]", i), &f.Processes[i])
		}
	}
	c.jobs(f)
	for i := range f.Spares {
		if pool, ok := c.pool(fmt.Sprintf("failures.spares[%d].pool", i), f.Spares[i].Pool); ok {
			c.m.Spares = append(c.m.Spares, fault.Spares{Pool: pool, N: int32(f.Spares[i].Nodes), Swap: f.Spares[i].Swap.Time()})
		}
	}
	if iso := f.Isolate; iso != nil {
		c.m.Isolation = fault.Isolation{After: int32(iso.After), Within: iso.Within.Time(), For: iso.For.Time()}
	}
	if err := l.Doc.Err(); err != nil {
		return err
	}
	if f.File != "" {
		if err := c.recorded(f.File); err != nil {
			return err
		}
	}
	if err := c.m.Validate(); err != nil {
		l.Doc.Errorf("failures", "%s", err)
		return l.Doc.Err()
	}
	p.Config.Failures = c.m
	return nil
}

// failureCompiler builds a model; what is wrong is recorded at its place.
type failureCompiler struct {
	l   *Loaded
	p   *Plan
	m   *fault.Model
	ids map[string]uint8
}

// cause is the id of a cause's name.
func (c *failureCompiler) cause(name string) uint8 {
	if id, ok := c.ids[name]; ok {
		return id
	}
	id := uint8(min(len(c.m.Names), 255)) // too many are refused by the model
	c.ids[name] = id
	c.m.Names = append(c.m.Names, name)
	return id
}

func (c *failureCompiler) pool(path, name string) (uint32, bool) {
	for i, have := range c.p.Pools {
		if have == name {
			return uint32(i), true
		}
	}
	c.l.Doc.Errorf(path, "no pool %q", name).Known("pools here", name, c.p.Pools)
	return 0, false
}

func (c *failureCompiler) distribution(path string, d *DrawnTime) rng.Dist {
	g := &genCompiler{doc: c.l.Doc}
	return g.distribution(path, d)
}

// scaled is a life with its rate times the scale.
func (c *failureCompiler) scaled(d rng.Dist) rng.Dist {
	by := number(c.l.Failures.Scale)
	switch d := d.(type) {
	case rng.Exponential:
		return rng.Exponential{Mean: d.Mean / by}
	case rng.Weibull:
		return rng.Weibull{Scale: d.Scale / by, Shape: d.Shape}
	}
	if by == 1 {
		return d
	}
	return divided{d, by}
}

// divided is a distribution whose values are divided.
type divided struct {
	rng.Dist
	by float64
}

func (d divided) Quantile(u float64) float64 { return d.Dist.Quantile(u) / d.by }

func (c *failureCompiler) process(path string, f *FailureProcess) {
	p := fault.Process{Name: f.Name, Each: map[string]fault.Each{"node": fault.EachNode, "gpu": fault.EachGPU, "group": fault.EachGroup}[f.Each], Group: int32(f.Nodes)}
	if f.MTBF != nil {
		p.Life = c.scaled(rng.Exponential{Mean: seconds(*f.MTBF)})
	} else if d := c.distribution(path+".life", f.Life); d != nil {
		p.Life = c.scaled(d)
	}
	for i, name := range f.Pools {
		if pool, ok := c.pool(fmt.Sprintf("%s.pools[%d]", path, i), name); ok {
			p.Pools = append(p.Pools, pool)
		}
	}
	repair := rng.Dist(rng.Constant{})
	if f.Repair != nil {
		repair = c.distribution(path+".repair", f.Repair)
	}
	for i := range f.Causes {
		x := &f.Causes[i]
		own := repair
		if x.Repair != nil {
			own = c.distribution(fmt.Sprintf("%s.causes[%d].repair", path, i), x.Repair)
		}
		p.Causes = append(p.Causes, fault.Cause{ID: c.cause(x.Name), Weight: int64(x.Weight), Repair: own, Hang: number(x.Hang), Slow: number(x.Slow)})
	}
	if len(f.Causes) == 0 {
		p.Causes = []fault.Cause{{ID: c.cause(f.Name), Weight: 1, Repair: repair}}
	}
	if c.l.Doc.Err() == nil {
		c.m.Processes = append(c.m.Processes, p)
	}
}

func (c *failureCompiler) jobs(f *Failures) {
	if f.Jobs == nil || f.Scale == 0 {
		return
	}
	rate := func(d *Duration) float64 {
		if d == nil {
			return 0
		}
		return number(f.Scale) / seconds(*d)
	}
	c.m.Jobs = fault.Crash{PerGPU: rate(f.Jobs.PerGPU), PerJob: rate(f.Jobs.PerJob), Hang: number(f.Jobs.Hang), Cause: c.cause("job")}
}

// recorded reads a file of failures.
func (c *failureCompiler) recorded(file string) error {
	c.l.readable(c.p, "failures.file", file)
	if err := c.l.Doc.Err(); err != nil {
		return err
	}
	data, err := os.ReadFile(c.l.path(file))
	if err != nil {
		return err
	}
	rows, err := readFailures(file, data, c.p.nodes)
	if err != nil {
		return &SheetError{err}
	}
	for _, r := range rows {
		c.m.Recorded = append(c.m.Recorded, fault.Recorded{At: r.at, For: r.long, Node: r.node, Cause: c.cause(r.cause), Slow: r.slow})
	}
	return nil
}

// hazard is how often a GPU loses its work in a second of running, on average over the cluster's GPUs.
func (p *Plan) hazard() float64 {
	m := p.Config.Failures
	if m == nil {
		return 0
	}
	rate := m.Jobs.PerGPU
	for i := range m.Processes {
		pr := &m.Processes[i]
		var lost, all float64
		for _, c := range pr.Causes {
			all += float64(c.Weight)
			if c.Slow == 0 {
				lost += float64(c.Weight)
			}
		}
		events, gpus := 0.0, 0.0
		for k := range p.Config.Nodes {
			n := &p.Config.Nodes[k]
			if n.GPUs == 0 {
				continue
			}
			gpus += float64(n.GPUs)
			if len(pr.Pools) > 0 && !hasPool(pr.Pools, n.Pool) {
				continue
			}
			switch pr.Each {
			case fault.EachGPU:
				events += float64(n.GPUs)
			default: // of a group, each of its nodes is hit
				events++
			}
		}
		if gpus > 0 {
			rate += events / gpus * lost / all / meanOf(pr.Life)
		}
	}
	return rate
}

func hasPool(pools []uint32, pool uint32) bool {
	for _, p := range pools {
		if p == pool {
			return true
		}
	}
	return false
}

// meanOf is the mean of a distribution of times; of one without a formula, of its quantiles at 10,000 steps.
func meanOf(d rng.Dist) float64 {
	switch d := d.(type) {
	case rng.Exponential:
		return d.Mean
	case rng.Constant:
		return d.Value
	case rng.Weibull:
		return d.Scale * math.Gamma(1+1/d.Shape)
	}
	const steps = 10_000
	sum := 0.0
	for i := range steps {
		sum += d.Quantile((float64(i) + 0.5) / steps)
	}
	return sum / steps
}

// FailuresText says in a sentence how the cluster fails.
func (p *Plan) FailuresText() string {
	m := p.Config.Failures
	var words []string
	for i := range m.Processes {
		pr := &m.Processes[i]
		words = append(words, fmt.Sprintf("%s fails once in %.3g days a %s", pr.Name, meanOf(pr.Life)/86400, [...]string{"node", "GPU", "group of nodes"}[pr.Each]))
	}
	if n := len(m.Recorded); n > 0 {
		words = append(words, fmt.Sprintf("%d failures are recorded", n))
	}
	if m.Jobs.PerGPU > 0 {
		words = append(words, fmt.Sprintf("a job crashes by itself once in %.3g days a GPU", 1/m.Jobs.PerGPU/86400))
	}
	if m.Jobs.PerJob > 0 {
		words = append(words, fmt.Sprintf("a job crashes by itself once in %.3g days", 1/m.Jobs.PerJob/86400))
	}
	return "Failures: " + strings.Join(words, "; ") + "."
}

// says reports whether the scenario's text has a value at a path, a default apart.
func (l *Loaded) says(path string) bool {
	_, ok := l.Doc.Find(path)
	return ok
}

// unasked is why recorded failures are refused where failures are drawn as well.
type unasked struct {
	state.Source
	path string
}

// Next refuses a job that failed on record.
func (u *unasked) Next(s *state.JobSpec) (bool, error) {
	ok, err := u.Source.Next(s)
	if ok && err == nil && s.Outcome == state.Failed {
		return false, fmt.Errorf("%s: job %q failed on record, and failures are drawn as well: some would count twice\n  found recorded failures; expected a word on them\n"+
			"  write recordedFailures: finish (such jobs run to their end, and fail as is drawn) or keep (the record counts too)", u.path, s.Name)
	}
	return ok, err
}

func (u *unasked) Clone(names *state.Names) (state.Source, error) {
	src, err := u.Source.Clone(names)
	return &unasked{src, u.path}, err
}

// Notes are those of the source behind it.
func (u *unasked) Notes() []string { return trace.NotesOf(u.Source) }
