package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/folder"
	"github.com/orrery-sim/orrery/reports/page"
	"github.com/orrery-sim/orrery/reports/table"
)

func (m Main) compareCommand() *cobra.Command {
	var format, out string
	cmd := &cobra.Command{Use: "compare RUN RUN...", Short: "Put runs side by side: differences, intervals, tests",
		Long: "Put runs side by side. Runs of one scenario and policy with several seeds are one contender; contenders are paired by seed, or by\n" +
			"job where there is one seed. The first run's policy is the baseline.",
		Args: someArgs(2, "at least two run folders"),
		RunE: func(_ *cobra.Command, args []string) error {
			in, err := folder.Compare(args)
			if err != nil {
				return &inputError{err}
			}
			in.Command = "orrery " + strings.Join(os.Args[1:], " ")
			if len(in.Policies) < 2 {
				return usageError{fmt.Errorf("orrery compare: all runs have the same scenario, policy and cluster: %s\n  expected at least two to compare\n"+
					"  run the scenario with another --policy or --set", in.Policies[0].Name)}
			}
			rep, err := in.Report()
			if err != nil {
				return err
			}
			if out != "" {
				if err := writeWhole(out, func(w io.Writer) error { return page.Write(w, rep) }); err != nil {
					return err
				}
			}
			return m.printComparison(rep, table.Format(format), out)
		}}
	cmd.Flags().StringVarP(&format, "format", "f", "table", "table, md, latex or csv")
	cmd.Flags().StringVarP(&out, "out", "o", "", "also write the comparison as an HTML file")
	return cmd
}

// printComparison prints the verdict and the table of policies by metrics.
func (m Main) printComparison(rep *reports.Report, format table.Format, out string) error {
	plain := format == table.Plain
	if plain {
		fmt.Fprintf(m.Out, "%s\n\n", rep.Verdict)
	}
	for _, s := range rep.Sections {
		for _, b := range s.Blocks {
			if b.Table == nil {
				continue
			}
			var err error
			if plain && styleFor(m.Out).on {
				err = table.WriteBold(m.Out, b.Table)
			} else {
				err = table.Write(m.Out, b.Table, format)
			}
			if err != nil {
				return usageError{err}
			}
			if !plain {
				return nil
			}
			fmt.Fprintln(m.Out)
		}
	}
	for _, w := range rep.Warnings {
		fmt.Fprintf(m.Err, "note: %s\n", w)
	}
	if plain && out != "" {
		fmt.Fprintln(m.Out, out)
	}
	return nil
}
