package reports

import "fmt"

// Broken is what failures did in a run.
type Broken struct {
	Nodes, Interruptions     int
	NodeMTBF, NodeMTTR, MTTR float64 // s
	ETTR                     float64
	Causes                   []BrokenCause // most interruptions first
	Sizes                    []BrokenSize
	About                    string // how the cluster fails, a sentence
}

// BrokenCause is what one cause did.
type BrokenCause struct {
	Name                 string
	Nodes, Interruptions int
	MTTR                 float64 // s
	Lost, Standing       float64 // GPU-hours
}

// BrokenSize is the jobs of one size class.
type BrokenSize struct {
	From, To      int
	RunHours      float64
	Interruptions int
	MTTF          float64 // s
	ETTR          float64
}

// Amount is a named part of a whole.
type Amount struct {
	Name  string
	Color Color
	Value float64
}

func (v *runView) failures() Section {
	s := Section{ID: "failures", Title: "What failures and evictions took"}
	if v.Broken == nil && !(v.Figures.Evictions > 0) {
		return s
	}
	if c := v.waterfall(); c != nil {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	b := v.Broken
	if b == nil {
		return s
	}
	if b.About != "" {
		s.Blocks = append(s.Blocks, Block{Note: Clean(b.About, 1000)})
	}
	s.Blocks = append(s.Blocks, Block{Note: fmt.Sprintf("%s of nodes, one in %s a node, each repaired after %s on average; %s of jobs, which started again after %s on average. "+
		"Ended jobs made progress in %s of the time from their first start to their end (effective training time ratio, weighted by GPUs).",
		plural(b.Nodes, "failure"), amount(b.NodeMTBF, Seconds), amount(b.NodeMTTR, Seconds), plural(b.Interruptions, "interruption"), amount(b.MTTR, Seconds), amount(b.ETTR, Share))})
	if len(b.Causes) > 0 {
		t := &Table{ID: "failure-causes", Caption: "Failures by cause", Columns: []Column{{"cause", "cause", Text}, {"nodes lost", "nodes", Count}, {"attempts ended", "interruptions", Count},
			{"mean repair", "mttr_s", Seconds}, {"work lost", "lost_gpu_h", GPUHours}, {"standing still until found", "standing_gpu_h", GPUHours}}}
		for _, c := range b.Causes {
			name := c.Name
			if name == "" {
				name = "(planned, or by command)"
			}
			t.Rows = append(t.Rows, []Cell{Word(Name(name)), Number(float64(c.Nodes), Count), Number(float64(c.Interruptions), Count), Number(c.MTTR, Seconds),
				Number(c.Lost, GPUHours), Number(c.Standing, GPUHours)})
		}
		s.Blocks = append(s.Blocks, Block{Table: t})
	}
	if len(b.Sizes) > 0 {
		t := &Table{ID: "failure-sizes", Caption: "By size of job", Columns: []Column{{"GPUs", "gpus", Text}, {"hours run", "run_h", JobHours}, {"interruptions", "interruptions", Count},
			{"mean time between", "mttf_s", Seconds}, {"effective training time", "ettr_share", Share}}}
		for _, x := range b.Sizes {
			gpus := fmt.Sprint(x.From)
			if x.To > x.From {
				gpus = fmt.Sprintf("%d to %d", x.From, x.To)
			}
			t.Rows = append(t.Rows, []Cell{Word(gpus), Number(x.RunHours, JobHours), Number(float64(x.Interruptions), Count), Number(x.MTTF, Seconds), Number(x.ETTR, Share)})
		}
		s.Blocks = append(s.Blocks, Block{Table: t})
	}
	return s
}

// waterfall is one bar of all GPU time by what became of it.
func (v *runView) waterfall() *Chart {
	sum, work := 0.0, 0.0
	stack := &Stack{Rows: []string{"all GPU time"}, X: Axis{"GPU-hours", GPUHours}}
	for i, a := range v.GPUTime {
		sum += a.Value
		if i == 0 {
			work = a.Value
		}
		if a.Value > 0 {
			stack.Parts = append(stack.Parts, Layer{Name(a.Name), a.Color, []float64{a.Value}})
		}
	}
	if !(sum > 0) {
		return nil
	}
	return &Chart{ID: "gpu-time", Title: fmt.Sprintf("%s of all GPU time was work that lasted", amount(work/sum, Share)),
		Subtitle: "All GPU time by what became of it: every GPU-second of every node is in exactly one class", Behind: plural(len(v.Nodes), "node"), Plot: stack}
}
