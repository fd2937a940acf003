package speed

// Book is all that is known of models, GPUs and links. It does not change while a simulation runs, so forks share it.
type Book struct {
	GPUs    []GPU     // by GPU type
	Links   []Links   // by GPU type: of the nodes that have it
	PerNode []int32   // by GPU type: GPUs of a node
	Models  []Profile // by model
	// Reference is what recorded running times were measured on; nil = nodes like those that a job runs on.
	Reference *Reference
}

// Reference is a kind of node.
type Reference struct {
	Type    int32 // GPU type
	PerNode int32
	Links   Links
}

// Profile is what is known of one model. Where several sources are there the first of table, fit and formula counts.
type Profile struct {
	Name  string
	Table []Row
	Fits  []Fit
	Net   *Net
}

// Row is a measured step time.
type Row struct {
	Type  int32 // GPU type
	GPUs  int32
	Nodes int32 // 0 = as few nodes as the GPUs need, or see Spread
	// Spread: on more nodes than the GPUs need.
	Spread bool
	Batch  float64 // samples of a step over all GPUs; 0 = not said
	Step   float64 // seconds
}

// Placement is where a job runs, as far as its speed goes.
type Placement struct {
	Type  int32   // GPU type, the slowest of them
	GPUs  int32   // all of the job
	Nodes int32   // different nodes
	Level int32   // of the smallest domain that holds it: 1 = a node, 2 = the innermost tier, ...
	Batch float64 // samples of a step; 0 = the model's own
	Links *Links  // between its GPUs; nil = those of the type's nodes
}

// links are those between the placement's GPUs.
func (b *Book) links(p *Placement) Links {
	var l Links
	switch {
	case p.Links != nil:
		l = *p.Links
	case int(p.Type) < len(b.Links) && p.Type >= 0:
		l = b.Links[p.Type]
	}
	if p.Level > 2 {
		l.Alpha += float64(float64(p.Level-2) * TierHop)
	}
	return l
}

// perNode is the number of the placement's GPUs on a node, rounded up.
func (p *Placement) perNode() int32 { return (p.GPUs + p.Nodes - 1) / max(p.Nodes, 1) }

// unknown is a job of which nothing is known: GPUs by their published scalar, and a mixed job's loss from being spread (FACTS.md 1.3, 5.5).
func (b *Book) unknown(p *Placement, slower float64) (step float64) {
	scalar := 1.0
	if p.Type >= 0 && int(p.Type) < len(b.GPUs) && b.GPUs[p.Type].Scalar > 0 {
		scalar = b.GPUs[p.Type].Scalar
	}
	lost := 0.0
	if p.Nodes > 1 {
		switch l := b.links(p); {
		case !l.RDMA:
			lost = .2
		case p.Level > 2:
			lost = .05
		default:
			lost = .03
		}
	}
	keep := 1 - lost
	return 1/float64(scalar*keep) + float64(lost/float64(scalar*keep))*(slower-1)
}

// Step is the time in seconds of a step of a model (-1 = unknown) on a placement, when what it sends between nodes takes slower times
// as long as alone. Only quotients of two steps of the same model mean anything for a model without figures.
func (b *Book) Step(model int32, p *Placement, slower float64) float64 {
	if model < 0 || int(model) >= len(b.Models) {
		return b.unknown(p, slower)
	}
	m := &b.Models[model]
	if row := m.row(p, b.consolidated(p)); row != nil {
		return row.Step * float64(row.GPUs) / float64(p.GPUs)
	}
	if f := m.fit(b.name(p.Type)); f != nil {
		batch := p.Batch
		if batch == 0 {
			batch = f.Batch
		}
		return f.Step(p.GPUs, p.Nodes, batch, slower)
	}
	if m.Net != nil && p.Type >= 0 && int(p.Type) < len(b.GPUs) && b.GPUs[p.Type].Peak > 0 {
		l := b.links(p)
		return m.Net.Step(&b.GPUs[p.Type], &l, p.perNode(), p.Nodes, 1/slower)
	}
	return b.unknown(p, slower)
}

func (b *Book) name(typ int32) string {
	if typ < 0 || int(typ) >= len(b.GPUs) {
		return ""
	}
	return b.GPUs[typ].Name
}

// Busy is the share of a step in which a job sends between nodes, when it is alone.
func (b *Book) Busy(model int32, p *Placement) float64 {
	if p.Nodes < 2 {
		return 0
	}
	once, twice := b.Step(model, p, 1), b.Step(model, p, 2)
	if model >= 0 && int(model) < len(b.Models) {
		if m := &b.Models[model]; m.row(p, b.consolidated(p)) == nil && m.fit(b.name(p.Type)) == nil && m.Net != nil {
			l := b.links(p)
			return m.Net.Busy(&b.GPUs[p.Type], &l, p.perNode(), p.Nodes)
		}
	}
	return min(1, max(0, twice/once-1))
}

// consolidated reports whether a placement is on no more nodes than its GPUs need.
func (b *Book) consolidated(p *Placement) bool {
	per := int32(1)
	if p.Type >= 0 && int(p.Type) < len(b.PerNode) {
		per = max(b.PerNode[p.Type], 1)
	}
	return p.Nodes <= (p.GPUs+per-1)/per
}

// row is the measurement that is nearest to a placement: of its type, with the most GPUs that it has; then on as many nodes, or as
// consolidated; then the nearest batch.
func (m *Profile) row(p *Placement, consolidated bool) *Row {
	var best *Row
	for i := range m.Table {
		r := &m.Table[i]
		if r.Type == p.Type && r.GPUs <= p.GPUs && (best == nil || r.nearer(best, p, consolidated)) {
			best = r
		}
	}
	return best
}

func (r *Row) nearer(o *Row, p *Placement, consolidated bool) bool {
	if r.GPUs != o.GPUs {
		return r.GPUs > o.GPUs
	}
	if a, b := r.apart(p, consolidated), o.apart(p, consolidated); a != b {
		return a < b
	}
	return p.Batch > 0 && far(r.Batch, p.Batch) < far(o.Batch, p.Batch)
}

// apart is how far a row's spread is from a placement's.
func (r *Row) apart(p *Placement, consolidated bool) int32 {
	if r.Nodes > 0 {
		return max(r.Nodes-p.Nodes, p.Nodes-r.Nodes)
	}
	if r.Spread == !consolidated || r.GPUs == 1 {
		return 0
	}
	return 1 << 20
}

func far(a, b float64) float64 { return max(a-b, b-a) }

func (m *Profile) fit(gpu string) *Fit {
	for i := range m.Fits {
		if m.Fits[i].GPU == gpu {
			return &m.Fits[i]
		}
	}
	return nil
}
