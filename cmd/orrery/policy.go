package main

import (
	"fmt"
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
	return cmd
}
