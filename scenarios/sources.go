package scenarios

import (
	"fmt"
	"time"

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
				p.Start = meta.Start
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
		all = append(all, src)
	}
	if len(all) == 1 {
		return all[0], brought, nil
	}
	return trace.Merge(names, all...), brought, nil
}

func (l *Loaded) open(p *Plan, path string, w *Workload, names *state.Names) (state.Source, *trace.Meta, error) {
	if w.Generator != nil {
		src, err := l.generate(path+".generator", w.Generator, names)
		return src, nil, err
	}
	t := w.Trace
	for _, file := range []string{t.File, t.VCs, t.Cluster, t.Tasks, t.Nodes, t.Throughputs} {
		if file == "" {
			continue
		}
		if err := l.input(p, file); err != nil {
			l.Doc.Errorf(path+".trace", "%s cannot be read", file).Want("a file; %v", err)
		}
	}
	if err := l.Doc.Err(); err != nil {
		return nil, nil, err
	}
	at := func(file string) string {
		if file == "" {
			return ""
		}
		return l.path(file)
	}
	opt := trace.Options{NeverStarted: t.NeverStarted, RecordedFailures: t.RecordedFailures, Sort: t.Sort, Timezone: l.Timezone,
		VCs: at(t.VCs), Cluster: at(t.Cluster), Tasks: at(t.Tasks), Nodes: at(t.Nodes), Throughputs: at(t.Throughputs), GPU: t.GPU}
	return trace.Open(t.Format, l.path(t.File), opt, names)
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
	if err := l.input(p, n.File); err != nil {
		l.Doc.Errorf("cluster.nodes.file", "%s cannot be read", n.File).Want("a file; %v", err)
		return nil, l.Doc.Err()
	}
	return trace.ReadNodes(n.Format, l.path(n.File), trace.Options{})
}

// adapter leaves out of jobs what the cluster does not model: CPUs, memory, partitions.
type adapter struct {
	src        state.Source
	has        modelled
	partitions bool
}

func adapt(src state.Source, has modelled, partitions bool) state.Source {
	if has.cpu && has.mem && partitions {
		return src
	}
	return &adapter{src, has, partitions}
}

func (a *adapter) Next(s *state.JobSpec) (bool, error) {
	ok, err := a.src.Next(s)
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
	return ok, err
}

// Notes are those of the source behind it.
func (a *adapter) Notes() []string { return trace.NotesOf(a.src) }

func (a *adapter) Clone(names *state.Names) (state.Source, error) {
	src, err := a.src.Clone(names)
	return &adapter{src, a.has, a.partitions}, err
}

func pairs(m ydec.Map[string]) map[string]string {
	out := make(map[string]string, len(m))
	for _, e := range m {
		out[e.Name] = e.Value
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
