package gen

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// TestSwfLoadLooksLikeTheFileOfItsRecipe compares the preset with the public example by two-sample Kolmogorov-Smirnov
// distances, at the 1 % level.
func TestSwfLoadLooksLikeTheFileOfItsRecipe(t *testing.T) {
	dir := os.Getenv("ORRERY_TRACES")
	if dir == "" {
		t.Skip("ORRERY_TRACES is not set: it names the folder with swf/w105_10k.swf.gz")
	}
	f, err := os.Open(filepath.Join(dir, "swf", "w105_10k.swf.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var submit, run, gpus, asked []float64
	for lines := bufio.NewScanner(zip); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), ";") {
			continue
		}
		fields := strings.Fields(lines.Text())
		field := func(i int) float64 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		submit, run, gpus, asked = append(submit, field(1)), append(run, field(3)), append(gpus, field(4)), append(asked, field(8))
	}
	s := drawn(t, "swf-load", int64(len(run)))
	var between []float64
	for i := 1; i < len(submit); i++ {
		between = append(between, submit[i]-submit[i-1])
	}
	ratio := func(asked, run []float64) []float64 {
		out := make([]float64, len(run))
		for i := range run {
			out[i] = asked[i] / max(run[i], 60)
		}
		return out
	}
	for _, c := range []struct {
		what      string
		file, own []float64
	}{
		{"running times", run, s.run}, {"sizes", gpus, s.gpus}, {"gaps", between, gaps(&s)}, {"requests", asked, s.estimate},
		{"factors", ratio(asked, run), ratio(s.estimate, s.run)},
	} {
		a, b := slices.Clone(c.file), slices.Clone(c.own)
		slices.Sort(a)
		slices.Sort(b)
		limit := 1.63 * math.Sqrt(float64(len(a)+len(b))/float64(len(a)*len(b)))
		if d := stat.KolmogorovSmirnov(a, nil, b, nil); d > limit {
			t.Errorf("%s: distance %.4f from the file, want at most %.4f", c.what, d, limit)
		}
	}
}
