package scenarios

import (
	"fmt"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/catalog"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/speed"
	"github.com/orrery-sim/orrery/sim/state"
)

// Throughput says how fast jobs run (docs/model.md).
type Throughput struct {
	Mode      string          `yaml:"mode,short" enum:"fixed|model" default:"fixed" doc:"fixed: their recorded duration, wherever they run; model: by what they train, on which GPUs, how many, how far apart, and what others send."`
	Tables    []SpeedTable    `yaml:"tables" doc:"Measured speeds, which count before the shipped ones."`
	Match     []ModelMatch    `yaml:"match" doc:"What jobs train that do not say; the first that matches counts."`
	Mix       ydec.Map[Fixed] `yaml:"mix" doc:"What the other jobs train: models with weights, drawn by seed and job."`
	Reference string          `yaml:"reference" doc:"The node type that recorded durations were measured on. Default: nodes like those that a job runs on."`
}

// SpeedTable is a file or folder of measured speeds.
type SpeedTable struct {
	File   string `yaml:"file,short" doc:"orrery: CSV with model, gpu, gpus, step_s and where known nodes and batch; gavel: simulation_throughputs.json."`
	Dir    string `yaml:"dir" doc:"pollux: folder with a folder an application, as of the artifact's traces."`
	Format string `yaml:"format" enum:"orrery|gavel|pollux" default:"orrery" doc:"Format."`
	GPU    string `yaml:"gpu" default:"T4" doc:"pollux: the GPU type that was measured."`
}

// ModelMatch gives a model to the jobs that match all of its patterns, in which * and ? match.
type ModelMatch struct {
	Name  string `yaml:"name" doc:"Pattern of the job's name."`
	Queue string `yaml:"queue" doc:"Pattern of its queue."`
	User  string `yaml:"user" doc:"Pattern of its user."`
	Model string `yaml:"model,required" doc:"What such jobs train."`
}

// checkThroughput tests what can be said before tables are read.
func (l *Loaded) checkThroughput() {
	t := &l.Throughput
	if t.Mode != "model" {
		if len(t.Tables) > 0 || len(t.Match) > 0 || len(t.Mix) > 0 || t.Reference != "" {
			l.Doc.Errorf("throughput", "tables, match, mix and reference say how fast models run").Do("write mode: model")
		}
		return
	}
	for i := range t.Tables {
		path := fmt.Sprintf("throughput.tables[%d]", i)
		switch x := &t.Tables[i]; {
		case x.Format == "pollux" && x.Dir == "":
			l.Doc.Errorf(path, "a pollux table is a folder").Want("dir: with a folder for each application")
		case x.Format != "pollux" && x.File == "":
			l.Doc.Errorf(path, "the table has no file").Want("file:")
		case x.File != "" && x.Dir != "":
			l.Doc.Errorf(path, "file and dir at once").Want("one of them")
		}
	}
	for i := range t.Match {
		if m := &t.Match[i]; m.Name == "" && m.Queue == "" && m.User == "" {
			l.Doc.Errorf(fmt.Sprintf("throughput.match[%d]", i), "no pattern: every job would match").Want("name, queue or user")
		}
	}
	for i := range t.Mix {
		if t.Mix[i].Value <= 0 {
			l.Doc.Errorf("throughput.mix."+t.Mix[i].Name, "a weight of %s", t.Mix[i].Value.FormatYAML()).Want("more than 0")
		}
	}
	if t.Reference != "" && (l.Cluster == nil || l.Cluster.NodeTypes.Get(t.Reference) == nil) {
		d := l.Doc.Errorf("throughput.reference", "no node type %q", t.Reference)
		if l.Cluster != nil {
			d.Known("node types here", t.Reference, l.Cluster.NodeTypes.Names())
		}
	}
}

// models collects what is known of each model before GPU types have their ids.
type models struct {
	profiles []speed.Profile
	rows     [][]tableRow
	index    map[string]int
}

// tableRow is a row of a table with its GPU's name.
type tableRow struct {
	gpu string
	speed.Row
}

func (m *models) at(name string) int {
	i, ok := m.index[name]
	if !ok {
		i = len(m.profiles)
		m.index[name] = i
		m.profiles = append(m.profiles, speed.Profile{Name: name})
		m.rows = append(m.rows, nil)
	}
	return i
}

// openSpeeds reads the tables and gives the models their ids, before a workload names any; nil without a model of speeds.
func (l *Loaded) openSpeeds(p *Plan) (*models, error) {
	if l.Throughput.Mode != "model" {
		return nil, nil
	}
	m := &models{index: map[string]int{}}
	for i := range l.Throughput.Tables {
		if err := l.readTable(p, m, i); err != nil {
			return nil, err
		}
	}
	for _, f := range speed.Fits() {
		at := &m.profiles[m.at(f.Model)]
		at.Fits = append(at.Fits, f)
	}
	for _, n := range speed.Nets() {
		m.profiles[m.at(n.Name)].Net = &n
	}
	var names []string
	for i := range m.profiles {
		names = append(names, m.profiles[i].Name)
		p.Config.Names.Models.Intern([]byte(m.profiles[i].Name))
	}
	for i := range l.Throughput.Match {
		if name := l.Throughput.Match[i].Model; !contains(names, name) {
			l.Doc.Errorf(fmt.Sprintf("throughput.match[%d].model", i), "no model %q", name).Known("models", name, names)
		}
	}
	for i := range l.Throughput.Mix {
		if name := l.Throughput.Mix[i].Name; !contains(names, name) {
			l.Doc.Errorf("throughput.mix."+name, "no model %q", name).Known("models", name, names)
		}
	}
	return m, l.Doc.Err()
}

// compileSpeeds makes the book of speeds for the plan's GPU types.
func (l *Loaded) compileSpeeds(p *Plan, m *models) error {
	names := &p.Config.Names.Types
	book := &speed.Book{Models: m.profiles}
	known, err := catalog.Default()
	if err != nil {
		return err
	}
	for id := range int32(names.Len()) {
		name := names.Name(id)
		links, per := l.linksOf(known, name, l.typeOf(name))
		for i := range p.Config.Nodes { // a node list says how many GPUs there are
			if n := &p.Config.Nodes[i]; int32(n.Type) == id && n.GPUs > 0 && per == 0 {
				per = int32(n.GPUs)
			}
		}
		book.GPUs, book.Links, book.PerNode = append(book.GPUs, gpuOf(known, name)), append(book.Links, links), append(book.PerNode, per)
		for i := range m.profiles {
			for _, row := range m.rows[i] {
				if row.Type = id; sameGPU(name, row.gpu) {
					book.Models[i].Table = append(book.Models[i].Table, row.Row)
				}
			}
		}
	}
	for i := range book.Models {
		book.Models[i].Fits = fitsFor(book.Models[i].Fits, names.All())
	}
	if r := l.Throughput.Reference; r != "" {
		t := l.Cluster.NodeTypes.Get(r)
		if _, err := p.Config.Names.TypeBit([]byte(t.GPU)); err != nil {
			return err
		}
		id, _ := names.Lookup(t.GPU)
		if int(id) >= len(book.GPUs) { // a type that no node has
			links, per := l.linksOf(known, t.GPU, t)
			book.GPUs, book.Links, book.PerNode = append(book.GPUs, gpuOf(known, t.GPU)), append(book.Links, links), append(book.PerNode, per)
			for i := range m.profiles {
				for _, row := range m.rows[i] {
					if row.Type = id; sameGPU(t.GPU, row.gpu) {
						book.Models[i].Table = append(book.Models[i].Table, row.Row)
					}
				}
			}
		}
		links, per := l.linksOf(known, t.GPU, t)
		book.Reference = &speed.Reference{Type: id, PerNode: per, Links: links}
	}
	p.Config.Speed = book
	p.Config.Source = l.train(p)
	return nil
}

// typeOf is the first node type with a GPU, or nil.
func (l *Loaded) typeOf(gpu string) *NodeType {
	if l.Cluster == nil {
		return nil
	}
	for i := range l.Cluster.NodeTypes {
		if l.Cluster.NodeTypes[i].Value.GPU == gpu {
			return &l.Cluster.NodeTypes[i].Value
		}
	}
	return nil
}

// defaultNIC is 10 Gb/s Ethernet.
const defaultNIC = 1_250_000_000

// linksOf are the links between a GPU's kind: those of its node type, and what the catalog knows of the GPU.
func (l *Loaded) linksOf(known *catalog.Catalog, gpu string, t *NodeType) (speed.Links, int32) {
	links := speed.Links{NodeAlpha: speed.NVLinkHop, Alpha: speed.TCPHop, NIC: defaultNIC}
	if a, err := known.Accelerator(gpu); err == nil {
		links.NVLink, links.InSwitch = float64(a.NVLink)/2, inSwitch(a.Name)
	}
	if t == nil {
		return links, 0
	}
	if t.NVLink != nil {
		links.NVLink = float64(*t.NVLink) / 2
	}
	if t.NIC != nil {
		links.NIC = float64(*t.NIC) * float64(max(t.NICs, 1))
	}
	if links.RDMA = t.RDMA; t.RDMA {
		links.Alpha = speed.RDMAHop
	}
	return links, int32(t.GPUs)
}

// inSwitch reports whether a GPU's NVLink switch adds up by itself: Hopper and Blackwell.
func inSwitch(gpu string) bool {
	for _, family := range []string{"H100", "H800", "H200", "H20", "B200"} {
		if gpu == family {
			return true
		}
	}
	return false
}

// gpuOf is what the catalog knows of a GPU.
func gpuOf(known *catalog.Catalog, name string) speed.GPU {
	g := speed.GPU{Name: name}
	if a, err := known.Accelerator(name); err == nil {
		g.Peak, g.Memory, g.Scalar = float64(a.PeakFLOPS), float64(a.MemoryRate), float64(a.SpeedMilli)/1000
	}
	return g
}

// sameGPU reports whether a table's GPU is that of a scenario: v100 is V100 and V100-16.
func sameGPU(name, table string) bool {
	if len(name) < len(table) || !strings.EqualFold(name[:len(table)], table) {
		return false
	}
	return len(name) == len(table) || name[len(table)] == '-'
}

// fitsFor are the fits under the names of the scenario's GPU types.
func fitsFor(fits []speed.Fit, types []string) (out []speed.Fit) {
	for _, name := range types {
		for _, f := range fits {
			if sameGPU(name, f.GPU) {
				f.GPU = name
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// trainer gives models to jobs that do not say what they train.
type trainer struct {
	src   state.Source
	l     *Loaded `snapshot:"keep"`
	names *state.Names
	row   uint64
	key   rng.Key
	total uint64 // of the mix's weights
}

func (l *Loaded) train(p *Plan) state.Source {
	t := &trainer{src: p.Config.Source, l: l, names: p.Config.Names, key: rng.NewKey(l.Seed, "model")}
	for i := range l.Throughput.Mix {
		t.total += uint64(l.Throughput.Mix[i].Value)
	}
	return t
}

func (t *trainer) Next(s *state.JobSpec) (bool, error) {
	ok, err := t.src.Next(s)
	if !ok || err != nil {
		return ok, err
	}
	t.row++
	if s.Model == 0 {
		if name := t.modelOf(s); name != "" {
			s.Model = t.names.Models.Intern([]byte(name)) + 1
		}
	}
	return true, nil
}

func (t *trainer) modelOf(s *state.JobSpec) string {
	for i := range t.l.Throughput.Match {
		m := &t.l.Throughput.Match[i]
		if like(m.Name, string(s.Name)) && like(m.Queue, t.names.Queues.Name(s.Queue)) && like(m.User, t.names.Users.Name(s.User)) {
			return m.Model
		}
	}
	if t.total == 0 {
		return ""
	}
	stream := t.key.Stream(t.row, 0)
	at := stream.Uint64N(t.total)
	for i := range t.l.Throughput.Mix {
		x := &t.l.Throughput.Mix[i]
		if at < uint64(x.Value) {
			return x.Name
		}
		at -= uint64(x.Value)
	}
	return ""
}

// Notes are those of the source behind it.
func (t *trainer) Notes() []string { return trace.NotesOf(t.src) }

// Clone returns an independent copy.
func (t *trainer) Clone(names *state.Names) (state.Source, error) {
	src, err := t.src.Clone(names)
	c := *t
	c.src, c.names = src, names
	return &c, err
}

// like reports whether a text matches a pattern in which * stands for any text and ? for any one byte; "" matches all.
func like(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
