package scenarios

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/orrery-sim/orrery/sim/speed"
)

// TestSpreadRatiosOfGavel holds the formula against Gavel's measured ratio of steps a second spread out over those consolidated (FACTS.md
// 5.5), on V100. What goes in: the measured step of one GPU, the bytes of the gradients, NVLink's data sheet, and 10 Gb/s TCP between
// nodes. No step of several GPUs goes in.
func TestSpreadRatiosOfGavel(t *testing.T) {
	dir := os.Getenv("ORRERY_TRACES")
	if dir == "" {
		t.Skip("ORRERY_TRACES is not set: the public traces are not here")
	}
	in, err := openPlain(filepath.Join(dir, "gavel/simulation_throughputs.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	m := &models{index: map[string]int{}}
	if err := readGavel(in, m); err != nil {
		t.Fatal(err)
	}
	step := func(model string, gpus int32, spread bool) float64 {
		for _, r := range m.rows[m.at(model)] {
			if r.gpu == "v100" && r.GPUs == gpus && r.Spread == spread {
				return r.Step
			}
		}
		return 0
	}
	links := speed.Links{NVLink: 150e9, NodeAlpha: speed.NVLinkHop, NIC: 1.25e9, Alpha: speed.TCPHop}
	for _, family := range []struct {
		name    string
		params  float64 // of the program that Gavel ran
		batches []int
		typical float64 // allowed median of |log(predicted/measured)|
	}{
		{"LM", 14e6, []int{5, 10, 20, 40, 80}, .45}, // two layers of 200 over 33,278 words
		{"ResNet-50", 25.6e6, []int{16, 32, 64, 128}, .75},
	} {
		var off []float64
		for _, b := range family.batches {
			model := fmt.Sprintf("%s (batch size %d)", family.name, b)
			compute := step(model, 1, false)
			for _, n := range []int32{2, 4, 8} {
				near, far := step(model, n, false), step(model, n, true)
				if near == 0 || far == 0 {
					continue
				}
				// A GPU that computes for so long, by a peak of one operation a second.
				net := speed.Net{FLOPs: compute * .8, MFU: .8, Grads: 4 * family.params}
				gpu := speed.GPU{Peak: 1}
				got := net.Step(&gpu, &links, n, 1, 1) / net.Step(&gpu, &links, 1, n, 1)
				measured := near / far
				off = append(off, math.Abs(math.Log(got/measured)))
				t.Logf("%-28s %d GPUs: %.2f, measured %.2f", model, n, got, measured)
			}
		}
		slices.Sort(off)
		if len(off) == 0 || off[len(off)/2] > family.typical {
			t.Errorf("%s: the median of %d ratios is off by %.0f %%, allowed %.0f %%", family.name, len(off), 100*(math.Exp(off[len(off)/2])-1), 100*(math.Exp(family.typical)-1))
		}
	}
}
