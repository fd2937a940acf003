package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios/run"
)

func (m Main) verifyCommand() *cobra.Command {
	var base string
	var check bool
	cmd := &cobra.Command{Use: "verify RUN", Short: "Replay a run and compare digests", Args: exactArgs(1, "a run folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := run.Verify(cmd.Context(), args[0], base, check, world.OpenReplay)
			if err != nil {
				return err
			}
			if v.Same() {
				fmt.Fprintf(m.Out, "%s: same digest %.16s\n", args[0], v.Digest)
				return nil
			}
			for _, file := range v.Changed {
				fmt.Fprintf(m.Out, "%s: input %s is not what it was\n", plain(args[0]), plain(file))
			}
			for _, file := range v.Missing {
				fmt.Fprintf(m.Out, "%s: input %s is missing\n", plain(args[0]), plain(file))
			}
			if len(v.Missing) > 0 && base == "" {
				fmt.Fprintln(m.Out, "  expected inputs where they were when it ran; --inputs names the folder at which relative paths start")
			}
			if len(v.Changed)+len(v.Missing) == 0 {
				fmt.Fprintf(m.Out, "%s: digest differs\n  found %s\n  recorded %s by orrery %s\n", args[0], v.Digest, plain(v.Record.Digest), plain(v.Record.Tool.Version))
			}
			return errNo
		}}
	cmd.Flags().StringVar(&base, "inputs", "", "folder at which relative paths of the scenario start (default: where it was)")
	cmd.Flags().BoolVar(&check, "check", false, "run the invariant checker beside the replay")
	return cmd
}
