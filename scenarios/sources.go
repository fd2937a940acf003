package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/internal/spell"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/state"
)

// sources opens every workload and merges them; it also returns the cluster that a trace or node list brought.
func (l *Loaded) sources(p *Plan, names *state.Names) (state.Source, *trace.ClusterSpec, error) {
	var all []state.Source
	var brought *trace.ClusterSpec
	if l.Cluster != nil && l.Cluster.Nodes != nil {
		spec, err := l.nodeList(p)
		if err != nil {
			return nil, nil, err
		}
		brought = spec
	}
	var of []uint8
	var err error
	if p.Config.Recoveries, of, err = l.recoveries(); err != nil {
		return nil, nil, err
	}
	for i := range l.Workload {
		w := &l.Workload[i]
		path := fmt.Sprintf("workload[%d]", i)
		src, meta, err := l.open(p, path, w, names)
		if err != nil {
			return nil, nil, err
		}
		if meta != nil {
			p.Warnings = append(p.Warnings, meta.Warnings...)
			if meta.HasDate && i == 0 {
				p.Start, p.Dated = meta.Start, true
				if w.Window != nil {
					p.Start = p.Start.Add(time.Duration(w.Window.From))
				}
			}
			if brought == nil {
				brought = meta.Cluster
			}
		}
		if src, err = l.shape(src, path, w, names); err != nil {
			return nil, nil, err
		}
		if of[i] != 0 {
			src = &recovering{src, of[i]}
		}
		all = append(all, src)
	}
	switch len(all) {
	case 0:
		return nothing{}, brought, nil
	case 1:
		return all[0], brought, nil
	}
	return trace.Merge(names, all...), brought, nil
}

// nothing is a workload without jobs: a live world gets its jobs from callers.
type nothing struct{}

func (nothing) Next(*state.JobSpec) (bool, error) { return false, nil }

func (nothing) Clone(*state.Names) (state.Source, error) { return nothing{}, nil }

func (l *Loaded) open(p *Plan, path string, w *Workload, names *state.Names) (state.Source, *trace.Meta, error) {
	if w.Generator != nil {
		src, err := l.generate(path+".generator", w.Generator, names)
		return src, nil, err
	}
	t := w.Trace
	for _, in := range []struct{ key, file string }{{"file", t.File}, {"vcs", t.VCs}, {"cluster", t.Cluster}, {"tasks", t.Tasks}, {"nodes", t.Nodes},
		{"throughputs", t.Throughputs}} {
		if in.file != "" {
			l.readable(p, path+".trace."+in.key, in.file)
		}
	}
	if err := l.Doc.Err(); err != nil {
		return nil, nil, err
	}
	src, meta, err := trace.Open(t.Format, l.path(t.File), l.traceOptions(w), names)
	if err == nil && t.NeverEnd {
		src = &endless{src}
	}
	if err == nil && l.Failures != nil && !l.says(path+".recordedFailures") && !l.says(path+".trace.recordedFailures") {
		src = &unasked{src, path + ".trace"}
	}
	return src, meta, err
}

// readable notes an input's checksum, or reports at its key that it cannot be read.
func (l *Loaded) readable(p *Plan, key, file string) {
	err := l.input(p, file)
	var path *fs.PathError
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		l.Doc.Errorf(key, "no file %s", file).Want("a file; relative paths start at the scenario file")
	case errors.As(err, &path):
		l.Doc.Errorf(key, "%s cannot be read", file).Want("a file that can be read; this one: %v", path.Err)
	default:
		l.Doc.Errorf(key, "%s cannot be read", file).Want("a file that can be read; this one: %v", err)
	}
}

// CheckTraces reads every trace whole and lists what is wrong with its rows, up to twenty a file.
func (l *Loaded) CheckTraces() error {
	var errs []error
	for i := range l.Workload {
		w := &l.Workload[i]
		if w.Trace == nil || regular(l.path(w.Trace.File)) != nil {
			continue // Compile says at its key that the file cannot be read
		}
		rows, more, err := trace.Check(w.Trace.Format, l.path(w.Trace.File), l.traceOptions(w))
		if err != nil {
			return err
		}
		for _, e := range rows {
			errs = append(errs, e)
		}
		if more > 0 {
			errs = append(errs, fmt.Errorf("and %d more rows of %s", more, w.Trace.File))
		}
	}
	return errors.Join(errs...)
}

// traceOptions say how an item's trace is read.
func (l *Loaded) traceOptions(w *Workload) trace.Options {
	t := w.Trace
	at := func(file string) string {
		if file == "" {
			return ""
		}
		return l.path(file)
	}
	return trace.Options{NeverStarted: or(w.NeverStarted, t.NeverStarted), RecordedFailures: or(w.RecordedFailures, t.RecordedFailures), Sort: t.Sort, Timezone: l.Timezone,
		VCs: at(t.VCs), Cluster: at(t.Cluster), Tasks: at(t.Tasks), Nodes: at(t.Nodes), Throughputs: at(t.Throughputs), GPU: t.GPU}
}

func or(word, otherwise string) string {
	if word != "" {
		return word
	}
	return otherwise
}

// shape puts the wrappers that the scenario asks for around a source: names, filter, window, sample, load.
func (l *Loaded) shape(src state.Source, path string, w *Workload, names *state.Names) (state.Source, error) {
	if w.Queue != "" || w.User != "" || len(w.Queues) > 0 || len(w.Users) > 0 {
		src = trace.Rename(src, names, trace.Renaming{Queue: w.Queue, User: w.User, Queues: pairs(w.Queues), Users: pairs(w.Users)})
	}
	if f := w.Filter; f != nil {
		src = trace.Keep(src, names, trace.Filter{Users: f.Users, Queues: f.Queues, Partitions: f.Partitions, Types: f.Types, MinGPUs: f.MinGPUs,
			MaxGPUs: f.MaxGPUs, MinDuration: (*state.Time)(f.MinDuration), MaxDuration: (*state.Time)(f.MaxDuration)})
	}
	if x := w.Window; x != nil {
		to := state.Never
		if x.To != nil {
			to = x.To.Time()
		}
		src = trace.Window(src, x.From.Time(), to)
	}
	if w.Sample != nil {
		src = trace.Sample(src, l.Seed, int64(*w.Sample))
	}
	if w.Load != nil {
		faster, err := trace.Load(src, int64(*w.Load))
		if err != nil {
			l.Doc.Errorf(path+".load", "%v", err).Want("a factor above 0")
			return nil, l.Doc.Err()
		}
		src = faster
	}
	return src, nil
}

// nodeList reads the cluster's node list.
func (l *Loaded) nodeList(p *Plan) (*trace.ClusterSpec, error) {
	n := l.Cluster.Nodes
	if l.readable(p, "cluster.nodes.file", n.File); l.Doc.Err() != nil {
		return nil, l.Doc.Err()
	}
	return trace.ReadNodes(n.Format, l.path(n.File), trace.Options{})
}

// endless lets every job run until the simulation stops.
type endless struct{ state.Source }

func (e *endless) Next(s *state.JobSpec) (bool, error) {
	ok, err := e.Source.Next(s)
	s.Duration, s.Patience, s.Outcome = state.Never, state.Unset, state.Finished
	return ok, err
}

// Notes are those of the source behind it.
func (e *endless) Notes() []string { return trace.NotesOf(e.Source) }

func (e *endless) Clone(names *state.Names) (state.Source, error) {
	src, err := e.Source.Clone(names)
	return &endless{src}, err
}

// adapter leaves out of jobs what the cluster does not model: CPUs, memory, partitions.
type adapter struct {
	src        state.Source
	names      *state.Names
	has        modelled
	partitions bool
	row        int64    // jobs read
	queues     []string // the only queues that jobs may name; nil = any
	known      []bool   // by queue id: looked up and allowed
}

// adapt puts an adapter around a source where there is something to leave out or to check.
func (l *Loaded) adapt(src state.Source, p *Plan) state.Source {
	a := &adapter{src: src, names: p.Config.Names, has: p.has, partitions: p.Config.Names.Partitions.Len() > 0}
	for i := range l.Queues {
		a.queues = append(a.queues, l.Queues[i].Name)
	}
	if a.has.cpu && a.has.mem && a.partitions && a.queues == nil {
		return src
	}
	return a
}

func (a *adapter) Next(s *state.JobSpec) (bool, error) {
	ok, err := a.src.Next(s)
	if !ok || err != nil {
		return ok, err
	}
	a.row++
	if a.queues != nil && s.Queue >= 0 {
		if err := a.allowed(s); err != nil {
			return false, err
		}
	}
	if !a.partitions {
		s.Partition = state.None
	}
	for i := range s.Roles {
		if !a.has.cpu {
			s.Roles[i].CPUMilli = 0
		}
		if !a.has.mem {
			s.Roles[i].MemMiB = 0
		}
	}
	return true, nil
}

// allowed tests that a job's queue is one of the scenario's.
func (a *adapter) allowed(s *state.JobSpec) error {
	for int(s.Queue) >= len(a.known) {
		a.known = append(a.known, false)
	}
	name := a.names.Queues.Name(s.Queue)
	if !a.known[s.Queue] && !contains(a.queues, name) {
		hint := ""
		if near := spell.Nearest(name, a.queues); near != "" {
			hint = fmt.Sprintf("   (did you mean %q?)", near)
		}
		return fmt.Errorf("workload: job %q (number %d) names queue %q, which is not in the scenario's queues\n  queues here: %s%s\n  add it to queues, "+
			"or rename it with workload.queues", s.Name, a.row, name, strings.Join(a.queues, ", "), hint)
	}
	a.known[s.Queue] = true
	return nil
}

// Notes are those of the source behind it.
func (a *adapter) Notes() []string { return trace.NotesOf(a.src) }

func (a *adapter) Clone(names *state.Names) (state.Source, error) {
	src, err := a.src.Clone(names)
	return &adapter{src: src, names: names, has: a.has, partitions: a.partitions, queues: a.queues, row: a.row}, err
}

func pairs(m ydec.Map[string]) map[string]string {
	out := make(map[string]string, len(m))
	for _, e := range m {
		out[e.Name] = e.Value
	}
	return out
}

// UnknownTypes names GPU types that the workload asks for and no node has, once it has been read. all are the names of the
// simulation that read it.
func (p *Plan) UnknownTypes(all *state.Names) []string {
	names := &all.Types
	have := make([]bool, names.Len())
	var here []string
	for i := range p.Config.Nodes {
		if t := p.Config.Nodes[i].Type; p.Config.Nodes[i].GPUs > 0 && int(t) < len(have) && !have[t] {
			have[t] = true
			here = append(here, names.Name(int32(t)))
		}
	}
	var out []string
	for id, known := range have {
		if !known {
			out = append(out, fmt.Sprintf("jobs ask for GPU type %q, which no node has (types here: %s)", names.Name(int32(id)), strings.Join(here, ", ")))
		}
	}
	return out
}

// Drain reads the whole workload and counts its jobs: a check that every row can be read. The plan cannot be run after it.
func (p *Plan) Drain() (int64, error) {
	var n int64
	var spec state.JobSpec
	for {
		ok, err := p.Config.Source.Next(&spec)
		if err != nil || !ok {
			return n, err
		}
		n++
	}
}
