package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Loaded is a scenario with what it was read from, so that later findings can name their place.
type Loaded struct {
	Scenario
	Doc    *ydec.Doc
	Dir    string  // relative paths in the scenario start here
	Inputs []Input // the scenario file first
}

// Input is a file that a run depends on.
type Input struct {
	Path   string `json:"path"` // as the scenario names it
	SHA256 string `json:"sha256"`
}

// Set is one --set or --policy of the command line: a path into the scenario and its value.
type Set struct{ Path, Value, Origin string }

// Load reads a scenario file, applies sets and checks everything that can be checked without reading its inputs. The
// error is a ydec.Diagnostics with everything that is wrong.
func Load(file string, sets ...Set) (*Loaded, error) {
	if err := regular(file); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, filepath.Dir(file), data, sets...)
}

// regular refuses what is no plain file: a pipe or a device may never end, and a run is replayed from its inputs.
func regular(file string) error {
	st, err := os.Stat(file)
	if err == nil && !st.Mode().IsRegular() {
		return &fs.PathError{Op: "read", Path: file, Err: errors.New("is no plain file (a folder, pipe or device)")}
	}
	return err
}

// Parse is Load for text that is not in a file; dir is where its relative paths start.
func Parse(file, dir string, data []byte, sets ...Set) (*Loaded, error) {
	l := &Loaded{Dir: dir, Inputs: []Input{{Path: file, SHA256: sum(data)}}}
	opts := ydec.Options{}
	for _, s := range sets {
		opts.Set = append(opts.Set, ydec.Assignment{Path: s.Path, Value: s.Value, Origin: s.Origin})
	}
	doc, diags := ydec.Decode(file, data, &l.Scenario, opts)
	if doc == nil || doc.Root() == nil {
		return nil, diags.Err()
	}
	l.Doc = doc
	l.check()
	if err := all(diags, doc.Diagnostics()).Err(); err != nil {
		return nil, err
	}
	return l, nil
}

// all puts what decoding found before what the checks of meaning found; a place that could not be decoded is not judged twice.
func all(decoded, checked ydec.Diagnostics) ydec.Diagnostics {
	out := append(ydec.Diagnostics(nil), decoded...)
	for _, c := range checked {
		twice := false
		for _, d := range decoded {
			twice = twice || d.Line == c.Line && d.Column == c.Column || strings.HasPrefix(c.Path, d.Path+".") && d.Path != ""
		}
		if !twice {
			out = append(out, c)
		}
	}
	out.Sort()
	return out
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// path is where a file that the scenario names lies.
func (l *Loaded) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(l.Dir, file)
}

// check tests what the parts mean together.
func (l *Loaded) check() {
	l.checkCluster()
	l.checkPartitions()
	l.checkQueues()
	l.checkTopology()
	l.checkThroughput()
	for i := range l.Workload {
		l.checkWorkload(fmt.Sprintf("workload[%d]", i), &l.Workload[i])
	}
	if _, err := time.LoadLocation(l.Timezone); err != nil {
		l.Doc.Errorf("timezone", "no time zone %q", l.Timezone).Want("an IANA name such as Europe/Berlin or UTC")
	}
	if l.Horizon > 0 && l.Warmup >= l.Horizon {
		l.Doc.Errorf("warmup", "the warm-up is not shorter than the horizon").Want("less than %s", l.Horizon.FormatYAML())
	}
	if l.Estimates.From != "factor" && l.Estimates.Factor != 1_000_000 {
		l.Doc.Errorf("estimates.factor", "a factor without from: factor").Do("write from: factor, or leave factor out")
	}
	if l.Name == "" {
		l.Doc.Errorf("name", "the scenario has no name").Want("a name: the run folder is called after it")
	}
	if l.Estimates.From == "factor" && l.Estimates.Factor <= 0 {
		l.Doc.Errorf("estimates.factor", "an estimate must be positive").Want("a factor above 0")
	}
	for i := range l.Changes {
		if c := &l.Changes[i]; (c.Node == "") != (c.Do == "") || (c.Set == "") != (c.To == "") {
			l.Doc.Errorf(fmt.Sprintf("changes[%d]", i), "half a change").Want("node and do, or set and to")
		}
	}
	for i := 1; i < len(l.Changes); i++ {
		if l.Changes[i].At < l.Changes[i-1].At {
			l.Doc.Errorf(fmt.Sprintf("changes[%d].at", i), "this change comes before the one above it").
				Want("%s or later", l.Changes[i-1].At.FormatYAML()).Do("write changes in order of time")
		}
	}
	for i := range l.Profiles {
		if f := l.Profiles[i].FailAt; f != nil && (*f < 0 || *f > 1_000_000) {
			l.Doc.Errorf(fmt.Sprintf("profiles[%d].failAt", i), "a share of %s", f.FormatYAML()).Want("0 to 1")
		}
		if s := l.Profiles[i].Sigma; s < 0 || s > 5_000_000 {
			l.Doc.Errorf(fmt.Sprintf("profiles[%d].sigma", i), "a spread of %s", s.FormatYAML()).Want("0 to 5")
		}
	}
	l.checkPrices()
	l.checkFailures()
	l.checkMarkets()
	l.checkEnergy()
	l.checkRecovery("recovery", l.Recovery)
	l.checkPolicy()
}

func (l *Loaded) checkCluster() {
	c := l.Cluster
	if c == nil {
		return
	}
	if c.Nodes != nil && len(c.Pools) > 0 {
		l.Doc.Errorf("cluster.nodes", "a cluster is pools or a node list").Do("leave one of cluster.pools and cluster.nodes out")
	}
	if c.Nodes == nil && len(c.Pools) == 0 {
		l.Doc.Errorf("cluster", "the cluster has no nodes").Want("pools, or nodes: {format: orrery, file: nodes.csv}")
	}
	for _, t := range c.NodeTypes {
		p := ydec.Join("cluster", "nodeTypes", t.Name)
		if c := t.Value.CPUs; c != nil && *c < 1000 {
			l.Doc.Errorf(p+".cpus", "%s CPUs", c.FormatYAML()).Want("at least 0.001").Do("leave cpus out where CPUs are not modelled")
		}
		if m := t.Value.Memory; m != nil && *m < 1<<20 {
			l.Doc.Errorf(p+".memory", "%s of memory", m.FormatYAML()).Want("at least 1MiB").Do("leave memory out where it is not modelled")
		}
		if t.Value.GPUs > 0 && t.Value.GPU == "" {
			l.Doc.Errorf(p, "%d GPUs of no type", t.Value.GPUs).Want("gpu: the type's name, such as A100-80")
		}
		if t.Value.GPUs == 0 && t.Value.GPU != "" {
			l.Doc.Errorf(p, "a GPU type and no GPUs").Want("gpus: 1 to 64")
		}
	}
	for i := range c.Pools {
		if c.NodeTypes.Get(c.Pools[i].NodeType) == nil {
			l.Doc.Errorf(fmt.Sprintf("cluster.pools[%d].nodeType", i), "no node type %q", c.Pools[i].NodeType).
				Known("node types here", c.Pools[i].NodeType, c.NodeTypes.Names())
		}
	}
}

func (l *Loaded) checkPartitions() {
	if len(l.Partitions) == 0 {
		return
	}
	var pools []string
	if l.Cluster != nil {
		for i := range l.Cluster.Pools {
			pools = append(pools, l.Cluster.Pools[i].Name)
		}
	}
	owner := map[string]string{}
	for i := range l.Partitions {
		p := &l.Partitions[i]
		for k, pool := range p.Pools {
			at := fmt.Sprintf("partitions[%d].pools[%d]", i, k)
			if !contains(pools, pool) {
				l.Doc.Errorf(at, "no pool %q", pool).Known("pools here", pool, pools)
			} else if other, taken := owner["pool "+pool]; taken {
				l.Doc.Errorf(at, "pool %q belongs to partition %q already", pool, other)
			}
			owner["pool "+pool] = p.Name
		}
		for k, q := range p.Queues {
			at := fmt.Sprintf("partitions[%d].queues[%d]", i, k)
			if other, taken := owner["queue "+q]; taken {
				l.Doc.Errorf(at, "queue %q belongs to partition %q already", q, other)
			}
			owner["queue "+q] = p.Name
		}
	}
	for _, pool := range pools {
		if _, taken := owner["pool "+pool]; !taken {
			l.Doc.Errorf("partitions", "pool %q is in no partition", pool).Do("name it in a partition's pools: nobody could use it")
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (l *Loaded) checkWorkload(path string, w *Workload) {
	l.checkRecovery(path+".recovery", w.Recovery)
	if w.Generator != nil {
		w.Generator.check(l.Doc, path+".generator")
	}
	if t := w.Trace; t != nil && !trace.Known(t.Format) {
		e := trace.Unknown(t.Format)
		l.Doc.Errorf(path+".trace.format", "%s", e.What).Want("%s", e.Want).Do("%s", e.Do)
	} else if t != nil {
		opt := l.traceOptions(w)
		for _, c := range opt.Foreign(t.Format) {
			l.Doc.Errorf(path+".trace."+c.Key, "format %s reads no %s", t.Format, c.Key).Want("it with format %s", strings.Join(c.Formats, " or ")).
				Do("leave it out, or write the format that is meant")
		}
	}
	if w.Sample != nil && (*w.Sample <= 0 || *w.Sample > 1_000_000) {
		l.Doc.Errorf(path+".sample", "a share of %s", w.Sample.FormatYAML()).Want("more than 0, at most 1")
	}
	if w.Load != nil && *w.Load <= 0 {
		l.Doc.Errorf(path+".load", "a load factor of %s", w.Load.FormatYAML()).Want("more than 0")
	}
	if f := w.Filter; f != nil && f.MinGPUs != nil && f.MaxGPUs != nil && *f.MinGPUs > *f.MaxGPUs {
		l.Doc.Errorf(path+".filter.maxGPUs", "no job can have at least %d and at most %d GPUs", *f.MinGPUs, *f.MaxGPUs)
	}
	if x := w.Window; x != nil && x.To != nil && *x.To <= x.From {
		l.Doc.Errorf(path+".window.to", "the window is empty").Want("later than %s", x.From.FormatYAML())
	}
}

// ParseSet reads one path=value.
func ParseSet(text string) (Set, error) {
	path, value, ok := strings.Cut(text, "=")
	if !ok || path == "" {
		return Set{}, fmt.Errorf("--set %s\n  found no path=value; expected such as cluster.pools.train.nodes=64", text)
	}
	return Set{Path: path, Value: value, Origin: "--set"}, nil
}

// Jobs is the number of jobs that the workload will bring, or 0 where it is not known.
func (l *Loaded) Jobs() uint64 {
	var n uint64
	for i := range l.Workload {
		if l.Workload[i].Generator == nil || l.Workload[i].Filter != nil || l.Workload[i].Sample != nil || l.Workload[i].Window != nil {
			return 0
		}
		n += uint64(l.Workload[i].Generator.Jobs)
	}
	return n
}
