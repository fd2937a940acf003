package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/folder"
	"github.com/orrery-sim/orrery/reports/page"
	"github.com/orrery-sim/orrery/reports/table"
)

// outside refuses to write into one of the run folders that are read: a run's files belong to it.
func outside(flag, dir, out string, runs []string) error {
	to, err := os.Stat(dir)
	if err != nil {
		return nil
	}
	for _, r := range runs {
		if from, err := os.Stat(r); err == nil && os.SameFile(from, to) {
			return usageError{fmt.Errorf("%s %s: found the run folder %s, which is read; expected a place outside of it\n  choose another", flag, out, r)}
		}
	}
	return nil
}

func (m Main) compareCommand() *cobra.Command {
	var format, out, baseline string
	cmd := &cobra.Command{Use: "compare RUN RUN...", Short: "Put runs side by side: differences, intervals, tests",
		Long: `Put runs side by side. Runs of one scenario and policy with several seeds are one contender; contenders are paired with the
baseline by their common seeds, or by the jobs of the one seed that they share. Runs that did other work are not paired.

Two tables are printed, with an empty line between them: the means of each policy, and the paired differences from the
baseline (difference, interval, p by Wilcoxon's signed rank with Holm's correction, verdict). md and latex show what a
person reads; csv has plain numbers in base units (s, shares from 0 to 1), under a header line a table.`,
		Example: "  orrery compare runs/fifo-* runs/sjf-*\n  orrery compare A/* B/* --baseline B -f csv",
		Args:    someArgs(2, "at least two run folders"),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(table.Formats(), table.Format(format)) {
				return usageError{fmt.Errorf("orrery compare --format %q: no such format\n  formats: %s\n  for a page to read or print, add --out FILE.html", format,
					formatNames())}
			}
			if err := outside("--out", filepath.Dir(out), out, args); out != "" && err != nil {
				return err
			}
			in, err := folder.Compare(args, baseline)
			var other *folder.BaselineError
			switch {
			case errors.As(err, &other):
				return usageError{fmt.Errorf("orrery compare --baseline: %w", err)}
			case err != nil:
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
	cmd.Flags().StringVarP(&format, "format", "f", "table", formatNames())
	cmd.Flags().StringVarP(&out, "out", "o", "", "also write the comparison as an HTML file")
	cmd.Flags().StringVar(&baseline, "baseline", "", "what the others are compared with: a run folder, the folder around runs, or a policy (default: the first run's policy)")
	return cmd
}

func formatNames() string {
	var names []string
	for _, f := range table.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// printComparison prints the verdict, the table of policies by metrics and the paired differences. What must be known to read
// them stands before them.
func (m Main) printComparison(rep *reports.Report, format table.Format, out string) error {
	for _, w := range rep.Warnings {
		fmt.Fprintf(m.Err, "note: %s\n", w)
	}
	plain := format == table.Plain
	if plain {
		fmt.Fprintf(m.Out, "%s\n\n", rep.Verdict)
	}
	first := true
	for _, s := range rep.Sections {
		for _, b := range s.Blocks {
			if b.Table == nil || s.ID == "reproduce" && !plain {
				continue
			}
			if !first {
				fmt.Fprintln(m.Out)
			}
			first = false
			write := table.Write
			if plain && styleFor(m.Out).on {
				write = func(w io.Writer, t *reports.Table, _ table.Format) error { return table.WriteBold(w, t) }
			}
			if err := write(m.Out, b.Table, format); err != nil {
				return err
			}
		}
	}
	if plain && out != "" {
		fmt.Fprintf(m.Out, "\n%s\n", out)
	}
	return nil
}
