package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

// scenarioFlags override what a scenario file says.
type scenarioFlags struct {
	policy string
	seed   uint64
	set    []string
}

func (f *scenarioFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.policy, "policy", "", "a preset, or order+backfill+place such as sjf+easy+best-fit")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of everything that is drawn (default: the scenario's)")
	fl.StringArrayVar(&f.set, "set", nil, "path=value, such as cluster.pools.train.nodes=64; may be repeated")
}

// load reads a scenario with the flags applied: a file, or a shipped scenario by its name.
func (f *scenarioFlags) load(cmd *cobra.Command, file string, sets ...scenarios.Set) (*scenarios.Loaded, error) {
	sets = slices.Clip(sets)
	if f.policy != "" || cmd.Flags().Changed("policy") {
		s, err := scenarios.PolicySets(f.policy)
		if err != nil {
			return nil, usageError{fmt.Errorf("--policy %s\n  %w\n  orrery policy list says what each does", f.policy, err)}
		}
		sets = append(sets, s...)
	}
	if cmd.Flags().Changed("seed") {
		sets = append(sets, scenarios.Set{Path: "seed", Value: fmt.Sprint(f.seed), Origin: "--seed"})
	}
	for _, s := range f.set {
		set, err := scenarios.ParseSet(s)
		if err != nil {
			return nil, usageError{err}
		}
		sets = append(sets, set)
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if text, ok := library.Read(file); ok {
			return scenarios.Parse(file+".yaml", ".", text, sets...)
		}
	}
	if journal.Holds(file) {
		return loadWorld(file, sets)
	}
	return scenarios.Load(file, sets...)
}

// loadWorld is the scenario that a live world was made from, with the world's journal.
func loadWorld(dir string, sets []scenarios.Set) (*scenarios.Loaded, error) {
	o, err := world.ReadOrigin(dir)
	if err != nil {
		return nil, &inputError{err}
	}
	l, err := scenarios.Parse(filepath.Join(dir, "(scenario)"), o.Dir, []byte(o.Scenario), sets...)
	if err != nil {
		return nil, err
	}
	l.Journal, err = filepath.Abs(dir)
	return l, err
}

func (m Main) validateCommand() *cobra.Command {
	var f scenarioFlags
	cmd := &cobra.Command{Use: "validate SCENARIO", Short: "Check a scenario and its inputs without simulating", Args: exactArgs(1, "a scenario file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := f.load(cmd, args[0])
			if err != nil {
				return err
			}
			if err := l.CheckTraces(); err != nil {
				return err
			}
			p, err := l.Compile()
			if err != nil {
				return err
			}
			defer p.Close()
			if err := l.Attach(p, world.OpenReplay); err != nil {
				return err
			}
			jobs, err := p.Drain()
			if err != nil {
				return &inputError{err}
			}
			if jobs == 0 && l.Journal == "" {
				p.Warnings = append(p.Warnings, "the workload has no jobs")
			}
			p.Warnings = append(p.Warnings, p.UnknownTypes(p.Config.Names)...)
			fmt.Fprintf(m.Out, "%s: fine   %s   %d jobs\n", plain(args[0]), plain(p.ClusterText()), jobs)
			for _, w := range p.Warnings {
				fmt.Fprintf(m.Err, "note: %s\n", plain(w))
			}
			return nil
		}}
	f.add(cmd)
	return cmd
}
