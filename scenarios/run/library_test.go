package run

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

var update = flag.Bool("update", false, "write the golden results of the shipped scenarios")

// golden is what a shipped scenario gives: the digest says that nothing changed, the figures say what did.
type golden struct {
	Digest     string  `json:"digest"`
	Finished   int64   `json:"finished"`
	MeanWait   float64 `json:"mean_wait_s"`
	MeanJCT    float64 `json:"mean_jct_s"`
	Allocation float64 `json:"allocation"`
}

// go test ./scenarios/run -run Shipped -update writes golden.json anew; read the difference before committing it.
func TestShippedScenariosGiveTheirGoldenResults(t *testing.T) {
	const file = "../library/golden.json"
	got := map[string]golden{}
	for _, name := range library.Names() {
		text, _ := library.Read(name)
		l, err := scenarios.Parse(name+".yaml", "../library", text)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Workload) == 0 {
			continue // a live world's: its jobs come from callers
		}
		p, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		done, err := Simulate(context.Background(), p, Simulation{Check: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := done.Result
		got[name] = golden{Digest: done.Digest, Finished: r.Jobs.Finished, MeanWait: r.Wait.Mean, MeanJCT: r.JCT.Mean, Allocation: r.GPU.Allocation()}
	}
	if *update {
		text, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]golden{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("golden results (-want +got):\n%s", diff)
	}
}
