package catalog

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEmbeddedTables(t *testing.T) {
	c := load(t)
	if got := []int{len(c.Accelerators()), len(c.Nodes()), len(c.Prices()), len(c.Resources())}; !cmp.Equal(got, []int{27, 81, 43, 6}) {
		t.Errorf("rows of accelerators, nodes, prices and resources: %v", got)
	}
	facts := regexp.MustCompile(`^([12]\.[0-9])( [12]\.[0-9])*$`)
	check := func(name string, o Origin, wantSource bool) {
		if !strings.ContainsRune("DMCRE", rune(o.Tag)) || o.Tag.String() == "unknown" {
			t.Errorf("%s (%s:%d): tag %c", name, o.File, o.Line, o.Tag)
		}
		if !facts.MatchString(o.Facts) || wantSource && o.Source == "" {
			t.Errorf("%s (%s:%d): facts %q, source %q", name, o.File, o.Line, o.Facts, o.Source)
		}
	}
	for _, a := range c.Accelerators() {
		check(a.Name, a.Origin, true)
		if a.SpeedMilli > 0 {
			check(a.Name+" speed", a.SpeedOrigin, false)
		}
		if a.Origin.Known("idle_w") && a.Origin.TagOf("idle_w") != Estimated {
			t.Errorf("%s: idle watts are tagged %c, but no idle figure has a source", a.Name, a.Origin.TagOf("idle_w"))
		}
		if a.MatmulFLOPS > a.PeakFLOPS {
			t.Errorf("%s: measured %d above its peak %d", a.Name, a.MatmulFLOPS, a.PeakFLOPS)
		}
		for _, alias := range append(a.Aliases, a.Name, strings.ToUpper(a.Name)) {
			if got, err := c.Accelerator(alias); err != nil || got.Name != a.Name {
				t.Errorf("%s: alias %s leads to %q, %v", a.Name, alias, got.Name, err)
			}
		}
	}
	for _, n := range c.Nodes() {
		check(n.Name, n.Origin, true)
		for _, alias := range append(n.Aliases, n.Name) {
			if got, err := c.Node(alias); err != nil || got.Name != n.Name {
				t.Errorf("%s: alias %s leads to %q, %v", n.Name, alias, got.Name, err)
			}
		}
	}
	for _, p := range c.Prices() {
		check(p.NodeType, p.Origin, true)
		if n, err := c.Node(p.NodeType); err != nil || n.Name != p.NodeType {
			t.Errorf("price of %s: %v", p.NodeType, err)
		}
		if p.List == "" {
			t.Errorf("price of %s names no list", p.NodeType)
		}
	}
	for _, r := range c.Resources() {
		check(r.Name, r.Origin, true)
	}
}

func TestEveryFileSaysWhenItWasChecked(t *testing.T) {
	files, err := filepath.Glob("*.csv")
	if err != nil || len(files) != 6 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	if _, err := time.Parse(time.DateOnly, Checked); err != nil {
		t.Error(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(text), "\n"); first != "# checked: "+Checked {
			t.Errorf("%s begins with %q", f, first)
		}
	}
}

// Figures read against the sheet by eye, one of each kind and unit.
func TestFigures(t *testing.T) {
	c := load(t)
	a, err := c.Accelerator("baidu.com/a100_80g_cgpu")
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "A100-80" || a.Memory != 80e9 || a.PeakFLOPS != 312e12 || a.MatmulFLOPS != 271e12 || a.MemoryRate != 2000e9 ||
		a.NVLink != 600e9 || a.TDP != 400 || a.Idle != 55 || a.SpeedMilli != 2100 || a.Origin.TagOf("tdp_w") != Documented {
		t.Errorf("A100-80: %+v", a)
	}
	if p, _ := c.Accelerator("p100"); p.PeakFLOPS != 21.2e12 || p.Origin.TagOf("nvlink") != Documented || p.Origin.Tag != Recalled || p.Origin.Known("pcie_gen") {
		t.Errorf("P100: %+v", p)
	}
	if asc, _ := c.Accelerator("Ascend910"); asc.NVLink != 90e9 {
		t.Errorf("Ascend 910 links: %d", asc.NVLink)
	}
	n, err := c.Node("p5.48xlarge")
	if err != nil || n.GPU != "H100" || n.GPUs != 8 || n.CPUs != 192 || n.Memory != 2048<<30 || n.RDMANICs != 32 || n.RDMA != 400e9 {
		t.Errorf("P5: %+v, %v", n, err)
	}
	if n, _ := c.Node("lingjun-basic"); n.RDMANICs != 0 || n.RDMA != 100e9 {
		t.Errorf("Lingjun: %+v", n)
	}
	p, err := c.Price("ebmgn7e.32xlarge", "", "")
	if err != nil || p.Currency != "CNY" || p.OnDemandHour != 277_930_000 || p.ReservedMonth != 133_408_000_000 || p.Origin.Known("spot_h") {
		t.Errorf("ebmgn7e: %+v, %v", p, err)
	}
	if p, err := c.Price("p4d.24xlarge", "aws us", ""); err != nil || p.OnDemandHour != 32_770_000 || p.NodeType != "aws-p4d" {
		t.Errorf("P4d: %+v, %v", p, err)
	}
	if r, err := c.Resource("baidu.com/v100_32g_cgpu"); err != nil || r.Kind != "gpu" || r.GPU != "V100-32" {
		t.Errorf("resource: %+v, %v", r, err)
	}
	// The price of a GPU-hour as the sheet gives it, to the fen.
	for name, want := range map[string]int64{"ecs.gn6i-c24g1.24xlarge": 1719, "ecs.gn6e-c12g1.24xlarge": 1974, "ecs.gn7e-c16g1.32xlarge": 3474} {
		p, err := c.Price(name, "", "")
		node, _ := c.Node(name)
		if err != nil || (p.OnDemandHour/int64(node.GPUs)+5000)/10_000 != want {
			t.Errorf("%s: %d a GPU-hour, want %d fen; %v", name, p.OnDemandHour/int64(node.GPUs), want, err)
		}
	}
}

func TestLookupErrors(t *testing.T) {
	c := load(t)
	for _, x := range []struct {
		err  error
		want string
	}{
		{second(c.Accelerator("A100")), `accelerator: got "A100", want a name or alias of the catalogue (did you mean "A100-40" or "A100-80" or "A100-80-PCIe"?)`},
		{second(c.Accelerator("H1O0")), `"H100"`},
		{second(c.Accelerator("910b")), ""},
		{second(c.Accelerator("TPUv4")), `accelerator: got "TPUv4", want a name or alias of the catalogue`},
		{second(c.Node("ecs.ebmgn7e.32xlarg")), `did you mean "ecs.ebmgn7e.32xlarge"`},
		{second(c.Resource("rdma/hcx")), `did you mean "rdma/hca"`},
		{second(c.Price("ecs.gn8is.2xlarge", "", "")), "want one that has a price"},
		{second(c.Price("p3.2xlarge", "", "")), "stands in 2 lists, want one of them named: aws non-us; aws us"},
		{second(c.Price("p3.2xlarge", "aws eu", "")), `got list "aws eu"`},
		{second(c.Price("ecs.ebmgn7e.32xlarge", "", "2020-01-01")), "has no price on 2020-01-01 yet"},
	} {
		if x.want == "" {
			if x.err != nil {
				t.Error(x.err)
			}
			continue
		}
		if x.err == nil || !strings.Contains(x.err.Error(), x.want) {
			t.Errorf("got %v, want %q", x.err, x.want)
		}
	}
	var u *UnknownError
	if _, err := c.Node("x"); !errors.As(err, &u) || u.Kind != "node type" {
		t.Errorf("%v is no UnknownError", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestComplete(t *testing.T) {
	c := load(t)
	for name, want := range map[string]string{
		"openb-g2": "", "ecs.ebmgn7e.32xlarge": "", "ecs.g6.xlarge": "", "modelarts.vm.pnt1.large.eco": "",
		"lingjun-basic": "no gpu, cpus, memory", "spot2026-a100": "no memory", "modelarts.kat1.xlarge.public": "no gpu, gpus, cpus, memory",
	} {
		n, err := c.Node(name)
		if err != nil {
			t.Fatal(err)
		}
		err = n.Complete()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
