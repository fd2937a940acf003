package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/policies/lockstep"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

func (m Main) policyDiffCommand() *cobra.Command {
	var f scenarioFlags
	var asJSON bool
	cmd := &cobra.Command{Use: "diff POLICY POLICY SCENARIO", Short: "The first decision on which two policies differ, with the state both saw",
		Long: "Runs a scenario under two policies in lockstep. A policy is native:NAME, order+backfill+place, or FILE.wasm, or 'FILE.wasm{name: value}' with\n" +
			"parameters: a part takes its slot of the scenario's policy and leaves the others (a module in the place of another has the\n" +
			"parameters, budget and onError that the scenario gives that), anything else takes the policy's place. The exit code is 1 when they differ.",
		Example: "  orrery policy diff native:best-fit my-policy.wasm scenario.yaml",
		Args:    exactArgs(3, "two policies and a scenario file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var last *scenarios.Plan // of the policy made last
			var plans []*scenarios.Plan
			var sides [2]lockstep.Side
			for i, text := range args[:2] {
				w, err := scenarios.ParsePolicyWord(text)
				if err != nil {
					return usageError{err}
				}
				sides[i] = lockstep.Side{Name: text, New: func() (state.Policy, error) {
					l, err := f.load(cmd, args[2])
					if err != nil {
						return nil, err
					}
					sets, err := w.SetsIn(l)
					if err != nil {
						return nil, usageError{err}
					}
					if l, err = f.load(cmd, args[2], sets...); err != nil {
						return nil, err
					}
					if last, err = l.Compile(); err != nil {
						return nil, err
					}
					plans = append(plans, last)
					return last.Config.Policy, nil
				}}
			}
			r, err := lockstep.Diff(sides[0], sides[1], func(p state.Policy) (sim.Config, error) {
				c := last.Config // lockstep asks for it right after it has made the policy, which p has inside
				c.Policy = p
				return c, nil
			})
			for _, p := range plans {
				err = errors.Join(err, p.Close())
			}
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(m.Out)
				e.SetIndent("", "  ")
				err = e.Encode(r)
			} else {
				err = r.Text(m.Out)
			}
			if err == nil && !r.Alike() {
				return errNo
			}
			return err
		}}
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed of everything that is drawn (default: the scenario's)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "path=value, such as cluster.pools.train.nodes=64; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the difference as JSON")
	return cmd
}
