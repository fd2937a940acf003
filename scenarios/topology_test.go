package scenarios

import (
	"strings"
	"testing"
)

// A topology file is read whole or refused, whatever stands in it; what is read is a tree.
func FuzzTopologyFile(f *testing.F) {
	for _, s := range []string{"ip,DSW,PSW,ASW\na,G6,P10,S14\nb,G6,P12,S2\n", "node,leaf\na,\n", "node\na\n", "", "\"", "node,leaf,leaf\na,x,y\nb,x,y\n", "\ufeffn,l\n# c\na,1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := readHosts(strings.NewReader(text), nil)
		if err != nil {
			return
		}
		if len(h.names) != len(h.leaf) || len(h.names) == 0 {
			t.Fatalf("%d names, %d places", len(h.names), len(h.leaf))
		}
		tiers, domains := h.topology.Tiers, h.topology.Domains
		for i, leaf := range h.leaf {
			for k := range tiers {
				if leaf < tiers[k].First || leaf >= tiers[k].First+tiers[k].Count {
					t.Fatalf("node %q is in domain %d, which is not of tier %q", h.names[i], leaf, tiers[k].Name)
				}
				leaf = domains[leaf].Parent
			}
			if leaf != -1 {
				t.Fatalf("node %q: the outermost domain has a parent", h.names[i])
			}
		}
	})
}

// Tables of speeds are read or refused; every step that is read is a time.
func FuzzSpeedTables(f *testing.F) {
	for _, s := range []string{"model,gpu,gpus,step_s\nm,V100,4,0.3\n", "model,gpu,gpus,nodes,batch,step_s\nm,V100,4,,,1e-3\n", "model\n", "",
		`{"v100": {"('ResNet-18 (batch size 16)', 1)": {"null": 32.4}}}`, `{"v100_unconsolidated": {"('a', 0)": {"null": 1}}}`, `{"x": {"('a', 1)": {"null": 1e-320}}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, read := range map[string]func(*models) error{
			"our own": func(m *models) error { return readSpeeds(strings.NewReader(text), m) },
			"gavel":   func(m *models) error { return readGavel(strings.NewReader(text), m) },
		} {
			m := &models{index: map[string]int{}}
			if err := read(m); err != nil {
				continue
			}
			for i := range m.rows {
				for _, r := range m.rows[i] {
					if r.GPUs < 1 || !(r.Step > 0) || r.Step > 1e300 {
						t.Fatalf("%s: a step of %v s on %d GPUs", name, r.Step, r.GPUs)
					}
				}
			}
		}
	})
}
