package simtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// tossing evicts whoever runs and starts whoever waits, for ever.
type tossing struct{ FIFO }

func (p tossing) Pass(v *state.View, d *state.Decisions) {
	p.FIFO.Pass(v, d)
	for _, slot := range queued(v, state.JobRunning) {
		d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: slot, Gen: v.Jobs.Row[slot].Gen})
	}
}

func (p tossing) Clone() (state.Policy, error) { return p, nil }

// endless starts a job and evicts it in the same pass.
type endless struct{ FIFO }

func (p endless) Pass(v *state.View, d *state.Decisions) {
	p.FIFO.Pass(v, d)
	for _, dec := range d.List {
		d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: dec.Job, Gen: dec.Gen})
	}
}

func (p endless) Clone() (state.Policy, error) { return p, nil }

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sim")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases, err := Parse(string(text))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, c := range cases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".sim")+"/"+c.Name, func(t *testing.T) {
				for _, err := range c.Run(func(name string, _ state.Trigger) state.Policy {
					switch name {
					case "tossing":
						return tossing{}
					case "endless":
						return endless{}
					}
					return nil
				}) {
					t.Errorf("%s: %v", file, err)
				}
			})
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ script, want string }{
		{"node n", "before the first case"},
		{"case a\nnonsense", `line 2: no command "nonsense"`},
		{"case a\nnode n gpu=3", `no key "gpu"`},
		{"case a\npolicy fifo", "no expectation"},
		{"case a\nexpect stop 0", "no policy"},
		{"case a\njob j at=3", "at=3"},
		{"case a\njob j after=k:ok", "earlier job"},
		{"case a\njob j milli=3", "before gpus or pods"},
		{"case a\nchange at=0 explode n", "no change"},
		{"case a\njob j running", "for initial jobs"},
	} {
		if _, err := Parse(tc.script); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want %q", tc.script, err, tc.want)
		}
	}
}
