package speed

import "math"

// Net is a model that is trained by data parallelism, for the roofline: what a GPU computes and moves in a step, and what all of them
// reduce. It needs no table.
type Net struct {
	Name  string
	FLOPs float64 // of one GPU in a step, forwards and backwards
	Moved float64 // bytes between a GPU and its memory in a step
	Grads float64 // bytes that are reduced each step
	MFU   float64 // share of the peak that its kernels reach
}

// Nets are shipped: parameters and gradients of FACTS.md 5.3; FLOPs as 6 x parameters x tokens, 8,192 tokens a step and GPU, for
// transformers, 3 x forward for the others with 64 images a GPU (4.1 and 15.5 GFLOPs an image forward); MFU of FACTS.md 1.3.
func Nets() []Net {
	transformer := func(name string, params, mfu float64) Net {
		return Net{name, float64(6*params) * 8192, float64(params * 12), float64(params * 2), mfu}
	}
	image := func(name string, forward, params, moved float64) Net {
		return Net{name, float64(3*forward) * 64, moved * 64, float64(params * 4), .35}
	}
	return []Net{
		image("resnet50", 4.1e9, 25.6e6, 180e6), image("vgg16", 15.5e9, 138e6, 120e6),
		transformer("bert-large", 340e6, .40), transformer("gpt-1.3b", 1.3e9, .45), transformer("llama-7b", 6.74e9, .45),
		transformer("llama-13b", 13e9, .45), transformer("llama-70b", 69e9, .45),
	}
}

// How much of the gradients' reduction hides behind the backward pass, which is two thirds of computing (FACTS.md 5.1).
const (
	overlap  = 0.7
	backward = 2.0 / 3
	memory   = 0.8 // share of the memory's rate that kernels reach
	mostPeak = 0.8 // no kernel is faster than this share of the peak (FACTS.md 1.1)
)

// GPU is what the roofline knows of a GPU type.
type GPU struct {
	Name   string
	Peak   float64 // FLOPs a second
	Memory float64 // bytes a second; 0 = not known
	NVLink float64 // bytes a second, one direction; 0 = none
	Switch bool    // its NVLink switch adds up by itself
	Scalar float64 // training speed beside a V100-32, for jobs of which nothing is known; 0 = not known
}

// Compute is the time in seconds that a step computes on a GPU: FLOPs or memory, whichever is slower.
func (n *Net) Compute(g *GPU) float64 {
	t := 0.0
	if g.Peak > 0 {
		t = n.FLOPs / float64(min(n.MFU, mostPeak)*g.Peak)
	}
	if g.Memory > 0 {
		t = max(t, n.Moved/float64(memory*g.Memory))
	}
	return t
}

// Step is the time in seconds of a step on k nodes of g GPUs each, with a share of the nodes' cards.
func (n *Net) Step(gpu *GPU, l *Links, g, k int32, share float64) float64 {
	compute := n.Compute(gpu)
	comm := l.Hierarchical(g, k, n.Grads, share)
	return compute + math.Max(0, comm-float64(overlap*backward)*compute)
}

// Busy is the share of a step in which the job sends between nodes.
func (n *Net) Busy(gpu *GPU, l *Links, g, k int32) float64 {
	if k < 2 {
		return 0
	}
	return min(1, l.Hierarchical(g, k, n.Grads, 1)/n.Step(gpu, l, g, k, 1))
}
