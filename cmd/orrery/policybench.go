package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/policies/bench"
	"github.com/orrery-sim/orrery/scenarios"
)

func (m Main) policyBenchCommand() *cobra.Command {
	var o bench.Options
	var asJSON bool
	cmd := &cobra.Command{Use: "bench POLICY...", Short: "What a decision costs, policies side by side",
		Long: "Runs each policy on the same generated load, on clusters of several sizes, and prints ns per decision: what the policies themselves take,\n" +
			"not the engine. They take turns, and the fastest of three rounds counts. One that fails or decides nothing is told below the table, and the\n" +
			"exit code is 1. A policy is native:NAME, order+backfill+place, FILE.wasm, or\n" +
			"'FILE.wasm{name: value}' with parameters.",
		Example: "  orrery policy bench native:best-fit native:best-fit-scan my-policy.wasm",
		Args:    someArgs(1, "policies"),
		RunE: func(_ *cobra.Command, args []string) error {
			var specs []bench.Spec
			for i, text := range args {
				if slices.Contains(args[:i], text) {
					return usageError{fmt.Errorf("policy bench: %s is there twice; every policy is measured once", plain(text))}
				}
				w, err := scenarios.ParsePolicyWord(text)
				if err != nil {
					return usageError{err}
				}
				specs = append(specs, bench.Spec{Name: text, New: w.Build})
			}
			o.Clock = nanoseconds()
			rows, err := bench.Run(specs, o)
			if err != nil {
				return &inputError{err}
			}
			if asJSON {
				e := json.NewEncoder(m.Out)
				e.SetIndent("", "  ")
				err = e.Encode(rows)
			} else {
				err = bench.Text(m.Out, rows)
			}
			if err == nil && slices.ContainsFunc(rows, func(r bench.Row) bool { return r.Failed != "" }) {
				return errNo
			}
			return err
		}}
	cmd.Flags().IntSliceVar(&o.Nodes, "nodes", []int{100, 1_000, 10_000}, "sizes of the cluster")
	cmd.Flags().IntVar(&o.Jobs, "jobs", 2_000, "jobs that arrive while it is measured")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the figures as JSON")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		for i, n := range o.Nodes {
			if slices.Contains(o.Nodes[:i], n) {
				return usageError{fmt.Errorf("--nodes: %d is there twice", n)}
			}
			if n < 1 || n > 1_000_000 {
				return usageError{fmt.Errorf("--nodes: found %d; expected 1 to 1,000,000", n)}
			}
		}
		if o.Jobs < 1 || o.Jobs > 10_000_000 {
			return usageError{fmt.Errorf("--jobs: found %d; expected 1 to 10,000,000", o.Jobs)}
		}
		return nil
	}
	return cmd
}
