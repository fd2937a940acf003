package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/policies"
)

func (m Main) policyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Scheduling policies: what there is, and your own as WebAssembly modules", Args: exactArgs(0, "a subcommand"),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(&cobra.Command{Use: "list", Short: "List orders, backfills, placements and presets", Args: exactArgs(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(m.Out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "SLOT\tNAME\tRULE")
			for _, e := range policies.Entries() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", e.Slot, e.Name, e.Rule)
			}
			return w.Flush()
		}})
	cmd.AddCommand(m.policyInitCommand())
	for _, c := range []*cobra.Command{m.policyCheckCommand(), m.policyBenchCommand(), m.policyDiffCommand()} {
		cmd.AddCommand(interruptible(c))
	}
	return cmd
}

// interruptible ends the program at the first Ctrl-C: these commands write nothing that could be left half done.
func interruptible(cmd *cobra.Command) *cobra.Command {
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		stop := context.AfterFunc(cmd.Context(), func() { os.Exit(exitInterrupted) })
		defer stop()
		return run(cmd, args)
	}
	return cmd
}
