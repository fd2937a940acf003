package speed

import (
	"math"

	"github.com/orrery-sim/orrery/sim/rng"
)

// Fit is Pollux's model of a step (Qiao et al., OSDI'21): computing takes AccA + AccB x samples a GPU; synchronising takes NodeA + NodeB
// for each GPU beyond two inside a node, SpreadA and SpreadB on several nodes, nothing alone; and the two overlap as the Gamma-norm.
// Seconds.
type Fit struct {
	Model, GPU       string
	AccA, AccB       float64
	SpreadA, SpreadB float64
	NodeA, NodeB     float64
	Gamma            float64
	Error            float64 // root mean square of the error of the logarithm of step times it was fitted to
	Batch            float64 // samples of a step over all GPUs where nobody says: Sia's initial batch size
}

// Fits are shipped: fitted to the profiles of Sia (FACTS.md 5.6).
func Fits() []Fit {
	return []Fit{
		{"imagenet", "T4", .0632, .0045, .293, .00684, .114, .000655, 2.47, .10, 200},
		{"imagenet", "V100", .0973, .00133, .0388, .022, .0773, .0143, 1, .55, 200},
		{"imagenet", "A100", .0943, .000844, .0077, .00115, .0131, .000915, 1, .10, 200},
		{"imagenet", "2080Ti", .119, .00185, .181, .00633, .101, .0219, 2.11, .08, 200},
		{"bert", "T4", .171, .0587, 1.41, .00883, .302, .00742, 1.99, .11, 12},
		{"bert", "V100", .115, .0204, .35, .0236, .229, .0969, 1.73, .19, 12},
		{"bert", "A100", .0966, .00476, .0384, .00355, .0344, .00604, 1.64, .03, 12},
		{"bert", "2080Ti", .159, .0226, .563, .0234, .341, .066, 1.85, .09, 12},
		{"cifar10", "T4", .0175, .000698, .121, .00255, .0313, .000242, 2.04, .11, 128},
		{"cifar10", "V100", .0642, .000153, .0884, .00202, .0849, .000945, 2.99, .18, 128},
		{"cifar10", "A100", .0244, .0000869, .0135, .000737, .0118, .00139, 2.49, .04, 128},
		{"cifar10", "2080Ti", .036, .000257, .0885, .00144, .0641, .00466, 2.96, .06, 128},
		{"yolov3", "T4", .185, .0256, .728, .0109, .136, .0163, 1.08, .12, 8},
		{"yolov3", "V100", .157, .0152, .115, .021, .117, .0557, 1, .32, 8},
		{"yolov3", "A100", .318, .0178, .0651, .0168, .108, .021, 1, .27, 8},
		{"yolov3", "2080Ti", .362, .0143, .332, .00784, .204, .0171, 1, .13, 8},
		{"deepspeech2", "T4", .315, .0239, .452, .0102, .0148, .00000665, 1.34, .11, 20},
		{"deepspeech2", "V100", .373, .0103, .0471, .0169, .103, .0384, 1.2, .18, 20},
		{"deepspeech2", "A100", .428, .0136, .29, .0114, .182, .0189, 2.11, .08, 20},
		{"deepspeech2", "2080Ti", .376, .0125, .067, .0156, .0784, .0187, 1.18, .11, 20},
		{"ncf", "T4", .00693, 6.39e-7, .0142, .000565, .00362, .000283, 1, .13, 256},
		{"ncf", "A100", .0081, 1.26e-7, .00094, .000141, .000977, .000278, 1, .11, 256},
	}
}

// Step is the time in seconds of a step of batch samples on gpus GPUs of nodes nodes; slower is how much longer its synchronising takes
// for want of bandwidth, 1 = not at all.
func (f *Fit) Step(gpus, nodes int32, batch, slower float64) float64 {
	acc := f.AccA + float64(f.AccB*batch/float64(gpus))
	if gpus < 2 {
		return acc
	}
	a, b := f.NodeA, f.NodeB
	if nodes > 1 {
		a, b = f.SpreadA, f.SpreadB
	}
	sync := float64((a + float64(b*float64(max(gpus-2, 0)))) * slower)
	switch f.Gamma {
	case 1:
		return acc + sync
	case 2:
		return math.Sqrt(float64(acc*acc) + float64(sync*sync))
	}
	return rng.Pow(rng.Pow(acc, f.Gamma)+rng.Pow(sync, f.Gamma), 1/f.Gamma)
}
